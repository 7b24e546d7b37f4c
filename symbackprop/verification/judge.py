"""Whether two terms are equal at all numbers that a network allows: proven, refuted at a point, or left open."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np

from ..derive import Derivation, gradient_symbol
from ..draws import Draw
from ..errors import SymbackpropError
from ..tensor.equal import same
from ..tensor.evaluate import Array
from ..tensor.terms import Symbol, Term
from .deciding.points import Point, Points, Shape
from .target import Target
from .verdict import Counterexample

NOTHING: Mapping[Symbol, Term] = MappingProxyType({})
CLOSE = 1e-9
TRIED: tuple[tuple[Shape, int], ...] = (("different", 0), ("different", 1), ("equal", 0))


@dataclass(frozen=True, slots=True)
class Decision:
    """What is known of a pair of terms.

    `proof` of an equality; `reason` in one sentence; `points` of evaluation behind it; `witness` a draw at which the
    terms differ, most in the `entry`.
    """

    status: Literal["equal", "different", "undecided"]
    proof: Literal["symbolic", "numeric"] | None
    reason: str
    points: int = 0
    witness: Draw | None = None
    entry: tuple[int, ...] | None = None


class Judge:
    """Decides about one network; its draws are made once."""

    def __init__(self, derivation: Derivation, seed: int = 0) -> None:
        self.derivation = derivation
        self.points = Points(derivation, seed)

    def decide(self, claimed: Term, true: Term, extra: Mapping[Symbol, Term] = NOTHING) -> Decision:
        """Whether the terms are equal wherever both are defined; `extra` says what further symbols stand for."""
        if claimed.sizes != true.sizes:
            return Decision("different", None, "The shapes differ.")
        known = self._definitions(extra)
        count = 0
        for shape, number in TRIED:
            point = self.points.at(number, shape)
            if point is None:
                continue
            one, other = point.value(claimed, extra), point.value(true, extra)
            error, entry = furthest(one, other)
            if not error < CLOSE:
                reason = "The formulas differ at random numbers."
                return Decision("different", None, reason, 1, point.draw, entry)
            count += 1
        if same(claimed, true, known, self.derivation.closer.facts_of):
            return Decision("equal", "symbolic", "Both sides have one expanded form.", count)
        if count:
            return Decision("equal", "numeric", f"Both sides agree at {count} random points.", count)
        return Decision("undecided", None, "No numbers were found at which the network is defined.")

    def agrees(
        self,
        claimed: Term,
        true: Term,
        extra: Mapping[Symbol, Term] = NOTHING,
        *,
        scale: Term | None = None,
        sizes: Mapping[str, int] | None = None,
        symmetric: Collection[str] = (),
        reshaped: bool = False,
        transposed: bool = False,
    ) -> bool:
        """Whether claimed = scale · true at several draws, in float64.

        `sizes` fixes some size names, `symmetric` names square symbols that are drawn symmetric; `reshaped` compares
        entries in order where shapes differ by axes of length 1 only, `transposed` reverses the claim's axes. What has
        no finite value does not agree.
        """
        compared = 0
        for shape, number in TRIED:
            point = self.points.at(number, shape, sizes, frozenset(symmetric))
            if point is None:
                continue
            try:
                one, other = point.value(claimed, extra), point.value(true, extra)
                if scale is not None:
                    other = other * point.value(scale, extra)
            except SymbackpropError:
                return False
            one = one.T if transposed else one
            if reshaped:
                one, other = (x.reshape([n for n in x.shape if n != 1]) for x in (one, other))
            if one.shape != other.shape or not (np.all(np.isfinite(one)) and np.all(np.isfinite(other))):
                return False
            if not furthest(one, other)[0] < CLOSE:
                return False
            compared += 1
        return compared > 0

    def values(self, term: Term, draw_number: int, extra: Mapping[Symbol, Term] = NOTHING) -> Array:
        """The value of a term at one of the draws. Raises ValueProblem."""
        from ..errors import ValueProblem

        point = self.points.at(draw_number)
        if point is None:
            raise ValueProblem("No numbers were found at which the network is defined.")
        return point.value(term, extra)

    def counterexample(
        self, claimed: Term, true: Term, target: Target, extra: Mapping[Symbol, Term] = NOTHING
    ) -> Counterexample | None:
        """A small counterexample."""
        for shape, number in TRIED:
            point = self.points.at(number, shape)
            if point is None:
                continue
            one, other = point.value(claimed, extra), point.value(true, extra)
            error, entry = furthest(one, other)
            if not error < CLOSE:
                values = {n: point.arrays[n].tolist() for n in self.derivation.model.declarations}
                return Counterexample(point.draw.sizes, values, entry, float(one[entry]), float(other[entry]))
        return None

    def _definitions(self, extra: Mapping[Symbol, Term]) -> dict[Symbol, Term]:
        derivation = self.derivation
        found: dict[Symbol, Term] = {e.symbol: e.term for e in derivation.model.equations.values()}
        found |= {gradient_symbol(n, t): t for n, t in derivation.recursive_terms.items()}
        return found | dict(extra)


def furthest(one: Array, other: Array) -> tuple[float, tuple[int, ...]]:
    """The largest difference relative to the largest entry, and where it is; not a number counts as a difference."""
    if not one.size:
        return 0.0, ()
    scale = max(float(np.abs(one).max()), float(np.abs(other).max()))
    gap = np.abs(one - other)
    gap = np.where(np.isnan(gap), np.inf, gap)
    entry = tuple(int(k) for k in np.unravel_index(int(gap.argmax()), gap.shape))
    return (float(gap[entry]) / scale if scale else 0.0), entry


__all__ = ["Decision", "Judge", "Point"]
