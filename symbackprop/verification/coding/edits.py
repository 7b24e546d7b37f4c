"""The small changes of code that people's mistakes consist of, each with its kind, the smallest first.

A change replaces one expression of a statement, or the statement's way of assigning. It says what is put in place of
what; the statement around it stays as the author wrote it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...tensor.size import Size
from ..verdict import Kind
from .units import Unit

Shapes = Mapping[str, tuple[Size, ...]]
_DERIVATIVE = re.compile(r"prime|deriv|grad|^d_?[a-z]", re.IGNORECASE)
REDUCTIONS = frozenset({"sum", "mean"})
AXES = ("", "axis=0", "axis=1", "axis=0, keepdims=True", "axis=1, keepdims=True")


@dataclass(frozen=True, slots=True)
class Edit:
    """`old` becomes `new` (None: the statement is left out); `why` says what was wrong, for the report."""

    cost: int
    kind: Kind
    old: ast.AST
    new: ast.AST | None
    why: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a change may use: shapes by name, names of sizes, and constants with what they may be penalties of."""

    shapes: Shapes
    lengths: Sequence[str] = ()
    penalties: Sequence[tuple[str, str]] = ()

    def alike(self, name: str) -> list[str]:
        """Other names of arrays of the same shape, those with the same letters first."""
        shape = self.shapes.get(name)
        if shape is None:
            return []
        same = [n for n, s in self.shapes.items() if n != name and s == shape]
        return sorted(same, key=lambda n: _letters(n) != _letters(name))


def edits(unit: Unit, known: Known) -> list[Edit]:
    """The changes of one unit, the smallest first."""
    found: list[Edit] = list(_of_statement(unit, known))
    root = _value(unit.node)
    if root is not None:
        found += _of_whole(root, known)
        found += _inside(root, None, known)
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
            stack.extend((child, node) for child in _children(node))


