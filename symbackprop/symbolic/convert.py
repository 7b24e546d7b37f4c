"""From SymPy expressions to the tree that a network file would have given.

`Converter.array` takes anything; matrices go to `matrices`, numbers to `scalars`, sums over entries to `elements`. The
recursion is bounded, as it is for files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.core.symbol import Str

from ..errors import ReadError
from ..expression import Array, Call, Expr, Name, Number, Slice, Subscript
from ..functions import FUNCTIONS
from ..reading.sizes import size_expr
from ..tensor.size import Size, size
from .objects import (
    ELLIPSIS,
    NONE,
    SLICE,
    IndexSymbol,
    IndexVector,
    MatrixApplication,
    ScalarApplication,
    TensorApplication,
    TensorExpr,
    TensorSymbol,
    encode,
    refuse,
)
from .sizes import maybe_size, size_of
from .views import View

DEEPEST = 100
Applications = (ScalarApplication, MatrixApplication, TensorApplication)


@dataclass(frozen=True, slots=True)
class Given:
    """An array as an expression, with its shape; `row` if SymPy sees a vector lying in a row."""

    expr: Expr
    sizes: tuple[Size, ...] = ()
    row: bool = False


@dataclass(frozen=True, slots=True)
class Bound:
    """The index of a sum: it runs from `low`, over `length` values."""

    symbol: Any
    low: Size
    length: Size


@dataclass(slots=True)
class Converter:
    """One conversion. `shapes`: the declared shapes, where a network is known; `indices`: the indices that were met.

    `bound`: the sums that are open, outermost first; `local`: what stands for the variable of an applied function.
    """

    shapes: Mapping[str, tuple[Size, ...]] = field(default_factory=dict)
    bound: tuple[Bound, ...] = ()
    local: Mapping[Any, Expr] = field(default_factory=dict)
    indices: dict[str, tuple[Size, ...]] = field(default_factory=dict)
    depth: int = 0

    def array(self, value: Any) -> Given:
        """Anything that SymPy or `sb.` made, as an array."""
        value = encode(value)
        if isinstance(value, sp.Tuple):
            items = [self.array(item) for item in value]
            if not items:
                raise ReadError("An array needs at least one item.")
            return Given(Array(tuple(i.expr for i in items)), (size(len(items)), *items[0].sizes))
        if isinstance(value, Str) or value in (sp.true, sp.false):
            raise ReadError(f"`{value}` is no number and no array.", remedy="Options are given by keyword.")
        if isinstance(value, TensorExpr):
            return self.tensor(value)
        if isinstance(value, IndexVector):
            return Given(self.index(value.name, (size_of(value.shape[0]),)), (size_of(value.shape[0]),))
        if isinstance(value, (sp.MatrixExpr, sp.MatrixBase)):
            view = self.view(value)
            return Given(view.expr, view.sizes, view.row)
        expr, axes = self.scalar(value)
        if axes:
            raise refuse(value, "the index of a sum is used outside of it.")
        return Given(expr)

    def deeper(self, what: Any) -> Converter:
        """The same conversion one level down; ReadError past the deepest."""
        if self.depth >= DEEPEST:
            raise refuse(what, "nested too deeply.", "Name its parts with `net.define`.")
        return replace(self, depth=self.depth + 1)

    def view(self, value: Any) -> View:
        """A matrix."""
        from .matrices import matrix

        return matrix(value, self.deeper(value))

    def scalar(self, value: Any) -> tuple[Expr, tuple[Any, ...]]:
        """A number, or the numbers for all values of the bound indices in it, whose symbols come along."""
        from .scalars import scalar

        return scalar(value, self.deeper(value))

    def number(self, value: Any) -> Expr:
        """A number without bound indices."""
        return self.array(value).expr

    def tensor(self, value: Any) -> Given:
        """An array of order 3 or more."""
        if isinstance(value, TensorSymbol):
            return Given(Name(value.name), self.shapes.get(value.name, value.sizes))
        return self.application(value)

    def index(self, name: str, sizes: tuple[Size, ...] = ()) -> Name:
        """An index symbol."""
        self.indices[name] = sizes
        return Name(name)

    # ------------------------------------------------------------------ functions

    def application(self, value: Any) -> Given:
        """A function of arrays."""
        if value.function == "subscript":
            base, *items = value.arguments
            return Given(Subscript(self.array(base).expr, self.items(items)), value.sizes)
        row = FUNCTIONS.get(value.function)
        args: list[Expr] = []
        options: list[tuple[str, object]] = []
        for place, argument in enumerate(value.arguments):
            if row is not None and place < len(row.parameters) and is_word(argument):
                options.append((row.parameters[place].name, self.option(argument)))
            else:
                args.append(self.array(argument).expr)
        options += [(name, self.option(v)) for name, v in value.options]
        return Given(Call(value.function, tuple(args), tuple(options), value.shown), value.sizes, value.row)

    def option(self, value: Any) -> object:
        """The value of a keyword: a string, a truth value, None, an integer, integers, or an expression."""
        if value == NONE:
            return None
        if isinstance(value, Str):
            return value.name
        if value in (sp.true, sp.false):
            return bool(value)
        if isinstance(value, sp.Integer):
            return int(value)
        if isinstance(value, sp.Tuple) and all(isinstance(v, sp.Integer) for v in value):
            return tuple(map(int, value))
        return self.array(value).expr

    def items(self, items: Any) -> tuple[object, ...]:
        """The items of a subscript."""
        found: list[object] = []
        for item in items:
            if item == NONE:
                found.append(None)
            elif item == ELLIPSIS:
                found.append(Ellipsis)
            elif isinstance(item, sp.Tuple) and len(item) == 4 and item[0] == SLICE:
                found.append(Slice(*(None if b == NONE else self.number(b) for b in item[1:])))
            else:
                found.append(self.array(item).expr)
        return tuple(found)

    def is_static(self, value: Any) -> bool:
        """True for what is known without arrays: numbers, sizes, indices, strings, truth values."""
        if isinstance(value, IndexVector) or is_word(value):
            return True
        if isinstance(value, sp.Tuple):
            return all(map(self.is_static, value))
        if not isinstance(value, sp.Expr) or isinstance(value, sp.MatrixExpr) or value.has(*Applications, TensorExpr):
            return False
        if any(
            s.name in self.shapes and not isinstance(s, IndexSymbol) for s in value.free_symbols if hasattr(s, "name")
        ):
            return False
        return isinstance(value, sp.Number) or (
            value.is_integer is True and not value.has(sp.matrices.expressions.matexpr.MatrixElement)
        )


def to_expr(value: Any, shapes: Mapping[str, tuple[Size, ...]] | None = None) -> Expr:
    """The expression that a SymPy object is; `shapes` are the declared shapes of names.

    Virtual axes are dropped, so that `x.T*x` is a number and `W*x` has one axis. Raises ReadError or ShapeError.
    """
    if isinstance(value, Expr):
        return value
    return Converter(shapes or {}).array(value).expr


def exact(value: Any) -> Number:
    """A SymPy number; ReadError if it is not finite, real and exact."""
    if isinstance(value, sp.Float):
        return Number(Fraction(repr(float(value))))
    return Number(Fraction(int(value.p), int(value.q)))


def size_number(value: Any) -> Expr | None:
    """A size as an expression, or None."""
    found = maybe_size(value)
    return None if found is None else size_expr(found)


def entrywise(name: str) -> bool:
    """True if the function works entry by entry."""
    return name not in FUNCTIONS or FUNCTIONS[name].family in ("operators", "elementwise")


def is_word(value: Any) -> bool:
    """True for a string, True, False and None."""
    return isinstance(value, Str) or value in (sp.true, sp.false)
