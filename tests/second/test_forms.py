"""Second derivatives as people write them: exact strings."""

from __future__ import annotations

import pytest

from symbackprop.derive import Derivation, derive
from symbackprop.reading.netfile import parse

LOGISTIC = """X: input(n, d)
y: target(n{facts})
b: parameter(d)
z = X @ b
a = sigmoid(z)
J: loss = -{reduce}(y*log(a) + (1 - y)*log(1 - a))
"""
SOFTMAX = "o: parameter(k)\nt: target(k{facts})\ny = softmax(o)\nJ: loss = -sum(t * log(y))\n"
LAYERS = """x: input(d_0)
y: target(d_2)
W_0: parameter(d_1, d_0)
W_1: parameter(d_2, d_1)
z_1 = W_0 @ x
a_1 = {f}(z_1)
z_2 = W_1 @ a_1
J: loss = {loss}
"""


def made(source: str) -> Derivation:
    return derive(parse(source))


@pytest.mark.parametrize("facts", ["", ", values=(0, 1)"])
def test_logistic_regression(facts: str) -> None:
    d = made(LOGISTIC.format(facts=facts, reduce="sum"))
    block = d.hessian("b")
    assert block.equation_text == "∂²J/∂b² = Xᵀ H_z X"
    assert block.closed.text == "Xᵀ diag(a ∘ (1 − a)) X"
    assert block.closed.latex == r"X^{\top} \operatorname{diag}(a \circ (1 - a)) X"
    assert d.hessian("z").closed.text == "diag(a ∘ (1 − a))"
    assert d.hessian("z").text == "diag(a ∘ (1 − a)) Hₐ diag(a ∘ (1 − a)) + diag(δₐ ∘ a ∘ (1 − a) ∘ (1 − 2 a))"


def test_logistic_regression_with_a_mean() -> None:
    d = made(LOGISTIC.format(facts="", reduce="mean"))
    assert d.hessian("b").closed.text == "1/n Xᵀ diag(a ∘ (1 − a)) X"


def test_least_squares() -> None:
    d = made("X: input(n, d)\ny: target(n)\nb: parameter(d)\nJ: loss = norm2(X @ b - y)**2 / 2\n")
    assert d.hessian("b").latex == r"X^{\top} X"
    assert d.hessian("b", "X").text == "bᵀ ⊗ Xᵀ + I ⊗ (X b − y)ᵀ"


def test_softmax_cross_entropy_in_the_logits() -> None:
    block = made(SOFTMAX.format(facts="")).hessian("o")
    assert block.text == "(diag(y) − y yᵀ) H_y (diag(y) − y yᵀ) + diag(δₒ) − y δₒᵀ − δₒ yᵀ"
    assert block.closed.text == "(1ᵀ t) (diag(y) − y yᵀ)"


@pytest.mark.parametrize("fact", ["onehot=True", "simplex=True"])
def test_softmax_cross_entropy_of_a_distribution(fact: str) -> None:
    block = made(SOFTMAX.format(facts=", " + fact)).hessian("o")
    assert block.closed.text == "diag(y) − y yᵀ"
    assert block.closed.latex == r"\operatorname{diag}(y) - y y^{\top}"


def test_a_layer_passes_its_curvature_back() -> None:
    d = made(LAYERS.format(f="tanh", loss="norm2(z_2 - y)**2 / 2"))
    block = d.hessian("z_1")
    assert block.text == "diag(1 − a₁^∘2) W₁ᵀ H_z₂ W₁ diag(1 − a₁^∘2) − 2 diag(δ_a₁ ∘ a₁ ∘ (1 − a₁^∘2))"
    assert d.hessian("z_2").text == "I"


def test_a_layer_of_relu_has_no_second_derivative() -> None:
    d = made(LAYERS.format(f="relu", loss="norm2(z_2 - y)**2 / 2"))
    assert d.hessian("z_1").text == "diag(1[z₁ > 0]) W₁ᵀ H_z₂ W₁ diag(1[z₁ > 0])"


def test_matrices_by_vec() -> None:
    d = made(LAYERS.format(f="tanh", loss="norm2(z_2 - y)**2 / 2"))
    slope = "diag(1 − a₁^∘2)"
    assert d.hessian("W_0").text == "(x xᵀ) ⊗ H_z₁"
    assert d.hessian("W_0", "W_1").text == f"(x a₁ᵀ) ⊗ ({slope} W₁ᵀ H_z₂) + x ⊗ {slope} ⊗ δ_z₂ᵀ"
    assert d.hessian("W_1", "W_0").text == f"(a₁ xᵀ) ⊗ (H_z₂ W₁ {slope}) + xᵀ ⊗ {slope} ⊗ δ_z₂"


def test_matrices_by_rows() -> None:
    d = derive(parse(LAYERS.format(f="tanh", loss="norm2(z_2 - y)**2 / 2")), vec="row")
    slope = "diag(1 − a₁^∘2)"
    assert d.hessian("W_0").text == "H_z₁ ⊗ (x xᵀ)"
    assert d.hessian("W_0", "W_1").text == f"({slope} W₁ᵀ H_z₂) ⊗ (x a₁ᵀ) + δ_z₂ᵀ ⊗ {slope} ⊗ x"


def test_log_determinant() -> None:
    block = made("X: parameter(n, n)\nJ: loss = logdet(X)\n").hessian("X")
    assert block.latex == r"-(X^{-1} \otimes X^{-\top}) K"
    other = made("K: parameter(n, n)\nJ: loss = logdet(K)\n").hessian("K")
    assert other.latex == r"-(K^{-1} \otimes K^{-\top}) \mathcal{K}"


def test_both_crossings_of_a_product_count() -> None:
    block = made("x: parameter()\ns = sin(x)\nJ: loss = x * s\n").hessian("x")
    assert block.text == "2 cos(x) − δₛ s"
    assert block.closed.text == "2 cos(x) − x s"


def test_a_batch_has_blocks_of_matrices() -> None:
    d = made(
        "X: input(n, d)\nT: target(n, k)\nW: parameter(d, k)\nb: parameter(k)\nZ = X @ W + b\nA = tanh(Z)\n"
        "J: loss = mean((A - T)**2)\n"
    )
    assert d.hessian("W").text == "(I ⊗ Xᵀ) H_Z (I ⊗ X)"
    assert d.hessian("b").text == "(I ⊗ 1ᵀ) H_Z (I ⊗ 1)"
    assert d.hessian("A").text == "2/(n k) I ⊗ I"
    assert d.hessian("Z").text == "diag(vec(1 − A^∘2)) H_A diag(vec(1 − A^∘2)) − 2 diag(vec(δ_A ∘ A ∘ (1 − A^∘2)))"
    linear = made("X: input(n, d)\nT: target(n, k)\nW: parameter(d, k)\nJ: loss = mean((X @ W - T)**2)\n")
    assert linear.hessian("W").closed.text == "2/(n k) I ⊗ (Xᵀ X)"


def test_a_symmetric_parameter() -> None:
    d = made(
        "mu: parameter(d)\nx: input(d)\nS: parameter(d, d, symmetric=True, positive_definite=True)\n"
        "J: loss = (x - mu) @ inv(S) @ (x - mu) / 2\n"
    )
    assert d.hessian("mu").text == "S⁻¹"
    assert d.hessian("mu", "S").text == "1/2 ((S⁻¹ (x − μ))ᵀ ⊗ S⁻¹ + S⁻¹ ⊗ (S⁻¹ (x − μ))ᵀ)"
