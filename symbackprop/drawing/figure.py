"""A finished picture before it is written: the layout, the largest type for which it fits, and a legend below it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from .boxes import BoxRole, Wiring
from .labels import Run, width
from .layers import arrange
from .layout import Layout, layout
from .theme import LOOKS

PAGE_WIDTH = 455.0  # points: 160 mm, the text width of a report
PAGE_HEIGHT = 590.0  # points: 230 mm without caption and legend
FONT_SIZES = (10.0, 9.0, 8.0, 7.0)  # below 7 pt nobody reads

ROOMY = (1.35, 1.0, 0.8)

LEGEND_SIZE = 8.0
LEGEND_GAP = 16.0
SAMPLE = (15.0, 8.5)
ROW = 14.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One word of the legend with its sample's upper left corner."""

    role: BoxRole
    word: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A layout moved to the right by `shift`, so that it stands in the middle above its legend."""

    layout: Layout
    shift: float
    legend: tuple[Entry, ...]
    width: float
    height: float


def fitted(wires: Wiring) -> Layout | None:
    """The layout in the largest type for which it fits a page, to the right rather than down; None if none does."""
    layers = arrange(wires)
    for font_size in FONT_SIZES:
        for downwards, roomy in product((False, True), ROOMY):
            made = layout(wires, font_size, downwards=downwards, roomy=roomy, layers=layers)
            if made.width <= PAGE_WIDTH and made.height <= PAGE_HEIGHT:
                return made
    return None


def figure(made: Layout) -> Figure:
    """The layout with a legend of the roles that occur in it."""
    roles = {placed.box.role for placed in made.boxes}
    entries: list[Entry] = []
    x, y = 0.0, made.height + LEGEND_GAP
    room = max(made.width, 400.0)
    widest = 0.0
    for role, look in LOOKS.items():
        if role not in roles:
            continue
        taken = SAMPLE[0] + 4 + LEGEND_SIZE * width((Run(look.word),))
        if x and x + taken > room:
            x, y = 0.0, y + ROW
        entries.append(Entry(role, look.word, round(x, 1), round(y, 1)))
        widest = max(widest, x + taken)
        x += taken + 12
    wide = max(made.width, widest)
    left = (wide - widest) / 2
    centred = tuple(Entry(e.role, e.word, round(e.x + left, 1), e.y) for e in entries)
    return Figure(made, round((wide - made.width) / 2, 1), centred, round(wide, 1), round(y + SAMPLE[1], 1))
