"""Terms as expressions of a network file: read again by the file's own reader, and by an independent evaluator."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.derive import Derivation, derive, gradient_symbol
from symbackprop.draws import Drawer
from symbackprop.reading.files import read_text
from symbackprop.reading.netfile import parse, read
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.normal import apply, bracket, flipped, number, product, zeros
from symbackprop.tensor.size import size
from symbackprop.tensor.specials import special
from symbackprop.tensor.substitute import substitute, subterms
from symbackprop.tensor.terms import Symbol, Term, symbol
from symbackprop.verification.network_text import network_text
from tests.tensor import making

GALLERY = Path(__file__).resolve().parents[2] / "symbackprop" / "gallery"
MEMORY: dict[Path, list[tuple[str, Term, str | None]]] = {}
DECLARED = """
c: constant()
x: constant(n)
y: constant(n)
v: constant(m)
A: constant(n, m)
B: constant(n, m)
S: constant(n, n)
T: constant(n, n, m)
J: loss = 0 * sum(x)
"""


def networks(cases: Path) -> list[Path]:
    """All published networks and all shipped ones."""
    return [*sorted(cases.glob("nets/*.net")), *sorted(cases.glob("networks/*.net")), *sorted(GALLERY.rglob("*.net"))]


def gradients(derivation: Derivation) -> Iterator[tuple[str, Term]]:
    """Every gradient of a network, recursive and closed."""
    for step in derivation.steps:
        for term in {step.formula.term: None, step.closed.term: None}:
            yield step.node, term


def printed(path: Path) -> list[tuple[str, Term, str | None]]:
    """Node, gradient and expression, for every gradient of a network file."""
    if path not in MEMORY:
        derivation = derive(read(path))
        MEMORY[path] = [(node, term, network_text(term, {}, derivation)) for node, term in gradients(derivation)]
    return MEMORY[path]


def read_again(text: str, expressions: list[str], extra: dict[str, tuple[Any, ...]], folder: Path | None = None) -> Any:
    """The terms that the network file's reader makes of expressions, gradients being declared constants."""
    lines = [f"given_{name}: constant({', '.join(map(str, sizes))})" for name, sizes in extra.items()]
    named = [re.sub(r"grad[(]([A-Za-z_0-9]+)[)]", r"given_\1", e) for e in expressions]
    lines += [f"probe_{k} = {e}" for k, e in enumerate(named)]
    model = parse(text + "\n" + "\n".join(lines) + "\n", folder=folder)
    inner: dict[Term, Term] = {e.symbol: e.term for e in model.equations.values() if e.auxiliary}
    terms = [model.equations[f"probe_{k}"].term for k in range(len(expressions))]
    for _ in inner:
        terms = [substitute(term, inner) for term in terms]
    return model, terms


def given_gradients(terms: list[Term]) -> dict[str, tuple[Any, ...]]:
    """The gradients that the terms take as given, with their shapes."""
    found = {t for term in terms for t in subterms(term) if isinstance(t, Symbol) and t.name.startswith("@")}
    return {t.name[1:]: t.sizes for t in sorted(found, key=lambda t: t.name)}


def agree(one: Any, other: Any) -> bool:
    """Equal shape and, relative to the largest entry, equal value."""
    one, other = np.asarray(one), np.asarray(other)
    scale = 1 + np.abs(other).max(initial=0)
    return one.shape == other.shape and bool(np.allclose(one / scale, other / scale, atol=1e-9, rtol=0))


def test_every_gradient_has_an_expression_and_few_of_them_need_einsum(cases_dir: Path) -> None:
    found = [text for path in networks(cases_dir) for _, _, text in printed(path)]
    assert len(found) > 800
    assert [t for t in found if t is None] == []
    assert sum("einsum" in t for t in found if t) < len(found) / 50
    assert not [t for t in found if t and ("np." in t or "1 * " in re.sub(r"[0-9A-Za-z_]1 \* ", "", t))]