def _value(node: ast.stmt | ast.expr) -> ast.expr | None:
    if isinstance(node, ast.expr):
        return node
    return getattr(node, "value", None)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """The parts that may be changed: not the names of functions, nor keywords' names."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
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


def _is_module(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "math")


def _letters(name: str) -> str:
    return re.sub(r"[\d_]", "", name)


# ------------------------------------------------------------------ building


def text(node: ast.AST) -> str:
    """The source of a node, made anew."""
    return ast.unparse(node)


def made(template: str, **parts: ast.expr) -> ast.expr:
    """An expression from a template in which names stand for expressions."""
    tree = ast.parse(template, mode="eval").body
    for node in ast.walk(tree):
        for place in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            if hasattr(node, place):
                delattr(node, place)
    return _Fill(parts).visit(tree)  # type: ignore[no-any-return]  # an expression for an expression


class _Fill(ast.NodeTransformer):
    def __init__(self, parts: Mapping[str, ast.expr]) -> None:
        self.parts = parts

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.parts.get(node.id, node)


# ------------------------------------------------------------------ whole statements


def _of_statement(unit: Unit, known: Known) -> Iterator[Edit]:
    node = unit.node
    if isinstance(node, ast.AugAssign):
        plain = ast.Assign([node.target], node.value)
        if isinstance(node.op, (ast.Add, ast.Sub)):
            yield Edit(2, "sum", node, plain, "it replaces the value instead of adding to it, or the other way round")
            other = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            yield Edit(2, "sign", node, ast.AugAssign(node.target, other, node.value), "the sign is wrong")
        kind: Kind = "factor" if isinstance(node.op, (ast.Mult, ast.Div)) else "term"
        yield Edit(2, kind, node, None, "this line is one too many")
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], (ast.Name, ast.Subscript)):
        added = ast.AugAssign(node.targets[0], ast.Add(), node.value)
        yield Edit(3, "path", node, added, "what comes from elsewhere is replaced instead of added to")
        if isinstance(node.value, ast.Name) and node.value.id in known.shapes:
            new = made("x.copy()", x=node.value)
            why = "both names hold one array, and a change of one changes the other"
            yield Edit(1, "other", node.value, new, why)


def _of_whole(root: ast.expr, known: Known) -> Iterator[Edit]:
    """Changes of a whole right side: its sign, a factor, a sum, a derivative, a transpose."""
    if isinstance(root, (ast.Dict, ast.List, ast.Tuple, ast.Constant, ast.Lambda)):
        return
    yield Edit(2, "sign", root, made("-x", x=root), "the sign is wrong")
    yield Edit(2, "transpose", root, made("x.T", x=root), "the transpose is missing")
    for template, why in (("2 * x", "the factor 2 is missing"), ("x / 2", "the factor 1/2 is missing")):
        yield Edit(2, "factor", root, made(template, x=root), why)
    for length in _lengths(known):
        yield Edit(2, "factor", root, made("x / n", x=root, n=length), f"the division by {text(length)} is missing")
        yield Edit(
            2, "factor", root, made("x * n", x=root, n=length), f"it is divided by {text(length)} once too often"
        )
    for axis in AXES:
        new = made(f"np.sum(x{', ' + axis if axis else ''})", x=root)
        yield Edit(2, "sum", root, new, "the sum is missing")
    for name in known.shapes:
        for template in ("x * (z > 0)", "x * (z * (1 - z))", "x * (1 - z**2)"):
            new = made(template, x=root, z=ast.Name(name, ast.Load()))
            yield Edit(3, "activation_derivative", root, new, "the derivative of the activation is missing")
    for scalar, parameter in known.penalties:
        for template in ("x + s * p", "x + 2 * s * p"):
            new = made(template, x=root, s=ast.Name(scalar, ast.Load()), p=ast.Name(parameter, ast.Load()))
            yield Edit(3, "term", root, new, "the gradient of the penalty is missing")


def _lengths(known: Known) -> Iterator[ast.expr]:
    """Expressions for sizes that stand for a number of examples or features."""
    for name in known.lengths:
        yield ast.Name(name, ast.Load())
    seen: set[str] = set()
    for name, shape in known.shapes.items():
        for axis, length in enumerate(shape):
            if length.number is None and str(length) not in seen and len(seen) < 6:
                seen.add(str(length))
                yield made(f"x.shape[{axis}]", x=ast.Name(name, ast.Load()))


# ------------------------------------------------------------------ parts of expressions


def _of_expression(node: ast.expr, parent: ast.AST | None, known: Known) -> Iterator[Edit]:
    match node:
        case ast.Name(id=name) if name in known.shapes:
            yield from _of_name(node, parent, known)
        case ast.Name():
            yield from _of_counter(node, parent)
        case ast.Attribute(value=inner, attr="T"):
            yield Edit(1, "transpose", node, inner, "there is one transpose too many")
        case ast.BinOp():
            yield from _of_operator(node)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            yield Edit(1, "sign", node, inner, "the sign is wrong")
        case ast.Call():
            yield from _of_call(node)
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
        same = _letters(other) == _letters(node.id)
        kind: Kind = "index" if same else "symbol"
        if isinstance(parent, ast.Compare):
            kind = "indicator"
        elif isinstance(parent, (ast.Call, ast.BinOp)) and not same:
            kind = "evaluated_at" if isinstance(parent, ast.Call) else "symbol"
        why = f"it should be {other}, not {node.id}"
        if isinstance(parent, ast.Compare):
            why = f"the mask is taken from {node.id} instead of {other}"
        yield Edit(2 if same or isinstance(parent, ast.Compare) else 3, kind, node, ast.Name(other, ast.Load()), why)
    yield Edit(3, "activation_derivative", node, made("x**2", x=node), f"the square of {node.id} is missing")


def _of_counter(node: ast.Name, parent: ast.AST | None) -> Iterator[Edit]:
    """`hs[t]` for `hs[t + 1]`."""
    if isinstance(parent, ast.Subscript) and parent.slice is node:
        for template in ("t + 1", "t - 1"):
            yield Edit(2, "index", node, made(template, t=node), "the index is off by one")


def _of_operator(node: ast.BinOp) -> Iterator[Edit]:
    left, right = node.left, node.right
    match node.op:
        case ast.MatMult():
            yield Edit(1, "order", node, made("b @ a", a=left, b=right), "the factors stand in the wrong order")
            yield Edit(2, "product_kind", node, made("a * b", a=left, b=right), "the product is entry by entry")
            yield from _both_turned(node, left, right, "a @ b")
        case ast.Mult():
            yield Edit(2, "product_kind", node, made("a @ b", a=left, b=right), "the product is one of matrices")
            for kept, dropped in ((left, right), (right, left)):
                what = "factor" if _is_scalar(dropped) else "activation_derivative"
                kind: Kind = "factor" if what == "factor" else "term"
                yield Edit(2, kind, node, kept, f"the factor {text(dropped)} is one too many")
        case ast.Add() | ast.Sub():
            flipped = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            yield Edit(1, "sign", node, ast.BinOp(left, flipped, right), "a sign is wrong")
            if isinstance(node.op, ast.Sub):
                yield Edit(1, "sign", node, made("b - a", a=left, b=right), "the difference is the wrong way round")
            yield Edit(2, "term", node, left, f"the term {text(right)} is one too many")
            yield Edit(2, "term", node, right, f"the term {text(left)} is one too many")
        case ast.Div():
            yield Edit(1, "factor", node, left, f"the division by {text(right)} is one too many")
            yield Edit(2, "factor", node, made("a * b", a=left, b=right), f"{text(right)} is a factor, not a divisor")
        case ast.Pow():
            yield Edit(2, "activation_derivative", node, left, f"the power {text(right)} is one too many")
    yield from _turned_brackets(node)


def _turned_brackets(node: ast.BinOp) -> Iterator[Edit]:
    """`a - b / c` for `(a - b) / c`, and the other way round."""
    if isinstance(node.right, ast.BinOp):
        inner = node.right
        new = ast.BinOp(ast.BinOp(node.left, node.op, inner.left), inner.op, inner.right)
        yield Edit(2, "parentheses", node, new, "brackets are missing")
    if isinstance(node.left, ast.BinOp):
        inner = node.left
        new = ast.BinOp(inner.left, inner.op, ast.BinOp(inner.right, node.op, node.right))
        yield Edit(2, "parentheses", node, new, "brackets are missing, or in the wrong place")


def _both_turned(node: ast.expr, left: ast.expr, right: ast.expr, template: str) -> Iterator[Edit]:
    """Two transposes at once: `a.T @ b` for `a @ b.T`, and `b.T @ a.T`."""
    a, b = _turned(left), _turned(right)
    yield Edit(2, "transpose", node, made(template, a=a, b=b), "the transpose is on the wrong factor")
    yield Edit(3, "order", node, made(template, a=b, b=a), "the factors stand in the wrong order")
    yield Edit(2, "order", node, made(template, a=right, b=a), "the factors stand in the wrong order")
    yield Edit(2, "order", node, made(template, a=b, b=left), "the factors stand in the wrong order")


def _turned(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Attribute) and node.attr == "T" else made("x.T", x=node)


def _of_call(node: ast.Call) -> Iterator[Edit]:
    name = (
        node.func.attr
        if isinstance(node.func, ast.Attribute)
        else node.func.id
        if isinstance(node.func, ast.Name)
        else ""
    )
    method = isinstance(node.func, ast.Attribute) and not _is_module(node.func.value)
    owner = node.func.value if method and isinstance(node.func, ast.Attribute) else None
    args = [owner, *node.args] if owner is not None else list(node.args)
    if name in REDUCTIONS and args:
        yield from _of_reduction(node, name, owner, args[0])
    if name in ("dot", "matmul", "outer") and len(args) == 2:
        template = f"a.{name}(b)" if owner is not None else f"{text(node.func)}(a, b)"
        a, b = args
        yield Edit(1, "order", node, made(template, a=b, b=a), "the factors stand in the wrong order")
        yield Edit(2, "product_kind", node, made("a * b", a=a, b=b), "the product is entry by entry")
        yield from _both_turned(node, a, b, template)
    if name == "multiply" and len(args) == 2:
        yield Edit(
            2, "product_kind", node, made("np.dot(a, b)", a=args[0], b=args[1]), "the product is one of matrices"
        )
    if len(args) == 1 and name not in REDUCTIONS and name not in ("zeros_like", "ones_like", "append"):
        kind: Kind = "activation_derivative" if _DERIVATIVE.search(name) else "other"
        yield Edit(2, kind, node, args[0], f"{name} is one too many")


def _of_reduction(node: ast.Call, name: str, owner: ast.expr | None, inner: ast.expr) -> Iterator[Edit]:
    """The axes of a sum or a mean, one for the other, and none at all."""
    function = f"x.{name}" if owner is not None else f"{text(node.func)}"
    for function_name, cost, kind, why in _reductions(function, name):
        for axis in AXES:
            arguments = ([] if owner is not None else ["x"]) + ([axis] if axis else [])
            new = made(f"{function_name}({', '.join(arguments)})", x=inner)
            reason = why or (f"the sum goes over {axis.split(',')[0]}" if axis else "the sum goes over everything")
            yield Edit(cost, kind, node, new, reason)
    if node.keywords or len(node.args) > (owner is None):
        other = "mean" if name == "sum" else "sum"
        changed = re.sub(rf"{name}$", other, function)
        new_call = ast.Call(made(changed, x=inner), node.args, node.keywords)
        yield Edit(1, "factor", node, new_call, f"it is the {other}, not the {name}")
    yield Edit(2, "sum", node, inner, "there is no sum")


def _reductions(function: str, name: str) -> Iterator[tuple[str, int, Kind, str]]:
    yield function, 1, "sum", ""
    other = "mean" if name == "sum" else "sum"
    yield re.sub(rf"{name}$", other, function), 3, "factor", f"it is the {other}, not the {name}"


def _of_number(node: ast.Constant, value: int, parent: ast.AST | None) -> Iterator[Edit]:
    kind: Kind = "index" if isinstance(parent, ast.Subscript) else "factor"
    for other in (value + 1, value - 1):
        if other >= 0 and not (isinstance(parent, ast.Compare)):
            yield Edit(2, kind, node, ast.Constant(other), f"it should be {other}, not {value}")


def _is_scalar(node: ast.expr) -> bool:
    """True for numbers and sizes, as far as the syntax shows it."""
    if isinstance(node, ast.UnaryOp):
        return _is_scalar(node.operand)
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Subscript) and "shape" in text(node))
