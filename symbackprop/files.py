"""Putting a report on disk: only inside the chosen folder, each file whole or not at all, the same bytes everywhere."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from .errors import OutputError

LONGEST_NAME = 200  # bytes of a path's part; file systems stop at 255
FORBIDDEN = set('<>:"|?*\\')  # what Windows allows in no name
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> tuple[Path, ...]:
    """Write each file at its path below `folder`, which is made if need be; text as UTF-8 with LF.

    Every name is checked before anything is written. Each file appears under a temporary name first and is then
    renamed, so that nobody ever reads half of one.

    Raises:
        OutputError: a name that leads out of the folder, through a link, or that some system cannot keep; a folder
            or a file that cannot be written.
    """
    targets = {name: folder.joinpath(*parts(name)) for name in files}
    written: dict[str, Path] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, target in targets.items():
            _check_way(folder, target, name)
        for name, target in targets.items():
            twin = written.get(name.casefold())
            if twin is not None and target.exists() and target.samefile(twin):
                raise OutputError(
                    f"{name} and {twin.name} would be one file on this disk, which does not tell capitals apart.",
                    remedy="Rename one of the two variables, or write to another disk.",
                )
            content = files[name]
            data = content if isinstance(content, bytes) else _lines(content).encode("utf-8")
            _replace(target, data)
            written[name.casefold()] = target
    except OSError as error:
        where = error.filename or folder
        raise OutputError(
            f"Cannot write {where}: {error.strerror or error}.", remedy="Choose another folder."
        ) from error
    return tuple(targets.values())


def parts(name: str) -> tuple[str, ...]:
    """The parts of a relative path, every one of them a name that all systems can keep.

    Raises:
        OutputError: it is empty, absolute or leads upwards, is too long, or holds a character or a word that a
            system reserves.
    """
    path = PurePosixPath(name)
    found = path.parts
    if not found or path.is_absolute() or ".." in found or str(path) != name:
        raise OutputError(f"{name!r} is not a path inside a folder.", remedy="Give a relative path without . and ..")
    for part in found:
        if len(part.encode("utf-8", "surrogatepass")) > LONGEST_NAME:
            raise OutputError(f"{part[:40]!r}... is too long for a file name.", remedy="Choose a shorter name.")
        bad = sorted({c for c in part if c in FORBIDDEN or not c.isprintable()})
        if bad or part[-1] in ". ":
            what = f"{bad[0]!r} in it" if bad else f"{part[-1]!r} at its end"
            raise OutputError(f"{part!r} cannot be a file name with {what}.", remedy="Use letters, digits, - and _.")
        if part.split(".")[0].rstrip(" ").casefold() in DEVICES:
            raise OutputError(f"{part!r} is the name of a device on Windows.", remedy="Choose another name.")
    return found


def _check_way(folder: Path, target: Path, name: str) -> None:
    """No link on the way from the folder to the file, and no folder where the file is to stand."""
    for step in (*reversed(target.relative_to(folder).parents[:-1]), target.relative_to(folder)):
        place = folder / step
        if place.is_symlink():
            raise OutputError(f"{place} is a link: {name} is not written through it.", remedy="Remove the link.")
    if target.is_dir():
        raise OutputError(f"{target} is a folder, and {name} is a file.", remedy="Remove or rename the folder.")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _replace(target: Path, data: bytes) -> None:
    """Write under a temporary name beside the target, then rename."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
