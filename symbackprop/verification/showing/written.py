r"""An author's LaTeX as a formula to show: MathML and text, read by the allow-list of spellings, or None.

What is shown is written from the boxes, never from the source; what the reader does not know stays source, and whoever
shows it escapes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ...document import Math
from ...errors import ReadError
from ...notation.boxes.box import (
    COMMA,
    MINUS,
    PLUS,
    PRODUCT,
    RELATION,
    SCRIPT,
    SUM,
    THIN,
    Accent,
    Box,
    Fence,
    Fraction,
    Root,
    Row,
    Scripts,
    Table,
    Token,
    row,
)
from ...notation.boxes.commands import FRACTIONS, FUNCTIONS, LETTERS, MARKS, OPERATORS, RELATIONS
from ...notation.boxes.markup import box_mathml
from ...notation.boxes.parse import group, parse_latex
from ...notation.boxes.plain import box_text
from ...notation.boxes.width import width

LONGEST = 4_000  # characters
MOST_TABLES = 20

_TOKEN = re.compile(
    r"\\(?:text\w*|math\w*|operatorname\*?|mbox)\s*\{[^{}]*\}|\\[A-Za-z]+\*?|\\.|[A-Za-z]+|[0-9]+|\s+|.", re.DOTALL
)
_PRIME = re.compile(r"\^\s*\{\s*('+)\s*\}")
_FUNCTIONS = FUNCTIONS | {
    "softmax",
    "sigmoid",
    "relu",
    "ReLU",
    "diag",
    "vec",
    "tr",
    "Tr",
    "trace",
    "sign",
    "sgn",
    "erf",
}
_SILENT = {
    *("left", "right", "middle", "big", "bigl", "bigr", "bigg", "biggl", "biggr", "Big", "Bigl", "Bigr", "Bigg"),
    *("Biggl", "Biggr", "displaystyle", "textstyle", "limits", "nolimits", "nonumber", "notag", "hfill"),
}
_LABELS = re.compile(r"\\(?:label|tag\*?|intertext|hspace\*?|vspace\*?)\s*\{[^{}]*\}")
_TABLE = re.compile(
    r"\\begin\{(p?matrix|bmatrix|smallmatrix|cases|array|aligned|split)\}(?:\[\w\])?((?:(?!\\begin\{).)*?)\\end\{\1\}",
    re.DOTALL,
)
_COLON = Token(":", ":", "relation")
_DEFINED = Token(":=", ":=", "relation")
_COLUMNS = re.compile(r"\s*\{[lcr| ]*\}")
_HELD = re.compile(r"\\mathtt\{tab([0-9]+)\}")
_OTHER = {
    "’": "'", "′": "'", "−": "-", "×": r"\times ", "·": r"\cdot ", "ᵀ": "^T", "⊤": r"\top ", "²": "^2", "³": "^3",
    "∗": "*", "Σ": r"\Sigma ", "∑": r"\sum ", "\u00a0": " ",
}  # fmt: skip  # a table
_COMMANDS: dict[str, str] = {
    character: rf"\{name} "
    for table in (RELATIONS, OPERATORS, MARKS, LETTERS)
    for name, character in table.items()
    if not character.isascii()
} | _OTHER


def written(latex: str) -> Math | None:
    """The formula as its author wrote it, None where it holds something that the reader of spellings does not know."""
    box = _read(latex)
    return None if box is None else Math(latex, box_mathml(box), box_text(box))


def shrunk(latex: str, room: float) -> float:
    """How much smaller the formula must be set to fit `room` em: 1 if it fits, or is no formula."""
    box = _read(latex)
    return 1.0 if box is None else min(1.0, room / max(width(box), 1.0))


def one_line(latex: str, ascii_only: bool = False) -> str:
    """The formula as a line of text; its source where it cannot be read."""
    box = _read(latex)
    return " ".join(latex.split()) if box is None else box_text(box, ascii_only=ascii_only)


@lru_cache(maxsize=4096)
def _read(latex: str) -> Box | None:
    if len(latex) > LONGEST:
        return None
    try:
        return _box(latex)
    except ReadError:
        return None


def _box(latex: str) -> Box:
    """The boxes, matrices and cases included. Raises ReadError."""
    tables: list[Box] = []
    text = "".join(_COMMANDS.get(c, c) for c in _LABELS.sub("", latex))
    while found := _TABLE.search(text):
        if len(tables) == MOST_TABLES:
            raise ReadError(f"More than {MOST_TABLES} tables in one formula.")
        tables.append(_table(found[1], found[2], tables))
        text = rf"{text[: found.start()]}\mathtt{{tab{len(tables) - 1}}}{text[found.end() :]}"
    return _whole(text, tables)


def _whole(text: str, tables: list[Box]) -> Box:
    plain = _plain(text)
    return _finished(parse_latex(plain, longest=2 * LONGEST), tables) if plain else THIN


def _plain(text: str) -> str:
    r"""A formula as a spelling: without alignment, sizes of brackets and a full stop; `\frac12` with its braces."""
    out: list[str] = []
    wanted = 0  # bare digits that are arguments
    sized = False
    for found in _TOKEN.finditer(_PRIME.sub(r"\1", text)):
        piece = found.group()
        name = piece[1:].rstrip("*") if piece[0] == "\\" else ""
        if piece in ("&", "\\\\", "~") or piece.isspace():
            out.append(" ")
        elif name in _SILENT:
            sized = True
        elif sized and piece.startswith("."):  # \left. is no bracket at all
            sized = False
        elif piece.isdecimal() and wanted:
            out += [f"{{{digit}}}" for digit in piece[:wanted]]
            out.append(piece[wanted:])
            wanted = max(wanted - len(piece), 0)
        else:
            out.append(_word(piece, name))
            wanted = 2 if name in FRACTIONS else 1 if piece in "_^" else max(wanted - 1, 0)
            sized = False
    return "".join(out).strip().rstrip(".,;").rstrip()


def _word(piece: str, name: str) -> str:
    """A piece as the reader knows it: `tanh` without its backslash is a function, too."""
    if piece in _FUNCTIONS:
        return rf"\operatorname{{{piece}}}"
    if name.startswith(("mbox", "operatorname*")):
        return piece.replace("mbox", "text", 1).replace("operatorname*", "operatorname", 1)
    return piece


def _table(kind: str, body: str, tables: list[Box]) -> Box:
    """A matrix, cases, or lines of an aligned formula."""
    if kind == "array":
        body = _COLUMNS.sub("", body, count=1)
    cells = [[_whole(cell, tables) for cell in _cells(line)] for line in _lines(body)]
    if kind in ("aligned", "split"):
        return row([cell for line in cells for cell in line], RELATION)
    return Table("cases" if kind == "cases" else "pmatrix", tuple(map(tuple, cells)))


def _lines(body: str) -> Iterator[str]:
    for line in re.split(r"\\\\(?:\[[^\]]*\])?", body.replace(r"\hline", "")):
        if line.strip():
            yield line


def _cells(line: str) -> list[str]:
    return re.split(r"(?<!\\)&", line)


def _finished(box: Box, tables: Sequence[Box], lowered: bool = False) -> Box:
    """Tables in their places, and signs set apart as our own printers do; the depth is bounded by the reader's."""
    if isinstance(box, Token):
        found = _HELD.fullmatch(box.latex)
        return tables[int(found[1])] if found and int(found[1]) < len(tables) else box
    if isinstance(box, Scripts):
        sub, sup = (None if part is None else _finished(part, tables, True) for part in (box.sub, box.sup))
        return Scripts(_finished(box.base, tables, lowered), sub, sup)
    if isinstance(box, Fraction):
        return Fraction(_finished(box.top, tables, lowered), _finished(box.bottom, tables, lowered))
    if isinstance(box, Root):
        return Root(_finished(box.body, tables, lowered))
    if isinstance(box, Fence):
        return Fence(box.left, box.right, _finished(box.body, tables, lowered))
    if isinstance(box, Accent):
        return Accent(box.command, _finished(box.body, tables, True))
    if isinstance(box, Table):
        return box
    items = [_finished(item, tables, lowered) for item in box.items]
    return box._replace(items=tuple(items), tall=any(item.tall for item in items)) if lowered else _apart(items)


