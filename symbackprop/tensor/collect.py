"""Blocks of second derivatives as sums of structured terms: deltas multiplied out, like structures collected.

A block such as Xᵀ diag(u) X + Xᵀ diag(v) X is one term Xᵀ diag(u + v) X, with u + v in its shortest form.
"""

from __future__ import annotations

from .factor import items
from .normal import add, content, exact, number, product, scaled, unit
from .shorten import shorten
from .substitute import rewritten
from .terms import Bracket, Factor, Labels, Number, Product, Sum, Term

MOST = 200  # summands that are multiplied out


def multiplied_out(term: Term) -> Term:
    """The term with every sum that holds a delta, or has three axes or more, distributed over its product.

    Inner sums of two axes or more are collected first, so that X diag(u) + X diag(v) inside a product is one factor.
    """
    return rewritten(term, {}, _distributed)


def _distributed(term: Term) -> Term:
    if isinstance(term, Sum) and term.order >= 2:
        return collected(term)
    if not isinstance(term, Product):
        return term
    for k, (child, labels, exponent) in enumerate(term.factors):
        if isinstance(child, Sum) and exponent == 1 and child.order >= 2 and len(child.terms) <= MOST:
            if child.order > 2 or any(_has_delta(x) for _, x in child.terms):
                rest = [f for i, f in enumerate(term.factors) if i != k]
                sizes = dict(enumerate(term.label_sizes))
                output = tuple(range(term.order))
                parts = [
                    (c * term.coefficient, product(1, [*rest, (x, labels, 1)], output, sizes)) for c, x in child.terms
                ]
                return add([(c, _distributed(x)) for c, x in parts], term.sizes)
    return term


def _has_delta(term: Term) -> bool:
    if isinstance(term, Bracket):
        return term.is_delta
    return isinstance(term, Product) and any(isinstance(f, Bracket) and f.is_delta for f, _, _ in term.factors)


def collected(term: Term) -> Term:
    """Summands of one structure put together; what differs between them is added up and shortened."""
    parts: list[tuple[Number, Term]] = list(term.terms) if isinstance(term, Sum) else [(1, term)]
    if isinstance(term, Product) and len(term.factors) == 1:
        child, labels, exponent = term.factors[0]
        if isinstance(child, Sum) and exponent == 1 and labels == tuple(range(term.order)):
            parts = [(c * term.coefficient, x) for c, x in child.terms]
    groups: dict[tuple[Term, Labels], list[tuple[Number, Term]]] = {}
    for c, x in parts:
        key, light = _split(x)
        groups.setdefault(key, []).append((c, light))
    summands: list[tuple[Number, Term]] = []
    for (heavy, on), lights in groups.items():
        total = shorten(add(lights, lights[0][1].sizes))
        summands.append((1, _joined(heavy, on, total, term.order)))
    total = add(summands, term.sizes)
    return scaled(content(total), _scalars_in_front(unit(total)))


def _scalars_in_front(term: Term) -> Term:
    """A sum whose terms share scalar factors, with these in front: s diag(y) − s y yᵀ is s (diag(y) − y yᵀ)."""
    if not isinstance(term, Sum) or len(term.terms) < 2 or term.order < 1:
        return term
    parts = [items(x) for _, x in term.terms]
    front: list[Factor] = []
    for (scalar, labels), e in parts[0].items():
        powers = [part.get((scalar, labels), 0) for part in parts]
        shared = min(powers) if e > 0 else max(powers)
        if not labels and shared * e > 0:
            front.append((scalar, (), shared))
    if not front:
        return term
    axes = tuple(range(term.order))
    shape = dict(enumerate(term.sizes))
    rests: list[tuple[Number, Term]] = []
    for (c, _), part in zip(term.terms, parts, strict=True):
        left = dict(part)
        for scalar, labels, e in front:
            left[scalar, labels] = exact(left[scalar, labels] - e)
        rests.append((c, product(1, [(*item, e) for item, e in left.items() if e], axes, shape)))
    return product(1, [*front, (add(rests, term.sizes), axes, 1)], axes, shape)


def _split(term: Term) -> tuple[tuple[Term, Labels], Term]:
    """(structure, labels) and the rest: the factors on one label, and scalars; between deltas only, on several labels.

    The structure is a term whose axes are the output axes and then the label, if that is summed.
    """
    order = term.order
    if not isinstance(term, Product):
        return (term, ()), number(1)
    sizes = dict(enumerate(term.label_sizes))
    deltas = [f for f in term.factors if isinstance(f[0], Bracket) and f[0].is_delta]
    others = [f for f in term.factors if not isinstance(f[0], Bracket)]
    kept = tuple(sorted({x for _, used, _ in others for x in used}))
    if len(deltas) > 1 and 2 * len(deltas) == order and len(kept) == len(deltas) and max(kept) < order:
        shape = {x: sizes[x] for x in kept}
        ties = product(1, deltas, range(order), {x: sizes[x] for x in range(order)})
        return (unit(ties), kept), product(term.coefficient * content(ties), others, kept, shape)
    heavy = [f for f in term.factors if len(set(f[1])) > 1 or isinstance(f[0], Bracket)]
    light = [f for f in term.factors if not any(f is g for g in heavy)]
    labels = {x for _, used, _ in light for x in used}
    if len(labels) > 1:
        label = _busiest(light, labels)
        heavy += [f for f in light if f[1] and f[1][0] != label]
        light = [f for f in light if not f[1] or f[1][0] == label]
    else:
        label = next(iter(labels), None)
    output: Labels = tuple(range(order)) if label is None or label < order else (*range(order), label)
    own = {x: sizes[x] for x in (*output, *(x for _, used, _ in heavy for x in used))}
    structure = product(1, heavy, output, own)
    axes = () if label is None else (label,)
    rest = product(term.coefficient * content(structure), light, axes, {x: sizes[x] for x in axes})
    return (unit(structure), axes), rest


def _busiest(light: list[Factor], labels: set[int]) -> int | None:
    """Of several labels the one that most factors carry, the lowest of those; None if there is none."""
    count = {x: sum(used == (x,) for _, used, _ in light) for x in sorted(labels)}
    return max(count, key=lambda x: (count[x], -x), default=None)


def _joined(heavy: Term, on: Labels, light: Term, order: int) -> Term:
    """The product of a structure and what stands on its labels."""
    output = tuple(range(order))
    summed = len(on) == 1 and on[0] >= order
    axes, own = ((*output, order), (order,)) if summed else (output, on)
    return product(1, [(heavy, axes, 1), (light, own, 1)], output, dict(enumerate(heavy.sizes)))
