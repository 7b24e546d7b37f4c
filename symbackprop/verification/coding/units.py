"""Pieces of code that one change is about: statements, and the entries of what is handed back; what depends on what.

The dependence is seen from the syntax alone, without the order of statements: a superset of what a value depends on.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from ...errors import Span
from ...lifting import CodeClaim
from ...lifting.looks import names_changed
from ...reading.source import Source


@dataclass(frozen=True, eq=False, slots=True)
class Unit:
    """A statement, or an expression in one: `node`; the names that it changes and those that it reads."""

    node: ast.stmt | ast.expr
    statement: ast.stmt
    changes: frozenset[str]
    reads: frozenset[str]
    function: str = ""


@dataclass(slots=True)
class Units:
    """All units of a program, in order."""

    units: list[Unit] = field(default_factory=list)

    @classmethod
    def of(cls, statements: Sequence[ast.stmt]) -> Units:
        """The units of these statements, those inside loops and functions too."""
        found = cls()
        stack: list[tuple[ast.stmt, str]] = [(s, "") for s in reversed(statements)]
        while stack:
            statement, function = stack.pop()
            inner = function
            if isinstance(statement, ast.FunctionDef):
                inner = statement.name
            else:
                found.units += _units(statement, function)
            bodies = [getattr(statement, key, []) for key in ("body", "orelse")]
            stack.extend((s, inner) for body in reversed(bodies) for s in reversed(body))
        return found

    def behind(self, claim: CodeClaim, source: Source) -> list[Unit]:
        """The units that a claim may depend on."""
        start = [u for u in self.units if source.span(u.node) == claim.span]
        start = start or [u for u in self.units if source.span(u.statement) == claim.span]
        start = start or [u for u in self.units if _inside(claim.span, source.span(u.node))]
        names = _named(claim.name) & all_names(self.units)
        for unit in start:
            names |= unit.reads | unit.changes
        found = dict.fromkeys(start)
        grown = True
        while grown:
            grown = False
            for unit in self.units:
                if unit not in found and (unit.changes & names or (unit.function and unit.function in names)):
                    found[unit] = None
                    names |= unit.reads | (unit.changes if _shares(unit.node) else frozenset())
                    grown = True
        handed = {name for unit in start for name in unit.changes}
        for unit in self.units:
            if isinstance(unit.node, ast.Name) and unit.node.id in handed:
                found[unit] = None
        return [u for u in self.units if u in found]


def _shares(node: ast.AST) -> bool:
    """True for a second name of one array, or of a part of it: a change of one may be a change of the other."""
    value = node.value if isinstance(node, ast.Assign) else None
    while isinstance(value, (ast.Subscript, ast.Attribute)):
        value = value.value
    return isinstance(value, ast.Name)


def _inside(one: Span, other: Span) -> bool:
    return (other.line, other.column) <= (one.line, one.column) and one.end_line <= other.end_line


def _named(name: str) -> set[str]:
    """The names in what the author calls a value: `DW[3]` is about DW."""
    try:
        tree = ast.parse(name, mode="eval")
    except (SyntaxError, ValueError):
        return {name}
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}


def _units(statement: ast.stmt, function: str) -> Iterator[Unit]:
    """One unit, or one for each entry of a container that is assigned or handed back."""
    changes = frozenset(name for name, _ in names_changed(statement))
    value = getattr(statement, "value", None)
    if isinstance(statement, ast.For):
        changes = frozenset(n.id for n in ast.walk(statement.target) if isinstance(n, ast.Name))
        yield Unit(statement.iter, statement, changes, _reads(statement.iter), function)
        return
    if isinstance(statement, ast.If):
        return
    if _shares(statement):
        changes |= _reads(statement)
    if isinstance(statement, ast.Expr) and isinstance(value, ast.Call):
        changes |= frozenset(name for name, _ in names_changed(value))
    if not changes and not isinstance(statement, ast.Return):
        return
    entries = _entries(value)
    if entries:
        for entry in entries:
            yield Unit(entry, statement, changes, _reads(entry), function)
        return
    if isinstance(statement, ast.Return) and value is not None:
        yield Unit(value, statement, changes, _reads(value), function)
        return
    yield Unit(statement, statement, changes, _reads(statement), function)


def _entries(value: ast.expr | None) -> list[ast.expr]:
    """The entries of a container that is written out."""
    if isinstance(value, ast.Dict):
        return list(value.values)
    if isinstance(value, (ast.List, ast.Tuple)):
        return list(value.elts)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "dict":
        return [k.value for k in value.keywords]
    return []


def _reads(node: ast.AST) -> frozenset[str]:
    return frozenset(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)) | (
        frozenset(n.id for n in ast.walk(node.target) if isinstance(n, ast.Name))
        if isinstance(node, ast.AugAssign)
        else frozenset()
    )


def all_names(units: Collection[Unit]) -> set[str]:
    """Every name that the units read or change."""
    return {name for unit in units for name in (*unit.changes, *unit.reads)}
