"""Formulas in the notations that people publish in, each on a network: right, wrong or unreadable, and nothing else.

A line of `notations/formulas.tsv` is a network of that folder, the verdict, and the formula.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from symbackprop.network import Model
from symbackprop.reading.netfile import read
from symbackprop.verification.verify import Options, judge_answer

HERE = Path(__file__).parent / "notations"
ROWS = [line.split("\t") for line in (HERE / "formulas.tsv").read_text(encoding="utf-8").splitlines()[1:]]
BY_WEIGHT = ("wrong", "unreadable", "undecided", "right")


@cache
def network(name: str) -> Model:
    return read(HERE / f"{name}.net")


@pytest.mark.parametrize(("name", "expected", "formula"), ROWS, ids=[f"{r[0]}: {r[2][:60]}" for r in ROWS])
def test_a_formula_is_judged_as_its_author_means_it(name: str, expected: str, formula: str) -> None:
    judged = judge_answer(network(name), formula, Options(explain=False), text=".tex")
    found = {v.status for v in judged.verdicts}
    worst = next((s for s in BY_WEIGHT if s in found), "nothing")
    assert worst == expected, [(v.claim, v.status, v.condition, v.reason) for v in judged.verdicts]


def test_the_table_holds_mistakes_too() -> None:
    assert sum(row[1] == "wrong" for row in ROWS) >= 15
