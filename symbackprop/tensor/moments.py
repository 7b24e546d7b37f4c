"""Expectations of polynomials in Gaussian arrays, by Isserlis' theorem.

For jointly Gaussian u_1, ..., u_k the expectation of their product is the sum, over all ways to pair some of them, of
the covariances of the pairs times the means of the rest (Isserlis 1918; with means: Withers 1985). Here the u are
entries of random symbols and whole affine forms in them, such as wᵀx − y: what stands together stays together.

Closed forms that are known: polynomials up to ORDER factors, and these times exponentials of affine forms, by
E[e^g Π u] = e^(E g + var(g)/2) E[Π (u + cov(u, g))].
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..errors import MissingRule
from .linear import coefficient
from .normal import add, apply, exact, product, zeros
from .pullback import children_last
from .size import Size
from .substitute import substitute
from .terms import Factor, Labels, Map, Number, Product, Special, Sum, Symbol, Term

ORDER = 6  # so many random factors
MOST = 2_000  # products that a body may have
REMEDY = "There are closed forms for polynomials of random symbols and for exponentials of affine forms in them."


@dataclass(frozen=True, slots=True)
class Law:
    """x ~ N(mean, covariance), of shapes x.sizes and x.sizes + x.sizes; different symbols are independent."""

    symbol: Symbol
    mean: Term
    covariance: Term


@dataclass(frozen=True, slots=True)
class Monomial:
    """coefficient · Π factor[labels]^exponent on its way to random factors of first power."""

    coefficient: Number
    factors: tuple[Factor, ...]
    sizes: dict[int, Size]


class Moments:
    """Expectations over the given laws."""

    def __init__(self, laws: Sequence[Law]) -> None:
        self.laws = {law.symbol: law for law in laws}
        self._degree: dict[Term, int | None] = {}
        self._slopes: dict[Term, dict[Symbol, Term]] = {}
        self._covariance: dict[tuple[Term, Term], Term] = {}

    def expected(self, body: Term) -> Term:
        """The expectation of a term, entry by entry, without random symbols.

        Raises MissingRule where there is none, where no closed form is known, or past ORDER random factors.
        """
        axes = tuple(range(body.order))
        waiting = [Monomial(1, ((body, axes, 1),), dict(enumerate(body.sizes)))]
        parts: list[tuple[Number, Term]] = []
        made = 0
        while waiting:
            top = waiting.pop()
            opened = self.opened(top)
            if opened is None:
                parts.append((1, self.moment(top, axes)))
                continue
            waiting += opened
            made += len(opened)
            if made > MOST:
                raise MissingRule(
                    f"this expectation has more than {MOST} products.", remedy="Write it with fewer summands."
                )
        return add(parts, body.sizes)

    # ------------------------------------------------------------------ what is random, and how

    def degree(self, term: Term) -> int | None:
        """The degree of the term as a polynomial in random symbols, 0 for what is not random; None if it is none."""
        if term not in self._degree:
            for inner in reversed(children_last(term)):
                if inner not in self._degree:
                    self._degree[inner] = self._one_degree(inner)
        return self._degree[term]

    def _one_degree(self, term: Term) -> int | None:
        known = self._degree
        if isinstance(term, Symbol):
            return int(term in self.laws)
        degrees = [known[child] for child in term.children]
        if isinstance(term, Sum):
            return None if None in degrees else max((d for d in degrees if d is not None), default=0)
        if isinstance(term, Product):
            total = 0
            for child, _, e in term.factors:
                d = known[child]
                if d is None or (d and not (isinstance(e, int) and e > 0)):
                    return None
                total += d * int(e) if d else 0
            return total
        return None if any(d != 0 for d in degrees) else 0

    def is_random(self, term: Term) -> bool:
        """True if a random symbol occurs in the term."""
        return self.degree(term) != 0

    def is_form(self, term: Term) -> bool:
        """True for a random symbol and for what is affine in random symbols: what the theorem takes as one factor."""
        return isinstance(term, (Symbol, Sum, Product)) and self.degree(term) == 1

    def is_wave(self, term: Term) -> bool:
        """True for the exponential of an affine form."""
        return isinstance(term, Map) and term.head == "exp" and self.degree(term.children[0]) == 1

    # ------------------------------------------------------------------ taking a body apart

    def opened(self, top: Monomial) -> list[Monomial] | None:
        """The monomial with its first composite random factor opened; None if every random factor is final."""
        for k, (t, labels, e) in enumerate(top.factors):
            if not self.is_random(t) or self.is_wave(t) or (e == 1 and self.is_form(t)):
                continue
            if not (isinstance(e, int) and e > 0):
                raise self.refusal(t, e)
            rest = (*top.factors[:k], *top.factors[k + 1 :])
            if self.is_form(t):
                return [Monomial(top.coefficient, (*rest, *[(t, labels, 1)] * e), top.sizes)]
            if isinstance(t, Product):
                return [_with_copies(top, rest, t, labels, e)]
            if isinstance(t, Sum):
                again: tuple[Factor, ...] = ((t, labels, e - 1),) if e > 1 else ()
                return [
                    Monomial(exact(top.coefficient * c), (*rest, (x, labels, 1), *again), top.sizes) for c, x in t.terms
                ]
            raise self.refusal(t, e)
        return None

    def refusal(self, term: Term, exponent: Number) -> MissingRule:
        """Why a factor has no expectation here."""
        if isinstance(term, (Map, Special)):
            name = term.head if isinstance(term, Map) else term.operation
            if name == "log" and self.degree(term.children[0]) == 1:
                message = "the logarithm of a Gaussian symbol has no expectation: it takes negative values."
                return MissingRule(message, remedy=REMEDY)
            message = f"no closed form is known for the expectation of {name} of a random symbol."
            return MissingRule(message, remedy=REMEDY)
        if self.degree(term) == 1 and exponent <= -1:
            message = "the expectation does not exist: a Gaussian divisor is too often near 0."
            return MissingRule(message, remedy="Divide by something that is not random.")
        if self.degree(term) == 1:
            message = "a root of a Gaussian symbol has no expectation: it takes negative values."
            return MissingRule(message, remedy=REMEDY)
        kind = "a quotient" if exponent < 0 else "a root"
        return MissingRule(f"no closed form is known for the expectation of {kind} of random symbols.", remedy=REMEDY)

    # ------------------------------------------------------------------ the theorem

    def moment(self, top: Monomial, output: Labels) -> Term:
        """The expectation of a monomial whose random factors are forms and exponentials of forms."""
        fixed = [f for f in top.factors if not self.is_random(f[0])]
        waves = [f for f in top.factors if self.is_wave(f[0])]
        forms = [(t, labels) for t, labels, _ in top.factors if self.is_form(t)]
        if len(forms) > ORDER:
            raise MissingRule(
                f"a moment of order {len(forms)}: moments are worked out to order {ORDER}.",
                remedy=f"Lower the power, so that no product has more than {ORDER} random factors.",
            )
        means = [(self.mean(t), labels) for t, labels in forms]
        if waves:
            g, at = self.exponent(waves, top.sizes)
            spread = product(1, [(self.covariance(g, g), (*range(g.order),) * 2, 1)], tuple(range(g.order)))
            fixed.append((apply("exp", [add([(1, self.mean(g)), (Fraction(1, 2), spread)], g.sizes)]), at, 1))
            means = [(self.shifted(t, g), (*labels, *at)) for t, labels in forms]
        parts: list[tuple[Number, Term]] = []
        for alone, pairs in pairings(tuple(range(len(forms)))):
            factors = [means[k] for k in alone]
            factors += [(self.covariance(forms[a][0], forms[b][0]), (*forms[a][1], *forms[b][1])) for a, b in pairs]
            if not any(t.is_zero for t, _ in factors):
                powers: dict[tuple[Term, Labels], int] = {}
                for item in factors:
                    powers[item] = powers.get(item, 0) + 1
                given: list[Factor] = [*fixed, *((t, labels, e) for (t, labels), e in powers.items())]
                parts.append((1, product(top.coefficient, given, output, top.sizes)))
        return add(parts, tuple(top.sizes[x] for x in output))

    def exponent(self, waves: Sequence[Factor], sizes: dict[int, Size]) -> tuple[Term, Labels]:
        """The sum of the exponents of several exponentials, and the labels of its axes."""
        at = tuple(sorted({x for _, labels, _ in waves for x in labels}))
        own = {x: sizes[x] for x in at}
        parts = [(e, product(1, [(t.children[0], labels, 1)], at, own)) for t, labels, e in waves]
        return add(parts, tuple(own.values())), at

    def slopes(self, form: Term) -> dict[Symbol, Term]:
        """The derivative of an affine form by each random symbol, of shape form.sizes + symbol.sizes."""
        if form not in self._slopes:
            found = {x: coefficient(form, x) for x in self.laws}
            self._slopes[form] = {x: slope for x, slope in found.items() if not slope.is_zero}
        return self._slopes[form]

    def mean(self, form: Term) -> Term:
        """The mean of an affine form: its constant part, and its slopes times the means."""
        rest = substitute(form, {x: zeros(x.sizes) for x in self.laws})
        parts: list[tuple[Number, Term]] = [(1, rest)]
        own = tuple(range(form.order))
        for x, slope in self.slopes(form).items():
            inner = tuple(range(form.order, slope.order))
            parts.append((1, product(1, [(slope, (*own, *inner), 1), (self.laws[x].mean, inner, 1)], own)))
        return add(parts, form.sizes)

    def covariance(self, a: Term, b: Term) -> Term:
        """cov(a, b) of two affine forms, of shape a.sizes + b.sizes."""
        if (a, b) not in self._covariance:
            parts: list[tuple[Number, Term]] = []
            output = tuple(range(a.order + b.order))
            of_a, of_b = output[: a.order], output[a.order :]
            for x, left in self.slopes(a).items():
                right = self.slopes(b).get(x)
                if right is None:
                    continue
                i = tuple(range(len(output), len(output) + x.order))
                j = tuple(k + x.order for k in i)
                spread: list[Factor] = [(left, (*of_a, *i), 1), (self.laws[x].covariance, (*i, *j), 1)]
                parts.append((1, product(1, [*spread, (right, (*of_b, *j), 1)], output)))
            self._covariance[a, b] = add(parts, (*a.sizes, *b.sizes))
        return self._covariance[a, b]

    def shifted(self, form: Term, g: Term) -> Term:
        """E[form] + cov(form, g), of shape form.sizes + g.sizes."""
        sizes = (*form.sizes, *g.sizes)
        own = tuple(range(form.order))
        whole = product(1, [(self.mean(form), own, 1)], tuple(range(len(sizes))), dict(enumerate(sizes)))
        return add([(1, whole), (1, self.covariance(form, g))], sizes)


def pairings(items: Labels) -> Iterator[tuple[Labels, tuple[tuple[int, int], ...]]]:
    """Every way to leave some items alone and pair the others: (alone, pairs)."""
    if not items:
        yield (), ()
        return
    first, rest = items[0], items[1:]
    for alone, pairs in pairings(rest):
        yield (first, *alone), pairs
    for k, partner in enumerate(rest):
        for alone, pairs in pairings(rest[:k] + rest[k + 1 :]):
            yield alone, ((first, partner), *pairs)


def _with_copies(top: Monomial, rest: tuple[Factor, ...], inner: Product, labels: Labels, power: int) -> Monomial:
    """The monomial with the factors of a product in its place, once for each power, each with labels of its own."""
    sizes = dict(top.sizes)
    found: list[Factor] = []
    for _ in range(power):
        rename = dict(enumerate(labels))
        for label in inner.summed:
            fresh = max(sizes, default=-1) + 1
            sizes[fresh] = inner.label_sizes[label]
            rename[label] = fresh
        found += [(t, tuple(rename[x] for x in used), e) for t, used, e in inner.factors]
    return Monomial(exact(top.coefficient * Fraction(inner.coefficient) ** power), (*rest, *found), sizes)


__all__ = ["ORDER", "Law", "Moments", "pairings"]
