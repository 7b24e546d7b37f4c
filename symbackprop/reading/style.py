"""`notation(layers="[l]", vectors="bold", ...)`: how a whole document is written."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import ReadError, SymbackpropError
from ..notation.boxes.lexemes import read_macros
from ..notation.boxes.parse import check_latex
from ..notation.spelling import Style
from .expressions import Reader
from .files import read_text
from .names import did_you_mean

CHOICES: Mapping[str, tuple[object, ...]] = {
    "layers": ("_", "[l]", "(l)"),
    "vectors": ("plain", "bold"),
    "matrices": ("plain", "bold"),
    "gradient": ("delta", "partial", "nabla"),
    "index_base": (0, 1),
}
SIGNS = ("transpose", "hadamard")
OPTIONS = (*CHOICES, *SIGNS, "macros")


def styled(options: Mapping[str, object], style: Style, place: str = "notation", folder: Path | None = None) -> Style:
    """The style with these options changed.

    Raises ReadError for an option that there is not, a value that it does not take, or a file of macros that is not to
    be had: `macros` names a file in the folder of the network, or is a mapping of names to bodies.
    """
    changed: dict[str, Any] = {}
    for name, value in options.items():
        if name in CHOICES:
            if value not in CHOICES[name] or isinstance(value, bool):
                shown = " or ".join(f"`{name}={_written(c)}`" for c in CHOICES[name])
                raise ReadError(f"{place}: `{name}=` does not take {_written(value)}.", remedy=f"Write {shown}.")
            changed[name] = value
        elif name in SIGNS:
            if not isinstance(value, str):
                raise ReadError(f"{place}: `{name}=` is LaTeX in quotes.", remedy=f'Write `{name}=r"..."`.')
            check_latex(value)
            changed[name] = value
        elif name == "macros":
            changed[name] = dict(value) if isinstance(value, Mapping) else _macros(value, place, folder)
        else:
            remedy = did_you_mean(name, OPTIONS, f"There are {', '.join(f'`{o}=`' for o in OPTIONS)}.")
            raise ReadError(f"{place}: `{name}=` says nothing about notation.", remedy=remedy)
    return replace(style, **changed)


def _written(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _macros(value: object, place: str, folder: Path | None) -> dict[str, str]:
    """The macros of a file beside the network: no path leads out of its folder."""
    if not isinstance(value, str) or not value or Path(value).name != value or value in (".", "..") or "\\" in value:
        remedy = 'Put the file beside the network and write `macros="macros.tex"`.'
        raise ReadError(f"{place}: `macros=` is the name of a file in the network's folder.", remedy=remedy)
    if folder is None:
        remedy = "Save the network in a file, beside the file of macros."
        raise ReadError(
            f"{place}: the network was not read from a file, so there is no `{value}` beside it.", remedy=remedy
        )
    return read_macros(read_text(folder / value))


def read_style(call: ast.Call, reader: Reader, style: Style, folder: Path | None) -> Style:
    """The style that a line `notation(...)` sets."""
    if call.args:
        raise reader.refuse(call, "`notation` takes keywords.", 'Write `notation(layers="[l]")`.')
    for key in call.keywords:
        if key.arg is None or not isinstance(key.value, ast.Constant):
            raise reader.refuse(key, f"`{key.arg or '**'}=` takes a string or a number.")
        try:
            style = styled({key.arg: key.value.value}, style, reader.place, folder)
        except SymbackpropError as error:
            raise type(error)(error.message, remedy=error.remedy, span=reader.source.span(key)) from None
    return style
