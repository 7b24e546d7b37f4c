"""Boxes to one line of text, for terminals: Unicode (W₂ᵀ δ_z₂) or ASCII (W_2^T delta_z_2).

A fraction becomes a slash with the parentheses that it then needs. The ASCII form writes `*` for the elementwise
product and puts factors side by side for all others; both can be typed again.
"""

from __future__ import annotations

import unicodedata

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
    return _Writer(ascii_only).write(box)


class _Writer:
    def __init__(self, ascii_only: bool) -> None:
        self.ascii = ascii_only

    def write(self, box: Box) -> str:
        if isinstance(box, Token):
            return self.characters("Σ" if box.kind == "big" and box.text == "∑" and not self.ascii else box.text)
        if isinstance(box, Row):
            return self.row(box)
        if isinstance(box, Scripts):
            return self.scripts(box)
        if isinstance(box, Fraction):
            return f"{self.operand(box.top, PRODUCT)}/{self.operand(box.bottom, SCRIPT)}"
        if isinstance(box, Fence):
            return f"{self.characters(box.left)}{self.write(box.body)}{self.characters(box.right)}"
        if isinstance(box, Root):
            body = self.write(box.body)
            return f"√{body}" if _word(body) and not self.ascii else f"{self.characters('√')}({body})"
        if isinstance(box, Accent):
            return self.accent(box)
        return self.table(box)

    def characters(self, text: str) -> str:
        """Styled letters as plain ones; Greek and signs spelled out in ASCII."""
        if text.isascii():
            return text
        plain = "".join(
            unicodedata.normalize("NFKC", c) if "\U0001d400" <= c <= "\U0001d7ff" or c in STYLED_LETTERS else c
            for c in text
        )
        return "".join(ASCII.get(c, c if c.isascii() else "?") for c in plain) if self.ascii else plain

    def operand(self, box: Box, level: int) -> str:
        """Above or below a slash: in parentheses if it is looser, or a slash itself."""
        text = self.write(box)
        return f"({text})" if box.level < level or isinstance(box, Fraction) or _sloped(box) else text

    def row(self, box: Row) -> str:
        parts: list[str] = []
        glued = True
        for i, item in enumerate(box.items):
            if isinstance(item, Token) and item.kind == "space":
                continue
            text = self.write(item)
            if isinstance(item, Fraction) and box.level == PRODUCT and (i > 0 or not _number(item.top)):
                text = f"({text})"
            if not (box.tight or glued or item is COMMA):
                parts.append(" ")
            head = item.base if isinstance(item, Scripts) else item
            glued = isinstance(head, Token) and head.text == "∂"
            parts.append(text)
        return "".join(parts)

    def scripts(self, box: Scripts) -> str:
        text = self.write(box.base)
        big = isinstance(box.base, Token) and box.base.kind == "big"
        if isinstance(box.base, Fraction):
            text = f"({text})"
        if box.sub is not None:
            sub = self.write(box.sub)
            text += self.lowered(sub, word=big or (isinstance(box.sub, Token) and box.sub.kind == "word"))
        if box.sup is not None:
            primed = box.sup.tight if isinstance(box.sup, Row) else False
            items = box.sup.items if isinstance(box.sup, Row) and box.sup.level == ATOM and not primed else (box.sup,)
            text += f"^{self.write(box.sup)}" if big else "".join(self.lifted(item) for item in items)
        return text

    def lowered(self, sub: str, *, word: bool) -> str:
        long = sum(c.isalpha() for c in sub) > LONGEST_LOWERED
        if not (self.ascii or word or long) and all(c in SUBSCRIPTS for c in sub):
            return "".join(SUBSCRIPTS[c] for c in sub)
        return f"_{sub}" if _word(sub) else f"_{{{sub}}}"

    def lifted(self, item: Box) -> str:
        sup = self.write(item)
        primes = len(sup) - len(sup.lstrip("′'"))
        if primes:
            rest = sup[primes:]
            return sup[:primes] + (f"^{rest}" if rest else "")
        word = isinstance(item, Token) and item.kind == "word"
        if not self.ascii and not word and all(c in SUPERSCRIPTS for c in sup):
            return "".join(SUPERSCRIPTS[c] for c in sup)
        bare = _word(sup.lstrip("-−∘*⊙")) or isinstance(item, Fence)
        return f"^{sup}" if bare else f"^{{{sup}}}"

    def accent(self, box: Accent) -> str:
        body = self.write(box.body)
        if len(body) == 1 and not self.ascii:
            return unicodedata.normalize("NFC", body + COMBINING[box.command])
        name = box.command.removeprefix("wide").replace("overline", "bar")
        return f"{body}{name}" if body.isalpha() and body.isascii() else f"{name}({body})"

    def table(self, box: Table) -> str:
        if box.kind == "cases":
            return "{" + "; ".join(" ".join(map(self.write, cells)).replace("  ", " ") for cells in box.rows) + "}"
        return "[" + "; ".join(", ".join(map(self.write, cells)) for cells in box.rows) + "]"


def _word(text: str) -> bool:
    """Whether text needs no braces after _ or ^: letters, digits and single underscores."""
    return bool(text) and all(c.isalnum() or c == "_" or unicodedata.combining(c) for c in text)


def _number(box: Box) -> bool:
    return isinstance(box, Token) and box.kind == "number"


def _sloped(box: Box) -> bool:
    """Whether a product ends in a fraction, so that a slash after it would be read wrongly."""
    return isinstance(box, Row) and box.level == PRODUCT and any(isinstance(item, Fraction) for item in box.items)
