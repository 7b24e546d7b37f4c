"""Networks of numbers: terms by their entries, so that a small fixed array becomes a handful of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product as positions
from math import prod

from ..errors import MissingRule
from ..network import Model
from ..tensor.normal import zeros
from ..tensor.size import Size
from ..tensor.terms import Bracket, Map, Product, Special, Sum, Symbol, Term
from .contract import Operand
from .lowering import Lowering
from .maps import mapped_values
from .products import ProductLowering
from .sums import SumLowering
from .values import Value, Values

ENTRIES = 64  # an array with more entries than that is an array

Position = tuple[int, ...]


class NotNumbers(MissingRule):
    """Something here needs arrays."""


def is_scalar(model: Model) -> bool:
    """True if every declared symbol is one number, and every node a number or a small array of fixed size."""
    if any(d.sizes or d.role == "index" for d in model.declarations.values()):
        return False
    return all(_count(e.term.sizes) <= ENTRIES for e in model.equations.values())


def _count(sizes: Sequence[Size]) -> int:
    lengths = [s.number for s in sizes]
    return prod(n if n is not None else ENTRIES + 1 for n in lengths)


class EntryLowering(Lowering):
    """The values of terms, entry by entry."""

    def __init__(self, values: Values) -> None:
        super().__init__(values, {})
        self.parts: dict[tuple[Term, Position], Value] = {}
        self.numeric = True

    def lowered(self, term: Term) -> Operand:
        """A term without axes; one that sums over axes is taken apart."""
        if isinstance(term, Symbol):
            raise NotNumbers(f"{term.name} is not computed here.")
        if isinstance(term, Special) or (isinstance(term, Product) and term.label_sizes):
            return Operand(self.taken_apart(term, ()), ())
        return super().lowered(term)

    def signed(self, term: Term) -> tuple[int, Operand]:
        """The value of a term, or of its opposite; one that sums over axes is taken apart."""
        if isinstance(term, Product) and term.label_sizes:
            return 1, self.lower(term)
        return super().signed(term)

    def define_entries(self, symbol: Symbol, term: Term, late: bool = False) -> list[Value]:
        """A symbol that stands for a term, all its entries in row-major order."""
        found = []
        for at in every(symbol.sizes):
            value = self.entry(term, at)
            value.late = value.late or (late and not value.static and value.op != "argument")
            self.parts[symbol, at] = value
            if not symbol.sizes:
                self.known[symbol] = Operand(value, ())
            found.append(value)
        return found

    def entry(self, term: Term, at: Position) -> Value:
        """One entry of a term."""
        if not term.order:
            return self.lower(term).value
        known = self.parts.get((term, at))
        if known is None:
            known = self.parts[term, at] = self.taken_apart(term, at)
        return known

    def taken_apart(self, term: Term, at: Position) -> Value:
        """One rule per kind of term."""
        if isinstance(term, Product):
            return self.product_entry(term, at)
        if isinstance(term, Sum):
            return self.added([(Fraction(c), self.entry(t, at)) for c, t in term.terms])
        if isinstance(term, Map):
            return mapped_values(self.values, term, [self.entry(t, at) for t in term.children])
        if isinstance(term, Bracket):
            return self.values.number(int(self.holds(term, at)))
        if isinstance(term, Special):
            return self.special_entry(term, at)
        raise NotNumbers(f"{term!r} has no entries here.")

    def holds(self, term: Bracket, at: Position) -> bool:
        """True if the bracket is 1 there."""
        if term.indices:
            raise NotNumbers("an index symbol needs arrays.")
        values = [_whole(c) for c in term.coefficients]
        return sum(c * p for c, p in zip(values, at, strict=True)) + _whole(term.constant) == 0

    def added(self, items: list[tuple[Fraction, Value]]) -> Value:
        """Σ c · value, terms in the order in which their symbols are declared."""
        nothing = zeros()
        assert isinstance(nothing, Sum)
        work = SumLowering(self, nothing)
        kept = [(c, v) for c, v in items if not (v.op == "number" and v.attr[0] == 0)]
        for c, v in sorted(kept, key=lambda i: _rank(i[1])):
            if v.op == "number" and isinstance(v.attr[0], Fraction):
                work.items.append((c * v.attr[0], Operand(self.values.number(1), ())))
            else:
                work.items.append((c, Operand(v, ())))
        total = work.added()
        return self.values.number(0) if total is None else total.value

    def product_entry(self, term: Product, at: Position) -> Value:
        """Σ Π over the summed labels, without what brackets make zero."""
        items: list[tuple[Fraction, Value]] = []
        for inner in every(term.label_sizes[term.order :]):
            labels = (*at, *inner)
            places = [(t, tuple(labels[x] for x in used), e) for t, used, e in term.factors]
            if any(isinstance(t, Bracket) and not self.holds(t, place) for t, place, _ in places):
                continue
            work = ProductLowering(self, Fraction(1), (), (), 0)
            for t, place, e in places:
                if not isinstance(t, Bracket):
                    work.scale(*work.power(self.entry(t, place), e))
            value = work.scalar()
            items.append((Fraction(term.coefficient), self.values.number(1) if value is None else value))
        return self.added(items)

    # -- special operations
    def special_entry(self, term: Special, at: Position) -> Value:
        """softmax, logsumexp and argmax over the last axes; stop."""
        v = self.values
        x = term.children[0]
        if term.operation == "stop":
            return self.entry(x, at)
        lead = at[: x.order - term.axes]
        last = [(*lead, *rest) for rest in every(x.sizes[x.order - term.axes :])]
        inside = [self.entry(x, place) for place in last]
        if term.operation == "argmax":
            return self.first_greatest(inside, last.index(at))
        if term.operation not in ("softmax", "logsumexp"):
            raise NotNumbers(f"{term.operation} needs arrays.")
        top = inside[0]
        for value in inside[1:]:
            top = v.apply("maximum", top, value)
        waves = [v.apply("exp", v.minus(value, top)) for value in inside]
        total = waves[0]
        for wave in waves[1:]:
            total = v.plus(total, wave)
        for wave in (*waves, total):
            wave.tame = True
        if term.operation == "logsumexp":
            return v.plus(v.apply("log", total), top)
        return v.over(waves[last.index(at)], total)

    def first_greatest(self, inside: list[Value], k: int) -> Value:
        """True if entry k is greater than all before it and no less than all after it."""
        v = self.values
        tests = [v.apply("greater", inside[k], x) for x in inside[:k]]
        tests += [v.apply("logical_not", v.apply("greater", x, inside[k])) for x in inside[k + 1 :]]
        if not tests:
            return v.number(1)
        found = tests[0]
        for test in tests[1:]:
            found = v.apply("logical_and", found, test)
        return found


def every(sizes: Sequence[Size]) -> Iterator[Position]:
    """All positions in an array of numbers."""
    if _count(sizes) > ENTRIES:
        raise NotNumbers("this is too large to be taken apart.")
    return positions(*(range(_whole(s)) for s in sizes))


def _whole(value: Size) -> int:
    if value.number is None:
        raise NotNumbers(f"the size {value} is not known.")
    return value.number


def _rank(value: Value) -> int:
    """The place of the last declared symbol in a small expression; of anything else, its own."""
    stack, last, seen = [value], -1, 0
    while stack and seen < 12:
        top = stack.pop()
        seen += 1
        stack.extend(top.args)
        if top.op == "argument":
            last = max(last, top.index)
    return last if not stack and last >= 0 else value.index


__all__ = ["EntryLowering", "NotNumbers", "every", "is_scalar"]
