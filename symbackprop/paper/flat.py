r"""Stretches of a formula that a declaration spells as a whole: `\delta 22`, `P(w_j \mid w_c)`, a fraction ∂L/∂O.

Both texts are flattened first: fonts and braces around a single symbol go, so that `\mathbf{x}_{i}` and `x_i` are the
same; then the longest declared spelling that stands at a place is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .lexemes import FONTS, Lexeme

FONT_COMMANDS = frozenset({f"\\{name}" for name in FONTS} | {"\\text", "\\mathrm"})


@dataclass(frozen=True, slots=True)
class Flat:
    """One symbol of a flattened text, and the lexemes `first` to `last` (one past) that it came from."""

    text: str
    first: int
    last: int


def flatten(lexemes: Sequence[Lexeme]) -> list[Flat]:
    """The symbols of a text without fonts, without the braces of fonts and without braces around a single symbol."""
    partner = _partners(lexemes)
    gone: set[int] = set()
    for at, lexeme in enumerate(lexemes):
        if lexeme.text in FONT_COMMANDS:
            gone.add(at)
            if at + 1 in partner:
                gone |= {at + 1, partner[at + 1]}
    changed = True
    while changed:
        changed = False
        for opened, closed in partner.items():
            if opened not in gone and sum(1 for k in range(opened + 1, closed) if k not in gone) == 1:
                gone |= {opened, closed}
                changed = True
    found: list[Flat] = []
    pending: int | None = None
    for at, lexeme in enumerate(lexemes):
        if at in gone:
            if lexeme.text == "}" and found and pending is None:
                found[-1] = Flat(found[-1].text, found[-1].first, at + 1)
            elif pending is None:
                pending = at
            continue
        found.append(Flat(lexeme.text, at if pending is None else pending, at + 1))
        pending = None
    return found


def _partners(lexemes: Sequence[Lexeme]) -> dict[int, int]:
    """The closing brace of every opening one."""
    stack: list[int] = []
    found: dict[int, int] = {}
    for at, lexeme in enumerate(lexemes):
        if lexeme.text == "{":
            stack.append(at)
        elif lexeme.text == "}" and stack:
            found[stack.pop()] = at
    return found


@dataclass(frozen=True, slots=True)
class Spelled:
    """A declared spelling: its symbols, whose it is, and which of its symbols are running letters (`slots`).

    `part`: "whole", or "row", "column", "entry" of what is declared.
    """

    name: str
    symbols: tuple[str, ...]
    part: str = "whole"
    slots: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A spelling found at a place: `last` is one past its last lexeme; `letters` stand in its slots."""

    spelled: Spelled
    last: int
    primes: int
    letters: tuple[str, ...]


class Stretches:
    """All spellings of a network that are more than one letter with scripts."""

    def __init__(self, spellings: Sequence[Spelled]) -> None:
        self.by_first: dict[str, list[Spelled]] = {}
        for spelled in sorted(spellings, key=lambda s: -len(s.symbols)):
            self.by_first.setdefault(spelled.symbols[0], []).append(spelled)

    def at(self, flats: Sequence[Flat], place: int) -> Hit | None:
        """The longest spelling that begins with the flattened symbol number `place`."""
        for spelled in self.by_first.get(flats[place].text, ()):
            hit = self._match(spelled, flats, place)
            if hit is not None:
                return hit
        return None

    def _match(self, spelled: Spelled, flats: Sequence[Flat], place: int) -> Hit | None:
        primes, letters, at = 0, [], place
        for number, symbol in enumerate(spelled.symbols):
            while symbol == "(" and number and at < len(flats) and flats[at].text == "'":
                primes, at = primes + 1, at + 1
            if at >= len(flats):
                return None
            if number in spelled.slots:
                if not (flats[at].text.isalnum() or flats[at].text.startswith("\\")):
                    return None
                letters.append(flats[at].text)
            elif flats[at].text != symbol:
                return None
            at += 1
        return Hit(spelled, flats[at - 1].last, primes, tuple(letters))
