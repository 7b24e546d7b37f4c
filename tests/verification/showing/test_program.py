"""Counterexamples as a program, and labels read back as what they are about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from symbackprop.network import Model
from symbackprop.reading.netfile import parse
from symbackprop.verification.showing.program import program, target_of
from symbackprop.verification.target import Target
from symbackprop.verification.verdict import Counterexample
from tests.verification.showing.judged import JUDGEMENT, PROVED, WRONG

TEXT = """x: input(d)
w: parameter(d)
dd: parameter()
w2: parameter(d)

z = dd * x
s = sum(w * z)
J: loss = s**2 + sum(w2)
"""


@pytest.fixture(scope="module")
def model() -> Model:
    return parse(TEXT, name="toy")


@pytest.mark.parametrize(
    "target",
    [
        Target("gradient", ("w",)),
        Target("gradient", ("w2",)),
        Target("gradient", ("dd",), "s"),
        Target("jacobian", ("z", "x")),
        Target("hessian", ("w", "w")),
        Target("hessian", ("w2", "w2")),
        Target("hessian", ("w", "dd")),
        Target("hessian", ("dd", "dd")),
        Target("hessian", ("w", "x"), "s"),
        Target("value", ("z",)),
    ],
    ids=lambda target: target.label("J"),
)
def test_a_label_is_read_back(model: Model, target: Target) -> None:
    assert target_of(target.label("J"), model) == target


@pytest.mark.parametrize("label", ["expression", "", "dJ/dq", "dq/dw", "d2J/dwdq", "J/w", "d2q/dw2", "d"])
def test_any_other_label_is_an_expression(model: Model, label: str) -> None:
    assert target_of(label, model) == Target("other")


def test_a_program_has_a_block_for_each_mistake_and_names_it(model: Model) -> None:
    values = {"x": [1.0, 2.0], "w": [1.0, 1.0], "dd": 2.0, "w2": [0.0, 0.0]}
    example = Counterexample({"d": 2}, values, (0,), 1.0, 12.0, 12.0)
    one = replace(WRONG, target="dJ/dw", claim="a\n= \x07b", counterexample=example)
    two = replace(one, line=9, claim="c" * 200)
    text = program(replace(JUDGEMENT, verdicts=(PROVED, one, two)), model, {})
    assert text.startswith("# line 4: a = \ufffdb\nimport numpy as np\n")
    assert f"\n\n# line 9: {'c' * 97}...\nimport numpy as np\n" in text
    compile(text, "again.py", "exec")
    assert program(replace(JUDGEMENT, verdicts=(PROVED,)), model, {}) == ""


def test_a_part_s_mistake_is_about_the_part_s_network(model: Model) -> None:
    other = parse("u: parameter()\nL: loss = u**2\n", name="other")
    example = Counterexample({}, {"u": 3.0}, (), 3.0, 6.0, 6.0)
    one = replace(WRONG, network="other", target="dL/du", counterexample=example)
    assert "def value(u):" in program(replace(JUDGEMENT, verdicts=(one,)), model, {"other": other})
