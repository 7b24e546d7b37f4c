r"""Factors in a row: functions take their arguments, operators what follows them, and signs are tried in turn.

How tightly signs bind is not agreed upon: `a \circ W^T b` and `a \circ b c^T` are both written without brackets. Three
orders are tried: juxtaposition first, elementwise signs first, and from left to right; what fits is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...paper.tree import Big, Derivative, Dots, Group, Listing, Product, Tree
from ...tensor.normal import scaled
from ...tensor.substitute import subterms
from ...tensor.terms import Bracket
from . import calls
from .scope import Misfit, Scope
from .values import (
    Value,
    chained,
    elementwise,
    inner,
    kronecker,
    matmul,
    outer,
    pairs,
    unique,
)

if TYPE_CHECKING:
    from .elaborate import Elaborator

Operand = tuple[list[Value], Tree]
Operation = Callable[[Value, Value], list[Value]]

HADAMARD = frozenset({"\\odot", "\\circ", "\\oslash"})
DOTS = frozenset({"\\cdot", "*", "\\times"})
ORDERS: tuple[tuple[frozenset[str], ...], ...] = (
    (frozenset({"/"}), frozenset({""}), DOTS, HADAMARD | {"\\otimes"}),
    (frozenset({"/"}), HADAMARD | {"\\otimes"}, frozenset({""}), DOTS),
    (frozenset({"", "/", "\\otimes"}) | DOTS | HADAMARD,),
    (frozenset({"/"}), DOTS, frozenset({""}), HADAMARD | {"\\otimes"}),
)
MOST_KRONECKER = 4
SIDE_BY_SIDE = "the product of two arrays of one shape is taken entry by entry"
DIAGONAL = "a vector beside a matrix stands for the diagonal matrix of its entries"


def product(e: Elaborator, tree: Product, scope: Scope) -> list[Value]:
    """Every reading of a product that fits."""
    operands, signs = scanned(e, tree, scope)
    if signs.count("\\otimes") > MOST_KRONECKER:
        e.refuse(tree, f"more than {MOST_KRONECKER} signs ⊗ in one product are not read", "Name its parts.")
    return joined(e, tree, operands, signs, scope)


def joined(e: Elaborator, tree: Tree, operands: list[Operand], signs: list[str], scope: Scope) -> list[Value]:
    """The operands put together in every order of binding."""
    if len(operands) == 1:
        return operands[0][0]
    found: list[Value] = []
    problem: Misfit | None = None
    orders = ORDERS if len(set(signs)) > 1 else ORDERS[:1]
    for order in orders:
        try:
            found += _in_order(e, operands, signs, order, scope)
        except Misfit as error:
            problem = problem or error
    if not found:
        assert problem is not None
        raise problem
    return unique(found)


def _in_order(
    e: Elaborator, operands: Sequence[Operand], signs: Sequence[str], order: tuple[frozenset[str], ...], scope: Scope
) -> list[Value]:
    items, between = list(operands), list(signs)
    for level in order:
        at = 0
        while at < len(between):
            if between[at] not in level:
                at += 1
                continue
            items[at : at + 2] = [_joined_pair(e, items[at], items[at + 1], between[at], scope)]
            del between[at]
    return items[0][0]


def _joined_pair(e: Elaborator, left: Operand, right: Operand, sign: str, scope: Scope) -> Operand:
    lefts, rights = left[0], right[0]
    whole = _span(left[1], right[1])
    if sign in ("/", "\\oslash"):
        return e.quotient(whole, lefts, rights), whole
    found = multiplied(lefts, rights, sign, scope)
    if not found and sign == "*" and _convolves(e):
        e.refuse(whole, "the star may be a convolution, which is read as a sum only", "Write its sum out.")
    if not found:
        e.misfit(whole, misfit_of(lefts[0], rights[0], sign))
    return found, whole


def _convolves(e: Elaborator) -> bool:
    """True if the network slides one array over another, so that a star between arrays can mean that."""
    terms = (t for equation in e.model.equations.values() for t in subterms(equation.term))
    return any(isinstance(t, Bracket) and len(t.sizes) > 2 for t in terms)


def _span(left: Tree, right: Tree) -> Tree:
    return Product((left, right), ("",), left.start, right.end)


def misfit_of(a: Value, b: Value, sign: str) -> str:
    """Why two factors do not fit."""
    shapes = f"{_shape(a)} and {_shape(b)}"
    if sign in HADAMARD:
        return f"An elementwise product needs equal shapes; here they are {shapes}."
    if a.kind in ("scalar", "array") or b.kind in ("scalar", "array"):
        return f"These cannot be multiplied: {shapes}."
    left = a.columns if a.columns is not None else 1
    right = b.rows if b.rows is not None else 1
    return f"A matrix product needs equal inner sizes; here are {shapes}, with {left} and {right}."


def _shape(value: Value) -> str:
    if value.kind == "scalar":
        return "a number"
    if value.kind in ("column", "row"):
        n = value.sizes[0]
        return f"a column ({n} × 1)" if value.kind == "column" else f"a row (1 × {n})"
    return " × ".join(map(str, value.sizes))


def multiplied(lefts: Sequence[Value], rights: Sequence[Value], sign: str, scope: Scope) -> list[Value]:
    """Every product that the sign can mean for some pair of readings."""
    if scope.product == "elementwise" and sign not in ("\\otimes",):
        found = pairs(lefts, rights, lambda a, b: [*_diagonal_derivative(a, b), *elementwise(a, b)])
        if found:
            return found
    for operations in _meanings(sign):
        found = pairs(lefts, rights, lambda a, b, ops=operations: [v for op in ops for v in op(a, b)])  # type: ignore[misc]
        if found:
            return found
    return []


def _meanings(sign: str) -> tuple[tuple[Operation, ...], ...]:
    """What a sign can mean: the first group in which something fits is taken, and all of that group."""
    if sign == "":
        return (chained_or_product,), (beside,)
    if sign == "\\cdot":
        return (chained_or_product, _noted_elementwise, _inner), (_noted_outer,), (beside,)
    if sign in ("*", "\\times"):
        return (elementwise, _noted_product), (_inner,), (beside,)
    if sign == "\\otimes":
        return (kronecker, _outer_for_columns), (_outer, elementwise)
    return ((elementwise,), (_diagonal_derivative,))


def chained_or_product(a: Value, b: Value) -> list[Value]:
    """A link of the chain rule, or the matrix product; two derivatives that fit both ways are read both ways."""
    return [*chained(a, b), *matmul(a, b)]


def _noted_elementwise(a: Value, b: Value) -> list[Value]:
    if "scalar" in (a.kind, b.kind):
        return []
    kinds = {v.kind for v in matmul(a, b)}
    return [v.noted("the dot is the elementwise product") if v.kind in kinds else v for v in elementwise(a, b)]


def _noted_product(a: Value, b: Value) -> list[Value]:
    if "scalar" in (a.kind, b.kind):
        return chained(a, b)
    kinds = {v.kind for v in elementwise(a, b)}
    return [v.noted("the sign is the matrix product") if v.kind in kinds else v for v in chained_or_product(a, b)]


def _inner(a: Value, b: Value) -> list[Value]:
    return inner(a, b) if a.kind == b.kind else []


def _outer(a: Value, b: Value) -> list[Value]:
    return outer(a, b)


def _noted_outer(a: Value, b: Value) -> list[Value]:
    return [v.noted("the dot is the outer product") for v in outer(a, b)]


def _outer_for_columns(a: Value, b: Value) -> list[Value]:
    return outer(a, b) if a.kind == b.kind == "column" else []


def beside(a: Value, b: Value) -> list[Value]:
    """Two arrays of one shape side by side, or a vector before a matrix: entry by entry, if that is what is meant."""
    if a.kind == b.kind and a.kind in ("column", "row", "matrix") and a.sizes == b.sizes:
        return [v.noted(SIDE_BY_SIDE) for v in elementwise(a, b)]
    if a.kind == "column" and b.kind == "matrix" and a.sizes[0] is b.rows:
        from .values import combined, conform, free_of

        if conform(a, b):
            free = free_of(a, b)
            term = combined([(a, (" r",), 1), (b, (" r", " c"), 1)], (" r", " c"), free)
            return [Value(term, free, "matrix", tuple(dict.fromkeys((*a.notes, *b.notes, DIAGONAL))))]
    return []


def _diagonal_derivative(a: Value, b: Value) -> list[Value]:
    """A vector times the Jacobian of an elementwise function, which is its diagonal."""
    from .values import combined

    for vector, square in ((a, b), (b, a)):
        if vector.kind in ("column", "row") and square.kind == "matrix" and square.link and not vector.free:
            if square.rows is square.columns and square.rows is vector.sizes[0] and not square.free:
                kind = vector.kind
                diagonal = Value(combined([(square, (" r", " r"), 1)], (" r",), ()), (), kind, square.notes)
                return elementwise(vector, diagonal)
    return []


# ---------------------------------------------------------------------- functions and operators in a row of factors


def scanned(e: Elaborator, tree: Product, scope: Scope) -> tuple[list[Operand], list[str]]:
    """The operands of a product, functions with their arguments taken together."""
    operands: list[Operand] = []
    signs: list[str] = []
    factors, between = tree.factors, tree.signs
    at = 0
    while at < len(factors):
        factor = factors[at]
        rest = factors[at + 1 :]
        if isinstance(factor, Dots):
            e.refuse(factor, "dots can be read in lists and matrices only")
        if isinstance(factor, Big) and _is_pair(factor, rest):
            from .wholes import extreme

            group = rest[0]
            assert isinstance(group, Group)
            assert isinstance(group.body, Listing)
            values = calls.finished(e, group, extreme(e, factor.operator, group.body, scope), scope)
            operands.append((values, _span(factor, group)))
            at += 2
        elif isinstance(factor, Big):
            from .bigs import big

            body = _row(rest, between[at + 1 :])
            if body is None:
                e.refuse(factor, "there is nothing behind it")
            operands.append((big(e, factor, body, scope), _span(factor, body)))
            at = len(factors)
        elif isinstance(factor, Derivative) and factor.top is None:
            from .derivatives import applied

            values, used = applied(e, factor, rest, between[at + 1 :], scope)
            operands.append((values, _span(factor, factors[at + used])))
            at += 1 + used
        else:
            taken = calls.call(e, factors, between, at, scope)
            if taken is not None:
                values, used = taken
                operands.append((values, _span(factor, factors[at + used - 1]) if used > 1 else factor))
                at += used
            else:
                operands.append((_value(e, factor, scope), factor))
                at += 1
        if at < len(factors):
            signs.append(between[at - 1])
    return operands, signs


def _is_pair(operator: Big, rest: Sequence[Tree]) -> bool:
    """True for max(a, b)."""
    if operator.operator not in ("max", "min") or operator.scripts or not rest:
        return False
    return isinstance(rest[0], Group) and isinstance(rest[0].body, Listing)


def _value(e: Elaborator, factor: Tree, scope: Scope) -> list[Value]:
    return e.values(factor, scope)


def _row(factors: Sequence[Tree], signs: Sequence[str]) -> Tree | None:
    """Factors as a product again."""
    if not factors:
        return None
    if len(factors) == 1:
        return factors[0]
    return Product(tuple(factors), tuple(signs[: len(factors) - 1]), factors[0].start, factors[-1].end)


def negated(values: Sequence[Value]) -> list[Value]:
    """The values with the other sign."""
    return [replace(v, term=scaled(-1, v.term), link=None) for v in values]
