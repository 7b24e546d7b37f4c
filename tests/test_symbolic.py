"""Right-hand sides in SymPy: each means what its NumPy form in a network file means."""

from __future__ import annotations

from typing import Any

import pytest
import sympy as sp
from sympy.matrices.expressions.diagonal import DiagMatrix, DiagonalMatrix, DiagonalOf
from sympy.matrices.expressions.dotproduct import DotProduct

import symbackprop as sb
from symbackprop.errors import MissingRule, ReadError, ShapeError, SymbackpropError
from symbackprop.functions import FUNCTIONS
from symbackprop.functions.source import source
from symbackprop.symbolic import FUNCTION_NAMES, size_of, sympy_size, to_expr
from symbackprop.tensor.size import Size, size

d, h, k, m, n, c, e, v = sb.dims("d h k m n c e v")
i, j, l = sp.symbols("i j l", integer=True)

DECLARED = """
x: input(d)
y: input(d)
u: input(h)
z: input(n)
W: parameter(h, d)
B: parameter(d, d)
M: input(d, 1)
P: input(1, d)
s: parameter()
t: parameter()
r: index(of=d)
rs: index(n, of=d, repeat=True)
T: input(2, h, d)
"""


def declared() -> tuple[sb.Network, dict[str, Any]]:
    net = sb.Network()
    symbols = {
        "x": net.input("x", d),
        "y": net.input("y", d),
        "u": net.input("u", h),
        "z": net.input("z", n),
        "W": net.parameter("W", (h, d)),
        "B": net.parameter("B", (d, d)),
        "M": net.input("M", (d, 1)),
        "P": net.input("P", (1, d)),
        "s": net.parameter("s"),
        "t": net.parameter("t"),
        "r": net.index("r", of=d),
        "rs": net.index("rs", n, of=d, repeat=True),
        "T": net.input("T", (2, h, d)),
    }
    return net, symbols


NET, S = declared()
x, y, u, z, W, B, M, P, s, t, r, rs, T = S.values()


def agrees(expr: Any, formula: str) -> None:
    """Assert that the SymPy expression and the formula are one term."""
    net, _ = declared()
    net.define("q", expr)
    net.loss("J", s)
    file = sb.Network.parse(f"{DECLARED}q = {formula}\nJ: loss = s")
    ours, theirs = net.model.equations["q"].term, file.model.equations["q"].term
    assert ours is theirs, f"{ours} is not {theirs}"
    assert net == file


MATRICES: list[tuple[Any, str]] = [
    (W * x, "W @ x"),
    (x.T * W.T, "W @ x"),
    (x.T * y, "x @ y"),
    ((x.T * y)[0, 0], "x @ y"),
    (x * y.T, "outer(x, y)"),
    (x * y.T * x, "outer(x, y) @ x"),
    (x.T * B * y, "x @ B @ y"),
    (2 * x.T * x, "2 * (x @ x)"),
    (-W * x / 3, "-(W @ x) / 3"),
    (s * x + t * y, "s * x + t * y"),
    (x * (x.T * y), "x * (x @ y)"),
    ((x.T * y) * (y.T * y), "(x @ y) * (y @ y)"),
    ((x.T * y) ** 3, "(x @ y)**3"),
    ((x.T * y) ** -1, "1 / (x @ y)"),
    (W + W, "2 * W"),
    (x - y, "x - y"),
    (W.T, "W.T"),
    (B.T.T, "B"),
    (B.I * x, "inv(B) @ x"),
    (B**2 * x, "B @ B @ x"),
    (B**-2, "inv(B) @ inv(B)"),
    (sp.Inverse(B), "inv(B)"),
    (sp.Trace(B), "trace(B)"),
    (sp.Trace(x * x.T), "trace(outer(x, x))"),
    (sp.Determinant(B), "det(B)"),
    (sp.log(sp.Determinant(B) ** 2), "log(det(B)**2)"),
    (sp.HadamardProduct(x, y), "x * y"),
    (sp.HadamardProduct(W, W, W), "W**3"),
    (sp.HadamardPower(x, 2), "x**2"),
    (sp.HadamardPower(x, sp.Rational(1, 2)), "x**0.5"),
    (sp.HadamardPower(W, s), "W**s"),
    (DiagMatrix(x) * y, "x * y"),
    (DiagMatrix(x), "diag(x)"),
    (DiagonalOf(B), "diag(B)"),
    (DiagonalMatrix(B), "diag(diag(B))"),
    (sp.Identity(d) * x, "x"),
    (B + sp.Identity(d), "B + eye(d)"),
    (W * sp.OneMatrix(d, 1), "sum(W, axis=1)"),
    (sp.OneMatrix(1, h) * W, "sum(W, axis=0)"),
    (W + sp.OneMatrix(h, d), "W + 1"),
    (W + 3 * sp.ZeroMatrix(h, d), "W"),
    (sp.KroneckerProduct(B, W), "kron(B, W)"),
    (sp.KroneckerProduct(x, u), "kron(x, u)"),
    (sp.KroneckerProduct(x, u.T), "kron(x[:, None], u[None])"),
    (W.applyfunc(sp.tanh), "tanh(W)"),
    ((W * x).applyfunc(sp.exp), "exp(W @ x)"),
    (x.applyfunc(sp.Lambda(l, l**2 + s)), "x**2 + s"),
    (x.applyfunc(sb.gelu), "gelu(x)"),
    (W[0:2, :] * x, "W[:2] @ x"),
    (W[:, 1], "W[:, 1]"),
    (W[1, :] * x, "W[1] @ x"),
    (W[:, 1:3], "W[:, 1:3]"),
    (sp.OneMatrix(1, d) * x, "sum(x)"),
    (sp.OneMatrix(1, 1) + x.T * y, "1 + x @ y"),
    (sp.Matrix([s, t]), "[s, t]"),
    (sp.Matrix([[s, t]]), "[s, t]"),
    (sp.Matrix([[s, t], [t, 1]]), "[[s, t], [t, 1]]"),
    (sp.Adjoint(B) * x, "B.T @ x"),
    (sp.sqrt(d) * x / s, "sqrt(d) * x / s"),
]


