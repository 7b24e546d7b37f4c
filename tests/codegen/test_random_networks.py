"""Random networks: generated code against terms evaluated by entries, and against differences of the loss."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis import given, note, settings

from symbackprop.codegen import compile_model
from symbackprop.network import Model
from symbackprop.reading.netfile import parse
from symbackprop.tensor.evaluate import evaluate
from tests.codegen.making import expected
from tests.codegen.making import given as arguments_of

BASES = (2, 3, 4, 5, 6, 7)
ENTRYWISE = ("tanh", "relu", "sigmoid", "softplus", "exp", "elu", "silu")
MOST = 12  # axes do not grow beyond this
SHAPES_OF_OPERATIONS = (
    "entrywise", "dense", "dense from the left", "softmax", "slice", "row", "concatenate", "residual", "layer_norm",
    "conv1d", "max_pool", "transpose", "gate", "squares", "centred", "flip", "attention",
)  # fmt: skip

Size = tuple[str, int]  # as it is written, and its value


@dataclass
class Writer:
    """A network that grows line by line; each node is a matrix."""

    sizes: dict[str, int] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)
    equations: list[str] = field(default_factory=list)
    nodes: list[tuple[str, Size, Size]] = field(default_factory=list)

    def size(self, value: int) -> Size:
        """A new size."""
        name = f"s_{len(self.sizes)}"
        self.sizes[name] = value
        return name, value

    def parameter(self, *sizes: Size) -> str:
        """A new parameter."""
        name = f"W_{len(self.declared)}"
        self.declared.append(f"{name}: parameter({', '.join(text for text, _ in sizes)})")
        return name

    def node(self, right: str, rows: Size, columns: Size) -> None:
        """A new equation."""
        name = f"z_{len(self.equations)}"
        self.equations.append(f"{name} = {right}")
        self.nodes.append((name, rows, columns))

    def text(self, loss: str) -> str:
        """The network."""
        return "\n".join([*self.declared, *self.equations, f"J: loss = {loss}"]) + "\n"


@st.composite
def networks(draw: st.DrawFn) -> tuple[str, dict[str, int]]:
    """The text of a network, and its sizes."""
    new = Writer()

    def some_size() -> Size:
        return new.size(draw(st.sampled_from(BASES)))

    rows, columns = some_size(), some_size()
    if draw(st.booleans()):
        new.declared.append(f"X: input({rows[0]}, {columns[0]})")
        new.nodes.append(("X", rows, columns))
    else:
        words = some_size()
        new.declared += [f"i: index({rows[0]}, of={words[0]}, repeat=True)"]
        table = new.parameter(words, columns)
        new.node(f"{table}[i]", rows, columns)
    for operation in draw(st.lists(st.sampled_from(SHAPES_OF_OPERATIONS), min_size=1, max_size=5)):
        x, rows, columns = draw(st.sampled_from([new.nodes[-1], new.nodes[-1], *new.nodes]))
        add(new, operation, x, rows, columns, draw)
    x, rows, columns = new.nodes[-1]
    new.declared.append(f"Y: target({rows[0]}, {columns[0]})")
    loss = draw(
        st.sampled_from(
            ["mean(({x} - Y)**2)", "sum({x} * Y)", "-mean(sum(Y * log_softmax({x}), axis=1))", "norm2({x} - Y)"]
        )
    )
    return new.text(loss.format(x=x)), new.sizes


def add(new: Writer, operation: str, x: str, rows: Size, columns: Size, draw: st.DrawFn) -> None:
    """One more node made from x; nothing where the shape does not allow the operation."""
    if operation == "entrywise":
        new.node(f"{draw(st.sampled_from(ENTRYWISE))}({x})", rows, columns)
    elif operation == "dense":
        h = new.size(draw(st.sampled_from(BASES)))
        new.node(f"{x} @ {new.parameter(columns, h)} + {new.parameter(h)}", rows, h)
    elif operation == "dense from the left":
        h = new.size(draw(st.sampled_from(BASES)))
        new.node(f"{new.parameter(h, rows)} @ {x}", h, columns)
    elif operation == "softmax":
        new.node(f"softmax({x}{draw(st.sampled_from(['', ', axis=0']))})", rows, columns)
    elif operation == "slice" and columns[1] > 2:
        form, less = draw(st.sampled_from([("{x}[:, 1:]", 1), ("{x}[:, :-1]", 1), ("{x}[:, 1:-1]", 2)]))
        new.node(form.format(x=x), rows, (f"({columns[0]}) - {less}", columns[1] - less))
    elif operation == "row" and rows[1] > 2:
        new.node(f"{x}[1:] + {x}[0]", (f"({rows[0]}) - 1", rows[1] - 1), columns)
    elif operation == "concatenate":
        others = [n for n in new.nodes if n[1] == rows and columns[1] + n[2][1] <= MOST]
        if others:
            other, _, more = draw(st.sampled_from(others))
            total = (f"({columns[0]}) + ({more[0]})", columns[1] + more[1])
            new.node(f"concatenate([{x}, {other}], axis=1)", rows, total)
    elif operation == "residual":
        new.node(f"{x} + tanh({x} @ {new.parameter(columns, columns)})", rows, columns)
    elif operation == "layer_norm":
        new.node(f"layer_norm({x}, {new.parameter(columns)}, {new.parameter(columns)}, eps=0.25)", rows, columns)
    elif operation == "conv1d" and columns[1] > 2:
        out = new.size(draw(st.sampled_from(BASES)))
        kernel = new.parameter(out, rows, ("2", 2))
        new.node(f"conv1d({x}, {kernel})", out, (f"({columns[0]}) - 1", columns[1] - 1))
    elif operation == "max_pool" and columns[1] > 1:
        new.node(f"max_pool({x})", rows, (f"({columns[0]}) // 2", columns[1] // 2))
    elif operation == "transpose":
        new.node(f"{x}.T", columns, rows)
    elif operation == "gate":
        new.node(f"sigmoid({x} @ {new.parameter(columns, columns)}) * {x}", rows, columns)
    elif operation == "squares":
        new.node(f"{x}**2 / (1 + {x}**2)", rows, columns)
    elif operation == "centred":
        axis = draw(st.sampled_from([0, 1]))
        new.node(f"{x} - mean({x}, axis={axis}, keepdims=True)", rows, columns)
    elif operation == "flip":
        new.node(f"{x}[:, ::-1]", rows, columns)
    elif operation == "attention":
        new.node(f"softmax({x} @ {x}.T / sqrt({columns[0]})) @ {x}", rows, columns)


def numbers(model: Model, sizes: dict[str, int], seed: int) -> dict[str, Any]:
    """Arguments of moderate size, so that no exponential of an exponential overflows."""
    rng = np.random.default_rng(seed)
    found: dict[str, Any] = {}
    for d in model.declarations.values():
        shape = tuple(s.value(sizes) for s in d.sizes)
        if d.facts.of is not None:
            found[d.name] = rng.integers(0, d.facts.of.value(sizes), shape)
        else:
            found[d.name] = rng.uniform(-0.9, 0.9, shape)
    return found


def agree(found: Any, wanted: Any, name: str, bound: float) -> None:
    """Equal shapes, and entries that differ by at most the bound times the largest one."""
    found, wanted = np.asarray(found, dtype=float), np.asarray(wanted, dtype=float)
    assert found.shape == wanted.shape, name
    scale = 1 + float(np.abs(wanted).max(initial=0.0))
    assert np.abs(found - wanted).max(initial=0.0) <= bound * scale, name


def loss_by_entries(model: Model, arrays: dict[str, Any], sizes: dict[str, int]) -> float:
    """The loss, every term evaluated entry by entry."""
    known = dict(arrays)
    for name, equation in model.equations.items():
        known[name] = evaluate(equation.term, known, sizes)
    return float(known[model.loss])


def check_differences(
    model: Model,
    module: ModuleType,
    arrays: dict[str, Any],
    sizes: dict[str, int],
    gradients: dict[str, Any],
    seed: int,
) -> None:
    """Each gradient in one random direction against the difference quotient of the loss."""
    rng = np.random.default_rng(seed + 1)
    for name in module.GRADIENTS:
        direction = rng.choice([-1.0, 1.0], np.shape(arrays[name]))
        step = 1e-6 / max(1, direction.size)
        up = loss_by_entries(model, {**arrays, name: arrays[name] + step * direction}, sizes)
        down = loss_by_entries(model, {**arrays, name: arrays[name] - step * direction}, sizes)
        slope = float((gradients[name] * direction).sum())
        scale = 1 + float(np.abs(gradients[name]).sum()) + abs(up) * direction.size
        assert abs((up - down) / (2 * step) - slope) <= 2e-6 * scale, name


def check_memory(module: ModuleType, arguments: dict[str, Any]) -> dict[str, Any]:
    """The gradients; neither they nor nodes share memory with an argument or another call, and no argument changes."""
    before = {name: np.copy(x) for name, x in arguments.items()}
    first = module.loss_and_grad(**arguments, wrt_=module.GRADIENTS)[1]
    kept = {name: x.copy() for name, x in first.items()}
    groups = [list(first.values()), list(module.loss_and_grad(**arguments, wrt_=module.GRADIENTS)[1].values())]
    groups += [list(module.forward(**arguments).values()) for _ in range(2)]
    groups.append([x for x in arguments.values() if isinstance(x, np.ndarray)])
    for k, group in enumerate(groups):
        for other in groups[k + 1 :]:
            assert not any(np.shares_memory(x, y) for x in group for y in other)
    for name, x in before.items():
        np.testing.assert_array_equal(arguments[name], x, name)
    return kept


def check_single(module: ModuleType, arguments: dict[str, Any], gradients: dict[str, Any]) -> None:
    """Arrays of float32 give float32, near what float64 gives."""
    single = {n: x.astype(np.float32) if getattr(x, "dtype", None) == np.float64 else x for n, x in arguments.items()}
    value, found = module.loss_and_grad(**single, wrt_=module.GRADIENTS)
    assert value.dtype == np.float32
    for name, x in found.items():
        assert x.dtype == np.float32, name
        agree(x, gradients[name], name, 1e-3)
    assert all(x.dtype == np.float32 for x in module.forward(**single).values())


@settings(max_examples=25)
@given(networks(), st.integers(0, 10**6))
def test_generated_code_means_its_network(network: tuple[str, dict[str, int]], seed: int) -> None:
    text, sizes = network
    note(text)
    model = parse(text)
    sizes = {name: sizes[name] for name in model.size_names()}
    module = compile_model(model)
    arrays = numbers(model, sizes, seed)
    wanted = expected(model, arrays, sizes, module.GRADIENTS)
    given_ = arguments_of(module, arrays, sizes)
    work = module.Workspace()
    for options in ({}, {"workspace_": work}, {"workspace_": work}):
        value, gradients = module.loss_and_grad(**given_, **options, wrt_=module.GRADIENTS)
        agree(value, wanted[model.loss], "loss", 1e-12)
        for name in module.GRADIENTS:
            agree(gradients[name], wanted["d " + name], name, 1e-11)
        for name, node in module.forward(**given_, **options).items():
            agree(node, wanted[name], name, 1e-12)
    gradients = check_memory(module, given_)
    check_single(module, given_, gradients)
    check_differences(model, module, arrays, sizes, gradients, seed)
