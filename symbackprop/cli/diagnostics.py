"""Errors and warnings on standard error: what is wrong, the line with a mark under the place, what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

import click

from ..errors import CertificateError, ManyErrors, ReadError, Span, SymbackpropError
from .terminal import fit, harmless, width

if TYPE_CHECKING:
    from rich.text import Text

    from .sources import Source

MOST_TOLD = 100  # mistakes that are printed
WINDOW = 100  # characters of a source line that are shown around the place


class Refused(click.ClickException):
    """Input that cannot be used: click shows it and ends with code 2."""

    exit_code = 2

    def __init__(self, error: SymbackpropError, source: Source | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.source = source

    def show(self, file: IO[Any] | None = None) -> None:
        """Print every error to standard error."""
        report("error", _each(self.error), self.source)


class Disagreed(Refused):
    """Our own results disagree: the same, and the end is with code 1."""

    exit_code = 1


@contextmanager
def refusing(source: Source | None = None) -> Iterator[None]:
    """Turn the errors of this package, and those of the file system, into a message and exit code 2."""
    try:
        yield
    except CertificateError as error:
        raise Disagreed(error, source) from error
    except SymbackpropError as error:
        raise Refused(error, source) from error
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        problem = ReadError(f"Cannot use{where}: {(error.strerror or str(error)).lower()}.")
        raise Refused(problem, None) from error


def report(kind: str, problems: list[SymbackpropError], source: Source | None) -> None:
    """Print problems, coloured where the terminal shows colours (and NO_COLOR is not set)."""
    if not problems:
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=sys.stderr, highlight=False, soft_wrap=True, emoji=False)
    for problem in problems[:MOST_TOLD]:
        for line in describe(kind, problem, source):
            console.print(line)
    if len(problems) > MOST_TOLD:
        console.print(Text(f"and {len(problems) - MOST_TOLD:,} more."))


def describe(kind: str, problem: SymbackpropError, source: Source | None) -> list[Text]:
    """The lines of one problem."""
    from rich.text import Text

    colour = "bold red" if kind == "error" else "bold yellow"
    message, *more = [_clean(line) for line in problem.message.splitlines()] or [""]
    lines = [Text.assemble((f"{kind}: ", colour), message), *(Text(f"  {line}") for line in more)]
    if source is not None and problem.span is not None:
        lines += excerpt(problem.span, source, colour)
    if problem.remedy:
        lines.append(Text.assemble(("  help: ", "bold"), _clean(problem.remedy)))
    return lines


def _clean(text: str) -> str:
    """What may be printed: here, before the mark is placed, since ASCII takes more room."""
    return fit(harmless(text), sys.stderr)


def _each(error: SymbackpropError) -> list[SymbackpropError]:
    return list(error.errors) if isinstance(error, ManyErrors) else [error]


def excerpt(span: Span, source: Source, colour: str, room: int = 0) -> list[Text]:
    """The place, the line as it was written and a mark under the part that is meant."""
    from rich.text import Text

    number = str(span.line)
    margin = " " * len(number)
    place = Text.assemble((f" {margin}--> ", "blue"), f"{_clean(source.name)}:{span.line}:{span.column}")
    written = source.lines[span.line - 1 : span.line]
    if not written:
        return [place]
    before, marked, after = _cut(written[0], span, room)
    line = Text.assemble((f" {number} | ", "blue"), before + marked + after)
    mark = Text.assemble((f" {margin} | ", "blue"), " " * width(before), ("^" * max(1, width(marked)), colour))
    return [place, line, mark]


def _cut(line: str, span: Span, room: int = 0) -> tuple[str, str, str]:
    """A line before, inside and after the span, shortened to what is worth showing, and to `room` cells if need be."""
    window = (room - 10) // 2 if room else WINDOW
    start = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    before, marked, after = line[:start], line[start:end], line[end:]
    if len(line) > (room or WINDOW):
        before = before if len(before) <= window // 2 else "..." + before[-window // 2 :]
        marked = marked if len(marked) <= window else marked[:window] + "..."
        after = after if len(after) <= window // 2 else after[: window // 2] + "..."
    return _clean(before), _clean(marked), _clean(after)
