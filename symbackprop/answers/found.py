"""What a reader of one kind of file finds in it: formulas, code, headings, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..errors import Span


@dataclass(frozen=True, slots=True)
class Found:
    """A formula or a piece of code from `start` to `end` of the source, its delimiters included."""

    kind: Literal["latex", "code"]
    start: int
    end: int
    text: str
    origin: tuple[int, ...]
    display: bool = True
    environment: str = ""
    uses: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading at a place; those of a higher level stand under those of a lower one."""

    place: int
    level: int
    text: str


@dataclass(slots=True)
class Findings:
    """All of it, in any order."""

    found: list[Found] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    refused: list[tuple[Span | None, str]] = field(default_factory=list)
