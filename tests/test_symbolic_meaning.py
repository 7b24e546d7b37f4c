"""What SymPy expressions mean, by numbers: matrices against 2-D NumPy, numbers against SymPy's own values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from sympy.matrices.expressions.diagonal import DiagMatrix

import symbackprop as sb
from symbackprop.derive import derive
from symbackprop.symbolic.out import built, sympy_term
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.terms import Term

SIZES = {"d": 2, "h": 3}
d, h = sb.dims("d h")
NET = sb.Network()
SYMBOLS: dict[str, Any] = {
    "x": NET.input("x", d),
    "y": NET.input("y", d),
    "u": NET.input("u", h),
    "W": NET.parameter("W", (h, d)),
    "B": NET.parameter("B", (d, d)),
    "M": NET.input("M", (d, 1)),
    "P": NET.input("P", (1, h)),
    "s": NET.parameter("s"),
    "t": NET.parameter("t"),
}
NUMBERS = np.random.default_rng(3)
ARRAYS = {
    name: NUMBERS.uniform(0.5, 2.0, tuple(s.value(SIZES) for s in declaration.sizes))
    for name, declaration in NET._draft.declarations.items()
}
Pair = tuple[Any, np.ndarray[Any, Any]]


def two_dimensional(name: str) -> np.ndarray[Any, Any]:
    """The array as SymPy sees it: vectors are columns."""
    array = ARRAYS[name]
    return array if array.ndim == 2 else array.reshape(-1, 1)


LEAVES: list[Pair] = [(SYMBOLS[name], two_dimensional(name)) for name in ("x", "y", "u", "W", "B", "M", "P")]
LEAVES += [(sp.Identity(d), np.eye(2)), (sp.OneMatrix(h, d), np.ones((3, 2))), (sp.OneMatrix(d, 1), np.ones((2, 1)))]


def deeper(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    """Matrix expressions with their values; operands that do not fit are transposed or left out."""
    return st.one_of(
        st.builds(product, inner, inner),
        st.builds(total, inner, inner, st.sampled_from([1, -1, 2])),
        st.builds(lambda a: (a[0].T, a[1].T), inner),
        st.builds(lambda a, n: (sp.Rational(n, 3) * a[0], a[1] * n / 3), inner, st.integers(1, 4)),
        st.builds(lambda a: (SYMBOLS["s"] * a[0] / SYMBOLS["t"], a[1] * ARRAYS["s"] / ARRAYS["t"]), inner),
        st.builds(lambda a: (sb.tanh(a[0]), np.tanh(a[1])) if a[0].shape != (1, 1) else a, inner),
        st.builds(lambda a: (a[0].applyfunc(sp.sin), np.sin(a[1])), inner),
        st.builds(lambda a: (sp.HadamardPower(a[0], 2), a[1] ** 2), inner),
        st.builds(hadamard, inner, inner),
        st.builds(diagonal, inner),
    )


def product(a: Pair, b: Pair) -> Pair:
    for left, right in ((a, b), ((a[0].T, a[1].T), b), (a, (b[0].T, b[1].T))):
        if left[0].shape[1] == right[0].shape[0]:
            return left[0] * right[0], left[1] @ right[1]
    return a


def total(a: Pair, b: Pair, sign: int) -> Pair:
    if a[0].shape == b[0].shape:
        return a[0] + sign * b[0], a[1] + sign * b[1]
    if a[0].shape == b[0].shape[::-1]:
        return a[0] + sign * b[0].T, a[1] + sign * b[1].T
    return a


def hadamard(a: Pair, b: Pair) -> Pair:
    return (sp.HadamardProduct(a[0], b[0]), a[1] * b[1]) if a[0].shape == b[0].shape and a[0].shape != (1, 1) else a


def diagonal(a: Pair) -> Pair:
    return (DiagMatrix(a[0]), np.diag(a[1].ravel())) if a[0].shape[1] == 1 and a[0].shape[0] != 1 else a


def term_of(expr: Any) -> Term:
    """The term that a new node with this right-hand side has."""
    net = sb.Network.from_model(MODEL)
    net.define("q", expr)
    return net.model.equations["q"].term


NET.loss("J", SYMBOLS["s"])
MODEL = NET.model


@given(st.recursive(st.sampled_from(LEAVES), deeper, max_leaves=6))
def test_a_matrix_expression_means_its_entries(pair: Pair) -> None:
    expr, expected = pair
    value = evaluate(term_of(expr), ARRAYS, SIZES)
    assert value.size == expected.size
    np.testing.assert_allclose(value.ravel(), expected.ravel(), rtol=1e-9, atol=1e-12)


s, t = SYMBOLS["s"], SYMBOLS["t"]
AT = {s: sp.Float(float(ARRAYS["s"]), 30), t: sp.Float(float(ARRAYS["t"]), 30)}


def scalars(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Scalar expressions that are real at positive values."""
    return st.one_of(
        st.builds(lambda a, b: a + b, inner, inner),
        st.builds(lambda a, b: a - b, inner, inner),
        st.builds(lambda a, b: a * b, inner, inner),
        st.builds(lambda a, b: a / (1 + b**2), inner, inner),
        st.builds(lambda a, n: a**n, inner, st.integers(1, 3)),
        st.builds(
            lambda f, a: f(a), st.sampled_from([sp.tanh, sp.sin, sp.cos, sp.atan, sp.asinh, sp.erf, sp.Abs]), inner
        ),
        st.builds(lambda a: sp.exp(-(a**2)), inner),
        st.builds(lambda a: sp.log(1 + a**2), inner),
        st.builds(lambda a: sp.sqrt(1 + a**2), inner),
        st.builds(sp.Max, inner, inner),
        st.builds(lambda a, b: sp.Piecewise((a, a > b), (b, True)), inner, inner),
    )


