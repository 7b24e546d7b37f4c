"""NumPy's functions that move entries about: transposed, reshaped, joined, repeated; most results share memory."""

from __future__ import annotations

from ..errors import ReadError, ShapeError
from ..functions.shapes import axes_of as checked_axes
from ..functions.shapes import axis_of, widened_to
from ..tensor.normal import apply
from ..tensor.size import ONE, size
from ..tensor.terms import Term
from .arguments import Arguments, Handler, array_of, arrays_of, axes_of, shape_of, size_of, sort_named, whole_number
from .arrays import built, sort_of, term_of, view
from .values import Array, Items, Positions, Value


def reshaped(x: Value, shape: tuple[object, ...]) -> Value:
    """`x.reshape(shape)`, which may share memory."""
    sizes = tuple(s if isinstance(s, int) and s == -1 else size_of(s) for s in shape)  # type: ignore[arg-type]  # values
    if isinstance(x, Positions) and len(sizes) == 1:
        return x
    array = array_of(x)
    return view(array, built("reshape", array.term, *(size(s) for s in sizes)))


def transposed(x: Value, axes: Value = None) -> Value:
    """`x.T`, or with an order of the axes."""
    if isinstance(x, Positions):
        return x
    array = array_of(x)
    order = axes_of(axes)
    chosen = () if order is None else (order,) if isinstance(order, int) else order
    return view(array, built("transpose", array.term, *chosen))


def squeezed(x: Value, axis: Value = None) -> Value:
    """The array without axes of size 1."""
    array = array_of(x)
    sizes = array.term.sizes
    chosen = axes_of(axis)
    gone = [k for k, s in enumerate(sizes) if s is ONE] if chosen is None else list(checked_axes(chosen, len(sizes)))
    if any(sizes[k] is not ONE for k in gone):
        raise ShapeError("only axes of size 1 can be squeezed away.")
    kept = [s for k, s in enumerate(sizes) if k not in gone]
    if chosen is None and any(s.number is None for s in sizes):
        unknown = ", ".join(str(s) for s in sizes if s.number is None)
        raise ReadError(f"what `squeeze` drops depends on {unknown}.", remedy="Name the axis.")
    return view(array, built("reshape", array.term, *kept))


def flattened(x: Value) -> Value:
    """All entries in a row, a copy."""
    return x if isinstance(x, Positions) else Array(term_of(reshaped(x, (-1,))), sort_of(x))


def copied(x: Value) -> Value:
    """A copy."""
    if isinstance(x, Positions):
        return x
    array = array_of(x)
    return Array(array.term, array.sort, literal=array.literal)


def cast(x: Value, dtype: Value) -> Value:
    """`x.astype(dtype)`: a copy; floats become integers only where they are."""
    sort = sort_named(dtype)
    if isinstance(x, Positions):
        return x if sort == "int" else Array(term_of(x))
    array = array_of(x)
    if sort == "bool" and array.sort != "bool":
        return Array(1 - apply("iszero", [array.term]), "bool")
    if sort == "int" and array.sort == "float":
        raise ReadError("a cast to integers cuts off what is behind the point.", remedy="Leave it out.")
    return Array(array.term, sort, literal=array.literal)


def _reshape(call: Arguments) -> Value:
    x, shape = call.bound("a", "newshape", needed=2)
    return reshaped(x, tuple(shape.items) if isinstance(shape, Items) else (shape,))


def _expand(call: Arguments) -> Value:
    x, axis = call.bound("a", "axis", needed=2)
    array = array_of(x)
    order = len(array.term.sizes) + 1
    shape = list(array.term.sizes)
    shape.insert(axis_of(whole_number(axis), order), ONE)
    return view(array, built("reshape", array.term, *shape))


def _swap(call: Arguments) -> Value:
    x, a, b = call.bound("a", "axis1", "axis2", needed=3)
    array = array_of(x)
    order = list(range(len(array.term.sizes)))
    i, j = (axis_of(whole_number(k), len(order)) for k in (a, b))
    order[i], order[j] = order[j], order[i]
    return view(array, built("transpose", array.term, *order))