def test_the_network_files_reader_reads_every_expression_as_the_gradient(cases_dir: Path) -> None:
    wrong = []
    for path in networks(cases_dir):
        known = [(node, term, text) for node, term, text in printed(path) if text]
        extra = given_gradients([term for _, term, _ in known])
        model, terms = read_again(read_text(path), [text for _, _, text in known], extra, path.parent)
        draw = Drawer(model, derive(model).graph, 3).draw()
        assert draw is not None
        arrays = {**draw.arrays, **{f"@{name}": draw.arrays[f"given_{name}"] for name in extra}}
        for (node, term, text), back in zip(known, terms, strict=True):
            if not agree(evaluate(back, arrays, draw.sizes), evaluate(term, arrays, draw.sizes)):
                wrong.append((path.stem, node, text))
    assert wrong == []


def test_second_derivatives_are_read_as_what_they_are_too(cases_dir: Path) -> None:
    wrong, count = [], 0
    for path in sorted(cases_dir.glob("nets/*.net")):
        derivation = derive(read(path))
        names = derivation.model.names("parameter") or derivation.model.names("input")
        terms = {(names[0], q): derivation.hessian(names[0], q).closed.term for q in (names[0], names[-1])}
        texts = {pair: network_text(term, {}, derivation) for pair, term in terms.items()}
        kept = [pair for pair, text in texts.items() if text is not None]
        if any(s.name.startswith("@") for pair in kept for s in subterms(terms[pair]) if isinstance(s, Symbol)):
            continue
        model, read_back = read_again(read_text(path), [texts[pair] or "" for pair in kept], {}, path.parent)
        draw = Drawer(model, derive(model).graph, 3).draw()
        assert draw is not None
        for pair, back in zip(kept, read_back, strict=True):
            count += 1
            if not agree(evaluate(back, draw.arrays, draw.sizes), evaluate(terms[pair], draw.arrays, draw.sizes)):
                wrong.append((path.stem, pair, texts[pair]))
    assert wrong == []
    assert count > 60


