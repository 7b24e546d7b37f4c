"""Random terms and numbers for them: what the property tests of the calculus draw from."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.normal import add, apply, as_number, broadcast, number, product
from symbackprop.tensor.size import size
from symbackprop.tensor.specials import special
from symbackprop.tensor.terms import Factor, Labels, Number, Symbol, Term, symbol

N, M = size("n"), size("m")
UNEQUAL: Mapping[str, int] = {"n": 3, "m": 4}
EQUAL: Mapping[str, int] = {"n": 3, "m": 3}

SYMBOLS: tuple[Symbol, ...] = (
    symbol("c"),
    symbol("x", (N,)),
    symbol("y", (N,)),
    symbol("v", (M,)),
    symbol("A", (N, M)),
    symbol("B", (N, M)),
    symbol("S", (N, N)),
    symbol("T", (N, N, M)),
)
LABEL_SIZES = {0: N, 1: N, 2: N, 3: M, 4: M}


def arrays(seed: int, sizes: Mapping[str, int], symbols: tuple[Symbol, ...] = SYMBOLS) -> dict[str, Any]:
    """Positive numbers away from 0 and 1 for every symbol."""
    rng = np.random.default_rng(seed)
    return {s.name: rng.uniform(1.2, 2.4, size=tuple(z.value(sizes) for z in s.sizes)) for s in symbols}


def values(term: Term, seed: int = 0, sizes: Mapping[str, int] = UNEQUAL) -> Any:
    """The term's value at random positive arrays."""
    return evaluate(term, arrays(seed, sizes), sizes)


def close(a: Term, b: Term, tolerance: float = 1e-9) -> None:
    """Both terms have one value, at unequal and at equal sizes, for two draws each, wherever neither overflows."""
    assert a.sizes == b.sizes
    for sizes in (UNEQUAL, EQUAL):
        for seed in (0, 1):
            agree(values(a, seed, sizes), values(b, seed, sizes), tolerance)


def agree(one: Any, other: Any, tolerance: float) -> None:
    """The arrays are equal where both are finite, relative to their largest entry there."""
    both = np.isfinite(one) & np.isfinite(other)
    scale = 1 + np.abs(other[both]).max(initial=0)
    np.testing.assert_allclose(one[both] / scale, other[both] / scale, atol=tolerance, rtol=0)


def facts(**known: Any) -> SimpleNamespace:
    """Facts of a symbol."""
    nothing = {"onehot": False, "simplex": False, "symmetric": False, "positive": False, "values": None}
    return SimpleNamespace(**{**nothing, **known})


@st.composite
def factors(draw: st.DrawFn, exponents: tuple[Number, ...] = (1, 1, 2, -1, Fraction(1, 2))) -> list[Factor]:
    """One to five symbols with labels of the right sizes and exponents."""
    found: list[Factor] = []
    for _ in range(draw(st.integers(1, 5))):
        s = draw(st.sampled_from(SYMBOLS))
        labels = tuple(draw(st.sampled_from([k for k, z in LABEL_SIZES.items() if z is axis])) for axis in s.sizes)
        found.append((s, labels, draw(st.sampled_from(exponents))))
    return found


@st.composite
def einsums(draw: st.DrawFn) -> tuple[list[Factor], Labels]:
    """Factors, and some of their labels as output."""
    found = draw(factors())
    used = sorted({x for _, labels, _ in found for x in labels})
    output = tuple(draw(st.permutations(used))[: draw(st.integers(0, min(3, len(used))))]) if used else ()
    return found, output


def einsum(parts: list[Factor], output: Labels, numbers: Mapping[str, Any]) -> Any:
    """What the factors mean, by NumPy and without the calculus."""
    operands: list[Any] = []
    for s, labels, e in parts:
        assert isinstance(s, Symbol)
        operands += [numbers[s.name] ** float(e), list(labels)]
    return np.einsum(*operands, list(output))


KINDS = ("leaf", "add", "add", "subtract", "times", "times", "over", "power", "map", "sum", "soft")
HEADS: tuple[str, ...] = ("sigmoid", "tanh", "exp", "softplus", "relu", "abs", "sign", "step", "sin", "cos", "log")


def leaf(shape: tuple[Any, ...]) -> st.SearchStrategy[Term]:
    """A symbol, repeated to the shape, or a number."""
    axes = tuple(range(len(shape)))
    found: list[Term] = [number(Fraction(1, 2), shape), number(2, shape)]
    for s in SYMBOLS:
        if s.sizes == shape:
            found.append(s)
        elif s.order < len(shape):
            places = [
                axes[k : k + s.order] for k in range(len(shape) - s.order + 1) if shape[k : k + s.order] == s.sizes
            ]
            found += [broadcast(s, place, shape) for place in places]
    return st.sampled_from(found)


@st.composite
def terms(
    draw: st.DrawFn,
    shape: tuple[Any, ...] = (N, M),
    depth: int = 3,
    heads: tuple[str, ...] = HEADS,
    wild: bool = False,
) -> Term:
    """A term of that shape: sums, products, powers, contractions, functions; finite at positive arrays, mostly.

    `wild`: roots, logarithms and divisors of anything, so that a term is defined for some arrays only.
    """
    if depth == 0:
        return draw(leaf(shape))
    axes = tuple(range(len(shape)))
    below = lambda s=shape: draw(terms(s, depth - 1, heads, wild))  # noqa: E731  # drawn again at each use
    kind = draw(st.sampled_from(KINDS))
    if wild and kind in ("power", "over", "map") and draw(st.booleans()):
        base = below() ** draw(st.sampled_from((1, 2)))
        if as_number(base) is not None:
            return base
        e = draw(st.sampled_from((-1, Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2), -2)))
        return apply("log", [base]) if kind == "map" else base**e
    if kind == "add":
        return add([(1, below()), (draw(st.sampled_from((1, 2, Fraction(1, 3)))), below())], shape)
    if kind == "subtract":
        return add([(1, below()), (-1, below())], shape)
    if kind == "times":
        return below() * below()
    if kind == "over":
        return product(1, [(below(), axes, 1), (1 + below() ** 2, axes, -1)], axes, dict(enumerate(shape)))
    if kind == "power":
        return (1 + below() ** 2) ** draw(st.sampled_from((Fraction(1, 2), Fraction(-1, 2), 2, Fraction(3, 2))))
    if kind == "map":
        head = draw(st.sampled_from(heads))
        inner = below()
        if head in ("sign", "step"):  # not at 0, where rounding decides
            inner = inner + Fraction(1, 7)
        return apply(head, [1 + inner**2 if head == "log" else inner / 4 if head == "exp" else inner])
    if kind == "sum" and len(shape) < 3:
        wide = draw(terms((*shape, M), depth - 1, heads, wild))
        return product(1, [(wide, (*axes, len(shape)), 1), (draw(leaf((*shape, M))), (*axes, len(shape)), 1)], axes)
    if kind == "soft" and shape:
        return soft(below(), draw(st.booleans()))
    return draw(leaf(shape))


def soft(x: Term, probabilities: bool) -> Term:
    """softmax or standardize over the last axis."""
    return special("softmax", x / 4, 1) if probabilities else special("standardize", x, 1, number(1))
