"""What an author wrote, as a tree: every right-hand side, whatever language it came from.

A network file, a SymPy expression and a NumPy program all become this tree; `functions` gives it a meaning (a tensor
term) and `notation.forward` prints it the way the author wrote it. It is not simplified, and it knows no shapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from .errors import Span


@dataclass(frozen=True, slots=True)
class Name:
    """A declared symbol, an equation's name, or a size used as a number."""

    name: str
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number; `0.01` is 1/100."""

    value: Fraction
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Slice:
    """`start:stop:step` in a subscript; None where nothing is written."""

    start: Expr | None
    stop: Expr | None
    step: Expr | None


@dataclass(frozen=True, slots=True)
class Subscript:
    """`base[item, ...]`; an item is an expression, a Slice, None (a new axis) or Ellipsis."""

    base: Expr
    items: tuple[object, ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Array:
    """`[a, b]`: the items stacked along a new first axis."""

    items: tuple[Expr, ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the table in `functions`, by its name there.

    Operators are functions too: add subtract multiply divide floordivide power negative matmul, and the comparisons
    greater greater_equal less less_equal equal not_equal; `.T` is transpose. `options` are constants, sizes or
    strings given by keyword. `shown` is the author's own name for it (`f` for `f: function(tanh)`), if there is one.
    """

    function: str
    args: tuple[Expr, ...]
    options: tuple[tuple[str, object], ...] = ()
    shown: str | None = None
    span: Span | None = field(default=None, compare=False)


Expr: TypeAlias = Name | Number | Subscript | Array | Call


def children(expr: Expr) -> Iterator[Expr]:
    """The direct subexpressions, left to right, those inside subscripts and options too."""
    if isinstance(expr, Call):
        yield from expr.args
        yield from (v for _, v in expr.options if isinstance(v, (Name, Number, Subscript, Array, Call)))
    elif isinstance(expr, Array):
        yield from expr.items
    elif isinstance(expr, Subscript):
        yield expr.base
        for item in expr.items:
            parts = (item.start, item.stop, item.step) if isinstance(item, Slice) else (item,)
            yield from (p for p in parts if isinstance(p, (Name, Number, Subscript, Array, Call)))


def names(expr: Expr) -> Iterator[Name]:
    """Every Name in the expression, in reading order."""
    stack: list[Expr] = [expr]
    while stack:
        top = stack.pop()
        if isinstance(top, Name):
            yield top
        else:
            stack.extend(reversed(list(children(top))))
