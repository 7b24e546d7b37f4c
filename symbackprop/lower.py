"""From what an author wrote to what it means: an expression over declared names becomes one tensor term.

Errors carry the place of the smallest part that is wrong, that part as source text, what its arguments are, the rule
that it breaks and a remedy.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, count
from typing import Protocol

from .errors import ReadError, ShapeError, SymbackpropError, UnknownName, ValueProblem
from .expression import Array, Call, Expr, Name, Number, Slice, Subscript
from .functions import FUNCTIONS, Function
from .functions.binding import Arguments, Binder
from .functions.expectations import NAME as EXPECTATION
from .functions.remedies import remedy_for
from .functions.shapes import shape_text
from .functions.shaping import stack
from .functions.source import BINARY, quoted, source
from .functions.statics import EXPRESSIONS, Statics
from .functions.steps import opened_steps
from .functions.subscripts import Cut, subscript
from .functions.unknown import unknown, unknown_function
from .laws import Laws
from .network import Equation, NamedFunction
from .tensor.normal import from_size, number
from .tensor.size import Size, size
from .tensor.terms import Term, constant, symbol

CONSTANTS = {"pi": constant("pi")}


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """An index symbol: its shape, and its range as a size."""

    name: str
    sizes: tuple[Size, ...]
    of: Size


class Scope(Protocol):
    """What the names in an expression stand for."""

    def term(self, name: str) -> Term | None:
        """The symbol or node of that name."""

    def index(self, name: str) -> IndexInfo | None:
        """The index of that name."""

    def size(self, name: str) -> bool:
        """True if the name is a size."""

    def function(self, name: str) -> NamedFunction | None:
        """The author's own function of that name."""

    def role(self, name: str) -> str | None:
        """The role of a declared symbol, None for a node."""

    def known(self) -> Iterable[str]:
        """All names that could have been meant."""

    def taken(self, name: str) -> bool:
        """True if a new node must not have that name."""

    def expected(self, body: Term) -> Term:
        """The expectation of a term over what is declared random."""


@dataclass(frozen=True, slots=True)
class Names:
    """A Scope made of mappings."""

    terms: Mapping[str, Term] = field(default_factory=dict)
    indices: Mapping[str, IndexInfo] = field(default_factory=dict)
    sizes: Collection[str] = ()
    functions: Mapping[str, NamedFunction] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    laws: Laws = field(default_factory=Laws)

    def term(self, name: str) -> Term | None:
        """The symbol or node of that name."""
        return self.terms.get(name)

    def index(self, name: str) -> IndexInfo | None:
        """The index of that name."""
        return self.indices.get(name)

    def size(self, name: str) -> bool:
        """True if the name is a size."""
        return name in self.sizes

    def function(self, name: str) -> NamedFunction | None:
        """The author's own function of that name."""
        return self.functions.get(name)

    def role(self, name: str) -> str | None:
        """The role of a declared symbol."""
        return self.roles.get(name)

    def known(self) -> Iterable[str]:
        """All names."""
        return [*self.terms, *self.indices, *self.sizes]

    def taken(self, name: str) -> bool:
        """True if the name is used for anything."""
        return name in self.terms or name in self.indices or name in self.sizes or name in self.functions

    def expected(self, body: Term) -> Term:
        """The expectation, not taken yet."""
        return self.laws.expected(body)


@dataclass(frozen=True, slots=True)
class Lowered:
    """The term of a right-hand side, the nodes that it opened, and the right-hand side written with those nodes."""

    term: Term
    auxiliary: tuple[Equation, ...]
    expr: Expr


def lower(expr: Expr, scope: Scope, equation: str) -> Lowered:
    """What the expression means, for the equation of that name.

    Raises UnknownName, ShapeError, ReadError or ValueProblem with the place of what is wrong. The message begins with
    the source of the wrong part; who writes it to people puts the equation and its line in front.
    """
    work = _Lowering(scope, equation)
    try:
        term = work.term(expr)
        return Lowered(term, tuple(work.auxiliary), work.rewritten(expr) if work.opened else expr)
    except RecursionError:
        raise ReadError("The formula is nested too deeply.", remedy="Name its parts.", span=expr.span) from None


def lower_size(expr: Expr, scope: Scope) -> Size:
    """A size that is written as an expression: `4 * H`, `n // 2`, `T - M + 1`."""
    return _Lowering(scope, "").statics.size(expr)


