"""One layered layout of a computing graph, from which both TikZ and SVG are drawn.

Layers go to the right if that fits, else down. Along its layer an item stands as near to its neighbours as the others
let it: weighted least squares under "keep this distance", which pooling adjacent violators solves exactly. Arrows
pass other layers on a straight line at their bend and change place only in the gaps between layers, so they run
through no box.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import TypeAlias

from .boxes import Box, Wiring, beside
from .layers import Layers, arrange

Point: TypeAlias = tuple[float, float]
Lists: TypeAlias = tuple[tuple[int, ...], ...]

# All in em of the picture's font size.
GAP = 2.4  # between layers to the right
GAP_DOWN = 1.9  # between layers downwards
STEEP = 0.2  # more gap where arrows climb: this part of the climb
WIDEST_GAP = 5.0
APART = 0.75  # between boxes of one layer
LANE = 0.55  # between a bend and its neighbours
PORT = 0.5  # between arrow heads at one box
CORNER = 0.5  # no arrow head nearer than this to a corner

SWEEPS = 8
BEND, VALUE, SIDE = 8.0, 4.0, 0.001  # how much a straight line through a bend, a value, a parameter counts


@dataclass(frozen=True, slots=True)
class Placed:
    """A box with its centre and size in points."""

    box: Box
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Wire:
    """A line from `start` through pieces: one point is a straight piece, three are a cubic curve's.

    An arrow of its own, or a branch of an earlier one with the same `source`.
    """

    source: str
    target: str
    start: Point
    pieces: tuple[tuple[Point, ...], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes and wires in points, the origin above and to the left of everything, y downwards."""

    boxes: tuple[Placed, ...]
    wires: tuple[Wire, ...]
    width: float
    height: float
    font_size: float
    downwards: bool


def layout(
    wires: Wiring,
    font_size: float = 10.0,
    *,
    downwards: bool = False,
    roomy: float = 1.0,
    layers: Layers | None = None,
) -> Layout:
    """Place everything; `roomy` widens the gaps, `layers`, if known already, save the work of arranging again."""
    found = arrange(wires) if layers is None else layers
    return _Drawing(wires, found, font_size, downwards, roomy).finished()


