"""Central differences of the loss with fifty digits: the true number at one entry, by no rule of differentiation."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ...derive import Derivation
from ...errors import SymbackpropError
from ...tensor.evaluate import Array
from ...tensor.numbers import decimals
from ...tensor.terms import Symbol
from ..target import Target
from .digits import Digits
from .points import Point

AGREES = 1e-6  # a difference that is not the true number is of something else, and is not shown

Place = tuple[int, ...]
Shift = tuple[str, Place, Any]


class Moved:
    """A node's value where entries of symbols and nodes are shifted."""

    def __init__(self, derivation: Derivation, digits: Digits, point: Point) -> None:
        self.derivation, self.digits, self.point = derivation, digits, point

    def symbol(self, name: str) -> Symbol:
        """The symbol or node of that name."""
        model = self.derivation.model
        return model.equations[name].symbol if name in model.equations else model.declarations[name].term

    def value(self, of: str, *shifts: Shift) -> Array:
        """The value of a node after shifts (name, entry, by how much); shifted nodes are not computed anew."""
        arrays: dict[str, Array] = {name: self.point.arrays[name] for name in self.digits.declared}
        known = self.digits.at(self.point)
        for name, place, change in shifts:
            if name not in arrays or arrays[name].dtype != object:
                arrays[name] = known.value(self.symbol(name)).copy()
            arrays[name][place] = arrays[name][place] + change
        evaluation = self.digits.moved(arrays, self.point, *(self.symbol(name) for name, _, _ in shifts))
        return evaluation.value(self.symbol(of))


def difference(
    target: Target, point: Point, digits: Digits, derivation: Derivation, entry: Place, shape: Place, true: float
) -> float | None:
    """The central difference that belongs to an entry of what is claimed; None where there is none."""
    moved = Moved(derivation, digits, point)
    step = decimals().context.mpf(10) ** -12
    of = target.of or derivation.model.loss
    try:
        for candidate in _candidates(target, point, entry, shape):
            found: Any
            if target.operation == "hessian":
                (p, q), (i, j) = target.names, candidate
                corners = [
                    moved.value(of, (p, i, a * step), (q, j, b * step))[()]
                    for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))
                ]
                found = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * step * step)
            else:
                of_entry: Place = candidate[0] if target.operation == "jacobian" else ()
                node = target.names[0] if target.operation == "jacobian" else of
                name, place = target.names[-1], candidate[-1]
                up, down = (moved.value(node, (name, place, sign * step))[of_entry] for sign in (1, -1))
                found = (up - down) / (2 * step)
            value = float(found)
            if abs(value - true) <= AGREES * max(1.0, abs(true)):
                return float(f"{value:.6g}")
    except (SymbackpropError, KeyError, IndexError, ValueError):
        return None
    return None


def _candidates(target: Target, point: Point, entry: Place, shape: Place) -> list[tuple[Place, ...]]:
    """The entries of the variables that an entry of the claim may stand for: as they are, or vec'ed either way."""
    if target.operation not in ("gradient", "jacobian", "hessian"):
        return []
    shapes = [point.arrays[name].shape for name in target.names]
    if sum(shapes, ()) == shape:
        found, start = [], 0
        for own in shapes:
            found.append(entry[start : start + len(own)])
            start += len(own)
        return [tuple(found)]
    if len(shapes) == 2 and shape == tuple(map(prod, shapes)):
        return [
            tuple(
                tuple(int(x) for x in np.unravel_index(k, own, order=order))
                for k, own in zip(entry, shapes, strict=True)
            )
            for order in ("F", "C")
        ]
    return []
