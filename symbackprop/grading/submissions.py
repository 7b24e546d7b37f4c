"""What a class has handed in: a folder of files, or of one folder for each student with several files."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..answers.files import SUFFIXES, file_text
from ..errors import ReadError

MOST_FILES = 100  # of one student
DEEPEST = 5  # folders inside a student's folder
LEFT_BY_PROGRAMS = {
    *(".net", ".csv", ".json", ".log", ".aux", ".out", ".toc", ".bib", ".bbl", ".blg", ".sty", ".cls", ".bst"),
    *(".fls", ".fdb_latexmk", ".pyc", ".db", ".ini"),
}
FOLDERS_LEFT = {"__MACOSX", "__pycache__"}
MADE_FROM_SOURCE = {".pdf", ".ps", ".dvi", ".html", ".htm"}


@dataclass(frozen=True, slots=True)
class Submission:
    """One student's files, in alphabetical order, with their names as they are shown; `refused`: file and reason."""

    student: str
    files: tuple[tuple[str, Path], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """The texts of a submission by file name, the files that are empty, and those that cannot be read with why."""

    texts: dict[str, str]
    empty: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


def submissions(folder: Path, leave_out: Collection[Path] = ()) -> list[Submission]:
    """Every student's submission, by name.

    A file belongs to the student of its name without the suffix, everything in a folder to the student of the folder's
    name; `alice.tex`, `alice.py` and the folder `alice` are one submission. Links are not followed. Hidden files, those
    that programs leave behind and `leave_out` are no submissions.

    Raises:
        ReadError: there is no such folder, or nothing in it.
    """
    try:
        entries = sorted(folder.iterdir(), key=lambda path: (path.name.casefold(), path.name))
    except OSError as error:
        raise ReadError(
            f"`{folder}` is no folder that can be read: {(error.strerror or str(error)).lower()}.",
            remedy="Name the folder with the submissions.",
        ) from None
    left_out = {_resolved(path) for path in leave_out}
    files: dict[str, list[tuple[str, Path]]] = {}
    refused: dict[str, list[tuple[str, str]]] = {}
    for entry in entries:
        if _passed_over(entry) or (not entry.is_symlink() and _resolved(entry) in left_out):
            continue
        is_folder = entry.is_dir() and not entry.is_symlink()
        student = _shown(entry.name if is_folder else entry.stem)
        ours, theirs = files.setdefault(student, []), refused.setdefault(student, [])
        if is_folder:
            _folder(entry, ours, theirs, left_out)
        else:
            _file(entry, _shown(entry.name), ours, theirs)
    if not files:
        raise ReadError(f"There are no submissions in `{folder}`.", remedy="Each is a file, or a folder of files.")
    return [
        Submission(student, tuple(_without_copies(found)), tuple(refused[student]))
        for student, found in sorted(files.items(), key=lambda item: (item[0].casefold(), item[0]))
    ]


def content(submission: Submission) -> Content:
    """Read the files of a submission; what cannot be read is said, never raised."""
    texts: dict[str, str] = {}
    empty: list[str] = []
    refused = list(submission.refused)
    for name, path in submission.files:
        try:
            text, _ = file_text(path)
        except ReadError as error:
            refused.append((name, str(error).replace(str(path), name)))
            continue
        if text.strip():
            texts[name] = text
        else:
            empty.append(name)
    return Content(texts, tuple(empty), tuple(refused))


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _shown(name: str) -> str:
    """A name as text: in normal form, and bytes that are no UTF-8 as U+FFFD."""
    return unicodedata.normalize("NFC", name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def _passed_over(path: Path) -> bool:
    return path.name.startswith((".", "~$")) or path.name in FOLDERS_LEFT or path.suffix.lower() in LEFT_BY_PROGRAMS


def _file(path: Path, name: str, files: list[tuple[str, Path]], refused: list[tuple[str, str]]) -> None:
    if path.is_symlink():
        refused.append((name, "This is a link to another place, and links are not followed."))
    elif len(files) >= MOST_FILES:
        refused.append((name, f"More than {MOST_FILES} files were handed in; this one was not read."))
    else:
        files.append((name, path))


def _folder(
    folder: Path, files: list[tuple[str, Path]], refused: list[tuple[str, str]], left_out: Collection[Path]
) -> None:
    for path in _walk(folder, refused):
        if _resolved(path) not in left_out or path.is_symlink():
            _file(path, _shown(path.relative_to(folder).as_posix()), files, refused)


def _walk(folder: Path, refused: list[tuple[str, str]]) -> Iterator[Path]:
    """The files below a folder, alphabetically; never through a link."""
    for where, folders, names in os.walk(folder):
        here = Path(where)
        depth = len(here.relative_to(folder).parts)
        linked = [name for name in folders if (here / name).is_symlink()]
        folders[:] = sorted(
            name for name in folders if name not in linked and not _passed_over(here / name) and depth < DEEPEST
        )
        for name in sorted([*names, *linked]):
            if not _passed_over(here / name):
                yield here / name
        if depth >= DEEPEST:
            refused.append((_shown(here.name), f"Folders more than {DEEPEST} deep are not looked into."))


def _without_copies(files: list[tuple[str, Path]]) -> Iterator[tuple[str, Path]]:
    """The files without those that were made from a source beside them, such as alice.pdf from alice.tex."""
    sources = {path.with_suffix("") for _, path in files if path.suffix.lower() in SUFFIXES}
    for name, path in files:
        if path.suffix.lower() not in MADE_FROM_SOURCE or path.with_suffix("") not in sources:
            yield name, path
