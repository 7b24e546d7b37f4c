"""Less than all that is known of a claim: for those who are to find the mistake themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, TypeAlias

from .verdict import Diagnosis, Judgement, Verdict

Show: TypeAlias = Literal["verdict", "hint", "repair"]
KINDS = {
    "transpose": "a transpose",
    "order": "the order of factors",
    "sign": "a sign",
    "factor": "a factor",
    "sum": "a sum",
    "product_kind": "the kind of a product",
    "activation_derivative": "the derivative of an activation",
    "evaluated_at": "where a function is evaluated",
    "symbol": "a symbol",
    "index": "an index",
    "term": "a term",
    "path": "a path through the network",
    "inverse": "an inverse",
    "indicator": "an indicator",
    "diagonal": "a diagonal",
    "parentheses": "parentheses",
    "shape": "the shapes",
    "transcription": "the writing",
    "other": "something else",
}


def concealed(verdict: Verdict, show: Show) -> Verdict:
    """The verdict as it may be shown.

    A hint has the kind of the mistake and the shapes, never the corrected formula; `verdict` says right or wrong and
    nothing of why. The values of a counterexample stay with a hint: they are no formula.
    """
    if show == "repair" or verdict.status != "wrong":
        return verdict
    if show == "verdict":
        return replace(verdict, diagnosis=None, counterexample=None, reason="", condition=None)
    found = verdict.diagnosis
    if found is not None:
        hint = found.hint or f"The mistake is in {KINDS[found.kind]}."
        found = Diagnosis(found.kind, hint, hint, line=found.line)
    return replace(verdict, diagnosis=found, reason="", condition=None)


def concealed_all(judgement: Judgement, show: Show) -> Judgement:
    """The same for everything that is said of an answer."""
    if show == "repair":
        return judgement
    return replace(judgement, verdicts=tuple(concealed(v, show) for v in judgement.verdicts))
