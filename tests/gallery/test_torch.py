"""The gallery's gradients against torch, in float64."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import symbackprop as sb
from symbackprop.certify import Checker
from symbackprop.draws import Drawer
from symbackprop.gallery import path

Values = dict[str, Any]


def three_layer_relu(torch: ModuleType, v: Values) -> Any:
    a_1 = torch.relu(v["W_0"] @ v["x"] + v["b_0"])
    a_2 = torch.relu(v["W_1"] @ a_1 + v["b_1"])
    return torch.sum((v["W_2"] @ a_2 + v["b_2"] - v["y"]) ** 2) / 2


def three_layer_relu_batch(torch: ModuleType, v: Values) -> Any:
    a_1 = torch.relu(v["a_0"] @ v["W_0"] + v["b_0"])
    a_2 = torch.relu(a_1 @ v["W_1"] + v["b_1"])
    return torch.sum((a_2 @ v["W_2"] + v["b_2"] - v["y"]) ** 2) / (2 * len(v["y"]))


def tanh_neurons(torch: ModuleType, v: Values) -> Any:
    a_3 = torch.tanh(v["x_1"] * v["w_13"] + v["x_2"] * v["w_23"])
    a_4 = torch.tanh(v["x_1"] * v["w_14"] + v["x_2"] * v["w_24"])
    return torch.tanh(a_3 * v["w_35"] + a_4 * v["w_45"]) + torch.tanh(a_3 * v["w_36"] + a_4 * v["w_46"])


def relu_regression(torch: ModuleType, v: Values) -> Any:
    a = v["X"]
    for layer in range(3):
        a = torch.relu(a @ v[f"W_{layer}"] + v[f"B_{layer}"])
    return torch.mean((a @ v["W_3"] + v["B_3"] - v["T"]) ** 2)


def sigmoid_classifier(torch: ModuleType, v: Values) -> Any:
    a_1 = torch.sigmoid(v["W_1"] @ v["x"] + v["b_1"])
    a_2 = torch.sigmoid(v["W_2"] @ a_1 + v["b_2"])
    a_3 = torch.sigmoid(v["W_3"] @ a_2 + v["b_3"])
    return -(v["y"] * torch.log(a_3) + (1 - v["y"]) * torch.log(1 - a_3))


def softmax_2_3_2(torch: ModuleType, v: Values) -> Any:
    h = [v[f"w_{2 * k - 1}"] * v["x_1"] + v[f"w_{2 * k}"] * v["x_2"] + v[f"b_{k}"] for k in (1, 2, 3)]
    a = [torch.relu(x) for x in h]
    o = [sum(v[f"w_{3 * k + 7 + j}"] * a[j] for j in range(3)) + v[f"b_{4 + k}"] for k in (0, 1)]
    y = torch.softmax(torch.stack(o), dim=0)
    return -v["t_1"] * torch.log(y[0]) - v["t_2"] * torch.log(y[1])


@pytest.mark.parametrize(
    "loss",
    [three_layer_relu, three_layer_relu_batch, tanh_neurons, relu_regression, sigmoid_classifier, softmax_2_3_2],
    ids=lambda loss: loss.__name__,
)
def test_the_generated_gradients_are_those_of_torch(
    torch: ModuleType, loss: Callable[[ModuleType, Values], Any]
) -> None:
    derivation = sb.derive(sb.Network.read(path(loss.__name__)))
    everything = [d.name for d in derivation.model.declarations.values()]
    module = sb.compile(derivation, wrt=everything)
    checker = Checker(derivation, module, tuple(everything))
    for seed in (1, 2, 3):
        draw = Drawer(derivation.model, derivation.graph, seed).draw()
        assert draw is not None
        tensors = {name: torch.tensor(draw.arrays[name], requires_grad=True) for name in everything}
        value = loss(torch, tensors)
        value.backward()
        found, gradients = module.loss_and_grad(**checker.arguments(draw))
        assert found == pytest.approx(value.item(), rel=1e-12, abs=1e-12)
        for name in everything:
            expected = tensors[name].grad.numpy()
            np.testing.assert_allclose(gradients[name], expected, rtol=1e-12, atol=1e-12, err_msg=name)
