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
    if box.text in "/∘⊤":
        return '<mo lspace="0" rspace="0">/</mo>' if box.text == "/" else f"<mo>{text}</mo>"
    return f"<mo>{text}</mo>"


def _row(box: Row) -> str:
    parts: list[str] = []
    last: Box | None = None
    for item in box.items:
        if _is_function(item) and last is not None and not (isinstance(last, Token) and last.kind != "number"):
            parts.append(THIN)
        elif last is not None and _is_function(last):
            parts.append(APPLY)
            if not (isinstance(item, Fence) and box.tight):
                parts.append(THIN)
        parts.append(box_mathml(item))
        last = item
    return f"<mrow>{''.join(parts)}</mrow>"


def _is_function(box: Box) -> bool:
    while isinstance(box, (Scripts, Row)):
        box = box.base if isinstance(box, Scripts) else box.items[0]
    return isinstance(box, Token) and box.kind == "function"


def _scripts(box: Scripts) -> str:
    base = box_mathml(box.base)
    big = isinstance(box.base, Token) and box.base.kind == "big"
    sub = None if box.sub is None else box_mathml(box.sub)
    primes, rest = leading_primes(box.sup) if box.sup is not None else (0, None)
    if primes:  # the character is raised already, and in a superscript it would shrink to a dot
        base = f'<mrow>{base}<mo lspace="0" rspace="0">{PRIMES.get(primes, "′" * primes)}</mo></mrow>'
    if rest is None and sub is None:
        return base
    sup = None if rest is None else box_mathml(rest)
    if sub is not None and sup is not None:
        name = "munderover" if big else "msubsup"
    elif sup is not None:
        name = "mover" if big else "msup"
    else:
        name = "munder" if big else "msub"
    return f"<{name}>{base}{sub or ''}{sup or ''}</{name}>"


def _fraction(box: Fraction) -> str:
    return f"<mfrac>{box_mathml(box.top)}{box_mathml(box.bottom)}</mfrac>"


def _root(box: Root) -> str:
    return f"<msqrt>{box_mathml(box.body)}</msqrt>"


def _fence(box: Fence) -> str:
    grow = "" if box.body.tall else ' stretchy="false"'
    left = f'<mo form="prefix"{grow}>{escape(box.left)}</mo>'
    right = f'<mo form="postfix"{grow}>{escape(box.right)}</mo>'
    return f"<mrow>{left}{box_mathml(box.body)}{right}</mrow>"


def _accent(box: Accent) -> str:
    stretch = "true" if box.command in ("widehat", "widetilde", "overline") else "false"
    small = ' style="font-size:0.6em"' if box.command == "vec" else ""
    mark = f'<mo stretchy="{stretch}"{small}>{ACCENTS[box.command]}</mo>'
    return f'<mover accent="true">{box_mathml(box.body)}{mark}</mover>'


def _table(box: Table) -> str:
    left = box.kind == "cases"
    cell = '<mtd style="text-align:left">' if left else "<mtd>"
    rows = "".join(f"<mtr>{''.join(f'{cell}{box_mathml(part)}</mtd>' for part in cells)}</mtr>" for cells in box.rows)
    opening, closing = ("{", "") if left else ("(", ")")
    end = f'<mo form="postfix">{closing}</mo>' if closing else ""
    return f'<mrow><mo form="prefix">{opening}</mo><mtable>{rows}</mtable>{end}</mrow>'


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
