"""What a terminal can show: text in the characters that it has, never a control character of somebody else's."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Sequence
from typing import TextIO

import click

WIDEST = 60  # cells of a column

# What stands for a sign where only ASCII can be printed. Letters that are missing here keep their Unicode name.
ASCII = str.maketrans({
    "−": "-", "–": "-", "—": "-", "·": "*", "×": "x", "∘": ".*", "⊙": ".*", "⊗": "(x)", "√": "sqrt", "∑": "sum",
    "∂": "d", "∇": "grad", "ᵀ": "^T", "⊤": "^T", "⁻": "^-", "⁰": "^0", "¹": "^1", "²": "^2", "³": "^3",
    "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "∈": "in", "→": "->", "←": "<-", "⇒": "=>", "∞": "inf", "…": "...",
    "⋯": "...", "⋮": ":", "⋱": "...", "‖": "||", "′": "'", "’": "'", "‘": "'", "“": '"', "”": '"',
    "ℓ": "l", "λ": "lambda", "Λ": "Lambda",
    "₀": "_0", "₁": "_1", "₂": "_2", "₃": "_3", "₄": "_4", "₅": "_5", "₆": "_6", "₇": "_7", "₈": "_8", "₉": "_9",
})  # fmt: skip


# A hat over a letter that stands alone is part of its name; inside a word an accent can go.
ACCENTED = re.compile("(?<![^\\W\\d_])([^\\W\\d_])([\u0302\u0303\u0304\u0305])(?![^\\W\\d_])")
ACCENT = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar"}


def ascii_only(text: str) -> str:
    """The text in ASCII: δ is delta, ∘ is .*, ŷ is yhat, anything without a spelling is its code point."""
    apart = ACCENTED.sub(lambda m: m[1] + ACCENT[m[2]], unicodedata.normalize("NFD", text))
    return "".join(c if c.isascii() else _ascii_letter(c) for c in apart.translate(ASCII))


def _ascii_letter(letter: str) -> str:
    plain = unicodedata.normalize("NFKD", letter)
    bare = "".join(c for c in plain if c.isascii())
    if bare or unicodedata.combining(letter):
        return bare
    kind, _, rest = unicodedata.name(plain[0], "").partition(" LETTER ")
    if kind.startswith("GREEK"):
        spelled = rest.removeprefix("FINAL ").split(" ")[0]
        return spelled.capitalize() if kind.endswith("CAPITAL") else spelled.lower()
    return f"<U+{ord(letter):04X}>"


def fit(text: str, stream: TextIO) -> str:
    """The text as this stream can show it."""
    try:
        text.encode(getattr(stream, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return ascii_only(text)
    return text


def harmless(text: str) -> str:
    """One line of somebody else's text: a tab is four spaces, and what does not print is shown as U+FFFD."""
    return "".join(c if c.isprintable() else "�" for c in text.replace("\t", "    "))


def width(text: str) -> int:
    """How many cells the text takes."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)


def columns(rows: Sequence[tuple[str, ...]], indent: str = "  ", gap: str = "   ") -> list[str]:
    """The rows as lines, each column as wide as its widest entry; an entry over WIDEST pushes the rest of its own line.

    The last column is not padded.
    """
    if not rows:
        return []
    widths = [max((width(row[i]) for row in rows if width(row[i]) <= WIDEST), default=0) for i in range(len(rows[0]))]
    padded = ((cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)) for row in rows)
    return [(indent + gap.join(cells)).rstrip() for cells in padded]


def say(text: str) -> None:
    """Print to standard output."""
    click.echo(fit(text, sys.stdout))
