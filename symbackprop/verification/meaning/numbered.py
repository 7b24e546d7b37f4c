"""Σ_t and Π_t over names that are numbered: h_1, h_2, h_3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...paper.tree import Atom, Big, Tree, walk
from .lexicon import Words, words_of
from .scope import Scope
from .values import Value, pairs, plus, unique

if TYPE_CHECKING:
    from .elaborate import Elaborator


def numbers_of(e: Elaborator, body: Tree, letter: str) -> frozenset[int]:
    """The numbers that a letter can stand for in the names of the body."""
    found: frozenset[int] | None = None
    for tree in walk(body):
        if isinstance(tree, Atom) and any(letter in words_of(s) for s in tree.scripts):
            numbers = e.lexicon.numbered(tree)
            if not numbers and tree.base == "\\delta":
                numbers = e.lexicon.numbered(Atom("z"))
            if numbers:
                found = numbers if found is None else found & numbers
    return found or frozenset()


def over_numbers(
    e: Elaborator, operator: Big, body: Tree, letter: str, lower: Words, upper: Words, scope: Scope
) -> list[Value]:
    """Σ_t over names that are numbered: h_1, h_2, h_3."""
    numbers = sorted(numbers_of(e, body, letter))
    first = int(lower[0]) if len(lower) == 1 and lower[0].isdigit() else numbers[0]
    last = int(upper[0]) if len(upper) == 1 and upper[0].isdigit() else numbers[-1]
    if operator.operator not in ("sum", "prod"):
        e.refuse(operator, "an extreme over numbered names is not understood")
    terms = [e.values(body, scope.at(letter, number)) for number in range(first, last + 1)]
    if not terms:
        e.misfit(operator, f"The sum over {letter} has no terms.")
    if operator.operator == "prod":
        return unique([*_multiplied(terms[::-1], scope), *_multiplied(terms, scope)]) or e.misfit(
            operator, f"The factors of the product over {letter} do not fit together."
        )
    found = _added(terms)
    if not lower and not upper and first == 0:  # h_0 is a start, and h_1 the first step
        found = [*_added(terms[1:]), *found]
    return unique(found)


def _added(terms: Sequence[list[Value]]) -> list[Value]:
    """The sum of the terms, in every reading."""
    total: list[Value] = []
    for values in terms:
        total = pairs(total, values, lambda a, b: plus(a, b, 1)) if total else values
    return total


def _multiplied(factors: Sequence[list[Value]], scope: Scope) -> list[Value]:
    """The product of the factors in that order, in every reading."""
    from .products import multiplied

    total: list[Value] = []
    for values in factors:
        total = multiplied(total, values, "", scope) if total else values
        if not total:
            break
    return total