class _Drawing:
    """The one layout while it is being made. `across` runs along a layer, `along` from layer to layer."""

    def __init__(self, wires: Wiring, layers: Layers, em: float, downwards: bool, roomy: float) -> None:
        self.wires, self.layers, self.em, self.downwards, self.roomy = wires, layers, em, downwards, roomy
        sizes = [box.size(em) for box in wires.boxes]
        bends = [0.0] * (len(layers.rank) - len(sizes))
        entering = [((len(up) - 1) * PORT + 2 * CORNER) * em for up in layers.up]
        self.thick = [max(s[not downwards], e) for s, e in zip(sizes, entering, strict=False)] + bends  # across
        self.deep = [s[downwards] for s in sizes] + bends  # along
        side = beside(wires)
        self.side = side | {bend for (source, _), bend in layers.bends.items() if source in side}
        self.across = self._across()
        self.edges = self._edges()

    def _weight(self, a: int, b: int) -> float:
        """How much the line from a to b should be straight."""
        boxes = len(self.wires.boxes)
        if a >= boxes and b >= boxes:
            return BEND
        return SIDE if a in self.side or b in self.side else VALUE

    def _distance(self, a: int, b: int) -> float:
        """What neighbours in a layer keep between their centres."""
        boxes = len(self.wires.boxes)
        gap = APART if a < boxes and b < boxes else LANE
        return (self.thick[a] + self.thick[b]) / 2 + gap * self.em

    def _across(self) -> list[float]:
        """Each item's centre along its layer."""
        across = [0.0] * len(self.thick)
        rows = self.layers.layers
        steps = {row: [self._distance(a, b) for a, b in pairwise(row)] for row in rows}
        for row in rows:
            across_row = settled([0.0] * len(row), [1.0] * len(row), steps[row])
            middle = (across_row[0] + across_row[-1]) / 2
            for item, at in zip(row, across_row, strict=True):
                across[item] = at - middle
        for sweep in range(2 * SWEEPS):
            forward = sweep % 2 == 0
            sides = (self.layers.up, self.layers.down) if forward else (self.layers.down, self.layers.up)
            for row in rows if forward else reversed(rows):
                wanted, weight = zip(*(self._wish(item, across, sides, sweep >= SWEEPS) for item in row), strict=True)
                for item, at in zip(row, settled(wanted, weight, steps[row]), strict=True):
                    across[item] = at
        self._straighten(across)
        first = min((at - thick / 2 for at, thick in zip(across, self.thick, strict=True)), default=0.0)
        return [round(at - first, 1) for at in across]

    def _straighten(self, across: list[float]) -> None:
        """Put all bends of one value on one line where their neighbours leave room for it."""
        beside: dict[int, tuple[int | None, int | None]] = {}
        for row in self.layers.layers:
            for k, item in enumerate(row):
                beside[item] = row[k - 1] if k else None, row[k + 1] if k + 1 < len(row) else None
        lines: dict[int, list[int]] = {}
        for (source, _), bend in self.layers.bends.items():
            lines.setdefault(source, []).append(bend)
        for bends in lines.values():
            low, high = -inf, inf
            for bend in bends:
                before, behind = beside[bend]
                low = max(low, -inf if before is None else across[before] + self._distance(before, bend))
                high = min(high, inf if behind is None else across[behind] - self._distance(bend, behind))
            if low <= high:
                at = min(max(sum(across[bend] for bend in bends) / len(bends), low), high)
                for bend in bends:
                    across[bend] = at

    def _wish(self, item: int, across: Sequence[float], sides: tuple[Lists, Lists], both: bool) -> tuple[float, float]:
        """Where an item would stand for its arrows of one side or both to be straight, and how much that counts."""
        near, far = sides[0][item], sides[1][item]
        others = near + far if both else near
        if item not in self.side:
            others = tuple(other for other in others if other not in self.side)
        others = others or far or near
        if not others:
            return across[item], SIDE
        weights = [self._weight(item, other) for other in others]
        return sum(w * across[o] for w, o in zip(weights, others, strict=True)) / sum(weights), max(weights)

    def _edges(self) -> list[tuple[float, float]]:
        """Where each layer begins and ends along the picture."""
        edges, at = [], 0.0
        for k, row in enumerate(self.layers.layers):
            if k:
                pairs = ((a, b) for b in row for a in self.layers.up[b])
                climb = max((abs(self.across[a] - self.across[b]) for a, b in pairs), default=0.0)
                gap = (GAP_DOWN if self.downwards else GAP) * self.em
                at += self.roomy * min(max(gap, STEEP * climb), WIDEST_GAP * self.em)
            deep = max(self.deep[item] for item in row)
            edges.append((round(at, 1), round(at + deep, 1)))
            at += deep
        return edges

    def _point(self, along: float, across: float) -> Point:
        return (round(across, 1), round(along, 1)) if self.downwards else (round(along, 1), round(across, 1))

    def _along(self, item: int) -> float:
        """An item's centre from layer to layer."""
        begin, end = self.edges[self.layers.rank[item]]
        return (begin + end) / 2

    def _ports(self) -> dict[tuple[int, int], float]:
        """Where across a box each line that enters it arrives: straight on if it can, the others beside, in order."""
        ports: dict[tuple[int, int], float] = {}
        for item in range(len(self.wires.boxes)):
            entering = sorted(self.layers.up[item], key=lambda other: (self.across[other], other))
            if not entering:
                continue
            room = max(self.thick[item] / 2 - CORNER * self.em, 0.0)
            step = min(PORT * self.em, 2 * room / max(len(entering) - 1, 1))
            middle, fixed = self.across[item], (len(entering) - 1) / 2
            straight = [k for k, other in enumerate(entering) if abs(self.across[other] - middle) < step]
            if len(straight) == 1:
                middle, fixed = self.across[entering[straight[0]]], float(straight[0])
            first = middle - fixed * step
            first = max(min(first, self.across[item] + room - (len(entering) - 1) * step), self.across[item] - room)
            for k, other in enumerate(entering):
                ports[other, item] = first + k * step
        return ports

    def _wires(self) -> Iterable[Wire]:
        """Each value's arrows, the longest first; the others branch off where they leave its line."""
        ports, boxes, rank = self._ports(), self.wires.boxes, self.layers.rank
        after = self.wires.after()
        for source in range(len(boxes)):
            drawn: set[int] = set()
            for target in sorted(after[source], key=lambda t: (-rank[t], self.across[t], t)):
                route = [source, *(self.layers.bends[source, k] for k in range(rank[source] + 1, rank[target])), target]
                first = max((k for k, item in enumerate(route) if item in drawn), default=0)
                yield self._wire(route, first, ports)
                drawn.update(route[1:-1])

    def _wire(self, route: list[int], first: int, ports: dict[tuple[int, int], float]) -> Wire:
        """The line through `route` from its item `first` on."""
        boxes, target = self.wires.boxes, route[-1]
        at = self.across[route[first]]
        end_of_layer = self.edges[self.layers.rank[route[first]]][1]
        begin = self._along(route[first]) + self.deep[route[first]] / 2 if first == 0 else end_of_layer
        pieces: list[tuple[Point, ...]] = []
        for last, item in zip(route[first:], route[first + 1 :], strict=False):
            leave = self.edges[self.layers.rank[last]][1]
            enter, end_of_layer = self.edges[self.layers.rank[item]]
            to = ports[last, item] if item == target else self.across[item]
            pieces.append((self._point(leave, at),))
            if abs(to - at) > 0.05:
                half = (leave + enter) / 2
                pieces.append((self._point(half, at), self._point(half, to), self._point(enter, to)))
            border = self._along(item) - self.deep[item] / 2 if item == target else end_of_layer
            pieces.append((self._point(border, to),))
            at = to
        start = self._point(begin, self.across[route[first]])
        return Wire(boxes[route[0]].name, boxes[target].name, start, _shortened(start, pieces))

    def finished(self) -> Layout:
        """The layout."""
        placed = []
        for item, box in enumerate(self.wires.boxes):
            x, y = self._point(self._along(item), self.across[item])
            size = self._point(self.deep[item], self.thick[item])
            placed.append(Placed(box, x, y, *size))
        wide = max((at + thick / 2 for at, thick in zip(self.across, self.thick, strict=True)), default=0.0)
        long = self.edges[-1][1] if self.edges else 0.0
        width, height = (wide, long) if self.downwards else (long, wide)
        return Layout(tuple(placed), tuple(self._wires()), round(width, 1), round(height, 1), self.em, self.downwards)


