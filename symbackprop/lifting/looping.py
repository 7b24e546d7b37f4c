"""Loops whose number of passes is a size: `for i in range(n)`, which add something up in every pass.

The body is read once, for a pass that any i may be; what a pass adds to an array must not depend on other passes.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from ..errors import ReadError, SymbackpropError
from ..functions.positions import Integers
from ..graph import symbols_of
from ..tensor.size import ONE, Size
from ..tensor.terms import Term, symbol
from .arrays import term_of
from .axes import summed_over
from .expressions import Expressions
from .looks import stored
from .scope import Scope
from .subscripts import EACH, HELD, part
from .values import Array, Items, Positions, Table, Unknown, Value


@dataclass(slots=True)
class Passes:
    """What a loop goes over: as many passes as `length`, and the value of each, for the index symbol."""

    length: Size
    index: str
    value: Value


@dataclass(slots=True)
class Held:
    """An array or number that the body changes: what it was, and the symbol that stands for it in a pass.

    `array`: the object, if it can be changed in place; `owner[key]` is where it is held.
    """

    array: Array | None
    before: Term
    mark: Term
    owner: dict[object, Value]
    key: object


@dataclass(slots=True)
class Looping:
    """Reads one loop over a size."""

    expressions: Expressions
    count: int = 0
    held: list[Held] = field(default_factory=list)

    def passes(self, node: ast.expr, scope: Scope) -> Passes | None:
        """What a loop over a size goes over; None for other loops."""
        self.count += 1
        index = f"{EACH}{self.count}"
        found = self._values(node, scope, index)
        return None if found is None else Passes(found[0], index, found[1])

    def _values(self, node: ast.expr, scope: Scope, index: str) -> tuple[Size, Value] | None:
        """The number of passes and the value of one; of zip and enumerate, those of their arguments."""
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if isinstance(node, ast.Call) and name in ("zip", "enumerate") and scope.find(name) is None:
            parts = [self._values(a, scope, index) for a in node.args]
            if not parts or any(p is None or p[0] is not parts[0][0] for p in parts if parts[0] is not None):
                return None
            values = [p[1] for p in parts if p is not None]
            if len(values) < len(parts):
                return None
            length = parts[0][0] if parts[0] is not None else ONE
            counter = [_position(ONE, Integers().constant, index, length)] if name == "enumerate" else []
            return length, Items([*counter, *values], True)
        value = self.expressions.value(node, scope)
        if isinstance(value, Positions) and len(value.integers.sizes) == 1 and not value.integers.indices:
            length = value.integers.sizes[0]
            return length, _position(value.integers.coefficients[0], value.integers.constant, index, length)
        if isinstance(value, Array) and value.term.sizes:
            length = value.term.sizes[0]
            return length, part(value, [_position(ONE, Integers().constant, index, length)])
        return None

    # ------------------------------------------------------------------ what is added up

    def begin(self, body: Sequence[ast.stmt], scope: Scope) -> list[tuple[str, Held]]:
        """Put marks in the place of everything that the body changes."""
        found: list[tuple[str, Held]] = []
        for name in dict.fromkeys(stored(body)):
            held = scope.find(name)
            if held is None:
                continue
            value, where = held
            if isinstance(value, Table):
                for key, entry in list(value.entries.items()):
                    if isinstance(entry, (Array, int, Fraction)):
                        found.append((name, self._mark(entry, value.entries, key)))
            elif isinstance(value, (Array, int, Fraction)):
                names: dict[object, Value] = where.values  # type: ignore[assignment]  # names are keys
                found.append((name, self._mark(value, names, name)))
        return found

    def _mark(self, value: Value, owner: dict[object, Value], key: object) -> Held:
        before = term_of(value)
        mark = symbol(f"{HELD}{len(self.held)}", before.sizes)
        found = Held(value if isinstance(value, Array) and before.sizes else None, before, mark, owner, key)
        if found.array is not None:
            found.array.term = mark
        else:
            owner[key] = Array(mark)
        self.held.append(found)
        return found

    def end(self, marked: Sequence[tuple[str, Held]], passes: Passes, error: SymbackpropError) -> None:
        """Add up what the passes add; what they only replace is unknown afterwards."""
        for _, held in marked:
            after = self._after(held)
            if held.array is not None and held.array.filled:
                held.array.filled = False
                after = after if held.before.is_zero else None
            if after is held.mark:
                self._put(held, held.before)
                continue
            added = None if after is None else after - held.mark
            if added is None or any(name.startswith(HELD) for name in symbols_of(added)):
                self._spoil(held, error)
                continue
            self._put(held, held.before + summed_over(added, passes.index, passes.length))

    def _after(self, held: Held) -> Term | None:
        """What a pass makes of it, under the same name; None if that is no array of the same shape."""
        value = held.owner.get(held.key)
        if not isinstance(value, (Array, int, Fraction)):
            return None
        if held.array is not None and value is not held.array and held.array.term is not held.mark:
            return None
        found = term_of(value)
        return found if found.sizes == held.before.sizes else None

    def _put(self, held: Held, term: Term) -> None:
        """Give the name the value after all passes."""
        if held.array is not None:
            replaced = held.owner.get(held.key) is not held.array
            held.array.term = held.before if replaced else term
            if not replaced:
                return
        held.owner[held.key] = Array(term)

    def _spoil(self, held: Held, error: SymbackpropError) -> None:
        if held.array is not None:
            held.array.term, held.array.stale = held.before, error
        held.owner[held.key] = Unknown(error)


def _position(step: Size, start: Size, index: str, length: Size) -> Positions:
    """One position: start + step · index."""
    return Positions(Integers(constant=start, indices=((step, index, (), length),)))


def leftovers(body: Sequence[ast.stmt], scope: Scope, index: str, error: ReadError) -> None:
    """Names that the body made hold the last pass's value, which is not followed."""
    for name in dict.fromkeys(stored(body)):
        value = scope.values.get(name)
        if isinstance(value, Array) and index in symbols_of(value.term):
            scope.values[name] = Unknown(error)
