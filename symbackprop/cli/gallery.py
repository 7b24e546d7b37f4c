"""`symbackprop gallery`: the pages of the shipped networks."""

from __future__ import annotations

from pathlib import Path

import click

from .diagnostics import refusing
from .terminal import say


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "-o", "--output", metavar="DIR", type=click.Path(path_type=Path), default=Path("outputs"), show_default=True,
    help="A folder for each network goes here.",
)  # fmt: skip
def gallery(names: tuple[str, ...], output: Path) -> None:
    """Write the pages of the shipped networks, of those that are NAMEd or of all, training runs included."""
    with refusing():
        from rich.console import Console

        from ..gallery import build
        from ..gallery.progress import bar

        with bar(Console(stderr=True)) as progress:
            made = build(names or None, output, progress)
    for page in made:
        say(f"{page.folder}: {len(page.files)} files. {page.message}")
