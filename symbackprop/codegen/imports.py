"""What a generated module imports, and the functions that it carries along."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from functools import cache

LINALG = frozenset({"inv", "det", "slogdet"})


def carried(source: str, used: Iterable[str]) -> tuple[str, list[str]]:
    """The imports of a module that uses these names, and the functions that it carries along."""
    pieces, needs = _pieces(source)
    wanted: set[str] = set()
    stack = [name for name in used if name in pieces]
    while stack:
        top = stack.pop()
        if top not in wanted:
            wanted.add(top)
            stack.extend(name for name in needs[top] if name in pieces)
    lines = ["import math", ""] if any("math" in needs[name] for name in wanted) else []
    lines.append("import numpy as np")
    plain = sorted(name for name in used if name not in pieces and name not in LINALG)
    lines += _from("numpy", plain)
    lines += _from("numpy.linalg", sorted(name for name in used if name in LINALG))
    return "\n".join(lines), [text for name, text in pieces.items() if name in wanted]


@cache
def _pieces(source: str) -> tuple[dict[str, str], dict[str, set[str]]]:
    """The functions and constants of a file with the comments right before them, and the names that each uses."""
    pieces: dict[str, str] = {}
    needs: dict[str, set[str]] = {}
    lines = source.split("\n")
    for node in ast.parse(source).body:
        names: list[str] = []
        if isinstance(node, ast.FunctionDef):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            names = [t.id for t in node.targets if isinstance(t, ast.Name)]
        first = node.lineno - 1
        while first and lines[first - 1].startswith("#"):
            first -= 1
        for name in names:
            pieces[name] = "\n".join(lines[first : node.end_lineno])
            needs[name] = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return pieces, needs


def imports_of_numbers(imports: Iterable[str]) -> str:
    """The imports and aliases at the head of a module of numbers."""
    lines = sorted(imports, key=lambda line: (not line.startswith("from"), line))
    return "".join(f"{line}\n\n" for line in merged(lines))


def merged(lines: Sequence[str]) -> list[str]:
    """Imports from math as one line; whatever else there is after it."""
    start = "from math import "
    names = [line.removeprefix(start) for line in lines if line.startswith(start)]
    return _from("math", names) + [line for line in lines if not line.startswith(start)]


def _from(module: str, names: Sequence[str]) -> list[str]:
    """An import of these names, on as many lines as it takes."""
    if not names:
        return []
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= 120:
        return [line]
    rows, row = [], "   "
    for name in names:
        if len(row) + len(name) > 117:
            rows.append(row)
            row = "   "
        row += f" {name},"
    return [f"from {module} import (", *rows, row, ")"]


__all__ = ["LINALG", "carried", "imports_of_numbers", "merged"]
