"""Worked numbers: the softmax network of the shipped example, digit by digit; arrays; numbers that do not fit."""

from __future__ import annotations

import json
from typing import Any

import pytest

import symbackprop as sb
from symbackprop.errors import ValueProblem
from symbackprop.gallery import path
from symbackprop.reporting import report
from symbackprop.reporting.worked import fixed

from .conftest import Shipped, line, words

TABLE = """
w₁ 0.1 0.01 0.09
w₂ 0.5 0.02 0.49
w₃ 0.2 −0.05 0.22
w₄ 0.4 −0.06 0.43
w₅ 0.4 0.01 0.39
w₆ 0.1 0.02 0.09
w₇ 0.1 −0.23 0.22
w₈ 0.5 −0.23 0.61
w₉ 0.3 −0.21 0.40
w₁₀ 0.2 0.23 0.08
w₁₁ 0.1 0.23 −0.01
w₁₂ 0.4 0.21 0.30
b₁ 0.3 0.05 0.28
b₂ 0.3 −0.19 0.39
b₃ 0.3 0.05 0.28
b₄ 0.7 −0.47 0.94
b₅ 0.7 0.47 0.46
"""


def numbers(name: str) -> dict[str, Any]:
    return json.loads(path(name).with_suffix(".values.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_the_table_has_every_digit_that_was_printed_by_hand(shipped: Shipped) -> None:
    made = report(shipped("softmax_2_3_2"), values=numbers("softmax_2_3_2"), lr=0.5, digits=2).worked
    assert made is not None
    assert [words(cell) for cell in made.table.header] == ["parameter", "initial", "gradient", "updated"]
    assert [" ".join(map(words, row)) for row in made.table.rows] == TABLE.strip().split("\n")


def test_forward_lines_show_formula_numbers_and_result(shipped: Shipped) -> None:
    made = report(shipped("softmax_2_3_2"), values=numbers("softmax_2_3_2"), lr=0.5, digits=2).worked
    assert made is not None
    lines = [line(e) for e in made.forward]
    assert lines[0] == "h₁ = w₁ x₁ + w₂ x₂ + b₁ = 0.1 · 0.26 + 0.5 · 0.33 + 0.3 = 0.49"
    assert [text.split(" = ")[-1] for text in lines[-3:]] == ["0.53", "0.47", "0.64"]
    assert words(made.introduction) == (
        "At x₁ = 0.26, x₂ = 0.33, t₁ = 1 and t₂ = 0, results rounded to 2 digits after the point; one step of gradient"
        " descent at the rate 0.5."
    )


def test_arrays_are_put_in_as_columns_and_matrices(shipped: Shipped) -> None:
    made = report(shipped("threshold"), values=numbers("threshold"), digits=1).worked
    assert made is not None
    assert line(made.forward[0]).endswith(
        "[1, 0; −1, 0; 0, 1; 0, −1] [0.5; −0.5] + [1; 1; 1; 1] = [1.5; 0.5; 0.5; 1.5]"
    )
    assert len(made.table.header) == 3  # without a rate nothing is updated


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (0.5, None, "0.5"),
        (1.0, None, "1"),
        (-0.004, 2, "0.00"),
        (-0.006, 2, "−0.01"),
        (2.0, 1, "2.0"),
        (1e-7, None, "1e-07"),
    ],
)
def test_a_number_keeps_its_digits_and_a_zero_has_no_sign(value: float, digits: int | None, expected: str) -> None:
    assert fixed(value, digits) == expected


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"x": 1.0}, "There are no numbers for w"),
        ({"x": 1.0, "w": 2.0, "v": 3.0}, "`v` is not a symbol"),
        ({"x": [1.0], "w": 2.0}, "x has no axes, but its numbers have one axis"),
        ({"x": float("nan"), "w": 2.0}, "not finite"),
        ({"x": -1.0, "w": 2.0}, "contradict its declaration: positive"),
        ({"x": 1.0, "w": 0.0}, "With these numbers J is not finite"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(values: dict[str, Any], complaint: str) -> None:
    derivation = sb.derive(sb.Network.parse("x: input(positive=True)\nw: parameter()\nJ: loss = x / w"))
    with pytest.raises(ValueProblem, match=complaint.replace("(", r"\(")):
        report(derivation, values=values)


@pytest.mark.parametrize(
    ("declarations", "values", "complaint"),
    [
        ("a: input(n)\nb: input(n)", {"a": [1, 2], "b": [1, 2, 3]}, "Axis 0 of b has 3 entries"),
        ("a: input(2*n)\nb: input(n)", {"a": [1, 2, 3], "b": [1, 2]}, "does not fit its size"),
        ("a: input(c, onehot=True)\nb: input()", {"a": [1, 1], "b": 0}, "one-hot"),
        ("a: input(c, simplex=True)\nb: input()", {"a": [0.5, 0.6], "b": 0}, "sum 1"),
        ("a: input(d, d, symmetric=True)\nb: input()", {"a": [[1, 2], [3, 4]], "b": 0}, "symmetric"),
        ("a: input(d, d, invertible=True)\nb: input()", {"a": [[1, 2], [2, 4]], "b": 0}, "invertible"),
        ("a: input(n, values=(0, 1))\nb: input()", {"a": [0, 2], "b": 0}, "one of 0, 1"),
    ],
)
def test_shapes_and_facts_are_checked(declarations: str, values: dict[str, Any], complaint: str) -> None:
    derivation = sb.derive(sb.Network.parse(f"{declarations}\nw: parameter()\nJ: loss = w * (sum(a) + sum(b))"))
    with pytest.raises(ValueProblem, match=complaint):
        report(derivation, values={**values, "w": 1.0})


def test_indices_of_one_range_differ_unless_they_may_repeat() -> None:
    text = "p: parameter(c)\ni: index(of=c)\nj: index(of=c)\nJ: loss = p[i] * p[j]"
    derivation = sb.derive(sb.Network.parse(text))
    made = report(derivation, values={"p": [2, 3, 4], "i": 0, "j": 2}).worked
    assert made is not None
    assert line(made.forward[0]).endswith("= 8.0000")
    with pytest.raises(ValueProblem, match="occurs twice"):
        report(derivation, values={"p": [2, 3, 4], "i": 1, "j": 1})
