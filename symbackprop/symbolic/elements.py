"""Entries of matrices, and sums over them: each bound index becomes an axis, a sum is a sum along its axis."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy as sp

from ..expression import Call, Expr, Number, Slice, Subscript
from ..reading.sizes import size_expr
from ..tensor.size import Size, size
from .convert import Bound, Converter
from .objects import IndexSymbol, refuse
from .sizes import maybe_size
from .views import WHOLE

Cell = tuple[Expr, tuple[Any, ...]]
LETTERS = "ijklmnpqrstuvwxyz"


def summed(value: Any, c: Converter) -> Cell:
    """Σ: the summand over all values of its indices, summed along their axes. Bounds are sizes."""
    bounds: list[Bound] = []
    for symbol, low, high in reversed(value.limits):
        if {s for bound in (low, high) for s in bound.free_symbols} & {b.symbol for b in (*c.bound, *bounds)}:
            raise refuse(value, "the bounds of a sum cannot depend on another index.", "Multiply by a comparison.")
        first, last = maybe_size(low), maybe_size(high)
        if first is None or last is None:
            raise refuse(value, "the bounds of a sum are sizes.", "Write `Sum(x[i, 0], (i, 0, n - 1))`.")
        bounds.append(Bound(symbol, first, last - first + 1))
    inner = replace(c, bound=(*c.bound, *bounds))
    expr, axes = inner.scalar(value.function)
    if axes and all(b.symbol in axes for b in bounds) and len(axes) == len(bounds):
        return Call("sum", (expr,)), ()
    for bound in reversed(bounds):
        if bound.symbol not in axes:
            expr = Call("multiply", (size_expr(bound.length), expr))
            continue
        options = (("axis", axes.index(bound.symbol)),) if len(axes) > 1 else ()
        expr = Call("sum", (expr,), options)
        axes = tuple(a for a in axes if a != bound.symbol)
    return expr, axes


def element(value: Any, c: Converter) -> Cell:
    """`W[i, j]`: the entry, or all entries that the bound indices meet, one axis for each index."""
    parent, *positions = value.args
    view = c.view(parent)
    axes = list(zip(positions, (view.rows, view.cols), strict=True))
    if any(p != 0 for p, length in axes if length is None):
        raise refuse(value, "a vector has one axis: its other position is 0.")
    return entries(view.expr, [(p, length) for p, length in axes if length is not None], value, c)


def entries(base: Expr, positions: list[tuple[Any, Size]], value: Any, c: Converter) -> Cell:
    """The entries of an array at a position, on an axis of known length, for each of its axes."""
    items: list[object] = []
    axes: list[Any] = []
    for position, length in positions:
        item, symbol = _item(position, length, value, c)
        items.append(item)
        if symbol is not None:
            axes.append(symbol)
    expr = base if all(i == WHOLE for i in items) else Subscript(base, tuple(items))
    return _ordered(expr, axes, c)


def _item(position: Any, length: Size, value: Any, c: Converter) -> tuple[object, Any]:
    """One position: fixed, or a slice along which a bound index runs."""
    moving = [b for b in c.bound if b.symbol in position.free_symbols]
    if not moving:
        if isinstance(position, IndexSymbol):
            return c.index(position.name), None
        known = maybe_size(position)
        return (size_expr(known) if known is not None else c.scalar(position)[0]), None
    bound = moving[0]
    step = sp.expand(position).coeff(bound.symbol, 1)
    start = maybe_size(sp.expand(position - step * bound.symbol))
    if len(moving) > 1 or not isinstance(step, sp.Integer) or step <= 0 or start is None:
        raise refuse(value, "a position is an index times a number, plus a number.", "Use `sb.conv1d` or `sb.einsum`.")
    stride = int(step)
    first = start + bound.low * stride
    stop = first + (bound.length - 1) * stride + 1
    if first.number == 0 and stop is length and stride == 1:
        return WHOLE, bound.symbol
    return Slice(size_expr(first), size_expr(stop), None if stride == 1 else Number(Fraction(stride))), bound.symbol


def _ordered(expr: Expr, axes: list[Any], c: Converter) -> Cell:
    """The entries with one axis for each bound index, outermost first: W[i, i] is a diagonal, W[j, i] a transpose."""
    used = tuple(b.symbol for b in c.bound if b.symbol in axes)
    if tuple(axes) == used:
        return expr, used
    if len(axes) == 2 and len(used) == 1:
        return Call("diag", (expr,)), used
    letter = dict(zip(used, LETTERS, strict=False))
    if len(axes) == 2 and len(used) == 2:
        return Call("transpose", (expr,)), used
    pattern = f"{''.join(letter[a] for a in axes)}->{''.join(letter[a] for a in used)}"
    return Call("einsum", (expr,), (("subscripts", pattern),)), used


def kronecker(value: Any, c: Converter) -> Cell:
    """δ_ij of two bound indices of one range, or of an index symbol and a bound index."""
    bounds = {b.symbol: b for b in c.bound}
    first, second = value.args[:2]
    if first in bounds and second in bounds:
        a, b = bounds[first], bounds[second]
        if a.length is b.length and a.low is b.low:
            used = tuple(x.symbol for x in c.bound if x.symbol in (first, second))
            return Call("eye", (size_expr(a.length),)), used
    index, moving = (first, second) if isinstance(first, IndexSymbol) else (second, first)
    if isinstance(index, IndexSymbol) and moving in bounds and bounds[moving].low is size(0):
        return Call("onehot", (c.index(index.name), size_expr(bounds[moving].length))), (moving,)
    raise refuse(value, "a Kronecker delta compares two indices of one range.")
