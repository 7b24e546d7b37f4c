"""What is asked for, and how many points each derivative brings."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..errors import ReadError, Span
from ..network import Model
from ..reading.files import read_text
from ..verification.asking import target
from ..verification.verdict import Verdict


def required(model: Model, wanted: str) -> tuple[str, ...]:
    """The targets that `parameters`, `all` or names with commas between them ask for, as verdicts name them.

    `all` are the gradients at every node and symbol but the loss itself.

    Raises:
        UnknownName: a name is neither declared nor a node.
    """
    if wanted == "parameters":
        names: Iterable[str] = model.names("parameter") or model.names("input")
    elif wanted == "all":
        nodes = [node for node, equation in model.equations.items() if not equation.auxiliary and node != model.loss]
        names = (*nodes, *model.names("parameter", "input"))
    else:
        names = [name.strip() for name in wanted.split(",") if name.strip()]
    return tuple(dict.fromkeys(target(model, name) for name in names))


def points(model: Model, path: Path) -> dict[str, float]:
    """The points of each target in a file of lines `target,points`; a first line of these words is a heading.

    Raises:
        ReadError: a line is something else, a target stands there twice, points are no number from 0 on.
    """
    found: dict[str, float] = {}
    for number, row in rows(path):
        span = Span(number, 1, number, 1)
        if number == 1 and [cell.strip().lower() for cell in row] == ["target", "points"]:
            continue
        if len(row) != 2:
            message = f"Line {number} of `{path.name}` has {len(row)} columns."
            raise ReadError(message, remedy="Each line is a target, a comma and its points.", span=span)
        name = target(model, row[0], span)
        if name in found:
            raise ReadError(f"Line {number} of `{path.name}`: {name} has points already.", span=span)
        found[name] = amount(row[1], f"Line {number} of `{path.name}`", span)
    if not any(found.values()):
        raise ReadError(f"`{path.name}` gives no points.", remedy="Write lines such as dJ/dW_1,2")
    return found


def amount(text: str, where: str, span: Span | None = None) -> float:
    """Points; ReadError unless the text is a finite number from 0 on."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise ReadError(f"{where}: `{text.strip()[:40]}` is no number of points.", span=span)
    return value


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines of a CSV file that hold something, with their numbers; ReadError if it is none."""
    reader = csv.reader(read_text(path).splitlines(keepends=True), strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error as error:
        span = Span(reader.line_num, 1, reader.line_num, 1)
        raise ReadError(f"Line {reader.line_num} of `{path.name}` is no CSV: {error}.", span=span) from None


def of_key(verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """The derivatives that a solution states: a sheet that states them all is complete."""
    return tuple(dict.fromkeys(v.target for v in verdicts if "/d" in v.target))


def each_one(targets: Iterable[str]) -> Mapping[str, float]:
    """One point for each."""
    return dict.fromkeys(targets, 1.0)
