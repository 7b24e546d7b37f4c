"""Matrices: SymPy's matrix expressions, with virtual axes followed through products and transposes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from typing import Any

import sympy as sp
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.slice import MatrixSlice

from ..errors import MissingRule
from ..expression import Array, Call, Name, Number, Slice, Subscript
from ..reading.sizes import size_expr
from ..tensor.size import ONE, Size
from .convert import Converter
from .objects import MatrixApplication, VectorSymbol, misfit, refuse, shortened
from .sizes import size_of
from .views import WHOLE, View, common

LARGEST_POWER = 64


def matrix(value: Any, c: Converter) -> View:
    """The view of a matrix expression. Raises ShapeError where sizes, also symbolic ones, do not fit."""
    for kinds, convert in _RULES:
        if isinstance(value, kinds):
            return convert(value, c)
    raise MissingRule(
        f"`{shortened(value)}`: SymPy's {type(value).__name__} is not supported here.",
        remedy="Write it with the functions that `sb.` has.",
    )


def _symbol(value: Any, c: Converter) -> View:
    rows, cols = map(size_of, value.shape)
    name = Name(value.name)
    declared = c.shapes.get(value.name)
    if declared is None:
        declared = (rows,) if isinstance(value, VectorSymbol) else (rows, cols)
    fits = {0: (ONE, ONE), 1: (*declared, ONE), 2: declared}.get(len(declared))
    if fits != (rows, cols):
        shape = f"({', '.join(map(str, declared))})" if declared else "a scalar"
        raise misfit(value, f"as a matrix it is ({rows}, {cols}), but it is declared as {shape}.")
    if len(declared) == 2:
        return View(name, rows, cols)
    return View(name, rows) if declared else View(name)


def _application(value: Any, c: Converter) -> View:
    given = c.application(value)
    if len(given.sizes) == 2:
        return View(given.expr, given.sizes[0], given.sizes[1])
    (length,) = given.sizes
    return View(given.expr, None, length) if given.row else View(given.expr, length)


def _product(value: Any, c: Converter) -> View:
    """A product: numbers in front, then matrices from left to right."""
    numbers = [a for a in value.args if not a.is_Matrix]
    views = [c.view(a) for a in value.args if a.is_Matrix]
    result = reduce(lambda a, b: times(a, b, value), views)
    if not numbers:
        return result
    above, below = sp.fraction(sp.Mul(*numbers))
    negative = above.could_extract_minus_sign()
    above = -above if negative else above
    expr = result.expr
    if above != 1:
        expr = Call("multiply", (c.scalar(above)[0], expr))
    if below != 1:
        expr = Call("divide", (expr, c.scalar(below)[0]))
    if negative:
        expr = Call("negative", (expr,))
    return replace(result, expr=expr, repeated=None)


def times(a: View, b: View, value: Any) -> View:
    """One matrix product. Two virtual axes that meet are no axis at all; a virtual and a real one make it real."""
    if a.cols is None and b.rows is None:
        return _outer(a, b)
    if a.cols is None:
        a = a.made_real(False, True)
    elif b.rows is None:
        b = b.made_real(True, False)
    if a.cols is not b.rows:
        raise misfit(value, f"the inner sizes {a.cols} and {b.rows} must agree.")
    return View(Call("matmul", (a.expr, b.expr)), a.rows, b.cols)


def _outer(a: View, b: View) -> View:
    """A column times a row; with a column of ones, or a row of them, the other repeated, as NumPy does by itself."""
    if a.rows is None or b.cols is None:
        expr = b.expr if _is_one(a) else a.expr if _is_one(b) else Call("multiply", (a.expr, b.expr))
        return View(expr, a.rows, b.cols)
    for ones, other in ((a, b), (b, a.made_real(False, True))):
        if isinstance(ones.expr, Call) and ones.expr.function == "ones":
            whole = Call("broadcast_to", (other.expr, size_expr(a.rows), size_expr(b.cols)))
            return View(whole, a.rows, b.cols, repeated=other.expr)
    return View(Call("outer", (a.expr, b.expr)), a.rows, b.cols)


def _is_one(view: View) -> bool:
    return view.expr == Number(Fraction(1))


def entrywise(function: str, a: View, b: View, value: Any) -> View:
    """A function of two matrices of one shape; one that repeats a row lets NumPy do so."""
    a, b = common([a, b])
    for left, right in ((a.rows, b.rows), (a.cols, b.cols)):
        if left is not right:
            raise misfit(value, f"the sizes {left} and {right} must agree.")
    left_expr = a.repeated if a.repeated is not None and b.repeated is None else a.expr
    right_expr = b.repeated if b.repeated is not None and a.repeated is None else b.expr
    return View(Call(function, (left_expr, right_expr)), a.rows, a.cols)


def _sum(value: Any, c: Converter) -> View:
    terms = sorted(value.args, key=lambda t: (_is_negative(t), _rank(t)))
    result = c.view(terms[0])
    for term in terms[1:]:
        if _is_negative(term):
            result = entrywise("subtract", result, c.view(-term), value)
        else:
            result = entrywise("add", result, c.view(term), value)
    return result


def _is_negative(term: Any) -> bool:
    return bool(isinstance(term, sp.MatMul) and term.args[0].is_Number and term.args[0] < 0)


def _rank(term: Any) -> int:
    """Products before single symbols, as sums are written; repeated rows last."""
    return 1 if isinstance(term, sp.MatrixSymbol) else 2 if term.has(sp.OneMatrix) else 0


def _transpose(value: Any, c: Converter) -> View:
    view = c.view(value.args[0])
    turned = view.turned
    return replace(turned, expr=Call("transpose", (view.expr,))) if len(view.sizes) == 2 else turned


def _inverse(value: Any, c: Converter) -> View:
    return inverted(c.view(value.args[0]))


def inverted(view: View) -> View:
    """The inverse of a square matrix; of a number its reciprocal."""
    if not view.sizes:
        return View(Call("divide", (Number(Fraction(1)), view.expr)))
    return replace(view, expr=Call("inv", (view.expr,)), repeated=None)


def _power(value: Any, c: Converter) -> View:
    """A whole power of a matrix: repeated products."""
    view = c.view(value.base)
    if not view.sizes:
        return View(Call("power", (view.expr, c.scalar(value.exp)[0])))
    if not isinstance(value.exp, sp.Integer) or not 1 <= abs(value.exp) <= LARGEST_POWER:
        raise refuse(value, "a matrix has whole powers only.", "For powers of its entries write `HadamardPower(X, p)`.")
    base = inverted(view) if value.exp < 0 else view
    return reduce(lambda a, b: times(a, b, value), [base] * abs(int(value.exp)))


def _hadamard(value: Any, c: Converter) -> View:
    return reduce(lambda a, b: entrywise("multiply", a, b, value), [c.view(a) for a in value.args])


def _hadamard_power(value: Any, c: Converter) -> View:
    base, exponent = value.args
    view = c.view(base)
    if exponent.is_Matrix:
        return entrywise("power", view, c.view(exponent), value)
    return replace(view, expr=Call("power", (view.expr, c.scalar(exponent)[0])), repeated=None)


def _diag(value: Any, c: Converter) -> View:
    """DiagMatrix(v): v on the diagonal; a matrix of one column, or one row, counts as a vector here."""
    view = c.view(value.args[0])
    if len(view.sizes) == 2:
        first = Number(Fraction(0))
        if view.cols is ONE:
            view = View(Subscript(view.expr, (WHOLE, first)), view.rows)
        elif view.rows is ONE:
            view = View(Subscript(view.expr, (first,)), view.cols)
    if len(view.sizes) != 1:
        raise misfit(value, "DiagMatrix takes a vector.")
    return View(Call("diag", (view.expr,)), view.sizes[0], view.sizes[0])


def _diagonal_of(value: Any, c: Converter) -> View:
    view = c.view(value.args[0])
    return View(Call("diag", (view.expr,)), view.rows)


def _diagonal_matrix(value: Any, c: Converter) -> View:
    view = c.view(value.args[0])
    return replace(view, expr=Call("diag", (Call("diag", (view.expr,)),)), repeated=None)


def _filled(function: str) -> Callable[[Any, Converter], View]:
    """Ones or zeros: a single column is a vector, as a declared one is."""

    def convert(value: Any, _: Converter) -> View:
        rows, cols = (None if length is ONE else length for length in map(size_of, value.shape))
        kept = tuple(size_expr(length) for length in (rows, cols) if length is not None)
        if not kept:
            return View(Number(Fraction(int(function == "ones"))))
        return View(Call(function, kept), rows, cols)

    return convert


def _identity(value: Any, _: Converter) -> View:
    length = size_of(value.shape[0])
    if length is ONE:
        return View(Number(Fraction(1)))
    return View(Call("eye", (size_expr(length),)), length, length)


def _kronecker(value: Any, c: Converter) -> View:
    def pair(a: View, b: View) -> View:
        a, b = common([a, b])
        rows = a.rows * b.rows if a.rows is not None and b.rows is not None else None
        cols = a.cols * b.cols if a.cols is not None and b.cols is not None else None
        return View(Call("kron", (a.expr, b.expr)), rows, cols)

    return reduce(pair, [c.view(a) for a in value.args])


def _applied(value: Any, c: Converter) -> View:
    """`X.applyfunc(f)`: the function's body with the matrix in place of its variable."""
    view = c.view(value.expr)
    (variable,) = value.function.variables
    body, _ = replace(c, local={**c.local, variable: view.expr}).scalar(value.function.expr)
    if variable not in value.function.expr.free_symbols:
        raise refuse(value, "the applied function does not depend on its argument.", "Write `c * OneMatrix(n, m)`.")
    return replace(view, expr=body, repeated=None)


