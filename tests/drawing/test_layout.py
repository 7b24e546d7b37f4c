from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations, pairwise
from math import hypot

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.document import Graph
from symbackprop.drawing.boxes import wiring
from symbackprop.drawing.layers import arrange, crossings
from symbackprop.drawing.layout import Layout, Placed, Point, Wire, layout, settled
from symbackprop.errors import CycleError

Networks = dict[str, Callable[..., Graph]]


def points(wire: Wire) -> Iterator[Point]:
    """Points along a line, close enough to each other that none jumps over a box."""
    at = wire.start
    yield at
    for piece in wire.pieces:
        for k in range(1, 41):
            t = k / 40
            if len(piece) == 1:
                yield tuple(a + (b - a) * t for a, b in zip(at, piece[0], strict=True))  # type: ignore[misc]
            else:
                p, q, r = piece
                weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
                yield tuple(sum(w * v[i] for w, v in zip(weights, (at, p, q, r), strict=True)) for i in (0, 1))  # type: ignore[misc]
        at = piece[-1]


def inside(point: Point, box: Placed, margin: float) -> bool:
    x, y = point
    return abs(x - box.x) < box.width / 2 - margin and abs(y - box.y) < box.height / 2 - margin


def distance(point: Point, begin: Point, end: Point) -> float:
    """From a point to a straight line between two others."""
    (x, y), (dx, dy) = point, (end[0] - begin[0], end[1] - begin[1])
    along = ((x - begin[0]) * dx + (y - begin[1]) * dy) / (dx * dx + dy * dy or 1.0)
    t = min(max(along, 0.0), 1.0)
    return hypot(x - begin[0] - t * dx, y - begin[1] - t * dy)


def overlaps(made: Layout) -> list[tuple[str, str]]:
    return [
        (a.box.name, b.box.name)
        for a, b in combinations(made.boxes, 2)
        if abs(a.x - b.x) < (a.width + b.width) / 2 and abs(a.y - b.y) < (a.height + b.height) / 2
    ]


def trespasses(made: Layout) -> list[str]:
    """Lines that run through a box, other than where they begin and end."""
    found = []
    for wire in made.wires:
        for box in made.boxes:
            margin = 0.6 if box.box.name in (wire.source, wire.target) else -0.5
            if any(inside(point, box, margin) for point in points(wire)):
                found.append(f"{wire.source} -> {wire.target} through {box.box.name}")
    return found


@pytest.mark.parametrize("downwards", [False, True])
def test_boxes_stand_apart_and_lines_run_between_them(graph: Graph, downwards: bool) -> None:
    made = layout(wiring(graph), downwards=downwards)
    assert not overlaps(made)
    assert not trespasses(made)


@pytest.mark.parametrize("downwards", [False, True])
def test_every_arrow_goes_forward_and_nothing_sticks_out(graph: Graph, downwards: bool) -> None:
    made = layout(wiring(graph), downwards=downwards)
    assert sorted((wire.source, wire.target) for wire in made.wires) == sorted(graph.arrows)
    for wire in made.wires:
        along = [point[downwards] for point in points(wire)]
        assert all(a <= b + 1e-9 for a, b in pairwise(along))
        assert along[0] < along[-1]
    for box in made.boxes:
        assert box.x - box.width / 2 >= -0.1
        assert box.x + box.width / 2 <= made.width + 0.1
        assert box.y - box.height / 2 >= -0.1
        assert box.y + box.height / 2 <= made.height + 0.1


def test_a_line_begins_at_its_box_or_on_a_line_of_the_same_value(graph: Graph) -> None:
    made = layout(wiring(graph))
    boxes = {placed.box.name: placed for placed in made.boxes}
    drawn: dict[str, list[tuple[Point, Point]]] = {}
    for wire in made.wires:
        begin = boxes[wire.source]
        border = (begin.x + begin.width / 2, begin.y)
        lines = drawn.setdefault(wire.source, [(border, border)])
        assert min(distance(wire.start, *line) for line in lines) < 0.3, (
            f"{wire.source} -> {wire.target} begins nowhere"
        )
        lines += pairwise(points(wire))
        end = boxes[wire.target]
        x, y = wire.pieces[-1][-1]
        assert x == pytest.approx(end.x - end.width / 2, abs=0.2)
        assert abs(y - end.y) <= end.height / 2


