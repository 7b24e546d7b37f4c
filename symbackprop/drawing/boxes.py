"""Boxes and wires: what a layered layout takes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..document import Graph, Role, Vertex
from ..errors import CycleError
from .labels import Label, Run, label, width

BoxRole: TypeAlias = Role | Literal["group"]

PADDING = 1.1  # em beside a label, both sides together
NARROWEST = 2.3
LEGIBLE = 7.0  # points; nothing is set smaller
LOW, HIGH = 1.9, 1.75  # em: a box of one line; one of two without its second line


@dataclass(frozen=True, slots=True)
class Box:
    """A box of one or two lines. The second is words (an operation) or a formula (the parameters drawn inside)."""

    name: str
    role: BoxRole
    latex: str
    shown: Label
    below: Label = ()
    below_latex: str = ""

    def size(self, em: float) -> tuple[float, float]:
        """Width and height in points where the label is set in `em` points."""
        if not self.below:
            return round(max(NARROWEST, width(self.shown) + PADDING) * em, 1), round(LOW * em, 1)
        inside = max(width(self.shown) * em, width(self.below) * small(em))
        return round(max(NARROWEST * em, inside + PADDING * em), 1), round(HIGH * em + 1.15 * small(em), 1)

    @property
    def is_leaf(self) -> bool:
        """Whether nothing is ever computed into it."""
        return self.role not in ("node", "loss", "group")


def small(em: float) -> float:
    """The size of a box's second line: smaller than the first as long as that is legible."""
    return max(LEGIBLE, float(round(0.78 * em)))


@dataclass(frozen=True, slots=True)
class Wiring:
    """Boxes, and arrows between their positions in `boxes`, each once and sorted by nothing but first mention."""

    boxes: tuple[Box, ...]
    arrows: tuple[tuple[int, int], ...]

    def before(self) -> list[list[int]]:
        """For each box those it is computed from."""
        found: list[list[int]] = [[] for _ in self.boxes]
        for a, b in self.arrows:
            found[b].append(a)
        return found

    def after(self) -> list[list[int]]:
        """For each box those computed from it."""
        found: list[list[int]] = [[] for _ in self.boxes]
        for a, b in self.arrows:
            found[a].append(b)
        return found


def beside(wires: Wiring) -> frozenset[int]:
    """The boxes that stand beside the main line: parameters, targets, constants, and inputs that join it later."""
    before, after = wires.before(), wires.after()
    first = [not any(before[p] for p in found) for found in before]
    return frozenset(
        i
        for i, box in enumerate(wires.boxes)
        if box.is_leaf and not (box.role in ("input", "random") and any(first[c] for c in after[i]))
    )


def box(vertex: Vertex) -> Box:
    """The box of one value: its letter, and below it the operation."""
    symbol = vertex.symbol
    below: Label = (Run(vertex.operation),) if vertex.operation else ()
    return Box(vertex.name, vertex.role, symbol.latex, label(symbol.latex, symbol.text), below)


def wiring(graph: Graph) -> Wiring:
    """The boxes and arrows of a computing graph.

    Raises:
        CycleError: an arrow chain comes back to where it began, or an arrow names a vertex that is not there.
    """
    at = {vertex.name: i for i, vertex in enumerate(graph.vertices)}
    if len(at) < len(graph.vertices):
        raise CycleError("Two vertices of a computing graph have one name.", remedy="Give each value its own name.")
    for a, b in graph.arrows:
        for end in (a, b):
            if end not in at:
                raise CycleError(f"An arrow {a} -> {b} of a computing graph ends at {end}, which is no vertex.")
    arrows = tuple(dict.fromkeys((at[a], at[b]) for a, b in graph.arrows))
    made = Wiring(tuple(box(vertex) for vertex in graph.vertices), arrows)
    in_order(made)
    return made


def in_order(wires: Wiring) -> list[int]:
    """Every box after all it is computed from, otherwise in the given order.

    Raises:
        CycleError: there is no such order.
    """
    before, after = wires.before(), wires.after()
    waiting = [len(b) for b in before]
    ready = deque(i for i, count in enumerate(waiting) if count == 0)
    order: list[int] = []
    while ready:
        i = ready.popleft()
        order.append(i)
        for j in after[i]:
            waiting[j] -= 1
            if waiting[j] == 0:
                ready.append(j)
    if len(order) < len(wires.boxes):
        stuck = [wires.boxes[i].name for i, count in enumerate(waiting) if count]
        raise CycleError(f"The computing graph goes in a circle among {', '.join(stuck[:8])}.")
    return order


def rewired(wires: Wiring, kept: Iterable[Box], home: dict[int, int]) -> Wiring:
    """The wiring over `kept`, where `home` says into which of them each old box went; arrows inside one are dropped."""
    moved = ((home[a], home[b]) for a, b in wires.arrows if a in home and b in home)
    return Wiring(tuple(kept), tuple(dict.fromkeys((a, b) for a, b in moved if a != b)))
