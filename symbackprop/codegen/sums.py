"""Sums as operations: like shapes first, pieces of an array written in place, log-softmax without cancellation."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

from ..tensor.normal import as_number, exact, scaled
from ..tensor.terms import Number, Sum, Term
from .contract import Operand
from .regroup import common_factors, has_number, known_sums, log_softmax
from .schedule import base
from .values import Value, Values

PIECES = ("place", "scatter")


class Lowers(Protocol):
    """What a sum needs of the rest."""

    values: Values
    known: dict[Term, Operand]
    sums: dict[Term, list[Sum]]
    logsumexps: dict[Value, tuple[Operand, Operand, Operand]]

    def lower(self, term: Term) -> Operand:
        """The value of a term."""

    def signed(self, term: Term) -> tuple[int, Operand]:
        """The value of a term, or of its opposite if that is simpler, and its sign."""

    def opposite(self, term: Term) -> tuple[int, Operand] | None:
        """(1, not b) if the term is 1 − b for a truth value b, (−1, not b) if it is b − 1; else None."""

    def aligned(self, operands: list[Operand]) -> tuple[list[Value], tuple[int, ...]]:
        """The values with their axes in one order."""


@dataclass
class SumLowering:
    """One sum."""

    context: Lowers
    term: Sum
    divisor: Number = 1
    items: list[tuple[Fraction, Operand]] = field(default_factory=list)
    products: list[Operand] = field(default_factory=list)

    @property
    def values(self) -> Values:
        """Where values are made."""
        return self.context.values

    def run(self) -> Operand:
        """The sum's value over the divisor; its labels are the term's axes."""
        if self.term.is_zero:
            return Operand(self.values.number(0), ())
        truth = self.context.opposite(self.term) if self.divisor == 1 else None
        if truth is not None:
            sign, low = truth
            return low if sign > 0 else Operand(self.values.times(low.value, self.values.number(-1)), low.labels)
        known = self.context.known
        terms = log_softmax(list(self.term.terms), known)
        terms = common_factors(known_sums(terms, self.context.sums), known)
        for c, child in terms:
            self.item(Fraction(c) / self.divisor, child)
        self.shift()
        pieces = [i for i in self.items if _is_piece(i[1].value)]
        self.items = [i for i in self.items if not _is_piece(i[1].value)]
        total = self.added()
        for c, piece in pieces:
            total = self.written(total, c, piece)
        if self.divisor == 1:
            for _, child in self.term.terms:
                self.context.sums.setdefault(child, []).append(self.term)
        assert total is not None
        return total

    def item(self, c: Fraction, child: Term) -> None:
        """Add c times a term."""
        known = as_number(child)
        if known is not None:
            self.items.append((c * known, Operand(self.values.number(1), ())))
        elif abs(c) != 1 and has_number(child) and child not in self.context.known:
            self.items.append((Fraction(1), self.context.lower(scaled(exact(c), child))))
        else:
            sign, low = self.context.signed(child)
            self.matrix(c * sign, low)

    def matrix(self, c: Fraction, x: Operand) -> None:
        """Add an operand; matrix products are added up one by one, so that no two need an array of their own."""
        if base(x.value).op in ("dot", "matmul"):
            for k, (weight, other) in enumerate(self.items):
                if other in self.products and set(other.labels) == set(x.labels):
                    self.items[k] = self.both((weight, other), (c, x))
                    self.products.append(self.items[k][1])
                    return
            self.products.append(x)
        self.items.append((c, x))

    # -- log-softmax
    def shift(self) -> None:
        """x − logsumexp(x) as (x − max) − log Σ exp(x − max)."""
        for c, low in list(self.items):
            parts = self.context.logsumexps.get(low.value)
            if parts is None:
                continue
            x, shifted, log = parts
            for item in self.items:
                k, other = item
                if other.value is not x.value or k != -c:
                    continue
                rename = dict(zip(x.labels, other.labels, strict=True))
                if tuple(rename[a] for a in log.labels) != low.labels:
                    continue
                self.items.remove(item)
                self.items.remove((c, low))
                self.items.append((k, Operand(shifted.value, tuple(rename[a] for a in shifted.labels))))
                self.items.append((c, Operand(log.value, tuple(rename[a] for a in log.labels))))
                break

    # -- adding
    def added(self) -> Operand | None:
        """Everything but the pieces, those on the same axes first, few axes before many."""
        groups: dict[frozenset[int], list[tuple[Fraction, Operand]]] = {}
        for item in self.items:
            groups.setdefault(frozenset(item[1].labels), []).append(item)
        total: tuple[Fraction, Operand] | None = None
        for labels in sorted(groups, key=lambda g: (len(g), sorted(g))):
            group = groups[labels]
            group.sort(key=lambda i: (i[0] < 0, abs(i[0]) != 1, i[1].value.op == "argument"))
            merged = group[0]
            for item in group[1:]:
                merged = self.both(merged, item)
            total = merged if total is None else self.both(merged, total)
        return None if total is None else self.scaled(*total)

    def both(self, left: tuple[Fraction, Operand], right: tuple[Fraction, Operand]) -> tuple[Fraction, Operand]:
        """c x + k y, with a common coefficient left outside."""
        (c, x), (k, y) = left, right
        if c == k and x.labels:
            return c, self.joined("add", x, y)
        if c == -k and x.labels:
            return (c, self.joined("subtract", x, y)) if c > 0 else (k, self.joined("subtract", y, x))
        if c > 0 and k == -1:
            return Fraction(1), self.joined("subtract", self.scaled(c, x), y)
        if c == -1:
            return Fraction(1), self.joined("subtract", self.scaled(k, y), x)
        if k == 1:
            return Fraction(1), self.joined("add", self.scaled(c, x), y)
        if k < 0:
            return Fraction(1), self.joined("subtract", self.scaled(c, x), self.scaled(-k, y))
        return Fraction(1), self.joined("add", self.scaled(c, x), self.scaled(k, y))

    def joined(self, op: str, x: Operand, y: Operand) -> Operand:
        """x + y or x − y on their common axes."""
        values, labels = self.context.aligned([x, y])
        return Operand(self.values.apply(op, *values), labels)

    def scaled(self, c: Fraction, x: Operand) -> Operand:
        """c x."""
        if c == 1:
            return Operand(self.values.as_float(x.value), x.labels)
        if x.value.op == "number" and isinstance(x.value.attr[0], Fraction):
            return Operand(self.values.number(c * x.value.attr[0]), x.labels)
        return Operand(self.values.times(x.value, self.values.number(c)), x.labels)

    # -- pieces
    def written(self, total: Operand | None, c: Fraction, piece: Operand) -> Operand:
        """The piece added into the rest, at its place."""
        made = piece.value
        entries = made.args[0] if c == 1 else self.values.times(made.args[0], self.values.number(c))
        if total is None:
            return Operand(self.values.make(made.op, (entries, *made.args[1:]), made.attr, made.shape), piece.labels)
        lacking = set(total.labels) - set(piece.labels)
        if lacking:
            values, labels = self.context.aligned([total, self.scaled(c, piece)])
            return Operand(self.values.plus(*values), labels)
        aligned, _ = self.context.aligned([piece, total])
        base = self.values.repeat(self.values.as_float(aligned[1]), made.shape)
        args = (entries, *made.args[1:], base)
        return Operand(self.values.make(made.op, args, (*made.attr, "base"), made.shape), piece.labels)


def _is_piece(value: Value) -> bool:
    """True for entries at their places with zeros around them; with a base it is an array like others."""
    return value.op in PIECES and "base" not in value.attr


__all__ = ["SumLowering"]
