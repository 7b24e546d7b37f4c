"""The derivation as data: its steps and their order, reasons, errors, Jacobians, long closed forms, deep networks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from symbackprop.derive import Derivation, derive
from symbackprop.errors import SymbackpropError, UnknownName
from symbackprop.reading.netfile import parse
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.terms import Symbol
from tests.derive.numbers import differences, drawn

PERCEPTRON = """
x: input(d)
y: target(k)
W_1: parameter(h, d)
b_1: parameter(h)
W_2: parameter(k, h)
b_2: parameter(k)
unused: parameter(h, k)

z_1 = W_1 @ x + b_1
a_1 = tanh(z_1)
z_2 = W_2 @ a_1 + b_2
J: loss = norm2(z_2 - y)**2 / 2
"""
RESIDUAL = """
x: input(n)
W: parameter(n, n)
h_1 = x + tanh(W @ x)
h_2 = h_1 + tanh(W @ h_1)
p = softmax(h_2)
J: loss = -sum(log(p) * x) + norm2(h_1)**2
"""
EMBEDDING = """
E: parameter(V, d)
k: index(n, of=V, repeat=True)
v: parameter(d)
Z = E[k]
s = sigmoid(Z @ v)
J: loss = sum(s**2)
"""
ROWS = """
X: input(N, d)
W: parameter(d, h)
b: parameter(h)
Z = X @ W + b
A = relu(Z)
m = mean(A, axis=0)
J: loss = norm2(m)**2
"""
SEVERAL = {"perceptron": PERCEPTRON, "residual": RESIDUAL, "embedding": EMBEDDING, "rows": ROWS}


def of(source: str) -> Derivation:
    return derive(parse(source))


def chain(depth: int) -> str:
    """A scalar through `depth` neurons that share one weight."""
    lines = ["x: input()", "w: parameter()", "a_0 = x", *(f"a_{k} = tanh(w * a_{k - 1})" for k in range(1, depth + 1))]
    return "\n".join([*lines, f"J: loss = a_{depth}**2"])


def branching(depth: int) -> str:
    """Layers of which each takes the two before it: closed forms grow like Fibonacci's numbers."""
    lines = ["x: input(n)", "W: parameter(n, n)", "h_0 = x", "h_1 = tanh(W @ x)"]
    lines += [f"h_{k} = tanh(W @ h_{k - 1}) + sin(W @ h_{k - 2})" for k in range(2, depth + 1)]
    return "\n".join([*lines, f"J: loss = norm2(h_{depth})**2"])


# ------------------------------------------------------------------ steps


@pytest.mark.parametrize("name", SEVERAL)
def test_a_step_comes_after_all_steps_that_it_takes_gradients_from(name: str) -> None:
    derivation = of(SEVERAL[name])
    place = {step.node: k for k, step in enumerate(derivation.steps)}
    assert next(iter(place)) == derivation.model.loss
    for step in derivation.steps:
        assert all(place[child] < place[step.node] for child in step.upstream)


def test_a_step_names_every_node_that_uses_it_and_no_other() -> None:
    upstream = {step.node: step.upstream for step in of(RESIDUAL).steps}
    assert upstream == {
        "J": (),
        "p": ("J",),
        "h_2": ("p",),
        "h_1": ("J", "h_2"),
        "W": ("h_2", "h_1"),
        "x": ("J", "h_1"),
    }


@pytest.mark.parametrize("name", SEVERAL)
def test_a_step_takes_gradients_of_its_upstream_nodes_only(name: str) -> None:
    derivation = of(SEVERAL[name])
    for step in derivation.steps:
        used = {t.name[1:] for t in symbols(derivation.recursive_terms[step.node]) if t.name.startswith("@")}
        assert used <= set(step.upstream)


def symbols(term: object) -> set[Symbol]:
    """The symbols in a term."""
    found, stack = set(), [term]
    while stack:
        top = stack.pop()
        if isinstance(top, Symbol):
            found.add(top)
        stack.extend(top.children)  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("name", SEVERAL)
