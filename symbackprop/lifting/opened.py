"""What a computed value is proven to be: a node of the network, also where a short softmax is written out."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from random import Random

from ..errors import SymbackpropError
from ..functions import FUNCTIONS
from ..tensor.equal import same
from ..tensor.normal import add, apply
from ..tensor.pick import entry, picked
from ..tensor.substitute import rewritten, subterms
from ..tensor.terms import Bracket, Special, Symbol, Term

SHORTEST = 12  # entries of a softmax that is written out
LARGEST = 10_000  # entries of an array that is tried


@lru_cache(maxsize=4096)
def proven_same(value: Term, node: Term) -> bool:
    """True if a value is proven to be what a node is, so that it can be known as that node."""
    if value.sizes != node.sizes or _seen_to_differ(value, node):
        return False
    return same(value, node) is True or (_has_short(node) and same(value, opened(node)) is True)


def _seen_to_differ(one: Term, other: Term) -> bool:
    """True if two terms have different finite values at some numbers; a proof is then not worth trying."""
    import numpy as np

    from ..tensor.evaluate import evaluate_all

    inner = [t for root in (one, other) for t in subterms(root)]
    if any(isinstance(t, Bracket) and t.indices for t in inner):
        return False
    names = sorted({n for t in inner for s in t.sizes for n in s.names})
    sizes = {name: 2 + k % 4 for k, name in enumerate(names)}
    random = Random(0)  # noqa: S311  # not for secrets
    arrays = {}
    for t in inner:
        if isinstance(t, Symbol) and t.name not in arrays:
            shape = tuple(s.value(sizes) for s in t.sizes)
            if prod(shape) > LARGEST or min(shape, default=1) < 1:
                return False
            arrays[t.name] = np.array([random.uniform(-1.2, 1.2) for _ in range(prod(shape))]).reshape(shape)
    try:
        values = evaluate_all([one, other], arrays, sizes)
    except (SymbackpropError, KeyError, ValueError):
        return False
    gap = np.abs(values[0] - values[1])
    return bool(np.any(gap > 1e-6 * (1 + np.abs(values[0]))))


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
