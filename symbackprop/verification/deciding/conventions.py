"""Where a claim's own functions have kinks: whether a point is too near one, and what the claim says on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from ...errors import SymbackpropError
from ...requirements import BY_CONVENTION, Requirement, asked_by
from ...tensor.evaluate import Array
from ...tensor.normal import content, scaled, summands, unit
from ...tensor.terms import Map, Product, Sum, Symbol, Term
from .digits import Digits, widest
from .points import Point

NEAR = 1e-7  # an argument so near its kink has the side that rounding gives it, unless it is 0 exactly

DEEP = 8  # functions one inside the other
ZERO_AT_ZERO = ("relu", "abs", "sign", "step", "tanh", "sin", "sinh", "asinh", "atan", "erf")


def kinks(term: Term) -> list[Requirement]:
    """What the term asks of its arguments by convention: kinks, jumps, ties."""
    found: dict[tuple[str, Term], Requirement] = {}
    for need in asked_by(term):
        if need.kind in BY_CONVENTION:
            found.setdefault((need.kind, need.term), need)
    return list(found.values())


def is_near(needs: list[Requirement], point: Point, extra: Mapping[Symbol, Term]) -> bool:
    """True if rounding decides at this point on which side of a kink an argument is."""
    for need in needs:
        value = np.nan_to_num(point.value(need.term, extra), posinf=1.0, neginf=-1.0, nan=1.0)
        if need.kind == "argmax":
            flat = np.sort(value.reshape(*value.shape[: value.ndim - need.axes], -1), axis=-1)
            value = flat[..., -1:] - flat[..., -2:-1]
        elif need.because == "floor":
            value = value - np.round(value)
        distance = np.abs(value)
        if np.any((distance > 0) & (distance < NEAR)):
            return True
    return False


def departs(claimed: Term, true: Term, digits: Digits, point: Point) -> str | None:
    """At which kink two terms that are equal elsewhere differ, such as `z_1 = 0`; None if none is found."""
    for need in kinks(claimed):
        if need.kind == "argmax":
            continue
        argument = _inside(need.term, digits)
        for symbol, value in _onto(argument, point):
            arrays = {name: point.arrays[name] for name in digits.declared} | {symbol.name: value}
            evaluation = digits.moved(arrays, point, symbol)
            try:
                if np.any(evaluation.value(need.term) != 0):
                    continue
                gap = widest(evaluation.value(claimed), evaluation.value(true))
            except (SymbackpropError, KeyError):
                continue
            if not gap.equal:
                from ...tensor.show import show

                return f"{show(unit(need.term))} = 0"
            break
    return None


def _inside(term: Term, digits: Digits) -> Term:
    """What is zero where the term is: the argument of the function that it is, or that its node is."""
    for _ in range(DEEP):
        base = unit(term)
        meaning = digits.definitions.get(base.name) if isinstance(base, Symbol) else base
        if not isinstance(meaning, Map) or meaning.head not in ZERO_AT_ZERO:
            break
        term = meaning.children[0]
    return term


def _onto(term: Term, point: Point) -> Iterator[tuple[Symbol, Array]]:
    """Symbols with the values at which the term is zero everywhere, where the term is linear in them entry by entry."""
    axes = tuple(range(term.order))
    for c, part in summands(term):
        base = unit(part)
        weight = float(c) * float(content(part))
        if isinstance(base, Product) and len(base.factors) == 1 and base.factors[0][1:] == (axes, 1):
            base = base.factors[0][0]
        if isinstance(base, Symbol) and base.sizes == term.sizes and weight:
            rest = term - scaled(content(part), scaled(c, unit(part))) if isinstance(term, Sum) else None
            value = np.zeros(point.arrays[base.name].shape) if rest is None else -point.value(rest) / weight
            yield base, value


__all__ = ["departs", "is_near", "kinks"]
