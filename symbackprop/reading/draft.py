"""A network on its way: declarations and equations, each checked on its own; `assemble` checks the whole."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import DuplicateName, LossError, Span, SymbackpropError
from ..expression import Expr
from ..network import Declaration, NamedDerivative, NamedFunction
from ..notation.spelling import Spelling, Style
from ..tensor.terms import Term
from .names import checked
from .source import where

LOSS = ": loss"  # in Draft.broken: a loss was meant, but could not be read


class Silent(SymbackpropError):
    """What another error has said already: it breaks what it happens to, and is never shown."""


@dataclass(frozen=True, slots=True)
class DraftEquation:
    """A node that is not lowered yet, or whose term is known.

    `part` = (k, n): it is entry k of the n entries along the first axis of its right-hand side (`y_1, y_2 = ...`).
    """

    name: str
    expr: Expr | None
    term: Term | None = None
    spelling: Spelling = Spelling()
    auxiliary: bool = False
    part: tuple[int, int] | None = None
    span: Span | None = None


@dataclass(slots=True)
class Draft:
    """Everything that was declared, in order; `laws` are (mean, variance) of random symbols.

    `broken`: names whose declaration or equation failed, so that nothing more is said about them or what uses them.
    """

    title: str = ""
    name: str = "network"
    source: str = ""
    declarations: dict[str, Declaration] = field(default_factory=dict)
    equations: dict[str, DraftEquation] = field(default_factory=dict)
    derivatives: dict[str, NamedDerivative] = field(default_factory=dict)
    functions: dict[str, NamedFunction] = field(default_factory=dict)
    laws: dict[str, tuple[Expr, Expr]] = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)
    style: Style = field(default_factory=Style)
    errors: list[SymbackpropError] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    places: dict[str, Span | None] = field(default_factory=dict)

    def claim(self, name: str, span: Span | None) -> None:
        """Take a name for one thing; ReadError if it is no name, DuplicateName if it is taken."""
        checked(name, span=span)
        if name in self.places:
            first = self.places[name]
            place = where(name, span.line) if span else name
            if first is not None and first == span:
                message = f"{place}: each round of the loop defines this name again."
                remedy = f"Number the steps: `{name}[t] = ...`, with `{name}[t-1]` for the one before."
                raise DuplicateName(message, remedy=remedy, span=span)
            before = f" in line {first.line}" if first else ""
            remedy = "Each name stands for one thing; number the later ones, as in `h_1`, `h_2`."
            raise DuplicateName(f"{place}: this name is taken{before}.", remedy=remedy, span=span)
        self.places[name] = span

    def declare(self, declaration: Declaration) -> None:
        """Add a symbol."""
        self.claim(declaration.name, declaration.span)
        self.declarations[declaration.name] = declaration

    def define(self, equation: DraftEquation) -> None:
        """Add a node."""
        self.claim(equation.name, equation.span)
        self.equations[equation.name] = equation

    def define_loss(self, equation: DraftEquation) -> None:
        """Add the node that is differentiated; LossError if there is one already."""
        if self.losses:
            first = self.places[self.losses[0]]
            before = f" (line {first.line})" if first else ""
            line = equation.span.line if equation.span else 0
            raise LossError(
                f"{where(equation.name, line) if line else equation.name}: a second loss; the first is"
                f" `{self.losses[0]}`{before}.",
                remedy=f"Exactly one node is the loss: write `{equation.name} = ...`, or add the two up.",
                span=equation.span,
            )
        self.define(equation)
        self.losses.append(equation.name)

    def derive(self, derivative: NamedDerivative) -> None:
        """Add a name for a derivative."""
        self.claim(derivative.name, derivative.span)
        self.derivatives[derivative.name] = derivative

    def name_function(self, function: NamedFunction, span: Span | None = None) -> None:
        """Add an author's name for a function."""
        self.claim(function.name, span)
        self.functions[function.name] = function
