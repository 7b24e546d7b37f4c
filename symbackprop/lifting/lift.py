"""NumPy code read as terms: what a function returns, or a script assigns, as claims about gradients.

The code is parsed and carried out on symbols; it is never run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..errors import ReadError, Span, SymbackpropError
from ..graph import symbols_of
from ..network import Model
from ..reading.names import did_you_mean
from ..reading.source import Source
from ..tensor.size import Size
from ..tensor.terms import Term
from .claims import Claims, unique
from .library import EMPTY
from .result import CodeClaim, Lifted, Transcription
from .run import Renumbered, Run, Unread
from .scope import Exhausted, Scope
from .sized import sized
from .statements import Returned, Statements
from .text import parsed
from .values import Array, Function, Table, Unknown, Value

MOST_READINGS = 4  # one more for each list that turns out to be counted from 0


def lift(
    source: str | Sequence[str],
    model: Model,
    *,
    returns: Sequence[str] | None = None,
    function: str | None = None,
    sizes: Mapping[str, int] | None = None,
) -> Lifted:
    """What code says about gradients of the network's loss.

    `source` is a program, or the cells of a notebook in order; places refer to the cells joined by line ends.
    `function` names the one to read; without it a script's own names count, then every function that no other one
    calls. `returns` names the symbols that its values are the gradients of, in order. `sizes` fixes sizes of the
    network by name, for code that is right for one example only. Nothing raises: what cannot be read is in `refused`,
    and in the claims that need it.
    """
    cells = [source] if isinstance(source, str) else list(source)
    try:
        text, statements, errors = parsed(cells)
    except SymbackpropError as error:
        return Lifted(refused=(error,))
    return lift_tree(text, statements, sized(model, sizes) if sizes else model, returns, function, errors)


def lift_tree(
    text: Source,
    statements: Sequence[ast.stmt],
    model: Model,
    returns: Sequence[str] | None = None,
    function: str | None = None,
    errors: Sequence[SymbackpropError] = (),
) -> Lifted:
    """The same for statements that are parsed already; `errors` come first in `refused`."""
    by_place: frozenset[str] = frozenset()
    for _ in range(MOST_READINGS):
        reading = _Reading(Run(model, text, by_place), statements, returns, function)
        try:
            return reading.lifted(errors)
        except Renumbered as signal:
            by_place |= {signal.letter}
        except RecursionError:
            error = ReadError("The code is nested too deeply to be read.", remedy="Give its parts names.")
            return Lifted(refused=(*errors, error))
    return Lifted(refused=(*errors, ReadError("How the lists of parameters are counted is not clear.")))


class _Reading:
    """One pass over the statements."""

    def __init__(
        self, run: Run, statements: Sequence[ast.stmt], returns: Sequence[str] | None, function: str | None
    ) -> None:
        self.run = run
        self.statements = statements
        self.returns = returns
        self.function = function
        self.work = Statements(run)
        self.claims = Claims(run)
        self.module = Scope()

    def lifted(self, errors: Sequence[SymbackpropError]) -> Lifted:
        found: list[CodeClaim] = []
        inner: list[CodeClaim] = []
        names: tuple[str, ...] = ()
        try:
            self.run.main = self.module
            self.work.block(self.statements, self.module)
            if self.function is None:
                found = self.claims.assigned(self.module)
            if not found:
                found, inner, names = self.functions()
        except Exhausted as error:
            self.run.findings.refuse(error)
        notes = self.run.findings
        return Lifted(
            claims=tuple(map(_without_marks, unique(found))),
            intermediate=tuple(map(_without_marks, unique(inner))),
            forward=tuple(notes.forward),
            refused=(*errors, *notes.refused),
            renamings=tuple(notes.renamings),
            notes=(*notes.all_notes(), *_slips(notes.transcriptions.values(), found)),
            transcriptions=tuple(notes.transcriptions.values()),
            functions=names,
            verified=frozenset(notes.verified),
            shapes=_shapes(self.run.main or self.module),
            lengths=tuple(n for n, v in (self.run.main or self.module).values.items() if isinstance(v, Size)),
        )

    def functions(self) -> tuple[list[CodeClaim], list[CodeClaim], tuple[str, ...]]:
        """The claims of the named function, or of all that no other function of the file calls."""
        defined = {n: v for n, v in self.module.values.items() if isinstance(v, Function)}
        if self.function is not None:
            if self.function not in defined:
                remedy = did_you_mean(self.function, defined, "Name one that the code defines.")
                raise _Missing(f"The code defines no function `{self.function}`.", remedy=remedy, span=Span(1, 1, 1, 2))
            chosen = [defined[self.function]]
        else:
            called = set(_called(defined.values())) if len(defined) > 1 else set()
            chosen = [f for name, f in defined.items() if name not in called] or list(defined.values())
        certain = self.function is not None or self.returns is not None or len(chosen) == 1
        found: list[CodeClaim] = []
        inner: list[CodeClaim] = []
        names: list[str] = []
        for function in chosen:
            noted = len(self.run.findings.refused), len(self.run.findings.forward)
            claims, between = self._of_function(function, certain)
            if claims:
                names.append(function.name)
            elif not certain:
                del self.run.findings.refused[noted[0] :], self.run.findings.forward[noted[1] :]
            found += claims
            inner += between
        return found, inner, tuple(names)

    def _of_function(self, function: Function, certain: bool) -> tuple[list[CodeClaim], list[CodeClaim]]:
        scope = Scope(function.scope, is_function=True)
        self.run.main = scope
        self._bind(function, scope)
        if isinstance(function.node, ast.Lambda):
            return [], []
        signal = self.work.block(function.node.body, scope)
        between = self.claims.between(scope)
        if not isinstance(signal, Returned) or signal.value is None:
            return self.claims.assigned(scope), between
        value, origin = self._unwrapped(signal.value), signal.origin
        if self.returns is not None:
            return self.claims.by_names(value, origin, self.returns), between
        claims = self.claims.returned(value, origin, function.name, certain)
        return claims or self.claims.assigned(scope), between

    def _unwrapped(self, value: Value) -> Value:
        """Gradients in a dictionary of one entry that holds them all."""
        if isinstance(value, Table) and len(value.entries) == 1:
            only = next(iter(value.entries.values()))
            return only if isinstance(only, Table) else value
        return value

    # ------------------------------------------------------------------ arguments

    def _bind(self, function: Function, scope: Scope) -> None:
        """Give each argument the network's symbol of its name; the one left over the one symbol left over."""
        spec = function.node.args
        names = [a.arg for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
        names += [a.arg for a in (spec.vararg, spec.kwarg) if a is not None]
        left: list[str] = []
        used: set[str] = set()
        for name in names:
            value = self.run.named(name)
            if value is not None:
                scope.values[name] = value
                match = self.run.naming.find(name)
                used.update([match[0]] if match else [])
            elif name in function.defaults:
                scope.values[name] = function.defaults[name]
            else:
                left.append(name)
        only = self._left_over(left, used, function)
        for name in left:
            if only is not None and name == left[0]:
                self.run.findings.renamings.setdefault(f"`{name}` is the network's {only}, which nothing else is")
                scope.values[name] = self.run.symbol(only)
                continue
            line = function.node.lineno
            message = f"Line {line}: the argument `{name}` of `{function.name}` is no name of the network."
            remedy = did_you_mean(name, self.run.naming.names, "Call it as the network does.")
            scope.values[name] = Unknown(Unread(message, remedy=remedy, span=self._argument_span(function, name)), True)

    def _left_over(self, left: Sequence[str], used: set[str], function: Function) -> str | None:
        """The one declared input that no argument is, where one argument is nothing else and is no container."""
        if len(left) != 1:
            return None
        free = [n for n in self.run.model.names("input", "target", "constant") if n not in used]
        inputs = [n for n in free if n in self.run.model.names("input")]
        found = free[0] if len(free) == 1 else inputs[0] if len(inputs) == 1 else None
        return None if found is None or left[0] in _keyed(function.node) else found

    def _argument_span(self, function: Function, name: str) -> Span:
        spec = function.node.args
        extra = [a for a in (spec.vararg, spec.kwarg) if a is not None]
        for argument in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs, *extra):
            if argument.arg == name:
                return self.run.span(argument)
        return self.run.span(function.node)


