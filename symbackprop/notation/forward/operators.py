"""Operators and the functions that have a sign of their own, as they stand on paper."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from ...expression import Call, Expr
from .. import tree as t
from ..precedence import opposite
from .common import Shape, integer, transposed

if TYPE_CHECKING:
    from .work import Forward

COMPARISONS = {
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
    "equal": "=",
    "not_equal": "!=",
}
ONES = t.Special("ones")
UNARY: dict[str, Callable[[t.Tree], t.Tree]] = {"sqrt": t.Sqrt, "abs": t.Abs, "norm2": t.Norm, "inv": t.Inv}


def _spread(work: Forward, tree: t.Tree, expr: Expr, target: Shape) -> t.Tree:
    """An operand repeated as NumPy repeats it: along the rows of a matrix as 1 bᵀ, along its columns as c 1ᵀ."""
    shape = work.shape_of(expr)
    if len(target) != 2 or not shape or shape == target:
        return tree
    if len(shape) == 1:
        return t.Prod((ONES, tree if work.is_row(expr) else transposed(tree)))
    return t.Prod((ONES, tree)) if shape[0] != target[0] else t.Prod((tree, t.Trans(ONES)))


def _added(work: Forward, call: Call, left: t.Tree, right: t.Tree) -> t.Tree:
    target = work.shape_of(call)
    first = _spread(work, left, call.args[0], target)
    sign = 1 if call.function == "add" else -1
    terms = first.terms if isinstance(first, t.Sum) else ((1, first),)
    return t.Sum((*terms, (sign, _spread(work, right, call.args[1], target))))


def _multiplied(work: Forward, call: Call, left: t.Tree, right: t.Tree) -> t.Tree:
    a, b = call.args
    if not (work.order(a) and work.order(b)):
        scalar = isinstance(a, Call) and a.function in ("matmul", "dot")  # (x^T y) c: a number of its own
        return t.Prod((left, right)) if scalar else _chained("juxtapose", left, right)
    target = work.shape_of(call)
    return _chained("hadamard", _spread(work, left, a, target), _spread(work, right, b, target))


def _divided(work: Forward, call: Call, left: t.Tree, right: t.Tree) -> t.Tree:
    a, b = call.args
    if work.order(b):
        target = work.shape_of(call)
        return t.Frac(_spread(work, left, a, target), _spread(work, right, b, target))
    halved = isinstance(right, t.Num) and isinstance(left, t.Prod) and any(isinstance(f, t.Trans) for f in left.factors)
    if (_simple(left) and not halved) or not _simple(right):
        return t.Frac(left, right)
    positive = opposite(left)
    whole = _chained("juxtapose", t.Frac(t.Num(Fraction(1)), right), left if positive is None else positive)
    return whole if positive is None else t.Sum(((-1, whole),))


def _matrix_product(work: Forward, call: Call, left: t.Tree, right: t.Tree) -> t.Tree:
    a, b = call.args
    orders = work.order(a), work.order(b)
    if orders == (1, 1):
        if work.is_row(a):
            return t.Prod((left, transposed(right) if work.is_row(b) else right))
        return t.Prod((right, left)) if work.is_row(b) else t.Prod((*_row_factors(work, a), right))
    if orders == (1, 2) and not work.is_row(a):
        factors = left.factors if isinstance(left, t.Prod) and left.op == "juxtapose" else (left,)
        return t.Prod((transposed(right), *factors))
    if orders == (2, 1) and work.is_row(b):
        return _chained("juxtapose", right, transposed(left))
    return _chained("juxtapose", left, right)


def _row_factors(work: Forward, expr: Expr) -> tuple[t.Tree, ...]:
    """The factors of the transpose of a column: of x @ A, which is Aᵀ x on paper, they are xᵀ and A."""
    if isinstance(expr, Call) and expr.function in ("matmul", "dot"):
        a, b = expr.args
        if work.order(a) == 1:
            return (*_row_factors(work, a), work.tree(b))
        if work.order(b) == 1:
            return (*_row_factors(work, b), transposed(work.tree(a)))
    if isinstance(expr, Call) and expr.function == "multiply" and not work.order(expr.args[0]):
        return (work.tree(expr.args[0]), *_row_factors(work, expr.args[1]))
    return (transposed(work.tree(expr)),)


def _negative(work: Forward, call: Call) -> t.Tree:
    return t.Sum(((-1, work.tree(call.args[0])),))


def _power(work: Forward, call: Call) -> t.Tree:
    base, exponent = call.args
    whole = integer(exponent)
    power = work.tree(exponent) if whole is None else t.Num(Fraction(whole))
    return t.Pow(work.tree(base), power, elementwise=work.order(base) > 0)


def _square(work: Forward, call: Call) -> t.Tree:
    return t.Pow(work.tree(call.args[0]), t.Num(Fraction(2)), elementwise=work.order(call.args[0]) > 0)


def _floor_divided(work: Forward, call: Call) -> t.Tree:
    return t.Call("floor", (t.Frac(work.tree(call.args[0]), work.tree(call.args[1])),))


def condition(work: Forward, expr: Expr) -> t.Tree:
    """A comparison as a relation; another number as `it = 1`."""
    if isinstance(expr, Call) and expr.function in COMPARISONS:
        left, right = expr.args
        return t.Relation(COMPARISONS[expr.function], work.tree(left), work.tree(right))
    return t.Relation("!=", work.tree(expr), t.Num(Fraction(0)))


def _where(work: Forward, call: Call) -> t.Tree:
    test, yes, no = call.args
    return t.Cases(((work.tree(yes), condition(work, test)), (work.tree(no), None)))


def _outer(work: Forward, call: Call) -> t.Tree:
    a, b = call.args
    return t.Prod((work.tree(a), transposed(work.tree(b))))


def _kron(work: Forward, call: Call) -> t.Tree:
    return t.Prod((work.tree(call.args[0]), work.tree(call.args[1])), "kron")


def _unary(work: Forward, call: Call) -> t.Tree:
    return UNARY[call.function](work.tree(call.args[0]))


def _expectation(work: Forward, call: Call) -> t.Tree:
    return t.Expectation(work.tree(call.args[0]))


def _chained(op: Literal["juxtapose", "hadamard"], left: t.Tree, right: t.Tree) -> t.Tree:
    """The product; the factors of one that stands to its left become its own."""
    factors = left.factors if isinstance(left, t.Prod) and left.op == op else (left,)
    return t.Prod((*factors, right), op)


def _simple(tree: t.Tree, depth: int = 3) -> bool:
    """Whether it is short enough to stand above a bar."""
    if isinstance(tree, (t.Sym, t.Num, t.Const)):
        return True
    if depth == 0:
        return False
    if isinstance(tree, (t.Trans, t.Sqrt, t.Pow, t.Index, t.Inv)):
        return _simple(tree.base, depth - 1)
    if isinstance(tree, t.Prod):
        return len(tree.factors) <= 3 and all(_simple(f, depth - 1) for f in tree.factors)
    return isinstance(tree, t.Sum) and len(tree.terms) <= 3 and all(_simple(x, depth - 1) for _, x in tree.terms)


# What is written between two sides; a chain of these may be thousands of operators long.
BINARY_RULES: dict[str, Callable[[Forward, Call, t.Tree, t.Tree], t.Tree]] = {
    "add": _added,
    "subtract": _added,
    "multiply": _multiplied,
    "divide": _divided,
    "matmul": _matrix_product,
    "dot": _matrix_product,
}
OPERATOR_RULES: dict[str, Callable[[Forward, Call], t.Tree]] = {
    "negative": _negative,
    "power": _power,
    "square": _square,
    "floordivide": _floor_divided,
    "where": _where,
    "outer": _outer,
    "kron": _kron,
    "E": _expectation,
    **dict.fromkeys(UNARY, _unary),
}
