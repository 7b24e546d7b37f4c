"""Network files: a text becomes a checked network. Read with `ast`, never executed.

text -> source.guarded -> syntax.parse -> statements -> Draft -> assemble -> Model
"""

from __future__ import annotations

from pathlib import Path

from ..errors import ReadError
from ..network import Model
from ..notation.spelling import Style
from .assemble import assemble, raise_all
from .draft import Draft
from .files import read_text
from .source import guarded, where
from .statements import StatementReader
from .syntax import parse as parse_statements


def read(path: Path, *, style: Style | None = None) -> Model:
    """The network in a file; errors as of `parse`, and ReadError if it is no text file of reasonable size."""
    return parse(read_text(path), name=path.stem, folder=path.parent, style=style)


def parse(text: str, *, name: str = "network", folder: Path | None = None, style: Style | None = None) -> Model:
    """The network that a text describes.

    `folder` is where `notation(macros="...")` finds its file; `style` is what lines `notation(...)` start from. Raises
    the error with its place, or ManyErrors with all independent ones.
    """
    return assemble(read_draft(text, name=name, folder=folder, style=style))


def read_draft(text: str, *, name: str = "network", folder: Path | None = None, style: Style | None = None) -> Draft:
    """The statements of a text, each read on its own; their errors are in the draft."""
    source = guarded(text)
    parsed = parse_statements(source)
    draft = Draft(name=name, source=source.text, style=style or Style(), errors=list(parsed.errors))
    draft.broken |= parsed.broken
    StatementReader(source, draft, folder).read(parsed.statements)
    return draft


def read_notation(text: str, folder: Path | None = None) -> Style:
    """The style that a text of `notation(...)` lines sets, for a document; ReadError if it holds anything else."""
    if not text.strip():
        return Style()
    draft = read_draft(text, folder=folder)
    raise_all(draft.errors)
    if draft.places:
        name, span = next(iter(draft.places.items()))
        message = f"{where(name, span.line if span else 1)}: a file of notation holds lines `notation(...)` only."
        raise ReadError(message, remedy="Declare symbols in the network's own file.", span=span)
    return draft.style
