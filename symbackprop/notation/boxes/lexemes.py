r"""The pieces of an author's LaTeX, with their places, after the user's macros have been replaced by their bodies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn, TypeAlias

from ...errors import ReadError, Span
from .commands import FORBIDDEN

MAX_LENGTH = 400
MAX_EXPANSIONS = 200

_TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|[0-9]+|\s+|.", re.DOTALL)
_MACRO = re.compile(r"\\(?:re|provide)?newcommand\*?\s*(?:\{\s*(\\[A-Za-z]+)\s*\}|(\\[A-Za-z]+))\s*")

Lexeme: TypeAlias = tuple[str, int]


def lex(text: str, longest: int = MAX_LENGTH) -> list[Lexeme]:
    """Commands, numbers, runs of spaces and single characters; raises ReadError for what no spelling may hold."""
    if not text.strip():
        raise ReadError("A spelling is empty.", remedy="Write the symbol as it stands on paper, or leave `latex=` out.")
    if len(text) > longest:
        raise ReadError(f"A spelling is longer than {longest} characters.", remedy="Shorten it.")
    lexemes = [(match.group(), match.start()) for match in _TOKEN.finditer(text)]
    for lexeme, at in lexemes:
        if lexeme in "%#&$~^^" and lexeme != "^":
            fail(text, at, f"`{lexeme}` is not allowed in a spelling", "Remove it.")
        for character in lexeme:
            if not (character.isascii() and (character.isprintable() or character in "\t\n\r")):
                point = f"U+{ord(character):04X}"
                fail(text, at, f"{point} is not allowed in a spelling", "Write it as a command, such as \\alpha.")
    return lexemes


def check_unprinted(text: str) -> None:
    """Characters, braces and forbidden commands only."""
    open_braces: list[int] = []
    for lexeme, at in lex(text):
        if lexeme == "{":
            open_braces.append(at)
        elif lexeme == "}":
            if not open_braces:
                fail(text, at, "a brace is closed that was not opened", "Remove it.")
            open_braces.pop()
        elif lexeme.startswith("\\"):
            refuse_forbidden(text, lexeme, at)
    if open_braces:
        fail(text, open_braces[-1], "this brace is not closed", "Close it.")


def read_macros(text: str) -> dict[str, str]:
    r"""The macros of a file of `\newcommand{\name}{body}` lines, without arguments; `%` starts a comment there.

    Raises ReadError for a macro that takes arguments and for any other text.
    """
    macros: dict[str, str] = {}
    at = 0
    plain = re.sub(r"(?<!\\)%[^\n]*", lambda comment: " " * len(comment.group()), text)
    while at < len(plain):
        if plain[at].isspace():
            at += 1
            continue
        found = _MACRO.match(plain, at)
        if found is None:
            fail(text, at, "only \\newcommand{\\name}{body} can be read here", "Remove the rest.")
        at = found.end()
        if plain[at : at + 1] != "{":
            fail(text, at, "a macro with arguments cannot be read", "Write its body out where it is used.")
        end = _closing(text, plain, at)
        macros[found.group(1) or found.group(2)] = plain[at + 1 : end].strip()
        at = end + 1
    for body in macros.values():
        check_unprinted(body)
    return macros


def _closing(text: str, plain: str, start: int) -> int:
    """Where the brace at `start` is closed."""
    depth = 0
    for found in re.finditer(r"\\.|[{}]", plain[start:], re.DOTALL):
        depth += {"{": 1, "}": -1}.get(found.group(), 0)
        if depth == 0:
            return start + found.start()
    return fail(text, start, "this brace is not closed", "Close it.")


def expand(text: str, lexemes: list[Lexeme], macros: Mapping[str, str]) -> list[Lexeme]:
    """Macros replaced by their bodies, at most MAX_EXPANSIONS times."""
    out: list[Lexeme] = []
    stack = lexemes[::-1]
    left = MAX_EXPANSIONS
    while stack:
        lexeme, at = stack.pop()
        if lexeme not in macros:
            out.append((lexeme, at))
            continue
        left -= 1
        if left < 0 or len(stack) > MAX_LENGTH:
            fail(text, at, f"the macro {lexeme} expands without end", "Define it without itself.")
        stack.extend((piece, at) for piece, _ in reversed(lex(macros[lexeme])) if not piece.isspace())
    return out


def fail(text: str, at: int, what: str, remedy: str) -> NoReturn:
    """Raise ReadError for the character at `at`."""
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    shown = text if len(text) <= 60 else text[:57] + "..."
    message = f"Cannot read the spelling `{shown}`: at character {at + 1}, {what}."
    raise ReadError(message, remedy=remedy, span=Span(line, column, line, column + 1))


def refuse_forbidden(text: str, lexeme: str, at: int) -> None:
    """Raise ReadError for a command that loads, defines or writes."""
    name = lexeme[1:]
    if name in FORBIDDEN or name.startswith(("write", "input", "include", "open")):
        fail(
            text,
            at,
            f"the command {lexeme} is not supported",
            "A spelling is one symbol; use letters, accents, scripts.",
        )
