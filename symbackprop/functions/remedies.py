"""What to write instead: for a call whose shapes do not fit, a change of it that does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ..errors import SymbackpropError
from ..expression import Call, Expr, Name, Number, Slice, Subscript
from ..tensor.size import ONE
from ..tensor.terms import Term
from .linear import matmul
from .operators import add
from .shaping import transpose
from .source import source
from .subscripts import Cut, subscript

Given = Sequence[tuple[Expr, Term]]
BROADCAST = (
    "add", "subtract", "multiply", "divide", "greater", "less", "greater_equal", "less_equal", "equal", "not_equal",
    "maximum", "minimum",
)  # fmt: skip
REDUCED = ("sum", "mean", "var", "std", "max", "min", "logsumexp")


def remedy_for(expr: Expr, given: Given, role: Callable[[str], str | None]) -> str:
    """A sentence that says what to write instead, or nothing. `role`: that of a declared symbol."""
    if not isinstance(expr, Call) or len(given) != 2:
        return ""
    if expr.function in ("matmul", "dot"):
        return _product(expr, given, role)
    if expr.function in BROADCAST:
        return _entrywise(expr, given, role)
    return ""


def _product(call: Call, given: Given, role: Callable[[str], str | None]) -> str:
    (left, x), (right, y) = given
    if not x.sizes or not y.sizes:
        return f"Write `{source(Call('multiply', (left, right)))}`."
    for first, second in ((True, False), (False, True), (True, True)):
        changed = (_flipped(left, x) if first else (left, x)), (_flipped(right, y) if second else (right, y))
        if None in changed or not _works(matmul, [pair[1] for pair in changed if pair]):
            continue
        written = source(Call(call.function, tuple(pair[0] for pair in changed if pair), call.options))
        matrix = given[0] if first else given[1]
        return _either([matrix] if first is not second else given, written, role)
    if _works(matmul, [y, x]):
        return f"Write `{source(Call(call.function, (right, left), call.options))}`."
    for name, term, other, axis in ((left, x, y, -1), (right, y, x, max(len(y.sizes) - 2, 0) - len(y.sizes))):
        if isinstance(name, Name) and role(name.name) == "parameter":
            sizes = list(term.sizes)
            sizes[axis] = other.sizes[-1 if term is y else max(len(other.sizes) - 2, 0)]
            return f"Declare `{name.name}: parameter{_written(sizes)}`."
    return ""


def _either(matrices: Given, written: str, role: Callable[[str], str | None]) -> str:
    """Declare it the other way round, if it is one declared matrix, or write its transpose."""
    (expr, term) = matrices[0]
    declared = role(expr.name) if isinstance(expr, Name) and len(matrices) == 1 else None
    if declared and isinstance(expr, Name) and len(term.sizes) == 2:
        return f"Either declare `{expr.name}: {declared}{_written(term.sizes[::-1])}` or write `{written}`."
    return f"Write `{written}`."


def _entrywise(call: Call, given: Given, role: Callable[[str], str | None]) -> str:
    for k, other in ((1, 0), (0, 1)):
        expr, term = given[k]
        target = given[other][1]
        for changed in _reshaped(expr, term):
            if _works(add, [changed[1], target]) and _fits(changed[1], target):
                args = [given[0][0], given[1][0]]
                args[k] = changed[0]
                return f"Write `{source(Call(call.function, tuple(args), call.options))}`."
    for k, other in ((1, 0), (0, 1)):
        expr, term = given[k]
        target = given[other][1]
        if isinstance(expr, Name) and role(expr.name) == "parameter" and len(term.sizes) <= len(target.sizes):
            return f"Declare `{expr.name}: parameter{_written(target.sizes[len(target.sizes) - len(term.sizes) :])}`."
    return ""


def _reshaped(expr: Expr, term: Term) -> Iterator[tuple[Expr, Term]]:
    """What people forget: keepdims, a new axis, a transpose."""
    if isinstance(expr, Call) and expr.function in REDUCED and ("keepdims", True) not in expr.options and term.sizes:
        axis = dict(expr.options).get("axis")
        place = axis.value if isinstance(axis, Number) else axis
        position = len(term.sizes) if place == -1 else place
        if hasattr(position, "numerator") and not isinstance(position, bool) and 0 <= position <= len(term.sizes):  # type: ignore[operator]
            items: list[object] = [Cut()] * len(term.sizes)
            items.insert(int(position), None)  # type: ignore[call-overload]
            yield Call(expr.function, expr.args, (*expr.options, ("keepdims", True))), subscript(term, items)
    if len(term.sizes) == 1:
        yield Subscript(expr, (Slice(None, None, None), None)), subscript(term, [Cut(), None])
    if len(term.sizes) == 2:
        yield Call("transpose", (expr,)), transpose(term)


def _fits(changed: Term, target: Term) -> bool:
    """True if the changed term takes the shape of the other one, or the other way round, by repeating."""
    wide, narrow = (changed, target) if len(changed.sizes) >= len(target.sizes) else (target, changed)
    del narrow
    return wide.sizes == target.sizes or all(s is ONE or s in target.sizes for s in changed.sizes)


def _flipped(expr: Expr, term: Term) -> tuple[Expr, Term] | None:
    if len(term.sizes) != 2:
        return None
    if isinstance(expr, Call) and expr.function == "transpose" and len(expr.args) == 1 and not expr.options:
        return expr.args[0], transpose(term)
    return Call("transpose", (expr,)), transpose(term)


def _works(build: Callable[..., Term], terms: Sequence[Term]) -> bool:
    try:
        build(*terms)
    except SymbackpropError:
        return False
    return True


def _written(sizes: Sequence[object]) -> str:
    """A shape as it is declared: `(h, d)`, `()`."""
    return f"({', '.join(map(str, sizes))})" if sizes else "()"
