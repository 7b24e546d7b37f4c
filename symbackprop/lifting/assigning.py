"""Names, entries and arrays given new values; what NumPy changes in place is changed in place."""

from __future__ import annotations

import ast

from ..errors import ReadError, ShapeError, SymbackpropError
from ..functions.shapes import shape_text
from ..tensor.size import size
from ..tensor.terms import Symbol
from .arrays import binary, changed, common_sort, same_shape, term_of
from .containers import iterable
from .expressions import OPERATORS, Expressions
from .looks import is_data
from .opened import proven_same
from .result import Computed
from .run import Run, Unread
from .scope import Exhausted, Scope
from .subscripts import store
from .values import Array, Items, Listed, Origin, Table, Unknown, Value


class Assigning:
    """Gives names and entries their values."""

    def __init__(self, run: Run, expressions: Expressions) -> None:
        self.run = run
        self.expressions = expressions

    def _right_side(self, node: ast.expr, scope: Scope) -> Value:
        """The value; what the code does not show may be known by the names on the left."""
        try:
            return self.expressions.raw(node, scope)
        except Unread as error:
            direct = isinstance(node, (ast.Call, ast.Name, ast.Attribute, ast.Subscript))
            return Unknown(error, nameable=True, direct=direct)
        except Exhausted:
            raise
        except SymbackpropError as error:
            self.run.findings.refuse(error)
            return Unknown(error)

    def _assign(self, target: ast.expr, value: Value, scope: Scope, node: ast.stmt) -> None:
        if isinstance(target, ast.Name):
            self._assign_name(target, value, scope, node)
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value, scope, node)
        elif isinstance(target, ast.Subscript):
            self._store(target, value, None, scope, node)
        else:
            raise self.run.refuse(target, f"`{self.run.piece(target)}` cannot be assigned here.")

    def _assign_name(self, target: ast.Name, value: Value, scope: Scope, node: ast.stmt) -> None:
        name = target.id
        if isinstance(value, Unknown):
            found = self.run.named(name, case=value.direct) if value.nameable else None
            if found is None:
                self.run.findings.refuse(value.error)
            else:
                self.run.findings.by_name.setdefault(name)
                value = found
        elif scope is self.run.main and not scope.is_function:
            value = self._example(name, value, node)
        scope.values[name] = value
        scope.places[name] = self.run.span(node)
        self._note_forward(name, value, scope, node)

    def _example(self, name: str, value: Value, node: ast.stmt) -> Value:
        """A declared symbol keeps its name where a script gives it the numbers of an example."""
        found = self.run.naming.find(name, case=False)
        if found is not None and found[0] in self.run.model.declarations and is_data(value):
            self.run.findings.examples.setdefault(name)
            return self.run.named(name, case=False)
        if name in self.run.naming.sizes and isinstance(value, int):
            self.run.findings.examples.setdefault(name)
            return size(name)
        return value

    def _note_forward(self, name: str, value: Value, scope: Scope, node: ast.AST) -> None:
        """Keep what is computed under the name of a node or an input, to be compared."""
        if scope is not self.run.main or not isinstance(value, Array) or value.stale is not None:
            return
        found = self.run.naming.find(name, case=False)
        if found is None:
            return
        declared = self.run.model.declarations.get(found[0])
        equation = self.run.model.equations.get(found[0])
        if equation is not None and found[0] != self.run.model.loss and proven_same(value.term, equation.term):
            value.term = equation.symbol
        if isinstance(value.term, Symbol) and value.term.name == found[0]:
            self.run.findings.verified.add(self.run.span(node))
            return
        if declared is None or declared.role == "input":
            self.run.findings.forward.append(Computed(found[0], name, value.term, self.run.span(node)))

    def _unpack(self, target: ast.Tuple | ast.List, value: Value, scope: Scope, node: ast.stmt) -> None:
        if isinstance(value, Unknown):
            for inner in target.elts:
                self._assign(inner, value, scope, node)
            return
        items = iterable(value)
        if items is None:
            raise self.run.refuse(target, "what stands on the right has no known number of items.")
        starred = [k for k, t in enumerate(target.elts) if isinstance(t, ast.Starred)]
        if starred or len(items) != len(target.elts):
            message = f"{len(target.elts)} names stand for {len(items)} values."
            raise self.run.refuse(target, message, "Name each value.")
        for inner, item in zip(target.elts, items, strict=True):
            self._assign(inner, item, scope, node)

    def _store(self, target: ast.Subscript, value: Value, op: str | None, scope: Scope, node: ast.stmt) -> None:
        """`owner[items] = value` and `owner[items] op= value`."""
        owner = self.expressions.value(target.value, scope)
        items = self.expressions.items(target.slice, scope)
        span = self.run.span(node)
        if isinstance(target.value, ast.Name):
            held = scope.find(target.value.id)
            if held is not None:
                held[1].places[target.value.id] = span
        try:
            if isinstance(owner, Array):
                if isinstance(value, Unknown):
                    raise value.error
                store(owner, items, value, op, self._stale(node))
                self._note_changed(owner, node)
                return
            if op is not None:
                before = self.expressions.part_of(owner, items, target)
                unknown = next((v for v in (before, value) if isinstance(v, Unknown)), None)
                value = unknown or self._in_place(before, op, value, node)
            self._put(owner, items, value, Origin(span, self.run.piece(target)))
        except (SymbackpropError, ZeroDivisionError) as error:
            raise self.expressions.explained(error, node, owner, value) from None

    def _put(self, owner: Value, items: list[object], value: Value, origin: Origin) -> None:
        """Put an entry into a container."""
        key = items[0]
        if isinstance(owner, Table) and len(items) == 1 and isinstance(key, (str, int)):
            owner.entries[key] = value
            owner.origins[key] = origin
        elif isinstance(owner, Items) and isinstance(key, int) and -len(owner.items) <= key < len(owner.items):
            if owner.fixed:
                raise ReadError("the items of a tuple cannot be changed.")
            if len(owner.origins) != len(owner.items):
                owner.origins = [None] * len(owner.items)
            owner.items[key] = value
            owner.origins[key] = origin
        elif isinstance(owner, Listed) and isinstance(key, int) and key in owner.members:
            owner.members[key] = value
        else:
            raise ReadError("there is no such entry.")

    def _stale(self, node: ast.AST) -> ReadError:
        line = self.run.span(node).line
        message = f"Line {line}: this changes an array in place that shares its memory with another one read later."
        return ReadError(message, remedy="Write `.copy()` where the second one is made.", span=self.run.span(node))

    def _note_changed(self, array: Array, node: ast.AST) -> None:
        self.run.budget.term(array.term, self.run.span(node))
        array.term = self.run.nodes.get(array.term, array.term)

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        op = OPERATORS.get(type(node.op))
        if op is None:
            raise self.run.refuse(node, "this operator is not read.")
        value = self._right_side(node.value, scope)
        if isinstance(value, Unknown):
            self.run.findings.refuse(value.error)
        if isinstance(node.target, ast.Subscript):
            self._store(node.target, value, op, scope, node)
            return
        if isinstance(value, Unknown):
            raise value.error
        if not isinstance(node.target, ast.Name):
            raise self.run.refuse(node, f"`{self.run.piece(node.target)}` cannot be changed here.")
        name = node.target.id
        before = self.expressions.value(ast.copy_location(ast.Name(name, ast.Load()), node.target), scope)
        try:
            new = self._in_place(before, op, value, node)
        except (SymbackpropError, ZeroDivisionError) as error:
            raise self.expressions.explained(error, node, before, value) from None
        scope.values[name] = new
        scope.places[name] = self.run.span(node)
        self._note_forward(name, new, scope, node)

    def _in_place(self, before: Value, op: str, value: Value, node: ast.AST) -> Value:
        """`before op= value`: an array is changed where it stands, anything else is replaced."""
        if isinstance(before, Items) and not before.fixed and op == "add" and (more := iterable(value)) is not None:
            for item in more:
                before.append(item, None)
            return before
        new = binary(op, before, value)
        if not isinstance(before, Array) or not before.term.sizes:
            if isinstance(new, Array):
                self._note_changed(new, node)
            return new
        if before.stale is not None:
            raise before.stale
        term = term_of(new)
        if not same_shape(term, before.term):
            shapes = f"{shape_text(before.term.sizes)} into {shape_text(term.sizes)}"
            raise ShapeError(f"in place, an array keeps its shape; this would turn {shapes}.")
        if before.sort != "float" and common_sort(new) != before.sort:
            raise ReadError("in place, an array of integers stays one, and NumPy refuses this.")
        changed(before, term, self._stale(node))
        self._note_changed(before, node)
        return before