@pytest.mark.parametrize(("expr", "formula"), MATRICES, ids=[f for _, f in MATRICES])
def test_matrix_expressions(expr: Any, formula: str) -> None:
    agrees(expr, formula)


VIRTUAL: list[tuple[Any, str]] = [
    (x + M, "x[:, None] + M"),
    (M + x, "x[:, None] + M"),
    (M * x.T, "M @ x[None]"),
    (x * P, "x[:, None] @ P"),
    (P * x, "P @ x"),
    (M.T * x, "M.T @ x"),
    (x.T * M, "x @ M"),
    (x.T * M + P * x, "(x @ M)[None] + (P @ x)[:, None]"),
    (x.T * B + P, "(x @ B)[None] + P"),
    (sp.HadamardProduct(x, M), "x[:, None] * M"),
    (M.T * M, "M.T @ M"),
    (sp.OneMatrix(n, 1) * x.T, "ones(n, 1) @ x[None]"),
    (M + sp.OneMatrix(d, 1), "M + 1"),
    (M * sp.OneMatrix(1, n), "M @ ones(1, n)"),
    (P * sp.OneMatrix(d, 1), "sum(P, axis=1)"),
    (z * sp.OneMatrix(1, d), "z[:, None] @ ones(1, d)"),
    (z * x.T * B + sb.rows(y, n), "outer(z, x) @ B + y"),
    (z * x.T * B + sp.OneMatrix(n, 1) * y.T, "outer(z, x) @ B + y"),
    ((z * x.T - sb.rows(y, n)).T, "(outer(z, x) - y).T"),
    (sb.rows(x, n), "ones(n, 1) * x"),
]


@pytest.mark.parametrize(("expr", "formula"), VIRTUAL, ids=[f for _, f in VIRTUAL])
def test_virtual_axes_follow_products_and_transposes_and_become_real_where_they_meet_real_ones(
    expr: Any, formula: str
) -> None:
    agrees(expr, formula)


def test_at_a_node_virtual_axes_are_dropped() -> None:
    net, _ = declared()
    shapes = {
        "a": (net.define("a", x.T * x), ()),
        "b": (net.define("b", W * x), ("h",)),
        "f": (net.define("f", x.T * W.T), ("h",)),
        "g": (net.define("g", x * y.T), ("d", "d")),
        "p": (net.define("p", x + M), ("d", "1")),
    }
    net.loss("J", s)
    for name, (symbol, sizes) in shapes.items():
        assert tuple(map(str, net.model.equations[name].term.sizes)) == sizes
        assert symbol == net[name]
    assert shapes["a"][0] == sp.Symbol("a", real=True)
    assert shapes["f"][0].shape == (h, 1)


