"""Generated Newton steps, outputs of Gauss-Newton, operators of numbers; a module checks its second derivatives."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from symbackprop.codegen import compile_model, generate
from symbackprop.codegen.loader import imported
from symbackprop.errors import SymbackpropError
from symbackprop.reading.netfile import parse
from tests.second.test_code import dense, drawn
from tests.second.test_gauss_newton import CROSS_ENTROPIES, RIDGE
from tests.second.test_meaning import NETS

QUADRATIC = "X: input(n, d)\ny: target(n)\nw: parameter(d)\nb: parameter()\nJ: loss = norm2(X @ w + b - y)**2 / 2\n"
NUMBERS = "x: input()\ny: target()\nw: parameter()\nb: parameter()\ns = tanh(w*x + b)\nJ: loss = (s - y)**2 + w**2\n"


def module(source: str) -> ModuleType:
    return compile_model(parse(source))


def test_one_newton_step_solves_least_squares() -> None:
    rng = np.random.default_rng(0)
    data = {"X": rng.normal(size=(20, 3)), "y": rng.normal(size=20)}
    start = {"w": rng.normal(size=3), "b": 0.7}
    step = module(QUADRATIC).newton_step(**data, **start)
    wide = np.column_stack([data["X"], np.ones(20)])
    exact = np.linalg.lstsq(wide, data["y"], rcond=None)[0]
    np.testing.assert_allclose(start["w"] + step["w"], exact[:3], atol=1e-12)
    np.testing.assert_allclose(start["b"] + step["b"], exact[3], atol=1e-12)
    assert (step["w"].shape, step["b"].shape) == ((3,), ())


@pytest.mark.parametrize("name", ["ridge", "cross-entropy", "numbers"])
def test_the_step_solves_the_system(name: str) -> None:
    source = {"ridge": RIDGE, "cross-entropy": CROSS_ENTROPIES["softmax"], "numbers": NUMBERS}[name]
    model = parse(source)
    made = compile_model(model)
    arrays, sizes = drawn(made, model, 3)
    damping = 0.25 if name == "cross-entropy" else 0.0
    step = made.newton_step(**arrays, **sizes, damping_=damping)
    product = made.hvp(step, **arrays, **sizes)
    gradient = made.loss_and_grad(**arrays, **sizes)[1]
    for p, g in gradient.items():
        np.testing.assert_allclose(np.asarray(product[p]) + damping * step[p], -np.asarray(g), atol=1e-9)
    first = made.VARIABLES[0]
    (alone,) = made.newton_step(**arrays, **sizes, wrt_=first, damping_=1.0)
    assert alone == first


@pytest.mark.parametrize("source", [QUADRATIC, NUMBERS.replace(" + w**2", "")])
def test_a_singular_system_is_refused_with_its_remedy(source: str) -> None:
    made = module(source)
    if source == QUADRATIC:
        data = {"X": np.ones((4, 3)), "y": np.zeros(4), "w": np.ones(3), "b": 1.0}
    else:
        data = {"x": 0.0, "y": 0.0, "w": 1.0, "b": 0.5}
    with pytest.raises(ValueError, match=r"singular here.*damping_"):
        made.newton_step(**data)
    assert set(made.newton_step(**data, damping_=1e-3)) == {"w", "b"}


def test_a_saddle_is_no_singular_system() -> None:
    made = module("u: parameter()\nv: parameter()\nJ: loss = u * v + v\n")
    step = made.newton_step(u=2.0, v=3.0)
    assert step == {"u": -3.0, "v": -3.0}
    wide = module("u: parameter(n)\nv: parameter(n)\nJ: loss = 1e-12 * u @ u + 1e12 * v @ v\n")
    step = wide.newton_step(np.ones(2), np.ones(2))  # badly scaled, not singular
    np.testing.assert_allclose(np.concatenate([step["u"], step["v"]]), -1.0, rtol=1e-12)


def test_what_a_step_cannot_do_is_said() -> None:
    made = module(QUADRATIC)
    data = {"X": np.ones((2, 1)), "y": np.zeros(2), "w": np.ones(1), "b": 1.0}
    with pytest.raises(ValueError, match="damping_ must be a number that is 0 or more, not -1"):
        made.newton_step(**data, damping_=-1)
    with pytest.raises(ValueError, match="not finite here"):
        made.newton_step(**{**data, "X": np.array([[np.inf], [1.0]])})
    with pytest.raises(ValueError, match="no second derivative for 'Q' here"):
        made.newton_step(**data, wrt_="Q")
    with pytest.raises(ValueError, match=r"5001 unknowns.*hessp"):
        made.newton_step(np.ones((1, 5000)), np.ones(1), np.ones(5000), 0.0)
    tied = module("S: parameter(n, n, symmetric=True)\nA: input(n, n)\nJ: loss = sum((S - A)**2)\n")
    with pytest.raises(ValueError, match="S is declared with symmetric="):
        tied.newton_step(np.eye(2), np.eye(2))
    empty = module("u: parameter(n)\nv: parameter(n)\nJ: loss = sum(u**2) + sum(v)\n")
    with pytest.raises(ValueError, match="no curvature by entry 0 of v"):
        empty.newton_step(np.ones(2), np.ones(2))
    bounded = module(NUMBERS)
    with pytest.raises(ValueError, match="damping_ must be a number"):
        bounded.newton_step(1.0, 2.0, 3.0, 4.0, damping_=float("nan"))


def test_gauss_newton_at_a_named_output() -> None:
    model = parse(
        "x: input(d)\ny: target(k)\nW: parameter(h, d)\nV: parameter(k, h)\nz = W @ x\na = tanh(z)\n"
        "o = V @ a\np = sigmoid(o)\nJ: loss = norm2(p - y)**2 / 2\n"
    )
    made = compile_model(model)
    arrays, _ = drawn(made, model, 2)
    blocks = made.gauss_newton(**arrays)
    assert tuple(made.OUTPUTS) == ("p", "o")
    matrix = dense(blocks, made.VARIABLES, arrays)
    assert np.linalg.eigvalsh(matrix).min() > -1e-12 * np.abs(matrix).max()
    at_o, exact = made.gauss_newton(**arrays, output_="o"), made.hessian(**arrays)
    for p, q in blocks:
        np.testing.assert_array_equal(made.gauss_newton(**arrays, output_="p")[p, q], blocks[p, q])
        assert not np.allclose(at_o[p, q], blocks[p, q])
    np.testing.assert_allclose(at_o["V", "V"], exact["V", "V"], atol=1e-14)  # o is linear in V
    assert not np.allclose(at_o["W", "W"], exact["W", "W"])
    with pytest.raises(ValueError, match="output_ takes one of p, o, not 'a'"):
        made.gauss_newton(**arrays, output_="a")


def test_an_output_without_a_known_convex_loss_has_to_be_named() -> None:
    made = module("x: input(d)\nw: parameter(d)\nz = tanh(w @ x)\nJ: loss = sin(z)\n")
    with pytest.raises(ValueError, match="convex loss behind it; output_ takes one of z"):
        made.gauss_newton(np.ones(2), np.ones(2))
    assert made.gauss_newton(np.ones(2), np.ones(2), output_="z")["w", "w"].shape == (2, 2)


@pytest.mark.parametrize("name", ["log_softmax", "labels", "logsumexp"])
def test_generated_gauss_newton_of_a_batch(name: str) -> None:
    model = parse(CROSS_ENTROPIES[name])
    made = compile_model(model)
    arrays, sizes = drawn(made, model, 1)
    exact, linear = made.hessian(**arrays, **sizes), made.gauss_newton(**arrays, **sizes)
    np.testing.assert_allclose(linear["W", "W"], exact["W", "W"], atol=1e-14)


def test_generated_gauss_newton_beside_a_regulariser() -> None:
    model = parse(RIDGE)
    made, bare = compile_model(model), module(RIDGE.replace(" + lam * (norm2(W)**2 + norm2(V)**2) / 2", ""))
    arrays, _ = drawn(made, model, 4)
    whole, data = made.gauss_newton(**arrays), bare.gauss_newton(**arrays)
    added = dense(whole, made.VARIABLES, arrays) - dense(data, made.VARIABLES, arrays)
    np.testing.assert_allclose(added, arrays["lam"] * np.eye(len(added)), atol=1e-12)


def test_numbers_have_operators() -> None:
    made = module(NUMBERS)
    operator = made.hessian_operator("w", 1.0, 2.0, 3.0, 0.1)
    value = made.hessian(1.0, 2.0, 3.0, 0.1)["w", "w"]
    assert (operator.shape, operator.dense(), operator @ 2.0, operator.factors) == ((1, 1), value, 2 * value, None)
    np.testing.assert_allclose(operator @ np.array([2.0]), [2 * value])
    with pytest.raises(ValueError, match="must be one number"):
        operator @ np.ones(2)
    with pytest.raises(ValueError, match="no second derivative for 'x'"):
        made.hessian_operator("x", 1.0, 2.0, 3.0, 0.1)


@pytest.mark.parametrize("name", ["tanh", "gaussian", "scalars", "relu"])
def test_a_module_checks_its_second_derivatives(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    source = generate(parse(NETS[name]), second=True)
    assert imported(source, "whole")._main() == 0
    assert "all second derivatives agree, and everything before: yes" in capsys.readouterr().out


@pytest.mark.parametrize("source", [NETS["tanh"], NUMBERS])
@pytest.mark.parametrize("function", ["hessian", "hvp"])
def test_a_wrong_second_derivative_fails_the_check(
    source: str, function: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = imported(generate(parse(source), second=True), "whole")
    right = getattr(made, function)
    setattr(made, function, lambda *given, **named: {key: 1.001 * x for key, x in right(*given, **named).items()})
    assert made._main() == 1
    assert capsys.readouterr().out.endswith("everything before: NO\n")


def test_a_module_of_gradients_at_nodes_has_no_newton_step() -> None:
    made = compile_model(parse(NETS["tanh"]), ["z_1"])
    with pytest.raises(SymbackpropError, match="no gradients of what varies"):
        made.newton_step  # noqa: B018
