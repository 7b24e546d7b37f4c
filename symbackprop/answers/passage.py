"""What an answer is made of: formulas and code, in order, each with its place in the original text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..errors import Span


@dataclass(frozen=True, slots=True)
class Passage:
    """One formula or one piece of code.

    `text` is cleaned: macros expanded, comments and prompts gone. `origin` has the code point in the whole input from
    which each of its characters came, and one more for its end. `line` counts from 1 in the original; `cell` is the
    number of the notebook's cell, from 1. `part` is the heading in force, `network` what a comment
    `% network: FILE.net` chose. `before`, `after`: the prose up to the neighbouring passage; `display` is true for
    a formula of its own line, and `environment` the one that it stood in (`align`, `$$`, `$`). `uses` has begin and
    end, in the whole input, of each use of a macro; the characters of its body have the origin where the use begins.
    """

    kind: Literal["latex", "code"]
    text: str
    origin: tuple[int, ...]
    line: int
    cell: int | None = None
    part: str = ""
    network: str = ""
    before: str = ""
    after: str = ""
    display: bool = True
    environment: str = ""
    uses: tuple[tuple[int, int], ...] = ()

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Positions in `text` as positions in the whole input."""
        first, last = self.origin[start], self.origin[max(end - 1, start)]
        for begin, after in self.uses:
            if begin == last:
                return first, max(after, first)
        return first, max(last + 1, first)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its original text, what could be read of it, and what could not with the reasons.

    `text` is what positions refer to: of a notebook, the sources of its cells, joined by blank lines.
    """

    file: str
    text: str
    passages: tuple[Passage, ...]
    refused: tuple[tuple[Span | None, str], ...] = ()
