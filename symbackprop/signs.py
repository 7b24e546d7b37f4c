"""Which terms surely have no negative entry: weights of sums of squares, in statements about curvature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .network import Facts, Model
from .tensor.normal import as_number, magnitude
from .tensor.recognise import recognised
from .tensor.terms import Bracket, Constant, Dim, Map, Number, Product, Special, Sum, Symbol, Term, make_sum

DEPTH = 40
POSITIVE_HEADS = frozenset({"exp", "sigmoid", "softplus", "relu", "abs", "step", "normal_cdf", "normal_pdf", "cosh"})
WITHIN_ONE = frozenset({"tanh", "sin", "cos", "erf", "sign"})  # between −1 and 1
BELOW_ONE = frozenset({"sigmoid", "normal_cdf", "step"})  # between 0 and 1


@dataclass
class Signs:
    """What is known of the entries of one network's terms. `nothing surely negative` is all that is asked."""

    model: Model
    _known: dict[tuple[str, Term], bool] = field(default_factory=dict)

    def nonnegative(self, term: Term, depth: int = 0) -> bool:
        """True if no entry can be negative."""
        return self._asked("nonnegative", term, depth, self._nonnegative)

    def at_most_one(self, term: Term, depth: int = 0) -> bool:
        """True if no entry can be above 1."""
        return self._asked("at most one", term, depth, self._at_most_one)

    def within_one(self, term: Term, depth: int = 0) -> bool:
        """True if every entry is between −1 and 1."""
        if self.nonnegative(term, depth) and self.at_most_one(term, depth):
            return True
        inner = self.opened(term)
        return isinstance(inner, Map) and inner.head in WITHIN_ONE

    def _asked(self, what: str, term: Term, depth: int, answer: Callable[[Term, int], bool]) -> bool:
        if depth > DEPTH:
            return False
        if (what, term) not in self._known:
            self._known[what, term] = answer(term, depth + 1)
        return self._known[what, term]

    def facts(self, term: Term) -> Facts | None:
        """What is declared of a symbol."""
        declared = self.model.declarations.get(term.name) if isinstance(term, Symbol) else None
        return None if declared is None else declared.facts

    def opened(self, term: Term) -> Term:
        """A node's definition; another term is itself."""
        if isinstance(term, Symbol) and term.name in self.model.equations:
            return recognised(self.model.equations[term.name].term)
        return term

    def _nonnegative(self, term: Term, depth: int) -> bool:
        facts = self.facts(term)
        if facts is not None:
            known = facts.positive or facts.onehot or facts.simplex
            return known or (facts.values is not None and all(v >= 0 for v in facts.values))
        term = self.opened(term)
        if isinstance(term, (Bracket, Dim)):
            return True
        if isinstance(term, Constant):
            return isinstance(term.value, str) or term.value >= 0
        if isinstance(term, Map):
            return term.head in POSITIVE_HEADS
        if isinstance(term, Special):
            return term.operation in ("softmax", "argmax", "deviation")
        if isinstance(term, Product):
            return self.sign(term, depth) > 0
        return isinstance(term, Sum) and (
            all(c * self.sign(t, depth) > 0 for c, t in term.terms) or self._rest_of_one(term, depth)
        )

    def sign(self, term: Term, depth: int = 0) -> int:
        """1 if no entry is negative, −1 if none is positive, 0 if neither is known."""
        if not isinstance(term, Product):
            return self.power(term, 1, depth)
        sign = 1 if term.coefficient > 0 else -1
        for t, _, e in term.factors:
            sign *= self.power(t, e, depth)
        return sign

    def power(self, term: Term, exponent: Number, depth: int = 0) -> int:
        """1 if the power of the term has no negative entry, −1 if it has no positive one, 0 if neither is known."""
        even = isinstance(exponent, int) and exponent % 2 == 0
        if even or self.nonnegative(term, depth):
            return 1
        if isinstance(exponent, int) and isinstance(term, Sum) and self.nonnegative(negated(term), depth):
            return -1
        return 0

    def _rest_of_one(self, term: Sum, depth: int) -> bool:
        """1 − u with u at most 1."""
        ones = [c for c, t in term.terms if as_number(t) == 1]
        rest = [(c, t) for c, t in term.terms if as_number(t) != 1]
        if len(ones) != 1 or len(rest) != 1 or ones[0] <= 0 or -rest[0][0] > ones[0]:
            return False
        return self.at_most_one(rest[0][1], depth)

    def _at_most_one(self, term: Term, depth: int) -> bool:
        facts = self.facts(term)
        if facts is not None:
            known = facts.onehot or facts.simplex
            return known or (facts.values is not None and all(v <= 1 for v in facts.values))
        term = self.opened(term)
        if isinstance(term, Bracket):
            return True
        if isinstance(term, Map):
            return term.head in BELOW_ONE or term.head in WITHIN_ONE
        if isinstance(term, Special):
            return term.operation in ("softmax", "argmax")
        if isinstance(term, Product) and not term.summed and magnitude(term.coefficient) <= 1:
            return all(e > 0 and self.within_one(t, depth) for t, _, e in term.factors)
        return False


def negated(term: Sum) -> Sum:
    """The sum with every sign changed, as a sum."""
    return make_sum(tuple((-c, x) for c, x in term.terms), term.sizes)


def sums_to_one(signs: Signs, term: Term) -> bool:
    """True for probabilities along the last axis: a softmax, or declared so."""
    facts = signs.facts(term)
    if facts is not None:
        return facts.onehot or facts.simplex
    inner = signs.opened(term)
    return isinstance(inner, Special) and inner.operation == "softmax" and inner.axes == 1
