"""Integers modulo 2^61 − 1, in which functions are random but consistent: exp(Σ k a) = Π u(a)^k with random units u(a).

Equal values are strong evidence that two terms are equal: rational functions that differ agree at a random point with
probability degree/p (Zippel 1979, Schwartz 1980). Different values show nothing: further identities are not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from hashlib import blake2b
from typing import Any

import numpy as np

from .evaluate import Array
from .evaluate_exact import NotHere, boxed, each
from .normal import content
from .numbers import by_matrix, operated, spread
from .terms import Map, Number, Product, Special, Sum, Term

PRIME = 2**61 - 1
ROOTS = 720720  # exponents of exp may have denominators that divide this: all up to 16
STEPS = ("step", "sign", "relu", "abs")


class Residue:
    """An integer modulo the prime, with the operations that elimination needs; it has no order."""

    __slots__ = ("value",)

    def __init__(self, value: int) -> None:
        self.value = value % PRIME

    def __add__(self, other: Any) -> Residue:
        return Residue(self.value + int(other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Residue:
        return Residue(self.value - int(other))

    def __rsub__(self, other: Any) -> Residue:
        return Residue(int(other) - self.value)

    def __mul__(self, other: Any) -> Residue:
        return Residue(self.value * int(other))

    __rmul__ = __mul__

    def __neg__(self) -> Residue:
        return Residue(-self.value)

    def __abs__(self) -> int:
        return int(self.value != 0)

    def __truediv__(self, other: Any) -> Residue:
        return Residue(self.value * inverse(int(other)))

    def __rtruediv__(self, other: Any) -> Residue:
        return Residue(int(other) * inverse(self.value))

    def __int__(self) -> int:
        return self.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (int, Residue)) and self.value == int(other) % PRIME

    def __hash__(self) -> int:
        return hash(self.value)


def inverse(value: int) -> int:
    """1/value. Raises NotHere for 0."""
    if value % PRIME == 0:
        raise NotHere("Division by zero modulo the prime.")
    return pow(value, -1, PRIME)


class Modular:
    """Values modulo the prime, with random functions from one seed."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.seen: dict[tuple[str | int, ...], int] = {}
        self.pi = 2 * pow(self.random_at("pi"), 2, PRIME) % PRIME  # a square, and so is its half

    def random_at(self, *key: str | int) -> int:
        """A random unit for a key, the same one whenever the key comes again."""
        if key not in self.seen:
            text = ":".join(map(str, (self.seed, *key))).encode()
            self.seen[key] = 1 + int.from_bytes(blake2b(text, digest_size=16).digest(), "big") % (PRIME - 1)
        return self.seen[key]

    # ------------------------------------------------------------------ arithmetic

    def number(self, value: Number | float) -> int:
        """The number modulo the prime; a float is the rational that it is exactly."""
        try:
            exact = Fraction(value)
        except (ValueError, OverflowError) as problem:
            raise NotHere(f"{value} is no number.") from problem
        return exact.numerator * inverse(exact.denominator) % PRIME

    def named(self, value: str | int) -> int:
        """An integer, or a fixed random square for π."""
        return self.pi if isinstance(value, str) else value % PRIME

    def reduced(self, values: Array) -> Array:
        """The remainders."""
        return boxed(values % PRIME)

    def power(self, values: Array, exponent: Number) -> Array:
        """Whole powers and halves. Raises NotHere where there is none."""
        exact = Fraction(exponent)
        if exact.denominator == 1:
            return each(lambda x: raised(x, exact.numerator), values)
        if exact.denominator != 2:
            raise NotHere("Roots other than square roots are not taken modulo a prime.")
        return each(lambda x: raised(root(x), exact.numerator), values)

    # ------------------------------------------------------------------ functions

    def exponential(self, term: Term, value: Array, known: Mapping[Term, Array]) -> Array:
        """exp(Σ k a) = Π u(a)^k over the summands of a term whose value this is."""
        found = np.full(value.shape, 1, dtype=object)
        for c, share in self.shares(term, value, known):
            if c.denominator > 16:
                raise NotHere("An exponent has too large a denominator.")
            power = int(c * ROOTS)
            found = boxed(found * each(lambda a, k=power: self.unit(a, k), share)) % PRIME
        return boxed(found)

    def variable_power(self, base: Array, term: Term, value: Array, known: Mapping[Term, Array]) -> Array:
        """b^(Σ k a + c) = b^c Π u(b, a)^k."""
        found = np.full(value.shape, 1, dtype=object)
        for c, share in self.shares(term, value, known):
            if c.denominator > 16:
                raise NotHere("An exponent has too large a denominator.")
            power = int(c * ROOTS)
            whole = c.numerator if c.denominator == 1 else None

            def one(b: int, a: int, k: int = power, e: int | None = whole) -> int:
                if a % PRIME == 1 and e is not None:
                    return raised(b, e)
                return pow(self.random_at("power", b % PRIME, a % PRIME), k, PRIME)

            found = boxed(found * each(one, base, share)) % PRIME
        return boxed(found)

    def shares(self, term: Term, value: Array, known: Mapping[Term, Array]) -> list[tuple[Fraction, Array]]:
        """The summands of a term with their coefficients, by value."""
        c = Fraction(content(term))
        inside = _only_factor(term) if isinstance(term, Product) else term
        if isinstance(inside, Sum):
            return [(c * Fraction(w) if inside is not term else Fraction(w), known[part]) for w, part in inside.terms]
        return [(c, boxed(value * inverse(self.number(c)) % PRIME))] if c else []

    def unit(self, value: int, power: int) -> int:
        """A power of the random unit of a value; exp(0) = 1."""
        return pow(self.random_at("exp", value % PRIME), power, PRIME) if value % PRIME else 1

    def odd(self, name: str, value: int) -> int:
        """A random odd function."""
        value %= PRIME
        if value == 0:
            return 0
        return self.random_at(name, value) if 2 * value < PRIME else PRIME - self.random_at(name, PRIME - value)

    def positive(self, value: int) -> int:
        """1 or 0 at random, 0 for 0, and for −v what v has not."""
        value %= PRIME
        if value == 0:
            return 0
        side = self.random_at("side", min(value, PRIME - value)) & 1
        return side if 2 * value < PRIME else 1 - side

    def logarithm(self, value: int) -> int:
        """A random function with log 1 = 0. Raises NotHere at 0."""
        if value % PRIME == 0:
            raise NotHere("The logarithm of zero.")
        return 0 if value % PRIME == 1 else self.random_at("log", value % PRIME)

    def mapped(self, term: Map, values: list[Array], known: Mapping[Term, Array]) -> Array:
        """Functions of exponential type by units, comparisons by random sides, others by random values."""
        head, x = term.head, values[0]
        if head in STEPS:
            side = each(self.positive, x)
            signs = boxed(2 * side - each(lambda v: int(v % PRIME != 0), x))
            return self.reduced({"step": side, "sign": signs, "relu": x * side, "abs": x * signs}[head])
        if head in ("maximum", "minimum"):
            gap = boxed((x - values[1]) % PRIME)
            side = each(self.positive, gap)
            return self.reduced(values[1] + gap * side if head == "maximum" else x - gap * side)
        if head == "where":
            return each(lambda c, a, b: a if c % PRIME else b, *values)
        if head == "iszero":
            return each(lambda v: int(v % PRIME == 0), x)
        if head == "log":
            return each(self.logarithm, x)
        if head in ("erf", "normal_cdf"):
            half = inverse(2)
            if head == "erf":
                return each(lambda v: self.odd("erf", v), x)
            scale = inverse(root(2))
            return each(lambda v: (1 + self.odd("erf", v * scale)) * half % PRIME, x)
        if head == "normal_pdf":
            scale = inverse(root(2 * self.pi))
            return each(lambda v: self.unit(v * v, -ROOTS // 2) * scale % PRIME, x)
        if head in EXPONENTIAL:
            return self.of_exponential(head, self.exponential(term.children[0], x, known), values)
        if head == "power":
            return self.variable_power(x, term.children[1], values[1], known)
        return each(lambda *v: self.random_at(head, *(a % PRIME for a in v)), *values)

    def of_exponential(self, head: str, e: Array, values: list[Array]) -> Array:
        """Functions that are rational in e^x, and log(1 + e^x)."""
        half = inverse(2)
        if head == "exp":
            return e
        if head == "softplus":
            return each(lambda u: self.logarithm(1 + u), e)
        if head == "elu":
            return each(lambda x, a, u: x if self.positive(x) else a * (u - 1) % PRIME, values[0], values[1], e)
        table = {
            "sigmoid": lambda u: u * inverse(1 + u),
            "tanh": lambda u: (u * u - 1) * inverse(u * u + 1),
            "sinh": lambda u: (u - inverse(u)) * half,
            "cosh": lambda u: (u + inverse(u)) * half,
        }
        return self.reduced(each(table[head], e))

    def operated(self, term: Special, values: list[Array], known: Mapping[Term, Array]) -> Array:
        """Inverses and determinants by elimination, softmax by units. Raises NotHere for what needs an order."""
        x, last = values[0], tuple(range(-term.axes, 0))
        if term.operation in ("inverse", "det"):
            return each(int, operated(self, term, [each(Residue, x)]))
        if term.operation == "stop":
            return x
        if term.operation == "logdet":
            from .numbers import determinant

            det = by_matrix(each(Residue, x), lambda m: boxed(determinant(m)))
            return each(lambda d: self.logarithm(min(int(d), PRIME - int(d))), det)
        if term.operation in ("softmax", "logsumexp"):
            e = self.exponential(term.children[0], x, known)
            if term.operation == "logsumexp":
                return each(self.logarithm, boxed(e.sum(axis=last)))
            return self.reduced(boxed(e * each(inverse, boxed(e.sum(axis=last, keepdims=True)))))
        if term.operation in ("standardize", "deviation"):
            centred, variance = spread(each(Residue, x), last)
            sigma = each(lambda v, e: root(int(v) + e), *np.broadcast_arrays(variance, values[1]))
            if term.operation == "deviation":
                return boxed(sigma.reshape(x.shape[: x.ndim - term.axes]))
            return self.reduced(each(int, centred) * each(inverse, sigma))
        raise NotHere(f"{term.operation} has no value modulo a prime.")


def _only_factor(term: Product) -> Term | None:
    """The array of which a product is a multiple, axes in order; None if it is more than that."""
    if len(term.factors) == 1 and term.factors[0][1:] == (tuple(range(term.order)), 1) and not term.summed:
        return term.factors[0][0]
    return None


EXPONENTIAL = ("exp", "sigmoid", "tanh", "sinh", "cosh", "softplus", "elu")


def raised(value: int, exponent: int) -> int:
    """A whole power. Raises NotHere at a pole."""
    return pow(value if exponent >= 0 else inverse(value), abs(exponent), PRIME)


def root(value: int) -> int:
    """The square root that is a square itself, so that roots of products are products of roots. Raises NotHere."""
    found = pow(value, (PRIME + 1) // 4, PRIME)
    if found * found % PRIME != value % PRIME:
        raise NotHere("This number has no square root modulo the prime.")
    return found


__all__ = ["PRIME", "Modular"]
