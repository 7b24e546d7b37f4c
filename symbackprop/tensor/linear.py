"""The coefficient of a symbol in a term that is linear in it: how Jacobians are read off pullbacks."""

from __future__ import annotations

from .normal import add, product, zeros
from .pullback import pullback
from .substitute import subterms
from .terms import Product, Special, Sum, Symbol, Term, delta_bracket, symbol

SEED = "@@"  # the cotangent whose coefficient is wanted; no declared name begins like this


def coefficient(term: Term, probe: Symbol) -> Term:
    """C with term = Σ C[…, axes of the probe] · probe, for a term that is linear in the probe.

    The shape is term.sizes + probe.sizes. Terms are linear through products, sums and expectations only, as pullbacks
    are in their cotangent; what has no probe in it counts as zero. Raises AssertionError for a term that is not.
    """
    order, extra = term.order, probe.order
    shape = (*term.sizes, *probe.sizes)
    if term is probe:
        pairs = [(delta_bracket(s), (k, order + k), 1) for k, s in enumerate(probe.sizes)]
        return product(1, pairs, tuple(range(2 * order)))
    if isinstance(term, Sum):
        return add([(c, coefficient(x, probe)) for c, x in term.terms], shape)
    if isinstance(term, Special) and term.operation == "expectation":
        from .expectation import expectation, laws

        return expectation(coefficient(term.children[0], probe), laws(term))
    if not isinstance(term, Product):
        return zeros(shape)
    carriers = [k for k, (child, _, _) in enumerate(term.factors) if probe in subterms(child)]
    if not carriers:
        return zeros(shape)
    assert len(carriers) == 1 and term.factors[carriers[0]][2] == 1, "the term is not linear in the probe"
    child, labels, _ = term.factors[carriers[0]]
    inner = coefficient(child, probe)
    fresh = tuple(range(len(term.label_sizes), len(term.label_sizes) + extra))
    rest = [f for k, f in enumerate(term.factors) if k != carriers[0]]
    sizes = {**dict(enumerate(term.label_sizes)), **dict(zip(fresh, probe.sizes, strict=True))}
    return product(term.coefficient, [*rest, (inner, (*labels, *fresh), 1)], (*range(order), *fresh), sizes)


def local_jacobians(term: Term) -> dict[Symbol, Term]:
    """For each symbol in the term, the derivative of the term by it, of shape term.sizes + symbol.sizes."""
    probe = symbol(SEED, term.sizes)
    found: dict[Symbol, Term] = {}
    for parent, part in pullback(term, probe).items():
        whole = coefficient(part, probe)
        order = parent.order
        axes = tuple(range(whole.order))
        found[parent] = product(1, [(whole, axes, 1)], (*axes[order:], *axes[:order]))
    return found


def contracted(left: Term, right: Term, over: int) -> Term:
    """Σ left[c, p] right[c, r] over the first `over` axes of both, of shape p + r."""
    shared = tuple(range(over))
    p = tuple(range(over, left.order))
    r = tuple(range(left.order, left.order + right.order - over))
    return product(1, [(left, (*shared, *p), 1), (right, (*shared, *r), 1)], (*p, *r))
