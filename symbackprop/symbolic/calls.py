"""The functions that `sb.` exports, and an author's own: what they are called with becomes a function application."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import Any

import sympy as sp

from ..errors import ReadError
from ..expression import Expr
from ..functions import FUNCTIONS
from ..network import NamedFunction
from ..reading.names import checked, near
from ..tensor.size import Size
from .convert import to_expr
from .objects import apply, misfit
from .sizes import size_of, sympy_size

FUNCTION_NAMES = tuple(sorted({*FUNCTIONS, "rows"}))


def rows(b: Any, n: Any) -> Any:
    """The vector b (h) as each of n rows: `OneMatrix(n, 1) * b.T`, of shape (n, h)."""
    if not (isinstance(b, sp.MatrixExpr) and b.shape[1] == 1):
        raise misfit(b, "`sb.rows` repeats a vector.")
    return sp.OneMatrix(sympy_size(size_of(n)), 1) * b.T


def sympy_function(name: str) -> Callable[..., Any]:
    """The function of SymPy objects of that name; AttributeError, with near names, if there is none."""
    if name == "rows":
        return rows
    row = FUNCTIONS.get(name)
    if row is None:
        found = near(name, FUNCTION_NAMES)
        hint = f"; did you mean {' or '.join(found)}?" if found else ""
        raise AttributeError(f"symbackprop has no {name}{hint}")
    strings = [p.name for p in row.parameters if p.kind == "str"]

    def call(*args: Any, **options: Any) -> Any:
        given = list(args)
        for place, parameter in reversed(list(enumerate(row.parameters))):
            if parameter.name in strings and place < len(given) and isinstance(given[place], str):
                options[parameter.name] = given.pop(place)
        return apply(name, *given, **options)

    call.__name__ = call.__qualname__ = name
    call.__doc__ = f"{row.signature}\n\n{row.meaning}"
    return call


def named_function(own: NamedFunction) -> Callable[..., Any]:
    """An author's own function, to be called in expressions."""

    def call(*args: Any, **options: Any) -> Any:
        if own.target is None and len(args) != len(own.parameters):
            raise ReadError(f"{own.name} takes {len(own.parameters)} arguments, not {len(args)}.")
        return apply(own.target or own.name, *args, shown=own.name, **options)

    call.__name__ = call.__qualname__ = own.name
    return call


def own_function(meaning: Callable[..., Any], shapes: Mapping[str, tuple[Size, ...]]) -> tuple[tuple[str, ...], Expr]:
    """The parameters and the body of a Python function of numbers, found by calling it with symbols."""
    arguments = list(signature(meaning).parameters.values())
    if not arguments or any(
        a.kind not in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD) for a in arguments
    ):
        raise ReadError("A function of your own has plain arguments.", remedy="Write `lambda u, v: u * v`.")
    names = tuple(checked(a.name, "argument") for a in arguments)
    body = meaning(*(sp.Symbol(n, real=True) for n in names))
    return names, to_expr(body, {**shapes, **dict.fromkeys(names, ())})
