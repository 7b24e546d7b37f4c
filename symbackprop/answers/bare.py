"""Formulas without delimiters: a string that is one, several on their own lines, lines of a text that look like one."""

from __future__ import annotations

import re

from ..errors import ReadError
from .formulas import MOST_FORMULAS, formula
from .found import Found
from .macros import Macros
from .mapped import DROPPED, without_dropped
from .places import LINE_END

_TOKEN = re.compile(r"\\begin\s*\{|\\end\s*\{|\\\\|\\[A-Za-z]+|\\.|[{}()\[\]]|:?=|[^\s]", re.DOTALL)
_SIGNS = frozenset(("=", ":=", "+", "-", "*", "/", "&", "\\\\", "\\cdot", "\\times", "\\odot", "\\circ", "\\otimes"))
_JOINS = _SIGNS | {",", "\\quad", "(", "[", "{"}  # at the end of a line, the next one goes on
_GOES_ON = _SIGNS | {")", "]", "}"}  # at the beginning of a line, it goes on
_LONGEST = 500_000  # characters that are looked at line by line
_COMMAND = re.compile(r"\\[A-Za-z]{2,}|^\s*d[A-Za-z]\w*\s*/\s*d[A-Za-z]\w*\s*=|^\s*∂[^=]*/\s*∂[^=]*=")
_PROSE = re.compile(r"(?:(?<![\\A-Za-z{])[A-Za-z]{2,}[,.]?\s+){3}(?![^{]*\})")


def formulas(text: str, start: int, end: int, macros: Macros) -> list[Found]:
    """The formulas in a slice that holds nothing else, one on each line that has its own left side."""
    made: list[Found] = []
    groups = _groups(text, start, end) if end - start <= _LONGEST else [(start, end)]
    if len(groups) > MOST_FORMULAS:
        raise ReadError(f"There are {len(groups):,} formulas; at most {MOST_FORMULAS:,} are read.", remedy="Split it.")
    for first, last in groups:
        content, origins = without_dropped(text, first, last)
        made += formula(content, origins, macros, (first, last), "", display=True)
    return made


def lines_with_formulas(text: str, start: int, end: int, macros: Macros) -> list[Found]:
    """Lines of a text without delimiters that look like formulas: a command, a sign of equality, no sentence."""
    made: list[Found] = []
    for first, last in _lines(text, start, end):
        line = text[first:last]
        if "=" in line and _COMMAND.search(line) and not _PROSE.search(line):
            content, origins = without_dropped(text, first, last)
            made += formula(content, origins, macros, (first, last), "", display=True)
    return made


def _groups(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Lines, those that continue a formula together with its first."""
    made: list[tuple[int, int]] = []
    depth, relation, last, blank = 0, False, "", True
    for first, stop in _lines(text, start, end):
        pieces = [p for p in _TOKEN.findall(text[first:stop]) if p != DROPPED]
        if not pieces:
            blank = blank or depth <= 0
            continue
        deep, own, opening = 0, False, pieces[0] in _GOES_ON
        for number, piece in enumerate(pieces):
            if piece in ("=", ":=") and depth + deep <= 0 and number:
                own = own or not opening
            deep += _depth(piece)
        same = not blank and (last in _JOINS or opening or not (relation and own))
        if made and (depth > 0 or same):
            made[-1] = made[-1][0], stop
            relation = relation or own
        else:
            made.append((first, stop))
            relation, depth = own, 0
        depth, last, blank = depth + deep, pieces[-1], False
    return made


def _depth(piece: str) -> int:
    if piece == "{" or piece.startswith("\\begin"):
        return 1
    return -1 if piece == "}" or piece.startswith("\\end") else 0


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    made, place = [], start
    for match in LINE_END.finditer(text, start, end):
        made.append((place, match.start()))
        place = match.end()
    return [*made, (place, end)]
