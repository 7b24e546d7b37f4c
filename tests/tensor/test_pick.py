"""Entries at constant places: picked terms mean the same, and stacks give back their parts."""

from __future__ import annotations

import numpy as np
import pytest

import symbackprop as sb
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.normal import apply, product
from symbackprop.tensor.pick import entry, picked, place_of, unit_vector
from symbackprop.tensor.size import size
from symbackprop.tensor.specials import special
from symbackprop.tensor.terms import Term, symbol

A, B = symbol("a"), symbol("b")
U, V, M = symbol("u", (2,)), symbol("v", (2,)), symbol("M", (2, 3))
SIZES: dict[str, int] = {}
ARRAYS = {
    "a": 0.3,
    "b": -0.7,
    "u": np.array([0.2, 0.9]),
    "v": np.array([1.1, -0.4]),
    "M": np.array([[1.0, 2.0, 3.0], [-1.0, 0.5, 0.25]]),
}


def stack(*parts: Term) -> Term:
    length = size(len(parts))
    vectors = [product(1, [(x, (), 1), (unit_vector(k, length), (0,), 1)], (0,)) for k, x in enumerate(parts)]
    total = vectors[0]
    for vector in vectors[1:]:
        total = total + vector
    return total


def pick(term: Term, place: int) -> Term:
    return product(1, [(term, (0,), 1), (unit_vector(place, size(2)), (0,), 1)], ())


@pytest.mark.parametrize("place", [0, 1])
def test_an_entry_of_a_stack_is_its_part(place: int) -> None:
    assert picked(pick(stack(A, B), place)) is (A, B)[place]
    assert picked(pick(apply("tanh", [stack(A, B)]), place)) is apply("tanh", [(A, B)[place]])


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    "term",
    [
        U * V + U,
        apply("exp", [U - stack(A, B)]) * V,
        special("softmax", stack(A, B), 1) * (U - V),
        product(1, [(M, (0, 1), 1), (M, (2, 1), 1), (V, (2,), 1)], (0,)),
    ],
)
def test_what_is_picked_means_the_same(term: Term, place: int) -> None:
    whole = pick(term, place)
    expected = evaluate(term, ARRAYS, SIZES)[place]
    np.testing.assert_allclose(evaluate(picked(whole), ARRAYS, SIZES), expected, rtol=1e-14)
    np.testing.assert_allclose(evaluate(entry(term, 0, place), ARRAYS, SIZES), expected, rtol=1e-14)


def test_only_constant_places_are_picked() -> None:
    assert place_of(unit_vector(1, size(2))) == 1
    assert place_of(U) is None
    assert picked(U * V) is U * V
    assert picked(pick(U, 0)) is pick(U, 0)


def test_nodes_unpacked_from_an_array_stand_for_its_entries() -> None:
    net = sb.Network.parse(
        "o_1: parameter()\no_2: parameter()\nt_1: target()\nt_2: target()\n"
        "y_1, y_2 = softmax([o_1, o_2])\nL: loss = -t_1 * log(y_1) - t_2 * log(y_2)"
    )
    derivation = sb.derive(net)
    assert "softmax" not in derivation.gradient("o_1").text
    assert "softmax" not in derivation.gradient("o_1").closed.text
