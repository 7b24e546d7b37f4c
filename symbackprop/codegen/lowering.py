"""Terms as whole-array operations: each distinct term once, axes of size 1 and constant axes left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from ..errors import MissingRule
from ..tensor.normal import as_number
from ..tensor.size import ONE, ZERO, Floor, Size, size
from ..tensor.terms import Bracket, Constant, Dim, Map, Number, Product, Special, Sum, Symbol, Term
from .contract import Contraction, Operand
from .maps import mapped
from .products import ProductLowering
from .specials import special_value
from .sums import SumLowering
from .values import Value, Values


class Lowering:
    """The values of terms. `arrays`: what symbols stand for; `indices`: the arrays of integer symbols."""

    def __init__(self, values: Values, indices: Mapping[str, Value]) -> None:
        self.values = values
        self.indices = indices
        self.known: dict[Term, Operand] = {}
        self.sums: dict[Term, list[Sum]] = {}
        self.signs: dict[Term, tuple[int, Operand]] = {}
        self.divided: dict[tuple[Term, Number], Operand] = {}
        self.logsumexps: dict[Value, tuple[Operand, Operand, Operand]] = {}

    def declare(self, symbol: Symbol) -> None:
        """A symbol that the caller gives."""
        value = self.values.argument(symbol.name, symbol.sizes)
        labels = tuple(range(symbol.order))
        for axis in reversed(labels):
            if symbol.sizes[axis] is ONE:
                value = self.values.part(value, axis, ZERO, None, None)
        self.known[symbol] = Operand(value, tuple(a for a in labels if symbol.sizes[a] is not ONE))

    def define(self, symbol: Symbol, term: Term, late: bool = False) -> Operand:
        """A symbol that stands for a term; `late`: it is a gradient."""
        operand = self.lower(term)
        if late and not operand.value.static and operand.value.op != "argument":
            operand.value.late = True
        self.known[symbol] = operand
        return operand

    def lower(self, term: Term) -> Operand:
        """The value of a term; its labels are the term's axes, without those along which it is constant."""
        known = self.known.get(term)
        if known is None:
            known = self.known[term] = self.lowered(term)
        return known

    def signed(self, term: Term) -> tuple[int, Operand]:
        """The value of a term, or of its opposite if that is simpler, and its sign."""
        if not isinstance(term, Product) or term in self.known:
            return 1, self.lower(term)
        if term not in self.signs:
            work = ProductLowering(
                self, Fraction(term.coefficient), term.factors, term.label_sizes, term.order, signed=True
            )
            low = work.run()
            self.signs[term] = work.sign, low
            if work.sign == 1:
                self.known[term] = low
        return self.signs[term]

    def over(self, term: Sum, divisor: Number) -> Operand:
        """The value of a sum, divided by a number."""
        key = (term, divisor)
        if key not in self.divided:
            self.divided[key] = SumLowering(self, term, divisor).run()
        return self.divided[key]

    def lowered(self, term: Term) -> Operand:
        """One rule per kind of term."""
        if isinstance(term, Product):
            return ProductLowering(self, Fraction(term.coefficient), term.factors, term.label_sizes, term.order).run()
        if isinstance(term, Sum):
            for divisor in (-1, 1):
                known = self.divided.get((term, divisor))
                if known is not None:
                    return Operand(self.values.times(known.value, self.values.number(divisor)), known.labels)
            return SumLowering(self, term).run()
        if isinstance(term, Map):
            return mapped(self, term)
        if isinstance(term, Special):
            return special_value(self, term)
        if isinstance(term, Bracket):
            factors = ((term, tuple(range(term.order)), 1),)
            return ProductLowering(self, Fraction(1), factors, term.sizes, term.order).run()
        if isinstance(term, Dim):
            atom = term.atom
            return Operand(self.values.size(size(atom) if isinstance(atom, str) else _floor(atom)), ())
        if isinstance(term, Constant):
            return Operand(self.values.number(term.value), ())
        raise MissingRule(f"No code is known for {type(term).__name__} {term!r}.")

    def opposite(self, term: Term) -> tuple[int, Operand] | None:
        """(1, not b) if the term is 1 − b for a truth value b, (−1, not b) if it is b − 1; else None."""
        if not (isinstance(term, Sum) and len(term.terms) == 2):
            return None
        for (c, one), (k, truth) in (term.terms, term.terms[::-1]):
            known = as_number(one)
            if known is not None and abs(k) == 1 and c * known == -k:
                low = self.lower(truth)
                if low.value.kind == "bool":
                    return int(-k), Operand(self.values.apply("logical_not", low.value), low.labels)
        return None

    # -- small tools
    def aligned(self, operands: list[Operand]) -> tuple[list[Value], tuple[int, ...]]:
        """The values with their axes in one order, and that order."""
        longest = max(operands, key=lambda o: len(o.labels))
        union = dict.fromkeys(longest.labels)
        for operand in operands:
            union.update(dict.fromkeys(operand.labels))
        labels = longest.labels if len(union) == len(longest.labels) else tuple(sorted(union))
        work = Contraction(self.values, {})
        return [work.aligned(o, labels) for o in operands], labels

    def entrywise(self, function: Callable[..., Value], *operands: Operand) -> Operand:
        """A function of values applied to operands on their common axes."""
        values, labels = self.aligned(list(operands))
        return Operand(function(*values), labels)

    def natural(self, operand: Operand) -> Operand:
        """The operand with its axes in ascending order."""
        labels = tuple(sorted(operand.labels))
        return Operand(Contraction(self.values, {}).aligned(operand, labels), labels)


def _floor(atom: Floor) -> Size:
    return atom.numerator // atom.divisor


__all__ = ["Lowering"]
