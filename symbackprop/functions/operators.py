"""Operators between arrays, broadcast as NumPy does: + − * / // ** and the comparisons, which are 1 or 0."""

from __future__ import annotations

from ..tensor import normal
from ..tensor.normal import apply, as_number, number, product
from ..tensor.terms import Bracket, Map, Number, Product, Special, Sum, Term
from .shapes import spread, widened, widened_to
from .table import function


def add(x: Term, y: Term) -> Term:
    """x_i + y_i, broadcast."""
    shape, (x, y) = widened([x, y])
    return normal.add([(1, x), (1, y)], shape)


def subtract(x: Term, y: Term) -> Term:
    """x_i − y_i, broadcast."""
    shape, (x, y) = widened([x, y])
    return normal.add([(1, x), (-1, y)], shape)


def negative(x: Term) -> Term:
    """−x_i; the shape of x."""
    return normal.scaled(-1, x)


def multiply(x: Term, y: Term) -> Term:
    """x_i y_i, entry by entry, broadcast."""
    return _times(x, y, 1)


def divide(x: Term, y: Term) -> Term:
    """x_i / y_i, broadcast."""
    return _times(x, y, -1)


def _times(x: Term, y: Term, exponent: Number) -> Term:
    shape, (of_x, of_y) = spread([x, y])
    sizes = dict(enumerate(shape))
    return product(1, [(x, of_x, 1), (y, of_y, exponent)], range(len(shape)), sizes)


def floordivide(x: Term, y: Term) -> Term:
    """⌊x_i / y_i⌋, broadcast; its derivative is 0."""
    return apply("floor", [divide(x, y)])


def power(x: Term, y: Term) -> Term:
    """x_i ^ y_i, broadcast; where y is no number, x must be positive."""
    exponent = as_number(y)
    if exponent is not None:
        shape, _ = spread([x, y])
        return normal.powered(widened_to(x, shape), exponent)
    _, wide = widened([x, y])
    return apply("power", wide)


def greater(x: Term, y: Term) -> Term:
    """1 where x_i > y_i, else 0, broadcast."""
    return apply("step", [subtract(x, y)])


def less(x: Term, y: Term) -> Term:
    """1 where x_i < y_i, else 0, broadcast."""
    return apply("step", [subtract(y, x)])


def greater_equal(x: Term, y: Term) -> Term:
    """1 where x_i ≥ y_i, else 0, broadcast."""
    return 1 - less(x, y)


def less_equal(x: Term, y: Term) -> Term:
    """1 where x_i ≤ y_i, else 0, broadcast."""
    return 1 - greater(x, y)


def equal(x: Term, y: Term) -> Term:
    """1 where x_i = y_i, else 0, broadcast."""
    return apply("iszero", [subtract(x, y)])


def not_equal(x: Term, y: Term) -> Term:
    """1 where x_i ≠ y_i, else 0, broadcast."""
    return 1 - equal(x, y)


def maximum(x: Term, y: Term) -> Term:
    """The greater of x_i and y_i, broadcast; at a tie nothing is passed back."""
    return apply("maximum", widened([x, y])[1])


def minimum(x: Term, y: Term) -> Term:
    """The lesser of x_i and y_i, broadcast; at a tie nothing is passed back."""
    return apply("minimum", widened([x, y])[1])


def where(condition: Term, x: Term, y: Term) -> Term:
    """x_i where condition_i is not 0, else y_i, broadcast."""
    if not is_indicator(condition):
        condition = 1 - apply("iszero", [condition])
    return apply("where", widened([condition, x, y])[1])


def is_indicator(term: Term) -> bool:
    """True if every entry is surely 0 or 1 by construction: a comparison, a bracket, a product or opposite of them."""
    stack = [term]
    while stack:
        top = stack.pop()
        known = as_number(top)
        if known is not None:
            if known not in (0, 1):
                return False
        elif isinstance(top, Product):
            if top.coefficient != 1 or top.summed or any(e < 0 for _, _, e in top.factors):
                return False
            stack.extend(t for t, _, _ in top.factors)
        elif isinstance(top, Sum):
            opposite = normal.add([(1, number(1, top.sizes)), (-1, top)], top.sizes)
            if isinstance(opposite, Sum):
                return False
            stack.append(opposite)
        elif not (
            isinstance(top, Bracket)
            or (isinstance(top, Map) and top.head in ("step", "iszero"))
            or (isinstance(top, Special) and top.operation == "argmax")
        ):
            return False
    return True


OPERATORS = tuple(
    function("operators", f)
    for f in (
        add, subtract, negative, multiply, divide, floordivide, power, greater, less, greater_equal, less_equal, equal,
        not_equal, maximum, minimum, where,
    )
)  # fmt: skip
