"""The small changes of code that people's mistakes consist of, each with its kind, the smallest first.

A change replaces one expression of a statement, or the statement's way of assigning. It says what is put in place of
what; the statement around it stays as the author wrote it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..verdict import Kind
from .calls import of_call
from .edit import AXES, PRODUCTS, Edit, Known, is_module, lengths, letters, made, text
from .operators import of_operator
from .units import Unit


def edits(unit: Unit, known: Known) -> list[Edit]:
    """The changes of one unit, the smallest first."""
    found: list[Edit] = list(_of_statement(unit, known))
    root = _value(unit.node)
    if root is not None:
        found += _inside(root, None, known)
        found += _of_whole(root, known)
    if isinstance(unit.node, ast.Assign) and isinstance(unit.node.targets[0], ast.Subscript):
        found += _inside(unit.node.targets[0].slice, unit.node.targets[0], known)
    found.sort(key=lambda e: e.cost)
    return found


def _inside(root: ast.AST, above: ast.AST | None, known: Known) -> Iterator[Edit]:
    """The changes of an expression and of everything in it."""
    stack: list[tuple[ast.AST, ast.AST | None]] = [(root, above)]
    while stack:
        node, parent = stack.pop()
        if isinstance(node, ast.expr):
            yield from _of_expression(node, parent, known)
        if not isinstance(node, (ast.Lambda, ast.ListComp)):
            stack.extend((child, node) for child in reversed(list(_children(node))))


def _value(node: ast.stmt | ast.expr) -> ast.expr | None:
    if isinstance(node, ast.expr):
        return node
    return getattr(node, "value", None)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """The parts that may be changed: not the names of functions, nor keywords' names."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and not is_module(node.func.value):
            yield node.func.value
        yield from node.args
    elif isinstance(node, ast.Attribute):
        if node.attr == "T":
            yield node.value
    elif isinstance(node, ast.Subscript):
        yield node.value
        yield node.slice
    else:
        yield from (c for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr))


# ------------------------------------------------------------------ whole statements


def _of_statement(unit: Unit, known: Known) -> Iterator[Edit]:
    node = unit.node
    if isinstance(node, ast.AugAssign):
        plain = ast.Assign([node.target], node.value)
        if isinstance(node.op, (ast.Add, ast.Sub)):
            yield Edit(2, "sum", node, plain, "it replaces the value instead of adding to it, or the other way round")
            other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            yield Edit(1, "sign", node, ast.AugAssign(node.target, other, node.value), "the sign is wrong")
        scaling = isinstance(node.op, (ast.Mult, ast.Div))
        yield Edit(2, "factor" if scaling else "term", node, None, "this line is one too many")
        for new in penalised(ast.BinOp(_loaded(node.target), node.op, node.value), known) if scaling else ():
            yield Edit(3, "term", node, ast.Assign([node.target], new), "the gradient of the penalty is missing")
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], (ast.Name, ast.Subscript)):
        added = ast.AugAssign(node.targets[0], ast.Add(), node.value)
        yield Edit(3, "path", node, added, "what comes from elsewhere is replaced instead of added to")
        if isinstance(node.value, ast.Name) and node.value.id in known.shapes:
            new = made("x.copy()", x=node.value)
            why = "both names hold one array, and a change of one changes the other"
            yield Edit(1, "other", node.value, new, why)


def _of_whole(root: ast.expr, known: Known) -> Iterator[Edit]:
    """Changes of a whole right side: its sign, a factor, a sum, a derivative, a transpose."""
    meant = known.forward.get((getattr(root, "lineno", 0), getattr(root, "col_offset", 0)))
    if meant is not None:
        yield Edit(3, "other", root, meant, "this is what the network computes")
    if isinstance(root, (ast.Dict, ast.List, ast.Tuple, ast.Constant, ast.Lambda)):
        return
    yield Edit(2, "sign", root, made("-x", x=root), "the sign is wrong")
    yield Edit(3, "transpose", root, made("x.T", x=root), "the transpose is missing")
    for template, why in (("2 * x", "the factor 2 is missing"), ("x / 2", "the factor 1/2 is missing")):
        yield Edit(2, "factor", root, made(template, x=root), why)
    for length in lengths(known):
        yield Edit(2, "factor", root, made("x / n", x=root, n=length), f"the division by {text(length)} is missing")
        yield Edit(
            2, "factor", root, made("x * n", x=root, n=length), f"it is divided by {text(length)} once too often"
        )
    for axis in AXES:
        new = made(f"np.sum(x{', ' + axis if axis else ''})", x=root)
        yield Edit(2, "sum", root, new, "the sum is missing")
    for name in known.shapes:
        for template in ("x * (z > 0)", "x * (z * (1 - z))", "x * (1 - z**2)", "x * z", "x * (1 - z)"):
            new = made(template, x=root, z=ast.Name(name, ast.Load()))
            what = "the derivative of the activation" if "1" in template or "0" in template else f"the factor {name}"
            yield Edit(3, "activation_derivative", root, new, f"{what} is missing")
    for new in penalised(root, known):
        yield Edit(3, "term", root, new, "the gradient of the penalty is missing")


