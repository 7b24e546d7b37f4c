"""Numbers: SymPy's scalar expressions, entry by entry where bound indices occur in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import sympy as sp
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.matrices.expressions.matexpr import MatrixElement

from ..errors import MissingRule
from ..expression import Call, Expr, Name, Number, Subscript
from ..reading.expressions import LONGEST_CHAIN
from ..reading.sizes import size_expr
from ..reading.source import LARGEST_EXPONENT
from .convert import Converter, entrywise, exact, size_number
from .elements import element, entries, kronecker, summed
from .objects import IndexSymbol, ScalarApplication, TensorExpr, refuse, shortened
from .views import WHOLE

Cell: TypeAlias = tuple[Expr, tuple[Any, ...]]

# SymPy's functions of one number by the names of ours; those of the same name are not listed.
SAME = frozenset({
    "exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf",
    "erfc", "sign", "floor", "gamma", "digamma", "sec", "csc", "cot", "sech", "csch", "coth", "asec", "acsc", "acot",
    "asech", "acsch", "acoth", "log1p", "expm1",
})  # fmt: skip
RENAMED = {"Abs": "abs", "loggamma": "lgamma", "Heaviside": "step", "re": "", "conjugate": ""}
RELATIONS = {
    sp.StrictGreaterThan: "greater", sp.GreaterThan: "greater_equal", sp.StrictLessThan: "less",
    sp.LessThan: "less_equal", sp.Equality: "equal", sp.Unequality: "not_equal",
}  # fmt: skip
ONE = Number(Fraction(1))


def scalar(value: Any, c: Converter) -> Cell:
    """The expression of a number; with it the bound indices that it depends on, which are its axes."""
    if value in c.local:
        return c.local[value], ()
    for kinds, convert in _RULES:
        if isinstance(value, kinds):
            return convert(value, c)
    if isinstance(value, sp.MatrixExpr):
        view = c.view(value)
        if view.sizes:
            return Subscript(view.expr, (Number(Fraction(0)),) * len(view.sizes)), ()
        return view.expr, ()
    if isinstance(value, TensorExpr):
        raise refuse(value, "an array of order 3 or more is no number.", "Use the functions of `sb.`.")
    raise _unsupported(value)


def _unsupported(value: Any) -> MissingRule:
    name = type(value).__name__
    return MissingRule(
        f"`{shortened(value)}`: SymPy's {name} is not supported here.",
        remedy="Write it with the functions that `sb.` has.",
    )


def join(function: str, cells: Sequence[Cell], c: Converter) -> Cell:
    """A function of numbers, entry by entry over all bound indices that occur."""
    used = tuple(b.symbol for b in c.bound if any(b.symbol in axes for _, axes in cells))
    return Call(function, tuple(aligned(expr, axes, used) for expr, axes in cells)), used


def aligned(expr: Expr, axes: tuple[Any, ...], wanted: tuple[Any, ...]) -> Expr:
    """The expression with new axes for the bound indices that it lacks; those in front NumPy adds by itself."""
    items: list[object] = [WHOLE if symbol in axes else None for symbol in wanted]
    while items and items[0] is None:
        items.pop(0)
    return Subscript(expr, tuple(items)) if None in items else expr


def folded(function: str, cells: Sequence[Cell], c: Converter) -> Cell:
    """A chain of a function of two numbers."""
    result = cells[0]
    for cell in cells[1:]:
        result = join(function, [result, cell], c)
    return result


# ---------------------------------------------------------------------- rules


def _number(value: Any, _: Converter) -> Cell:
    if not value.is_finite or not value.is_extended_real:
        raise refuse(value, "only finite real numbers can stand in a network.")
    return exact(value), ()


def _constant(value: Any, _: Converter) -> Cell:
    if value is sp.pi:
        return Name("pi"), ()
    if value is sp.E:
        return Call("exp", (ONE,)), ()
    raise _unsupported(value)


def _symbol(value: Any, c: Converter) -> Cell:
    if any(b.symbol == value for b in c.bound):
        bound = next(b for b in c.bound if b.symbol == value)
        low = size_expr(bound.low)
        stop = size_expr(bound.low + bound.length)
        args = (stop,) if bound.low.number == 0 else (low, stop)
        return Call("arange", args), (value,)
    if isinstance(value, IndexSymbol):
        return c.index(value.name), ()
    return Name(value.name), ()


def _add(value: Any, c: Converter) -> Cell:
    terms = sorted(value.args, key=lambda t: (_is_negative(t), not t.is_Number, isinstance(t, sp.Symbol)))
    if len(terms) > LONGEST_CHAIN:
        raise refuse(value, f"a sum of {len(terms)} terms.", "Name its parts with `net.define`.")
    result = c.scalar(terms[0])
    for term in terms[1:]:
        if _is_negative(term):
            result = join("subtract", [result, c.scalar(-term)], c)
        else:
            result = join("add", [result, c.scalar(term)], c)
    return result


def _is_negative(term: Any) -> bool:
    return bool(term.is_Number and term.is_negative) or bool(
        term.is_Mul and term.args[0].is_Number and term.args[0] < 0
    )


def _mul(value: Any, c: Converter) -> Cell:
    above: list[Any] = []
    below: list[Any] = []
    sign = 1
    for factor in value.args:
        if factor.is_Rational:
            sign = -sign if factor < 0 else sign
            above += [sp.Integer(abs(factor.p))] if abs(factor.p) != 1 else []
            below += [sp.Integer(factor.q)] if factor.q != 1 else []
        elif factor.is_Pow and _is_negative(factor.exp):
            below.append(sp.Pow(factor.base, -factor.exp, evaluate=False) if factor.exp != -1 else factor.base)
        else:
            above.append(factor)
    result: Cell = folded("multiply", [c.scalar(f) for f in above], c) if above else (ONE, ())
    if below:
        result = join("divide", [result, folded("multiply", [c.scalar(f) for f in below], c)], c)
    return join("negative", [result], c) if sign < 0 else result


def _pow(value: Any, c: Converter) -> Cell:
    base, exponent = value.base, value.exp
    if base is sp.E:
        return join("exp", [c.scalar(exponent)], c)
    if exponent.is_Number and abs(exponent) > LARGEST_EXPONENT:
        raise refuse(value, "the exponent is too large.", f"Exponents go to {LARGEST_EXPONENT}.")
    if exponent == sp.Rational(1, 2):
        return join("sqrt", [c.scalar(base)], c)
    if _is_negative(exponent):
        inner = c.scalar(base) if exponent == -1 else c.scalar(sp.Pow(base, -exponent, evaluate=False))
        return join("divide", [(ONE, ()), inner], c)
    return join("power", [c.scalar(base), c.scalar(exponent)], c)


def _application(value: Any, c: Converter) -> Cell:
    """A function of `sb.`: with bound indices inside, only one that works entry by entry."""
    moving = {b.symbol for b in c.bound} | set(c.local)
    if not (value.free_symbols & moving):
        return c.application(value).expr, ()
    if value.function == "subscript":
        base = c.array(value.arguments[0])
        return entries(base.expr, list(zip(value.arguments[1:], base.sizes, strict=True)), value, c)
    if not entrywise(value.function):
        raise refuse(value, "inside a sum or an applied function, functions work entry by entry.")
    call, axes = join(value.function, [c.scalar(a) for a in value.arguments], c)
    assert isinstance(call, Call)
    options = tuple((name, c.option(v)) for name, v in value.options)
    return Call(call.function, call.args, options, value.shown), axes


def _function(value: Any, c: Converter) -> Cell:
    """SymPy's own functions of one number."""
    for argument in value.args:
        if isinstance(argument, (sp.MatrixExpr, sp.MatrixBase, TensorExpr)) and getattr(argument, "shape", ()) != (
            1,
            1,
        ):
            name = type(value).__name__
            ours = RENAMED.get(name, name) or name
            raise refuse(
                value,
                f"SymPy's {name} takes one number, and this is an array.",
                f"Write `sb.{ours}(...)`, or `(...).applyfunc(sympy.{name})`.",
            )
    name = type(value).__name__
    if name in ("re", "conjugate"):
        return c.scalar(value.args[0])
    if name == "polygamma" and value.args[0] == 0:
        return join("digamma", [c.scalar(value.args[1])], c)
    if name == "ceiling":
        return join("negative", [join("floor", [c.scalar(-value.args[0])], c)], c)
    if name == "floor" and (known := size_number(value)) is not None:
        return known, ()
    ours = RENAMED.get(name, name if name in SAME else "")
    if ours and (len(value.args) == 1 or name == "Heaviside"):
        return join(ours, [c.scalar(value.args[0])], c)
    rewritten = value.rewrite(sp.exp)
    if rewritten != value and not rewritten.has(type(value)) and not rewritten.has(sp.I):
        return c.scalar(rewritten)
    raise _unsupported(value)


