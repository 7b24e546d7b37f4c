"""Trees to LaTeX: one line, or the lines of an aligned environment that fit a width."""

from __future__ import annotations

from .boxes.tex import box_latex
from .layout import Layout
from .spelling import Notation
from .tree import Tree


def latex(tree: Tree, notation: Notation) -> str:
    """The formula on one line, for math mode; raises MissingRule for what has no printed form."""
    return box_latex(Layout(notation).box(tree))
