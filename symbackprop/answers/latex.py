"""LaTeX documents: comments, verbatim text and pictures are set apart; nothing is loaded and nothing executed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .cleaning import lines_of
from .code import NOT_PYTHON, Block
from .mapped import drop

_CODE = ("verbatim", "verbatim*", "Verbatim", "lstlisting", "minted", "python", "pycode", "pythoncode", "code")
_PASSED = ("comment", "tikzpicture", "filecontents", "filecontents*", "pgfpicture", "asy")
_TOKEN = re.compile(
    r"\\begin\s*\{(?P<name>[A-Za-z]+\*?)\}|\\(?:verb|lstinline|mintinline)(?![A-Za-z])\*?(?P<verb>[^A-Za-z\s*\[{])"
    r"|(?P<off>\\iffalse(?![A-Za-z]))|\\.|(?P<comment>%[^\r\n]*)",
    re.DOTALL,
)
_OPTIONS = re.compile(
    r"[ \t]*(?:\[(?P<options>[^\]]{0,500})\])?[ \t]*(?:\{(?P<language>[^{}\r\n]{0,40})\})?[ \t]*(?:\r?\n)?"
)
_LANGUAGE = re.compile(r"language\s*=\s*\{?(?:\[[^\]]*\])?\s*([\w+#]+)", re.IGNORECASE)
_WHOLE_LINE = re.compile(r"^[ \t]*%[^\r\n]*", re.MULTILINE)
_DISPLAYS = "(?:equation|align|gather|multline|eqnarray|flalign|alignat|displaymath|math|dmath)\\*?"
_STRUCTURE = re.compile(
    r"\\(?:documentclass|begin\s*\{document\}|(?:sub)*section|chapter|usepackage)(?![A-Za-z])"
    rf"|\{{\s*\\begin\s*\{{{_DISPLAYS}\}}\s*\}}"
)
_DELIMITER = re.compile(
    rf"(?P<math>\$|\\[(\[]|\\begin\s*\{{(?:{_DISPLAYS}|verbatim|lstlisting|minted)\}})|\\.|(?P<brace>[{{}}])", re.DOTALL
)
_BODY = re.compile(r"\\begin\s*\{document\}")
_END = re.compile(r"\\end\s*\{document\}")


@dataclass(frozen=True, slots=True)
class Document:
    """`masked` is the text with everything but prose and formulas dropped; `body` is the slice that is set."""

    masked: str
    blocks: tuple[Block, ...]
    body: tuple[int, int]


def document(text: str) -> Document:
    """A text as LaTeX would set it, as far as that matters here."""
    dropped: list[tuple[int, int]] = []
    blocks: list[Block] = []
    for start, end, block in _set_apart(text):
        dropped.append((start, end))
        blocks += [block] if block is not None else []
    masked = drop(text, dropped)
    begun = _BODY.search(masked)
    ended = _END.search(masked, begun.end()) if begun else None
    body = (begun.end() if begun else 0, ended.start() if ended else len(text))
    return Document(masked, tuple(b for b in blocks if body[0] <= b.start < body[1]), body)


def is_bare(masked: str) -> bool:
    """Whether a text is formulas without anything around them: no delimiters outside braces, no parts of a document."""
    if _STRUCTURE.search(masked):
        return False
    depth = 0
    for match in _DELIMITER.finditer(masked):
        if match["math"] and depth == 0:
            return False
        if match["brace"]:
            depth = max(depth + (1 if match["brace"] == "{" else -1), 0)
    return True


def without_comment_lines(text: str) -> str:
    """The text without the lines that are comments; a comment behind a formula stays."""
    return drop(text, [m.span() for m in _WHOLE_LINE.finditer(text)])


def _set_apart(text: str) -> Iterator[tuple[int, int, Block | None]]:
    """What is no text of LaTeX, in order: comments, verbatim environments with their code, pictures."""
    place, endless = 0, set[str]()
    while (match := _TOKEN.search(text, place)) is not None:
        place = match.end()
        if match["comment"]:
            yield *match.span(), None
        elif match["verb"]:
            line = text[place : place + 500].split("\n", maxsplit=1)[0]
            width = line.find(match["verb"])
            if width >= 0:
                place += width + 1
                yield match.start(), place, None
        elif match["off"] or match["name"] in _CODE or match["name"] in _PASSED:
            ending = "\\fi" if match["off"] else f"\\end{{{match['name']}}}"
            end = -1 if ending in endless else text.find(ending, place)
            if end < 0:
                endless.add(ending)
                continue
            block = _block(text, match, end, end + len(ending)) if match["name"] in _CODE else None
            place = end + len(ending)
            yield match.start(), place, block


def _block(text: str, begun: re.Match[str], stop: int, end: int) -> Block | None:
    options = _OPTIONS.match(text, begun.end(), stop)
    inner = options.end() if options else begun.end()
    named = _LANGUAGE.search(options["options"] or "") if options else None
    language = named.group(1) if named else options["language"] if options and options["language"] else ""
    if language.lower() in NOT_PYTHON:
        return None
    return Block(lines_of(text, inner, stop), begun.start(), end, begun["name"])
