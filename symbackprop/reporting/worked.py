"""The network at given numbers: each forward line as formula, numbers put in, result; then a table of gradients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..derive import Derivation, gradient_symbol
from ..document import Equation, Math, Prose, Table, Worked
from ..errors import ValueProblem
from ..formula import Context
from ..given import given
from ..notation.boxes.box import MINUS, SUM, Box, Row, Token
from ..notation.boxes.box import Table as Grid
from ..tensor.evaluate import Array, evaluate
from .forward import Forward
from .maths import Setter, listed

DIGITS = 4
MOST_ENTRIES, MOST_COLUMNS = 24, 6  # of an array that is still printed
MOST_GIVEN = 30  # symbols whose numbers are listed in the introduction


class Numbers:
    """The values of all symbols, nodes and gradients at given numbers."""

    def __init__(self, derivation: Derivation, values: Mapping[str, Any]) -> None:
        self.derivation = derivation
        model = derivation.model
        self.arrays, self.sizes = given(model, values)
        self.given = frozenset(self.arrays)
        for name in derivation.graph.order:
            if name not in derivation.averaged or name in derivation.graph.used:
                self.arrays[name] = evaluate(model.equations[name].term, self.arrays, self.sizes)
        self._gradients: dict[str, Array] = {}
        _check(self.arrays, model.loss)

    def gradients(self, names: Iterable[str]) -> dict[str, Array]:
        """The gradients at these names, from the recursive formulas."""
        if not self._gradients:
            known: dict[str, Array] = dict(self.arrays)
            for name in self.derivation.order:
                value = evaluate(self.derivation.gradient(name).term, known, self.sizes)
                self._gradients[name] = value
                if name in self.derivation.model.equations:
                    known[gradient_symbol(name, self.derivation.model.equations[name].term).name] = value
            _check(self._gradients, self.derivation.model.loss)
        graph = self.derivation.graph
        import numpy as np

        zero = {n: np.zeros([s.value(self.sizes) for s in graph.sizes(n)]) for n in names if n not in self._gradients}
        return {name: self._gradients.get(name, zero.get(name)) for name in names}  # type: ignore[misc]


def _check(arrays: Mapping[str, Array], loss: str) -> None:
    import numpy as np

    for name, value in arrays.items():
        if not np.all(np.isfinite(value)):
            raise ValueProblem(
                f"With these numbers {name} is not finite.", remedy=f"Choose numbers at which {loss} is defined."
            )


def worked(
    derivation: Derivation,
    setter: Setter,
    values: Mapping[str, Any],
    names: Iterable[str],
    lr: float | None = None,
    digits: int | None = None,
) -> Worked:
    """The worked numbers; with `lr`, one step of gradient descent at that rate.

    Raises ValueProblem for numbers that do not fit the network.
    """
    numbers = Numbers(derivation, values)
    places = DIGITS if digits is None else digits
    written = Written(numbers, setter, places)
    return Worked(written.introduction(lr), written.forward(), written.table(list(names), lr))


class Written:
    """Numbers in formulas."""

    def __init__(self, numbers: Numbers, setter: Setter, digits: int) -> None:
        self.numbers, self.setter, self.digits = numbers, setter, digits
        self.model = numbers.derivation.model

    def introduction(self, lr: float | None) -> Prose:
        """Which numbers are given, and how results are rounded."""
        data = [n for n, d in self.model.declarations.items() if d.role != "parameter" and n in self.numbers.given]
        shown = [self.equality(n) for n in data[:MOST_GIVEN]]
        parts: list[str | Math] = ["At ", *listed([s for s in shown if s is not None], " and ")] if any(shown) else []
        parts.append(f"{', results' if parts else 'Results'} rounded to {self.digits} digits after the point")
        if lr is not None:
            parts.append(f"; one step of gradient descent at the rate {plain(lr)}")
        return (*parts, ".")

    def equality(self, name: str) -> Math | None:
        """`x = 0.26`; None for an array too large to print."""
        box = self.box(name)
        if box is None:
            return None
        left = self.setter.symbol(name)
        right = self.setter.of_box(box)
        mathml = f"<mrow>{left.mathml}<mo>=</mo>{right.mathml}</mrow>"
        return Math(f"{left.latex} = {right.latex}", mathml, f"{left.text} = {right.text}")

    def forward(self) -> tuple[Equation, ...]:
        """One line for each equation that the loss uses."""
        forward = Forward(self.model, self.setter)
        filled = self.filled()
        lines = []
        for name in self.numbers.derivation.graph.order:
            if name not in self.numbers.derivation.graph.used:
                continue
            left, right = forward.sides(self.model.equations[name])
            sides = [self.setter.box(right)]
            put_in = filled.box(right)
            sides += [put_in] if put_in != sides[0] else []
            result = self.box(name)
            sides += [result] if result is not None else []
            lines.append(Equation(self.setter.math(left), self.setter.chain(left, sides)))
        return tuple(lines)

    def filled(self) -> Setter:
        """A setter that writes numbers for symbols and nodes wherever they fit."""
        context = self.setter.context
        notation = replace(context.notation)
        for name, kind in context.kinds.items():
            box = self.box(name) if name in self.numbers.arrays else None
            if box is not None:
                notation._known[("symbol", name, kind)] = box  # noqa: SLF001  # a spelling like any other
        return Setter(Context(context.writer, notation, context.kinds, context.rows))

    def box(self, name: str) -> Box | None:
        """The value of a symbol, as given, or of a node, rounded."""
        array = self.numbers.arrays[name]
        whole = bool((array == array.round()).all())
        digits = None if name in self.numbers.given or (array.ndim and whole) else self.digits
        if name in self.model.declarations and self.model.declarations[name].role == "index":
            array = array + self.model.style.index_base
        return array_box(array, digits, row=name in self.setter.context.rows)

    def table(self, names: list[str], lr: float | None) -> Table:
        """Variable, initial value, gradient, and the value after one step."""
        gradients = self.numbers.gradients(names)
        header: list[Prose] = [("parameter",), ("initial",), ("gradient",)]
        if lr is not None:
            header.append(("updated",))
        rows: list[tuple[Prose, ...]] = []
        scalars = True
        for name in names:
            value, gradient = self.numbers.arrays[name], gradients[name]
            scalars = scalars and not value.ndim
            cells = [(value, None), (gradient, self.digits)]
            if lr is not None:
                cells.append((value - lr * gradient, self.digits))
            shown = [self.cell(array, digits, name) for array, digits in cells]
            rows.append(((self.setter.symbol(name),), *shown))
        title = "One step of gradient descent" if lr is not None else "Gradients at these numbers"
        return Table(title, tuple(header), tuple(rows), numeric=(1, 2, 3)[: len(header) - 1] if scalars else ())

    def cell(self, array: Array, digits: int | None, name: str) -> Prose:
        """A number, or an array that is small enough, in a table."""
        if not array.ndim:
            return (fixed(float(array), digits),)
        digits = None if bool((array == array.round()).all()) else digits
        box = array_box(array, digits, row=name in self.setter.context.rows)
        return (self.setter.of_box(box),) if box is not None else (f"{array.size} numbers",)


def array_box(array: Array, digits: int | None, row: bool = False) -> Box | None:
    """A number, a column or a matrix; None if it is too large to print."""
    if array.ndim > 2 or array.size > MOST_ENTRIES or (array.ndim == 2 and array.shape[1] > MOST_COLUMNS):
        return None
    if not array.ndim:
        return number_box(float(array), digits)
    if array.ndim == 1:
        array = array[None, :] if row else array[:, None]
    return Grid("pmatrix", tuple(tuple(number_box(float(x), digits) for x in line) for line in array))


def number_box(value: float, digits: int | None) -> Box:
    """A number as a box; a negative one needs parentheses where it is a factor."""
    text = fixed(value, digits)
    if text.startswith("−"):
        return Row((MINUS, Token(text[1:], text[1:], "number")), SUM, False, tight=True)
    return Token(text, text, "number")


def fixed(value: float, digits: int | None) -> str:
    """The number with so many digits after the point, or as it was given; a zero has no sign."""
    text = plain(value) if digits is None else f"{value:.{digits}f}"
    if text.startswith("-"):
        text = text[1:] if not text.strip("-0.") else "−" + text[1:]
    return text


def plain(value: float) -> str:
    """The shortest decimal that means this number."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
