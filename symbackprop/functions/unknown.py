"""Errors for names that nothing stands behind, with the names that are near."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from ..errors import UnknownName
from ..expression import Call, Expr
from .shapes import listed
from .table import Function


def unknown(name: str, known: Iterable[str], functions: Mapping[str, Function], expr: Expr) -> UnknownName:
    """The error for a name that nothing declares, with those that are near."""
    known = list(known)
    plain = name.lower().replace("_", "")
    alike = [k for k in known if k.lower().replace("_", "") == plain]
    near = list(dict.fromkeys([*alike, *get_close_matches(name, sorted(known), n=3, cutoff=0.6)]))
    if name in functions and not alike:
        remedy = f"The function needs its arguments: `{functions[name].signature}`."
    elif near:
        remedy = f"Did you mean {listed_names(near)}?"
    else:
        remedy = f"Declare it, for example `{name}: parameter()`, or define it by an equation."
    return UnknownName(f"`{name}` is neither declared nor defined by an equation.", remedy=remedy, span=expr.span)


def unknown_function(call: Call, functions: Iterable[str]) -> UnknownName:
    """The error for a function that is not in the table, with those that are near."""
    near = get_close_matches(call.function, sorted(functions), n=3, cutoff=0.6)
    remedy = f"Did you mean {listed_names(near)}?" if near else "Name one with `f: function(lambda u: ...)`."
    return UnknownName(f"`{call.function}` is not a function that is known here.", remedy=remedy, span=call.span)


def listed_names(names: Sequence[str]) -> str:
    """`a`, `b` or `c`."""
    return listed([f"`{name}`" for name in names], "or")
