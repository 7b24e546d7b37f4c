"""What letters stand for while one claim is read, and what goes wrong when shapes do not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ...paper.lexemes import FormulaError
from ...paper.tree import Tree
from ...tensor.size import Size
from .values import Value


class Misfit(FormulaError):
    """A formula that can be read, but whose shapes do not fit: it is wrong wherever it is meant."""


class TooLong(FormulaError):
    """A formula whose readings take more time than there is."""


class UnknownLetter(FormulaError):
    """A letter that nothing declares or defines; `letter` is as it was written."""

    def __init__(self, message: str, start: int, end: int, letter: str, *, remedy: str = "") -> None:
        super().__init__(message, start, end, remedy=remedy)
        self.letter = letter


@dataclass(frozen=True, slots=True)
class Definition:
    """A letter that the answer itself defines: a formula, or with `parameters` a function.

    With `entries` the formula is that of an entry: `Y_{ij} = 1[y_i = j]` defines Y, `R_{nn} = …` a diagonal matrix.
    """

    body: Tree
    parameters: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scope:
    """One reading of one claim.

    `running`: letters that stand for a number (a layer, a time step). `sizes`: the ranges of running indices, found out
    as they are met. `bound`: letters that stand for a value (arguments of a function that the answer defines).
    `product`: what the words behind the formula say of its products. `differentials`: dX is the differential of X, not
    the gradient at it.
    """

    running: Mapping[str, int] = field(default_factory=dict)
    sizes: dict[str, Size] = field(default_factory=dict)
    bound: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    product: Literal["", "elementwise"] = ""
    differentials: bool = False
    depth: int = 0

    def at(self, letter: str, number: int) -> Scope:
        """The same with a letter standing for a number."""
        return replace(self, running={**self.running, letter: number})

    def binding(self, **values: tuple[Value, ...]) -> Scope:
        """The same, one definition deeper, with letters standing for values."""
        return replace(self, bound={**self.bound, **values}, depth=self.depth + 1)
