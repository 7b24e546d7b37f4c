"""E[body] over Gaussian symbols as a term: linear, constants in front, differentiated inside, and taken by `moments`.

The term carries the laws: Special("expectation") of (body, x, mean of x, covariance of x, ...). The random symbols are
bound in the body. Its pullback to what the body is made of is the expectation of the body's pullback; to a mean it is
E[∂body/∂x] (Bonnet 1964), to a covariance ½ E[∂²body/∂x∂x] (Price 1958). All of this holds before it is taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from ..errors import MissingRule
from .linear import coefficient
from .moments import Law, Moments
from .normal import add, delta, product, scaled
from .pullback import children_last, pullback
from .substitute import rewritten, substitute
from .terms import Factor, Labels, Product, Special, Sum, Symbol, Term, make_special, symbol

NAME = "expectation"
SEED, SECOND = "@@@", "@@@@"  # cotangents inside an expectation; no declared name begins like this


def law(x: Symbol, mean: Term, variance: Term) -> Law:
    """x ~ N(mean, variance): a scalar mean is that of every entry, a scalar variance σ² stands for σ² I."""
    axes = tuple(range(x.order))
    twice = tuple(range(2 * x.order))
    full = mean if mean.sizes == x.sizes else product(1, [(mean, (), 1)], axes, dict(enumerate(x.sizes)))
    if variance.sizes == (*x.sizes, *x.sizes):
        return Law(x, full, variance)
    deltas: list[Factor] = [(delta(s), (k, x.order + k), 1) for k, s in enumerate(x.sizes)]
    return Law(x, full, product(1, [(variance, (), 1), *deltas], twice))


def laws(term: Special) -> tuple[Law, ...]:
    """The laws that an expectation carries."""
    return unpacked(term.children[1:])


def unpacked(children: tuple[Term, ...]) -> tuple[Law, ...]:
    """Laws from symbols, means and covariances in turn."""
    found: list[Law] = []
    for k in range(0, len(children), 3):
        x, mean, covariance = children[k : k + 3]
        assert isinstance(x, Symbol)
        found.append(Law(x, mean, covariance))
    return tuple(found)


def free_in(term: Term) -> dict[Term, frozenset[Symbol]]:
    """For the term and all that is in it, the symbols that no expectation binds."""
    found: dict[Term, frozenset[Symbol]] = {}
    for inner in reversed(children_last(term)):
        if isinstance(inner, Symbol):
            found[inner] = frozenset((inner,))
        elif isinstance(inner, Special) and inner.operation == NAME:
            own = laws(inner)
            outside = [found[t] for x in own for t in (x.mean, x.covariance)]
            found[inner] = (found[inner.children[0]] - {x.symbol for x in own}).union(*outside)
        else:
            found[inner] = frozenset().union(*(found[child] for child in inner.children))
    return found


def expectation(body: Term, over: Iterable[Law]) -> Term:
    """E[body], entry by entry, in normal form: what is not random stands outside."""
    free = free_in(body)
    used = tuple(sorted((x for x in over if x.symbol in free[body]), key=lambda x: x.symbol.name))
    if not used:
        return body
    names = {x.symbol for x in used}
    if isinstance(body, Sum):
        fixed = [(c, t) for c, t in body.terms if not names & free[t]]
        if fixed:
            rest = add([(c, t) for c, t in body.terms if names & free[t]], body.sizes)
            return add([*fixed, (1, expectation(rest, used))], body.sizes)
    if isinstance(body, Product):
        outside = [f for f in body.factors if not names & free[f[0]]]
        held = {x for _, labels, _ in body.factors for x in labels}
        if outside or body.coefficient != 1 or any(x not in held for x in range(body.order)):
            return _constants_out(body, outside, used)
    return make_special(NAME, (body, *(t for x in used for t in (x.symbol, x.mean, x.covariance))), 0, body.sizes)


def _constants_out(body: Product, outside: list[Factor], used: tuple[Law, ...]) -> Term:
    """The product with only its random factors inside the expectation, on the labels that still meet something."""
    inside = [f for f in body.factors if f not in outside]
    needed = {*range(body.order), *(x for _, labels, _ in outside for x in labels)}
    kept = tuple(sorted({x for _, labels, _ in inside for x in labels} & needed))
    sizes = dict(enumerate(body.label_sizes))
    own = {x: sizes[x] for _, labels, _ in inside for x in labels}
    inner = expectation(product(1, inside, kept, own), used)
    outer = {x: s for x, s in sizes.items() if x in needed}
    return product(body.coefficient, [*outside, (inner, kept, 1)], tuple(range(body.order)), outer)


def turned(term: Special, labels: Labels) -> Term:
    """The expectation with its axes at these places: they are permuted inside."""
    body = product(1, [(term.children[0], labels, 1)], tuple(sorted(labels)))
    return expectation(body, laws(term))


def pulled(term: Special, g: Term) -> Iterator[tuple[Term, Term]]:
    """The cotangents of the free symbols of the body, of the means and of the covariances.

    Raises MissingRule if the cotangent depends on a symbol that is bound here.
    """
    over = laws(term)
    bound = {x.symbol for x in over}
    if bound & free_in(g)[g]:
        raise MissingRule(
            "A random symbol stands both inside and outside of an expectation.",
            remedy="Declare a second random symbol with the same law for one of the two places.",
        )
    given = symbol(SEED, term.sizes)  # for g, in which other expectations may stand: they are no business of this one
    inside = pullback(term.children[0], given)
    for x, part in inside.items():
        if x not in bound:
            yield x, substitute(expectation(part, over), {given: g})
    for own in over:
        if own.symbol not in inside:
            continue
        part = inside[own.symbol]
        yield own.mean, substitute(expectation(part, over), {given: g})
        probe = symbol(SECOND, own.symbol.sizes)
        curved = pullback(part, probe).get(own.symbol)
        if curved is not None:
            half = scaled(Fraction(1, 2), expectation(coefficient(curved, probe), over))
            yield own.covariance, substitute(half, {given: g})


def taken(term: Term) -> Term:
    """The term with every expectation in it worked out; the term itself if there is none.

    Raises MissingRule where an expectation does not exist or has no closed form here.
    """
    while has_expectation(term):
        term = rewritten(term, {}, _taken)
    return term


def _taken(term: Term) -> Term:
    if isinstance(term, Special) and term.operation == NAME:
        return Moments(laws(term)).expected(taken(term.children[0]))
    return term


def has_expectation(term: Term) -> bool:
    """True if an expectation stands somewhere in the term."""
    return any(isinstance(inner, Special) and inner.operation == NAME for inner in children_last(term))


__all__ = ["Law", "expectation", "free_in", "has_expectation", "law", "laws", "pulled", "taken", "turned"]
