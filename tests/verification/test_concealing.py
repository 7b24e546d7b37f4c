"""A hint never holds the corrected formula, a bare verdict nothing but right or wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest

from symbackprop.verification.concealing import KINDS, Show, concealed, concealed_all
from symbackprop.verification.show import bundle
from symbackprop.verification.showing.page import html
from symbackprop.verification.verdict import Diagnosis, Judgement, Kind
from tests.verification.showing.judged import BOUND, JUDGEMENT, PROVED, UNREADABLE, WRONG

SECRETS = (r"\delta_1 x^T", "δ₁ xᵀ", "np.outer", "x must be transposed", "TELLTALE")
TELLING = replace(WRONG, reason="TELLTALE", condition="TELLTALE")


@pytest.mark.parametrize("show", ["hint", "verdict"])
def test_no_output_of_a_hint_holds_the_repair(show: Show) -> None:
    judgement = replace(JUDGEMENT, verdicts=(PROVED, TELLING))
    assert any(secret in html(judgement) for secret in SECRETS)
    found = concealed_all(judgement, show)
    outputs = [html(found), json.dumps(found.verdicts[1].as_dict()), *bundle(found.verdicts[1]).values(), repr(found)]
    for output in outputs:
        assert not [secret for secret in SECRETS if secret in output]


def test_a_hint_names_the_kind_and_keeps_the_numbers() -> None:
    found = concealed(WRONG, "hint")
    assert WRONG.diagnosis is not None
    assert found.diagnosis == Diagnosis("transpose", WRONG.diagnosis.hint, WRONG.diagnosis.hint)
    assert found.counterexample == WRONG.counterexample
    assert concealed(found, "hint") == found


def test_a_mistake_without_a_hint_of_its_own_is_named_by_its_kind() -> None:
    found = concealed(replace(WRONG, diagnosis=Diagnosis("sign", "It is minus.", line=7)), "hint").diagnosis
    assert found is not None
    assert (found.message, found.line) == ("The mistake is in a sign.", 7)
    assert set(KINDS) == set(get_args(Kind))


def test_a_bare_verdict_has_neither_diagnosis_nor_numbers() -> None:
    found = concealed(WRONG, "verdict")
    assert (found.status, found.diagnosis, found.counterexample, found.reason) == ("wrong", None, None, "")


@pytest.mark.parametrize("show", get_args(Show))
def test_what_is_not_wrong_has_nothing_to_hide(show: Show) -> None:
    for verdict in (PROVED, BOUND, UNREADABLE):
        assert concealed(verdict, show) is verdict


def test_with_repairs_nothing_is_hidden() -> None:
    assert concealed_all(JUDGEMENT, "repair") is JUDGEMENT
    assert concealed_all(Judgement("f", "n", ()), "hint") == Judgement("f", "n", ())
