"""Equality is proven or not shown: identities that must be proven, and near misses that must not."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import pytest

from symbackprop.tensor.equal import expanded, same
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.expand import Expander, Overflow
from symbackprop.tensor.facts import nothing_known
from symbackprop.tensor.normal import add, apply, broadcast, delta, from_size, number, product, zeros
from symbackprop.tensor.pullback import pullback
from symbackprop.tensor.specials import mean_of, special
from symbackprop.tensor.terms import Sum, Symbol, Term, symbol
from tests.tensor.making import M, N, arrays, facts

X, Y, T, G = symbol("X", (N, M)), symbol("Y", (N, M)), symbol("t", (N, M)), symbol("G", (N, M))
Z, W, C = symbol("z", (N,)), symbol("w", (N,)), symbol("c", (N,))
A, B = symbol("A", (N, N)), symbol("B", (N, N))
MU, VAR, SIGMA, EPS = symbol("mu", (N,)), symbol("var", (N,)), symbol("sigma", (N,)), symbol("eps")
HALF = Fraction(1, 2)
Pair = tuple[Term, Term]


def f(name: str, *args: Term) -> Term:
    return apply(name, args)


def wide(t: Term) -> Term:
    return broadcast(t, (0,), (N, M))


def rows(t: Term) -> Term:
    return product(1, [(t, (0, 1), 1)], (0,))


def chain(*matrices: Term) -> Term:
    return product(1, [(m, (k, k + 1), 1) for k, m in enumerate(matrices)], (0, len(matrices)))


def turned(matrix: Term) -> Term:
    return product(1, [(matrix, (1, 0), 1)], (0, 1))


def inverse(matrix: Term) -> Term:
    return special("inverse", matrix, 2)


def ones() -> Term:
    return number(1, (N,))


MEAN = wide(mean_of(X, 1))
SIGMOID, EXP = f("sigmoid", Z), f("exp", Z)
SOFTMAX, LOGSUM = special("softmax", X, 1), special("logsumexp", X, 1)
STANDARD, DEVIATION = special("standardize", X, 1, EPS), special("deviation", X, 1, EPS)
GRAM = product(1, [(X, (0, 2), 1), (X, (1, 2), 1)], (0, 1))
SQUARES = product(1, [(Z, (0,), 2)], ())
NORM = SQUARES**HALF
CROSS_ENTROPY = -Z / W + (1 - Z) / (1 - W)
JACOBIAN = product(1, [(SOFTMAX, (0, 1), 1), (delta(M), (1, 2), 1)], (0, 1, 2)) - product(
    1, [(SOFTMAX, (0, 1), 1), (SOFTMAX, (0, 2), 1)], (0, 1, 2)
)

EQUAL_TERMS: dict[str, Pair] = {
    "deviations from the mean sum to zero": (rows(X - MEAN), zeros((N,))),
    "the variance two ways": (rows((X - MEAN) ** 2) / from_size(M), mean_of(X**2, 1) - mean_of(X, 1) ** 2),
    "sigmoid of the opposite": (f("sigmoid", -Z), 1 - SIGMOID),
    "sigmoid by its definition": (SIGMOID, 1 / (1 + f("exp", -Z))),
    "the derivative of the sigmoid": (f("exp", -Z) / (1 + f("exp", -Z)) ** 2, SIGMOID * (1 - SIGMOID)),
    "tanh by the sigmoid": (f("tanh", Z), 2 * f("sigmoid", 2 * Z) - 1),
    "the derivative of tanh": (1 - f("tanh", Z) ** 2, f("cosh", Z) ** -2),
    "cosh and sinh": (f("cosh", Z) ** 2 - f("sinh", Z) ** 2, ones()),
    "sine and cosine": (f("sin", Z) ** 4 - f("cos", Z) ** 4, 1 - 2 * f("cos", Z) ** 2),
    "log of the sigmoid": (f("log", SIGMOID), -f("softplus", -Z)),
    "softplus both ways": (f("softplus", Z) - f("softplus", -Z), Z),
    "silu's derivative": (SIGMOID + Z * SIGMOID * (1 - SIGMOID), SIGMOID * (1 + Z * (1 - SIGMOID))),
    "mish without logarithms": (f("tanh", f("softplus", Z)), (EXP**2 + 2 * EXP) / (EXP**2 + 2 * EXP + 2)),
    "gelu": (Z * f("normal_cdf", Z), Z * (1 + f("erf", Z * number(2) ** -HALF)) / 2),
    "cross-entropy's derivative": (CROSS_ENTROPY, (W - Z) / (W * (1 - W))),
    "cross-entropy behind a contraction": (
        product(1, [(A, (0, 1), 1), (CROSS_ENTROPY, (1,), 1)], (0,)),
        product(1, [(A, (0, 1), 1), (W - Z, (1,), 1), (W, (1,), -1), (1 - W, (1,), -1)], (0,)),
    ),
    "partial fractions": (1 / (Z * (1 + Z)), 1 / Z - 1 / (1 + Z)),
    "a factored denominator": (1 / ((1 - Z) * (1 + Z)), 1 / (1 - Z**2)),
    "fractions of two letters": (1 / (Z * W), 1 / (Z * (Z + W)) + 1 / (W * (Z + W))),
    "softmax sums to one": (rows(SOFTMAX), ones()),
    "softmax written out": (f("exp", X) / wide(rows(f("exp", X))), SOFTMAX),
    "softmax does not see a shift": (special("softmax", X + wide(C), 1), SOFTMAX),
    "log of softmax": (f("log", SOFTMAX), X - wide(LOGSUM)),
    "the rows of softmax's Jacobian sum to zero": (product(1, [(JACOBIAN, (0, 1, 2), 1)], (0, 1)), zeros((N, M))),
    "standardized rows sum to zero": (rows(STANDARD), zeros((N,))),
    "standardized times deviation": (STANDARD * wide(DEVIATION), X - MEAN),
    "relu both ways": (f("relu", Z) - f("relu", -Z), Z),
    "relu of a difference both ways": (f("relu", Z - W) - f("relu", W - Z), Z - W),
    "squares of relu": (f("relu", Z) ** 2 + f("relu", -Z) ** 2, Z**2),
    "absolute value and root": (f("abs", Z), (Z**2) ** HALF),
    "maximum and minimum": (f("maximum", Z, W) + f("minimum", Z, W), Z + W),
    "maximum by the absolute value": (f("maximum", Z, W), (Z + W + f("abs", Z - W)) / 2),
    "maximum of opposites": (f("maximum", Z, W), -f("minimum", -Z, -W)),
    "a choice that is a maximum": (f("where", 1 - f("step", W - Z), Z, W), f("maximum", Z, W)),
    "a step does not see a positive factor": (f("step", 3 * Z * f("exp", W)), f("step", Z)),
    "leaky relu": (f("where", f("step", Z), Z, Z / 100), f("relu", Z) - f("relu", -Z) / 100),
    "a transpose is an order of labels": (
        product(1, [(A, (0, 1), 1), (Z, (0,), 1)], (1,)), product(1, [(turned(A), (0, 1), 1), (Z, (1,), 1)], (0,)),
    ),
    "the transpose of a product": (turned(chain(A, B)), chain(turned(B), turned(A))),
    "the inverse of a product": (inverse(chain(A, B)), chain(inverse(B), inverse(A))),
    "the inverse of a transpose": (inverse(turned(A)), turned(inverse(A))),
    "the inverse of a multiple": (inverse(2 * A), inverse(A) / 2),
    "an inverse next to a sum": (chain(inverse(A + B), A) + chain(inverse(A + B), B), delta(N)),
    "an inverse after a sum": (chain(A, inverse(A + B)) + chain(B, inverse(A + B)), delta(N)),
    "normal equations": (chain(inverse(chain(turned(A), A)), turned(A)), inverse(A)),
    "a Gram matrix's inverse is symmetric": (inverse(GRAM + delta(N)), turned(inverse(GRAM + delta(N)))),
    "a Gram matrix next to its inverse": (chain(inverse(GRAM), GRAM), delta(N)),
    "log det of a product": (
        special("logdet", chain(A, B), 2), special("logdet", A, 2) + special("logdet", B, 2),
    ),
    "log det of an inverse": (special("logdet", inverse(A), 2), -special("logdet", turned(A), 2)),
    "det of a square": (special("det", chain(A, turned(A)), 2), special("det", A, 2) ** 2),
    "the square of a sum": (product(1, [(Z, (0,), 1), (Z, (1,), 1)], ()), product(1, [(Z, (0,), 1)], ()) ** 2),
    "a norm": (SQUARES / NORM, NORM),
    "the cube of a norm": (NORM**3, SQUARES * NORM),
    "a unit vector": (product(1, [(Z, (0,), 2), (NORM, (), -2)], ()), number(1)),
    "a square expanded": ((Z + W) ** 3, Z**3 + 3 * Z**2 * W + 3 * Z * W**2 + W**3),
}  # fmt: skip  # left and right


@pytest.mark.parametrize("name", EQUAL_TERMS)
def test_an_identity_is_proven(name: str) -> None:
    left, right = EQUAL_TERMS[name]
    assert same(left, right) is True
    assert same(right, left) is True


@pytest.mark.parametrize("name", EQUAL_TERMS)
def test_the_identity_holds_in_numbers(name: str) -> None:
    left, right = EQUAL_TERMS[name]
    for sizes in ({"n": 2, "m": 3}, {"n": 3, "m": 3}):
        numbers = {k: v - 2.0 for k, v in drawn(sizes).items()} if "log det" in name else drawn(sizes)
        one, other = evaluate(left, numbers, sizes), evaluate(right, numbers, sizes)
        np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-9)


def drawn(sizes: Mapping[str, int]) -> dict[str, object]:
    return arrays(4, sizes, (X, Y, T, G, Z, W, C, A, B, MU, VAR, SIGMA, EPS))


@pytest.mark.parametrize("name", EQUAL_TERMS)
def test_a_planted_mistake_is_not_proven(name: str) -> None:
    left, right = EQUAL_TERMS[name]
    assert same(left, right + 1) is None
    assert same(left, 2 * right + left) is None or right.is_zero
    if not right.is_zero:
        assert same(left, -right) is None


NOT_SHOWN: dict[str, Pair] = {
    "a wrong sign": (f("sigmoid", -Z), 1 + SIGMOID),
    "a matrix for its transpose": (
        product(1, [(A, (0, 1), 1), (Z, (0,), 1)], (1,)), product(1, [(A, (0, 1), 1), (Z, (1,), 1)], (0,)),
    ),
    "factors in the wrong order": (chain(A, B), chain(B, A)),
    "an inverse in the wrong order": (inverse(chain(A, B)), chain(inverse(A), inverse(B))),
    "the root of a square of unknown sign": ((Z**2) ** HALF, Z),
    "the exponential of half a logarithm of a square": (f("exp", f("log", Z**2) / 2), Z),
    "the logarithm of a square": (f("log", Z**2), 2 * f("log", W)),
    "a step does not forget a sign": (f("step", -3 * Z), f("step", Z)),
    "a step with an unknown factor": (f("step", Z * W), f("step", Z)),
    "relu is not the identity": (f("relu", Z), Z),
    "a mean for a sum": (rows(X), mean_of(X, 1)),
    "a sum over the other axis": (
        product(1, [(A, (0, 1), 1)], (0,)), product(1, [(A, (0, 1), 1)], (1,)),
    ),
    "softmax over the other axis": (special("softmax", A, 1), turned(special("softmax", turned(A), 1))),
    "another shape": (Z, X),
    "a one-hot without its fact": (rows(T), ones()),
    "an entry for the sum": (product(1, [(Z, (0,), 2)], ()), product(1, [(Z, (0,), 1)], ()) ** 2),
}  # fmt: skip  # left and right


@pytest.mark.parametrize("name", NOT_SHOWN)
def test_a_near_miss_is_not_proven(name: str) -> None:
    assert same(*NOT_SHOWN[name]) is None


NORMED = (X - wide(MU)) / wide(SIGMA)
SIZE = from_size(M)
DEFINED: dict[Symbol, Term] = {
    SIGMA: (VAR + EPS) ** HALF,
    VAR: rows((X - wide(MU)) ** 2) / SIZE,
    MU: mean_of(X, 1),
}
CLOSED = (G - wide(rows(G)) / SIZE - NORMED * wide(rows(G * NORMED)) / SIZE) / wide(SIGMA)


def three_paths() -> Term:
    """The gradient of layer norm as the recursive form has it: through the mean, the variance and directly."""
    at_variance = rows(G * (X - wide(MU))) * SIGMA**-3 * Fraction(-1, 2)
    at_mean = -rows(G) / SIGMA + at_variance * rows(-2 * (X - wide(MU))) / SIZE
    return G / wide(SIGMA) + 2 * wide(at_variance) * (X - wide(MU)) / SIZE + wide(at_mean) / SIZE


def test_layer_norm_by_three_paths_is_the_closed_form() -> None:
    assert same(three_paths(), CLOSED) is None
    assert same(three_paths(), CLOSED, DEFINED) is True
    assert same(pullback(STANDARD, G)[X], CLOSED, DEFINED) is True


def test_a_wrong_closed_form_of_layer_norm_is_not_proven() -> None:
    wrong = (G - wide(rows(G)) / SIZE + NORMED * wide(rows(G * NORMED)) / SIZE) / wide(SIGMA)
    assert same(three_paths(), wrong, DEFINED) is None
    assert same(three_paths(), CLOSED * wide(SIGMA), DEFINED) is None


def test_softmax_and_cross_entropy() -> None:
    loss = product(-1, [(T, (0, 1), 1), (f("log", SOFTMAX), (0, 1), 1)], ())
    gradient = pullback(loss, number(1))[X]
    onehot = {"t": facts(onehot=True)}.get
    assert same(gradient, wide(rows(T)) * SOFTMAX - T) is True
    assert same(gradient, SOFTMAX - T) is None
    assert same(gradient, SOFTMAX - T, facts_of=onehot) is True
    assert same(gradient, T - SOFTMAX, facts_of=onehot) is None


def test_definitions_are_put_in_all_the_way_down() -> None:
    p, q, r = (symbol(name, (N,)) for name in "pqr")
    assert same(r, (Z + W) ** 2, {r: q**2, q: p + W, p: Z}) is True
    assert same(r, (Z + W) ** 2, {r: q**2, q: p + Z, p: Z}) is None


def test_definitions_in_a_circle_define_nothing() -> None:
    p, q = symbol("p", (N,)), symbol("q", (N,))
    assert same(p, Z, {p: q, q: p}) is None


def test_facts_of_matrices_and_signs() -> None:
    known = {"A": facts(symmetric=True), "w": facts(positive=True)}.get
    assert same(turned(A), A, facts_of=known) is True
    assert same(turned(B), B, facts_of=known) is None
    assert same(f("log", Z * W), f("log", Z) + f("log", W), facts_of=known) is True
    assert same((W**2) ** HALF, W, facts_of=known) is True
    assert same(f("exp", f("log", W**2) / 2), W, facts_of=known) is True


def test_an_expansion_distributes_everything() -> None:
    term = expanded((Z + W) * (Z - W) * 2)
    assert term is 2 * Z**2 - 2 * W**2
    assert isinstance(expanded((Z + W) ** 2), Sum)


def test_what_grows_too_far_is_given_up() -> None:
    letters = [symbol(f"u{k}", (N,)) for k in range(6)]
    total = add([(1, u) for u in letters], (N,))
    term = total**11
    assert expanded(term) is None
    assert same(term, term * 2) is None
    with pytest.raises(Overflow):
        Expander(nothing_known).expanded(term)


def test_a_divisor_that_is_secretly_zero_proves_nothing() -> None:
    hidden = 1 / ((Z + W) ** 2 - Z**2 - 2 * Z * W - W**2)
    assert expanded(hidden) is None
    assert same(hidden, 2 * hidden) is None
