"""Functions that normalise along axes: softmax and its logarithm, layer and batch normalisation."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias

from ..errors import ShapeError
from ..tensor.normal import number
from ..tensor.specials import mean_of, special
from ..tensor.terms import Labels, Term
from .operators import add, multiply, subtract
from .reductions import logsumexp
from .shapes import axes_last, axes_of, inverse_order, permuted
from .table import Axes, function

Named: TypeAlias = Callable[[str, Term], Term]
EPS = Fraction(1, 100_000)
SMALL = number(EPS)
UNIT, NAUGHT = number(1), number(0)


def _along(name: str, x: Term, axes: Labels, *more: Term) -> Term:
    """A special operation of the last axes, over any axes; the shape of x."""
    order = axes_last(x, axes)
    return permuted(special(name, permuted(x, order), len(axes), *more), inverse_order(order))


def softmax(x: Term, axis: Axes = -1) -> Term:
    """e^x_i / Σ_j e^x_j along the axes; the shape of x."""
    return _along("softmax", x, axes_of(axis, len(x.sizes)))


def log_softmax(x: Term, axis: Axes = -1) -> Term:
    """x_i − log Σ_j e^x_j along the axes; the shape of x."""
    return subtract(x, logsumexp(x, axes_of(axis, len(x.sizes)), keepdims=True))


def _plain(_: str, term: Term) -> Term:
    return term


def layer_norm(
    x: Term, gamma: Term = UNIT, beta: Term = NAUGHT, eps: Term = SMALL, axis: Axes = -1, *, node: Named = _plain
) -> Term:
    """gamma (x − μ)/σ + beta with μ the mean along the axes and σ = √(mean of (x − μ)² + eps); the shape of x."""
    axes = axes_of(axis, len(x.sizes))
    if not axes:
        raise ShapeError("there is no axis to normalise.")
    if eps.sizes:
        raise ShapeError("eps must be a scalar.")
    last = permuted(x, axes_last(x, axes))
    node("mu", mean_of(last, len(axes)))
    node("sigma", special("deviation", last, len(axes), eps))
    standard = node("xhat", _along("standardize", x, axes, eps))
    return add(multiply(gamma, standard), beta)


def batch_norm(
    x: Term, gamma: Term = UNIT, beta: Term = NAUGHT, eps: Term = SMALL, axis: Axes = 0, *, node: Named = _plain
) -> Term:
    """gamma (x − μ)/σ + beta with μ the mean over the examples and σ = √(mean of (x − μ)² + eps); the shape of x."""
    return layer_norm(x, gamma, beta, eps, axis, node=node)


NORMALISATION = tuple(function("normalisation", f) for f in (softmax, log_softmax, layer_norm, batch_norm))
