"""Networks for the tests of generated code, numbers for their arguments, and what their values must be."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np

from symbackprop.codegen import compile_model
from symbackprop.derive import derive, gradient_symbol
from symbackprop.network import Model
from symbackprop.reading.netfile import parse
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.terms import symbol

PERCEPTRON = '''"""Two tanh layers, batch of rows, mean squared error."""
X: input(n, d)
Y: target(n, k)
W_1: parameter(d, h)
b_1: parameter(h)
W_2: parameter(h, k)
b_2: parameter(k)

z_1 = X @ W_1 + b_1
a_1 = tanh(z_1)
z_2 = a_1 @ W_2 + b_2
J: loss = mean((z_2 - Y)**2)
'''
CLASSIFIER = '''"""One hidden layer, softmax and cross-entropy, integer labels."""
X: input(n, d)
y: index(n, of=c, repeat=True)
W: parameter(d, h)
V: parameter(h, c)
lam: constant(positive=True)

a = relu(X @ W)
p = softmax(a @ V)
J: loss = -sum(onehot(y, c) * log(p)) / n + lam * sum(W**2)
'''
NEURON = '''"""One neuron."""
x: input()
t: target(values=(0, 1))
w: parameter()
b: parameter()

p = sigmoid(w * x + b)
J: loss = -(t * log(p) + (1 - t) * log(1 - p))
'''


def network(text: str) -> Model:
    """The network of a text."""
    return parse(text)


def compiled(text: str, wrt: Sequence[str] | None = None) -> ModuleType:
    """The generated module of a network."""
    return compile_model(network(text), wrt)


def sizes_of(model: Model, start: int = 2) -> dict[str, int]:
    """Small sizes, all different."""
    return {name: start + k for k, name in enumerate(model.size_names())}


def arrays_of(model: Model, sizes: dict[str, int], seed: int = 0) -> dict[str, Any]:
    """Random arguments that keep to the declared facts."""
    rng = np.random.default_rng(seed)
    found: dict[str, Any] = {}
    for d in model.declarations.values():
        shape = tuple(s.value(sizes) for s in d.sizes)
        if d.role == "index":
            assert d.facts.of is not None
            found[d.name] = rng.integers(0, d.facts.of.value(sizes), shape)
        elif d.facts.onehot:
            found[d.name] = np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
        elif d.facts.values is not None:
            found[d.name] = rng.choice([float(v) for v in d.facts.values], shape)
        elif d.facts.positive:
            found[d.name] = 0.5 + rng.random(shape)
        else:
            found[d.name] = rng.standard_normal(shape)
    return {name: x if np.ndim(x) else x[()] if isinstance(x, np.ndarray) else x for name, x in found.items()}


def expected(model: Model, arrays: dict[str, Any], sizes: dict[str, int], wrt: Sequence[str]) -> dict[str, Any]:
    """Nodes, and gradients as "d NAME", by entries: every formula of the derivation evaluated, node by node."""
    known = dict(arrays)
    derivation = derive(model)
    for name in derivation.graph.order:
        known[name] = evaluate(model.equations[name].term, known, sizes)
    found = {name: known[name] for name in model.equations}
    for name in derivation.order:
        term = derivation.recursive_terms[name]
        known[gradient_symbol(name, symbol(name, term.sizes)).name] = evaluate(term, known, sizes)
    for name in wrt:
        shape = tuple(s.value(sizes) for s in derivation.graph.sizes(name))
        like = symbol(name, derivation.graph.sizes(name))
        found["d " + name] = known.get(gradient_symbol(name, like).name, np.zeros(shape))
    return found


def close(found: Any, wanted: Any, bound: float = 1e-10) -> bool:
    """True if the arrays have one shape, and entries that differ by at most bound · (1 + the largest entry)."""
    found, wanted = np.asarray(found, dtype=float), np.asarray(wanted, dtype=float)
    assert found.shape == wanted.shape, f"{found.shape} is not {wanted.shape}"
    return bool(np.max(np.abs(found - wanted), initial=0) <= bound * (1 + np.max(np.abs(wanted), initial=0)))


def given(module: ModuleType, arrays: dict[str, Any], sizes: dict[str, int]) -> dict[str, Any]:
    """Arguments by the names that the module gives them, and the sizes that it asks for."""
    return {module.SHOWN.get(n, n): x for n, x in arrays.items()} | {n: sizes[n] for n in module.REQUIRED}


def body(source: str, function: str = "_loss_and_grad") -> list[str]:
    """The lines of the inner function `run` of a generated function."""
    _, _, rest = source.partition(f"\ndef {function}(")
    lines = rest.partition("\n# -----")[0].split("\n")
    start = next(k for k, line in enumerate(lines) if line.strip().startswith("def run("))
    return [line.strip() for line in lines[start + 1 : lines.index("    return fits, run")] if line.strip()]
