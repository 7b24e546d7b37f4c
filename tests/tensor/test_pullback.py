"""The pullback of every kind of term against central differences of its value, which know no rule."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.normal import apply, product, zeros
from symbackprop.tensor.pullback import pullback
from symbackprop.tensor.specials import special
from symbackprop.tensor.terms import Factor, Labels, Term, symbol
from tests.tensor.making import EQUAL, SYMBOLS, UNEQUAL, M, N, arrays, einsums, terms

STEP = 1e-5
SMOOTH = ("sigmoid", "tanh", "exp", "softplus", "sin", "cos", "log", "relu")
G = {shape: symbol("G", shape) for shape in ((N, M), (N,), (), (N, N), (N, N, M))}


def differences(term: Term, name: str, numbers: Mapping[str, Any], sizes: Mapping[str, int]) -> Any:
    """The central difference quotient of a scalar in every entry of one array."""
    base = np.array(numbers[name], dtype=float)
    result = np.zeros(base.shape)
    for entry in np.ndindex(base.shape):
        moved = [base.copy(), base.copy()]
        moved[0][entry] += STEP
        moved[1][entry] -= STEP
        up, down = (evaluate(term, {**numbers, name: m}, sizes) for m in moved)
        result[entry] = (up - down) / (2 * STEP)
    return result


def agree(term: Term, sizes: Mapping[str, int]) -> None:
    """Every gradient of Σ G ∘ term is what differences say."""
    weights = symbol("G", term.sizes)
    numbers = arrays(3, sizes, (*SYMBOLS, weights))
    axes = tuple(range(term.order))
    loss = product(1, [(term, axes, 1), (weights, axes, 1)], ())
    for s, gradient in pullback(term, weights).items():
        if s is not weights:
            assert gradient.sizes == s.sizes
            expected = differences(loss, s.name, numbers, sizes)
            scale = 1 + np.abs(expected).max(initial=0)
            np.testing.assert_allclose(evaluate(gradient, numbers, sizes) / scale, expected / scale, atol=2e-6)


@given(einsums())
def test_gradients_of_products(drawn: tuple[list[Factor], Labels]) -> None:
    parts, output = drawn
    agree(product(1, parts, output), EQUAL)


@given(terms((N, M), depth=2, heads=SMOOTH))
def test_gradients_of_matrices(term: Term) -> None:
    agree(term, {"n": 2, "m": 3})


@given(terms((), depth=3, heads=SMOOTH))
def test_gradients_of_scalars(term: Term) -> None:
    agree(term, UNEQUAL)


X, A, S = symbol("x", (N,)), symbol("A", (N, M)), symbol("S", (N, N))
SPECIALS: dict[str, Term] = {
    "inverse": special("inverse", S, 2),
    "det": special("det", S, 2),
    "logdet": special("logdet", S, 2),
    "softmax": special("softmax", A, 1),
    "softmax over both axes": special("softmax", A, 2),
    "logsumexp": special("logsumexp", A, 1),
    "standardize": special("standardize", A, 1, symbol("c")),
    "standardize over both axes": special("standardize", A, 2, symbol("c")),
    "deviation": special("deviation", A, 1, symbol("c")),
    "diagonal": product(1, [(S, (0, 0), 1)], (0,)),
    "norm": product(1, [(X, (0,), 2)], ()) ** Fraction(1, 2),
}


@pytest.mark.parametrize("name", SPECIALS)
def test_gradients_of_special_operations(name: str) -> None:
    agree(SPECIALS[name], {"n": 3, "m": 4})


@pytest.mark.parametrize("name", SPECIALS)
def test_second_derivatives_of_special_operations(name: str) -> None:
    term = SPECIALS[name]
    weights = symbol("G", term.sizes)
    for gradient in pullback(term, weights).values():
        axes = tuple(range(gradient.order))
        direction = symbol("D", gradient.sizes)
        scalar = product(1, [(gradient, axes, 1), (direction, axes, 1)], ())
        sizes = {"n": 2, "m": 3}
        numbers = arrays(5, sizes, (*SYMBOLS, weights, direction))
        for s, second in pullback(scalar, product(1, [], ())).items():
            expected = differences(scalar, s.name, numbers, sizes)
            np.testing.assert_allclose(evaluate(second, numbers, sizes), expected, rtol=1e-5, atol=1e-5)


def test_a_wrong_gradient_is_caught() -> None:
    sizes = {"n": 3, "m": 4}
    numbers = arrays(3, sizes, (*SYMBOLS, symbol("G", (N, M))))
    loss = product(1, [(special("softmax", A, 1), (0, 1), 1), (symbol("G", (N, M)), (0, 1), 1)], ())
    right = differences(loss, "A", numbers, sizes)
    wrong = product(1, [(special("softmax", A, 1), (0, 1), 1), (symbol("G", (N, M)), (0, 1), 1)], (0, 1))
    assert np.abs(evaluate(wrong, numbers, sizes) - right).max() > 1e-2


@pytest.mark.parametrize("head", ["step", "sign", "iszero", "floor"])
def test_steps_have_derivative_zero(head: str) -> None:
    assert pullback(apply(head, [X]), symbol("G", (N,))) == {}


@pytest.mark.parametrize("operation", ["stop", "argmax"])
def test_what_is_declared_constant_has_derivative_zero(operation: str) -> None:
    assert pullback(special(operation, X, 1), symbol("G", (N,))) == {X: zeros((N,))}
