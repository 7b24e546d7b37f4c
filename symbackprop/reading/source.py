"""A network file's text before Python's parser sees it: what is refused at once, and where things stand in it.

The limits here are what makes recursion over one right-hand side safe, and what keeps hostile files cheap.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import ManyErrors, ReadError, Span, SymbackpropError

LONGEST_TEXT = 2_000_000  # characters: 40,000 equations need two thirds of that
MOST_LINES = 60_000  # and statements: a syntax tree takes a thousand times the memory of its text
MOST_ERRORS = 2_000  # that are told of one file
LONGEST_LINE = 5_000
LONGEST_STATEMENT = 5_000  # characters; CPython's parser refuses 6,000 levels on its own
LONGEST_NUMBER = 40
LARGEST_EXPONENT = 300
DEEPEST_BRACKETS = 50

_STRING_PREFIXES = frozenset({"r", "b", "f", "u", "br", "rb", "fr", "rf"})
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u061c\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<triple>\"\"\"[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*\"\"\" | '''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*''')
  | (?P<string>"[^"\\\n]*(?:\\.[^"\\\n]*)*" | '[^'\\\n]*(?:\\.[^'\\\n]*)*')
  | (?P<name>[A-Za-z_][A-Za-z_0-9]*)
  | (?P<number>(?:0[xXbBoO][0-9a-fA-F_]+ | (?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?))
  | (?P<open>[(\[{])
  | (?P<close>[)\]}])
  | (?P<quote>["'])
  | (?P<end>\n)
  | (?P<foreign>[^\x00-\x7f])
    """,
    re.VERBOSE | re.DOTALL,
)
_LEFT = re.compile(r"\s*([A-Za-z][A-Za-z_0-9]*)\s*(?=:|=[^=])")
_INSTEAD = {
    "−": "-", "–": "-", "×": "*", "·": "*", "∘": "*", "⊙": "*", "∗": "*", "÷": "/", "²": "**2", "³": "**3",
    "≤": "<=", "≥": ">=", "≠": "!=", "“": '"', "”": '"', "‘": "'", "’": "'", "…": "...", "√": "sqrt(...)",
    "∑": "sum(...)", "ᵀ": ".T", "⊤": ".T", "½": "1/2",
}  # fmt: skip  # a table


@dataclass(frozen=True, slots=True)
class Source:
    """A text with plain line ends that has passed `guarded`.

    `errors`: the places that no parser should see; `inner_lines`: lines that begin inside brackets or a string.
    """

    text: str
    lines: tuple[str, ...]
    ascii: bool
    errors: tuple[ReadError, ...]
    inner_lines: frozenset[int]

    def span(self, node: ast.AST) -> Span:
        """Where a syntax node stands; `ast` counts bytes, a Span counts characters."""
        # Every statement, expression and keyword has a place; the nodes that have none are never asked for it.
        line, column, end_line, end_column = node.lineno, node.col_offset, node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
        if not self.ascii:
            column, end_column = self._column(line, column), self._column(end_line, end_column)
        return Span(line, column + 1, end_line, end_column + 1)

    def _column(self, line: int, offset: int) -> int:
        return len(self.lines[line - 1].encode()[:offset].decode(errors="ignore"))

    def piece(self, node: ast.AST, longest: int = 60) -> str:
        """The source of a syntax node on one line, shortened if it is long."""
        return shortened(self.slice(self.span(node)), longest)

    def slice(self, span: Span) -> str:
        """The text of a span."""
        if span.line == span.end_line:
            return self.lines[span.line - 1][span.column - 1 : span.end_column - 1]
        first, last = self.lines[span.line - 1][span.column - 1 :], self.lines[span.end_line - 1][: span.end_column - 1]
        return "\n".join([first, *self.lines[span.line : span.end_line - 1], last])


