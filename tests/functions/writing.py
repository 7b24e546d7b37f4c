"""Right-hand sides from text, for tests: Python's syntax as a tree, without any of the reader's checks."""

from __future__ import annotations

import ast
from fractions import Fraction

from symbackprop.errors import Span
from symbackprop.expression import Array, Call, Expr, Name, Number, Slice, Subscript

BINARY = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.FloorDiv: "floordivide",
    ast.Pow: "power", ast.MatMult: "matmul", ast.Gt: "greater", ast.GtE: "greater_equal", ast.Lt: "less",
    ast.LtE: "less_equal", ast.Eq: "equal", ast.NotEq: "not_equal",
}  # fmt: skip
METHODS = {"T": "transpose", "shape": "shape"}


def written(text: str) -> Expr:
    """The tree of an expression."""
    return _tree(ast.parse(text, mode="eval").body)


def _tree(node: ast.expr) -> Expr:
    span = Span(node.lineno, node.col_offset + 1, node.end_lineno or 1, (node.end_col_offset or 0) + 1)
    if isinstance(node, ast.Name):
        return Name(node.id, span)
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else Number(Fraction(str(node.value)), span)  # type: ignore[return-value]
    if isinstance(node, ast.BinOp):
        return Call(BINARY[type(node.op)], (_tree(node.left), _tree(node.right)), span=span)
    if isinstance(node, ast.Compare):
        return Call(BINARY[type(node.ops[0])], (_tree(node.left), _tree(node.comparators[0])), span=span)
    if isinstance(node, ast.UnaryOp):
        return Call("negative", (_tree(node.operand),), span=span)
    if isinstance(node, (ast.List, ast.Tuple)):
        return Array(tuple(map(_tree, node.elts)), span)
    if isinstance(node, ast.Attribute):
        return Call(METHODS[node.attr], (_tree(node.value),), span=span)
    if isinstance(node, ast.Subscript):
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return Subscript(_tree(node.value), tuple(map(_item, items)), span)
    assert isinstance(node, ast.Call)
    options = tuple((k.arg or "", _plain(k.value)) for k in node.keywords)
    if isinstance(node.func, ast.Attribute):
        return Call(node.func.attr, (_tree(node.func.value), *map(_tree, node.args)), options, span=span)
    assert isinstance(node.func, ast.Name)
    return Call(node.func.id, tuple(map(_tree, node.args)), options, span=span)


def _item(node: ast.expr) -> object:
    if isinstance(node, ast.Slice):
        return Slice(*(None if part is None else _tree(part) for part in (node.lower, node.upper, node.step)))
    return _plain(node) if isinstance(node, ast.Constant) and node.value in (None, Ellipsis) else _tree(node)


def _plain(node: ast.expr) -> object:
    if isinstance(node, ast.Constant) and (node.value in (None, True, False, Ellipsis) or isinstance(node.value, str)):
        return node.value
    return _tree(node)
