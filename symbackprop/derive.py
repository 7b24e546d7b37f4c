"""The chain rule, node by node: from the loss to the inputs, one step per node, each a formula with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from .closing import Closer
from .definitions import Definitions
from .errors import MissingRule, SymbackpropError, UnknownName
from .express import Ranks
from .express.order import GRADIENT
from .formula import Context, Formula
from .graph import Graph
from .hessian import BlockFormula, Blocks, hessian
from .network import Model
from .notation.tree import Delta, Partial, Sym, Tree
from .reasons import reason
from .second import all_pairs
from .spectrum import ConditionNumber, Eigenvalue, Spectrum
from .tensor.expectation import has_expectation
from .tensor.normal import add, number
from .tensor.pullback import pullback
from .tensor.recognise import recognised
from .tensor.terms import Symbol, Term, symbol

if TYPE_CHECKING:
    from .declare import Network
    from .gauss_newton import GaussNewton
    from .newton import Newton
    from .tensor.evaluate import Array

MOST_TOGETHER = 12  # parameters whose Hessian blocks are found in one elimination
Layout = Literal["denominator", "numerator"]


def gradient_symbol(name: str, like: Term) -> Symbol:
    """The symbol that stands for the gradient at a node, of the node's shape."""
    return symbol(GRADIENT + name, like.sizes)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one child passes back to one parent: the pullback of its equation, in terms of the gradient at it."""

    child: str
    term: Term


def backward(graph: Graph, of: str, within: frozenset[str]) -> dict[str, list[Contribution]]:
    """The contributions to the gradient of `of` at every name in `within`, children last to first.

    The chain rule: the gradient at a name is the sum over its children of the pullback of the child's own equation.
    """
    equations = graph.model.equations
    found: dict[str, list[Contribution]] = {of: []}
    for child in reversed(graph.order):
        if child not in found:
            continue
        term = equations[child].term
        g = number(1, term.sizes) if child == of else gradient_symbol(child, term)
        for parent, contribution in pullback(recognised(term), g).items():
            if parent.name in within and not contribution.is_zero:
                found.setdefault(parent.name, []).append(Contribution(child, contribution))
    return found


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a `node`, its gradient as a `formula` and in `closed` form, why, and from which nodes it comes."""

    node: str
    formula: Formula
    reason: str
    upstream: tuple[str, ...]

    @property
    def closed(self) -> Formula:
        """The gradient in declared symbols and forward nodes only."""
        return self.formula.closed


