"""The arguments of a call, put to the parameters of a NumPy function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ..errors import ReadError
from ..tensor.size import Size, size
from ..tensor.terms import Term
from .arrays import described, term_of
from .values import Array, Items, Library, Positions, Sort, Value

Handler: TypeAlias = "Callable[[Arguments], Value]"
IGNORED = frozenset({"order", "copy", "casting", "subok", "like", "optimize"})
SORTS: dict[str, Sort] = {
    "float": "float", "numpy.float64": "float", "numpy.float32": "float", "numpy.double": "float", "int": "int",
    "numpy.int64": "int", "numpy.int32": "int", "numpy.intp": "int", "bool": "bool", "numpy.bool_": "bool",
    "numpy.longdouble": "float",
}  # fmt: skip  # a table


@dataclass(slots=True)
class Arguments:
    """What a call gives: values by position and by name; `function` is the dotted name, for messages."""

    function: str
    args: list[Value]
    options: dict[str, Value] = field(default_factory=dict)

    def bound(self, *parameters: str, needed: int = 1, **defaults: Value) -> list[Value]:
        """A value for each parameter in order; ReadError for what is missing, or what there is no parameter for."""
        short = self.function.rpartition(".")[2]
        if len(self.args) > len(parameters):
            raise ReadError(f"{len(self.args)} arguments are too many for `{short}`.")
        found = dict(zip(parameters, self.args, strict=False))
        for name, value in self.options.items():
            if name in IGNORED:
                continue
            if name not in parameters:
                raise ReadError(f"the option `{name}=` of `{short}` is not read.")
            if name in found:
                raise ReadError(f"`{name}` is given twice.")
            found[name] = value
        for name in parameters[:needed]:
            if name not in found:
                raise ReadError(f"`{name}` is missing in `{short}`.")
        return [found.get(name, defaults.get(name)) for name in parameters]

    def terms(self, count: int) -> list[Term]:
        """Exactly so many arrays."""
        names = [f"x{k + 1}" for k in range(count)]
        return [term_of(value, "an argument") for value in self.bound(*names, needed=count)]


def axes_of(value: Value) -> int | tuple[int, ...] | None:
    """An axis, several axes, or None."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, Items):
        return tuple(whole_number(item, "an axis") for item in value.items)
    raise ReadError(f"an axis is a whole number, not {described(value)}.")


def whole_number(value: Value, what: str = "this") -> int:
    """A Python integer; ReadError if it is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ReadError(f"{what} must be a whole number that is known before the arrays are.")


def truth(value: Value) -> bool:
    """True or False (or None, which is False); ReadError for others."""
    if value is None or isinstance(value, (bool, int)):
        return bool(value)
    raise ReadError("an option here is True or False.")


def size_of(value: Value) -> Size:
    """A size; ReadError if it is none."""
    if isinstance(value, (int, Size)) and not isinstance(value, bool):
        return size(value)
    raise ReadError(f"a size is a whole number or comes from a shape; this is {described(value)}.")


def shape_of(value: Value) -> tuple[Size, ...]:
    """A shape: one size, or several."""
    items: Sequence[Value] = value.items if isinstance(value, Items) else [value]
    return tuple(map(size_of, items))


def sort_named(value: Value, otherwise: Sort = "float") -> Sort:
    """The sort that a `dtype=` asks for."""
    if value is None:
        return otherwise
    if isinstance(value, Library):
        name = value.name if value.name.startswith("numpy.") else value.name.removeprefix("builtins.")
        if name in SORTS:
            return SORTS[name]
    if isinstance(value, str) and value.rstrip("0123456789") in ("float", "int", "bool"):
        return SORTS[value.rstrip("0123456789")]
    raise ReadError("this data type is not read.", remedy="Leave it out, or write `dtype=float`.")


def arrays_of(value: Value) -> tuple[Term, ...]:
    """Several arrays in a list or a tuple."""
    if isinstance(value, Items):
        return tuple(term_of(item, "an item") for item in value.items)
    raise ReadError("this takes a list of arrays.")


def array_of(value: Value) -> Array:
    """The array; numbers and lists become new ones."""
    if isinstance(value, Array):
        if value.stale is not None:
            raise value.stale
        return value
    if isinstance(value, Positions):
        return Array(value.integers.term(), "int")
    from .arrays import sort_of

    literal = isinstance(value, Items)
    sort = _sort_of_items(value) if isinstance(value, Items) else sort_of(value)
    return Array(term_of(value), sort, literal=literal and _is_data(value))


def _sort_of_items(items: Items) -> Sort:
    from .arrays import sort_of

    sorts = [_sort_of_items(i) if isinstance(i, Items) else sort_of(i) for i in items.items]
    return "float" if "float" in sorts or not sorts else "int" if "int" in sorts else "bool"


def _is_data(value: Value) -> bool:
    """True for numbers, and lists of them, written out."""
    from .values import is_number

    if isinstance(value, Items):
        return bool(value.items) and all(map(_is_data, value.items))
    return is_number(value) or (isinstance(value, Array) and value.literal)
