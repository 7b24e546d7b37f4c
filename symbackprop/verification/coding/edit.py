"""What a change of code is, and how expressions are made from templates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...tensor.size import Size
from ..verdict import Kind

Shapes = Mapping[str, tuple[Size, ...]]
PRODUCTS = frozenset({"dot", "matmul", "outer"})
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
    """What a change may use: shapes by name, names of sizes, and constants with what they may be penalties of.

    `forward`: what the network computes where the code computes something else, by the place of the right side.
    """

    shapes: Shapes
    lengths: Sequence[str] = ()
    penalties: Sequence[tuple[str, str]] = ()
    forward: Mapping[tuple[int, int], ast.expr] = field(default_factory=dict)

    def alike(self, name: str) -> list[str]:
        """Other names of arrays of the same shape, those with the same letters first."""
        shape = self.shapes.get(name)
        if shape is None:
            return []
        own = letters(name)
        same = [n for n, s in self.shapes.items() if n != name and (s == shape or letters(n) == own)]
        return sorted(same, key=lambda n: letters(n) != own)


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


def is_module(node: ast.expr) -> bool:
    """True for the name of a module."""
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "math")


def letters(name: str) -> str:
    """A name without numbers and underscores."""
    return re.sub(r"[\d_]", "", name)


def lengths(known: Known) -> Iterator[ast.expr]:
    """Expressions for sizes that stand for a number of examples or features."""
    for name in known.lengths:
        yield ast.Name(name, ast.Load())
    seen: set[str] = set()
    for name, shape in known.shapes.items():
        for axis, length in enumerate(shape):
            if length.number is None and str(length) not in seen and len(seen) < 6:
                seen.add(str(length))
                yield made(f"x.shape[{axis}]", x=ast.Name(name, ast.Load()))
