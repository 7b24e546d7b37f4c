"""Hessian-vector products: forward directions, then backward, in the same symbols (Pearlmutter 1994).

A direction at the parameters moves every node: ż = Σ (∂z/∂p) ṗ. Differentiating each step of the backward pass in that
direction gives the gradient's own derivative, H v, at twice the price of the gradient; no Jacobian arises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .express.order import DIRECTION, GRADIENT
from .graph import symbols_of
from .linear import SEED, coefficient
from .tensor.normal import add, product, zeros
from .tensor.pullback import pullback
from .tensor.recognise import recognised
from .tensor.terms import Symbol, Term, symbol

if TYPE_CHECKING:
    from .derive import Derivation
    from .formula import Formula


def direction_symbol(name: str, like: Term) -> Symbol:
    """The symbol of a name's change along the direction, of the name's shape."""
    return symbol(DIRECTION + name, like.sizes)


def pushforward(term: Term, directions: Mapping[Symbol, Term]) -> Term:
    """The change of a term when its symbols change by `directions`; of the term's shape.

    The transpose of the pullback: ⟨G, Ṫ⟩ = Σ ⟨pullback of G to s, ṡ⟩ for every cotangent G, and Ṫ is its coefficient.
    """
    if term.is_zero:
        return term
    probe = symbol(SEED, term.sizes)
    total: list[Term] = []
    for part, cotangent in pullback(term, probe).items():
        change = directions.get(part)
        if change is None or cotangent.is_zero or change.is_zero:
            continue
        axes = tuple(range(part.order))
        total.append(product(1, [(cotangent, axes, 1), (change, axes, 1)], (), dict(enumerate(part.sizes))))
    if not total:
        return zeros(term.sizes)
    return coefficient(add([(1, x) for x in total], ()), probe)


@dataclass(frozen=True, slots=True)
class Direction:
    """One equation of the product: the change of `name`, or of the gradient at it if `backward`, is `term`."""

    name: str
    backward: bool
    term: Term

    @property
    def symbol(self) -> Symbol:
        """The symbol on the left side."""
        name = (GRADIENT if self.backward else "") + self.name
        return direction_symbol(name, self.term)


def hessian_product(derivation: Derivation, wrt: Iterable[str]) -> tuple[Direction, ...]:
    """The equations of H v in order, for a direction at the names `wrt`: nodes forward, then gradients backward.

    A node's change is written with the symbols "~name", a gradient's with "~@name"; those of `wrt` are given. The
    gradient changes at `wrt` are the product. Changes that are zero have no equation.
    """
    graph, equations = derivation.graph, derivation.model.equations
    moving: dict[Symbol, Term] = {}
    for name in wrt:
        own = symbol(name, graph.sizes(name))
        moving[own] = direction_symbol(name, own)
    moved = graph.descendants(wrt)
    needed = graph.ancestors(n for term in derivation.recursive_terms.values() for n in symbols_of(term))
    found: list[Direction] = []
    for name in graph.order:
        if name in needed and name in moved and name not in set(wrt):
            change = Direction(name, False, pushforward(recognised(equations[name].term), moving))
            if not change.term.is_zero:
                found.append(change)
                moving[equations[name].symbol] = change.symbol
    wanted = set(wrt)
    for name in derivation.order:
        term = derivation.recursive_terms[name]
        if name in equations or name in wanted:
            change = Direction(name, True, pushforward(term, moving))
            if not change.term.is_zero:
                found.append(change)
                moving[symbol(GRADIENT + name, term.sizes)] = change.symbol
    return tuple(found)


def product_formulas(derivation: Derivation, wrt: Iterable[str]) -> tuple[Formula, ...]:
    """The equations of H v as formulas, in order: a dot is the change along the direction.

    Those of `wrt` are the direction; the dotted gradients at `wrt`, last among theirs, are the product.
    """
    from .formula import Formula
    from .notation.tree import Delta, Dot, Sym

    context = derivation.context
    found = []
    for step in hessian_product(derivation, wrt):
        kind = context.kind(step.name)
        letter = Delta(step.name, kind) if step.backward else Sym(step.name, kind)
        term = derivation.closer.tidied(derivation.definitions.named(step.term))
        found.append(Formula(context, Dot(letter), term, None, step.name))
    return tuple(found)
