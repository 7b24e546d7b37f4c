"""A network on its way to another process: its text, and all that is needed to read it there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..network import Model


@dataclass(frozen=True, slots=True)
class Network:
    """The text of a network, its name and the folder of the files that it names.

    `notation` is a text of `notation(...)` lines to begin with, with its folder; `batch` a size name or a number.
    """

    text: str
    name: str
    folder: Path | None = None
    notation: tuple[str, Path | None] | None = None
    batch: str | int | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        style = None if self.notation is None else [self.notation[0], _absolute(self.notation[1])]
        return {
            "text": self.text,
            "name": self.name,
            "folder": _absolute(self.folder),
            "notation": style,
            "batch": self.batch,
        }

    @classmethod
    def from_dict(cls, found: dict[str, Any]) -> Network:
        """The network of such a dictionary."""
        style = found["notation"]
        notation = None if style is None else (style[0], _path(style[1]))
        return cls(found["text"], found["name"], _path(found["folder"]), notation, found["batch"])

    def model(self) -> Model:
        """The network, read; errors as of `netfile.parse`."""
        from ..reading.netfile import parse, read_notation

        style = None if self.notation is None else read_notation(*self.notation)
        model = parse(self.text, name=self.name, folder=self.folder, style=style)
        if self.batch is None:
            return model
        from ..batch import batch

        return batch(model, self.batch).model


def _absolute(folder: Path | None) -> str | None:
    return None if folder is None else str(folder.absolute())


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
