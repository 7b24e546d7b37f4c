"""Arrays from arrays without arithmetic - transposed, flipped, joined, reshaped - and arrays from nothing."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ShapeError
from ..tensor import normal
from ..tensor.brackets import factor_of
from ..tensor.normal import bracket, delta, number, product
from ..tensor.size import ONE, Size, size
from ..tensor.specials import special
from ..tensor.terms import Factor, Labels, Number, Term
from .positions import Integers, counted
from .shapes import axes_of, axis_of, common_shape, listed, permuted, shape_text, total, widened_to
from .table import Axes, Sizes, Terms, function


def transpose(x: Term, *axes: int) -> Term:
    """x with axis axes[k] as its axis k, by default in reverse: x_ij at (j, i)."""
    order = len(x.sizes)
    if not axes:
        return permuted(x, range(order - 1, -1, -1))
    chosen = tuple(axis_of(a, order) for a in axes)
    if sorted(chosen) != list(range(order)):
        raise ShapeError(f"{axes} is no order of the axes {listed(range(order))}.")
    return permuted(x, chosen)


def flip(x: Term, axis: Axes = None) -> Term:
    """x_(n−1−i) at i along the axes; the shape of x."""
    factors: list[Factor] = []
    inner = list(range(len(x.sizes)))
    for a in axes_of(axis, len(x.sizes)):
        inner[a] = len(x.sizes) + a
        factors.append((bracket((x.sizes[a], x.sizes[a]), (1, 1), -x.sizes[a] + 1), (a, inner[a]), 1))
    return product(1, [(x, tuple(inner), 1), *factors], range(len(x.sizes)))


def concatenate(arrays: Terms, axis: int = 0) -> Term:
    """The arrays behind one another: arrays[k] from position Σ_(l<k) of their sizes on; other axes agree."""
    if not arrays:
        raise ShapeError("there is nothing to concatenate.")
    order = len(arrays[0].sizes)
    if not order:
        raise ShapeError("scalars have no axis to join.", remedy="Write `array([a, b])`.")
    axis = axis_of(axis, order)
    rest = arrays[0].sizes
    for term in arrays:
        same = len(term.sizes) == order and all(
            s is r for a, (s, r) in enumerate(zip(term.sizes, rest, strict=True)) if a != axis
        )
        if not same:
            raise ShapeError(f"all axes but axis {axis} must agree, and {shape_text(term.sizes)} does not fit.")
    whole = size(0)
    for term in arrays:
        whole = whole + term.sizes[axis]
    shape = (*rest[:axis], whole, *rest[axis + 1 :])
    pieces: list[tuple[Number, Term]] = []
    offset = size(0)
    for term in arrays:
        inner = (*range(axis), order, *range(axis + 1, order))
        place = bracket((whole, term.sizes[axis]), (1, -1), -offset)
        pieces.append((1, product(1, [(term, inner, 1), (place, (axis, order), 1)], range(order))))
        offset = offset + term.sizes[axis]
    return normal.add(pieces, shape)


def stack(arrays: Terms, axis: int = 0) -> Term:
    """arrays[k] at position k of a new axis; (n) twice gives (2, n)."""
    if not arrays:
        raise ShapeError("an array needs at least one item.")
    rest = arrays[0].sizes
    for term in arrays:
        if term.sizes != rest:
            raise ShapeError(f"the items must have one shape; {shape_text(rest)} and {shape_text(term.sizes)} differ.")
    axis = axis_of(axis, len(rest) + 1)
    inner = tuple(a for a in range(len(rest) + 1) if a != axis)
    count = size(len(arrays))
    shape = (*rest[:axis], count, *rest[axis:])
    pieces: list[tuple[Number, Term]] = []
    for k, term in enumerate(arrays):
        place: list[Factor] = [] if count is ONE else [(bracket((count,), (1,), -k), (axis,), 1)]
        pieces.append((1, product(1, [(term, inner, 1), *place], range(len(shape)), dict(enumerate(shape)))))
    return normal.add(pieces, shape)


def array(x: Term) -> Term:
    """x itself: `array([a, b])` is `[a, b]`."""
    return x


def reshape(x: Term, *shape: Size) -> Term:
    """The entries of x in row-major order; one size may be −1 and follows from the others."""
    target = resolved(x.sizes, shape)
    factors: list[Factor] = []
    inner = [0] * len(x.sizes)
    fresh = len(target)
    for old, new in blocks(x.sizes, target):
        if len(old) == 1 and len(new) == 1:
            inner[old[0]] = new[0]
            continue
        for a in old:
            inner[a] = fresh
            fresh += 1
        if old and new:
            sizes = [*(x.sizes[a] for a in old), *(target[b] for b in new)]
            weights = [*strides([x.sizes[a] for a in old]), *(-s for s in strides([target[b] for b in new]))]
            factors.append((bracket(sizes, weights), (*(inner[a] for a in old), *new), 1))
    return product(1, [(x, tuple(inner), 1), *factors], range(len(target)), dict(enumerate(target)))


def strides(sizes: Sequence[Size]) -> list[Size]:
    """How far apart neighbours along each axis are, in row-major order."""
    return [total(sizes[k + 1 :]) for k in range(len(sizes))]


def blocks(old: Sequence[Size], new: Sequence[Size]) -> list[tuple[Labels, Labels]]:
    """Groups of neighbouring axes that hold equally many entries, as small as possible; an axis of size 1 is alone."""
    found: list[tuple[Labels, Labels]] = [((a,), ()) for a, s in enumerate(old) if s is ONE]
    found += [((), (b,)) for b, s in enumerate(new) if s is ONE]
    left = [a for a, s in enumerate(old) if s is not ONE]
    right = [b for b, s in enumerate(new) if s is not ONE]
    ends = {total([new[b] for b in right[: k + 1]]): k + 1 for k in range(len(right))}
    start_left = start_right = 0
    for k in range(len(left)):
        stop = ends.get(total([old[a] for a in left[: k + 1]]))
        if stop is not None:
            found.append((tuple(left[start_left : k + 1]), tuple(right[start_right:stop])))
            start_left, start_right = k + 1, stop
    return found


def resolved(old: Sequence[Size], shape: Sequence[Size]) -> Sizes:
    """The new shape without −1, checked to hold as many entries as the old one."""
    unknown = [k for k, s in enumerate(shape) if s.number == -1]
    if len(unknown) > 1:
        raise ShapeError("only one size can be -1.")
    known = [s for s in shape if s.number != -1]
    if unknown:
        missing = quotient(old, known)
        if missing is None:
            raise ShapeError(
                f"the {total(old)} entries of {shape_text(tuple(old))} cannot be divided by {total(known)}.",
                remedy="Name the size instead of -1, or reshape to sizes whose product is the same.",
            )
        return tuple(missing if k in unknown else s for k, s in enumerate(shape))
    if total(old) is not total(known):
        raise ShapeError(f"the numbers of entries, {total(old)} and {total(known)}, must agree.")
    return tuple(shape)


def quotient(top: Sequence[Size], bottom: Sequence[Size]) -> Size | None:
    """Π top / Π bottom where it is a size for every value of the names, else None."""
    above = list(top)
    below: list[Size] = []
    for length in bottom:
        if length in above:
            above.remove(length)
        else:
            below.append(length)
    return total(above).divided(total(below))


def _shape(given: tuple[Size, ...]) -> Sizes:
    for length in given:
        if (-length).surely_nonnegative():
            raise ShapeError(f"{length} is no size.", remedy="Sizes are positive.")
    return given


def ones(*shape: Size) -> Term:
    """1 everywhere; an array of that shape."""
    return number(1, _shape(shape))


def zeros(*shape: Size) -> Term:
    """0 everywhere; an array of that shape."""
    return number(0, _shape(shape))


def eye(n: Size, m: Size | None = None) -> Term:
    """δ_ij; (n, m), or (n, n) if m is left out."""
    _shape((n,))
    return delta(n) if m is None or m is n else bracket(_shape((n, m)), (1, -1))


def arange(*bounds: Size) -> Term:
    """start + step · i for `stop`, or `start, stop`, or `start, stop, step`; (number of steps)."""
    return counted(bounds).term()


def onehot(index: Integers, c: Size) -> Term:
    """1 where j = index_…, else 0; the shape of the index, then c."""
    index.check_within(c)
    order = len(index.sizes)
    form = index.times(size(-1)).moved(tuple(range(order)))
    form.coefficients[order] = ONE
    sizes = dict(enumerate((*index.sizes, c)))
    return product(1, [(*factor_of(form, sizes), 1)], range(order + 1), sizes)


def stop_gradient(x: Term) -> Term:
    """x_i, but its derivative is 0; the shape of x."""
    return special("stop", x, 0)


def broadcast_to(x: Term, *shape: Size) -> Term:
    """x_i repeated along the axes that it lacks; an array of that shape."""
    if common_shape([x.sizes, shape]) != shape:
        raise ShapeError(f"{shape_text(x.sizes)} cannot be repeated to {shape_text(shape)}.")
    return widened_to(x, shape)


SHAPING = tuple(
    function("shaping", f)
    for f in (
        transpose, flip, concatenate, stack, array, reshape, ones, zeros, eye, onehot, arange, stop_gradient,
        broadcast_to,
    )
)  # fmt: skip
