"""The few operations that are neither products nor maps: each has its shape, its meaning by entries and its pullback.

`axes` = m means that the operation works on the last m axes of its argument (and repeats over the axes in front).
A pullback takes the cotangent G, the value Y and the argument X, and gives the cotangent of X, in terms of Y where
people write it so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .normal import as_number, broadcast, essential_axes, from_size, number, product, without_constant
from .size import Size
from .terms import Factor, Labels, Product, Special, Term, make_special

Pull = Callable[[Term, Special], Term]


@dataclass(frozen=True, slots=True)
class Operation:
    """`shape(sizes, m)`: the result's sizes; `pullback(G, Y)`: the cotangent of the argument; `value`: by NumPy.

    `pull_second`: the cotangent of a second, scalar argument. `pull_all`, where there is one, takes the place of both.
    """

    name: str
    shape: Callable[[tuple[Size, ...], int], tuple[Size, ...]]
    pullback: Pull
    value: Callable[..., Any]
    conditions: str = ""
    pull_second: Pull | None = None
    pull_all: Callable[[Special, Term], Iterator[tuple[Term, Term]]] | None = None


def same(sizes: tuple[Size, ...], axes: int) -> tuple[Size, ...]:
    """The argument's shape."""
    return sizes


def reduced(sizes: tuple[Size, ...], axes: int) -> tuple[Size, ...]:
    """The argument's shape without its last m axes."""
    return sizes[: len(sizes) - axes]


def _labels(term: Term) -> Labels:
    return tuple(range(len(term.sizes)))


def times(*terms: Term) -> Term:
    """The entrywise product of arrays of one shape."""
    axes = _labels(terms[0])
    return product(1, [(t, axes, 1) for t in terms], axes, dict(enumerate(terms[0].sizes)))


def total(factors: list[Term], axes: int) -> Term:
    """The entrywise product summed over the last m axes, repeated along them."""
    labels = _labels(factors[0])
    keep = labels[: len(labels) - axes]
    inner: list[Factor] = [(t, labels, 1) for t in factors]
    small = product(1, inner, keep, dict(enumerate(factors[0].sizes)))
    return product(1, [(small, keep, 1)], labels, dict(enumerate(factors[0].sizes)))


def extent(term: Term, axes: int) -> Term:
    """How many entries the last m axes have, as a scalar."""
    factors: list[Factor] = [(from_size(s), (), 1) for s in term.sizes[len(term.sizes) - axes :]]
    return product(1, factors, ())


def _inverse(g: Term, y: Special) -> Term:
    """−Y_ki G_kl Y_jl: −X⁻ᵀ G X⁻ᵀ."""
    lead = tuple(range(4, 2 + len(y.sizes)))
    i, j, k, l = 0, 1, 2, 3
    return product(-1, [(y, (*lead, k, i), 1), (g, (*lead, k, l), 1), (y, (*lead, j, l), 1)], (*lead, i, j))


def _scaled_inverse_transpose(g: Term, x: Term) -> Term:
    """G · X⁻¹_ji."""
    lead = tuple(range(2, len(x.sizes)))
    return product(1, [(g, lead, 1), (special("inverse", x, 2), (*lead, 1, 0), 1)], (*lead, 0, 1))


def _softmax(g: Term, y: Special) -> Term:
    """Y ∘ (G − Σ Y ∘ G)."""
    return times(y, g) - times(y, total([y, g], y.axes))


def _logsumexp(g: Term, y: Special) -> Term:
    """G · softmax(X)."""
    x = y.children[0]
    axes = _labels(x)
    keep = axes[: len(axes) - y.axes]
    return product(1, [(g, keep, 1), (special("softmax", x, y.axes), axes, 1)], axes)


def _standardize(g: Term, y: Special) -> Term:
    """(G − mean G − Y ∘ mean(G ∘ Y)) / σ with Y = (x − μ)/σ, σ = √(var x + ε): Ioffe & Szegedy 2015, section 3."""
    x, eps = y.children
    axes = _labels(x)
    n = extent(x, y.axes)
    inner = g - total([g], y.axes) / n - times(y, total([g, y], y.axes)) / n
    sigma = special("deviation", x, y.axes, eps)
    return product(1, [(inner, axes, 1), (sigma, axes[: len(sigma.sizes)], -1)], axes, dict(enumerate(x.sizes)))


