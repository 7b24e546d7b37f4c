"""SymPy objects for what SymPy lacks: 1-D symbols, functions of arrays, arrays of order 3 and more.

Nothing here computes. A function application stays as it was written, and knows the shape of its result.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.symbol import Str
from sympy.matrices.expressions.matexpr import MatrixElement

from ..errors import MissingRule, ReadError, ShapeError
from ..tensor.size import Size
from .sizes import sympy_size

NONE, ELLIPSIS, SLICE = Str("None"), Str("..."), Str("slice")


class VectorSymbol(sp.MatrixSymbol):  # type: ignore[misc]  # SymPy ships no types
    """A vector (n) as an n x 1 symbol whose second axis is virtual."""


class IndexSymbol(sp.Symbol):  # type: ignore[misc]
    """An integer that chooses an entry."""


class IndexVector(VectorSymbol):
    """Integers that choose entries: an index symbol with one axis."""


def sympy_symbol(name: str, sizes: tuple[Size, ...], *, index: bool = False) -> Any:
    """The SymPy symbol of a declared name or a node."""
    shape = tuple(map(sympy_size, sizes))
    if not shape:
        return IndexSymbol(name, integer=True, nonnegative=True) if index else sp.Symbol(name, real=True)
    if len(shape) == 1:
        return (IndexVector if index else VectorSymbol)(name, shape[0], 1)
    if len(shape) == 2:
        return sp.MatrixSymbol(name, *shape)
    return TensorSymbol(name, shape)


class _Application:
    """What function applications share: args are the function, the author's name for it, arguments, options."""

    args: tuple[Any, ...]

    def __new__(cls, function: Any, shown: Any, arguments: Any, options: Any) -> Any:
        from .shapes import result_shape

        sizes, row = result_shape(function.name, shown.name, arguments, options)
        if not sizes:
            base: Any = ScalarApplication
        elif len(sizes) <= 2:
            base = MatrixApplication
        else:
            base = TensorApplication
        made: Any = sp.Basic.__new__(base, function, shown, arguments, options)
        made.sizes, made.row = sizes, row
        return made

    @property
    def function(self) -> str:
        """The function's name in the table."""
        return str(self.args[0].name)

    @property
    def shown(self) -> str | None:
        """The author's own name for it."""
        return str(self.args[1].name) or None

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The arguments, encoded as SymPy objects."""
        return tuple(self.args[2])

    @property
    def options(self) -> tuple[tuple[str, Any], ...]:
        """The options, with encoded values."""
        return tuple((pair[0].name, pair[1]) for pair in self.args[3])

    def _text(self, printer: Any) -> str:
        show = printer._print  # noqa: SLF001  # SymPy's protocol for printing parts
        parts = [*map(show, self.arguments), *(f"{name}={show(value)}" for name, value in self.options)]
        return f"{self.shown or self.function}({', '.join(parts)})"

    _sympystr = _text

    def _latex(self, printer: Any) -> str:
        name = (self.shown or self.function).replace("_", r"\_")
        inner = ", ".join(map(printer._print, self.arguments))  # noqa: SLF001  # as above
        return rf"\operatorname{{{name}}}\left({inner}\right)"

    def _eval_derivative(self, _: Any) -> Any:
        raise MissingRule(
            f"SymPy does not differentiate `{self.shown or self.function}`.",
            remedy="Define a network and ask `sb.derive`.",
        )


class ScalarApplication(_Application, sp.Expr):  # type: ignore[misc]
    """A function whose result is a number."""

    is_commutative = True
    is_real = True


class MatrixApplication(_Application, sp.MatrixExpr):  # type: ignore[misc]
    """A function whose result is a vector or a matrix; a vector is n x 1, or 1 x n if it was made of rows."""

    sizes: tuple[Size, ...]
    row: bool

    @property
    def shape(self) -> tuple[Any, Any]:
        """Rows and columns."""
        lengths = tuple(map(sympy_size, self.sizes))
        if len(lengths) == 2:
            return lengths
        return (sp.Integer(1), lengths[0]) if self.row else (lengths[0], sp.Integer(1))

    def _entry(self, i: Any, j: Any, **_: Any) -> Any:
        return MatrixElement(self, i, j)


class TensorExpr(sp.Basic):  # type: ignore[misc]
    """An array of order 3 or more: + - * / ** are entry by entry, `@` and subscripts as in NumPy."""

    _op_priority = 20.0
    sizes: tuple[Size, ...]

    @property
    def shape(self) -> tuple[Any, ...]:
        """The sizes, as SymPy integers."""
        return tuple(map(sympy_size, self.sizes))

    def __getitem__(self, items: Any) -> Any:
        return apply("subscript", self, *(items if isinstance(items, tuple) else (items,)))

    def __add__(self, other: Any) -> Any:
        return apply("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return apply("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return apply("subtract", self, other)

    def __rsub__(self, other: Any) -> Any:
        return apply("subtract", other, self)

    def __mul__(self, other: Any) -> Any:
        return apply("multiply", self, other)

    def __rmul__(self, other: Any) -> Any:
        return apply("multiply", other, self)

    def __truediv__(self, other: Any) -> Any:
        return apply("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return apply("divide", other, self)

    def __pow__(self, other: Any) -> Any:
        return apply("power", self, other)

    def __neg__(self) -> Any:
        return apply("negative", self)

    def __matmul__(self, other: Any) -> Any:
        return apply("matmul", self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return apply("matmul", other, self)


class TensorSymbol(TensorExpr):
    """A declared array of order 3 or more."""

    def __new__(cls, name: Any, shape: Any) -> Any:
        """The symbol of that name; `shape` holds SymPy integers."""
        from .sizes import size_of

        made = sp.Basic.__new__(cls, Str(str(name)), sp.Tuple(*shape))
        made.sizes = tuple(map(size_of, shape))
        return made

    @property
    def name(self) -> str:
        """The name."""
        return str(self.args[0])

    def _sympystr(self, _: Any) -> str:
        return self.name


class TensorApplication(_Application, TensorExpr):
    """A function whose result is an array of order 3 or more."""


def apply(function: str, *args: Any, shown: str = "", **options: Any) -> Any:
    """The function of the table, or of the author, applied to SymPy objects; ShapeError if they do not fit."""
    encoded = sp.Tuple(*map(encode, args))
    pairs = sp.Tuple(*(sp.Tuple(Str(key), encode(value)) for key, value in options.items()))
    return _Application(Str(function), Str(shown), encoded, pairs)


def encode(value: Any) -> Any:
    """An argument or option as a SymPy object; ReadError for what is none."""
    if value is None:
        return NONE
    if value is Ellipsis:
        return ELLIPSIS
    if isinstance(value, str):
        return Str(value)
    if isinstance(value, slice):
        return sp.Tuple(SLICE, *(encode(v) for v in (value.start, value.stop, value.step)))
    if isinstance(value, (list, tuple)):
        return sp.Tuple(*map(encode, value))
    if isinstance(value, bool):
        return sp.true if value else sp.false
    if isinstance(value, (int, float)):
        return sp.Integer(value) if isinstance(value, int) else sp.Float(value)
    if isinstance(value, Size):
        return sympy_size(value)
    if isinstance(value, sp.MatrixBase):
        return sp.ImmutableDenseMatrix(value)
    if isinstance(value, sp.Basic):
        return value
    raise ReadError(
        f"{type(value).__name__} is nothing that SymPy can calculate with.", remedy="Write a SymPy expression."
    )


def refuse(what: Any, message: str, remedy: str = "") -> ReadError:
    """The error for a SymPy expression that has no meaning here."""
    return ReadError(f"`{shortened(what)}`: {message}", remedy=remedy)


def misfit(what: Any, message: str, remedy: str = "") -> ShapeError:
    """The error for a SymPy expression whose shapes do not fit."""
    return ShapeError(f"`{shortened(what)}`: {message}", remedy=remedy)


def shortened(what: Any, longest: int = 60) -> str:
    """A SymPy expression as text."""
    try:
        text = str(what)
    except RecursionError:
        return "..."
    return text if len(text) <= longest else f"{text[: longest - 4]} ..."
