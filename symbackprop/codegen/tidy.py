"""Gradients as they are computed: under the declared facts, short, with common factors in front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product as choices

from ..network import Facts
from ..tensor.cost import cost
from ..tensor.factor import factored
from ..tensor.facts import apply_facts
from ..tensor.normal import add, apply, leading_sign, product
from ..tensor.pullback import children_last
from ..tensor.shorten import shorten
from ..tensor.substitute import rewritten
from ..tensor.terms import Factor, Map, Number, Product, Sum, Term

TERMS = 12  # a sum is multiplied out only if it has no more terms then


@dataclass
class Tidy:
    """Tidied terms of one network, each made once; `named` puts nodes for the terms that define them."""

    facts_of: Callable[[str], Facts]
    named: Callable[[Term], Term]
    done: dict[Term, Term] = field(default_factory=dict)

    def __call__(self, term: Term) -> Term:
        """The term in a short form with the same value."""
        if term not in self.done:
            turned = rewritten(term, {}, mirrored)
            known = apply_facts(term if turned is term else self.named(turned), self.facts_of)
            if any(isinstance(t, Sum) for t in children_last(known)):
                known = factored(shorten(multiplied_out(known)))
            self.done[term] = known
        return self.done[term]


def mirrored(term: Term) -> Term:
    """σ(−x) as 1 − σ(x)."""
    if isinstance(term, Map) and term.head == "sigmoid" and leading_sign(term.children[0]) < 0:
        return 1 - apply("sigmoid", [-term.children[0]])
    return term


def multiplied_out(term: Term) -> Term:
    """The term with each sum multiplied out where that leaves less: y(1 − p) − (1 − y) p becomes y − p."""
    return rewritten(term, {}, _multiplied_out)


def _multiplied_out(term: Term) -> Term:
    if not isinstance(term, Sum) or len(term.terms) < 2:
        return term
    parts: list[tuple[Number, Term]] = []
    for c, inner in term.terms:
        parts += [(c * k, t) for k, t in _summands(inner)]
        if len(parts) > TERMS:
            return term
    if len(parts) == len(term.terms):
        return term
    new = add(parts, term.sizes)
    return new if cost(new) < cost(term) else term


def _summands(term: Term) -> list[tuple[Number, Term]]:
    """A product of sums, entry by entry, as a sum of products."""
    if not isinstance(term, Product) or term.summed:
        return [(1, term)]
    sums = [(t, labels) for t, labels, e in term.factors if isinstance(t, Sum) and e == 1]
    if not sums or len(sums) > 3:
        return [(1, term)]
    rest: list[Factor] = [f for f in term.factors if not (isinstance(f[0], Sum) and f[2] == 1)]
    shape = dict(enumerate(term.sizes))
    found: list[tuple[Number, Term]] = []
    for chosen in choices(*(t.terms for t, _ in sums)):
        weight: Number = term.coefficient
        factors = list(rest)
        for (c, inner), (_, labels) in zip(chosen, sums, strict=True):
            weight = weight * c
            factors.append((inner, labels, 1))
        found.append((weight, product(1, factors, range(term.order), shape)))
    return found


__all__ = ["Tidy"]
