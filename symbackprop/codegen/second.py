"""What generated functions of second order compute: Hessian-vector products, and blocks of the Hessian, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..closing import picked
from ..derive import Derivation
from ..express.order import GRADIENT
from ..forward_mode import direction_symbol, pushforward
from ..graph import symbols_of
from ..hessian import Blocks, blocks_in
from ..network import Model
from ..second import Pair, SecondOrder, block_symbol
from ..tensor.normal import product, zeros
from ..tensor.recognise import recognised
from ..tensor.substitute import rewritten, substitute
from ..tensor.terms import Product, Symbol, Term, symbol
from .entries import EntryLowering, every
from .lowering import Lowering
from .names import Names
from .numbers import Entry, Numbers, NumbersBackward, named
from .program import Backward, Program, between

TYING = ("onehot", "simplex", "symmetric", "positive_definite", "values")  # facts that entries which vary would break


@dataclass(frozen=True, slots=True)
class Sweep:
    """The forward pass of a function of arrays, and the backward pass as far as it is asked for."""

    program: Program
    work: Lowering
    backward: Backward

    @classmethod
    def of(cls, model: Model, derivation: Derivation) -> Sweep:
        """A function that has computed the nodes that the loss needs. It returns no loss."""
        program = Program(model)
        work = program.lowering()
        for name in derivation.graph.order:
            if name in derivation.graph.used:
                program.node(work, name)
        program.loss = program.values.number(0)  # results are then computed only where they are asked for
        return cls(program, work, Backward(program, work, derivation))

    def gradient(self, name: str) -> None:
        """Compute the gradient at a name."""
        self.backward.gradient(name)

    def define(self, target: Symbol, term: Term, hint: str, late: bool) -> None:
        """Compute a symbol; nodes in it that the loss does not use are computed first."""
        self.backward.nodes(term)
        operand = self.work.define(target, term, late)
        operand.value.hint = operand.value.hint or hint

    def result(self, name: str, term: Term, hint: str) -> None:
        """Return the value of a term."""
        self.backward.nodes(term)
        self.program.result(self.work, name, self.work.lower(term), term.sizes, hint)


@dataclass(frozen=True, slots=True)
class NumberSweep:
    """The same for a function of numbers."""

    program: Numbers
    work: EntryLowering
    backward: NumbersBackward

    @classmethod
    def of(cls, model: Model, derivation: Derivation) -> NumberSweep:
        """A function that has computed the nodes that the loss needs. It returns no loss."""
        program = Numbers(model)
        work = program.lowering()
        for name in derivation.graph.order:
            if name in derivation.graph.used:
                program.node(work, name)
        return cls(program, work, NumbersBackward(program, work, derivation))

    def gradient(self, name: str) -> None:
        """Compute the gradient at a name."""
        self.backward.compute(name)

    def define(self, target: Symbol, term: Term, hint: str, late: bool) -> None:
        """Compute a symbol, entry by entry."""
        self.backward.nodes(term)
        for k, value in enumerate(self.work.define_entries(target, term, late)):
            named(value, hint if not term.sizes else f"{hint}_{k}")

    def result(self, name: str, term: Term, hint: str) -> None:
        """Return the value of a term."""
        self.backward.nodes(term)
        values = tuple(self.work.entry(term, at) for at in every(term.sizes))
        for k, value in enumerate(values):
            named(value, hint if not term.sizes else f"{hint}_{k}")
        self.program.results.append(Entry(name, values, term.sizes))


def product_program(model: Model, derivation: Derivation, wanted: Sequence[str], sweep: Sweep | NumberSweep) -> None:
    """H v for a direction v at the wanted names: one more sweep forward and one more backward.

    The argument that holds the direction at W has the name of the symbol "~W".
    """
    graph, work = derivation.graph, sweep.work
    moving: dict[Symbol, Term] = {}
    for name in wanted:
        own = symbol(name, graph.sizes(name))
        moving[own] = direction_symbol(name, own)
        work.declare(direction_symbol(name, own))
    passed = between(derivation, wanted)
    order = [n for n in derivation.order if n in passed and n in derivation.recursive_terms]
    tied = any(getattr(model.declarations[n].facts, fact) for n in wanted for fact in TYING)
    terms = {n: derivation.recursive_terms[n] for n in order}
    if not tied:
        terms = {n: sweep.backward.tidied(term) for n, term in terms.items()}
    moved = graph.descendants(wanted)
    needed = graph.ancestors(n for term in terms.values() for n in symbols_of(term))
    for name in graph.order:
        if name in needed and name in moved:
            own = model.equations[name].symbol
            change = pushforward(recognised(model.equations[name].term), moving)
            if not change.is_zero:
                moving[own] = direction_symbol(name, own)
                sweep.define(direction_symbol(name, own), change, "v_" + name, late=False)
    for name in order:
        if name != model.loss:
            sweep.gradient(name)
        change = pushforward(terms[name], moving)
        if change.is_zero:
            continue
        own = symbol(GRADIENT + name, terms[name].sizes)
        moving[own] = direction_symbol(GRADIENT + name, own)
        sweep.define(direction_symbol(GRADIENT + name, own), sweep.backward.tidied(change), "h_" + name, late=True)
    for name in wanted:
        own = symbol(GRADIENT + name, graph.sizes(name))
        sweep.result(name, moving.get(own, zeros(own.sizes)), "h_" + name)


@dataclass
class StructuredBlocks(Blocks):
    """Blocks whose terms keep the gradients in them as names: these are computed once, by the backward pass.

    `linear`: nodes whose second derivatives are left out, for Gauss-Newton.
    """

    linear: frozenset[str] = frozenset()

    def elimination(self) -> SecondOrder:
        """The elimination that gives the blocks."""
        return SecondOrder(self.derivation.graph, self.wanted, linear=self.linear)

    def _put_in(self, term: Term) -> Term:
        closer, graph = self.derivation.closer, self.derivation.graph
        mapping: dict[Term, Term] = {block_symbol(*b, graph): self._closed[b] for b in blocks_in(term)}
        mapping |= self.order.slopes
        known = self.derivation.definitions.folded(substitute(term, mapping))
        return closer.tidied_block(rewritten(closer.without_zero_sums(known), {}, picked))


def factors_of(term: Term) -> list[tuple[tuple[int, ...], Term]] | None:
    """The term as an outer product: (axes, factor) each, [((1,), x), ((3,), x), ((0, 2), H)]; None if it is none.

    A factor has the axes of the term that are named with it, in that order.
    """
    if not isinstance(term, Product):
        return None
    group = list(range(len(term.label_sizes)))
    for _, labels, _ in term.factors:
        for x in labels[1:]:
            low, high = sorted((group[labels[0]], group[x]))
            group = [low if g == high else g for g in group]
    kinds = list(dict.fromkeys(group[axis] for axis in range(term.order)))
    if len(kinds) < 2:
        return None
    found = []
    sizes = dict(enumerate(term.label_sizes))
    for kind in kinds:
        axes = tuple(axis for axis in range(term.order) if group[axis] == kind)
        inside = [f for f in term.factors if f[1] and group[f[1][0]] == kind]
        if kind == kinds[-1]:  # numbers, and sums that stand alone
            inside += [f for f in term.factors if not f[1] or group[f[1][0]] not in kinds]
        own = {x for _, labels, _ in inside for x in labels} | set(axes)
        coefficient = term.coefficient if kind == kinds[-1] else 1
        found.append((axes, product(coefficient, inside, axes, {x: sizes[x] for x in sorted(own)})))
    return found


def block_names(pairs: Iterable[Pair]) -> dict[Pair, str]:
    """A word for each pair that can be part of an identifier: W_1_b_2."""
    names = Names(())
    return {pair: names.new("_".join(pair)) for pair in pairs}


def block_program(model: Model, derivation: Derivation, terms: Mapping[str, Term], sweep: Sweep | NumberSweep) -> None:
    """Blocks from their structured terms, each by its word."""
    given = {n[len(GRADIENT) :] for term in terms.values() for n in symbols_of(term) if n.startswith(GRADIENT)}
    passed = between(derivation, sorted(given))
    for name in derivation.order:
        if name in passed and name != model.loss:
            sweep.gradient(name)
    for word, term in terms.items():
        sweep.result(word, term, "H_" + word)


__all__ = ["NumberSweep", "StructuredBlocks", "Sweep", "block_names", "block_program", "factors_of", "product_program"]
