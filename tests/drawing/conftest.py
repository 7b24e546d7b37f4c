"""Computing graphs of the kinds that occur: a chain of layers, shared weights, several paths, scalars, anything."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from symbackprop.document import Graph, Math, Role, Vertex


def vertex(name: str, role: Role, operation: str = "") -> Vertex:
    letter, _, index = name.partition("_")
    return Vertex(name, role, Math(f"{letter}_{{{index}}}" if index else letter, f"<mi>{name}</mi>", name), operation)


def perceptron(layers: int) -> Graph:
    vertices, arrows, last = [vertex("x", "input"), vertex("y", "target")], [], "x"
    for k in range(1, layers + 1):
        z, a = f"z_{k}", f"a_{k}"
        vertices += [vertex(f"W_{k}", "parameter"), vertex(f"b_{k}", "parameter"), vertex(z, "node", "affine")]
        arrows += [(f"W_{k}", z), (last, z), (f"b_{k}", z)]
        last = z
        if k < layers:
            vertices.append(vertex(a, "node", "relu"))
            arrows.append((z, a))
            last = a
    vertices.append(vertex("J", "loss", "squared error"))
    return Graph(tuple(vertices), (*arrows, (last, "J"), ("y", "J")))


def recurrence(steps: int) -> Graph:
    vertices = [vertex("h_0", "input"), *(vertex(name, "parameter") for name in "WUb")]
    arrows: list[tuple[str, str]] = []
    for t in range(1, steps + 1):
        x, z, h = f"x_{t}", f"z_{t}", f"h_{t}"
        vertices += [vertex(x, "input"), vertex(z, "node", "affine"), vertex(h, "node", "tanh")]
        arrows += [("W", z), (f"h_{t - 1}", z), ("U", z), (x, z), ("b", z), (z, h)]
    vertices += [vertex("y", "target"), vertex("J", "loss", "squared error")]
    return Graph(tuple(vertices), (*arrows, (f"h_{steps}", "J"), ("y", "J")))


def attention() -> Graph:
    roles: list[tuple[str, Role, str]] = [("X", "input", ""), ("t", "target", "")]
    roles += [(f"W_{c}", "parameter", "") for c in "QKVO"]
    roles += [(c, "node", "product") for c in "QKV"]
    roles += [("S", "node", "scores"), ("A", "node", "softmax"), ("O", "node", "residual"), ("m", "node", "mean")]
    roles += [("L", "loss", "cross-entropy")]
    arrows = [("X", c) for c in "QKV"] + [(f"W_{c}", c) for c in "QKV"]
    arrows += [("Q", "S"), ("K", "S"), ("S", "A"), ("A", "O"), ("V", "O"), ("W_O", "O"), ("X", "O")]
    return Graph(tuple(vertex(*row) for row in roles), (*arrows, ("O", "m"), ("m", "L"), ("t", "L")))


def anything(size: int, seed: int) -> Graph:
    """A graph with no pattern: each value from one to four earlier ones."""
    dice = random.Random(seed)  # noqa: S311 - a graph, not a secret
    leaves = max(2, size // 3)
    kinds: tuple[Role, ...] = ("input", "parameter", "constant", "target", "parameter")
    vertices = [vertex(f"p_{k}", kinds[k % len(kinds)]) for k in range(leaves)]
    arrows = []
    for k in range(leaves, size):
        name = f"v_{k}"
        vertices.append(vertex(name, "loss" if k == size - 1 else "node", dice.choice(["", "tanh", "log-softmax"])))
        chosen = dice.sample([v.name for v in vertices[:-1]], min(len(vertices) - 1, dice.randint(1, 4)))
        arrows += [(other, name) for other in chosen]
    return Graph(tuple(vertices), tuple(arrows))


MADE: dict[str, Callable[[], Graph]] = {
    "perceptron": lambda: perceptron(3),
    "deep perceptron": lambda: perceptron(9),
    "recurrence": lambda: recurrence(4),
    "attention": attention,
    "anything 12": lambda: anything(12, 1),
    "anything 40": lambda: anything(40, 2),
}


@pytest.fixture(params=MADE)
def graph(request: pytest.FixtureRequest) -> Graph:
    return MADE[request.param]()


@pytest.fixture(scope="session")
def networks() -> dict[str, Callable[..., Graph]]:
    return {"perceptron": perceptron, "recurrence": recurrence, "attention": attention, "anything": anything}
