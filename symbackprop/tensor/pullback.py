"""Differentiation: pulling a cotangent back through a term, one rule per kind of term. No Jacobian arises.

The cotangent of a term T has the shape of T: it is the derivative of a scalar with respect to the entries of T.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import MissingRule
from .heads import HEADS
from .normal import add, exact, product
from .size import Size
from .specials import operation
from .terms import (
    Bracket,
    Constant,
    Dim,
    Factor,
    Labels,
    Map,
    Number,
    Product,
    Special,
    Sum,
    Symbol,
    Term,
    delta_bracket,
)


def pullback(term: Term, cotangent: Term) -> dict[Symbol, Term]:
    """The cotangent of every symbol in the term, given the term's own (Griewank & Walther 2008, section 3.2).

    Raises MissingRule for an operation without a derivative.
    """
    found: dict[Term, list[tuple[Number, Term]]] = {term: [(1, cotangent)]}
    result: dict[Symbol, Term] = {}
    for inner in children_last(term):
        if inner not in found:
            continue
        g = add(found.pop(inner), inner.sizes)
        if isinstance(inner, Symbol):
            result[inner] = g
        elif not g.is_zero:
            for child, contribution in pulled(inner, g):
                found.setdefault(child, []).append((1, contribution))
    return result


def pulled(term: Term, g: Term) -> Iterator[tuple[Term, Term]]:
    """(child, its part of the cotangent) for the children of one term."""
    if isinstance(term, Product):
        yield from _through_product(term, g)
    elif isinstance(term, Sum):
        for c, child in term.terms:
            yield child, g * c
    elif isinstance(term, Map):
        axes = tuple(range(len(term.sizes)))
        for partial, child in zip(HEADS[term.head].partials, term.children, strict=True):
            slope = partial(term, *term.children)
            if not slope.is_zero:
                yield child, product(1, [(g, axes, 1), (slope, axes, 1)], axes, dict(enumerate(term.sizes)))
    elif isinstance(term, Special):
        row = operation(term.operation)
        if row.pull_all is not None:
            yield from row.pull_all(term, g)
            return
        yield term.children[0], row.pullback(g, term)
        if row.pull_second is not None:
            yield term.children[1], row.pull_second(g, term)
    elif not isinstance(term, (Bracket, Constant, Dim)):
        raise MissingRule(f"No derivative is known for {type(term).__name__}.")


def _through_product(term: Product, g: Term) -> Iterator[tuple[Term, Term]]:
    """Cotangent of each factor: the cotangent times the other factors, with that factor's labels as output."""
    output = tuple(range(len(term.sizes)))
    for k, (child, labels, exponent) in enumerate(term.factors):
        if isinstance(child, (Bracket, Constant, Dim)):
            continue
        others: list[Factor] = [f for i, f in enumerate(term.factors) if i != k]
        if exponent != 1:
            others.append((child, labels, exact(exponent - 1)))
        sizes = dict(enumerate(term.label_sizes))
        own, deltas = _distinct(labels, sizes)
        coefficient = exact(term.coefficient * exponent)
        yield child, product(coefficient, [(g, output, 1), *others, *deltas], own, sizes)


def _distinct(labels: Labels, sizes: dict[int, Size]) -> tuple[Labels, list[Factor]]:
    """The labels with repeated ones renamed, and the deltas that tie them to the originals (X_ii); adds to `sizes`."""
    own: list[int] = []
    deltas: list[Factor] = []
    for label in labels:
        if label in own:
            twin = max(sizes) + 1
            sizes[twin] = sizes[label]
            deltas.append((delta_bracket(sizes[label]), (label, twin), 1))
            label = twin
        own.append(label)
    return tuple(own), deltas


def children_last(term: Term) -> list[Term]:
    """Every term inside, each before all of its children."""
    order: list[Term] = []
    seen: set[Term] = set()
    stack: list[tuple[Term, bool]] = [(term, False)]
    while stack:
        top, done = stack.pop()
        if done:
            order.append(top)
        elif top not in seen:
            seen.add(top)
            stack.append((top, True))
            stack.extend((c, False) for c in top.children)
    order.reverse()
    return order
