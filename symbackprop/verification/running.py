"""The verdicts on code when what could not be read has been run, on request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import ReadError, Span
from .bench import Bench
from .executed import Ran, executed
from .target import Target
from .verdict import Diagnosis, Verdict

if TYPE_CHECKING:
    from ..answers.passage import Answer
    from .programs import Source
    from .verify import Options

OPEN = ("unreadable", "undecided")


def with_running(
    bench: Bench, source: Source, answer: Answer, verdicts: Sequence[Verdict], options: Options
) -> tuple[list[Verdict], str]:
    """The verdicts, those of code that could not be read replaced by what was seen when it ran; and how it was run."""
    try:
        ran, how = executed(bench, "\n".join(source.cells), returns=options.returns, function=options.function)
    except ReadError as error:
        return [replace(v, reason=f"{v.reason} {error}") if v.status in OPEN else v for v in verdicts], ""
    seen = [_verdict(bench, source, answer, each) for each in ran]
    named = {v.target for v in verdicts if v.status not in OPEN}
    if any(v.target for v in seen):
        kept = [v for v in verdicts if v.status not in OPEN or v.target not in {"code", *(s.target for s in seen)}]
        return [*kept, *(v for v in seen if v.target not in named)], how
    return [replace(v, reason=f"{v.reason} {ran[0].reason}") if v.status in OPEN else v for v in verdicts], how


def _verdict(bench: Bench, source: Source, answer: Answer, ran: Ran) -> Verdict:
    start, end, passage = source.place(Span(ran.line, 1, ran.line, 1 + _length(source, ran.line)))
    diagnosis = Diagnosis("other", ran.reason, "Run at random numbers, it returns others.", line=None)
    return Verdict(
        file=answer.file,
        network=bench.model.name,
        line=answer.text.count("\n", 0, start) + 1,
        start=start,
        end=end,
        claim=answer.text[start:end],
        target=Target("gradient", (ran.target,)).label(bench.model.loss) if ran.target else "",
        status=ran.status,
        proof="numeric" if ran.status == "right" else None,
        diagnosis=diagnosis if ran.status == "wrong" else None,
        reason=ran.reason,
        cell=passage.cell,
        part=passage.part,
        points=ran.points,
    )


def _length(source: Source, line: int) -> int:
    lines = "\n".join(source.cells).split("\n")
    return max(len(lines[line - 1]), 1) if 0 < line <= len(lines) else 1
