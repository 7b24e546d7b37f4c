"""Eigenvalues and condition numbers: exact forms, and every form against the numbers of the block itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import symbackprop as sb
from symbackprop.derive import Derivation
from symbackprop.errors import MissingRule, SymbackpropError, UnknownName, ValueProblem
from symbackprop.formula import Formula
from symbackprop.spectrum import condition_at
from symbackprop.tensor.evaluate import evaluate

GAUSSIAN = """
x:     random(d, normal(mu, sigma**2))
eps:   random((), normal(0, tau**2), latex=r"\\varepsilon")
w:     parameter(d)
v:     constant(d)
mu:    constant(d)
sigma: constant(positive=True)
tau:   constant(positive=True)
J: loss = E((w @ x - v @ x - eps)**2 / 2)
"""
LAYER = "x: input(d)\nW: parameter(h, d)\nJ: loss = norm2(W @ x)**2 / 2 + norm2(W)**2 / 2"
RIDGE = "x: input(d)\nw: parameter(d)\nk: constant(positive=True)\nJ: loss = (w @ x)**2 / 2 + k * norm2(w)**2"
DIAGONAL = "a: constant(d, positive=True)\nw: parameter(d)\nJ: loss = sum(a * w**2) / 2 + norm2(w)**2"
IDENTITY = "y: target(d)\nw: parameter(d)\nJ: loss = 3 * norm2(w - y)**2"
LEAST = "x: input(d)\nw: parameter(d)\nJ: loss = (w @ x - 1)**2 / 2"
SADDLE = "x: input(d)\nw: parameter(d)\nJ: loss = norm2(w)**2 - (w @ x)**2"
SLOPE = "x: input()\nw: parameter()\nJ: loss = (w * x - 1)**2 / 2"
UNKNOWN = "X: input(n, d)\nw: parameter(d)\nJ: loss = norm2(X @ w)**2 / 2"


def derivation(text: str) -> Derivation:
    return sb.derive(sb.Network.parse(text))


def shown(d: Derivation, name: str = "w", **options: Any) -> list[tuple[str, str]]:
    """Eigenvalues with multiplicities, as text."""
    return [(value.text, count.text) for value, count in d.eigenvalues(name, **options)]


def condition(d: Derivation, name: str = "w", **options: Any) -> tuple[str, str]:
    found = d.condition_number(name, **options)
    return found.text, found.condition_text


# ---------------------------------------------------------------------- Gaussian regression


def test_the_gradient_of_gaussian_regression() -> None:
    d = derivation(GAUSSIAN)
    gradient = d.gradient("w")
    assert gradient.text == "E[(wᵀ x − vᵀ x − ε) x]"
    assert gradient.latex == r"\mathrm{E}[(w^{\top} x - v^{\top} x - \varepsilon) x]"
    assert gradient.closed.text == "(μ μᵀ + σ² I) (w − v)"
    assert gradient.closed.latex == r"(\mu \mu^{\top} + \sigma^{2} I) (w - v)"
    assert d.gradient("v").text == "−E[(wᵀ x − vᵀ x − ε) x]"
    assert d.gradient("v").closed.text == "−(μ μᵀ + σ² I) (w − v)"
    assert d.gradient("mu").text == "E[wᵀ x − vᵀ x − ε] (w − v)"
    assert d.gradient("mu").closed.text == "(μᵀ (w − v)) (w − v)"
    assert d.gradient("sigma").text == "σ ‖w − v‖²"
    assert d.gradient("tau").text == "τ"


def test_the_hessian_of_gaussian_regression() -> None:
    block = derivation(GAUSSIAN).hessian("w")
    assert block.text == "E[x xᵀ]"
    assert block.closed.text == "μ μᵀ + σ² I"
    assert block.closed.latex == r"\mu \mu^{\top} + \sigma^{2} I"


def test_the_eigenvalues_of_gaussian_regression() -> None:
    d = derivation(GAUSSIAN)
    assert shown(d) == [("σ²", "d − 1"), ("σ² + ‖μ‖²", "1")]
    assert [value.equation_latex for value, _ in d.eigenvalues("w")] == [
        r"\lambda_{1} = \sigma^{2}",
        r"\lambda_{2} = \sigma^{2} + \lVert \mu \rVert^{2}",
    ]


def test_the_condition_number_of_gaussian_regression() -> None:
    d = derivation(GAUSSIAN)
    found = d.condition_number("w")
    assert found.equation_text == "κ = 1 + ‖μ‖²/σ²"
    assert found.latex == r"1 + \frac{\lVert \mu \rVert^{2}}{\sigma^{2}}"
    assert (found.condition_text, found.condition_latex) == ("d ≥ 2, σ > 0", r"d \geq 2, \sigma > 0")


def test_centring_makes_the_condition_number_one() -> None:
    d = derivation(GAUSSIAN)
    assert shown(d, at={"mu": 0}) == [("σ²", "d")]
    assert condition(d, at={"mu": 0}) == ("1", "σ > 0")
    centred = derivation(GAUSSIAN.replace("normal(mu,", "normal(0,"))
    assert centred.gradient("w").closed.text == "σ² (w − v)"
    assert centred.hessian("w").closed.text == "σ² I"
    assert condition(centred) == ("1", "σ > 0")


def test_a_node_inside_the_expectation_is_random_too() -> None:
    d = derivation(
        GAUSSIAN.replace("J: loss = E((w @ x - v @ x - eps)**2 / 2)", "r = w @ x - v @ x - eps\nJ: loss = E(r**2 / 2)")
    )
    assert d.gradient("w").text == "E[r x]"
    assert d.gradient("w").closed.text == "(μ μᵀ + σ² I) (w − v)"
    for name in ("x", "eps", "r"):
        with pytest.raises(SymbackpropError, match=f"{name} is random, and J is an expectation over it"):
            d.gradient(name)
        with pytest.raises(SymbackpropError, match=f"{name} is random"):
            d.hessian(name, "w")


def test_the_code_of_an_expectation_needs_no_random_numbers() -> None:
    net = sb.Network.parse(GAUSSIAN)
    module = sb.compile(net)
    rng = np.random.default_rng(0)
    w, v, mu = rng.normal(size=(3, 4))
    loss, gradients = module.loss_and_grad(w=w, v=v, mu=mu, sigma=0.7, tau=0.3)
    second = np.outer(mu, mu) + 0.49 * np.eye(4)
    assert loss == pytest.approx(((w - v) @ second @ (w - v) + 0.09) / 2, rel=1e-13)
    np.testing.assert_allclose(gradients["w"], second @ (w - v), rtol=1e-12)


def test_a_covariance_matrix_is_symmetric() -> None:
    d = derivation(GAUSSIAN.replace("sigma**2", "S").replace("sigma: constant(positive=True)", "S: constant(d, d)"))
    assert d.model.declarations["S"].facts.symmetric
    assert d.gradient("w").closed.text == "(μ μᵀ + S) (w − v)" or d.gradient("w").closed.text.count("Sᵀ") == 0
    assert d.hessian("w").closed.text == "μ μᵀ + S"


# ---------------------------------------------------------------------- other blocks


@pytest.mark.parametrize(
    ("text", "name", "eigenvalues", "number"),
    [
        (LAYER, "W", [("1", "(d − 1) h"), ("1 + ‖x‖²", "h")], ("1 + ‖x‖²", "d ≥ 2")),
        (RIDGE, "w", [("2 k", "d − 1"), ("2 k + ‖x‖²", "1")], ("1 + ‖x‖²/(2 k)", "d ≥ 2, k > 0")),
        (DIAGONAL, "w", [("2 + a", "1")], ("max(2 + a)/min(2 + a)", "")),
        (IDENTITY, "w", [("6", "d")], ("1", "")),
        (SADDLE, "w", [("2", "d − 1"), ("2 − 2 ‖x‖²", "1")], ("1/(1 − ‖x‖²)", "d ≥ 2, ‖x‖² − 1 < 0")),
        (SLOPE, "w", [("x²", "1")], ("1", "x ≠ 0")),
    ],
)
def test_a_block_whose_eigenvalues_can_be_read_off(
    text: str, name: str, eigenvalues: list[tuple[str, str]], number: tuple[str, str]
) -> None:
    d = derivation(text)
    assert shown(d, name) == eigenvalues
    assert condition(d, name) == number


NUMBERS: dict[str, Any] = {
    "x": [0.3, -0.4, 0.2], "w": [0.5, 0.1, -0.7], "v": [1.0, 0.2, 0.3], "mu": [1.0, 2.0, 2.0], "sigma": 0.5, "tau": 1.0,
    "a": [0.5, 2.0, 1.0], "k": 0.3, "y": [1.0, 2.0, 3.0], "W": [[1.0, 0.0, 2.0], [0.5, 0.5, 0.5]],
    "X": [[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]],
}  # fmt: skip


def values_of(d: Derivation) -> dict[str, Any]:
    return {n: NUMBERS[n] for n, x in d.model.declarations.items() if x.role != "random"}


def value(formula: Formula, numbers: dict[str, Any], sizes: dict[str, int]) -> Any:
    return evaluate(formula.term, numbers, sizes)


@pytest.mark.parametrize("text", [GAUSSIAN, LAYER, RIDGE, DIAGONAL, IDENTITY, LEAST, SADDLE])
def test_the_formulas_have_the_values_of_the_numbers(text: str) -> None:
    d = derivation(text)
    name = "W" if "W:" in text else "w"
    numbers, sizes = values_of(d), {"d": 3, "h": 2}
    found: list[float] = []
    for one, count in d.eigenvalues(name):
        found += [*np.ravel(value(one, numbers, sizes))] * round(float(value(count, numbers, sizes)))
    expected = d.spectrum(name, numbers)
    np.testing.assert_allclose(sorted(found), expected, rtol=1e-12, atol=1e-12)
    if text != LEAST:
        number = float(value(d.condition_number(name), numbers, sizes))
        assert number == pytest.approx(condition_at(expected), rel=1e-12)


def test_another_block_has_its_eigenvalues_in_numbers_only() -> None:
    d = derivation(UNKNOWN)
    with pytest.raises(MissingRule, match="scaled identity") as caught:
        d.eigenvalues("w")
    assert 'spectrum("w", values)' in caught.value.remedy
    with pytest.raises(MissingRule):
        d.condition_number("w")
    x = np.array(NUMBERS["X"])
    np.testing.assert_allclose(d.spectrum("w", values_of(d)), np.linalg.eigvalsh(x.T @ x), atol=1e-12)
    assert condition_at(np.array([0.0, 1.0])) == float("inf")


def test_two_different_matrices_of_rank_one_are_not_taken_for_one() -> None:
    text = "x: input(d)\nu: input(d)\nw: parameter(d)\nJ: loss = (w @ x)**2 + (w @ u)**2 + norm2(w)**2"
    with pytest.raises(MissingRule):
        derivation(text).eigenvalues("w")
    with pytest.raises(MissingRule):
        derivation("x: input(d)\nu: input(d)\nw: parameter(d)\nJ: loss = (w @ x) * (w @ u)").eigenvalues("w")
    with pytest.raises(MissingRule):
        derivation("x: input(d)\nw: parameter(d)\nJ: loss = (w @ x)**2 + sum(x * w**2)").eigenvalues("w")


def test_a_singular_block_has_no_condition_number() -> None:
    assert shown(derivation(LEAST)) == [("0", "d − 1"), ("‖x‖²", "1")]
    with pytest.raises(SymbackpropError, match="singular: it has no condition number"):
        derivation(LEAST).condition_number("w")


def test_a_value_that_says_nothing_about_the_block_is_refused() -> None:
    with pytest.raises(ValueProblem, match="`nu`"):
        derivation(GAUSSIAN).eigenvalues("w", at={"nu": 0})
    node = "x: input(d)\nc: constant()\nw: parameter(d)\ns = exp(c)\nJ: loss = s * norm2(w)**2"
    with pytest.raises(SymbackpropError, match="contains the node s, which depends on c"):
        derivation(node).eigenvalues("w", at={"c": 0})


def test_a_greek_letter_that_is_taken_is_not_used_again() -> None:
    text = "lam: constant()\nkappa: constant()\nw: parameter(d)\nJ: loss = lam * kappa * norm2(w)**2"
    d = derivation(text)
    assert [one.equation_text for one, _ in d.eigenvalues("w")] == ["ν = 2 λ κ"]
    assert d.condition_number("w").equation_text == "cond = 1"


# ---------------------------------------------------------------------- names


NAMED = (
    GAUSSIAN
    + """