def _apart(items: list[Box]) -> Box:
    """Items of a row, grouped by what stands between them: relations and commas first, then + and -, then factors."""
    parts: list[Box] = []
    current: list[Box] = []
    level = PRODUCT
    for item in items:
        if isinstance(item, Token) and item.kind in ("relation", "punct"):
            parts += [*_sum(current), COMMA if item.text == "," else item]
            if item.text == "=" and parts[-2:-1] == [_COLON]:
                parts[-2:] = [_DEFINED]
            current, level = [], RELATION
        else:
            current.append(item)
    parts += _sum(current)
    if level != RELATION and any(part in (PLUS, MINUS) for part in parts):
        level = SUM
    return row(parts, level)


def _sum(items: list[Box]) -> list[Box]:
    """Terms and the signs between them; a sign at the beginning stays with its term."""
    parts: list[Box] = []
    lead: Box | None = None
    current: list[Box] = []
    for item in (*items, None):
        if item is not None and item not in (PLUS, MINUS):
            current.append(item)
            continue
        if current:
            term = _factors(current)
            parts.append(term if lead is None else Row((lead, term), PRODUCT, term.tall, tight=True))
            parts += [] if item is None else [item]
            current, lead = [], None
        elif lead is None and item is not None:
            lead = item
        elif item is not None:
            parts.append(item)
    return [*parts, lead] if lead is not None else parts


def _factors(items: list[Box]) -> Box:
    """Factors side by side; a name and the bracket behind it belong together."""
    found: list[Box] = []
    for item in items:
        last = found[-1] if found else None
        if isinstance(item, Fence) and item.left in "([" and last is not None and _name(last):
            found[-1] = Row((last, item), SCRIPT, item.tall, tight=True)
        else:
            found.append(item)
    if len(found) > 1 and all(isinstance(item, Fence) for item in found[1:]):
        return row(found, PRODUCT)
    return group(found)


def _name(box: Box) -> bool:
    while isinstance(box, Scripts):
        box = box.base
    if not isinstance(box, Token):
        return False
    return box.kind in ("letter", "word", "function", "big") or (box.kind == "number" and not box.text.isascii())
