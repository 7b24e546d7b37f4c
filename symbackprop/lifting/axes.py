"""Sums over the values of an integer symbol: Σ_i of a term in which i occurs in subscripts.

Every part that depends on i gets a new first axis, on which i is the position; that axis is then summed.
"""

from __future__ import annotations

from ..errors import ReadError
from ..tensor.normal import add, apply, bracket, from_size, product
from ..tensor.size import Size
from ..tensor.specials import special
from ..tensor.terms import Bracket, Factor, Map, Product, Special, Sum, Term


def summed_over(term: Term, index: str, length: Size) -> Term:
    """Σ over index = 0, ..., length − 1; the shape of the term. Raises ReadError for what cannot be spread out."""
    axes = tuple(range(term.order))
    wide = spread_over(term, index, length)
    if wide is None:
        return product(1, [(term, axes, 1), (from_size(length), (), 1)], axes, dict(enumerate(term.sizes)))
    return product(1, [(wide, (term.order, *axes), 1)], axes)


def spread_over(term: Term, index: str, length: Size) -> Term | None:
    """The term with a new first axis for the values of the index; None if it does not depend on it. Iterative."""
    done: dict[Term, Term | None] = {}
    stack: list[tuple[Term, bool]] = [(term, False)]
    while stack:
        top, entered = stack.pop()
        if top in done:
            continue
        if not entered and top.children:
            stack.append((top, True))
            stack.extend((child, False) for child in top.children if child not in done)
            continue
        done[top] = _spread(top, index, length, done)
    return done[term]


def _spread(term: Term, index: str, length: Size, done: dict[Term, Term | None]) -> Term | None:
    if isinstance(term, Bracket):
        return _bracket(term, index, length)
    if all(done[child] is None for child in term.children):
        return None
    if isinstance(term, Product):
        new = len(term.label_sizes)
        factors: list[Factor] = []
        for child, labels, exponent in term.factors:
            wide = done[child]
            factors.append((child, labels, exponent) if wide is None else (wide, (new, *labels), exponent))
        sizes = {**dict(enumerate(term.label_sizes)), new: length}
        return product(term.coefficient, factors, (new, *range(term.order)), sizes)
    wide_children = [done[child] or _repeated(child, length) for child in term.children]
    if isinstance(term, Sum):
        return add([(c, w) for w, (c, _) in zip(wide_children, term.terms, strict=True)], (length, *term.sizes))
    if isinstance(term, Map):
        return apply(term.head, wide_children)
    if isinstance(term, Special) and all(done[child] is None for child in term.children[1:]):
        return special(term.operation, wide_children[0], term.axes, *term.children[1:])
    raise ReadError("what this loop computes cannot be written for all its passes at once.")


def _bracket(term: Bracket, index: str, length: Size) -> Term | None:
    mine = [c for c, name, _, _ in term.indices if name == index]
    if not mine:
        return None
    total = mine[0]
    for c in mine[1:]:
        total = total + c
    rest = [(c, n, tuple(a + 1 for a in axes), stop) for c, n, axes, stop in term.indices if n != index]
    return bracket((length, *term.sizes), (total, *term.coefficients), term.constant, rest)


def _repeated(term: Term, length: Size) -> Term:
    """The same along a new first axis."""
    axes = tuple(range(1, term.order + 1))
    sizes = dict(enumerate((length, *term.sizes)))
    return product(1, [(term, axes, 1)], range(term.order + 1), sizes)
