"""`x[items]` as NumPy reads it: integers, slices, new axes, an ellipsis, index symbols and integer arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..errors import ShapeError
from ..tensor.brackets import factor_of
from ..tensor.normal import add, apply, product
from ..tensor.size import ONE, Size, size
from ..tensor.terms import Bracket, Factor, Map, Sum, Term
from .positions import Integers, steps
from .shapes import Shape, common_shape, shape_text


@dataclass(frozen=True, slots=True)
class Cut:
    """`start:stop:step`; None where nothing is written."""

    start: Size | None = None
    stop: Size | None = None
    step: int = 1


Item: TypeAlias = Integers | Cut | None
Items: TypeAlias = Sequence[object]


def subscript(x: Term, items: Items) -> Term:
    """The part of x that the items choose; its entry at (i, …) is x at the positions that the items give for (i, …).

    An item is Integers, a Cut, None for a new axis of size 1, or Ellipsis for all axes that are not named.
    """
    full = _full(x, items)
    return _inside(x, full) or _Selection(x, full).term()


def _inside(x: Term, items: list[Item]) -> Term | None:
    """The same part chosen from every part of an array that was put together, if nothing of the joints is left.

    `[a, b][0]` is a, `exp(concatenate([u, v]))[:n]` is exp(u); None where that does not help.
    """
    chosen: Term | None = None
    if isinstance(x, Sum) and any(_has_bracket(t) for _, t in x.terms):
        parts = [(c, subscript(t, items)) for c, t in x.terms]
        chosen = add(parts, parts[0][1].sizes)
    elif isinstance(x, Map) and all(len(child.sizes) == len(x.sizes) for child in x.children):
        inner = [_inside(child, items) for child in x.children]
        if any(part is not None for part in inner):
            wide = [part or subscript(child, items) for part, child in zip(inner, x.children, strict=True)]
            chosen = apply(x.head, wide)
    return None if chosen is None or _has_bracket(chosen) else chosen


def _has_bracket(term: Term) -> bool:
    """True if the term is a bracket, or has one among its factors or summands."""
    if isinstance(term, Sum):
        return any(_has_bracket(t) for _, t in term.terms)
    return isinstance(term, Bracket) or any(isinstance(child, Bracket) for child in term.children)


def _full(x: Term, items: Items) -> list[Item]:
    """The items with the ellipsis, or the axes that are not named, spelled out."""
    given = list(items)
    used = sum(1 for item in given if item is not None and item is not Ellipsis)
    if given.count(Ellipsis) > 1:
        raise ShapeError("`...` can stand only once in a subscript.")
    if used > len(x.sizes):
        if not x.sizes:
            raise ShapeError("a scalar has no subscripts.")
        raise ShapeError(f"{used} subscripts are too many for {shape_text(x.sizes)}.")
    rest: list[object] = [Cut()] * (len(x.sizes) - used)
    at = given.index(Ellipsis) if Ellipsis in given else len(given)
    full = given[:at] + rest + given[at + 1 :]
    return [item for item in full if item is None or isinstance(item, (Integers, Cut))]


class _Selection:
    """The labels of the result, and what ties them to the labels of x."""

    def __init__(self, x: Term, items: list[Item]) -> None:
        self.x = x
        self.items = items
        self.sizes: dict[int, Size] = {}
        self.inner: list[int] = []
        self.ties: list[Factor] = []
        self.output: list[int] = []
        arrays = [item for item in items if isinstance(item, Integers)]
        self.shared: Shape = common_shape([item.sizes for item in arrays])
        self.together = bool(self.shared)
        self.block = [self.label(length) for length in self.shared]

    def label(self, length: Size) -> int:
        new = len(self.sizes)
        self.sizes[new] = length
        return new

    def term(self) -> Term:
        axis = 0
        for k, item in enumerate(self.items):
            if item is None:
                self.output.append(self.label(ONE))
                continue
            length = self.x.sizes[axis]
            if isinstance(item, Cut):
                self.slice(item, length)
            else:
                self.choose(item, length)
                if self.together and k == self.first():
                    self.output.extend(self.block)
            axis += 1
        output = self.output if not self.together or self.first() is not None else [*self.block, *self.output]
        return product(1, [(self.x, tuple(self.inner), 1), *self.ties], output, self.sizes)

    def first(self) -> int | None:
        """Where the axes of integer arrays go: at the first of them if all stand side by side, else in front (None)."""
        places = [k for k, item in enumerate(self.items) if isinstance(item, Integers)]
        return places[0] if places[-1] - places[0] == len(places) - 1 else None

    def slice(self, item: Cut, length: Size) -> None:
        start, stop = (_position(bound, length, item.step) for bound in (item.start, item.stop))
        if item.step == 1 and item.start is None and stop in (None, length):
            self.inner.append(self.label(length))
            self.output.append(self.inner[-1])
            return
        if not item.step:
            raise ShapeError("the step of a slice must not be 0.")
        if item.step > 0:
            start, stop = start or size(0), length if stop is None else _least(stop, length)
        else:
            start = length - 1 if start is None else _least(start, length - 1)
            stop = size(-1) if stop is None else stop
        count = steps(start, stop, item.step)
        new = self.label(count)
        self.output.append(new)
        self.tie(Integers((count,), (size(item.step),), start), (new,), length)

    def choose(self, item: Integers, length: Size) -> None:
        written = item.constant
        if item.is_constant and (-item.constant - 1).surely_nonnegative():
            item = Integers(constant=item.constant + length)
        item.check_within(length, written)
        self.tie(item.widened(self.shared), tuple(self.block), length)

    def tie(self, item: Integers, labels: tuple[int, ...], length: Size) -> None:
        own = self.label(length)
        self.inner.append(own)
        form = item.times(size(-1)).moved(labels)
        form.coefficients[own] = ONE
        if form.labels == {own} and not form.indices and length is ONE:
            return
        self.ties.append((*factor_of(form, self.sizes), 1))


def _position(bound: Size | None, length: Size, step: int) -> Size | None:
    """A bound of a slice, counted from the front; one surely in front of everything is moved to the border."""
    if bound is not None and (-bound - 1).surely_nonnegative():
        bound = bound + length
        if (-bound - 1).surely_nonnegative():
            return size(0 if step > 0 else -1)
    return bound


def _least(stop: Size, length: Size) -> Size:
    """The bound, or the length where it is surely beyond it."""
    return length if (stop - length).surely_nonnegative() else stop
