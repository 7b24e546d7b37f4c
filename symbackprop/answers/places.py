"""Where things stand in a text: lines end with LF, CRLF (two code points) or CR."""

from __future__ import annotations

import re
from bisect import bisect_right

from ..errors import Span

LINE_END = re.compile(r"\r\n|\r|\n")


class Places:
    """Positions of one text (code points, from 0) as lines and columns (from 1)."""

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        self._starts = [0, *(m.end() for m in LINE_END.finditer(text))]

    def line(self, position: int) -> int:
        """The line that holds a position."""
        return bisect_right(self._starts, position)

    def begins(self, position: int) -> int:
        """Where the line of a position begins."""
        return self._starts[self.line(position) - 1]

    def span(self, start: int, end: int) -> Span:
        """The place of a slice, at least one character wide."""
        first, last = self.line(start), self.line(max(end, start))
        column, end_column = start - self._starts[first - 1] + 1, max(end, start) - self._starts[last - 1] + 1
        return Span(first, column, last, max(end_column, column + 1) if first == last else end_column)
