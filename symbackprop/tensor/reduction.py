"""Which products of atoms are sums of others: S⁻¹ next to a term of S, X⁻¹ next to a term of X, sin², facts.

Each rule takes a product and gives the (coefficient, term) pairs that it equals, or None. Repeated, they end: a
denominator's leading term (in one order of monomials for all) never stays next to it, and poles only get simpler.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction
from math import floor

from .factor import items
from .facts import Given
from .matching import Occurrence, factors_of, occurrence
from .normal import apply, as_number, content, exact, product, scaled, summands, unit
from .terms import Factor, Labels, Map, Number, Product, Special, Sum, Term, delta_bracket

Pairs = list[tuple[Number, Term]]


def reduced(term: Term, given: Given) -> Pairs | None:
    """One step towards the sum of atoms' products that the term equals; None if there is nothing to do."""
    if not isinstance(term, Product):
        return None
    known = given.applied(term)
    if known is not term:
        return [(1, known)]
    for rule in (
        _opposite_signs,
        _opposite_steps,
        _negative_steps,
        _squares_of_sines,
        _poles,
        _pairs_of_poles,
        _inverses,
    ):
        found = rule(term)
        if found is not None:
            return found
    return None


def _made(host: Product, factors: Iterable[Factor], gone: Collection[int] = ()) -> Term:
    """A product with the host's coefficient, its labels but those that are gone, and other factors."""
    sizes = {x: s for x, s in enumerate(host.label_sizes) if x not in gone}
    return product(host.coefficient, factors, range(host.order), sizes)


def _terms(base: Term) -> tuple[tuple[Number, Term], ...]:
    """The base as a sum of products."""
    return tuple(summands(base))


def _degree(term: Term) -> tuple[Number, list[bytes]]:
    """The place of a product in one order of monomials: by degree, then by what its factors are."""
    factors = factors_of(term)
    digests = [t.digest for t, _, e in factors for _ in range(floor(e if e > 0 else -e))]
    return sum((e for _, _, e in factors), 0), sorted(digests, reverse=True)


def _leading(base: Term) -> int | None:
    """The position of the base's leading term; None if a term has a denominator itself."""
    terms = _terms(base)
    if any(e < 0 for _, t in terms for _, _, e in factors_of(t)):
        return None
    best = max(range(len(terms)), key=lambda k: _degree(terms[k][1]))
    return best if as_number(terms[best][1]) is None else None


def _opposite_signs(host: Product) -> Pairs | None:
    """S^e (−S)^f = (−1)^e (−S)^(e + f) for whole e and a fraction f."""
    for t, labels, f in host.factors:
        if isinstance(f, int) or content(t) >= 0:
            continue
        opposite = scaled(-1, t)
        for other, used, e in host.factors:
            if other is opposite and used == labels and isinstance(e, int):
                rest = [x for x in host.factors if x not in ((t, labels, f), (other, used, e))]
                return [((-1) ** (e % 2), _made(host, [*rest, (t, labels, e + f)]))]
    return None


def _poles(host: Product) -> Pairs | None:
    """T S^e with S = c T + rest: (S^(e+1) − rest S^e)/c, for the leading T, and for any T where that lowers poles."""
    for k, (base, labels, e) in enumerate(host.factors):
        if e > -1 or not isinstance(base, (Sum, Product)):
            continue
        terms = _terms(base)
        lead = _leading(base)
        order = [] if lead is None else [lead]
        order += [n for n in range(len(terms)) if n != lead and _lowers(host, k, n)] if len(terms) > 1 else []
        for n in order:
            found = _taken(host, terms[n][1], labels)
            if found is None:
                continue
            left, gone, sign = found
            c = terms[n][0] * sign
            rest = [f for f in left if f != (base, labels, e)]
            lower: list[Factor] = [(base, labels, exact(e + 1))] if e != -1 else []
            pairs: Pairs = [(Fraction(1) / c, _made(host, [*rest, *lower], gone))]
            for m, (w, t) in enumerate(terms):
                if m != n:
                    pairs.append((Fraction(-w) / c, _made(host, [*rest, (t, labels, 1), (base, labels, e)], gone)))
            return pairs
    return None


def _taken(host: Product, pattern: Term, labels: Labels) -> tuple[list[Factor], set[int], Number] | None:
    """The host's factors without one occurrence of pattern[labels], the labels gone with it, and its sign; or None."""
    if as_number(pattern) is not None:
        return list(host.factors), set(), 1
    found = occurrence(host, pattern, dict(enumerate(labels)))
    if found is None or found.power < 1:
        return None
    return Occurrence(1, found.labels, found.used).rest(host), found.inner(host), found.sign


def _lowers(host: Product, k: int, n: int) -> bool:
    """True if every term but the n-th of the k-th factor's base has a factor that the host divides by."""
    base, labels, _ = host.factors[k]
    poles = {(t, used) for i, (t, used, e) in enumerate(host.factors) if e <= -1 and i != k and not isinstance(t, Sum)}
    for m, (_, t) in enumerate(_terms(base)):
        inside = {(f, tuple(labels[a] for a in own)) for (f, own), e in items(t).items() if e >= 1}
        if m != n and not poles & inside:
            return False
    return bool(poles)


