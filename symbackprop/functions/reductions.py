"""Reductions: one number from the entries along axes. `axis=None` means all; `keepdims` leaves them with size 1."""

from __future__ import annotations

from fractions import Fraction

from ..errors import ShapeError
from ..tensor.normal import from_size, powered, product, scaled
from ..tensor.specials import special
from ..tensor.terms import Labels, Term
from .shapes import axes_last, axes_of, inverse_order, permuted, restored, total
from .table import Axes, function


def _kept(x: Term, axes: Labels) -> Labels:
    return tuple(a for a in range(len(x.sizes)) if a not in axes)


def _labels(x: Term) -> Labels:
    return tuple(range(len(x.sizes)))


def _finished(small: Term, axes: Labels, x: Term, keepdims: bool) -> Term:
    return restored(small, axes, len(x.sizes)) if keepdims else small


def sum_(x: Term, axis: Axes = None, keepdims: bool = False) -> Term:
    """Σ x over the axes; the shape of x without them."""
    axes = axes_of(axis, len(x.sizes))
    small = product(1, [(x, _labels(x), 1)], _kept(x, axes))
    return _finished(small, axes, x, keepdims)


def mean(x: Term, axis: Axes = None, keepdims: bool = False) -> Term:
    """Σ x / (number of entries) over the axes; the shape of x without them."""
    axes = axes_of(axis, len(x.sizes))
    count = from_size(total([x.sizes[a] for a in axes]))
    small = product(1, [(x, _labels(x), 1), (count, (), -1)], _kept(x, axes))
    return _finished(small, axes, x, keepdims)


def var(x: Term, axis: Axes = None, ddof: int = 0, keepdims: bool = False) -> Term:
    """Σ (x − mean(x))² / (number of entries − ddof) over the axes; the shape of x without them."""
    axes = axes_of(axis, len(x.sizes))
    count = from_size(total([x.sizes[a] for a in axes]) - ddof)
    if count.is_zero:
        raise ShapeError(
            f"there are as many entries as ddof={ddof}.", remedy="A variance needs more entries than ddof."
        )
    centre = product(1, [(mean(x, axes), _kept(x, axes), 1)], _labels(x), dict(enumerate(x.sizes)))
    small = product(1, [(x - centre, _labels(x), 2), (count, (), -1)], _kept(x, axes))
    return _finished(small, axes, x, keepdims)


def std(x: Term, axis: Axes = None, ddof: int = 0, keepdims: bool = False) -> Term:
    """√var(x); the shape of x without the axes."""
    return powered(var(x, axis, ddof, keepdims), Fraction(1, 2))


def max_(x: Term, axis: Axes = None, keepdims: bool = False) -> Term:
    """The greatest entry along the axes, passing everything back to the first of them; the shape of x without them."""
    if not x.sizes and axis is not None:
        remedy = f"For the greatest of several arrays write `maximum(a, {axis})`, for the least `minimum(a, {axis})`."
        raise ShapeError(f"a scalar has no axis {axis}.", remedy=remedy)
    axes = axes_of(axis, len(x.sizes))
    if not axes:
        return x
    order = axes_last(x, axes)
    hot = permuted(special("argmax", permuted(x, order), len(axes)), inverse_order(order))
    small = product(1, [(x, _labels(x), 1), (hot, _labels(x), 1)], _kept(x, axes))
    return _finished(small, axes, x, keepdims)


def min_(x: Term, axis: Axes = None, keepdims: bool = False) -> Term:
    """The least entry along the axes, passing everything back to the first of them; the shape of x without them."""
    return scaled(-1, max_(scaled(-1, x), axis, keepdims))


def logsumexp(x: Term, axis: Axes = None, keepdims: bool = False) -> Term:
    """log Σ e^x over the axes; the shape of x without them."""
    axes = axes_of(axis, len(x.sizes))
    if not axes:
        return x
    small = special("logsumexp", permuted(x, axes_last(x, axes)), len(axes))
    return _finished(small, axes, x, keepdims)


def norm2(x: Term) -> Term:
    """√Σ x² over all entries; a scalar."""
    return powered(product(1, [(x, _labels(x), 2)], ()), Fraction(1, 2))


REDUCTIONS = tuple(function("reductions", f) for f in (sum_, mean, var, std, max_, min_, logsumexp, norm2))
