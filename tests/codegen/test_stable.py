"""Values and gradients stay finite at ±1e4, however the author writes softmax, cross-entropy and their relatives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from symbackprop.codegen import generate
from tests.codegen.making import body, close, compiled, network

HEAD = """z: parameter(n, k)
t: target(n, k, onehot=True)
y: target(n, k, values=(0, 1))
i: index(n, of=k, repeat=True)
"""
LOGITS = np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [1e4, 1e4, 3.0], [700.0, -800.0, 1e4]])
ARRAYS: dict[str, Any] = {
    "z": LOGITS,
    "t": np.eye(3)[[1, 0, 2, 0]],
    "y": np.array([[1.0, 0, 1], [0, 1, 0], [1, 1, 1], [0, 0, 0]]),
    "i": np.array([1, 0, 2, 0]),
}
SOFTMAX = {
    "a node": "p = softmax(z)\nJ: loss = -sum(t * log(p))",
    "direct": "J: loss = -sum(t * log(softmax(z)))",
    "log_softmax": "J: loss = -sum(t * log_softmax(z))",
    "written out": "J: loss = -sum(t * log(exp(z) / sum(exp(z), axis=1, keepdims=True)))",
    "written in nodes": "e = exp(z)\ns = sum(e, axis=1, keepdims=True)\np = e / s\nJ: loss = -sum(t * log(p))",
    "log of a sum": "J: loss = sum(log(sum(exp(z), axis=1))) - sum(t * z)",
    "log of a node": "e = exp(z)\ns = sum(e, axis=1)\nJ: loss = sum(log(s)) - sum(t * z)",
    "an entry": "p = softmax(z)\nJ: loss = -sum(log(p[arange(n), i]))",
    "one-hot labels": "p = softmax(z)\nJ: loss = -sum(onehot(i, k) * log(p))",
    "a mean of rows": "p = softmax(z)\nl = -sum(t * log(p), axis=1)\nJ: loss = mean(l) * n",
}
BINARY = {
    "a node": "p = sigmoid(z)\nJ: loss = -sum(y * log(p) + (1 - y) * log(1 - p))",
    "direct": "J: loss = -sum(y * log(sigmoid(z)) + (1 - y) * log(1 - sigmoid(z)))",
    "written out": "p = 1 / (1 + exp(-z))\nJ: loss = -sum(y * log(p) + (1 - y) * log(1 - p))",
    "as a quotient": "p = exp(z) / (1 + exp(z))\nJ: loss = -sum(y * log(p) + (1 - y) * log(1 - p))",
    "two nodes": "p = sigmoid(z)\nq = 1 - p\nJ: loss = -sum(y * log(p) + (1 - y) * log(q))",
    "softplus": "J: loss = sum(softplus(z) - y * z)",
    "log(1 + exp)": "J: loss = sum(log(1 + exp(z)) - y * z)",
    "log(1 + node)": "e = exp(z)\nJ: loss = sum(log(1 + e) - y * z)",
}
OTHERS = {
    "sigmoid": "J: loss = sum((sigmoid(z) - y)**2)",
    "elu": "J: loss = sum(elu(z))",
    "elu by where": "J: loss = sum(where(z > 0, z, exp(z) - 1))",
    "selu": "J: loss = sum(selu(z))",
    "silu": "J: loss = sum(silu(z))",
    "gelu": "J: loss = sum(gelu(z))",
    "gelu tanh": 'J: loss = sum(gelu(z, approximate="tanh"))',
    "logsumexp": "J: loss = sum(logsumexp(z))",
    "softmax squared": "J: loss = sum((softmax(z) - t)**2)",
    "entropy": "p = softmax(z)\nJ: loss = sum(p * log(p))",
    "log_sigmoid": "J: loss = sum(log_sigmoid(z))",
    "shares": "a = exp(z)\nb = exp(2 * z)\nJ: loss = sum(log(a / (a + b + 1)))",
}


def evaluated(text: str, dtype: type = np.float64) -> tuple[Any, Any]:
    model, module = network(HEAD + text + "\n"), compiled(HEAD + text + "\n")
    arrays = [ARRAYS[name].astype(dtype) if name != "i" else ARRAYS[name] for name in model.declarations]
    value, found = module.loss_and_grad(*arrays)
    return value, found["z"]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", SOFTMAX)
def test_softmax_with_cross_entropy_at_large_numbers(name: str, dtype: type) -> None:
    value, gradient = evaluated(SOFTMAX[name], dtype)
    top = LOGITS.max(1, keepdims=True)
    p = np.exp(LOGITS - top) / np.exp(LOGITS - top).sum(1, keepdims=True)
    log = LOGITS - top - np.log(np.exp(LOGITS - top).sum(1, keepdims=True))
    bound = 1e-11 if dtype is np.float64 else 1e-6
    assert close(value, -(ARRAYS["t"] * log).sum(), bound)
    assert close(gradient, p - ARRAYS["t"], bound)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", BINARY)
def test_binary_cross_entropy_at_large_numbers(name: str, dtype: type) -> None:
    value, gradient = evaluated(BINARY[name], dtype)
    bound = 1e-11 if dtype is np.float64 else 1e-6
    assert close(value, (np.logaddexp(0, LOGITS) - ARRAYS["y"] * LOGITS).sum(), bound)
    p = np.where(LOGITS > 0, 1 / (1 + np.exp(-np.abs(LOGITS))), np.exp(-np.abs(LOGITS)) / (1 + np.exp(-np.abs(LOGITS))))
    assert close(gradient, p - ARRAYS["y"], bound)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", OTHERS)
def test_values_and_gradients_stay_finite(name: str, dtype: type) -> None:
    value, gradient = evaluated(OTHERS[name], dtype)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize("text", [SOFTMAX["a node"], SOFTMAX["an entry"], BINARY["a node"]])
def test_no_gradient_is_divided_by_a_probability(text: str) -> None:
    source = generate(network(HEAD + text + "\n"))
    assert not [
        line for line in body(source) if line.startswith("divide(") and "p," in line.split(")")[0].split(",")[1]
    ]
    assert not any("log(p" in line for line in body(source))


NUMBERS = {
    "softmax": "p, q = softmax([z, w])\nJ: loss = -t * log(p) - (1 - t) * log(q)",
    "binary": "p = sigmoid(z * w)\nJ: loss = -(y * log(p) + (1 - y) * log(1 - p)) + t",
    "written out": "a = exp(z)\nb = exp(w)\nJ: loss = -log(a / (a + b)) + t * y",
    "softplus": "J: loss = softplus(z) + log(1 + exp(w)) + t * y",
    "elu by where": "J: loss = where(z > 0, z, exp(z) - 1) + elu(w) + t * y",
    "gelu": 'J: loss = gelu(z) + gelu(w, approximate="tanh") + t * y',
    "selu": "J: loss = selu(z) + silu(w) + t * y",
    "logsumexp": "J: loss = logsumexp([z, w, t]) * y",
}


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("z", [1e4, -1e4, 800.0, 1.0])
@pytest.mark.parametrize("w", [1e4, -1e4, 0.5])
def test_networks_of_numbers_stay_finite(name: str, z: float, w: float) -> None:
    head = "z: parameter()\nw: parameter()\nt: target()\ny: target(values=(0, 1))\n"
    module = compiled(head + NUMBERS[name] + "\n")
    assert not hasattr(module, "np")
    value, found = module.loss_and_grad(z, w, 1.0, 1.0)
    assert math.isfinite(value)
    assert all(map(math.isfinite, found.values()))
