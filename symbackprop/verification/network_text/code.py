"""Python expressions that are put together: text with its binding strength, and what can be taken apart again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from ...tensor.size import Floor, Size
from ...tensor.terms import Number

COMPARE, SUM, PRODUCT, POWER, ATOM = range(5)
LONGEST = 4000  # letters
EXACT = (1, 2, 4, 8)  # denominators that are written as divisions; other decimal fractions are written as decimals


class NoText(Exception):
    """The term has no expression, or none that a person would read."""


@dataclass(frozen=True, slots=True)
class Code:
    """An expression. `links`: the matrices and vectors of a product by @; `base`: what it is the transpose of.

    `column` and `row`: the same vector with an axis of length 1 behind or in front, where that has a form of its own.
    """

    text: str
    strength: int = ATOM
    links: tuple[Code, ...] = ()
    base: Code | None = None
    column: Code | None = None
    row: Code | None = None

    def __post_init__(self) -> None:
        if len(self.text) > LONGEST:
            raise NoText

    def within(self, strength: int) -> str:
        """The text where at least that strength is needed."""
        return self.text if self.strength >= strength else f"({self.text})"


def turned(code: Code) -> Code:
    """The transpose of a matrix."""
    if code.base is not None:
        return code.base
    if code.links:
        return chained([turned(link) for link in reversed(code.links)])
    if code.text.startswith("eye("):
        return code
    return Code(f"{code.within(ATOM)}.T", base=code)


def transposes(code: Code) -> int:
    """How many transposes and new axes the expression shows."""
    return code.text.count(".T") + code.text.count("None")


def chained(links: Sequence[Code]) -> Code:
    """The product by @ of links that are none themselves."""
    return Code(" @ ".join(link.within(POWER) for link in links), PRODUCT, tuple(links))


def opaque(code: Code) -> Code:
    """The same, not to be taken apart."""
    return Code(code.text, code.strength)


def called(function: str, *args: Code | str) -> Code:
    """A call."""
    return Code(f"{function}({', '.join(a if isinstance(a, str) else a.text for a in args)})")


def power(base: Code, exponent: Number) -> Code:
    """base to a positive power; a square root where it is one."""
    if exponent == 1:
        return base
    made = called("sqrt", base)
    if exponent != Fraction(1, 2):
        made = Code(f"{base.within(ATOM)}**{numeral(exponent).within(ATOM)}", POWER)
    column, row = (None if wide is None else power(wide, exponent) for wide in (base.column, base.row))
    return replace(made, column=column, row=row)


def expanded(code: Code, subscripts: Sequence[str]) -> Code:
    """The array with new axes, or with axes of length 1 taken away."""
    text = ", ".join(subscripts)
    known = {":, None": code.column, "None, :": code.row}.get(text)
    if known is not None:
        return known
    made = Code(f"{code.within(ATOM)}[{text}]")
    if text == ":, 0":
        return replace(made, column=code)
    return replace(made, row=code) if text == "0, :" else made


def numeral(value: Number) -> Code:
    """A number: an integer, a decimal, or a quotient."""
    if isinstance(value, int) or value.denominator == 1:
        return Code(str(value), ATOM if value >= 0 else SUM)
    decimal = as_decimal(value)
    if decimal is not None:
        return Code(decimal, ATOM if value >= 0 else SUM)
    return Code(f"{value.numerator} / {value.denominator}", PRODUCT if value >= 0 else SUM)


def as_decimal(value: Number) -> str | None:
    """The number as a decimal, if it is a short one."""
    scaled = Fraction(value) * 10**12
    if scaled.denominator != 1:
        return None
    digits = str(abs(scaled.numerator)).rjust(13, "0")
    shown = f"{digits[:-12]}.{digits[-12:]}".rstrip("0").rstrip(".")
    return ("-" if value < 0 else "") + shown


def added(terms: Iterable[tuple[int, Code]]) -> Code:
    """The sum of signed expressions, in this order."""
    text = ""
    for sign, code in terms:
        if not text:
            text = code.text if sign > 0 and code.strength >= SUM else ("-" if sign < 0 else "") + code.within(PRODUCT)
        else:
            text += (" - " if sign < 0 else " + ") + code.within(PRODUCT)
    return Code(text, SUM)


def tupled(items: Sequence[str]) -> str:
    """A shape or several axes."""
    return items[0] if len(items) == 1 else f"({', '.join(items)})"


def size_code(value: Size) -> Code:
    """A size as an expression in the names of sizes."""
    parts: list[tuple[int, Code]] = []
    for monomial, c in value.monomials:
        factors = [Code(str(abs(c)))] if abs(c) != 1 or not monomial else []
        factors += [power(atom_code(atom), exponent) for atom, exponent in monomial]
        whole = factors[0] if len(factors) == 1 else Code(" * ".join(f.within(POWER) for f in factors), PRODUCT)
        parts.append((1 if c > 0 else -1, whole))
    parts.sort(key=lambda part: part[0] < 0)
    if len(parts) == 1 and parts[0][0] > 0:
        return parts[0][1]
    return added(parts) if parts else Code("0")


def atom_code(atom: str | Floor) -> Code:
    """The name of a size, or a floor division."""
    if isinstance(atom, str):
        return Code(atom)
    return Code(f"{size_code(atom.numerator).within(POWER)} // {atom.divisor}", PRODUCT)


def shape_text(sizes: Sequence[Size]) -> str:
    """A shape as an argument: n, or (n, m)."""
    return tupled([size_code(s).text for s in sizes])
