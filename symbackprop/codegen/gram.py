"""Σ w x xᵀ as (√w x)(√w x)ᵀ: the product of an array and its own transpose, of which BLAS computes one half only.

The weights must not be negative, which is read off the operations that they come from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from .contract import Operand
from .values import Value, Values

DEPTH = 12
NEVER_NEGATIVE = frozenset({"square", "exp", "absolute", "sqrt", "cosh", "size"})
BETWEEN = ("tanh", "sin", "cos")  # −1 and 1
LIKE_ITS_ARGUMENT = ("transpose", "expand", "part", "reshape", "repeat", "as_float")


def nonnegative(value: Value, depth: int = DEPTH) -> bool:
    """True if no entry can be negative, in floating point as well."""
    if depth == 0:
        return False
    op, args = value.op, value.args
    if value.kind == "bool" or op in NEVER_NEGATIVE:
        return True
    if op == "number":
        return not isinstance(value.attr[0], str) and value.attr[0] >= 0  # type: ignore[operator]  # a number
    if op == "reciprocal" or op in LIKE_ITS_ARGUMENT:
        return nonnegative(args[0], depth - 1)
    if op == "multiply":
        return all(nonnegative(a, depth - 1) for a in unpaired(args))
    if op in ("add", "divide"):
        return all(nonnegative(a, depth - 1) for a in args)
    if op == "subtract" and args[0].op == "number" and args[0].attr[0] == 1:
        return at_most_one(args[1], depth - 1)
    return False


def unpaired(factors: Iterable[Value]) -> list[Value]:
    """The factors of a product, and of products among them, that are there an odd number of times."""
    count: dict[Value, int] = {}
    stack = list(factors)
    while stack:
        top = stack.pop()
        if top.op == "multiply" and len(count) < DEPTH:
            stack += top.args
        else:
            count[top] = count.get(top, 0) + 1
    return [factor for factor, times in count.items() if times % 2]


def at_most_one(value: Value, depth: int) -> bool:
    """True if no entry can be above 1: a truth value, the square of a tanh, 1/(1 + u) with u never negative."""
    if depth == 0:
        return False
    op, args = value.op, value.args
    if value.kind == "bool" or op in BETWEEN:
        return True
    if op == "square" or (op == "multiply" and args[0] is args[1]):
        return args[0].op in BETWEEN
    if op in LIKE_ITS_ARGUMENT:
        return at_most_one(args[0], depth - 1)
    if op == "reciprocal" and args[0].op == "add":
        parts = args[0].args
        return any(
            one.op == "number" and one.attr[0] == 1 and nonnegative(other, depth - 1)
            for one, other in (parts, parts[::-1])
        )
    return False


def halved(
    values: Values, operands: Sequence[Operand], keep: Collection[int], plain: Callable[[Operand], Operand]
) -> list[Operand] | None:
    """√w x twice, for x twice and weights w that are never negative along one summed axis; None for anything else."""
    pairs = [o for o in operands if len(o.labels) == 2]
    weights = [plain(o) for o in operands if len(o.labels) == 1]
    if len(pairs) != 2 or not weights or len(pairs) + len(weights) != len(operands):
        return None
    left, right = pairs
    shared = set(left.labels) & set(right.labels)
    if left.value is not right.value or left.inverse or right.inverse or len(shared) != 1:
        return None
    (along,) = shared
    axis = left.labels.index(along)
    if along in keep or right.labels.index(along) != axis or any(o.labels != (along,) for o in weights):
        return None
    if left.value.kind != "float" or not all(map(nonnegative, unpaired(o.value for o in weights))):
        return None
    total = values.as_float(weights[0].value)
    for o in weights[1:]:
        total = values.times(total, o.value)
    root = values.expand(values.apply("sqrt", total), [1 - axis])
    scaled = values.times(left.value, root)
    return [Operand(scaled, left.labels), Operand(scaled, right.labels)]


__all__ = ["halved", "nonnegative"]
