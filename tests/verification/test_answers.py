"""Whole answers: chains, definitions, renamings, running letters, conventions, what follows and what is missing."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

import symbackprop as sb
from symbackprop.errors import ReadError, SymbackpropError
from symbackprop.network import Model
from symbackprop.reading.netfile import parse
from symbackprop.verification.verdict import Judgement, Verdict
from symbackprop.verification.verify import Options, judge_answer

MLP = """
x: input(d)
y: target(k)
W_1: parameter(h, d)
b_1: parameter(h)
W_2: parameter(k, h)
b_2: parameter(k)
z_1 = W_1 @ x + b_1
a_1 = sigmoid(z_1)
z_2 = W_2 @ a_1 + b_2
J: loss = norm2(z_2 - y)**2 / 2
"""
BATCH = """
X: input(n, d)
T: target(n, k)
W: parameter(d, k)
b: parameter(k)
Y = X @ W + b
J: loss = sum((Y - T)**2) / (2 * n)
"""
DEEP = """
a_0: input(d_0)
y: target(d_3)
W[1]: parameter(d_1, d_0)
W[2]: parameter(d_2, d_1)
W[3]: parameter(d_3, d_2)
for l in range(1, 4):
    z[l] = W[l] @ a[l-1]
    a[l] = tanh(z[l])
