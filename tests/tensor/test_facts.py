"""What facts let a result become, checked with arrays that satisfy the facts; without the facts nothing happens."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.facts import apply_facts
from symbackprop.tensor.normal import apply, broadcast, delta, number, product, zeros
from symbackprop.tensor.specials import special
from symbackprop.tensor.terms import Term, symbol
from tests.tensor.making import M, N, facts

T, P, A, Y = symbol("t", (N, M)), symbol("p", (N, M)), symbol("A", (N, M)), symbol("Y", (N, M))
S, X, Z, U = symbol("S", (N, N)), symbol("x", (N,)), symbol("z", (N,)), symbol("u", (N,))
B, G, W, C = symbol("b", (N,)), symbol("g", (N,)), symbol("w", (N, M, M)), symbol("c", (N,))
HALF = Fraction(1, 2)
FACTS = {
    "t": facts(onehot=True),
    "p": facts(simplex=True),
    "S": facts(symmetric=True),
    "u": facts(positive=True),
    "b": facts(values=(Fraction(0), Fraction(1))),
    "g": facts(values=(Fraction(-1), Fraction(1))),
}
WIDE = broadcast(C, (0,), (N, M))


def rows(*parts: Term) -> Term:
    """Σ_j of the entrywise product."""
    return product(1, [(t, (0, 1), 1) for t in parts], (0,))


def times(matrix: Term, vector: Term) -> Term:
    return product(1, [(matrix, (0, 1), 1), (vector, (1,), 1)], (0,))


def turned(matrix: Term) -> Term:
    return product(1, [(matrix, (1, 0), 1)], (0, 1))


SOFTMAX, STANDARD = special("softmax", Y, 1), special("standardize", Y, 1, number(1))
HOTTEST = special("argmax", W, 2)
INVERSE = special("inverse", S, 2)
FORMS: dict[str, tuple[Term, Term]] = {
    "a one-hot row sums to 1": (rows(T), number(1, (N,))),
    "so does a row of probabilities": (rows(P), number(1, (N,))),
    "all rows together": (product(1, [(T, (0, 1), 1), (X, (2,), 1)], (2,)),
                          product(1, [(X, (2,), 1)], (2,), {0: N, 2: N})),
    "softmax and cross-entropy": (product(1, [(A, (0, 1), 1), (T, (0, 2), 1)], (0, 1)) - T, A - T),
    "softmax sums to 1": (rows(SOFTMAX), number(1, (N,))),
    "softmax next to others": (product(1, [(SOFTMAX, (0, 1), 1), (X, (0,), 1)], (0,)), X),
    "standardize sums to 0": (rows(STANDARD), zeros((N,))),
    "argmax sums to 1": (product(1, [(HOTTEST, (0, 1, 2), 1)], (0,)), number(1, (N,))),
    "a power of a one-hot": (T**3 + T**HALF, 2 * T),
    "two entries of one row": (product(1, [(T, (0, 1), 1), (T, (0, 2), 1)], (0, 1, 2)),
                               product(1, [(T, (0, 1), 1), (delta(M), (1, 2), 1)], (0, 1, 2))),
    "an entry and a sum": (product(1, [(T, (0, 1), 1), (T, (0, 2), 1), (A, (0, 2), 1)], (0, 1)), T * A),
    "t (1 - t)": (T * (1 - T), zeros((N, M))),
    "binary cross-entropy's fractions": (T * (-T / A + (1 - T) / (1 - A)), -T / A),
    "a constant beside a sum": (product(1, [(P, (0, 1), 1), (Y - WIDE, (0, 1), 1)], (0,)), rows(P, Y) - C),
    "entries 0 and 1": (B**2 + B * X - B, B * X),
    "entries -1 and 1": (G**2 + G**3, 1 + G),
    "a symmetric matrix": (times(S, X) + times(turned(S), X), 2 * times(S, X)),
    "a symmetric matrix alone": (turned(S), S),
    "both sides": (product(1, [(S, (0, 1), 1), (X, (0,), 1), (Z, (1,), 1)], ())
                   - product(1, [(S, (1, 0), 1), (X, (0,), 1), (Z, (1,), 1)], ()), zeros()),
    "its inverse": (times(INVERSE, X) - times(turned(INVERSE), X), zeros((N,))),
    "the root of a square": ((U**2) ** HALF, U),
    "a root distributes": ((U**2 * X) ** HALF, U * X**HALF),
    "a size is positive": ((number(4) * U * X) ** HALF, 2 * U**HALF * X**HALF),
    "the absolute value": (apply("abs", [U]) + apply("relu", [U]) - 2 * U, zeros((N,))),
    "signs": (apply("sign", [U]) + apply("step", [1 + U]), number(2, (N,))),
}  # fmt: skip  # given and wanted side by side


def drawn(seed: int, sizes: dict[str, int]) -> dict[str, Any]:
    """Arrays that satisfy the facts."""
    rng = np.random.default_rng(seed)
    n, m = sizes["n"], sizes["m"]
    found = {s.name: rng.normal(size=tuple(z.value(sizes) for z in s.sizes)) for s in (Y, Z, W, C)}
    found["x"] = rng.uniform(0.5, 2, n)
    found["A"] = rng.uniform(0.2, 0.8, (n, m))
    found["t"] = np.eye(m)[rng.integers(0, m, n)]
    found["p"] = rng.dirichlet(np.ones(m), n)
    half = rng.normal(size=(n, n))
    found["S"] = half + half.T
    found["u"] = rng.uniform(0.5, 2, n)
    found["b"] = rng.integers(0, 2, n).astype(float)
    found["g"] = 2.0 * rng.integers(0, 2, n) - 1
    return found


@pytest.mark.parametrize("name", FORMS)
def test_a_fact_gives_the_form(name: str) -> None:
    given, wanted = FORMS[name]
    assert apply_facts(given, FACTS.get) is wanted


@pytest.mark.parametrize("name", FORMS)
def test_the_form_has_the_value_where_the_facts_hold(name: str) -> None:
    given, wanted = FORMS[name]
    for sizes in ({"n": 3, "m": 4}, {"n": 3, "m": 3}):
        numbers = drawn(0, sizes)
        one, other = evaluate(given, numbers, sizes), evaluate(wanted, numbers, sizes)
        np.testing.assert_allclose(one, other, atol=1e-12)


NEEDS = [name for name in FORMS if not any(word in name for word in ("softmax", "standardize", "argmax", "size"))]


@pytest.mark.parametrize("name", NEEDS)
def test_without_the_fact_nothing_is_assumed(name: str) -> None:
    given, wanted = FORMS[name]
    assert apply_facts(given) is not wanted


KEPT: dict[str, Term] = {
    "a sum over the wrong axis": product(1, [(T, (0, 1), 1)], (1,)),
    "a sum that meets something else": rows(T, A),
    "another row of the one-hot": product(1, [(T, (0, 2), 1), (T, (1, 2), 1)], (0, 1)),
    "a negative power": T**-1,
    "the root of a square of unknown sign": (X**2) ** HALF,
    "a matrix that is not symmetric": times(turned(symbol("R", (N, N))), X),
    "the absolute value of a difference": apply("abs", [U - 1]),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_the_facts_do_not_say_stays(name: str) -> None:
    assert apply_facts(KEPT[name], FACTS.get) is KEPT[name]


def test_facts_are_asked_for_by_name() -> None:
    asked: list[str] = []

    def known(name: str) -> None:
        asked.append(name)

    assert apply_facts(rows(T, A), known) is rows(T, A)
    assert set(asked) == {"t", "A"}
