"""Random symbols while a network is assembled: their laws, what is computed from them, expectations over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property

from ..errors import ShapeError, SymbackpropError, ValueProblem
from ..expression import Expr, names
from ..laws import Laws
from ..network import Declaration
from ..tensor.expectation import free_in, law, taken
from ..tensor.normal import as_number
from ..tensor.pullback import children_last
from ..tensor.terms import Symbol, Term
from .draft import Draft, Silent


class Randomness:
    """The random symbols of one draft. `lower` gives the term of an expression in the law of a symbol.

    `errors`: what is wrong with a law, by the name of its symbol.
    """

    def __init__(self, draft: Draft, lower: Callable[[Expr, str], Term]) -> None:
        self.draft = draft
        self.lower = lower
        self.laws = Laws()
        self.errors: dict[str, SymbackpropError] = {}

    @cached_property
    def symbols(self) -> dict[Symbol, Declaration]:
        """The random symbols."""
        return {d.term: d for d in self.draft.declarations.values() if d.role == "random"}

    def names_in_law(self, name: str) -> Iterator[str]:
        """What the law of a symbol is made of; nothing for a symbol that is not random."""
        declared = self.draft.declarations.get(name)
        if name in self.draft.laws:
            for expr in self.draft.laws[name]:
                yield from (n.name for n in names(expr))
        elif declared is not None and declared.facts.law is not None:
            for term in declared.facts.law:
                yield from (x.name for x in children_last(term) if isinstance(x, Symbol))

    def define(self, node: Symbol, term: Term) -> None:
        """Note a node that is random if its term is."""
        if self.symbols:
            self.laws.define(node, term, self.symbols)

    def expected(self, body: Term) -> Term:
        """E[body], not taken yet; what taking it would raise is raised here, where its place is known."""
        if not self.symbols:
            remedy = "Declare what is, as in `x: random(d, normal(mu, sigma**2))`; a product is `E * (...)`."
            raise ValueProblem("nothing in this network is random.", remedy=remedy)
        opened = self.laws.opened(body)
        for x in self.symbols:
            if x in free_in(opened)[opened]:
                self.know(x)
        whole = self.laws.expected(body)
        taken(whole)
        return whole

    def know(self, x: Symbol) -> None:
        """Have the law of a symbol in `laws` and among its facts. Raises Silent if something is wrong with it."""
        if x not in self.laws.of and x.name not in self.errors:
            try:
                mean, variance = self._law(self.symbols[x])
            except SymbackpropError as error:
                self.errors[x.name] = error
            else:
                self.laws.of[x] = law(x, mean, variance)
                declared = self.draft.declarations[x.name]
                self.draft.declarations[x.name] = replace(declared, facts=replace(declared.facts, law=(mean, variance)))
                self._note_symmetric(variance)
        if x.name in self.errors:
            raise Silent(f"The law of {x.name} could not be read.")

    def _law(self, d: Declaration) -> tuple[Term, Term]:
        """Mean and variance of a random symbol."""
        given = self.draft.laws.get(d.name)
        if given is None:
            if d.facts.law is None:
                remedy = f"Declare it with one: `{d.name}: random(normal(0, 1))`."
                raise ValueProblem("a random symbol needs its law.", remedy=remedy)
            return d.facts.law
        mean, variance = (taken(self.lower(e, d.name)) for e in given)
        if mean.sizes not in ((), d.sizes) or variance.sizes not in ((), (*d.sizes, *d.sizes)):
            remedy = "The mean is a number or of its shape; the variance a number or a covariance matrix."
            raise ShapeError("mean or variance do not fit the symbol.", remedy=remedy)
        for part in (mean, variance):
            for x in free_in(part)[part]:
                if x in self.symbols or x in self.laws.nodes:
                    message = f"its law depends on `{x.name}`, which is random; random symbols are independent."
                    raise ValueProblem(message, remedy="Make it a node: its mean plus a factor times a random symbol.")
        spread = as_number(variance)
        if spread is not None and spread < 0:
            raise ValueProblem("a variance is not negative.", remedy="Write it as a square: `normal(mu, sigma**2)`.")
        return mean, variance

    def _note_symmetric(self, variance: Term) -> None:
        """A matrix that is a covariance is symmetric."""
        declared = self.draft.declarations.get(variance.name) if isinstance(variance, Symbol) else None
        if declared is not None and declared.term is variance and len(declared.sizes) == 2:
            facts = replace(declared.facts, symmetric=True)
            self.draft.declarations[declared.name] = replace(declared, facts=facts)


__all__ = ["Randomness"]
