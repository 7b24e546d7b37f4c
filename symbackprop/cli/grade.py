"""`symbackprop grade`: a folder of submissions, judged, with points, tables and a page about the class."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from . import sources
from .diagnostics import Refused, refusing, report
from .models import read_model
from .terminal import fit, harmless, say
from .verify import pairs

if TYPE_CHECKING:
    from ..grading.batch import Batch, Progress
    from ..grading.networks import Network
    from ..grading.records import Record
    from ..network import Model

SHOWN = ("verdict", "hint", "repair")
MOST_LISTED = 20


def _network(name: str, notation: str | None, batch: str | None) -> tuple[Network, Model]:
    """A network as it is sent to other processes, and read."""
    from ..grading.networks import Network

    with refusing():
        source = sources.find(name)
        style = None if notation is None else sources.find(notation)
    with refusing(source):
        model = read_model(source, notation, batch)
    count = int(batch) if batch is not None and batch.isdecimal() else batch
    page = None if style is None else (style.text, style.folder)
    return Network(source.text, source.stem, source.folder, page, count), model


@click.command()
@click.argument("network", metavar="NETWORK")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path("grades"),
    show_default=True,
    help="Grades go to this folder; what is there already is not judged again.",
)
@click.option("--workers", type=click.IntRange(1, 256), help="Submissions at a time; else one for each core.")
@click.option(
    "--key",
    metavar="SOLUTION",
    type=click.Path(path_type=Path, exists=True),
    help="A solution: checked first, then asked for.",
)
@click.option(
    "--points",
    metavar="FILE.csv",
    type=click.Path(path_type=Path),
    help="Lines `target,points`, as in dJ/dW_1,2.",
)
@click.option(
    "--require",
    metavar="NAMES",
    help="What is asked for: parameters, all, or names with commas; else parameters.",
)
@click.option(
    "--show",
    type=click.Choice(SHOWN),
    default="hint",
    show_default=True,
    help="What students are told of a mistake.",
)
@click.option(
    "--let",
    "lets",
    metavar="z_0=z_1",
    multiple=True,
    callback=pairs(last=False),
    help="Their name for one of the network's; repeatable.",
)
@click.option(
    "--part",
    "parts",
    metavar="HEADING=NETWORK",
    multiple=True,
    callback=pairs(last=True),
    help="What stands under this heading is about another network; repeatable.",
)
@click.option("--notation", metavar="FILE", help="Read everything as the notation(...) lines of this file say.")
@click.option("--batch", metavar="n", help="The network for n examples at once, one to a row.")
@click.option("--run", is_flag=True, help="Run code that cannot be read, each in a process with limits.")
@click.option(
    "--timeout",
    type=click.FloatRange(1, 86400),
    default=60.0,
    show_default=True,
    help="Seconds for each submission.",
)
@click.option(
    "--memory",
    type=click.IntRange(256, 1 << 20),
    default=1024,
    show_default=True,
    help="Megabytes for each submission.",
)
@click.option("--scheduler", metavar="ADDRESS", help="Send the work to the Dask cluster of this scheduler.")
def grade(
    network: str,
    folder: Path,
    output: Path,
    workers: int | None,
    key: Path | None,
    points: Path | None,
    require: str | None,
    show: Literal["verdict", "hint", "repair"],
    lets: dict[str, str],
    parts: dict[str, str],
    batch: str | None,
    notation: str | None,
    run: bool,
    timeout: float,
    memory: int,
    scheduler: str | None,
) -> None:
    """Grade the submissions in DIR: files, or a folder for each student, about NETWORK.

    Writes grades.csv, claims.csv, review.csv, summary.html and, for each student, results/NAME.json as Gradescope reads
    it. What could not be read or decided takes no points away: it stands in review.csv for a person to look at, whose
    word in decisions.csv then counts. Interrupted, the same command goes on where it stopped.
    """
    from ..grading.batch import Grader, KeyNotRight, Settings, Wishes, check_folder

    with refusing():
        check_folder(output)
    place, model = _network(network, notation, batch)
    others = {heading: _network(name, notation, batch)[0].as_dict() for heading, name in parts.items()}
    settings = Settings(timeout, memory, {"let": lets, "run": run, "parts": others})
    with refusing():
        grader = Grader(model, place, output, settings, workers=workers or os.cpu_count() or 1, scheduler=scheduler)
        wishes = Wishes(key, points, require)
        try:
            with _bar() as progress:
                done = grader.grade(folder, wishes, progress)
            grader.write(done.grades, show)
        except KeyNotRight as error:
            _show_key(error.record)
            raise Refused(error, None) from None
        except KeyboardInterrupt:
            click.echo("Interrupted. What is judged is kept: the same command goes on from there.", err=True)
            raise SystemExit(130) from None
    _tell(done, output)
    if any(each.record.end != "judged" for each in done.grades):
        raise SystemExit(3)


@contextmanager
def _bar() -> Iterator[Progress]:
    """A progress bar on standard error; nothing where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("Judging", total=None)

        def progress(done: int, total: int, student: str, record: Record) -> None:
            bars.update(task, total=total, completed=done, description=fit(harmless(student)[:40], sys.stderr))

        yield progress


def _tell(done: Batch, output: Path) -> None:
    """What was written, and what a person should know."""
    from ..errors import SymbackpropError
    from ..grading.tables import number

    report("warning", [SymbackpropError(text) for text in done.warnings], None)
    failed = [each for each in done.grades if each.record.end != "judged"]
    for each in failed[:MOST_LISTED]:
        say(f"{harmless(each.student)}: {harmless(each.record.message)}")
    grades = done.grades
    mean = number(sum(each.score for each in grades) / len(grades))
    kept = f", {done.kept} of them judged before" if done.kept else ""
    review = sum(len(each.flags) for each in grades)
    average = f"{mean} of {number(grades[0].most)} points on average"
    say(f"{_counted(len(grades), 'submission')}{kept}: {average}.")
    if review:
        lines = _counted(review, "line")
        say(f"{lines} to look at in {output / 'review.csv'}; decide in {output / 'decisions.csv'}.")
    say(f"Wrote to {output}: grades.csv, claims.csv, review.csv, summary.html, results.")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _show_key(record: Record) -> None:
    """Where the teacher's own solution is not right."""
    from ..grading.gradescope import said

    if record.message:
        say(harmless(record.message))
    for name, why in record.refused:
        say(harmless(f"{name}: {why}"))
    for verdict in record.verdicts:
        if verdict.status != "right":
            for line in said(verdict, "repair"):
                say(harmless(line))