def test_the_checks_notice_a_box_in_the_way(networks: Networks) -> None:
    made = layout(wiring(networks["perceptron"](2)))
    first, second = made.boxes[0], made.boxes[4]
    moved = replace(made, boxes=(replace(first, x=second.x, y=second.y), *made.boxes[1:]))
    assert overlaps(moved)
    wire = made.wires[0]
    x, y = list(points(wire))[40]
    assert trespasses(replace(made, boxes=(*made.boxes[:1], replace(made.boxes[1], x=x, y=y), *made.boxes[2:])))


@settings(max_examples=40)
@given(st.integers(2, 24), st.integers(0, 10_000))
def test_no_graph_whatever_breaks_the_layout(networks: Networks, size: int, seed: int) -> None:
    made = layout(wiring(networks["anything"](size, seed)), downwards=bool(seed % 2))
    assert not overlaps(made)
    assert not trespasses(made)


def test_the_same_graph_gives_the_same_picture(graph: Graph) -> None:
    assert layout(wiring(graph)) == layout(wiring(graph))


def test_a_chain_of_layers_is_a_straight_line(networks: Networks) -> None:
    made = layout(wiring(networks["perceptron"](4)))
    chain = {placed.y for placed in made.boxes if placed.box.role in ("node", "loss") or placed.box.name == "x"}
    assert max(chain) - min(chain) < 0.3


def test_shared_weights_are_one_line_with_branches(networks: Networks) -> None:
    made = layout(wiring(networks["recurrence"](4)))
    starts = [wire.start for wire in made.wires if wire.source == "W"]
    assert len(starts) == 4
    assert len(set(starts)) > 1, "every arrow begins at the box again"


def test_crossings_are_counted_as_one_by_one(graph: Graph) -> None:
    found = arrange(wiring(graph))
    layers, down = [list(layer) for layer in found.layers], [list(below) for below in found.down]
    slow = 0
    for layer, below in pairwise(layers):
        place = {item: k for k, item in enumerate(below)}
        pieces = [(k, place[b]) for k, a in enumerate(layer) for b in down[a]]
        slow += sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(pieces, 2))
    assert crossings(layers, down) == slow


def test_attention_is_drawn_with_one_crossing_at_most(networks: Networks) -> None:
    found = arrange(wiring(networks["attention"]()))
    assert crossings([list(layer) for layer in found.layers], [list(below) for below in found.down]) <= 2


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(0.1, 8), st.floats(0, 9)), min_size=1, max_size=8))
def test_places_are_settled_at_the_least_cost(items: list[tuple[float, float, float]]) -> None:
    wanted, weight, gaps = [i[0] for i in items], [i[1] for i in items], [i[2] for i in items][1:]
    found = settled(wanted, weight, gaps)
    assert all(b - a >= gap - 1e-9 for (a, b), gap in zip(pairwise(found), gaps, strict=True))

    def cost(at: list[float]) -> float:
        return sum(w * (x - want) ** 2 for x, want, w in zip(at, wanted, weight, strict=True))

    for first in range(len(found)):
        for last in range(first + 1, len(found) + 1):
            for step in (0.01, -0.01):
                moved = [x + step if first <= k < last else x for k, x in enumerate(found)]
                if all(b - a >= gap - 1e-9 for (a, b), gap in zip(pairwise(moved), gaps, strict=True)):
                    assert cost(moved) >= cost(found) - 1e-6


def test_a_circle_is_an_error_that_names_it(networks: Networks) -> None:
    graph = networks["perceptron"](2)
    with pytest.raises(CycleError, match="z_2"):
        wiring(Graph(graph.vertices, (*graph.arrows, ("z_2", "z_1"))))


def test_an_arrow_to_nowhere_is_an_error(networks: Networks) -> None:
    graph = networks["perceptron"](2)
    with pytest.raises(CycleError, match="nowhere"):
        wiring(Graph(graph.vertices, (*graph.arrows, ("z_2", "nowhere"))))


def test_an_unused_parameter_and_an_empty_graph_are_drawn(networks: Networks) -> None:
    graph = networks["perceptron"](1)
    alone = replace(graph.vertices[2], name="V")
    made = layout(wiring(Graph((*graph.vertices, alone), graph.arrows)))
    assert not overlaps(made)
    assert layout(wiring(Graph((), ()))).boxes == ()
