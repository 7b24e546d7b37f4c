"""Nodes by what they are: a term that a node is defined to be is printed, and computed, as the node."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from .network import Equation
from .tensor.normal import add, flipped, product, scaled, unit
from .tensor.pick import picked, place_of, unit_vector
from .tensor.recognise import recognised
from .tensor.substitute import fold, rewritten, substitute, subterms
from .tensor.terms import Factor, Labels, Map, Number, Product, Sum, Symbol, Term


class Definitions:
    """The defining terms of some nodes, found in other terms without looking at every node."""

    def __init__(self, equations: Iterable[Equation]) -> None:
        self.symbols: dict[Term, Term] = {}
        self._stacked = False
        self._roots: dict[Term, tuple[Number, Symbol]] = {}
        self._by_symbol: dict[Term, list[tuple[Term, Symbol, frozenset[Term]]]] = {}
        for e in equations:
            if isinstance(e.term, Symbol) or not e.term.children:
                continue
            self.symbols.setdefault(e.term, e.symbol)
            self.symbols.setdefault(recognised(e.term), e.symbol)
            turned = _permuted(e.term)
            if turned is not None:
                self.symbols.setdefault(turned[0], product(1, [(e.symbol, turned[1], 1)], range(e.term.order)))
            if isinstance(e.term, (Sum, Map)) and e.term.order == 2:
                self.symbols.setdefault(flipped(e.term), flipped(e.symbol))
            if isinstance(e.term, Product) and e.term.coefficient != 1:
                self.symbols.setdefault(unit(e.term), scaled(Fraction(1) / e.term.coefficient, e.symbol))
            root = _root(e.term)
            if root is not None:
                self._roots.setdefault(root[0], (root[1], e.symbol))
            inside = [t for t in subterms(e.term) if isinstance(t, Symbol)]
            if isinstance(e.term, (Product, Sum)) and inside:
                self._by_symbol.setdefault(inside[0], []).append((e.term, e.symbol, frozenset(inside)))
        self._note_stacks()

    def _note_stacks(self) -> None:
        """An array whose every entry is a node is the stack of these nodes: y_1, y_2 = softmax(...)."""
        entries: dict[Term, dict[int, Term]] = {}
        for definition, name in self.symbols.items():
            if isinstance(definition, Product) and definition.coefficient == 1 and len(definition.factors) == 2:
                whole = next((f[0] for f in definition.factors if f[0].order == 1 and place_of(f[0]) is None), None)
                place = next((p for p in (place_of(f[0]) for f in definition.factors) if p is not None), None)
                if whole is not None and place is not None and not isinstance(whole, Symbol):
                    entries.setdefault(whole, {})[place] = name
        for whole, names in entries.items():
            (length,) = whole.sizes
            if length.number == len(names):
                parts = [product(1, [(x, (), 1), (unit_vector(k, length), (0,), 1)], (0,)) for k, x in names.items()]
                self.symbols.setdefault(whole, add([(1, part) for part in parts], whole.sizes))
                self._stacked = True

    def named(self, term: Term) -> Term:
        """The term with every whole subterm that defines a node replaced by the node's symbol."""
        if not self.symbols:
            return term
        found: dict[Term, Term] = {}
        for inner in subterms(term):
            if inner in self.symbols:
                found[inner] = self.symbols[inner]
            elif isinstance(inner, Product) and unit(inner) in self.symbols:
                found[unit(inner)] = self.symbols[unit(inner)]
        term = substitute(term, found) if found else term
        term = picked(term) if self._stacked else term
        return rewritten(term, {}, self._rooted) if self._has_root(term) else term

    def _has_root(self, term: Term) -> bool:
        return bool(self._roots) and any(inner in self._roots for inner in subterms(term))

    def _rooted(self, term: Term) -> Term:
        """A product in which u^(-1/2) is 1/s for a node s = u^(1/2)."""
        if not isinstance(term, Product) or not any(f[0] in self._roots for f in term.factors):
            return term
        factors: list[Factor] = []
        for child, labels, exponent in term.factors:
            part, name = self._roots.get(child, (1, None))
            ratio = Fraction(exponent) / part
            whole = name is not None and ratio.denominator == 1 and exponent != 1
            factors.append((name, labels, ratio.numerator) if whole and name is not None else (child, labels, exponent))
        return product(term.coefficient, factors, range(term.order), dict(enumerate(term.label_sizes)))

    def folded(self, term: Term) -> Term:
        """The same, and definitions are found among the factors of larger products and the terms of larger sums."""
        term = self.named(term)
        tried: set[Term] = set()
        while True:
            present = {t for t in subterms(term) if isinstance(t, Symbol)}
            candidates = {
                definition: name
                for first in present
                for definition, name, inside in self._by_symbol.get(first, ())
                if inside <= present
            }
            if candidates.keys() <= tried:
                return term
            tried.update(candidates)  # what is found makes others findable: x − mean(x), then (x − μ)/σ
            term = fold(term, candidates)


def _permuted(term: Term) -> tuple[Term, Labels] | None:
    """(u, labels) if the term is an operation u with its axes in another order, and the labels that undo it."""
    if not isinstance(term, Product) or len(term.factors) != 1 or term.coefficient != 1:
        return None
    child, labels, exponent = term.factors[0]
    if exponent != 1 or isinstance(child, Symbol) or sorted(labels) != list(range(term.order)) != list(labels):
        return None
    return child, tuple(labels.index(k) for k in range(term.order))


def _root(term: Term) -> tuple[Term, Number] | None:
    """(u, p) if the term is u^p for a fraction p, else None."""
    if not isinstance(term, Product) or len(term.factors) != 1 or term.coefficient != 1:
        return None
    child, labels, exponent = term.factors[0]
    plain = labels == tuple(range(term.order)) and len(term.label_sizes) == term.order
    return (child, exponent) if plain and not isinstance(exponent, int) else None
