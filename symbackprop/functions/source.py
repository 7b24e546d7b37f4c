"""An author's expression back as source text, for messages: what was read, in the language of network files."""

from __future__ import annotations

from fractions import Fraction

from ..expression import Array, Call, Expr, Name, Number, Slice, Subscript

LONGEST = 80
# Python's precedence: the operator's text, its own level, the least level of its left and its right operand.
BINARY = {
    "equal": ("==", 1, 2, 2), "not_equal": ("!=", 1, 2, 2), "greater": (">", 1, 2, 2), "less": ("<", 1, 2, 2),
    "greater_equal": (">=", 1, 2, 2), "less_equal": ("<=", 1, 2, 2),
    "add": ("+", 2, 2, 3), "subtract": ("-", 2, 2, 3),
    "multiply": ("*", 3, 3, 4), "divide": ("/", 3, 3, 4), "floordivide": ("//", 3, 3, 4), "matmul": ("@", 3, 3, 4),
    "power": ("**", 5, 6, 4),
}  # fmt: skip  # a table
UNARY, ATOM = 4, 7


def source(expr: Expr, longest: int = LONGEST) -> str:
    """The expression as an author would write it, shortened in the middle if it is long."""
    try:
        text = _text(expr)[0]
    except RecursionError:
        return "..."
    if len(text) <= longest:
        return text
    half = (longest - 5) // 2
    return f"{text[:half].rstrip()} ... {text[-half:].lstrip()}"


def quoted(expr: Expr) -> str:
    """A name as it is, another expression in quotes."""
    return expr.name if isinstance(expr, Name) else f"`{source(expr)}`"


def _text(expr: Expr) -> tuple[str, int]:
    """The text and its level of precedence."""
    if isinstance(expr, Name):
        return expr.name, ATOM
    if isinstance(expr, Number):
        return _number(expr.value)
    if isinstance(expr, Array):
        return f"[{', '.join(_text(item)[0] for item in expr.items)}]", ATOM
    if isinstance(expr, Subscript):
        return f"{_at_least(expr.base, 6)}[{', '.join(map(_item, expr.items))}]", ATOM - 1
    name = expr.shown or expr.function
    if not expr.shown and not expr.options:
        if expr.function in BINARY and len(expr.args) == 2:
            sign, level, left, right = BINARY[expr.function]
            space = "" if sign == "**" else " "
            return f"{_at_least(expr.args[0], left)}{space}{sign}{space}{_at_least(expr.args[1], right)}", level
        if expr.function == "negative" and len(expr.args) == 1:
            return f"-{_at_least(expr.args[0], UNARY)}", UNARY
        if expr.function == "transpose" and len(expr.args) == 1:
            return f"{_at_least(expr.args[0], 6)}.T", ATOM - 1
        if expr.function == "shape" and len(expr.args) == 1:
            return f"{_at_least(expr.args[0], 6)}.shape", ATOM - 1
    parts = [_option(arg) for arg in expr.args] + [f"{key}={_option(value)}" for key, value in expr.options]
    return f"{name}({', '.join(parts)})", ATOM - 1


def _at_least(expr: Expr, level: int) -> str:
    text, own = _text(expr)
    return text if own >= level else f"({text})"


def _number(value: Fraction) -> tuple[str, int]:
    if value.denominator == 1:
        return str(value.numerator), ATOM if value >= 0 else UNARY
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest == 1:
        return f"{float(value):.12g}", ATOM if value >= 0 else UNARY
    return f"{value.numerator} / {value.denominator}", 3


def _item(item: object) -> str:
    if isinstance(item, Slice):
        start, stop = (_option(part) if part is not None else "" for part in (item.start, item.stop))
        return f"{start}:{stop}" + (f":{_option(item.step)}" if item.step is not None else "")
    return "..." if item is Ellipsis else _option(item)


def _option(value: object) -> str:
    if isinstance(value, (Name, Number, Array, Subscript, Call)):
        return _text(value)[0]
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (tuple, list)):
        inner = ", ".join(map(_option, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return str(value)
