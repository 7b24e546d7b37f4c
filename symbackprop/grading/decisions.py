"""What a person has decided: `decisions.csv` beside the grades. It overrides the program, and is never overwritten."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import ReadError, Span
from ..network import Model
from ..verification.asking import target
from .points import amount, rows

FILE = "decisions.csv"
COLUMNS = ("student", "claim", "target", "decision", "points", "note")
NAMELESS = ("", "expression")  # targets of claims about nobody knows what
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate


@dataclass(frozen=True, slots=True)
class Decision:
    """On one claim (its digest, as in review.csv) or one target of a student.

    `target` says what a claim is about where the program could not tell; `points`, if given, are those of the target.
    """

    student: str
    claim: str
    target: str
    right: bool | None
    points: float | None
    note: str
    line: int

    def of(self, student: str) -> bool:
        """Whether it is about this student, whose name may have been through a spreadsheet."""
        return _plain(self.student) == _plain(student)


def safe(value: object) -> str:
    """A cell that no spreadsheet takes for a formula, on one line."""
    text = "".join(c if c.isprintable() else " " if c in "\n\r\t" else "\ufffd" for c in str(value))
    return f"'{text}" if text.lstrip().startswith(FORMULA) or str(value).startswith(FORMULA) else text


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", safe(name).removeprefix("'")).strip().casefold()


def decisions(model: Model, folder: Path) -> tuple[Decision, ...]:
    """The decisions in a folder of grades, in order; none if there is no such file.

    Raises:
        ReadError: a column that is needed is missing, or a line says nothing that can be done.
    """
    path = folder / FILE
    if not path.is_file():
        return ()
    lines = iter(rows(path))
    _, head = next(lines, (1, [""]))
    columns = [cell.strip().lower() for cell in head]
    if "student" not in columns or not {"claim", "target"} & set(columns) or not {"decision", "points"} & set(columns):
        message = f"The first line of `{FILE}` names no columns."
        raise ReadError(message, remedy=f"Begin with {','.join(COLUMNS)}", span=Span(1, 1, 1, 1))
    return tuple(
        _decision(model, number, dict(zip(columns, map(str.strip, row), strict=False))) for number, row in lines
    )


def _decision(model: Model, number: int, row: dict[str, str]) -> Decision:
    where, span = f"Line {number} of `{FILE}`", Span(number, 1, number, 1)
    word = row.get("decision", "").lower()
    if word not in ("right", "wrong", ""):
        raise ReadError(f"{where}: a decision is `right` or `wrong`, not `{word[:40]}`.", span=span)
    given = row.get("points", "")
    claim, about = row.get("claim", ""), row.get("target", "")
    points = amount(given, where, span) if given else None
    if not row.get("student") or not (claim or about):
        raise ReadError(f"{where} names no student, or neither a claim nor a target.", span=span)
    if not word and points is None:
        raise ReadError(f"{where} decides nothing.", remedy="Write right or wrong, or points.", span=span)
    about = "" if about in NAMELESS else target(model, about.removeprefix("'"), span)
    right = None if not word else word == "right"
    return Decision(row["student"], claim.removeprefix("'"), about, right, points, row.get("note", ""), number)


def unused(all_of_them: Iterable[Decision], used: Iterable[Decision]) -> list[str]:
    """A sentence for each decision about something that is not there any more."""
    done = set(used)
    return [
        f"Line {each.line} of {FILE} is about a claim or target of {each.student} that is not there any more."
        for each in all_of_them
        if each not in done
    ]


def vague(decision: Decision) -> str:
    """A sentence on a decision that gives points for nobody knows what, and is not followed."""
    return (
        f"Line {decision.line} of {FILE} accepts a claim of {decision.student} without saying what it is about: "
        "write its target, such as dJ/dW_1, in that column."
    )
