r"""Boxes to LaTeX: nothing is decided here but spaces and braces.

What comes out needs amsmath and no other package, unless a declared spelling asked for more (\mathbb, \mathcal are
the reader's own). Every string is built from tokens of our own tables: no user text passes through.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .box import Accent, Box, Fence, Fraction, Root, Row, Scripts, Table, Token, leading_primes

LEFT = {
    "(": "(",
    "[": "[",
    "{": r"\{",
    "|": r"\lvert",
    "‖": r"\lVert",
    "⟨": r"\langle",
    "⌊": r"\lfloor",
    "⌈": r"\lceil",
}
RIGHT = {
    ")": ")",
    "]": "]",
    "}": r"\}",
    "|": r"\rvert",
    "‖": r"\rVert",
    "⟩": r"\rangle",
    "⌋": r"\rfloor",
    "⌉": r"\rceil",
}


def box_latex(box: Box) -> str:
    """The box in LaTeX, for math mode."""
    return WRITE[type(box)](box)


def _token(box: Token) -> str:
    return box.latex


def _row(box: Row) -> str:
    if not box.tight:
        return " ".join(map(box_latex, box.items)).replace(" , ", ", ")
    parts: list[str] = []
    for part in map(box_latex, box.items):
        if parts and part and part[0].isalnum() and _ends_in_command(parts[-1]):
            parts.append(" ")
        parts.append(part)
    return "".join(parts)


def _ends_in_command(text: str) -> bool:
    stem = text.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    return stem != text and stem.endswith("\\")


def _scripts(box: Scripts) -> str:
    text = box_latex(box.base)
    if isinstance(box.base, Scripts):
        text = f"{{{text}}}"
    if box.sub is not None:
        text += f"_{{{box_latex(box.sub)}}}"
    if box.sup is None:
        return text
    primes, rest = leading_primes(box.sup)
    return text + "'" * primes + (f"^{{{box_latex(rest)}}}" if rest is not None else "")


def _fraction(box: Fraction) -> str:
    return rf"\frac{{{box_latex(box.top)}}}{{{box_latex(box.bottom)}}}"


def _root(box: Root) -> str:
    return rf"\sqrt{{{box_latex(box.body)}}}"


def _fence(box: Fence) -> str:
    left, right = LEFT[box.left], RIGHT[box.right]
    if left.startswith("\\") and len(left) > 2:
        left, right = f"{left} ", f" {right}"
    grow = box.body.tall
    return (
        f"\\left{left}{box_latex(box.body)}\\right{right.lstrip()}" if grow else f"{left}{box_latex(box.body)}{right}"
    )


def _accent(box: Accent) -> str:
    return rf"\{box.command}{{{box_latex(box.body)}}}"


def _table(box: Table) -> str:
    lines = r" \\ ".join(" & ".join(map(box_latex, cells)) for cells in box.rows)
    return rf"\begin{{{box.kind}}} {lines} \end{{{box.kind}}}"


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
