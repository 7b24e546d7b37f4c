"""Normal forms: the page of constructors.

Products are flat, deltas renamed away, ones absorbed or turned into a size, equal powers merged; sums collect like
terms and carry no common content; sums inside products stay folded, except next to a delta. Terms are made by these
functions only, so that equal terms are the same object.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from .coefficients import as_number, content, exact, factorised, leading_sign, magnitude, number, scaled, unit, zeros
from .products import add, broadcast, essential_axes, flipped, from_size, product, summands, without_constant
from .size import Size, size
from .terms import Factor, Labels, Number, Term, delta_bracket, make_bracket, make_map


def delta(length: Size) -> Term:
    """The identity matrix δ_ij of that size."""
    return delta_bracket(length)


def bracket(
    sizes: Sequence[Size],
    coefficients: Sequence[Size | int],
    shift: Size | int = 0,
    indices: Iterable[tuple[Size | int, str, Labels, Size]] = (),
) -> Term:
    """1 where Σ coefficients[k] · position_k + shift + Σ c · symbol[positions of axes] = 0, else 0.

    `indices`: (coefficient, integer symbol, the axes that subscript it, its range).
    """
    raw = make_bracket(
        tuple(sizes), tuple(map(size, coefficients)), size(shift), tuple((size(c), n, a, s) for c, n, a, s in indices)
    )
    axes = tuple(range(len(raw.sizes)))
    return product(1, [(raw, axes, 1)], axes, dict(enumerate(raw.sizes)))


def apply(head: str, args: Sequence[Term]) -> Term:
    """The scalar function `head` (of `heads`) applied entry by entry to arrays of one shape; scalars are repeated."""
    from .heads import HEADS, simplified

    shape: tuple[Size, ...] = max((a.sizes for a in args), key=len)
    wide = [a if a.sizes == shape else broadcast(a, (), shape) for a in args]
    needed = sorted(set().union(*(essential_axes(a) for a in wide)))
    if len(needed) < len(shape):
        axes = tuple(needed)
        return broadcast(apply(head, [without_constant(a, axes) for a in wide]), axes, shape)
    known = simplified(head, wide)
    if known is not None:
        return known
    parity = HEADS[head].parity
    if parity and leading_sign(wide[0]) < 0:
        return scaled(parity, apply(head, [scaled(-1, wide[0])]))
    return make_map(head, tuple(wide))


def powered(term: Term, exponent: Number) -> Term:
    """term ** exponent, entry by entry."""
    axes = tuple(range(len(term.sizes)))
    return product(1, [(term, axes, exact(exponent))], axes, dict(enumerate(term.sizes)))


def add_entrywise(left: Term, right: Term | Number, sign: int) -> Term:
    """left ± right, of one shape; a scalar is repeated."""
    if not isinstance(right, Term):
        right = number(right, left.sizes)
    shape = max(left.sizes, right.sizes, key=len)
    parts = [t if t.sizes == shape else broadcast(t, (), shape) for t in (left, right)]
    return add([(1, parts[0]), (sign, parts[1])], shape)


def multiply_entrywise(left: Term, right: Term | Number, exponent: int) -> Term:
    """left · right^exponent, of one shape or with a scalar."""
    if not isinstance(right, Term):
        return scaled(right if exponent == 1 else Fraction(1) / right, left)
    shape = max(left.sizes, right.sizes, key=len)
    axes = tuple(range(len(shape)))
    factors: list[Factor] = [(left, axes[: left.order], 1), (right, axes[: right.order], exponent)]
    return product(1, factors, axes, dict(enumerate(shape)))


__all__ = [
    "add",
    "add_entrywise",
    "apply",
    "as_number",
    "bracket",
    "broadcast",
    "content",
    "delta",
    "essential_axes",
    "exact",
    "factorised",
    "flipped",
    "from_size",
    "leading_sign",
    "magnitude",
    "multiply_entrywise",
    "number",
    "powered",
    "product",
    "scaled",
    "summands",
    "unit",
    "without_constant",
    "zeros",
]
