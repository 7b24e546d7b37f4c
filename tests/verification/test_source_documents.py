"""The homework documents that the project began with: every formula and all code judged; pages in outputs/answers.

A page that comes out otherwise is written again by `symbackprop verify`, with the arguments of its row and `--html`.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from symbackprop.gallery import HERE as GALLERY
from symbackprop.network import Model
from symbackprop.reading.netfile import read
from symbackprop.verification.showing.page import html
from symbackprop.verification.verdict import Judgement, Verdict
from symbackprop.verification.verify import Options, judge_answer

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "outputs" / "answers"

# page: (document, network, networks of other parts)
ROWS: dict[str, tuple[str, str, dict[str, str]]] = {
    "000_columns": ("000_three_layer_relu_homework.md", "homework_columns", {"Problem 3": "three_layer_relu_batch"}),
    "000_declared": ("000_three_layer_relu_homework.md", "homework_declared", {"Problem 3": "three_layer_relu_batch"}),
    "001": ("001_assignment_three_layer_mlp.md", "three_layer_relu", {}),
    "002": (
        "002_neurons_gaussian_regression_autodiff.md",
        "tanh_neurons",
        {
            "Ex 3": "gaussian_regression",
            "1.1 Exercise 1": "relu_regression",
            "1.2 Exercise 2": "relu_regression",
        },
    ),
    "003": ("003_sigmoid_bce_derivation.md", "sigmoid_classifier", {}),
    "004": ("004_softmax_two_layer_by_hand.md", "softmax_2_3_2", {}),
}


@cache
def network(name: str) -> Model:
    own = PAGES / f"{name}.net"
    return read(own if own.exists() else GALLERY / f"{name}.net")


@cache
def judged(page: str, seeds: Path) -> Judgement:
    document, name, parts = ROWS[page]
    options = Options(parts={heading: network(other) for heading, other in parts.items()})
    return judge_answer(network(name), seeds / document, options, name=document)


def status(judgement: Judgement, line: int, piece: str) -> list[str]:
    """The verdicts in a line whose claim holds a piece of text."""
    return [v.status for v in judgement.verdicts if v.line == line and piece in v.claim]


def one(judgement: Judgement, line: int, piece: str) -> Verdict:
    (found,) = [v for v in judgement.verdicts if v.line == line and piece in v.claim]
    return found


@pytest.mark.parametrize("page", ROWS)
def test_the_page_of_a_document_is_the_one_that_is_committed(page: str, seeds: Path) -> None:
    made = html(judged(page, seeds))
    path = PAGES / f"{page}.html"
    if os.environ.get("SYMBACKPROP_ACCEPT") == "1":
        path.write_text(made, encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == made


def test_with_column_vectors_the_transposes_of_000_are_missing(seeds: Path) -> None:
    judgement = judged("000_columns", seeds)
    for layer in "012":
        line = {"2": 16, "1": 20, "0": 24}[layer]
        at_input = one(judgement, line, rf"= W_{layer} \frac{{\partial J}}{{\partial z_{layer}}}")
        assert at_input.status == "wrong"
        assert at_input.diagnosis is not None
        assert at_input.diagnosis.kind == "transpose"
        assert at_input.diagnosis.repair_latex == rf"W_{layer}^\top \frac{{\partial J}}{{\partial z_{layer}}}"
        assert one(judgement, line, rf"= a_{layer} \frac{{\partial J}}{{\partial z_{layer}}}").status == "wrong"


def test_with_the_declared_sizes_only_the_weights_of_000_lack_a_transpose(seeds: Path) -> None:
    judgement = judged("000_declared", seeds)
    formulas = [v for v in judgement.verdicts if v.line < 30]
    wrong = {v.target: v for v in formulas if v.status == "wrong"}
    assert set(wrong) == {"dJ/dW_0", "dJ/dW_1", "dJ/dW_2"}
    assert all(v.diagnosis is not None and v.diagnosis.kind == "transpose" for v in wrong.values())
    assert status(judgement, 16, r"= W_2 \frac") == ["right"]


def test_the_code_of_000_is_wrong_in_its_relu_its_sums_and_a_name(seeds: Path) -> None:
    code = {v.target: v for v in judged("000_declared", seeds).verdicts if v.line > 30}
    kinds = {t: v.diagnosis.kind for t, v in code.items() if v.diagnosis is not None}
    assert kinds["dJ/dW_2"] == "transcription"
    assert {kinds[f"dJ/db_{k}"] for k in "012"} == {"sum"}
    assert code["dJ/dW_1"].status == "right"
    relu = code["dJ/dW_0"].diagnosis
    assert relu is not None
    assert "a0 = relu(x)" in relu.message
    bias = code["dJ/db_2"].diagnosis
    assert bias is not None
    assert "right only if d_3 = 1" in bias.message


def test_the_neurons_of_002_are_right_through_both_paths(seeds: Path) -> None:
    neurons = [v for v in judged("002", seeds).verdicts if v.line < 25]
    assert len(neurons) == 10
    assert {(v.status, v.proof, v.condition) for v in neurons} == {("right", "symbolic", None)}


def test_the_hessian_and_the_condition_number_of_002(seeds: Path) -> None:
    judgement = judged("002", seeds)
    assert [v.status for v in judgement.verdicts if v.line in (25, 27, 29)] == ["right"] * 4
    off_diagonal, squares = (v for v in judgement.verdicts if v.line == 30)
    assert off_diagonal.status == squares.status == "wrong"
    assert off_diagonal.counterexample is not None
    assert off_diagonal.counterexample.entry[0] != off_diagonal.counterexample.entry[1]
    assert squares.diagnosis is not None
    assert squares.diagnosis.repair_latex is not None
    assert "^2" in squares.diagnosis.repair_latex.replace("{", "").split("sigma")[0]
    assert [v.status for v in judgement.verdicts if v.line == 34] == ["wrong", "wrong", "right"]


def test_the_code_of_002_is_right_for_one_example_and_one_output_only(seeds: Path) -> None:
    code = [v for v in judged("002", seeds).verdicts if 90 < v.line < 130]
    assert len(code) >= 8
    for v in code:
        assert v.status == "wrong"
        assert v.diagnosis is not None
        assert "right only if n = 1 and k = 1" in v.diagnosis.message


def test_003_is_right_but_for_one_index(seeds: Path) -> None:
    verdicts = judged("003", seeds).verdicts
    wrong = [v for v in verdicts if v.status != "right"]
    assert {v.line for v in wrong} == {28}
    assert all("a_{h_2}^{[1]}" in v.claim for v in wrong)
    assert all(v.diagnosis is not None and v.diagnosis.kind == "index" for v in wrong)
    assert len(verdicts) >= 35


def test_004_is_right_but_for_the_derivative_of_the_logarithm(seeds: Path) -> None:
    verdicts = judged("004", seeds).verdicts
    assert len(verdicts) >= 80
    (wrong,) = [v for v in verdicts if v.status != "right"]
    assert wrong.claim == r"\log_e x = \frac{1}{x}"


def test_of_the_assignment_nothing_is_claimed_that_is_wrong(seeds: Path) -> None:
    assert {v.status for v in judged("001", seeds).verdicts} <= {"right", "unreadable"}
