"""The counterexamples of an answer as a NumPy program: one block for each wrong claim."""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import MissingRule
from ...network import Model
from ..reproduce import reproduce
from ..target import Target
from ..verdict import Judgement
from .wording import place


def program(judgement: Judgement, model: Model, others: Mapping[str, Model]) -> str:
    """The program, empty where no claim has a counterexample; `others` are the networks of parts, by their names."""
    blocks = []
    for verdict in judgement.verdicts:
        if verdict.counterexample is None:
            continue
        network = others.get(verdict.network, model)
        try:
            text = reproduce(verdict.counterexample, network, verdict.claim_numpy, target_of(verdict.target, network))
        except MissingRule as error:
            text = f"# {_one_line(str(error))}\n"
        blocks.append(f"# {place(verdict)}: {_one_line(verdict.claim)}\n{text}")
    return "\n".join(blocks)


def target_of(label: str, model: Model) -> Target:
    """What a label is about: the inverse of `Target.label`."""
    names = {*model.declarations, *model.equations}
    top, slash, bottom = label.partition("/d")
    if label in names:
        return Target("value", (label,))
    if not slash:
        return Target("other")
    of = top[2:] if top.startswith("d2") else top[1:]
    if top.startswith("d2") and of in names:
        pairs = [(p, bottom[len(p) + 1 :]) for p in names if bottom.startswith(f"{p}d")]
        pairs += [(bottom[:-1], bottom[:-1])] if bottom.endswith("2") else []
        for p, q in pairs:
            if p in names and q in names:
                return Target("hessian", (p, q), None if of == model.loss else of)
    of = top[1:]
    if of not in names or bottom not in names:
        return Target("other")
    if of in model.equations and not model.equations[of].term.sizes:
        return Target("gradient", (bottom,), None if of == model.loss else of)
    return Target("jacobian", (of, bottom))


def _one_line(text: str) -> str:
    """Somebody's text as part of a comment: nothing in it ends the line."""
    shown = " ".join(text.split())
    shown = "".join(c if c.isprintable() else "\ufffd" for c in shown)
    return shown if len(shown) <= 100 else f"{shown[:97]}..."
