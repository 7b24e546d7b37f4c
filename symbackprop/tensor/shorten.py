"""The shortest form of small scalar expressions inside a term: (−y/a + (1 − y)/(1 − a)) a (1 − a) becomes a − y.

Factors that share entries are one scalar expression, whatever is summed around them. Where something may be gained
(denominators meet factors, or fractions meet fractions) it is a rational function of its atoms, and `rational` finds
its shortest form, once for each shape. Everything else stays as it is: 1 − a² is not factored, sums are not expanded.
For results, not for terms that are differentiated further.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import lcm

from .cost import cost
from .factor import groups
from .matching import placed
from .normal import add, apply, as_number, exact, leading_sign, product
from .rational import Expr, atom, atoms, length, nodes, plus, shortest, times
from .size import Size
from .substitute import rewritten
from .terms import Factor, Labels, Map, Number, Product, Sum, Term

ATOMS = 12
NODES = 60
VISITS = 150  # a term with more nodes than this is one atom
HEAVY = 24  # the length of an atom counts up to this

Key = tuple[Term, Labels]
Power = tuple[Expr, Number]


def shorten(term: Term, done: dict[Term, Term] | None = None) -> Term:
    """The term with each small scalar expression in its shortest form. Shapes and values stay; iterative.

    `done` holds subterms whose short form is known from before, and is added to.
    """
    return rewritten(term, {} if done is None else done, _shortened)


def _shortened(term: Term) -> Term:
    """One term, whose children are short already."""
    if isinstance(term, Product) and len(term.factors) > 1:
        return _short_product(term)
    if isinstance(term, Sum) and len(term.terms) > 1:
        return _short_sum(term)
    return term


def _short_product(term: Product) -> Term:
    """The product with each cluster of factors that share atoms in shortest form."""
    if sum(isinstance(t, Sum) or (isinstance(t, Map) and t.head == "exp") for t, _, _ in term.factors) == 0:
        return term
    view = _View()
    powers = view.powers(term.factors)
    sizes = dict(enumerate(term.label_sizes))
    kept: list[Factor] = []
    changed = False
    for cluster in _clusters([atoms(x) for x, _ in powers]):
        own = [powers[k] for k in cluster]
        new = view.shortened(times(1, own), sizes) if _promising_product(own) else None
        kept += [term.factors[k] for k in cluster] if new is None else [(*new, 1)]
        changed = changed or new is not None
    if not changed:
        return term
    return product(term.coefficient, kept, range(term.order), dict(enumerate(term.sizes)))


def _short_sum(term: Sum) -> Term:
    """The sum with each cluster of terms whose fractions or brackets share atoms in shortest form."""
    view = _View()
    axes = tuple(range(term.order))
    sizes = dict(enumerate(term.sizes))
    powers = view.powers([(t, axes, 1) for _, t in term.terms])
    inner = [_inner(x) for x, _ in powers]
    every = [atoms(x) for x, _ in powers]
    kept: list[tuple[Number, Term]] = []
    changed = False
    for cluster in _clusters(every, inner):
        new = None
        if len(cluster) > 1:
            summands = [(term.terms[k][0], times(1, [powers[k]])) for k in cluster]
            new = view.shortened(plus(summands), sizes)
        if new is None:
            kept += [term.terms[k] for k in cluster]
        else:
            kept.append((1, product(1, [(*new, 1)], axes, sizes)))
            changed = True
    return add(kept, term.sizes) if changed else term


def _clusters(every: Sequence[frozenset[int]], inner: Sequence[frozenset[int]] | None = None) -> list[list[int]]:
    """Positions in groups: two are together if one's inner atoms (all, by default) occur in the other."""
    inner = every if inner is None else inner
    group = list(range(len(every)))
    for i in range(len(every)):
        for j in range(i):
            if group[i] != group[j] and (inner[i] & every[j] or inner[j] & every[i]):
                old, new = max(group[i], group[j]), min(group[i], group[j])
                group = [new if g == old else g for g in group]
    return [[k for k, g in enumerate(group) if g == first] for first in dict.fromkeys(group)]


def _inner(x: Expr) -> frozenset[int]:
    """The atoms in brackets or in denominators of a term of a sum."""
    if x[0] != "*":
        return frozenset()
    return frozenset().union(*(atoms(t) for t, e in x[2] if t[0] == "+" or e < 0))


