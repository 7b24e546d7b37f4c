"""Canonical labels where symmetry makes it hard: cycles, complete graphs, repeated components."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from symbackprop.tensor.normal import product
from symbackprop.tensor.terms import Factor, Labels, Term, symbol
from tests.tensor.making import N

S = symbol("S", (N, N))
X = symbol("x", (N,))


def shuffled(parts: list[Factor], output: Labels, seed: int) -> Term:
    """The product with its factors in another order and its labels renamed."""
    rng = np.random.default_rng(seed)
    used = sorted({x for _, labels, _ in parts for x in labels})
    new = dict(zip(used, rng.permutation(100).tolist(), strict=False))
    renamed = [(t, tuple(new[x] for x in labels), e) for t, labels, e in parts]
    return product(1, [renamed[k] for k in rng.permutation(len(renamed))], tuple(new[x] for x in output))


def cycle(length: int, start: int = 0) -> list[Factor]:
    return [(S, (start + k, start + (k + 1) % length), 1) for k in range(length)]


GRAPHS: dict[str, tuple[list[Factor], Labels]] = {
    "trace of a power": (cycle(6), ()),
    "two cycles of one length": (cycle(4) + cycle(4, 10), ()),
    "cycles of lengths 3 and 5": (cycle(3) + cycle(5, 10), ()),
    "a chain": ([(S, (k, k + 1), 1) for k in range(6)], (0, 6)),
    "a chain that is read backwards": ([(S, (k, k + 1), 1) for k in range(6)], (6, 0)),
    "all pairs of four": ([(S, pair, 1) for pair in combinations(range(4), 2)], ()),
    "a star": ([(S, (0, k), 1) for k in range(1, 6)], ()),
    "a star with one end out": ([(S, (0, k), 1) for k in range(1, 6)], (3,)),
    "five equal sums": ([(X, (k,), 1) for k in range(5)], ()),
    "a square and a diagonal": ([*cycle(4), (S, (0, 2), 1)], ()),
    "a loop": ([(S, (0, 0), 1), (S, (0, 1), 2), (X, (1,), 1)], ()),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_one_graph_is_one_object(name: str) -> None:
    parts, output = GRAPHS[name]
    expected = product(1, parts, output)
    for seed in range(12):
        assert shuffled(parts, output, seed) is expected


def test_different_graphs_are_different_objects() -> None:
    found = {product(1, parts, output) for parts, output in GRAPHS.values()}
    assert len(found) == len(GRAPHS)
    assert product(1, cycle(6), ()) is not product(1, cycle(3) + cycle(3, 10), ())


def test_directions_count() -> None:
    forward = product(1, [(S, (0, 1), 1), (S, (1, 2), 1), (S, (2, 0), 1)], ())
    turned = product(1, [(S, (0, 1), 1), (S, (1, 2), 1), (S, (0, 2), 1)], ())
    assert forward is not turned
