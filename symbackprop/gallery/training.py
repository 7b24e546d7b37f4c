"""Two networks trained with their generated code and nothing else: gradient descent on data from a seed.

    python -m symbackprop.gallery.training

shows both runs with a progress bar. Numbers come from `random.Random.random`, which is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from math import prod, sin, sqrt
from random import Random
from typing import Any

import numpy as np

from ..batch import batch
from ..certify import certify
from ..derive import Derivation, derive
from ..document import Plot, Prose, Series
from ..tensor.evaluate import Array
from ..write import compile as compiled
from . import Progress

EPOCHS, EXAMPLES, HELD_OUT, TOGETHER, RATE = 100, 200, 100, 20, 0.02  # regression
BATCHES, BATCH, ROUNDS, FIRST_RATE, DECAY = 40, 16, 150, 0.1, 0.95  # classification
HIDDEN = {"regression": 32, "classification": 8}


@dataclass
class Curves:
    """One value for each epoch or batch, the first before any training."""

    loss: list[float] = field(default_factory=list)
    held_out_loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    held_out_accuracy: list[float] = field(default_factory=list)


class Draws:
    """Uniform random numbers from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  # not for secrets

    def array(self, shape: tuple[int, ...], reach: float) -> Array:
        """Numbers between −reach and reach."""
        return np.array([reach * (2 * self.random.random() - 1) for _ in range(prod(shape))]).reshape(shape)

    def order(self, count: int) -> list[int]:
        """0 to count − 1, shuffled."""
        return [k for _, k in sorted((self.random.random(), k) for k in range(count))]


# ---------------------------------------------------------------- regression


def train_regression(derivation: Derivation, progress: Progress) -> Curves:
    """Fit sin(2x) + x/2 + 2 by gradient descent on batches of 20 rows, 100 epochs at one rate."""
    module = compiled(derivation, derivation.model.names("parameter"))
    draws = Draws(seed=2)
    x, held = draws.array((EXAMPLES, 1), 2.5), draws.array((HELD_OUT, 1), 2.5)
    y, held_y = _target(x), _target(held)
    widths = (1, HIDDEN["regression"], HIDDEN["regression"], 1)
    parameters: dict[str, Any] = {}
    for layer, (before, after) in enumerate(pairwise(widths)):
        parameters[f"W_{layer}"] = draws.array((before, after), sqrt(6 / before))
        parameters[f"b_{layer}"] = draws.array((after,), 0.5)
    curves = Curves()
    for epoch in range(EPOCHS + 1):
        progress("regression", epoch, EPOCHS)
        curves.loss.append(float(module.loss(a_0=x, y=y, **parameters)))
        curves.held_out_loss.append(float(module.loss(a_0=held, y=held_y, **parameters)))
        order = draws.order(EXAMPLES)
        for start in range(0, EXAMPLES if epoch < EPOCHS else 0, TOGETHER):
            rows = order[start : start + TOGETHER]
            descend(module.loss_and_grad, parameters, RATE, a_0=x[rows], y=y[rows])
    return curves


def _target(x: Array) -> Array:
    return np.array([[sin(2 * value) + value / 2 + 2] for value in x[:, 0]])


# ---------------------------------------------------------------- classification


def train_classification(derivation: Derivation, progress: Progress) -> Curves:
    """Tell two classes apart on both sides of a parabola: 40 batches of 16 columns, 150 steps each, a decaying rate."""
    network = derive(batch(derivation.model, "m", rows=False))
    names = network.model.names("parameter")
    module = compiled(network, names)
    certify(network, module, names)
    draws = Draws(seed=3)
    x, y = two_classes(draws, BATCHES * BATCH)
    held, held_y = two_classes(draws, HELD_OUT)
    width = HIDDEN["classification"]
    parameters: dict[str, Any] = {
        "W_1": draws.array((width, 2), 2.0),
        "b_1": draws.array((width,), 2.0),
        "W_2": draws.array((width, width), 2.0),
        "b_2": draws.array((width,), 1.0),
        "W_3": draws.array((width,), 1.0),
        "b_3": 0.0,
    }

    def accuracy(points: Array, labels: Array) -> float:
        outputs = module.forward(x=points, y=labels, **parameters)["a_3"]
        return float(np.mean((outputs > 0.5) == (labels > 0.5)))

    curves = Curves()
    for step in range(BATCHES + 1):
        progress("classification", step, BATCHES)
        curves.loss.append(float(module.loss(x=x, y=y, **parameters)))
        curves.held_out_loss.append(float(module.loss(x=held, y=held_y, **parameters)))
        curves.accuracy.append(accuracy(x, y))
        curves.held_out_accuracy.append(accuracy(held, held_y))
        columns = slice(step * BATCH, (step + 1) * BATCH)
        for _ in range(ROUNDS if step < BATCHES else 0):
            descend(module.loss_and_grad, parameters, FIRST_RATE * DECAY**step, x=x[:, columns], y=y[columns])
    return curves