def _extreme(value: Any, c: Converter) -> Cell:
    function = "maximum" if isinstance(value, sp.Max) else "minimum"
    terms = sorted(value.args, key=lambda t: (bool(t.is_Number), sp.default_sort_key(t)))
    return folded(function, [c.scalar(t) for t in terms], c)


def _piecewise(value: Any, c: Converter) -> Cell:
    """`Piecewise((a, c1), ..., (z, True))` as nested choices; ReadError if it is not defined everywhere."""
    pairs: list[ExprCondPair] = list(value.args)
    if pairs[-1].cond != sp.true:
        raise refuse(value, "it must be defined everywhere.", "End it with `(..., True)`.")
    result = c.scalar(pairs[-1].expr)
    for pair in reversed(pairs[:-1]):
        result = join("where", [condition(pair.cond, c), c.scalar(pair.expr), result], c)
    return result


def condition(value: Any, c: Converter) -> Cell:
    """A relation, or several with And, Or, Not, as 1 or 0."""
    for kind, function in RELATIONS.items():
        if isinstance(value, kind):
            return join(function, [c.scalar(value.lhs), c.scalar(value.rhs)], c)
    if isinstance(value, sp.And):
        return folded("multiply", [condition(a, c) for a in sorted(value.args, key=sp.default_sort_key)], c)
    if isinstance(value, sp.Or):
        return folded("maximum", [condition(a, c) for a in sorted(value.args, key=sp.default_sort_key)], c)
    if isinstance(value, sp.Not):
        return join("subtract", [(ONE, ()), condition(value.args[0], c)], c)
    if isinstance(value, sp.ITE):
        return join("where", [condition(a, c) for a in value.args], c)
    if value in (sp.true, sp.false):
        return Number(Fraction(int(bool(value)))), ()
    raise _unsupported(value)


