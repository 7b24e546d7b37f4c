"""Entrywise functions in generated code are right, not only finite, where exponentials overflow; nothing warns.

What is expected is computed with 60 digits by mpmath, derivatives by differences: neither knows a stable form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from symbackprop.codegen import compile_model
from symbackprop.reading.netfile import parse

mp = mpmath.mp.clone()
mp.dps = 60
POINTS = (-1e4, -800.0, -1.25, 0.5, 30.0, 800.0, 1e4)
WEIGHTS = (0.25, -0.5, 0.75, 1.0, -1.25, 1.5, 1.75)

Scalar = Callable[[Any], Any]


def softplus(x: Any) -> Any:
    return mp.log1p(mp.exp(x))


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


# The right-hand side of entry i of y, and what it means for one number.
ENTRYWISE: dict[str, tuple[str, Scalar]] = {
    "softplus": ("softplus(z)", softplus),
    "softplus written out": ("log(1 + exp(z))", softplus),
    "log sigmoid": ("log(sigmoid(z))", lambda x: -softplus(-x)),
    "log of a written-out sigmoid": ("log(1 / (1 + exp(-z)))", lambda x: -softplus(-x)),
    "log of one minus sigmoid": ("log(1 - sigmoid(z))", lambda x: -softplus(x)),
    "sigmoid": ("sigmoid(z)", sigmoid),
    "written-out sigmoid": ("1 / (1 + exp(-z))", sigmoid),
    "tanh": ("tanh(z)", mp.tanh),
    "silu": ("silu(z)", lambda x: x * sigmoid(x)),
    "gelu": ("gelu(z)", lambda x: x * mp.ncdf(x)),
    "elu": ("elu(z)", lambda x: x if x > 0 else mp.expm1(x)),
    "written-out elu": ("where(z > 0, z, 2 * (exp(z) - 1))", lambda x: x if x > 0 else 2 * mp.expm1(x)),
    "where, second overflows": ("where(z > 0, z, exp(z))", lambda x: x if x > 0 else mp.exp(x)),
    "where, first overflows": ("where(z < 0, exp(z), 1 + z)", lambda x: mp.exp(x) if x < 0 else 1 + x),
    "where, both overflow": ("where(z > 0, exp(-z), exp(z))", lambda x: mp.exp(-abs(x))),
    "where, product overflows": ("where(z > 0, z, z * exp(z))", lambda x: x if x > 0 else x * mp.exp(x)),
}


def slope(f: Scalar, x: float) -> Any:
    """f'(x); 60 digits carry a step of 1e-20."""
    x, h = mp.mpf(x), mp.mpf("1e-20")
    return (f(x + h) - f(x - h)) / (2 * h)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("case", ENTRYWISE, ids=str)
def test_an_entrywise_function_is_right_at_ten_thousand(case: str, dtype: type) -> None:
    text, f = ENTRYWISE[case]
    bound = 1e-13 if dtype is np.float64 else 2e-6
    module = compile_model(parse(f"z: input(n)\nc: constant(n)\ny = {text}\nJ: loss = sum(c * y)\n"))
    arrays = (np.array(POINTS, dtype), np.array(WEIGHTS, dtype))
    value, gradients = module.loss_and_grad(*arrays, wrt_="z")
    assert np.isfinite(module.forward(*arrays)["y"]).all()
    expected = [c * slope(f, x) for c, x in zip(WEIGHTS, POINTS, strict=True)]
    total = sum(c * f(mp.mpf(x)) for c, x in zip(WEIGHTS, POINTS, strict=True))
    assert value == pytest.approx(float(total), rel=bound)
    np.testing.assert_allclose(gradients["z"], [float(x) for x in expected], rtol=bound, atol=bound)
