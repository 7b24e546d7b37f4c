"""Symbolic shapes: how they are written, when they agree, which axes are meant."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ShapeError
from ..tensor.normal import broadcast, product
from ..tensor.size import ONE, Size
from ..tensor.terms import Labels, Term

Shape = tuple[Size, ...]


def shape_text(sizes: Sequence[Size]) -> str:
    """`(n, d)`, `(d)`, `a scalar`."""
    return f"({', '.join(map(str, sizes))})" if sizes else "a scalar"


def listed(items: Sequence[object], word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    texts = [str(item) for item in items]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {word} {texts[-1]}"


def common_shape(shapes: Sequence[Shape]) -> Shape:
    """The shape that NumPy broadcasts to: from the last axis, sizes are equal, or a literal 1, or missing."""
    result: list[Size] = []
    for back in range(1, max(map(len, shapes), default=0) + 1):
        wide = ONE
        for shape in shapes:
            if len(shape) >= back and shape[-back] is not ONE and shape[-back] is not wide:
                if wide is not ONE:
                    raise ShapeError(f"compared from the last axis, {wide} and {shape[-back]} must agree, or one be 1.")
                wide = shape[-back]
        result.append(wide)
    return tuple(reversed(result))


def spread(terms: Sequence[Term], fresh: int | None = None) -> tuple[Shape, list[Labels]]:
    """The common shape and, for each term, the output axes that its axes are; a stretched axis has its own label."""
    shape = common_shape([t.sizes for t in terms])
    following = len(shape) if fresh is None else fresh
    found: list[Labels] = []
    for term in terms:
        offset = len(shape) - len(term.sizes)
        labels: list[int] = []
        for axis, length in enumerate(term.sizes):
            if length is shape[offset + axis]:
                labels.append(offset + axis)
            else:
                labels.append(following)
                following += 1
        found.append(tuple(labels))
    return shape, found


def widened(terms: Sequence[Term]) -> tuple[Shape, list[Term]]:
    """The terms repeated to their common shape."""
    shape, labels = spread(terms)
    return shape, [_repeated(t, x, shape) for t, x in zip(terms, labels, strict=True)]


def widened_to(term: Term, shape: Shape) -> Term:
    """The term repeated to a shape that it broadcasts to."""
    offset = len(shape) - len(term.sizes)
    labels = tuple(offset + a if length is shape[offset + a] else len(shape) + a for a, length in enumerate(term.sizes))
    return _repeated(term, labels, shape)


def _repeated(term: Term, labels: Labels, shape: Shape) -> Term:
    if len(labels) == len(shape) and labels == tuple(range(len(shape))):
        return term
    if max(labels, default=-1) < len(shape):
        return broadcast(term, labels, shape)
    return product(1, [(term, labels, 1)], range(len(shape)), dict(enumerate(shape)))


def total(sizes: Sequence[Size]) -> Size:
    """How many entries an array of that shape has."""
    result = ONE
    for length in sizes:
        result = result * length
    return result


def axis_of(axis: int, order: int) -> int:
    """The axis, counted from 0; -1 is the last one."""
    if not -order <= axis < order:
        if not order:
            raise ShapeError(f"a scalar has no axis {axis}.", remedy="Leave the axis out.")
        axes = "its only axis is 0" if order == 1 else f"its axes are {listed(range(order))}"
        raise ShapeError(f"there is no axis {axis}: {axes}.")
    return axis % order


def axes_of(axis: int | tuple[int, ...] | None, order: int) -> Labels:
    """The axes that are meant, in ascending order; None means all."""
    if axis is None:
        return tuple(range(order))
    given = (axis,) if isinstance(axis, int) else axis
    found = tuple(sorted(axis_of(a, order) for a in given))
    if len(set(found)) < len(found):
        raise ShapeError(f"an axis is named twice in {given}.")
    return found


def permuted(term: Term, order: Sequence[int]) -> Term:
    """The term with axis order[k] as its axis k."""
    if tuple(order) == tuple(range(len(term.sizes))):
        return term
    return product(1, [(term, tuple(range(len(term.sizes))), 1)], order)


def axes_last(term: Term, axes: Labels) -> Labels:
    """The permutation that brings these axes to the end."""
    return (*(a for a in range(len(term.sizes)) if a not in axes), *axes)


def inverse_order(order: Sequence[int]) -> Labels:
    """The permutation that undoes `order`."""
    return tuple(sorted(range(len(order)), key=order.__getitem__))


def restored(term: Term, axes: Labels, order: int) -> Term:
    """A reduced term with the axes that it lost put back, with size 1."""
    kept = tuple(a for a in range(order) if a not in axes)
    shape = dict(zip(kept, term.sizes, strict=True))
    return product(1, [(term, kept, 1)], range(order), {a: shape.get(a, ONE) for a in range(order)})
