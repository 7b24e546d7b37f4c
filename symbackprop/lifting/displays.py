"""Values with a place and a cost, and the lists, dictionaries and strings that hold them."""

from __future__ import annotations

import ast
from typing import Protocol

from ..errors import ReadError, SymbackpropError
from ..functions.shapes import shape_text
from .containers import iterable, truth_of
from .run import Run, Unread
from .scope import Scope
from .values import Array, Items, Origin, Table, Unknown, Value

DEEPEST_LEVELS = 130  # of nested evaluation, calls included


class Caller(Protocol):
    """Carries out calls."""

    def call(self, node: ast.Call, scope: Scope) -> Value:
        """The value of a call."""


class Displays:
    """Evaluates expressions that hold others; `_raw` is the business of `Expressions`."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.caller: Caller | None = None

    def value(self, node: ast.expr, scope: Scope) -> Value:
        """The value; raises the error of what is unknown."""
        found = self.raw(node, scope)
        if isinstance(found, Unknown):
            raise found.error
        return found

    def raw(self, node: ast.expr, scope: Scope) -> Value:
        """The value, which may be unknown."""
        self.run.depth += 1
        try:
            if self.run.depth > DEEPEST_LEVELS:
                raise self.run.refuse(node, "calls and brackets are nested too deeply.", "Give the parts names.")
            return self._noted(self._raw(node, scope), node)
        finally:
            self.run.depth -= 1

    def kept(self, node: ast.expr, scope: Scope) -> Value:
        """The value; what cannot be read is an unknown, so that its neighbours in a container can be."""
        try:
            return self.raw(node, scope)
        except SymbackpropError as error:
            self.run.findings.refuse(error)
            return Unknown(error, isinstance(error, Unread))

    def _noted(self, value: Value, node: ast.expr) -> Value:
        """The value, with the node's symbol for a node's term; its cost is counted."""
        if isinstance(value, Array):
            self.run.budget.term(value.term, self.run.span(node))
            value.term = self.run.nodes.get(value.term, value.term)
        return value

    def _raw(self, node: ast.expr, scope: Scope) -> Value:
        raise NotImplementedError

    def explained(self, error: Exception, node: ast.AST, *given: Value) -> SymbackpropError:
        """An error with its place, and the shapes of what was given."""
        if not isinstance(error, SymbackpropError):
            error = ReadError(f"{error}.", remedy="Check the divisor.")
        shapes = [shape_text(v.term.sizes) for v in given if isinstance(v, Array)]
        return self.run.placed(error, node, " and ".join(shapes))

    def truth(self, node: ast.expr, scope: Scope) -> bool:
        """A condition that is known before the arrays are; ReadError for others."""
        value = self.value(node, scope)
        known = truth_of(value)
        if known is None:
            message = f"whether `{self.run.piece(node)}` holds depends on the numbers."
            raise self.run.refuse(node, message, "Write np.where, or a mask.")
        return known

    # ------------------------------------------------------------------ containers

    def origin(self, node: ast.expr, scope: Scope) -> Origin:
        """Where the value of an expression comes from: for a name, the statement that assigned it."""
        if isinstance(node, ast.Name):
            found = scope.find(node.id)
            place = found[1].places.get(node.id) if found is not None else None
            return Origin(place or self.run.span(node), node.id)
        return Origin(self.run.span(node), self.run.piece(node))

    def _display(self, nodes: list[ast.expr], scope: Scope, fixed: bool) -> Value:
        found = Items([], fixed)
        for node in nodes:
            if isinstance(node, ast.Starred):
                for item in self.iterated(node.value, scope):
                    found.append(item, None)
            else:
                found.append(self.kept(node, scope), self.origin(node, scope))
        return found

    def _dictionary(self, node: ast.Dict, scope: Scope) -> Value:
        found = Table({})
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                inner = self.value(value, scope)
                if not isinstance(inner, Table):
                    raise self.run.refuse(value, "`**` goes with a dictionary.")
                found.entries.update(inner.entries)
                found.origins.update(inner.origins)
                continue
            name = self.value(key, scope)
            if not isinstance(name, (str, int)):
                raise self.run.refuse(key, "a key is a string or a whole number.")
            found.entries[name] = self.kept(value, scope)
            found.origins[name] = self.origin(value, scope)
        return found

    def iterated(self, node: ast.expr, scope: Scope) -> list[Value]:
        """The values that a loop goes over; ReadError where their number is not known."""
        value = self.value(node, scope)
        found = iterable(value)
        if found is None:
            message = f"how often `{self.run.piece(node)}` is gone through depends on the sizes."
            raise self.run.refuse(node, message, "Loops go over ranges of numbers and over lists; use whole arrays.")
        return found

    def _comprehension(self, node: ast.ListComp | ast.GeneratorExp | ast.DictComp, scope: Scope) -> Value:
        if len(node.generators) != 1:
            raise self.run.refuse(node, "a comprehension with two loops is not read.", "Write two `for` lines.")
        assert self.caller is not None
        loop = node.generators[0]
        listed, table = Items([]), Table({})
        for item in self.iterated(loop.iter, scope):
            inner = Scope(scope)
            self.run.budget.statement(self.run.span(node))
            self.bind(loop.target, item, inner)
            if not all(self.truth(condition, inner) for condition in loop.ifs):
                continue
            if isinstance(node, ast.DictComp):
                table.entries[self.value(node.key, inner)] = self.raw(node.value, inner)
            else:
                listed.append(self.raw(node.elt, inner), self.origin(node.elt, inner))
        return table if isinstance(node, ast.DictComp) else listed

    def bind(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Give names values, tuples item by item."""
        if isinstance(target, ast.Name):
            scope.values[target.id] = value
            return
        if isinstance(target, (ast.Tuple, ast.List)):
            items = iterable(value)
            if items is None or len(items) != len(target.elts):
                raise self.run.refuse(target, "the numbers of names and of values differ.")
            for inner, item in zip(target.elts, items, strict=True):
                self.bind(inner, item, scope)
            return
        raise self.run.refuse(target, f"`{self.run.piece(target)}` cannot be assigned here.")

    def _text(self, values: list[ast.expr], scope: Scope) -> Value:
        """A string made of parts that are known."""
        text = ""
        for value in values:
            if isinstance(value, ast.FormattedValue):
                inner = self.value(value.value, scope)
                if not isinstance(inner, (int, str)) or value.format_spec is not None:
                    raise self.run.refuse(value, "what this string holds is not known.")
                text += str(inner)
            else:
                text += str(self.value(value, scope))
        return text
