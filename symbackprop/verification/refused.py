"""What the reader of answers could not even find the end of: unreadable where a derivative stands in it."""

from __future__ import annotations

import re

from ..answers.passage import Answer
from ..errors import Span
from ..network import Model
from .verdict import PassedOver, Verdict

_DERIVATIVE = re.compile(r"\\partial|\\nabla|\\[dt]?frac\s*\{\s*d\s*[A-Za-z\\]|∂|∇|\\delta")
_BLANK = re.compile(r"\n[ \t\r]*\n")
LONGEST = 3_000  # characters behind an opening sign in which a claim may stand


def refusals(answer: Answer, model: Model) -> tuple[tuple[Verdict, ...], tuple[PassedOver, ...]]:
    """Each refusal: a claim that cannot be read, or something that is passed over.

    A claim is what holds a derivative and an equals sign up to the next blank line, and was not read as a passage.
    """
    unread: list[Verdict] = []
    passed: list[PassedOver] = []
    read = [(p.origin[0], p.origin[-1]) for p in answer.passages]
    lines = answer.text.split("\n")
    begins = [0]
    for line in lines:
        begins.append(begins[-1] + len(line) + 1)
    for span, why in answer.refused:
        start, end = _claim(answer.text, span, begins, read)
        if span is None or start == end:
            passed.append(PassedOver(span.line if span is not None else 1, "", why))
            continue
        place = start, min(start + max(span.end_column - span.column, 1), len(answer.text))
        unread.append(
            Verdict(
                answer.file, model.name, span.line, start, end, answer.text[start:end], "expression", "unreadable",
                reason=f"{why} Close it, or remove the sign that opens it.", fragment=place,
            )
        )  # fmt: skip  # the contract's order
    return tuple(unread), tuple(passed)


def _claim(text: str, span: Span | None, begins: list[int], read: list[tuple[int, int]]) -> tuple[int, int]:
    """Where the claim behind a refused sign stands; an empty range if there is none."""
    if span is None or span.line >= len(begins):
        return 0, 0
    start = begins[span.line - 1] + span.column - 1
    blank = _BLANK.search(text, start, start + LONGEST)
    end = blank.start() if blank else min(len(text), start + LONGEST)
    for first, last in read:
        if first < end and last > start:
            end = max(first, start)
    piece = text[start:end]
    return (start, start + len(piece.rstrip())) if _DERIVATIVE.search(piece) and "=" in piece else (0, 0)
