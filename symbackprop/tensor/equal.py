"""Whether two terms are equal: proven by expansion, or not shown. Nothing here says that two terms differ.

The proof is one of equality wherever both sides are defined: x/x is 1.
"""

from __future__ import annotations

from collections.abc import Mapping

from .expand import WORK, Expander, Overflow
from .facts import FactsOf, nothing_known
from .normal import add, exact, product, summands
from .substitute import rebuilt
from .terms import Factor, Labels, Number, Product, Symbol, Term

PASSES = 3  # how often denominators are cleared


def expanded(term: Term, facts_of: FactsOf = nothing_known) -> Term | None:
    """The term as a sum of products of atoms: sums distributed, sigmoid, softmax, standardize and their like unfolded.

    None if that grows past what is worth while, or if a divisor turns out to be zero.
    """
    try:
        return Expander(facts_of).expanded(term)
    except (Overflow, ZeroDivisionError):
        return None


def same(
    a: Term,
    b: Term,
    definitions: Mapping[Symbol, Term] | None = None,
    facts_of: FactsOf = nothing_known,
    work: int = WORK,
    until: float | None = None,
) -> bool | None:
    """True if the terms are proven equal wherever both are defined; None if that is not shown.

    `definitions` gives what symbols stand for (in terms of each other, without circles); they are put in only where the
    proof does not succeed without. `facts_of` gives what is declared of the others.
    `work` bounds the products that are formed, `until` the time (of `time.process_time`).
    """
    if a.sizes != b.sizes:
        return None
    try:
        difference = add([(1, a), (-1, b)], a.sizes)
        if vanishes(difference, facts_of, work, until):
            return True
        if definitions:
            opened = resolved(difference, definitions)
            if opened is not difference and vanishes(opened, facts_of, work, until):
                return True
    except ZeroDivisionError:
        return None
    return None


def vanishes(
    term: Term, facts_of: FactsOf = nothing_known, work: int = WORK, until: float | None = None
) -> bool | None:
    """True if the term is proven zero wherever it is defined, False if its expansion does not show it.

    None if that grows past the bounds. Raises ZeroDivisionError where a divisor turns out to be zero.
    """
    if term.is_zero:
        return True
    try:
        expander = Expander(facts_of, work, until)
        term = expander.expanded(term)
        for _ in range(PASSES):
            if term.is_zero:
                return True
            divisors = _divisors(term)
            if not divisors:
                return False
            axes = tuple(range(term.order))
            shape = dict(enumerate(term.sizes))
            cleared = [(c, product(1, [(t, axes, 1), *divisors], axes, shape)) for c, t in summands(term)]
            term = expander.expanded(add(cleared, term.sizes))
    except Overflow:
        return None
    return term.is_zero


def _divisors(term: Term) -> list[Factor]:
    """The least common denominator of the products in an expansion, as far as it carries output labels only."""
    least: dict[tuple[Term, Labels], Number] = {}
    for _, t in summands(term):
        for factor, labels, e in t.factors if isinstance(t, Product) else ():
            if e <= -1 and all(x < t.order for x in labels):
                least[factor, labels] = min(least.get((factor, labels), 0), e)
    return [(t, labels, exact(-int(e))) for (t, labels), e in least.items()]


def resolved(term: Term, definitions: Mapping[Symbol, Term]) -> Term:
    """The term with every defined symbol replaced by what it stands for, all the way down; iterative.

    Definitions that go in a circle define nothing: the term itself.
    """
    done: dict[Term, Term] = {}
    entered: set[Term] = set()
    stack = [term]
    while stack:
        top = stack[-1]
        defined = definitions.get(top) if isinstance(top, Symbol) else None
        missing = [t for t in (top.children if defined is None else (defined,)) if t not in done]
        if top in done or not missing:
            stack.pop()
            if top not in done:
                done[top] = done[defined] if defined is not None else rebuilt(top, [done[t] for t in top.children])
            continue
        if top in entered and any(t in entered for t in missing):
            return term
        entered.add(top)
        stack.extend(missing)
    return done[term]


__all__ = ["expanded", "resolved", "same", "vanishes"]
