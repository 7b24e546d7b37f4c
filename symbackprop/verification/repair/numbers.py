"""Signs, factors and exponents."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ...paper.tree import Atom, Bars, Fraction_, Group, Named, Num, Root, Sum, Tree
from ...tensor.substitute import subterms
from ...tensor.terms import Symbol
from ..meaning.elaborate import TRANSPOSES
from .edits import Edit, Editor
from .rows import Row, Unit
from .writing import joined


class Numbers(Editor):
    """Edits of numbers, signs and powers."""

    def edits(self) -> Iterator[Edit]:
        """All of them."""
        for node in self.writing.nodes:
            if isinstance(node, Sum):
                yield from self.signs(node)
        for row in self.rows.rows:
            yield from self.factors(row)
            yield from self.scaled(row)
            yield from self.powers(row)

    def signs(self, node: Sum) -> Iterator[Edit]:
        """The sign of each term, and of all of them."""
        terms = node.terms
        for k, (sign, term) in enumerate(terms):
            flipped = [*terms]
            flipped[k] = (-sign, term)
            told = f"The sign of {self.short(term)} is wrong"
            yield from self.edit(node, self.writing.total(flipped), "sign", told, self.short(term), 0.9)
        if len(terms) == 2 and terms[0][0] * terms[1][0] < 0:
            turned = (
                [terms[1], terms[0]] if terms[0][0] > 0 else [(-terms[0][0], terms[0][1]), (-terms[1][0], terms[1][1])]
            )
            new = self.writing.total([(-s, t) for s, t in turned] if terms[0][0] > 0 else turned)
            told = f"The sign of {self.short(node)} is wrong: the difference is taken the other way round"
            yield from self.edit(node, new, "sign", told, self.short(node), 0.95)

    # ------------------------------------------------------------------ factors

    def plain(self, unit: Unit) -> bool:
        """True for a factor made of numbers, sizes and declared constants only."""
        if len(unit) > 1 or not isinstance(unit[0], (Num, Fraction_, Atom, Named, Group, Root)):
            return False
        values = self.rows.values(unit[0])
        if not values or any(v.kind != "scalar" or v.free for v in values):
            return False
        declarations = self.rows.e.model.declarations
        used = [t.name for v in values for t in subterms(v.term) if isinstance(t, Symbol)]
        return all(n in declarations and declarations[n].role == "constant" for n in used)

    def factors(self, row: Row) -> Iterator[Edit]:
        """A number or size dropped, halved, turned upside down."""
        if len(row.units) < 2:
            return
        for k, unit in enumerate(row.units):
            if not self.movable(row, k) or not self.plain(unit):
                continue
            if k and row.signs[k - 1] == "/":
                continue
            shown = self.text(unit)
            new = self.without(row, k)
            if new is not None:
                yield from self.edit(row.node, new, "factor", f"The factor {shown} is one too many", shown, 1.0)
            head = unit[0]
            if isinstance(head, Fraction_):
                inverse = self.writing.keep(Fraction_(head.bottom, head.top))
                whole = self.rows.with_unit(row, k, inverse)
                yield from self.edit(row.node, whole, "factor", f"The factor {shown} is upside down", shown, 1.2)
                one = isinstance(head.top, Num) and head.top.value == 1
                if not one:
                    single = self.writing.keep(Fraction_(Num(Fraction(1), "1"), head.bottom))
                    self.writing.written[id(single)] = f"\\frac{{1}}{{{self.writing.show(head.bottom)}}}"
                    told = f"The factor {self.short(head.top)} in {shown} is one too many"
                    yield from self.edit(row.node, self.rows.with_unit(row, k, single), "factor", told, shown, 1.1)

    def scaled(self, row: Row) -> Iterator[Edit]:
        """2 or ½ in front of a term inside a formula."""
        if not row.term or row.node is self.writing.root or isinstance(row.node, Num):
            return
        for text in ("2", "\\frac{1}{2}"):
            factor = self.writing.snippet(text)
            if factor is not None:
                made = self.rows.made(((factor,), *row.units), ("", *row.signs))
                told = f"{self.short(row.node)} lacks the factor {text if text == '2' else '1/2'}"
                yield from self.edit(row.node, made, "factor", told, self.short(row.node), 1.35)

    def without(self, row: Row, at: int) -> Tree | None:
        """The row without one of its units; None if its signs do not allow that."""
        count = len(row.units)
        if count < 2:
            return None
        if at + 1 < count and row.signs[at] == "/" and at == 0:
            return None
        units = [u for k, u in enumerate(row.units) if k != at]
        gone = at - 1 if at else 0
        if at and at < len(row.signs) and row.signs[at] != "" and row.signs[at - 1] == "":
            gone = at
        if at and row.signs[at - 1] == "/":
            gone = at - 1
        signs = [s for k, s in enumerate(row.signs) if k != gone]
        if len(units) == 1 and not self.movable(row, 1 - at if count == 2 else 0):
            return None
        return self.rows.made(units, signs)

    # ------------------------------------------------------------------ powers

    def powers(self, row: Row) -> Iterator[Edit]:
        """An exponent too many, too few, or off by one."""
        for k, unit in enumerate(row.units):
            if not self.movable(row, k):
                continue
            head = unit[0]
            if isinstance(head, Root) and len(unit) == 1:
                yield from self.edit(
                    row.node,
                    self.rows.with_unit(row, k, self.writing.grouped(head.body)),
                    "factor",
                    f"The root in {self.text(unit)} is one too many",
                    self.text(unit),
                    1.4,
                )
            for at, part in enumerate(unit):
                if isinstance(part, (Atom, Named, Group, Bars)) and (at in (0, len(unit) - 1)):
                    yield from self.power(row, k, unit, at)

    def power(self, row: Row, k: int, unit: Unit, at: int) -> Iterator[Edit]:
        """Other exponents at one factor of a unit."""
        part = unit[at]
        rest, words, _ = self.writing.raised(part)
        shown = self.text(unit)
        function = len(unit) > 1 and at == 0
        for text, told, cost in self._exponents(rest, words, shown, function):
            new = self.writing.snippet(text)
            if new is None:
                continue
            parts = (*unit[:at], new, *unit[at + 1 :])
            units = [*row.units]
            units[k] = parts
            yield from self.edit(row.node, self.rows.made(units, row.signs), "factor", told, shown, cost)

    @staticmethod
    def _exponents(rest: str, words: tuple[str, ...], shown: str, function: bool) -> Iterator[tuple[str, str, float]]:
        text = joined(words)
        if words and (words[0] in ("(", "[", "\\langle") or words[-1] in TRANSPOSES):
            return
        if not words:
            if not function:
                yield f"{rest}^2", f"The square of {shown} is missing", 1.15
            return
        if len(words) == 1 and words[0].isdigit():
            number = int(words[0])
            if number == 2:
                yield rest, f"The square at {shown} is one too many", 1.1
            for other in (number - 1, number + 1):
                if other > 1:
                    yield f"{rest}^{{{other}}}", f"The exponent of {shown} is off by one", 1.2
            return
        if words[-1] == "1" and len(words) > 2 and words[-2] in "+-":
            bare = joined(words[:-2])
            flipped = "+" if words[-2] == "-" else "-"
            yield f"{rest}^{{{bare}}}", f"The exponent of {shown} is off by one", 1.1
            yield f"{rest}^{{{bare} {flipped} 1}}", f"The exponent of {shown} has the wrong sign", 1.2
            return
        if words[0] in "+-":
            yield f"{rest}^{{{joined(words[1:])}}}", f"The sign in the exponent of {shown} is wrong", 1.1
        else:
            yield f"{rest}^{{-{text}}}", f"The sign in the exponent of {shown} is wrong", 1.25
        if words[0] == "+":
            yield f"{rest}^{{-{joined(words[1:])}}}", f"The sign in the exponent of {shown} is wrong", 1.05
        if words[0] != "-":
            yield f"{rest}^{{{text}-1}}", f"The exponent of {shown} is off by one", 1.1
            yield f"{rest}^{{{text}+1}}", f"The exponent of {shown} is off by one", 1.2


__all__ = ["Numbers"]