class _Lowering:
    """One right-hand side on its way to a term."""

    def __init__(self, scope: Scope, equation: str) -> None:
        self.scope = scope
        self.equation = equation
        self.auxiliary: list[Equation] = []
        self.opened: dict[int, Expr] = {}
        self.locals: dict[str, Term] = {}
        self.calling: list[str] = []
        self.statics = Statics(self.is_size, scope.index, lambda expr: self.term(expr).sizes)
        self.binder = Binder(self.term, self.statics)

    def is_size(self, name: str) -> bool:
        return name not in self.locals and self.scope.size(name)

    def term(self, expr: Expr) -> Term:
        """The meaning of an expression; a chain of operators goes down its left side without recursion."""
        spine: list[Call] = []
        while isinstance(expr, Call) and expr.function in BINARY and len(expr.args) == 2 and not expr.options:
            if expr.function == "floordivide" and self.statics.maybe_size(expr) is not None:
                break
            spine.append(expr)
            expr = expr.args[0]
        result = self.operand(expr)
        for call in reversed(spine):
            right = self.term(call.args[1])
            build = partial(FUNCTIONS[call.function].build, result, right)
            result = self.guarded(call, [(call.args[0], result), (call.args[1], right)], build)
        return result

    def operand(self, expr: Expr) -> Term:
        if isinstance(expr, Name):
            return self.name(expr)
        if isinstance(expr, Number):
            return number(expr.value)
        if isinstance(expr, Array):
            items = tuple(self.term(item) for item in expr.items)
            return self.guarded(expr, list(zip(expr.items, items, strict=True)), lambda: stack(items))
        if isinstance(expr, Subscript):
            return self.subscript(expr)
        return self.call(expr)

    def name(self, expr: Name) -> Term:
        known = self.locals.get(expr.name) or self.scope.term(expr.name)
        if known is not None:
            return known
        if self.scope.size(expr.name):
            return from_size(size(expr.name))
        if self.scope.index(expr.name) is not None:
            remedy = f"Use it as a subscript, `p[{expr.name}]`, or write `onehot({expr.name}, c)`."
            raise ShapeError(f"`{expr.name}` is an index, not a number.", remedy=remedy, span=expr.span)
        if expr.name in CONSTANTS:
            return CONSTANTS[expr.name]
        raise unknown(expr.name, [*self.scope.known(), *self.locals, *CONSTANTS], FUNCTIONS, expr)

    def call(self, call: Call) -> Term:
        own = self.scope.function(call.function)
        if own is not None and own.name not in self.calling:
            return self.own_call(call, own)
        if call.function == "floordivide":
            known = self.statics.maybe_size(call)
            if known is not None:
                return from_size(known)
        row = FUNCTIONS.get(call.function)
        if row is None:
            if own is not None:
                raise ReadError(f"`{call.function}` is defined by itself.", span=call.span)
            if self.scope.term(call.function) is not None:
                remedy = f"Write `{call.function} * (...)` for a product."
                raise UnknownName(f"`{call.function}` is a symbol, not a function.", remedy=remedy, span=call.span)
            raise unknown_function(call, FUNCTIONS)
        arguments = self.binder.bound(call, row)
        if row.opens:
            return self.open(call, row, arguments)
        if row.name == EXPECTATION:
            return self.guarded(call, (), lambda: self.scope.expected(row.build(**arguments.named)))
        return self.guarded(call, arguments.given, lambda: row.build(*arguments.positional, **arguments.named))

    def own_call(self, call: Call, own: NamedFunction) -> Term:
        """A call of the author's own function: another name, or a body with the arguments put in."""
        outside = self.locals
        if own.target is None:
            if len(call.args) != len(own.parameters) or call.options:
                message = f"`{source(call)}`: these are not the arguments of {own.name}."
                raise ReadError(message, remedy=f"It is `{own.name}({', '.join(own.parameters)})`.", span=call.span)
            self.locals = {p: self.term(a) for p, a in zip(own.parameters, call.args, strict=True)}
        self.calling.append(own.name)
        try:
            if own.target is not None:
                return self.call(replace(call, function=own.target, shown=call.shown or own.name))
            assert own.body is not None
            return self.term(own.body)
        finally:
            self.calling.pop()
            self.locals = outside

    def open(self, call: Call, row: Function, arguments: Arguments) -> Term:
        """A function that is shown in steps: its intermediate values become nodes."""
        steps = opened_steps(call, row, arguments)
        names: dict[str, str] = {}

        def node(stem: str, term: Term) -> Term:
            name = self.fresh(f"{stem}_{self.equation}")
            names[stem] = name
            expr = None if self.locals else steps(stem, names)
            self.auxiliary.append(Equation(name, term, expr, auxiliary=True))
            return symbol(name, term.sizes)

        term = self.guarded(call, arguments.given, lambda: row.build(**arguments.named, node=node))
        self.opened[id(call)] = steps("", names)
        return term

    def fresh(self, name: str) -> str:
        """The name, or the name with a number that makes it new."""
        used = {equation.name for equation in self.auxiliary}
        free = (
            n for n in chain([name], (f"{name}_{k}" for k in count(2))) if n not in used and not self.scope.taken(n)
        )
        return next(free)

    def subscript(self, expr: Subscript) -> Term:
        known = self.statics.maybe_size(expr)
        if known is not None:
            return from_size(known)
        member = self.member(expr)
        if member is not None:
            return member
        base = self.term(expr.base)
        given: list[tuple[Expr, Term]] = [(expr.base, base)]
        listing = [k for k, item in enumerate(expr.items) if isinstance(item, Array)]
        if len(listing) == 1:
            return self.listed(expr, base, listing[0])
        return self.guarded(expr, given, lambda: subscript(base, [self.item(item, expr) for item in expr.items]))

    def member(self, expr: Subscript) -> Term | None:
        """`W[0]` as W_0, where no array W is known."""
        if not isinstance(expr.base, Name) or expr.base.name in self.locals or self.scope.term(expr.base.name):
            return None
        numbers = [self.statics.maybe_size(item) for item in expr.items]
        if any(n is None or n.number is None for n in numbers):
            return None
        return self.scope.term("_".join([expr.base.name, *map(str, numbers)]))

    def listed(self, expr: Subscript, base: Term, where: int) -> Term:
        """`x[[0, 2]]`: the chosen parts stacked."""
        chosen = expr.items[where]
        assert isinstance(chosen, Array)
        before = expr.items[:where]
        if any(not isinstance(item, Slice) for item in before):
            remedy = "Take the parts one after the other."
            raise ReadError(
                f"`{source(expr)}`: a list of positions goes with slices only.", remedy=remedy, span=expr.span
            )

        def build() -> Term:
            parts = []
            for position in chosen.items:
                items = [*before, position, *expr.items[where + 1 :]]
                parts.append(subscript(base, [self.item(item, expr) for item in items]))
            return stack(tuple(parts), where)

        return self.guarded(expr, [(expr.base, base)], build)

    def item(self, item: object, expr: Subscript) -> object:
        """One item of a subscript, as `subscript` takes it."""
        if item is None or item is Ellipsis:
            return item
        if isinstance(item, Name) and item.name == "None":
            return None
        if isinstance(item, Slice):
            step = 1 if item.step is None else self.statics.size(item.step).number
            if step is None:
                raise ShapeError("the step of a slice must be a whole number.")
            start, stop = (None if bound is None else self.statics.size(bound) for bound in (item.start, item.stop))
            return Cut(start, stop, step)
        positions = self.statics.positions(item)
        if positions is None:
            text = source(item) if isinstance(item, EXPRESSIONS) else str(item)
            if isinstance(item, Name) and not self.scope.term(item.name) and item.name not in self.locals:
                raise unknown(item.name, self.scope.known(), FUNCTIONS, item)
            message = f"`{text}` cannot stand in a subscript."
            remedy = (
                "Subscripts are whole numbers, sizes, slices, `arange(n)` and symbols declared with `index(of=...)`."
            )
            raise ShapeError(message, remedy=remedy, span=expr.span)
        return positions

    def guarded(self, expr: Expr, given: Sequence[tuple[Expr, Term]], build: Callable[[], Term]) -> Term:
        """What `build` gives; its errors with the place, the source, the arguments and a remedy."""
        kind: type[SymbackpropError] = ValueProblem
        try:
            return build()
        except ZeroDivisionError as error:
            message, remedy = f"{error}.", "Check the divisor."
        except SymbackpropError as error:
            if error.span is not None:
                raise
            message, kind, remedy = error.message, type(error), error.remedy
        facts = dict.fromkeys(f"{quoted(e)} is {shape_text(t.sizes)}" for e, t in given)
        told = f"{', '.join(facts)}; " if facts else ""
        remedy = remedy or remedy_for(expr, given, self.scope.role)
        raise kind(f"`{source(expr)}`: {told}{message}", remedy=remedy, span=expr.span)

    def rewritten(self, expr: Expr) -> Expr:
        """The expression with the functions that were opened written with their nodes."""
        if id(expr) in self.opened:
            return self.opened[id(expr)]
        if isinstance(expr, Call):
            return replace(expr, args=tuple(map(self.rewritten, expr.args)))
        if isinstance(expr, Array):
            return replace(expr, items=tuple(map(self.rewritten, expr.items)))
        if isinstance(expr, Subscript):
            return replace(expr, base=self.rewritten(expr.base))
        return expr
