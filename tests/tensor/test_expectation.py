"""Expectations against Gauss-Hermite quadrature, which is exact for polynomials and knows nothing of Isserlis."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product as grid
from typing import Any

import numpy as np
import pytest

from symbackprop.errors import MissingRule
from symbackprop.laws import Laws
from symbackprop.lower import Names, lower
from symbackprop.tensor.equal import same
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.expectation import Law, expectation, free_in, has_expectation, law, taken
from symbackprop.tensor.moments import ORDER, pairings
from symbackprop.tensor.normal import number, product
from symbackprop.tensor.pullback import pullback
from symbackprop.tensor.size import size
from symbackprop.tensor.terms import Special, Term, symbol
from tests.functions.writing import written

D, N = size("d"), size("n")
SIZES = {"d": 2, "n": 2}
SHAPES: Mapping[str, tuple[Any, ...]] = {
    "x": (D,), "y": (D,), "e": (), "X": (N, D), "w": (D,), "v": (D,), "A": (D, D), "c": (), "mu": (D,), "M": (N, D),
    "sigma": (), "tau": (), "S": (D, D),
}  # fmt: skip
SYMBOLS = {name: symbol(name, sizes) for name, sizes in SHAPES.items()}
LAWS = {
    "x": law(SYMBOLS["x"], SYMBOLS["mu"], SYMBOLS["sigma"] ** 2),
    "y": law(SYMBOLS["y"], number(0), SYMBOLS["S"]),
    "e": law(SYMBOLS["e"], SYMBOLS["c"], SYMBOLS["tau"] ** 2),
    "X": law(SYMBOLS["X"], SYMBOLS["M"], SYMBOLS["sigma"] ** 2),
}
POLYNOMIALS = (
    "x", "2 * x + w", "outer(x, x)", "x * x", "x ** 3", "(w @ x - v @ x - e)**2 / 2", "(w @ x - e)**3",
    "(w @ x + e)**4", "(w @ x - c)**6", "norm2(x - w)**2", "norm2(x)**4", "norm2(x)**6", "(x @ A @ x) * (w @ x) * e",
    "(x @ A @ x)**3", "(y @ A @ y)**2", "(w @ y + v @ x)**4", "outer(y, y) @ outer(x, x)", "e * x * y", "X @ X.T",
    "X.T @ X", "norm2(X @ w)**2", "(X @ w) * (X @ v)", "trace(X @ X.T)**2", "(X[0] - c) * (X[1] + w)",
    "log(norm2(w)**2) * x * (x @ w)", "(x * e) @ (A @ (x * w))", "(e + 1) ** 2 * (e - 1) ** 2 * e",
)  # fmt: skip
WAVES = (
    "exp(e)", "exp(w @ x)", "exp(w @ x - e) * x", "exp(x)", "x * exp(-x)", "outer(exp(x), exp(x / 2))",
    "exp(e)**2 * e**3", "exp(x) @ (A @ x)",
)  # fmt: skip


def body_of(text: str) -> Term:
    return lower(written(text), Names(SYMBOLS, sizes=set(SIZES)), "f").term


def expected(text: str) -> Term:
    """E(text), not taken."""
    laws = Laws({x.symbol: x for x in LAWS.values()})
    return lower(written(f"E({text})"), Names(SYMBOLS, sizes=set(SIZES), laws=laws), "f").term


def numbers(seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    found: dict[str, Any] = {n: 0.6 * rng.normal(size=[SIZES[str(s)] for s in shape]) for n, shape in SHAPES.items()}
    found["S"] = found["S"] @ found["S"].T + 0.1 * np.eye(2)
    found["sigma"], found["tau"] = np.asarray(0.7), np.asarray(0.4)
    return found


def integral(body: Term, values: Mapping[str, Any], nodes: int) -> Any:
    """The expectation of a body by quadrature over every random entry in it."""
    own = [name for name in LAWS if SYMBOLS[name] in free_in(body)[body]]
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    weights = weights / weights.sum()
    mean = {n: evaluate(LAWS[n].mean, values, SIZES) for n in own}
    root = {}
    for n in own:
        count = mean[n].size
        spread = evaluate(LAWS[n].covariance, values, SIZES).reshape(count, count)
        root[n] = np.linalg.cholesky(spread)
    counts = [mean[n].size for n in own]
    total: Any = 0.0
    for place in grid(range(nodes), repeat=sum(counts)):
        z, weight = points[list(place)], float(np.prod(weights[list(place)]))
        arrays = dict(values)
        for n, part in zip(own, np.split(z, np.cumsum(counts)[:-1]), strict=True):
            arrays[n] = mean[n] + (root[n] @ part).reshape(mean[n].shape)
        total = total + weight * evaluate(body, arrays, SIZES)
    return total


def free_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without numbers for what is random: a taken term needs none."""
    return {n: v for n, v in values.items() if n not in LAWS}


