"""What lists, tuples, dictionaries and integer arrays hold: their items, and whether they are empty."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..errors import ReadError, SymbackpropError
from ..functions.positions import Integers, constant_at
from ..tensor.brackets import factor_of
from ..tensor.normal import number, product
from ..tensor.size import ONE, ZERO, Size, size
from .arrays import compared
from .subscripts import part
from .values import Array, Cut, Items, Listed, Positions, Table, Value, known_number


def truth_of(value: Value) -> bool | None:
    """Whether a value counts as true, or None if that is not known."""
    if value is None or isinstance(value, (bool, str)):
        return bool(value)
    if isinstance(value, (Items, Table)):
        return bool(value.items if isinstance(value, Items) else value.entries)
    if isinstance(value, Size):
        try:
            return compared("not_equal", value, 0)
        except SymbackpropError:
            return None
    known = known_number(value)
    return None if known is None else bool(known)


def iterable(value: Value) -> list[Value] | None:
    """The items of a value that a loop can go over, or None."""
    if isinstance(value, Items):
        return list(value.items)
    if isinstance(value, Table):
        return list(value.entries)  # type: ignore[arg-type]  # keys are strings and integers
    if isinstance(value, Listed):
        return list(value.members.values())
    if isinstance(value, str):
        return list(value)
    if isinstance(value, Array) and value.term.sizes:
        count = value.term.sizes[0].number
        return None if count is None or count > 1000 else [part(value, [k]) for k in range(count)]
    if isinstance(value, Positions) and len(value.integers.sizes) == 1 and not value.integers.indices:
        count, start = value.integers.sizes[0].number, value.integers.constant.number
        step = value.integers.coefficients[0].number
        if count is not None and start is not None and step is not None and count <= 10_000:
            return [start + step * k for k in range(count)]
    return None


def item_of(owner: Items, key: object) -> Value:
    """An item, or a slice, of a list; ReadError if there is none."""
    if isinstance(key, int):
        if not -len(owner.items) <= key < len(owner.items):
            raise ReadError(f"there is no item {key}: the list has {len(owner.items)}.")
        return owner.items[key]
    if isinstance(key, Cut):
        bounds = [b for b in (key.start, key.stop, key.step) if b is None or isinstance(b, int)]
        if len(bounds) == 3:
            return Items(owner.items[bounds[0] : bounds[1] : bounds[2]], owner.fixed)
    raise ReadError("an item of a list is named by a whole number.")


def positions_part(owner: Positions, items: list[object]) -> Value:
    """`labels[:, None]`: new axes only."""
    whole_axes = [k for k, item in enumerate(items) if isinstance(item, Cut) and item == Cut(None, None, None)]
    inner = owner.integers
    if len(whole_axes) + sum(item is None for item in items) < len(items) or len(whole_axes) != len(inner.sizes):
        raise ReadError("only new axes are read in the subscript of an integer array.")
    sizes, weights = [ONE] * len(items), [ZERO] * len(items)
    for axis, k in enumerate(whole_axes):
        sizes[k], weights[k] = inner.sizes[axis], inner.coefficients[axis]
    moved = tuple((c, n, tuple(whole_axes[a] for a in axes), stop) for c, n, axes, stop in inner.indices)
    return Positions(Integers(tuple(sizes), tuple(weights), inner.constant, moved))


def same_position(left: Positions, right: Positions | int, op: str) -> Value:
    """1 where two integer arrays agree."""
    other = right.integers if isinstance(right, Positions) else constant_at(size(right))
    difference = left.integers.plus(other, -1)
    order = len(difference.sizes)
    sizes = dict(enumerate(difference.sizes))
    form = difference.moved(tuple(range(order)))
    equal = product(1, [(*factor_of(form, sizes), 1)], range(order), sizes)
    return Array(equal if op == "equal" else number(1, equal.sizes) - equal, "bool")


def formatted(template: str, values: Sequence[Value], mark: str) -> str:
    """`"dW%d" % l` and `"dW{}".format(l)`: plain places filled with whole numbers and strings."""
    parts = re.split(r"%[dis]" if mark == "%" else r"\{\d*\}", template)
    plain = all(isinstance(v, (int, str)) for v in values)
    if len(parts) != len(values) + 1 or not plain or any(c in part for part in parts for c in "%{}"):
        raise ReadError("what this string holds is not known.", remedy='Write `"dW" + str(l)`.')
    return "".join(part + str(value) for part, value in zip(parts, [*values, ""], strict=True))
