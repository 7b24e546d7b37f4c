"""Pieces of code in a document: fences that a page break has cut are one piece, and output is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .cleaning import Cleaned, cleaned, continues, is_console, lines_of
from .found import Found
from .layout import Line, Lines, assembled, source
from .mapped import DROPPED
from .python import does_something, looks_like_python

NOT_PYTHON = frozenset(
    {
        *("bash", "sh", "shell", "console", "zsh", "fish", "bat", "powershell", "json", "yaml"),
        *("yml", "toml", "ini", "cfg", "xml", "html", "css", "csv", "tsv", "js"),
        *("javascript", "jsx", "ts", "typescript", "java", "c", "h", "cpp", "c++", "cxx"),
        *("cs", "csharp", "cuda", "cu", "rust", "rs", "go", "julia", "jl", "matlab"),
        *("octave", "m", "r", "scala", "haskell", "hs", "sql", "dockerfile", "make", "makefile"),
        *("cmake", "diff", "patch", "mermaid", "dot", "graphviz", "output", "stdout", "log", "traceback"),
        *("bibtex", "plantuml", "lua", "perl", "ruby", "swift", "kotlin", "fortran"),
    }
)
_PAGES = 20  # over which one piece of code goes
_SHORT = 60  # characters of a page header or footer
_FEW = 3  # lines of it


@dataclass(frozen=True, slots=True)
class Block:
    """Code as it is set off in a document: its lines, and its place with the delimiters."""

    lines: Lines
    start: int
    end: int
    environment: str = "```"


def pieces(blocks: Sequence[Block], prose: str, *, pages: bool = True) -> list[Found]:
    """The code in some blocks, in order; `prose` is the document with all code dropped.

    Where `pages` is true the document may have been made from a printed one, whose pages have cut its code.
    """
    made: list[Found] = []
    group: list[Block] = []
    clean: Cleaned | None = None
    for block in blocks:
        if not block.lines:
            continue
        together = None
        if pages and clean and len(group) < _PAGES and _breaks_page(prose[group[-1].end : block.start]):
            together = _together(group, clean, block)
        if together is None:
            made += _piece(group, clean)
            group = []
        group.append(block)
        clean = together or cleaned([block.lines])
    return made + _piece(group, clean)


def program(text: str) -> list[Found]:
    """A text that is said to be Python, cleaned where it is not; it is kept whatever it holds, if it holds anything."""
    lines = lines_of(text, 0, len(text))
    if text.startswith("\ufeff"):
        lines = (lines[0].cut(1), *lines[1:])
    code, origin = assembled(cleaned([lines]).lines, len(text))
    return [Found("code", 0, len(text), code, origin)] if code else []


def _piece(group: Sequence[Block], clean: Cleaned | None) -> list[Found]:
    if clean is None or not _is_code(clean):
        return []
    text, origin = assembled(clean.lines, group[-1].end)
    return [Found("code", group[0].start, group[-1].end, text, origin, True, group[0].environment)]


def _is_code(clean: Cleaned) -> bool:
    return does_something(clean.module) if clean.module else looks_like_python(source(clean.lines))


def _breaks_page(between: str) -> bool:
    """Whether nothing stands between two blocks but blank lines, or the few words of a page's header and footer."""
    lines = [line.strip() for line in between.replace(DROPPED, " ").splitlines() if line.strip()]
    return len(lines) <= _FEW and all(
        len(line) <= _SHORT and not line.startswith("#") and not line.endswith((".", ":", ";", ",")) and "$" not in line
        for line in lines
    )


def _together(group: Sequence[Block], clean: Cleaned, block: Block) -> Cleaned | None:
    """A piece with a block that is its rest: by its numbers, its indentation, or because only both are Python."""
    before = [b.lines for b in group]
    if is_console(block.lines) != any(is_console(lines) for lines in before):
        return None
    together = cleaned([*before, block.lines])
    if continues(before, block.lines):
        return together if together.module is not None or clean.module is None else None
    if together.module is None or not _is_code(together):
        return None
    first: Line | None = next((line for line in block.lines if not line.blank), None)
    return together if first is not None and (first.columns > 0 or clean.module is None) else None