def _pairs_of_poles(host: Product) -> Pairs | None:
    """1/(S R) with R − r S = γ, a number: (1/S − r/R)/γ."""
    poles = [(t, labels, e) for t, labels, e in host.factors if isinstance(t, Sum) and e <= -1]
    for i, (s, at, e) in enumerate(poles):
        for r, other, f in poles[:i]:
            if set(at) != set(other) or len(set(at)) < len(at):
                continue
            place = {x: a for a, x in enumerate(at)}
            axes = range(len(at))
            moved = {product(1, [(t, tuple(place[x] for x in other), 1)], axes): c for c, t in r.terms}
            here = {t: c for c, t in s.terms}
            one = next((t for t in (*here, *moved) if as_number(t) is not None), None)
            top, bottom = moved.pop(one, 0) if one else 0, here.pop(one, 0) if one else 0
            if here.keys() != moved.keys() or not here:
                continue
            ratio = Fraction(next(iter(moved.values()))) / here[next(iter(moved))]
            gamma = top - ratio * bottom
            if not gamma or any(moved[t] != ratio * c for t, c in here.items()):
                continue
            rest = [x for x in host.factors if x not in ((s, at, e), (r, other, f))]
            first = _made(host, [*rest, (s, at, e), (r, other, exact(f + 1))])
            second = _made(host, [*rest, (s, at, exact(e + 1)), (r, other, f)])
            return [(Fraction(1) / gamma, first), (-ratio / gamma, second)]
    return None


def _opposite_steps(host: Product) -> Pairs | None:
    """step(u) step(−u) = 0."""
    held = [(t, labels) for t, labels, e in host.factors if isinstance(t, Map) and t.head == "step" and e > 0]
    for t, labels in held:
        for other, used in held:
            if used == labels:
                u, v = t.children[0], other.children[0]
                if unit(u) is unit(v) and content(u) * content(v) < 0:
                    return []
    return None


def _negative_steps(host: Product) -> Pairs | None:
    """u step(−u) = u − u step(u), for the leading term of u; u⁻¹ step(−u) = u⁻¹ − u⁻¹ step(u)."""
    for t, labels, e in host.factors:
        if not (isinstance(t, Map) and t.head == "step" and e == 1 and content(t.children[0]) < 0):
            continue
        u = unit(t.children[0])
        rest = [f for f in host.factors if f != (t, labels, e)]
        plus: Factor = (apply("step", [u]), labels, 1)
        if any(f is u and used == labels and power < 0 for f, used, power in host.factors):
            return [(1, _made(host, rest)), (-1, _made(host, [*rest, plus]))]
        lead = _leading(u)
        found = _taken(host, _terms(u)[lead][1], labels) if lead is not None else None
        if lead is None or found is None:
            continue
        left, gone, sign = found
        rest = [f for f in left if f != (t, labels, e)]
        c = Fraction(sign) / _terms(u)[lead][0]
        pairs: Pairs = []
        for n, (w, part) in enumerate(_terms(u)):
            pairs.append((c * w, _made(host, [*rest, (part, labels, 1)], gone)))
            pairs.append((-c * w, _made(host, [*rest, (part, labels, 1), plus], gone)))
            if n != lead:
                pairs.append((-c * w, _made(host, [*rest, (part, labels, 1), (t, labels, 1)], gone)))
        return pairs
    return None


def _squares_of_sines(host: Product) -> Pairs | None:
    """sin² = 1 − cos²."""
    for k, (t, labels, e) in enumerate(host.factors):
        if isinstance(t, Map) and t.head == "sin" and e >= 2:
            rest: list[Factor] = [f for i, f in enumerate(host.factors) if i != k]
            rest.append((t, labels, exact(e - 2)))
            return [(1, _made(host, rest)), (-1, _made(host, [*rest, (apply("cos", [t.children[0]]), labels, 2)]))]
    return None


def _inverses(host: Product) -> Pairs | None:
    """T_ij X⁻¹_jk with X = c T + rest: (δ_ik − rest_ij X⁻¹_jk)/c for the leading T; the same on the other side."""
    for t, labels, e in host.factors:
        if not (isinstance(t, Special) and t.operation == "inverse" and e == 1 and t.order == 2):
            continue
        base = t.children[0]
        lead = _leading(base)
        if lead is None or len(set(labels)) < 2:
            continue
        c, pattern = _terms(base)[lead]
        for near, far in ((0, 1), (1, 0)):
            meet, keep = labels[near], labels[far]
            found = occurrence(host, pattern, {1 - near: meet}) if meet >= host.order else None
            if found is None or found.power != 1:
                continue
            start, gone = found.labels[near], found.inner(host)
            rest = [f for f in found.rest(host) if f != (t, labels, e)]
            if any(meet in used for _, used, _ in rest):
                continue
            ends: Factor = (delta_bracket(t.sizes[0]), (start, keep), 1)
            c = c * found.sign
            pairs: Pairs = [(Fraction(1) / c, _made(host, [*rest, ends], {*gone, meet}))]
            for m, (w, other) in enumerate(_terms(base)):
                if m != lead:
                    used = (start, meet) if near == 0 else (meet, start)
                    pairs.append((Fraction(-w) / c, _made(host, [*rest, (other, used, 1), (t, labels, e)], gone)))
            return pairs
    return None


__all__ = ["reduced"]