def _shortened(start: Point, pieces: list[tuple[Point, ...]]) -> tuple[tuple[Point, ...], ...]:
    """The same line without pieces of no length, and with straight pieces that follow each other as one."""
    kept: list[tuple[Point, ...]] = []
    at = start
    for piece in pieces:
        if len(piece) == 1 and piece[0] == at:
            continue
        before = (kept[-2][-1] if len(kept) > 1 else start) if kept and len(kept[-1]) == 1 else None
        if before is not None and len(piece) == 1 and (before[0] == piece[0][0] or before[1] == piece[0][1]):
            kept[-1] = piece
        else:
            kept.append(piece)
        at = piece[-1]
    return tuple(kept)


def settled(wanted: Sequence[float], weight: Sequence[float], distance: Sequence[float]) -> list[float]:
    """The places nearest to those wanted, by weighted squares, that keep at least each distance to the next.

    Pool adjacent violators (Ayer, Brunk, Ewing, Reid and Silverman, 1955), in linear time.
    """
    offset = [0.0]
    for step in distance:
        offset.append(offset[-1] + step)
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for want, w, shift in zip(wanted, weight, offset, strict=False):
        mean, total, count = want - shift, w, 1
        while pools and pools[-1][0] >= mean:
            other, mass, more = pools.pop()
            mean = (mean * total + other * mass) / (total + mass)
            total, count = total + mass, count + more
        pools.append((mean, total, count))
    means = [mean for mean, _, count in pools for _ in range(count)]
    return [mean + shift for mean, shift in zip(means, offset, strict=False)]