class _Missing(Exhausted):
    """The function that was asked for is not there."""


def _slips(transcriptions: Iterable[Transcription], claims: Sequence[CodeClaim]) -> Iterator[str]:
    """What is said of names that were read as others, where no claim says it."""
    told = {id(claim.transcription) for claim in claims}
    yield from (str(t) for t in transcriptions if id(t) not in told)


def _shapes(scope: Scope) -> dict[str, tuple[Size, ...]]:
    """The shapes of the arrays that names stand for."""
    return {name: value.term.sizes for name, value in scope.values.items() if isinstance(value, Array)}


def _called(functions: Iterable[Function]) -> Iterator[str]:
    """The names that functions call."""
    for function in functions:
        for node in ast.walk(function.node):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id != function.name:
                yield node.func.id


def _keyed(node: ast.AST) -> set[str]:
    """The names that are used as containers: `cache["A1"]`, or unpacked."""
    found: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Subscript) and isinstance(inner.value, ast.Name):
            if isinstance(inner.slice, (ast.Constant, ast.JoinedStr, ast.BinOp)):
                found.add(inner.value.id)
        elif isinstance(inner, ast.Assign) and isinstance(inner.value, ast.Name):
            if any(isinstance(t, (ast.Tuple, ast.List)) for t in inner.targets):
                found.add(inner.value.id)
    return found


def _without_marks(claim: CodeClaim) -> CodeClaim:
    """A claim that still has entries of `np.empty`, or of one pass of a loop, in it has no value."""
    marks = [n for n in symbols_of(claim.value) if n.startswith("@")] if isinstance(claim.value, Term) else []
    if not marks:
        return claim
    message = f"Line {claim.span.line}: `{claim.name}` has entries that nothing was written to."
    remedy = "Write np.zeros."
    if EMPTY not in marks:
        message = f"Line {claim.span.line}: `{claim.name}` depends on single passes of a loop."
        remedy = "Write it with whole arrays."
    return replace(claim, value=ReadError(message, remedy=remedy, span=claim.span))
