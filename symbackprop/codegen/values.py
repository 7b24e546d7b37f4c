"""Whole-array operations as values: single assignment, each distinct value once, shapes symbolic.

A Value is an operation on other values. Axes are positions, as in NumPy, and operations broadcast as NumPy does; an
axis of size 1 exists only where `expand` put it. Values without axes that depend on sizes alone are `static`: they
are computed once, when buffers are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, TypeAlias

from ..tensor.size import ONE, Size

Kind: TypeAlias = Literal["float", "bool", "int"]
Shape: TypeAlias = tuple[Size, ...]

ARITHMETIC = frozenset({"add", "subtract", "multiply", "divide", "negative", "power", "sqrt", "square", "reciprocal"})
BOUNDED = frozenset({
    "tanh", "sin", "cos", "arctan", "sign", "greater", "equal", "logical_not", "logical_and", "erf", "normal_cdf",
})  # fmt: skip
GENTLE = frozenset({
    "add", "subtract", "multiply", "negative", "square", "where", "as_float", "maximum", "minimum", "absolute", "sqrt",
})  # fmt: skip  # finite where their arguments are
UFUNCS = ARITHMETIC | {
    "exp", "log", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh",
    "arctanh", "absolute", "sign", "floor", "maximum", "minimum", "expm1", "log1p", "greater", "equal", "logical_not",
    "logical_and",
}  # fmt: skip
HELPERS = frozenset({"erf", "normal_cdf", "lgamma", "digamma", "polygamma"})
ELEMENTWISE = UFUNCS | HELPERS | {"where", "as_float"}
SYMMETRIC = frozenset({"add", "multiply", "logical_and", "equal"})
LEAVES = frozenset({"argument", "number", "size"})
VIEWS = frozenset({"transpose", "expand", "part", "reshape", "windows", "diagonal", "repeat"})
TRUTHS = frozenset({"greater", "equal", "logical_not", "logical_and"})


class Value:
    """One operation. `attr` holds what is not a value; `late`: it depends on a gradient.

    `tame`: it is finite where inputs are. `hint` is the name that a reader should see, if there is one.
    """

    __slots__ = ("args", "attr", "hint", "index", "kind", "late", "op", "shape", "static", "tame")
    late: bool
    tame: bool
    static: bool

    def __init__(self, op: str, args: tuple[Value, ...], attr: tuple[object, ...], shape: Shape, kind: Kind) -> None:
        self.op = op
        self.args = args
        self.attr = attr
        self.shape = shape
        self.kind = kind
        self.index = 0
        self.hint = ""
        self.late = any(a.late for a in args)
        self.tame = all(a.tame for a in args)
        self.static = not shape and op not in ("argument", "pick", "take") and all(a.static for a in args)

    @property
    def is_view(self) -> bool:
        """True if it shares memory with its first argument."""
        return self.op in VIEWS

    @property
    def is_elementwise(self) -> bool:
        """True if entry i of the result needs only entries i of the arguments."""
        return self.op in ELEMENTWISE

    def __repr__(self) -> str:
        args = ", ".join(str(a.index) for a in self.args)
        return f"<{self.index} {self.op}{list(self.attr) or ''}({args}) {self.shape}>"


def broadcast(shapes: Sequence[Shape]) -> Shape:
    """The common shape; an axis of size 1 is repeated."""
    order = max((len(s) for s in shapes), default=0)
    result = [ONE] * order
    for shape in shapes:
        for k, length in enumerate(shape, order - len(shape)):
            if length is not ONE:
                assert result[k] in (ONE, length), f"{shapes} do not broadcast"
                result[k] = length
    return tuple(result)


class Values:
    """All values of one function, in the order they were made: arguments before results.

    `numeric`: they are printed as numbers of Python, not as arrays.
    """

    def __init__(self, numeric: bool = False) -> None:
        self.numeric = numeric
        self.all: list[Value] = []
        self._known: dict[tuple[object, ...], Value] = {}

    def make(
        self, op: str, args: Sequence[Value], attr: tuple[object, ...] = (), shape: Shape = (), kind: Kind = "float"
    ) -> Value:
        """The value of that operation, made once."""
        key = (op, *(a.index for a in args), attr, shape)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Value(op, tuple(args), attr, shape, kind)
            known.index = len(self.all)
            self.all.append(known)
        return known

    def find(self, op: str, args: Sequence[Value], attr: tuple[object, ...], shape: Shape) -> Value | None:
        """The value if it was made already."""
        return self._known.get((op, *(a.index for a in args), attr, shape))

    # -- leaves
    def argument(self, name: str, shape: Shape, kind: Kind = "float") -> Value:
        """An array that the caller gives."""
        return self.make("argument", (), (name,), shape, kind)

    def number(self, value: Fraction | int | str) -> Value:
        """A constant; `pi` by name."""
        return self.make("number", (), (value if isinstance(value, str) else Fraction(value),))

    def size(self, value: Size) -> Value:
        """A size as a number."""
        return self.number(value.number) if value.number is not None else self.make("size", (), (value,))

    def positions(self, length: Size) -> Value:
        """0, 1, ..., length − 1."""
        return self.make("positions", (), (), (length,), "int")

    # -- views
    def transpose(self, x: Value, order: Sequence[int]) -> Value:
        """Axis k of the result is axis order[k] of x."""
        if x.op == "transpose":
            inner = x.attr
            return self.transpose(x.args[0], [int(str(inner[k])) for k in order])
        if list(order) == list(range(len(x.shape))):
            return x
        return self.make("transpose", (x,), tuple(order), tuple(x.shape[k] for k in order), x.kind)

    def expand(self, x: Value, places: Sequence[int]) -> Value:
        """x with new axes of size 1 at these positions of the result; leading ones are left to broadcasting."""
        places = sorted(places)
        lead = 0
        while lead < len(places) and places[lead] == lead:
            lead += 1
        places = [p - lead for p in places[lead:]]
        if not places:
            return x
        shape = list(x.shape)
        for place in places:
            shape.insert(place, ONE)
        return self.make("expand", (x,), tuple(places), tuple(shape), x.kind)

    def part(self, x: Value, axis: int, start: Size, step: Size | None, count: Size | None) -> Value:
        """x at start + step · i for i < count along one axis; without step and count, that one position."""
        kept = () if count is None else (count,)
        shape = x.shape[:axis] + kept + x.shape[axis + 1 :]
        return self.make("part", (x,), (axis, start, step, count), shape, x.kind)

    def reshape(self, x: Value, shape: Shape) -> Value:
        """The entries in row-major order."""
        return x if x.shape == shape else self.make("reshape", (x,), (), shape, x.kind)

    def diagonal(self, x: Value, first: int, second: int) -> Value:
        """Entries whose positions on two axes agree; that axis comes last."""
        rest = tuple(s for k, s in enumerate(x.shape) if k not in (first, second))
        return self.make("diagonal", (x,), (first, second), (*rest, x.shape[first]), x.kind)

    def repeat(self, x: Value, shape: Shape) -> Value:
        """x repeated to a shape that it broadcasts to."""
        return x if x.shape == shape else self.make("repeat", (x,), (), shape, x.kind)

    # -- entry by entry
    def apply(self, op: str, *args: Value) -> Value:
        """A function of NumPy, entry by entry, broadcast."""
        kind: Kind = "bool" if op in TRUTHS else "float"
        if op not in TRUTHS and op not in ("multiply", "where"):
            args = tuple(self.as_float(a) for a in args)
        if op in SYMMETRIC and not (self.numeric and op == "add"):
            args = tuple(sorted(args, key=lambda a: (-len(a.shape), a.static, a.index)))
        value = self.make(op, args, (), broadcast([a.shape for a in args]), kind)
        if op in BOUNDED or value.static:
            value.tame = True
        elif op not in GENTLE:
            value.tame = False
        return value

    def as_float(self, x: Value) -> Value:
        """Truth values as 0 and 1, integers as numbers."""
        return x if x.kind == "float" else self.make("as_float", (x,), (), x.shape)

    def times(self, x: Value, y: Value) -> Value:
        """x · y; where one of them is a truth value, 0 times anything is 0."""
        if _is_number(x, 1):
            return y
        if _is_number(y, 1):
            return x
        if x.kind == "bool" and y.kind == "bool":
            return self.apply("logical_and", x, y)
        if x.kind == "bool":
            x, y = y, x
        if y.kind == "bool" and not x.tame:
            return self.apply("where", y, x, self.number(0))
        if x is y:
            return self.apply("square", x)
        if y.static and not x.static:
            x, y = y, x
        if _is_number(x, -1):
            return self.apply("negative", y)
        return self.apply("multiply", x, y)

    def over(self, x: Value, y: Value) -> Value:
        """x / y."""
        if y.static and y.op == "number" and isinstance(y.attr[0], Fraction):
            return self.times(x, self.number(1 / y.attr[0]))
        if _is_number(x, 1):
            return self.apply("reciprocal", y)
        return self.apply("divide", x, y)

    def plus(self, x: Value, y: Value) -> Value:
        """x + y."""
        return self.apply("add", x, y)

    def minus(self, x: Value, y: Value) -> Value:
        """x − y."""
        return self.apply("subtract", x, y)

    # -- over axes
    def total(self, x: Value, axes: Sequence[int]) -> Value:
        """Σ over the axes."""
        if not axes:
            return x
        x = self.as_float(x)
        shape = tuple(s for k, s in enumerate(x.shape) if k not in axes)
        return self.make("sum", (x,), tuple(sorted(axes)), shape)

    def greatest(self, x: Value, axes: Sequence[int]) -> Value:
        """The greatest entry along the axes."""
        shape = tuple(s for k, s in enumerate(x.shape) if k not in axes)
        value = self.make("max", (self.as_float(x),), tuple(sorted(axes)), shape)
        return value


def _is_number(x: Value, value: int) -> bool:
    return x.op == "number" and x.attr[0] == value


__all__ = ["ELEMENTWISE", "HELPERS", "LEAVES", "UFUNCS", "VIEWS", "Kind", "Shape", "Value", "Values", "broadcast"]
