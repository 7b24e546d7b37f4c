"""Statements of the code, carried out on values. What one statement cannot do, its names then do not have."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..errors import ReadError, SymbackpropError
from .arrays import chosen_by
from .assigning import Assigning
from .calls import Calls
from .containers import truth_of
from .expressions import Expressions
from .looks import inside, is_errstate, is_harmless, names_changed, only_checks, only_names, stored
from .looping import Looping, Passes, leftovers
from .run import Run, Unread
from .scope import Exhausted, Scope
from .values import Array, Function, Library, Origin, Unknown, Value

READ_MODULES = frozenset({"numpy", "math"})
SILENT_MODULES = frozenset({"typing", "__future__", "matplotlib", "matplotlib.pyplot", "time", "collections.abc"})


@dataclass(frozen=True, slots=True)
class Returned:
    """A `return` was reached."""

    value: Value
    origin: Origin | None


Signal: TypeAlias = "Returned | str | None"  # "break", "continue"


class Statements(Assigning):
    """Carries out statements in a scope."""

    def __init__(self, run: Run) -> None:
        super().__init__(run, Expressions(run))
        self.calls = Calls(run, self.expressions)
        self.expressions.caller = self.calls
        self.calls.runner = self
        self.looping = Looping(self.expressions)

    def body(self, statements: list[ast.stmt], scope: Scope) -> Value:
        """What the body of a function returns."""
        signal = self.block(statements, scope)
        return signal.value if isinstance(signal, Returned) else None

    def block(self, statements: Sequence[ast.stmt], scope: Scope) -> Signal:
        """Carry out statements until one leaves the block."""
        for place, statement in enumerate(statements):
            if isinstance(statement, ast.If):
                signal, finished = self._if(statement, statements[place + 1 :], scope)
                if finished or signal is not None:
                    return signal
                continue
            signal = self._statement(statement, scope)
            if signal is not None:
                return signal
        return None

    def _statement(self, node: ast.stmt, scope: Scope) -> Signal:
        span = self.run.span(node)
        self.run.budget.statement(span)
        try:
            return self._carried_out(node, scope)
        except Exhausted:
            raise
        except SymbackpropError as error:
            self.run.findings.refuse(error)
            return self.spoil([node], scope, error)

    def _carried_out(self, node: ast.stmt, scope: Scope) -> Signal:
        match node:
            case ast.Assign(targets=targets, value=value):
                found = self._right_side(value, scope)
                for target in targets:
                    self._assign(target, found, scope, node)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self._assign(target, self._right_side(value, scope), scope, node)
            case ast.AugAssign():
                self._augmented(node, scope)
            case ast.Expr(value=value):
                self._expression(value, scope)
            case ast.Return(value=value):
                if value is None:
                    return Returned(None, None)
                return Returned(self.expressions.kept(value, scope), self.expressions.origin(value, scope))
            case ast.For():
                return self._for(node, scope)
            case ast.Break():
                return "break"
            case ast.Continue():
                return "continue"
            case ast.FunctionDef():
                self._define(node, scope)
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
            case ast.With(items=items, body=body) if all(is_errstate(i.context_expr) for i in items):
                return self.block(body, scope)
            case ast.Pass() | ast.Assert() | ast.AnnAssign() | ast.Delete():
                return None
            case ast.Raise():
                raise self.run.refuse(node, "an error is raised here.")
            case _:
                raise self._not_read(node)
        return None

    def _not_read(self, node: ast.stmt) -> ReadError:
        words = {
            ast.While: ("`while`", "Write `for ... in range(...)`."),
            ast.ClassDef: ("a class", "Write the backward pass as a function."),
            ast.Try: ("`try`", ""), ast.With: ("`with`", ""), ast.Global: ("`global`", "Pass it as an argument."),
            ast.Nonlocal: ("`nonlocal`", "Pass it as an argument."),
        }  # fmt: skip
        what, remedy = words.get(type(node), ("this statement", ""))
        return self.run.refuse(node, f"{what} is not read.", remedy)

    # ------------------------------------------------------------------ expressions that stand alone

    def _expression(self, node: ast.expr, scope: Scope) -> None:
        if not isinstance(node, ast.Call) or is_harmless(node.func):
            return
        try:
            self.expressions.raw(node, scope)
        except Exhausted:
            raise
        except SymbackpropError as error:
            for argument in (*node.args, *(k.value for k in node.keywords)):
                held = scope.find(argument.id) if isinstance(argument, ast.Name) else None
                if held is not None and isinstance(held[0], Array) and isinstance(error, Unread):
                    held[0].stale = error
            raise

    def _define(self, node: ast.FunctionDef, scope: Scope) -> None:
        if node.decorator_list:
            raise self.run.refuse(node, "decorators are not read.")
        spec = node.args
        plain = [*spec.posonlyargs, *spec.args]
        defaults = {
            a.arg: self.expressions.kept(d, scope)
            for a, d in zip(plain[len(plain) - len(spec.defaults) :], spec.defaults, strict=True)
        }
        for argument, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
            if default is not None:
                defaults[argument.arg] = self.expressions.kept(default, scope)
        scope.values[node.name] = Function(node.name, node, scope, defaults)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        """Bind what is imported; modules that are not read are refused where they are used."""
        for alias in node.names:
            module = alias.name if isinstance(node, ast.Import) else (node.module or "")
            name = alias.asname or (alias.name.split(".")[0] if isinstance(node, ast.Import) else alias.name)
            if module.split(".")[0] in READ_MODULES and not getattr(node, "level", 0):
                if alias.name == "*":
                    raise self.run.refuse(node, "`import *` is not read.", "Import numpy as np.")
                inner = module if isinstance(node, ast.Import) else f"{module}.{alias.name}"
                scope.values[name] = Library(inner.split(".")[0] if not alias.asname and "." in name else inner)
                continue
            if module in SILENT_MODULES and module != "time":
                continue
            message = f"Line {node.lineno}: the module `{module or '.'}` is not read, only numpy and math are."
            error = Unread(message, remedy="Write the computation out.", span=self.run.span(node))
            scope.values[name] = Unknown(error, nameable=True)

    # ------------------------------------------------------------------ choices and loops

    def _if(self, node: ast.If, rest: Sequence[ast.stmt], scope: Scope) -> tuple[Signal, bool]:
        """A choice; and whether what follows it was carried out as well."""
        self.run.budget.statement(self.run.span(node))
        try:
            condition = self.expressions.value(node.test, scope)
        except Exhausted:
            raise
        except SymbackpropError as error:
            return self._undecided(node, scope, error), False
        known = truth_of(condition)
        if known is not None:
            return self.block(node.body if known else node.orelse, scope), False
        open_ = self.run.refuse(node.test, f"whether `{self.run.piece(node.test)}` holds depends on the numbers.")
        if not isinstance(condition, Array) or condition.term.sizes:
            return self._undecided(node, scope, open_), False
        return self._both(node, rest, condition, scope, open_)

    def _both(
        self, node: ast.If, rest: Sequence[ast.stmt], condition: Array, scope: Scope, error: ReadError
    ) -> tuple[Signal, bool]:
        """A choice by one number: both branches, put together entry by entry."""
        inner = (*node.body, *node.orelse)
        leaves = any(isinstance(n, ast.Return) for s in inner for n in inside(s))
        if not all(only_names(s) for s in (*inner, *(rest if leaves else ()))):
            return self._undecided(node, scope, error), False
        first, second = Scope(scope.outer, dict(scope.values)), Scope(scope.outer, dict(scope.values))
        if leaves:
            one = self.block([*node.body, *rest], first)
            other = self.block([*node.orelse, *rest], second)
            if not isinstance(one, Returned) or not isinstance(other, Returned):
                return self._undecided(node, scope, error), False
            return Returned(self._merged(node, condition, one.value, other.value), one.origin), True
        self.block(node.body, first)
        self.block(node.orelse, second)
        for name in {*stored(node.body), *stored(node.orelse)}:
            a, b = first.values.get(name), second.values.get(name)
            scope.values[name] = Unknown(error) if a is None or b is None else self._merged(node, condition, a, b)
            scope.places[name] = self.run.span(node)
        return None, False

    def _merged(self, node: ast.If, condition: Array, first: Value, second: Value) -> Value:
        for value in (first, second):
            if isinstance(value, Unknown):
                return value
        try:
            return chosen_by(condition, first, second)
        except SymbackpropError as error:
            placed = self.run.placed(error, node)
            self.run.findings.refuse(placed)
            return Unknown(placed)

    def _undecided(self, node: ast.If, scope: Scope, error: SymbackpropError) -> Signal:
        """A choice that cannot be made: only checks that raise or print may be passed over."""
        if not node.orelse and all(only_checks(s) for s in node.body):
            return None
        self.run.findings.refuse(error)
        return self.spoil([node], scope, error)

    def _for(self, node: ast.For, scope: Scope) -> Signal:
        passes = self._over_a_size(node, scope)
        if passes is not None:
            return self._added_up(node, passes, scope)
        items = self.expressions.iterated(node.iter, scope)
        for place, item in enumerate(items):
            self._assign(node.target, item, scope, node)
            signal = self.block(node.body, scope)
            if isinstance(signal, Returned):
                return signal
            if signal == "break":
                return None
            if place + 1 < len(items) and scope is self.run.main:
                name = self.run.updated(scope)
                if name is not None:
                    line = self.run.span(node).line
                    self.run.findings.note(f"The loop in line {line} changes {name}: its first pass is read.")
                    return None
        return self.block(node.orelse, scope)

    def _over_a_size(self, node: ast.For, scope: Scope) -> Passes | None:
        """The passes of a loop whose number is a letter; None for every other loop."""
        try:
            found = self.looping.passes(node.iter, scope)
        except Exhausted:
            raise
        except SymbackpropError:
            return None
        return found if found is not None and found.length.number is None else None

    def _added_up(self, node: ast.For, passes: Passes, scope: Scope) -> Signal:
        """A loop over a size: its body is read once, and what a pass adds is summed over all passes."""
        shown = self.run.piece(node.iter)
        message = f"what the loop over `{shown}` computes is read only if every pass adds something of its own."
        error = self.run.refuse(node, message, "Write it with whole arrays.")
        noted = len(self.run.findings.forward)
        marked = self.looping.begin(node.body, scope)
        try:
            self._assign(node.target, passes.value, scope, node)
            if self.block(node.body, scope) is not None or node.orelse:
                raise error
        finally:
            self.looping.end(marked, passes, error)
            del self.run.findings.forward[noted:]
        leftovers([node], scope, passes.index, error)
        for name, held in marked:
            scope.places[name] = self.run.span(node.body[-1]) if name not in scope.places else scope.places[name]
            if held.array is not None and held.array.stale is None:
                self._note_changed(held.array, node)
        return None

    # ------------------------------------------------------------------ what could not be read

    def spoil(self, nodes: list[ast.stmt], scope: Scope, error: SymbackpropError) -> Signal:
        """Everything that the statements would have given a value to is unknown, for that reason."""
        leaves = False
        for node in nodes:
            for inner in inside(node):
                if isinstance(inner, ast.Return):
                    leaves = True
                for name, in_place in names_changed(inner):
                    self._spoil_name(name, in_place, scope, error, node)
        return Returned(Unknown(error), None) if leaves else None

    def _spoil_name(self, name: str, in_place: bool, scope: Scope, error: SymbackpropError, node: ast.AST) -> None:
        held = scope.find(name)
        if in_place and held is not None and isinstance(held[0], Array) and held[0].term.sizes:
            held[0].stale = held[0].stale or error
        scope.values[name] = Unknown(error)
        scope.places[name] = self.run.span(node)
