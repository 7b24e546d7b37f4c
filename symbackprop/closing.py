"""Results as a person would leave them: recursive gradients tidied, closed forms with the downstream gradients put in.

Facts (one-hot, positive, ...) are used here and nowhere before: two terms that are equal under a fact can have different
derivatives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .express.order import GRADIENT, gradient_of
from .graph import Graph
from .network import Facts, Model
from .tensor.facts import apply_facts
from .tensor.factor import factored
from .tensor.pullback import children_last
from .tensor.shorten import shorten
from .tensor.substitute import fold, substitute
from .tensor.terms import Product, Sum, Symbol, Term, symbol

LONGEST = 400  # symbols in a closed form; a gradient longer than that stays a name, listed as "where"


@dataclass
class Closer:
    """Closed and tidied forms of one derivation's gradients, each made once."""

    model: Model
    graph: Graph
    definitions: Mapping[Term, Term]
    recursive: Mapping[str, Term]
    _closed: dict[str, Term] = field(default_factory=dict)
    _tidy: dict[Term, Term] = field(default_factory=dict)
    _length: dict[Term, int] = field(default_factory=dict)

    def facts_of(self, name: str) -> Facts:
        """What is declared of a symbol; nothing for a node."""
        declared = self.model.declarations.get(name)
        return declared.facts if declared is not None else Facts()

    def tidied(self, term: Term) -> Term:
        """The term under the declared facts, shortened, with common factors in front."""
        if not any(isinstance(t, Sum) for t in children_last(term)):
            return apply_facts(term, self.facts_of)
        if term not in self._tidy:
            known = apply_facts(term, self.facts_of)
            self._tidy[term] = factored(shorten(known))
        return self._tidy[term]

    def folded(self, term: Term) -> Term:
        """The term with every node's defining term replaced by the node, inside products too."""
        known = {d: s for d, s in self.definitions.items() if isinstance(d, (Product, Sum)) and isinstance(s, Symbol)}
        return fold(substitute(term, self.definitions), known) if known else substitute(term, self.definitions)

    def length(self, term: Term) -> int:
        """How many symbols the term shows when printed."""
        for inner in reversed(children_last(term)):
            if inner not in self._length:
                count = 1 if isinstance(inner, Symbol) else sum(self._length[c] for c in inner.children)
                self._length[inner] = min(count, LONGEST + 1)
        return self._length[term]

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
            if self.length(known) <= LONGEST:
                mapping[symbol(GRADIENT + g, known.sizes)] = known
        term = substitute(self.recursive[name], mapping)
        return self.tidied(self.folded(term))

    def gradients_in(self, term: Term) -> list[str]:
        """The nodes whose gradients occur in a term."""
        found = [gradient_of(t.name) for t in children_last(term) if isinstance(t, Symbol)]
        return [g for g in found if g is not None]