def evaluator(cases: Path) -> ModuleType:
    """The published evaluator of network files."""
    spec = importlib.util.spec_from_file_location("check_split", cases / "check_split.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_automatic_differentiation_agrees_with_every_expression(cases_dir: Path, torch: ModuleType) -> None:
    check = evaluator(cases_dir)
    wrong = []
    for path in [*sorted(cases_dir.glob("nets/*.net")), *sorted(cases_dir.glob("networks/*.net"))]:
        net = check.read(path.read_text(encoding="utf-8"))
        run = check.Run(net, check.draw_sizes(net, 1), 1)
        run.grad = cache(run.grad)
        for node, _, text in printed(path):
            try:
                fits = check.same(run.value(text), run.grad(node))
            except (check.NetError, RuntimeError, TypeError) as error:
                wrong.append((path.stem, node, text, str(error)))
                continue
            if not fits:
                wrong.append((path.stem, node, text, "differs"))
    assert wrong == []


# ---------------------------------------------------------------------- exact expressions

MLP = """
x: input(d)
y: target(k)
W_1: parameter(h, d)
b_1: parameter(h)
W_2: parameter(k, h)
b_2: parameter(k)
z_1 = W_1 @ x + b_1
a_1 = {f}(z_1)
z_2 = W_2 @ a_1 + b_2
J: loss = norm2(z_2 - y)**2 / 2
"""
BATCH = """
X: input(n, d)
T: target(n, k)
W: parameter(d, k)
b: parameter(k)
Z = X @ W + b
P = softmax(Z)
J: loss = -sum(T * log(P)) / n
"""
ROWS = """
X: input(n, d)
G: constant(n, d)
gamma: parameter(d)
mu = mean(X, axis=0)
Xhat = X - mu
Y = Xhat * gamma
J: loss = sum(Y * G)
"""
GAUSSIAN = """
x: input(d)
mu: parameter(d)
Sigma: parameter(d, d, positive_definite=True)
J: loss = (x - mu) @ inv(Sigma) @ (x - mu) / 2 + logdet(Sigma) / 2
"""
EXPECTED = [
    (MLP.format(f="sigmoid"), "z_2", "z_2 - y", None),
    (MLP.format(f="sigmoid"), "W_2", "outer(grad(z_2), a_1)", "outer(z_2 - y, a_1)"),
    (MLP.format(f="sigmoid"), "a_1", "W_2.T @ grad(z_2)", "W_2.T @ (z_2 - y)"),
    (MLP.format(f="sigmoid"), "z_1", "grad(a_1) * a_1 * (1 - a_1)", "W_2.T @ (z_2 - y) * a_1 * (1 - a_1)"),
    (MLP.format(f="sigmoid"), "W_1", "outer(grad(z_1), x)", "outer(W_2.T @ (z_2 - y) * a_1 * (1 - a_1), x)"),
    (MLP.format(f="sigmoid"), "x", "W_1.T @ grad(z_1)", "W_1.T @ (W_2.T @ (z_2 - y) * a_1 * (1 - a_1))"),
    (MLP.format(f="tanh"), "z_1", "grad(a_1) * (1 - a_1**2)", "W_2.T @ (z_2 - y) * (1 - a_1**2)"),
    (MLP.format(f="relu"), "z_1", "grad(a_1) * (z_1 > 0)", "W_2.T @ (z_2 - y) * (z_1 > 0)"),
    (BATCH, "P", "-T / (n * P)", None),
    (BATCH, "Z", "P * (grad(P) - sum(grad(P) * P, axis=1, keepdims=True))", None),
    (BATCH, "W", "X.T @ grad(Z)", None),
    (BATCH, "b", "sum(grad(Z), axis=0)", None),
    (BATCH, "X", "grad(Z) @ W.T", None),
    (BATCH.replace("target(n, k)", "target(n, k, onehot=True)"), "W", "X.T @ grad(Z)", "X.T @ (P - T) / n"),
    (ROWS, "gamma", "sum(grad(Y) * Xhat, axis=0)", "sum(Xhat * G, axis=0)"),
    (ROWS, "Xhat", "grad(Y) * gamma", "gamma * G"),
    (ROWS, "mu", "-sum(grad(Xhat), axis=0)", "-sum(G, axis=0) * gamma"),
    (ROWS, "X", "grad(mu) / n + grad(Xhat)", None),
    (GAUSSIAN, "x", "(inv(Sigma).T @ (x - mu) + inv(Sigma) @ (x - mu)) / 2", None),
]


GATES = """
x: input(d)
W: parameter(3*h, d)
z = W @ x
i = sigmoid(z[:h])
o = sigmoid(z[h:2*h])
g = tanh(z[2*h:])
J: loss = sum(o * tanh(i * g))
"""
ATTENTION = """
X: input(n, d)
W_Q: parameter(d, k)
W_K: parameter(d, k)
Q = X @ W_Q
K = X @ W_K
A = softmax(Q @ K.T / sqrt(k))
J: loss = sum(A**2)
"""
NORMED = """
x: input(n, d)
g: parameter(d)
b: parameter(d)
y = layer_norm(x, g, b)
J: loss = sum(y**3)
"""
EXPECTED += [
    (GATES, "z", "concatenate([grad(i) * i * (1 - i), grad(o) * o * (1 - o), grad(g) * (1 - g**2)])", None),
    (ATTENTION, "Q", "(A * (grad(A) - sum(grad(A) * A, axis=1, keepdims=True))) @ K / sqrt(k)", None),
    (NORMED, "g", "sum(grad(y) * layer_norm(x), axis=0)", "3 * sum(y**2 * layer_norm(x), axis=0)"),
]


@pytest.mark.parametrize(("text", "node", "recursive", "closed"), EXPECTED)
def test_gradients_are_written_as_people_write_them(text: str, node: str, recursive: str, closed: str | None) -> None:
    derivation = derive(parse(text))
    formula = derivation.gradient(node)
    assert network_text(formula.term, {}, derivation) == recursive
    if closed is not None:
        assert network_text(formula.closed.term, {}, derivation) == closed


N, M = size("n"), size("m")
x, y, v, A, B, S, T = (s for s in making.SYMBOLS if s.name != "c")
TERMS = [
    (product(1, [(A, (0, 2), 1), (B, (1, 2), 1)], (0, 1)), "A @ B.T"),
    (product(1, [(A, (0, 2), 1), (v, (2,), 1), (B, (1, 2), 1)], (0, 1)), "(A * v) @ B.T"),
    (product(1, [(x, (0,), 1), (S, (0, 1), 1), (y, (1,), 1)], ()), "x @ S @ y"),
    (product(1, [(y, (1,), 1), (S, (0, 1), 1), (S, (2, 0), 1), (x, (2,), 1)], ()), "x @ S @ S @ y"),
    (product(1, [(S, (0, 1), 1), (S, (1, 0), 1)], ()), "trace(S @ S)"),
    (product(1, [(A, (0, 1), 1), (B, (0, 1), 1)], ()), "sum(A * B)"),
    (product(1, [(S, (0, 0), 1)], (0,)), "diag(S)"),
    (product(1, [(S, (0, 0), 1)], ()), "sum(diag(S))"),
    (product(1, [(x, (0,), 1)], (0, 1), {0: N, 1: N}), "x[:, None] * ones((n, n))"),
    (product(3, [(x, (0,), 2), (symbol("c"), (), -1)], (0,)), "3 * x**2 / c"),
    (product(Fraction(1, 10), [(x, (0,), Fraction(3, 2))], (0,)), "0.1 * x**1.5"),
    (product(1, [(x, (0,), 2)], ()) ** Fraction(1, 2), "norm2(x)"),
    (product(1, [(x, (0,), 1), (bracket((N, N), (1, -1)), (0, 1), 1)], (0, 1)), "diag(x)"),
    (bracket((N, N), (1, -1)), "eye(n)"),
    (zeros((N, M)), "zeros((n, m))"),
    (number(1, (N,)), "ones(n)"),
    (1 - apply("step", [x - y]), "x <= y"),
    (apply("power", [x, y - 1]), "x**(y - 1)"),
    (special("softmax", A, 1), "softmax(A)"),
    (product(1, [(special("softmax", S, 1), (1, 0), 1), (A, (1, 2), 1)], (0, 2)), "softmax(S).T @ A"),
    (product(1, [(special("softmax", flipped(A), 1), (1, 0), 1)], (0, 1)), "softmax(A, axis=0)"),
    (special("logsumexp", A, 1), "logsumexp(A, axis=1)"),
    (gradient_symbol("z_1", x), "grad(z_1)"),
    (symbol("@L@z", (N,)), "grad(z, of=L)"),
    (product(1, [(T, (0, 1, 2), 1), (v, (2,), 1)], (0, 1)), "T @ v"),
    (product(1, [(T, (0, 1, 2), 1), (S, (0, 1), 1)], (2,)), "sum(S[:, :, None] * T, axis=(0, 1))"),
    (product(1, [(x, (0,), 1), (y, (1,), 1), (S, (0, 1), 1)], (0, 1)), "S * x[:, None] * y"),
]


@pytest.mark.parametrize(("term", "expected"), TERMS)
def test_terms_are_written_as_people_write_them(term: Term, expected: str) -> None:
    assert network_text(term) == expected


def test_what_has_no_expression_gives_none() -> None:
    assert network_text(special("argmax", x, 1)) is None
    assert network_text(symbol("#p|q", (N, N))) is None
    assert network_text(apply("lgamma", [x])) is None


def test_names_may_be_written_otherwise() -> None:
    assert network_text(x * y, {"y": "grad(p, of=L)"}) == "x * grad(p, of=L)"


@settings(max_examples=40)
@given(st.data())
def test_any_term_is_read_as_itself_or_not_written(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from([(), (N,), (N, M), (N, N)]))
    term = data.draw(making.terms(shape, 3))
    text = network_text(term)
    if text is None:
        return
    _, (back,) = read_again(DECLARED, [text], {})
    assert back.sizes == term.sizes, text
    making.close(back, term)


@settings(max_examples=60)
@given(making.einsums())
def test_any_einsum_is_read_as_itself(drawn: Any) -> None:
    term = product(Fraction(3, 2), *drawn)
    text = network_text(term)
    if text is None:
        return
    _, (back,) = read_again(DECLARED, [text], {})
    assert back.sizes == term.sizes, text
    making.close(back, term)
