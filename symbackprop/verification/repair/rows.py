"""A formula as rows of units: factors side by side, a function together with its argument; what edits work on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import SymbackpropError
from ...paper.tree import (
    Atom,
    Bars,
    Big,
    Compare,
    Derivative,
    Dots,
    Fraction_,
    Grid,
    Group,
    Listing,
    Named,
    Product,
    Root,
    Sum,
    Tree,
    Words,
    children,
)
from ..meaning import calls
from ..meaning.functions import ACTIVATIONS, ELEMENTWISE, WHOLE
from ..meaning.scope import Scope
from ..meaning.values import Value
from .remembering import Remembering
from .writing import Writing

Unit = tuple[Tree, ...]


@dataclass(frozen=True)
class Row:
    """Units with the signs between them. `node`: the product, or the single factor, that it is in the formula.

    `function`: the head of the function whose argument this row is part of; `negative`: a minus stands before it.
    """

    node: Tree
    units: tuple[Unit, ...]
    signs: tuple[str, ...]
    function: Tree | None = None
    term: bool = False

    @property
    def big(self) -> int:
        """The place of the last sum sign among the units, −1 if there is none."""
        return max((k for k, u in enumerate(self.units) if isinstance(u[0], Big)), default=-1)


class Rows:
    """All rows of one formula, and what its parts are worth."""

    def __init__(self, e: Remembering, writing: Writing, scope: Scope) -> None:
        self.e, self.writing, self.scope = e, writing, scope
        self.heads: dict[int, Tree] = {}  # what is inside the argument of a function: its head
        self.calls: set[int] = set()  # heads of functions
        self.rows: list[Row] = []
        self.leaves: list[tuple[Tree, Row]] = []
        self._units: dict[tuple[int, ...], Tree] = {}
        self._collect()

    def _collect(self) -> None:
        stack: list[tuple[Tree, Tree | None, bool]] = [(self.writing.root, None, True)]
        while stack:
            node, function, term = stack.pop()
            if isinstance(node, (Words, Dots, Big)):
                continue
            if isinstance(node, Sum):
                stack += [(t, function, True) for _, t in node.terms]
                continue
            row = self._row(node, function, term)
            self.rows.append(row)
            for unit in row.units:
                inside: Tree | None = function
                parts: Sequence[Tree] = unit
                if len(unit) > 1 and not isinstance(unit[0], Derivative):
                    self.calls.add(id(unit[0]))
                    if isinstance(unit[0], (Atom, Named)):
                        self.leaves.append((unit[0], row))
                    inside, parts = unit[0], unit[1:]
                for part in parts:
                    self._inside(part, inside, row, stack)

    def _inside(self, part: Tree, function: Tree | None, row: Row, stack: list[tuple[Tree, Tree | None, bool]]) -> None:
        if function is not None:
            self.heads[id(part)] = function
        if isinstance(part, (Atom, Named, Derivative)):
            self.leaves.append((part, row))
        elif isinstance(part, (Group, Root, Bars, Compare, Fraction_, Grid, Listing)):
            term = isinstance(part, Group) and not part.scripts and not part.primes
            stack += [(child, function, term) for child in children(part)]

    def _row(self, node: Tree, function: Tree | None, term: bool) -> Row:
        if not isinstance(node, Product):
            return Row(node, ((node,),), (), function, term)
        units: list[Unit] = []
        signs: list[str] = []
        at = 0
        while at < len(node.factors):
            used = self._used(node.factors, node.signs, at)
            units.append(node.factors[at : at + used])
            at += used
            if at < len(node.factors):
                signs.append(node.signs[at - 1])
        return Row(node, tuple(units), tuple(signs), function, term)

    def _used(self, factors: Sequence[Tree], signs: Sequence[str], at: int) -> int:
        """How many factors the operand takes that begins here."""
        head = factors[at]
        if isinstance(head, Big) or at + 1 >= len(factors):
            return 1
        if isinstance(head, Derivative) and head.top is None:
            return 2
        try:
            taken = calls.call(self.e, factors, signs, at, self.scope)
            return taken[1] if taken is not None else 1
        except SymbackpropError:
            following = factors[at + 1]
            letter = isinstance(head, Atom) and (
                bool(head.primes) or head.base in ELEMENTWISE or head.base in WHOLE or head.base in ACTIVATIONS
            )
            return 2 if letter and isinstance(following, Group) and signs[at] == "" else 1

    # ------------------------------------------------------------------ units

    def tree(self, unit: Unit) -> Tree:
        """A unit as one tree, the same one each time."""
        if len(unit) == 1:
            return unit[0]
        key = tuple(map(id, unit))
        if key not in self._units:
            self._units[key] = self.writing.row(unit, ("",) * (len(unit) - 1))
        return self._units[key]

    def values(self, tree: Tree) -> list[Value]:
        """The readings of a part, none if it has none by itself."""
        if isinstance(tree, Big):
            return []
        try:
            return self.e.values(tree, self.scope)
        except (SymbackpropError, ArithmeticError):
            return []

    def kinds(self, unit: Unit) -> frozenset[str]:
        """What a unit is on paper: scalar, column, row, matrix; nothing if that is not known."""
        return frozenset(v.kind for v in self.values(self.tree(unit)))

    def scalar(self, unit: Unit) -> bool:
        """True for a unit that is a number in every reading."""
        return self.kinds(unit) == {"scalar"}

    def made(self, units: Sequence[Unit], signs: Sequence[str]) -> Tree:
        """Units as a product."""
        factors: list[Tree] = []
        between: list[str] = []
        for k, unit in enumerate(units):
            if k:
                between.append(signs[k - 1])
            factors += unit
            between += [""] * (len(unit) - 1)
        return self.writing.row(factors, between)

    def with_unit(self, row: Row, at: int, new: Tree) -> Tree:
        """The row with another unit at a place; a product of several factors is put in brackets."""
        if len(row.units) == 1:
            return new
        units = [*row.units]
        units[at] = (new,)
        return self.made(units, row.signs)


__all__ = ["Row", "Rows", "Unit"]
