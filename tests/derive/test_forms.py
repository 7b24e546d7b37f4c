"""Gradients as people write them: what must be printed, in text and in LaTeX, for networks that everybody knows."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from symbackprop.derive import Derivation, derive
from symbackprop.reading.netfile import parse

NETWORKS = {
    "ReLU layers, one example": """
        x: input(d_0)
        y: target(d_3)
        W_0: parameter(d_1, d_0)
        b_0: parameter(d_1)
        W_1: parameter(d_2, d_1)
        b_1: parameter(d_2)
        W_2: parameter(d_3, d_2)
        b_2: parameter(d_3)
        z_1 = W_0 @ x + b_0
        a_1 = relu(z_1)
        z_2 = W_1 @ a_1 + b_1
        a_2 = relu(z_2)
        z_3 = W_2 @ a_2 + b_2
        J: loss = norm2(z_3 - y)**2 / 2
    """,
    "rows and a mean": """
        X: input(n, d)
        T: target(n, k)
        W_0: parameter(d, h)
        b_0: parameter(h)
        W_1: parameter(h, k)
        b_1: parameter(k)
        Z_1 = X @ W_0 + b_0
        A_1 = relu(Z_1)
        Z_2 = A_1 @ W_1 + b_1
        Y = Z_2
        J: loss = mean((Y - T)**2)
    """,
    "sigmoid layers, cross-entropy": """
        x: input(d)
        y: target(values=(0, 1))
        W_1: parameter(h, d)
        b_1: parameter(h)
        W_2: parameter(k, h)
        b_2: parameter(k)
        w_3: parameter(k)
        b_3: parameter()
        z_1 = W_1 @ x + b_1
        a_1 = sigmoid(z_1)
        z_2 = W_2 @ a_1 + b_2
        a_2 = sigmoid(z_2)
        z_3 = w_3 @ a_2 + b_3
        a_3 = sigmoid(z_3)
        J: loss = -(y * log(a_3) + (1 - y) * log(1 - a_3))
    """,
    "softmax, one-hot target": """
        x: input(d)
        t: target(c, onehot=True)
        W: parameter(c, d)
        b: parameter(c)
        o = W @ x + b
        y = softmax(o)
        J: loss = -sum(t * log(y))
    """,
    "softmax, any target": """
        x: input(d)
        t: target(c)
        W: parameter(c, d)
        b: parameter(c)
        o = W @ x + b
        y = softmax(o)
        J: loss = -sum(t * log(y))
    """,
    "neurons": """
        x_1: input()
        x_2: input()
        w_13: parameter()
        w_23: parameter()
        w_14: parameter()
        w_24: parameter()
        w_35: parameter()
        w_45: parameter()
        w_36: parameter()
        w_46: parameter()
        a_3 = tanh(w_13 * x_1 + w_23 * x_2)
        a_4 = tanh(w_14 * x_1 + w_24 * x_2)
        a_5 = tanh(w_35 * a_3 + w_45 * a_4)
        a_6 = tanh(w_36 * a_3 + w_46 * a_4)
        y: loss = a_5 + a_6
    """,
    "determinant": """
        X: parameter(n, n)
        J: loss = logdet(X)
    """,
    "inverse in a trace": """
        A: constant(m, n)
        X: parameter(n, n)
        B: constant(n, m)
        J: loss = trace(A @ inv(X) @ B)
    """,
    "recurrence": """
        x[1, ..., 4]: input(d)
        y: target(h)
        h_0: input(h)
        W: parameter(h, h)
        U: parameter(h, d)
        b: parameter(h)
        for t in range(1, 5):
            z[t] = W @ h[t - 1] + U @ x[t] + b
            h[t] = tanh(z[t])
        J: loss = norm2(h_4 - y)**2 / 2
    """,
    "attention": """
        Q: input(n, d)
        K: input(m, d)
        V: input(m, v)
        T: target(n, v)
        S = Q @ K.T / sqrt(d)
        P = softmax(S)
        O = P @ V
        J: loss = norm2(O - T)**2 / 2
    """,
    "layer_norm of a vector": """
        x: input(n)
        g: parameter(n)
        b: parameter(n)
        u: constant(n)
        y = layer_norm(x, g, b)
        J: loss = sum(u * y)
    """,
    "layer_norm of rows": """
        X: input(N, h)
        U: constant(N, h)
        Y = layer_norm(X)
        J: loss = sum(U * Y)
    """,
    "batch_norm": """
        X: input(N, h)
        U: constant(N, h)
        Y = batch_norm(X)
        J: loss = sum(U * Y)
    """,
    "layer norm, node by node": """
        x: input(n)
        u: constant(n)
        mu = mean(x)
        sigma = sqrt(mean((x - mu)**2))
        xhat = (x - mu) / sigma
        J: loss = sum(u * xhat)
    """,
    "layer norm by var": """
        x: input(n)
        u: constant(n)
        mu = mean(x)
        sigma = sqrt(var(x))
        xhat = (x - mu) / sigma
        J: loss = sum(u * xhat)
    """,
    "batch norm, node by node": """
        X: input(N, h)
        U: constant(N, h)
        epsilon: constant(positive=True)
        mu = mean(X, axis=0)
        sigma = sqrt(mean((X - mu)**2, axis=0) + epsilon)
        Xhat = (X - mu) / sigma
        J: loss = sum(U * Xhat)
    """,
}


class Form(NamedTuple):
    """What is printed for the gradient at a name of a network; in closed form if `closed`."""

    network: str
    name: str
    text: str
    latex: str
    closed: bool = False


ENTROPY = "softmax, one-hot target"
SPELLED = "layer norm, node by node"
FORMS = (
    # (a) a perceptron, one example, column vectors: one term each, nothing is multiplied out
    Form(
        "ReLU layers, one example",
        "W_1",
        "∂J/∂W₁ = δ_z₂ a₁ᵀ",
        r"\frac{\partial J}{\partial W_{1}} = \delta_{z_{2}} a_{1}^{\top}",
    ),
    Form("ReLU layers, one example", "b_1", "∂J/∂b₁ = δ_z₂", r"\frac{\partial J}{\partial b_{1}} = \delta_{z_{2}}"),
    Form(
        "ReLU layers, one example",
        "z_1",
        "δ_z₁ = δ_a₁ ∘ 1[z₁ > 0]",
        r"\delta_{z_{1}} = \delta_{a_{1}} \circ \mathbf{1}[z_{1} > 0]",
    ),
    Form(
        "ReLU layers, one example",
        "a_2",
        "δ_a₂ = W₂ᵀ (z₃ − y)",
        r"\delta_{a_{2}} = W_{2}^{\top} (z_{3} - y)",
        closed=True,
    ),
    Form(
        "ReLU layers, one example",
        "z_2",
        "δ_z₂ = (W₂ᵀ (z₃ − y)) ∘ 1[z₂ > 0]",
        r"\delta_{z_{2}} = (W_{2}^{\top} (z_{3} - y)) \circ \mathbf{1}[z_{2} > 0]",
        closed=True,
    ),
    Form(
        "ReLU layers, one example",
        "W_0",
        "∂J/∂W₀ = ((W₁ᵀ ((W₂ᵀ (z₃ − y)) ∘ 1[z₂ > 0])) ∘ 1[z₁ > 0]) xᵀ",
        r"\frac{\partial J}{\partial W_{0}} = ((W_{1}^{\top} ((W_{2}^{\top} (z_{3} - y)) \circ \mathbf{1}[z_{2} > 0]))"
        r" \circ \mathbf{1}[z_{1} > 0]) x^{\top}",
        closed=True,
    ),
    # (b) the same over rows, with a mean: a bias gets a sum over the rows
    Form(
        "rows and a mean",
        "W_1",
        "∂J/∂W₁ = A₁ᵀ δ_Z₂",
        r"\frac{\partial J}{\partial W_{1}} = A_{1}^{\top} \delta_{Z_{2}}",
    ),
    Form(
        "rows and a mean",
        "b_1",
        "∂J/∂b₁ = δ_Z₂ᵀ 1",
        r"\frac{\partial J}{\partial b_{1}} = \delta_{Z_{2}}^{\top} \mathbf{1}",
    ),
    Form("rows and a mean", "Y", "δ_Y = 2/(n k) (Y − T)", r"\delta_{Y} = \frac{2}{n k} (Y - T)"),
    # (c) sigmoid and cross-entropy cancel
    Form(
        "sigmoid layers, cross-entropy",
        "a_3",
        "δ_a₃ = (a₃ − y)/(a₃ (1 − a₃))",
        r"\delta_{a_{3}} = \frac{a_{3} - y}{a_{3} (1 - a_{3})}",
    ),
    Form("sigmoid layers, cross-entropy", "z_3", "δ_z₃ = a₃ − y", r"\delta_{z_{3}} = a_{3} - y", closed=True),
    # (d) softmax and cross-entropy cancel, if the target sums to one
    Form(
        ENTROPY,
        "o",
        "δₒ = y ∘ (δ_y − (δ_yᵀ y) 1)",
        r"\delta_{o} = y \circ (\delta_{y} - (\delta_{y}^{\top} y) \mathbf{1})",
    ),
    Form(ENTROPY, "o", "δₒ = y − t", r"\delta_{o} = y - t", closed=True),
    Form(ENTROPY, "W", "∂J/∂W = (y − t) xᵀ", r"\frac{\partial J}{\partial W} = (y - t) x^{\top}", closed=True),
    Form("softmax, any target", "o", "δₒ = (1ᵀ t) y − t", r"\delta_{o} = (\mathbf{1}^{\top} t) y - t", closed=True),
    # (e) two paths, factored
    Form(
        "neurons",
        "w_13",
        "∂y/∂w₁₃ = x₁ (1 − a₃²) (w₃₅ (1 − a₅²) + w₃₆ (1 − a₆²))",
        r"\frac{\partial y}{\partial w_{13}} = x_{1} (1 - a_{3}^{2}) (w_{35} (1 - a_{5}^{2}) + w_{36} (1 - a_{6}^{2}))",
        closed=True,
    ),
    # (h) determinants and inverses
    Form("determinant", "X", "∂J/∂X = X⁻ᵀ", r"\frac{\partial J}{\partial X} = X^{-\top}"),
    Form(
        "inverse in a trace",
        "X",
        "∂J/∂X = −X⁻ᵀ Aᵀ Bᵀ X⁻ᵀ",
        r"\frac{\partial J}{\partial X} = -X^{-\top} A^{\top} B^{\top} X^{-\top}",
    ),
    # (i) a shared weight: the sum of its uses
    Form(
        "recurrence",
        "W",
        "∂J/∂W = δ_z₁ h₀ᵀ + δ_z₂ h₁ᵀ + δ_z₃ h₂ᵀ + δ_z₄ h₃ᵀ",
        r"\frac{\partial J}{\partial W} = \delta_{z_{1}} h_{0}^{\top} + \delta_{z_{2}} h_{1}^{\top}"
        r" + \delta_{z_{3}} h_{2}^{\top} + \delta_{z_{4}} h_{3}^{\top}",
    ),
    Form(
        "recurrence",
        "b",
        "∂J/∂b = δ_z₁ + δ_z₂ + δ_z₃ + δ_z₄",
        r"\frac{\partial J}{\partial b} = \delta_{z_{1}} + \delta_{z_{2}} + \delta_{z_{3}} + \delta_{z_{4}}",
    ),
    Form("recurrence", "h_1", "δ_h₁ = Wᵀ δ_z₂", r"\delta_{h_{1}} = W^{\top} \delta_{z_{2}}"),
    Form(
        "recurrence",
        "z_4",
        "δ_z₄ = δ_h₄ ∘ (1 − h₄^∘2)",
        r"\delta_{z_{4}} = \delta_{h_{4}} \circ (1 - h_{4}^{\circ 2})",
    ),
    # (j) attention
    Form("attention", "V", "∂J/∂V = Pᵀ δ_O", r"\frac{\partial J}{\partial V} = P^{\top} \delta_{O}"),
    Form("attention", "P", "δ_P = δ_O Vᵀ", r"\delta_{P} = \delta_{O} V^{\top}"),
    Form(
        "attention",
        "S",
        "δ_S = P ∘ (δ_P − (δ_P ∘ P) 1 1ᵀ)",
        r"\delta_{S} = P \circ (\delta_{P} - (\delta_{P} \circ P) \mathbf{1} \mathbf{1}^{\top})",
    ),
    Form("attention", "Q", "∂J/∂Q = δ_S K/√d", r"\frac{\partial J}{\partial Q} = \frac{\delta_{S} K}{\sqrt{d}}"),
    Form(
        "attention", "K", "∂J/∂K = δ_Sᵀ Q/√d", r"\frac{\partial J}{\partial K} = \frac{\delta_{S}^{\top} Q}{\sqrt{d}}"
    ),
    # (k) normalisation: opened into nodes, or spelled out node by node
    Form(
        "layer_norm of a vector",
        "x",
        "∂J/∂x = (δ_x̂_y − mean(δ_x̂_y ∘ x̂_y) x̂_y − mean(δ_x̂_y))/σ_y",
        r"\frac{\partial J}{\partial x} = \frac{\delta_{\hat{x}_{y}} - \operatorname{mean}(\delta_{\hat{x}_{y}} \circ"
        r" \hat{x}_{y}) \hat{x}_{y} - \operatorname{mean}(\delta_{\hat{x}_{y}})}{\sigma_{y}}",
    ),
    Form(
        "layer_norm of a vector",
        "g",
        "∂J/∂g = δ_y ∘ x̂_y",
        r"\frac{\partial J}{\partial g} = \delta_{y} \circ \hat{x}_{y}",
    ),
    Form(
        "layer_norm of rows",
        "X",
        "∂J/∂X = diag(1/σ_Y) (δ_x̂_Y − x̂_Y ∘ mean_{per row}(δ_x̂_Y ∘ x̂_Y) − mean_{per row}(δ_x̂_Y))",
        r"\frac{\partial J}{\partial X} = \operatorname{diag}\left(\frac{1}{\sigma_{Y}}\right) (\delta_{\hat{x}_{Y}}"
        r" - \hat{x}_{Y} \circ \operatorname{mean}_{\text{per row}}(\delta_{\hat{x}_{Y}} \circ \hat{x}_{Y})"
        r" - \operatorname{mean}_{\text{per row}}(\delta_{\hat{x}_{Y}}))",
    ),
    Form(
        "batch_norm",
        "X",
        "∂J/∂X = (δ_x̂_Y − mean_{per column}(δ_x̂_Y) − x̂_Y ∘ mean_{per column}(δ_x̂_Y ∘ x̂_Y)) diag(1/σ_Y)",
        r"\frac{\partial J}{\partial X} = (\delta_{\hat{x}_{Y}} - \operatorname{mean}_{\text{per column}}"
        r"(\delta_{\hat{x}_{Y}}) - \hat{x}_{Y} \circ \operatorname{mean}_{\text{per column}}(\delta_{\hat{x}_{Y}} \circ"
        r" \hat{x}_{Y})) \operatorname{diag}\left(\frac{1}{\sigma_{Y}}\right)",
    ),
    Form(
        SPELLED,
        "x",
        "∂J/∂x = (δ_σ/(n σ)) (x − μ) + (δ_μ/n) 1 + δ_x̂/σ",
        r"\frac{\partial J}{\partial x} = \frac{\delta_{\sigma}}{n \sigma} (x - \mu)"
        r" + \frac{\delta_{\mu}}{n} \mathbf{1} + \frac{\delta_{\hat{x}}}{\sigma}",
    ),
    Form(
        SPELLED,
        "x",
        "∂J/∂x = (u − mean(x̂ ∘ u) x̂ − mean(u))/σ",
        r"\frac{\partial J}{\partial x} = \frac{u - \operatorname{mean}(\hat{x} \circ u) \hat{x}"
        r" - \operatorname{mean}(u)}{\sigma}",
        closed=True,
    ),
    Form(
        "layer norm by var",
        "x",
        "∂J/∂x = (u − mean(x̂ ∘ u) x̂ − mean(u))/σ",
        r"\frac{\partial J}{\partial x} = \frac{u - \operatorname{mean}(\hat{x} \circ u) \hat{x}"
        r" - \operatorname{mean}(u)}{\sigma}",
        closed=True,
    ),
    Form(
        "batch norm, node by node",
        "X",
        "∂J/∂X = (U − X̂ ∘ mean_{per column}(X̂ ∘ U) − mean_{per column}(U)) diag(1/σ)",
        r"\frac{\partial J}{\partial X} = (U - \hat{X} \circ \operatorname{mean}_{\text{per column}}(\hat{X} \circ U)"
        r" - \operatorname{mean}_{\text{per column}}(U)) \operatorname{diag}\left(\frac{1}{\sigma}\right)",
        closed=True,
    ),
)


def derivation(network: str) -> Derivation:
    """The derivation of a network of the table."""
    return derive(parse("\n".join(line[8:] for line in NETWORKS[network].splitlines())))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.network}: {form.name}{' closed' * form.closed}")
def test_a_gradient_reads_as_people_write_it(form: Form) -> None:
    gradient = derivation(form.network).gradient(form.name)
    shown = gradient.closed if form.closed else gradient
    assert shown.equation_text == form.text
    assert shown.equation_latex == form.latex
    assert form.text.endswith(f" = {shown.text}")
    assert form.latex.endswith(f" = {shown.latex}")


@pytest.mark.parametrize("network", NETWORKS)
def test_a_closed_form_has_no_gradient_in_it(network: str) -> None:
    found = derivation(network)
    for step in found.steps:
        assert "δ" not in step.closed.text
        assert "delta" not in step.closed.latex
        assert not step.closed.where


def test_the_three_paths_of_a_normalisation_are_the_steps() -> None:
    steps = {step.node: step for step in derivation(SPELLED).steps}
    assert list(steps) == ["J", "xhat", "sigma", "mu", "x"]
    assert steps["x"].upstream == ("xhat", "sigma", "mu")
    assert steps["mu"].upstream == ("xhat", "sigma")
