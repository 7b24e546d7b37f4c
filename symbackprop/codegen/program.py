"""What a generated function computes: nodes in order, then gradients node by node, as values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..derive import Derivation, gradient_symbol
from ..network import Facts, Model
from ..tensor.normal import number
from ..tensor.pullback import children_last
from ..tensor.size import ONE, Size
from ..tensor.terms import Symbol, Term, symbol
from .contract import Operand
from .lowering import Lowering
from .schedule import buffered
from .tidy import Tidy
from .values import Value, Values

OWN_ARRAY = frozenset({"pick", "inverse", "det", "logdet"})


@dataclass(frozen=True, slots=True)
class Result:
    """Something that a function returns: its name, its value, the shape that it is returned with."""

    name: str
    value: Value
    sizes: tuple[Size, ...]


@dataclass
class Program:
    """The values of one function. `loss`, if it is returned; `results` by name: gradients, or nodes."""

    model: Model
    values: Values = field(default_factory=Values)
    loss: Value | None = None
    results: list[Result] = field(default_factory=list)

    def lowering(self) -> Lowering:
        """A lowering in which all declared symbols are arguments."""
        indices: dict[str, Value] = {}
        for d in self.model.declarations.values():
            if d.role == "index":
                indices[d.name] = self.values.argument(d.name, d.sizes, "int")
        work = Lowering(self.values, indices)
        for d in self.model.declarations.values():
            if d.role != "index":
                work.declare(d.term)
        return work

    def node(self, work: Lowering, name: str) -> None:
        """Compute a node."""
        equation = self.model.equations[name]
        value = work.define(equation.symbol, equation.term).value
        value.hint = value.hint or name

    def result(self, work: Lowering, name: str, operand: Operand, sizes: tuple[Size, ...], hint: str) -> None:
        """Return the value of a term as an array of its own."""
        operand = work.natural(operand)
        value = operand.value
        kept = [a for a, s in enumerate(sizes) if s is not ONE]
        shape = tuple(sizes[a] for a in kept)
        if shape:
            own = buffered(value) or value.op in OWN_ARRAY
            if not own or value.kind != "float" or value.shape != shape or any(r.value is value for r in self.results):
                inner = self.values.expand(value, [k for k, a in enumerate(kept) if a not in operand.labels])
                value = self.values.make("copy", (inner,), (name,), shape)
            value.hint = hint
        self.results.append(Result(name, value, sizes))


def forward_program(model: Model, order: Sequence[str]) -> Program:
    """All nodes."""
    program = Program(model)
    work = program.lowering()
    for name in order:
        program.node(work, name)
    for name in order:
        node = model.equations[name].symbol
        program.result(work, name, work.known[node], node.sizes, name)
    return program


def gradient_program(model: Model, derivation: Derivation, wrt: Iterable[str]) -> Program:
    """The loss and its gradient with respect to each name."""
    program = Program(model)
    work = program.lowering()
    graph = derivation.graph
    for name in graph.order:
        if name in graph.used:
            program.node(work, name)
    loss = work.lower(model.equations[model.loss].symbol)
    program.loss = loss.value
    wanted = list(wrt)
    passed = between(derivation, wanted)
    backward = Backward(program, work, derivation)
    for name in derivation.order:
        if name in passed and name != model.loss:
            backward.gradient(name)
    for name in wanted:
        program.result(work, name, backward.gradient(name), graph.sizes(name), "d_" + name)
    return program


def between(derivation: Derivation, wanted: Sequence[str]) -> frozenset[str]:
    """The names that lie between the loss and the wanted ones."""
    graph = derivation.graph
    reached = set(wanted)
    for name in graph.order:
        if any(p in reached for p in graph.parents[name]):
            reached.add(name)
    return frozenset(reached)


class Computes(Protocol):
    """What the backward pass needs of a function: its network, and that it computes a node."""

    model: Model

    def node(self, work: Any, name: str) -> object:
        """Compute a node."""


@dataclass
class Backward:
    """The backward pass: the gradient at a name is the sum of what its children pass back."""

    program: Computes
    work: Lowering
    derivation: Derivation

    def __post_init__(self) -> None:
        self.tidied = Tidy(self.facts_of, self.derivation.definitions.named)

    def facts_of(self, name: str) -> Facts:
        """What is declared of a symbol; nothing for a node."""
        declared = self.program.model.declarations.get(name)
        return declared.facts if declared is not None else Facts()

    def nodes(self, term: Term) -> None:
        """Compute the nodes that the term names and the loss does not use."""
        graph = self.derivation.graph
        known = self.work.known
        missing = [t.name for t in children_last(term) if isinstance(t, Symbol) and t not in known]
        if missing:
            needed = graph.ancestors(missing)
            for name in graph.order:
                if name in needed and self.program.model.equations[name].symbol not in known:
                    self.program.node(self.work, name)

    def gradient(self, name: str) -> Operand:
        """The gradient at a name, computed once; zero where the loss does not depend on it."""
        sizes = self.derivation.graph.sizes(name)
        target = gradient_symbol(name, symbol(name, sizes))
        if target in self.work.known:
            return self.work.known[target]
        term = self.derivation.recursive_terms.get(name, number(0, sizes))
        term = self.tidied(term)
        self.nodes(term)
        operand = self.work.define(target, term, late=True)
        operand.value.hint = operand.value.hint or "d_" + name
        return operand


__all__ = ["Program", "Result", "between", "forward_program", "gradient_program"]