def test_a_row_bias_prints_as_people_write_it() -> None:
    net = sb.Network()
    X, A, b = net.input("X", (n, d)), net.parameter("A", (d, h)), net.parameter("b", h)
    net.define("q", X * A + sb.rows(b, n))
    assert source(net._draft.equations["q"].expr) == "X @ A + b"
    net.define("p", sb.rows(b, n) - X * A)
    assert source(net._draft.equations["p"].expr) == "b - X @ A"


SCALARS: list[tuple[Any, str]] = [
    (s + t, "s + t"),
    (1 - s, "1 - s"),
    (s * t / 2, "s * t / 2"),
    (-s, "-s"),
    (s**3, "s**3"),
    (s**-2, "s**-2"),
    (1 / s, "1 / s"),
    (sp.sqrt(s), "sqrt(s)"),
    (1 / sp.sqrt(s), "1 / sqrt(s)"),
    (s**t, "s**t"),
    (2**s, "2**s"),
    (sp.exp(-s), "exp(-s)"),
    (sp.E * s, "exp(1) * s"),
    (sp.pi * s, "pi * s"),
    (sp.Float("0.1") * s, "0.1 * s"),
    (sp.Rational(1, 3) * s, "s / 3"),
    (sp.Abs(s), "abs(s)"),
    (sp.sign(s), "sign(s)"),
    (sp.Heaviside(s), "step(s)"),
    (sp.Heaviside(s, 1), "step(s)"),
    (sp.Max(s, 0), "relu(s)"),
    (sp.Max(s, t), "maximum(s, t)"),
    (sp.Min(s, t), "minimum(s, t)"),
    (sp.Piecewise((s, s > 0), (sp.exp(s) - 1, True)), "where(s > 0, s, exp(s) - 1)"),
    (sp.Piecewise((0, s < 0), (s, s < 1), (1, True)), "where(s < 0, 0, where(s < 1, s, 1))"),
    (sp.Piecewise((s, sp.And(s > 0, t > 0)), (t, True)), "where((s > 0) * (t > 0), s, t)"),
    (sp.Piecewise((s, sp.Or(s > 0, t > 0)), (t, True)), "where(maximum(s > 0, t > 0), s, t)"),
    (sp.floor(s), "floor(s)"),
    (sp.ceiling(s), "-floor(-s)"),
    (sp.loggamma(s), "lgamma(s)"),
    (sp.digamma(s), "digamma(s)"),
    (s / d, "s / d"),
    (s * sp.floor(d / 2), "s * (d // 2)"),
    (s * (d - 1), "s * (d - 1)"),
    (x[0, 0] * W[1, 2], "x[0] * W[1, 2]"),
    (x[r, 0], "x[r]"),
    (W[1, r] * s, "W[1, r] * s"),
    (x[d - 1, 0], "x[d - 1]"),
    (DotProduct(x, y), "x @ y"),
    ((W * x)[1, 0], "(W @ x)[1]"),
]


@pytest.mark.parametrize(("expr", "formula"), SCALARS, ids=[f for _, f in SCALARS])
def test_scalar_expressions(expr: Any, formula: str) -> None:
    agrees(expr, formula)


ONE_NUMBER = (
    "exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf",
    "erfc", "gamma", "sec", "csc", "cot", "sech", "csch", "coth", "asec", "acsc", "acot", "asech", "acsch", "acoth",
)  # fmt: skip


@pytest.mark.parametrize("name", ONE_NUMBER)
def test_sympys_functions_of_one_number(name: str) -> None:
    agrees(getattr(sp, name)(s * t), f"{name}(s * t)")
    agrees(x.applyfunc(getattr(sp, name)), f"{name}(x)")


