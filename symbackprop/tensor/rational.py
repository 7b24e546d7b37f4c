"""Scalar expressions over nameless atoms, and their shortest rational form.

An expression is a nested tuple, so that equal shapes are equal keys:

    ("a", k)                          atom number k
    ("+", ((c, expression), ...))     Σ c · expression
    ("*", c, ((expression, e), ...))  c · Π expression^e, e an integer

SymPy's sparse polynomials do the algebra: a field of fractions cancels, `factor_list` factors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import prod
from typing import Any, TypeAlias

from .cost import number_cost, power_cost
from .normal import exact
from .terms import Number

Expr: TypeAlias = tuple[Any, ...]

MONOMIALS = 120  # expansions that may grow past this are not tried
POWER = 6  # nor powers past this one


def atom(k: int) -> Expr:
    """Atom number k."""
    return ("a", k)


def times(c: Number, powers: Sequence[tuple[Expr, Number]]) -> Expr:
    """c · Π expression^e; a lone first power is itself."""
    kept = tuple((x, e) for x, e in powers if e)
    return kept[0][0] if c == 1 and len(kept) == 1 and kept[0][1] == 1 else ("*", c, kept)


def plus(terms: Sequence[tuple[Number, Expr]]) -> Expr:
    """Σ c · expression; a lone term is a product."""
    if len(terms) == 1:
        c, x = terms[0]
        return times(exact(c * x[1]), x[2]) if x[0] == "*" else times(c, ((x, 1),))
    return ("+", tuple(terms))


def length(x: Expr, weights: Sequence[int]) -> int:
    """Symbols, numbers and operations; `weights` has the length of each atom. Signs are free."""
    if x[0] == "a":
        return weights[x[1]]
    if x[0] == "+":
        return sum(length(t, weights) + number_cost(c) for c, t in x[1]) + len(x[1]) - 1
    _, c, powers = x
    total = sum(power_cost(length(t, weights), e) for t, e in powers) + number_cost(c) + max(len(powers) - 1, 0)
    return total + (1 if abs(Fraction(c).numerator) == 1 and all(e < 0 for _, e in powers) else 0)


def nodes(x: Expr) -> int:
    """How many nodes the expression has."""
    if x[0] == "a":
        return 1
    return 1 + sum(nodes(t) for _, t in x[1]) if x[0] == "+" else 1 + sum(nodes(t) for t, _ in x[2])


def atoms(x: Expr) -> frozenset[int]:
    """The atoms inside."""
    if x[0] == "a":
        return frozenset((x[1],))
    inside = [t for _, t in x[1]] if x[0] == "+" else [t for t, _ in x[2]]
    return frozenset().union(*map(atoms, inside))


def monomials(x: Expr) -> int:
    """An upper bound on the monomials of the numerator and denominator while they are expanded."""
    if x[0] == "a":
        return 1
    if x[0] == "+":
        count, shared = 0, 1
        for _, t in x[1]:
            count += monomials(t)
            shared *= denominators(t)
        return count * shared
    total = 1
    for t, e in x[2]:
        total *= monomials(t) ** min(abs(e), POWER + 1)
    return total


def denominators(x: Expr) -> int:
    """An upper bound on the monomials of the denominator."""
    if x[0] == "a":
        return 1
    total = 1
    if x[0] == "+":
        for _, t in x[1]:
            total *= denominators(t)
        return total
    for t, e in x[2]:
        total *= (monomials(t) if e < 0 else denominators(t)) ** min(abs(e), POWER + 1)
    return total


def degrees(x: Expr) -> tuple[dict[int, int], dict[int, int]]:
    """For each atom an upper bound on its degree in the numerator, and in the denominator, over a common one."""
    if x[0] == "a":
        return {x[1]: 1}, {}
    above: dict[int, int] = {}
    below: dict[int, int] = {}
    inside = [(degrees(t), 1) for _, t in x[1]] if x[0] == "+" else [(degrees(t), e) for t, e in x[2]]
    for (up, down), e in inside:
        for k, n in (down if e > 0 else up).items():
            below[k] = below.get(k, 0) + n * abs(e)
        if x[0] == "*":
            for k, n in (up if e > 0 else down).items():
                above[k] = above.get(k, 0) + n * abs(e)
    if x[0] == "+":
        for k in atoms(x):
            above[k] = max(up.get(k, 0) + below.get(k, 0) - down.get(k, 0) for (up, down), _ in inside)
    return above, below


def dense(x: Expr) -> int:
    """Another upper bound on the monomials: all that the degrees allow."""
    bounds = degrees(x)
    return max(prod(n + 1 for n in bound.values()) for bound in bounds)


@lru_cache(maxsize=4096)
def shortest(x: Expr, weights: tuple[int, ...]) -> Expr:
    """The shortest of the expression itself, its cancelled and factored forms, and its fractions taken apart.

    The expression itself is kept unless another form is shorter.
    """
    if monomials(x) > MONOMIALS and dense(x) > MONOMIALS:
        return x
    try:
        forms = list(_forms(x, weights))
    except ZeroDivisionError:
        return x
    best = x
    for form in forms:
        if length(form, weights) < length(best, weights):
            best = form
    return best


def _forms(x: Expr, weights: tuple[int, ...]) -> list[Expr]:
    from sympy.polys.domains import QQ
    from sympy.polys.fields import field

    names = [f"x{k}" for k in range(len(weights))]
    space, *generators = field(names, QQ)
    value = _value(x, generators, lambda c: space(QQ(Fraction(c).numerator, Fraction(c).denominator)))
    if not value:
        return [times(0, ())]
    c1, above = _factors(value.numer, weights)
    c2, below = _factors(value.denom, weights)
    c = exact(c1 / c2)
    down = [(p, -e) for p, e in below]
    joined = times(c, [*above, *down])
    expanded = times(exact(Fraction(1) / c2), [(_sum(value.numer), 1), *down])
    apart = plus([(1, _over(m, c2, below)) for m in _monomials(value.numer)])
    return [joined, _flat(expanded), apart]


def _value(x: Expr, generators: Sequence[Any], constant: Callable[[Number], Any]) -> Any:
    """The expression as a fraction; raises ZeroDivisionError for a divisor that is zero."""
    if x[0] == "a":
        return generators[x[1]]
    if x[0] == "+":
        total = constant(0)
        for c, t in x[1]:
            total = total + constant(c) * _value(t, generators, constant)
        return total
    result = constant(x[1])
    for t, e in x[2]:
        inner = _value(t, generators, constant)
        if not inner and e < 0:
            raise ZeroDivisionError
        result = result * inner**e
    return result


def _number(c: Any) -> Fraction:
    return Fraction(int(c.numerator), int(c.denominator))


def _monomials(poly: Any) -> list[Expr]:
    """The polynomial's terms, each as a product with its coefficient."""
    found = []
    for powers, c in poly.terms():
        found.append(("*", exact(_number(c)), tuple((atom(k), e) for k, e in enumerate(powers) if e)))
    return found


