"""What to write instead: for a call whose shapes do not fit, a change of it that does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ..errors import SymbackpropError
from ..expression import Call, Expr, Name, Number, Slice, Subscript, names
from ..tensor.size import ONE
from ..tensor.terms import Term
from .linear import matmul
from .operators import add
from .shaping import transpose
from .source import source
from .subscripts import Cut, subscript

Given = Sequence[tuple[Expr, Term]]
Role = Callable[[str], str | None]
BROADCAST = (
    "add", "subtract", "multiply", "divide", "greater", "less", "greater_equal", "less_equal", "equal", "not_equal",
    "maximum", "minimum",
)  # fmt: skip
REDUCED = ("sum", "mean", "var", "std", "max", "min", "logsumexp")


def remedy_for(expr: Expr, given: Given, role: Role) -> str:
    """A sentence that says what to write instead, or nothing. `role`: that of a declared symbol."""
    if not isinstance(expr, Call) or len(given) != 2:
        return ""
    if expr.function in ("matmul", "dot"):
        return _product(expr, given, role)
    if expr.function in BROADCAST:
        return _entrywise(expr, given, role)
    return ""


def _product(call: Call, given: Given, role: Role) -> str:
    (left, x), (right, y) = given
    if not x.sizes or not y.sizes:
        return f"Write `{source(Call('multiply', (left, right)))}`."
    for wanted in ((True, False), (False, True), (True, True)):
        changed = [_flipped(e, t) if flip else (e, t) for flip, (e, t) in zip(wanted, given, strict=True)]
        if not _works(matmul, [t for _, t in changed]):
            continue
        written = source(Call(call.function, tuple(e for e, _ in changed), call.options))
        turned = [pair for flip, pair in zip(wanted, given, strict=True) if flip]
        return _declared_otherwise(call, turned, role) + f"rite `{written}`."
    if _works(matmul, [y, x]):
        return f"Write `{source(Call(call.function, (right, left), call.options))}`."
    inner_x, inner_y = x.sizes[-1], y.sizes[max(len(y.sizes) - 2, 0)]
    if isinstance(right, Name) and role(right.name) == "parameter":
        sizes = list(y.sizes)
        sizes[max(len(y.sizes) - 2, 0)] = inner_x
        return f"Declare `{right.name}: parameter{_declared(sizes)}`."
    if isinstance(left, Name) and role(left.name) == "parameter":
        return f"Declare `{left.name}: parameter{_declared([*x.sizes[:-1], inner_y])}`."
    return ""


def _declared_otherwise(call: Call, turned: Given, role: Role) -> str:
    """The beginning of the sentence: a lone declared matrix that occurs once may be declared the other way round."""
    (expr, term) = turned[0]
    if len(turned) == 1 and isinstance(expr, Name) and [n.name for n in names(call)].count(expr.name) == 1:
        declared = role(expr.name)
        if declared:
            return f"Either declare `{expr.name}: {declared}{_declared(term.sizes[::-1])}` or w"
    return "W"


def _entrywise(call: Call, given: Given, role: Role) -> str:
    args = [expr for expr, _ in given]
    for k, other in ((1, 0), (0, 1)):
        target = given[other][1]
        for expr, term in _reshaped(*given[k]):
            if all(s is ONE or s in target.sizes for s in term.sizes) and _works(add, [term, target]):
                changed = (*args[:k], expr, *args[k + 1 :])
                return f"Write `{source(Call(call.function, changed, call.options))}`."
    for k, other in ((1, 0), (0, 1)):
        expr, shape = given[k][0], given[other][1].sizes
        spare = len(shape) - len(given[k][1].sizes)
        if isinstance(expr, Name) and role(expr.name) == "parameter" and spare >= 0:
            return f"Declare `{expr.name}: parameter{_declared(shape[spare:])}`."
    return ""


def _reshaped(expr: Expr, term: Term) -> Iterator[tuple[Expr, Term]]:
    """What people forget: keepdims, a new axis, a transpose."""
    if isinstance(expr, Call) and expr.function in REDUCED and ("keepdims", True) not in expr.options:
        axis = dict(expr.options).get("axis")
        place = axis.value.numerator if isinstance(axis, Number) else axis
        if isinstance(place, int):
            items: list[object] = [Cut()] * len(term.sizes)
            items.insert(place if place >= 0 else len(items) + 1 + place, None)
            yield Call(expr.function, expr.args, (*expr.options, ("keepdims", True))), subscript(term, items)
    if len(term.sizes) == 1:
        yield Subscript(expr, (Slice(None, None, None), None)), subscript(term, [Cut(), None])
    if len(term.sizes) == 2:
        yield _flipped(expr, term)


def _flipped(expr: Expr, term: Term) -> tuple[Expr, Term]:
    """A matrix transposed; a vector as it is."""
    if len(term.sizes) != 2:
        return expr, term
    if isinstance(expr, Call) and expr.function == "transpose" and len(expr.args) == 1 and not expr.options:
        return expr.args[0], transpose(term)
    return Call("transpose", (expr,)), transpose(term)


def _works(build: Callable[..., Term], terms: Sequence[Term]) -> bool:
    try:
        build(*terms)
    except SymbackpropError:
        return False
    return True


def _declared(sizes: Sequence[object]) -> str:
    """A shape as it is declared: `(h, d)`, `()`."""
    return f"({', '.join(map(str, sizes))})"
