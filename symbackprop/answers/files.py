"""The text of an answer file; everything that is no answer in text is refused before it is read."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from ..errors import ReadError
from .places import Places

LONGEST = 2_000_000  # bytes: a thousand pages
LONGEST_NOTEBOOK = 20_000_000  # bytes: its pictures are in it; what is read of them is nothing
SUFFIXES = {
    ".tex": ".tex", ".latex": ".tex", ".ltx": ".tex", ".md": ".md", ".markdown": ".md", ".mdown": ".md", ".mkd": ".md",
    ".rmd": ".md", ".qmd": ".md", ".txt": ".txt", ".text": ".txt", ".py": ".py", ".ipynb": ".ipynb",
}  # fmt: skip  # a table
READ = "An answer is a .tex, .md, .txt, .py or .ipynb file."
_PICTURE = "a picture", "Type the formulas in LaTeX or Markdown, or convert it with a program that reads formulas."
_ARCHIVE = "an archive", "Unpack it, and name the file in it that holds the answer."
_OFFICE = "a word processor's document", "Convert it to Markdown or LaTeX, for instance with pandoc."
_DATA = "a file of numbers or objects, not of formulas", "Name the source file."
_PDF = "a PDF", "Convert it to Markdown or LaTeX, or name the source that it was made from."
_OTHER = {
    **dict.fromkeys((".pdf", ".ps", ".eps", ".dvi", ".djvu"), _PDF),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".svg"), _PICTURE),
    **dict.fromkeys((".zip", ".gz", ".bz2", ".xz", ".7z", ".tar", ".tgz", ".rar"), _ARCHIVE),
    **dict.fromkeys((".docx", ".doc", ".odt", ".rtf", ".pages", ".pptx", ".xlsx"), _OFFICE),
    **dict.fromkeys((".npy", ".npz", ".pkl", ".pickle", ".pt", ".mat"), _DATA),
    **dict.fromkeys((".html", ".htm"), ("a web page", "Convert it to Markdown, for instance with pandoc.")),
}
_MAGIC = (
    (b"%PDF", _PDF), (b"%!PS", _PDF), (b"\x89PNG", _PICTURE), (b"\xff\xd8\xff", _PICTURE), (b"GIF8", _PICTURE),
    (b"II*\x00", _PICTURE), (b"MM\x00*", _PICTURE), (b"RIFF", _PICTURE), (b"PK\x03\x04", _ARCHIVE),
    (b"PK\x05\x06", _ARCHIVE), (b"\x1f\x8b", _ARCHIVE), (b"BZh", _ARCHIVE), (b"\xfd7zXZ", _ARCHIVE),
    (b"7z\xbc\xaf", _ARCHIVE), (b"Rar!", _ARCHIVE), (b"\xd0\xcf\x11\xe0", _OFFICE), (b"{\\rtf", _OFFICE),
    (b"\x93NUMPY", _DATA), (b"\x7fELF", ("a program", "Name the source file.")),
)  # fmt: skip  # a table
_UTF_16 = b"\xff\xfe", b"\xfe\xff"
# A file that has become a pipe since it was looked at is not waited for.
_WITHOUT_WAITING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


def file_text(path: Path) -> tuple[str, str]:
    """The text of a file, and which of .tex, .md, .txt, .py and .ipynb it is.

    A byte order mark is no part of the text; line ends stay as they are, CRLF is two code points. Raises ReadError for
    whatever is not an ordinary text file of reasonable size in UTF-8.
    """
    data = _bytes(path)
    for magic, (what, remedy) in _MAGIC:
        if data.startswith(magic):
            raise _is(path, what, remedy)
    if data.startswith(_UTF_16):
        raise ReadError(f"`{path}` is in UTF-16.", remedy="Save it as UTF-8.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"`{path}` is not UTF-8: line {line} has the byte 0x{data[error.start]:02X}."
        raise ReadError(message, remedy="Save it as UTF-8.") from None
    return text, SUFFIXES.get(path.suffix.lower(), "")


def check_text(text: str, what: str) -> None:
    """Raise ReadError for a text that is empty, too long, or holds what is no character."""
    if not text.strip().strip("\ufeff"):
        raise ReadError(f"{what} is empty.", remedy="Write a formula, or code.")
    if len(text) > LONGEST:
        raise ReadError(f"{what} has {len(text):,} characters; at most {LONGEST:,} are read.", remedy="Split it.")
    if found := _NOT_TEXT.search(text):
        places = Places(text[: found.end()])
        at = places.span(found.start(), found.end())
        message = f"{what} is not text: line {at.line} holds U+{ord(found.group()):04X}, which is no character."
        raise ReadError(message, remedy="Delete it.", span=at)


def _bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not an ordinary file"
            raise ReadError(f"`{path}` is {kind}.", remedy=f"Name a file. {READ}")
        suffix = path.suffix.lower()
        if suffix in _OTHER:
            raise _is(path, *_OTHER[suffix])
        if suffix and suffix not in SUFFIXES:
            raise ReadError(f"`{path}` is of no kind that is read here (`{suffix[:20]}`).", remedy=READ)
        longest = LONGEST_NOTEBOOK if suffix == ".ipynb" else LONGEST
        if status.st_size > longest:
            message = f"`{path}` has {status.st_size:,} bytes; at most {longest:,} are read."
            raise ReadError(message, remedy="Hand in the part with the derivation.")
        with os.fdopen(os.open(path, _WITHOUT_WAITING), "rb") as file:
            data = file.read(longest + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise ReadError(f"There is no file `{path}`.", remedy="Check the name and the folder.") from None
    except PermissionError:
        raise ReadError(f"`{path}` may not be read.", remedy="Check its permissions.") from None
    except (ValueError, OSError):
        raise ReadError(f"`{ascii(str(path))[1:81]}` cannot be the name of a file.", remedy="Check the name.") from None
    if len(data) > longest:
        raise ReadError(f"`{path}` has more than {longest:,} bytes.", remedy="Hand in the part with the derivation.")
    return data


def _is(path: Path, what: str, remedy: str) -> ReadError:
    return ReadError(f"`{path}` is {what}, which is not read.", remedy=f"{remedy} {READ}")
