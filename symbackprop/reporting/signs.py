"""Which values are surely positive, or not negative: what needs no side condition."""

from __future__ import annotations

from ..network import Model
from ..tensor.normal import as_number
from ..tensor.pullback import children_last
from ..tensor.terms import Bracket, Constant, Dim, Map, Product, Special, Sum, Symbol, Term

POSITIVE_HEADS = {"exp", "sigmoid", "normal_cdf", "normal_pdf", "cosh", "softplus"}
NONNEGATIVE_HEADS = {"relu", "abs", "step", "iszero"}
POSITIVE_OPERATIONS = {"softmax"}
NONNEGATIVE_OPERATIONS = {"argmax", "deviation"}
BELOW_ONE = {"sigmoid", "normal_cdf", "softmax"}


def chooses(term: Term) -> bool:
    """True for a bracket that takes exactly one entry along an axis, by an index or at a constant place."""
    return isinstance(term, Bracket) and (bool(term.indices) or term.order == 1)


class Signs:
    """Signs of the terms of one network, as far as its equations and declared facts show them."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._positive: dict[Term, bool] = {}
        self._nonnegative: dict[Term, bool] = {}

    def positive(self, term: Term) -> bool:
        """True if every entry is surely > 0."""
        self._decide(term)
        return self._positive[term]

    def nonnegative(self, term: Term) -> bool:
        """True if every entry is surely >= 0."""
        self._decide(term)
        return self._nonnegative[term]

    def within_unit(self, term: Term) -> str:
        """The function whose values lie between 0 and 1 that a node is defined by; empty if there is none."""
        if isinstance(term, Symbol) and term.name in self.model.equations:
            term = self.model.equations[term.name].term
        if isinstance(term, Product) and term.coefficient == 1:
            plain = [f for f in term.factors if not chooses(f[0])]
            term = plain[0][0] if len(plain) == 1 and plain[0][2] == 1 else term
            return self.within_unit(term) if isinstance(term, Symbol) else ""
        name = term.head if isinstance(term, Map) else term.operation if isinstance(term, Special) else ""
        return name if name in BELOW_ONE else ""

    def _decide(self, root: Term) -> None:
        stack = [root]
        while stack:
            top = stack[-1]
            if top in self._positive:
                stack.pop()
                continue
            needed = [t for t in self._below(top) if t not in self._positive]
            if needed:
                stack.extend(needed)
                continue
            stack.pop()
            self._positive[top], self._nonnegative[top] = self._signs(top)

    def _below(self, term: Term) -> list[Term]:
        """The terms inside, and for a node its own equation."""
        below = [t for t in children_last(term) if t is not term]
        if isinstance(term, Symbol) and term.name in self.model.equations:
            below.append(self.model.equations[term.name].term)
        return below

    def _signs(self, term: Term) -> tuple[bool, bool]:
        value = as_number(term)
        if value is not None:
            return value > 0, value >= 0
        if isinstance(term, Symbol):
            return self._symbol(term)
        if isinstance(term, (Constant, Dim)):
            return True, True
        if isinstance(term, Bracket):
            return False, True
        if isinstance(term, Map):
            positive = term.head in POSITIVE_HEADS or (term.head == "power" and self._positive[term.children[0]])
            return positive, positive or term.head in NONNEGATIVE_HEADS
        if isinstance(term, Special):
            positive = term.operation in POSITIVE_OPERATIONS
            return positive, positive or term.operation in NONNEGATIVE_OPERATIONS
        if isinstance(term, Sum):
            fine = all(c > 0 and self._nonnegative[x] for c, x in term.terms)
            return fine and any(self._positive[x] for _, x in term.terms), fine
        assert isinstance(term, Product)
        positive = term.coefficient > 0 and all(self._positive[f[0]] or chooses(f[0]) for f in term.factors)
        fine = term.coefficient > 0 and all(
            self._nonnegative[f[0]] or (isinstance(f[2], int) and f[2] % 2 == 0) for f in term.factors
        )
        return positive, fine

    def _symbol(self, term: Symbol) -> tuple[bool, bool]:
        equation = self.model.equations.get(term.name)
        if equation is not None:
            return self._positive[equation.term], self._nonnegative[equation.term]
        declared = self.model.declarations.get(term.name)
        if declared is None:
            return False, False
        facts = declared.facts
        values = facts.values or ()
        positive = facts.positive or (bool(values) and min(values) > 0)
        return positive, positive or facts.onehot or facts.simplex or (bool(values) and min(values) >= 0)
