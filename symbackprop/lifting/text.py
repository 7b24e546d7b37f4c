"""Python source before it is read: limits that keep hostile texts cheap, and where things stand in it.

Nothing here or after it runs the text; what makes recursion over one statement safe is decided here.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence

from ..errors import ReadError, Span
from ..reading.source import Source, guarded

LONGEST_CODE = 400_000  # characters
DEEPEST = 60  # levels of nesting in one statement; a chain of operators counts once
MOST_NODES = 60_000


def parsed(cells: Sequence[str]) -> tuple[Source, list[ast.stmt], list[ReadError]]:
    """The statements of all cells, placed in the cells joined by line ends, and what could not be read.

    Raises ReadError for a text that is too long, nested too deeply, or holds control characters.
    """
    whole = guarded(checked_length("\n".join(cells)))
    statements: list[ast.stmt] = []
    errors: list[ReadError] = []
    before, bad = 0, {e.span.line: e for e in whole.errors if e.span is not None}
    for cell in cells:
        text = cell.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
        lines = range(before + 1, before + 2 + text.count("\n"))
        inside = [bad[n] for n in lines if n in bad]
        if inside:
            errors += inside
        else:
            try:
                statements += _tree(text, before)
            except ReadError as error:
                errors.append(error)
        before = lines[-1]
    return whole, statements, errors


def checked_length(text: str) -> str:
    """The text; ReadError if there is too much of it."""
    if len(text) > LONGEST_CODE:
        message = f"The code has {len(text):,} characters; at most {LONGEST_CODE:,} are read."
        raise ReadError(message, remedy="Hand in the part with the gradients.", span=Span(1, 1, 1, 2))
    return text


def _tree(text: str, before: int) -> list[ast.stmt]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "\g" in a string is nobody's business here
            tree = ast.parse(text)
    except SyntaxError as error:
        line = before + (error.lineno or 1)
        column = max(error.offset or 1, 1)
        said = (error.msg or "it is not Python").removesuffix(".")
        message = f"Line {line}: this is not Python's syntax ({said})."
        raise ReadError(message, remedy="Run the file once.", span=Span(line, column, line, column + 1)) from None
    except (RecursionError, MemoryError, ValueError):
        message = f"Line {before + 1}: the code is nested too deeply to be read."
        span = Span(before + 1, 1, before + 1, 2)
        raise ReadError(message, remedy="Give its parts names.", span=span) from None
    _check_depth(tree, before)
    for statement in tree.body:
        ast.increment_lineno(statement, before)
    return tree.body


def _check_depth(tree: ast.Module, before: int) -> None:
    """Raise ReadError for code that is nested too deeply, or has too many parts; iterative."""
    stack: list[tuple[ast.AST, int]] = [(tree, 0)]
    seen = 0
    while stack:
        node, depth = stack.pop()
        seen += 1
        line = before + getattr(node, "lineno", 1)
        if depth > DEEPEST or seen > MOST_NODES:
            what = "is nested too deeply" if depth > DEEPEST else f"has more than {MOST_NODES:,} parts"
            span = Span(line, getattr(node, "col_offset", 0) + 1, line, getattr(node, "col_offset", 0) + 2)
            raise ReadError(f"Line {line}: the code {what}.", remedy="Give its parts names.", span=span)
        for child in ast.iter_child_nodes(node):
            chained = isinstance(node, ast.BinOp) and child is node.left and isinstance(child, ast.BinOp)
            stack.append((child, depth if chained else depth + 1))
