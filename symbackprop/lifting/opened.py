"""What a computed value is proven to be: a node of the network, also where a short softmax is written out."""

from __future__ import annotations

from functools import lru_cache

from ..functions import FUNCTIONS
from ..tensor.equal import same
from ..tensor.normal import add, apply
from ..tensor.pick import entry, picked
from ..tensor.substitute import rewritten, subterms
from ..tensor.terms import Special, Term

SHORTEST = 12  # entries of a softmax that is written out


@lru_cache(maxsize=4096)
def proven_same(value: Term, node: Term) -> bool:
    """True if a value is proven to be what a node is, so that it can be known as that node."""
    if value.sizes != node.sizes:
        return False
    return same(value, node) is True or (_has_short(node) and same(value, opened(node)) is True)


def opened(term: Term) -> Term:
    """The term with the softmax of a few single numbers written out, entry by entry."""
    return picked(rewritten(term, {}, _step))


def _has_short(term: Term) -> bool:
    return any(_count(inner) for inner in subterms(term))


def _count(term: Term) -> int:
    """How many entries a short softmax, or the logarithm of a sum, goes over; 0 for other terms."""
    if not isinstance(term, Special) or term.operation not in ("softmax", "logsumexp"):
        return 0
    inner = term.children[0]
    count = inner.sizes[0].number if inner.order == 1 else None
    return count if count is not None and count <= SHORTEST else 0


def _step(term: Term) -> Term:
    count = _count(term)
    if not count or not isinstance(term, Special):
        return term
    powers = [apply("exp", [entry(picked(term.children[0]), 0, k)]) for k in range(count)]
    total = add([(1, p) for p in powers], ())
    if term.operation == "logsumexp":
        return apply("log", [total])
    return FUNCTIONS["stack"].build(tuple(p / total for p in powers))
