"""What a name can stand for while code is read: arrays as terms, numbers, positions, containers, functions.

Arrays are objects with an identity, as NumPy's are: two names may hold one array, and a view shares its parent's
memory. A change in place is seen by every name of the object; views of a changed array are no longer followed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from ..errors import Span, SymbackpropError
from ..functions.positions import Integers
from ..tensor.normal import as_number, from_size, number
from ..tensor.size import Size
from ..tensor.terms import Term

if TYPE_CHECKING:
    from .scope import Scope

Sort: TypeAlias = Literal["float", "int", "bool"]


@dataclass(eq=False, slots=True)
class Array:
    """An array, or a NumPy scalar. `base`: the array whose memory it shares; `stale`: why it can no longer be read."""

    term: Term
    sort: Sort = "float"
    base: Array | None = None
    views: list[Array] = field(default_factory=list)
    stale: SymbackpropError | None = None
    literal: bool = False  # numbers of the author's: the data of an example
    filled: bool = False  # every pass of a loop writes entries of its own, which must have been 0


@dataclass(frozen=True, slots=True)
class Positions:
    """An integer array that can stand in a subscript: `range(n)`, `np.arange(n)`, an index symbol."""

    integers: Integers


@dataclass(frozen=True, slots=True)
class Chosen:
    """`x[mask]`: the entries where the mask is 1, known by the whole array `values`."""

    values: Term
    mask: Term


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an entry of a container comes from: the statement that computed it, and how the author calls it."""

    span: Span
    name: str


@dataclass(eq=False, slots=True)
class Items:
    """A Python list (`fixed` is False) or tuple; `origins` say where the items come from, as far as it is known."""

    items: list[Value]
    fixed: bool = False
    origins: list[Origin | None] = field(default_factory=list)

    def origin(self, place: int) -> Origin | None:
        """Where an item comes from."""
        return self.origins[place] if len(self.origins) == len(self.items) else None

    def append(self, value: Value, origin: Origin | None) -> None:
        """One item more."""
        if len(self.origins) == len(self.items):
            self.origins.append(origin)
        self.items.append(value)


@dataclass(eq=False, slots=True)
class Table:
    """A Python dictionary with known keys."""

    entries: dict[object, Value]
    origins: dict[object, Origin] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Listed:
    """The parameters of one letter, `W[0]`, `W[1]`, ...: a list, or numbered as in the network."""

    letter: str
    members: dict[int, Value]


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the file, with the scope in which it was made."""

    name: str
    node: ast.FunctionDef | ast.Lambda
    scope: Scope
    defaults: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Library:
    """A module or one of its functions by its dotted name: `numpy.linalg.inv`, `math.exp`; "" for Python's own."""

    name: str


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a value, not called yet."""

    owner: Value
    name: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """What could not be read, and why.

    `nameable`: it, or its parts, may be known by the names that they are given. `direct`: nothing was computed from it,
    so that a name in another case is enough.
    """

    error: SymbackpropError
    nameable: bool = False
    direct: bool = True


@dataclass(frozen=True, slots=True)
class Cut:
    """`start:stop:step` between values."""

    start: Value
    stop: Value
    step: Value


Plain: TypeAlias = "int | Fraction | str | bool | None"
Value: TypeAlias = (
    "Array | Positions | Chosen | Items | Table | Listed | Function | Library | Method | Unknown | Cut | Size | Plain"
)
Builder: TypeAlias = Callable[..., Value]


def is_number(value: Value) -> bool:
    """True for a Python number or a size."""
    return isinstance(value, (int, Fraction, Size)) and not isinstance(value, bool)


def as_term(value: Value) -> Term | None:
    """The value as a term, or None if it is no array and no number. Reading a stale array raises."""
    if isinstance(value, Array):
        if value.stale is not None:
            raise value.stale
        return value.term
    if isinstance(value, bool):
        return number(int(value))
    if isinstance(value, Size):
        return from_size(value)
    if isinstance(value, (int, Fraction)):
        return number(value)
    if isinstance(value, Positions):
        return value.integers.term()
    return None


def whole(value: Size) -> Value:
    """A size as a Python value: an int where it is a number."""
    return value if value.number is None else value.number


def known_number(value: Value) -> int | Fraction | None:
    """The rational number that a value is, or None."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Size):
        return value.number
    if isinstance(value, (int, Fraction)):
        return value
    if isinstance(value, Array) and value.stale is None and not value.term.sizes:
        found = as_number(value.term)
        return found
    return None