def _divided(x: Expr) -> frozenset[int]:
    """The atoms in denominators."""
    if x[0] == "a":
        return frozenset()
    if x[0] == "+":
        return frozenset().union(*(_divided(t) for _, t in x[1]))
    return frozenset().union(*(atoms(t) if e < 0 else _divided(t) for t, e in x[2]))


def _promising_product(powers: Sequence[Power]) -> bool:
    """True if denominators meet factors in a way that may cancel."""
    for i, (x, e) in enumerate(powers):
        for y, f in powers[:i]:
            shared = atoms(x) & atoms(y)
            if not shared:
                continue
            if x == y or shared & (_divided(x) | _divided(y)):
                return True
            if "+" in (x[0] if e > 0 else "", y[0] if f > 0 else "") and min(e, f) < 0:
                return True
            if x[0] == y[0] == "+" and e > 0 and f > 0 and atoms(x) == atoms(y) and max(len(x[1]), len(y[1])) < 4:
                return True
    return False


class _TooLarge(Exception):
    """The term has more nodes than are worth a look."""


class _View:
    """Labelled terms as expressions over numbered atoms; exponents of atom k count in units of 1/roots[k]."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.number: dict[Key, int] = {}
        self.roots: dict[int, int] = {}
        self.whole: set[Key] = set()  # sums that occur under a root somewhere: atoms everywhere
        self.visits = 0

    def powers(self, factors: Sequence[Factor]) -> list[Power]:
        """Each factor as a power of an expression, over the same atoms."""
        while True:
            known = len(self.whole)
            raw = [self.first(*factor) for factor in factors]
            if len(self.whole) == known:
                return [self.counted(x, e) for x, e in raw]

    def first(self, term: Term, labels: Labels, e: Number) -> Power:
        """One factor; an atom if it is too large to look into."""
        self.visits = 0
        try:
            return self.power(term, labels, e)
        except _TooLarge:
            return self.leaf((term, labels), e)

    def leaf(self, key: Key, e: Number) -> Power:
        """A power of an atom."""
        key = placed(*key)
        k = self.number.setdefault(key, len(self.keys))
        if k == len(self.keys):
            self.keys.append(key)
        self.roots[k] = lcm(self.roots.get(k, 1), Fraction(e).denominator)
        return atom(k), e

    def power(self, term: Term, labels: Labels, e: Number) -> Power:
        """term[labels]^e; exponents of atoms may be fractions here."""
        self.visits += 1
        if self.visits > VISITS:
            raise _TooLarge
        key = placed(term, labels)
        if isinstance(term, Map) and term.head == "exp" and leading_sign(term.children[0]) < 0:
            return self.leaf((apply("exp", [-term.children[0]]), labels), -e)
        if isinstance(term, Sum) and not term.is_zero:
            if _is_complement(term):
                return self.leaf(key, e)
            if e == int(e) and key not in self.whole:
                return plus([(c, self.of(t, labels)) for c, t in term.terms]), e
            self.whole.add(key)
        if isinstance(term, Product) and e == 1:
            return self.of(term, labels), 1
        return self.leaf(key, e)

    def of(self, term: Term, labels: Labels) -> Expr:
        """term[labels]; a contraction inside is an atom."""
        if not isinstance(term, Product):
            return times(1, [self.power(term, labels, 1)])
        found: dict[Expr, Number] = {}
        for group in groups(term):
            if len(group) == 1 and all(x < term.order for x in group[0][1]):
                t, used, e = group[0]
                x, e = self.power(t, tuple(labels[k] for k in used), e)
            else:
                outer = tuple(sorted({k for _, used, _ in group for k in used if k < term.order}))
                x, e = self.leaf((product(1, group, outer), tuple(labels[k] for k in outer)), 1)
            found[x] = exact(found.get(x, 0) + e)
        return times(term.coefficient, list(found.items()))

    def counted(self, x: Expr, e: Number) -> Power:
        """The power with exponents of atoms in units of their roots, so that all are integers."""
        if x[0] == "a":
            return x, exact(e * self.roots[x[1]])
        if x[0] == "+":
            return ("+", tuple((c, times(1, [self.counted(t, 1)])) for c, t in x[1])), e
        return times(x[1], [self.counted(t, f) for t, f in x[2]]), e

    def shortened(self, x: Expr, sizes: Mapping[int, Size]) -> Key | None:
        """The expression as a shorter labelled term, or None if none is known."""
        lead = len(self.keys)
        x, closed = _closed(x, lead)
        order = list(dict.fromkeys(_walk(x)))
        if len(order) > ATOMS or nodes(x) > NODES:
            return None
        weights = tuple(
            self.weight(k) if k < lead else min(length(closed[k - lead], [self.weight(a) for a in range(lead)]), HEAVY)
            for k in order
        )
        shape = _renumbered(x, {k: n for n, k in enumerate(order)}.__getitem__)
        best = shortest(shape, weights)
        return None if best == shape else self.built(_renumbered(best, order.__getitem__), closed, sizes)

    def weight(self, k: int) -> int:
        """The length of an atom."""
        return min(cost(self.keys[k][0]), HEAVY)

    def built(self, x: Expr, closed: Sequence[Expr], sizes: Mapping[int, Size]) -> Key:
        """The expression as a term with the labels that its axes carry."""
        lead = len(self.keys)
        if x[0] == "a" and x[1] >= lead:
            return self.built(closed[x[1] - lead], closed, sizes)
        if x[0] == "a":
            return self.built(("*", 1, ((x, 1),)), closed, sizes)
        if x[0] == "+":
            parts = [(c, *self.built(t, closed, sizes)) for c, t in x[1]]
            outer = tuple(sorted({k for _, _, labels in parts for k in labels}))
            shape = {k: sizes[k] for k in outer}
            wide = [(c, product(1, [(t, labels, 1)], outer, shape)) for c, t, labels in parts]
            return add(wide, tuple(shape.values())), outer
        factors: list[Factor] = []
        for t, e in x[2]:
            if t[0] == "a" and t[1] < lead:
                (term, labels), e = self.keys[t[1]], exact(Fraction(e) / self.roots[t[1]])
                if e < 0 and isinstance(term, Map) and term.head == "exp":
                    term, e = apply("exp", [-term.children[0]]), -e
            else:
                term, labels = self.built(t, closed, sizes)
            factors.append((term, labels, e))
        outer = tuple(sorted({k for _, labels, _ in factors for k in labels}))
        return product(x[1], factors, outer), outer


def _is_complement(term: Sum) -> bool:
    """True for 1 − step(u): what it multiplies may be infinite where it is 0, so that it is never multiplied out."""
    heads = [t.head for _, t in term.terms if isinstance(t, Map)]
    return (
        len(term.terms) == 2
        and heads in (["step"], ["iszero"])
        and any(as_number(t) is not None for _, t in term.terms)
    )


def _walk(x: Expr) -> Iterator[int]:
    """The atoms as they occur."""
    if x[0] == "a":
        yield x[1]
    else:
        for part in x[1] if x[0] == "+" else x[2]:
            yield from _walk(part[1] if x[0] == "+" else part[0])


def _renumbered(x: Expr, new: Callable[[int], int]) -> Expr:
    """The expression over other atoms."""
    if x[0] == "a":
        return atom(new(x[1]))
    if x[0] == "+":
        return ("+", tuple((c, _renumbered(t, new)) for c, t in x[1]))
    return ("*", x[1], tuple((_renumbered(t, new), e) for t, e in x[2]))


def _closed(x: Expr, lead: int) -> tuple[Expr, list[Expr]]:
    """The expression with sums inside whose atoms occur nowhere else as atoms, numbered from `lead`; and those sums."""
    total: dict[int, int] = {}
    for k in _walk(x):
        total[k] = total.get(k, 0) + 1
    sums: dict[Expr, int] = {}
    stack = [x]
    while stack:
        top = stack.pop()
        if top[0] == "+":
            sums[top] = sums.get(top, 0) + 1
        if top[0] != "a":
            stack += [t for _, t in top[1]] if top[0] == "+" else [t for t, _ in top[2]]
    closed: dict[Expr, int] = {}

    def visit(top: Expr) -> Expr:
        if top[0] == "a":
            return top
        if top[0] == "+":
            if top is not x:
                own: dict[int, int] = {}
                for k in _walk(top):
                    own[k] = own.get(k, 0) + 1
                if all(total[k] == sums[top] * n for k, n in own.items()):
                    return atom(closed.setdefault(top, lead + len(closed)))
            return ("+", tuple((c, visit(t)) for c, t in top[1]))
        return ("*", top[1], tuple((visit(t), e) for t, e in top[2]))

    return visit(x), list(closed)


__all__ = ["shorten"]
