"""From a guarded text to Python statements; where Python's parser refuses a statement, our words for what is wrong.

Statements are independent: one that cannot be parsed does not hide the mistakes in the others.
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from dataclasses import dataclass, field

from ..errors import ReadError, Span
from .draft import LOSS
from .source import Source, enough, left_name, where

# What to write instead of a Greek letter, or a word of notation, that Python reserves.
INSTEAD_OF = {"lambda": "lam"}
_RESERVED = frozenset(keyword.kwlist)
_BEGINS_STATEMENT = re.compile(
    r"(for|def|class|import|from|while|if|with|notation)\b|[A-Za-z]\w*(\s*\[[^\]]*\])?\s*(:|=[^=])"
)
_WORDS = "|".join(sorted(_RESERVED - {"for", "in", "None", "True", "False"}))
_KEYWORD_USED = re.compile(rf"(?<![\w.])({_WORDS})(?!\w)")
_LEFT = re.compile(r"([^:=(\[{#\"]*?)['\s]*(?::|=[^=])")
_NAME = re.compile(r"[A-Za-z_]\w*")
_MARKED = re.compile(r":\s*loss\b")
_SIDE_BY_SIDE = re.compile(r"([A-Za-z_]\w*|[\d.]+|[)\]])[ \t]+([A-Za-z_]\w*|\d[\d.]*|\()")


@dataclass(slots=True)
class Parsed:
    """The statements of a file in order; `errors` for those that could not be read, `broken` the names they define."""

    statements: list[ast.stmt]
    errors: list[ReadError] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)


def parse(source: Source) -> Parsed:
    """The statements of a text. Nothing is executed, and no mistake raises: all are in `errors`."""
    if not source.errors:
        try:
            return Parsed(_tree(source.text))
        except (SyntaxError, RecursionError, MemoryError):
            pass
    parsed = Parsed([], list(source.errors))
    bad = {error.span.line for error in source.errors if error.span}
    for first, text in _chunks(source):
        lines = range(first, first + text.count("\n") + 1)
        if not bad.isdisjoint(lines):
            parsed.broken.update(_defined(text))
            continue
        try:
            statements = _tree(text)
        except SyntaxError as error:
            parsed.errors.append(_explained(source, first, text, error))
            enough(parsed.errors)
            parsed.broken.update(_defined(text))
        except (RecursionError, MemoryError):
            message = f"{where(left_name(text), first)}: the formula is nested too deeply."
            parsed.errors.append(ReadError(message, remedy="Name its parts.", span=Span(first, 1, first, 2)))
            parsed.broken.update(_defined(text))
        else:
            for statement in statements:
                ast.increment_lineno(statement, first - 1)
            parsed.statements += statements
    return parsed


def _tree(text: str) -> list[ast.stmt]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "\g" in a string: the readers of strings have their own opinion of it
        return ast.parse(text).body


def _chunks(source: Source) -> list[tuple[int, str]]:
    """Line number and text of each statement, found by its first line: unindented, and no bracket or string is open."""
    starts: list[int] = []
    for number, text in enumerate(source.lines, 1):
        first = not starts and bool(text.strip())
        begins = bool(text) and not text[0].isspace() and text[0] != "#"
        if first or (begins and (number not in source.inner_lines or _BEGINS_STATEMENT.match(text))):
            starts.append(number)
    ends = [*starts, len(source.lines) + 1][1:]
    return [(a, "\n".join(source.lines[a - 1 : b - 1])) for a, b in zip(starts, ends, strict=True)]


def _defined(text: str) -> set[str]:
    """The names that a statement which cannot be read would have defined, and LOSS if it was to be one."""
    found = {name for line in text.split("\n") if (m := _LEFT.match(line)) for name in _NAME.findall(m.group(1))}
    return found | ({LOSS} if _MARKED.search(text) else set())


def _explained(source: Source, first: int, text: str, error: SyntaxError) -> ReadError:
    """Python's complaint in words about networks."""
    line = first + (error.lineno or 1) - 1
    column = max(error.offset or 1, 1)
    width = len(source.lines[line - 1]) if line <= len(source.lines) else 0
    column = min(column, width + 1)
    end = error.end_offset if error.end_offset and error.end_lineno == error.lineno else column + 1
    span = Span(line, column, line, max(end, column + 1))
    shown = source.lines[line - 1] if line <= len(source.lines) else ""
    who = left_name(text)
    place = where("" if who in _RESERVED else who, line)
    said = (error.msg or "").removesuffix(".")

    if reserved := _KEYWORD_USED.search(_without_strings(shown)):
        word = reserved.group(1)
        at = Span(line, reserved.start() + 1, line, reserved.end() + 1)
        return ReadError(f"{place}: {reserved_word(word)[0]}", remedy=reserved_word(word)[1], span=at)
    if "only single target" in said:
        names = [part.strip(" ()") for part in shown.split(":")[0].split(",")]
        remedy = f"Declare {', '.join(f'`{n}`' for n in names[:-1])} and `{names[-1]}` on lines of their own."
        return ReadError(f"Line {line}: one declaration is for one name.", remedy=remedy, span=span)
    left = shown.split("=")[0].split(":")[0].strip()
    spaced = re.fullmatch(r"\w+(\s+\w+)+", left) is not None
    if not who and left != shown.strip() and (spaced or not re.fullmatch(r"[\w\[\], .()@*+-]*", left)):
        message = f"Line {line}: `{left}` is no name: letters and digits, and single underscores between them, are."
        return ReadError(
            message, remedy='Choose one such as `W_1`; how it is printed is said by `latex=r"..."`.', span=span
        )
    if "illegal target for annotation" in said or "cannot assign to" in said:
        message = f"Line {line}: `{left}` is not the name of a symbol or a node."
        return ReadError(message, remedy="Write a name on the left: `z_1 = ...` or `z_1: input(d)`.", span=span)
    if "never closed" in said or "unmatched" in said or "does not match" in said:
        return ReadError(f"{place}: {said.replace(chr(39), '`')}.", remedy="Check the brackets.", span=span)
    if "indent" in said:
        return ReadError(f"Line {line}: {said}.", remedy="Only the lines inside a `for` are indented.", span=span)
    if "unterminated" in said:
        return ReadError(f"{place}: a string has no end on its line.", remedy="Close the quote.", span=span)
    if pair := _SIDE_BY_SIDE.search(_without_strings(shown)):
        a, b = pair.group(1), pair.group(2)
        message = f"{place}: `{pair.group()}` stand side by side without a sign."
        remedy = f"Write `{a} @ {b}` for a matrix product, `{a} * {b}` entry by entry."
        if not (a[0].isalpha() and b[0].isalpha()):
            remedy = f"Write `{a} * {b}`."
        return ReadError(message, remedy=remedy, span=Span(line, pair.start() + 1, line, pair.end() + 1))
    return ReadError(
        f"{place}: `{shown.strip()[:60]}` is not Python's syntax ({said}).",
        remedy="Write `name: role(sizes)` for a symbol, `name = formula` for a node.",
        span=span,
    )


def reserved_word(word: str) -> tuple[str, str]:
    """What is wrong with a Python keyword as a name, and what to do."""
    name = INSTEAD_OF.get(word, f"{word}_1")
    prints = " (it is printed as λ)" if word == "lambda" else f' with `latex=r"{word}"`'
    remedy = f'Call it `{name}`{prints}, or declare `{word}` in Python: `net.parameter("{word}")`.'
    return f"`{word}` is a reserved word of Python, so a network file cannot have it as a name.", remedy


def _without_strings(line: str) -> str:
    """The line with the inside of strings, and comments, blanked out; columns stay."""
    blank = re.sub(
        r"\"[^\"\\]*(?:\\.[^\"\\]*)*\"|'[^'\\]*(?:\\.[^'\\]*)*'", lambda m: '"' + " " * (len(m[0]) - 2) + '"', line
    )
    return re.sub(r"#.*", lambda m: " " * len(m[0]), blank)
