"""What is random in a network, and expectations over it: laws of symbols, and the nodes computed from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .network import Model
from .tensor.expectation import Law, expectation, free_in, law
from .tensor.substitute import substitute
from .tensor.terms import Symbol, Term


@dataclass(slots=True)
class Laws:
    """`of`: the law of each random symbol. `nodes`: what each random node is, in random symbols and other nodes."""

    of: dict[Symbol, Law] = field(default_factory=dict)
    nodes: dict[Term, Term] = field(default_factory=dict)

    @classmethod
    def of_model(cls, model: Model) -> Laws:
        """Everything random in a finished network."""
        found = cls()
        for d in model.declarations.values():
            if d.facts.law is not None:
                found.of[d.term] = law(d.term, *d.facts.law)
        if found.of:
            for e in model.equations.values():
                found.define(e.symbol, e.term)
        return found

    def define(self, node: Symbol, term: Term, known: Mapping[Symbol, object] | None = None) -> None:
        """Note a node; it is random if its term is. `known`: all random symbols, if some have no law here yet."""
        free = free_in(term)[term]
        if any(x in (self.of if known is None else known) or x in self.nodes for x in free):
            self.nodes[node] = substitute(term, self.nodes)

    def opened(self, body: Term) -> Term:
        """The body with every random node written out."""
        return substitute(body, self.nodes) if self.nodes else body

    def expected(self, body: Term) -> Term:
        """E[body]: not taken yet, with every random node written out."""
        return expectation(self.opened(body), self.of.values())
