"""What stands left and right of one node's block in a product: (I ⊗ Xᵀ) H_Z (I ⊗ X).

The block of a matrix node is a matrix by vec. If what is around it falls into a part that carries the rows of the
product and those of the block, and a part that carries their columns, the product is a product of three matrices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..tensor import terms as t
from ..tensor.normal import product
from ..tensor.size import Size
from .order import block_names


@dataclass(frozen=True, slots=True)
class Sides:
    """front · left · H · right. `left` has the product's `rows` axes first, `right` the block's `inner` column axes."""

    names: tuple[str, str]
    front: t.Term
    left: t.Term | None
    right: t.Term | None
    rows: int
    inner: int


def around(term: t.Product, rows: int, row_axes: Callable[[t.Term], int | None]) -> Sides | None:
    """The two sides of the only block of more than two axes in the product; None if there is none, or no such parts."""
    middle = [f for f in term.factors if f[0].order > 2 and row_axes(f[0]) is not None]
    if len(middle) != 1 or middle[0][2] != 1:
        return None
    inner, labels, _ = middle[0]
    names, near = block_names(inner.name) if isinstance(inner, t.Symbol) else None, row_axes(inner)
    if names is None or near is None or len(set(labels)) < len(labels):
        return None
    output = (tuple(range(rows)), tuple(range(rows, term.order)))
    block = (labels[:near], labels[near:])
    if names[0] == names[1] and set(block[0]) & set(output[1]):
        block = (block[1], block[0])
    if set(block[0]) & set(output[1]) or set(block[1]) & set(output[0]):
        return None
    others = [f for f in term.factors if f is not middle[0]]
    parts: list[list[t.Factor]] = [[], [], []]
    for group in connected([f for f in others if f[1]]):
        carried = {x for _, used, _ in group for x in used}
        meets = [bool(carried.intersection((*output[side], *block[side]))) for side in (0, 1)]
        if all(meets):
            return None
        parts[0 if meets[0] else 1 if meets[1] else 2].extend(group)
    parts[2].extend(f for f in others if not f[1])
    sizes = dict(enumerate(term.label_sizes))
    left = _side(parts[0], output[0], block[0], sizes)
    right = _side(parts[1], output[1], block[1], sizes, turned=True)
    return Sides(names, product(term.coefficient, parts[2], ()), left, right, rows, len(block[1]))


def _side(
    factors: list[t.Factor], outer: t.Labels, inner: t.Labels, sizes: dict[int, Size], turned: bool = False
) -> t.Term | None:
    """The factors as a matrix, the product's labels first (last if `turned`); None for the identity."""
    if not factors and outer == inner:
        return None
    own, factors, fresh = dict(sizes), list(factors), list(inner)
    for k, label in enumerate(inner):
        if label in outer:
            fresh[k] = max(own) + 1
            own[fresh[k]] = own[label]
            factors.append((t.delta_bracket(own[label]), (label, fresh[k]), 1))
    axes = (*fresh, *outer) if turned else (*outer, *fresh)
    return product(1, factors, axes, {x: own[x] for x in axes})


def connected(factors: list[t.Factor]) -> list[list[t.Factor]]:
    """Factors that share any label, directly or through others."""
    groups: list[tuple[set[int], list[t.Factor]]] = []
    for factor in factors:
        labels = set(factor[1])
        touching = [g for g in groups if g[0] & labels]
        merged = (labels.union(*(g[0] for g in touching)), [f for g in touching for f in g[1]] + [factor])
        groups = [g for g in groups if not any(g is x for x in touching)] + [merged]
    return [g[1] for g in groups]
