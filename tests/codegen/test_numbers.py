"""Networks of numbers: straight-line Python floats, without NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest

from symbackprop.codegen import generate
from tests.codegen.making import NEURON, close, compiled, network

MODULE = compiled(NEURON)
GIVEN = {"x": 0.3, "t": 1.0, "w": 0.7, "b": -0.2}


def test_results_are_python_floats() -> None:
    value, found = MODULE.loss_and_grad(**GIVEN)
    assert type(value) is float
    assert {name: type(x) for name, x in found.items()} == {"w": float, "b": float}
    assert {type(x) for x in MODULE.forward(**GIVEN).values()} == {float}
    p = 1 / (1 + math.exp(-(0.7 * 0.3 - 0.2)))
    assert math.isclose(found["b"], p - 1)
    assert math.isclose(value, -math.log(p))


def test_other_numbers_are_taken_as_floats() -> None:
    for convert in (np.float64, np.float32, np.asarray):
        found = MODULE.loss_and_grad(*(convert(x) for x in GIVEN.values()))
        assert type(found[0]) is float
        assert close(found[1]["w"], MODULE.loss_and_grad(**GIVEN)[1]["w"], 1e-6)
    assert MODULE.loss(0, 1, 0, 0) == math.log(2)
    assert type(MODULE.loss(0, 1, 0, 0)) is float


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"x": np.ones(3)}, ValueError, r"x has shape \(3,\), but must be one number\."),
        ({"w": "1"}, TypeError, "w must be a real number, not '1'"),
        ({"w": 1j}, TypeError, "w must be a real number, not 1j"),
        ({"b": [1.0]}, TypeError, "b must be a real number, not list"),
        ({"b": None}, TypeError, "b must be a real number, not NoneType"),
    ],
)
def test_what_is_no_number_is_refused(change: dict[str, object], error: type[Exception], message: str) -> None:
    for function in (MODULE.loss, MODULE.loss_and_grad, MODULE.forward):
        with pytest.raises(error, match=message):
            function(**{**GIVEN, **change})


def test_only_the_gradients_that_are_asked_for_come_back() -> None:
    full = MODULE.loss_and_grad(**GIVEN, wrt_=("x", "t", "w", "b"))[1]
    for name in ("x", "t", "w", "b"):
        assert MODULE.loss_and_grad(**GIVEN, wrt_=name) == (MODULE.loss(**GIVEN), {name: full[name]})
    with pytest.raises(ValueError, match="no gradient for 'q'"):
        MODULE.loss_and_grad(**GIVEN, wrt_="q")


def test_nan_propagates_through_every_branch() -> None:
    text = "x: input()\nw: parameter()\na = relu(x * w)\nb = maximum(a, w)\nJ: loss = a + b + abs(w) + softplus(x)\n"
    module = compiled(text)
    assert math.isnan(module.loss(math.nan, 1.0))
    assert math.isnan(module.loss(1.0, math.nan))


def test_conventions_at_kinks_are_the_same_as_for_arrays() -> None:
    module = compiled("w: parameter()\nJ: loss = relu(w) + abs(w) + sign(w) * w + maximum(w, 0)\n")
    assert module.loss_and_grad(0.0) == (0.0, {"w": 0.0})


def test_small_arrays_of_numbers_are_taken_apart() -> None:
    text = "a: parameter()\nb: parameter()\nv = softmax([a, b, 1])\n"
    text += "J: loss = sum(v * [1, 2, 3]) + max([a, b]) + mean([a, b])\n"
    source = generate(network(text))
    assert "numpy" not in source.split("__all__")[0].split('"""')[-1]
    module = compiled(text)
    value, found = module.loss_and_grad(0.2, 0.5)
    e = np.exp([0.2, 0.5, 1.0])
    v = e / e.sum()
    assert close(module.forward(0.2, 0.5)["v"], v)
    assert close(value, v @ [1, 2, 3] + 0.5 + 0.35)
    slope = v * ([1, 2, 3] - v @ [1, 2, 3])
    assert close([found["a"], found["b"]], slope[:2] + np.array([0.5, 1.5]))


def test_what_needs_arrays_becomes_a_module_of_arrays() -> None:
    module = compiled("a: parameter()\nb: parameter()\nJ: loss = logdet([[a, b], [b, 3 * a]])\n")
    value, found = module.loss_and_grad(2.0, 0.5)
    assert close(value, math.log(12 - 0.25))
    assert close(found["b"], -1 / 11.75)


def test_a_vector_of_numbers() -> None:
    flat = MODULE.flat(x=0.3, t=1.0)
    vector = flat.pack({"w": 0.7, "b": -0.2})
    assert vector == [0.7, -0.2]
    assert flat.fun(vector) == flat.fun(np.array(vector)) == MODULE.loss(**GIVEN)
    assert flat.grad(vector) == list(MODULE.loss_and_grad(**GIVEN)[1].values())
    assert flat.unpack(vector) == {"w": 0.7, "b": -0.2}
    with pytest.raises(ValueError, match="the vector has 1 entries, but must have 2"):
        flat.fun([1.0])
    with pytest.raises(TypeError, match="flat needs x, t; t missing"):
        MODULE.flat(x=1.0)
