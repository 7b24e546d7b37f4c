"""The number in front of a term: everything about it that builds no product and no sum of several terms."""

from __future__ import annotations

from fractions import Fraction

from .size import Size
from .terms import Number, Product, Term, make_product, make_sum

LARGEST_ROOT = 10**6  # integers up to this are split into primes under a fractional power


def exact(value: Number) -> Number:
    """The same number as an int where it is one."""
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def magnitude(value: Number) -> Number:
    """The absolute value."""
    return value if value >= 0 else -value


def number(value: Number, sizes: tuple[Size, ...] = ()) -> Term:
    """The array of that shape with the same number everywhere."""
    value = exact(value)
    return make_product(value, (), sizes, len(sizes)) if value else zeros(sizes)


def zeros(sizes: tuple[Size, ...] = ()) -> Term:
    """The array of zeros."""
    return make_sum((), sizes)


def scaled(coefficient: Number, term: Term) -> Term:
    """coefficient · term."""
    if coefficient == 1:
        return term
    if not coefficient or term.is_zero:
        return zeros(term.sizes)
    if isinstance(term, Product):
        total = exact(term.coefficient * coefficient)
        if total == 1:
            return unit(term)
        return make_product(total, term.factors, term.label_sizes, len(term.sizes))
    axes = tuple(range(len(term.sizes)))
    return make_product(exact(coefficient), ((term, axes, 1),), term.sizes, len(axes))


def unit(term: Term) -> Term:
    """The term without its numeric coefficient."""
    if not isinstance(term, Product) or term.coefficient == 1:
        return term
    if term.bare is None:
        term.bare = _bare(term)
    return term.bare


def content(term: Term) -> Number:
    """The numeric coefficient that `unit` leaves out."""
    return term.coefficient if isinstance(term, Product) else 1


def _bare(term: Product) -> Term:
    order = len(term.sizes)
    if len(term.factors) == 1 and len(term.label_sizes) == order:
        inner, labels, exponent = term.factors[0]
        if exponent == 1 and labels == tuple(range(order)):
            return inner
    return make_product(1, term.factors, term.label_sizes, order)


def leading_sign(term: Term) -> int:
    """The sign of the coefficient that normal form puts in front."""
    return -1 if isinstance(term, Product) and term.coefficient < 0 else 1


def as_number(term: Term) -> Number | None:
    """The number if the term is one number everywhere, else None."""
    if term.is_zero:
        return 0
    return term.coefficient if isinstance(term, Product) and not term.factors else None


def factorised(value: int) -> list[tuple[int, int]]:
    """Prime factors with multiplicities; a large number is left whole."""
    if value == 1:
        return []
    if value > LARGEST_ROOT:
        return [(value, 1)]
    found: list[tuple[int, int]] = []
    prime = 2
    while prime * prime <= value:
        power = 0
        while value % prime == 0:
            value //= prime
            power += 1
        if power:
            found.append((prime, power))
        prime += 1
    return [*found, (value, 1)] if value > 1 else found
