"""What declared facts say of a result: a one-hot t sums to 1 and t_i t_j = δ_ij t_i; (u²)^½ = u where u is positive.

Facts never enter a term that is differentiated: two terms equal under a fact can have different derivatives.
Sums of softmax, standardize and argmax over their axes need no declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import product as choices
from typing import Protocol

from .cost import cost
from .normal import add, as_number, exact, flipped, number, product, summands, zeros
from .substitute import rewritten
from .terms import (
    Constant,
    Dim,
    Factor,
    Labels,
    Map,
    Product,
    Special,
    Sum,
    Symbol,
    Term,
    delta_bracket,
)

ROUNDS = 8  # what one fact brings to light another may use; more rounds than this never help
DEPTH = 20  # positivity is looked for this deep
TURNS = 5  # so many symmetric factors are tried in both orientations


class Known(Protocol):
    """What is known of a symbol; `network.Facts` is one."""

    @property
    def onehot(self) -> bool:
        """Along the last axis one entry is 1, the others 0."""

    @property
    def simplex(self) -> bool:
        """The sum along the last axis is 1."""

    @property
    def symmetric(self) -> bool:
        """The last two axes can be exchanged."""

    @property
    def positive(self) -> bool:
        """Every entry is > 0."""

    @property
    def values(self) -> tuple[Fraction, ...] | None:
        """The only values that entries take."""


FactsOf = Callable[[str], Known | None]


def nothing_known(name: str) -> None:
    """Facts of no symbol: only what holds of softmax, standardize and the scalar functions themselves."""


def apply_facts(term: Term, facts_of: FactsOf = nothing_known) -> Term:
    """The term as the facts let it be written; equal to it for all arrays that satisfy them.

    `facts_of` gives the facts of a symbol by name, or None.
    """
    facts = Given(facts_of)
    for _ in range(ROUNDS):
        before = term
        term = rewritten(term, {}, facts.applied)
        if term is before:
            break
    return term


class Given:
    """The facts as questions about terms, and one rewriting for each."""

    def __init__(self, facts_of: FactsOf) -> None:
        self.facts_of = facts_of

    def of(self, term: Term) -> Known | None:
        """What is known of the term if it is a symbol."""
        return self.facts_of(term.name) if isinstance(term, Symbol) else None

    def onehot(self, term: Term) -> int:
        """Over how many of its last axes exactly one entry is 1 and the others are 0; 0 if that is not known."""
        if isinstance(term, Special) and term.operation == "argmax":
            return term.axes
        known = self.of(term)
        return 1 if known is not None and known.onehot and term.order else 0

    def total(self, term: Term) -> tuple[int, int] | None:
        """(m, s): the sum over the last m axes is s, if that is known."""
        if self.onehot(term):
            return self.onehot(term), 1
        if isinstance(term, Special) and term.operation in ("softmax", "standardize"):
            return term.axes, int(term.operation == "softmax")
        known = self.of(term)
        return (1, 1) if known is not None and known.simplex and term.order else None

    def binary(self, term: Term) -> bool:
        """True if every entry is 0 or 1."""
        if isinstance(term, Map) and term.head in ("step", "iszero"):
            return True
        known = self.of(term)
        values = known.values if known is not None else None
        return bool(self.onehot(term)) or (values is not None and set(values) <= {0, 1})

    def positive(self, term: Term, depth: int = 0) -> bool:
        """True if every entry is surely > 0."""
        if depth > DEPTH:
            return False
        if isinstance(term, Symbol):
            known = self.of(term)
            return known is not None and (
                known.positive or (known.values is not None and all(v > 0 for v in known.values))
            )
        if isinstance(term, (Constant, Dim)):
            return True
        if isinstance(term, Map):
            above_one = term.head == "log" and self.above_one(term.children[0], depth + 1)
            return above_one or term.head in ("exp", "sigmoid", "softplus", "normal_pdf", "normal_cdf", "cosh")
        if isinstance(term, Special):
            return term.operation == "softmax"
        if isinstance(term, Sum):
            return bool(term.terms) and all(c > 0 and self.positive(t, depth + 1) for c, t in term.terms)
        if isinstance(term, Product):
            return term.coefficient > 0 and all(self.positive(t, depth + 1) for t, _, _ in term.factors)
        return False

    def above_one(self, term: Term, depth: int = 0) -> bool:
        """True if every entry is surely > 1: a number ≥ 1 plus what is positive."""
        parts = list(summands(term))
        numbers = sum((c for c, t in parts if as_number(t) is not None), 0)
        return len(parts) > 1 and numbers >= 1 and all(c > 0 and self.positive(t, depth + 1) for c, t in parts)

    def symmetric(self, term: Term) -> bool:
        """True if the last two axes can be exchanged."""
        if isinstance(term, Special) and term.operation == "inverse" and term.order == 2:
            base = term.children[0]
            return self.symmetric(base) or flipped(base) is base
        if isinstance(term, (Sum, Map)) and term.order == 2 and term.sizes[0] is term.sizes[1]:
            return flipped(term) is term
        known = self.of(term)
        return known is not None and known.symmetric and term.order >= 2

    def applied(self, term: Term) -> Term:
        """One term rewritten, its children being so already."""
        if isinstance(term, Map) and term.head in ("abs", "relu", "sign", "step", "iszero"):
            if self.positive(term.children[0]):
                same = term.head in ("abs", "relu")
                return term.children[0] if same else number(int(term.head != "iszero"), term.sizes)
            return term
        rules = (self.powers, self.roots, self.sums, self.pairs, self.ones, self.split, self.turned)
        again = True
        while again and isinstance(term, Product):
            again = False
            for rule in rules:
                new = rule(term)
                if new is not None and new is not term:
                    term = new
                    again = True
                    break
        return term

    def powers(self, term: Product) -> Term | None:
        """t^k = t for entries 0 and 1; y^k = y^(k mod 2) for entries −1 and 1."""
        factors: list[Factor] = []
        for t, labels, e in term.factors:
            if e != 1 and e > 0 and self.binary(t):
                e = 1
            known = self.of(t)
            if known is not None and known.values is not None and set(known.values) == {-1, 1} and e == int(e):
                e = int(e) % 2
            factors.append((t, labels, e))
        return _changed(term, factors)

    def roots(self, term: Product) -> Term | None:
        """(u² v)^½ = u v^½ for positive u."""
        factors: list[Factor] = []
        for t, labels, e in term.factors:
            if isinstance(t, Product) and not t.summed and e != int(e):
                inner = [(b, tuple(labels[x] for x in used), f, self.positive(b)) for b, used, f in t.factors]
                rest = [(b, used, f) for b, used, f, positive in inner if not positive]
                factors += [(b, used, exact(Fraction(f) * e)) for b, used, f, positive in inner if positive]
                if rest:
                    outer = tuple(sorted({x for _, used, _ in rest for x in used}))
                    factors.append((product(t.coefficient, rest, outer), outer, e))
                    continue
                factors.append((number(t.coefficient), (), e))
            else:
                factors.append((t, labels, e))
        return _changed(term, factors)

    def sums(self, term: Product) -> Term | None:
        """A factor summed over all the axes along which it has a known sum, where nothing else meets them."""
        for k, (t, labels, e) in enumerate(term.factors):
            known = self.total(t)
            if known is None or e != 1:
                continue
            axes, value = known
            last = labels[len(labels) - axes :]
            if min(last) < term.order or len(set(labels)) < len(labels):
                continue
            if any(x in used for i, (_, used, _) in enumerate(term.factors) if i != k for x in last):
                continue
            if value == 0:
                return zeros(term.sizes)
            rest = [f for i, f in enumerate(term.factors) if i != k]
            sizes = {x: s for x, s in enumerate(term.label_sizes) if x not in last}
            return product(term.coefficient, rest, range(term.order), sizes)
        return None

    def pairs(self, term: Product) -> Term | None:
        """t_i t_j = δ_ij t_i for a one-hot t."""
        seen: dict[tuple[Term, Labels], Labels] = {}
        for k, (t, labels, e) in enumerate(term.factors):
            axes = self.onehot(t)
            if not axes or e <= 0:
                continue
            lead, last = labels[: len(labels) - axes], labels[len(labels) - axes :]
            if (t, lead) in seen and not set(last) & set(seen[t, lead]):
                rest = [f for i, f in enumerate(term.factors) if i != k]
                deltas: list[Factor] = [
                    (delta_bracket(term.label_sizes[i]), (i, j), 1) for i, j in zip(last, seen[t, lead], strict=True)
                ]
                sizes = dict(enumerate(term.label_sizes))
                return product(term.coefficient, [*rest, *deltas], range(term.order), sizes)
            seen.setdefault((t, lead), last)
        return None

    def ones(self, term: Product) -> Term | None:
        """t f(t) = t f(1) where t is 0 or 1 and f a sum: t (1 − t) = 0."""
        for t, labels, e in term.factors:
            if e <= 0 or not self.binary(t):
                continue
            factors = [
                (_at_one(f, used, t, labels), used, power) if isinstance(f, Sum) and power > 0 else (f, used, power)
                for f, used, power in term.factors
            ]
            new = _changed(term, factors)
            if new is not None:
                return new
        return None

    def split(self, term: Product) -> Term | None:
        """Σ_j t_j (a_j + c) = Σ_j t_j a_j + c where t has a known sum, if that is not longer."""
        for k, (t, labels, e) in enumerate(term.factors):
            known = self.total(t)
            if known is None or e != 1:
                continue
            last = set(labels[len(labels) - known[0] :])
            meet = [i for i, (_, used, _) in enumerate(term.factors) if i != k and last.intersection(used)]
            if min(last) < term.order or len(meet) != 1:
                continue
            total, used, power = term.factors[meet[0]]
            if not isinstance(total, Sum) or power != 1:
                continue
            inside = {a for a, x in enumerate(used) if x in last}
            free = [(c, s) for c, s in total.terms if not inside.intersection(_axes_of(s))]
            bound = [(c, s) for c, s in total.terms if inside.intersection(_axes_of(s))]
            if not free or not bound:
                continue
            rest = [f for i, f in enumerate(term.factors) if i != meet[0]]
            sizes = dict(enumerate(term.label_sizes))
            axes = range(term.order)
            first = product(term.coefficient, [*rest, (add(free, total.sizes), used, 1)], axes, sizes)
            second = product(term.coefficient, [*rest, (add(bound, total.sizes), used, 1)], axes, sizes)
            if isinstance(first, Product):
                first = self.sums(first) or first
            new = add([(1, first), (1, second)], term.sizes)
            if cost(new) <= cost(term):
                return new
        return None

    def turned(self, term: Product) -> Term | None:
        """Each symmetric factor in the orientation that makes equal products the same term."""
        places = [
            k for k, (t, labels, _) in enumerate(term.factors) if labels[-1:] != labels[-2:-1] and self.symmetric(t)
        ]
        if not places:
            return None
        best: Term | None = None
        for turns in choices((False, True), repeat=min(len(places), TURNS)):
            factors = list(term.factors)
            for k, turn in zip(places, turns, strict=False):
                t, labels, e = factors[k]
                factors[k] = (t, (*labels[:-2], labels[-1], labels[-2]) if turn else labels, e)
            new = product(term.coefficient, factors, range(term.order), dict(enumerate(term.sizes)))
            if best is None or (_descents(new), new.digest) < (_descents(best), best.digest):
                best = new
        return best


def _at_one(term: Term, used: Labels, t: Term, labels: Labels, depth: int = 0) -> Term:
    """term[used] with t[labels] = 1, in sums and products of sums."""
    if term is t and used == labels:
        return number(1, term.sizes)
    if depth > DEPTH:
        return term
    if isinstance(term, Sum):
        return add([(c, _at_one(summand, used, t, labels, depth + 1)) for c, summand in term.terms], term.sizes)
    if not isinstance(term, Product):
        return term
    factors: list[Factor] = []
    for f, own, e in term.factors:
        if e > 0 and all(x < term.order for x in own):
            f = _at_one(f, tuple(used[x] for x in own), t, labels, depth + 1)
        factors.append((f, own, e))
    return _changed(term, factors) or term


def _descents(term: Term) -> int:
    """How many factors have their last two labels in descending order: transposes, mostly."""
    if not isinstance(term, Product):
        return 0
    return sum(labels[-2:] > labels[-1:] + labels[-2:-1] for _, labels, _ in term.factors if len(labels) > 1)


def _axes_of(term: Term) -> Iterator[int]:
    """The axes along which the term may vary."""
    if isinstance(term, Product):
        yield from (x for _, labels, _ in term.factors for x in labels if x < term.order)
    else:
        yield from range(term.order)


def _changed(term: Product, factors: Sequence[Factor]) -> Term | None:
    """The product with other factors over the same labels; None if they are the same."""
    if tuple(factors) == term.factors:
        return None
    return product(term.coefficient, factors, range(term.order), dict(enumerate(term.label_sizes)))


__all__ = ["FactsOf", "Given", "Known", "apply_facts", "nothing_known"]
