"""A progress bar for whoever builds the gallery or trains."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from . import Progress

if TYPE_CHECKING:
    from rich.console import Console


@contextmanager
def bar(console: Console | None = None) -> Iterator[Progress]:
    """A bar for each thing that is reported; it shows nothing where the output is no terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, console=console, transient=True) as bars:
        tasks = {}

        def progress(text: str, done: int, total: int) -> None:
            if not text:
                return
            if text not in tasks:
                tasks[text] = bars.add_task(text, total=total)
            bars.update(tasks[text], completed=done)

        yield progress
