"""What all terms of a sum share, pulled out in front."""

from __future__ import annotations

import pytest

from symbackprop.tensor.equal import same
from symbackprop.tensor.factor import factored, items
from symbackprop.tensor.normal import add, apply, broadcast, delta, from_size, product
from symbackprop.tensor.terms import Term, symbol
from tests.tensor.making import M, N, close

P, D = symbol("A", (N, M)), symbol("B", (N, M))
X, Y, V = symbol("x", (N,)), symbol("y", (N,)), symbol("v", (M,))
SQUARE, C = symbol("S", (N, N)), symbol("c")
S = [symbol(f"s{k}") for k in range(7)]


def rows(t: Term) -> Term:
    """Σ_j t_ij."""
    return product(1, [(t, (0, 1), 1)], (0,))


def wide(t: Term) -> Term:
    return broadcast(t, (0,), (N, M))


def times(matrix: Term, vector: Term) -> Term:
    return product(1, [(matrix, (0, 1), 1), (vector, (1,), 1)], (0,))


def outer(left: Term, right: Term) -> Term:
    return product(1, [(left, (0,), 1), (right, (1,), 1)], (0, 1))


def turned(matrix: Term) -> Term:
    return product(1, [(matrix, (1, 0), 1)], (0, 1))


BENT = apply("tanh", [X])
INNER = times(turned(SQUARE), X) + Y
PULLED: dict[str, tuple[Term, Term]] = {
    "the softmax rule": (P * D - P * wide(rows(P * D)), P * (D - wide(rows(P * D)))),
    "the softmax rule for a vector": (X * Y - X * product(1, [(X, (0,), 1), (Y, (0,), 1)], ()),
                                      X * (Y - product(1, [(X, (0,), 1), (Y, (0,), 1)], ()))),
    "a common divisor": (P / wide(X) - D / wide(X), (P - D) / wide(X)),
    "two paths": (S[0] * S[1] * (1 - S[2] ** 2) * S[3] + S[0] * S[1] * (1 - S[4] ** 2) * S[5],
                  S[0] * S[1] * ((1 - S[2] ** 2) * S[3] + (1 - S[4] ** 2) * S[5])),
    "one matrix, two vectors": (times(SQUARE, X) + times(SQUARE, Y), times(SQUARE, X + Y)),
    "one transposed matrix": (times(turned(SQUARE), X) - 2 * times(turned(SQUARE), Y),
                              times(turned(SQUARE), X - 2 * Y)),
    "the end of a chain": (times(SQUARE, times(turned(SQUARE), X)) + times(SQUARE, Y), times(SQUARE, INNER)),
    "a matrix and a factor": (Y * times(SQUARE, X) + Y * times(SQUARE, Y), Y * times(SQUARE, X + Y)),
    "a form in one vector": (product(1, [(SQUARE, (0, 1), 1), (X, (0,), 1), (Y, (1,), 1)], ())
                             + product(1, [(SQUARE, (0, 1), 1), (BENT, (0,), 1), (Y, (1,), 1)], ()),
                             product(1, [(SQUARE, (0, 1), 1), (X + BENT, (0,), 1), (Y, (1,), 1)], ())),
    "an outer product": (outer(X, V) + outer(Y, V), outer(X + Y, V)),
    "a diagonal and an outer product": (
        product(1, [(X, (0,), 1), (delta(N), (0, 1), 1)], (0, 1)) - product(1, [(X, (0,), 1), (X, (1,), 1)], (0, 1)),
        product(1, [(X, (0,), 1), (delta(N) - broadcast(X, (1,), (N, N)), (0, 1), 1)], (0, 1)),
    ),
    "a whole contraction": (C * rows(P) + C**2 * rows(P) * X, C * rows(P) * (1 + C * X)),
    "inside a map": (apply("tanh", [X * Y + X * C]), apply("tanh", [X * (Y + C)])),
}  # fmt: skip  # given and wanted side by side


@pytest.mark.parametrize("name", PULLED)
def test_what_is_shared_is_in_front(name: str) -> None:
    given, wanted = PULLED[name]
    assert factored(given) is wanted
    assert same(given, wanted)


STAYS: dict[str, Term] = {
    "different vectors on both sides": product(1, [(SQUARE, (0, 1), 1), (X, (0,), 1), (Y, (1,), 1)], ())
    + product(1, [(SQUARE, (0, 1), 1), (BENT, (0,), 1), (apply("exp", [Y]), (1,), 1)], ()),
    "a matrix and its transpose": times(SQUARE, X) + times(turned(SQUARE), Y),
    "what would not get shorter": X**2 + X,
    "four terms of a recurrence": add(
        [(1, outer(symbol(f"d{t}", (N,)), symbol(f"h{t}", (M,)))) for t in range(4)], (N, M)
    ),
}


@pytest.mark.parametrize("name", STAYS)
def test_what_shares_nothing_stays(name: str) -> None:
    assert factored(STAYS[name]) is STAYS[name]


def test_a_repeated_contraction_counts_twice() -> None:
    total = product(1, [(X, (0,), 1)], ())
    assert items(total * total * C) == {(total, ()): 2, (C, ()): 1}
    close(factored(total * total - from_size(N) * total), total * total - from_size(N) * total)


def test_a_planted_mistake_is_caught() -> None:
    given, _ = PULLED["the softmax rule"]
    assert same(given, P * (D + wide(rows(P * D)))) is None
    with pytest.raises(AssertionError):
        close(given, P * (D + wide(rows(P * D))))