def two_classes(draws: Draws, count: int) -> tuple[Array, Array]:
    """Points as columns and their labels: 1 on the right of the parabola u = 1 − v²/2, nothing close to it."""
    points: list[Array] = []
    labels: list[float] = []
    while len(labels) < count:
        u, v = draws.array((2,), 3.0)
        side = u + v * v / 2 - 1
        if abs(side) > 0.4:
            points.append(np.array([u, v]))
            labels.append(float(side > 0))
    return np.array(points).T, np.array(labels)


def descend(loss_and_grad: Callable[..., Any], parameters: dict[str, Any], rate: float, **data: Array) -> None:
    """One step of gradient descent, in place."""
    _, gradients = loss_and_grad(**data, **parameters)
    for name, gradient in gradients.items():
        parameters[name] = parameters[name] - rate * gradient


# ---------------------------------------------------------------- curves


def regression(derivation: Derivation, progress: Progress) -> tuple[Plot, ...]:
    """The loss over the epochs."""
    curves = train_regression(derivation, progress)
    caption: Prose = (
        f"The generated code trained on {EXAMPLES} examples of sin 2x + x/2 + 2 with x between −2.5 and 2.5:"
        f" {HIDDEN['regression']} neurons in each hidden layer, batches of {TOGETHER}, rate {RATE:g}.",
    )
    return (_plot("Loss", "epoch", "loss", curves.loss, curves.held_out_loss, caption, log_y=True),)


def classification(derivation: Derivation, progress: Progress) -> tuple[Plot, ...]:
    """Loss and accuracy over the batches."""
    curves = train_classification(derivation, progress)
    caption: Prose = (
        "The generated code of this network over a batch of columns, trained to tell points on both sides of a"
        f" parabola apart: {HIDDEN['classification']} neurons in each hidden layer, batches of {BATCH},"
        f" {ROUNDS} steps on each, at the rate {FIRST_RATE:g}, which each batch multiplies by {DECAY:g}.",
    )
    return (
        _plot("Loss", "batches", "mean loss", curves.loss, curves.held_out_loss, ()),
        _plot("Accuracy", "batches", "accuracy", curves.accuracy, curves.held_out_accuracy, caption),
    )


def _plot(
    title: str, x: str, y: str, training: list[float], held_out: list[float], caption: Prose, log_y: bool = False
) -> Plot:
    steps = tuple(float(k) for k in range(len(training)))
    series = (Series("training", steps, tuple(training)), Series("held out", steps, tuple(held_out)))
    return Plot(title, x, y, series, caption, log_y)


def main() -> None:
    """Both runs, with a progress bar."""
    from rich.console import Console

    from ..reading.netfile import read
    from . import path
    from .progress import bar

    runs = (("three_layer_relu_batch", train_regression), ("sigmoid_classifier", train_classification))
    console = Console()
    for name, train in runs:
        with bar(console) as progress:
            curves = train(derive(read(path(name))), progress)
        console.print(
            f"{name}: loss {curves.loss[0]:.3g} -> {curves.loss[-1]:.3g}, held out {curves.held_out_loss[-1]:.3g}"
        )
        if curves.accuracy:
            console.print(f"accuracy {curves.accuracy[-1]:.3f}, held out {curves.held_out_accuracy[-1]:.3f}")


if __name__ == "__main__":
    main()
