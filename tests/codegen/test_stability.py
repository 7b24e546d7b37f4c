"""Generated code stays finite, and right, where exponentials overflow; no warning of NumPy is raised on the way.

What is expected is computed with 60 digits by mpmath, derivatives by differences: neither knows a stable form.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
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
LABELS = (0.0, 1.0, 0.25, 1.0, 0.0, 1.0, 0.0)
ONE_HOT = (0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
VALUES = {"z": POINTS, "c": WEIGHTS, "y": LABELS, "t": ONE_HOT}

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


def finite(module: ModuleType, dtype: type, names: tuple[str, ...]) -> tuple[float, Any]:
    """The loss and the gradient at z, after a look at every number that comes out."""
    arguments = {name: np.array(VALUES[name], dtype) for name in names}
    value, gradients = module.loss_and_grad(**arguments, wrt_="z")
    nodes = module.forward(**arguments)
    assert module.loss(**arguments) == value
    for name, found in {"loss": value, "gradient": gradients["z"], **nodes}.items():
        assert np.isfinite(found).all(), name
    return float(value), gradients["z"]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("case", ENTRYWISE, ids=str)
def test_an_entrywise_function_is_right_at_ten_thousand(case: str, dtype: type) -> None:
    text, f = ENTRYWISE[case]
    bound = 1e-13 if dtype is np.float64 else 2e-6
    module = compile_model(parse(f"z: input(n)\nc: constant(n)\ny = {text}\nJ: loss = sum(c * y)\n"))
    value, gradient = finite(module, dtype, ("z", "c"))
    expected = [c * slope(f, x) for c, x in zip(WEIGHTS, POINTS, strict=True)]
    total = sum(c * f(mp.mpf(x)) for c, x in zip(WEIGHTS, POINTS, strict=True))
    assert value == pytest.approx(float(total), rel=bound)
    np.testing.assert_allclose(gradient, [float(x) for x in expected], rtol=bound, atol=bound)


# Losses of all entries at once: the equations, the other arguments, the loss and its gradient at entry k.
def shares() -> list[Any]:
    total = sum(mp.exp(x) for x in map(mp.mpf, POINTS))
    return [mp.exp(mp.mpf(x)) / total for x in POINTS]


def cross_entropy(targets: tuple[float, ...]) -> tuple[Any, list[Any]]:
    p = shares()
    value = -sum(t * mp.log(q) for t, q in zip(targets, p, strict=True))
    return value, [sum(targets) * q - t for t, q in zip(targets, p, strict=True)]


def binary_cross_entropy() -> tuple[Any, list[Any]]:
    pairs = [(y, mp.mpf(x)) for y, x in zip(LABELS, POINTS, strict=True)]
    value = sum(y * softplus(-x) + (1 - y) * softplus(x) for y, x in pairs)
    return value, [sigmoid(x) - y for y, x in pairs]


def log_sum_exp() -> tuple[Any, list[Any]]:
    return mp.log(sum(mp.exp(mp.mpf(x)) for x in POINTS)), shares()


HAND = "exp(z) / sum(exp(z))"
JOINT: dict[str, tuple[str, str, Callable[[], Any]]] = {
    "log_softmax": ("t", "J: loss = -sum(t * log_softmax(z))", lambda: cross_entropy(ONE_HOT)),
    "softmax, a node": ("t", "p = softmax(z)\nJ: loss = -sum(t * log(p))", lambda: cross_entropy(ONE_HOT)),
    "softmax, two nodes": ("t", "p = softmax(z)\nl = log(p)\nJ: loss = -sum(t * l)", lambda: cross_entropy(ONE_HOT)),
    "softmax by hand": ("t", f"J: loss = -sum(t * log({HAND}))", lambda: cross_entropy(ONE_HOT)),
    "softmax by hand, a node": ("t", f"p = {HAND}\nJ: loss = -sum(t * log(p))", lambda: cross_entropy(ONE_HOT)),
    "softmax, any targets": ("y", "p = softmax(z)\nJ: loss = -sum(y * log(p))", lambda: cross_entropy(LABELS)),
    "sigmoid, a node": (
        "y",
        "p = sigmoid(z)\nJ: loss = -sum(y * log(p) + (1 - y) * log(1 - p))",
        binary_cross_entropy,
    ),
    "sigmoid by hand": (
        "y",
        "p = 1 / (1 + exp(-z))\nJ: loss = sum(-y * log(p) - (1 - y) * log(1 - p))",
        binary_cross_entropy,
    ),
    "logsumexp": ("", "J: loss = logsumexp(z)", log_sum_exp),
    "logsumexp by hand": ("", "J: loss = log(sum(exp(z)))", log_sum_exp),
    "shares": ("c", "p = softmax(z)\nJ: loss = sum(c * p)", lambda: (
        sum(c * q for c, q in zip(WEIGHTS, shares(), strict=True)),
        [q * (c - sum(d * r for d, r in zip(WEIGHTS, shares(), strict=True)))
         for c, q in zip(WEIGHTS, shares(), strict=True)],
    )),
}  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("case", JOINT, ids=str)
def test_a_loss_of_scores_is_right_at_ten_thousand(case: str, dtype: type) -> None:
    other, text, meaning = JOINT[case]
    bound = 1e-13 if dtype is np.float64 else 2e-6
    declared = f"{other}: target(n{', onehot=True' if other == 't' else ''})\n" if other else ""
    module = compile_model(parse(f"z: input(n)\n{declared}{text}\n"))
    value, gradient = finite(module, dtype, ("z", other) if other else ("z",))
    expected, slopes = meaning()
    assert value == pytest.approx(float(expected), rel=bound)
    np.testing.assert_allclose(gradient, [float(x) for x in slopes], rtol=bound, atol=bound)


def test_exponentials_that_are_nodes_are_looked_through() -> None:
    text = "z: input(n)\nt: target(n, onehot=True)\ne = exp(z)\np = e / sum(e)\nJ: loss = -sum(t * log(p))\n"
    module = compile_model(parse(text))
    value, gradients = module.loss_and_grad(np.array(POINTS), np.array(ONE_HOT), wrt_="z")
    expected, slopes = cross_entropy(ONE_HOT)
    assert value == pytest.approx(float(expected), rel=1e-13)
    np.testing.assert_allclose(gradients["z"], [float(x) for x in slopes], atol=1e-13)


@pytest.mark.parametrize("score", [-1e4, -800.0, 0.0, 800.0, 1e4])
@pytest.mark.parametrize("label", [0.0, 0.25, 1.0])
def test_a_network_of_numbers_is_as_stable(score: float, label: float) -> None:
    text = "x: input()\ny: target()\nw: parameter()\np = {}\nJ: loss = -(y * log(p) + (1 - y) * log(1 - p))\n"
    x = mp.mpf(score)
    expected = label * softplus(-x) + (1 - label) * softplus(x)
    for right in ("sigmoid(w * x)", "1 / (1 + exp(-w * x))"):
        module = compile_model(parse(text.format(right)))
        value, gradients = module.loss_and_grad(score, label, 1.0)
        assert type(value) is float
        assert value == pytest.approx(float(expected), rel=1e-14)
        assert gradients["w"] == pytest.approx(float((sigmoid(x) - label) * x), rel=1e-14)
        assert np.isfinite(list(module.forward(score, label, 1.0).values())).all()
