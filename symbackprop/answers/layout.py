"""The indentation of printed code: levels that a page has moved by a column are put back on one another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .mapped import Builder
from .python import continued

STEP = 4
SLACK = 1  # columns by which a line may be off its level

_SIGN = re.compile(r"\s*(?:[-+/@%|&^]|//|\*\*?)?=(?!=)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of code: `pad` spaces, a text that begins at `at` of the source, and `tail`, a backslash if any."""

    text: str
    at: int
    pad: int = 0
    tail: str = ""

    @property
    def shown(self) -> str:
        """The line as it stands in the code."""
        return " " * self.pad + self.text + self.tail

    @property
    def blank(self) -> bool:
        """Whether nothing stands on it."""
        return not self.text.strip()

    def cut(self, count: int) -> Line:
        """Without the first characters of its text."""
        return replace(self, text=self.text[count:], at=self.at + count)

    def indented(self, columns: int) -> Line:
        """With another indentation."""
        text = self.text.lstrip()
        return replace(self, text=text, at=self.at + len(self.text) - len(text), pad=columns)

    @property
    def columns(self) -> int:
        """How far it is indented; a tab goes to the next multiple of eight."""
        shown = self.shown.expandtabs(8)
        return len(shown) - len(shown.lstrip())


Lines = tuple[Line, ...]


def source(lines: Sequence[Line]) -> str:
    """The code."""
    return "\n".join(line.shown for line in lines)


def assembled(lines: Sequence[Line], end: int) -> tuple[str, tuple[int, ...]]:
    """The code, with the origin of each of its characters and of its end; blank lines around it go."""
    made = Builder()
    filled = [number for number, line in enumerate(lines) if not line.blank]
    lines = lines[filled[0] : filled[-1] + 1] if filled else ()
    for number, line in enumerate(lines):
        if number:
            before = lines[number - 1]
            made.put("\n", [before.at + len(before.text)])
        after = line.at + len(line.text)
        made.put(line.shown, [*[line.at] * line.pad, *range(line.at, after), *[after] * len(line.tail)])
    last = lines[-1].at + len(lines[-1].text) if lines else end
    return made.done(last)


def plain(pages: Sequence[Lines]) -> Iterator[Lines]:
    """The code of some pages in its own indentation, and without what all lines share of it."""
    whole = tuple(line for page in pages for line in page)
    yield whole
    yield _dedented(whole)


def mended(pages: Sequence[Lines]) -> Iterator[Lines]:
    """The code of some pages with broken lines joined, first lines in their block, and levels restored."""
    whole = tuple(line for page in pages for line in _first_line_mended(_rejoined(page)))
    yield _dedented(whole)
    restored = _levels_restored(whole)
    if restored is not None:
        yield restored


def _dedented(lines: Lines) -> Lines:
    inner = continued(source(lines))
    code = [line.columns for n, line in enumerate(lines) if not _silent(line) and n not in inner]
    shared = min(code, default=0)
    if not shared:
        return lines
    return tuple(line if line.blank else line.indented(max(line.columns - shared, 0)) for line in lines)


def _rejoined(page: Lines) -> Lines:
    """An assignment that was broken in front of its sign is one statement again."""
    made = list(page)
    inner = continued(source(page))
    for number, line in enumerate(page):
        if number and number not in inner and _SIGN.match(line.text) and not _silent(page[number - 1]):
            made[number - 1] = replace(made[number - 1], tail=" \\")
    return tuple(made)


def _first_line_mended(page: Lines) -> Lines:
    """A page whose first line has lost its indentation gets it back from the second, where it opens no block."""
    code = [n for n, line in enumerate(page) if not _silent(line)]
    if len(code) < 2:
        return page
    first, second = page[code[0]], page[code[1]]
    if _opens(first) or second.columns <= first.columns or code[1] in continued(source(page)):
        return page
    return (*page[: code[0]], first.indented(second.columns), *page[code[0] + 1 :])


def _levels_restored(lines: Lines) -> Lines | None:
    """Every line on one of the levels before it, or one deeper behind a colon; None where that is not clear."""
    inner = continued(source(lines))
    levels: list[int] = []
    made: list[Line] = []
    opened = False
    for number, line in enumerate(lines):
        if number in inner or line.blank:
            made.append(line)
            continue
        if line.text.lstrip().startswith("#"):
            made.append(line.indented(STEP * max(len(levels) - 1, 0)))
            continue
        columns = line.columns
        if not levels:
            levels = [columns]
        elif opened:
            if columns <= levels[-1]:
                return None
            levels.append(columns)
        else:
            off = [abs(columns - level) for level in levels]
            nearest = min(off)
            if nearest > SLACK or off.count(nearest) > 1:
                return None
            del levels[off.index(nearest) + 1 :]
            levels[-1] = columns
        made.append(line.indented(STEP * (len(levels) - 1)))
        opened = _opens(line)
    return tuple(made)


def _opens(line: Line) -> bool:
    text = line.text
    return text.rstrip().endswith(":") or text.split("#")[0].rstrip().endswith(":")


def _silent(line: Line) -> bool:
    return line.blank or line.text.lstrip().startswith("#")