def shortened(text: str, longest: int = 60) -> str:
    """The text on one line, with dots where it was cut."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 4].rstrip() + " ..."


def guarded(text: str) -> Source:
    """The text, ready for Python's parser.

    A byte order mark and any line ends are accepted. Letters other than ASCII outside strings and comments, a number
    that runs into a name (`2H`), a quote behind a name (`W'`) and numbers of absurd length are in `errors` of the
    result. Raises ReadError for a text that is too long or nested too deeply, or holds control characters.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > LONGEST_TEXT:
        raise ReadError(f"The text has {len(text):,} characters; at most {LONGEST_TEXT:,} are read.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if found := _CONTROL.search(text):
        raise _refused(text, found.start(), found.end(), f"{_code_point(found.group())} cannot be read.", "Delete it.")
    if text.count("\n") + text.count(";") > MOST_LINES:
        raise ReadError(
            f"The text has more than {MOST_LINES:,} lines or statements.",
            remedy="Write repeated layers with `for` over constants.",
            span=Span(1, 1, 1, 2),
        )
    lines = tuple(text.split("\n"))
    _check_lines(lines)
    if not text.isascii():
        _check_normal(lines)
    errors, inner_lines = _scanned(text)
    return Source(text, lines, text.isascii(), tuple(errors), frozenset(inner_lines))


def enough(errors: Sequence[SymbackpropError]) -> None:
    """Raise ManyErrors once there are more mistakes than anybody reads."""
    if len(errors) > MOST_ERRORS:
        told = sorted(errors, key=lambda e: (e.span.line, e.span.column) if e.span else (0, 0))
        more = ReadError(f"There are more than {MOST_ERRORS:,} mistakes; the rest was not looked at.")
        raise ManyErrors([*told[:MOST_ERRORS], more])


def left_name(line: str) -> str:
    """The name that a line defines, or nothing."""
    found = _LEFT.match(line)
    return found.group(1) if found else ""


def where(name: str, line: int) -> str:
    """How every message begins: `z_1 (line 11)`."""
    return f"{name} (line {line})" if name else f"Line {line}"


def _scanned(text: str) -> tuple[list[ReadError], set[int]]:
    """The errors in single tokens, at most one a line, and the lines that begin inside brackets or a string."""
    errors: list[ReadError] = []
    inner: set[int] = set()
    line, depth, begun, position = 1, 0, 0, 0
    while match := _TOKEN.search(text, position):
        kind, position = match.lastgroup, match.end()
        problem = None
        if kind == "open":
            depth += 1
            if depth > DEEPEST_BRACKETS:
                message = f"Brackets are nested more than {DEEPEST_BRACKETS} deep."
                raise _refused(text, match.start(), position, message, "Give the inner parts names of their own.")
        elif kind == "close":
            depth = max(depth - 1, 0)
        elif kind == "end":
            line += 1
            if depth:
                inner.add(line)
            if position - begun > LONGEST_STATEMENT:
                message = f"A statement of more than {LONGEST_STATEMENT:,} characters."
                raise _refused(text, begun, begun + 1, message, "Give its parts names of their own.")
            if not depth:
                begun = position
        elif kind == "triple":
            inner.update(range(line + 1, line + match.group().count("\n") + 1))
            line += match.group().count("\n")
            begun = position
        elif kind == "number":
            problem = _number_problem(text, match)
        elif kind in ("string", "quote"):
            problem = _quote_problem(text, match)
        elif kind == "foreign":
            problem = _foreign(text, match)
        if problem is not None:
            errors.append(problem)
            enough(errors)
            position = text.find("\n", match.start())
            if position < 0:
                break
    return errors, inner


def _check_lines(lines: tuple[str, ...]) -> None:
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            message = f"Line {number} has {len(line):,} characters; at most {LONGEST_LINE:,} are read."
            raise ReadError(message, remedy="Break it up.", span=Span(number, 1, number, 2))


def _check_normal(lines: tuple[str, ...]) -> None:
    """Two ways to write one letter must not be two letters: only composed (NFC) text is read."""
    for number, line in enumerate(lines, 1):
        if line.isascii() or unicodedata.is_normalized("NFC", line):
            continue
        composed = unicodedata.normalize("NFC", line)
        at = next((i for i, (a, b) in enumerate(zip(line, composed, strict=False)) if a != b), len(composed) - 1)
        mark = next((i for i in range(at, len(line)) if unicodedata.combining(line[i])), at)
        message = f"Line {number}: {_code_point(line[mark])} is not composed with its letter (the text is not NFC)."
        raise ReadError(message, remedy="Type the letter again.", span=Span(number, mark + 1, number, mark + 2))


def _number_problem(text: str, match: re.Match[str]) -> ReadError | None:
    digits = match.group()
    if len(digits) > LONGEST_NUMBER:
        message = f"A number of {len(digits):,} characters; at most {LONGEST_NUMBER} are read."
        return _refused(text, match.start(), match.end(), message, "")
    power = re.search(r"[eE]([+-]?[0-9_]+)$", digits)
    if power and digits[:2].lower() != "0x" and abs(int(power.group(1))) > LARGEST_EXPONENT:
        message = f"`{digits}` is out of range: exponents go to {LARGEST_EXPONENT}."
        return _refused(text, match.start(), match.end(), message, "")
    glued = re.compile(r"[A-Za-z_][A-Za-z_0-9]*").match(text, match.end())
    if not glued:
        return None
    message = f"`{digits}{glued.group()}` is neither a name nor a product."
    return _refused(text, match.start(), glued.end(), message, f"Write `{digits} * {glued.group()}`.")


def _quote_problem(text: str, match: re.Match[str]) -> ReadError | None:
    before = re.search(r"[A-Za-z_0-9.)\]]+$", text[max(0, match.start() - 70) : match.start()])
    if not before or before.group().lower() in _STRING_PREFIXES:
        return None
    name = before.group()
    remedy = "For a transpose write `.T`."
    if re.fullmatch(r"[A-Za-z]\w*", name):
        remedy = f'For the transpose write `{name}.T`; for another symbol, `{name}_prime` with `latex=r"{name}\'"`.'
    message = f"`{name}{match.group()[0]}`: a quote is no part of a name."
    return _refused(text, match.start() - len(name), match.start() + 1, message, remedy)


def _foreign(text: str, match: re.Match[str]) -> ReadError:
    letter = match.group()
    remedy = "Names are ASCII letters, digits and underscores."
    if letter in _INSTEAD:
        remedy = f"Write `{_INSTEAD[letter]}`."
    elif (plain := _greek_name(letter)) is not None:
        remedy = f"Write `{plain}`, which is printed as {letter}."
    elif (plain := unicodedata.normalize("NFKC", letter)).isascii() and plain.isprintable():
        remedy = f"Write `{plain}`."
    return _refused(text, match.start(), match.end(), f"{_code_point(letter)} cannot stand in a formula.", remedy)


def _greek_name(letter: str) -> str | None:
    """`delta` for δ, `Delta` for Δ; None for other letters."""
    words = unicodedata.name(letter, "").split()
    if len(words) == 4 and words[0] == "GREEK" and words[2] == "LETTER":
        name = {"LAMDA": "LAMBDA"}.get(words[3], words[3])
        return (
            "lam" if words[1] == "SMALL" and name == "LAMBDA" else name.lower() if words[1] == "SMALL" else name.title()
        )
    return None


def _code_point(letter: str) -> str:
    shown = f" `{letter}`" if letter.isprintable() and not unicodedata.combining(letter) else ""
    name = unicodedata.name(letter, "")
    return f"The character{shown} U+{ord(letter):04X}{f' ({name})' if name else ''}"


def _refused(text: str, start: int, end: int, message: str, remedy: str) -> ReadError:
    """The error at these positions of the text, with the line and what it defines in the message."""
    begin = text.rfind("\n", 0, start) + 1
    line = text.count("\n", 0, start) + 1
    column = start - begin + 1
    stop = text.find("\n", begin)
    who = where(left_name(text[begin : stop if stop >= 0 else None]), line)
    return ReadError(f"{who}: {message}", remedy=remedy, span=Span(line, column, line, column + end - start))
