"""Layers: how far each box stands from the inputs, and in which order boxes of one layer stand beside each other.

Sugiyama, Tagawa, Toda, "Methods for visual understanding of hierarchical system structures" (1981): longest paths,
one bend point per layer that an arrow crosses, barycentres. All arrows of one value share their bend points, so a
value that is used again and again is one line with branches and not a bundle.
"""

from __future__ import annotations

from dataclasses import dataclass

from .boxes import Wiring, beside, in_order

SWEEPS = 12


@dataclass(frozen=True, slots=True)
class Layers:
    """Items are boxes by their position, then bends from `len(boxes)` on; `layers` holds each layer's items in order.

    `up` and `down` are an item's neighbours in the layer before and after it. `bends` maps (box, layer) to the bend
    that the box's arrows share there.
    """

    layers: tuple[tuple[int, ...], ...]
    up: tuple[tuple[int, ...], ...]
    down: tuple[tuple[int, ...], ...]
    rank: tuple[int, ...]
    bends: dict[tuple[int, int], int]


def ranks(wires: Wiring) -> list[int]:
    """The layer of each box: after all it is computed from, leaves just before their first use, no arrow too long."""
    before, after, order = wires.before(), wires.after(), in_order(wires)
    leaf = [not b for b in before]
    rank = [0] * len(before)
    for i in order:
        if not leaf[i]:
            rank[i] = 1 + max(0 if leaf[p] else rank[p] for p in before[i])
    for i in reversed(order):
        held = sum(not leaf[p] or len(after[p]) > 1 for p in before[i])
        if not leaf[i] and after[i] and len(after[i]) > held:
            rank[i] = min(rank[c] for c in after[i]) - 1
    for i in order:
        if leaf[i] and after[i]:
            rank[i] = min(rank[c] for c in after[i]) - 1
    return rank


def arrange(wires: Wiring) -> Layers:
    """Boxes and bends in layers, ordered so that few arrows cross; the same for the same wiring, always."""
    rank = ranks(wires)
    bends: dict[tuple[int, int], int] = {}
    up: list[list[int]] = [[] for _ in wires.boxes]
    down: list[list[int]] = [[] for _ in wires.boxes]
    depth = [*rank]
    for a, b in wires.arrows:
        last = a
        for layer in range(rank[a] + 1, rank[b]):
            if (a, layer) not in bends:
                bends[a, layer] = len(up)
                depth.append(layer)
                up.append([])
                down.append([])
            bend = bends[a, layer]
            if last not in up[bend]:
                up[bend].append(last)
                down[last].append(bend)
            last = bend
        up[b].append(last)
        down[last].append(b)
    members: list[list[int]] = [[] for _ in range(max(depth, default=-1) + 1)]
    for item, layer in enumerate(depth):
        members[layer].append(item)
    layers = _fewest_crossings(_first_order(members, up, beside(wires)), up, down)
    return Layers(tuple(map(tuple, layers)), tuple(map(tuple, up)), tuple(map(tuple, down)), tuple(depth), bends)


def _first_order(members: list[list[int]], up: list[list[int]], side: frozenset[int]) -> list[list[int]]:
    """From the last layer backwards, what feeds a box beside it: half its parameters above the values, half below."""
    ordered: list[list[int]] = []
    for layer in reversed(members):
        wanted: dict[int, None] = {}
        for consumer in ordered[-1] if ordered else ():
            values = [i for i in up[consumer] if i not in side]
            parameters = [i for i in up[consumer] if i in side]
            half = len(parameters) // 2
            wanted |= dict.fromkeys([*parameters[:half], *values, *parameters[half:]])
        rest = [i for i in layer if i not in wanted]
        ordered.append([*wanted, *rest])
    return ordered[::-1]


def _fewest_crossings(layers: list[list[int]], up: list[list[int]], down: list[list[int]]) -> list[list[int]]:
    """The best order met while sweeping to and fro."""
    best, fewest = [list(layer) for layer in layers], crossings(layers, down)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        forward = sweep % 2 == 0
        for layer in layers if forward else reversed(layers):
            _sort_by_barycentre(layer, layers, up if forward else down, down if forward else up)
        _swap_neighbours(layers, up, down)
        count = crossings(layers, down)
        if count < fewest:
            best, fewest = [list(layer) for layer in layers], count
    return best


def _sort_by_barycentre(layer: list[int], layers: list[list[int]], near: list[list[int]], far: list[list[int]]) -> None:
    """Sort by the mean place of the neighbours on the near side; of those on the far side, where the near has none."""
    place = _places(layers)
    key = {item: place[item] for item in layer}
    for item in layer:
        if beside := near[item] or far[item]:
            key[item] = sum(place[other] for other in beside) / len(beside)
    layer.sort(key=key.__getitem__)


def _places(layers: list[list[int]]) -> dict[int, float]:
    """Each item's place in its layer, counted from the middle."""
    return {item: i - (len(layer) - 1) / 2 for layer in layers for i, item in enumerate(layer)}


def _swap_neighbours(layers: list[list[int]], up: list[list[int]], down: list[list[int]]) -> None:
    """Swap any two that stand beside each other if fewer arrows cross then."""
    place = _places(layers)
    for layer in layers:
        for i in range(len(layer) - 1):
            a, b = layer[i], layer[i + 1]
            kept = sum(_inversions(side[a], side[b], place) for side in (up, down))
            swapped = sum(_inversions(side[b], side[a], place) for side in (up, down))
            if swapped < kept:
                layer[i], layer[i + 1] = b, a
                place[a], place[b] = place[b], place[a]


def _inversions(first: list[int], second: list[int], place: dict[int, float]) -> int:
    return sum(place[x] > place[y] for x in first for y in second)


def crossings(layers: list[list[int]], down: list[list[int]]) -> int:
    """How many pairs of arrow pieces cross, between any two neighbouring layers."""
    place = _places(layers)
    total = 0
    for layer in layers:
        ends = [place[b] for a in layer for b in sorted(down[a], key=place.__getitem__)]
        total += _descents(ends)
    return total


def _descents(values: list[float]) -> int:
    """How many pairs stand in falling order, by merging halves."""
    runs, count = [[value] for value in values], 0
    while len(runs) > 1:
        merged = []
        for k in range(0, len(runs) - 1, 2):
            a, b, i, j, both = runs[k], runs[k + 1], 0, 0, []
            while i < len(a) or j < len(b):
                if j == len(b) or (i < len(a) and a[i] <= b[j]):
                    both.append(a[i])
                    i += 1
                else:
                    both.append(b[j])
                    count += len(a) - i
                    j += 1
            merged.append(both)
        runs = merged + runs[len(runs) // 2 * 2 :]
    return count
