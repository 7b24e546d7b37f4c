"""Terms in place of others, and definitions found again where they were written out."""

from __future__ import annotations

from fractions import Fraction

import pytest

from symbackprop.errors import ShapeError
from symbackprop.tensor.normal import apply, broadcast, from_size, number, product
from symbackprop.tensor.specials import mean_of
from symbackprop.tensor.substitute import fold, rebuilt, substitute, subterms
from symbackprop.tensor.terms import Symbol, Term, symbol
from tests.tensor.making import M, N

X, G = symbol("x", (N, M)), symbol("g", (N, M))
MU, SIGMA, V, XHAT = symbol("mu", (N,)), symbol("sigma", (N,)), symbol("var", (N,)), symbol("xhat", (N, M))
W, A, B, Z = symbol("W", (N, N)), symbol("a", (N,)), symbol("b", (N,)), symbol("z", (N,))
C = symbol("c")
HALF = Fraction(1, 2)


def wide(t: Term) -> Term:
    return broadcast(t, (0,), (N, M))


def rows(t: Term) -> Term:
    return product(1, [(t, (0, 1), 1)], (0,))


def times(matrix: Term, vector: Term) -> Term:
    return product(1, [(matrix, (0, 1), 1), (vector, (1,), 1)], (0,))


CENTRED = X - wide(MU)
NORMAL = CENTRED / wide(SIGMA)


def test_a_symbol_is_replaced_everywhere() -> None:
    term = apply("tanh", [times(W, A) + B]) * A
    assert substitute(term, {A: B * C, W: W + W}) is apply("tanh", [2 * times(W, B) * C + B]) * B * C


def test_a_whole_subterm_is_replaced_before_its_parts() -> None:
    inner = times(W, A) + B
    assert substitute(apply("exp", [inner]) * A, {inner: Z, A: B}) is apply("exp", [Z]) * B


def test_a_multiple_of_a_key_is_a_key() -> None:
    assert substitute(3 * A * B + C * A, {2 * A * B: Z}) is 3 * Z / 2 + C * A
    assert substitute(apply("exp", [6 * (A + B)]), {2 * A + 2 * B: Z}) is apply("exp", [3 * Z])


def test_values_are_not_searched_again() -> None:
    assert substitute(A + B, {A: B, B: A}) is A + B
    assert substitute(A, {A: A + B}) is A + B


def test_what_does_not_occur_changes_nothing() -> None:
    term = apply("tanh", [times(W, A)])
    assert substitute(term, {Z: A}) is term
    assert substitute(term, {}) is term


def test_shapes_must_agree() -> None:
    with pytest.raises(ShapeError):
        substitute(A, {A: C})
    with pytest.raises(ShapeError):
        fold(A, {A * B: C})


def test_a_divisor_that_becomes_zero_is_refused() -> None:
    with pytest.raises(ZeroDivisionError):
        substitute(1 / A, {A: B - B})


def test_rebuilding_with_the_same_children_is_the_same_term() -> None:
    for term in (times(W, A), A + B, apply("exp", [A]), A, NORMAL):
        assert rebuilt(term, term.children) is term


def test_subterms_come_once_parents_first() -> None:
    term = apply("exp", [A]) * (A + B)
    found = list(subterms(term))
    assert len(found) == len(set(found))
    assert found[0] is term
    assert {A, B} <= set(found)


