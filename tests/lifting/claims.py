"""What tests ask of code: which gradients it claims, and which of them are right by the derivation."""

from __future__ import annotations

import numpy as np

from symbackprop.declare import Network
from symbackprop.derive import Derivation
from symbackprop.draws import Drawer
from symbackprop.lifting import Lifted
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.terms import Term

MLP = """
X: input(n, d)
Y: target(n, k)
W1: parameter(d, h)
b1: parameter(1, h)
W2: parameter(h, k)
b2: parameter(1, k)

Z1 = X @ W1 + b1
A1 = tanh(Z1)
Z2 = A1 @ W2 + b2
A2 = sigmoid(Z2)
J: loss = sum((A2 - Y)**2) / (2 * n)
"""


def model(text: str = MLP):
    return Network.parse(text).model


def judged(lifted: Lifted, net) -> dict[str, bool | str]:
    """For each claim whether it is right, or the message of its error."""
    derivation = Derivation(net)
    drawer = Drawer(net, derivation.graph, seed=1)
    draws = [drawer.draw() for _ in range(2)]
    found: dict[str, bool | str] = {}
    for claim in lifted.claims:
        if not isinstance(claim.value, Term):
            found[claim.target] = str(claim.value)
            continue
        true = derivation.gradient(claim.target).closed.term
        pairs = [[evaluate(t, d.arrays, d.sizes) for t in (claim.value, true)] for d in draws]
        found[claim.target] = all(a.shape == b.shape and np.allclose(a, b, rtol=1e-9, atol=1e-12) for a, b in pairs)
    return found


def right(*targets: str) -> dict[str, bool | str]:
    return dict.fromkeys(targets, True)
