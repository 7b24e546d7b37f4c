"""Entries at constant places: picking one from a sum, a product or a map picks it from the parts.

    Σ_k e_2[k] (a e_1 + b e_2)[k] u[k]  becomes  b u_2

where e_k is 1 at place k and 0 elsewhere. What is left are entries of symbols and of special operations.
"""

from __future__ import annotations

from collections.abc import Mapping

from .brackets import form_of
from .normal import add, apply, bracket, product
from .size import Size, size
from .substitute import rewritten, subterms
from .terms import Bracket, Factor, Labels, Map, Product, Sum, Term


def place_of(term: Term) -> int | None:
    """k if the term is e_k, 1 at a constant place of its only axis and 0 elsewhere."""
    if not isinstance(term, Bracket) or term.order != 1 or term.indices:
        return None
    solved = form_of(term, (0,)).solved(0)
    return solved.constant.number if solved is not None and not solved.labels else None


def unit_vector(place: int, length: Size) -> Term:
    """e_k of that length."""
    return bracket((length,), (size(1),), size(-place))


def picked(term: Term) -> Term:
    """The term with every entry at a constant place taken from the parts of what it is an entry of."""
    if not any(place_of(t) is not None for t in subterms(term)):
        return term
    return rewritten(term, {}, _step)


def _step(term: Term) -> Term:
    if not isinstance(term, Product):
        return term
    sizes = dict(enumerate(term.label_sizes))
    for child, labels, _ in term.factors:
        place = place_of(child)
        if place is None or labels[0] < term.order:
            continue
        label = labels[0]
        rest = [f for f in term.factors if f[0] is not child or f[1] != labels]
        if any(label in f[1] and isinstance(f[0], (Sum, Map, Product, Bracket)) for f in rest):
            factors = [_at(f, label, place) for f in rest]
            kept = {k: s for k, s in sizes.items() if k != label}
            return _step(product(term.coefficient, factors, range(term.order), kept))
    return term


def _at(factor: Factor, label: int, place: int) -> Factor:
    """A factor with one of its labels at a constant place."""
    child, labels, exponent = factor
    while label in labels:
        axis = labels.index(label)
        child = entry(child, axis, place)
        labels = (*labels[:axis], *labels[axis + 1 :])
    return child, labels, exponent


def entry(term: Term, axis: int, place: int) -> Term:
    """The part of a term at a constant place along one axis."""
    rest = tuple(a for a in range(term.order) if a != axis)
    if isinstance(term, Sum):
        return add([(c, entry(x, axis, place)) for c, x in term.terms], tuple(term.sizes[a] for a in rest))
    if isinstance(term, Map):
        return apply(term.head, [entry(x, axis, place) for x in term.children])
    if isinstance(term, Bracket) and not any(axis in axes for _, _, axes, _ in term.indices):
        return _bracket_entry(term, axis, place, rest)
    if isinstance(term, Product):
        sizes: Mapping[int, Size] = {k: s for k, s in enumerate(term.label_sizes) if k != axis}
        return product(term.coefficient, [_at(f, axis, place) for f in term.factors], rest, dict(sizes))
    axes: Labels = tuple(range(term.order))
    return product(1, [(term, axes, 1), (unit_vector(place, term.sizes[axis]), (axis,), 1)], rest)


def _bracket_entry(term: Bracket, axis: int, place: int, rest: Labels) -> Term:
    constant = term.constant + term.coefficients[axis] * place
    indices = [(c, name, tuple(rest.index(a) for a in axes), stop) for c, name, axes, stop in term.indices]
    return bracket(tuple(term.sizes[a] for a in rest), tuple(term.coefficients[a] for a in rest), constant, indices)


__all__ = ["entry", "picked", "place_of", "unit_vector"]
