"""Random numbers for a network: sizes that all differ, values that obey what is declared, away from kinks and poles.

Only `random.Random.random` is used, whose sequence Python promises to keep: a seed means the same numbers everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from random import Random
from typing import Any

import numpy as np

from .graph import Graph
from .network import Declaration, Model
from .requirements import Requirement, requirements
from .tensor.evaluate import Array, evaluate
from .tensor.size import Size

TRIES = 60  # for each range of values
RANGES = ((-1.3, 1.3), (0.2, 1.5), (-0.4, 0.4), (0.05, 0.6))
ENOUGH = 0.02  # how far from kinks and poles a draw is accepted at once
LEAST = 1e-4  # and at worst
DIFFERENT = 8  # so many sizes all differ; more may coincide
LARGEST_ARRAY = 2_000_000  # entries


@dataclass(frozen=True, slots=True)
class Draw:
    """Values of every declared symbol and node; `margin`: how far the nearest kink or pole is."""

    sizes: Mapping[str, int]
    arrays: Mapping[str, Array]
    margin: float


class Drawer:
    """Draws numbers for one network from one seed."""

    def __init__(self, model: Model, graph: Graph, seed: int) -> None:
        self.model, self.graph = model, graph
        self.random = Random(seed)  # noqa: S311  # not for secrets
        self.needs = list(requirements(model, graph))

    def draw(self) -> Draw | None:
        """Numbers at which everything is defined and no kink is near; None if none were found."""
        best: Draw | None = None
        for low, high in RANGES:
            for _ in range(TRIES):
                sizes = self.sizes()
                if sizes is None:
                    return None
                found = self.attempt(sizes, low, high)
                if found is not None and (best is None or found.margin > best.margin):
                    best = found
                if best is not None and best.margin >= ENOUGH:
                    return best
        return best if best is not None and best.margin >= LEAST else None

    def attempt(self, sizes: Mapping[str, int], low: float, high: float) -> Draw | None:
        """One draw; None if a value is not finite or something is not defined."""
        arrays: dict[str, Array] = {}
        taken: dict[Size, list[int]] = {}
        for declared in self.model.declarations.values():
            value = self.value(declared, sizes, low, high, taken)
            if value is None:
                return None
            arrays[declared.name] = value
        for name in self.graph.order:
            arrays[name] = evaluate(self.model.equations[name].term, arrays, sizes)
            if name in self.graph.used and not np.all(np.isfinite(arrays[name])):
                return None
        margins = [self.margin(need, arrays, sizes) for need in self.needs]
        margin = min(margins, default=1.0)
        return Draw(dict(sizes), arrays, margin) if margin > 0 else None

    # ------------------------------------------------------------------ sizes

    def sizes(self) -> dict[str, int] | None:
        """Numbers for all size names, different ones as far as that is sensible; None if no numbers fit."""
        names = self.model.size_names()
        for attempt in range(TRIES):
            reach = len(names) + 2 + attempt // 8
            if len(names) <= DIFFERENT:
                pool = self.shuffled(range(2, 2 + reach))
                found = dict(zip(names, pool, strict=False))
            else:
                found = {name: 2 + self.below(4) for name in names}
            if len(found) == len(names) and self.fits(found):
                return found
        return None

    def fits(self, sizes: Mapping[str, int]) -> bool:
        """True if every shape has at least one entry, none is huge, and indices find enough different values."""
        shapes = [d.sizes for d in self.model.declarations.values()]
        shapes += [e.term.sizes for e in self.model.equations.values()]
        for shape in shapes:
            lengths = [s.value(sizes) for s in shape]
            if min(lengths, default=1) < 1 or prod(lengths) > LARGEST_ARRAY:
                return False
        wanted: dict[Size, int] = {}
        for d in self.model.declarations.values():
            if d.facts.of is not None and not d.facts.repeat:
                wanted[d.facts.of] = wanted.get(d.facts.of, 0) + prod(s.value(sizes) for s in d.sizes)
        ranges = [d.facts.of.value(sizes) for d in self.model.declarations.values() if d.facts.of is not None]
        return min(ranges, default=1) >= 1 and all(of.value(sizes) >= count for of, count in wanted.items())

    # ------------------------------------------------------------------ values

    def value(
        self, declared: Declaration, sizes: Mapping[str, int], low: float, high: float, taken: dict[Size, list[int]]
    ) -> Array | None:
        """A value that obeys the declared facts; None where those leave none."""
        shape = tuple(s.value(sizes) for s in declared.sizes)
        facts = declared.facts
        if facts.of is not None:
            return self.index(declared, shape, sizes, taken)
        if facts.onehot:
            return self.onehot(shape)
        if facts.values is not None:
            choices = [float(v) for v in facts.values]
            return self.filled(shape, lambda: choices[self.below(len(choices))])
        if facts.simplex:
            weights = self.filled(shape, lambda: 0.2 + self.random.random())
            return np.asarray(weights / weights.sum(axis=-1, keepdims=True))
        if facts.positive:
            low, high = 0.3, 1.7
        array = self.filled(shape, lambda: low + (high - low) * self.random.random())
        if facts.symmetric or facts.positive_definite:
            array = (array + np.swapaxes(array, -1, -2)) / 2
        if facts.positive_definite:
            return np.asarray(array @ np.swapaxes(array, -1, -2) + np.eye(shape[-1]))
        if facts.invertible:
            array = array + 2 * np.eye(shape[-1])
        return np.asarray(array)

    def index(
        self, declared: Declaration, shape: tuple[int, ...], sizes: Mapping[str, int], taken: dict[Size, list[int]]
    ) -> Array | None:
        """Integers from 0; without `repeat`, none that another index of this range has."""
        of = declared.facts.of
        assert of is not None
        count, length = prod(shape), of.value(sizes)
        if declared.facts.repeat:
            return self.filled(shape, lambda: self.below(length))
        used = taken.setdefault(of, [])
        free = self.shuffled(k for k in range(length) if k not in used)[:count]
        if len(free) < count:
            return None
        used.extend(free)
        return np.array(free, dtype=float).reshape(shape)

    def onehot(self, shape: tuple[int, ...]) -> Array:
        """A single 1 along the last axis."""
        rows = [self.below(shape[-1]) for _ in range(prod(shape[:-1]))]
        return np.eye(shape[-1])[rows].reshape(shape)

    def filled(self, shape: tuple[int, ...], entry: Any) -> Array:
        """An array of that shape, entry by entry."""
        return np.array([entry() for _ in range(prod(shape))], dtype=float).reshape(shape)

    def below(self, stop: int) -> int:
        """An integer in range(stop)."""
        return int(self.random.random() * stop)

    def shuffled(self, items: Iterator[int] | range) -> list[int]:
        """The items in random order."""
        keyed = [(self.random.random(), item) for item in items]
        return [item for _, item in sorted(keyed)]

    # ------------------------------------------------------------------ distance from trouble

    def margin(self, need: Requirement, arrays: Mapping[str, Array], sizes: Mapping[str, int]) -> float:
        """How far an argument is from where it must not be; 0 or less if it is there."""
        value = evaluate(need.term, arrays, sizes)
        if not np.all(np.isfinite(value)):
            return -1.0
        if need.kind == "positive":
            return float(value.min(initial=1.0))
        if need.kind == "within":
            return float((1 - np.abs(value)).min(initial=1.0))
        if need.kind == "above one":
            return float((value - 1).min(initial=1.0))
        if need.kind == "invertible":
            return float(1.0 / np.linalg.cond(value).max(initial=1.0))
        if need.kind == "argmax":
            flat = np.sort(value.reshape(*value.shape[: value.ndim - need.axes], -1), axis=-1)
            return float((flat[..., -1] - flat[..., -2]).min(initial=1.0)) if flat.shape[-1] > 1 else 1.0
        distance = np.abs(value - np.round(value)) if need.because == "floor" else np.abs(value)
        return float(distance.min(initial=1.0))
