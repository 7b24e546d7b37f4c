"""Results as a person would leave them: recursive gradients tidied, closed forms with the downstream gradients put in.

Facts (one-hot, positive, ...) are used here and nowhere before: two terms that are equal under a fact can have
different derivatives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .definitions import Definitions
from .express.order import GRADIENT, gradient_of
from .graph import Graph
from .network import Facts, Model
from .tensor.collect import collected, multiplied_out
from .tensor.factor import factored
from .tensor.facts import apply_facts
from .tensor.normal import add, product, zeros
from .tensor.pullback import children_last
from .tensor.recognise import recognised
from .tensor.shorten import shorten
from .tensor.size import Size
from .tensor.substitute import rewritten, substitute
from .tensor.terms import Bracket, Product, Special, Sum, Symbol, Term, symbol

LONGEST = 400  # symbols in a closed form; a gradient longer than that stays a name, listed as "where"
DEEPEST = 80  # formulas one inside the other; printers stop at 200 levels
NOTHING = Facts()
SIMPLEX = Facts(simplex=True)


@dataclass
class Closer:
    """Closed and tidied forms of one derivation's gradients, each made once."""

    model: Model
    graph: Graph
    definitions: Definitions
    recursive: Mapping[str, Term]
    _closed: dict[str, Term] = field(default_factory=dict)
    _tidy: dict[Term, Term] = field(default_factory=dict)
    _short: dict[Term, Term] = field(default_factory=dict)
    _factored: dict[Term, Term] = field(default_factory=dict)
    _length: dict[Term, int] = field(default_factory=dict)
    _nesting: dict[Term, int] = field(default_factory=dict)
    _zero: dict[tuple[Term, int], bool] = field(default_factory=dict)

    @cached_property
    def known(self) -> dict[str, Facts]:
        """What is declared, by name; a node that is a softmax along its last axis sums to 1 there."""
        found = {n: d.facts for n, d in self.model.declarations.items() if d.facts != NOTHING}
        for name, equation in self.model.equations.items():
            term = recognised(equation.term)
            if isinstance(term, Special) and term.operation == "softmax" and term.axes == 1:
                found[name] = SIMPLEX
        return found

    def facts_of(self, name: str) -> Facts:
        """What is known of a symbol or node."""
        return self.known.get(name, NOTHING)

    def under_facts(self, term: Term, inside: list[Term]) -> Term:
        """The term under what is known of its symbols; `inside` are its subterms."""
        if any(isinstance(x, Symbol) and x.name in self.known for x in inside):
            return apply_facts(term, self.facts_of)
        return term

    def without_zero_sums(self, term: Term) -> Term:
        """The term without products in which something is summed that surely sums to zero, such as x − mean(x)."""
        return rewritten(term, {}, self._zero_sum)

    def _zero_sum(self, term: Term) -> Term:
        if isinstance(term, Product) and term.summed:
            count: dict[int, int] = {}
            for _, labels, _ in term.factors:
                for label in labels:
                    count[label] = count.get(label, 0) + 1
            for child, labels, exponent in term.factors:
                lone = [a for a, x in enumerate(labels) if x >= term.order and count[x] == 1]
                if exponent == 1 and any(self.sums_to_zero(child, a) for a in lone):
                    return zeros(term.sizes)
        return term

    def sums_to_zero(self, term: Term, axis: int) -> bool:
        """True if the term, with means put in for the nodes that are means, sums to zero along the axis."""
        if (term, axis) not in self._zero:
            self._zero[term, axis] = self._sums_to_zero(term, axis)
        return self._zero[term, axis]

    def _sums_to_zero(self, term: Term, axis: int) -> bool:
        if isinstance(term, Symbol):
            if term.name not in self.model.equations:
                return False
            term = self.model.equations[term.name].term
        if isinstance(term, Special):
            return term.operation == "standardize" and axis >= term.order - term.axes
        if not isinstance(term, (Product, Sum)):
            return False
        means: dict[Term, Term] = {}
        for inner in children_last(term):
            if isinstance(inner, Symbol) and inner.name in self.model.equations:
                definition = self.model.equations[inner.name].term
                if isinstance(definition, Product) and definition.summed:
                    means[inner] = definition
        opened = substitute(term, means)
        keep = tuple(a for a in range(opened.order) if a != axis)
        total = tuple(range(opened.order))
        if isinstance(opened, Sum):
            return add([(c, product(1, [(x, total, 1)], keep)) for c, x in opened.terms], _but(opened, axis)).is_zero
        if isinstance(opened, Product):
            for k, (child, labels, exponent) in enumerate(opened.factors):
                if isinstance(child, Sum) and exponent == 1:
                    rest = [f for i, f in enumerate(opened.factors) if i != k]
                    sizes = dict(enumerate(opened.label_sizes))
                    parts = [(c, product(1, [*rest, (x, labels, 1)], keep, sizes)) for c, x in child.terms]
                    return add(parts, _but(opened, axis)).is_zero
        return False

    def tidied(self, term: Term) -> Term:
        """The term under the declared facts, shortened, with common factors in front."""
        if term not in self._tidy:
            inside = children_last(term)
            known = self.under_facts(term, inside)
            if any(isinstance(t, Sum) for t in inside):
                known = factored(shorten(known, self._short), self._factored)
            self._tidy[term] = known
        return self._tidy[term]

    def tidied_block(self, term: Term) -> Term:
        """A Hessian block under the declared facts, as a sum of structures, each with what stands in it shortened."""
        opened = multiplied_out(term)
        return collected(self.under_facts(opened, children_last(opened)))

    def length(self, term: Term) -> int:
        """How many symbols the term shows when printed."""
        for inner in reversed(children_last(term)):
            if inner not in self._length:
                count = 1 if isinstance(inner, Symbol) else sum(self._length[c] for c in inner.children)
                self._length[inner] = min(count, LONGEST + 1)
        return self._length[term]

    def nesting(self, term: Term) -> int:
        """How many formulas may stand one inside the other: a flat chain of products is printed as a nested one."""
        for inner in reversed(children_last(term)):
            if inner not in self._nesting:
                own = sum(bool(f[1]) for f in inner.factors) if isinstance(inner, Product) else 1
                self._nesting[inner] = own + max((self._nesting[c] for c in inner.children), default=0)
        return self._nesting[term]

    def closed(self, name: str) -> tuple[Term, tuple[str, ...]]:
        """The gradient in declared symbols and forward nodes only, and the gradients that stay names in it."""
        stack = [name]
        while stack:
            top = stack[-1]
            if top in self._closed:
                stack.pop()
                continue
            given = self.gradients_in(self.recursive[top])
            missing = [g for g in given if g not in self._closed]
            if missing:
                stack.extend(missing)
                continue
            stack.pop()
            self._closed[top] = self.put_in(top, given)
        term = self._closed[name]
        return term, tuple(self.gradients_in(term))

    def put_in(self, name: str, given: list[str]) -> Term:
        """The recursive form with the closed forms of the gradients in it, unless they are too long."""
        mapping: dict[Term, Term] = {}
        for g in given:
            known = self._closed[g]
            if self.length(known) <= LONGEST and self.nesting(known) <= DEEPEST:
                mapping[symbol(GRADIENT + g, known.sizes)] = known
        term = substitute(self.recursive[name], mapping)
        known = self.without_zero_sums(self.definitions.folded(term))
        return self.tidied(rewritten(known, {}, picked))

    def gradients_in(self, term: Term) -> list[str]:
        """The nodes whose gradients occur in a term."""
        found = [gradient_of(t.name) for t in children_last(term) if isinstance(t, Symbol)]
        return [g for g in found if g is not None]


