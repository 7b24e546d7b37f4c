"""One student's grade as Gradescope reads it (gradescope-autograders.readthedocs.io, "Autograder specifications")."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

from ..files import DEVICES
from ..verification.verdict import Verdict
from .scoring import Grade, Item, doubt
from .tables import number

Show: TypeAlias = Literal["verdict", "hint", "repair"]
LONGEST_NAME = 60  # characters
LONGEST = 500  # characters of a claim
DIFFERS: dict[str, str] = {
    "transpose": "a transpose", "order": "the order of a product", "sign": "a sign", "factor": "a factor",
    "sum": "a sum", "product_kind": "the kind of a product", "activation_derivative": "the derivative of an activation",
    "evaluated_at": "where a derivative is taken", "symbol": "a symbol", "index": "an index", "term": "a term",
    "path": "a path from the loss", "inverse": "an inverse", "indicator": "an indicator", "diagonal": "a diagonal",
    "parentheses": "parentheses", "shape": "the shapes", "transcription": "the writing",
}  # fmt: skip  # a table


def results(grade: Grade, show: Show = "hint") -> str:
    """The text of results.json; a hint names line, kind of mistake and shapes, never the corrected formula."""
    found: dict[str, Any] = {
        "score": round(grade.score, 4),
        "output": _whole(grade),
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": [_test(item, show) for item in grade.items],
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _whole(grade: Grade) -> str:
    lines = [f"{number(grade.score)} of {number(grade.most)} points."]
    open_ones = sum(item.standing == "provisional" for item in grade.items)
    if open_ones:
        lines.append(f"{open_ones} of {len(grade.items)} targets have their points provisionally: a person decides.")
    if grade.record.end != "judged":
        lines.append(grade.record.message)
    lines += [f"{name}: {why}" for name, why in grade.record.refused]
    lines += [f"{name}: the file is empty." for name in grade.record.empty]
    return _text("\n".join(lines))


def _test(item: Item, show: Show) -> dict[str, Any]:
    lines = [item.note] if item.note else []
    lines += [line for verdict in item.verdicts for line in said(verdict, show)]
    return {
        "name": item.target,
        "score": round(item.score, 4),
        "max_score": round(item.most, 4),
        "status": "passed" if item.score >= item.most else "failed",
        "output": _text("\n".join(lines)),
        "output_format": "text",
        "visibility": "visible",
    }


def said(verdict: Verdict, show: Show) -> list[str]:
    """The lines about one claim."""
    where = f"{verdict.file}, " * bool(verdict.file) + (f"cell {verdict.cell}, " if verdict.cell else "")
    place = f"{where}line {verdict.line}: "
    condition = f", with a condition: {verdict.condition}" if verdict.status == "right" and verdict.condition else ""
    lines = [f"{place}{verdict.status}{condition}", f"    {verdict.claim[:LONGEST]}"]
    if doubt(verdict) in ("undecided", "unreadable"):
        lines.append(f"    {verdict.reason}")
    if verdict.status != "wrong" or show == "verdict":
        return lines
    if verdict.follows is not None:
        lines.append(f"    This only follows from the mistake in line {verdict.follows}.")
    found = verdict.diagnosis
    if found is None:
        return lines
    if show == "hint":
        lines.append(f"    {found.hint or _hint(found.kind)}")
        return lines
    lines.append(f"    {found.message}")
    repair = found.repair_latex or found.repair_numpy
    if repair is not None:
        lines.append(f"    Right would be: {repair}")
    return lines


def _hint(kind: str) -> str:
    return f"Look again at {DIFFERS[kind]}." if kind in DIFFERS else "Look again at this line."


def _text(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else "�" for c in text)


def file_names(students: Iterable[str]) -> dict[str, str]:
    """A file's name for each student, without a suffix: letters, digits, - and _, no two alike on any disk."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for student in students:
        plain = unicodedata.normalize("NFKD", student)
        kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in plain if c.isprintable())
        changed = kept != student or len(kept) > LONGEST_NAME or kept.casefold() in DEVICES | taken
        name = kept[:LONGEST_NAME]
        if changed or not name.strip("_"):
            code = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:8]
            name = f"{name.strip('_')}-{code}".lstrip("-")
        taken.add(name.casefold())
        found[student] = name
    return found
