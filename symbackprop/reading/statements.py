"""A network file's statements, one by one, into a Draft: declarations, equations, loops, `notation(...)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import ReadError, Span, SymbackpropError
from ..expression import Array, Expr
from .declarations import (
    DERIVATIVES,
    ROLES,
    read_declaration,
    read_derivative,
    read_function,
    read_node_spelling,
)
from .draft import LOSS, Draft, DraftEquation
from .expressions import Reader
from .names import Names, checked, did_you_mean
from .source import Source, enough, where
from .style import read_style
from .syntax import reserved_word

MOST_STATEMENTS = 100_000
MOST_NAMES = 10_000
ANNOTATIONS = (*ROLES, *DERIVATIVES, "function", "node", "loss")
_NOT_IN_FILES: dict[type, tuple[str, str]] = {
    ast.Import: ("an import", "Leave it out: `np.` is understood without it."),
    ast.ImportFrom: ("an import", "Leave it out: functions are known by name."),
    ast.FunctionDef: ("a function definition", "A function of your own is `f: function(lambda u: u * sigmoid(u))`."),
    ast.AsyncFunctionDef: ("a function definition", ""),
    ast.ClassDef: ("a class", ""),
    ast.If: ("an `if`", "A choice between values is `where(condition, a, b)`."),
    ast.While: ("a `while`", "Steps are unrolled: `for t in range(1, 5):`."),
    ast.With: ("a `with`", ""),
    ast.Try: ("a `try`", ""),
    ast.Return: ("a `return`", "Name the result: `y = ...`."),
    ast.Assert: ("an `assert`", "Shapes are checked by themselves."),
    ast.Delete: ("a `del`", ""),
    ast.Global: ("a `global`", ""),
    ast.Raise: ("a `raise`", ""),
    ast.Match: ("a `match`", ""),
}


@dataclass(slots=True)
class StatementReader:
    """Reads statements into a draft. `folder` is where `macros=` finds its file; None if the text came from no file."""

    source: Source
    draft: Draft
    folder: Path | None
    plain: set[str] = field(default_factory=set)
    numbers: dict[str, int] = field(default_factory=dict)
    count: int = 0
    variables: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)

    def read(self, statements: list[ast.stmt]) -> None:
        """Read a whole file: first which names there are, then functions, then everything else in order."""
        if not statements and not self.draft.errors:
            remedy = "Declare symbols, `x: input(d)`, and write equations, `J: loss = sum(x**2)`."
            raise ReadError("The network is empty.", remedy=remedy)
        for statement in _flat(statements):
            self._look(statement)
        names = Names(frozenset(self.plain), dict(self.numbers), {})
        if statements and _text_of(statements[0]) is not None:
            self.draft.title = " ".join((_text_of(statements[0]) or "").split())
            statements = statements[1:]
        functions = [s for s in statements if _annotated_with(s) == "function"]
        for statement in functions:
            self._one(statement, names)
        for statement in statements:
            if statement not in functions:
                self._one(statement, names)

    def _look(self, statement: ast.stmt) -> None:
        """Note the names that a statement gives without a subscript, and names of integers."""
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        for target in targets:
            for part in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(part, ast.Name):
                    if isinstance(statement, ast.For):
                        self.variables.add(part.id)
                    else:
                        self.plain.add(part.id)
                    if _annotated_with(statement) == "function":
                        self.functions.add(part.id)
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            value = Names((), {}, {}).integer(statement.value)
            if value is not None:
                self.numbers[statement.targets[0].id] = value

    def _one(self, statement: ast.stmt, names: Names) -> None:
        """Read one statement; an error is kept, and what the statement defines is broken."""
        self.count += 1
        if self.count > MOST_STATEMENTS:
            raise ReadError(f"With its loops unrolled, the file has more than {MOST_STATEMENTS:,} statements.")
        span = self.source.span(statement)
        try:
            match statement:
                case ast.AnnAssign():
                    self._annotated(statement, names, span)
                case ast.Assign():
                    self._assigned(statement, names, span)
                case ast.For():
                    self._loop(statement, names)
                case ast.Expr(value=value):
                    self._expression(value, names, span)
                case ast.Pass():
                    pass
                case ast.AugAssign(target=target):
                    shown = self.source.piece(target, 30)
                    remedy = f"Give the new value a name of its own: `{shown}_2 = {shown} + ...`."
                    raise ReadError(f"Line {span.line}: `{shown}` cannot be changed.", remedy=remedy, span=span)
                case _:
                    what, remedy = _NOT_IN_FILES.get(type(statement), ("this statement", ""))
                    raise ReadError(f"Line {span.line}: {what} is no part of a network file.", remedy=remedy, span=span)
        except SymbackpropError as error:
            self._report(error, statement, names)

    def _report(self, error: SymbackpropError, statement: ast.stmt, names: Names) -> None:
        """Keep an error, and mark what the statement would have defined."""
        if error.span is None:
            error = type(error)(error.message, remedy=error.remedy, span=self.source.span(statement))
        self.draft.errors.append(error)
        enough(self.draft.errors)
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        for target in targets:
            for part in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(part, ast.Name):
                    self.draft.broken.add(part.id)
                elif isinstance(part, ast.Subscript):
                    self.draft.broken.update(_family(part, names) or [names.alias(part) or ""])
        if _annotated_with(statement) == "loss":
            self.draft.broken.add(LOSS)

    # ------------------------------------------------------------------ statements

    def _annotated(self, statement: ast.AnnAssign, names: Names, span: Span) -> None:
        """`x: input(d)`, `z: node(latex=...) = ...`, `J: loss = ...`."""
        annotation = statement.annotation
        kind = _annotated_with(statement) or ""
        called = isinstance(annotation, ast.Call)
        place = where(self.source.piece(statement.target, 30), span.line)
        if kind not in ANNOTATIONS:
            remedy = did_you_mean(kind, ANNOTATIONS, f"There are {', '.join(f'`{a}`' for a in ANNOTATIONS)}.")
            shown = self.source.piece(annotation, 40)
            raise ReadError(f"{place}: `{shown}` is no role.", remedy=remedy, span=self.source.span(annotation))
        if kind in ("node", "loss"):
            self._equation(statement, names, span, kind, place)
            return
        if not called:
            remedy = f"Write `{kind}()` for a scalar, `{kind}(d)` for a vector, `{kind}(n, d)` for a matrix."
            raise ReadError(f"{place}: `{kind}` needs brackets.", remedy=remedy, span=self.source.span(annotation))
        if statement.value is not None:
            message = f"{place}: what is declared as `{kind}` has no equation."
            remedy = "Leave out the declaration for a node, or the equation for a symbol."
            raise ReadError(message, remedy=remedy, span=self.source.span(statement.value))
        assert isinstance(annotation, ast.Call)
        family = _family(statement.target, names) if isinstance(statement.target, ast.Subscript) else None
        for name in family or [self._target(statement.target, names)]:
            reader = self._reader(names, where(name, span.line))
            self._declared(name, kind, annotation, reader, span)

    def _declared(self, name: str, kind: str, call: ast.Call, reader: Reader, span: Span) -> None:
        if kind == "function":
            self.draft.name_function(read_function(name, call, reader), span)
        elif kind in DERIVATIVES:
            self.draft.derive(read_derivative(name, call, reader, span))
        else:
            declared = read_declaration(name, call, reader, span)
            self.draft.declare(declared.declaration)
            if declared.law is not None:
                self.draft.laws[name] = declared.law

    def _equation(self, statement: ast.AnnAssign, names: Names, span: Span, kind: str, place: str) -> None:
        if statement.value is None:
            remedy = f"Write `{self.source.piece(statement.target, 30)}: {kind} = ...`."
            raise ReadError(f"{place}: a {kind} needs its equation.", remedy=remedy, span=span)
        name = self._target(statement.target, names)
        reader = self._reader(names, where(name, span.line))
        spelling = read_node_spelling(statement.annotation, reader)
        equation = DraftEquation(name, reader.read(statement.value), spelling=spelling, span=span)
        if kind == "loss":
            self.draft.define_loss(equation)
        else:
            self.draft.define(equation)

    def _assigned(self, statement: ast.Assign, names: Names, span: Span) -> None:
        """`z = ...` and `y_1, y_2 = ...`."""
        if len(statement.targets) > 1:
            remedy = "Write two equations."
            raise ReadError(f"Line {span.line}: one `=` in a line.", remedy=remedy, span=span)
        (target,) = statement.targets
        parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
        targets = [self._target(part, names) for part in parts]
        reader = self._reader(names, where(", ".join(targets), span.line))
        expr = reader.read(statement.value)
        if not isinstance(target, (ast.Tuple, ast.List)):
            self.draft.define(DraftEquation(targets[0], expr, span=span))
            return
        for equation in self._unpacked(targets, expr, isinstance(statement.value, ast.Tuple), reader, span):
            self.draft.define(equation)

    def _unpacked(
        self, targets: list[str], expr: Expr, side_by_side: bool, reader: Reader, span: Span
    ) -> Iterator[DraftEquation]:
        if side_by_side and isinstance(expr, Array):
            if len(expr.items) != len(targets):
                message = f"{reader.place}: {len(targets)} names on the left, {len(expr.items)} formulas on the right."
                raise ReadError(message, remedy="Give each formula one name.", span=span)
            yield from (DraftEquation(n, item, span=span) for n, item in zip(targets, expr.items, strict=True))
            return
        for k, name in enumerate(targets):
            yield DraftEquation(name, expr, part=(k, len(targets)), span=span)

    def _loop(self, statement: ast.For, names: Names) -> None:
        """`for t in range(1, 5):`, unrolled."""
        variable, call = statement.target, statement.iter
        span = self.source.span(statement.iter)
        here = f"Line {span.line}"
        counted = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "range"
        if not counted or not isinstance(variable, ast.Name) or statement.orelse:
            remedy = "Write `for t in range(1, 5):`."
            raise ReadError(f"{here}: a loop counts with one variable.", remedy=remedy, span=span)
        assert isinstance(call, ast.Call)
        bounds = [names.integer(a) for a in call.args]
        if call.keywords or not 1 <= len(bounds) <= 3 or any(b is None for b in bounds):
            message = f"{here}: `{self.source.piece(call)}` does not count between known numbers."
            raise ReadError(message, remedy="Loops are unrolled: write numbers, as in `range(1, 5)`.", span=span)
        numbers = [b for b in bounds if b is not None]
        if variable.id in self.plain:
            remedy = "Give the loop a letter of its own."
            raise ReadError(f"{here}: `{variable.id}` is declared already.", remedy=remedy, span=span)
        if len(numbers) == 3 and not numbers[2]:
            raise ReadError(f"{here}: the step of a range must not be 0.", span=span)
        steps = range(*numbers)
        if _unrolled(statement, names) > MOST_STATEMENTS:
            raise ReadError(f"{here}: the loop unrolls to more than {MOST_STATEMENTS:,} statements.", span=span)
        for value in steps:
            for inner in statement.body:
                self._one(inner, names.inside(variable.id, value))

    def _expression(self, value: ast.expr, names: Names, span: Span) -> None:
        """`notation(...)`, a stray string; anything else by itself defines nothing."""
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "notation":
            self.draft.style = read_style(
                value, self._reader(names, f"Line {span.line}"), self.draft.style, self.folder
            )
            return
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return
        if isinstance(value, ast.Lambda):
            message, remedy = reserved_word("lambda")
            raise ReadError(f"Line {span.line}: {message}", remedy=remedy, span=span)
        shown = self.source.piece(value)
        remedy = f"Give it a name: `z = {shown}`, or `J: loss = {shown}`."
        if isinstance(value, ast.Compare):
            remedy = "An equation has one `=`."
        raise ReadError(f"Line {span.line}: `{shown}` defines nothing.", remedy=remedy, span=span)

    # ------------------------------------------------------------------ targets

    def _reader(self, names: Names, place: str) -> Reader:
        return Reader(self.source, names, self.draft.functions, self.functions, self.draft.broken, place)

    def _target(self, node: ast.expr, names: Names) -> str:
        """The name on the left side."""
        span = self.source.span(node)
        if isinstance(node, ast.Name):
            if node.id in names.loops:
                raise ReadError(
                    f"Line {span.line}: `{node.id}` counts the loop.", remedy="Use another name.", span=span
                )
            return checked(node.id, span=span)
        if isinstance(node, ast.Subscript):
            name = names.alias(node)
            if name is not None:
                return checked(name, span=span)
            base = self.source.piece(node.value, 30)
            if isinstance(node.value, ast.Name) and base in self.plain:
                message = f"Line {span.line}: entries of `{base}` cannot be set one by one: `{base}` is one array."
                remedy = (
                    f"Build it as a whole, `{base} = [...]`, or drop the declaration of `{base}` to name each step."
                )
                raise ReadError(message, remedy=remedy, span=span)
        shown = self.source.piece(node)
        remedy = "Write a name on the left: `z_1 = ...`, `h[t] = ...` inside a loop."
        raise ReadError(f"Line {span.line}: `{shown}` is not the name of a node.", remedy=remedy, span=span)


def _unrolled(statement: ast.stmt, names: Names) -> int:
    """About how many statements a loop becomes; exact where inner bounds do not depend on outer variables."""
    if not isinstance(statement, ast.For):
        return 1
    call, inside = statement.iter, names
    bounds = [names.integer(a) for a in call.args] if isinstance(call, ast.Call) else []
    numbers = [b for b in bounds if b is not None]
    if not 1 <= len(numbers) <= 3 or numbers[2:] == [0]:
        return 1
    steps = range(*numbers)
    if isinstance(statement.target, ast.Name) and steps:
        inside = names.inside(statement.target.id, steps[-1])
    return len(steps) * sum(_unrolled(inner, inside) for inner in statement.body)


def _flat(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements, those inside loops too."""
    stack = list(reversed(statements))
    while stack:
        statement = stack.pop()
        yield statement
        if isinstance(statement, ast.For):
            stack.extend(reversed(statement.body))


def _text_of(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return statement.value.value if isinstance(statement.value.value, str) else None
    return None


def _annotated_with(statement: ast.stmt) -> str | None:
    """The word behind the colon."""
    if not isinstance(statement, ast.AnnAssign):
        return None
    inner = statement.annotation.func if isinstance(statement.annotation, ast.Call) else statement.annotation
    return inner.id if isinstance(inner, ast.Name) else None


def _family(node: ast.expr, names: Names) -> list[str] | None:
    """`w_1` to `w_12` for `w[1, ..., 12]`, else None."""
    if not (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Tuple)):
        return None
    items = node.slice.elts
    dots = [isinstance(i, ast.Constant) and i.value is Ellipsis for i in items]
    if sum(dots) != 1 or not dots[-2:-1] or not dots[-2]:
        return None
    numbers = [names.integer(i) for i, d in zip(items, dots, strict=True) if not d]
    first, last = numbers[0], numbers[-1]
    if any(n is None for n in numbers) or first is None or last is None:
        return None
    if numbers[:-1] != list(range(first, first + len(numbers) - 1)) or not 0 <= first <= last <= first + MOST_NAMES:
        return None
    return [f"{node.value.id}_{k}" for k in range(first, last + 1)]
