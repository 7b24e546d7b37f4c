"""Trees to LaTeX: one line, or the lines of an aligned environment that fit a width."""

from __future__ import annotations

from .boxes.box import Box
from .boxes.lines import INDENT, lines
from .boxes.tex import box_latex
from .boxes.width import width as box_width
from .layout import Layout
from .spelling import Notation
from .tree import Tree

TEXT_WIDTH = 34.0  # em: the text of an article on A4 or letter paper, with its margins
EQUALS = 1.35  # em, with its spaces


def latex(tree: Tree, notation: Notation) -> str:
    """The formula on one line, for math mode; raises MissingRule for what has no printed form."""
    return box_latex(Layout(notation).box(tree))


def latex_lines(left: Tree | None, tree: Tree, notation: Notation, width: float = TEXT_WIDTH) -> list[str]:
    r"""`left = tree` as the lines of an `aligned` environment, each with its &, without the \\ between them.

    No line is estimated wider than `width` em, unless it holds something that cannot be broken. A left side that takes
    more than half the width stands on a line of its own.
    """
    layout = Layout(notation)
    whole = layout.box(tree)
    if left is None:
        return _numbered("& ", lines(whole, width, width - INDENT))
    head = layout.box(left)
    side = box_width(head) + EQUALS
    if side + box_width(whole) <= width:
        return [f"{box_latex(head)} &= {box_latex(whole)}"]
    if side > width / 2:
        rest = width - INDENT - EQUALS
        return [f"& {box_latex(head)}", *_numbered(r"& \quad = ", lines(whole, rest, rest - INDENT))]
    return _numbered(f"{box_latex(head)} &= ", lines(whole, width - side, width - side - INDENT + EQUALS))


def _numbered(first: str, parts: list[tuple[str, int]]) -> list[str]:
    """The first line after its opening, each other one set in, further if it continues inside a fence."""
    later = [(r"&\quad " if depth == 0 else r"&\qquad ") + text for text, depth in parts[1:]]
    return [first + parts[0][0], *later]


def fits(tree: Tree, notation: Notation, width: float = TEXT_WIDTH) -> bool:
    """Whether the formula is estimated to fit on a line of `width` em."""
    box: Box = Layout(notation).box(tree)
    return box_width(box) <= width
