"""Two number systems for `evaluate_exact`: the rationals, and real numbers with many digits (mpmath's).

Conventions are those of `heads`. A value outside the reals, or at a pole, is not a number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache, cached_property
from math import isqrt
from typing import Any

import numpy as np

from .evaluate import Array
from .evaluate_exact import NotHere, boxed, each
from .terms import Map, Number, Special, Term

DIGITS = 50
LARGEST = 1e9  # arguments of functions that are not rational

# Functions that need only comparisons and arithmetic, in any ordered field.
ORDERED: dict[str, Callable[..., Any]] = {
    "relu": lambda x: x if x > 0 else 0 * x,
    "abs": lambda x: x if x >= 0 else -x,
    "step": lambda x: int(x > 0),
    "sign": lambda x: int(x > 0) - int(x < 0),
    "iszero": lambda x: int(x == 0),
    "maximum": lambda x, y: x if x >= y else y,
    "minimum": lambda x, y: x if x <= y else y,
    "where": lambda c, x, y: x if c != 0 else y,
}


def rooted(value: Fraction, exponent: Fraction) -> Fraction:
    """A rational power that is rational: of squares, to halves. Raises NotHere."""
    if exponent.denominator != 2 or value < 0:
        raise NotHere(f"{value} to the power {exponent} is no rational number here.")
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    if top * top != value.numerator or bottom * bottom != value.denominator:
        raise NotHere(f"The root of {value} is no rational number.")
    return raised(Fraction(top, bottom), exponent.numerator)


def raised(value: Fraction, exponent: int) -> Fraction:
    """A whole power; raises NotHere at a pole."""
    if value == 0 and exponent < 0:
        raise NotHere("Division by zero.")
    return Fraction(value**exponent)


class Rationals:
    """Exact fractions; what is not rational raises NotHere."""

    def number(self, value: Number | float) -> Fraction:
        """The number; a float is the rational that it is exactly."""
        try:
            return Fraction(value)
        except (ValueError, OverflowError) as problem:
            raise NotHere(f"{value} is no number.") from problem

    def named(self, value: str | int) -> Fraction:
        """An integer; π is not rational."""
        if isinstance(value, str):
            raise NotHere("π is no rational number.")
        return Fraction(value)

    def reduced(self, values: Array) -> Array:
        """Fractions are reduced already."""
        return values

    def power(self, values: Array, exponent: Number) -> Array:
        """Entrywise; raises NotHere where the root is irrational, and at a pole."""
        if isinstance(exponent, int):
            return each(lambda x: raised(x, exponent), values)
        return each(lambda x: rooted(Fraction(x), exponent), values)

    def mapped(self, term: Map, values: list[Array], known: Mapping[Term, Array]) -> Array:
        """Functions that are made of comparisons; raises NotHere for the others."""
        if term.head == "floor":
            return each(lambda x: Fraction(x.numerator // x.denominator), *values)
        if term.head not in ORDERED:
            raise NotHere(f"{term.head} has no rational values.")
        return each(ORDERED[term.head], *values)

    def operated(self, term: Special, values: list[Array], known: Mapping[Term, Array]) -> Array:
        """Inverses, determinants and choices; raises NotHere for the others."""
        return operated(self, term, values)


class Decimals:
    """Real numbers with so many digits, by mpmath."""

    def __init__(self, digits: int = DIGITS) -> None:
        import mpmath

        self.context = mpmath.MPContext()
        self.context.dps = digits
        self.none = self.context.mpf("nan")

    def number(self, value: Number | float) -> Any:
        """The number; a float is the rational that it is exactly."""
        if isinstance(value, Fraction):
            return self.context.mpf(value.numerator) / value.denominator
        return self.context.mpf(int(value) if isinstance(value, int) else float(value))

    def named(self, value: str | int) -> Any:
        """π, or an integer."""
        return +self.context.pi if isinstance(value, str) else self.context.mpf(value)

    def reduced(self, values: Array) -> Array:
        """Nothing to do."""
        return values

    def power(self, values: Array, exponent: Number) -> Array:
        """Entrywise; not a number at a pole and for roots of negative numbers."""
        e = exponent if isinstance(exponent, int) else self.number(exponent)
        return each(self.real(lambda x: x**e), values)

    def real(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function where its value is real, else not a number."""

        def guarded(*args: Any) -> Any:
            try:
                found = function(*args)
            except (ZeroDivisionError, ValueError, OverflowError):  # mpmath's: a pole, no branch, no convergence
                return self.none
            return self.none if isinstance(found, self.context.mpc) else found

        return guarded

    def mapped(self, term: Map, values: list[Array], known: Mapping[Term, Array]) -> Array:
        """A scalar function, entry by entry. Raises NotHere for one without a row."""
        if term.head in ORDERED:
            return each(self.real(ORDERED[term.head]), *values)
        if term.head not in self.table:
            raise NotHere(f"{term.head} has no value with many digits.")
        return each(self.real(self.bounded(self.table[term.head])), *values)

    def bounded(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function of arguments up to a size; beyond, to find a value may take for ever, and it is not a number."""
        return lambda *args: function(*args) if all(abs(x) < LARGEST for x in args) else self.none

    @cached_property
    def table(self) -> dict[str, Callable[..., Any]]:
        """mpmath's functions under the names of `heads`."""
        c = self.context
        found: dict[str, Callable[..., Any]] = {n: getattr(c, n) for n in SAME}
        found |= {ours: getattr(c, theirs) for ours, theirs in RENAMED.items()}
        return found | {
            "sigmoid": lambda x: 1 / (1 + c.exp(-x)),
            "softplus": lambda x: c.log(1 + c.exp(x)),
            "digamma": lambda x: c.psi(0, x),
            "polygamma": lambda m, x: c.psi(int(m), x),
            "elu": lambda x, a: x if x > 0 else a * c.expm1(x),
            "power": lambda x, y: x**y,
            "airyaiprime": lambda x: c.airyai(x, derivative=1),
            "airybiprime": lambda x: c.airybi(x, derivative=1),
        }

    def operated(self, term: Special, values: list[Array], known: Mapping[Term, Array]) -> Array:
        """The special operations by their definitions. Raises NotHere for expectations."""
        x = values[0]
        if term.operation in ("inverse", "det", "argmax", "stop"):
            return operated(self, term, values)
        c = self.context
        if term.operation == "logdet":
            det = by_matrix(x, lambda m: boxed(determinant(m)))
            return each(self.real(lambda d: c.log(abs(d))), det)
        last = tuple(range(-term.axes, 0))
        if term.operation in ("softmax", "logsumexp"):
            e = each(self.bounded(c.exp), x)
            if term.operation == "softmax":
                return boxed(e / e.sum(axis=last, keepdims=True))
            return each(c.log, boxed(e.sum(axis=last)))
        if term.operation in ("standardize", "deviation"):
            centred, variance = spread(x, last)
            sigma = each(self.real(c.sqrt), boxed(variance + values[1]))
            if term.operation == "standardize":
                return boxed(centred / sigma)
            return boxed(sigma.reshape(x.shape[: x.ndim - term.axes]))
        raise NotHere(f"{term.operation} has no value by entries.")


SAME = (
    *("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
    *("floor", "erf", "erfi", "erfinv", "fresnels", "fresnelc", "airyai", "airybi"),
)
RENAMED = {
    "normal_cdf": "ncdf", "normal_pdf": "npdf", "lgamma": "loggamma", "LambertW": "lambertw", "Ei": "ei", "Si": "si",
    "Ci": "ci", "Shi": "shi", "Chi": "chi", "elliptic_k": "ellipk", "elliptic_e": "ellipe",
}  # fmt: skip  # a table


def spread(x: Array, last: tuple[int, ...]) -> tuple[Array, Array]:
    """x minus its mean over the last axes, and its variance there, kept as axes of length 1."""
    count = 1
    for axis in last:
        count *= x.shape[axis]
    centred = x - x.sum(axis=last, keepdims=True) / count
    return boxed(centred), boxed((centred * centred).sum(axis=last, keepdims=True) / count)


def operated(system: Any, term: Special, values: list[Array]) -> Array:
    """Operations that need arithmetic and comparisons only."""
    x = values[0]
    if term.operation == "inverse":
        return by_matrix(x, inverted)
    if term.operation == "det":
        return by_matrix(x, lambda m: boxed(determinant(m)))
    if term.operation == "stop":
        return x
    if term.operation == "argmax":
        flat = x.reshape((*x.shape[: x.ndim - term.axes], -1))
        hot = np.zeros(flat.shape, dtype=object)
        for place in np.ndindex(flat.shape[:-1]):
            row = list(flat[place])
            hot[(*place, row.index(max(row)))] = 1
        return hot.reshape(x.shape)
    raise NotHere(f"{term.operation} has no value in this number system.")


def by_matrix(x: Array, function: Callable[[Array], Array]) -> Array:
    """A function of every matrix in the last two axes."""
    lead = x.shape[:-2]
    if not lead:
        return function(x)
    rows = [function(x[place]) for place in np.ndindex(lead)]
    return np.array(rows, dtype=object).reshape((*lead, *rows[0].shape)) if rows else x


def eliminated(matrix: Array, right: Array) -> tuple[Any, Array]:
    """The determinant, and the right side times the inverse, by Gauss-Jordan with the largest pivot."""
    a, b = matrix.copy(), right.copy()
    det: Any = 1
    for k in range(len(a)):
        pivot = max(range(k, len(a)), key=lambda r: abs(a[r, k]))
        if a[pivot, k] == 0:
            return 0 * a[pivot, k], b
        if pivot != k:
            a[[k, pivot]], b[[k, pivot]] = a[[pivot, k]], b[[pivot, k]]
            det = -det
        lead = a[k, k]
        det = det * lead
        a[k], b[k] = a[k] / lead, b[k] / lead
        for row in range(len(a)):
            if row != k:
                factor = a[row, k]
                a[row], b[row] = a[row] - a[k] * factor, b[row] - b[k] * factor
    return det, b


def determinant(matrix: Array) -> Any:
    """The determinant."""
    return eliminated(matrix, np.zeros((len(matrix), 0), dtype=object))[0]


def inverted(matrix: Array) -> Array:
    """The inverse. Raises NotHere for a singular matrix."""
    det, found = eliminated(matrix, np.eye(len(matrix), dtype=int).astype(object))
    if det == 0:
        raise NotHere("A singular matrix has no inverse.")
    return found


@cache
def decimals(digits: int = DIGITS) -> Decimals:
    """The numbers with so many digits."""
    return Decimals(digits)


__all__ = ["DIGITS", "Decimals", "Rationals", "decimals", "spread"]