def penalised(root: ast.expr, known: Known) -> Iterator[ast.expr]:
    """The expression with the gradient of a penalty added."""
    for scalar, parameter in known.penalties:
        for template in ("x + s * p", "x + 2 * s * p"):
            yield made(template, x=root, s=ast.Name(scalar, ast.Load()), p=ast.Name(parameter, ast.Load()))


def _loaded(target: ast.expr) -> ast.expr:
    """The target of an assignment as a value."""
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    assert isinstance(target, (ast.Subscript, ast.Attribute))
    copied = ast.Subscript(target.value, target.slice, ast.Load()) if isinstance(target, ast.Subscript) else target
    return copied


# ------------------------------------------------------------------ parts of expressions


def _of_expression(node: ast.expr, parent: ast.AST | None, known: Known) -> Iterator[Edit]:
    if isinstance(parent, ast.Subscript) and parent.slice is node and isinstance(node, (ast.BinOp, ast.UnaryOp)):
        for step in (1, -1):
            yield Edit(2, "index", node, stepped(node, step), "the index is off by one")
    match node:
        case ast.Name(id=name) if name in known.shapes:
            yield from _of_name(node, parent, known)
        case ast.Name():
            yield from _of_counter(node, parent)
            yield from _of_factor(node, parent)
        case ast.Subscript():
            yield from _of_factor(node, parent)
        case ast.Attribute(value=inner, attr="T"):
            yield Edit(1, "transpose", node, inner, "there is one transpose too many")
        case ast.BinOp():
            yield from of_operator(node, known)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            place = isinstance(parent, ast.Subscript)
            yield Edit(3 if place else 1, "sign", node, inner, "the sign is wrong")
        case ast.Call():
            yield from of_call(node)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            opposite = {ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Lt: ast.GtE, ast.LtE: ast.Gt}.get(type(op))
            if opposite is not None:
                why = "the mask chooses the opposite entries"
                yield Edit(1, "indicator", node, ast.Compare(left, [opposite()], [right]), why)
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            yield from _of_number(node, value, parent)


def _of_name(node: ast.Name, parent: ast.AST | None, known: Known) -> Iterator[Edit]:
    turned = made("x.T", x=node)
    product = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.MatMult)
    if product or isinstance(parent, (ast.Call, ast.Attribute)):
        yield Edit(1, "transpose", node, turned, "the transpose is missing")
    for other in known.alike(node.id):
        same = letters(other) == letters(node.id)
        kind: Kind = "index" if same else "symbol"
        if isinstance(parent, ast.Compare):
            kind = "indicator"
        elif not same and (isinstance(parent, ast.Call) or _is_power(parent)):
            kind = "evaluated_at"
        why = f"it should be {other}, not {node.id}"
        if isinstance(parent, ast.Compare):
            why = f"the mask is taken from {node.id} instead of {other}"
        near = same or isinstance(parent, ast.Compare) or _is_power(parent)
        yield Edit(2 if near else 3, kind, node, ast.Name(other, ast.Load()), why)
    yield Edit(3, "activation_derivative", node, made("x**2", x=node), f"the square of {node.id} is missing")


def _of_factor(node: ast.expr, parent: ast.AST | None) -> Iterator[Edit]:
    """An array in a product of matrices: its transpose."""
    product = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.MatMult)
    called = isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) and parent.func.attr in PRODUCTS
    if product or called:
        yield Edit(1, "transpose", node, made("x.T", x=node), "the transpose is missing")


def _is_power(node: ast.AST | None) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)


def stepped(index: ast.expr, step: int) -> ast.expr:
    """The index one further or one back: `t` for `t + 1`, not `t + 1 - 1`."""
    match index:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=ast.Constant(value=int(number))):
            total = (number if isinstance(index.op, ast.Add) else -number) + step
            if total == 0:
                return left
            return made(f"k {'+' if total > 0 else '-'} {abs(total)}", k=left)
    return made("k + 1" if step > 0 else "k - 1", k=index)


def _of_counter(node: ast.Name, parent: ast.AST | None) -> Iterator[Edit]:
    """`hs[t]` for `hs[t + 1]`."""
    if isinstance(parent, ast.Subscript) and parent.slice is node:
        for template in ("t + 1", "t - 1"):
            yield Edit(2, "index", node, made(template, t=node), "the index is off by one")


def _of_number(node: ast.Constant, value: int, parent: ast.AST | None) -> Iterator[Edit]:
    kind: Kind = "index" if isinstance(parent, ast.Subscript) else "factor"
    for other in (value + 1, value - 1):
        if other >= 0 and not (isinstance(parent, ast.Compare)):
            yield Edit(2, kind, node, ast.Constant(other), f"it should be {other}, not {value}")