def _but(term: Term, axis: int) -> tuple[Size, ...]:
    """The shape without one axis."""
    return term.sizes[:axis] + term.sizes[axis + 1 :]


def picked(term: Term) -> Term:
    """Next to a one-hot vector another vector is its entry there, where that is shorter: p ∘ e_y / p_y is e_y."""
    if not isinstance(term, Product):
        return term
    hot = [(x, used) for x, used, _ in term.factors if isinstance(x, Bracket) and not x.is_delta and x.indices]
    if not hot or not any(f[2] != 1 for f in term.factors):
        return term
    sizes = dict(enumerate(term.label_sizes))
    best: Term = term
    for bracket, held in hot:
        free = [x for x, c in zip(held, bracket.coefficients, strict=True) if c.number in (1, -1)]
        for k, (child, labels, exponent) in enumerate(term.factors):
            if isinstance(child, Bracket) or not free or free[0] not in labels or not isinstance(exponent, int):
                continue
            rest = tuple(dict.fromkeys(x for x in (*labels, *held) if x != free[0]))
            own = {x: sizes[x] for x in (*labels, *held)}
            entry = product(1, [(child, labels, 1), (bracket, held, 1)], rest, own)
            others = [f for i, f in enumerate(term.factors) if i != k]
            new = product(term.coefficient, [*others, (entry, rest, exponent)], tuple(range(term.order)), sizes)
            if _weight(new) < _weight(best):
                best = new
    return best


def _weight(term: Term) -> int:
    """How many factors a product has; another term counts as one."""
    return len(term.factors) if isinstance(term, Product) else 1
