"""The errors of this package: one family, each with what was being done, the rule broken and the remedy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a source text: lines from 1, columns from 1, `end_column` one past the last character."""

    line: int
    column: int
    end_line: int
    end_column: int


class SymbackpropError(Exception):
    """Base of every error that this package raises on purpose.

    `message` is complete on its own; `remedy` says what to change; `span` is the place in the source, if there is one.
    """

    def __init__(self, message: str, *, remedy: str = "", span: Span | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.span = span

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()


class ReadError(SymbackpropError):
    """A text could not be read: syntax, a name that is not one, something that is not allowed."""


class UnknownName(ReadError):
    """A name that nothing declares."""


class DuplicateName(ReadError):
    """A name, or a spelling, that two things claim."""


class ShapeError(SymbackpropError):
    """Sizes do not fit."""


class CycleError(SymbackpropError):
    """Equations that depend on each other in a circle."""


class LossError(SymbackpropError):
    """No loss, two losses, or a loss with more than one entry."""


class MissingRule(SymbackpropError):
    """An operation that has no derivative, no printed form or no code here: never a silent zero."""


class ValueProblem(SymbackpropError):
    """Numbers that cannot be used: wrong shape, not finite, outside the declared facts."""


class OutputError(SymbackpropError):
    """A file cannot be written where it should be."""


class CertificateError(SymbackpropError):
    """A bound did not hold: the generated code, a formula and the differences do not agree. Never a user's mistake."""


class ManyErrors(SymbackpropError):
    """All independent errors of one file, in the order of their lines; `errors` holds them."""

    def __init__(self, errors: list[SymbackpropError]) -> None:
        super().__init__("\n".join(str(e) for e in errors))
        self.errors = tuple(errors)
