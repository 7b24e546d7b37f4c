"""Differences with fifty digits: what float64 sees must survive there, and what is equal must be so to most of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf, log10, nan
from typing import Any

import numpy as np

from ...tensor.evaluate import Array
from ...tensor.evaluate_exact import Evaluation
from ...tensor.numbers import DIGITS, decimals
from ...tensor.terms import Symbol, Term
from .points import Point

AGREED = -32.0  # decimal places below the largest entry: equal, with fifty digits
STABLE = 4e-4  # of one place: a difference is one if it stays the same, to this, when it is computed with other digits
SECONDS = 3.0
KEPT = 4_000  # values of subterms kept at one point


@dataclass(frozen=True, slots=True)
class Gap:
    """The largest difference of two terms at a point, where it is, and both values there.

    `size` and `scale`, of the difference and of the largest entry of either, are decimal logarithms: no float holds all
    of them. `finite`: both are numbers in every entry; where they are not, entries are not compared.
    """

    size: float
    scale: float
    entry: tuple[int, ...]
    one: float
    other: float
    finite: bool

    @property
    def equal(self) -> bool:
        """True if there is no difference in the entries where both are defined."""
        return self.size == -inf or self.size <= AGREED + self.scale

    def stays(self, size: float) -> bool:
        """True if the difference is the same, computed otherwise."""
        return abs(size - self.size) <= STABLE


class Digits:
    """Evaluation with many digits at one point after the other; nodes and gradients are computed anew there."""

    def __init__(self, definitions: Mapping[Symbol, Term], declared: tuple[str, ...]) -> None:
        self.definitions = {symbol.name: term for symbol, term in definitions.items()}
        self.declared = declared

    def at(self, point: Point, digits: int = DIGITS, extra: Mapping[Symbol, Term] | None = None) -> Evaluation:
        """An evaluation there, with what earlier ones at this point have found."""
        if digits not in point.sharp:
            arrays = {name: point.arrays[name] for name in self.declared}
            point.sharp[digits] = Evaluation(decimals(digits), arrays, point.draw.sizes, self.definitions, SECONDS)
        known = point.sharp[digits]
        if len(known.done) > KEPT:
            known.done.clear()
        if not extra:
            return known
        definitions = self.definitions | {symbol.name: term for symbol, term in extra.items()}
        fresh = Evaluation(decimals(digits), known.arrays, known.sizes, definitions, SECONDS)
        fresh.done.update(known.done)
        return fresh

    def moved(self, arrays: Mapping[str, Array], point: Point, *fixed: Symbol) -> Evaluation:
        """An evaluation at other numbers of some symbols; nodes among them are not computed, but have these values."""
        held = {symbol.name for symbol in fixed}
        definitions = {name: term for name, term in self.definitions.items() if name not in held}
        return Evaluation(decimals(DIGITS), arrays, point.draw.sizes, definitions, SECONDS)

    def gap(
        self,
        claimed: Term,
        true: Term,
        point: Point,
        extra: Mapping[Symbol, Term] | None = None,
        seen: tuple[Array, Array] | None = None,
    ) -> Gap:
        """The difference that survives at a point; `seen`: the values in float64.

        Raises NotHere, TooLarge, KeyError for an unknown symbol.
        """
        found = self._gap(claimed, true, point, DIGITS, extra)
        if found.equal or (
            seen is not None and found.stays(places(abs(float(seen[0][found.entry]) - float(seen[1][found.entry]))))
        ):
            return found
        again = self._gap(claimed, true, point, 2 * DIGITS, extra)
        if again.equal or found.stays(again.size):
            return again
        return replace(again, size=-inf)  # it shrinks with every digit

    def _gap(self, claimed: Term, true: Term, point: Point, digits: int, extra: Mapping[Symbol, Term] | None) -> Gap:
        evaluation = self.at(point, digits, extra)
        return widest(evaluation.value(claimed), evaluation.value(true))


def widest(one: Array, other: Array) -> Gap:
    """The largest difference among entries where both are numbers."""
    largest: Any = 0
    scale: Any = 0
    entry: tuple[int, ...] = (0,) * one.ndim
    defined = 0
    for place in np.ndindex(one.shape):
        a, b = one[place], other[place]
        if not (_defined(a) and _defined(b)):
            continue
        if not defined or abs(a - b) > largest:
            largest, entry = abs(a - b), place
        defined += 1
        scale = max(scale, abs(a), abs(b))
    values = (float(one[entry]), float(other[entry])) if defined else (nan, nan)
    return Gap(places(largest), places(scale), entry, *values, defined == one.size)


def places(value: Any) -> float:
    """The decimal logarithm of a number that is not negative, of any size."""
    if not value:
        return -inf
    if isinstance(value, float):
        return log10(value) if value < inf else inf
    exact = decimals().context.mpf(value)
    return float(decimals().context.log10(exact))


def _defined(value: Any) -> bool:
    """True for a finite number."""
    return bool(value == value) and abs(value) != float("inf")


__all__ = ["Digits", "Gap", "places", "widest"]
