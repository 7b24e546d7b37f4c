"""Trees to SymPy: scalar expressions, and matrix expressions up to order 2 with vectors as n x 1.

The only file here that imports SymPy. What SymPy has no form for raises MissingRule; nothing is simplified.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from ..errors import MissingRule
from . import tree as t

Sizes: TypeAlias = tuple[Any, ...]
Shape: TypeAlias = tuple[Any, Any] | None  # rows and columns; None: not known from above

SCALAR: Mapping[str, Any] = {
    **{f.__name__: f for f in (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.asin, sp.acos, sp.atan, sp.sinh, sp.cosh)},
    **{f.__name__: f for f in (sp.tanh, sp.asinh, sp.acosh, sp.atanh, sp.erf, sp.erfc, sp.sec, sp.csc, sp.cot)},
    **{f.__name__: f for f in (sp.erfi, sp.erfinv, sp.LambertW, sp.Ei, sp.Si, sp.Ci, sp.Shi, sp.Chi, sp.fresnels)},
    **{f.__name__: f for f in (sp.fresnelc, sp.airyai, sp.airyaiprime, sp.airybi, sp.airybiprime)},
    **{f.__name__: f for f in (sp.elliptic_k, sp.elliptic_e)},
    "sign": sp.sign,
    "floor": sp.floor,
    "gamma": sp.gamma,
    "lgamma": sp.loggamma,
    "digamma": sp.digamma,
    "trigamma": sp.trigamma,
}
# Our own heads, elementwise: SymPy's Heaviside, Max and Piecewise have other conventions at the kinks.
OWN: Mapping[str, Any] = {
    name: sp.Function(name)
    for name in ("sigmoid", "softplus", "relu", "step", "iszero", "normal_cdf", "normal_pdf", "selu", "gelu", "silu")
}


def to_sympy(
    tree: t.Tree,
    shapes: Callable[[str], Sizes],
    *,
    symbol: Callable[[str, Sizes], Any] | None = None,
    heads: Mapping[str, Callable[..., Any]] | None = None,
    index_base: int = 1,
    shape: Sizes | None = None,
) -> Any:
    """A SymPy Expr, or a MatrixExpr for vectors (n x 1) and matrices.

    `shapes` gives the sizes of a name as SymPy integers: () for a scalar or a size, (n,) for a vector, (1, n) for one
    that is a row on paper. `symbol(name, sizes)` makes the symbols, `heads` the functions that SymPy lacks, by name;
    `shape` is that of the whole, which only a formula of nothing but ones and zeros needs. Raises MissingRule.
    """
    printer = _Printer(shapes, symbol or _symbol, heads or {}, index_base)
    try:
        return _lone(printer.build(tree, None if shape is None else _two(shape)))
    except _Unsized:
        raise MissingRule("No SymPy form for ones or zeros whose size nothing tells.") from None


def _symbol(name: str, sizes: Sizes) -> Any:
    return sp.MatrixSymbol(name, *_two(sizes)) if sizes else sp.Symbol(name, real=True)


def _two(sizes: Sizes) -> Any:
    if len(sizes) > 2:
        raise MissingRule("SymPy has no arrays of order 3 and more that can be calculated with.")
    return sizes if len(sizes) == 2 else (sizes[0], sp.Integer(1)) if sizes else None


def _missing(tree: t.Tree) -> MissingRule:
    return MissingRule(f"No SymPy form for {type(tree).__name__}.")


def _lone(x: Any) -> Any:
    """A 1 x 1 product, such as xᵀ y, as a scalar."""
    if _is_matrix(x) and x.shape == (1, 1):
        return MatrixElement(x, sp.Integer(0), sp.Integer(0)) if isinstance(x, sp.MatrixExpr) else x[0, 0]
    return x


def _is_matrix(x: Any) -> bool:
    return isinstance(x, (sp.MatrixExpr, sp.MatrixBase))


class _Unsized(Exception):
    """Ones, zeros or an identity whose size only its surroundings can tell."""


class _Printer:
    def __init__(
        self,
        shapes: Callable[[str], Sizes],
        symbol: Callable[[str, Sizes], Any],
        heads: Mapping[str, Callable[..., Any]],
        index_base: int,
    ) -> None:
        self.shapes = shapes
        self.symbol = symbol
        self.heads = heads
        self.index_base = index_base

    def build(self, tree: t.Tree, want: Shape = None) -> Any:
        rule = RULES.get(type(tree))
        if rule is None:
            raise _missing(tree)
        return rule(self, tree, want)

    def scalar(self, tree: t.Tree) -> Any:
        x = _lone(self.build(tree))
        if _is_matrix(x):
            raise _missing(tree)
        return x

    def together(self, trees: list[t.Tree], want: Shape) -> list[Any]:
        """Operands of one shape: those that know theirs tell the others; scalars stay scalars."""
        built: dict[int, Any] = {}
        later: list[int] = []
        for i, tree in enumerate(trees):
            try:
                built[i] = self.build(tree, want)
            except _Unsized:
                later.append(i)
        shape = next((x.shape for x in built.values() if _is_matrix(x)), want)
        if later and shape is None:
            raise _Unsized
        for i in later:
            built[i] = self.build(trees[i], shape)
        return [built[i] for i in range(len(trees))]


def _sum(p: _Printer, tree: t.Sum, want: Shape) -> Any:
    terms = [(sign, term) for sign, term in tree.terms if term != t.Num(Fraction(0))]
    parts = p.together([term for _, term in terms], want)
    shape = next((x.shape for x in parts if _is_matrix(x) and x.shape != (1, 1)), None)
    if shape is None:
        return sp.Add(*(sign * _lone(x) for (sign, _), x in zip(terms, parts, strict=True)))
    whole = [x if _is_matrix(x) and x.shape != (1, 1) else _lone(x) * sp.OneMatrix(*shape) for x in parts]
    if any(x.shape != shape for x in whole):
        raise _missing(tree)
    return sp.MatAdd(*(sign * x for (sign, _), x in zip(terms, whole, strict=True)))


def _prod(p: _Printer, tree: t.Prod, want: Shape) -> Any:
    if tree.op == "hadamard":
        return _hadamard(p.together(list(tree.factors), want), tree)
    if tree.op == "dot":
        a, b = (p.build(f) for f in tree.factors)
        return _lone(a.T * b) if _is_matrix(a) else a * b
    if tree.op == "kron":
        return sp.KroneckerProduct(*(p.build(f) for f in tree.factors))
    if tree.op == "outer":
        raise _missing(tree)
    result: Any = sp.Integer(1)
    for i, factor in enumerate(tree.factors):
        result = _times(result, _factor(p, tree, i, factor, result, want), tree)
    return result


def _factor(p: _Printer, tree: t.Prod, i: int, factor: t.Tree, before: Any, want: Shape) -> Any:
    """A factor of a matrix product; ones and identities take their size from what stands beside them."""
    try:
        return p.build(factor)
    except _Unsized:
        pass
    rows = before.shape[1] if _is_matrix(before) else None if want is None else want[0]
    columns = None if want is None else want[1]
    for later in tree.factors[i + 1 :]:
        try:
            x = p.build(later)
        except _Unsized:
            continue
        if _is_matrix(x):
            columns = x.shape[0]
            break
    if factor == t.Special("ones"):
        columns = sp.Integer(1)
    elif factor == t.Trans(t.Special("ones")):
        rows = sp.Integer(1)
    elif rows is None or columns is None:
        rows = columns = rows if columns is None else columns
    if rows is None or columns is None:
        raise _Unsized
    return p.build(factor, (rows, columns))


def _times(a: Any, b: Any, tree: t.Tree) -> Any:
    if not (_is_matrix(a) and _is_matrix(b)):
        return a * b
    if a.shape[1] == b.shape[0]:
        return a * b
    if a.shape == (1, 1) or b.shape == (1, 1):
        return _lone(a) * _lone(b)
    raise _missing(tree)


def _hadamard(parts: list[Any], tree: t.Tree) -> Any:
    coefficient = sp.Mul(*(_lone(x) for x in parts if not _is_matrix(x) or x.shape == (1, 1)))
    arrays = [x for x in parts if _is_matrix(x) and x.shape != (1, 1)]
    if any(x.shape != arrays[0].shape for x in arrays):
        raise _missing(tree)
    if not arrays:
        return coefficient
    return coefficient * (sp.HadamardProduct(*arrays) if len(arrays) > 1 else arrays[0])


def _frac(p: _Printer, tree: t.Frac, want: Shape) -> Any:
    top, bottom = p.together([tree.top, tree.bottom], want)
    bottom = _lone(bottom)
    if not _is_matrix(bottom):
        return top / bottom
    return _hadamard([top, sp.HadamardPower(bottom, -1)], tree)


def _pow(p: _Printer, tree: t.Pow, want: Shape) -> Any:
    base, exponent = _lone(p.build(tree.base, want)), p.scalar(tree.exponent)
    if _is_matrix(base) and tree.elementwise:
        return sp.HadamardPower(base, exponent)
    if _is_matrix(base) and base.shape[0] != base.shape[1]:
        raise _missing(tree)
    return base**exponent


def _trans(p: _Printer, tree: t.Trans, want: Shape) -> Any:
    x = p.build(tree.base, None if want is None else (want[1], want[0]))
    return x.T if _is_matrix(x) else x


def _call(p: _Printer, tree: t.Call, want: Shape) -> Any:
    name = tree.function
    if name in p.heads and not tree.primes:
        return p.heads[name](*(p.build(arg) for arg in tree.args))
    if name in MATRIX and len(tree.args) == 1 and not tree.primes and not tree.sub:
        return MATRIX[name](p.build(tree.args[0]))
    function = SCALAR.get(name) or OWN.get(name)
    if function is None or (tree.primes and name in OWN) or len(tree.args) != 1 or tree.sub:
        raise MissingRule(f"No SymPy form for the function {name}.")
    if tree.primes:
        u = sp.Dummy("u", real=True)
        function = sp.Lambda(u, sp.diff(function(u), u, tree.primes))
    x = _lone(p.build(tree.args[0], want))
    return x.applyfunc(function) if _is_matrix(x) else function(x)


def _diagonal(x: Any) -> Any:
    return sp.DiagMatrix(x) if 1 in x.shape else sp.DiagonalOf(x)


def _total(x: Any) -> Any:
    return _lone(sp.OneMatrix(1, x.shape[0]) * x * sp.OneMatrix(x.shape[1], 1)) if _is_matrix(x) else x


MATRIX: Mapping[str, Callable[[Any], Any]] = {
    "trace": sp.Trace,
    "tr": sp.Trace,
    "det": sp.Determinant,
    "logdet": lambda x: sp.log(sp.Abs(sp.Determinant(x))),
    "diag": _diagonal,
    "inv": sp.Inverse,
    "transpose": sp.Transpose,
    "sum": _total,
    "mean": lambda x: _total(x) / (x.shape[0] * x.shape[1]) if _is_matrix(x) else x,
}


def _norm(p: _Printer, tree: t.Norm, _want: Shape) -> Any:
    x = _lone(p.build(tree.base))
    if not _is_matrix(x):
        return sp.Abs(x)
    return sp.sqrt(_lone(x.T * x) if x.shape[1] == 1 else sp.Trace(x.T * x))


def _abs(p: _Printer, tree: t.Abs, want: Shape) -> Any:
    x = _lone(p.build(tree.base, want))
    return x.applyfunc(sp.Abs) if _is_matrix(x) else sp.Abs(x)


def _indicator(p: _Printer, tree: t.Indicator, want: Shape) -> Any:
    """1[a > b] as step(a - b), with step(0) = 0, and the others from it."""
    relation = tree.condition
    if not isinstance(relation, t.Relation) or relation.op not in (">", "<", ">=", "<=", "=", "!="):
        raise _missing(tree)
    left, right = relation.left, relation.right
    if relation.op in ("<", ">="):
        left, right = right, left
    difference = p.build(t.Sum(((1, left), (-1, right))), want)
    head = p.heads.get("iszero", OWN["iszero"]) if relation.op in ("=", "!=") else p.heads.get("step", OWN["step"])
    x = _lone(difference)
    value = x.applyfunc(head) if _is_matrix(x) else head(x)
    if relation.op not in ("<=", ">=", "!="):
        return value
    return sp.OneMatrix(*x.shape) - value if _is_matrix(x) else 1 - value


def _index(p: _Printer, tree: t.Index, _want: Shape) -> Any:
    base = p.build(tree.base)
    if not _is_matrix(base) or any(isinstance(s, t.Range) for s in tree.subscripts):
        raise _missing(tree)
    at = [p.scalar(s) - p.index_base for s in tree.subscripts]
    if len(at) == 1 and 1 in base.shape:
        at = [at[0], sp.Integer(0)] if base.shape[1] == 1 else [sp.Integer(0), at[0]]
    if len(at) != 2:
        raise _missing(tree)
    return MatrixElement(base, *at) if isinstance(base, sp.MatrixExpr) else base[tuple(at)]


def _big_sum(p: _Printer, tree: t.BigSum, _want: Shape) -> Any:
    body = p.scalar(tree.body)
    limits: list[tuple[Any, Any, Any]] = []
    for name, first, last in tree.indices:
        start = p.index_base if first is None else p.scalar(first)
        length: Any = _length(p, tree.body, name) if last is None else 0
        if length is None:
            raise _missing(tree)
        limits.append(
            (sp.Symbol(name, integer=True), start, p.index_base + length - 1 if last is None else p.scalar(last))
        )
    return sp.Sum(body, *limits)


def _length(p: _Printer, body: t.Tree, name: str) -> Any:
    """The length of the axis that a letter without bounds runs over: that of an array which it indexes."""
    stack: list[Any] = [body]
    while stack:
        part = stack.pop()
        if isinstance(part, t.Index) and isinstance(part.base, (t.Sym, t.Delta)):
            sizes = p.shapes(part.base.name if isinstance(part.base, t.Sym) else part.base.of)
            for size, subscript in zip(sizes, part.subscripts, strict=False):
                if subscript == t.Letter(name):
                    return size
        elif isinstance(part, tuple):
            stack.extend(part)
        if dataclasses.is_dataclass(part):
            stack.extend(getattr(part, f.name) for f in dataclasses.fields(part))
    return None


def _special(_p: _Printer, tree: t.Special, want: Shape) -> Any:
    if tree.name == "commutation":
        raise _missing(tree)
    shape = want
    if tree.size is not None:
        size = _p.scalar(tree.size)
        shape = (size, sp.Integer(1)) if tree.name == "ones" else (size, size)
    if shape is None:
        raise _Unsized
    if tree.name == "eye":
        return sp.Identity(shape[0])
    return sp.OneMatrix(*shape) if tree.name == "ones" else sp.ZeroMatrix(*shape)


def _cases(p: _Printer, tree: t.Cases, _want: Shape) -> Any:
    relations = {"=": sp.Eq, "!=": sp.Ne, "<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge}
    pieces: list[tuple[Any, Any]] = []
    for value, condition in tree.pieces:
        if condition is not None and not (isinstance(condition, t.Relation) and condition.op in relations):
            raise _missing(tree)
        test: Any = True
        if isinstance(condition, t.Relation):
            test = relations[condition.op](p.scalar(condition.left), p.scalar(condition.right))
        pieces.append((p.scalar(value), test))
    return sp.Piecewise(*pieces)


def _block(p: _Printer, tree: t.Block, _want: Shape) -> Any:
    """The Hessian block of two scalars or vectors, by a name of its own."""
    first, second = p.shapes(tree.row), p.shapes(tree.column)
    if len(first) > 1 or len(second) > 1:
        raise _missing(tree)
    sizes = (*(first or (sp.Integer(1),)), *(second or (sp.Integer(1),)))
    return p.symbol(f"H_{tree.row}_{tree.column}", sizes if first or second else ())


RULES: Mapping[type, Callable[[_Printer, Any, Shape], Any]] = {
    t.Num: lambda _p, tree, _want: sp.Rational(tree.value.numerator, tree.value.denominator),
    t.Const: lambda _p, tree, _want: {"pi": sp.pi, "e": sp.E}[tree.name],
    t.Sym: lambda p, tree, _want: p.symbol(tree.name, p.shapes(tree.name)),
    t.Delta: lambda p, tree, _want: p.symbol(f"delta_{tree.of}", p.shapes(tree.of)),
    t.Block: _block,
    t.Letter: lambda _p, tree, _want: sp.Symbol(tree.name, integer=True),
    t.Special: _special,
    t.Sum: _sum,
    t.Prod: _prod,
    t.Frac: _frac,
    t.Pow: _pow,
    t.Trans: _trans,
    t.Inv: lambda p, tree, want: p.build(tree.base, want) ** -1,
    t.Call: _call,
    t.Norm: _norm,
    t.Abs: _abs,
    t.Sqrt: lambda p, tree, want: _pow(p, t.Pow(tree.base, t.Num(Fraction(1, 2)), elementwise=True), want),
    t.Indicator: _indicator,
    t.Index: _index,
    t.BigSum: _big_sum,
    t.Cases: _cases,
    t.Grid: lambda p, tree, _want: sp.Matrix([[p.scalar(cell) for cell in cells] for cells in tree.rows]),
}
