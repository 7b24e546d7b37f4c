"""Axes and curves in points: where ticks stand, what is written at them, how many points a curve needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, inf, isfinite, log10

from ..document import Plot, Series
from ..errors import ValueProblem

WIDTH, HEIGHT = 330.0, 170.0  # points, the area between the axes
MOST_POINTS = 240  # of a curve on paper; no eye sees more
MOST_TICKS = 7


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis and what stands there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A series as points, y downwards."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Axes:
    """A plot before it is written, in points from the upper left corner of the area."""

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    curves: tuple[Curve, ...]


def axes(plot: Plot) -> Axes:
    """The plot's geometry.

    Raises:
        ValueProblem: a series has as many x as y only if both were counted right, and some value must be finite.
    """
    kept = [_drawable(series, log_y=plot.log_y) for series in plot.series]
    xs = [x for pairs in kept for x, _ in pairs]
    ys = [y for pairs in kept for _, y in pairs]
    if not xs:
        raise ValueProblem(
            f"The plot {plot.title!r} has no finite point to draw.", remedy="Give it some, or leave it out."
        )
    x_low, x_high = _room(min(xs), max(xs))
    x_values = _steps(x_low, x_high)
    y_values = _decades(min(ys), max(ys)) if plot.log_y else _steps(*_room(min(ys), max(ys)))
    y_low, y_high = min(*y_values, *ys), max(*y_values, *ys)

    def across(x: float) -> float:
        return round(WIDTH * (x - x_low) / (x_high - x_low), 1)

    def down(y: float) -> float:
        return round(HEIGHT * (y_high - y) / (y_high - y_low), 1)

    curves = tuple(
        Curve(series.name, tuple((across(x), down(y)) for x, y in _thinned(pairs)))
        for series, pairs in zip(plot.series, kept, strict=True)
    )
    x_ticks = tuple(Tick(across(x), f"{x:g}") for x in x_values if x_low <= x <= x_high)
    y_ticks = tuple(Tick(down(y), f"{10**y if plot.log_y else y:g}") for y in y_values)
    return Axes(x_ticks, y_ticks, curves)


def _drawable(series: Series, *, log_y: bool) -> list[tuple[float, float]]:
    """The finite points, their y as logarithms on a logarithmic axis."""
    if len(series.x) != len(series.y):
        raise ValueProblem(
            f"The curve {series.name!r} has {len(series.x)} x and {len(series.y)} y.", remedy="Give equally many."
        )
    pairs = [(x, y) for x, y in zip(series.x, series.y, strict=True) if isfinite(x) and isfinite(y)]
    return [(x, log10(y)) for x, y in pairs if y > 0] if log_y else pairs


def _room(low: float, high: float) -> tuple[float, float]:
    """The same range, widened if it is a single value."""
    return (low, high) if low < high else (low - 0.5 * (abs(low) or 1.0), high + 0.5 * (abs(high) or 1.0))


def _steps(low: float, high: float) -> list[float]:
    """Round numbers from at most `low` to at least `high`, 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / (MOST_TICKS - 1)
    power = floor(log10(rough))
    step = next(m * 10.0**power for m in (1, 2, 5, 10) if m * 10.0**power >= rough * 0.999)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(k * step, 12 - min(power, 0)) for k in range(first, last + 1)]


def _decades(low: float, high: float) -> list[float]:
    """Logarithms of powers of ten around the range; with 2 and 5 between them if there are few."""
    first, last = floor(low + 1e-9), max(ceil(high - 1e-9), floor(low + 1e-9) + 1)
    if last - first > 2:
        apart = ceil((last - first) / (MOST_TICKS - 1))
        return [float(k) for k in range(first, last + apart, apart)]
    all_of = [k + log10(m) for k in range(first, last) for m in (1, 2, 5)] + [float(last)]
    below = max((v for v in all_of if v <= low + 1e-9), default=all_of[0])
    above = min((v for v in all_of if v >= high - 1e-9), default=all_of[-1])
    return [v for v in all_of if below <= v <= above]


def _thinned(pairs: list[tuple[float, float]]) -> Iterable[tuple[float, float]]:
    """Few enough points with the same outline: of each stretch the lowest and the highest."""
    if len(pairs) <= MOST_POINTS:
        yield from pairs
        return
    stretch = ceil(2 * len(pairs) / MOST_POINTS)
    for begin in range(0, len(pairs), stretch):
        part = pairs[begin : begin + stretch]
        low, high, lowest, highest = 0, 0, inf, -inf
        for k, (_, y) in enumerate(part):
            low, lowest = (k, y) if y < lowest else (low, lowest)
            high, highest = (k, y) if y > highest else (high, highest)
        yield from (part[k] for k in sorted({low, high}))
