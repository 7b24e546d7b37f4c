"""Headings: those of LaTeX and Markdown, and lines such as `Problem 2`, `Ex 2.` and `1.1 Exercise 1: ...`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .found import Heading
from .mapped import DROPPED
from .places import Places

BETWEEN = " > "  # of the headings in a path
_DEEP = 10  # a level below all that a format has
_LEVELS = {
    "part": 0,
    "chapter": 1,
    "section": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
    "subparagraph": 6,
}
_LABEL = r"(?:Ex|Exercise|Problem|Question|Task|Part|Q|P|Prob|Aufgabe|Assignment|Homework|Exercice|Ejercicio|Opgave)"
_NUMBER = r"(?:[0-9]{1,3}(?:\.[0-9]{1,3})*|[IVX]{1,5}|[A-H])"

_SECTION = re.compile(
    r"\\(part|chapter|section|subsection|subsubsection|paragraph)\*?\s*(?:\[[^\]\n]{0,200}\])?"
    r"\s*\{((?:[^{}]|\{[^{}]{0,200}\}){0,300})\}"
)
_TITLED = re.compile(
    r"\\begin\s*\{(exercise|problem|question|task|solution|homeworkProblem|ex|prob)\*?\}(?:\s*\[([^\]\n]{0,200})\])?"
)
_HASH = re.compile(r"^ {0,3}(#{1,6})[ \t]+([^\r\n]*[^\s#])", re.MULTILINE)
_BOLD = re.compile(
    r"^[ \t]*(?:\*\*([^*\r\n]{1,120})\*\*|__([^_\r\n]{1,120})__"
    r"|\\textbf\{([^{}\r\n]{1,120})\}|\{\\bf(?:series)?\s+([^{}\r\n]{1,120})\})"
    r"[.:]?[ \t]*(?:\\\\)?\r?$",
    re.MULTILINE,
)
_UNDERLINED = re.compile(r"^([^\s\r\n][^\r\n]{0,119})\r?\n(=+|-{3,})[ \t]*\r?$", re.MULTILINE)
_LABELLED = re.compile(
    rf"^[ \t]*(?:\\noindent[ \t]*|[-*•][ \t]+)?(?:\*\*|__|\\textbf\{{|\\underline\{{)?"
    rf"((?:{_LABEL})\.?[ \t~]?{_NUMBER})(?=[.:)\s*_}}(—-]|$)([^\r\n]*)",
    re.MULTILINE | re.IGNORECASE,
)
_FOLLOWS_LABEL = re.compile(r"[ \t]*(?:[.:)*_}(—-]|$)|[ \t]*\\")
_NUMBERED = re.compile(
    r"^([0-9]{1,2}(?:\.[0-9]{1,2}){0,3})[ \t]+([A-Z][^\r\n$\\=]{1,78}[^\s.,;:=$])[ \t]*\r?$", re.MULTILINE
)
_SHORT = {"exercise": "ex", "problem": "p", "prob": "p", "question": "q"}


def headings(prose: str, places: Places, *, tex: bool) -> list[Heading]:
    """The headings in what is left of a text when formulas and code are dropped, in order."""
    found: list[Heading] = []
    taken: set[int] = set()

    def keep(place: int, level: int, text: str) -> None:
        plain = " ".join(text.replace(DROPPED, " ").split()).strip("*_# \t")
        if plain:
            found.append(Heading(place, level, plain[:200]))
            taken.add(places.line(place))

    if tex:
        for m in _SECTION.finditer(prose):
            keep(m.start(), _LEVELS[m.group(1)], m.group(2))
        for m in _TITLED.finditer(prose):
            keep(m.start(), _DEEP + 1, m.group(2) or m.group(1).capitalize())
    else:
        for m in _HASH.finditer(prose):
            keep(m.start(), len(m.group(1)), m.group(2))
        for m in _UNDERLINED.finditer(prose):
            if places.line(m.start()) not in taken:
                keep(m.start(), 1 if m.group(2)[0] == "=" else 2, m.group(1))
    for m in _LABELLED.finditer(prose):
        if _FOLLOWS_LABEL.match(m.group(2)) and places.line(m.start(1)) not in taken:
            whole = m.group(1) + m.group(2)
            keep(m.start(1), _DEEP, whole if len(whole) <= 80 and DROPPED not in whole else m.group(1))
    for m in _NUMBERED.finditer(prose):
        if _stands_alone(prose, *m.span()) and places.line(m.start()) not in taken:
            keep(m.start(), _DEEP + m.group(1).count("."), m.group())
    for m in _BOLD.finditer(prose):
        if places.line(m.start()) not in taken:
            keep(m.start(), _DEEP + 4, next(g for g in m.groups() if g))
    return sorted(found, key=lambda h: h.place)


def paths(found: Sequence[Heading]) -> list[tuple[int, str]]:
    """From each heading on, the path of headings in force: `2 Networks > Exercise 1`."""
    stack: list[Heading] = []
    made: list[tuple[int, str]] = []
    for heading in found:
        while stack and stack[-1].level >= heading.level:
            stack.pop()
        stack.append(heading)
        made.append((heading.place, BETWEEN.join(h.text.rstrip(" .:") for h in stack)))
    return made


def names_part(part: str, wanted: str) -> bool:
    """Whether `wanted` (`Ex 2`, `problem 1`) names a heading of the path, and so what stands under it.

    Words count whole and in any case; `Ex` is short for `Exercise`, `Q` for `Question`, `P` for `Problem`.
    """
    words = _words(wanted)
    for heading in part.split(BETWEEN):
        inside = _words(heading)
        if words and any(inside[i : i + len(words)] == words for i in range(len(inside) - len(words) + 1)):
            return True
    return False


def _words(text: str) -> list[str]:
    spaced = re.sub(r"(?<=[^\W\d])(?=\d)", " ", text.casefold())
    return [_SHORT.get(word, word) for word in re.findall(r"\d+(?:\.\d+)*|[^\W\d_]+", spaced)]


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether blank lines, or an end of the text, are around a line."""
    before, after = text[max(start - 40, 0) : start], text[end : end + 40]
    above = re.search(r"(?:^|\n)[ \t\r]*\n$", before) or not before.strip()
    below = re.match(r"\r?\n[ \t]*(?:\r?\n|$)", after) or not after.strip()
    return bool(above and below)
