"""Values without axes as expressions of Python: numbers, sizes, arithmetic, with as few parentheses as are needed."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from ..errors import MissingRule
from ..tensor.size import Size
from .values import Value

ATOM, POWER, SIGN, TIMES, PLUS, COMPARE, LOGIC, CHOICE = 9, 8, 7, 6, 5, 4, 3, 2
Text = tuple[str, int]
SHORT = 10  # digits up to which a number is written as a decimal
INFIX = {"add": ("+", PLUS), "subtract": ("-", PLUS), "multiply": ("*", TIMES), "divide": ("/", TIMES)}


def number_text(value: Fraction | str) -> Text:
    """A number: an integer, a short decimal or a fraction."""
    if isinstance(value, str):
        return value, ATOM
    if value.denominator == 1:
        text = str(value.numerator) if abs(value) < 10**15 else repr(float(value))
    else:
        text = repr(float(value))
        if len(text) > SHORT and max(abs(value.numerator), value.denominator) < 10**6:
            return f"{value.numerator} / {value.denominator}", TIMES
    return text, SIGN if text.startswith("-") else ATOM


def wrapped(text: Text, least: int) -> str:
    """The text in parentheses if it binds less tightly."""
    return text[0] if text[1] >= least else f"({text[0]})"


def expression(
    value: Value, inner: Callable[[Value], Text], size: Callable[[Size], str], call: Callable[[str], str]
) -> Text:
    """One operation without axes; `inner` gives the text of its arguments, `call` the name of a function.

    Raises MissingRule for an operation that is none of numbers.
    """
    op = value.op
    if op == "number":
        known = value.attr[0]
        assert isinstance(known, (Fraction, str))
        return number_text(known)
    if op == "size":
        length = value.attr[0]
        assert isinstance(length, Size)
        return size(length), ATOM if len(length.monomials) == 1 and str(length).isidentifier() else PLUS
    args = [inner(a) for a in value.args]
    if op in INFIX:
        sign, level = INFIX[op]
        left, right = wrapped(args[0], level), wrapped(args[1], level + 1)
        return f"{left} {sign} {right}", level
    if op == "negative":
        return f"-{wrapped(args[0], SIGN)}", SIGN
    if op == "reciprocal":
        return f"1 / {wrapped(args[0], SIGN)}", TIMES
    if op == "square":
        x, level = args[0]
        return (f"{x} * {x}", TIMES) if level == ATOM else (f"{wrapped(args[0], ATOM)}**2", POWER)
    if op == "power":
        return f"{wrapped(args[0], ATOM)} ** {wrapped(args[1], ATOM)}", POWER
    if op == "greater":
        return f"{wrapped(args[0], PLUS)} > {wrapped(args[1], PLUS)}", COMPARE
    if op == "equal":
        return f"{wrapped(args[0], PLUS)} == {wrapped(args[1], PLUS)}", COMPARE
    if op == "where":
        condition, x, y = wrapped(args[0], LOGIC), wrapped(args[1], COMPARE), wrapped(args[2], CHOICE)
        return f"{x} if {condition} else {y}", CHOICE
    name = call(op)
    if name:
        return f"{name}({', '.join(a[0] for a in args)})", ATOM
    raise MissingRule(f"No code is known for the operation {op} of numbers.")


__all__ = [
    "ATOM",
    "CHOICE",
    "COMPARE",
    "LOGIC",
    "PLUS",
    "SIGN",
    "TIMES",
    "Text",
    "expression",
    "number_text",
    "wrapped",
]