def _sum(poly: Any) -> Expr:
    """The polynomial, expanded."""
    return plus([(m[1], times(1, m[2])) for m in _monomials(poly)])


def _flat(x: Expr) -> Expr:
    """A product whose factors are products of first power, as one product."""
    if x[0] != "*":
        return x
    c, powers = x[1], []
    for t, e in x[2]:
        if t[0] == "*" and e == 1:
            c = exact(c * t[1])
            powers += t[2]
        else:
            powers.append((t, e))
    return times(c, powers)


def _factors(poly: Any, weights: tuple[int, ...]) -> tuple[Fraction, list[tuple[Expr, int]]]:
    """The polynomial as number · Π factor^e, where factors whose product is shorter stay multiplied: 1 − a²."""
    c, found = poly.factor_list()
    parts: list[tuple[Any, int]] = list(found)
    merged = True
    while merged:
        merged = False
        for i in range(len(parts)):
            for j in range(i + 1, len(parts)):
                (p, e), (q, f) = parts[i], parts[j]
                if e != f or len(p) == 1 or len(q) == 1:
                    continue
                both = p * q
                if length(_sum(both), weights) < length(_sum(p), weights) + length(_sum(q), weights) + 1:
                    parts = [part for k, part in enumerate(parts) if k not in (i, j)] + [(both, e)]
                    merged = True
                    break
            if merged:
                break
    number = _number(c)
    powers: list[tuple[Expr, int]] = []
    for p, e in parts:
        content, whole = p.primitive()
        number *= _number(content) ** e
        x = _flat(times(1, [(_sum(whole), 1)]))
        if x[0] == "*":
            number *= Fraction(x[1]) ** e
            powers += [(t, k * e) for t, k in x[2]]
        else:
            powers.append((x, e))
    return number, powers


def _over(monomial: Expr, c: Fraction, below: list[tuple[Expr, int]]) -> Expr:
    """One term of the numerator over the denominator, its powers of atoms cancelled."""
    powers: dict[Expr, int] = dict(monomial[2])
    for t, e in below:
        powers[t] = powers.get(t, 0) - e
    return times(exact(monomial[1] / c), tuple(powers.items()))
