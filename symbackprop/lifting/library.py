"""NumPy's functions on values, by their names. What is not in the table is refused by name."""

from __future__ import annotations

from fractions import Fraction

from ..errors import ReadError, SymbackpropError
from ..functions.positions import Integers, counted
from ..functions.shapes import axes_of as checked_axes
from ..functions.shapes import widened_to
from ..tensor.normal import apply, number
from ..tensor.size import size
from ..tensor.terms import Term, constant, symbol
from .arguments import Arguments, Handler, array_of, axes_of, shape_of, size_of, sort_named, truth, whole_number
from .arrays import binary, built, chosen_by, common_sort, filled, inverted, negative, sort_of, term_of
from .shaping import SHAPING, copied
from .subscripts import added_at
from .values import Array, Items, Positions, Sort, Value

EMPTY = "@empty"

SAME_NAME = (
    "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sign", "sqrt", "square", "log1p", "expm1", "log2",
    "log10", "ceil", "floor", "abs",
)  # fmt: skip
OTHER_NAME = {
    "absolute": "abs", "fabs": "abs", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh", "reciprocal": "reciprocal", "negative": "negative",
}  # fmt: skip
BINARY = {
    "add": "add", "subtract": "subtract", "multiply": "multiply", "divide": "divide", "true_divide": "divide",
    "power": "power", "float_power": "power", "greater": "greater", "greater_equal": "greater_equal", "less": "less",
    "less_equal": "less_equal", "equal": "equal", "not_equal": "not_equal", "logical_and": "and", "logical_or": "or",
    "bitwise_and": "and", "bitwise_or": "or", "dot": "dot", "matmul": "matmul", "floor_divide": "floordivide",
}  # fmt: skip
REDUCTIONS = ("sum", "mean", "var", "std", "max", "min")


def _mapped(row: str) -> Handler:
    def build(call: Arguments) -> Value:
        (x,) = call.bound("x")
        if row == "negative":
            return negative(x)
        if row == "reciprocal":
            return binary("divide", Fraction(1), x)
        keeps = row in ("abs", "sign", "square")
        return Array(built(row, term_of(x)), common_sort(x) if keeps else "float")

    return build


def _binary(op: str) -> Handler:
    def build(call: Arguments) -> Value:
        x, y = call.bound("x1", "x2", needed=2)
        return binary(op, _listed(x), _listed(y))

    return build


def _listed(value: Value) -> Value:
    """A list as the array that NumPy makes of it."""
    return array_of(value) if isinstance(value, Items) else value


def _reduction(row: str) -> Handler:
    def build(call: Arguments) -> Value:
        if row in ("var", "std"):
            x, axis, dtype, ddof, keep = call.bound("a", "axis", "dtype", "ddof", "keepdims", ddof=0)
            sort_named(dtype)
            term, axes = term_of(x), axes_of(axis)
            found = built(row, term, axis=axes, ddof=whole_number(ddof), keepdims=truth(keep))
            return Array(found)
        names = ("a", "axis", "keepdims") if row in ("max", "min") else ("a", "axis", "dtype", "keepdims")
        bound = dict(zip(names, call.bound(*names), strict=True))
        sort_named(bound.get("dtype"))
        x = _listed(bound["a"])
        found = built(row, term_of(x), axis=axes_of(bound["axis"]), keepdims=truth(bound["keepdims"]))
        sort: Sort = "float" if row == "mean" or sort_of(x) == "float" else sort_of(x)
        return Array(found, "int" if sort == "bool" and row == "sum" else sort)

    return build


def _extreme(row: str) -> Handler:
    def build(call: Arguments) -> Value:
        x, y = call.bound("x1", "x2", needed=2)
        a, b = term_of(_listed(x)), term_of(_listed(y))
        zero = number(0)
        if row == "maximum" and (a is zero or b is zero):
            return Array(apply("relu", [b if a is zero else a]), common_sort(x, y))
        return Array(built(row, a, b), common_sort(x, y))

    return build


