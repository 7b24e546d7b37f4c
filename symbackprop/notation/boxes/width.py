"""How wide a formula comes out in TeX, in em, to within a few percent: what decides where a long one is broken.

The figures are those of Computer Modern at 10 points; a little is added to each, so that an estimate is seldom short.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from .box import Accent, Box, Fence, Fraction, Root, Row, Scripts, Table, Token

DISPLAY, TEXT, SCRIPT, SCRIPTSCRIPT = 0, 1, 2, 3
SIZE = (1.0, 1.0, 0.76, 0.62)
NARROW = dict(zip("ijlt1234567890fIrs", (0.36, 0.43, 0.32, 0.38, *[0.5] * 10, 0.55, 0.52, 0.48, 0.48), strict=True))
WIDE = {"m": 0.9, "w": 0.74, "M": 1.05, "W": 1.05, "K": 0.9, "H": 0.9, "N": 0.88, "X": 0.88}
BINARY, RELATION = 0.46, 0.57  # the space that TeX puts around such a sign, both sides together
DELIMITER = {"(": 0.39, ")": 0.39, "[": 0.28, "]": 0.28, "|": 0.28, "‖": 0.5, "": 0.0}
SIGN = {
    "+": 0.78,
    "−": 0.78,
    "·": 0.28,
    "∘": 0.5,
    "/": 0.5,
    "∗": 0.5,
    "⊤": 0.78,
    "∂": 0.57,
    "∇": 0.84,
    "…": 1.18,
    "⋅": 0.28,
}


def width(box: Box, style: int = DISPLAY) -> float:
    """The width in em in display style, or in one of the smaller styles."""
    return RULES[type(box)](box, style)


def _token(box: Token, style: int) -> float:
    size = SIZE[style]
    kind, text = box.kind, box.text
    roomy = style < SCRIPT
    if kind in ("letter", "number") and len(text) == 1:
        return _letter(text) * size
    if kind == "operator":
        return (SIGN.get(text, 0.78) + (BINARY if roomy and text != "/" else 0)) * size
    if kind == "relation":
        return (0.78 + (RELATION if roomy else 0)) * size
    if kind == "big":
        return 1.45 if style == DISPLAY else 1.06 * size
    if kind == "punct":
        return (0.28 + (0.17 if roomy else 0)) * size
    if kind == "space":
        return 1.0 if "quad" in box.latex else 0.28 * size
    if kind == "prime":
        return 0.3 * size
    if text in SIGN:
        return SIGN[text] * size
    space = 0.34 if kind == "function" and roomy else 0.0
    return (sum(map(_letter, text)) + space) * size


def _letter(character: str) -> float:
    plain = character if character.isascii() else unicodedata.normalize("NFKC", character)
    if plain in NARROW:
        return NARROW[plain]
    if plain in WIDE:
        return WIDE[plain]
    return 0.8 if plain.isupper() else 0.58


def _row(box: Row, style: int) -> float:
    total = 0.0
    for item in box.items:
        total += RULES[type(item)](item, style)
    first = box.items[0]
    if isinstance(first, Token) and first.kind == "operator" and style < SCRIPT:
        total -= BINARY  # a sign in front takes no space
    return total


def _scripts(box: Scripts, style: int) -> float:
    small = min(max(style, TEXT) + 1, SCRIPTSCRIPT)
    sub = 0.0 if box.sub is None else RULES[type(box.sub)](box.sub, small)
    sup = 0.0 if box.sup is None else RULES[type(box.sup)](box.sup, small)
    base = RULES[type(box.base)](box.base, style)
    if isinstance(box.base, Token) and box.base.kind == "big" and style == DISPLAY:
        return max(base, sub, sup) + 0.17
    return base + max(sub, sup) + 0.06


def _fraction(box: Fraction, style: int) -> float:
    inner = TEXT if style == DISPLAY else min(style + 1, SCRIPTSCRIPT)
    return max(RULES[type(box.top)](box.top, inner), RULES[type(box.bottom)](box.bottom, inner)) + 0.26


def _root(box: Root, style: int) -> float:
    return RULES[type(box.body)](box.body, style) + 0.9 * SIZE[style]


def _fence(box: Fence, style: int) -> float:
    sides = (DELIMITER.get(box.left, 0.4) + DELIMITER.get(box.right, 0.4)) * SIZE[style]
    return (
        RULES[type(box.body)](box.body, style)
        + sides * (2.0 if box.body.tall else 1.0)
        + (0.35 if box.body.tall else 0)
    )


def _accent(box: Accent, style: int) -> float:
    return RULES[type(box.body)](box.body, style)


def _table(box: Table, style: int) -> float:
    columns = max(map(len, box.rows))
    inner = max(style, TEXT)
    widest = [0.0] * columns
    for cells in box.rows:
        for c, cell in enumerate(cells):
            widest[c] = max(widest[c], RULES[type(cell)](cell, inner))
    return sum(widest) + columns - 1 + (1.8 if box.kind == "pmatrix" else 1.2)


RULES: dict[type, Callable[[Any, int], float]] = {
    Token: _token,
    Row: _row,
    Scripts: _scripts,
    Fraction: _fraction,
    Root: _root,
    Fence: _fence,
    Accent: _accent,
    Table: _table,
}
