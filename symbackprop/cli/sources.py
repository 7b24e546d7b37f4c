"""Where a network comes from: a file, standard input (`-`) or, by its name, one that is shipped."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..errors import ReadError
from ..gallery import HERE
from ..reading.files import LONGEST, decoded, read_text


@dataclass(frozen=True, slots=True)
class Source:
    """A network's text, what to call the place it came from, what to call files made of it, and its folder."""

    name: str
    stem: str
    text: str
    folder: Path | None = None

    @property
    def lines(self) -> list[str]:
        """The lines, without their ends."""
        return self.text.splitlines()


def find(network: str) -> Source:
    """The source that a command's argument means; ReadError if there is none or it cannot be text."""
    if network == "-":
        return Source("standard input", "network", standard_input())
    path = Path(network)
    if not _exists(path) and network in shipped():
        return like(network)
    _found(path, [*(p.name for p in path.parent.glob("*.net")), *shipped()])
    return Source(network, path.stem, read_text(path), path.parent)


def standard_input() -> str:
    """Its text; ReadError if that is not UTF-8 or too long."""
    return decoded(sys.stdin.buffer.read(LONGEST + 1), "Standard input")


def like(name: str) -> Source:
    """A shipped network; ReadError names near ones if there is none of that name."""
    networks = shipped()
    if name not in networks:
        raise ReadError(f"No shipped network is called `{name}`.", remedy=_suggest(name, networks))
    path = networks[name]
    return Source(path.name, name, read_text(path), path.parent)


def shipped(suffix: str = ".net") -> dict[str, Path]:
    """The files of the gallery with this suffix, by their name without it, in alphabetical order."""
    found = {path.name.removesuffix(suffix): path for path in HERE.rglob(f"*{suffix}")}
    return dict(sorted(found.items()))


def values_file(name: str) -> Path:
    """The file of numbers that an option means: a path, or the name of a shipped one. ReadError if there is none."""
    path, ours = Path(name), shipped(".values.json")
    if _exists(path):
        return path
    if (stem := path.name.removesuffix(".values.json")) in ours and path.parent == Path():
        return ours[stem]
    _found(path, [*(p.name for p in path.parent.glob("*.json")), *(f"{stem}.values.json" for stem in ours)])
    return path


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that no file can have, or a folder that is not ours: reading it says so
        return True


def _found(path: Path, near: Iterable[str]) -> None:
    if not _exists(path):
        raise ReadError(f"There is no file `{path}`.", remedy=_suggest(path.name, near))


def _suggest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(f'`{n}`' for n in near)}?"
    return f"Shipped networks: {', '.join(shipped())}."
