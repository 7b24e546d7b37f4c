"""What is said of a mistake in code."""

from __future__ import annotations

from ...errors import ShapeError, Span
from ...lifting import CodeClaim
from ...tensor.terms import Term
from ..verdict import Diagnosis

HINTS = {
    "transpose": "transposes", "order": "order of the factors", "sign": "signs", "factor": "constant factors",
    "sum": "sums and their axes", "product_kind": "kind of product", "activation_derivative":
    "derivative of the activation", "evaluated_at": "argument of the derivative", "symbol": "variables", "index":
    "indices", "term": "terms", "path": "paths that add up", "indicator": "mask", "parentheses": "brackets",
}  # fmt: skip  # a table


def holds(one: Span, other: Span) -> bool:
    """True if the first place holds the second one."""
    start, end = (one.line, one.column), (one.end_line, one.end_column)
    return start <= (other.line, other.column) and (other.end_line, other.end_column) <= end


def first_wrong(line: int, name: str, message: str, truth: str) -> Diagnosis:
    """What is said where the first wrong value is known and no repair."""
    return Diagnosis("other", f"Line {line}: {message}. {truth}.", f"Line {line}: look at `{name}`.", line=line)


def can_be_judged(claim: CodeClaim) -> bool:
    """True for a value, and for one that has none because shapes do not fit."""
    return claim.transcription is None and isinstance(claim.value, (Term, ShapeError))


def transcribed(claim: CodeClaim) -> Diagnosis:
    """What is said of a name that was never assigned."""
    slip = claim.transcription
    assert slip is not None
    message = (
        f"Line {slip.span.line} hands back `{slip.name}`, which was never assigned; "
        f"line {slip.assigned_span.line} assigns `{slip.assigned}`."
    )
    return Diagnosis(
        "transcription", message, f"Line {slip.span.line}: look at the names.", None, slip.assigned, slip.span.line
    )
