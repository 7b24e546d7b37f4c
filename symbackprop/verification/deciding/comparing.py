"""Two terms at one point after the other: where both are defined, whether they differ, and still with fifty digits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...tensor.evaluate import Array
from ...tensor.evaluate_exact import NotHere, TooLarge
from ...tensor.terms import Symbol, Term
from .conventions import is_near, kinks
from .digits import Digits, Gap, places
from .points import Point, Points, Shape

CLOSE = 1e-9  # relative to the largest entry: equal as far as float64 tells
FIRST: tuple[Shape, ...] = ("different", "different", "equal")
FAR, STABLE = 1e-6, 1e-3  # a difference that float64 alone shows is larger than this, and stays the same to this
MORE = 12  # points behind an equality that is not proved
TRIES = 24  # draws for these, where a claim is not defined at some


@dataclass(frozen=True, slots=True)
class Compared:
    """What was seen at one point: `same`, `other` with the gap, or why it does not count."""

    point: Point
    seen: Literal["same", "other", "undefined", "kink", "rounding"]
    gap: Gap | None = None
    finite: bool = True


class Comparison:
    """One pair of terms."""

    def __init__(self, claimed: Term, true: Term, extra: Mapping[Symbol, Term], points: Points, digits: Digits) -> None:
        self.claimed, self.true, self.extra = claimed, true, extra
        self.points, self.digits = points, digits
        self.needs = kinks(claimed)

    def places(self) -> Iterator[Point]:
        """The points, in order: first two of different sizes and one of equal ones, then more of each."""
        counts: dict[Shape, int] = {"different": 0, "equal": 0}
        for number in range(TRIES):
            shape: Shape = FIRST[number] if number < len(FIRST) else ("different", "equal")[number % 2]
            point = self.points.at(counts[shape], shape)
            counts[shape] += 1
            if point is not None:
                yield point

    def values(self, point: Point) -> tuple[Array, Array]:
        """Both sides in float64."""
        return point.value(self.claimed, self.extra), point.value(self.true, self.extra)

    def at(self, point: Point) -> Compared:
        """What is seen at a point. Raises ValueProblem."""
        one, other = self.values(point)
        if not np.all(np.isfinite(other)):
            return Compared(point, "undefined", finite=False)
        defined = np.isfinite(one)
        if self.needs and is_near(self.needs, point, self.extra):
            return Compared(point, "kink")
        error, _ = furthest(np.where(defined, one, 0.0), np.where(defined, other, 0.0))
        whole = bool(np.all(defined))
        if error < CLOSE:
            return Compared(point, "same" if whole else "undefined", finite=whole)
        try:
            gap = self.digits.gap(self.claimed, self.true, point, self.extra, (one, other))
        except NotHere:
            return Compared(point, "undefined", finite=False)
        except TooLarge:
            return self.shaken(point, one, other)
        if gap.equal:
            return Compared(point, "same" if gap.finite else "rounding", finite=gap.finite)
        return Compared(point, "other", gap, gap.finite)

    def shaken(self, point: Point, one: Array, other: Array) -> Compared:
        """What is too large for fifty digits: a difference counts if it stays when the last digits change."""
        error, entry = furthest(one, other)
        again = self.values(self.points.shaken(point))
        before, after = (float(x[entry] - y[entry]) for x, y in ((one, other), again))
        if error > FAR and abs(before - after) <= STABLE * abs(before):
            scale = float(max(np.abs(one).max(), np.abs(other).max()))
            gap = Gap(places(abs(before)), places(scale), entry, float(one[entry]), float(other[entry]), True)
            return Compared(point, "other", gap)
        return Compared(point, "rounding")

    def sharply(self, point: Point) -> Compared | None:
        """The same with fifty digits whatever float64 sees; None where that takes too long."""
        try:
            gap = self.digits.gap(self.claimed, self.true, point, self.extra)
        except (NotHere, TooLarge):
            return None
        return Compared(point, "same" if gap.equal else "other", gap, gap.finite)


def furthest(one: Array, other: Array) -> tuple[float, tuple[int, ...]]:
    """The largest difference relative to the largest entry, and where it is; not a number counts as a difference."""
    if not one.size:
        return 0.0, ()
    scale = max(float(np.abs(one).max()), float(np.abs(other).max()))
    with np.errstate(all="ignore"):
        gap = np.abs(one - other)
    place = int(gap.argmax())
    largest = float(gap.flat[place])
    entry = tuple(int(k) for k in np.unravel_index(place, gap.shape))
    return (largest / scale if scale else 0.0), entry


__all__ = ["CLOSE", "FIRST", "MORE", "Compared", "Comparison", "furthest"]
