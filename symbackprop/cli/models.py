"""The network that a command is about, read as its options say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ReadError
from . import sources
from .diagnostics import refusing, report

if TYPE_CHECKING:
    from ..network import Model

LONGEST_NUMBER = 18  # digits of a size


def read_model(source: sources.Source, notation: str | None = None, batch: str | None = None) -> Model:
    """The network; what its reader warns of goes to standard error."""
    from ..reading.netfile import parse, read_notation

    style = None
    if notation is not None:
        page = sources.find(notation)
        with refusing(page):
            style = read_notation(page.text, page.folder)
    model = parse(source.text, name=source.stem, folder=source.folder, style=style)
    report("warning", [ReadError(w.message, span=w.span) for w in model.warnings], source)
    if batch is None:
        return model
    from ..batch import batch as batched

    if batch.isdecimal() and len(batch) > LONGEST_NUMBER:
        raise ReadError(
            f"A batch whose size has {len(batch):,} digits.", remedy="Give a number of examples, or a name."
        )
    return batched(model, int(batch) if batch.isdecimal() else batch).model