@pytest.mark.parametrize("text", POLYNOMIALS)
def test_the_moment_of_a_polynomial_is_its_quadrature(text: str) -> None:
    values = numbers(1)
    found = evaluate(taken(expected(text)), free_of(values), SIZES)
    np.testing.assert_allclose(found, integral(body_of(text), values, 4), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("text", WAVES)
def test_the_expectation_of_an_exponential_is_its_quadrature(text: str) -> None:
    values = numbers(2)
    found = evaluate(taken(expected(text)), free_of(values), SIZES)
    np.testing.assert_allclose(found, integral(body_of(text), values, 24), rtol=1e-11, atol=1e-12)


def scalar_of(text: str) -> tuple[Term, Term]:
    """Σ G ∘ E(text), and Σ G ∘ text, for fixed weights G."""
    body, whole = body_of(text), expected(text)
    weights = symbol("G", body.sizes)
    axes = tuple(range(body.order))
    return tuple(product(1, [(t, axes, 1), (weights, axes, 1)], ()) for t in (whole, body))  # type: ignore[return-value]


def with_weights(text: str, values: dict[str, Any]) -> dict[str, Any]:
    rng = np.random.default_rng(9)
    return {**values, "G": rng.normal(size=[s.value(SIZES) for s in body_of(text).sizes])}


@pytest.mark.parametrize("text", [*POLYNOMIALS, *WAVES])
def test_a_gradient_is_the_same_before_and_after_taking_the_expectation(text: str) -> None:
    whole, _ = scalar_of(text)
    values = free_of(with_weights(text, numbers(3)))
    before, after = pullback(whole, number(1)), pullback(taken(whole), number(1))
    assert not {x.name for x in before} & LAWS.keys(), "what is random has no gradient"
    for x in {*before, *after}:
        inside = taken(before[x]) if x in before else number(0, x.sizes)
        one, other = (evaluate(t, values, SIZES) for t in (inside, after.get(x, number(0, x.sizes))))
        if x.name == "S":  # as a covariance it is symmetric: only the symmetric part has a meaning
            one, other = one + one.T, other + other.T
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12, err_msg=x.name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *(("(w @ x - e)**4", name) for name in ("w", "mu", "sigma", "tau", "c")),
        *(("norm2(A @ y)**4", name) for name in ("A", "S")),
        *(("norm2(X @ w)**2", name) for name in ("w", "M", "sigma")),
    ],
)
def test_a_gradient_before_taking_is_the_slope_of_the_quadrature(text: str, name: str) -> None:
    whole, body = scalar_of(text)
    values = with_weights(text, numbers(4))
    gradient = pullback(whole, number(1))[SYMBOLS[name]]
    rng = np.random.default_rng(5)
    direction = rng.normal(size=np.shape(values[name]))
    direction = direction + direction.T if name == "S" else direction
    slope = float(np.sum(evaluate(taken(gradient), free_of(values), SIZES) * direction))
    step = 1e-3
    ends = [float(integral(body, {**values, name: values[name] + k * step * direction}, 3)) for k in (-2, -1, 1, 2)]
    expected_slope = (ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / (12 * step)
    assert slope == pytest.approx(expected_slope, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("text", ["(w @ x - v @ x - e)**2 / 2", "(w @ x - e)**4", "norm2(X @ w)**2", "exp(w @ x)"])
def test_a_second_derivative_is_the_same_before_and_after(text: str) -> None:
    whole, _ = scalar_of(text)
    values = free_of(with_weights(text, numbers(6)))
    probe = symbol("P", (D,))
    values["P"] = np.array([0.3, -1.1])
    curves = []
    for loss in (whole, taken(whole)):
        gradient = pullback(loss, number(1))[SYMBOLS["w"]]
        along = product(1, [(gradient, (0,), 1), (probe, (0,), 1)], ())
        curves.append(pullback(along, number(1))[SYMBOLS["w"]])
    assert has_expectation(curves[0])
    one, other = (evaluate(taken(t), values, SIZES) for t in curves)
    np.testing.assert_allclose(one, other, rtol=1e-11)
    assert same(taken(curves[0]), curves[1])


# ---------------------------------------------------------------------- the term itself


def test_constants_stand_outside() -> None:
    found = expected("3 * (A @ outer(x, x) @ A) + w")
    inside = [t for t in free_in(found) if isinstance(t, Special)]
    assert [t.children[0] for t in inside] == [body_of("outer(x, x)")]


def test_an_expectation_is_linear() -> None:
    assert expected("2 * x + 3 * w") is 2 * expected("x") + 3 * SYMBOLS["w"]
    assert expected("w") is SYMBOLS["w"]
    assert taken(expected("2 * x - 3 * x * w")) is 2 * SYMBOLS["mu"] - 3 * SYMBOLS["mu"] * SYMBOLS["w"]


def test_independent_symbols_have_no_covariance() -> None:
    assert taken(expected("outer(x, y)")).is_zero
    assert taken(expected("e * x")) is taken(expected("e")) * SYMBOLS["mu"]


def test_an_affine_form_stays_together() -> None:
    loss = taken(expected("(w @ x - v @ x)**2"))
    difference = SYMBOLS["w"] - SYMBOLS["v"]
    mean = product(1, [(difference, (0,), 1), (SYMBOLS["mu"], (0,), 1)], ())
    spread = product(1, [(difference, (0,), 2), (SYMBOLS["sigma"], (), 2)], ())
    assert loss is mean**2 + spread


def test_an_expectation_inside_an_expectation_is_a_constant() -> None:
    inner = expected("x")
    outer = expectation(product(1, [(inner, (0,), 1), (SYMBOLS["x"], (0,), 1)], ()), [LAWS["x"]])
    assert taken(outer) is taken(product(1, [(inner, (0,), 2)], ()))


def test_equal_expectations_are_one_term_whatever_laws_are_offered() -> None:
    body = body_of("x * x")
    assert expectation(body, LAWS.values()) is expectation(body, [LAWS["x"]])
    other = Law(SYMBOLS["x"], SYMBOLS["w"], LAWS["x"].covariance)
    assert expectation(body, [other]) is not expectation(body, [LAWS["x"]])


def test_a_transposed_expectation_is_one_of_the_transpose() -> None:
    whole = expected("outer(x, x * x)")
    assert product(1, [(whole, (1, 0), 1)], (0, 1)) is expected("outer(x * x, x)")


def test_a_cotangent_must_not_be_captured() -> None:
    whole = product(1, [(expected("x * w"), (0,), 1), (SYMBOLS["x"], (0,), 1)], ())
    with pytest.raises(MissingRule, match="both inside and outside"):
        pullback(whole, number(1))


def test_an_expectation_that_is_not_taken_has_no_value() -> None:
    with pytest.raises(MissingRule, match="before it is taken"):
        evaluate(expected("x"), numbers(0), SIZES)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("relu(x)", "no closed form is known for the expectation of relu of a random symbol"),
        ("norm2(x)", "no closed form is known for the expectation of a root of random symbols"),
        ("1 / e", "the expectation does not exist"),
        ("x / (w @ x)**2", "the expectation does not exist"),
        ("1 / (1 + e**2)", "no closed form is known for the expectation of a quotient"),
        ("sqrt(e)", "takes negative values"),
        ("log(e + 2)", "takes negative values"),
        ("exp(e**2)", "no closed form is known for the expectation of exp"),
        ("softmax(x)", "no closed form is known for the expectation of softmax"),
        ("(w @ x)**7", "a moment of order 7: moments are worked out to order 6"),
        ("norm2(x)**8", "a moment of order 8"),
    ],
)
def test_what_has_no_expectation_is_refused(text: str, message: str) -> None:
    with pytest.raises(MissingRule, match=message) as caught:
        taken(expected(text))
    assert caught.value.remedy


def test_there_are_as_many_pairings_as_involutions() -> None:
    counts = [len(list(pairings(tuple(range(k))))) for k in range(ORDER + 1)]
    assert counts == [1, 1, 2, 4, 10, 26, 76]
