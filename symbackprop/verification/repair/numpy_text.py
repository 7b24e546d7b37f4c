"""A repaired formula as an expression in the names and functions of the network."""

from __future__ import annotations

from collections.abc import Mapping

from ...derive import Derivation
from ...express.order import GRADIENT
from ...tensor.normal import product
from ...tensor.substitute import substitute, subterms
from ...tensor.terms import Product, Symbol, Term
from ..meaning.values import Value
from ..network_text import network_text


def numpy_text(
    value: Value, extra: Mapping[Symbol, Term], derivation: Derivation, like: Value | None = None
) -> str | None:
    """The expression, `grad(a_2)` for a gradient that is taken as given; None if it has none.

    Running indices are the leading axes, in the order in which `like`, an entry of one array, has them.
    """
    if any(isinstance(t, Symbol) and _is_differential(t, extra, derivation) for t in subterms(value.term)):
        return None
    meanings: dict[Term, Term] = {s: t for s, t in extra.items() if s is not t and not s.name.startswith(GRADIENT)}
    term = substitute(value.term, meanings)
    order = _order(value, like)
    if order is not None and order != tuple(range(term.order)):
        term = product(1, [(term, tuple(range(term.order)), 1)], order)
    return network_text(term, {}, derivation)


def _is_differential(symbol: Symbol, extra: Mapping[Symbol, Term], derivation: Derivation) -> bool:
    """True for dX, which is no array of the network."""
    model, name = derivation.model, symbol.name[1:]
    return symbol in extra and symbol.name[:1] == "d" and (name in model.declarations or name in model.equations)


def _order(value: Value, like: Value | None) -> tuple[int, ...] | None:
    """The axes of the value in the order of the array of which `like` is an entry."""
    if like is None or not like.free or like.free != value.free or not isinstance(like.term, Product):
        return None
    if len(like.term.factors) != 1 or like.term.coefficient != 1:
        return None
    labels = like.term.factors[0][1]
    whole = tuple(range(value.term.order))
    return labels if sorted(labels) == list(whole) else None


__all__ = ["numpy_text"]
