"""Small decisions about what stands next to what: dots between numbers, commas between indices, decimals."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction as Rational
from itertools import pairwise

from .boxes.box import (
    ATOM,
    BOLD_ONE,
    CDOT,
    COMMA,
    MINUS,
    NABLA,
    PRIME,
    PRODUCT,
    RELATION,
    SUM,
    THIN,
    Box,
    Fraction,
    Row,
    Scripts,
    Token,
    first_token,
    last_token,
    row,
)

LONGEST_DECIMAL = 12  # digits after the point; longer ones stay fractions
SMALL = Rational(1, 10_000)  # below this a decimal is written with a power of ten


def number(value: Rational) -> Box:
    r"""An integer, a fraction, or, where the denominator is a larger 2^a 5^b, a decimal: 3, 1/2, 0.01, 10^{-5}."""
    if value < 0:
        box = number(-value)
        return Row((MINUS, box), SUM, box.tall, tight=True)
    if value.denominator == 1:
        return digits(str(value.numerator))
    decimal = _decimal(value) if value.denominator > 8 else None
    if decimal is None:
        return Fraction(digits(str(value.numerator)), digits(str(value.denominator)))
    places, scaled = decimal
    if value >= SMALL:
        text = str(scaled).rjust(places + 1, "0")
        return digits(f"{text[:-places]}.{text[-places:]}")
    mantissa = str(scaled)
    exponent = Row((MINUS, digits(str(places - len(mantissa) + 1))), PRODUCT, False, tight=True)
    power = Scripts(digits("10"), None, exponent)
    if mantissa == "1":
        return power
    head = mantissa if len(mantissa) == 1 else f"{mantissa[0]}.{mantissa[1:]}"
    return Row((digits(head), CDOT, power), PRODUCT, False)


def _decimal(value: Rational) -> tuple[int, int] | None:
    """How many places a finite decimal has, and its digits as an integer; None if it is not finite or too long."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    scaled = value * 10**places
    if rest != 1 or len(str(scaled.numerator)) > LONGEST_DECIMAL:
        return None
    return places, scaled.numerator


def digits(text: str) -> Token:
    """A number's token."""
    return Token(text, text, "number")


def juxtaposed(boxes: Sequence[Box]) -> list[Box]:
    """Factors side by side: a dot where two numbers would touch, a thin space beside a word or a gradient ∇J."""
    items = [boxes[0]]
    for before, after in pairwise(boxes):
        left, right = last_token(before), first_token(after)
        if right is not None and right.kind == "number":
            bar = isinstance(after, Fraction)
            touching = not bar or (left is not None and left.kind == "number")
            items += [CDOT] if touching else []
        elif right is BOLD_ONE and left is not None and left.kind == "number":
            items.append(CDOT)
        elif NABLA in (first_token(before), right) or any(t is not None and t.kind == "word" for t in (left, right)):
            items.append(THIN)
        items.append(after)
    return items


def separated(boxes: Sequence[Box]) -> list[Box]:
    """Boxes with commas between them."""
    items: list[Box] = []
    for box in boxes:
        if items:
            items.append(COMMA)
        items.append(box)
    return items


def subscripted(subscripts: Sequence[Box]) -> Box:
    """Subscripts as one: x_{ij} if all are single letters, else with commas."""
    plain = all(isinstance(s, Token) and s.kind == "letter" for s in subscripts)
    items = list(subscripts) if plain else separated(subscripts)
    return row(items, RELATION, tight=True)


def dressed(name: Box, sub: Box | None, primes: int) -> Box:
    """A function's name with its subscript and its primes."""
    if sub is None and primes == 0:
        return name
    marks: list[Box] = [PRIME] * primes
    if isinstance(name, Scripts):
        if sub is not None:
            sub = sub if name.sub is None else Row((name.sub, COMMA, sub), RELATION, False, tight=True)
        else:
            sub = name.sub
        if name.sup is not None:
            marks.insert(0, name.sup)
        name = name.base
    sup = row(marks, ATOM, tight=True) if marks else None
    return Scripts(name, sub, sup)


TEX_SPECIAL = {
    **{c: f"\\{c}" for c in "#$%&_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


def escaped(words: str) -> str:
    r"""Words for \text{}: what is special to TeX becomes a command."""
    return "".join(TEX_SPECIAL.get(c, c) for c in words)
