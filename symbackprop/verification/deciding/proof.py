"""Proofs of equality by the calculus: expanded as they stand, then with more and more of the names written out.

A name that both sides share is best left alone: what is opened grows. So gradients are opened before nodes, and nodes
one by one, the last first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from time import process_time

from ...closing import Closer, picked
from ...derive import Derivation
from ...errors import SymbackpropError
from ...express.order import GRADIENT
from ...graph import symbols_of
from ...network import Facts
from ...tensor.equal import expanded, resolved, vanishes
from ...tensor.facts import FactsOf
from ...tensor.normal import add, product
from ...tensor.pullback import children_last
from ...tensor.substitute import rewritten, substitute
from ...tensor.terms import Bracket, Map, Product, Special, Symbol, Term

LITTLE, MUCH = 500, 3_000  # products formed in one attempt, at first and if that was not enough
SECONDS = 6.0  # for all attempts together
STEPS = 6  # nodes opened one by one


def proven(
    claimed: Term, true: Term, derivation: Derivation, definitions: Mapping[Symbol, Term], extra: Mapping[Symbol, Term]
) -> str | None:
    """By what the terms are equal wherever both are defined, as the end of a sentence; None if that is not shown."""
    if claimed is true:
        return "in normal form"
    until = process_time() + SECONDS
    facts = partial(_known, derivation.closer)
    try:
        difference = add([(1, claimed), (-1, true)], true.sizes)
        if difference.is_zero:
            return "in normal form"
        large: list[tuple[str, Term]] = []
        tried: set[Term] = set()
        for by, opened in _openings(difference, derivation, definitions, extra):
            opened = rewritten(opened, {}, _single)
            if opened in tried:
                continue
            tried.add(opened)
            known = vanishes(opened, facts, LITTLE, until)
            if known or (known is False and _vanishes_picked(opened, facts, until)):
                return by
            if known is None:
                large.append((by, opened))
        for by, opened in large:
            if vanishes(opened, facts, MUCH, until):
                return by
        opened = rewritten(resolved(difference, definitions), {}, _single)
        if opened not in tried and vanishes(opened, facts, MUCH, until):
            return "when every node is written out"
    except (ZeroDivisionError, SymbackpropError):
        return None
    return None


def _single(term: Term) -> Term:
    """A product in which all axes of length 1 are one: x[i, k] y[l, j] is x[i, k] y[k, j] if k and l have one value."""
    if not isinstance(term, Product):
        return term
    ones = [k for k, s in enumerate(term.label_sizes) if s.number == 1]
    if len(ones) < 2:
        return term
    factors = [(t, tuple(ones[0] if x in ones else x for x in labels), e) for t, labels, e in term.factors]
    return product(term.coefficient, factors, range(term.order), dict(enumerate(term.label_sizes)))


def _known(closer: Closer, name: str) -> Facts:
    """What is declared of a symbol; a positive definite matrix is symmetric."""
    facts = closer.facts_of(name)
    return replace(facts, symmetric=True) if facts.positive_definite and not facts.symmetric else facts


def _vanishes_picked(term: Term, facts: FactsOf, until: float) -> bool:
    """True if the term is zero once what stands beside a one-hot vector is its entry there: p ∘ e_y / p_y is e_y."""
    if not any(isinstance(t, Bracket) and t.indices for t in children_last(term)):
        return False
    whole = expanded(term, facts)
    return whole is not None and bool(vanishes(rewritten(whole, {}, picked), facts, LITTLE, until))


def _openings(
    difference: Term, derivation: Derivation, definitions: Mapping[Symbol, Term], extra: Mapping[Symbol, Term]
) -> Iterator[tuple[str, Term]]:
    """The difference with more and more names written out, and how that is said."""
    yield "when expanded", difference
    if extra:
        difference = resolved(difference, extra)
        yield "when expanded", difference
    equations = derivation.model.equations
    functions: dict[Term, Term] = {e.symbol: e.term for e in equations.values() if isinstance(e.term, (Map, Special))}
    used = [t for t in children_last(difference) if isinstance(t, Symbol)]
    if any(t in functions for t in used):
        yield "when activations are written out", substitute(difference, functions)
    gradients = {s: t for s, t in definitions.items() if s.name.startswith(GRADIENT)}
    if any(t in gradients for t in used):
        difference = resolved(difference, gradients)
        yield "when gradients are written out", difference
        yield "when gradients and activations are written out", substitute(difference, functions)
    place = {name: k for k, name in enumerate(derivation.graph.order)}
    names: list[str] = []
    for _ in range(STEPS):
        inside = [name for name in symbols_of(difference) if name in equations]
        if not inside:
            return
        last = max(inside, key=lambda name: place[name])
        names.append(last)
        difference = substitute(difference, {equations[last].symbol: equations[last].term})
        yield f"when {', '.join(names)} {'is' if len(names) == 1 else 'are'} written out", difference


__all__ = ["proven"]