def _slice(value: Any, c: Converter) -> View:
    """A part of a matrix; one row or one column of it is a vector."""
    view = c.view(value.parent)
    items: list[object] = []
    lengths: list[Size | None] = []
    for bounds, length, cut in zip((value.rowslice, value.colslice), (view.rows, view.cols), value.shape, strict=True):
        single = cut == 1 and length is not ONE
        lengths.append(None if length is None or single else size_of(cut))
        if length is not None:
            start, stop, step = bounds
            parts = (c.number(start), c.number(stop), None if step == 1 else c.number(step))
            items.append(parts[0] if single else WHOLE if start == 0 and size_of(stop) is length else Slice(*parts))
    return View(Subscript(view.expr, tuple(items)), lengths[0], lengths[1]) if items else view


def _explicit(value: Any, c: Converter) -> View:
    """A matrix of numbers; a single column, or a single row, is a vector."""
    rows, cols = value.shape
    if not rows or not cols:
        raise misfit(value, "a matrix needs at least one entry.")
    cells = [[c.number(value[i, j]) for j in range(cols)] for i in range(rows)]
    if rows == cols == 1:
        return View(cells[0][0])
    height, width = (size_of(n) for n in (rows, cols))
    if cols == 1:
        return View(Array(tuple(line[0] for line in cells)), height)
    if rows == 1:
        return View(Array(tuple(cells[0])), None, width)
    return View(Array(tuple(Array(tuple(line)) for line in cells)), height, width)


_RULES: tuple[tuple[Any, Callable[[Any, Converter], View]], ...] = (
    (sp.MatrixSymbol, _symbol),
    (MatrixApplication, _application),
    (sp.MatMul, _product),
    (sp.MatAdd, _sum),
    ((sp.Transpose, sp.Adjoint), _transpose),
    (sp.Inverse, _inverse),
    (sp.MatPow, _power),
    (sp.HadamardProduct, _hadamard),
    (sp.HadamardPower, _hadamard_power),
    (DiagMatrix, _diag),
    (DiagonalOf, _diagonal_of),
    (DiagonalMatrix, _diagonal_matrix),
    (sp.Identity, _identity),
    (sp.OneMatrix, _filled("ones")),
    (sp.ZeroMatrix, _filled("zeros")),
    (sp.KroneckerProduct, _kronecker),
    (ElementwiseApplyFunction, _applied),
    (MatrixSlice, _slice),
    (sp.MatrixBase, _explicit),
)
