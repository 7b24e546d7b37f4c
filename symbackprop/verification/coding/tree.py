"""The syntax tree changed in place, and changed back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node hangs in the tree."""

    holder: ast.AST | list[ast.stmt]
    name: str
    index: int | None


@dataclass(frozen=True, slots=True)
class Undo:
    """Takes a change of the tree back when called."""

    place: Place
    old: ast.AST

    @classmethod
    def put(cls, place: Place, new: ast.AST, old: ast.AST) -> Undo:
        """Put a node into a place."""
        _set(place, new)
        return cls(place, old)

    def __call__(self) -> None:
        """Take the change back."""
        _set(self.place, self.old)


def _set(place: Place, node: ast.AST) -> None:
    if isinstance(place.holder, list):
        assert place.index is not None
        place.holder[place.index] = node  # type: ignore[call-overload]  # a statement for a statement
    elif place.index is None:
        setattr(place.holder, place.name, node)
    else:
        getattr(place.holder, place.name)[place.index] = node


def place_of(statements: list[ast.stmt], wanted: ast.AST) -> Place | None:
    """Where a node hangs, found by identity."""
    for k, statement in enumerate(statements):
        if statement is wanted:
            return Place(statements, "", k)
    for statement in statements:
        for holder in ast.walk(statement):
            for name, index, child in _fields(holder):
                if child is wanted:
                    return Place(holder, name, index)
    return None


def _fields(node: ast.AST) -> Iterator[tuple[str, int | None, object]]:
    for name, value in ast.iter_fields(node):
        if isinstance(value, list):
            yield from ((name, k, item) for k, item in enumerate(value))
        else:
            yield name, None, value
