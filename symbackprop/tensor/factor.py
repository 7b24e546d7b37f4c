"""What all terms of a sum share, in front: P_ij D_ij − P_ij S_i becomes P_ij (D_ij − S_i).

For results, not for terms that are differentiated further: every form is right, this one is short.
"""

from __future__ import annotations

from collections.abc import Sequence

from .cost import cost
from .matching import placed
from .normal import add, content, exact, from_size, product, scaled, unit
from .substitute import rewritten
from .terms import Dim, Factor, Labels, Number, Product, Sum, Term

Item = tuple[Term, Labels]


def factored(term: Term, done: dict[Term, Term] | None = None) -> Term:
    """The term with the common factors of every sum inside pulled out, where that is shorter.

    Common are entrywise factors, whole contractions, and the same end of a chain: Wᵀu + Wᵀv = Wᵀ(u + v). `done` holds
    subterms whose form is known from before, and is added to.
    """
    return rewritten(term, {} if done is None else done, lambda t: _pulled(t) if isinstance(t, Sum) and t.terms else t)


def _pulled(term: Sum) -> Term:
    """One sum, whose terms are factored already."""
    for shared in (_entrywise(term), _chain_end(term)):
        if shared is not None:
            return shared
    return term


def _again(rest: Term) -> Term:
    """A sum that was left over, pulled in turn."""
    inner = unit(rest)
    if not isinstance(inner, Sum) or inner.is_zero:
        return rest
    return scaled(content(rest), _pulled(inner))


def items(term: Term) -> dict[Item, Number]:
    """The term as a product of powers that carry output labels only: contractions are closed off as terms of their own.

    The coefficient is left out; it is 1 for the terms of a sum.
    """
    axes = tuple(range(term.order))
    if not isinstance(term, Product):
        return {placed(term, axes): 1}
    found: dict[Item, Number] = {}
    for group in groups(term):
        if len(group) == 1 and all(x < term.order for x in group[0][1]):
            t, labels, e = group[0]
            found[t, labels] = e
        else:
            outer = tuple(sorted({x for _, labels, _ in group for x in labels if x < term.order}))
            closed = product(1, group, outer), outer
            found[closed] = found.get(closed, 0) + 1
    return found


def groups(term: Product) -> list[list[Factor]]:
    """The factors in groups that summed labels connect; a mean that is repeated along an axis holds its length."""
    result: list[tuple[set[int], list[Factor]]] = []
    for factor in term.factors:
        summed = {x for x in factor[1] if x >= term.order}
        touching = [g for g in result if g[0] & summed]
        merged = (summed.union(*(g[0] for g in touching)), [f for g in touching for f in g[1]] + [factor])
        result = [g for g in result if not any(g is t for t in touching)]
        result.append(merged)
    return _with_lengths(term, [g for _, g in result])


def _with_lengths(term: Product, found: list[list[Factor]]) -> list[list[Factor]]:
    """The groups after each sum along an axis took the division by its length, if its mean is repeated along one."""
    lengths: dict[Term, int] = {}
    for (t, _, e), *_ in found:
        if isinstance(t, Dim) and isinstance(e, int) and e < 0:
            lengths[t] = -e
    if not lengths:
        return found
    sizes = term.label_sizes
    left = dict(lengths)
    for group in found:
        own = {x for _, labels, _ in group for x in labels}
        summed = [sizes[x] for x in own if x >= term.order]
        free = {sizes[y] for y in range(term.order) if y not in own}
        if len(summed) == 1 and summed[0] in free and summed[0] not in {sizes[y] for y in own if y < term.order}:
            divisor = from_size(summed[0])
            if left.get(divisor):
                left[divisor] -= 1
                group.append((divisor, (), -1))
    kept = [g for g in found if g[0][0] not in lengths or g[0][2] > 0]
    return kept + [[(t, (), -e)] for t, e in left.items() if e]


