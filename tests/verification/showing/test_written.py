"""Formulas as their authors wrote them: read by the allow-list, written again; or not shown as formulas at all."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.verification.showing.written import LONGEST, one_line, written


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\frac{\partial J}{\partial W_1} = \delta_1 x^T", "∂J/∂W₁ = δ₁ xᵀ"),
        (r"\frac{\partial J}{\partial W_1} &= \delta_1 x^T.", "∂J/∂W₁ = δ₁ xᵀ"),
        (r"\frac12 (a-y)^2", "1/2 (a − y)²"),
        (r"\frac1n x^10", "1/n x¹ 0"),
        (r"-\frac{a}{b}-(-c)", "−(a/b) − (−c)"),
        (r"\left( a - y \right) \odot \sigma'(z)", "(a − y) ⊙ σ′(z)"),
        (r"\mathbb{1}[z > 0] \odot a", "1[z > 0] ⊙ a"),
        (r"tanh^{'}(z) softmax(o)", "tanh′(z) softmax(o)"),
        ("δ_1 = W_2ᵀ δ_2", "δ₁ = W₂ᵀ δ₂"),
        ("f’(x) := y", "f′(x) := y"),
        (r"\delta_{i,j} = \sum_{i=1}^n x_i", "δ_{i,j} = Σ_{i=1}^n xᵢ"),
        (r"f = \begin{cases} 1 & x > 0 \\ 0 & x \leq 0 \end{cases}", "f = {1 x > 0; 0 x ≤ 0}"),
        (r"\begin{pmatrix} a & \begin{bmatrix} b \\ c \end{bmatrix} \\ 0 & d \end{pmatrix}", "[a, [b; c]; 0, d]"),
        (r"\begin{array}{cc} a & b \end{array} \label{eq:1}", "[a, b]"),
        (r"\begin{bmatrix} a & & \\ & \ddots & \\ & & d \end{bmatrix}", "[a,  ,  ;  , ⋱,  ;  ,  , d]"),
        (r"J = \mathtt{tab7}", "J = tab7"),
    ],
)
def test_a_formula_is_set_as_its_author_wrote_it(latex: str, text: str) -> None:
    found = written(latex)
    assert found is not None
    assert found.text == text
    assert ElementTree.fromstring(f"<math>{found.mathml}</math>") is not None  # noqa: S314  our own
    assert found.latex == latex


@pytest.mark.parametrize(
    "latex",
    [
        r"\input{secret}", r"\frown", r"\text{<img src=x onerror=alert(1)>}", "a }", "{" * 30, "x^2^3", "a\x00", "Ж",
        r"\begin{pmatrix} a", r"\begin{vmatrix} a \end{vmatrix}", "x" * (LONGEST + 1), r"\left. f \right|_0", "x^",
    ],
)  # fmt: skip
def test_what_the_reader_does_not_know_is_no_formula(latex: str) -> None:
    assert written(latex) is None
    assert one_line(f"  {latex}\n") == " ".join(latex.split())


def test_a_formula_can_be_had_in_ascii() -> None:
    assert one_line(r"\frac{\partial J}{\partial A} = 2 \delta A^{-1}", ascii_only=True) == "dJ/dA = 2 delta A^-1"


PIECES = [
    *(r"\frac", r"\begin{pmatrix}", r"\end{pmatrix}", r"\begin{cases}", r"\end{cases}", r"\\", "&", "{", "}", "_", "^"),
    *("x", "1", "12", " ", "'", "(", ")", "=", "-", ",", ".", r"\left", r"\right", r"\delta", r"\mathtt{tab0}", "<"),
    *(r"\text{a}", r"\text{", "δ", "\x1b", "<script>", r"\sqrt", r"\hat", "|", r"\|", "tanh", "*", r"\operatorname*"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=40))
def test_whatever_is_written_the_result_is_markup_that_holds_no_element_of_the_author_s(latex: str) -> None:
    found = written(latex)
    if found is not None:
        root = ElementTree.fromstring(f"<math>{found.mathml}</math>")  # noqa: S314  that is the question
        tags = {element.tag for element in root.iter()}
        assert tags <= {
            *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "msub", "msup", "msubsup", "munder", "mover"),
            *("munderover", "mfrac", "msqrt", "mtable", "mtr", "mtd"),
        }
