"""Large graphs made small: letters only, parameters drawn inside the value they serve, equal layers drawn as one.

W_1, b_1 -> z_1                    z_1 with `W_1, b_1` on its second line
z_1 a_1 z_2 a_2 ... z_99 a_99      z_1 a_1 [ z_2, ..., a_98 ] z_99 a_99
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from .boxes import Box, Wiring, in_order, rewired
from .labels import Label, Run, width

LONGEST_PERIOD = 24  # values in a layer that is looked for
FEWEST_TIMES = 4  # repetitions that are worth a group
WIDEST_INSIDE = 9.0  # em: more parameters than this are drawn outside

Signature: TypeAlias = tuple[object, ...]


def plain(wires: Wiring) -> Wiring:
    """The same boxes with their letters only, which takes less height."""
    return replace(wires, boxes=tuple(replace(box, below=(), below_latex="") for box in wires.boxes))


def folded(wires: Wiring) -> Wiring:
    """Parameters and constants that serve one value only, inside its box, as far as there is room."""
    before, after, boxes = wires.before(), wires.after(), wires.boxes
    home: dict[int, int] = {}
    kept: list[Box] = []
    inside: dict[int, list[int]] = {}
    for i, found in enumerate(before):
        private = [p for p in found if boxes[p].role in ("parameter", "constant") and after[p] == [i]]
        if private and boxes[i].role != "group" and width(_listed([boxes[p] for p in private])) <= WIDEST_INSIDE:
            inside[i] = private
    hidden = {p for private in inside.values() for p in private}
    for i, box in enumerate(boxes):
        if i in hidden:
            continue
        home[i] = len(kept)
        if i in inside:
            members = [boxes[p] for p in inside[i]]
            latex = r",\,".join(member.latex for member in members)
            box = replace(box, below=_listed(members), below_latex=latex)
        kept.append(box)
    return rewired(wires, kept, home)


def _listed(boxes: list[Box]) -> Label:
    """Labels with commas between them."""
    runs: list[Run] = []
    for k, box in enumerate(boxes):
        runs += [Run(", ")] if k else []
        runs += box.shown
    return tuple(runs)


def grouped(wires: Wiring) -> Wiring:
    """The longest repetition of equal layers with its middle drawn as one box; the same wiring if there is none."""
    before, after, boxes = wires.before(), wires.after(), wires.boxes
    line = [i for i in in_order(wires) if before[i]]
    found = _repetition(_signatures(wires, line))
    if found is None:
        return wires
    begin, end, period = found
    middle = line[begin + period : end - period]
    members = set(middle)
    members |= {p for i in middle for p in before[i] if not before[p] and set(after[p]) <= members}
    home: dict[int, int] = {}
    kept: list[Box] = []
    for i, box in enumerate(boxes):
        if i not in members:
            home[i] = len(kept)
            kept.append(box)
        elif i == middle[0]:
            home |= dict.fromkeys(members, len(kept))
            kept.append(_group(boxes[middle[0]], boxes[middle[-1]], len(middle), period))
    return rewired(wires, kept, home)


def _group(first: Box, last: Box, count: int, period: int) -> Box:
    """The box that stands for everything from `first` to `last`."""
    latex = rf"{first.latex},\,\ldots,\,{last.latex}"
    shown = (*first.shown, Run(", …, "), *last.shown)
    said = f"{count // period} layers alike" if period > 1 else f"{count} values alike"
    below: Label = (Run(said),)
    return Box(f"{first.name}..{last.name}", "group", latex, shown, below)


def _signatures(wires: Wiring, line: list[int]) -> list[Signature]:
    """What makes two values alike: the operation, how far back its arguments stand, and what kind of leaves they are.

    A leaf that serves one value counts by its role, a shared one by itself.
    """
    before, after, boxes = wires.before(), wires.after(), wires.boxes
    place = {i: k for k, i in enumerate(line)}
    found: list[Signature] = []
    for k, i in enumerate(line):
        parts: list[str] = []
        for p in before[i]:
            if p in place:
                parts.append(f"{k - place[p]} back")
            else:
                parts.append(boxes[p].role if len(after[p]) == 1 else f"shared {p}")
        operation = boxes[i].below[0].text if boxes[i].below and not boxes[i].below_latex else ""
        found.append((boxes[i].role, operation, len(boxes[i].below), *sorted(parts)))
    return found


def _repetition(signatures: list[Signature]) -> tuple[int, int, int] | None:
    """The run of equal periods that saves most: where it begins, where it ends, its period.

    A period begins with the value that has most arguments, as people count layers.
    """
    best, saved = None, 0
    for period in range(1, LONGEST_PERIOD + 1):
        begin = 0
        for k in range(period, len(signatures) + 1):
            if k < len(signatures) and signatures[k] == signatures[k - period]:
                continue
            if (k - begin) // period >= FEWEST_TIMES:
                first = max(range(begin, begin + period), key=lambda at: (len(signatures[at]), -at))
                times = (k - first) // period
                if (times - 2) * period > saved:
                    best, saved = (first, first + times * period, period), (times - 2) * period
            begin = k - period + 1
    return best
