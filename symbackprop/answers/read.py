"""From a file or a string to an answer: its formulas and its code in order, each with what was said around it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

from ..errors import ReadError, Span
from . import bare, notebook
from .code import Block, pieces, program
from .files import READ, SUFFIXES, check_text, file_text
from .formulas import Formulas, formula
from .found import Findings, Found
from .headings import headings, paths
from .latex import document, is_bare, without_comment_lines
from .macros import Macros
from .mapped import DROPPED, drop
from .markdown import FORMULA, LATEX, Fence, masked
from .passage import Answer, Passage
from .places import Places
from .python import does_something, is_code, tree

MOST_FENCES = 3_000  # of one answer
LONGEST_PROSE = 1_000  # characters that are kept of what stands before and after a passage

_NETWORK = re.compile(
    r"^\ufeff?[ \t]*(?:%+|<!--|#+|//)[ \t]*network:[ \t]*([^\s<>]{1,200})", re.MULTILINE | re.IGNORECASE
)


def read_answer(source: str | Path, *, name: str | None = None) -> Answer:
    """The formulas and the code of a .tex, .md, .txt, .py or .ipynb file; `name` is what it is called in reports.

    Positions are code points of the file's text, in which CRLF counts as two and a byte order mark does not count.
    Raises ReadError for a file that is not text, and for what `answer_of_text` refuses.
    """
    path = Path(source)
    text, suffix = file_text(path)
    return answer_of_text(text, suffix=suffix or _kind(text), name=str(path) if name is None else name)


def answer_of_text(text: str, *, suffix: str = ".tex", name: str = "formula") -> Answer:
    """The formulas and the code of a text of this kind; a .tex without any delimiters is a formula itself.

    Nothing in it is executed. Raises ReadError for a text that is empty, holds no characters, is too long, or whose
    macros expand without end; for a notebook that is none; for a suffix that is not read. What could not be read
    within a good text is in `refused` of the result.
    """
    kind = SUFFIXES.get(suffix.lower())
    if kind is None:
        raise ReadError(f"{name} is of no kind that is read here (`{suffix[:20]}`).", remedy=READ)
    if kind == ".ipynb":
        text, cells = notebook.cells(text.removeprefix("\ufeff"), name)
        check_text(text, name)
        return _notebook(text, cells, name)
    check_text(text, name)
    if kind == ".py" or (kind in (".txt", ".md") and is_code(text)):
        return _assemble(name, text, Findings(program(text)), DROPPED * len(text), tex=False)
    return _latex(text, name) if kind == ".tex" else _markdown(text, name)


def _kind(text: str) -> str:
    """What a file without a suffix is."""
    return ".py" if is_code(text) else ".tex" if "\\documentclass" in text[:5_000] else ".md"


def _latex(text: str, name: str) -> Answer:
    page, places, findings = document(text), Places(text), Findings()
    macros = Macros(places)
    if is_bare(page.masked) and not page.blocks:
        findings.found = bare.formulas(without_comment_lines(text).replace("\ufeff", DROPPED), 0, len(text), macros)
        return _assemble(name, text, findings, DROPPED * len(text), tex=True)
    reader = Formulas(page.masked, macros, places, findings, tex=True)
    reader.define(0, page.body[0])
    reader.scan(*page.body)
    findings.found += pieces(page.blocks, page.masked, pages=False)
    return _assemble(name, text, findings, page.masked, tex=True, body=page.body)


def _markdown(text: str, name: str) -> Answer:
    left, fences = masked(text)
    places, findings = Places(text), Findings()
    macros = Macros(places)
    left = _fenced(text, left, fences, macros, findings)
    Formulas(left, macros, places, findings, tex=False).scan(0, len(text))
    if not findings.found and not findings.refused and not fences:
        findings.found = bare.lines_with_formulas(left, 0, len(text), macros)
    findings.found += pieces([f.block(text) for f in fences if f.is_code], left)
    return _assemble(name, text, findings, left, tex=False)


def _notebook(text: str, cells: Sequence[notebook.Cell], name: str) -> Answer:
    places, findings = Places(text), Findings()
    macros = Macros(places)
    left, fences, blocks = DROPPED * len(text), list[Fence](), list[Block]()
    shown: list[str] = []
    for cell in cells:
        source = text[cell.start : cell.end]
        prose = DROPPED * len(source)
        if cell.kind == "markdown":
            prose, inside = masked(source)
            fences += [fence.shifted(cell.start) for fence in inside]
        elif cell.kind == "code":
            findings.found += _cell_code(text, cell)
        shown += [prose, notebook.BETWEEN]
    left = _fenced(text, "".join(shown)[: len(text)], fences, macros, findings)
    reader = Formulas(left, macros, places, findings, tex=False)
    for cell in cells:
        if cell.kind == "markdown":
            reader.scan(cell.start, cell.end)
    blocks = [f.block(text) for f in fences if f.is_code]
    findings.found += pieces(blocks, left)
    return _assemble(name, text, findings, left, tex=False, cells=cells)


def _cell_code(text: str, cell: notebook.Cell) -> list[Found]:
    source = notebook.without_magic(text[cell.start : cell.end])
    module = tree(source)
    if not source.strip() or (module is not None and not does_something(module)):
        return []
    return [
        Found("code", cell.start, cell.end, made.text, tuple(cell.start + place for place in made.origin))
        for made in program(source)
    ]


def _fenced(text: str, left: str, fences: Sequence[Fence], macros: Macros, findings: Findings) -> str:
    """Take up the formulas in fences; those with their own delimiters are put back into what is left of the text."""
    if len(fences) > MOST_FENCES:
        span = macros.places.span(fences[MOST_FENCES].start, fences[MOST_FENCES].start + 1)
        message = f"Line {span.line}: there are more than {MOST_FENCES:,} fences."
        raise ReadError(message, remedy="Split the answer.", span=span)
    for fence in fences:
        first, last = fence.inner
        if not fence.closed:
            span = macros.places.span(fence.start, first)
            findings.refused.append(
                (span, f"Line {span.line}: the fence has no end; all that follows was read as code.")
            )
        if fence.language in FORMULA:
            content = text[first:last]
            findings.found += formula(
                content, list(range(first, last)), macros, (fence.start, fence.end), "```", display=True
            )
        elif fence.language in LATEX and is_bare(text[first:last]):
            findings.found += bare.formulas(text, first, last, macros)
        elif fence.language in LATEX:
            left = left[:first] + text[first:last] + left[last:]
    return left


def _assemble(
    name: str,
    text: str,
    findings: Findings,
    left: str,
    *,
    tex: bool,
    body: tuple[int, int] | None = None,
    cells: Sequence[notebook.Cell] = (),
) -> Answer:
    places = Places(text)
    found = sorted(findings.found, key=lambda f: (f.start, f.end))
    prose = drop(left, _disjoint([(f.start, f.end) for f in found]))
    parts = paths(headings(prose, places, tex=tex))
    part_places = [place for place, _ in parts]
    networks = [(m.start(), m.group(1).removesuffix("-->")) for m in _NETWORK.finditer(text)]
    network_places = [place for place, _ in networks]
    cell_places = [cell.start for cell in cells]
    first, last = body or (0, len(text))
    ends = [first, *(f.end for f in found)]
    starts = [*(f.start for f in found), last]
    made = []
    for number, item in enumerate(found):
        part = bisect_right(part_places, item.start)
        chosen = bisect_right(network_places, item.end if item.kind == "code" else item.start)
        made.append(
            Passage(
                kind=item.kind,
                text=item.text,
                origin=item.origin,
                line=places.line(item.origin[0]),
                cell=cells[bisect_right(cell_places, item.start) - 1].number if cells else None,
                part=parts[part - 1][1] if part else "",
                network=networks[chosen - 1][1] if chosen else "",
                before=_plain(prose[max(ends[number], item.start - LONGEST_PROSE) : item.start]),
                after=_plain(prose[item.end : min(starts[number + 1], item.end + LONGEST_PROSE)]),
                display=item.display,
                environment=item.environment,
                uses=item.uses,
            )
        )
    return Answer(name, text, tuple(made), tuple(_in_order(findings.refused)))


def _plain(prose: str) -> str:
    return prose.replace(DROPPED, "").replace("\r\n", "\n").strip()


def _disjoint(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    for start, end in spans:
        begin = max(start, made[-1][1] if made else 0)
        if end > begin:
            made.append((begin, end))
    return made


def _in_order(refused: Sequence[tuple[Span | None, str]]) -> list[tuple[Span | None, str]]:
    return sorted(refused, key=lambda r: (r[0].line, r[0].column) if r[0] else (0, 0))
