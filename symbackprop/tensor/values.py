"""Values of the scalar functions for NumPy arrays, in forms that stay finite where the function is."""

from __future__ import annotations

from math import erf as _erf
from math import factorial, pi, sqrt
from math import lgamma as _lgamma
from typing import Any, TypeAlias

import numpy as np

Values: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

exp, log, sin, cos, tan, sinh, cosh, tanh = np.exp, np.log, np.sin, np.cos, np.tan, np.sinh, np.cosh, np.tanh
asin, acos, atan, asinh, acosh, atanh = np.arcsin, np.arccos, np.arctan, np.arcsinh, np.arccosh, np.arctanh
sign, abs, floor, maximum, minimum, power = np.sign, np.abs, np.floor, np.maximum, np.minimum, np.power

BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)

_erf_entries = np.vectorize(_erf, otypes=[float])
_lgamma_entries = np.vectorize(_lgamma, otypes=[float])


def sigmoid(x: Values) -> Values:
    """1 / (1 + e^-x), without overflow."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


def softplus(x: Values) -> Values:
    """log(1 + e^x), without overflow."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def erf(x: Values) -> Values:
    """The error function."""
    return np.asarray(_erf_entries(x))


def normal_cdf(x: Values) -> Values:
    """The distribution function of the standard normal law."""
    return (1 + erf(np.asarray(x) / sqrt(2))) / 2


def normal_pdf(x: Values) -> Values:
    """The density of the standard normal law."""
    return np.exp(-np.square(x) / 2) / sqrt(2 * pi)


def lgamma(x: Values) -> Values:
    """log Γ(x)."""
    return np.asarray(_lgamma_entries(x))


def digamma(x: Values) -> Values:
    """(log Γ)'(x) for x > 0, by recurrence to x ≥ 12 and the asymptotic series (Abramowitz & Stegun 6.3.18)."""
    x = np.array(x, dtype=float)
    total = np.zeros_like(x)
    while np.any(x < 12):
        small = x < 12
        total = total - np.where(small, 1 / x, 0)
        x = np.where(small, x + 1, x)
    w = 1 / (x * x)
    series = w * (1 / 12 - w * (1 / 120 - w * (1 / 252 - w * (1 / 240 - w * (1 / 132 - w * 691 / 32760)))))
    return np.asarray(total + np.log(x) - 0.5 / x - series)


def polygamma(order: Values, x: Values) -> Values:
    """The derivative of digamma of that order for x > 0 (Abramowitz & Stegun 6.4.6, 6.4.11).

    The order is at least 1, and the same everywhere.
    """
    m = int(np.max(order))
    x = np.array(x, dtype=float)
    total = np.zeros_like(x)
    least = 12 + 2 * m
    while np.any(x < least):
        small = x < least
        total = total + np.where(small, factorial(m) * x ** -(m + 1.0), 0)
        x = np.where(small, x + 1, x)
    total = total + factorial(m - 1) * x ** -float(m) + factorial(m) / 2 * x ** -(m + 1.0)
    for k, bernoulli in enumerate(BERNOULLI, start=1):
        total = total + bernoulli * factorial(2 * k + m - 1) / factorial(2 * k) * x ** -(2.0 * k + m)
    return np.asarray((-1) ** (m + 1) * total)


def relu(x: Values) -> Values:
    """max(x, 0)."""
    return np.maximum(x, 0)


def step(x: Values) -> Values:
    """1 where x > 0, else 0."""
    return np.asarray(np.asarray(x) > 0).astype(float)


def iszero(x: Values) -> Values:
    """1 where x = 0, else 0."""
    return np.asarray(np.asarray(x) == 0).astype(float)


def elu(x: Values, alpha: Values) -> Values:
    """x where x > 0, else alpha (e^x − 1)."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def where(condition: Values, x: Values, y: Values) -> Values:
    """x where the condition is 1, y where it is 0."""
    return np.where(condition != 0, x, y)
