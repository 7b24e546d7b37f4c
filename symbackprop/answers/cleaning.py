"""Code as it is pasted: line numbers, prompts and lost indentation are mended until Python's parser agrees."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .layout import Line, Lines, mended, plain, source
from .places import LINE_END
from .python import LONGEST, tree

_NUMBER = re.compile(r"[ \t]*([0-9]{1,5})(?:[ \t]*\|[ \t]?|[ \t]|$)")
_CELL = re.compile(r"[ \t]*(?:In ?)?\[[ 0-9*]{0,6}\]:[ ]?")
_SHOWN = re.compile(r"[ \t]*Out ?\[[ 0-9]{0,6}\]:")
_INNER = re.compile(r"[ \t]*\.{3,}:[ ]?")
_PYTHON = re.compile(r"[ \t]*>>>(?: |$)")
_MORE = re.compile(r"[ \t]*\.\.\.(?: |$)")
_MOSTLY = 0.8  # of the lines are numbered where numbers are certain
_FARTHEST = 30  # numbers that a page break may swallow


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Lines of code, and their syntax if they are Python."""

    lines: Lines
    module: ast.Module | None


def lines_of(text: str, start: int, end: int) -> Lines:
    """The lines of a slice of a text, without their ends."""
    made, place = [], start
    for match in LINE_END.finditer(text, start, end):
        made.append(Line(text[place : match.start()], place))
        place = match.end()
    if place < end:
        made.append(Line(text[place:end], place))
    return tuple(made)


def cleaned(pages: Sequence[Lines]) -> Cleaned:
    """The code of some pages, of which the later continue the first, with whatever was printed around it taken away.

    The first form that is Python is it; if none is, the most plausible one comes without syntax. Code of more than
    LONGEST characters stays as it is.
    """
    if sum(len(line.text) + 1 for page in pages for line in page) > LONGEST:
        return Cleaned(tuple(line for page in pages for line in page), None)
    forms = list(_forms(pages))
    tried: set[str] = set()
    for layouts in (plain, mended):
        for form in forms:
            for lines in layouts(form):
                text = source(lines)
                if text not in tried and (module := tree(text)) is not None:
                    return Cleaned(lines, module)
                tried.add(text)
    return Cleaned(next(plain(forms[0])), None)


def numbers(pages: Sequence[Lines]) -> dict[int, int]:
    """The printed number of each line that has one, by its index in all pages; empty unless they increase."""
    found: dict[int, int] = {}
    for index, line in enumerate(line for page in pages for line in page):
        if match := _NUMBER.match(line.text):
            found[index] = int(match.group(1))
    rising = all(a < b for a, b in pairwise(found.values()))
    return found if len(found) > 1 and rising else {}


def continues(pages: Sequence[Lines], page: Lines) -> bool:
    """Whether the printed numbers of a page go on where those of the pages before it stop."""
    together = numbers([*pages, page])
    count = sum(len(p) for p in pages)
    before = [value for index, value in together.items() if index < count]
    after = [value for index, value in together.items() if index >= count]
    return bool(before and after) and after[0] - before[-1] <= _FARTHEST


def is_console(lines: Sequence[Line]) -> bool:
    """Whether some of the lines have been typed at Python's own prompt."""
    return any(_PYTHON.match(line.text) for line in lines)


def _forms(pages: Sequence[Lines]) -> Iterator[list[Lines]]:
    """The pages without numbers and prompts, in the ways in which these may have been set; the likely ones first."""
    for unnumbered in _unnumbered(pages):
        yield from _unprompted(unnumbered)


def _unnumbered(pages: Sequence[Lines]) -> Iterator[list[Lines]]:
    found = numbers(pages)
    filled = sum(not line.blank for page in pages for line in page)
    if not found and filled == 1:
        found = {i: 1 for i, line in enumerate(line for page in pages for line in page) if _NUMBER.match(line.text)}
    sure = len(found) >= max(_MOSTLY * filled, 2)
    if not sure:
        yield list(pages)
    if found:
        yield _each(pages, lambda index, line: _cut_number(line) if index in found else line)
        yield _each(pages, lambda index, line: _blank_number(line) if index in found else line)


def _unprompted(pages: Sequence[Lines]) -> Iterator[list[Lines]]:
    lines = [line for page in pages for line in page]
    if is_console(lines):
        first = next(number for number, line in enumerate(lines) if _PYTHON.match(line.text))
        yield _each(pages, lambda index, line: line if index < first else _without_console(line))
    elif any(_CELL.match(line.text) for line in lines):
        code = _without_output(pages)
        yield _each(code, lambda _, line: _cut(_CELL, _cut(_INNER, line)))
        yield _each(code, lambda _, line: _blanked(_CELL, _blanked(_INNER, line)))
    else:
        yield list(pages)


def _each(pages: Sequence[Lines], change: Callable[[int, Line], Line]) -> list[Lines]:
    made, index = [], 0
    for page in pages:
        made.append(tuple(change(index + n, line) for n, line in enumerate(page)))
        index += len(page)
    return made


def _cut_number(line: Line) -> Line:
    return _cut(_NUMBER, line)


def _blank_number(line: Line) -> Line:
    return _blanked(_NUMBER, line)


def _without_console(line: Line) -> Line:
    """The input of a line of a console; a line of output becomes a blank one."""
    found = _PYTHON.match(line.text) or _MORE.match(line.text)
    return line.cut(found.end()) if found else line.cut(len(line.text))


def _without_output(pages: Sequence[Lines]) -> list[Lines]:
    """What stands behind `Out[4]:`, up to the next blank line or prompt, is no code."""
    output = False
    made: list[Lines] = []
    for page in pages:
        kept: list[Line] = []
        for line in page:
            output = _SHOWN.match(line.text) is not None or (output and not line.blank and not _CELL.match(line.text))
            kept.append(line.cut(len(line.text)) if output else line)
        made.append(tuple(kept))
    return made


def _cut(pattern: re.Pattern[str], line: Line) -> Line:
    found = pattern.match(line.text)
    return line.cut(found.end()) if found else line


def _blanked(pattern: re.Pattern[str], line: Line) -> Line:
    found = pattern.match(line.text)
    return line if found is None else replace(line, text=" " * found.end() + line.text[found.end() :])