def _of_matrix(function: str) -> Callable[[Any, Converter], Cell]:
    def convert(value: Any, c: Converter) -> Cell:
        view = c.view(value.args[0])
        if not view.sizes:
            return view.expr, ()
        if len(view.sizes) == 1:
            view = view.made_real(True, True)
        return Call(function, (view.expr,)), ()

    return convert


def _dot(value: Any, c: Converter) -> Cell:
    return Call("matmul", tuple(c.view(a).expr for a in value.args)), ()


_RULES: tuple[tuple[Any, Callable[[Any, Converter], Cell]], ...] = (
    (ScalarApplication, _application),
    (sp.NumberSymbol, _constant),
    (sp.Number, _number),
    (sp.Symbol, _symbol),
    (sp.Add, _add),
    (sp.Mul, _mul),
    (sp.exp, _function),
    (sp.Pow, _pow),
    (MatrixElement, element),
    (sp.KroneckerDelta, kronecker),
    (sp.Sum, summed),
    (sp.Trace, _of_matrix("trace")),
    (sp.Determinant, _of_matrix("det")),
    ((sp.Max, sp.Min), _extreme),
    (sp.Piecewise, _piecewise),
    (sp.matrices.expressions.dotproduct.DotProduct, _dot),
    (sp.core.function.AppliedUndef, lambda v, _: _undefined(v)),
    (sp.Function, _function),
)


def _undefined(value: Any) -> Cell:
    raise refuse(value, f"`{type(value).__name__}` has no definition.", "Declare it with `net.function`.")
