"""The derivatives that the author named, each with its formula; eigenvalues and condition numbers among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..derive import Derivation
from ..document import Math, Prose, Table
from ..errors import MissingRule
from ..formula import Formula
from ..network import NamedDerivative
from ..notation.tree import Relation, Tree
from ..spectrum import ConditionNumber, condition_at
from ..tensor.normal import as_number
from .maths import Setter

MOST = 12  # eigenvalues that are listed in numbers


def named_table(derivation: Derivation, setter: Setter, values: Mapping[str, Any] | None = None) -> Table | None:
    """One line for each name; None if there is none that the rest of the report does not print already.

    What has no formula is computed at `values`, if there are any.
    """
    given = [d for d in derivation.model.derivatives.values() if not _is_spelling(derivation, d)]
    rows = [row for d in given for row in _rows(derivation, d, setter, values)]
    return Table("Named derivatives", (("name",), ("formula",), ("where",)), tuple(rows)) if rows else None


def _is_spelling(derivation: Derivation, named: NamedDerivative) -> bool:
    """True for the gradient of the loss with a spelling of its own: it is printed so everywhere."""
    return named.operation == "gradient" and bool(named.spelling.latex) and named.of in (None, derivation.model.loss)


def _rows(
    derivation: Derivation, named: NamedDerivative, setter: Setter, values: Mapping[str, Any] | None
) -> Iterator[tuple[Prose, Prose, Prose]]:
    try:
        found = derivation.named(named.name)
    except MissingRule:
        yield (setter.symbol(named.name),), *_in_numbers(derivation, named, values)
        return
    if isinstance(found, Formula):
        where: Prose = ()
        if isinstance(found, ConditionNumber) and found.conditions:
            parts: list[str | Math] = []
            for place, condition in enumerate(found.conditions):
                parts += [" and " if place else "", setter.math(condition)]
            where = tuple(part for part in parts if part)
        yield (setter.math(found.left),), (_formula(found, setter),), where
        return
    for value, count in found:
        often: Prose = ("once",) if as_number(count.term) == 1 else (setter.math(count.tree), " times")
        yield (setter.math(value.left),), (setter.math(value.tree),), often


def _formula(formula: Formula, setter: Setter) -> Math:
    """The right side in recursive form, then in closed form if that is another."""
    sides: list[Tree] = [formula.tree]
    closed = formula.closed.tree
    if closed != sides[0] and not formula.expressed.letters:
        return setter.math(Relation("=", sides[0], closed))
    return setter.math(sides[0])


def _in_numbers(
    derivation: Derivation, named: NamedDerivative, values: Mapping[str, Any] | None
) -> tuple[Prose, Prose]:
    """Eigenvalues, or the condition number, at given numbers."""
    if named.operation not in ("eigenvalues", "condition_number"):
        return ("no formula",), ()
    if values is None:
        return ("no formula",), ("computed where numbers are given: --values FILE.json",)
    found = derivation.spectrum(named.args[0], values)
    if named.operation == "condition_number":
        return (f"{condition_at(found):.6g}",), ("at the given numbers",)
    shown = ", ".join(f"{float(x):.6g}" for x in found[:MOST])
    return (shown if len(found) <= MOST else f"{shown}, ...",), ("at the given numbers",)


__all__ = ["named_table"]