lam:   eigenvalues(w, latex=r"\\lambda")
kappa: condition_number(w)
H:     hessian(w)
D:     hessian(w, diagonal=True)
g:     gradient(w)
p:     derivative(J, tau)
q:     jacobian(J, mu)
"""
)


def test_named_derivatives_are_printed_under_their_names() -> None:
    d = derivation(NAMED)
    eigenvalues = d.named("lam")
    assert isinstance(eigenvalues, tuple)
    assert [one.equation_text for one, _ in eigenvalues] == ["λ₁ = σ²", "λ₂ = σ² + ‖μ‖²"]
    lines = {name: d.named(name) for name in d.model.derivatives if name != "lam"}
    assert {name: f.equation_text for name, f in lines.items() if isinstance(f, Formula)} == {
        "kappa": "κ = 1 + ‖μ‖²/σ²",
        "H": "H = E[x xᵀ]",
        "D": "D = μ^∘2 + σ²",
        "g": "g = E[(wᵀ x − vᵀ x − ε) x]",
        "p": "p = τ",
        "q": "q = (μᵀ (w − v)) (w − v)",
    }
    with pytest.raises(UnknownName, match="No derivative of this network is called 'kapa'") as caught:
        d.named("kapa")
    assert "kappa" in caught.value.remedy


def test_a_named_gradient_may_be_of_another_scalar() -> None:
    text = "x: input(d)\nw: parameter(d)\nz = w @ x\nJ: loss = z**2\ng: gradient(w, of=z)"
    found = derivation(text).named("g")
    assert isinstance(found, Formula)
    assert found.equation_text == "g = x"
