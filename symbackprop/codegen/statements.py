"""One operation as a statement of NumPy: a ufunc with `out`, a matrix product, a reduction, a slice that is filled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import MissingRule
from ..tensor.size import ONE, ZERO, Size
from .names import size_text
from .schedule import base
from .values import HELPERS, UFUNCS, Value

Reference = Callable[[Value], str]


@dataclass(frozen=True, slots=True)
class Writer:
    """What statements are made with: names of values, of sizes, of constants; `uses` notes globals that are named."""

    ref: Reference
    sizes: dict[str, str]
    constant: Callable[[str, object], str]
    uses: Callable[[str], str]

    def size(self, value: Size) -> str:
        """A size as text."""
        return size_text(value, self.sizes)

    # -- views
    def view(self, value: Value) -> str:
        """A view of an array as an expression."""
        x = value.args[0]
        inner = self.ref(x)
        if value.op == "transpose":
            order = [int(str(k)) for k in value.attr]
            if order == list(range(len(order)))[::-1]:
                return f"{inner}.T"
            return f"{inner}.transpose({', '.join(map(str, order))})"
        if value.op == "expand":
            items = ["None" if k in value.attr else ":" for k in range(len(value.shape))]
            while items[-1] == ":":
                items.pop()
            return f"{inner}[{', '.join(items)}]"
        if value.op == "part":
            return f"{inner}[{self.subscript(value)}]"
        if value.op == "reshape":
            return f"{inner}.reshape({', '.join(map(self.size, value.shape))})"
        if value.op == "diagonal":
            places = value.attr
            return f"{inner}.diagonal()" if places == (0, 1) else f"{inner}.diagonal(0, {places[0]}, {places[1]})"
        if value.op == "repeat":
            return f"{self.uses('broadcast_to')}({inner}, ({', '.join(map(self.size, value.shape))},))"
        assert value.op == "windows", value.op
        axis, start, steps, counts = value.attr
        assert isinstance(start, Size) and isinstance(steps, tuple) and isinstance(counts, tuple)
        lists = [f"({', '.join(map(self.size, entries))},)" for entries in (steps, counts)]
        return f"{self.uses('_windows')}({inner}, {axis}, {self.size(start)}, {lists[0]}, {lists[1]})"

    def subscript(self, value: Value) -> str:
        """The slices of a part of an array."""
        axis, start, step, count = value.attr
        assert isinstance(axis, int) and isinstance(start, Size)
        item = self.size(start)
        if count is not None:
            assert isinstance(step, Size) and isinstance(count, Size)
            item = self.slice(start, step, count)
        return ", ".join([":"] * axis + [item])

    def slice(self, start: Size, step: Size, count: Size) -> str:
        """start, start + step, ...: `count` positions."""
        number = step.number
        if number is None or number == 0:
            return f"{self.uses('_line')}({self.size(start)}, {self.size(step)}, {self.size(count)})"
        stop = start + step * (count - 1) + (1 if number > 0 else -1)
        first = "" if start is ZERO else self.size(start)
        if number < 0:
            last = "" if stop.number == -1 else self.size(stop)
            if stop.number is None and not stop.surely_nonnegative():
                return f"{self.uses('_line')}({self.size(start)}, {self.size(step)}, {self.size(count)})"
            return f"{first}:{last}:{number}"
        return f"{first}:{self.size(stop)}" + (f":{number}" if number != 1 else "")

    def position(self, value: Value) -> str:
        """An integer, or an array of integers, that chooses entries."""
        if value.static:
            known = value.attr[0]
            return self.size(known) if isinstance(known, Size) else str(known)
        return self.ref(value)

    # -- statements
    def lines(self, value: Value, out: str, shared: Sequence[Value] = ()) -> list[str]:
        """The statements that write the value into `out`; `shared`: arguments whose memory `out` is."""
        op = value.op
        args = [self.ref(a) for a in value.args]
        if op == "where":
            return self.choice(value, args, out, shared)
        if op in UFUNCS:
            keyword = "out=" if op in ("maximum", "minimum") else ""  # NumPy warns of a third positional argument there
            return [f"{self.uses(op)}({', '.join(args)}, {keyword}{out})"]
        if op == "polygamma":
            return [f"{self.uses('copyto')}({out}, {self.uses('_polygamma')}({value.attr[0]}, {args[0]}))"]
        if op in HELPERS:
            return [f"{self.uses('copyto')}({out}, {self.uses('_' + op)}({', '.join(args)}))"]
        if op in ("as_float", "copy"):
            return [f"{self.uses('copyto')}({out}, {args[0]})"]
        if op == "dot":
            return [f"{args[0]}.dot({args[1]}, {out})"]
        if op == "matmul":
            return [f"{self.uses('matmul')}({args[0]}, {args[1]}, {out})"]
        if op == "sum":
            return [self.summed(value, args[0], out)]
        if op == "max":
            return [f"{self.uses('maximum')}.reduce({args[0]}, {self.axes(value)}, None, {out})"]
        if op == "take":
            return [f"{args[0]}.take({self.position(value.args[1])}, {value.attr[0]}, {out}, 'clip')"]
        if op == "place":
            return self.placed(value, args, out, shared)
        if op == "scatter":
            return self.scattered(value, args, out, shared)
        raise MissingRule(f"No code is known for the operation {op}.")

    def choice(self, value: Value, args: list[str], out: str, shared: Sequence[Value]) -> list[str]:
        """x where the condition holds, else y."""
        copy = self.uses("copyto")
        first = [] if value.args[2] in shared else [f"{copy}({out}, {args[2]})"]
        return [*first, f"{copy}({out}, {args[1]}, where={args[0]})"]

    def axes(self, value: Value) -> str:
        """The axes of a reduction."""
        return str(value.attr[0]) if len(value.attr) == 1 else str(tuple(value.attr))

    def summed(self, value: Value, x: str, out: str) -> str:
        """A sum over axes: of a matrix, its product with a vector of ones, which is faster than a reduction."""
        source = value.args[0]
        if len(source.shape) == 2 and base(source).op != "windows":
            axis = int(str(value.attr[0]))
            ones = self.constant("ones", source.shape[axis])
            return f"{ones}.dot({x}, {out})" if axis == 0 else f"{x}.dot({ones}, {out})"
        return f"{self.uses('add')}.reduce({x}, {self.axes(value)}, None, {out})"

    def beginning(self, value: Value, args: list[str], out: str, shared: Sequence[Value]) -> list[str]:
        """The array before anything is written into it: zeros, or the base."""
        if "base" not in value.attr:
            return [f"{out}.fill(0)"]
        return [] if value.args[-1] in shared else [f"{self.uses('copyto')}({out}, {args[-1]})"]

    def placed(self, value: Value, args: list[str], out: str, shared: Sequence[Value]) -> list[str]:
        """Slices of the array, in a loop over what is left of their positions."""
        lines = self.beginning(value, args, out, shared)
        places, loops = value.attr[0], value.attr[1]
        assert isinstance(places, tuple) and isinstance(loops, tuple)
        names = [f"k{n}" for n in range(len(loops))]
        items: list[str] = []
        for place in places:
            if place is None:
                items.append(":")
                continue
            start, step, count, inner = place
            moved = " + ".join([f"{self.factor(c)}{names[n]}" for n, c in inner])
            if count is None:
                items.append(self.size(start))
            elif not moved:
                items.append(self.slice(start, step, count))
            else:
                offset = moved if start is ZERO else f"{self.size(start)} + {moved}"
                items.append(f"{self.uses('_line')}({offset}, {self.size(step)}, {self.size(count)})")
        while items and items[-1] == ":":
            items.pop()
        indent = ""
        for name, length in zip(names, loops, strict=True):
            lines.append(f"{indent}for {name} in range({self.size(length)}):")
            indent += "    "
        target = f"{out}[{', '.join(items) or '...'}]"
        entries = f"{args[0]}[{', '.join(names)}]" if names else args[0]
        adds = bool(loops) or "base" in value.attr
        lines.append(f"{indent}{target} {'+=' if adds else '='} {entries}")
        return lines

    def factor(self, coefficient: Size) -> str:
        """A coefficient in front of a name."""
        return "" if coefficient is ONE else f"{size_text(coefficient, self.sizes, inside=True)} * "

    def scattered(self, value: Value, args: list[str], out: str, shared: Sequence[Value]) -> list[str]:
        """Entries added at positions that arrays of integers give."""
        lines = self.beginning(value, args, out, shared)
        order, count, single = value.attr[:3]
        assert isinstance(order, tuple) and isinstance(count, int)
        where = ", ".join(self.position(a) for a in value.args[1 : 1 + count])
        plain = list(order) == sorted(order)
        target = out if plain else f"{out}.transpose({', '.join(map(str, order))})"
        if single:
            lines.append(f"{target}[{where}] {'+=' if 'base' in value.attr else '='} {args[0]}")
        else:
            lines.append(f"{self.uses('add')}.at({target}, ({where},), {args[0]})")
        return lines

    def fresh(self, value: Value) -> str:
        """An operation that makes its own array, as an expression."""
        op = value.op
        args = [self.ref(a) for a in value.args]
        if op == "pick":
            return f"{args[0]}[{', '.join(map(self.position, value.args[1:]))}]"
        if op == "inverse":
            return f"{self.uses('inv')}({args[0]})"
        if op == "det":
            return f"{self.uses('det')}({args[0]})"
        if op == "logdet":
            return f"{self.uses('slogdet')}({args[0]})[1]"
        if op == "first":
            return f"{self.uses('_first_greatest')}({args[0]}, {value.attr[0]})"
        if op == "pad":
            axis, before, after = value.attr
            assert isinstance(before, Size) and isinstance(after, Size)
            return f"{self.uses('_padded')}({args[0]}, {axis}, {self.size(before)}, {self.size(after)})"
        if op == "shift":
            weight, offset = value.attr
            assert isinstance(weight, Size) and isinstance(offset, Size)
            text = f"{self.factor(weight)}{self.position(value.args[0])}"
            return text if offset is ZERO else f"{text} + {self.size(offset)}"
        if op == "plus":
            return f"{self.position(value.args[0])} + {self.position(value.args[1])}"
        if op == "same":
            return f"{args[0]} == {self.position(value.args[1])}"
        if op == "iszero":
            return f"{self.position(value.args[0])} == 0"
        if op == "positions":
            return f"{self.uses('arange')}({self.size(value.shape[0])})"
        if op == "vdot":
            if len(value.args[0].shape) == 1:
                return f"{args[0]}.dot({args[1]})"
            return f"{self.uses('vdot')}({args[0]}, {args[1]})"
        if op == "sum":
            return f"{self.uses('add')}.reduce({args[0]}, None)"
        if op == "max":
            return f"{self.uses('maximum')}.reduce({args[0]}, None)"
        if op == "take":
            return f"{args[0]}[{self.position(value.args[1])}]"
        raise MissingRule(f"No code is known for the operation {op}.")


__all__ = ["Writer"]
