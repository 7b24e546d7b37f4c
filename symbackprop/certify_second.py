"""The certificate of second derivatives: every block, times a direction, against differences of the gradient.

The differences take the gradient, evaluated by entries, at four points on a line (Richardson's extrapolation of central
differences, error O(h⁴)); the block's closed and recursive forms are evaluated by entries, and the generated code runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from types import ModuleType

import numpy as np

from .certify import EXACT, LEFT_OUT, NOT_GENERATED, NOT_VARIED, SEED, STEP, Checker, within
from .derive import Derivation
from .draws import Draw, Drawer
from .errors import CertificateError
from .express.order import BLOCK, GRADIENT
from .hessian import blocks_in
from .second import Pair
from .tensor.evaluate import Array, evaluate

DRAWS = 2
NUMERIC = 1e-8
MOST_ENTRIES = 100_000  # of a block that is checked
CHECKS_SECOND = ("code = formula by entries", "recursive = closed form", "differences of the gradient")


@dataclass(frozen=True, slots=True)
class CertifiedBlocks:
    """For each block the bounds that held, in the order of CHECKS_SECOND, and at how many draws."""

    bounds: Mapping[Pair, tuple[str, ...]]
    draws: int = 0


def certify_second(
    derivation: Derivation, pairs: Sequence[Pair], module: ModuleType | None = None, seed: int = SEED
) -> CertifiedBlocks:
    """Check the blocks at random draws, those of a generated module too; CertificateError says which does not agree."""
    drawer = Drawer(derivation.model, derivation.graph, seed)
    random = Random(seed + 2)  # noqa: S311  # not for secrets
    held: dict[Pair, tuple[str, ...]] = {}
    count = 0
    for _ in range(DRAWS):
        draw = drawer.draw()
        if draw is None:
            break
        count += 1
        code = generated(derivation, module, draw, pairs)
        for pair in pairs:
            held[pair] = check(derivation, pair, draw, random, code.get(pair))
    return CertifiedBlocks(held, count)


def generated(
    derivation: Derivation, module: ModuleType | None, draw: Draw, pairs: Sequence[Pair]
) -> Mapping[Pair, Array]:
    """The blocks that the module computes."""
    variables = () if module is None else module.VARIABLES
    known = [pair for pair in pairs if set(pair) <= set(variables)]
    if module is None or not known:
        return {}
    found = module.hessian(**Checker(derivation, module, ()).arguments(draw), wrt_=known)
    return {pair: np.asarray(found[pair], dtype=float) for pair in known}


def check(derivation: Derivation, pair: Pair, draw: Draw, random: Random, code: Array | None = None) -> tuple[str, ...]:
    """The bounds that hold for one block at one draw; raises CertificateError."""
    formula = derivation.hessian(*pair)
    assert formula.blocks is not None
    arrays = with_gradients(derivation, dict(draw.arrays), draw)
    closed = evaluate(formula.blocks.closed(*pair), arrays, draw.sizes)
    if closed.size > MOST_ENTRIES:
        return (LEFT_OUT,) * len(CHECKS_SECOND)
    for p, q in blocks_in(formula.term):
        arrays[f"{BLOCK}{p}|{q}"] = evaluate(formula.blocks.closed(p, q), arrays, draw.sizes)
    scale = max(1.0, float(np.abs(closed).max(initial=0.0)))
    name = f"the Hessian block of {pair[0]} and {pair[1]}"
    recursive = evaluate(formula.term, arrays, draw.sizes)
    _compare(recursive / scale, closed / scale, EXACT, f"The recursive form of {name}", "its closed form")
    in_code = NOT_GENERATED
    if code is not None:
        _compare(
            code / scale, closed / scale, EXACT, f"The code's {name.removeprefix('the ')}", "the formula by entries"
        )
        in_code = within(EXACT)
    declared = derivation.model.declarations.get(pair[1])
    if declared is None or pair[0] not in derivation.model.declarations:
        return in_code, within(EXACT), LEFT_OUT  # only declared symbols can be moved on their own
    if declared.facts.values is not None or declared.facts.onehot:
        return in_code, within(EXACT), NOT_VARIED
    base = draw.arrays[pair[1]]
    direction = np.array([2 * random.random() - 1 for _ in range(base.size)]).reshape(base.shape)
    step = min(STEP, draw.margin / 40)

    def slope(h: float) -> Array:
        ahead, behind = (
            with_gradients(derivation, {**draw.arrays, pair[1]: base + sign * h * direction}, draw) for sign in (1, -1)
        )
        own = GRADIENT + pair[0]
        return np.asarray((ahead[own] - behind[own]) / (2 * h))

    numeric = (4 * slope(step / 2) - slope(step)) / 3
    along = np.tensordot(closed, direction, axes=base.ndim) if base.ndim else closed * direction
    _compare(
        np.asarray(along) / scale, numeric / scale, NUMERIC, name[0].upper() + name[1:], "differences of the gradient"
    )
    return in_code, within(EXACT), within(NUMERIC)


def with_gradients(derivation: Derivation, arrays: dict[str, Array], draw: Draw) -> dict[str, Array]:
    """The values of all nodes and of the gradients at all names, from the declared symbols' values."""
    equations = derivation.model.equations
    for name in derivation.graph.order:
        if name in derivation.graph.used:
            arrays[name] = evaluate(equations[name].term, arrays, draw.sizes)
    for name in derivation.model.declarations:
        if name in arrays:
            arrays[GRADIENT + name] = np.zeros(np.shape(arrays[name]))
    for name in derivation.order:
        arrays[GRADIENT + name] = evaluate(derivation.recursive_terms[name], arrays, draw.sizes)
    return arrays


def _compare(found: Array, expected: Array, bound: float, what: str, with_what: str) -> None:
    error = float(np.abs(found - expected).max(initial=0.0)) if found.shape == expected.shape else float("inf")
    if not error < bound:
        raise CertificateError(
            f"{what} and {with_what} differ by {error:.3g}; they should agree to {bound:.0e}.",
            remedy="This is a mistake in symbackprop, not in the network. Please report it with the network file.",
        )
