r"""What stands below a sum besides its letter: `i: z_i > 0`, `k \neq i`, `j \neq y`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...paper.parse import Reader
from ...paper.tree import Big, Compare, Group, Product, Tree
from ...tensor.normal import bracket, delta, number
from ...tensor.size import size
from .scope import Scope
from .values import Value, elementwise

if TYPE_CHECKING:
    from .elaborate import Elaborator


def with_condition(e: Elaborator, operator: Big, body: Tree) -> tuple[Big, Tree]:
    r"""\sum_{i: z_i > 0} x_i is \sum_i [z_i > 0] x_i."""
    for k, script in enumerate(operator.scripts):
        at = next((n for n, x in enumerate(script.lexemes) if x.text in (":", "\\mid", "|")), 0)
        if script.sign != "_" or not at:
            continue
        behind = script.lexemes[at + 1 :]
        reader = Reader(" " * (script.lexemes[-1].end + 1), e.lexicon.stretches, e.lexicon.words, behind)
        found = reader.compared(0) if behind else None
        if not isinstance(found, Compare) or found.op == "in" or reader.at < len(reader.lexemes):
            e.refuse(operator, "the condition below the sum is not understood", "Write it as an indicator.")
        scripts = list(operator.scripts)
        scripts[k] = replace(script, lexemes=script.lexemes[:at])
        factors = (Group(found, "[", start=found.start, end=found.end), body)
        return replace(operator, scripts=tuple(scripts)), Product(factors, ("",), body.start, body.end)
    return operator, body


def without_equal(e: Elaborator, operator: Big, value: Value, letter: str, other: str, scope: Scope) -> Value:
    """The value where two running letters differ, 0 elsewhere."""
    length = scope.sizes.get(letter) or scope.sizes.get(other)
    if length is None:
        e.refuse(operator, f"the range of the index {letter} is not known")
    first, second = sorted((letter, other))
    apart = Value(number(1, (length, length)) - delta(length), (first, second))
    return _times(e, operator, apart, value)


def _times(e: Elaborator, operator: Big, apart: Value, value: Value) -> Value:
    """The value times an indicator of its letters."""
    found = elementwise(apart, value) if value.kind == "scalar" else elementwise(value, apart)
    if not found:
        e.misfit(operator, "The index of the sum runs over another range than where it stands.")
    return found[0]


def without_symbol(e: Elaborator, operator: Big, value: Value, letter: str, name: str, scope: Scope) -> Value:
    """The value where a running letter is not a declared index, 0 elsewhere."""
    length = e.model.declarations[name].facts.of
    assert length is not None
    scope.sizes.setdefault(letter, length)
    apart = Value(1 - bracket((length,), (size(1),), 0, [(-1, name, (), length)]), (letter,))
    return _times(e, operator, apart, value)
