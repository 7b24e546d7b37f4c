"""Notebooks: the sources of their cells, in order; what the cells have printed or drawn is passed over."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from ..errors import ReadError

BETWEEN = "\n\n"  # of the sources of two cells
DEEPEST = 40  # levels of the file's JSON; a notebook has about ten
MOST_CELLS = 5_000

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
_MAGIC = re.compile(r"^[ \t]*(?:[%!?]|[A-Za-z_][\w.]*\?{1,2}[ \t]*$)[^\r\n]*", re.MULTILINE)
_FOREIGN = re.compile(r"\s*%%(?!time|capture|prun|timeit)[A-Za-z]")
_REMEDY = "Open it in Jupyter and save it again, or hand in its cells as Markdown or Python."


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's number, from 1, its kind, and the slice of the notebook's text that is its source."""

    number: int
    kind: str
    start: int
    end: int


def cells(text: str, name: str) -> tuple[str, tuple[Cell, ...]]:
    """The sources of all cells of a notebook's JSON, joined by blank lines, and where each stands.

    Formats 3 and 4. Raises ReadError for what is no notebook, or is nested more deeply than one.
    """
    _check_depth(text, name)
    try:
        whole = json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_number)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        message = f"{name} is not a notebook: it is not JSON (line {line})."
        raise ReadError(message, remedy=_REMEDY) from None
    raw = whole.get("cells") if isinstance(whole, dict) else None
    if raw is None and isinstance(whole, dict) and isinstance(whole.get("worksheets"), list):
        sheets = [sheet for sheet in whole["worksheets"] if isinstance(sheet, dict)]
        raw = [cell for sheet in sheets for cell in (sheet.get("cells") or [])]
    if not isinstance(raw, list):
        raise ReadError(f"{name} is not a notebook: it has no list of cells.", remedy=_REMEDY)
    if len(raw) > MOST_CELLS:
        raise ReadError(f"{name} has {len(raw):,} cells; at most {MOST_CELLS:,} are read.", remedy="Split it.")
    made: list[Cell] = []
    sources: list[str] = []
    place = 0
    for number, cell in enumerate(raw, 1):
        source = _source(cell)
        if source is None:
            message = f"{name} is not a notebook: cell {number} has no text as its source."
            raise ReadError(message, remedy=_REMEDY)
        made.append(Cell(number, str(cell.get("cell_type", "")), place, place + len(source)))
        sources.append(source)
        place += len(source) + len(BETWEEN)
    return BETWEEN.join(sources), tuple(made)


def without_magic(source: str) -> str:
    """A cell's code with Jupyter's own commands blanked, character for character; nothing if it is all one of these."""
    if _FOREIGN.match(source):
        return re.sub(r"[^\r\n]", " ", source)
    return _MAGIC.sub(lambda m: " " * len(m.group()), source)


def _number(digits: str) -> None:
    """No number of a notebook's is needed, however long."""


def _source(cell: object) -> str | None:
    if not isinstance(cell, dict):
        return None
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list) and all(isinstance(part, str) for part in source):
        return "".join(source)
    return source if isinstance(source, str) else None


def _check_depth(text: str, name: str) -> None:
    depth = 0
    for match in _TOKEN.finditer(text):
        if match.group() in "[{":
            depth += 1
            if depth > DEEPEST:
                line = text.count("\n", 0, match.start()) + 1
                message = f"{name} is not a notebook: from line {line} on it is nested more than {DEEPEST} deep."
                raise ReadError(message, remedy=_REMEDY)
        elif match.group() in "]}":
            depth = max(depth - 1, 0)
