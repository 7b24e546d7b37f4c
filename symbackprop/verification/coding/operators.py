"""Small changes of products, sums, quotients and powers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from ..verdict import Kind
from .edit import Edit, Known, lengths, made, text


def of_operator(node: ast.BinOp, known: Known) -> Iterator[Edit]:
    """The changes of one operator, and of the chain below it."""
    left, right = node.left, node.right
    match node.op:
        case ast.MatMult():
            yield Edit(2, "order", node, made("b @ a", a=left, b=right), "the factors stand in the wrong order")
            yield Edit(2, "product_kind", node, made("a * b", a=left, b=right), "the product is entry by entry")
            yield from both_turned(node, left, right, "a @ b")
        case ast.Mult():
            yield Edit(2, "product_kind", node, made("a @ b", a=left, b=right), "the product is one of matrices")
            yield from _of_factors(node)
            for kept, dropped in ((left, right), (right, left)):
                what = "factor" if is_scalar(dropped) else "activation_derivative"
                kind: Kind = "factor" if what == "factor" else "term"
                yield Edit(2, kind, node, kept, f"the factor {text(dropped)} is one too many")
        case ast.Add() | ast.Sub():
            flipped = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            yield Edit(1, "sign", node, ast.BinOp(left, flipped, right), "a sign is wrong")
            if isinstance(node.op, ast.Sub):
                cost = 3 if isinstance(left, ast.Constant) else 1
                yield Edit(cost, "sign", node, made("b - a", a=left, b=right), "the difference is the wrong way round")
            for side in (left, right):
                yield from _of_side(side, known)
            yield Edit(2, "term", node, left, f"the term {text(right)} is one too many")
            yield Edit(2, "term", node, right, f"the term {text(left)} is one too many")
        case ast.Div():
            yield Edit(1, "factor", node, left, f"the division by {text(right)} is one too many")
            yield Edit(2, "factor", node, made("a * b", a=left, b=right), f"{text(right)} is a factor, not a divisor")
        case ast.Pow():
            yield Edit(2, "factor", node, left, f"the power {text(right)} is one too many")
    yield from _turned_brackets(node)


def _of_side(side: ast.expr, known: Known) -> Iterator[Edit]:
    """Factors that one term of a sum lacks."""
    for template, what in (("2 * x", "2"), ("x / 2", "1/2")):
        yield Edit(3, "factor", side, made(template, x=side), f"the factor {what} is missing")
    for length in lengths(known):
        yield Edit(3, "factor", side, made("x / n", x=side, n=length), f"the division by {text(length)} is missing")
    for name, shape in known.shapes.items():
        if not shape:
            new = made("s * x", x=side, s=ast.Name(name, ast.Load()))
            yield Edit(3, "factor", side, new, f"the factor {name} is missing")


def _turned_brackets(node: ast.BinOp) -> Iterator[Edit]:
    """`a - b / c` for `(a - b) / c`, and the other way round."""
    if isinstance(node.op, (ast.Add, ast.Sub)) and isinstance(node.right, ast.BinOp):
        chain = _spine(node.right)
        new: ast.expr = ast.BinOp(node.left, node.op, chain[-1].left)
        for outer in reversed(chain):
            new = ast.BinOp(new, outer.op, outer.right)
        yield Edit(2, "parentheses", node, new, "brackets are missing")
    if isinstance(node.right, ast.BinOp):
        inner = node.right
        new = ast.BinOp(ast.BinOp(node.left, node.op, inner.left), inner.op, inner.right)
        yield Edit(2, "parentheses", node, new, "brackets are missing")
    if isinstance(node.left, ast.BinOp):
        inner = node.left
        new = ast.BinOp(inner.left, inner.op, ast.BinOp(inner.right, node.op, node.right))
        yield Edit(2, "parentheses", node, new, "brackets are missing, or in the wrong place")


def _spine(node: ast.BinOp) -> list[ast.BinOp]:
    """The products and quotients down the left side."""
    found = [node]
    while isinstance(found[-1].left, ast.BinOp) and isinstance(found[-1].left.op, (ast.Mult, ast.Div)):
        found.append(found[-1].left)
    return found


def _of_factors(node: ast.BinOp) -> Iterator[Edit]:
    """A long product: one factor left out, one derivative for another."""
    factors: list[ast.expr] = []
    inner: ast.expr = node
    while isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Mult):
        factors.append(inner.right)
        inner = inner.left
    factors = [*reversed([*factors, inner])]
    for k, factor in enumerate(factors):
        rest = [*factors[:k], *factors[k + 1 :]]
        if len(factors) > 2 and k < len(factors) - 1:
            kind: Kind = "factor" if is_scalar(factor) else "term"
            yield Edit(2, kind, node, _multiplied(rest), f"the factor {text(factor)} is one too many")
        shown = text(factor)
        why = "this is the derivative of another activation"
        if isinstance(factor, ast.Name):
            partner = next((r for r in rest if text(r) == f"1 - {shown}"), None)
            if partner is not None:
                others = [r for r in rest if r is not partner]
                if others:
                    extra = "the derivative of the activation is one too many"
                    yield Edit(2, "activation_derivative", node, _multiplied(others), extra)
                for template in ("1 - z**2", "z > 0"):
                    new = _multiplied([*others, made(template, z=factor)])
                    yield Edit(2, "activation_derivative", node, new, why)
        match = re.fullmatch(r"1 - (\w+) \*\* 2", shown)
        if match:
            for template in ("z * (1 - z)", "z > 0"):
                new = _multiplied([*rest, made(template, z=ast.Name(match[1], ast.Load()))])
                yield Edit(2, "activation_derivative", node, new, why)


def _multiplied(factors: Sequence[ast.expr]) -> ast.expr:
    result = factors[0]
    for factor in factors[1:]:
        result = ast.BinOp(result, ast.Mult(), factor)
    return result


def both_turned(node: ast.expr, left: ast.expr, right: ast.expr, template: str) -> Iterator[Edit]:
    """Two transposes at once: `a.T @ b` for `a @ b.T`, and `b.T @ a.T`."""
    a, b = _turned(left), _turned(right)
    yield Edit(2, "transpose", node, made(template, a=a, b=b), "the transpose is on the wrong factor")
    yield Edit(2, "order", node, made(template, a=b, b=a), "the factors stand in the wrong order")
    yield Edit(2, "order", node, made(template, a=right, b=a), "the factors stand in the wrong order")
    yield Edit(2, "order", node, made(template, a=b, b=left), "the factors stand in the wrong order")


def _turned(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Attribute) and node.attr == "T" else made("x.T", x=node)


def is_scalar(node: ast.expr) -> bool:
    """True for numbers and sizes, as far as the syntax shows it."""
    if isinstance(node, ast.UnaryOp):
        return is_scalar(node.operand)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Subscript) and "shape" in text(node))