def test_every_step_has_a_reason_that_is_a_sentence(name: str) -> None:
    for step in of(SEVERAL[name]).steps:
        assert step.reason.endswith(".")
        assert len(step.reason.split()) > 3
        assert "\n" not in step.reason


def test_reasons_say_which_child_and_which_rule() -> None:
    reasons = {step.node: step.reason for step in of(PERCEPTRON).steps}
    assert reasons["z_1"] == "z₁ enters J through a₁ only; tanh′(z) = 1 − tanh(z)²."
    assert reasons["W_2"] == "W₂ enters J through z₂ only; matrix product: the other factor, transposed."
    shared = {step.node: step.reason for step in of(RESIDUAL).steps}
    assert shared["W"].startswith("W is used 2 times, in h₁, h₂: the contributions add up;")


@pytest.mark.parametrize("name", SEVERAL)
def test_gradients_have_the_shape_of_their_variable(name: str) -> None:
    derivation = of(SEVERAL[name])
    for step in derivation.steps:
        assert step.formula.term.sizes == derivation.graph.sizes(step.node) == step.closed.term.sizes


@pytest.mark.parametrize("name", SEVERAL)
@pytest.mark.parametrize("seed", [1, 2])
def test_gradients_in_both_forms_are_what_differences_say(name: str, seed: int) -> None:
    derivation = of(SEVERAL[name])
    draw = drawn(derivation, seed)
    values = dict(draw.arrays)
    for node in derivation.order:
        values["@" + node] = evaluate(derivation.recursive_terms[node], values, draw.sizes)
    for step in derivation.steps:
        wanted = differences(derivation, draw, derivation.model.loss, step.node)
        for term in (step.formula.term, step.closed.term):
            np.testing.assert_allclose(evaluate(term, values, draw.sizes), wanted, rtol=1e-6, atol=1e-7)


# ------------------------------------------------------------------ what has no gradient, or none but zero


def test_an_unused_parameter_has_gradient_zero_and_no_step() -> None:
    derivation = of(PERCEPTRON)
    gradient = derivation.gradient("unused")
    assert gradient.equation_text == "∂J/∂unused = 0"
    assert gradient.term.is_zero
    assert gradient.term.sizes == derivation.graph.sizes("unused")
    assert gradient.closed.text == "0"
    assert "unused" not in [step.node for step in derivation.steps]


def test_a_node_that_the_loss_does_not_use_has_gradient_zero() -> None:
    derivation = of("x: parameter(n)\nu = exp(x)\nJ: loss = sum(x)\n")
    assert derivation.gradient("u").term.is_zero
    assert derivation.gradient("x").text == "1"


def test_an_unknown_name_is_an_error_with_the_nearest_names() -> None:
    with pytest.raises(
        UnknownName, match=r"There is no symbol or node 'W_3' in this network\. Did you mean W_2 or W_1\?"
    ):
        of(PERCEPTRON).gradient("W_3")
    with pytest.raises(UnknownName, match="The network has: x, y, W_1, b_1, W_2, b_2, unused, z_1, a_1, z_2, J"):
        of(PERCEPTRON).gradient("quite another name")


@pytest.mark.parametrize(
    "ask",
    [
        lambda d: d.jacobian("z_2", "nowhere"),
        lambda d: d.jacobian("nowhere", "z_2"),
        lambda d: d.hessian("W_1", "nowhere"),
    ],
)
def test_every_question_about_an_unknown_name_is_the_same_error(ask: object) -> None:
    with pytest.raises(UnknownName, match="no symbol or node 'nowhere'"):
        ask(of(PERCEPTRON))  # type: ignore[operator]


@pytest.mark.parametrize(
    "ask", [lambda d: d.gradient("k"), lambda d: d.jacobian("Z", "k"), lambda d: d.hessian("E", "k")]
)
def test_an_index_has_no_derivative(ask: object) -> None:
    with pytest.raises(SymbackpropError, match="k is an index; there is no derivative with respect to an integer"):
        ask(of(EMBEDDING))  # type: ignore[operator]