C: loss = norm2(a_3 - y)**2 / 2
"""


def model(text: str) -> Model:
    return parse(text, name="network")


def judged(network: str, answer: str, suffix: str = ".tex", **options: object) -> Judgement:
    return judge_answer(model(network), textwrap.dedent(answer), Options(**options), text=suffix)  # type: ignore[arg-type]


def statuses(judgement: Judgement) -> list[str]:
    return [v.status for v in judgement.verdicts]


# ---------------------------------------------------------------------- chains and positions


def test_every_link_of_a_chain_is_a_verdict_with_its_place() -> None:
    text = r"\frac{\partial J}{\partial W_2} = \delta_{z_2} a_1^T = (z_2 - y) a_1^T = (y - z_2) a_1^T"
    judgement = judged(MLP, text)
    assert statuses(judgement) == ["right", "right", "wrong"]
    for v in judgement.verdicts:
        assert text[v.start : v.end] == v.claim
    assert judgement.verdicts[2].claim == r"(z_2 - y) a_1^T = (y - z_2) a_1^T"
    assert {v.target for v in judgement.verdicts} == {"dJ/dW_2"}


def test_what_is_equal_to_a_wrong_side_follows_from_it() -> None:
    judgement = judged(MLP, r"\frac{\partial J}{\partial b_2} = y - z_2 = -(z_2 - y)")
    first, second = judgement.verdicts
    assert (first.status, first.follows) == ("wrong", None)
    assert (second.status, second.follows) == ("right", first.line)


def test_one_mistake_is_counted_once_where_later_lines_take_it_as_given() -> None:
    judgement = judged(
        MLP,
        r"""
        \begin{aligned}
        \frac{\partial J}{\partial a_1} &= W_2 \frac{\partial J}{\partial z_2} \\
        \frac{\partial J}{\partial z_1} &= \frac{\partial J}{\partial a_1} \odot a_1 \odot (1 - a_1) \\
        \frac{\partial J}{\partial W_1} &= \frac{\partial J}{\partial z_1} x^\top
        \end{aligned}
        """,
    )
    assert statuses(judgement) == ["wrong", "right", "right"]


def test_lines_and_positions_are_those_of_the_whole_file() -> None:
    text = "# Title\n\nSome words.\n\n$$\\frac{\\partial J}{\\partial b_2} = z_2 - y$$\n"
    (verdict,) = judge_answer(model(MLP), text, Options(), text=".md").verdicts
    assert verdict.line == 5
    assert text[verdict.start : verdict.end] == r"\frac{\partial J}{\partial b_2} = z_2 - y"


def test_a_passage_that_begins_with_a_relation_continues_the_one_before() -> None:
    text = "$$\\frac{\\partial J}{\\partial b_2} = \\delta_{z_2}$$\n\n$$= z_2 - y$$\n"
    judgement = judge_answer(model(MLP), text, Options(), text=".md")
    assert statuses(judgement) == ["right", "right"]
    assert judgement.verdicts[1].target == "dJ/db_2"


# ---------------------------------------------------------------------- letters of the answer


def test_a_letter_that_the_answer_defines_is_used_everywhere() -> None:
    judgement = judged(MLP, r"\frac{\partial J}{\partial W_2} = r a_1^T \text{ where } r = z_2 - y")
    assert statuses(judgement) == ["right"]
    assert [p.why for p in judgement.passed_over] == ["it defines a letter of the answer"]


def test_a_function_that_the_answer_defines_is_applied_and_differentiated() -> None:
    answer = (
        r"g(u) = \frac{1}{1 + e^{-u}} \\"
        r"\frac{\partial J}{\partial z_1} = \frac{\partial J}{\partial a_1} \odot g'(z_1)"
    )
    assert statuses(judged(MLP, answer)) == ["right"]


def test_a_forward_equation_binds_the_authors_letter_to_the_node() -> None:
    judgement = judged(MLP, r"q = W_1 x + b_1 \\ \frac{\partial J}{\partial W_1} = \frac{\partial J}{\partial q} x^T")
    assert judgement.renamings == ("q is z_1",)
    assert [(v.target, v.status) for v in judgement.verdicts] == [("z_1", "right"), ("dJ/dW_1", "right")]


def test_a_node_whose_equation_is_another_nodes_is_renamed() -> None:
    answer = r"z_1 = W_2 a_1 + b_2 \\ \frac{\partial J}{\partial b_2} = \frac{\partial J}{\partial z_1} = z_1 - y"
    judgement = judged(MLP, answer)
    assert "z_1 is z_2" in judgement.renamings
    assert statuses(judgement)[-2:] == ["right", "right"]


def test_let_renames_by_hand() -> None:
    answer = r"\frac{\partial J}{\partial u} = u - y"
    assert statuses(judged(MLP, answer)) == ["unreadable"]
    assert statuses(judged(MLP, answer, let={"u": "z_2"})) == ["right"]


def test_an_unknown_letter_is_refused_with_its_nearest_names() -> None:
    (verdict,) = judged(MLP, r"\frac{\partial J}{\partial W_2} = (z_2 - y) a_3^T").verdicts
    assert verdict.status == "unreadable"
    assert "`a_3`" in verdict.reason
    assert "a_1" in verdict.reason


def test_definitions_in_a_circle_are_refused() -> None:
    (verdict,) = judged(MLP, r"r = s \\ s = r \\ \frac{\partial J}{\partial b_2} = r").verdicts
    assert verdict.status == "unreadable"
    assert "circle" in verdict.reason


def test_a_shift_of_indices_is_proposed_and_not_applied() -> None:
    answer = r"""
    \frac{\partial C}{\partial W_1} = \frac{\partial C}{\partial z_0} a_0^T \\
    \frac{\partial C}{\partial W_2} = \frac{\partial C}{\partial z_1} a_1^T \\
    \frac{\partial C}{\partial W_3} = \frac{\partial C}{\partial z_2} a_2^T \\
    \frac{\partial C}{\partial a_2} = W_3^T \frac{\partial C}{\partial z_2}
    """
    judgement = judged(DEEP, answer)
    assert "right" not in statuses(judgement)
    (proposal,) = judgement.proposals
    assert "--let 'z_2=z_3'" in proposal
    let = {"z_0": "z_1", "z_1": "z_2", "z_2": "z_3"}
    assert statuses(judged(DEEP, answer, let=let)) == ["right"] * 4


# ---------------------------------------------------------------------- running letters


def test_a_layer_that_a_claim_leaves_open_stands_for_every_one() -> None:
    (verdict,) = judged(DEEP, r"\frac{\partial C}{\partial W_l} = \frac{\partial C}{\partial z_l} a_{l-1}^T").verdicts
    assert verdict.status == "right"
    assert verdict.reason == "It holds for l = 1, 2, 3."


def test_a_claim_that_fails_at_an_end_says_so() -> None:
    (verdict,) = judged(DEEP, r"\frac{\partial C}{\partial z_l} = (a_l - y) \odot (1 - a_l^2)").verdicts
    assert verdict.status == "wrong"
    answer = r"\delta_l = \frac{\partial C}{\partial a_l} \odot (1 - a_l^2)"
    assert [v.status for v in judged(DEEP, answer).verdicts] == ["right"]


def test_a_capital_letter_is_the_last_layer() -> None:
    (verdict,) = judged(DEEP, r"\delta^L = (a^L - y) \odot (1 - (a^L)^2)").verdicts
    assert verdict.status == "right"


# ---------------------------------------------------------------------- conventions


def test_one_example_for_the_batch_is_a_convention_of_the_answer() -> None:
    judgement = judged(
        BATCH,
        r"""
        \frac{\partial J}{\partial Y} = Y - T \\
        \frac{\partial J}{\partial W} = X^T \frac{\partial J}{\partial Y} \\
        \frac{\partial J}{\partial b} = \frac{\partial J}{\partial Y}
        """,
    )
    assert statuses(judgement) == ["right", "right", "right"]
    assert judgement.conventions == ("one example at a time (n = 1)",)
    assert [v.condition for v in judgement.verdicts] == ["if n = 1 (one example)", None, "if n = 1 (one example)"]


def test_a_loss_that_is_scaled_is_a_convention_if_several_lines_agree() -> None:
    judgement = judged(
        BATCH, r"\frac{\partial J}{\partial W} = X^T (Y - T) \\ \frac{\partial J}{\partial b} = (Y - T)^T \mathbf{1}"
    )
    assert statuses(judgement) == ["right", "right"]
    assert judgement.conventions == ("the loss is multiplied by n",)


def test_a_factor_in_one_line_only_is_a_mistake() -> None:
    judgement = judged(
        BATCH,
        r"\frac{\partial J}{\partial W} = X^T (Y - T) \\"
        r"\frac{\partial J}{\partial b} = \frac{1}{n} (Y - T)^T \mathbf{1}",
    )
    assert statuses(judgement) == ["wrong", "right"]
    assert judgement.conventions == ()


def test_a_sign_is_never_a_convention() -> None:
    judgement = judged(
        BATCH,
        r"\frac{\partial J}{\partial W} = -\frac1n X^T (Y - T) \\"
        r"\frac{\partial J}{\partial b} = -\frac1n (Y - T)^T \mathbf{1}",
    )
    assert statuses(judgement) == ["wrong", "wrong"]


def test_gradients_of_matrices_transposed_throughout_are_numerator_layout() -> None:
    answer = (
        r"\frac{\partial J}{\partial W_1} = x \left(\frac{\partial J}{\partial z_1}\right)^T \\"
        r"\frac{\partial J}{\partial W_2} = a_1 \left(\frac{\partial J}{\partial z_2}\right)^T"
    )
    judgement = judged(MLP, answer)
    assert judgement.conventions == ("numerator layout",)
    assert [v.condition for v in judgement.verdicts] == ["in numerator layout"] * 2


def test_lines_that_need_opposite_layouts_contradict_each_other() -> None:
    answer = (
        r"\frac{\partial J}{\partial W_1} = x \left(\frac{\partial J}{\partial z_1}\right)^T \\"
        r"\frac{\partial J}{\partial W_2} = \frac{\partial J}{\partial z_2} a_1^T"
    )
    assert statuses(judged(MLP, answer)) == ["wrong", "right"]


def test_a_missing_transpose_of_a_weight_is_not_excused_by_symmetry() -> None:
    square = "x: input(n)\nW: parameter(n, n)\nu: constant(n)\nz = W @ x\nJ: loss = u @ z\n"
    assert statuses(judged(square, r"\frac{\partial J}{\partial x} = W \frac{\partial J}{\partial z}")) == ["wrong"]


def test_a_claim_that_differs_at_a_kink_only_is_right_with_that_condition() -> None:
    relu = "x: input(n)\nu: constant(n)\na = relu(x)\nJ: loss = u @ a\n"
    answer = r"\frac{\partial J}{\partial x} = \frac{\partial J}{\partial a} \odot \mathbb{1}[x \geq 0]"
    (verdict,) = judged(relu, answer).verdicts
    assert verdict.status == "right"
    assert verdict.condition == "except at x = 0"


# ---------------------------------------------------------------------- answers of several kinds and parts


def test_parts_of_an_answer_have_networks_of_their_own() -> None:
    first = "# Ex 1\n$$\\frac{\\partial J}{\\partial b_2} = z_2 - y$$\n"
    text = first + "# Ex 2\n$$\\frac{\\partial J}{\\partial Y} = \\frac1n (Y - T)$$\n"
    judgement = judge_answer(model(MLP), text, Options(parts={"Ex 2": model(BATCH)}), text=".md")
    assert statuses(judgement) == ["right", "right"]
    assert statuses(judge_answer(model(MLP), text, Options(), text=".md")) == ["right", "unreadable"]


def test_a_required_name_is_missing_only_in_the_part_whose_network_has_it() -> None:
    text = "# Ex 1\n$$\\frac{\\partial J}{\\partial b_2} = z_2 - y$$\n"
    parts = {"Ex 2": model(BATCH)}
    asked = Options(parts=parts, require=("b_2", "Y"))
    assert judge_answer(model(MLP), text, asked, text=".md").missing == ("dJ/dY",)
    full = text + "# Ex 2\n$$\\frac{\\partial J}{\\partial Y} = \\frac1n (Y - T)$$\n"
    assert judge_answer(model(MLP), full, asked, text=".md").missing == ()


def test_a_part_that_no_heading_names_is_told() -> None:
    text = "# Exercise 1\n$$\\frac{\\partial J}{\\partial b_2} = z_2 - y$$\n"
    judgement = judge_answer(model(MLP), text, Options(parts={"Problem 7": model(BATCH)}), text=".md")
    assert len(judgement.proposals) == 1
    assert "`Problem 7`" in judgement.proposals[0]
    assert "Exercise 1" in judgement.proposals[0]
    assert judge_answer(model(MLP), text, Options(parts={"ex 1": model(MLP)}), text=".md").proposals == ()


def test_a_notebooks_formulas_and_code_are_judged_together() -> None:
    notebook = """{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
      {"cell_type": "markdown", "metadata": {}, "source": ["$\\\\frac{\\\\partial J}{\\\\partial b_2} = z_2 - y$"]},
      {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1, "source": ["db_2 = y - z_2"]}]}"""
    judgement = judge_answer(model(MLP), notebook, Options(), text=".ipynb")
    assert [(v.cell, v.status) for v in judgement.verdicts] == [(1, "right"), (2, "wrong")]


def test_required_derivatives_that_are_missing_are_named() -> None:
    answer = r"\frac{\partial J}{\partial b_2} = z_2 - y"
    assert judged(MLP, answer, require=("parameters",)).missing == ("dJ/dW_1", "dJ/db_1", "dJ/dW_2")
    assert judged(MLP, answer, require=("b_2",)).missing == ()
    assert judged(MLP, answer, require=("b_1",)).exit_code == 1


def test_formulas_without_a_derivative_are_passed_over_and_listed() -> None:
    judgement = judged(MLP, r"x \in \mathbb{R}^d \\ \frac{\partial J}{\partial b_2} = z_2 - y \\ \eta > 0")
    assert statuses(judgement) == ["right"]
    assert len(judgement.passed_over) == 2
    assert judgement.exit_code == 0


def test_an_identity_between_functions_is_judged_and_a_definition_is_not() -> None:
    (verdict,) = judged(MLP, r"\log u = \frac{1}{u}").verdicts
    assert verdict.status == "wrong"
    assert judged(MLP, r"\rho(u) = u^2").verdicts == ()


# ---------------------------------------------------------------------- from Python


@pytest.fixture
def network() -> sb.Network:
    return sb.Network.parse(MLP)


def test_verify_takes_latex_code_paths_functions_and_sympy(network: sb.Network, tmp_path: Path) -> None:
    latex = r"\frac{\partial J}{\partial b_2} = z_2 - y"
    path = tmp_path / "answer.tex"
    path.write_text(f"${latex}$")

    def backward(x, y, W_1, b_1, W_2, b_2):  # type: ignore[no-untyped-def]  # as people write it
        a_1 = 1 / (1 + np.exp(-(W_1 @ x + b_1)))  # noqa: F821  # read, never run
        return {"b_2": W_2 @ a_1 + b_2 - y}

    for claim in (latex, "db_2 = z_2 - y", path, str(path), backward):
        verdicts = sb.verify(network, claim)
        assert [(v.target, v.status) for v in verdicts] == [("dJ/db_2", "right")], claim


def test_verify_takes_sympy_expressions(network: sb.Network) -> None:
    h, k = sb.dims("h k")
    same = sb.Network("the same")
    y, W_2 = same.target("y", k), same.parameter("W_2", (k, h))
    a_1 = same.input("a_1", h)
    z_2 = same.define("z_2", W_2 * a_1)
    (verdict,) = sb.verify(network, {"b_2": z_2 - y})
    assert verdict.status == "right"
    (verdict,) = sb.verify(network, {"b_2": y - z_2})
    assert verdict.status == "wrong"
    assert verdict.counterexample is not None


def test_check_raises_with_the_diagnosis(network: sb.Network) -> None:
    sb.check(network, r"\frac{\partial J}{\partial b_2} = z_2 - y")
    with pytest.raises(AssertionError, match="sign"):
        sb.check(network, r"\frac{\partial J}{\partial b_2} = y - z_2")
    with pytest.raises(AssertionError, match="Nothing in the answer"):
        sb.check(network, r"x > 0")
    with pytest.raises(AssertionError, match="asked for"):
        sb.check(network, r"\frac{\partial J}{\partial b_2} = z_2 - y", require="parameters")


def test_what_is_no_claim_is_an_error(network: sb.Network) -> None:
    with pytest.raises(ReadError, match="no claim"):
        sb.verify(network, 3.0)  # type: ignore[arg-type]
    with pytest.raises(SymbackpropError):
        sb.verify(network, "")


def test_a_verdict_says_all_that_the_contract_lists(network: sb.Network) -> None:
    (verdict,) = sb.verify(network, r"\frac{\partial J}{\partial W_2} = (z_2 - y) a_1")
    found = verdict.as_dict()
    assert list(found) == [
        *("file", "network", "line", "position", "claim", "target", "status", "proof", "condition", "diagnosis"),
        "counterexample",
    ]
    assert set(found["diagnosis"]) == {"kind", "message", "repair_latex", "repair_numpy"}
    assert isinstance(verdict, Verdict)
