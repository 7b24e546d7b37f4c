"""`symbackprop verify`: whether a derivation is right."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import SymbackpropError
from . import sources
from .diagnostics import refusing, report
from .models import read_model
from .terminal import fit, say

if TYPE_CHECKING:
    from ..network import Model
    from ..verification.concealing import Show
    from ..verification.verdict import Judgement

BY_WEIGHT = (0, 3, 2, 1)  # exit codes, the one that outweighs all others last


@dataclass(frozen=True, slots=True)
class Handed:
    """One answer: a file, or a text with the suffix of what it is."""

    name: str
    source: str | Path
    suffix: str | None = None


def pairs(last: bool) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[str, str]]:
    """`NAME=VALUE`, as often as it is given; `last`: the last equals sign divides, else the first."""

    def read(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
        found: dict[str, str] = {}
        for text in given:
            name, sign, value = (part.strip() for part in (text.rpartition("=") if last else text.partition("=")))
            if not (name and sign and value):
                raise click.BadParameter(f"`{text}` is not of the form {parameter.metavar}", context, parameter)
            found[name] = value
        return found

    return read


def _names(context: click.Context, parameter: click.Parameter, given: str | None) -> tuple[str, ...]:
    """`all`, `parameters`, or names with commas between them."""
    names = () if given is None else tuple(name.strip() for name in given.split(","))
    if not all(names):
        raise click.BadParameter("all, parameters, or names with commas between them: W_1,b_1", context, parameter)
    return names


@click.command()
@click.argument("network", metavar="NETWORK")
@click.argument("answers", metavar="ANSWER...", nargs=-1)
@click.option("--formula", "formulas", metavar="LATEX", multiple=True, help="A formula instead of a file; repeatable.")
@click.option(
    "--let", "lets", metavar="NAME=NAME", multiple=True, callback=pairs(last=False),
    help="A name of the answer is this name of the network: z_0=z_1; repeatable.",
)  # fmt: skip
@click.option(
    "--part", "parts", metavar="HEADING=NETWORK", multiple=True, callback=pairs(last=True),
    help="What stands under this heading is about another network; repeatable.",
)  # fmt: skip
@click.option(
    "--require", metavar="NAMES", callback=_names,
    help="Derivatives that must be there: of all nodes (all), of the parameters (parameters), or of W_1,b_1.",
)  # fmt: skip
@click.option(
    "--show", type=click.Choice(["verdict", "hint", "repair"]), default="repair", show_default=True,
    help="How much is said about a mistake.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line, one for each verdict.")
@click.option("--html", metavar="FILE", type=click.Path(path_type=Path), help="Write a page for each answer, too.")
@click.option(
    "--reproduce", metavar="FILE.py", type=click.Path(path_type=Path),
    help="Write the counterexamples as a NumPy program.",
)  # fmt: skip
@click.option("--run", is_flag=True, help="Run code that cannot be read, in a process of its own with limits.")
@click.option("--batch", metavar="n", help="Judge by n examples at once, one to a row; the loss is averaged.")
@click.option("--notation", metavar="FILE", help="Read everything as the notation(...) lines of this file say.")
@click.pass_context
def verify(
    context: click.Context,
    network: str,
    answers: tuple[str, ...],
    formulas: tuple[str, ...],
    lets: dict[str, str],
    parts: dict[str, str],
    require: tuple[str, ...],
    show: Show,
    as_json: bool,
    html: Path | None,
    reproduce: Path | None,
    run: bool,
    batch: str | None,
    notation: str | None,
) -> None:
    """Judge a derivation of NETWORK's gradients: LaTeX, Markdown, Python or notebook files, or - for standard input.

    Every formula is right (proved, or equal at random numbers), wrong (with numbers at which it fails and the smallest
    repair), unreadable or undecided. Exit codes: 1 something is wrong or missing, else 2 something cannot be read,
    else 3 something is undecided, else 0.
    """
    if not (answers or formulas):
        raise click.UsageError("There is nothing to judge: name an ANSWER, or give a --formula.")
    if [network, *answers, *parts.values()].count("-") > 1:
        raise click.UsageError("Standard input can be read once only.")
    model = _model(network, notation, batch)
    others = {heading: _model(name, notation, batch) for heading, name in parts.items()}
    found: list[Judgement] = []
    codes: list[int] = []
    for handed in _handed(answers, formulas):
        try:
            judgement = _judged(model, handed, lets, require, show, run, others)
        except SymbackpropError as error:
            _complain(error, handed, as_json)
            codes.append(2)
            continue
        found.append(judgement)
        codes.append(judgement.exit_code)
        _print(judgement, as_json, first=len(codes) == 1)
    with refusing():
        if html is not None:
            _write_pages(html, found, as_json)
        if reproduce is not None:
            _write_program(reproduce, model, others, found, as_json)
    context.exit(max(codes, key=BY_WEIGHT.index))


def _model(name: str, notation: str | None, batch: str | None) -> Model:
    with refusing():
        source = sources.find(name)
    with refusing(source):
        return read_model(source, notation, batch)


def _handed(answers: Sequence[str], formulas: Sequence[str]) -> Iterator[Handed]:
    """The files, then the formulas."""
    for name in answers:
        if name == "-":
            with refusing():
                text = sources.standard_input()
            yield Handed("standard input", text, _suffix(text))
        else:
            yield Handed(name, Path(name))
    for k, latex in enumerate(formulas, start=1):
        yield Handed("formula" if len(formulas) == 1 else f"formula {k}", latex, ".tex")


def _suffix(text: str) -> str:
    """What a text without a name is."""
    from ..answers import is_code

    if text.lstrip().startswith("{") and '"cells"' in text:
        return ".ipynb"
    return ".py" if is_code(text) else ".tex" if "\\documentclass" in text else ".md"


def _judged(
    model: Model,
    handed: Handed,
    lets: dict[str, str],
    require: tuple[str, ...],
    show: Show,
    run: bool,
    parts: dict[str, Model],
) -> Judgement:
    """What is known of an answer, and no more of it than may be shown."""
    from ..verification.concealing import concealed_all
    from ..verification.verify import Options, judge_answer

    named = {name: network for name, network in _named(handed).items() if name not in parts}
    options = Options(let=lets, require=require, show=show, run=run, parts=parts | named)
    found = judge_answer(model, handed.source, options, name=handed.name, text=handed.suffix)
    return concealed_all(found, show)


def _named(handed: Handed) -> dict[str, Model]:
    """The networks that comments in the answer choose for parts of it: `% network: neurons.net`.

    A file beside the answer, or whatever a command would find by that name.
    """
    from ..answers import answer_of_text, read_answer

    if isinstance(handed.source, Path):
        answer, folder = read_answer(handed.source), handed.source.parent
    else:
        answer, folder = answer_of_text(handed.source, suffix=handed.suffix or ".tex", name=handed.name), Path()
    found: dict[str, Model] = {}
    for name in dict.fromkeys(p.network for p in answer.passages if p.network):
        beside = folder / name
        source = sources.find(str(beside) if beside.is_file() else name)
        found[name] = read_model(source)
    return found


def _complain(error: SymbackpropError, handed: Handed, as_json: bool) -> None:
    """An answer that cannot be used: why, on standard error."""
    from ..errors import ManyErrors

    problems = list(error.errors) if isinstance(error, ManyErrors) else [error]
    text = handed.source if isinstance(handed.source, str) else ""
    report("error", problems, sources.Source(handed.name, "", text) if text else None)


# ---------------------------------------------------------------------- what comes out


def _print(judgement: Judgement, as_json: bool, first: bool) -> None:
    if not as_json:
        from .verdicts import print_judgement

        if not first:
            say("")
        print_judgement(judgement)
        return
    import json

    for verdict in judgement.verdicts:
        click.echo(json.dumps(_finite(verdict.as_dict())))
    for label, items in (("missing", judgement.missing), ("try", judgement.proposals)):
        if items:
            click.echo(fit(f"{judgement.file}: {label}: {', '.join(items)}", sys.stderr), err=True)


def _finite(value: Any) -> Any:
    """The value as JSON has it: what is no number is null there."""
    if isinstance(value, dict):
        return {key: _finite(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write_pages(file: Path, judgements: Sequence[Judgement], quiet: bool) -> None:
    """A page for the answer; of several answers each in a file of its own beside the one that was named."""
    from ..files import write_files
    from ..verification.showing.page import html

    names: dict[str, str] = {}
    for judgement in judgements:
        name = file.name
        if len(judgements) > 1:
            stem = _plain(Path(judgement.file).name)
            name = f"{file.stem}-{stem}{file.suffix}"
            count = 1
            while name in names:
                count += 1
                name = f"{file.stem}-{stem}-{count}{file.suffix}"
        names[name] = html(judgement)
    if names:
        write_files(file.parent, names)
        _tell(f"Wrote {', '.join(str(file.parent / name) for name in names)}.", quiet)


def _write_program(
    file: Path, model: Model, others: dict[str, Model], judgements: Sequence[Judgement], quiet: bool
) -> None:
    """The counterexamples of all answers; nothing is written where there are none."""
    from ..files import write_files
    from ..verification.showing.program import program

    named = {other.name: other for other in others.values()}
    text = "\n".join(filter(None, (program(judgement, model, named) for judgement in judgements)))
    if not text:
        _tell(f"{file} is not written: there is no counterexample.", quiet)
        return
    write_files(file.parent, {file.name: text})
    _tell(f"Wrote {file}.", quiet)


def _plain(name: str) -> str:
    """A name that every file system keeps."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)[:80] or "answer"


def _tell(words: str, quiet: bool) -> None:
    """Say what was written: on standard error where standard output is for programs."""
    click.echo(fit(words, sys.stderr if quiet else sys.stdout), err=quiet)