def _broadcast(call: Arguments) -> Value:
    x, shape = call.bound("array", "shape", needed=2)
    array = array_of(x)
    return view(array, built("broadcast_to", array.term, *shape_of(shape)))


def _at_least(order: int) -> Handler:
    def build(call: Arguments) -> Value:
        (x,) = call.bound("x")
        array = array_of(x)
        missing = order - len(array.term.sizes)
        if missing <= 0:
            return array
        return view(array, built("reshape", array.term, *([ONE] * missing), *array.term.sizes))

    return build


def _tile(call: Arguments) -> Value:
    """The array repeated: block after block along each axis."""
    x, reps = call.bound("A", "reps", needed=2)
    term, times = term_of(x), shape_of(reps)
    order = max(len(times), len(term.sizes))
    times = (ONE,) * (order - len(times)) + times
    sizes = (ONE,) * (order - len(term.sizes)) + term.sizes
    wide = built("reshape", term, *(s for t in sizes for s in (ONE, t)))
    wide = widened_to(wide, tuple(s for r, t in zip(times, sizes, strict=True) for s in (r, t)))
    return Array(built("reshape", wide, *(r * t for r, t in zip(times, sizes, strict=True))), sort_of(x))


def _repeat(call: Arguments) -> Value:
    """Every entry several times in a row along an axis."""
    x, count, axis = call.bound("a", "repeats", "axis", needed=2)
    term, times = term_of(x), size_of(count)
    if axis is None:
        term, axis = built("reshape", term, size(-1)), 0
    at = axis_of(whole_number(axis), len(term.sizes))
    before, length, after = term.sizes[:at], term.sizes[at], term.sizes[at + 1 :]
    wide = built("reshape", term, *before, length, ONE, *after)
    wide = widened_to(wide, (*before, length, times, *after))
    return Array(built("reshape", wide, *before, length * times, *after), sort_of(x))


def _concatenate(axis: int | None) -> Handler:
    def build(call: Arguments) -> Value:
        arrays, along = call.bound("arrays", "axis", axis=axis if axis is not None else 0)
        terms = arrays_of(arrays)
        if axis is not None and along == axis and call.function.endswith("stack"):
            terms = tuple(_two_axes(t, axis) if len(t.sizes) < 2 else t for t in terms)
        return Array(built("concatenate", terms, axis=whole_number(along)))

    return build


def _two_axes(term: Term, axis: int) -> Term:
    """What `vstack` makes of a vector: one row; `column_stack`: one column."""
    shape = (ONE, *term.sizes) if axis == 0 else (*term.sizes, ONE)
    return built("reshape", term, *shape)


def _hstack(call: Arguments) -> Value:
    (arrays,) = call.bound("tup")
    terms = arrays_of(arrays)
    return Array(built("concatenate", terms, axis=0 if len(terms[0].sizes) == 1 else 1))


def _stack(call: Arguments) -> Value:
    arrays, axis = call.bound("arrays", "axis", axis=0)
    return Array(built("stack", arrays_of(arrays), axis=whole_number(axis)))


def _flip(call: Arguments) -> Value:
    x, axis = call.bound("m", "axis")
    array = array_of(x)
    return view(array, built("flip", array.term, axis=axes_of(axis)))


SHAPING: dict[str, Handler] = {
    "transpose": lambda call: transposed(*call.bound("a", "axes")), "reshape": _reshape,
    "ravel": lambda call: reshaped(call.bound("a")[0], (-1,)),
    "squeeze": lambda call: squeezed(*call.bound("a", "axis")), "expand_dims": _expand, "swapaxes": _swap,
    "broadcast_to": _broadcast, "atleast_1d": _at_least(1), "atleast_2d": _at_least(2), "tile": _tile,
    "repeat": _repeat, "concatenate": _concatenate(None), "vstack": _concatenate(0), "column_stack": _concatenate(1),
    "hstack": _hstack, "stack": _stack, "flip": _flip,
}  # fmt: skip  # a table
