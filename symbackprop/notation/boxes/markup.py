"""Boxes to presentation MathML (Core): what a browser renders without a script or a style sheet.

Every character that comes from a name or a spelling is escaped. Bold, script and double-struck letters are Unicode's
own mathematical letters, since MathML Core has no other alphabet than upright.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from .box import Accent, Box, Fence, Fraction, Root, Row, Scripts, Table, Token, leading_primes
from .commands import ACCENTS, SPACES

THIN = '<mspace width="0.17em"/>'
PRIMES = {1: "′", 2: "″", 3: "‴"}
APPLY = "<mo>&#x2061;</mo>"


def box_mathml(box: Box) -> str:
    """The box as one MathML element, to stand inside <math>."""
    return WRITE[type(box)](box)


def _token(box: Token) -> str:
    kind, text = box.kind, escape(box.text)
    if kind == "letter":
        return f'<mi mathvariant="normal">{text}</mi>' if "Α" <= text <= "Ω" else f"<mi>{text}</mi>"
    if kind == "number":
        return f"<mn>{text}</mn>"
    if kind in ("mark", "word", "function", "transpose"):
        return f'<mi mathvariant="normal">{text}</mi>' if len(box.text) == 1 else f"<mi>{text}</mi>"
    if kind == "space":
        return f'<mspace width="{SPACES[box.latex[1:]]}em"/>'
    if kind == "text":
        return f"<mtext>{text.replace(' ', '&#xa0;')}</mtext>"
    if kind == "punct":
        return f'<mo separator="true">{text}</mo>'
    return '<mo lspace="0" rspace="0">/</mo>' if text == "/" else f"<mo>{text}</mo>"


def _row(box: Row) -> str:
    parts: list[str] = []
    last: Box | None = None
    for item in box.items:
        if last is not None and _function(last):
            parts.append(APPLY if isinstance(item, Fence) and box.tight else APPLY + THIN)
        elif last is not None and _begins_with_function(item) and _factor(last):
            parts.append(THIN)
        parts.append(WRITE[type(item)](item))
        last = item
    return f"<mrow>{''.join(parts)}</mrow>"


def _factor(box: Box) -> bool:
    """Whether a box stands in a product, rather than for a sign or a space."""
    return not isinstance(box, Token) or box.kind in ("number", "letter", "mark", "word")


def _function(box: Box) -> bool:
    """Whether a box is a function's name, with its scripts."""
    while isinstance(box, Scripts):
        box = box.base
    return isinstance(box, Token) and box.kind == "function"


def _begins_with_function(box: Box) -> bool:
    while isinstance(box, Row):
        box = box.items[0]
    return _function(box)


def _scripts(box: Scripts) -> str:
    base = WRITE[type(box.base)](box.base)
    big = isinstance(box.base, Token) and box.base.kind == "big"
    sub = None if box.sub is None else WRITE[type(box.sub)](box.sub)
    primes, rest = leading_primes(box.sup) if box.sup is not None else (0, None)
    if primes:  # the character is raised already, and in a superscript it would shrink to a dot
        base = f'<mrow>{base}<mo lspace="0" rspace="0">{PRIMES.get(primes, "′" * primes)}</mo></mrow>'
    if rest is None and sub is None:
        return base
    sup = None if rest is None else WRITE[type(rest)](rest)
    if sub is not None and sup is not None:
        name = "munderover" if big else "msubsup"
    elif sup is not None:
        name = "mover" if big else "msup"
    else:
        name = "munder" if big else "msub"
    return f"<{name}>{base}{sub or ''}{sup or ''}</{name}>"


def _fraction(box: Fraction) -> str:
    return f"<mfrac>{WRITE[type(box.top)](box.top)}{WRITE[type(box.bottom)](box.bottom)}</mfrac>"


def _root(box: Root) -> str:
    return f"<msqrt>{WRITE[type(box.body)](box.body)}</msqrt>"


def _fence(box: Fence) -> str:
    grow = "" if box.body.tall else ' stretchy="false"'
    left = f'<mo form="prefix"{grow}>{escape(box.left)}</mo>'
    right = f'<mo form="postfix"{grow}>{escape(box.right)}</mo>'
    return f"<mrow>{left}{WRITE[type(box.body)](box.body)}{right}</mrow>"


def _accent(box: Accent) -> str:
    stretch = "true" if box.command in ("widehat", "widetilde", "overline") else "false"
    small = ' style="font-size:0.6em"' if box.command == "vec" else ""
    mark = f'<mo stretchy="{stretch}"{small}>{ACCENTS[box.command]}</mo>'
    return f'<mover accent="true">{WRITE[type(box.body)](box.body)}{mark}</mover>'


def _table(box: Table) -> str:
    left = box.kind == "cases"
    cell = '<mtd style="text-align:left">' if left else "<mtd>"
    rows: list[str] = []
    for cells in box.rows:
        rows.append("<mtr>")
        for part in cells:
            rows.append(f"{cell}{WRITE[type(part)](part)}</mtd>")  # noqa: PERF401  a comprehension costs a frame
        rows.append("</mtr>")
    opening, closing = ("{", "") if left else ("(", ")")
    end = f'<mo form="postfix">{closing}</mo>' if closing else ""
    return f'<mrow><mo form="prefix">{opening}</mo><mtable>{"".join(rows)}</mtable>{end}</mrow>'


WRITE: dict[type, Callable[[Any], str]] = {
    Token: _token,
    Row: _row,
    Scripts: _scripts,
    Fraction: _fraction,
    Root: _root,
    Fence: _fence,
    Accent: _accent,
    Table: _table,
}
