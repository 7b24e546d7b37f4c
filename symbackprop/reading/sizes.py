"""Sizes: `d`, `3`, `4*H`, `T - M + 1`, `n // 2`, from Python's syntax tree, and back to an expression."""

from __future__ import annotations

import ast
from fractions import Fraction

from ..errors import ShapeError, Span
from ..expression import Call, Expr, Name, Number
from ..tensor.size import Floor, Size, size
from .expressions import Reader
from .names import checked

LARGEST_POWER = 8


def read_size(node: ast.expr, reader: Reader) -> Size:
    """The size that an expression is; ReadError for anything but names, whole numbers and + - * //."""
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return size(value)
        case ast.Name(id=name):
            if name in reader.names.loops:
                return size(reader.names.loops[name])
            return size(checked(name, "size", reader.source.span(node)))
        case ast.Subscript():
            alias = reader.names.alias(node)
            if alias is not None:
                return size(checked(alias, "size", reader.source.span(node)))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -read_size(inner, reader)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(power))) if 0 < power <= LARGEST_POWER:
            base = result = read_size(left, reader)
            for _ in range(power - 1):
                result = result * base
            return result
        case ast.BinOp(left=left, op=(ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv()) as op, right=right):
            a, b = read_size(left, reader), read_size(right, reader)
            if isinstance(op, ast.FloorDiv):
                if b.number is None or b.number <= 0:
                    raise reader.refuse(
                        node,
                        f"`{reader.source.piece(node)}`: a size is divided by a positive number only.",
                        "Give the quotient a name of its own, as a size.",
                    )
                return a // b.number
            return a + b if isinstance(op, ast.Add) else a - b if isinstance(op, ast.Sub) else a * b
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            whole = f"{reader.source.piece(left, 30)} // {reader.source.piece(right, 30)}"
            raise reader.refuse(node, f"`{reader.source.piece(node)}` need not be a whole number.", f"Write `{whole}`.")
    shown = reader.source.piece(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        raise reader.refuse(
            node, f"the size {shown} is not a whole number.", "Sizes are positive whole numbers, or names."
        )
    raise reader.refuse(node, f"`{shown}` is no size.", "A size is a name, a number, or `4*H`, `T - M + 1`, `n // 2`.")


def check_positive(length: Size, place: str, span: Span | None) -> None:
    """Raise ShapeError for a size that is surely less than 1."""
    if (-length).surely_nonnegative():
        shown = str(length)
        raise ShapeError(f"{place}: the size {shown} is less than 1.", remedy="Sizes are positive.", span=span)


def size_expr(value: Size, span: Span | None = None) -> Expr:
    """A size as an expression, as it would be written in an equation: what is subtracted comes last."""
    total: Expr | None = None
    for monomial, coefficient in sorted(value.monomials, key=lambda mc: mc[1] < 0):
        factors: list[Expr] = [] if abs(coefficient) == 1 and monomial else [Number(Fraction(abs(coefficient)), span)]
        for atom, power in monomial:
            factors += [_atom(atom, span)] * power
        part = factors[0]
        for factor in factors[1:]:
            part = Call("multiply", (part, factor), span=span)
        if total is None:
            total = Call("negative", (part,), span=span) if coefficient < 0 else part
        else:
            total = Call("add" if coefficient > 0 else "subtract", (total, part), span=span)
    return total if total is not None else Number(Fraction(0), span)


def _atom(atom: str | Floor, span: Span | None) -> Expr:
    if isinstance(atom, str):
        return Name(atom, span)
    return Call("floordivide", (size_expr(atom.numerator, span), Number(Fraction(atom.divisor), span)), span=span)
