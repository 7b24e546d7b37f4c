"""The NumPy expression of a repair has the value of what is wanted."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from symbackprop.verification.numpy_text import HELPERS
from tests.verification.repair.mending import Workshop
from tests.verification.repair.planted import PLANTED

SAMPLES = [(network, left, mistakes[0][0]) for network, left, mistakes in PLANTED]
OWN = {
    "diag": np.diag,
    "outer": np.outer,
    "trace": np.trace,
    "sum": np.sum,
    "mean": np.mean,
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "eye": np.eye,
    "ones": np.ones,
    "einsum": np.einsum,
}


def evaluated(text: str, workshop: Workshop) -> Any:
    """The value of an expression at the first draw."""
    point = workshop.bench.judge.points.at(0)
    assert point is not None
    scope: dict[str, Any] = {"np": np, **OWN}
    for definition in HELPERS.values():
        exec(definition, scope)  # noqa: S102  # a table of the package
    scope |= {n: a for n, a in point.arrays.items() if not n.startswith("@")}
    scope |= dict(point.draw.sizes)
    gradients = {n[1:]: a for n, a in point.arrays.items() if n.startswith("@")}
    scope["grad"] = gradients.__getitem__
    text = re.sub(r"grad\((\w+)\)", r'grad("\1")', text)
    return eval(text, scope)  # noqa: S307  # an expression that the package wrote


@pytest.mark.parametrize(("network", "left", "right"), SAMPLES, ids=[left for _, left, _ in SAMPLES])
def test_the_numpy_expression_is_what_is_wanted(network: str, left: str, right: str) -> None:
    workshop = Workshop(network)
    found = workshop.mended(left, right)
    assert found.numpy is not None
    target = workshop.bench.elaborator.values(workshop.read(left), workshop.bench.scope((workshop.read(left),)))[0]
    wanted = workshop.bench.judge.values(target.term, 0)
    np.testing.assert_allclose(evaluated(found.numpy, workshop), wanted, rtol=1e-9, atol=1e-12)
