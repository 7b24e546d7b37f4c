"""Small changes of calls: sums and means along other axes, products the other way round, a call left out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from ..verdict import Kind
from .edit import AXES, PRODUCTS, Edit, is_module, made, text
from .operators import both_turned

_DERIVATIVE = re.compile(r"prime|deriv|grad|^d_?[a-z]", re.IGNORECASE)
REDUCTIONS = frozenset({"sum", "mean"})


def of_call(node: ast.Call) -> Iterator[Edit]:
    """The changes of one call."""
    name = (
        node.func.attr
        if isinstance(node.func, ast.Attribute)
        else node.func.id
        if isinstance(node.func, ast.Name)
        else ""
    )
    method = isinstance(node.func, ast.Attribute) and not is_module(node.func.value)
    owner = node.func.value if method and isinstance(node.func, ast.Attribute) else None
    args = [owner, *node.args] if owner is not None else list(node.args)
    if name in REDUCTIONS and args:
        yield from _of_reduction(node, name, owner, args[0])
    if name in PRODUCTS and len(args) == 2:
        template = f"a.{name}(b)" if owner is not None else f"{text(node.func)}(a, b)"
        a, b = args
        yield Edit(2, "order", node, made(template, a=b, b=a), "the factors stand in the wrong order")
        yield Edit(2, "product_kind", node, made("a * b", a=a, b=b), "the product is entry by entry")
        yield from both_turned(node, a, b, template)
    if name == "multiply" and len(args) == 2:
        yield Edit(
            2, "product_kind", node, made("np.dot(a, b)", a=args[0], b=args[1]), "the product is one of matrices"
        )
    if name in ("power", "square") and args:
        yield Edit(2, "activation_derivative", node, made("1 - x", x=node), "`1 -` is missing")
    if name == "exp" and len(args) == 1:
        yield Edit(2, "sign", args[0], made("-x", x=args[0]), "the sign is wrong")
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
            reason = why or (
                f"the {name} goes over {axis.split(',')[0]}" if axis else f"the {name} goes over everything"
            )
            if axis and not why and not node.keywords and len(node.args) <= (owner is None):
                reason = f"without `axis` everything is put into one {name}, which is right for a single column only"
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
