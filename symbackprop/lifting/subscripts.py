"""`x[items]` read and written: positions, slices, masks, integer arrays, on terms."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..errors import ReadError, ShapeError, SymbackpropError
from ..functions.positions import Integers, constant_at
from ..functions.shapes import common_shape, shape_text, widened_to
from ..functions.subscripts import Cut as Slice
from ..functions.subscripts import subscript
from ..tensor.normal import as_number, number, product
from ..tensor.pullback import pullback
from ..tensor.size import ONE, ZERO, Size, size
from ..tensor.terms import Symbol, Term, symbol
from .arrays import binary, built, changed, chosen_by, common_sort, is_mask, same_shape, sort_of, term_of, view
from .values import Array, Chosen, Cut, Items, Positions, Value

STORE = "@store"
HELD = "@held"  # what a loop over a size adds to, before a pass
EACH = "@pass"  # the number of a pass


def part(x: Array, items: Sequence[object]) -> Value:
    """`x[items]`: a view for positions and slices, a copy for integer arrays, a choice for a mask."""
    if x.stale is not None:
        raise x.stale
    mask = _mask(items)
    if mask is not None:
        return Chosen(x.term, _widened_mask(mask, x.term))
    if len(items) == 1 and isinstance(items[0], Items):
        positions = _progression(items[0])
        if positions is None:
            parts = [subscript(x.term, [_item(k)]) for k in items[0].items]
            return Array(built("stack", tuple(parts)), x.sort)
    listed = [_item(item) for item in items]
    found = subscript(x.term, listed)
    fancy = any(isinstance(item, Integers) and not item.is_constant for item in listed)
    if fancy or not found.sizes:
        return Array(found, x.sort)
    return view(x, found)


def store(x: Array, items: Sequence[object], value: Value, op: str | None, because: SymbackpropError) -> None:
    """`x[items] = value`, or `x[items] op= value`; the array is changed where it stands.

    Raises ReadError where an entry could be written twice: NumPy then keeps one of the values only.
    """
    if x.stale is not None:
        raise x.stale
    mask = _mask(items)
    if mask is not None:
        _store_where(x, _widened_mask(mask, x.term), value, op, because)
        return
    place = symbol(STORE, x.term.sizes)
    listed = [_item(item) for item in items]
    _check_distinct(listed, x.term)
    chosen = subscript(place, listed)
    if op in ("add", "subtract") and x.sort == "float":
        terms = widened_to(_fitting(term_of(value), chosen), chosen.sizes)
        changed(x, built(op, x.term, _scattered(chosen, terms, place)), because)
        return
    here = Array(subscript(x.term, listed), x.sort)
    new = value if op is None else binary(op, here, value)
    _check_sort(x, new)
    entries = widened_to(_fitting(term_of(new), chosen), chosen.sizes)
    written = _scattered(chosen, entries, place)
    if op is None and isinstance(x.term, Symbol) and x.term.name.startswith(HELD) and _own_place(listed):
        changed(x, x.term + written, because)
        x.filled = True
        return
    touched = _scattered(chosen, number(1, chosen.sizes), place)
    if as_number(touched) == 1:
        changed(x, written, because)
        return
    kept = built("multiply", x.term, 1 - touched)
    changed(x, built("add", kept, written), because)


def _fitting(entries: Term, chosen: Term) -> Term:
    """The entries, if they broadcast to what was chosen; ShapeError if not."""
    if len(entries.sizes) > len(chosen.sizes) or common_shape([entries.sizes, chosen.sizes]) != chosen.sizes:
        raise ShapeError(f"{shape_text(entries.sizes)} does not fit into {shape_text(chosen.sizes)}.")
    return entries


def added_at(x: Array, items: Sequence[object], value: Value, because: SymbackpropError) -> None:
    """`np.add.at(x, items, value)`: what goes to one entry is added up."""
    place = symbol(STORE, x.term.sizes)
    chosen = subscript(place, [_item(item) for item in items])
    entries = widened_to(term_of(value), chosen.sizes)
    changed(x, x.term + _scattered(chosen, entries, place), because)


def _store_where(x: Array, mask: Term, value: Value, op: str | None, because: SymbackpropError) -> None:
    if isinstance(value, Chosen):
        if value.mask is not mask:
            raise ReadError("the entries on the right are chosen by another mask than those on the left.")
        value = Array(value.values)
    elif term_of(value).sizes:
        raise ReadError("entries chosen by a mask are given one number, or entries chosen by the same mask.")
    new = value if op is None else binary(op, Array(x.term, x.sort), value)
    _check_sort(x, new)
    changed(x, term_of(chosen_by(Array(mask, "bool"), new, Array(x.term))), because)


def _own_place(items: Sequence[object]) -> bool:
    """True if different passes of a loop choose different places."""
    return any(
        isinstance(i, Integers) and len(i.indices) == 1 and i.indices[0][1].startswith(EACH) and not i.sizes
        for i in items
    )


def _check_sort(x: Array, new: Value) -> None:
    """NumPy writes into an array of integers by cutting off what is behind the point."""
    if x.sort != "float" and common_sort(x, new) != x.sort:
        what = "integers" if x.sort == "int" else "truth values"
        raise ReadError(
            f"the array holds {what}, and NumPy would round what is written into it.",
            remedy="Make it of floats: `np.zeros(n)`, `x.astype(float)`.",
        )


def _scattered(chosen: Term, entries: Term, place: Symbol) -> Term:
    """The array with the entries at the places that were chosen, and 0 elsewhere: the transpose of the choice."""
    if chosen is place:
        return entries
    found = pullback(chosen, entries).get(place)
    return number(0, place.sizes) if found is None else found


def _check_distinct(items: Sequence[object], x: Term) -> None:
    """Raise ReadError unless every entry is chosen at most once."""
    arrays = [item for item in items if isinstance(item, Integers) and not item.is_constant]
    if not arrays:
        return
    shape = common_shape([a.sizes for a in arrays])
    distinct: set[int] = set()
    for array in arrays:
        offset = len(shape) - len(array.sizes)
        moving = [k for k, c in enumerate(array.coefficients) if c is not ZERO and array.sizes[k] is not ONE]
        if len(moving) == 1 and not array.indices:
            distinct.add(offset + moving[0])
    if any(axis not in distinct and length is not ONE for axis, length in enumerate(shape)):
        raise ReadError(
            "these positions may name one entry twice, and NumPy then writes it once.",
            remedy="Write `np.add.at(x, positions, values)`, or `x[np.arange(n), labels]`.",
        )


def _mask(items: Sequence[object]) -> Array | None:
    """The mask, if a mask is all that stands in the brackets."""
    only = items[0] if len(items) == 1 else None
    return only if isinstance(only, Array) and is_mask(only) else None


def _widened_mask(mask: Array, x: Term) -> Term:
    """The mask in the shape of what it chooses from."""
    term = term_of(mask)
    missing = len(x.sizes) - len(term.sizes)
    if missing < 0 or any(a is not b for a, b in zip(term.sizes, x.sizes, strict=False)):
        raise ShapeError(f"a mask of {shape_text(term.sizes)} does not fit {shape_text(x.sizes)}.")
    if not missing:
        return term
    axes = tuple(range(len(term.sizes)))
    return product(1, [(term, axes, 1)], range(len(x.sizes)), dict(enumerate(x.sizes)))


def _item(item: object) -> object:
    """One item of a subscript, as the builder of subscripts takes it."""
    if item is None or item is Ellipsis:
        return item
    if isinstance(item, bool):
        raise ReadError("a truth value is no position.")
    if isinstance(item, (int, Size)):
        return constant_at(size(item))
    if isinstance(item, Positions):
        return item.integers
    if isinstance(item, Cut):
        step = 1 if item.step is None else item.step
        if not isinstance(step, int):
            raise ReadError("the step of a slice must be a whole number.")
        return Slice(_bound(item.start), _bound(item.stop), step)
    if isinstance(item, Items):
        found = _progression(item)
        if found is not None:
            return found
        raise ReadError("a list of positions goes alone in the brackets.", remedy="Take the parts one by one.")
    if isinstance(item, Array):
        if is_mask(item):
            raise ReadError("a mask goes alone in the brackets.", remedy="Use np.where.")
        known = as_number(item.term)
        if isinstance(known, int) and sort_of(item) == "int":
            return constant_at(size(known))
        raise ReadError(
            "an array of numbers cannot be a position here.",
            remedy="Positions are whole numbers, slices, `np.arange(n)` and symbols declared with `index(of=...)`.",
        )
    raise ReadError("this is no position of an array.")


def _bound(value: Value) -> Size | None:
    if value is None:
        return None
    if isinstance(value, (int, Size)) and not isinstance(value, bool):
        return size(value)
    raise ReadError("the bounds of a slice must be whole numbers.")


def _progression(items: Items) -> Integers | None:
    """Positions in equal steps, such as `[0, 1, 2]`; None for others."""
    numbers = [item for item in items.items if isinstance(item, int) and not isinstance(item, bool)]
    if len(numbers) != len(items.items) or not numbers:
        return None
    step = numbers[1] - numbers[0] if len(numbers) > 1 else 1
    if not step or any(b - a != step for a, b in pairwise(numbers)):
        return None
    return Integers((size(len(numbers)),), (size(step),), size(numbers[0]))


__all__ = ["added_at", "part", "same_shape", "store"]
