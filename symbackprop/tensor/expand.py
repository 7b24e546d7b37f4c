"""Full expansion: a term as a sum of products of atoms, with functions of exponential type unfolded.

Sums inside products are distributed. An atom is a symbol, a bracket, an opaque function of expanded arguments, or a
negative or fractional power of a sum or contraction. `unfold` says what functions are made of, `reduction` which
products of atoms are sums of others. Every step is an identity wherever both sides are defined: what expands to zero is
zero. That two terms expand differently shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product as choices
from math import floor, trunc
from time import process_time

from .factor import Item, items
from .facts import FactsOf, Given
from .matching import factors_of
from .normal import add, apply, as_number, content, exact, number, product, summands, unit
from .reduction import reduced
from .size import Size
from .terms import Factor, Map, Number, Product, Special, Sum, Term
from .unfold import unfold_map, unfold_special

WORK = 20_000  # products formed before giving up
POWER = 12  # powers of sums past this one are not multiplied out


class Overflow(Exception):
    """The expansion has become larger than is worth while."""


class Expander:
    """Expansions under given facts, each made once."""

    def __init__(self, facts_of: FactsOf, most: int = WORK, until: float | None = None) -> None:
        self.given = Given(facts_of)
        self.most, self.until = most, until
        self.done: dict[Term, Term] = {}
        self.rewrites: dict[Term, list[tuple[Number, Term]] | None] = {}
        self.work = 0

    def charge(self, amount: int) -> None:
        """Count work; raises Overflow past the bound, and past the time if there is one."""
        self.work += amount
        if self.work > self.most or (self.until is not None and process_time() > self.until):
            raise Overflow

    def expanded(self, term: Term) -> Term:
        """The expansion. Raises Overflow, and ZeroDivisionError where a divisor turns out to be zero."""
        stack = [term]
        while stack:
            top = stack[-1]
            missing = [child for child in top.children if child not in self.done] if top not in self.done else ()
            if missing:
                stack.extend(missing)
                continue
            stack.pop()
            if top not in self.done:
                self.done[top] = self.finished(self.one(top))
        return self.done[term]

    def finished(self, term: Term) -> Term:
        """The expansion, known to be its own expansion."""
        self.done[term] = term
        for child in term.children if isinstance(term, (Sum, Product)) else ():
            self.done.setdefault(child, child)
        return term

    def one(self, term: Term) -> Term:
        """The expansion of a term whose children are expanded."""
        if isinstance(term, Sum):
            return add([(c, self.done[t]) for c, t in term.terms], term.sizes)
        if isinstance(term, Product):
            factors: list[Factor] = []
            for t, labels, e in term.factors:
                factors += [(p, tuple(labels[a] for a in own), f) for p, own, f in self.power(self.done[t], e)]
            return self.distributed(term.coefficient, factors, range(term.order), dict(enumerate(term.label_sizes)))
        if isinstance(term, Map):
            return unfold_map(self, term.head, [self.done[child] for child in term.children])
        if isinstance(term, Special):
            return unfold_special(self, term, [self.done[child] for child in term.children])
        return term

    def distributed(
        self, c: Number, factors: Iterable[Factor], output: Sequence[int], sizes: Mapping[int, Size]
    ) -> Term:
        """c · Σ Π factors, with first powers of sums multiplied out."""
        sums: list[list[Factor]] = []
        weights: list[list[Number]] = []
        others: list[Factor] = []
        count = 1
        for t, labels, e in factors:
            parts = list(summands(t)) if e == 1 else []
            if len(parts) > 1:
                sums.append([(summand, labels, 1) for _, summand in parts])
                weights.append([w for w, _ in parts])
                count *= len(parts)
            else:
                others.append((t, labels, e))
        self.charge(count)
        found: list[tuple[Number, Term]] = []
        shape = tuple(sizes[x] for x in output)
        for chosen, weight in zip(choices(*sums), choices(*weights), strict=True):
            total = c
            for w in weight:
                total = total * w
            found.append((1, product(exact(total), [*others, *chosen], output, sizes)))
        return self.total(found, shape)

    def total(self, terms: Iterable[tuple[Number, Term]], shape: tuple[Size, ...]) -> Term:
        """The sum of products of atoms, each reduced."""
        total: dict[Term, Number] = {}
        stack = list(terms)
        while stack:
            c, term = stack.pop()
            parts = list(summands(term))
            if len(parts) > 1:
                stack += [(c * w, t) for w, t in parts]
                continue
            c, bare = c * content(term), unit(term)
            if bare not in self.rewrites:
                self.charge(1)
                self.rewrites[bare] = reduced(bare, self.given)
            new = self.rewrites[bare]
            if new is None:
                total[bare] = total.get(bare, 0) + c
            else:
                self.charge(len(new))
                stack += [(c * w, t) for w, t in new]
        return add([(c, t) for t, c in total.items()], shape)

    def power(self, base: Term, e: Number) -> list[Factor]:
        """base^e as factors on the base's axes, for an expanded base; first powers of sums are not distributed."""
        axes = tuple(range(base.order))
        contracted = isinstance(base, Product) and len(base.summed) > 0
        if e == int(e) and e > 0:
            if not contracted and len(list(summands(base))) == 1:
                return [(base, axes, e)]
            if e > POWER:
                raise Overflow
            return [(base, axes, 1)] * int(e)
        if as_number(base) is not None or not isinstance(base, (Sum, Product)):
            return [(base, axes, e)]
        c, common, rest = self.split(base)
        if c == 1 and ((common == {(base, axes): 1} and rest is None) or (not common and rest is base)):
            return self.irreducible(base, e)
        parts: list[tuple[Term, tuple[int, ...], Number]] = [(t, labels, k) for (t, labels), k in common.items()]
        if rest is not None:
            parts.append((rest, axes, 1))
        rooted = () if isinstance(e, int) else _rooted(base)
        kept: list[Factor] = []
        found: list[Factor] = []
        for t, labels, k in parts:
            whole = exact(k * e)
            if isinstance(e, int) or t in rooted or self.given.positive(t):
                found += [(p, tuple(labels[a] for a in own), f) for p, own, f in self.power(t, whole)]
            elif isinstance(k, int) and k % 2 == 0 and isinstance(whole, int):
                found += [(p, tuple(labels[a] for a in own), f) for p, own, f in self.power(t, whole)]
                if whole % 2:
                    found.append((self.expanded(apply("sign", [t])), labels, 1))
            else:
                kept.append((t, labels, k))
        if isinstance(e, int):
            return [*found, (number(c), (), e)]
        found.append((number(c if c > 0 else -c), (), e))
        if not kept and c > 0:
            return found
        sign = 1 if c > 0 else -1
        shape = dict(enumerate(base.sizes))
        found += self.irreducible(self.distributed(sign, kept, axes, shape), e)
        return found

    def irreducible(self, base: Term, e: Number) -> list[Factor]:
        """A power of a base that cannot be split; a fractional one is between −1 and 0, times whole powers."""
        axes = tuple(range(base.order))
        if isinstance(e, int) or e < 0:
            return [(base, axes, e)]
        whole = floor(e) + 1
        return [*self.power(base, whole), (base, axes, exact(e - whole))]

    def split(self, base: Term) -> tuple[Number, dict[Item, Number], Term | None]:
        """(number, common powers, rest): the base is their product; the rest is a sum without common factors."""
        bare = unit(base)
        c = content(base)
        if not isinstance(bare, Sum):
            return c, items(bare), None
        parts = [items(t) for _, t in bare.terms]
        common: dict[Item, Number] = {}
        for item in dict.fromkeys(item for part in parts for item in part):
            least = _common_power(item[0], [part.get(item, 0) for part in parts])
            if least:
                common[item] = least
        if not common:
            return c, {}, bare
        axes = tuple(range(bare.order))
        shape = dict(enumerate(bare.sizes))
        rests: list[tuple[Number, Term]] = []
        for (w, _), part in zip(bare.terms, parts, strict=True):
            factors: list[Factor] = []
            for t, labels in dict.fromkeys((*part, *common)):
                e = exact(part.get((t, labels), 0) - common.get((t, labels), 0))
                factors += [(p, tuple(labels[a] for a in own), f) for p, own, f in self.power(t, e)] if e else []
            rests.append((w, self.distributed(1, factors, axes, shape)))
        rest = self.finished(self.total(rests, bare.sizes))
        inner, more, left = (content(rest), {}, unit(rest)) if isinstance(unit(rest), Sum) else self.split(rest)
        for item, power in more.items():
            common[item] = exact(common.get(item, 0) + power)
        return exact(c * inner), {item: e for item, e in common.items() if e}, left


def _common_power(base: Term, powers: Sequence[Number]) -> Number:
    """The power of a base to take out of a sum, given the powers in its terms: the least.

    Where whole and fractional powers of a sum meet it is a whole one: the others are multiplied out, and come back.
    """
    least = min(powers)
    if not isinstance(base, (Sum, Product)) or all(exact(p - least) == int(p - least) for p in powers):
        return least
    return trunc(least)


def _rooted(base: Term) -> set[Term]:
    """What stands under a root somewhere in the base: it is nowhere negative."""
    factors = (f for _, t in summands(base) for f in factors_of(t))
    return {t for t, _, e in factors if not isinstance(e, int)}


__all__ = ["Expander", "Overflow"]