FOLDED: dict[str, tuple[Term, dict[Term, Symbol], Term]] = {
    "a whole term": (apply("exp", [times(W, A) + B]), {times(W, A) + B: Z}, apply("exp", [Z])),
    "inside a product": (NORMAL * G, {NORMAL: XHAT}, XHAT * G),
    "with other labels": (
        product(1, [(NORMAL, (2, 0), 1), (G, (2, 1), 1)], (0, 1)), {NORMAL: XHAT},
        product(1, [(XHAT, (2, 0), 1), (G, (2, 1), 1)], (0, 1)),
    ),
    "twice with different labels": (
        product(1, [(NORMAL, (0, 1), 1), (NORMAL, (0, 2), 1), (G, (0, 2), 1)], (0, 1)), {NORMAL: XHAT},
        product(1, [(XHAT, (0, 1), 1), (XHAT, (0, 2), 1), (G, (0, 2), 1)], (0, 1)),
    ),
    "to a power, with some left over": (CENTRED**2 / wide(SIGMA) ** 3, {NORMAL: XHAT}, XHAT**2 / wide(SIGMA)),
    "a contraction": (product(1, [(W, (0, 1), 1), (A, (1,), 1), (B, (0,), 1)], (0,)), {times(W, A): Z}, Z * B),
    "a mean": (rows(X) * A / from_size(M), {mean_of(X, 1): MU}, MU * A),
    "a multiple": (6 * A * B * C, {-2 * A * B: Z}, -3 * Z * C),
    "among the terms of a sum": (2 * times(W, A) + 2 * B - A, {times(W, A) + B: Z}, 2 * Z - A),
    "the reciprocal of a root": (X * wide((V + 1) ** Fraction(-3, 2)), {(V + 1) ** HALF: SIGMA}, X / wide(SIGMA) ** 3),
    "one definition in another": (
        X * wide(rows(CENTRED**2) + 1) ** -HALF,
        {rows(CENTRED**2): V, (V + 1) ** HALF: SIGMA},
        X / wide(SIGMA),
    ),
}  # fmt: skip  # given, definitions, wanted


@pytest.mark.parametrize("name", FOLDED)
def test_a_definition_is_found(name: str) -> None:
    given, definitions, wanted = FOLDED[name]
    assert fold(given, definitions) is wanted


@pytest.mark.parametrize("name", FOLDED)
def test_putting_the_definitions_back_gives_the_term(name: str) -> None:
    given, definitions, wanted = FOLDED[name]
    opened = wanted
    for definition, symbol_ in reversed(definitions.items()):
        opened = substitute(opened, {symbol_: definition})
    assert opened is given


def test_a_definition_with_another_sign_or_transposed_is_found_in_products_and_maps() -> None:
    definition = 2 * wide(A) - broadcast(apply("tanh", [symbol("v", (M,))]), (1,), (N, M))
    around = XHAT**2 * G + apply("tanh", [XHAT]) - apply("exp", [-3 * XHAT])
    assert fold(substitute(around, {XHAT: definition}), {definition: XHAT}) is around
    back = -definition
    assert fold(substitute(around, {XHAT: back}), {back: XHAT}) is around


LEFT: dict[str, tuple[Term, dict[Term, Symbol]]] = {
    "a factor is missing": (CENTRED * G, {NORMAL: XHAT}),
    "the summed label meets something else": (
        product(1, [(W, (0, 1), 1), (A, (1,), 1), (B, (1,), 1)], (0,)), {times(W, A): Z},
    ),
    "the label is not summed": (product(1, [(W, (0, 1), 1), (A, (1,), 1)], (0, 1)), {times(W, A): Z}),
    "transposed": (product(1, [(W, (1, 0), 1), (A, (1,), 1), (B, (0,), 1)], (0,)), {times(W, A): Z}),
    "half of a square": (X * G, {X**2: XHAT}),
    "a root of the definition": ((1 + A) ** HALF, {(1 + A) ** 2: Z}),
    "a term is missing": (times(W, A) - A, {times(W, A) + B: Z}),
    "another multiple": (2 * times(W, A) + 3 * B, {times(W, A) + B: Z}),
    "opposite powers": (A / B, {A * B: Z}),
    "a number": (number(2, (N,)) * A, {number(2, (N,)): Z}),
}  # fmt: skip  # given, definitions


@pytest.mark.parametrize("name", LEFT)
def test_what_only_looks_like_a_definition_is_left(name: str) -> None:
    given, definitions = LEFT[name]
    assert fold(given, definitions) is given


def test_a_definition_that_is_a_symbol_is_not_an_abbreviation() -> None:
    assert fold(A * B, {A: Z}) is A * B
