"""The tables of a batch as CSV: a student a row, a claim a row, and what a person should look at."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from ..verification.verdict import Verdict
from .decisions import COLUMNS, FILE, safe
from .scoring import Grade, claim_digest

LONGEST = 1_000  # characters of a cell
STUDENTS = ("student", "score", "max", "right", "wrong", "undecided", "unreadable", "missing", "review", "problem")
CLAIMS = (
    *("student", "file", "cell", "line", "part", "target", "status", "proof", "condition", "kind", "message", "repair"),
    *("reason", "follows", "points", "max", "claim", "excerpt"),
)
REVIEW = (*COLUMNS, "why", "score", "max", "file", "line", "reason", "excerpt")


def number(value: float) -> str:
    """Points as people write them: 2, 0.5, 1.3333."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def tables(grades: Sequence[Grade]) -> dict[str, str]:
    """grades.csv, claims.csv and review.csv. What a spreadsheet would take for a formula begins with an apostrophe."""
    return {
        "grades.csv": _csv(STUDENTS, (_student(grade) for grade in grades)),
        "claims.csv": _csv(CLAIMS, (row for grade in grades for row in _claims(grade))),
        "review.csv": _csv(REVIEW, (row for grade in grades for row in _review(grade))),
    }


def first_decisions() -> dict[str, str]:
    """The file for decisions, as it begins: columns, and nothing decided. Rows of review.csv can be copied into it."""
    return {FILE: _csv(COLUMNS, ())}


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([safe(str("" if cell is None else cell)[:LONGEST]) for cell in row] for row in rows)
    return page.getvalue()


def _student(grade: Grade) -> Sequence[object]:
    counts = [grade.count(status) for status in ("right", "wrong", "undecided", "unreadable")]
    record = grade.record
    refused = "; ".join(f"{name}: {why}" for name, why in record.refused)
    problem = record.message if record.end != "judged" else refused
    return (
        *(grade.student, number(grade.score), number(grade.most)),
        *(*counts, len(grade.missing), len(grade.flags), problem),
    )


def _claims(grade: Grade) -> Iterable[Sequence[object]]:
    items = {id(verdict): item for item in grade.items for verdict in item.verdicts}
    for verdict in grade.record.verdicts:
        item = items.get(id(verdict))
        yield (
            *(grade.student, verdict.file, verdict.cell, verdict.line, verdict.part, verdict.target, verdict.status),
            *(verdict.proof, verdict.condition, *_diagnosis(verdict), verdict.reason, verdict.follows),
            *(("", "") if item is None else (number(item.score), number(item.most))),
            *(claim_digest(verdict), verdict.claim),
        )


def _diagnosis(verdict: Verdict) -> tuple[str, str, str]:
    found = verdict.diagnosis
    return (
        ("", "", "") if found is None else (found.kind, found.message, found.repair_latex or found.repair_numpy or "")
    )


def _review(grade: Grade) -> Iterable[Sequence[object]]:
    points = {item.target: item for item in grade.items}
    for flag in grade.flags:
        item = points.get(flag.target)
        score = ("", "") if item is None else (number(item.score), number(item.most))
        yield (
            *(grade.student, flag.claim, flag.target, "", "", ""),
            *(flag.kind, *score, flag.file, flag.line, flag.reason, flag.excerpt),
        )
