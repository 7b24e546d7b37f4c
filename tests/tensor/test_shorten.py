"""Small scalar expressions in the form that a person would write, and nothing else touched."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symbackprop.tensor.equal import same
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.normal import apply, broadcast, number, product
from symbackprop.tensor.rational import shortest
from symbackprop.tensor.shorten import shorten
from symbackprop.tensor.terms import Symbol, Term, symbol
from tests.tensor.making import M, N, close

A, Y, X = symbol("A", (N, M)), symbol("B", (N, M)), symbol("T", (N, N, M))
C, V = symbol("x", (N,)), symbol("v", (M,))
S = [symbol(name) for name in ("c", "p", "q", "r", "s", "t")]
HALF = Fraction(1, 2)
WIDE = broadcast(C, (0,), (N, M))
CROSS_ENTROPY = -Y / A + (1 - Y) / (1 - A)


def exp(x: Term) -> Term:
    return apply("exp", [x])


SHORTER: dict[str, tuple[Term, Term]] = {
    "the derivative of the cross-entropy": (CROSS_ENTROPY, (A - Y) / (A * (1 - A))),
    "times the derivative of the sigmoid": (CROSS_ENTROPY * A * (1 - A), A - Y),
    "a quotient that cancels": ((1 - A**2) / (1 - A), 1 + A),
    "a product that is a difference of squares": ((1 - A) * (1 + A), 1 - A**2),
    "like terms behind brackets": ((1 - Y) * A - Y * (1 - A), A - Y),
    "a fraction that is one": (A / (1 + A) + 1 / (1 + A), number(1, (N, M))),
    "a factor into a sum of fractions": (Y * (WIDE - A / Y), WIDE * Y - A),
    "a fraction taken apart": ((A + Y * WIDE) / Y, A / Y + WIDE),
    "roots": (A**HALF * (A**-HALF + A**HALF), 1 + A),
    "roots of a sum": ((1 + A) ** HALF * ((1 + A) ** -HALF + (1 + A) ** HALF), 2 + A),
    "exponentials": (exp(A) * Y * exp(-A), Y),
    "exponentials in a sum": ((exp(A) + exp(-A)) * exp(A), 1 + exp(A) ** 2),
}


@pytest.mark.parametrize("name", SHORTER)
def test_what_can_be_shorter_is(name: str) -> None:
    given, wanted = SHORTER[name]
    assert shorten(given) is wanted
    close(given, wanted)
    assert same(given, wanted)


STAYS: dict[str, Term] = {
    "1 - a^2": 1 - A**2,
    "a sigmoid's derivative": Y * A * (1 - A),
    "two paths": S[0] * (1 - S[1] ** 2) * (S[2] * (1 - S[3] ** 2) + S[4] * (1 - S[5] ** 2)),
    "the short form itself": (A - Y) / (A * (1 - A)),
    "a product of sums of matrices": product(1, [(A + Y, (0, 1), 1), (A + 2 * Y, (2, 1), 1)], (0, 2)),
    "fractions without common parts": A / Y + Y / (1 + exp(A)),
    "a square of a sum": (A + Y) ** 2,
    "silu": A + Y * A * (1 - A),
}


@pytest.mark.parametrize("name", STAYS)
def test_what_is_short_stays(name: str) -> None:
    assert shorten(STAYS[name]) is STAYS[name]


def test_inside_a_contraction_the_summed_labels_do_not_matter() -> None:
    parts = [(CROSS_ENTROPY, (0, 1), 1), (A, (0, 1), 1), (1 - A, (0, 1), 1), (X, (2, 0, 1), 1)]
    assert shorten(product(HALF, parts, (2,))) is product(HALF, [(A - Y, (0, 1), 1), (X, (2, 0, 1), 1)], (2,))


def test_the_same_letters_with_other_labels_are_other_atoms() -> None:
    square = symbol("S", (N, N))
    term = product(1, [(1 / square, (0, 1), 1), (square, (1, 0), 1)], (0, 1))
    assert shorten(term) is term


def test_a_contraction_is_an_atom() -> None:
    total = product(1, [(A, (0, 1), 1)], (0,))
    assert shorten(C * (1 / C + total)) is 1 + C * total
    assert shorten(total / (1 + total) + 1 / (1 + total)) is number(1, (N,))


def value(term: Term, names: list[Symbol]) -> float:
    return float(evaluate(term, {s.name: 1.3 + k / 7 for k, s in enumerate(names)}, {}))


def test_parts_that_meet_nothing_are_not_expanded() -> None:
    inner = S[0] * (S[1] + S[2]) + S[3]
    term = (1 / S[4] + inner / (1 - S[4])) * S[4] * (1 - S[4])
    assert shorten(term) is 1 - S[4] + inner * S[4]
    assert value(shorten(term), S) == pytest.approx(value(term, S), rel=1e-12)


def test_a_large_expression_is_left_alone() -> None:
    many = [symbol(f"u{k}") for k in range(30)]
    total: Term = number(0)
    for u in many:
        total = total + many[0] / (1 + u)
    term = total / many[0]
    assert shorten(term) is term


def test_equal_shapes_are_worked_out_once() -> None:
    shorten(CROSS_ENTROPY)
    before = shortest.cache_info()
    p, q = symbol("another", (N,)), symbol("one", (N,))
    for first, second in ((p, q), (q, p)):
        shorten(-first / second + (1 - first) / (1 - second))
    after = shortest.cache_info()
    assert after.hits + after.misses >= before.hits + before.misses + 2
    assert after.misses <= before.misses + 4


def test_a_planted_mistake_is_caught() -> None:
    with pytest.raises(AssertionError):
        close(CROSS_ENTROPY * A * (1 - A), Y - A)
    assert same(CROSS_ENTROPY * A * (1 - A), Y - A) is None
