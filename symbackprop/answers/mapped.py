"""A text made of pieces of another, each character with the code point that it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

DROPPED = "\0"  # stands for a character that is no part of the text; no text holds one of its own
_KEPT = re.compile(r"[^\0\r]+|\r(?!\n)")


@dataclass(slots=True)
class Builder:
    """Collects text and origins; `done` has both, and one more origin for the end."""

    texts: list[str] = field(default_factory=list)
    origins: list[int] = field(default_factory=list)

    def keep(self, source: str, start: int, end: int) -> None:
        """A slice of the source as it is."""
        self.texts.append(source[start:end])
        self.origins.extend(range(start, end))

    def put(self, text: str, origins: Iterable[int]) -> None:
        """A text, with an origin for each of its characters."""
        self.texts.append(text)
        self.origins.extend(origins)

    def done(self, end: int) -> tuple[str, tuple[int, ...]]:
        """Everything so far, as `text` and `origin` of a passage."""
        return "".join(self.texts), (*self.origins, end)


def without_dropped(source: str, start: int, end: int) -> tuple[str, list[int]]:
    """A slice without dropped characters; CRLF and CR become LF. One origin for each character."""
    if source.find(DROPPED, start, end) < 0 and source.find("\r", start, end) < 0:
        return source[start:end], list(range(start, end))
    made = Builder()
    for piece in _KEPT.finditer(source, start, end):
        if piece.group() == "\r":
            made.put("\n", [piece.start()])
        else:
            made.keep(source, *piece.span())
    return "".join(made.texts), made.origins


def drop(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with these spans (in order, disjoint) dropped; line ends stay, so that lines do."""
    pieces, last = [], 0
    for start, end in spans:
        pieces += [text[last:start], re.sub(r"[^\r\n]", DROPPED, text[start:end])]
        last = end
    return "".join([*pieces, text[last:]])
