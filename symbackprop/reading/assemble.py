"""From a Draft to a Model: what only the whole network can show.

Every check goes on after an error, and says nothing about what an earlier error made unknowable: a name whose
definition failed is broken, and so, in silence, is everything that uses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from ..errors import CycleError, DuplicateName, LossError, ManyErrors, ShapeError, Span, SymbackpropError, UnknownName
from ..expression import Call, Expr, Name, Number, Subscript, children, names
from ..functions import FUNCTIONS
from ..lower import CONSTANTS, IndexInfo, Lowered, lower
from ..network import Declaration, Equation, Model, NamedFunction, Warning_
from ..tensor.expectation import taken
from ..tensor.normal import product
from ..tensor.pullback import children_last
from ..tensor.size import ONE, Size
from ..tensor.terms import Bracket, Symbol, Term, symbol
from .alike import check_spellings
from .draft import LOSS, Draft, DraftEquation, Silent
from .names import did_you_mean
from .randomness import Randomness
from .source import where


def assemble(draft: Draft) -> Model:
    """The checked network.

    Raises the error, or ManyErrors with all independent ones in the order of their lines.
    """
    work = Assembly(draft)
    work.check()
    return work.finished()


def raise_all(errors: Iterable[SymbackpropError]) -> None:
    """Raise the errors together, in the order of their lines and one for each place; nothing if there are none."""
    shown: dict[object, SymbackpropError] = {}
    for error in errors:
        if not isinstance(error, Silent):
            shown.setdefault(error.span or error, error)
    ordered = sorted(shown.values(), key=lambda e: (e.span.line, e.span.column) if e.span else (0, 0))
    if len(ordered) == 1:
        raise ordered[0]
    if ordered:
        raise ManyErrors(ordered)


def placed(error: SymbackpropError, name: str, span: Span | None) -> SymbackpropError:
    """The error with the equation and its line in front; the exact place stays if it is inside the equation."""
    inside = error.span is not None and span is not None and span.line <= error.span.line <= span.end_line
    at = error.span if error.span is not None and (inside or span is None) else span
    place = where(name, at.line) if at is not None else name
    return type(error)(f"{place}: {error.message}", remedy=error.remedy, span=error.span or span)


@dataclass(slots=True)
class Assembly:
    """A draft being checked: the Scope in which its equations are lowered."""

    draft: Draft
    errors: list[SymbackpropError] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    sizes: dict[str, Declaration] = field(default_factory=dict)
    terms: dict[str, Term] = field(default_factory=dict)
    equations: dict[str, Equation] = field(default_factory=dict)
    auxiliary: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    random: Randomness = field(init=False)

    def __post_init__(self) -> None:
        self.random = Randomness(self.draft, lambda expr, name: lower(expr, self, name).term)

    @classmethod
    def of_nodes(cls, draft: Draft, nodes: Mapping[str, tuple[Size, ...]]) -> Assembly:
        """What the names of a draft mean, given the shapes of its nodes."""
        work = cls(draft)
        work._note_sizes()
        work.terms.update({n: d.term for n, d in draft.declarations.items() if d.role != "index"})
        work.terms.update({n: symbol(n, sizes) for n, sizes in nodes.items()})
        return work

    def shape_of(self, equation: DraftEquation) -> tuple[Size, ...]:
        """The shape of a new node; its errors are raised."""
        self._lower(equation)
        raise_all(self.errors)
        return self.terms[equation.name].sizes

    # ------------------------------------------------------------------ the Scope of lower

    def term(self, name: str) -> Term | None:
        """The symbol or node of that name."""
        return self.terms.get(name)

    def index(self, name: str) -> IndexInfo | None:
        """The index of that name."""
        d = self.draft.declarations.get(name)
        return IndexInfo(name, d.sizes, d.facts.of) if d and d.role == "index" and d.facts.of is not None else None

    def size(self, name: str) -> bool:
        """True if the name is a size."""
        return name in self.sizes

    def function(self, name: str) -> NamedFunction | None:
        """The author's own function of that name."""
        return self.draft.functions.get(name)

    def role(self, name: str) -> str | None:
        """The role of a declared symbol, None for a node."""
        declaration = self.draft.declarations.get(name)
        return declaration.role if declaration else None

    def known(self) -> Iterable[str]:
        """All names that could have been meant."""
        return [*self.draft.declarations, *self.draft.equations, *self.sizes]

    def taken(self, name: str) -> bool:
        """True if a new node must not have that name."""
        return name in self.draft.places or name in self.sizes or name in self.auxiliary or name in CONSTANTS

    def expected(self, body: Term) -> Term:
        """The expectation of a term over the random symbols, not taken yet."""
        return self.random.expected(body)

    # ------------------------------------------------------------------ checks

    def check(self) -> None:
        """Run every check."""
        draft = self.draft
        self.errors += draft.errors
        self.broken |= draft.broken
        self._note_sizes()
        self.errors += check_spellings(draft, self.sizes)
        self.terms.update({n: d.term for n, d in draft.declarations.items() if d.role != "index"})
        for function in draft.functions.values():
            if function.body is not None:
                inner = [n for n in names(function.body) if n.name not in function.parameters]
                self._check_names(function.name, inner, draft.places.get(function.name))
        for name in self._order():
            self._lower(draft.equations[name])
        self._check_loss()
        self._check_derivatives()
        self._check_laws()

    def _note_sizes(self) -> None:
        """Every size name belongs to the first declaration with it, and is nothing else."""
        for d in self.draft.declarations.values():
            for name in sorted({n for s in sizes_of(d) for n in s.names}):
                if name in self.sizes:
                    continue
                self.sizes[name] = d
                if name in self.draft.places:
                    other = self.draft.places[name]
                    line = f" (line {other.line})" if other else ""
                    message = f"`{name}` is a size, and `{name}`{line} is something else too."
                    error = DuplicateName(message, remedy="Rename one of the two.")
                    self.errors.append(placed(error, d.name, d.span))
                    self.broken.add(name)

    def _check_names(self, equation: str, used: Iterable[Name], span: Span | None) -> bool:
        """True if all names are known and sound; an unknown one is reported once in a file."""
        sound = True
        for name in used:
            if name.name in self.broken or name.name in self.unknown:
                sound = False
            elif not self._exists(name.name):
                sound = False
                self.unknown.add(name.name)
                self.errors.append(placed(self._no_such(name), equation, span))
        return sound

    def _exists(self, name: str) -> bool:
        d = self.draft
        return name in d.declarations or name in d.equations or name in self.sizes or name in CONSTANTS

    def _no_such(self, name: Name) -> UnknownName:
        if name.name in self.draft.derivatives:
            remedy = "It can be printed and read; an equation says what is computed."
            return UnknownName(f"`{name.name}` names a derivative, not a node.", remedy=remedy, span=name.span)
        remedy = did_you_mean(name.name, self.known())
        if name.name in self.draft.functions or name.name in FUNCTIONS:
            remedy = f"`{name.name}` is a function: write `{name.name}(...)`."
        remedy = remedy or f"Declare it, as in `{name.name}: parameter()`, or define it by an equation."
        return UnknownName(f"`{name.name}` is neither declared nor defined.", remedy=remedy, span=name.span)

    def _used(self, expr: Expr) -> list[Name]:
        """The names that an expression depends on, those inside the author's own functions too."""
        found = list(names(expr))
        if self.draft.functions:
            for call in calls(expr):
                own = self.draft.functions.get(call.shown or call.function)
                if own is not None and own.body is not None:
                    found += [n for n in names(own.body) if n.name not in own.parameters]
        return found

    def _order(self) -> Iterator[str]:
        """The equations, each behind those that it uses; one in a circle, or with unknown names, is broken."""
        equations = self.draft.equations
        uses: dict[str, list[str]] = {}
        for name, equation in equations.items():
            used = self._used(equation.expr) if equation.expr is not None else []
            if not self._check_names(name, names(equation.expr) if equation.expr is not None else [], equation.span):
                self.broken.add(name)
            inner = [*symbols_of(equation.term)] if equation.term is not None else [n.name for n in used]
            inner += [n for x in inner for n in self.random.names_in_law(x)]
            uses[name] = [n for n in dict.fromkeys(inner) if n in equations]
        done: set[str] = set()
        for root in equations:
            path: dict[str, Iterator[str]] = {}
            if root not in done:
                path[root] = iter(uses[root])
            while path:
                name, rest = next(reversed(path.items()))
                following = next((n for n in rest if n not in done), None)
                if following is None:
                    del path[name]
                    done.add(name)
                    if any(n in self.broken for n in uses[name]):
                        self.broken.add(name)
                    if name not in self.broken:
                        yield name
                elif following in path:
                    self._report_cycle([*list(path)[list(path).index(following) :], following])
                else:
                    path[following] = iter(uses[following])

    def _report_cycle(self, loop: list[str]) -> None:
        if not self.broken.isdisjoint(loop[:-1]) and any(isinstance(e, CycleError) for e in self.errors):
            self.broken.update(loop)
            return
        self.broken.update(loop)
        equation = self.draft.equations[loop[0]]
        steps = [f"{n} (line {s.line})" if (s := self.draft.places.get(n)) else n for n in loop]
        if len(loop) == 2:
            message = f"{steps[0]}: `{loop[0]}` is computed from itself."
            remedy = f"Give each step a name of its own: `{loop[0]}_1 = ... {loop[0]}_0 ...`."
        else:
            message = f"These equations go round in a circle, each computed from the next: {' -> '.join(steps)}."
            remedy = "Give one of them a name of its own, or declare where the circle begins."
        self.errors.append(CycleError(message, remedy=remedy, span=equation.span))

    def _lower(self, equation: DraftEquation) -> None:
        """Give a node its term, and the nodes that its functions open."""
        try:
            lowered = self._lowered(equation)
        except SymbackpropError as error:
            self.errors.append(placed(error, equation.name, equation.span))
            self.broken.add(equation.name)
            return
        for opened in lowered.auxiliary:
            self.auxiliary.add(opened.name)
            self.terms[opened.name] = opened.symbol
            self.equations[opened.name] = replace(opened, span=opened.span or equation.span)
        term = lowered.term
        if equation.name in self.draft.losses and term.sizes and all(s is ONE for s in term.sizes):
            term = product(1, [(term, tuple(range(term.order)), 1)], ())
        whole, term = term, taken(term) if self.random.symbols else term
        before = whole if whole is not term else None
        node = Equation(equation.name, term, lowered.expr, equation.spelling, equation.auxiliary, equation.span, before)
        self.random.define(node.symbol, term)
        self.equations[equation.name] = node
        self.terms[equation.name] = node.symbol

    def _lowered(self, equation: DraftEquation) -> Lowered:
        if equation.term is not None:
            return Lowered(equation.term, (), equation.expr)  # type: ignore[arg-type]  # a made node has no expression
        assert equation.expr is not None
        if equation.part is None:
            return lower(equation.expr, self, equation.name)
        place, count = equation.part
        whole = lower(equation.expr, self, equation.name).term
        length = whole.sizes[0] if whole.sizes else ONE
        if not whole.sizes or (length.number is not None and length.number != count):
            entries = f"{length} entries along its first axis" if whole.sizes else "no axis"
            remedy = f"Write {length} names on the left." if whole.sizes else "Write one name on the left."
            message = f"{count} names for an array with {entries}."
            if place:
                raise Silent(message)
            raise ShapeError(message, remedy=remedy, span=equation.span)
        part = Subscript(equation.expr, (Number(Fraction(place)),), equation.expr.span)
        return lower(part, self, equation.name)

    def _check_loss(self) -> None:
        if not self.draft.losses:
            if LOSS not in self.broken:
                scalars = [n for n, e in self.equations.items() if not e.term.sizes and not e.auxiliary]
                name = scalars[-1] if scalars else "J"
                message = "No equation is marked as the loss."
                self.errors.append(
                    LossError(message, remedy=f"Mark the number to differentiate: `{name}: loss = ...`.")
                )
            return
        name = self.draft.losses[0]
        loss = self.equations.get(name)
        if loss is not None and loss.term.sizes:
            shape = f"({', '.join(map(str, loss.term.sizes))})"
            message = f"the loss is {shape}, and a loss has one entry."
            remedy = "Write `sum(...)` or `mean(...)` around it."
            self.errors.append(placed(LossError(message, remedy=remedy), name, loss.span))

    def _check_derivatives(self) -> None:
        """Named derivatives are of things that exist."""
        known = [*self.terms]
        for d in self.draft.derivatives.values():
            for name in (*d.args, *((d.of,) if d.of is not None else ())):
                if name in self.terms or name in self.broken or name in self.unknown:
                    continue
                index = name in self.draft.declarations
                message = f"`{name}` is an index" if index else f"`{name}` is neither declared nor defined"
                remedy = "Only real numbers can be differentiated." if index else did_you_mean(name, known)
                remedy = remedy or "A derivative is of a symbol or a node."
                self.errors.append(placed(UnknownName(f"{message}.", remedy=remedy), d.name, d.span))
            if d.of is not None and d.of in self.terms and any(s is not ONE for s in self.terms[d.of].sizes):
                message = f"`of={d.of}` has more than one entry."
                self.errors.append(placed(LossError(message, remedy="A gradient is of a number."), d.name, d.span))

    def _check_laws(self) -> None:
        """Mean and variance of random symbols fit them."""
        for x, d in self.random.symbols.items():
            law = self.draft.laws.get(d.name, ())
            if self._check_names(d.name, [n for e in law for n in names(e)], d.span):
                try:
                    self.random.know(x)
                except Silent:
                    self.errors.append(placed(self.random.errors[d.name], d.name, d.span))

    # ------------------------------------------------------------------ the end

    def finished(self) -> Model:
        """The model, if nothing was wrong."""
        raise_all(self.errors)
        d = self.draft
        loss = d.losses[0]
        return Model(
            d.title,
            dict(d.declarations),
            self.equations,
            loss,
            dict(d.derivatives),
            dict(d.functions),
            d.style,
            tuple(self._warnings(loss)),
            d.source,
            d.name,
        )

    def _warnings(self, loss: str) -> Iterator[Warning_]:
        used: set[str] = set()
        stack = [loss]
        while stack:
            name = stack.pop()
            if name not in used:
                used.add(name)
                if name in self.equations:
                    stack.extend(symbols_of(self.equations[name].term))
        for name, d in self.draft.declarations.items():
            if d.role == "parameter" and name not in used:
                place = where(name, d.span.line) if d.span else name
                message = f"{place}: the loss `{loss}` does not depend on this parameter; its gradient is zero."
                yield Warning_(message, d.span)


def sizes_of(declaration: Declaration) -> tuple[Size, ...]:
    """The sizes in a declaration, the range of an index too."""
    of = declaration.facts.of
    return declaration.sizes if of is None else (*declaration.sizes, of)


def calls(expr: Expr) -> Iterator[Call]:
    """Every call in an expression."""
    stack: list[Expr] = [expr]
    while stack:
        top = stack.pop()
        if isinstance(top, Call):
            yield top
        stack.extend(children(top))


def symbols_of(term: Term) -> tuple[str, ...]:
    """The names of the symbols and indices in a term, each once."""
    found: dict[str, None] = {}
    for inner in children_last(term):
        if isinstance(inner, Symbol):
            found[inner.name] = None
        elif isinstance(inner, Bracket):
            found.update(dict.fromkeys(name for _, name, _, _ in inner.indices))
    return tuple(found)
