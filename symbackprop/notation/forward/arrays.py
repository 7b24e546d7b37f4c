"""Arrays made of arrays, and parts of arrays, as they stand on paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from ...errors import MissingRule
from ...expression import Array, Call, Expr, Name, Number, Slice, Subscript
from .. import tree as t
from .calls import applied
from .common import first_axis, integer, transposed

if TYPE_CHECKING:
    from .work import Forward

EVERYTHING = t.Range(None, None)


def _transpose(work: Forward, call: Call) -> t.Tree:
    order = work.order(call.args[0])
    if order < 2:
        return work.tree(call.args[0])
    if order == 2 and len(call.args) == 1:
        return transposed(work.tree(call.args[0]))
    axes = [a.value for a in call.args[1:] if isinstance(a, Number)] or list(map(Fraction, range(order)))[::-1]
    shown = t.Text("axes " + " ".join(str(int(a) + work.base) for a in axes))
    return t.Call("permute", (work.tree(call.args[0]),), sub=(shown,))


def stacked(work: Forward, items: Sequence[Expr]) -> t.Tree:
    """Arrays above each other along a new first axis; vectors become the rows."""
    trees = [work.tree(item) for item in items]
    rows = [transposed(x) if work.order(e) == 1 else x for x, e in zip(trees, items, strict=True)]
    return t.Grid(tuple((row,) for row in rows))


def _joined(work: Forward, call: Call) -> t.Tree:
    """concatenate and stack: their first argument is a list."""
    first, axis = call.args[0], first_axis(call)
    items = first.items if isinstance(first, Array) else (first,)
    if call.function == "stack" and axis == 0:
        return stacked(work, items)
    sub = () if axis == 0 else (t.Text(f"axis {axis % max(work.order(items[0]), 1) + work.base}"),)
    return t.Call(call.function, tuple(map(work.tree, items)), sub=sub)


def _ones(work: Forward, call: Call) -> t.Tree:
    sizes = [work.tree(size) for size in _shape_arguments(call)]
    if len(sizes) == 1:
        return t.Special("ones", sizes[0])
    if len(sizes) == 2:
        return t.Prod((t.Special("ones", sizes[0]), t.Trans(t.Special("ones", sizes[1]))))
    return t.Num(Fraction(1)) if not sizes else t.Call("ones", tuple(sizes))


def _zeros(_work: Forward, _call: Call) -> t.Tree:
    return t.Special("zero")


def _eye(work: Forward, call: Call) -> t.Tree:
    return t.Special("eye", work.tree(call.args[0])) if len(call.args) == 1 else applied(work, call)


def _onehot(work: Forward, call: Call) -> t.Tree:
    return t.Call("onehot", (place(work, call.args[0]),))


def subscript(work: Forward, expr: Subscript) -> t.Tree:
    """Constants count from the style's base, slices include their end, and a new axis is a transpose or nothing."""
    shape = work.shape_of(expr.base)
    given = list(expr.items)
    used = sum(1 for item in given if item is not None and item is not Ellipsis)
    at = given.index(Ellipsis) if Ellipsis in given else len(given)
    full = given[:at] + [Slice(None, None, None)] * (len(shape) - used) + given[at + 1 :]
    base = work.tree(expr.base)
    parts: list[t.Tree] = []
    for item in full:
        if item is not None:
            parts.append(_position(work, item, shape[len(parts)]))
    if any(part != EVERYTHING for part in parts):
        base = t.Index(base, tuple(parts))
    to_row = full[:1] == [None] and len(full) == 2 and not work.is_row(expr.base)
    return transposed(base) if to_row else base


def _position(work: Forward, item: object, size: object) -> t.Tree:
    if isinstance(item, Slice):
        step = None if item.step is None else work.tree(item.step)
        first = None if item.start is None else _counted(work, item.start, work.base, size)
        last = None if item.stop is None else _counted(work, item.stop, work.base - 1, size)
        return t.Range(first, last, step)
    assert isinstance(item, (Name, Number, Subscript, Array, Call))
    constant = isinstance(item, Number) or (isinstance(item, Call) and item.function == "negative")
    return _counted(work, item, work.base, size) if constant else place(work, item)


def place(work: Forward, expr: Expr) -> t.Tree:
    """An index symbol, or what is calculated with them: they are integers without a shape."""
    if isinstance(expr, Name):
        return t.Sym(expr.name)
    if isinstance(expr, Number):
        return t.Num(expr.value)
    if isinstance(expr, Subscript):
        return t.Index(place(work, expr.base), tuple(_position(work, item, None) for item in expr.items))
    if isinstance(expr, Call) and expr.function in ("add", "subtract"):
        sign = 1 if expr.function == "add" else -1
        return t.Sum(((1, place(work, expr.args[0])), (sign, place(work, expr.args[1]))))
    return work.tree(expr)


def _counted(work: Forward, expr: Expr, shift: int, size: object) -> t.Tree:
    """A position moved by `shift`; one that counts from the end is written with the size."""
    value = integer(expr)
    if value is None:
        inner = place(work, expr)
        return inner if shift == 0 else t.Sum(((1, inner), (1 if shift > 0 else -1, t.Num(Fraction(abs(shift))))))
    if value >= 0:
        return t.Num(Fraction(value + shift))
    if work.size_tree is None:
        raise MissingRule("A subscript that counts from the end has no printed form without its size.")
    end, offset = work.size_tree(size), value + shift
    if isinstance(end, t.Num):
        return t.Num(end.value + offset)
    return end if offset == 0 else t.Sum(((1, end), (1 if offset > 0 else -1, t.Num(Fraction(abs(offset))))))


def _shape_arguments(call: Call) -> tuple[Expr, ...]:
    if len(call.args) == 1 and isinstance(call.args[0], Array):
        return call.args[0].items
    return call.args


ARRAY_RULES: dict[str, Callable[[Forward, Call], t.Tree]] = {
    "transpose": _transpose,
    "concatenate": _joined,
    "stack": _joined,
    "ones": _ones,
    "zeros": _zeros,
    "eye": _eye,
    "onehot": _onehot,
}
