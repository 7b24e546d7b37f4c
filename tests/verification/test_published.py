"""Published formulas and programs with their truth: what must hold of the verdicts on all of them together."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from symbackprop.network import Model
from symbackprop.reading.netfile import read
from symbackprop.verification.verdict import Judgement
from symbackprop.verification.verify import Options, judge_answer

ENTRYWISE = "if the product of two arrays of one shape is taken entry by entry"
BY_WEIGHT = ("wrong", "unreadable", "undecided", "right")


@cache
def network(path: Path) -> Model:
    return read(path)


@pytest.fixture(scope="module")
def judged(cases_dir: Path) -> list[tuple[dict[str, Any], Judgement]]:
    """Every published claim with its judgement, repairs and counterexamples included."""
    lines = (cases_dir / "claims.jsonl").read_text(encoding="utf-8").splitlines()
    claims = [json.loads(line) for line in lines]
    return [(c, _judged(cases_dir, c)) for c in claims]


def _judged(cases_dir: Path, claim: dict[str, Any]) -> Judgement:
    text = claim.get("preamble", "") + claim["latex"]
    return judge_answer(network(cases_dir / "nets" / claim["net"]), text, Options(), text=".tex")


def overall(judgement: Judgement) -> str:
    """The worst of an answer's verdicts."""
    found = {v.status for v in judgement.verdicts}
    return next((s for s in BY_WEIGHT if s in found), "nothing")


def condition(judgement: Judgement) -> str:
    return "; ".join(v.condition for v in judgement.verdicts if v.condition)


def names_near_miss(claim: dict[str, Any], judgement: Judgement) -> bool:
    """True if a wrong claim is called right under just the condition under which it does hold."""
    told = condition(judgement)
    for change in claim.get("near_miss", []):
        if "symmetric" in change and all(f"{n} is symmetric" in told for n in change["symmetric"]):
            return True
        if "transpose" in change and "layout" in told:
            return True
        if "sizes" in change and "= 1" in told:
            return True
    return False


def test_no_wrong_claim_is_called_right(judged: list[tuple[dict[str, Any], Judgement]]) -> None:
    bad = [c["id"] for c, j in judged if c["status"] == "wrong" and overall(j) == "right" and not names_near_miss(c, j)]
    assert not bad


def test_no_right_claim_is_called_wrong(judged: list[tuple[dict[str, Any], Judgement]]) -> None:
    assert [c["id"] for c, j in judged if c["status"] == "right" and overall(j) == "wrong"] == []


def test_what_is_right_under_a_condition_is_called_right_with_it_or_wrong(
    judged: list[tuple[dict[str, Any], Judgement]],
) -> None:
    for c, j in judged:
        if c["status"] == "right-under":
            assert overall(j) in c["acceptable"], c["id"]
            assert overall(j) == "wrong" or condition(j), c["id"]


def test_almost_every_claim_is_decided(judged: list[tuple[dict[str, Any], Judgement]]) -> None:
    decided = [overall(j) in ("right", "wrong") for c, j in judged if "unreadable" not in c["acceptable"]]
    assert sum(decided) >= 0.95 * len(decided)


def test_right_claims_are_proved(judged: list[tuple[dict[str, Any], Judgement]]) -> None:
    proofs = [v.proof for c, j in judged if c["status"] == "right" for v in j.verdicts if v.status == "right"]
    assert proofs.count("symbolic") >= 0.95 * len(proofs)


def test_wrong_claims_are_repaired_and_the_repair_is_judged_right(
    judged: list[tuple[dict[str, Any], Judgement]], cases_dir: Path
) -> None:
    wrong = [(c, j) for c, j in judged if c["status"] == "wrong" and overall(j) == "wrong"]
    repaired = 0
    for c, j in wrong:
        first = next(v for v in j.verdicts if v.status == "wrong")
        if first.diagnosis is None or first.diagnosis.repair_latex is None:
            continue
        left = c["latex"][: c["latex"].index("=")] if "=" in c["latex"] else ""
        again = judge_answer(
            network(cases_dir / "nets" / c["net"]),
            f"{c.get('preamble', '')}{left} = {first.diagnosis.repair_latex}",
            Options(explain=False),
            text=".tex",
        )
        assert overall(again) == "right", (c["id"], first.diagnosis.repair_latex)
        assert condition(again) in ("", ENTRYWISE), c["id"]  # the author's own juxtaposition stays
        repaired += 1
    assert repaired >= 0.9 * len(wrong)


def test_a_counterexample_has_three_numbers_and_small_sizes(
    judged: list[tuple[dict[str, Any], Judgement]],
) -> None:
    examples = [v.counterexample for _, j in judged for v in j.verdicts if v.counterexample is not None]
    assert len(examples) >= 25
    for example in examples:
        assert example.claimed != example.true
        assert all(size <= 3 for size in example.sizes.values())
        if example.difference is not None:
            assert abs(example.difference - example.true) <= 1e-4 * max(1.0, abs(example.true))


def test_published_programs_are_wrong_in_just_the_outputs_that_are(cases_dir: Path) -> None:
    for line in (cases_dir / "code.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        model = network(cases_dir / "nets" / case["net"])
        judgement = judge_answer(model, cases_dir / "code" / case["file"], Options())
        wrong = {v.target for v in judgement.verdicts if v.status == "wrong"}
        assert {v.status for v in judgement.verdicts} <= {"right", "wrong"}, case["id"]
        assert len(judgement.verdicts) == len(case["outputs"]), case["id"]
        assert wrong == {case["outputs"][k] for k in case["wrong_outputs"]}, case["id"]
        assert all(v.diagnosis is not None for v in judgement.verdicts if v.status == "wrong"), case["id"]