def _entrywise(term: Sum) -> Term | None:
    """The sum with what all its terms share in front, or None."""
    parts = [items(t) for _, t in term.terms]
    common: dict[Item, Number] = {}
    for item in parts[0]:
        powers = [part.get(item, 0) for part in parts]
        if all(p > 0 for p in powers):
            common[item] = min(powers)
        elif all(p < 0 for p in powers):
            common[item] = max(powers)
    if not common:
        return None
    axes = tuple(range(term.order))
    shape = dict(enumerate(term.sizes))
    rests: list[tuple[Number, Term]] = []
    for (c, _), part in zip(term.terms, parts, strict=True):
        left: list[Factor] = [(*item, exact(e - common.get(item, 0))) for item, e in part.items()]
        rests.append((c, product(1, left, axes, shape)))
    rest = _again(add(rests, term.sizes))
    front: list[Factor] = [(*item, e) for item, e in common.items()]
    new = product(1, [*front, (rest, axes, 1)], axes, shape)
    return new if cost(new) < cost(term) else None


def _chain_end(term: Sum) -> Term | None:
    """The sum with the same end of each term's chain of contractions in front, where that is shorter; or None."""
    products = [t for _, t in term.terms if isinstance(t, Product) and t.summed]
    if len(products) < len(term.terms):
        return None
    first = products[0]
    matches = [_matched(first, other, term.order) for other in products[1:]]
    shared = [k for k in matches[0][0] if all(k in where for where, _ in matches)]
    axes = tuple(range(term.order))
    while shared:
        new = _with_end(term, products, matches, shared, axes)
        if new is not None:
            return new
        shared = shared[:-1]
    return None


def _with_end(
    term: Sum,
    products: Sequence[Product],
    matches: Sequence[tuple[dict[int, int], dict[int, int]]],
    shared: Sequence[int],
    axes: Labels,
) -> Term | None:
    """Σ_j end_j (Σ rests) for the shared factors of the first product; None if that is not shorter."""
    first = products[0]
    end = [first.factors[k] for k in shared]
    inside = {x for _, labels, _ in end for x in labels if x >= term.order}
    rests: list[list[Factor]] = [[f for k, f in enumerate(first.factors) if k not in shared]]
    for other, (where, labels_of) in zip(products[1:], matches, strict=True):
        gone = {where[k] for k in shared}
        back = {onto: label for label, onto in labels_of.items() if label in inside}
        fresh = len(first.label_sizes)
        renamed: list[Factor] = []
        for k, (t, labels, e) in enumerate(other.factors):
            if k not in gone:
                renamed.append((t, tuple(x if x < term.order else back.get(x, fresh + x) for x in labels), e))
        rests.append(renamed)
    crossing = {x for rest in rests for _, labels, _ in rest for x in labels if x in inside or x < term.order}
    if len(crossing) > max(1, term.order):
        return None
    outer = tuple(sorted(crossing))
    sizes = {x: first.label_sizes[x] for x in outer}
    shape = tuple(sizes[x] for x in outer)
    summands = [(c, product(1, rest, outer, sizes)) for (c, _), rest in zip(term.terms, rests, strict=True)]
    total = _again(add(summands, shape))
    new = product(1, [*end, (total, outer, 1)], axes, dict(enumerate(term.sizes)))
    return new if cost(new) < cost(term) else None


def _matched(first: Product, other: Product, order: int) -> tuple[dict[int, int], dict[int, int]]:
    """(factor of `first` -> equal factor of `other`, summed label -> summed label).

    Grown from the output labels; without any, from the first factor that both have.
    """
    where: dict[int, int] = {}
    labels_of = {x: x for x in range(order)}
    grown = True
    while grown:
        grown = False
        for k, (t, labels, e) in enumerate(first.factors):
            if k in where or (labels_of and not any(x in labels_of for x in labels)):
                continue
            for m, (t2, labels2, e2) in enumerate(other.factors):
                if t2 is t and e2 == e and m not in where.values() and _agree(labels_of, labels, labels2):
                    labels_of.update(zip(labels, labels2, strict=True))
                    where[k] = m
                    grown = True
                    break
    return where, labels_of


def _agree(labels_of: dict[int, int], labels: Labels, onto: Labels) -> bool:
    """True if the labels can correspond, one to one."""
    new = dict(labels_of)
    for a, b in zip(labels, onto, strict=True):
        if new.get(a, b) != b or (a not in new and b in new.values()):
            return False
        new[a] = b
    return True


__all__ = ["factored", "groups", "items"]
