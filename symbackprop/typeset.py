"""From report.tex to report.pdf with the TeX that is there, or a sentence that says there is none."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

ENGINE = "pdflatex"
JOB = "document"  # any name of the file itself, with spaces and accents, stays out of TeX
MOST_PASSES = 4
TIME_LIMIT = 120.0  # seconds, each pass
NO_ENGINE = f"No PDF: {ENGINE} was not found. A TeX distribution such as TeX Live or MiKTeX brings it."

RERUN = re.compile(r"Rerun to get|Rerun LaTeX|Label\(s\) may have changed|Table widths have changed")
PROBLEM = re.compile(r"^(?:\./)?(?P<file>[^\n:]+\.tex):(?P<line>\d+): (?P<what>.+)$", re.MULTILINE)
BARE_PROBLEM = re.compile(r"^! (?P<what>.+)$", re.MULTILINE)
BOX = re.compile(r"^Overfull \\[hv]box .*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Typeset:
    """What became of a document: the PDF, or why there is none; `overfull` lists what sticks out of its box."""

    pdf: Path | None
    message: str
    overfull: tuple[str, ...] = ()
    passes: int = 0


def compile_pdf(tex_path: Path, *, time_limit: float = TIME_LIMIT) -> Typeset:
    """The PDF beside `tex_path`, as many passes as it takes; nothing else is left there.

    TeX may run no program, and asks nobody. Where it fails, `message` gives the line of the file and TeX's own words.
    """
    engine = shutil.which(ENGINE)
    if engine is None:
        return Typeset(None, NO_ENGINE)
    with tempfile.TemporaryDirectory(prefix="symbackprop-") as folder:
        made = Path(folder) / f"{JOB}.pdf"
        passes, log = 0, ""
        for passes in range(1, MOST_PASSES + 1):
            before = _notes(Path(folder))
            try:
                done = _run(engine, tex_path, folder, time_limit)
            except subprocess.TimeoutExpired:
                return Typeset(None, f"No PDF: TeX was not done after {time_limit:g} s.", passes=passes)
            log = _read(Path(folder) / f"{JOB}.log")
            if done != 0 or not made.is_file():
                return Typeset(None, f"No PDF: {problem(log, tex_path.name)}", passes=passes)
            if not RERUN.search(log) and _notes(Path(folder)) == before:
                break
        target = tex_path.with_suffix(".pdf")
        beside = target.with_name(f".{target.name}.tmp")
        shutil.copyfile(made, beside)
        beside.replace(target)
    return Typeset(target, f"Wrote {target}.", tuple(BOX.findall(log)), passes)


def _run(engine: str, tex_path: Path, folder: str, time_limit: float) -> int:
    """One pass; its exit code."""
    # The same PDF every time; messages on one line each, so that they can be read back.
    fixed = {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1", "TZ": "UTC", "max_print_line": "1000"}
    options = ["-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "-file-line-error"]
    return subprocess.run(  # noqa: S603 - a fixed program with fixed options, on a file that we wrote
        [engine, *options, f"-output-directory={folder}", f"-jobname={JOB}", tex_path.name],
        cwd=tex_path.resolve().parent,
        env={**os.environ, **fixed},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=time_limit,
        check=False,
    ).returncode


def _notes(folder: Path) -> dict[str, bytes]:
    """What a pass leaves for the next one: references, bookmarks, column widths."""
    return {
        path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in (".aux", ".out", ".toc")
    }


def _read(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""


def problem(log: str, name: str) -> str:
    """The first error of a log, with its line: `report.tex, line 12: Undefined control sequence`."""
    if found := PROBLEM.search(log):
        return f"{Path(found['file']).name}, line {found['line']}: {found['what'].strip()}"
    if found := BARE_PROBLEM.search(log):
        return f"{name}: {found['what'].strip()}"
    return f"{name}: TeX stopped without saying why."
