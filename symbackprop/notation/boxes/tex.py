r"""Boxes to LaTeX: nothing is decided here but spaces and braces.

What comes out needs amsmath and no other package, unless a declared spelling asked for more (\mathbb is its reader's
own). Every string is built from tokens of our own tables: no user text passes through. A rule calls the next one
directly, so that a deep formula stays within the stack.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .box import COMMA, Accent, Box, Fence, Fraction, Root, Row, Scripts, Table, Token, leading_primes

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
    parts: list[str] = []
    for item in box.items:
        part = WRITE[type(item)](item)
        if parts and item is not COMMA and (not box.tight or _would_merge(parts[-1], part)):
            parts.append(" ")
        parts.append(part)
    return "".join(parts)


def _would_merge(before: str, after: str) -> bool:
    r"""Whether a command and what follows it would be read as one: \log x."""
    stem = before.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    return after[:1].isalnum() and stem != before and stem.endswith("\\")


def _scripts(box: Scripts) -> str:
    text = WRITE[type(box.base)](box.base)
    if isinstance(box.base, Scripts):
        text = f"{{{text}}}"
    if box.sub is not None:
        text += f"_{{{WRITE[type(box.sub)](box.sub)}}}"
    if box.sup is None:
        return text
    primes, rest = leading_primes(box.sup)
    return text + "'" * primes + (f"^{{{WRITE[type(rest)](rest)}}}" if rest is not None else "")


def _fraction(box: Fraction) -> str:
    return rf"\frac{{{WRITE[type(box.top)](box.top)}}}{{{WRITE[type(box.bottom)](box.bottom)}}}"


def _root(box: Root) -> str:
    return rf"\sqrt{{{WRITE[type(box.body)](box.body)}}}"


def _fence(box: Fence) -> str:
    left, right = LEFT[box.left], RIGHT[box.right]
    if left.startswith("\\") and len(left) > 2:
        left, right = f"{left} ", f" {right}"
    body = WRITE[type(box.body)](box.body)
    return f"\\left{left}{body}\\right{right.lstrip()}" if box.body.tall else f"{left}{body}{right}"


def _accent(box: Accent) -> str:
    return rf"\{box.command}{{{WRITE[type(box.body)](box.body)}}}"


def _table(box: Table) -> str:
    lines: list[str] = []
    for cells in box.rows:
        parts: list[str] = []
        for cell in cells:
            parts.append(WRITE[type(cell)](cell))  # noqa: PERF401  a comprehension costs a frame of the stack
        lines.append(" & ".join(parts))
    body = r" \\ ".join(lines)
    return rf"\begin{{{box.kind}}} {body} \end{{{box.kind}}}"


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
