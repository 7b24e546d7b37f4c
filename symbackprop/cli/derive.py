"""`symbackprop derive`: what follows from a network, printed or written as files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from . import sources
from .diagnostics import refusing
from .models import read_model
from .terminal import say

if TYPE_CHECKING:
    from ..derive import Derivation
    from ..document import Report
    from ..network import Model
    from .values import Value

DETAILS = ("brief", "normal", "full")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asked for."""

    wrt: tuple[str, ...] | None
    detail: Literal["brief", "normal", "full"]
    values: dict[str, Value] | None
    lr: float | None
    digits: int | None
    hessian: bool = False


def _names(context: click.Context, parameter: click.Parameter, given: str | None) -> tuple[str, ...] | None:
    """`W_1,b_1` as names."""
    if given is None:
        return None
    names = tuple(name.strip() for name in given.split(","))
    if not all(names):
        raise click.BadParameter("names with commas between them: W_1,b_1", context, parameter)
    return names


@click.command()
@click.argument("network", metavar="NETWORK")
@click.option("-o", "--output", metavar="DIR", type=click.Path(path_type=Path), help="Write all files to this folder.")
@click.option("--wrt", metavar="W_1,b_1", callback=_names, help="Only these gradients; else those of all parameters.")
@click.option("--hessian", is_flag=True, help="Second derivatives too: every block, with reasons.")
@click.option("--batch", metavar="n", help="Derive for n examples at once, one to a row; the loss is averaged.")
@click.option("--detail", type=click.Choice(DETAILS), default="normal", show_default=True, help="How much is said.")
@click.option("--values", metavar="FILE.json", help="Work the network through with these numbers.")
@click.option("--lr", type=float, help="With --values: one step of gradient descent at this rate, too.")
@click.option("--digits", type=click.IntRange(0, 12), help="With --values: digits after the point.")
@click.option("--notation", metavar="FILE", help="Write everything as the notation(...) lines of this file say.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "latex", "markdown", "numpy", "json"]),
    help="What to print; else text.",
)
def derive(
    network: str,
    output: Path | None,
    wrt: tuple[str, ...] | None,
    hessian: bool,
    batch: str | None,
    detail: Literal["brief", "normal", "full"],
    values: str | None,
    lr: float | None,
    digits: int | None,
    notation: str | None,
    form: str | None,
) -> None:
    """Derive the gradients of NETWORK: a file, the name of a shipped network, or - for standard input.

    Prints shapes, one backward step to a line and the table of gradients. With -o, writes a report (LaTeX, PDF where
    there is a TeX, and a web page), fragments of it, a NumPy module, and the derivation as JSON to a folder.
    """
    if values is None and (lr is not None or digits is not None):
        raise click.UsageError("--lr and --digits go with --values: without numbers there is nothing to compute.")
    if output is not None and form is not None:
        raise click.UsageError("--format says what to print; with -o every format is written, and nothing printed.")
    with refusing():
        source = sources.find(network)
        numbers = None if values is None else _numbers(values)
    with refusing(source):
        model = read_model(source, notation, batch)
        wanted = Wanted(wrt, detail, numbers, lr, digits, hessian)
        if output is None:
            say(PRINTED[form or "text"](model, wanted))
        else:
            _write(model, wanted, output)


def _numbers(file: str) -> dict[str, Value]:
    from .values import read_values

    return read_values(sources.values_file(file))


def _write(model: Model, wanted: Wanted, folder: Path) -> None:
    from ..write import write

    written = write(
        model,
        folder,
        wrt=wanted.wrt,
        detail=wanted.detail,
        values=wanted.values,
        lr=wanted.lr,
        digits=wanted.digits,
        hessian=wanted.hessian,
    )
    names = dict.fromkeys(path.relative_to(folder).parts[0] for path in written.files)
    say(f"Wrote to {folder}: {', '.join(names)}.\n{written.message}")


# ---------------------------------------------------------------------- what can be printed


def _derivation(model: Model) -> Derivation:
    from ..derive import derive

    return derive(model)


def _report(model: Model, wanted: Wanted) -> Report:
    """The report without the reader's warnings, which have been printed."""
    from ..reporting import report as composed

    return composed(
        _derivation(replace(model, warnings=())),
        wrt=wanted.wrt,
        detail=wanted.detail,
        values=wanted.values,
        lr=wanted.lr,
        digits=wanted.digits,
        hessian=wanted.hessian,
    )


def _text(model: Model, wanted: Wanted) -> str:
    from .summary import as_text

    return as_text(_report(model, wanted))


def _markdown(model: Model, wanted: Wanted) -> str:
    from .markdown import as_markdown

    return as_markdown(_report(model, wanted))


def _latex(model: Model, wanted: Wanted) -> str:
    """The fragments of the report that need nothing but amsmath, one after the other."""
    from ..render import render_parts

    parts = render_parts(_report(model, wanted))
    return "\n".join(
        parts[name] for name in ("forward.tex", "backward.tex", "gradients.tex", "hessian.tex") if name in parts
    ).rstrip()


def _numpy(model: Model, wanted: Wanted) -> str:
    from ..write import module_source

    return module_source(_derivation(model), wanted.wrt, wanted.hessian).rstrip()


def _json(model: Model, wanted: Wanted) -> str:
    from ..reporting.build import wanted as names
    from ..reporting.record import derivation_json

    derivation = _derivation(model)
    return derivation_json(derivation, names(derivation, wanted.wrt), wanted.hessian).rstrip()


PRINTED: dict[str, Callable[[Model, Wanted], str]] = {
    "text": _text,
    "latex": _latex,
    "markdown": _markdown,
    "numpy": _numpy,
    "json": _json,
}