def _deviation(g: Term, y: Special) -> Term:
    """G · (x − μ)/(n σ): the deviation's slope is the standardized argument over n."""
    x, eps = y.children
    axes = _labels(x)
    keep = axes[: len(axes) - y.axes]
    standard = special("standardize", x, y.axes, eps)
    factors: list[Factor] = [(g, keep, 1), (standard, axes, 1), (extent(x, y.axes), (), -1)]
    return product(1, factors, axes)


def _standardize_second(g: Term, y: Special) -> Term:
    """−Σ G ∘ Y / (2σ²): ∂/∂ε of (x − μ)/√(var + ε)."""
    x, eps = y.children
    axes = _labels(x)
    keep = axes[: len(axes) - y.axes]
    sigma = special("deviation", x, y.axes, eps)
    return product(Fraction(-1, 2), [(g, axes, 1), (y, axes, 1), (sigma, keep, -2)], ())


def _deviation_second(g: Term, y: Special) -> Term:
    """Σ G / (2σ)."""
    axes = _labels(y)
    return product(Fraction(1, 2), [(g, axes, 1), (y, axes, -1)], ())


def mean_of(x: Term, axes: int) -> Term:
    """The mean over the last m axes; the shape of x without them."""
    labels = _labels(x)
    factors: list[Factor] = [(x, labels, 1), (extent(x, axes), (), -1)]
    return product(1, factors, labels[: len(labels) - axes], dict(enumerate(x.sizes)))


def _no_gradient(g: Term, y: Special) -> Term:
    """0: what is chosen, or stopped, passes nothing on."""
    return number(0, y.children[0].sizes)


def _operations() -> dict[str, Operation]:
    from . import special_values as v
    from .expectation import pulled

    rows = [
        Operation("inverse", same, _inverse, v.inverse, "invertible"),
        Operation("logdet", reduced, lambda g, y: _scaled_inverse_transpose(g, y.children[0]), v.logdet, "invertible"),
        Operation("det", reduced, lambda g, y: _scaled_inverse_transpose(g * y, y.children[0]), v.det, "invertible"),
        Operation("softmax", same, _softmax, v.softmax),
        Operation("logsumexp", reduced, _logsumexp, v.logsumexp),
        Operation("argmax", same, _no_gradient, v.argmax),
        Operation("stop", same, _no_gradient, v.stop),
        Operation("standardize", same, _standardize, v.standardize, pull_second=_standardize_second),
        Operation("deviation", reduced, _deviation, v.deviation, pull_second=_deviation_second),
        Operation("expectation", same, _no_gradient, v.expectation, pull_all=pulled),
    ]
    return {row.name: row for row in rows}


_TABLE: dict[str, Operation] = {}


def operation(name: str) -> Operation:
    """The row of that name; KeyError if there is none."""
    if not _TABLE:
        _TABLE.update(_operations())
    return _TABLE[name]


def special(name: str, x: Term, axes: int, *more: Term) -> Term:
    """The operation over the last `axes` axes of x; `more`: scalars (ε of standardize), laws (of expectation)."""
    if name == "expectation":
        from .expectation import expectation, unpacked

        return expectation(x, unpacked(more))
    if name in ("softmax", "argmax", "standardize", "deviation", "logsumexp"):
        lead = len(x.sizes) - axes
        needed = tuple(sorted({*essential_axes(x), *range(lead, len(x.sizes))}))
        if len(needed) < len(x.sizes):
            inner = special(name, without_constant(x, needed), axes, *more)
            return broadcast(
                inner,
                tuple(a for a in needed if a < lead or inner.order == len(needed)),
                operation(name).shape(x.sizes, axes),
            )
    if name == "inverse" and isinstance(x, Special) and x.operation == "inverse":
        return x.children[0]
    if name == "inverse" and len(x.sizes) == 2:
        flipped = _transposed_inverse(x)
        if flipped is not None:
            return flipped
    if name == "stop" and as_number(x) is not None:
        return x
    return make_special(name, (x, *more), axes, operation(name).shape(x.sizes, axes))


def _transposed_inverse(x: Term) -> Term | None:
    """(Xᵀ)⁻¹ as (X⁻¹)ᵀ, so that both are written with one inverse; None if x is no transpose of one symbol."""
    if isinstance(x, Product) and x.coefficient == 1 and len(x.factors) == 1:
        inner, labels, exponent = x.factors[0]
        if exponent == 1 and labels == (1, 0) and len(x.label_sizes) == 2:
            return product(1, [(special("inverse", inner, 2), (1, 0), 1)], (0, 1))
    return None


__all__ = ["Operation", "extent", "mean_of", "operation", "special", "times", "total"]
