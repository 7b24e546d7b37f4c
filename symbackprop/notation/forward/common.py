"""What all parts of this package share."""

from __future__ import annotations

from typing import TypeAlias

from ...expression import Call, Number
from .. import tree as t

Shape: TypeAlias = tuple[object, ...]


def kind_of(order: int) -> t.Kind:
    """The kind of an array with that many axes."""
    kinds: tuple[t.Kind, ...] = ("scalar", "vector", "matrix")
    return kinds[order] if order < 3 else "array"


def transposed(tree: t.Tree) -> t.Tree:
    """The transpose; of a transpose, what was transposed."""
    return tree.base if isinstance(tree, t.Trans) else t.Trans(tree)


def integer(expr: object) -> int | None:
    """The value of an integer constant, None for anything else."""
    if isinstance(expr, Number) and expr.value.denominator == 1:
        return int(expr.value)
    if isinstance(expr, Call) and expr.function == "negative":
        inner = integer(expr.args[0])
        return None if inner is None else -inner
    return None


def first_axis(call: Call) -> int:
    """The axis that a call names, 0 if it names none."""
    found = dict(call.options).get("axis", call.args[1] if len(call.args) > 1 else 0)
    value = found if isinstance(found, int) else integer(found)
    return 0 if value is None else value
