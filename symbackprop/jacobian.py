"""Jacobians of one node with respect to another, by the same chain rule as gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .formula import Formula
from .linear import SEED, coefficient
from .notation.tree import Partial, Sym
from .tensor.normal import add, product, zeros
from .tensor.pullback import pullback
from .tensor.terms import Term, delta_bracket, symbol

if TYPE_CHECKING:
    from .derive import Derivation


def jacobian_term(derivation: Derivation, of: str, wrt: str) -> Term:
    """∂of/∂wrt as a term of shape of.shape + wrt.shape, in declared symbols and nodes.

    A cotangent symbol is pulled back from `of` to `wrt`; the result is linear in it, and its coefficient is the
    Jacobian.
    """
    graph, equations = derivation.graph, derivation.model.equations
    rows, columns = graph.sizes(of), graph.sizes(wrt)
    if of == wrt:
        order = len(rows)
        pairs = [(delta_bracket(s), (k, order + k), 1) for k, s in enumerate(rows)]
        return product(1, pairs, tuple(range(2 * order)))
    seed = symbol(SEED, rows)
    reach = graph.ancestors([of]) & graph.descendants([wrt])
    found: dict[str, Term] = {of: seed}
    for child in reversed(graph.order):
        if child not in found or child == wrt:
            continue
        for parent, part in pullback(equations[child].term, found[child]).items():
            if parent.name in reach:
                known = found.get(parent.name)
                found[parent.name] = part if known is None else add([(1, known), (1, part)], part.sizes)
    if wrt not in found:
        return zeros((*rows, *columns))
    whole = coefficient(found[wrt], seed)
    axes = tuple(range(whole.order))
    turned = product(1, [(whole, axes, 1)], (*axes[len(columns) :], *axes[: len(columns)]))
    return derivation.definitions.folded(derivation.definitions.named(turned))


def jacobian(derivation: Derivation, of: str, wrt: str) -> Formula:
    """∂of/∂wrt as a formula, rows `of`; `layout` changes what is printed, not the shape."""
    context = derivation.context
    for name in (of, wrt):
        derivation.check_name(name)
    closer = derivation.closer
    term = closer.without_zero_sums(jacobian_term(derivation, of, wrt))
    term = closer.tidied_block(term) if _is_matrix(derivation, of, wrt) else closer.tidied(term)
    left = Partial(Sym(of, context.kind(of)), (Sym(wrt, context.kind(wrt)),))
    return Formula(context, left, term, None, "")


def _is_matrix(derivation: Derivation, of: str, wrt: str) -> bool:
    """True if vector meets vector: the Jacobian is a matrix, and people write it as a sum, diag(y) − y yᵀ."""
    return len(derivation.graph.sizes(of)) == len(derivation.graph.sizes(wrt)) == 1
