"""Mistakes that nothing excuses: each was called right once, under a condition or for want of numbers to show it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from symbackprop.network import Model
from symbackprop.reading.netfile import read
from symbackprop.requirements import requirements
from symbackprop.verification.bench import Bench
from symbackprop.verification.verify import Options, judge_answer

HERE = Path(__file__).parent / "notations"
NOT_EXCUSED = (
    ("newton", r"\frac{\partial f}{\partial A} = x(Ax-b)^T", "a transpose, by one example"),
    ("newton", r"df = (Ax-b) A\, dx", "a transpose, by one example and a diagonal"),
    ("cookbook", r"\frac{\partial a^T X b}{\partial X} = a b", "an outer product, by the diagonal"),
    ("lms", r"\frac{\partial J}{\partial b} = \frac{2}{n} r", "a sum, by one example in a mean over n"),
    ("two_layers", r"\frac{\partial L}{\partial W_l} = \delta_l x^\top", "one of two layers, by the other"),
    ("two_layers", r"\delta_l = (a_l - y) \odot \sigma'(z_l)", "one of two layers, by the last"),
    ("attention", r"\frac{\partial L}{\partial V} = \left(\frac{\partial L}{\partial O^T}\right) P", "a transpose"),
    ("batch_of_rows", r"\frac{\partial J}{\partial Z_1} = \begin{cases} \frac{\partial J}{\partial A_1} & Z_1 > 0"
     r" \\ 0 & Z_1 > 1\end{cases}", "cases with a gap"),
    ("svm", r"\frac{\partial J}{\partial b} = -C\sum_{i: y_i > 0} y_i", "a condition below a sum"),
    ("huber", r"\frac{\partial L}{\partial r_i} = \begin{cases} r_i & |r_i| \le \delta \\ \delta & \text{otherwise}"
     r" \end{cases}", "a branch that no number reached"),
)  # fmt: skip  # a table


@cache
def network(name: str) -> Model:
    return read(HERE / f"{name}.net")


@pytest.mark.parametrize(("name", "formula", "mistake"), NOT_EXCUSED, ids=[m for _, _, m in NOT_EXCUSED])
def test_it_is_wrong(name: str, formula: str, mistake: str) -> None:
    (found,) = judge_answer(network(name), formula, Options(explain=False), text=".tex").verdicts
    assert found.status == "wrong", (mistake, found.condition)


def test_numbers_are_drawn_on_both_sides_of_every_kink() -> None:
    for name in ("huber", "hinge", "svm", "batch_of_rows"):
        bench = Bench.of(network(name))
        points = [p for k in range(6) for s in ("different", "equal") if (p := bench.judge.points.at(k, s))]  # type: ignore[arg-type]  # the literals
        for need in requirements(bench.model, bench.derivation.graph):
            if need.kind in ("kink", "switch"):
                values = [p.value(need.term) for p in points]
                assert any((v > 0).any() for v in values), (name, str(need.term))
                assert any((v < 0).any() for v in values), (name, str(need.term))


def test_what_takes_few_values_asks_for_no_distance() -> None:
    model = network("huber")
    assert all(need.because != "iszero" for need in requirements(model, Bench.of(model).derivation.graph))


def test_a_claim_about_some_entries_is_judged_at_those() -> None:
    right = r"\frac{\partial p_i}{\partial z_j} = -p_i p_j \quad (i \neq j)"
    wrong = r"\frac{\partial p_i}{\partial z_j} = -p_i p_j \quad \text{if } i = j"
    for formula, expected in ((right, "right"), (wrong, "wrong")):
        (found,) = judge_answer(network("softmax_ce"), formula, Options(explain=False), text=".tex").verdicts
        assert found.status == expected


def test_who_writes_sums_has_forgotten_the_one_that_is_missing() -> None:
    silent = r"$$\frac{\partial f}{\partial x_i} = A_{ki} (Ax-b)_k$$"
    other = r"$$\frac{\partial f}{\partial x_j} = \sum_{k=1}^m A_{kj} (Ax-b)_k$$"
    (alone,) = judge_answer(network("newton"), silent, Options(explain=False), text=".tex").verdicts
    assert (alone.status, alone.condition) == ("right", "if repeated indices are summed")
    for text in (f"{silent}\n\n{other}", f"{other}\n\n{silent}"):
        found = judge_answer(network("newton"), text, Options(explain=False), text=".tex").verdicts
        assert sorted(v.status for v in found) == ["right", "wrong"]


def test_a_matrix_with_nothing_off_its_diagonal_is_said_to_be_that() -> None:
    matrix = r"\begin{pmatrix} p_1(1-p_1) & & \\ & \ddots & \\ & & p_C(1-p_C) \end{pmatrix}"
    claim = rf"\frac{{\partial p}}{{\partial z}} = {matrix}"
    (found,) = judge_answer(network("softmax_ce"), claim, Options(), text=".tex").verdicts
    assert found.diagnosis is not None
    assert (found.status, found.diagnosis.kind) == ("wrong", "diagonal"), found.reason
    assert "off it" in found.diagnosis.message
