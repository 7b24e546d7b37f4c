"""Names: what may be one, which name `W[0]` stands for, and which near ones to suggest."""

from __future__ import annotations

import ast
import builtins
import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from ..errors import ReadError, Span
from ..functions.shapes import listed

LONGEST_NAME = 64
LARGEST_INDEX = 1_000_000
_RULE = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")


def checked(name: str, what: str = "name", span: Span | None = None) -> str:
    """The name; ReadError if it is not letters, digits and single inner underscores, or is too long."""
    place = f"Line {span.line}: " if span else ""
    if not isinstance(name, str):
        raise ReadError(f"{place}a {what} is a string, not {name!r}.", remedy='Write it as `"W_1"`.', span=span)
    if len(name) > LONGEST_NAME:
        message = f"{place}the {what} `{name[:20]}...` has {len(name)} characters; at most {LONGEST_NAME} are allowed."
        raise ReadError(message, remedy="How it is printed is said by `latex=`.", span=span)
    if not _RULE.fullmatch(name):
        raise ReadError(
            f"{place}`{ascii(name)[1:-1]}` is no {what}: letters and digits, and single underscores between them, are.",
            remedy='Choose one such as `W_1`; how it is printed is said by `latex=r"..."`.',
            span=span,
        )
    return name


def near(name: str, known: Iterable[str]) -> list[str]:
    """Up to three of the known names that were probably meant, the nearest first."""
    known = sorted(set(known))
    same = [k for k in known if k.replace("_", "").lower() == name.replace("_", "").lower()]
    return list(dict.fromkeys([*same, *difflib.get_close_matches(name, known, n=3, cutoff=0.6)]))[:3]


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """`Did you mean `W_1`?`, or what to say if nothing is near."""
    found = [f"`{n}`" for n in near(name, known)]
    if not found:
        return otherwise
    return f"Did you mean {listed(found, 'or')}?"


def is_builtin(name: str) -> bool:
    """True for a name of Python's own, such as `open` or `__import__`."""
    return hasattr(builtins, name)


@dataclass(frozen=True, slots=True)
class Names:
    """What a subscript means where it stands.

    `plain`: names declared or defined without a subscript; `numbers`: names of integers; `loops`: loop variables.
    """

    plain: Collection[str]
    numbers: Mapping[str, int]
    loops: Mapping[str, int]

    def inside(self, variable: str, value: int) -> Names:
        """The names inside a loop, at one value of its variable."""
        return replace(self, loops={**self.loops, variable: value})

    def integer(self, node: ast.expr) -> int | None:
        """The value of an expression of integers and loop variables, else None."""
        match node:
            case ast.Constant(value=bool()):
                return None
            case ast.Constant(value=int(value)):
                return value if abs(value) <= LARGEST_INDEX else None
            case ast.Name(id=name):
                return self.loops.get(name, self.numbers.get(name))
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                positive = self.integer(inner)
                return None if positive is None else -positive
            case ast.BinOp(left=left, op=op, right=right):
                a, b = self.integer(left), self.integer(right)
                if a is None or b is None:
                    return None
                return _combined(op, a, b)
        return None

    def alias(self, node: ast.Subscript) -> str | None:
        """`W_0` for `W[0]`, `w_1_3` for `w[1, 3]`, where there is no array of that name and the positions are known."""
        if not isinstance(node.value, ast.Name) or node.value.id in self.plain:
            return None
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        numbers = [self.integer(item) for item in items]
        if not numbers or any(n is None or n < 0 for n in numbers):
            return None
        return "_".join([node.value.id, *map(str, numbers)])


def _combined(op: ast.operator, a: int, b: int) -> int | None:
    match op:
        case ast.Add():
            value = a + b
        case ast.Sub():
            value = a - b
        case ast.Mult():
            value = a * b
        case ast.FloorDiv() if b:
            value = a // b
        case ast.Mod() if b:
            value = a % b
        case _:
            return None
    return value if abs(value) <= LARGEST_INDEX else None
