"""Text from files: of ordinary files only, of reasonable size, in UTF-8."""

from __future__ import annotations

import stat
from pathlib import Path

from ..errors import ReadError

LONGEST = 4_000_000  # bytes: no network that somebody wrote comes near


def read_text(path: Path) -> str:
    """A file's text; ReadError unless it is an ordinary file of reasonable size in UTF-8."""
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise ReadError(f"There is no file `{path}`.", remedy="Check the name and the folder.") from None
    except (ValueError, OSError):
        raise ReadError(f"`{str(path)[:80]}` cannot be the name of a file.", remedy="Check the name.") from None
    if not stat.S_ISREG(status.st_mode):
        raise ReadError(f"`{path}` is not an ordinary file.", remedy="Name a text file.")
    if status.st_size > LONGEST:
        raise ReadError(f"`{path}` has {status.st_size:,} bytes; at most {LONGEST:,} are read.")
    return decoded(path.read_bytes(), f"`{path}`")


def decoded(data: bytes, what: str) -> str:
    """Bytes as text, without a byte order mark; ReadError, in which `what` is the subject, unless they are UTF-8."""
    if len(data) > LONGEST:
        raise ReadError(f"{what} has more than {LONGEST:,} bytes.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"{what} is not UTF-8: line {line} has the byte 0x{data[error.start]:02X}."
        raise ReadError(message, remedy="Save it as UTF-8.") from None
