"""Markdown and plain text: fences, code spans and comments are set apart, so that what is left can hold formulas."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .cleaning import lines_of
from .code import NOT_PYTHON, Block
from .layout import Line, Lines
from .mapped import drop

FORMULA = frozenset({"math", "katex"})
LATEX = frozenset({"latex", "tex"})
_FENCE = re.compile(
    r"^(?P<lead>[ \t]*(?P<quote>(?:>[ \t]?)*)[ \t]*(?P<item>(?:[-*+]|[0-9]{1,3}[.)])[ \t]+)?)"
    r"(?P<fence>`{3,}|~{3,})(?P<info>[^`\r\n]*)\r?$",
    re.MULTILINE,
)
_QUOTE = re.compile(r"[ \t]*(?:>[ \t]?)+")
_TICKS = re.compile(r"\\`|`+")
_BLANK = re.compile(r"\n[ \t\r]*\n")


@dataclass(frozen=True, slots=True)
class Fence:
    """A fence: its place, the slice that it holds, its language in lower case and its own indentation.

    `quoted`: it stands behind `>`; `closed`: it has an end.
    """

    start: int
    end: int
    inner: tuple[int, int]
    language: str
    indented: int = 0
    quoted: bool = False
    closed: bool = True

    def shifted(self, by: int) -> Fence:
        """The same in a longer text."""
        inner = self.inner[0] + by, self.inner[1] + by
        return replace(self, start=self.start + by, end=self.end + by, inner=inner)

    @property
    def is_code(self) -> bool:
        """Whether it may hold Python."""
        return self.language not in NOT_PYTHON and self.language not in FORMULA | LATEX

    def block(self, text: str) -> Block:
        """Its code."""
        lines = lines_of(text, *self.inner)
        lines = tuple(_unquoted(lines)) if self.quoted else tuple(_outdented(lines, self.indented))
        return Block(lines, self.start, self.end)


def masked(text: str) -> tuple[str, list[Fence]]:
    """The text with fences, code spans and HTML comments dropped, and its fences."""
    fences = list(_fences(text))
    text = drop(text, [(f.start, f.end) for f in fences])
    text = drop(text, list(_comments(text)))
    return drop(text, list(_spans(text))), fences


def _fences(text: str) -> Iterator[Fence]:
    opened: re.Match[str] | None = None
    for match in _FENCE.finditer(text):
        if opened is None:
            opened = match
        elif not match["item"] and not match["info"].strip() and match["fence"].startswith(opened["fence"]):
            yield _fence(opened, match.start(), match.end())
            opened = None
    if opened is not None:
        yield replace(_fence(opened, len(text), len(text)), closed=False)


def _fence(opened: re.Match[str], stop: int, end: int) -> Fence:
    begin = min(opened.end() + 1, stop)
    words = re.findall(r"[A-Za-z][\w+#]*", opened["info"])
    return Fence(
        opened.start(),
        end,
        (begin, stop),
        words[0].lower() if words else "",
        len(opened["lead"]),
        bool(opened["quote"]),
    )


def _comments(text: str) -> Iterator[tuple[int, int]]:
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start)
        if end < 0:
            return
        yield start, end + 3
        start = text.find("<!--", end)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Code between runs of as many backticks, in one paragraph; not the mathematics in $`...`$."""
    runs = [m for m in _TICKS.finditer(text) if m.group() != "\\`"]
    places: dict[int, list[int]] = {}
    for m in runs:
        places.setdefault(len(m.group()), []).append(m.start())
    blanks = [m.start() for m in _BLANK.finditer(text)]
    done = 0
    for m in runs:
        width = len(m.group())
        if m.start() < done:
            continue
        same = places[width]
        after = bisect_right(same, m.start())
        paragraph = bisect_right(blanks, m.start())
        limit = blanks[paragraph] if paragraph < len(blanks) else len(text)
        if after == len(same) or same[after] > limit:
            continue
        done = same[after] + width
        if not (text[m.start() - 1 : m.start()] == "$" and text[done : done + 1] == "$"):
            yield m.start(), done


def _unquoted(lines: Lines) -> Iterator[Line]:
    for line in lines:
        mark = _QUOTE.match(line.text)
        yield line.cut(mark.end()) if mark else line


def _outdented(lines: Lines, columns: int) -> Iterator[Line]:
    for line in lines:
        yield line.cut(min(len(line.text) - len(line.text.lstrip(" ")), columns))
