"""How long a term is on paper: symbols and operations, each occurrence counted."""

from __future__ import annotations

from fractions import Fraction
from weakref import WeakKeyDictionary

from .terms import Bracket, Factor, Map, Number, Product, Special, Sum, Term

LARGEST = 10**6  # a length is not told apart from longer ones

_KNOWN: WeakKeyDictionary[Term, int] = WeakKeyDictionary()


def cost(term: Term) -> int:
    """Symbols, numbers and operations of the term as it would be written; signs are free. Iterative."""
    if term in _KNOWN:
        return _KNOWN[term]
    stack = [term]
    while stack:
        top = stack[-1]
        missing = [child for child in top.children if child not in _KNOWN]
        if missing:
            stack.extend(missing)
        else:
            stack.pop()
            _KNOWN[top] = min(_own(top), LARGEST)
    return _KNOWN[term]


def _own(term: Term) -> int:
    """The length, where those of the children are known."""
    if isinstance(term, Product):
        return product_cost(term.coefficient, term.factors)
    if isinstance(term, Sum):
        return max(1, sum(_KNOWN[t] + number_cost(c) for c, t in term.terms) + len(term.terms) - 1)
    if isinstance(term, (Map, Special)):
        return 1 + sum(_KNOWN[child] for child in term.children)
    return 2 if isinstance(term, Bracket) else 1


def product_cost(coefficient: Number, factors: tuple[Factor, ...]) -> int:
    """The length of a product, where those of its factors are known."""
    total = sum(power_cost(_KNOWN[t], e) for t, _, e in factors) + number_cost(coefficient) + max(len(factors) - 1, 0)
    bare = all(e < 0 for _, _, e in factors) and abs(Fraction(coefficient).numerator) == 1
    return total + (1 if bare else 0)


def power_cost(base: int, exponent: Number) -> int:
    """The length of a power of something that long; a reciprocal is free, the division is the product's."""
    return base + (2 if abs(exponent) != 1 else 0)


def number_cost(value: Number) -> int:
    """The length of a coefficient with its multiplication sign."""
    value = Fraction(value)
    return (2 if abs(value.numerator) != 1 else 0) + (2 if value.denominator != 1 else 0)
