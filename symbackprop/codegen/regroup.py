"""The terms of a sum put together so that fewer operations remain: known sums inside it, common factors of some."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from ..tensor.factor import items
from ..tensor.normal import add, as_number, exact, product, unit
from ..tensor.terms import Bracket, Factor, Labels, Number, Product, Special, Sum, Symbol, Term

Weighted = tuple[Number, Term]
Item = tuple[Term, Labels]


def log_softmax(terms: list[Weighted], known: Mapping[Term, object]) -> list[Weighted]:
    """The terms that make up the argument of a logsumexp that is subtracted from them, as one term."""
    for c, child in list(terms):
        lse = _logsumexp(child)
        if lse is None:
            continue
        x = lse.children[0]
        if isinstance(x, Sum) and x not in known and x.sizes == child.sizes:
            terms = _together(terms, x, -c) or terms
    return terms


def _logsumexp(term: Term) -> Special | None:
    """The logsumexp that the term repeats along its last axes, or None."""
    if isinstance(term, Product) and len(term.factors) == 1 and not term.summed and term.coefficient == 1:
        inner, labels, exponent = term.factors[0]
        if isinstance(inner, Special) and inner.operation == "logsumexp" and exponent == 1:
            return inner if labels == tuple(range(len(labels))) else None
    return term if isinstance(term, Special) and term.operation == "logsumexp" else None


def _together(terms: list[Weighted], inner: Sum, ratio: Number) -> list[Weighted] | None:
    """The terms with `ratio` times a sum in place of its terms, or None if they are not all there."""
    have = {t: c for c, t in terms}
    if any(have.get(t) != exact(ratio * c) for c, t in inner.terms):
        return None
    own = {t for _, t in inner.terms}
    return [(c, t) for c, t in terms if t not in own] + [(exact(ratio), inner)]


def known_sums(terms: list[Weighted], by_term: Mapping[Term, list[Sum]]) -> list[Weighted]:
    """The terms with sums that are computed anyway in place of their terms."""
    for c, t in list(terms):
        for inner in by_term.get(t, ()):
            if len(inner.terms) < len(terms):
                own = next(k for k, u in inner.terms if u is t)
                terms = _together(terms, inner, exact(Fraction(c) / own)) or terms
    return terms


def common_factors(terms: list[Weighted], known: Mapping[Term, object]) -> list[Weighted]:
    """The terms with what several of them share, entry by entry, in front of a sum of what is left of them."""
    while len(terms) > 1:
        usable = [as_number(t) is None and (isinstance(t, Symbol) or t not in known) for _, t in terms]
        parts = [items(t) if good else {} for good, (_, t) in zip(usable, terms, strict=True)]
        count: dict[Item, int] = {}
        for part in parts:
            for item, e in part.items():
                if e > 0 and item[1]:
                    count[item] = count.get(item, 0) + 1
        shared = max(count, key=lambda item: (count[item], len(item[1])), default=None)
        if shared is None or count[shared] < 2:
            return terms
        chosen = [k for k, part in enumerate(parts) if part.get(shared, 0) > 0]
        common: dict[Item, Number] = {}
        for item in parts[chosen[0]]:
            powers = [parts[k].get(item, 0) for k in chosen]
            if all(p > 0 for p in powers):
                common[item] = min(powers)
            elif all(p < 0 for p in powers):
                common[item] = max(powers)
        alike = len({abs(terms[k][0]) for k in chosen}) == 1
        if any(parts[k] == common for k in chosen) and len(chosen) == 2 and len(common) == 1 and alike:
            return terms  # x y + x: the sum y + 1 costs what the sum x y + x costs
        terms = [w for k, w in enumerate(terms) if k not in chosen] + _pulled(terms, parts, chosen, common)
    return terms


def _pulled(
    terms: list[Weighted], parts: list[dict[Item, Number]], chosen: list[int], common: Mapping[Item, Number]
) -> list[Weighted]:
    """The chosen terms as common factors times a sum."""
    first = terms[chosen[0]][1]
    axes, shape = tuple(range(first.order)), dict(enumerate(first.sizes))
    rests: list[Weighted] = []
    for k in chosen:
        left: list[Factor] = [(*item, exact(e - common.get(item, 0))) for item, e in parts[k].items()]
        rests.append((terms[k][0], product(1, left, axes, shape)))
    front: list[Factor] = [(*item, e) for item, e in common.items()]
    new = product(1, [*front, (add(rests, first.sizes), axes, 1)], axes, shape)
    return [(new.coefficient if isinstance(new, Product) else 1, unit(new))] if not new.is_zero else []


def divisor(terms: list[Weighted]) -> Number:
    """By what all coefficients are best divided: the one that most terms without a number of their own have.

    Negative, if that makes a constant positive, or more arrays positive than negative: 1 − a² and p − t, in every
    product alike.
    """
    plain: list[Number] = []
    plain += [abs(Fraction(c)) for c, t in terms if as_number(t) is None and not has_number(t)]
    size: Number = 1 if not plain or 1 in plain else max(plain, key=lambda c: (plain.count(c), -c))
    constants: list[Number] = []
    for c, t in terms:
        known = as_number(t)
        if known is not None:
            constants.append(exact(Fraction(c) * known))
    if constants:
        return -size if constants[0] < 0 and any(c > 0 for c, t in terms if as_number(t) is None) else size
    balance = sum((c > 0) - (c < 0) for c, t in terms if not _is_piece(t))
    return -size if balance < 0 else size


def _is_piece(term: Term) -> bool:
    """True if the term has a bracket, so that it is written into the sum at its place."""
    return isinstance(term, Bracket) or any(isinstance(child, Bracket) for child in term.children)


def has_number(term: Term) -> bool:
    """True if the term has a factor without axes, into which another number can go."""
    if not isinstance(term, Product):
        return False
    return any(not labels for _, labels, _ in term.factors) or any(
        isinstance(t, Sum) and e == 1 and abs(divisor(list(t.terms))) != 1 for t, _, e in term.factors
    )


__all__ = ["common_factors", "divisor", "has_number", "known_sums", "log_softmax"]
