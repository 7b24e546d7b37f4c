"""Trees as the formulas of a document: LaTeX, MathML and text at once, and broken for narrow columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from ..document import Equation, Math
from ..express import Writer
from ..express.writer import size_tree
from ..formula import Context, Formula
from ..notation.boxes.box import PRODUCT, RELATION, Box, Token, row
from ..notation.boxes.lines import INDENT, lines
from ..notation.boxes.markup import box_mathml
from ..notation.boxes.plain import box_text
from ..notation.boxes.tex import box_latex
from ..notation.boxes.width import width
from ..notation.layout import Layout
from ..notation.names import RELATIONS
from ..notation.spelling import Notation
from ..notation.tree import Num, Relation, Sym, Text, Tree
from ..tensor.size import Size

COLUMN = 31.0  # em: an equation with its left side, in the narrowest column where one is broken
LINE = 36.0  # em: a whole line of text
NARROWEST = 12.0  # em: what a right side gets at least, however wide its left side
CROSS = Token(r"\times", "×", "operator")
SCALAR = Text("scalar")


@dataclass
class Setter:
    """Sets the trees of one network."""

    context: Context
    _layout: Layout = field(init=False)

    def __post_init__(self) -> None:
        self._layout = Layout(self.context.notation)

    @property
    def notation(self) -> Notation:
        """How the network's names are spelled."""
        return self.context.notation

    @property
    def writer(self) -> Writer:
        """Terms to trees."""
        return self.context.writer

    def math(self, tree: Tree, left: Tree | None = None) -> Math:
        """The formula; `left` is what stands before it on its line, if it may be broken."""
        return self.of_box(self._layout.box(tree), None if left is None else self._layout.box(left))

    def of_box(self, box: Box, left: Box | None = None) -> Math:
        """A finished box."""
        broken: tuple[str, ...] = ()
        if left is not None:
            room = max(NARROWEST, COLUMN - width(left))
            parts = lines(box, room, room - INDENT)
            broken = tuple(text for text, _ in parts) if len(parts) > 1 else ()
        return Math(box_latex(box), box_mathml(box), box_text(box), broken)

    def symbol(self, name: str) -> Math:
        """A declared symbol or a node."""
        return self.math(self.sym(name))

    def sym(self, name: str) -> Sym:
        """A declared symbol, a node or a size, as a tree."""
        return Sym(name, self.context.kinds.get(name, "scalar"))

    def shape(self, sizes: Iterable[Size]) -> Math:
        """A shape as it is said: `h × d`; a number of entries for a vector; the word `scalar` for nothing."""
        boxes: list[Box] = []
        for size in sizes:
            box = self._layout.box(size_tree(size))
            boxes += [CROSS, box] if boxes else [box]
        return self.of_box(row(boxes, PRODUCT)) if boxes else self.math(SCALAR)

    def box(self, tree: Tree) -> Box:
        """The boxes of a tree."""
        return self._layout.box(tree)

    def chain(self, left: Tree, sides: list[Box]) -> tuple[Math, ...]:
        """What follows the first equals sign: one formula if it fits on a line, else one for each side."""
        head = self._layout.box(left)
        whole = [item for side in sides for item in (RELATIONS["="], side)][1:]
        joined = row(whole, RELATION)
        if width(joined) <= LINE - width(head):
            return (self.of_box(joined),)
        return tuple(self.of_box(side, head) for side in sides)

    def between(self, low: Tree, middle: Tree, high: Tree) -> Math:
        """low < middle < high."""
        less = RELATIONS["<"]
        boxes = [self._layout.box(tree) for tree in (low, middle, high)]
        return self.of_box(row([boxes[0], less, boxes[1], less, boxes[2]], RELATION))

    def equation(self, left: Tree, rights: Iterable[Tree], note: Math | None = None) -> Equation:
        """left = right = ..."""
        return Equation(self.math(left), tuple(self.math(right, left) for right in rights), note)

    def formula(self, formula: Formula, note: Math | None = None) -> Equation:
        """A formula of the derivation; one that says a single entry has the indices on its left side.

        One with expectations is followed by what it is when they are taken.
        """
        relation = formula.equation
        rights = [relation.right]  # type: ignore[union-attr]  # always a Relation
        if formula.before is not None and not (formula.expressed.letters or formula.taken.expressed.letters):
            rights.append(formula.taken.tree)
        return self.equation(relation.left, rights, note)  # type: ignore[union-attr]

    def size_value(self, name: str, value: int) -> Math:
        """n = 3."""
        return self.math(Relation("=", self.sym(name), Num(Fraction(value))))


def listed(items: Iterable[Math | str], last: str = ", ") -> tuple[Math | str, ...]:
    """The items with commas between them, and `last` before the last one."""
    found = list(items)
    prose: list[Math | str] = []
    for k, item in enumerate(found):
        if k:
            prose.append(last if k == len(found) - 1 else ", ")
        prose.append(item)
    return tuple(prose)
