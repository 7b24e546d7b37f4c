"""One reading of one code: the network's symbols in it, what was noted, and what is left of its budget."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cached_property

from ..errors import ReadError, Span, SymbackpropError, UnknownName
from ..functions.positions import symbol_at
from ..network import Model
from ..reading.names import did_you_mean
from ..reading.source import Source
from ..tensor.size import size
from ..tensor.terms import Symbol, Term
from .naming import Naming, glyphs_alike, look
from .result import Findings, Transcription
from .scope import Budget, Scope
from .values import Array, Listed, Positions, Value, whole


class Unread(ReadError):
    """A value that the code does not show, such as what a module of the course returns: its names may tell."""


class Renumbered(Exception):  # a signal: read again
    """A list of parameters turned out to be counted from 0 although the network numbers them otherwise."""

    def __init__(self, letter: str) -> None:
        super().__init__(letter)
        self.letter = letter


class Run:
    """What all statements of one reading share."""

    def __init__(self, model: Model, source: Source, by_place: frozenset[str] = frozenset()) -> None:
        self.model = model
        self.source = source
        self.naming = Naming(model)
        self.by_place = by_place
        self.findings = Findings()
        self.budget = Budget()
        self.depth = 0
        self.main: Scope | None = None
        self._symbols: dict[str, Value] = {}
        self._lists: dict[str, Listed] = {}

    # ------------------------------------------------------------------ places

    def span(self, node: ast.AST) -> Span:
        """Where a node of the syntax tree stands."""
        return self.source.span(node)

    def piece(self, node: ast.AST) -> str:
        """The source of a node on one line."""
        return self.source.piece(node)

    def refuse(self, node: ast.AST, message: str, remedy: str = "", kind: type[ReadError] = ReadError) -> ReadError:
        """The error at a node."""
        span = self.span(node)
        return kind(f"Line {span.line}: {message}", remedy=remedy, span=span)

    def placed(self, error: SymbackpropError, node: ast.AST, facts: str = "") -> SymbackpropError:
        """An error of a builder with the place and the source of what it was given; one with a place stays."""
        if error.span is not None:
            return error
        span = self.span(node)
        told = f"{facts}; " if facts else ""
        message = f"Line {span.line}: `{self.piece(node)}`: {told}{error.message}"
        return type(error)(message, remedy=error.remedy, span=span)

    # ------------------------------------------------------------------ the network's names

    @cached_property
    def nodes(self) -> Mapping[Term, Symbol]:
        """The nodes by what they are, so that a computed value that is one is known as that node."""
        return {
            e.term: e.symbol
            for e in self.model.equations.values()
            if e.term.children and not isinstance(e.term, Symbol) and e.name != self.model.loss
        }

    def symbol(self, name: str) -> Value:
        """The declared symbol, index or node of that name: one object in the whole reading."""
        if name not in self._symbols:
            declared = self.model.declarations.get(name)
            if declared is not None and declared.role == "index":
                assert declared.facts.of is not None
                self._symbols[name] = Positions(symbol_at(name, declared.sizes, declared.facts.of))
            else:
                term = declared.term if declared is not None else self.model.equations[name].symbol
                self._symbols[name] = Array(term)
        return self._symbols[name]

    def named(self, name: str, *, case: bool = True) -> Value:
        """What the network has under a name of the code: a symbol, a node, a size, a list; None if nothing."""
        found = self.naming.find(name, case=False)
        if found is None and name in self.naming.sizes:
            return whole(size(name))
        if found is None and case:
            found = self.naming.find(name)
        if found is not None:
            target, how = found
            if how == "case":
                self.findings.renamings.setdefault(f"`{name}` is the network's {target}")
            return self.symbol(target)
        family = self.naming.family(name)
        if family is not None and (case or family[0] == name):
            return self.listed(name, *family)
        return None

    def listed(self, name: str, letter: str, numbered: Mapping[int, str]) -> Listed:
        """A list of parameters: by the network's numbers, or by place."""
        if name not in self._lists:
            names = [numbered[k] for k in sorted(numbered)]
            keys = range(len(names)) if letter in self.by_place else sorted(numbered)
            self._lists[name] = Listed(letter, {k: self.symbol(n) for k, n in zip(keys, names, strict=True)})
            if letter in self.by_place:
                shown = ", ".join(f"{name}[{k}] is {n}" for k, n in enumerate(names[:3]))
                self.findings.renamings.setdefault(f"the list `{name}` begins with {names[0]}: {shown}")
        return self._lists[name]

    def is_pristine(self, value: Value) -> bool:
        """True for a symbol or node of the network as it was."""
        return not isinstance(value, Array) or isinstance(value.term, Symbol)

    def updated(self, scope: Scope) -> str | None:
        """A parameter that has been given new values, as a step of training does; None if there is none."""
        for name, value in self._symbols.items():
            if self.naming.is_parameter(name) and isinstance(value, Array):
                if not isinstance(value.term, Symbol) or value.term.name != name:
                    return name
        for name, value in scope.values.items():
            found = self.naming.find(name, case=False)
            if found is not None and self.naming.is_parameter(found[0]) and not self.is_pristine(value):
                return found[0]
        for letter, listed in self._lists.items():
            if not all(map(self.is_pristine, listed.members.values())):
                return letter
        return None

    # ------------------------------------------------------------------ names that nothing defines

    def undefined(self, node: ast.Name, scope: Scope) -> Value:
        """What a name stands for that no statement assigned: the network's, or one that looks like it."""
        found = self.named(node.id, case=False)
        if found is not None:
            return found
        alike = self.alike(node, scope)
        if alike is not None:
            value = scope.find(alike.assigned)
            return None if value is None else value[0]
        found = self.named(node.id)
        if found is not None:
            return found
        known = [*(n for n, _ in scope.assigned()), *self.naming.names]
        span = self.span(node)
        message = f"Line {span.line}: `{node.id}` is neither assigned nor a name of the network."
        remedy = did_you_mean(node.id, known, "Assign it, or declare it in the network.")
        raise UnknownName(message, remedy=remedy, span=span)

    def alike(self, node: ast.Name, scope: Scope) -> Transcription | None:
        """The one assigned name that looks like an undefined one, noted."""
        span = self.span(node)
        if node.id in self.findings.transcriptions:
            return self.findings.transcriptions[node.id]
        near = {name: place for name, place in scope.assigned() if look(name) == look(node.id)}
        exact = {name: place for name, place in near.items() if glyphs_alike(name, node.id)}
        near = exact or near
        if len(near) != 1:
            return None
        ((name, place),) = near.items()
        found = Transcription(node.id, span, name, place)
        self.findings.transcriptions[node.id] = found
        return found