SUMS: list[tuple[Any, str]] = [
    (sp.Sum(x[i, 0], (i, 0, d - 1)), "sum(x)"),
    (sp.Sum(W[i, j] * x[j, 0] * u[i, 0], (j, 0, d - 1), (i, 0, h - 1)), "u @ W @ x"),
    (sp.Sum(B[j, i] * x[i, 0] * y[j, 0], (i, 0, d - 1), (j, 0, d - 1)), "y @ B @ x"),
    (sp.Sum(B[i, i], (i, 0, d - 1)), "trace(B)"),
    (sp.Sum(sp.exp(x[i, 0]) * x[i, 0] ** 2, (i, 0, d - 1)), "sum(exp(x) * x**2)"),
    (sp.log(sp.Sum(sp.exp(x[i, 0]), (i, 0, d - 1))), "log(sum(exp(x)))"),
    (sp.Sum(z[i, 0] * z[i + 1, 0], (i, 0, n - 2)), "sum(z[:-1] * z[1:])"),
    (sp.Sum(z[2 * i, 0], (i, 0, n // 2 - 1)), "sum(z[0:2*(n//2 - 1) + 1:2])"),
    (sp.Sum(z[i, 0], (i, 1, 3)), "sum(z[1:4])"),
    (sp.Sum(i * z[i, 0], (i, 0, n - 1)), "sum(arange(n) * z)"),
    (sp.Sum(i * s, (i, 1, n)), "sum(arange(1, n + 1) * s)"),
    (sp.Sum(s, (i, 0, n - 1)), "n * s"),
    (sp.Sum(W[i, j] * s, (i, 0, h - 1), (j, 0, d - 1)), "s * sum(W)"),
    (sp.Sum(x[i, 0], (i, 0, d - 1), (j, 0, n - 1)), "n * sum(x)"),
    (sp.Sum(sp.KroneckerDelta(i, j) * B[i, j], (i, 0, d - 1), (j, 0, d - 1)), "trace(B)"),
    (sp.Sum(sp.KroneckerDelta(r, i) * x[i, 0], (i, 0, d - 1)), "onehot(r, d) @ x"),
    (sp.Sum(sb.relu(x[i, 0]) * y[i, 0], (i, 0, d - 1)), "relu(x) @ y"),
    (sp.Sum(sp.Max(x[i, 0], 0), (i, 0, d - 1)), "sum(relu(x))"),
    (sp.Sum(sp.Piecewise((x[i, 0], x[i, 0] > s), (0, True)), (i, 0, d - 1)), "sum(where(x > s, x, 0))"),
    (sp.Sum(sp.tanh(sp.Sum(W[i, j] * x[j, 0], (j, 0, d - 1))), (i, 0, h - 1)), "sum(tanh(W @ x))"),
    (sp.Sum(x[i, 0] - sp.Sum(y[j, 0], (j, 0, d - 1)), (i, 0, d - 1)), "sum(x - sum(y))"),
    (sp.Sum(T[0, i, j] * x[j, 0], (i, 0, h - 1), (j, 0, d - 1)), "sum(T[0] @ x)"),
]


@pytest.mark.parametrize(("expr", "formula"), SUMS, ids=[f for _, f in SUMS])
def test_sums_over_entries(expr: Any, formula: str) -> None:
    agrees(expr, formula)


CALLS: list[tuple[Any, str]] = [
    (sb.relu(W * x), "relu(W @ x)"),
    (sb.exp(x.T * y), "exp(x @ y)"),
    (sb.softmax(x.T * B), "softmax(x @ B)"),
    (sb.softmax(W, axis=0), "softmax(W, axis=0)"),
    (sb.sum(W), "sum(W)"),
    (sb.sum(W, axis=0), "sum(W, axis=0)"),
    (sb.sum(W, 1, True), "sum(W, axis=1, keepdims=True)"),
    (sb.mean(T, axis=(0, 2)), "mean(T, axis=(0, 2))"),
    (sb.norm2(x - y) ** 2 / 2, "norm2(x - y)**2 / 2"),
    (sb.max(x) - sb.min(x), "max(x) - min(x)"),
    (sb.maximum(x, 0), "relu(x)"),
    (sb.where(sb.greater(x, y), x, y), "where(x > y, x, y)"),
    (sb.leaky_relu(x, slope=0.2), "leaky_relu(x, slope=0.2)"),
    (sb.gelu(x, approximate="tanh"), 'gelu(x, approximate="tanh")'),
    (sb.gelu(x, "tanh"), 'gelu(x, approximate="tanh")'),
    (sb.elu(x, alpha=s), "elu(x, alpha=s)"),
    (sb.einsum("ij,j->i", W, x), "W @ x"),
    (sb.einsum(W, x, subscripts="ij,j->i"), "W @ x"),
    (sb.concatenate([x, y]), "concatenate([x, y])"),
    (sb.concatenate([W, W], axis=1), "concatenate([W, W], axis=1)"),
    (sb.array([s, t, 1]), "[s, t, 1]"),
    (sb.stack([x, y], axis=1), "stack([x, y], axis=1)"),
    (sb.reshape(W, d * h), "reshape(W, d * h)"),
    (sb.reshape(W, (d, h)), "reshape(W, (d, h))"),
    (sb.transpose(T, 0, 2, 1), "transpose(T, 0, 2, 1)"),
    (sb.ones(d, d) + B, "B + 1"),
    (sb.onehot(r, d), "onehot(r, d)"),
    (sb.onehot(rs, d) * W.T, "onehot(rs, d) @ W.T"),
    (sb.eye(d) * x, "x"),
    (sb.arange(d), "arange(d)"),
    (sb.logdet(B), "logdet(B)"),
    (sb.layer_norm(x, gamma=y, beta=1, eps=1e-3), "layer_norm(x, gamma=y, beta=1, eps=1e-3)"),
    (sb.flip(x), "flip(x)"),
    (sb.conv1d(T[0], sb.ones(2, h, 3)), "conv1d(T[0], ones(2, h, 3))"),
    (sp.HadamardProduct(sb.stop_gradient(x), y), "stop_gradient(x) * y"),
    (sb.multiply(T, x), "T * x"),
    (T[0] * x, "T[0] @ x"),
    (T[0, :, 1], "T[0, :, 1]"),
    (T[..., 0], "T[..., 0]"),
    (2 * T + T * T - T / 2, "2 * T + T * T - T / 2"),
    (-(T**2), "-T**2"),
    (s * T + 1 - T, "s * T + 1 - T"),
    (T @ x, "T @ x"),
    (T @ B, "T @ B"),
    (sb.sum(T * T), "sum(T * T)"),
]


@pytest.mark.parametrize(("expr", "formula"), CALLS, ids=[f for _, f in CALLS])
def test_functions_of_the_table(expr: Any, formula: str) -> None:
    agrees(expr, formula)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_of_the_table_is_exported(name: str) -> None:
    function = getattr(sb, name)
    assert callable(function)
    assert function.__doc__.startswith(name + "(")
    assert name in dir(sb)
    assert name in FUNCTION_NAMES


def test_an_unknown_export_names_near_ones() -> None:
    with pytest.raises(AttributeError, match="symbackprop has no sofmax; did you mean softmax"):
        _ = sb.sofmax  # type: ignore[attr-defined]


def test_a_function_application_is_a_sympy_object_with_a_shape() -> None:
    relu = sb.relu(W * x)
    assert isinstance(relu, sp.MatrixExpr)
    assert relu.shape == (h, 1)
    assert str(relu) == "relu(W*x)"
    assert sp.latex(relu) == r"\operatorname{relu}\left(W x\right)"
    assert relu == sb.relu(W * x)
    assert relu.func(*relu.args) == relu
    assert relu.doit() == relu
    assert relu.subs(x, y) == sb.relu(W * y)
    assert relu.xreplace({x: y}) == sb.relu(W * y)
    assert relu[0, 0].is_Atom is False
    assert (relu.T * u).shape == (1, 1)
    assert sb.softmax(x.T * B).shape == (1, d)
    norm = sb.norm2(x)
    assert isinstance(norm, sp.Expr)
    assert norm.is_real
    assert isinstance(sb.relu(T), sb.TensorExpr)
    assert sb.relu(T).shape == (2, h, d)
    assert str(sb.sum(W, axis=0)) == "sum(W, axis=0)"


def test_sympy_does_not_differentiate_our_functions() -> None:
    with pytest.raises(MissingRule, match="SymPy does not differentiate `relu`"):
        sb.relu(s**2).diff(s)


def test_an_entry_of_a_function_application_is_an_entry() -> None:
    agrees(sb.relu(W * x)[2, 0], "relu(W @ x)[2]")
    agrees(sp.Sum(sb.relu(W * x)[i, 0], (i, 0, h - 1)), "sum(relu(W @ x))")
    agrees(sb.softmax(x)[r, 0], "softmax(x)[r]")


REFUSED: list[tuple[Any, type, str]] = [
    (lambda: sp.exp(W * x), ReadError, "SymPy's exp takes one number, and this is an array. Write `sb.exp(...)`"),
    (lambda: sp.tanh(x), ReadError, "or `(...).applyfunc(sympy.tanh)`"),
    (lambda: sp.Abs(x), ShapeError, "the inner sizes 1 and d must agree"),
    (lambda: sp.Abs(B), ReadError, "a matrix has whole powers only"),
    (lambda: sp.sign(x), ReadError, "Write `sb.sign(...)`"),
    (lambda: sb.relu(W) * y * x, ShapeError, "the inner sizes 1 and d must agree"),
    (lambda: W * sb.relu(W * x), ShapeError, "the inner sizes d and h must agree"),
    (lambda: sb.maximum(W * x, y), ShapeError, "W*x is (h), y is (d)"),
    (lambda: sb.exp(x) + W * x, ShapeError, "the sizes h and d must agree"),
    (lambda: sp.LambertW(s), MissingRule, "SymPy's LambertW is not supported here"),
    (lambda: sp.besselj(0, s), MissingRule, "SymPy's besselj is not supported here"),
    (lambda: sp.Function("f")(s), ReadError, "`f` has no definition"),
    (lambda: sp.oo * s, ReadError, "only finite real numbers"),
    (lambda: sp.nan, ReadError, "only finite real numbers"),
    (lambda: sp.I * s, MissingRule, "ImaginaryUnit is not supported here"),
    (lambda: s**1000, ReadError, "the exponent is too large"),
    (lambda: B**s, ReadError, "a matrix has whole powers only"),
    (lambda: sp.Sum(x[i + j, 0], (i, 0, 3), (j, 0, 2)), ReadError, "a position is an index times a number"),
    (lambda: sp.Sum(x[i, 0], (i, 0, j), (j, 0, 2)), ReadError, "cannot depend on another index"),
    (lambda: sp.Sum(x[i, 0], (i, 0, s)), ReadError, "the bounds of a sum are sizes"),
    (lambda: sp.Sum(sb.norm2(x[i, 0] * x), (i, 0, d - 1)), SymbackpropError, "inside a sum or an applied function"),
    (lambda: x[i, 0], SymbackpropError, "`i` is neither declared nor defined"),
    (lambda: x[0, i], ReadError, "a vector has one axis"),
    (lambda: sp.Piecewise((s, s > 0)), ReadError, "it must be defined everywhere"),
    (lambda: sp.Integral(s, s), MissingRule, "SymPy's Integral is not supported here"),
    (lambda: sp.MatrixSymbol("W", d, h) * u, ShapeError, "as a matrix it is (d, h), but it is declared as (h, d)"),
    (lambda: sp.MatrixSymbol("Q", h, d) * x, SymbackpropError, "`Q` is neither declared nor defined"),
    (object, ReadError, "object is nothing that SymPy can calculate with"),
    (lambda: "x", ReadError, "`x` is no number and no array"),
    (lambda: sp.Add(*sp.symbols("a:300")), ReadError, "a sum of 300 terms"),
]


@pytest.mark.parametrize(("make", "kind", "message"), REFUSED, ids=[m[:40] for _, _, m in REFUSED])
def test_what_has_no_meaning_is_refused(make: Any, kind: type, message: str) -> None:
    net, _ = declared()
    with pytest.raises(kind) as caught:
        net.define("q", make())
    assert message in str(caught.value)


def test_deep_expressions_are_refused_not_crashed_on() -> None:
    deep: Any = s
    for _ in range(150):
        deep = sp.Pow(1 + deep, 3, evaluate=False)
    with pytest.raises(ReadError, match="nested too deeply"):
        to_expr(deep)


def test_sizes_go_to_sympy_and_back() -> None:
    for value in (size(3), size("d"), 4 * size("d") + 1, (size("d") * size("h")) // 2, size("T") - size("M") + 1):
        assert isinstance(value, Size)
        assert size_of(sympy_size(value)) is value
    assert sympy_size(size("d")) == d


# ---------------------------------------------------------------------- whole networks


def softmax_network() -> sb.Network:
    net = sb.Network()
    X, Y = net.input("X", (n, d)), net.target("Y", (n, c), onehot=True)
    A, b = net.parameter("A", (d, c)), net.parameter("b", c)
    scores = net.define("scores", X * A + sb.rows(b, n))
    p = net.define("p", sb.softmax(scores))
    net.loss("L", -sb.sum(sp.HadamardProduct(Y, sb.log(p))) / n)
    return net


def scalar_network() -> sb.Network:
    net = sb.Network()
    a, b = net.input("a"), net.target("b", values=(0, 1))
    w_1, b_1, w_2 = net.parameter("w_1"), net.parameter("b_1"), net.parameter("w_2")
    hidden = net.define("g", sp.tanh(w_1 * a + b_1))
    p = net.define("p", 1 / (1 + sp.exp(-w_2 * hidden)))
    net.loss("L", -(b * sp.log(p) + (1 - b) * sp.log(1 - p)))
    return net


def quadratic_network() -> sb.Network:
    net = sb.Network()
    X, mu = net.input("X", (n, d)), net.parameter("mu", d)
    C = net.parameter("C", (d, d), symmetric=True, positive_definite=True)
    q = net.parameter("q", d)
    centred = net.define("R", X - sb.rows(mu, n))
    net.loss("L", -n / 2 * sb.logdet(C) - sp.Trace(C.I * centred.T * centred) / 2 + (q.T * C.I * q)[0, 0])
    return net


def attention_network() -> sb.Network:
    net = sb.Network()
    Q, K, V, G = (net.input("Q", (n, k)), net.input("K", (m, k)), net.input("V", (m, v)), net.constant("G", (n, v)))
    scores = net.define("scores", Q * K.T / sp.sqrt(k))
    p = net.define("p", sb.softmax(scores))
    out = net.define("out", p * V)
    net.loss("L", sb.sum(sp.HadamardProduct(G, out)))
    return net


def recurrent_network() -> sb.Network:
    net = sb.Network()
    A, U, b = net.parameter("A", (m, m)), net.parameter("U", (m, d)), net.parameter("b", m)
    state = net.input("h_0", m)
    for step in range(1, 5):
        value = net.input(f"x_{step}", d)
        pre = net.define(f"z_{step}", A * state + U * value + b)
        state = net.define(f"h_{step}", sb.tanh(pre))
    net.loss("L", sb.norm2(state) ** 2 / 2)
    return net


WHOLE = {
    softmax_network: """
X: input(n, d)
Y: target(n, c, onehot=True)
A: parameter(d, c)
b: parameter(c)
scores = X @ A + b
p = softmax(scores)
L: loss = -sum(Y * log(p)) / n
""",
    scalar_network: """
a: input()
b: target(values=(0, 1))
w_1: parameter()
b_1: parameter()
w_2: parameter()
g = tanh(w_1 * a + b_1)
p = 1 / (1 + exp(-w_2 * g))
L: loss = -(b * log(p) + (1 - b) * log(1 - p))
""",
    quadratic_network: """
X: input(n, d)
mu: parameter(d)
C: parameter(d, d, symmetric=True, positive_definite=True)
q: parameter(d)
R = X - mu
L: loss = -n / 2 * logdet(C) - trace(inv(C) @ R.T @ R) / 2 + q @ inv(C) @ q
""",
    attention_network: """
Q: input(n, k)
K: input(m, k)
V: input(m, v)
G: constant(n, v)
scores = Q @ K.T / sqrt(k)
p = softmax(scores)
out = p @ V
L: loss = sum(G * out)
""",
    recurrent_network: """
A: parameter(m, m)
U: parameter(m, d)
b: parameter(m)
h_0: input(m)
x[1, ..., 4]: input(d)
for t in range(1, 5):
    z[t] = A @ h[t-1] + U @ x[t] + b
    h[t] = tanh(z[t])
L: loss = norm2(h[4])**2 / 2
""",
}


@pytest.mark.parametrize("make", list(WHOLE), ids=lambda f: f.__name__)
def test_a_network_in_sympy_equals_the_one_from_a_file(make: Any) -> None:
    assert make() == sb.Network.parse(WHOLE[make])


@pytest.mark.parametrize("make", list(WHOLE), ids=lambda f: f.__name__)
def test_a_changed_network_does_not(make: Any) -> None:
    text = WHOLE[make]
    for old, new in (("softmax", "log_softmax"), ("tanh", "sinh"), ("R.T @ R", "R.T @ (R + R)")):
        if old in text:
            assert make() != sb.Network.parse(text.replace(old, new))
