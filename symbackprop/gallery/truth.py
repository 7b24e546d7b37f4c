"""The truth table of the threshold network: what every unit says in each region of the plane."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from ..derive import Derivation
from ..document import Math, Prose, Table
from ..notation.tree import Index, Num, Relation, Sym, Tree
from ..reporting.maths import Setter
from ..write import compile as compiled

INSIDE = (-2.0, 0.0, 2.0)  # a point of each interval
BORDERS = (-1, 1)


def truth_table(derivation: Derivation, values: Mapping[str, Any]) -> Table:
    """One row for each region that the lines x_1 = ±1 and x_2 = ±1 cut out, computed by the generated code."""
    import numpy as np

    setter = Setter(derivation.context)
    module = compiled(derivation)
    given = {name: np.asarray(value, dtype=float) for name, value in values.items()}
    rows: list[tuple[Prose, ...]] = []
    for point in product(INSIDE, INSIDE):
        found = module.forward(**{**given, "x": np.array(point)})
        units = [*found["a_1"], *found["a_2"], found["y"]]
        rows.append((*((_interval(setter, k, x),) for k, x in enumerate(point, 1)), *((str(int(u)),) for u in units)))
    header: list[Prose] = [(_entry(setter, "x", 1),), (_entry(setter, "x", 2),)]
    header += [(_entry(setter, "a_1", k),) for k in range(1, 5)]
    header += [(_entry(setter, "a_2", k),) for k in range(1, 3)]
    header.append((setter.symbol("y"),))
    caption: Prose = (
        "Four half-planes, the conjunction of each pair, and the conjunction of both: the output is 1 in the square in"
        " the middle and nowhere else.",
    )
    return Table("Truth table over the regions", tuple(header), tuple(rows), caption, numeric=tuple(range(2, 9)))


def _tree(setter: Setter, name: str, place: int) -> Tree:
    base: Sym = setter.sym(name)
    return Index(base, (Num(Fraction(place)),))


def _entry(setter: Setter, name: str, place: int) -> Math:
    return setter.math(_tree(setter, name, place))


def _interval(setter: Setter, place: int, value: float) -> Math:
    """x_1 < −1, −1 < x_1 < 1 or x_1 > 1."""
    low, high = (Num(Fraction(border)) for border in BORDERS)
    middle = _tree(setter, "x", place)
    if value < BORDERS[0]:
        return setter.math(Relation("<", middle, low))
    if value > BORDERS[1]:
        return setter.math(Relation(">", middle, high))
    return setter.between(low, middle, high)
