"""Integer arrays that can stand in a subscript: linear in their own positions and in index symbols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import ShapeError
from ..tensor.brackets import Form
from ..tensor.normal import add, bracket, from_size, number, product
from ..tensor.size import ONE, ZERO, Size, size
from ..tensor.terms import Index, Labels, Number, Term
from .shapes import Shape, common_shape


@dataclass(frozen=True, slots=True)
class Integers:
    """An integer array of shape `sizes`: Σ coefficients[axis] · position + constant + Σ c · symbol[axes].

    `indices`: (coefficient, name, the axes that subscript the symbol, its range), all counted from 0.
    """

    sizes: Shape = ()
    coefficients: tuple[Size, ...] = ()
    constant: Size = ZERO
    indices: tuple[Index, ...] = ()

    @property
    def is_constant(self) -> bool:
        """True if it is one size, known when the sizes are."""
        return not self.sizes and not self.indices

    def widened(self, shape: Shape) -> Integers:
        """The array repeated to a shape that it broadcasts to."""
        offset = len(shape) - len(self.sizes)
        weights = [ZERO] * offset + [
            ZERO if s is ONE else c for c, s in zip(self.coefficients, self.sizes, strict=True)
        ]
        moved = tuple((c, n, tuple(a + offset for a in axes), stop) for c, n, axes, stop in self.indices)
        for _, name, axes, _ in moved:
            if any(self.sizes[a - offset] is not shape[a] for a in axes):
                raise ShapeError(f"the index {name} has an axis of size 1, along which it cannot be repeated.")
        return Integers(shape, tuple(weights), self.constant, moved)

    def plus(self, other: Integers, sign: int = 1) -> Integers:
        """The sum, or difference, broadcast."""
        shape = common_shape([self.sizes, other.sizes])
        left, right = self.widened(shape), other.widened(shape).times(size(sign))
        weights = tuple(a + b for a, b in zip(left.coefficients, right.coefficients, strict=True))
        return Integers(shape, weights, left.constant + right.constant, left.indices + right.indices)

    def times(self, factor: Size) -> Integers:
        """A multiple."""
        return Integers(
            self.sizes,
            tuple(c * factor for c in self.coefficients),
            self.constant * factor,
            tuple((c * factor, n, axes, stop) for c, n, axes, stop in self.indices),
        )

    def moved(self, labels: Labels) -> Form:
        """The linear form with these labels for the axes."""
        return Form(
            dict(zip(labels, self.coefficients, strict=True)),
            self.constant,
            tuple((c, n, tuple(labels[a] for a in axes), stop) for c, n, axes, stop in self.indices),
        )

    def check_within(self, length: Size, written: Size | None = None) -> None:
        """Raise ShapeError unless every entry is a position of an axis of that length.

        A constant is refused only if it is surely outside: `x[3]` of (n) says that n is at least 4. `written` is the
        constant as the author wrote it, if it was counted from the end.
        """
        axes, sizes = tuple(range(len(self.sizes))), dict(enumerate(self.sizes))
        if self.is_constant:
            if (-self.constant - 1).surely_nonnegative() or (self.constant - length).surely_nonnegative():
                raise ShapeError(f"there is no position {written or self.constant} on an axis of size {length}.")
        elif not self.moved(axes).stays_within(length, sizes):
            if len(self.indices) == 1 and self.constant is ZERO and not any(c is not ZERO for c in self.coefficients):
                _, name, _, stop = self.indices[0]
                raise ShapeError(
                    f"the index {name} is in range({stop}), but the axis has size {length}.",
                    remedy=f"Declare `{name}: index(..., of={length})`.",
                )
            raise ShapeError(f"these positions may lie outside an axis of size {length}.")

    def term(self) -> Term:
        """The integers as numbers; ShapeError for an index symbol, which is no number."""
        if self.indices:
            name = self.indices[0][1]
            raise ShapeError(
                f"{name} is an index, not a number.", remedy=f"Write `onehot({name}, c)` or use a subscript."
            )
        axes = tuple(range(len(self.sizes)))
        summands: list[tuple[Number, Term]] = [(1, _everywhere(from_size(self.constant), self.sizes))]
        for axis, weight in enumerate(self.coefficients):
            if weight is not ZERO:
                factors = [(counting(self.sizes[axis]), (axis,), 1), (from_size(weight), (), 1)]
                summands.append((1, product(1, factors, axes, dict(enumerate(self.sizes)))))
        return add(summands, self.sizes)


def _everywhere(scalar: Term, shape: Shape) -> Term:
    return product(1, [(scalar, (), 1)], range(len(shape)), dict(enumerate(shape)))


def counting(length: Size) -> Term:
    """0, 1, ..., length − 1: at i the number of pairs (j, k) with j + k + 1 = i."""
    if length is ONE:
        return number(0, (length,))
    return product(1, [(bracket((length, length, length), (1, -1, -1), -1), (0, 1, 2), 1)], (0,))


def constant_at(position: Size) -> Integers:
    """One position."""
    return Integers(constant=position)


def symbol_at(name: str, sizes: Shape, stop: Size) -> Integers:
    """The values of an index symbol."""
    return Integers(sizes, (ZERO,) * len(sizes), ZERO, ((ONE, name, tuple(range(len(sizes))), stop),))


def counted(bounds: Sequence[Size]) -> Integers:
    """`arange(stop)`, `arange(start, stop)` or `arange(start, stop, step)` with an integer step."""
    if not 1 <= len(bounds) <= 3:
        raise ShapeError("arange takes one to three numbers: stop; start, stop; start, stop, step.")
    start, stop = (ZERO, bounds[0]) if len(bounds) == 1 else bounds[:2]
    step = bounds[2].number if len(bounds) == 3 else 1
    if not step:
        raise ShapeError("the step of arange must be an integer that is not 0.")
    return Integers((steps(start, stop, step),), (size(step),), start)


def steps(start: Size, stop: Size, step: int) -> Size:
    """How many positions there are from start to before stop."""
    distance = stop - start if step > 0 else start - stop
    count = (distance + (abs(step) - 1)) // abs(step)
    if (-count).surely_nonnegative():
        raise ShapeError(f"there is nothing from {start} to {stop} in steps of {step}.", remedy="A size is at least 1.")
    return count