def _where(call: Arguments) -> Value:
    condition, x, y = call.bound("condition", "x", "y", needed=3)
    return chosen_by(condition, x, y)


def _heaviside(call: Arguments) -> Value:
    x, at_zero = call.terms(2)
    return Array(built("add", apply("step", [x]), built("multiply", at_zero, apply("iszero", [x]))))


def _clip(call: Arguments) -> Value:
    x, low, high = call.bound("a", "a_min", "a_max", needed=1)
    term = term_of(x)
    if low is not None:
        term = built("maximum", term, term_of(low))
    return Array(term if high is None else built("minimum", term, term_of(high)))


def _outer(call: Arguments) -> Value:
    x, y = call.terms(2)
    return Array(built("outer", x, y))


def _row(name: str, count: int = 1) -> Handler:
    def build(call: Arguments) -> Value:
        return Array(built(name, *call.terms(count)))

    return build


def _einsum(call: Arguments) -> Value:
    text = call.args[0] if call.args else None
    if not isinstance(text, str):
        raise ReadError("`einsum` begins with a string such as `'ij,jk->ik'`.")
    return Array(built("einsum", text, *(term_of(value) for value in call.args[1:])))


def _tensordot(call: Arguments) -> Value:
    x, y, axes = call.bound("a", "b", "axes", needed=2, axes=2)
    a, b = term_of(x), term_of(y)
    if isinstance(axes, int):
        first, second = tuple(range(len(a.sizes) - axes, len(a.sizes))), tuple(range(axes))
    elif isinstance(axes, Items) and len(axes.items) == 2:
        first, second = (checked_axes(axes_of(part), len(t.sizes)) for part, t in zip(axes.items, (a, b), strict=True))
    else:
        raise ReadError("`axes` of tensordot is a number or a pair.")
    letters = "abcdefghijklmnopqrstuvwxyz"
    of_a = list(letters[: len(a.sizes)])
    of_b = list(letters[len(a.sizes) : len(a.sizes) + len(b.sizes)])
    for i, j in zip(first, second, strict=True):
        of_b[j] = of_a[i]
    output = [l for k, l in enumerate(of_a) if k not in first] + [l for k, l in enumerate(of_b) if k not in second]
    return Array(built("einsum", f"{''.join(of_a)},{''.join(of_b)}->{''.join(output)}", a, b))


def _norm(call: Arguments) -> Value:
    x, _, axis, keep = call.bound("x", "ord", "axis", "keepdims")
    if call.options.get("ord") not in (None, 2) or len(call.args) > 1:
        raise ReadError("only the Euclidean norm is read.")
    squared = built("sum", built("square", term_of(x)), axis=axes_of(axis), keepdims=truth(keep))
    return Array(built("sqrt", squared))


def _inner(call: Arguments) -> Value:
    x, y = call.terms(2)
    if len(y.sizes) > 1:
        y = built("transpose", y, *range(len(y.sizes) - 2), len(y.sizes) - 1, len(y.sizes) - 2)
    return Array(built("dot", x, y))


def _vdot(call: Arguments) -> Value:
    x, y = (built("reshape", t, size(-1)) for t in call.terms(2))
    return Array(built("dot", x, y))


def _solve(call: Arguments) -> Value:
    a, b = call.terms(2)
    return Array(built("matmul", built("inv", a), b))


# ------------------------------------------------------------------ new arrays


def _new(value: int | None) -> Handler:
    def build(call: Arguments) -> Value:
        shape, dtype = call.bound("shape", "dtype")
        sizes = shape_of(shape)
        if value is None:
            return Array(symbol(EMPTY, sizes), sort_named(dtype))
        return filled(value, sizes, sort_named(dtype))

    return build


def _new_like(value: int | None) -> Handler:
    def build(call: Arguments) -> Value:
        x, dtype = call.bound("a", "dtype")
        sort = sort_named(dtype, sort_of(x))
        sizes = term_of(x).sizes if not isinstance(x, Positions) else x.integers.sizes
        return Array(symbol(EMPTY, sizes), sort) if value is None else filled(value, sizes, sort)

    return build


