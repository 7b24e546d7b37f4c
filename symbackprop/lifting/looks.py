"""What a statement does, seen from its syntax alone: which names it changes, whether it only prints or checks."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from fractions import Fraction

from ..graph import symbols_of
from .values import Array, Items, Value

HARMLESS = frozenset({
    "print", "display", "plt", "pyplot", "sns", "time", "logging", "warnings", "pprint", "assert_allclose", "tqdm",
})  # fmt: skip
HARMLESS_DOTTED = ("np.testing.", "numpy.testing.", "np.set_print", "numpy.set_print", "np.random.seed",
                   "numpy.random.seed", "np.seterr", "numpy.seterr", "random.seed")  # fmt: skip


def inside(node: ast.stmt) -> Iterator[ast.AST]:
    """The node and everything inside, but not the bodies of functions."""
    stack: list[ast.AST] = [node]
    while stack:
        top = stack.pop()
        yield top
        if not isinstance(top, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            stack.extend(ast.iter_child_nodes(top))


def names_changed(node: ast.AST) -> Iterator[tuple[str, bool]]:
    """The names that a node assigns, or whose value it changes in place (True)."""
    targets: list[ast.expr] = []
    in_place = False
    if isinstance(node, ast.Assign):
        targets = list(node.targets)
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign, ast.For, ast.NamedExpr)):
        targets, in_place = [node.target], isinstance(node, ast.AugAssign)
    elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name, False
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in ("append", "insert", "extend", "pop", "update", "reverse", "fill", "sort"):
            targets, in_place = [node.func.value], True
    while targets:
        target = targets.pop()
        if isinstance(target, (ast.Tuple, ast.List)):
            targets.extend(target.elts)
            continue
        part = False
        while isinstance(target, (ast.Subscript, ast.Starred)):
            part, target = True, target.value
        if isinstance(target, ast.Name):
            yield target.id, in_place or part


def stored(statements: Sequence[ast.stmt]) -> Iterator[str]:
    """The names that statements change."""
    for statement in statements:
        for node in inside(statement):
            yield from (name for name, _ in names_changed(node))


def only_names(node: ast.stmt) -> bool:
    """True for a statement that does nothing but give names new values, or return."""
    if isinstance(node, ast.Assign):
        return all(isinstance(t, ast.Name) for t in node.targets)
    if isinstance(node, ast.If):
        return all(map(only_names, (*node.body, *node.orelse)))
    return isinstance(node, (ast.Return, ast.Pass))


def only_checks(node: ast.stmt) -> bool:
    """True for a statement that only raises, prints or asserts."""
    if isinstance(node, (ast.Raise, ast.Pass, ast.Assert)):
        return True
    return isinstance(node, ast.Expr) and (not isinstance(node.value, ast.Call) or is_harmless(node.value.func))


def dotted(node: ast.expr) -> str:
    """`np.linalg.norm` for that attribute, nothing for other expressions."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def is_harmless(node: ast.expr) -> bool:
    """True for a call that changes nothing: printing, plotting, seeds."""
    name = dotted(node)
    return name.split(".")[0] in HARMLESS or name.startswith(HARMLESS_DOTTED)


def is_errstate(node: ast.expr) -> bool:
    """True for `np.errstate(...)`."""
    return isinstance(node, ast.Call) and dotted(node.func) in ("np.errstate", "numpy.errstate")


def is_data(value: Value) -> bool:
    """True for numbers that are written out, and arrays of zeros, ones and the like."""
    if isinstance(value, Array):
        return value.literal or not symbols_of(value.term)
    if isinstance(value, Items):
        return bool(value.items) and all(map(is_data, value.items))
    return isinstance(value, (int, Fraction)) and not isinstance(value, bool)
