"""Numbers for networks: forward passes with some nodes held, and central differences of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from symbackprop.derive import Derivation
from symbackprop.draws import Draw, Drawer
from symbackprop.tensor.evaluate import Array, evaluate

STEP = 1e-5


def drawn(derivation: Derivation, seed: int = 1) -> Draw:
    """Random values of everything that is declared."""
    found = Drawer(derivation.model, derivation.graph, seed).draw()
    assert found is not None
    return found


def forward(
    derivation: Derivation, values: Mapping[str, Array], sizes: Mapping[str, int], held: str
) -> dict[str, Array]:
    """Every value, computed anew from the declared ones; the node `held` keeps the one that it has."""
    found = dict(values)
    for name in derivation.graph.order:
        if name != held:
            found[name] = evaluate(derivation.model.equations[name].term, found, sizes)
    return found


def differences(derivation: Derivation, draw: Draw, of: str, wrt: str) -> Array:
    """∂of/∂wrt by central differences, of shape of.shape + wrt.shape."""
    base = np.array(draw.arrays[wrt], dtype=float)
    columns = []
    for entry in np.ndindex(base.shape):
        moved = [base.copy(), base.copy()]
        moved[0][entry] += STEP
        moved[1][entry] -= STEP
        up, down = (forward(derivation, {**draw.arrays, wrt: m}, draw.sizes, wrt)[of] for m in moved)
        columns.append((up - down) / (2 * STEP))
    return np.stack(columns, axis=-1).reshape(draw.arrays[of].shape + base.shape)
