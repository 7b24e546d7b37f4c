"""The Newton step as a printed linear system, its numbers, and requests that have none."""

from __future__ import annotations

import numpy as np
import pytest

import symbackprop as sb
from symbackprop.derive import derive
from symbackprop.errors import SymbackpropError, UnknownName, ValueProblem
from symbackprop.reading.netfile import parse
from tests.second.blocks import BlockReader
from tests.second.numbers import Numbers
from tests.second.test_forms import LAYERS, LOGISTIC
from tests.second.test_meaning import NETS

LEAST_SQUARES = "X: input(n, d)\ny: target(n)\nb: parameter(d)\nJ: loss = norm2(X @ b - y)**2 / 2\n"


def test_the_system_of_one_vector() -> None:
    newton = derive(parse(LOGISTIC.format(facts="", reduce="mean"))).newton("b")
    assert newton.text == "Xᵀ H_z X s = −Xᵀ δ_z"
    (named,), (closed,) = newton.named, newton.closed
    assert named.text == "(∂²J/∂b²) s = −∂J/∂b"
    assert closed.text == "1/n Xᵀ diag(a ∘ (1 − a)) X s = −1/n Xᵀ (a − y)"
    assert closed.latex.startswith(r"\frac{1}{n} X^{\top} \operatorname{diag}(a \circ (1 - a)) X s = ")
    assert "nothing is inverted" in newton.statement


def test_the_system_of_matrices_is_taken_by_vec() -> None:
    newton = derive(parse(LAYERS.format(f="tanh", loss="norm2(z_2 - y)**2 / 2"))).newton("W_1")
    assert newton.text == "((a₁ a₁ᵀ) ⊗ H_z₂) vec(s) = −vec(δ_z₂ a₁ᵀ)"
    both = derive(parse(LAYERS.format(f="tanh", loss="norm2(z_2 - y)**2 / 2"))).newton()
    assert [e.text for e in both.named] == [
        "(∂²J/∂W₀²) vec(s_W₀) + (∂²J/(∂W₀ ∂W₁)) vec(s_W₁) = −vec(∂J/∂W₀)",
        "(∂²J/(∂W₁ ∂W₀)) vec(s_W₀) + (∂²J/∂W₁²) vec(s_W₁) = −vec(∂J/∂W₁)",
    ]
    assert derive(parse("X: parameter(n, n)\nJ: loss = logdet(X)\n")).newton().text == (
        "−(X⁻¹ ⊗ X⁻ᵀ) K vec(s) = −vec(X⁻ᵀ)"
    )


def test_the_step_has_a_letter_of_its_own() -> None:
    newton = derive(parse("s: input()\nw: parameter()\nJ: loss = (w - s)**2\n")).newton()
    assert newton.text == "2 p = −2 (w − s)"


class WithStep(BlockReader):
    """Reads a side of the system; the step is known."""

    def _Letter(self, tree: object) -> np.ndarray:
        return np.asarray(self.values["the step"])


@pytest.mark.parametrize("vec", ["column", "row"])
@pytest.mark.parametrize(
    ("name", "variable"), [("logistic", "b"), ("tanh", "W_0"), ("trace", "X"), ("logdet", "X"), ("softmax", "W")]
)
def test_both_sides_mean_what_they_say(name: str, variable: str, vec: str) -> None:
    numbers = Numbers.of(NETS[name], vec=vec)
    (equation,) = numbers.derivation.newton(variable).closed
    step = np.random.default_rng(1).normal(size=numbers.shape(variable))
    values = numbers.values | {"the step": step.reshape(-1, 1) if step.ndim == 1 else step}
    reader = WithStep(values, numbers.sizes, numbers.derivation.context.rows, vec, numbers.shape(variable))
    order = "F" if vec == "column" else "C"
    block = numbers.derivation.hessian(variable).closed
    from symbackprop.tensor.evaluate import evaluate

    matrix = numbers.matrix(evaluate(block.term, numbers.values, numbers.sizes), variable, variable, vec)
    want = matrix @ step.reshape(-1, order=order)
    got = reader.whole_block(equation.left, (len(want), 1))
    np.testing.assert_allclose(got[:, 0], want, atol=1e-9)
    right = reader.whole_block(equation.right, (len(want), 1))
    gradient = numbers.values["@" + variable].reshape(-1, order=order)
    np.testing.assert_allclose(right[:, 0], -gradient, atol=1e-9)


def test_the_step_in_numbers_is_that_of_the_code() -> None:
    net = sb.Network.parse(
        "X: input(n, d)\ny: target(n)\nW: parameter(d, h)\nv: parameter(h)\nc: parameter()\n"
        "J: loss = mean((tanh(X @ W) @ v + c - y)**2) + norm2(W)**2 / 3 + norm2(v)**2\n"
    )
    rng = np.random.default_rng(3)
    values = {
        "X": rng.normal(size=(5, 2)),
        "y": rng.normal(size=5),
        "W": rng.normal(size=(2, 3)),
        "v": rng.normal(size=3),
    }
    values["c"] = 0.3
    found = sb.derive(net).newton().solved(values)
    code = sb.compile(net).newton_step(**values)
    for name, step in found.items():
        np.testing.assert_allclose(step, code[name], atol=1e-10)
    damped = sb.derive(net).newton("v", "c").solved(values, damping=0.5)
    code = sb.compile(net).newton_step(**values, wrt_=["v", "c"], damping_=0.5)
    np.testing.assert_allclose(damped["v"], code["v"], atol=1e-10)


def test_a_singular_system_is_refused() -> None:
    newton = sb.derive(sb.Network.parse(LEAST_SQUARES)).newton()
    values = {"X": np.ones((3, 2)), "y": np.arange(3.0), "b": np.zeros(2)}
    with pytest.raises(ValueProblem, match=r"system of b is singular with these numbers.*damping"):
        newton.solved(values)
    assert newton.solved(values, damping=1e-6)["b"].shape == (2,)
    with pytest.raises(SymbackpropError, match="singular: the loss has no second derivatives by c"):
        derive(parse("b: parameter(n)\nc: parameter(n)\nJ: loss = norm2(b)**2 + sum(c)\n")).newton()


def test_what_takes_no_step_is_refused() -> None:
    d = derive(parse(NETS["tanh"]))
    with pytest.raises(UnknownName, match="nothing"):
        d.newton("nothing")
    with pytest.raises(SymbackpropError, match="z_1 is a node"):
        d.newton("z_1")
    with pytest.raises(SymbackpropError, match="S is declared with symmetric="):
        derive(parse(NETS["gaussian"])).newton("S")
    with pytest.raises(ValueProblem, match="not finite with these numbers"):
        derive(parse("x: parameter()\nJ: loss = exp(x)\n")).newton().solved({"x": 800.0})
