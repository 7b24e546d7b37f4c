"""A claim and its repair as they are shown: formula or code, left and right side, before and after."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from ...document import Math
from ..verdict import Verdict
from .written import written

LONGEST_COMPARED = 400
ENOUGH = 0.5  # alike: a repair is a small change of what it replaces
LONGEST_CODE = 2_000  # characters of a claim that is tried as Python
_CODE = re.compile(
    r"@|\bnp\.|\.T\b|\*\*|\.dot\(|\.sum\(|\w\(|==|\w\[|\[\w"  # operators and calls
    r"|\b(?:def|return|import|from|for|if|del)\s|[A-Za-z]\d|_\w\w|\b[A-Za-z]{3}"  # words, and names such as dL_w7
)
_PRINTED_NUMBER = re.compile(r"\A\d+[ \t]+(?=\S)")  # of the lines of a listing that was pasted with them
_NAME = re.compile(r"[^\W\d]\w*")
_STEP = re.compile(r"\\(?:begin|end)\s*\{|\\.|[{}=]", re.DOTALL)
_EDGES = " &\t\r\n"
_NO_RELATION = re.compile(r"[<>!]\s*\Z|\\(?:not|neq?|le|ge)\s*\Z")


@dataclass(frozen=True, slots=True)
class Change:
    """A right side before and after its repair; `line` if that is not the line of the claim."""

    before: str
    after: str
    code: bool
    line: int | None = None


def is_code(claim: str, file: str = "") -> bool:
    """Whether a claim is a piece of Python rather than a formula."""
    if any(c in claim for c in "\\^") or len(claim) > LONGEST_CODE:
        return file.endswith(".py")
    if not (file.endswith(".py") or _CODE.search(claim)):
        return False
    return file.endswith(".py") or _statement(claim) is not None


def formula(claim: str, file: str = "") -> Math | None:
    """The claim as a formula, None for code and for what is shown as its source."""
    return None if is_code(claim, file) else written(claim)


def sides(claim: str, code: bool) -> tuple[str, str]:
    """Left and right of the last relation sign; nothing on the left where there is none."""
    if code:
        return _code_sides(claim)
    last = _last_relation(claim)
    return (
        (claim[:last].strip(_EDGES + ":"), claim[last + 1 :].strip(_EDGES)) if last >= 0 else ("", claim.strip(_EDGES))
    )


def _last_relation(claim: str) -> int:
    """Where the last = stands that is in no braces and in no environment; -1 if there is none."""
    depth = inside = 0
    last = -1
    for found in _STEP.finditer(claim):
        piece = found.group()
        if piece.startswith(("\\begin", "\\end")):
            depth += 1
            inside += 1 if piece.startswith("\\begin") else -1
        elif piece in "{}":
            depth += 1 if piece == "{" else -1
        elif piece == "=" and not (depth or inside or _NO_RELATION.search(claim[: found.start()][-12:])):
            last = found.start()
    return last


def _code_sides(claim: str) -> tuple[str, str]:
    statement = _statement(claim)
    found = claim.strip()
    if isinstance(statement, ast.Assign):
        value = ast.get_source_segment(found, statement.value) or found
        return found[: found.rindex(value)].rstrip(" =(\n"), value
    if isinstance(statement, ast.Return) and statement.value is not None:
        return "return", ast.get_source_segment(found, statement.value) or found
    return "", found


def _statement(source: str) -> ast.stmt | None:
    """The single statement that a source is, None if it is not one."""
    try:
        body = ast.parse(source.strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return body[0] if len(body) == 1 else None


def change(verdict: Verdict, text: str = "") -> Change | None:
    """The repair of a wrong claim beside what it replaces, None where there is none.

    `text` is the whole answer: the line to change may be another than that of the claim.
    """
    found = verdict.diagnosis
    if found is None:
        return None
    code = is_code(verdict.claim, verdict.file)
    repair = (found.repair_numpy or found.repair_latex) if code else (found.repair_latex or found.repair_numpy)
    if repair is None:
        return None
    if not code and found.repair_latex is None:
        return Change("", repair, True)
    left, right = sides(verdict.claim, code)
    new_left, new_right = sides(repair, code)
    if code and repair.isidentifier() and (name := _like(repair, _line(text, found.line))):
        return Change(name, repair, True, found.line if found.line != verdict.line else None)
    elsewhere = found.line is not None and found.line != verdict.line and not repair.isidentifier()
    line = _line(text, found.line) if code else ""
    if line and (elsewhere or _alike(line, repair) > max(_alike(right, repair), ENOUGH)):
        return Change(line, repair, True, found.line if found.line != verdict.line else None)
    if not new_left:
        return Change(right, repair, code)
    return Change(right, new_right, code) if new_left == left else Change(verdict.claim.strip(), repair, code)


def _line(text: str, number: int | None) -> str:
    lines = text.splitlines()
    if number is None or not 0 < number <= len(lines):
        return ""
    return _PRINTED_NUMBER.sub("", lines[number - 1].strip())


def _like(name: str, line: str) -> str:
    """The name in a line of code that looks most like this one, and is another; nothing if none does."""
    names = [n for n in _NAME.findall(line) if n != name]
    best = max(names, key=lambda n: _alike(n.casefold(), name.casefold()), default="")
    return best if _alike(best.casefold(), name.casefold()) > ENOUGH else ""


def _alike(one: str, other: str) -> float:
    """Between 0 and 1; of the first LONGEST_COMPARED characters."""
    return SequenceMatcher(None, one[:LONGEST_COMPARED], other[:LONGEST_COMPARED], autojunk=False).ratio()
