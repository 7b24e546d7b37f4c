"""Operations that were written out: e^x / Σ e^x is a softmax, log Σ e^x a logsumexp; sigmoid and softplus likewise.

The values are the same; derivatives, and code, are better.
"""

from __future__ import annotations

from .normal import apply, as_number, product, scaled
from .specials import special
from .substitute import rewritten, subterms
from .terms import Factor, Labels, Map, Product, Sum, Term


def recognised(term: Term) -> Term:
    """The term with softmax, logsumexp, sigmoid and softplus in place of what spells them out; equal by entries."""
    if any(isinstance(inner, Map) and inner.head == "exp" for inner in subterms(term)):
        return rewritten(term, {}, _recognised)
    return term


def _recognised(term: Term) -> Term:
    if isinstance(term, Map) and term.head == "log":
        z = _one_plus_exp(term.children[0])
        return _logsumexp(term) if z is None else apply("softplus", [z])
    if isinstance(term, Product):
        return _sigmoid(_softmax(term))
    return term


def _one_plus_exp(term: Term) -> Term | None:
    """z if the term is 1 + e^z, else None."""
    if not isinstance(term, Sum) or len(term.terms) != 2 or any(c != 1 for c, _ in term.terms):
        return None
    waves = [x for _, x in term.terms if isinstance(x, Map) and x.head == "exp"]
    ones = [x for _, x in term.terms if as_number(x) == 1]
    return waves[0].children[0] if len(waves) == 1 and len(ones) == 1 else None


def _sigmoid(term: Term) -> Term:
    """A product in which 1/(1 + e^z) is σ(−z), and e^z/(1 + e^z) is σ(z)."""
    if not isinstance(term, Product):
        return term
    for k, (child, labels, exponent) in enumerate(term.factors):
        z = _one_plus_exp(child) if exponent == -1 else None
        if z is None:
            continue
        wave = apply("exp", [z])
        others = [f for i, f in enumerate(term.factors) if i != k]
        paired = (wave, labels, 1) in others
        if paired:
            others.remove((wave, labels, 1))
        whole = apply("sigmoid", [z if paired else scaled(-1, z)])
        sizes = dict(enumerate(term.label_sizes))
        return product(term.coefficient, [*others, (whole, labels, 1)], tuple(range(term.order)), sizes)
    return term


def _logsumexp(term: Map) -> Term:
    """log Σ e^x over some axes of x."""
    inner = term.children[0]
    found = _sum_of_exp(inner)
    if found is None:
        return term
    x, kept, summed = found
    turned = product(1, [(x, _inverse((*kept, *summed)), 1)], tuple(range(x.order)))
    return special("logsumexp", turned, len(summed))


def _sum_of_exp(term: Term) -> tuple[Term, Labels, Labels] | None:
    """(x, axes kept, axes summed) if the term is Σ e^x, with the kept axes in order; else None."""
    if not isinstance(term, Product) or term.coefficient != 1 or len(term.factors) != 1:
        return None
    child, labels, exponent = term.factors[0]
    if not (isinstance(child, Map) and child.head == "exp" and exponent == 1 and len(set(labels)) == len(labels)):
        return None
    if set(labels) != set(range(len(term.label_sizes))) or len(labels) == term.order:
        return None
    kept = tuple(labels.index(x) for x in range(term.order))
    summed = tuple(a for a, x in enumerate(labels) if x >= term.order)
    return child.children[0], kept, summed


def _softmax(term: Product) -> Term:
    """A product with a factor e^x and a factor (Σ e^x)⁻¹ over some of its axes."""
    for k, (child, labels, exponent) in enumerate(term.factors):
        found = _sum_of_exp(child) if exponent == -1 else None
        if found is None:
            continue
        x, kept, summed = found
        for i, (partner, own, power) in enumerate(term.factors):
            if (
                isinstance(partner, Map)
                and partner.head == "exp"
                and partner.children[0] is x
                and power == 1
                and tuple(own[a] for a in kept) == labels
            ):
                order = (*kept, *summed)
                turned = product(1, [(x, _inverse(order), 1)], tuple(range(x.order)))
                whole = special("softmax", turned, len(summed))
                factors: list[Factor] = [f for j, f in enumerate(term.factors) if j not in (i, k)]
                factors.append((whole, tuple(own[a] for a in order), 1))
                sizes = dict(enumerate(term.label_sizes))
                return product(term.coefficient, factors, tuple(range(term.order)), sizes)
    return term


def _inverse(order: Labels) -> Labels:
    """The labels of the axes of x such that output axis k is axis order[k] of x."""
    place = {axis: k for k, axis in enumerate(order)}
    return tuple(place[a] for a in range(len(order)))