def _full(like: bool) -> Handler:
    def build(call: Arguments) -> Value:
        shape, value, dtype = call.bound("a" if like else "shape", "fill_value", "dtype", needed=2)
        sizes = term_of(shape).sizes if like else shape_of(shape)
        sort = sort_named(dtype, sort_of(shape) if like else sort_of(value))
        return Array(widened_to(term_of(value), sizes), sort)

    return build


def _eye(call: Arguments) -> Value:
    n, m, k, dtype = call.bound("N", "M", "k", "dtype")
    if k not in (None, 0):
        raise ReadError("only the main diagonal of `eye` is read.")
    return Array(built("eye", size_of(n), None if m is None else size_of(m)), sort_named(dtype))


def _arange(call: Arguments) -> Value:
    bounds = call.bound("start", "stop", "step", "dtype")
    sort = sort_named(bounds[3], "int")
    found = counted([size_of(b) for b in bounds[:3] if b is not None])
    return Positions(found) if sort == "int" else Array(found.term())


def _array(call: Arguments) -> Value:
    x, dtype = call.bound("object", "dtype")
    if isinstance(x, Positions) or (isinstance(x, Array) and dtype is None):
        return copied(x)
    found = array_of(x)
    sort = sort_named(dtype, found.sort)
    return Array(found.term, sort, literal=found.literal)


def _asarray(call: Arguments) -> Value:
    x, dtype = call.bound("a", "dtype")
    return _array(call) if dtype is not None or not isinstance(x, (Array, Positions)) else x


def _copy(call: Arguments) -> Value:
    return copied(call.bound("a")[0])


def _add_at(call: Arguments) -> Value:
    x, items, value = call.bound("a", "indices", "b", needed=3)
    if not isinstance(x, Array):
        raise ReadError("`np.add.at` changes an array.")
    error: SymbackpropError = ReadError("this array shares memory with one that `np.add.at` changed.")
    added_at(x, items.items if isinstance(items, Items) and items.fixed else [items], value, error)
    return None


def integers_of(value: Value) -> Integers | None:
    """The positions that a value is, or None."""
    return value.integers if isinstance(value, Positions) else None


NUMPY: dict[str, Handler] = {
    **{name: _mapped(name) for name in SAME_NAME},
    **{name: _mapped(row) for name, row in OTHER_NAME.items()},
    **{name: _binary(op) for name, op in BINARY.items()},
    **{name: _reduction(name) for name in REDUCTIONS},
    "amax": _reduction("max"), "amin": _reduction("min"),
    "maximum": _extreme("maximum"), "minimum": _extreme("minimum"), "fmax": _extreme("maximum"),
    "fmin": _extreme("minimum"), "where": _where, "heaviside": _heaviside, "clip": _clip, "outer": _outer,
    "trace": _row("trace"), "diag": _row("diag"), "kron": _row("kron", 2), "vdot": _vdot,
    "inner": _inner, "linalg.inv": _row("inv"), "linalg.det": _row("det"), "linalg.norm": _norm,
    "linalg.solve": _solve, "einsum": _einsum, "tensordot": _tensordot, "logical_not": lambda call: inverted(
        call.bound("x")[0]
    ),
    **SHAPING,
    "zeros": _new(0), "ones": _new(1), "empty": _new(None), "zeros_like": _new_like(0), "ones_like": _new_like(1),
    "empty_like": _new_like(None), "full": _full(False), "full_like": _full(True), "eye": _eye, "identity": _eye,
    "arange": _arange, "array": _array, "asarray": _asarray, "copy": _copy, "add.at": _add_at,
    "float64": lambda call: copied(call.bound("x")[0]), "float32": lambda call: copied(call.bound("x")[0]),
}  # fmt: skip  # a table
CONSTANTS: dict[str, Term] = {"pi": constant("pi"), "e": apply("exp", [number(1)])}
