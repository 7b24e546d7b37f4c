"""Gauss-Newton blocks, Hessian-vector products, steps with reasons, and requests that make no sense."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.derive import Derivation, derive
from symbackprop.errors import SymbackpropError, UnknownName
from symbackprop.express.order import BLOCK
from symbackprop.forward_mode import direction_symbol, hessian_product
from symbackprop.hessian import blocks_in
from symbackprop.reading.netfile import parse
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.terms import symbol
from tests.second.numbers import Numbers
from tests.second.test_forms import LAYERS
from tests.second.test_meaning import NETS, variables
from tests.second.test_structure import ONEHOT

SQUARES = LAYERS.format(f="tanh", loss="norm2(z_2 - y)**2 / 2")


def made(source: str) -> Derivation:
    return derive(parse(source))


def test_gauss_newton_at_a_linear_output() -> None:
    d = made(SQUARES)
    last = d.gauss_newton("W_1")
    assert (last.output, last.text, last.equals_hessian) == ("z_2", "(a₁ a₁ᵀ) ⊗ H_z₂", True)
    first = d.gauss_newton("W_0")
    assert first.text == "(x xᵀ) ⊗ (diag(1 − a₁^∘2) W₁ᵀ H_z₂ W₁ diag(1 − a₁^∘2))"
    assert not first.equals_hessian
    assert "leaves out" in first.statement
    assert any(s.startswith("Positive semidefinite") for s in first.structure)
    assert d.gauss_newton("W_0", "W_1").text == "(x a₁ᵀ) ⊗ (diag(1 − a₁^∘2) W₁ᵀ H_z₂)"


def test_gauss_newton_of_a_softmax_is_taken_at_the_logits() -> None:
    block = made(ONEHOT).gauss_newton("W")
    assert (block.output, block.text, block.equals_hessian) == ("o", "(x xᵀ) ⊗ Hₒ", True)
    assert block.closed.text == "(x xᵀ) ⊗ (diag(y) − y yᵀ)"


def test_gauss_newton_at_a_named_output() -> None:
    d = made(SQUARES)
    assert d.gauss_newton("W_0", output="a_1").text == "(x xᵀ) ⊗ (diag(1 − a₁^∘2) H_a₁ diag(1 − a₁^∘2))"
    with pytest.raises(SymbackpropError, match="through a_1 alone"):
        d.gauss_newton("W_1", output="a_1")
    with pytest.raises(UnknownName):
        d.gauss_newton("W_1", output="nothing")


@pytest.mark.parametrize("name", ["tanh", "softmax", "batch", "attention", "outer"])
def test_gauss_newton_is_the_jacobians_around_the_outputs_hessian(name: str) -> None:
    numbers = Numbers.of(NETS[name] if name != "softmax" else ONEHOT)
    d = numbers.derivation
    for p in variables(numbers):
        block = d.gauss_newton(p)
        value = evaluate(block.closed.term, numbers.values, numbers.sizes)
        z = block.output
        jacobian = evaluate(d.jacobian(z, p).term, numbers.values, numbers.sizes)
        inner = evaluate(d.hessian(z).closed.term, numbers.values, numbers.sizes)
        order = len(numbers.shape(z))
        wanted = np.tensordot(np.moveaxis(jacobian, range(order), range(-order, 0)), inner, axes=order)
        wanted = np.tensordot(wanted, jacobian, axes=order)
        np.testing.assert_allclose(value, wanted, rtol=1e-9, atol=1e-9)
        matrix = numbers.matrix(value, p, p, "column")
        assert np.linalg.eigvalsh((matrix + matrix.T) / 2).min() > -1e-9


def test_a_product_with_the_hessian_goes_forward_then_backward() -> None:
    lines = [f.equation_text for f in made(SQUARES).hvp()]
    assert lines == [
        "ż₁ = Ẇ₀ x",
        "ȧ₁ = ż₁ ∘ (1 − a₁^∘2)",
        "ż₂ = Ẇ₁ a₁ + W₁ ȧ₁",
        "δ̇_z₂ = ż₂",
        "δ̇_W₁ = δ_z₂ ȧ₁ᵀ + δ̇_z₂ a₁ᵀ",
        "δ̇_a₁ = Ẇ₁ᵀ δ_z₂ + W₁ᵀ δ̇_z₂",
        "δ̇_z₁ = δ̇_a₁ ∘ (1 − a₁^∘2) − 2 δ_a₁ ∘ ȧ₁ ∘ a₁",
        "δ̇_W₀ = δ̇_z₁ xᵀ",
    ]


@pytest.mark.parametrize("name", NETS)
def test_hvp_is_the_hessian_times_the_direction(name: str) -> None:
    numbers = Numbers.of(NETS[name])
    d, names = numbers.derivation, variables(numbers)
    random = np.random.default_rng(4)
    values = dict(numbers.values)
    for p in names:
        values["~" + p] = random.normal(size=numbers.shape(p))
    for step in hessian_product(d, names):
        values[step.symbol.name] = evaluate(step.term, values, numbers.sizes)
    for p in names:
        total = np.zeros(numbers.shape(p))
        for q in names:
            block = evaluate(d.hessian(p, q).closed.term, numbers.values, numbers.sizes)
            total = total + np.tensordot(block, values["~" + q], axes=len(numbers.shape(q)))
        like = symbol("@" + p, d.graph.sizes(p))
        got = values.get(direction_symbol("@" + p, like).name, np.zeros_like(total))
        np.testing.assert_allclose(got, total, rtol=1e-9, atol=1e-9)


def test_every_step_of_the_elimination_has_its_reason() -> None:
    steps = made(SQUARES).hessian("W_0").steps
    assert [s.pair for s in steps] == [("z_2", "z_2"), ("z_1", "z_1"), ("W_0", "W_0")]
    assert [s.reason for s in steps] == [
        "The second derivative of J itself.",
        "The curvature at a₁, between the Jacobians on both sides (H_z₂);"
        " the second derivative of a₁, weighted with the gradient there (δ_a₁).",
        "The curvature at z₁, between the Jacobians on both sides (H_z₁).",
    ]
    crossing = made("x: parameter()\ns = sin(x)\nJ: loss = x * s\n").hessian("x")
    assert crossing.reason.endswith("one derivative through s, the other past it, once for each of the two factors.")


def test_what_does_not_exist_is_refused() -> None:
    d = made("x: input(d)\nk: index(of=d)\nw: parameter(d)\nJ: loss = x[k] * sum(w**2)\n")
    with pytest.raises(UnknownName, match="nothing"):
        d.hessian("nothing")
    with pytest.raises(UnknownName, match="nothing"):
        d.hvp("nothing")
    with pytest.raises(SymbackpropError, match="is an index"):
        d.hessian("w", "k")
    with pytest.raises(SymbackpropError):
        parse("x: input(d)\nw: parameter(d)\nJ: loss = x * w\n")  # not a scalar


HEADS = ("tanh", "sigmoid", "sin", "relu", "exp")


@st.composite
def small_networks(draw: st.DrawFn) -> str:
    """A chain of layers with residuals and products between nodes, of small symbolic sizes."""
    lines = ["x: input(n)", "y: target(n)"]
    body, current, seen = [], "x", ["x"]
    for k in range(draw(st.integers(1, 3))):
        lines.append(f"W_{k}: parameter(n, n)")
        right = f"W_{k} @ {current}"
        if draw(st.booleans()):
            lines.append(f"b_{k}: parameter(n)")
            right += f" + b_{k}"
        body.append(f"z_{k} = {right}")
        head = draw(st.sampled_from(HEADS))
        extra = draw(st.sampled_from(["", f" + {draw(st.sampled_from(seen))}", f" * {draw(st.sampled_from(seen))}"]))
        body.append(f"h_{k} = {head}(z_{k} / 2){extra}")
        current = f"h_{k}"
        seen.append(current)
    loss = draw(st.sampled_from(["norm2({0} - y)**2 / 2", "sum(y * sin({0}))", "logsumexp({0}) - {0} @ y"]))
    return "\n".join([*lines, *body, f"J: loss = {loss.format(current)}"]) + "\n"


@settings(max_examples=12)
@given(small_networks())
def test_hessians_of_random_networks(source: str) -> None:
    numbers = Numbers.of(source)
    names = [n for n in variables(numbers) if n in numbers.derivation.recursive_terms]
    total: dict[tuple[str, str], np.ndarray] = {}
    for p in names:
        for q in names:
            formula = numbers.derivation.hessian(p, q)
            total[p, q] = evaluate(formula.closed.term, numbers.values, numbers.sizes)
            values = dict(numbers.values)
            assert formula.blocks is not None
            for a, b in blocks_in(formula.term):
                values[f"{BLOCK}{a}|{b}"] = evaluate(formula.blocks.closed(a, b), numbers.values, numbers.sizes)
            again = evaluate(formula.term, values, numbers.sizes)
            np.testing.assert_allclose(again, total[p, q], rtol=1e-9, atol=1e-9)
    for (p, q), block in total.items():
        rows = len(numbers.shape(p))
        turned = np.moveaxis(total[q, p], range(len(numbers.shape(q))), range(-len(numbers.shape(q)), 0))
        np.testing.assert_allclose(block, turned, rtol=1e-10, atol=1e-10)
        assert block.ndim == rows + len(numbers.shape(q))
    p = names[0]
    slopes = numbers.differences(p, names[-1])
    scale = max(1.0, float(np.abs(total[p, names[-1]]).max()))
    np.testing.assert_allclose(total[p, names[-1]] / scale, slopes / scale, atol=1e-7)
