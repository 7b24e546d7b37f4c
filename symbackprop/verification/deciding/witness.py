"""Counterexamples that fit on paper: small sizes, small integers or one decimal, one entry, three numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from time import process_time
from typing import Any

import numpy as np

from ...derive import Derivation
from ...express.order import gradient_of
from ...graph import symbols_of
from ...network import Declaration
from ...tensor.evaluate import Array
from ...tensor.evaluate_exact import NotHere, TooLarge
from ...tensor.size import Size
from ...tensor.terms import Symbol, Term
from ..target import Target
from ..verdict import Counterexample
from .comparing import Comparison
from .differences import difference
from .points import Point, Points, SizedDrawer

CLEAR = 0.05  # the difference, relative to the larger of the two numbers
KINDS = ("integers",) * 16 + ("tenths",) * 24 + ("rounded",) * 12  # what is tried, in order
LEAST, MOST_SHOWN = 0.05, 1000  # numbers that are easy to read are between these
FAR_ENOUGH = 1e-3  # from kinks and poles
HOPELESS, FAINT = 10, 1e-4  # after so many points with a difference no larger than this there will be no clear one
LONGEST = 400  # entries of an array that is shown
SECONDS = 3.0  # for the search among small numbers
MOST = 3  # unclear points that are looked at again
SMALL = 3


class SmallDrawer(SizedDrawer):
    """Sizes at most 3 where they fit; values that are whole, or have one decimal, or two."""

    kind = "integers"

    def sizes(self) -> dict[str, int] | None:
        """Sizes of 2 and 3, then larger ones."""
        names = self.model.size_names()
        for most in (SMALL, SMALL, SMALL, 4, 5, 6, 8, 12):
            for _ in range(4):
                pool = self.shuffled(range(2, most + 1))
                found = {name: pool[k % len(pool)] for k, name in enumerate(names)}
                if self.fits(found):
                    return found
        return super().sizes()

    def value(
        self, declared: Declaration, sizes: Mapping[str, int], low: float, high: float, taken: dict[Size, list[int]]
    ) -> Array | None:
        """A value that obeys the facts, in few digits."""
        facts = declared.facts
        found = super().value(declared, sizes, low, high, taken)
        if found is None or facts.onehot or facts.of is not None or facts.values is not None:
            return found
        if facts.simplex:
            weights = self.filled(found.shape, lambda: 1 + self.below(3))
            return np.asarray(eighths(weights))
        step = {"integers": 1.0, "tenths": 0.1, "rounded": 0.01}[self.kind]
        if facts.positive_definite or facts.symmetric:
            square = self.filled(found.shape, lambda: float(self.below(3) - 1))
            if facts.positive_definite:
                return np.asarray(square @ np.swapaxes(square, -1, -2) + np.eye(found.shape[-1]))
            return np.triu(square) + np.swapaxes(np.triu(square, 1), -1, -2)
        if self.kind == "integers":
            return self.filled(found.shape, lambda: float(1 + self.below(3) if facts.positive else self.whole()))
        found = np.round(found / step) * step
        return np.round(np.where(found == 0, step, found), 2)

    def whole(self) -> int:
        """One of −2, −1, 1, 2, and 3 at times."""
        return (-2, -1, 1, 2, 3, 1, -1)[self.below(7)]


def eighths(weights: Array) -> Array:
    """Weights along the last axis in proportion to these, as multiples of 1/16 that sum to 1 exactly."""
    share = np.maximum(1, np.round(16 * weights / weights.sum(axis=-1, keepdims=True)))
    share[..., -1] = 16 - share[..., :-1].sum(axis=-1)
    return np.asarray(share / 16)


class SmallPoints:
    """Points at small numbers, the same ones for every claim about a network."""

    def __init__(self, derivation: Derivation, points: Points, seed: int) -> None:
        self.points = points
        self.drawer = SmallDrawer(derivation.model, derivation, 31 * seed + 7, "small")
        self.found: list[Point | None] = []

    def __iter__(self) -> Iterator[Point]:
        """The points: whole numbers first, then one decimal, then two."""
        for number in range(len(KINDS)):
            if number == len(self.found):
                self.found.append(self.drawn(KINDS[number], number))
            point = self.found[number]
            if point is not None:
                yield point

    def drawn(self, kind: str, number: int) -> Point | None:
        """One more point; None if nothing is defined there, or a kink is near."""
        drawer = self.drawer
        drawer.kind = kind
        drawer.turn = number
        sizes = drawer.sizes()
        low, high = (-1.5, 1.5) if number % 2 == 0 else (0.2, 2.0)
        draw = None if sizes is None else drawer.attempt(sizes, low, high)
        return None if draw is None or draw.margin < FAR_ENOUGH else self.points.point(draw)


class Witnesses:
    """The search for one claim."""

    def __init__(self, pair: Comparison, target: Target, small: SmallPoints) -> None:
        self.pair, self.target, self.small = pair, target, small
        self.derivation: Derivation = pair.points.derivation

    def smallest(self) -> Counterexample | None:
        """The first clear difference at small numbers; else the clearest, there or at the points of the decision."""
        unclear: list[tuple[float, int, Point]] = []
        until = process_time() + SECONDS
        for number, point in enumerate(self.small):
            if process_time() > until:
                break
            size = self.seen(point)
            if size >= CLEAR:
                found = self.at(point)
                if found is not None:
                    return found
            elif size > 0:
                unclear.append((-size, number, point))
            if number > HOPELESS and all(-size < FAINT for size, _, _ in unclear):
                break
        for _, _, point in sorted(unclear, key=lambda item: item[:2])[:MOST]:
            found = self.at(point)
            if found is not None:
                return found
        for point in self.pair.places():
            found = self.at(point) if self.seen(point) > 0 else None
            if found is not None:
                return found
        return None

    def seen(self, point: Point) -> float:
        """How clear the difference is in float64; 0 where something is not defined."""
        one, other = self.pair.values(point)
        if not (one.size and np.all(np.isfinite(one)) and np.all(np.isfinite(other))):
            return 0.0
        entry = clearest(one, other)
        larger = max(abs(float(one[entry])), abs(float(other[entry])))
        if not larger:
            return 0.0
        size = abs(float(one[entry]) - float(other[entry])) / larger
        return size if LEAST <= larger < MOST_SHOWN else min(size, CLEAR / 2)

    def at(self, point: Point) -> Counterexample | None:
        """The counterexample at a point, if the difference survives there."""
        if self.pair.at(point).seen != "other":
            return None
        one, other = self.pair.values(point)
        entry = clearest(one, other)
        try:
            evaluation = self.pair.digits.at(point, extra=self.pair.extra)
            one, other = evaluation.value(self.pair.claimed), evaluation.value(self.pair.true)
        except (NotHere, TooLarge):
            pass  # the numbers of float64 will do
        true = float(other[entry])
        slope = difference(self.target, point, self.pair.digits, self.derivation, entry, other.shape, true)
        numbers = rounded(float(one[entry])), rounded(true)
        return Counterexample(dict(point.draw.sizes), self.values(point), entry, *numbers, slope)

    def values(self, point: Point) -> dict[str, Any]:
        """The declared symbols that matter, and the nodes and gradients that the claim takes as given."""
        model, graph = self.derivation.model, self.derivation.graph
        mentioned = mentions(self.pair.claimed, self.pair.extra)
        of = (self.target.of,) if self.target.of is not None else ()
        roots = [n for n in (*self.target.names, *of) if n in model.equations or n in model.declarations]
        given = [gradient_of(name) for name in mentioned]
        needs_loss = self.target.operation in ("gradient", "hessian", "other") or any(given)
        roots += [model.loss] if needs_loss and not of else []
        roots += [name for name in mentioned if name in model.equations or name in model.declarations]
        matter = graph.ancestors(roots)
        found: dict[str, Any] = {}
        for name, declared in model.declarations.items():
            if name in matter and name in point.arrays and point.arrays[name].size <= LONGEST:
                value = point.arrays[name]
                found[name] = plain(value.astype(int) if declared.role == "index" else value)
        for name in mentioned:
            node = gradient_of(name)
            if name in point.arrays and point.arrays[name].size > LONGEST:
                continue
            if node is not None and name in point.arrays and node != model.loss:
                found[f"grad({node})"] = plain(point.arrays[name])
            elif name in model.equations:
                found[name] = plain(point.arrays[name])
        return found


def clearest(one: Array, other: Array) -> tuple[int, ...]:
    """The first entry whose difference is at least half the largest."""
    gap = np.abs(one - other)
    place = int(np.argmax(gap >= 0.5 * gap.max()))
    return tuple(int(k) for k in np.unravel_index(place, gap.shape))


def mentions(term: Term, extra: Mapping[Symbol, Term]) -> list[str]:
    """The names in a term, those of its definitions in place of what they define."""
    meanings = {symbol.name: meaning for symbol, meaning in extra.items()}
    found: dict[str, None] = {}
    seen: set[str] = set()
    stack = list(symbols_of(term))
    while stack:
        name = stack.pop(0)
        if name in seen:
            continue
        seen.add(name)
        if name in meanings:
            stack.extend(symbols_of(meanings[name]))
        else:
            found[name] = None
    return list(found)


def plain(array: Array) -> Any:
    """Numbers or nested lists, in six digits; whole numbers are whole."""
    if array.ndim:
        return [plain(part) for part in array]
    return rounded(float(array))


def rounded(value: float) -> Any:
    """The number in six significant digits."""
    short = float(f"{value:.6g}")
    return int(short) if short == int(short) and abs(short) < 1e15 else short


__all__ = ["SmallPoints", "Witnesses"]
