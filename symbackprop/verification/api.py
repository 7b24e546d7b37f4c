"""From Python: `sb.verify(net, claim)` gives verdicts, `sb.check(net, claim)` an error that says what is wrong."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ..errors import ReadError, SymbackpropError
from ..network import Model
from .asking import check_required
from .show import Verdicts
from .target import Target
from .verdict import Diagnosis, Judgement, Status, Verdict
from .verify import SHARED, Options, judge_answer, missing

if TYPE_CHECKING:
    from ..declare import Network

Claim: TypeAlias = "str | Path | Callable[..., object] | Mapping[str, Any]"
SUFFIXES = (".tex", ".md", ".txt", ".py", ".ipynb")


def verify(
    net: Network | Model,
    claim: Claim,
    *,
    let: Mapping[str, str] | None = None,
    returns: Sequence[str] | None = None,
    require: str | Sequence[str] = (),
    show: Literal["verdict", "hint", "repair"] = "repair",
) -> list[Verdict]:
    """The verdicts on a claim about a network's derivatives, one for each relation sign or gradient.

    `claim` is LaTeX, NumPy source, a path, a function object, or {"W_1": SymPy expression}. `let` maps the author's
    letters to the network's names; `returns` says of which names the returned values are the gradients, in order;
    `require` is "parameters", "all" or names whose derivatives must be there. Raises ReadError for what is no answer at
    all; what cannot be read inside one is a verdict.
    """
    judged = judge(net, claim, let=let, returns=returns, require=require, show=show)
    return Verdicts([*judged.verdicts, *(_missing(judged, name) for name in judged.missing)])


def check(net: Network | Model, claim: Claim, **options: Any) -> None:
    """Raise an AssertionError with the diagnosis unless every claim is right; `options` are those of `verify`.

    A claim that is right under a condition only, one that could not be decided and one that could not be read fail.
    """
    verdicts = verify(net, claim, **options)
    if not verdicts:
        raise AssertionError("Nothing in the answer claims a derivative of this network.")
    failed = [v for v in verdicts if v.status != "right" or v.condition]
    if failed:
        raise AssertionError("\n".join(map(_told, failed)))


def judge(
    net: Network | Model,
    claim: Claim,
    *,
    let: Mapping[str, str] | None = None,
    returns: Sequence[str] | None = None,
    require: str | Sequence[str] = (),
    show: Literal["verdict", "hint", "repair"] = "repair",
) -> Judgement:
    """The same as a whole: conventions, renamings and what was passed over besides."""
    from .concealing import concealed_all

    model = net if isinstance(net, Model) else net.model
    wanted = (require,) if isinstance(require, str) else tuple(require)
    options = Options(
        let=dict(let or {}), require=wanted, show=show, returns=None if returns is None else tuple(returns)
    )
    return concealed_all(_judged(model, claim, options), show)


def _judged(model: Model, claim: Claim, options: Options) -> Judgement:
    if isinstance(claim, Mapping):
        return _expressions(model, claim, options)
    if isinstance(claim, Path):
        return judge_answer(model, claim, options)
    if isinstance(claim, str):
        return _text(model, claim, options)
    if callable(claim):
        return _function(model, claim, options)
    raise ReadError(f"A {type(claim).__name__} is no claim.", remedy="Give LaTeX, code, a path or a function.")


def _text(model: Model, claim: str, options: Options) -> Judgement:
    from ..answers import is_code

    short = "\n" not in claim and len(claim) < 1000
    if short and claim.endswith(SUFFIXES) and Path(claim).exists():
        return judge_answer(model, Path(claim), options)
    return judge_answer(model, claim, options, text=".py" if is_code(claim) else ".tex")


def _function(model: Model, claim: Callable[..., object], options: Options) -> Judgement:
    """A function by its source; what it uses from outside is not seen."""
    from dataclasses import replace

    name = getattr(claim, "__name__", "")
    try:
        source = textwrap.dedent(inspect.getsource(claim))
    except (OSError, TypeError) as error:
        remedy = "Give its source as a string."
        raise ReadError(f"The source of `{name}` is not to be had.", remedy=remedy) from error
    return judge_answer(model, source, replace(options, function=name), name=name, text=".py")


def _expressions(model: Model, claim: Mapping[str, Any], options: Options) -> Judgement:
    """{"W_1": SymPy expression}: each is compared with the gradient of that shape."""
    check_required([model], options.require)
    bench = SHARED.bench(model, {})
    verdicts = [_expression(bench, name, value) for name, value in claim.items()]
    lost = missing(bench, verdicts, options.require)
    return Judgement("expressions", model.name, tuple(verdicts), missing=lost)


def _expression(bench: Any, name: str, value: Any) -> Verdict:
    from ..lower import Names, lower
    from ..symbolic import to_expr
    from .explaining import correct_formula
    from .programs import shape_text, true_term

    model: Model = bench.model
    bench.derivation.check_variable(name)
    target = Target("gradient", (name,))
    label = target.label(model.loss)
    text = str(value)
    sizes = {n: bench.derivation.graph.sizes(n) for n in (*model.declarations, *model.equations)}
    terms = {n: bench.elaborator.names.value(n).term for n in sizes if bench.elaborator.names.is_value(n)}
    status: Status = "unreadable"
    try:
        expr = to_expr(value, sizes)
        term = lower(expr, Names(terms=terms, sizes=set(model.size_names())), name).term
    except SymbackpropError as error:
        return Verdict("", model.name, 1, 0, len(text), text, label, status, reason=str(error))
    true = true_term(bench, name)
    if term.sizes != true.sizes:
        told = f"It has shape {shape_text(term)}, {name} has {shape_text(true)}."
        misshapen = Diagnosis("shape", f"{told} Right is {correct_formula(bench, target)}.", told)
        return Verdict("", model.name, 1, 0, len(text), text, label, "wrong", diagnosis=misshapen, reason=told)
    decision = bench.judge.decide(term, true)
    words: dict[str, Status] = {"equal": "right", "different": "wrong", "undecided": "undecided"}
    status = words[decision.status]
    diagnosis: Diagnosis | None = None
    counter = None
    if status == "wrong":
        told = f"{decision.reason} Right is {correct_formula(bench, target)}."
        diagnosis = Diagnosis("other", told, decision.reason)
        counter = bench.judge.counterexample(term, true, target)
    return Verdict("", model.name, 1, 0, len(text), text, label, status, decision.proof, None, diagnosis, counter,
                   decision.reason, points=decision.points)  # fmt: skip  # one call


def _missing(judged: Judgement, target: str) -> Verdict:
    """A derivative that was asked for and is not there."""
    told = f"{target} is asked for, and nothing in the answer says what it is."
    return Verdict(
        judged.file, judged.network, 1, 0, 0, "", target, "wrong", diagnosis=Diagnosis("other", told, told), reason=told
    )


def _told(verdict: Verdict) -> str:
    """A line of an AssertionError."""
    where = f"line {verdict.line}: " if verdict.file not in ("", "expressions") else ""
    head = f"{where}{verdict.target} is {verdict.status}"
    if verdict.condition and verdict.status == "right":
        return f"{head} only {verdict.condition}: {verdict.claim}"
    told = verdict.diagnosis.message if verdict.diagnosis is not None else verdict.reason
    return f"{head}: {' '.join(verdict.claim.split())}\n  {told}"
