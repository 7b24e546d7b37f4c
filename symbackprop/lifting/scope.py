"""Names and their values while code is read, and how much work a reading may take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import ReadError, Span
from ..tensor.terms import Number, Product, Sum, Term
from .values import Value

MOST_STATEMENTS = 10_000
MOST_WORK = 60_000  # factors and summands of all terms that are made
MOST_PARTS = 3_000  # factors or summands of one term
LARGEST_POWER = 300
LONGEST_COEFFICIENT = 2_000  # bits


@dataclass(eq=False, slots=True)
class Scope:
    """The names of a module or of one call; `outer` is where others are looked up.

    `places`: for each name the statement that last gave it a value, or changed it.
    """

    outer: Scope | None = None
    values: dict[str, Value] = field(default_factory=dict)
    places: dict[str, Span] = field(default_factory=dict)
    is_function: bool = False

    def find(self, name: str) -> tuple[Value, Scope] | None:
        """The value of a name and where it is held."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name], scope
            scope = scope.outer
        return None

    def assigned(self) -> Iterator[tuple[str, Span]]:
        """Every name that a statement gave a value to, the innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield from scope.places.items()
            scope = scope.outer


@dataclass(slots=True)
class Budget:
    """What is left of a reading's work."""

    statements: int = MOST_STATEMENTS
    work: int = MOST_WORK

    def statement(self, span: Span) -> None:
        """One statement more; ReadError if there were too many."""
        self.statements -= 1
        if self.statements < 0:
            message = f"Line {span.line}: more than {MOST_STATEMENTS:,} statements are carried out, loops included."
            raise Exhausted(message, remedy="Shorten the loops.", span=span)

    def term(self, term: Term, span: Span) -> None:
        """One term more; ReadError if it, or all of them, are too large."""
        parts = len(term.children)
        self.work -= 1 + parts
        if parts > MOST_PARTS or self.work < 0:
            message = f"Line {span.line}: the formula behind this has grown too large to be read."
            raise Exhausted(message, remedy="Hand in the backward pass alone.", span=span)
        if isinstance(term, Product):
            powers: list[Number] = [e for _, _, e in term.factors]
            numbers: list[Number] = [term.coefficient]
        else:
            powers, numbers = [], [c for c, _ in term.terms] if isinstance(term, Sum) else []
        large = any(not -LARGEST_POWER <= e <= LARGEST_POWER for e in powers)
        if large or any(
            max(c.numerator.bit_length(), c.denominator.bit_length()) > LONGEST_COEFFICIENT for c in numbers
        ):
            message = f"Line {span.line}: numbers or powers here are out of range."
            raise Exhausted(message, remedy=f"Powers go to {LARGEST_POWER}.", span=span)


class Exhausted(ReadError):
    """A reading took too much work; nothing after it is read."""
