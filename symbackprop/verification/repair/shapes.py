"""Transposes, order, kinds of products, inverses: mistakes that shapes often show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...paper.tree import Atom, Derivative, Grid, Group, Named, Num, Product, Sum, Tree
from ..meaning.elaborate import TRANSPOSES
from ..meaning.lexicon import words_of
from ..verdict import Kind
from .edits import Edit, Editor
from .rows import Row, Unit

VECTORS = frozenset({"row", "column"})


class Shapes(Editor):
    """Edits that keep all letters."""

    def edits(self) -> Iterator[Edit]:
        """All of them."""
        for row in self.rows.rows:
            yield from self.transposes(row)
            yield from self.orders(row)
            yield from self.products(row)
            yield from self.diagonals(row)
            yield from self.inverses(row)
        yield from self.everywhere()

    @property
    def elementwise(self) -> frozenset[str]:
        """The signs here of products that may be written in any order."""
        return frozenset({"\\odot", "\\circ", self.writing.hadamard, "/"})

    # ------------------------------------------------------------------ transposes

    def turned(self, unit: Unit) -> Tree | None:
        """A unit with one transpose more or less; None for a number."""
        tree = self.rows.tree(unit)
        if self.rows.scalar(unit) or isinstance(tree, Num):
            return None
        return self.writing.transposed(tree, len(unit) > 1)

    def told_turned(self, unit: Unit) -> str:
        """The sentence for that."""
        last = unit[-1]
        has = any(s.sign == "^" and words_of(s)[-1] in TRANSPOSES for s in getattr(last, "scripts", ()))
        primes: int = getattr(last, "primes", 0)
        if has or (len(unit) == 1 and primes):
            return f"The transpose at {self.text(unit)} is one too many"
        return f"A transpose is missing at {self.text(unit)}"

    def transposes(self, row: Row) -> Iterator[Edit]:
        """A transpose more or less at a unit, at neighbours, around the whole."""
        for k, unit in enumerate(row.units):
            if not self.movable(row, k):
                continue
            new = self.turned(unit)
            if new is not None:
                whole = self.rows.with_unit(row, k, new)
                cost = 1.0 if row.function is None else 1.2
                yield from self.edit(row.node, whole, "transpose", self.told_turned(unit), self.text(unit), cost)
            if k and self.movable(row, k - 1) and row.signs[k - 1] not in self.elementwise:
                yield from self.both(row, k, new)
        if len(row.units) > 1 and row.term and not isinstance(row.node, Atom):
            told = f"A transpose is missing around {self.short(row.node)}"
            new = self.writing.grouped(row.node, self.writing.transpose)
            yield from self.edit(row.node, new, "transpose", told, cost=1.3)

    def both(self, row: Row, k: int, second: Tree | None) -> Iterator[Edit]:
        """aᵀb for abᵀ: the mark moves from one of two neighbours to the other; or both lack it."""
        first = self.turned(row.units[k - 1])
        if first is None or second is None:
            return
        units = [*row.units]
        units[k - 1], units[k] = (first,), (second,)
        vectors = self.rows.kinds(row.units[k - 1]) <= VECTORS and self.rows.kinds(row.units[k]) <= VECTORS
        place = f"{self.text(row.units[k - 1])} {self.text(row.units[k])}"
        told = f"The transposes are the wrong way round at {place}"
        if vectors:
            told = f"The inner and the outer product of two vectors are mistaken for each other at {place}"
        kind: Kind = "product_kind" if vectors else "transpose"
        yield from self.edit(row.node, self.rows.made(units, row.signs), kind, told, place, 1.2)
        swapped = [*row.units]
        swapped[k - 1], swapped[k] = (second,), (first,)
        told = f"The factors {place} stand in the wrong order, and their transposes with them"
        yield from self.edit(row.node, self.rows.made(swapped, row.signs), "order", told, place, 1.9)

    # ------------------------------------------------------------------ order

    def orders(self, row: Row) -> Iterator[Edit]:
        """Neighbours exchanged; the first factor last; all reversed; X²Y for XYX."""
        units = row.units
        count = len(units)
        for k in range(1, count):
            if not (self.movable(row, k - 1) and self.movable(row, k)):
                continue
            if self.rows.scalar(units[k - 1]) or self.rows.scalar(units[k]) or row.signs[k - 1] in self.elementwise:
                continue
            swapped = [*units]
            swapped[k - 1], swapped[k] = units[k], units[k - 1]
            place = f"{self.text(units[k - 1])} {self.text(units[k])}"
            told = f"The factors {place} stand in the wrong order"
            kind: Kind = "order"
            if self.rows.kinds(units[k - 1]) | self.rows.kinds(units[k]) == VECTORS and self._one_size(
                units[k - 1 : k + 1]
            ):
                kind = "product_kind"
                told = f"The inner and the outer product of two vectors are mistaken for each other at {place}"
            yield from self.edit(row.node, self.rows.made(swapped, row.signs), kind, told, place, 1.0)
            for at in (k - 1, k):
                turned = self.turned(swapped[at])
                if turned is not None:
                    both = [*swapped]
                    both[at] = (turned,)
                    told = f"The factors {place} stand in the wrong order, and a transpose is missing or one too many"
                    new = self.rows.made(both, row.signs)
                    yield from self.edit(row.node, new, "order", told, place, 1.8)
        lead = next((k for k in range(count) if self.movable(row, k) and not self.rows.scalar(units[k])), None)
        if row.big < 0 and lead is not None and count - lead > 2:
            front, rest = units[:lead], units[lead:]
            signs = row.signs[:lead]
            inner = row.signs[lead:]
            told = "The factors stand in the wrong order"
            for moved in ((*rest[1:], rest[0]), (rest[-1], *rest[:-1]), rest[::-1]):
                new = self.rows.made((*front, *moved), (*signs, *inner))
                yield from self.edit(row.node, new, "order", told, self.short(row.node), 1.2)
        yield from self.split_powers(row)

    def _one_size(self, units: Sequence[Unit]) -> bool:
        """True for units of one length, of which the inner and the outer product exist."""
        return len({v.sizes for u in units for v in self.rows.values(self.rows.tree(u))}) == 1

    def split_powers(self, row: Row) -> Iterator[Edit]:
        """X^{-2} Y for X^{-1} Y X^{-1}, and X X Y for X Y X."""
        for k, unit in enumerate(row.units):
            (head, *more) = unit
            if more or not isinstance(head, (Atom, Named, Group)) or k + 1 == len(row.units):
                continue
            rest, words, _ = self.writing.raised(head)
            if words in (("-", "2"), ("2",)) and "matrix" in self.rows.kinds(unit):
                single = self.writing.snippet(f"{rest}^{{-1}}" if words[0] == "-" else rest)
                if single is not None:
                    units = [*row.units, (single,)]
                    units[k] = (single,)
                    told = f"{self.text(unit)} stands on one side, but its factors belong on both sides of what follows"
                    new = self.rows.made(units, (*row.signs, ""))
                    yield from self.edit(row.node, new, "order", told, self.text(unit), 1.1)

    # ------------------------------------------------------------------ kinds of products

    def products(self, row: Row) -> Iterator[Edit]:
        """Another sign between two factors; vectors side by side as an outer product; a product bracketed otherwise."""
        names = {"": "A matrix product", self.writing.hadamard: "An elementwise product"}
        for k, sign in enumerate(row.signs):
            if not (self.movable(row, k) and self.movable(row, k + 1)):
                continue
            if self.rows.scalar(row.units[k]) or self.rows.scalar(row.units[k + 1]):
                continue
            for other in (self.writing.hadamard, "", "\\otimes"):
                if other == sign:
                    continue
                signs = [*row.signs]
                signs[k] = other
                place = f"{self.text(row.units[k])} {sign} {self.text(row.units[k + 1])}".replace("  ", " ")
                told = f"{names.get(other, 'An outer product')} belongs at {place}"
                yield from self.edit(
                    row.node,
                    self.rows.made(row.units, signs),
                    "product_kind",
                    told,
                    place,
                    1.0 if other != "\\otimes" else 1.6,
                )
                if len(row.units) > 2:
                    yield from self.bound(row, k, other, told, place)

    def bound(self, row: Row, k: int, sign: str, told: str, place: str) -> Iterator[Edit]:
        """The same with what stands on either side in brackets."""
        for first, last in ((0, k + 1), (k + 1, len(row.units))):
            if last - first < 2 or any(not self.movable(row, j) for j in range(first, last)):
                continue
            inner = self.writing.grouped(self.rows.made(row.units[first:last], row.signs[first : last - 1]))
            units = (*row.units[:first], (inner,), *row.units[last:])
            signs = (*row.signs[:first], *row.signs[last - 1 :])
            at = k - first if first == 0 else k
            changed = [*signs]
            changed[0 if first == 0 else at] = sign
            yield from self.edit(row.node, self.rows.made(units, changed), "product_kind", told, place, 1.3)

    # ------------------------------------------------------------------ diagonals

    def diagonals(self, row: Row) -> Iterator[Edit]:
        """diag(v) for v and v for diag(v)."""
        for k, unit in enumerate(row.units):
            if not self.movable(row, k):
                continue
            head = unit[0]
            if (
                len(unit) == 2
                and isinstance(head, Atom)
                and head.base in ("diag", "Diag")
                and isinstance(unit[1], Group)
            ):
                inside = unit[1].body if not isinstance(unit[1].body, (Sum, Product)) else unit[1]
                new = self.rows.with_unit(row, k, inside)
                yield from self.edit(
                    row.node, new, "diagonal", f"{self.text(unit)} is one diag too many", self.text(unit), 1.2
                )
                yield from self._squared(row, k, unit)
            elif self.rows.kinds(unit) & VECTORS:
                made = self.writing.snippet(f"\\operatorname{{diag}}({self.writing.show(self.rows.tree(unit))})")
                if made is None:
                    continue
                units = [*row.units]
                units[k] = made.factors if isinstance(made, Product) else (made,)
                told = f"The diagonal matrix of {self.text(unit)} belongs where the vector stands"
                new = self.rows.made(units, row.signs)
                yield from self.edit(row.node, new, "diagonal", told, self.text(unit), 1.3)

    def _squared(self, row: Row, k: int, unit: Unit) -> Iterator[Edit]:
        """diag(μ) for diag(μ∘μ)."""
        body = unit[1].body if isinstance(unit[1], Group) else unit[1]
        shown = self.writing.show(body)
        body_text = f"({shown})" if isinstance(body, (Sum, Product)) else shown
        made = self.writing.snippet(f"\\operatorname{{diag}}({body_text} {self.writing.hadamard} {body_text})")
        if isinstance(made, Product):
            units = [*row.units]
            units[k] = made.factors
            told = f"{self.text(unit)} is the diagonal of the entries, not of their squares"
            yield from self.edit(row.node, self.rows.made(units, row.signs), "diagonal", told, self.text(unit), 1.3)

    # ------------------------------------------------------------------ inverses, symmetric parts

    def inverses(self, row: Row) -> Iterator[Edit]:
        """An inverse too many, too few, or transposed; 2A for A + Aᵀ."""
        for k, unit in enumerate(row.units):
            head = unit[0]
            if len(unit) > 1 or not isinstance(head, (Atom, Named, Group, Grid, Derivative)):
                continue
            square = any(v.kind == "matrix" and v.rows is v.columns for v in self.rows.values(head))
            if not square:
                continue
            for text, told in self.inverted(head):
                new = self.writing.snippet(text)
                if new is not None:
                    whole = self.rows.with_unit(row, k, new)
                    yield from self.edit(row.node, whole, "inverse", told, self.text(unit), 1.04)
            yield from self.symmetrised(row, k, unit)

    def inverted(self, head: Tree) -> Iterator[tuple[str, str]]:
        """A square matrix with its inverse taken or not, with what to say of it."""
        if isinstance(head, Derivative):
            return
        rest, words, _ = self.writing.raised(head)
        shown = self.short(head)
        if not words:
            yield f"{rest}^{{-1}}", f"The inverse of {shown} is missing"
        elif len(words) == 1 and words[0] in TRANSPOSES:
            yield f"{rest}^{{-{words[0]}}}", f"The inverse of {shown} is missing"
        elif words == ("-", "1"):
            yield rest, f"The inverse at {shown} is one too many"
        elif len(words) == 2 and words[0] == "-" and words[1] in TRANSPOSES:
            yield f"{rest}^{words[1]}", f"The inverse at {shown} is one too many"

    def symmetrised(self, row: Row, k: int, unit: Unit) -> Iterator[Edit]:
        """A or 2A where A + Aᵀ belongs."""
        new = self.turned(unit)
        if new is None:
            return
        both = self.writing.grouped(self.writing.total([(1, unit[0]), (1, new)]))
        told = f"{self.text(unit)} is taken to be symmetric: its transpose is missing as a second term"
        whole = self.rows.with_unit(row, k, both)
        yield from self.edit(row.node, whole, "term", told, self.text(unit), 1.4)
        for j, other in enumerate(row.units):
            first = other[0]
            if isinstance(first, Num) and first.value == 2 and len(other) == 1 and len(row.units) > 1:
                units = [u for at, u in enumerate(row.units) if at != j]
                units[k - (j < k)] = (both,)
                signs = [s for at, s in enumerate(row.signs) if at != min(j, len(row.signs) - 1)]
                yield from self.edit(row.node, self.rows.made(units, signs), "term", told, self.text(unit), 1.4)

    def everywhere(self) -> Iterator[Edit]:
        """One letter inverted wherever it stands."""
        same: dict[str, list[Tree]] = {}
        for leaf, _ in self.rows.leaves:
            if isinstance(leaf, (Atom, Named)):
                same.setdefault("".join(self.writing.raised(leaf)[0].split()), []).append(leaf)
        for leaves in same.values():
            if len(leaves) < 2 or not any(
                v.kind == "matrix" and v.rows is v.columns for v in self.rows.values(leaves[0])
            ):
                continue
            changes = []
            told = ""
            for leaf in leaves:
                for text, said in self.inverted(leaf):
                    new = self.writing.snippet(text)
                    told = told or said
                    if new is not None:
                        changes.append((leaf, new))
            if len(changes) == len(leaves):
                yield Edit(tuple(changes), "inverse", told, self.short(leaves[0]), 1.5)


__all__ = ["Shapes"]
