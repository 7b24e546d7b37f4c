"""Scalar functions as operations of NumPy, in forms that stay finite where the function is."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Protocol

from ..errors import MissingRule
from ..tensor.normal import as_number
from ..tensor.terms import Map, Term
from .contract import Operand
from .values import Value, Values

PLAIN = {
    "exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "tan": "tan", "asin": "arcsin", "acos": "arccos",
    "atan": "arctan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "asinh": "arcsinh", "acosh": "arccosh",
    "atanh": "arctanh", "abs": "absolute", "sign": "sign", "floor": "floor", "maximum": "maximum", "minimum": "minimum",
    "power": "power", "erf": "erf", "normal_cdf": "normal_cdf", "lgamma": "lgamma", "digamma": "digamma",
}  # fmt: skip


class Lowers(Protocol):
    """What a map needs of the rest."""

    values: Values

    def lower(self, term: Term) -> Operand:
        """The value of a term."""

    def entrywise(self, function: Callable[..., Value], *operands: Operand) -> Operand:
        """A function of values applied to operands on their common axes."""


def mapped(context: Lowers, term: Map) -> Operand:
    """The value of a scalar function of arrays. Raises MissingRule for one that has no code."""
    v = context.values
    if term.head == "polygamma":
        low = context.lower(term.children[1])
        return Operand(mapped_values(v, term, [low.value, low.value]), low.labels)
    args = [context.lower(child) for child in term.children]
    return context.entrywise(lambda *x: mapped_values(v, term, list(x)), *args)


def mapped_values(v: Values, term: Map, args: list[Value]) -> Value:
    """A scalar function of values on common axes. Raises MissingRule for one that has no code."""
    if term.head == "polygamma":
        order = as_number(term.children[0])
        if order is None:
            raise MissingRule("The order of a polygamma function must be a number.")
        return v.make("polygamma", (args[1],), (int(order),), args[1].shape)
    if term.head in PLAIN:
        return v.apply(PLAIN[term.head], *args)
    rule = RULES.get(term.head)
    if rule is None:
        raise MissingRule(f"No code is known for the function {term.head}.", remedy="Add it to codegen/maps.py.")
    return rule(v, *args)


def sigmoid(v: Values, x: Value) -> Value:
    """1 / (1 + e^−x): where e^−x overflows the quotient is 0, as it should be."""
    if v.numeric:
        return v.make("sigmoid", (x,))
    result = v.apply("reciprocal", v.plus(v.apply("exp", negative(v, x)), v.number(1)))
    result.tame = x.tame
    return result


def negative(v: Values, x: Value) -> Value:
    """−x, without a second sign."""
    return x.args[0] if x.op == "negative" else v.apply("negative", x)


def softplus(v: Values, x: Value) -> Value:
    """max(x, 0) + log1p(e^−|x|)."""
    inner = x.args[0] if x.op == "negative" else x
    rest = v.apply("log1p", v.apply("exp", v.apply("negative", v.apply("absolute", inner))))
    result = v.plus(v.apply("maximum", x, v.number(0)), rest)
    rest.tame = result.tame = x.tame
    return result


def normal_pdf(v: Values, x: Value) -> Value:
    """e^(−x²/2) / √(2π)."""
    bell = v.apply("exp", v.times(v.apply("square", x), v.number(Fraction(-1, 2))))
    factor = v.apply("reciprocal", v.apply("sqrt", v.times(v.number("pi"), v.number(2))))
    result = v.times(bell, factor)
    result.tame = x.tame
    return result


def relu(v: Values, x: Value) -> Value:
    """max(x, 0)."""
    return v.apply("maximum", x, v.number(0))


def step(v: Values, x: Value) -> Value:
    """x > 0; asked of max(x, 0) where that is known, so that x need not be kept."""
    zero = v.number(0)
    known = v.find("maximum", (x, zero), (), x.shape)
    return v.apply("greater", x if known is None else known, zero)


def iszero(v: Values, x: Value) -> Value:
    """x = 0."""
    return v.apply("equal", x, v.number(0))


def elu(v: Values, x: Value, alpha: Value) -> Value:
    """x where x > 0, else alpha (e^x − 1)."""
    falling = v.times(v.apply("expm1", v.apply("minimum", x, v.number(0))), alpha)
    result = v.apply("where", step(v, x), x, falling)
    result.tame = x.tame and alpha.tame
    return result


def where(v: Values, condition: Value, x: Value, y: Value) -> Value:
    """x where the condition is not 0, else y."""
    if condition.kind != "bool":
        condition = v.apply("logical_not", v.apply("equal", condition, v.number(0)))
    return v.apply("where", condition, v.as_float(x), v.as_float(y))


RULES: dict[str, Callable[..., Value]] = {
    "sigmoid": sigmoid, "softplus": softplus, "normal_pdf": normal_pdf, "relu": relu, "step": step, "iszero": iszero,
    "elu": elu, "where": where,
}  # fmt: skip

__all__ = ["PLAIN", "RULES", "mapped"]
