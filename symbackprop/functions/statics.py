"""What is known without any array: sizes, axes, strings, and positions that may stand in a subscript."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from ..errors import ReadError, ShapeError
from ..expression import Array, Call, Expr, Name, Number, Subscript
from ..tensor.size import Size, size
from .positions import Integers, constant_at, counted, symbol_at
from .source import source

EXPRESSIONS = (Name, Number, Array, Subscript, Call)
WORDS: dict[str, object] = {"None": None, "True": True, "False": False}


class IndexInfo(Protocol):
    """An index symbol: its shape, and its range as a size."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def sizes(self) -> tuple[Size, ...]:
        """Its shape."""

    @property
    def of(self) -> Size:
        """Its range: the values are less."""


@dataclass(frozen=True, slots=True)
class Statics:
    """Evaluates what needs no array. `shape` gives the shape of an expression, for `x.shape[0]`."""

    is_size: Callable[[str], bool]
    index: Callable[[str], IndexInfo | None]
    shape: Callable[[Expr], tuple[Size, ...]]

    def size(self, value: object) -> Size:
        """A size; ShapeError if it is none."""
        found = self.maybe_size(value)
        if found is None:
            text = source(value) if isinstance(value, EXPRESSIONS) else str(value)
            span = value.span if isinstance(value, EXPRESSIONS) else None
            remedy = "Sizes are names of sizes, whole numbers, and their sums, products and quotients by `//`."
            raise ShapeError(f"`{text}` is no size.", remedy=remedy, span=span)
        return found

    def maybe_size(self, value: object) -> Size | None:
        """A size, or None if it is none."""
        positions = self.positions(value)
        return positions.constant if positions is not None and positions.is_constant else None

    def positions(self, value: object) -> Integers | None:
        """Positions of an axis: sizes, index symbols, arange, and sums and multiples of these; None for others."""
        if isinstance(value, bool):
            return None
        if isinstance(value, (int, Size)):
            return constant_at(size(value))
        if isinstance(value, Fraction):
            return constant_at(size(value.numerator)) if value.denominator == 1 else None
        if isinstance(value, Number):
            return self.positions(value.value)
        if isinstance(value, Name):
            found = self.index(value.name)
            if found is not None:
                return symbol_at(found.name, found.sizes, found.of)
            return constant_at(size(value.name)) if self.is_size(value.name) else None
        if isinstance(value, Subscript):
            return self._of_shape(value)
        return self._computed(value) if isinstance(value, Call) else None

    def _computed(self, call: Call) -> Integers | None:
        if call.function == "arange":
            bounds = [self.maybe_size(arg) for arg in call.args]
            return None if None in bounds or call.options else counted([b for b in bounds if b is not None])
        if call.function not in ("add", "subtract", "multiply", "negative", "floordivide", "power") or call.options:
            return None
        parts = [self.positions(arg) for arg in call.args]
        left, right = parts[0], parts[-1]
        if left is None or right is None or len(parts) > 2:
            return None
        if call.function == "negative":
            return left.times(size(-1))
        if call.function in ("add", "subtract"):
            return left.plus(right, 1 if call.function == "add" else -1)
        if call.function == "multiply":
            if left.is_constant:
                return right.times(left.constant)
            return left.times(right.constant) if right.is_constant else None
        exponent = right.constant.number
        if not left.is_constant or not right.is_constant or exponent is None:
            return None
        if call.function == "floordivide":
            return constant_at(left.constant // exponent) if exponent > 0 else None
        if not 0 <= exponent <= 64:
            return None
        result = size(1)
        for _ in range(exponent):
            result = result * left.constant
        return constant_at(result)

    def _of_shape(self, value: Subscript) -> Integers | None:
        """`x.shape[0]`."""
        if not (isinstance(value.base, Call) and value.base.function == "shape" and len(value.items) == 1):
            return None
        shape, axis = self.shape(value.base.args[0]), self.maybe_size(value.items[0])
        if axis is None or axis.number is None or not -len(shape) <= axis.number < len(shape):
            raise ShapeError(f"`{source(value)}`: there are {len(shape)} axes.", span=value.span)
        return constant_at(shape[axis.number])

    def option(self, value: object) -> object:
        """None, a truth value, a number, a string, a Size, or a tuple of these."""
        if isinstance(value, (tuple, list)):
            return tuple(map(self.option, value))
        if isinstance(value, Array):
            return tuple(map(self.option, value.items))
        if isinstance(value, Name) and value.name in WORDS:
            return WORDS[value.name]
        if isinstance(value, Call) and value.function == "shape":
            return self.shape(value.args[0])
        if isinstance(value, EXPRESSIONS):
            found = self.maybe_size(value)
            if found is None:
                if isinstance(value, Number):
                    return value.value
                remedy = "Options are whole numbers, sizes and strings."
                raise ReadError(
                    f"`{source(value)}` is not known before the arrays are.", remedy=remedy, span=value.span
                )
            return found if found.number is None else found.number
        if isinstance(value, Fraction) and value.denominator == 1:
            return value.numerator
        return value
