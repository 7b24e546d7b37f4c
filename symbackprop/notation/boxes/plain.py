"""Boxes to one line of text, for terminals: Unicode (W₂ᵀ δ_z₂) or ASCII (W_2^T delta_z_2).

A fraction becomes a slash with the parentheses that it then needs. The ASCII form writes `*` for the elementwise
product and puts factors side by side for all others; both can be typed again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from .box import ATOM, COMMA, PRODUCT, SCRIPT, Accent, Box, Fence, Fraction, Root, Row, Scripts, Table, Token
from .commands import COMBINING, LETTERS

SUBSCRIPTS = dict(zip("0123456789+-−=aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
SUPERSCRIPTS = dict(
    zip("0123456789+-−=in⊤Tabcdefghjklmoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼ⁱⁿᵀᵀᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True)
)
LONGEST_LOWERED = 2  # letters; W_prev is easier to read than all of it lowered
STYLED_LETTERS = "ℬℰℱℋℐℒℳℛℯℊℴℂℍℕℙℚℝℤ"  # outside the block of mathematical letters

ASCII = {
    **{text: name for name, text in LETTERS.items()},
    "ο": "omicron",
    "−": "-",
    "·": "*",
    "∘": "*",
    "⊙": "*",
    "∗": "*",
    "×": "x",
    "⊗": "(x)",
    "⊕": "(+)",
    "∂": "d",
    "∇": "grad",
    "⊤": "T",
    "⊺": "T",
    "⊥": "perp",
    "∞": "inf",
    "∑": "sum",
    "∏": "prod",
    "∫": "int",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "∈": "in",
    "∼": "~",
    "≈": "~=",
    "≡": "==",
    "∝": "prop",
    "→": "->",
    "←": "<-",
    "↦": "|->",
    "…": "...",
    "⋯": "...",
    "⋮": ":",
    "⋱": "...",
    "′": "'",
    "‖": "||",
    "⟨": "<",
    "⟩": ">",
    "⌊": "floor(",
    "⌋": ")",
    "⌈": "ceil(",
    "⌉": ")",
    "†": "^+",
    "⋆": "star",
    "√": "sqrt",
}


def box_text(box: Box, *, ascii_only: bool = False) -> str:
    """The box on one line."""
    return WRITE[type(box)](box, ascii_only)


def _token(box: Token, plain: bool) -> str:
    return _characters("Σ" if box.text == "∑" and not plain else box.text, plain)


def _characters(text: str, plain: bool) -> str:
    """Styled letters as plain ones; Greek and signs spelled out in ASCII."""
    if text.isascii():
        return text
    upright = "".join(
        unicodedata.normalize("NFKC", c) if "\U0001d400" <= c <= "\U0001d7ff" or c in STYLED_LETTERS else c
        for c in text
    )
    return "".join(ASCII.get(c, c if c.isascii() else "?") for c in upright) if plain else upright


def _row(box: Row, plain: bool) -> str:
    parts: list[str] = []
    glued = True
    for i, item in enumerate(box.items):
        if isinstance(item, Token) and item.kind == "space":
            continue
        text = WRITE[type(item)](item, plain)
        if isinstance(item, Fraction) and box.level == PRODUCT and (i > 0 or not _number(item.top)):
            text = f"({text})"
        if not (box.tight or glued or item is COMMA):
            parts.append(" ")
        head = item.base if isinstance(item, Scripts) else item
        glued = isinstance(head, Token) and head.text == "∂"
        parts.append(text)
    return "".join(parts)


def _scripts(box: Scripts, plain: bool) -> str:
    text = WRITE[type(box.base)](box.base, plain)
    big = isinstance(box.base, Token) and box.base.kind == "big"
    if isinstance(box.base, Fraction):
        text = f"({text})"
    if box.sub is not None:
        whole = big or (isinstance(box.sub, Token) and box.sub.kind == "word")
        text += _lowered(WRITE[type(box.sub)](box.sub, plain), plain or whole)
    if box.sup is None:
        return text
    if big:
        return f"{text}^{WRITE[type(box.sup)](box.sup, plain)}"
    several = isinstance(box.sup, Row) and box.sup.level == ATOM and not box.sup.tight
    for item in box.sup.items if isinstance(box.sup, Row) and several else (box.sup,):
        text += _lifted(item, WRITE[type(item)](item, plain), plain)
    return text


def _lowered(sub: str, as_it_is: bool) -> str:
    long = sum(c.isalpha() for c in sub) > LONGEST_LOWERED
    if not (as_it_is or long) and all(c in SUBSCRIPTS for c in sub):
        return "".join(SUBSCRIPTS[c] for c in sub)
    return f"_{sub}" if _word(sub) else f"_{{{sub}}}"


def _lifted(item: Box, sup: str, plain: bool) -> str:
    primes = len(sup) - len(sup.lstrip("′'"))
    if primes:
        rest = sup[primes:]
        return sup[:primes] + (f"^{rest}" if rest else "")
    word = isinstance(item, Token) and item.kind == "word"
    if not (plain or word) and all(c in SUPERSCRIPTS for c in sup):
        return "".join(SUPERSCRIPTS[c] for c in sup)
    bare = _word(sup.lstrip("-−∘*⊙")) or isinstance(item, Fence)
    return f"^{sup}" if bare else f"^{{{sup}}}"


def _fraction(box: Fraction, plain: bool) -> str:
    """A slash; what is looser, or a slash itself, stands in parentheses."""
    top, bottom = WRITE[type(box.top)](box.top, plain), WRITE[type(box.bottom)](box.bottom, plain)
    if box.top.level < PRODUCT or isinstance(box.top, Fraction) or _sloped(box.top):
        top = f"({top})"
    if box.bottom.level < SCRIPT or isinstance(box.bottom, Fraction):
        bottom = f"({bottom})"
    return f"{top}/{bottom}"


def _fence(box: Fence, plain: bool) -> str:
    body = WRITE[type(box.body)](box.body, plain)
    return f"{_characters(box.left, plain)}{body}{_characters(box.right, plain)}"


def _root(box: Root, plain: bool) -> str:
    body = WRITE[type(box.body)](box.body, plain)
    return f"√{body}" if _word(body) and not plain else f"{_characters('√', plain)}({body})"


def _accent(box: Accent, plain: bool) -> str:
    body = WRITE[type(box.body)](box.body, plain)
    if len(body) == 1 and not plain:
        return unicodedata.normalize("NFC", body + COMBINING[box.command])
    name = box.command.removeprefix("wide").replace("overline", "bar")
    return f"{body}{name}" if body.isalpha() and body.isascii() else f"{name}({body})"


def _table(box: Table, plain: bool) -> str:
    rows: list[str] = []
    cases = box.kind == "cases"
    for cells in box.rows:
        parts: list[str] = []
        for cell in cells:
            parts.append(WRITE[type(cell)](cell, plain))  # noqa: PERF401  a comprehension costs a frame of the stack
        rows.append(" ".join(parts).replace("  ", " ") if cases else ", ".join(parts))
    return f"{{{'; '.join(rows)}}}" if cases else f"[{'; '.join(rows)}]"


def _word(text: str) -> bool:
    """Whether text needs no braces after _ or ^: letters, digits and single underscores."""
    return bool(text) and all(c.isalnum() or c == "_" or unicodedata.combining(c) for c in text)


def _number(box: Box) -> bool:
    return isinstance(box, Token) and box.kind == "number"


def _sloped(box: Box) -> bool:
    """Whether a product ends in a fraction, so that a slash after it would be read wrongly."""
    return isinstance(box, Row) and box.level == PRODUCT and any(isinstance(item, Fraction) for item in box.items)


WRITE: dict[type, Callable[[Any, bool], str]] = {
    Token: _token,
    Row: _row,
    Scripts: _scripts,
    Fraction: _fraction,
    Root: _root,
    Fence: _fence,
    Accent: _accent,
    Table: _table,
}
