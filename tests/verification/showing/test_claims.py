"""A claim is a formula or code, has two sides, and its repair stands beside what it replaces."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symbackprop.verification.showing.claims import Change, change, is_code, sides
from symbackprop.verification.verdict import Diagnosis
from tests.verification.showing.judged import CODE, IN_CODE, PROVED, WRONG


@pytest.mark.parametrize(
    ("claim", "file", "code"),
    [
        ("dW = X.T @ d", "", True),
        ("return np.outer(d, x)", "", True),
        ("dW", "answer.py", True),
        ("dL_w7 = dL_o1*a1", "answer.md", True),
        ("import numpy, utils", "answer.md", True),
        ("delta_4 = 2*(Y-T)", "answer.md", True),
        ("d = a1^2", "answer.md", False),
        ("dW_1 = d x", "answer.md", False),
        ("dW = x", "answer.md", False),
        (r"\delta = W^T d", "answer.md", False),
        (r"f(x) = \sigma(x)", "", False),
        ("f(x = ", "", False),
        ("(" * 1500, "", False),
    ],
)
def test_code_is_told_from_formulas(claim: str, file: str, code: bool) -> None:
    assert is_code(claim, file) is code


@pytest.mark.parametrize(
    ("claim", "left", "right"),
    [
        ("A = B = C", "A = B", "C"),
        (r"\sum_{i=1}^n x", "", r"\sum_{i=1}^n x"),
        (r"a &= \begin{cases} 1 & x = 0 \\ 0 \end{cases}", "a", r"\begin{cases} 1 & x = 0 \\ 0 \end{cases}"),
        (r"f := x", "f", "x"),
        (r"a \ne= b", "", r"a \ne= b"),
        (r"a \{ x = 1", r"a \{ x", "1"),
        ("= C", "", "C"),
    ],
)
def test_a_formula_is_divided_at_its_last_relation(claim: str, left: str, right: str) -> None:
    assert sides(claim, code=False) == (left, right)


@pytest.mark.parametrize(
    ("claim", "left", "right"),
    [
        ("dW = X.T @ d", "dW", "X.T @ d"),
        ("a = b = x @ y", "a = b", "x @ y"),
        ("return (x)", "return", "x"),
        ("dW += x", "", "dW += x"),
        ("dW = f(x == y)", "dW", "f(x == y)"),
        ("def f(:", "", "def f(:"),
    ],
)
def test_code_is_divided_as_python_reads_it(claim: str, left: str, right: str) -> None:
    assert sides(claim, code=True) == (left, right)


def test_a_repair_stands_beside_the_right_side_of_its_claim() -> None:
    assert change(WRONG) == Change(r"\delta_1 x", r"\delta_1 x^T", code=False)
    assert change(PROVED) is None


def test_a_repair_may_be_the_whole_formula() -> None:
    whole = Diagnosis("transpose", "", "", r"\frac{\partial J}{\partial W_1} = \delta_1 x^T")
    assert change(replace(WRONG, diagnosis=whole)) == Change(r"\delta_1 x", r"\delta_1 x^T", code=False)
    other = Diagnosis("symbol", "", "", r"\frac{\partial J}{\partial W_2} = \delta_1 x")
    found = change(replace(WRONG, diagnosis=other))
    assert found == Change(WRONG.claim, other.repair_latex or "", code=False)


def test_a_formula_whose_repair_is_known_in_numpy_only_is_shown_that() -> None:
    only = Diagnosis("transpose", "", "", None, "np.outer(grad(z_1), x)")
    assert change(replace(WRONG, diagnosis=only)) == Change("", "np.outer(grad(z_1), x)", code=True)
    assert change(replace(WRONG, diagnosis=Diagnosis("transpose", "No repair."))) is None


def test_in_code_the_line_to_change_may_be_another() -> None:
    assert change(IN_CODE, CODE) == Change("dW = X @ d", "dW = X.T @ d", code=True, line=2)
    assert change(replace(IN_CODE, line=2), CODE) == Change("dW = X @ d", "dW = X.T @ d", code=True)
    here = replace(IN_CODE, claim="dW = X @ d")
    assert change(here) == Change("X @ d", "X.T @ d", code=True)


def test_a_repaired_line_is_compared_with_the_line_and_a_repaired_name_with_the_name() -> None:
    source = "for k in range(3):\n    db += d[k]\nreturn dW, pW2\n"
    line = Diagnosis("sign", "", "", None, "db -= d[k]", 2)
    found = replace(IN_CODE, claim="db += d[k]", line=2, diagnosis=line)
    assert change(found, source) == Change("db += d[k]", "db -= d[k]", code=True)
    assert change(replace(found, claim="return db"), source) == Change("db += d[k]", "db -= d[k]", code=True)
    name = Diagnosis("transcription", "", "", None, "pw2", 3)
    assert change(replace(IN_CODE, claim="pW2", diagnosis=name), source) == Change("pW2", "pw2", code=True)
    above = replace(IN_CODE, claim="pw2 = a.T @ d", line=1, diagnosis=name)
    assert change(above, source) == Change("pW2", "pw2", code=True, line=3)
    other = replace(name, repair_numpy="zzz")
    assert change(replace(above, diagnosis=other), source) == Change("a.T @ d", "zzz", code=True)