@pytest.mark.parametrize("option", [{"layout": "wide"}, {"vec": "diagonal"}])
def test_an_option_that_is_none_is_an_error(option: dict[str, str]) -> None:
    with pytest.raises(SymbackpropError, match="is not one of"):
        derive(parse(PERCEPTRON), **option)  # type: ignore[arg-type]


# ------------------------------------------------------------------ Jacobians


@pytest.mark.parametrize(
    ("name", "of_", "wrt", "text"),
    [
        ("perceptron", "z_2", "a_1", "∂z₂/∂a₁ = W₂"),
        ("perceptron", "z_2", "x", None),
        ("perceptron", "a_1", "z_1", "∂a₁/∂z₁ = diag(1 − a₁^∘2)"),
        ("perceptron", "z_1", "W_1", None),
        ("perceptron", "z_2", "b_2", "∂z₂/∂b₂ = I"),
        ("perceptron", "J", "W_2", None),
        ("perceptron", "z_2", "z_2", "∂z₂/∂z₂ = I"),
        ("perceptron", "z_1", "z_2", "∂z₁/∂z₂ = 0"),
        ("residual", "p", "h_2", "∂p/∂h₂ = diag(p) − p pᵀ"),
        ("residual", "h_2", "x", None),
        ("residual", "h_2", "W", None),
        ("embedding", "s", "E", None),
        ("embedding", "Z", "E", None),
        ("rows", "m", "X", None),
        ("rows", "A", "Z", None),
        ("rows", "Z", "b", None),
    ],
)
def test_jacobians_are_what_differences_say(name: str, of_: str, wrt: str, text: str | None) -> None:
    derivation = of(SEVERAL[name])
    jacobian = derivation.jacobian(of_, wrt)
    assert jacobian.term.sizes == (*derivation.graph.sizes(of_), *derivation.graph.sizes(wrt))
    draw = drawn(derivation)
    wanted = differences(derivation, draw, of_, wrt)
    np.testing.assert_allclose(evaluate(jacobian.term, draw.arrays, draw.sizes), wanted, rtol=1e-6, atol=1e-7)
    assert text is None or jacobian.equation_text == text


# ------------------------------------------------------------------ long and deep


def test_a_closed_form_past_400_symbols_keeps_shared_gradients_and_lists_them() -> None:
    derivation = of(branching(14))
    closed = derivation.gradient("W").closed
    assert closed.where
    names = [formula.name for formula in closed.where]
    assert len(set(names)) == len(names)
    known = set()
    for formula in (closed, *closed.where):
        used = {t.name[1:] for t in symbols(formula.term) if t.name.startswith("@")}
        assert used <= set(names)
        known |= used
        assert formula.closed is formula
    assert known == set(names)
    assert all(formula.equation_text.startswith("δ_h") for formula in closed.where)


def test_a_closed_form_with_what_it_lists_is_what_differences_say() -> None:
    derivation = of(branching(12))
    draw = drawn(derivation)
    values = dict(draw.arrays)
    closed = derivation.gradient("W").closed
    assert closed.where
    for formula in sorted(closed.where, key=lambda f: -derivation.graph.ranks[f.name]):
        values["@" + formula.name] = evaluate(formula.term, values, draw.sizes)
    wanted = differences(derivation, draw, "J", "W")
    np.testing.assert_allclose(evaluate(closed.term, values, draw.sizes), wanted, rtol=1e-5, atol=1e-6)


def test_a_network_of_depth_10_000_is_derived_and_printed() -> None:
    derivation = of(chain(10_000))
    assert len(derivation.recursive_terms) == 10_004
    assert derivation.gradient("a_1").equation_text == "δ_a₁ = δ_a₂ w (1 − a₂²)"
    assert derivation.gradient("a_9999").equation_latex == (
        r"\delta_{a_{9999}} = \delta_{a_{10000}} w (1 - a_{10000}^{2})"
    )
    order = [name for name in derivation.order if name.startswith("a_")]
    assert all(int(a[2:]) == int(b[2:]) + 1 for a, b in pairwise(order))


def test_a_closed_form_at_depth_150_can_be_printed() -> None:
    closed = of(chain(150)).gradient("x").closed
    assert closed.latex
    assert all(formula.latex for formula in closed.where)
