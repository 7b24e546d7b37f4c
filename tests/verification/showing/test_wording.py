"""Verdicts in words."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from symbackprop.verification.showing import wording
from symbackprop.verification.verdict import Counterexample, Diagnosis, Verdict
from tests.verification.showing.judged import BOUND, FOLLOWS, JUDGEMENT, PROVED, UNDECIDED, UNREADABLE, WRONG

NUMERIC = replace(BOUND, condition=None)


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ([PROVED, PROVED, WRONG, UNREADABLE], "2 right (2 proved), 1 wrong, 1 unreadable"),
        ([UNDECIDED, BOUND, PROVED], "2 right (1 proved, 1 under a condition), 1 undecided"),
        ([NUMERIC], "1 right (agreeing in numbers)"),
        ([WRONG], "1 wrong"),
        ([], "No claim about this network was found."),
    ],
)
def test_a_line_counts_the_verdicts(verdicts: list[Verdict], words: str) -> None:
    assert wording.summary(verdicts) == words


def test_what_a_right_claim_rests_on_and_why_nothing_is_known_of_another() -> None:
    assert wording.basis(PROVED) == "proved: Both sides have one expanded form."
    assert wording.basis(BOUND) == "agrees at 12 points: Both agree."
    assert wording.basis(replace(BOUND, points=0, reason="")) == "agrees in numbers"
    assert wording.basis(UNDECIDED) == UNDECIDED.reason
    assert wording.basis(WRONG) == ""
    assert wording.basis(replace(WRONG, diagnosis=None)) == WRONG.reason


def test_a_mistake_of_no_kind_is_just_its_sentence() -> None:
    assert (
        wording.mistake(Diagnosis("product_kind", "It is a matrix product.")) == "product kind: It is a matrix product."
    )
    assert wording.mistake(Diagnosis("other", "It differs.")) == "It differs."


def test_a_place_is_a_line_in_a_cell_if_there_are_cells() -> None:
    assert wording.place(PROVED) == "line 3"
    assert wording.place(replace(PROVED, cell=2)) == "cell 2, line 3"


def test_a_mistake_names_the_lines_that_follow_from_it() -> None:
    assert wording.followers(JUDGEMENT) == {4: (6,)}
    assert wording.follows(FOLLOWS) == "follows from the mistake in line 4"
    assert wording.follows(replace(FOLLOWS, status="right")) == "carries on from the mistake in line 4"
    assert wording.follows(PROVED) == ""
    assert wording.lines_follow((6,)) == "Line 6 only follows from this."
    assert wording.lines_follow((6, 7, 9)) == "Lines 6, 7 and 9 only follow from this."


def test_links_of_one_chain_follow_in_their_own_line() -> None:
    link = replace(FOLLOWS, line=4)
    assert wording.follows(link) == "follows from the mistake earlier in this line"
    assert wording.followers(replace(JUDGEMENT, verdicts=(WRONG, link))) == {}


def test_only_what_is_said_of_one_place_for_one_reason_is_gathered() -> None:
    one, two = replace(UNREADABLE, target="a"), replace(UNREADABLE, target="b")
    other = replace(UNREADABLE, reason="For another reason.")
    assert list(wording.gathered([one, two, two, other, WRONG, WRONG])) == [
        (one, ("a", "b")),
        (other, ()),
        (WRONG, ()),
        (WRONG, ()),
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3.0, "3.0"), (-1.5, "-1.5"), (1 / 3, "0.333333"), (1e-12, "1e-12"), (2, "2.0"), (None, "without a value"),
        (math.nan, "not a number"), (-math.inf, "infinite"), (123456789.0, "1.23457e+08"),
    ],
)  # fmt: skip
def test_a_result_has_a_decimal_point(value: float | None, shown: str) -> None:
    assert wording.number(value) == shown


@pytest.mark.parametrize(
    ("value", "most", "shown"),
    [
        ([[1, 2.0], [0.5, -1]], 200, "[[1, 2], [0.5, -1]]"),
        ([[1, 2], [3, 4]], 12, "[[1, 2], ...]"),
        ([1, 2, 3, 4, 5, 6], 8, "[1, ...]"),
        ([], 3, "[]"),
        (True, 9, "1"),
        (0.1 + 0.2, 9, "0.3"),
    ],
)
def test_arrays_are_written_as_python_writes_them(value: object, most: int, shown: str) -> None:
    assert wording.values(value, most) == shown


def test_values_nested_without_end_are_cut() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert wording.values(deep).startswith("[[[[[[[[[[[[[...]")


def test_a_counterexample_is_one_sentence_whose_entries_count_from_one() -> None:
    assert WRONG.counterexample is not None
    assert wording.counterexample(WRONG.counterexample) == (
        "at d = 2, h = 3, W_1 = [[1, 2], [0, 1], [-1, 0.5]], x = [1, 2]: "
        "entry (1, 2): yours 3.0, true 1.5, difference quotient 1.5"
    )
    assert wording.counterexample(Counterexample({}, {"w": 2}, (), None, 4.0)) == (
        "at w = 2: yours without a value, true 4.0"
    )
    assert wording.counterexample(Counterexample({}, {}, (2,), 1.0, 4.0)) == "entry 3: yours 1.0, true 4.0"


def test_a_counterexample_of_many_symbols_stays_two_lines_long() -> None:
    values = {f"W_{k}": [[k, 1, 2], [0, 1, 2], [3, 4, 5]] for k in range(12)}
    found = wording.counterexample(Counterexample({"d": 3}, values, (0,), 1.0, 2.0), 160)
    assert len(found) <= 160
    assert found.startswith("at d = 3, W_0 = [[0, 1, 2], ...], W_1 = [[1, 1, 2], ...], W_2 = ")
    assert found.endswith(", ...: entry 1: yours 1.0, true 2.0")
    few = Counterexample({"d": 3}, {"W": values["W_1"], "V": values["W_2"]}, (0,), 1.0, 2.0)
    assert "V = [[2, 1, 2], [0, 1, 2], [3, 4, 5]]: entry" in wording.counterexample(few, 160)
    assert wording.counterexample(few, 1) == "at d = 3, ...: entry 1: yours 1.0, true 2.0"


def test_marks_and_order_know_every_status() -> None:
    assert set(wording.MARKS) == set(wording.ORDER) == {v.status for v in JUDGEMENT.verdicts}
    assert FOLLOWS.status in wording.MARKS
