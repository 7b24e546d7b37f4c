"""Formulas in sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.document import Math
from symbackprop.verification.showing.sentences import sentence, spoken


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r"The sign of -\frac{\partial J}{\partial z} x^\top is wrong.", "The sign of −(∂J/∂z) xᵀ is wrong."),
        (
            r"The factors W_2 \frac{\partial J}{\partial z_2}, in a row, fail.",
            "The factors W₂ (∂J/∂z₂), in a row, fail.",
        ),
        (r"A term is missing: \delta_1: a matrix product.", "A term is missing: δ₁: a matrix product."),
        (r"Look at \sigma(z) = a and at \sigma'(z).", "Look at σ(z) = a and at σ′(z)."),
        (r"The command `\foo` is not known; \foo is one.", r"The command `\foo` is not known; \foo is one."),
        ("W_2 is (h, d), and z_1 is not.", "W_2 is (h, d), and z_1 is not."),
        (r"C:\new {a", r"C:\new {a"),
        ("", ""),
    ],
)
def test_a_formula_is_set_and_words_stay(text: str, said: str) -> None:
    assert spoken(text) == said


@given(st.lists(st.sampled_from(["a", "the ", r"\delta", "_1 ", " ", "x^T", "{", "}", ". ", ":", "`", r"\frac12 "])))
def test_nothing_is_lost(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert "".join(part.latex if isinstance(part, Math) else part for part in sentence(text)) == text
