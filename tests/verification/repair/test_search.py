"""The search as a whole: what it says, what it keeps of the text, where it stops."""

from __future__ import annotations

import pytest

from symbackprop.verification.repair import explain_without_repair
from tests.verification.repair.mending import CLASSES, MLP, QUADRATIC, ROWS, Workshop


@pytest.fixture(scope="module")
def mlp() -> Workshop:
    return Workshop(MLP)


def test_what_is_not_changed_is_the_authors_own_text(mlp: Workshop) -> None:
    found = mlp.mended(r"\frac{\partial J}{\partial z_1}", r"\left( W_2\, (z_2-y) \right)\circ \sigma'\bigl(z_1\bigr)")
    assert found.latex == r"\left( W_2^\top (z_2-y) \right)\circ \sigma'\bigl(z_1\bigr)"


def test_the_transpose_is_marked_as_elsewhere_in_the_formula(mlp: Workshop) -> None:
    left = r"\frac{\partial J}{\partial W_1}"
    found = mlp.mended(left, r"((W_2)^{\mathsf{T}} (z_2 - y) \odot \sigma'(z_1)) x + \lambda W_1")
    assert found.latex == r"((W_2)^{\mathsf{T}} (z_2 - y) \odot \sigma'(z_1)) x^{\mathsf{T}} + \lambda W_1"


def test_a_missing_derivative_is_written_with_the_sign_of_the_formula(mlp: Workshop) -> None:
    found = mlp.mended(r"\nabla_{W_1} J", r"(W_2^T (z_2 - y) \circ \sigma'(z_1)) x^T + \lambda \circ W_2")
    assert r"\odot" not in found.latex


def test_a_sentence_names_the_sizes_that_do_not_meet(mlp: Workshop) -> None:
    found = mlp.mended(r"\frac{\partial J}{\partial W_2}", r"(z_2 - y) a_1")
    assert found.message == (
        "A transpose is missing at a_1: a matrix product needs equal inner sizes; "
        "here are a column (k × 1) and a column (h × 1), with 1 and h."
    )
    assert found.hint.startswith("Look at the transposes at a_1. A matrix product")
    assert found.numpy == "outer(z_2 - y, a_1)" or "einsum" in (found.numpy or "")


def test_a_sign_is_told_without_shapes(mlp: Workshop) -> None:
    found = mlp.mended(r"\frac{\partial J}{\partial W_2}", r"(y - z_2) a_1^T")
    assert found.message == r"The sign of (y - z_2) a_1^T is wrong."


def test_a_missing_path_is_told_with_the_sign_that_it_needs() -> None:
    gate = Workshop(
        "x: input(d)\nW: parameter(d, d)\nV: parameter(d, d)\ng = sigmoid(W @ x)\nc = V @ x\n"
        "h = g * tanh(c) + (1 - g) * x\nL: loss = norm2(h)**2 / 2\n"
    )
    found = gate.mended(r"\frac{\partial L}{\partial g}", r"h \odot \tanh(c)")
    assert found.message == r"A term is missing: -x \circ h."
    right = r"W^T (h \odot (\tanh(c) - x) \odot g \odot (1-g)) + V^T \frac{\partial L}{\partial c}"
    assert gate.mended(r"\frac{\partial L}{\partial x}", right).message == r"Terms are missing: h - g \circ h."


def test_two_mistakes_are_both_told(mlp: Workshop) -> None:
    found = mlp.mended(r"\frac{\partial J}{\partial z_1}", r"W_2 (z_2 - y) \odot \sigma'(a_1)")
    assert found.edits == 2
    assert found.latex == r"W_2^\top (z_2 - y) \odot \sigma'(z_1)"
    assert "W_2" in found.message
    assert "a_1" in found.message
    assert r"z_1" not in found.hint


def test_one_mistake_is_mended_by_one_edit(mlp: Workshop) -> None:
    found = mlp.mended(r"\frac{\partial J}{\partial z_1}", r"W_2 (z_2 - y) \odot \sigma'(z_1)")
    assert found.edits == 1


def test_a_factor_is_a_size_only_if_it_is_one_at_all_sizes() -> None:
    found = Workshop(ROWS).mended(r"\frac{\partial J}{\partial W}", r"X^T ((A - Y) \odot (1 - A \odot A))")
    assert found.latex == r"\frac{1}{n} X^T ((A - Y) \odot (1 - A \odot A))"


def test_a_gradient_that_is_taken_as_given_stays_one(mlp: Workshop) -> None:
    found = mlp.mended(r"\frac{\partial J}{\partial z_1}", r"\frac{\partial J}{\partial a_1} \odot \sigma'(a_1)")
    assert found.latex == r"\frac{\partial J}{\partial a_1} \odot \sigma'(z_1)"
    assert "grad(a_1)" in (found.numpy or "")


def test_a_sum_over_an_index_that_runs_on_one_side_only_is_missing() -> None:
    found = Workshop(ROWS).mended(
        r"\frac{\partial J}{\partial w_{ij}}", r"\frac{1}{n} x_{mi} (A_{mj} - Y_{mj}) (1 - A_{mj}^2)"
    )
    assert found.kind == "sum"
    assert r"\sum_{m}" in found.latex


def test_a_formula_without_a_small_repair_has_none() -> None:
    assert Workshop(CLASSES).mend("H_z", r"\exp(z) z^T + W W^T", seconds=0.3) is None


def test_no_time_is_no_repair_and_no_error(mlp: Workshop) -> None:
    assert mlp.mend(r"\frac{\partial J}{\partial z_1}", r"W_2 (z_1 - y) \sigma(a_1)", seconds=0.0) is None


def test_the_terms_that_are_wrong_are_named() -> None:
    workshop = Workshop(QUADRATIC)
    left, text = r"\frac{\partial f}{\partial x}", r"A x + A^T x + S x + S^{-T} x"
    sides = workshop.read(left), workshop.read(text)
    e, scope = workshop.bench.elaborator, workshop.bench.scope(sides)
    wanted = e.values(sides[0], scope)
    told = explain_without_repair(e, workshop.bench.judge, text, sides[1], scope, wanted)
    assert told == "The term S x is no term of the true formula; the others are."
