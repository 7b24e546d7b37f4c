"""The computing graph of a network, drawn so that it can be read: whole, else in fewer boxes, else as a table."""

from __future__ import annotations

from ..document import Graph, GraphPicture, Math, Prose, Table
from .boxes import Wiring, wiring
from .figure import figure, fitted
from .grouping import folded, grouped, plain
from .layout import Layout, layout
from .svg import placard, svg
from .theme import LOOKS
from .tikz import tikz

MOST_BOXES = 48  # more are not legible on a page, even if they fit
MOST_ON_SCREEN = 400  # a screen scrolls
MOST_ROWS = 100
GROUPINGS = 3
LONGEST_DESCRIPTION = 60

INSIDE = "Parameters that serve one value only stand in its box."
ALIKE = "Layers that are alike are drawn as one."


def draw(graph: Graph, title: str) -> GraphPicture:
    """The picture of a computing graph, called `title` for those who cannot see it; what was left out is the caption.

    Raises:
        CycleError: the arrows go in a circle, or end at no vertex.
    """
    whole = wiring(graph)
    smaller = whole
    for _ in range(GROUPINGS):
        smaller = grouped(smaller)
    alike = (ALIKE,) if smaller is not whole else ()
    choices: tuple[tuple[Wiring, tuple[str, ...]], ...] = (
        (whole, ()),
        (plain(whole), ()),
        (folded(whole), (INSIDE,)),
        (smaller, alike),
        (folded(smaller), (INSIDE, *alike)),
    )
    description = describe(graph)
    for wires, caption in choices:
        made = fitted(wires) if len(wires.boxes) <= MOST_BOXES else None
        if made is not None:
            drawn = figure(made)
            return GraphPicture(svg(drawn, title, description), tikz(drawn), (" ".join(caption),) if caption else ())
    picture = _on_screen(folded(smaller))
    shown = placard(title, f"{len(graph.vertices)} values: listed, not drawn")
    if picture is not None:
        shown = svg(figure(picture), title, description)
    return GraphPicture(shown, "", (), table(graph))


def _on_screen(wires: Wiring) -> Layout | None:
    return layout(wires, downwards=True) if len(wires.boxes) <= MOST_ON_SCREEN else None


def describe(graph: Graph) -> str:
    """The graph in words: `z_1 from W_1, x, b_1; ...`."""
    text = {vertex.name: vertex.symbol.text for vertex in graph.vertices}
    parts = [f"{text[name]} from {', '.join(text[p] for p in found)}" for name, found in _arguments(graph).items()]
    more = len(parts) - LONGEST_DESCRIPTION
    return "; ".join(parts[:LONGEST_DESCRIPTION]) + (f"; and {more} more" if more > 0 else "") + "."


def _arguments(graph: Graph) -> dict[str, list[str]]:
    """What each computed value is computed from, in the order of the network."""
    found: dict[str, list[str]] = {vertex.name: [] for vertex in graph.vertices}
    for a, b in graph.arrows:
        found[b].append(a)
    return {name: before for name, before in found.items() if before}


def table(graph: Graph) -> Table:
    """The graph as rows: a value, how it is computed, from what."""
    symbol = {vertex.name: vertex.symbol for vertex in graph.vertices}
    operation = {vertex.name: vertex.operation or LOOKS[vertex.role].word for vertex in graph.vertices}
    rows: list[tuple[Prose, ...]] = []
    for name, before in _arguments(graph).items():
        rows.append(((symbol[name],), (operation[name],), _list([symbol[p] for p in before])))
    more = len(rows) - MOST_ROWS
    caption: Prose = ()
    if more > 0:
        rows = [*rows[: MOST_ROWS // 2], (("⋮",), (f"{more} more",), ("⋮",)), *rows[-(MOST_ROWS // 2) :]]
        caption = ("derivation.json lists them all.",)
    header: tuple[Prose, ...] = (("value",), ("operation",), ("computed from",))
    return Table("", header, tuple(rows), caption)


def _list(symbols: list[Math]) -> Prose:
    """Symbols with commas between them."""
    listed: list[str | Math] = []
    for symbol in symbols:
        listed += [", ", symbol] if listed else [symbol]
    return tuple(listed)
