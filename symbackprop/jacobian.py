"""Jacobians of one node with respect to another, by the same chain rule as gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .formula import Formula
from .notation.tree import Partial, Sym
from .tensor.normal import add, product
from .tensor.pullback import pullback
from .tensor.terms import Term, delta_bracket, symbol

if TYPE_CHECKING:
    from .derive import Derivation

SEED = "@@"  # the symbol whose coefficient is the Jacobian


def jacobian_term(derivation: Derivation, of: str, wrt: str) -> Term:
    """∂of/∂wrt as a term of shape of.shape + wrt.shape.

    A cotangent symbol is pulled back from `of` to `wrt`; the result is linear in it, and its coefficient is the Jacobian.
    """
    graph, equations = derivation.graph, derivation.model.equations
    rows, columns = graph.sizes(of), graph.sizes(wrt)
    if of == wrt:
        order = len(rows)
        pairs = [(delta_bracket(s), (k, order + k), 1) for k, s in enumerate(rows)]
        return product(1, pairs, tuple(range(2 * order)))
    seed = symbol(SEED, rows)
    found: dict[str, Term] = {of: seed}
    for child in reversed(graph.order):
        if child not in found or child == wrt:
            continue
        for parent, part in pullback(equations[child].term, found[child]).items():
            known = found.get(parent.name)
            part = derivation.definitions.named(part)
            found[parent.name] = part if known is None else add([(1, known), (1, part)], part.sizes)
    if wrt not in found:
        from .tensor.normal import zeros

        return zeros((*rows, *columns))
    return coefficient(found[wrt], seed)


def coefficient(term: Term, seed: Term) -> Term:
    """The array C with term = Σ C[rows, …] seed[rows], for a term that is linear in the seed: its pullback, once more."""
    axes = tuple(range(len(term.sizes)))
    probe = symbol(SEED + "'", term.sizes)
    back = pullback(term, probe)[seed]  # type: ignore[index]  # the seed is a Symbol
    return linear_part(back, probe, tuple(range(len(back.sizes))), axes)


def linear_part(term: Term, probe: Term, output: tuple[int, ...], axes: tuple[int, ...]) -> Term:
    """The coefficient of a symbol in a term that is linear in it, with the symbol's axes appended."""
    from .tensor.terms import Product, Sum

    order = len(term.sizes)
    new = tuple(range(order, order + len(axes)))
    shape = (*term.sizes, *probe.sizes)
    if term is probe:
        return product(1, [(delta_bracket(s), (k, order + k), 1) for k, s in enumerate(probe.sizes)], (*range(order), *new))
    if isinstance(term, Sum):
        return add([(c, linear_part(x, probe, output, axes)) for c, x in term.terms], shape)
    assert isinstance(term, Product)
    from .tensor.pullback import children_last

    place = next(k for k, f in enumerate(term.factors) if probe in children_last(f[0]))
    child, labels, exponent = term.factors[place]
    assert exponent == 1
    inner = linear_part(child, probe, tuple(range(len(labels))), axes)
    fresh = tuple(range(len(term.label_sizes), len(term.label_sizes) + len(axes)))
    rest = [f for k, f in enumerate(term.factors) if k != place]
    sizes = {**dict(enumerate(term.label_sizes)), **dict(zip(fresh, probe.sizes, strict=True))}
    return product(term.coefficient, [*rest, (inner, (*labels, *fresh), 1)], (*range(order), *fresh), sizes)


def jacobian(derivation: Derivation, of: str, wrt: str) -> Formula:
    """∂of/∂wrt as a formula; with layout="numerator" or "denominator" the printed matrix differs, not the shape."""
    from .derive import unknown

    model, context = derivation.model, derivation.context
    for name in (of, wrt):
        if name not in model.equations and name not in model.declarations:
            raise unknown(name, model)
    term = jacobian_term(derivation, of, wrt)
    left = Partial(Sym(of, context.kind(of)), (Sym(wrt, context.kind(wrt)),))
    return Formula(context, left, term, None, wrt)
