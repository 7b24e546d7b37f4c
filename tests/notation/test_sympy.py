"""Trees in SymPy: the expression a person would have built, and its value."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from symbackprop.errors import MissingRule
from symbackprop.notation import tree as t
from symbackprop.notation.sympy_printer import to_sympy

n, k, h = sp.symbols("n k h", integer=True, positive=True)
SHAPES = {
    "X": (n, n),
    "A": (n, n),
    "B": (n, n),
    "P": (n, n),
    "Y": (n, k),
    "T": (n, k),
    "W": (k, h),
    "x": (h,),
    "a": (h,),
}
SHAPES |= {"z": (k,), "t": (k,), "y": (k,), "b": (k,), "Q": (n, h), "r": (1, h), "G": (n, k, h)}
X, A, B, P, Y, T, W = (sp.MatrixSymbol(name, *SHAPES[name]) for name in "XABPYTW")
Q = sp.MatrixSymbol("Q", n, h)
x, a = (sp.MatrixSymbol(name, h, 1) for name in "xa")
z, y, b, target = (sp.MatrixSymbol(name, k, 1) for name in "zybt")
delta_z = sp.MatrixSymbol("delta_z", k, 1)
c, d = sp.symbols("c d", real=True)
ZERO, ONE, TWO = (t.Num(Fraction(value)) for value in (0, 1, 2))
ONES = t.Special("ones")


def s(name: str) -> t.Sym:
    return t.Sym(name)


def built(tree: t.Tree, **options: object) -> Any:
    return to_sympy(tree, lambda name: SHAPES.get(name, ()), **options)


def element(product: object) -> object:
    return MatrixElement(product, sp.Integer(0), sp.Integer(0))


step, iszero = sp.Function("step"), sp.Function("iszero")
FORMS: dict[str, tuple[t.Tree, Any]] = {
    "gradient": (t.Prod((t.Trans(s("W")), t.Delta("z"))), W.T * delta_z),
    "outer product": (t.Prod((t.Delta("z"), t.Trans(s("x")))), delta_z * x.T),
    "scaled difference": (
        t.Prod((t.Frac(TWO, t.Prod((s("c"), s("d")))), t.Sum(((1, s("Y")), (-1, s("T")))))),
        2 / (c * d) * (Y - T),
    ),
    "inverse": (t.Prod((t.Trans(t.Inv(s("X"))), t.Trans(s("A")))), sp.Inverse(X).T * A.T),
    "inner product": (t.Prod((t.Trans(s("x")), s("a"))), element(x.T * a)),
    "inner product as a factor": (t.Prod((t.Prod((t.Trans(s("x")), s("a"))), s("z"))), element(x.T * a) * z),
    "norm squared": (t.Pow(t.Norm(s("z")), TWO), element(z.T * z)),
    "elementwise product": (t.Prod((s("A"), s("B")), "hadamard"), sp.HadamardProduct(A, B)),
    "scalar plus array": (t.Sum(((1, ONE), (-1, s("z")))), sp.OneMatrix(k, 1) - z),
    "quotient of arrays": (t.Frac(s("z"), s("y")), sp.HadamardProduct(z, sp.HadamardPower(y, -1))),
    "elementwise power": (t.Pow(s("z"), TWO, elementwise=True), sp.HadamardPower(z, 2)),
    "elementwise root": (t.Sqrt(s("z")), sp.HadamardPower(z, sp.Rational(1, 2))),
    "function of an array": (t.Call("tanh", (s("z"),)), z.applyfunc(sp.tanh)),
    "function of a scalar": (t.Call("exp", (s("c"),)), sp.exp(c)),
    "derivative of a function": (t.Call("tanh", (s("c"),), 1), 1 - sp.tanh(c) ** 2),
    "indicator": (t.Indicator(t.Relation(">", s("z"), ZERO)), z.applyfunc(step)),
    "indicator, turned": (t.Indicator(t.Relation("<=", s("c"), s("d"))), 1 - step(c - d)),
    "indicator, not": (t.Indicator(t.Relation("!=", s("c"), ZERO)), 1 - iszero(c)),
    "diagonal": (t.Call("diag", (s("z"),)), sp.DiagMatrix(z)),
    "trace": (t.Call("trace", (t.Prod((s("A"), s("B"))),)), sp.Trace(A * B)),
    "log det": (t.Call("logdet", (s("X"),)), sp.log(sp.Abs(sp.Determinant(X)))),
    "row bias": (
        t.Sum(((1, t.Prod((s("Q"), t.Trans(s("W"))))), (1, t.Prod((ONES, t.Trans(s("b"))))))),
        Q * W.T + sp.OneMatrix(n, 1) * b.T,
    ),
    "column sum": (t.Prod((t.Trans(s("Y")), ONES)), Y.T * sp.OneMatrix(n, 1)),
    "repeated row sums": (
        t.Sum(((1, s("P")), (-1, t.Prod((s("A"), ONES, t.Trans(ONES)))))),
        P - A * sp.OneMatrix(n, 1) * sp.OneMatrix(1, n),
    ),
    "identity": (t.Sum(((1, t.Special("eye")), (1, s("X")))), sp.Identity(n) + X),
    "kronecker": (t.Prod((s("A"), s("B")), "kron"), sp.KroneckerProduct(A, B)),
    "block": (t.Block("z", "x"), sp.MatrixSymbol("H_z_x", k, h)),
    "entry": (t.Index(s("X"), (ONE, TWO)), X[0, 1]),
    "entry of a vector": (t.Index(s("z"), (t.Letter("i"),)), z[sp.Symbol("i", integer=True) - 1, 0]),
    "row on paper": (t.Prod((s("r"), s("x"))), element(sp.MatrixSymbol("r", 1, h) * x)),
    "cases": (
        t.Cases(((s("c"), t.Relation(">", s("c"), ZERO)), (ZERO, None))),
        sp.Piecewise((c, c > 0), (0, True)),
    ),
    "total": (t.Call("sum", (s("z"),)), element(sp.OneMatrix(1, k) * z * sp.OneMatrix(1, 1))),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_tree_is_the_expression_a_person_would_build(name: str) -> None:
    tree, expected = FORMS[name]
    assert str(built(tree).doit()) == str(expected.doit())  # dummies and the order of sums differ, nothing else may


def test_a_sum_over_an_axis_takes_its_bounds_from_the_array() -> None:
    i = sp.Symbol("i", integer=True)
    body = t.Index(s("z"), (t.Letter("i"),))
    assert built(t.BigSum(body, (("i", None, None),))) == sp.Sum(z[i - 1, 0], (i, 1, k))
    assert built(t.BigSum(body, (("i", None, None),)), index_base=0) == sp.Sum(z[i, 0], (i, 0, k - 1))
    assert built(t.BigSum(body, (("i", TWO, s("c")),))) == sp.Sum(z[i - 1, 0], (i, 2, c))


def test_a_softmax_gradient_has_the_right_value() -> None:
    """P ∘ (δ − (δ ∘ P) 1 1ᵀ) at numbers."""
    inner = t.Prod((t.Prod((t.Delta("P"), s("P")), "hadamard"), ONES, t.Trans(ONES)))
    tree = t.Prod((s("P"), t.Sum(((1, t.Delta("P")), (-1, inner)))), "hadamard")
    two = sp.Integer(2)
    expr = to_sympy(tree, lambda _: (two, two))
    p, g = sp.Matrix([[1, 2], [3, 4]]), sp.Matrix([[5, 6], [7, 8]])
    value = expr.subs({sp.MatrixSymbol("P", 2, 2): p, sp.MatrixSymbol("delta_P", 2, 2): g}).doit().as_explicit()
    sums = [5 + 12, 21 + 32]
    assert value == sp.Matrix(2, 2, lambda i, j: p[i, j] * (g[i, j] - sums[i]))


@pytest.mark.parametrize(
    "tree",
    [
        s("G"),
        t.Partial(s("J"), (s("z"),)),
        t.Call("softmax", (s("z"),)),
        t.Call("relu", (s("z"),), 1),
        t.Prod((s("z"), s("x"))),
        t.Prod((s("A"), s("Y")), "hadamard"),
        t.Sum(((1, s("z")), (1, s("x")))),
        t.Pow(s("Y"), TWO),
        t.Index(s("X"), (t.Range(None, None), ONE)),
        t.Special("commutation"),
        ONES,
        t.Text("words"),
        t.Expectation(s("c")),
        t.BigSum(s("c"), (("i", None, None),)),
    ],
    ids=lambda tree: type(tree).__name__,
)
def test_what_sympy_has_no_form_for_says_so(tree: t.Tree) -> None:
    with pytest.raises(MissingRule):
        built(tree)


def test_symbols_and_functions_can_be_the_callers_own() -> None:
    head = sp.Function("softmax")
    own = sp.Symbol("mine")
    tree = t.Call("softmax", (s("c"),))
    assert built(tree, heads={"softmax": head}, symbol=lambda name, sizes: own) == head(own)
