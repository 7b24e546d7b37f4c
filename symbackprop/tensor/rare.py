"""Scalar functions that networks seldom use and SymPy knows: further rows for `heads`, under SymPy's names.

Derivatives: Abramowitz & Stegun 5.1, 5.2 (exponential, sine and cosine integrals), 7.1, 7.3 (error function, Fresnel
integrals), 10.4 (Airy functions), 17.3 (elliptic integrals of the parameter m). Their values are SymPy's, one entry at
a time; the heads that NumPy can compute are in `values`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from .heads import Head, cos, cosh, exp, pi_power, sin, sinh, unary
from .normal import scaled
from .terms import Term

HALF = Fraction(1, 2)
airyai, airyaiprime, airybi, airybiprime = map(unary, ("airyai", "airyaiprime", "airybi", "airybiprime"))
elliptic_k, elliptic_e = map(unary, ("elliptic_k", "elliptic_e"))


def _value(name: str) -> Callable[[Any], Any]:
    """SymPy's value of the function of that name, entry by entry."""

    def value(x: Any) -> Any:
        import numpy as np
        import sympy

        function = getattr(sympy, name)
        return np.vectorize(lambda entry: float(function(sympy.Float(float(entry), 20))), otypes=[float])(x)

    return value


def _quarter_turn(x: Term) -> Term:
    """π x² / 2."""
    return scaled(HALF, x**2) * pi_power(1)


def rows() -> list[Head]:
    """The rows."""

    def row(name: str, partial: Callable[[Term, Term], Term], parity: int = 0, conditions: str = "") -> Head:
        return Head(name, (partial,), _value(name), parity, conditions)

    return [
        row("erfi",        lambda f, x: 2 * pi_power(-HALF) * exp(x**2), -1),
        row("erfinv",      lambda f, x: scaled(HALF, exp(f**2)) * pi_power(HALF), -1, "within"),
        row("LambertW",    lambda f, x: (x + exp(f)) ** -1, 0, "positive"),
        row("Ei",          lambda f, x: exp(x) / x, 0, "positive"),
        row("Si",          lambda f, x: sin(x) / x, -1),
        row("Ci",          lambda f, x: cos(x) / x, 0, "positive"),
        row("Shi",         lambda f, x: sinh(x) / x, -1),
        row("Chi",         lambda f, x: cosh(x) / x, 0, "positive"),
        row("fresnels",    lambda f, x: sin(_quarter_turn(x)), -1),
        row("fresnelc",    lambda f, x: cos(_quarter_turn(x)), -1),
        row("airyai",      lambda f, x: airyaiprime(x)),
        row("airyaiprime", lambda f, x: x * airyai(x)),
        row("airybi",      lambda f, x: airybiprime(x)),
        row("airybiprime", lambda f, x: x * airybi(x)),
        row("elliptic_k",  lambda f, m: (elliptic_e(m) - (1 - m) * f) / (2 * m * (1 - m)), 0, "within"),
        row("elliptic_e",  lambda f, m: (f - elliptic_k(m)) / (2 * m), 0, "within"),
    ]  # fmt: skip  # a table is read by columns
