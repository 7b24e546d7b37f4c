"""The computing graph of a model: nodes in dependency order, who uses whom, and what the loss depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from .errors import CycleError
from .expression import names
from .network import Equation, Model
from .tensor.pullback import children_last
from .tensor.size import Size
from .tensor.terms import Bracket, Symbol, Term


def symbols_of(term: Term) -> tuple[str, ...]:
    """The names of the symbols and integer symbols in a term, each once."""
    found: dict[str, None] = {}
    for inner in children_last(term):
        if isinstance(inner, Symbol):
            found[inner.name] = None
        elif isinstance(inner, Bracket):
            found.update(dict.fromkeys(name for _, name, _, _ in inner.indices))
    return tuple(found)


def in_order(equations: Mapping[str, Equation]) -> tuple[str, ...]:
    """The equations' names, each after all that it uses; the author's order wherever that is possible.

    Raises CycleError with the path if equations depend on each other in a circle.
    """
    parents = {name: [p for p in symbols_of(e.term) if p in equations] for name, e in equations.items()}
    done: dict[str, None] = {}
    for root in equations:
        path: dict[str, None] = {}
        stack: list[tuple[str, bool]] = [(root, False)]
        while stack:
            name, leaving = stack.pop()
            if leaving:
                del path[name]
                done[name] = None
            elif name in path:
                loop = [*list(path)[list(path).index(name) :], name]
                raise CycleError(
                    f"These equations depend on each other in a circle: {' -> '.join(loop)}.",
                    remedy="Give one of them a name of its own that is computed first.",
                    span=equations[name].span,
                )
            elif name not in done:
                path[name] = None
                stack.append((name, True))
                stack.extend((p, False) for p in reversed(parents[name]) if p not in done)
    return tuple(done)


@dataclass(frozen=True)
class Graph:
    """The model's nodes and arrows. An arrow a -> b means that b is computed from a."""

    model: Model

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Every equation, parents first."""
        return in_order(self.model.equations)

    @cached_property
    def parents(self) -> dict[str, tuple[str, ...]]:
        """For each equation, the symbols and nodes in it."""
        return {name: symbols_of(e.term) for name, e in self.model.equations.items()}

    @cached_property
    def used(self) -> frozenset[str]:
        """The names that the loss depends on, itself included."""
        return self.ancestors([self.model.loss])

    @cached_property
    def variable(self) -> frozenset[str]:
        """The nodes that depend on a parameter, an input, a target or a random symbol."""
        return self.descendants(self.model.names("parameter", "input", "target", "random"))

    def ancestors(self, of: Iterable[str]) -> frozenset[str]:
        """Everything that these names are computed from, they included."""
        seen: set[str] = set()
        stack = list(of)
        while stack:
            name = stack.pop()
            if name not in seen:
                seen.add(name)
                stack.extend(self.parents.get(name, ()))
        return frozenset(seen)

    def descendants(self, of: Iterable[str]) -> frozenset[str]:
        """Everything that is computed from these names, they included."""
        found = set(of)
        for name in self.order:
            if any(p in found for p in self.parents[name]):
                found.add(name)
        return frozenset(found)

    def sizes(self, name: str) -> tuple[Size, ...]:
        """The shape of a declared symbol or node."""
        if name in self.model.equations:
            return self.model.equations[name].term.sizes
        return self.model.declarations[name].sizes

    @cached_property
    def ranks(self) -> dict[str, int]:
        """Each name's place by first occurrence, reading the equations as they are written."""
        found: dict[str, None] = {}
        for name in self.order:
            equation = self.model.equations[name]
            if equation.expr is not None:
                written = [n.name for n in names(equation.expr)]
                found.update(dict.fromkeys(n for n in written if n in self.parents[name]))
            found.update(dict.fromkeys(reversed(self.parents[name])))
            found[name] = None
        found.update(dict.fromkeys(self.model.declarations))
        return {name: place for place, name in enumerate(found)}
