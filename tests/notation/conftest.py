"""A small reader of right-hand sides, so that the printer of what an author wrote is tested without the file reader."""

from __future__ import annotations

import ast
from collections.abc import Callable
from fractions import Fraction

import pytest

from symbackprop.expression import Array, Call, Expr, Name, Number, Slice, Subscript
from symbackprop.lower import IndexInfo, Names, lower
from symbackprop.notation.forward import forward
from symbackprop.notation.tree import Num, Sum, Sym, Tree
from symbackprop.tensor.size import Size, size
from symbackprop.tensor.terms import symbol

OPERATORS = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.Pow: "power",
    ast.MatMult: "matmul", ast.FloorDiv: "floordivide", ast.Gt: "greater", ast.LtE: "less_equal", ast.Eq: "equal",
}  # fmt: skip  # a table

SHAPES: dict[str, tuple[str, ...]] = {
    "W_1": ("h", "d"), "W_2": ("k", "h"), "b_1": ("h",), "x": ("d",), "y": ("d",), "z": ("d",), "p": ("d",),
    "X": ("n", "d"), "Y": ("n", "d"), "T": ("n", "d"), "S": ("d", "d"), "gamma": ("d",), "c": (), "w": (), "o_1": (),
    "o_2": (), "a_1": (), "b": ("d",), "A": ("n", "h", "d"), "V": ("n", "h"), "col": ("n", "1"), "k_1": ("d",),
}  # fmt: skip  # a table
SIZES = ("n", "d", "h", "k")


def expression(node: ast.AST) -> Expr:
    match node:
        case ast.Name(id=name):
            return Name(name)
        case ast.Constant(value=value):
            return Number(Fraction(str(value)))
        case ast.UnaryOp(operand=inner):
            return Call("negative", (expression(inner),))
        case ast.BinOp(left=left, op=op, right=right):
            return Call(OPERATORS[type(op)], (expression(left), expression(right)))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return Call(OPERATORS[type(op)], (expression(left), expression(right)))
        case ast.Attribute(value=base):
            return Call("transpose", (expression(base),))
        case ast.List(elts=items):
            return Array(tuple(map(expression, items)))
        case ast.Subscript(value=base, slice=chosen):
            items = chosen.elts if isinstance(chosen, ast.Tuple) else [chosen]
            return Subscript(expression(base), tuple(map(item, items)))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
            return Call(name, tuple(map(expression, args)), tuple((k.arg, option(k.value)) for k in keywords if k.arg))
    raise AssertionError(ast.dump(node))


def item(node: ast.expr) -> object:
    match node:
        case ast.Constant(value=None):
            return None
        case ast.Constant(value=value) if value is Ellipsis:
            return Ellipsis
        case ast.Slice(lower=low, upper=high, step=step):
            return Slice(*(None if part is None else expression(part) for part in (low, high, step)))
    return expression(node)


def option(node: ast.expr) -> object:
    if isinstance(node, ast.Name) or (isinstance(node, ast.Constant) and isinstance(node.value, float)):
        return expression(node)
    return ast.literal_eval(node)


def size_tree(value: object) -> Tree:
    assert isinstance(value, Size)
    text = str(value)
    return Num(Fraction(text)) if text.isdigit() else Sum(((1, Sym(text)),))


@pytest.fixture(scope="session")
def as_written() -> Callable[..., Tree]:
    """The tree of Python text over SHAPES; `i` is an index symbol, `rows` names the vectors that are rows on paper."""
    terms = {
        name: symbol(name, tuple(size(int(s) if s.isdigit() else s) for s in sizes)) for name, sizes in SHAPES.items()
    }
    scope = Names(terms=terms, sizes=SIZES, indices={"i": IndexInfo("i", (), size("d"))})

    def shape_of(expr: Expr) -> tuple[Size, ...]:
        return lower(expr, scope, "test").term.sizes

    def read(text: str, **options: object) -> Tree:
        return forward(expression(ast.parse(text, mode="eval").body), shape_of, size_tree=size_tree, **options)

    return read
