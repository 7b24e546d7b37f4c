"""One change of a formula: which node becomes which, the mistake that it mends, and how likely people make it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...paper.tree import Big, Derivative, Tree
from ..verdict import Kind
from .rows import Row, Rows
from .writing import Writing


@dataclass(frozen=True, slots=True)
class Edit:
    """`changes`: nodes of the formula with what they become.

    `told` names the mistake as a sentence without its full stop. `place` is the author's text that it is
    about; `cost` orders the search: 1 for what happens every day.
    """

    changes: tuple[tuple[Tree, Tree], ...]
    kind: Kind
    told: str
    place: str
    cost: float = 1.0


class Editor:
    """What all kinds of edits share."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.writing: Writing = rows.writing

    def edit(
        self, node: Tree, new: Tree | None, kind: Kind, told: str, place: str = "", cost: float = 1.0
    ) -> Iterator[Edit]:
        """The edit, unless there is nothing new."""
        if new is not None and new is not node and new != node:
            yield Edit(((node, new),), kind, told, place or self.short(node), cost)

    def short(self, node: Tree) -> str:
        """The author's text of a node, shortened."""
        text = " ".join(self.writing.source(node).split()) if id(node) in self.writing.own else self.writing.show(node)
        if text.startswith("{") and text.find("}") == len(text) - 1:
            text = text[1:-1].strip()
        return text if len(text) <= 60 else f"{text[:40]} … {text[-15:]}"

    def text(self, unit: tuple[Tree, ...]) -> str:
        """The author's text of a unit, shortened."""
        if len(unit) == 1:
            return self.short(unit[0])
        start, end = self.writing.span(unit[0])[0], unit[-1].end
        text = " ".join(self.writing.text[start:end].split())
        return text if len(text) <= 60 else f"{text[:40]} … {text[-15:]}"

    def movable(self, row: Row, at: int) -> bool:
        """True for a unit that is no sum sign and no operator."""
        head = row.units[at][0]
        return not isinstance(head, Big) and not (isinstance(head, Derivative) and head.top is None)


def apart(a: Edit, b: Edit) -> bool:
    """True if two edits change different stretches of the formula."""
    return all(x.end <= y.start or y.end <= x.start for x, _ in a.changes for y, _ in b.changes)


def inside(a: Edit, b: Edit) -> bool:
    """True if the first edit changes parts of what the second one replaces."""
    return all(
        any(y.start <= x.start and x.end <= y.end and (x.end - x.start) < (y.end - y.start) for y, _ in b.changes)
        for x, _ in a.changes
    )
