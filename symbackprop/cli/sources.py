"""Where a network comes from: a file, standard input (`-`) or, by its name, one that is shipped."""

from __future__ import annotations

import difflib
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from ..errors import ReadError

LONGEST = 4_000_000  # bytes: no network that somebody wrote comes near


@dataclass(frozen=True, slots=True)
class Source:
    """A network's text, what to call the place it came from, and what to call files made of it."""

    name: str
    stem: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines, without their ends."""
        return self.text.split("\n")


def find(network: str) -> Source:
    """The source that a command's argument means; ReadError if there is none or it cannot be text."""
    if network == "-":
        return Source("standard input", "network", decode(sys.stdin.buffer.read(LONGEST + 1), "Standard input"))
    path = Path(network)
    if not path.exists() and network in shipped():
        return like(network)
    return Source(network, path.stem, read_text(path))


def like(name: str) -> Source:
    """A shipped network; ReadError names near ones if there is none of that name."""
    networks = shipped()
    if name not in networks:
        raise ReadError(f"No shipped network is called `{name}`.", remedy=_suggest(name, list(networks)))
    return Source(f"{name}.net", name, read_text(networks[name]))


def shipped() -> dict[str, Path]:
    """The networks of the gallery, by name, in alphabetical order."""
    folder = Path(__file__).resolve().parent.parent / "gallery"
    return {path.stem: path for path in sorted(folder.rglob("*.net"))}


def read_text(path: Path) -> str:
    """A file's text; ReadError unless it is an ordinary file of reasonable size in UTF-8."""
    try:
        status = path.stat()
    except FileNotFoundError:
        near = [*(p.name for p in path.parent.glob("*.net")), *shipped()]
        raise ReadError(f"There is no file `{path}`.", remedy=_suggest(path.name, near)) from None
    except ValueError:
        raise ReadError(f"`{path}` cannot be the name of a file.") from None
    if not stat.S_ISREG(status.st_mode):
        raise ReadError(f"`{path}` is not an ordinary file.")
    if status.st_size > LONGEST:
        raise ReadError(f"`{path}` has {status.st_size:,} bytes; at most {LONGEST:,} are read.")
    return decode(path.read_bytes(), f"`{path}`")


def decode(data: bytes, what: str) -> str:
    """Bytes as text with plain line ends; a byte order mark is accepted and dropped."""
    if len(data) > LONGEST:
        raise ReadError(f"{what} is longer than {LONGEST:,} bytes.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ReadError(f"{what} is not UTF-8: line {line} has the byte 0x{data[error.start]:02X}.") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _suggest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(f'`{n}`' for n in near)}?"
    return f"Shipped networks: {', '.join(shipped())}." if shipped() else ""
