"""Functions of whole arrays in a row of factors: softmax, tr, diag, max(a, b), E[...]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...paper.tree import Atom, Group, Listing, Tree
from ...tensor.normal import apply
from . import functions
from .calls import argument, finished
from .lexicon import Words, split_scripts
from .scope import Scope
from .values import Value, elementwise, pairs, unique

if TYPE_CHECKING:
    from .elaborate import Elaborator


def whole(
    e: Elaborator, head: Atom, factors: Sequence[Tree], signs: Sequence[str], at: int, scope: Scope, sup: Words
) -> tuple[list[Value], int]:
    """The value of a function of a whole array, and how many factors it takes."""
    following = factors[at + 1]
    if isinstance(following, Group) and isinstance(following.body, Listing):
        from .bigs import stacked

        values = stacked(e, following.body, scope)
        used = 2
    else:
        values, used = argument(e, factors, signs, at, scope)
    found: list[Value] = []
    problem = ""
    sub, _ = split_scripts(head.scripts)
    below = "".join(w for words in sub for w in words)
    per = {"perrow": True, "percolumn": False}.get(below)
    if below and head.base != "softmax" and per is None:
        e.refuse(head, f"{head.base} with the index {below} is not understood", "Write the sum out.")
    for value in values:
        if per is not None:
            made = functions.mean_along(value, per) if head.base == "mean" else f"{head.base} has no rows"
        else:
            made = functions.whole(head.base, value)
        if isinstance(made, str):
            problem = made
        else:
            found += made
    if not found:
        e.misfit(head, f"{problem[0].upper()}{problem[1:]}.")
    if below and per is None:
        found = e.entries(head, unique(found), sub, scope)
    made_all = e.raised(head, unique(found), sup, scope)
    return finished(e, factors[at + used - 1], made_all, scope), used


def extreme(e: Elaborator, name: str, items: Listing, scope: Scope) -> list[Value]:
    """max(0, z), entry by entry."""
    head = "maximum" if name == "max" else "minimum"
    found = e.values(items.items[0], scope)
    for item in items.items[1:]:

        def build(a: Value, b: Value) -> list[Value]:
            wide = a if a.term.sizes else b
            return [replace(wide, term=apply(head, [a.term, b.term]), link=None)] if elementwise(a, b) else []

        found = pairs(found, e.values(item, scope), build)
    return found


def expectation(e: Elaborator, following: Group, scope: Scope) -> list[Value]:
    """E[...] over what the network declares random."""
    from ...laws import Laws

    laws = Laws.of_model(e.model)
    if not laws.of:
        e.refuse(following, "nothing in this network is random, so there is no expectation")
    values = e.values(replace(following, primes=0, scripts=()), scope)
    taken = [replace(v, term=laws.expected(v.term), link=None) for v in values]
    return e.with_scripts(following, taken, following.primes, following.scripts, scope)