@dataclass
class Derivation:
    """The gradients of one network's loss, as formulas with reasons.

    `layout` ("denominator" or "numerator") changes how Jacobians are printed, never shapes.
    """

    model: Model
    layout: Layout = "denominator"
    vec: Literal["column", "row"] = "column"
    _formulas: dict[str, Formula] = field(default_factory=dict, repr=False)
    _blocks: dict[frozenset[tuple[str, str]], Blocks] = field(default_factory=dict, repr=False)

    @cached_property
    def graph(self) -> Graph:
        """The computing graph."""
        return Graph(self.model)

    @cached_property
    def definitions(self) -> Definitions:
        """The nodes by their defining terms, those that the loss uses first; not the loss itself."""
        nodes = [name for name in self.graph.order if name != self.model.loss and name not in self.hidden]
        nodes.sort(key=lambda name: name not in self.graph.used)
        return Definitions(self.model.equations[name] for name in nodes)

    @cached_property
    def contributions(self) -> dict[str, list[Contribution]]:
        """For each name that the loss depends on, what each child passes back, with nodes put for their terms."""
        found = backward(self.graph, self.model.loss, self.graph.used)
        named = self.definitions.named
        return {name: [Contribution(c.child, named(c.term)) for c in parts] for name, parts in found.items()}

    @cached_property
    def context(self) -> Context:
        """What printing needs to know of the network."""
        return Context.of(self.model, self.graph)

    @cached_property
    def closer(self) -> Closer:
        """Makes closed forms."""
        return Closer(self.model, self.graph, self.definitions, self.recursive_terms)

    @cached_property
    def recursive_terms(self) -> dict[str, Term]:
        """The gradient at each name, in terms of its children's gradients."""
        terms: dict[str, Term] = {}
        for name, parts in self.contributions.items():
            sizes = self.graph.sizes(name)
            if name == self.model.loss:
                terms[name] = number(1, sizes)
            else:
                terms[name] = add([(1, c.term) for c in parts], sizes)
        return terms

    @property
    def order(self) -> Iterator[str]:
        """The names in the order of the backward pass: each after all of its children."""
        done: set[str] = set()
        parameters = self.model.declarations
        for child in reversed(self.graph.order):
            if child not in self.recursive_terms:
                continue
            if child not in done:
                done.add(child)
                yield child
            for parent in sorted(self.graph.parents[child], key=self._place):
                if parent in parameters and parent in self.recursive_terms and parent not in done:
                    if self._last_child(parent) == child:
                        done.add(parent)
                        yield parent

    def _place(self, name: str) -> tuple[bool, int]:
        """Among the symbols of one equation: parameters first, then by first occurrence."""
        declared = self.model.declarations.get(name)
        return declared is None or declared.role != "parameter", self.graph.ranks[name]

    def _last_child(self, name: str) -> str:
        """The child that is met last going backward."""
        return self.contributions[name][-1].child

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The derivation, in order: each node and symbol after all nodes that are computed from it.

        Every parameter, input and node that depends on one has a step; constants, and targets with declared values, do
        not (`gradient` gives theirs).
        """
        return tuple(self.step(name) for name in self.order if self.has_step(name))

    def has_step(self, name: str) -> bool:
        """True for what a reader wants the gradient of."""
        declared = self.model.declarations.get(name)
        if declared is None:
            return name in self.graph.variable
        known = declared.facts.onehot or declared.facts.simplex or declared.facts.values is not None
        return declared.role != "constant" and not (declared.role == "target" and known)

    def step(self, name: str) -> Step:
        """The step of one node."""
        parts = self.contributions[name]
        return Step(name, self.gradient(name), reason(self, name), tuple(dict.fromkeys(c.child for c in parts)))

    def gradient(self, name: str) -> Formula:
        """The gradient of the loss at a symbol or node, in recursive form; `.closed` is its closed form.

        Its shape is the variable's. A symbol that the loss does not use has gradient zero. Raises UnknownName.
        """
        if name not in self._formulas:
            self.check_variable(name)
            sizes = self.graph.sizes(name)
            term = self.recursive_terms.get(name)
            if term is None:
                term = number(0, sizes)
            before = self.before_taking(lambda untaken: untaken.gradient(name))
            self._formulas[name] = Formula(self.context, self.left(name), term, self.closer, name, before=before)
        return self._formulas[name]

    @cached_property
    def untaken(self) -> Derivation | None:
        """The derivation of the network with its expectations as they stand; None if it has none."""
        taken = self.model.equations
        if all(e.before is None for e in taken.values()):
            return None
        equations = {n: e if e.before is None else replace(e, term=e.before, before=None) for n, e in taken.items()}
        found = Derivation(replace(self.model, equations=equations), self.layout, self.vec)
        found.context.writer.within = Definitions(equations[n] for n in self.graph.order if n in found.hidden).folded
        return found

    @cached_property
    def hidden(self) -> frozenset[str]:
        """Random nodes in a network with expectations; none is a constant, so only a printed body names it."""
        if not self.model.names("random") or not any(has_expectation(e.term) for e in self.model.equations.values()):
            return frozenset()
        return self.averaged

    def before_taking(self, formula: Callable[[Derivation], Formula]) -> Formula | None:
        """A formula of the derivation in which expectations are not taken; None if there is none in it."""
        if self.untaken is None:
            return None
        try:
            found = formula(self.untaken)
            return found if has_expectation(found.term) else None
        except MissingRule:  # the same symbol is random inside and outside
            return None

    def check_name(self, name: str) -> None:
        """Raise UnknownName if the network has no such name, SymbackpropError if it is an index."""
        if name not in self.model.equations and name not in self.model.declarations:
            raise unknown(name, self.model)
        if name in self.model.declarations and self.model.declarations[name].role == "index":
            raise SymbackpropError(f"{name} is an index; there is no derivative with respect to an integer.")

    def check_variable(self, name: str) -> None:
        """The same, and for a random symbol, or a node made of one, that the loss sees through expectations only."""
        self.check_name(name)
        if self.untaken is not None and name in self.averaged and name not in self.graph.used:
            raise SymbackpropError(
                f"{name} is random, and {self.model.loss} is an expectation over it: it does not depend on its value.",
                remedy="Ask for the gradient at what its mean and its variance are made of.",
            )

    @cached_property
    def averaged(self) -> frozenset[str]:
        """The random symbols, and the nodes that are computed from them."""
        return self.graph.descendants(self.model.names("random"))

    def left(self, name: str) -> Tree:
        """How the gradient at a name is written on a left side: δ_z for a node, ∂J/∂W for a declared symbol."""
        kind = self.context.kind(name)
        if name in self.model.equations and name != self.model.loss:
            return Delta(name, kind)
        return Partial(Sym(self.model.loss), (Sym(name, kind),))

    def blocks_of(self, p: str, q: str) -> Blocks:
        """The second-order elimination in which both names are independent variables.

        A few parameters share one, for all pairs; of many, each pair has its own, which costs less if few are wanted.
        """
        for name in (p, q):
            self.check_variable(name)
        together = self.model.names("parameter") or self.model.names("input")
        shared = p in together and q in together and len(together) <= MOST_TOGETHER
        key = all_pairs(together) if shared else frozenset({(p, q)})
        if key not in self._blocks:
            self._blocks[key] = Blocks(self, key)
        return self._blocks[key]

    def hessian(self, p: str, q: str | None = None) -> BlockFormula:
        """The Hessian block of the loss at two symbols or nodes, of shape p.shape + q.shape; of one, with itself.

        Printed as a matrix by vec, in recursive form with named blocks; `.closed` is its closed form. Raises
        UnknownName.
        """
        return hessian(self, p, p if q is None else q, self.vec)

    def gauss_newton(self, p: str, q: str | None = None, output: str | None = None) -> GaussNewton:
        """The generalised Gauss-Newton block Jᵀ H_z J of two parameters, at the output z; of one, with itself.

        `output` names z; without it, see `symbackprop.gauss_newton.gauss_newton`. Raises UnknownName, SymbackpropError.
        """
        from .gauss_newton import gauss_newton

        return gauss_newton(self, p, q, output)

    def hvp(self, *wrt: str) -> tuple[Formula, ...]:
        """The equations of the Hessian times a direction: changes of nodes forward, then of gradients backward.

        `wrt`: the names that the direction moves, all parameters without any. Raises UnknownName.
        """
        from .forward_mode import product_formulas

        names = wrt or self.model.names("parameter") or self.model.names("input")
        for name in names:
            self.blocks_of(name, name)  # raises
        return product_formulas(self, names)

    def newton(self, *wrt: str) -> Newton:
        """The Newton step of these variables, all parameters without any: the system H s = −g, solved at given numbers.

        Raises UnknownName, and SymbackpropError for a system that is singular everywhere.
        """
        from .newton import newton

        return newton(self, *wrt)

    def eigenvalues(self, name: str, at: Mapping[str, Any] | None = None) -> tuple[Eigenvalue, ...]:
        """The eigenvalues of the Hessian block of a symbol with itself, each with its multiplicity, as formulas.

        `at`: symbols that are one number everywhere, such as {"mu": 0}. Raises MissingRule for a block that is not a
        scaled identity, plus a diagonal or plus a matrix of rank one: `spectrum` computes those at given numbers.
        """
        return Spectrum(self, name, at).eigenvalues()

    def condition_number(self, name: str, at: Mapping[str, Any] | None = None) -> ConditionNumber:
        """The condition number of the same block as a formula with its `conditions`. Raises MissingRule as well."""
        return Spectrum(self, name, at).condition_number()

    def spectrum(self, name: str, values: Mapping[str, Any]) -> Array:
        """The eigenvalues of the same block at given numbers, in ascending order. Raises ValueProblem."""
        return Spectrum(self, name).numeric(values)

    def named(self, name: str) -> Formula | tuple[Eigenvalue, ...]:
        """What an author named by `kappa: condition_number(w)` and the like, under that name. Raises UnknownName."""
        from .named import named

        return named(self, name)

    def jacobian(self, of: str, wrt: str) -> Formula:
        """∂of/∂wrt, of shape of.shape + wrt.shape, rows `of`. Raises UnknownName, and SymbackpropError for an index."""
        from .jacobian import jacobian

        return jacobian(self, of, wrt)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Text, LaTeX and HTML for notebooks."""
        from .reporting.notebook import derivation_bundle

        return derivation_bundle(self)


def unknown(name: str, model: Model) -> UnknownName:
    """The error for a name that the network does not have, with the nearest ones."""
    from difflib import get_close_matches

    known = [*model.declarations, *model.equations]
    near = get_close_matches(name, known, n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"The network has: {', '.join(known[:12])}."
    return UnknownName(f"There is no symbol or node {name!r} in this network.", remedy=hint)


def derive(
    net: Network | Model, layout: Layout = "denominator", vec: Literal["column", "row"] = "column"
) -> Derivation:
    """The derivation of a network's gradients; formulas are made when they are asked for."""
    for value, allowed in ((layout, ("denominator", "numerator")), (vec, ("column", "row"))):
        if value not in allowed:
            raise SymbackpropError(f"{value!r} is not one of {', '.join(allowed)}.")
    model = net if isinstance(net, Model) else net.model
    return Derivation(model, layout, vec)


__all__ = ["Derivation", "Ranks", "Step", "backward", "derive", "gradient_symbol"]
