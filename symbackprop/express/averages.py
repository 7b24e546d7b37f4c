"""Expectations on paper: E[body], with the sign of what is inside in front."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from ..notation.tree import Expectation, Sum, Tree
from ..tensor import terms as t
from ..tensor.matching import factors_of
from ..tensor.normal import add, content, delta, product, scaled, summands
from .pieces import chain, together

if TYPE_CHECKING:
    from .writer import Writer


def gathered(writer: Writer, term: t.Term) -> Tree | None:
    """A vector μ (μᵀ u) + σ² u as (μ μᵀ + σ² I) u; None if its summands are not matrices times one vector u.

    Some of the matrices are multiples of the identity, but not all.
    """
    parts = list(summands(term))
    if term.order != 1 or len(parts) < 2:
        return None
    for u, labels, exponent in factors_of(parts[0][1]):
        found = [_matrix_of(part, u) for _, part in parts] if len(labels) == 1 and exponent == 1 else [None]
        matrices = [m for m in found if m is not None]
        multiples = [m for m in matrices if _is_multiple(m)]
        if len(matrices) < len(parts) or not 0 < len(multiples) < len(parts):
            continue
        sign = writer.decisive_sign(u) if isinstance(u, t.Sum) else 1
        signs = {(1 if c * t_sign > 0 else -1) for (c, _), t_sign in zip(parts, map(_sign, matrices), strict=True)}
        outer = -1 if signs == {-1} else 1
        sizes = (term.sizes[0], u.sizes[0])
        matrix = writer.matrix(add([(c * outer, m) for (c, _), m in zip(parts, matrices, strict=True)], sizes))
        vector = writer.matrix(scaled(sign, u))
        if matrix is None or vector is None:
            return None
        tree = chain(matrix, vector)
        return tree if outer * sign > 0 else Sum(((-1, tree),))
    return None


def _matrix_of(term: t.Term, u: t.Term) -> t.Term | None:
    """M with term = M u, for a product in which u stands once; None if there is none."""
    places = [k for k, f in enumerate(factors_of(term)) if f[0] is u and f[2] == 1]
    if len(places) != 1:
        return None
    (place,) = places
    factors = [f for k, f in enumerate(factors_of(term)) if k != place]
    (label,) = factors_of(term)[place][1]
    sizes = dict(enumerate(term.label_sizes if isinstance(term, t.Product) else term.sizes))
    if label == 0:
        if any(label in used for _, used, _ in factors):
            return None
        label = max(sizes) + 1
        factors.append((delta(u.sizes[0]), (0, label), 1))
        sizes[label] = u.sizes[0]
    return product(content(term), factors, (0, label), sizes)


def _is_multiple(matrix: t.Term) -> bool:
    """True for a scalar times the identity."""
    factors = factors_of(matrix)
    deltas = [f for f, _, _ in factors if isinstance(f, t.Bracket) and f.is_delta]
    return len(deltas) == 1 and all(f is deltas[0] or not {0, 1} & set(labels) for f, labels, _ in factors)


def _sign(term: t.Term) -> int:
    return -1 if content(term) < 0 else 1


def is_expectation(term: t.Term) -> TypeGuard[t.Special]:
    """True for E[body]."""
    return isinstance(term, t.Special) and term.operation == "expectation"


def negated(term: t.Special) -> t.Special:
    """E[−body], not in normal form: for printing only."""
    body, *laws = term.children
    return t.make_special(term.operation, (scaled(-1, body), *laws), term.axes, term.sizes)


def expectation_tree(writer: Writer, term: t.Special) -> Tree:
    """E[body], or −E[−body] if that is how the body's factors are printed."""
    if writer.inner_sign(term) < 0:
        return Sum(((-1, expectation_tree(writer, negated(term))),))
    return together([writer.part(writer.within(term.children[0]))], lambda one: Expectation(one[0]))