@given(st.recursive(st.sampled_from([s, t, sp.Integer(2), sp.Rational(1, 3), sp.pi]), scalars, max_leaves=6))
def test_a_scalar_expression_means_its_value(expr: Any) -> None:
    expected = float(sp.sympify(expr).subs(AT).evalf())
    value = float(evaluate(term_of(expr), ARRAYS, SIZES))
    assert value == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(st.recursive(st.sampled_from(LEAVES), deeper, max_leaves=4))
def test_a_term_goes_to_sympy_and_back(pair: Pair) -> None:
    term = term_of(pair[0])
    back = term_of(built(term))
    assert back.sizes == term.sizes
    np.testing.assert_allclose(evaluate(back, ARRAYS, SIZES), evaluate(term, ARRAYS, SIZES), rtol=1e-9, atol=1e-12)


GRADIENTS = """
X: input(n, d)
x: input(d)
Y: target(n, k)
y: index(of=k)
W: parameter(d, h)
b: parameter(h)
V: parameter(h, k)
T: parameter(2, h, d)
C: parameter(d, d)

Z = X @ W + b
A = tanh(Z)
O = softmax(A @ V)
g = layer_norm(relu(W.T @ x))
r = x @ C @ x
e = sum((T @ x)**2) + log_softmax(V.T @ g)[y]
q = logdet(C) + sum(max(X, axis=1)) + sum(X[1:] * X[:-1])
J: loss = -sum(Y * log(O)) / n + r**2 + e + q
"""


def test_every_gradient_has_a_form_in_sympy_that_means_the_same() -> None:
    net = sb.Network.parse(GRADIENTS)
    numbers = np.random.default_rng(5)
    sizes = {"n": 4, "d": 3, "h": 5, "k": 2}
    arrays: dict[str, Any] = {
        name: numbers.uniform(0.5, 1.5, tuple(s.value(sizes) for s in dec.sizes))
        for name, dec in net.model.declarations.items()
        if dec.role != "index"
    }
    arrays["y"] = 1
    derivation = derive(net)
    seen = []
    for name in ("W", "b", "V", "T", "C", "X", "x"):
        formula = derivation.gradient(name)
        term = formula.closed.term
        try:
            value = sympy_term(term, formula.context)
        except sb.SymbackpropError as error:
            seen.append(f"{name}: {error}")
            continue
        shape = tuple(getattr(value, "shape", ()))
        assert shape in (formula.shape, (*formula.shape, 1)), name
        extended = sb.Network.from_model(net.model)
        extended.define("back", value)
        back = extended.model.equations["back"].term
        nodes = {}
        for node, equation in net.model.equations.items():
            nodes[node] = evaluate(equation.term, {**arrays, **nodes}, sizes)
        everything = {**arrays, **nodes}
        np.testing.assert_allclose(evaluate(back, everything, sizes), evaluate(term, everything, sizes), rtol=1e-9)
    # An argmax and a shifted slice are the only operations here without a function of their own.
    assert [line for line in seen if not line.startswith("X: No SymPy form")] == []
