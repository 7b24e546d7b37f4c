"""Random input for every reader that a user reaches: a result or one of our errors, and nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from symbackprop.cli.values import read_values
from symbackprop.errors import SymbackpropError
from symbackprop.grading.decisions import decisions
from symbackprop.grading.points import points
from symbackprop.network import Model
from symbackprop.reading.netfile import parse, read_notation
from symbackprop.verification.asking import check_let, check_required
from symbackprop.verification.verify import Options, judge_answer

T = TypeVar("T")
EXAMPLES = int(os.environ.get("SYMBACKPROP_FUZZ", "60"))  # more of them by hand, now and then
FEW = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

MATHEMATICS = (
    r"\frac{\partial J}{\partial W}", r"\frac{dJ}{db}", r"\nabla_x J", "dW", "=", "W", "x", "b", "y", "z", "^T", "^2",
    "_1", "_{ij}", "^{", "}", "{", "(", ")", "+", "-", r"\cdot", r"\odot", r"\sum_i", r"\sum_{i=1}^{n}", r"\frac{",
    r"\sqrt{", r"\text{a}", r"\left(", r"\right)", r"\begin{cases}", r"\end{cases}", r"\begin{pmatrix}",
    r"\end{pmatrix}",
    "&", r"\\", "2", "0", "/", "|", "'", "[", "]", r"\mathbb{1}", r"\hat", r"\operatorname{diag}", r"\delta", ",",
    r"\dots",
    "\n", "$", "$$", "%", "#", "\u0430", "e3", r"\def\q{", r"\q", r"\label{a}", r"\tag{1}",
)  # fmt: skip  # a table
PROGRAM = (
    "dW", "=", "x", "W", "z", "\n", "    ", "def f(x, W):", "return", "np.", "sum", "(", ")", "[", "]", ":", ",", "@",
    "*", "+", "-", "/", "**", "2", "0", "-1", ".T", ".dot", "axis=", "None", "for i in range(3):", "if", "lambda u:",
    "'", "{", "}", "W.shape[0]", "import os", "__class__", "f'{x}'", "while True:", "del", "+=", "#", "\\",
)  # fmt: skip  # a table
formulas = st.lists(st.sampled_from(MATHEMATICS) | st.text(max_size=2), max_size=30).map(" ".join)
programs = st.lists(st.sampled_from(PROGRAM) | st.text(max_size=2), max_size=40).map(" ".join)
anything = st.one_of(st.text(max_size=60), formulas, programs)


@cache
def network() -> Model:
    return parse(
        "x: input(d)\ny: target(k)\nW: parameter(k, d)\nb: parameter(k)\nz = W @ x + b\nJ: loss = norm2(z - y)**2"
    )


def tried(call: Callable[[], T]) -> T | None:
    """What a call gives; nothing if it raises an error of ours that says something."""
    try:
        return call()
    except SymbackpropError as error:
        if not str(error):
            raise
        return None


def judged(text: str, suffix: str, options: Options) -> None:
    """Every verdict has a place in the text and, unless it is right, a reason."""
    judgement = tried(lambda: judge_answer(network(), text, options, text=suffix))
    for verdict in judgement.verdicts if judgement else ():
        assert judgement is not None
        assert 0 <= verdict.start <= verdict.end <= len(judgement.text)
        assert verdict.status == "right" or verdict.reason or verdict.diagnosis
        json.dumps(verdict.as_dict())


@FEW
@given(formulas, st.sampled_from(["", r"\frac{\partial J}{\partial W} = ", "dW = ", r"\nabla_b J = "]))
def test_any_formula_is_judged_or_refused(text: str, left: str) -> None:
    for before, after, suffix in (("", "", ".tex"), ("$$", "$$", ".md"), (r"\begin{align}", r"\end{align}", ".tex")):
        judged(before + left + text + after, suffix, Options(explain=False))


@FEW
@given(programs)
def test_any_program_is_judged_or_refused(text: str) -> None:
    judged(text, ".py", Options(explain=False))
    cells = [{"cell_type": "markdown", "source": text}, {"cell_type": "code", "source": text}]
    judged(json.dumps({"cells": cells}), ".ipynb", Options(explain=False))


@FEW
@given(anything, anything)
def test_what_is_asked_for_is_checked(letter: str, name: str) -> None:
    tried(lambda: check_let([network()], {letter: name}))
    tried(lambda: check_let([network()], {letter: "z"}))
    tried(lambda: check_required([network()], [name]))


@FEW
@given(anything)
def test_any_spelling_is_read_or_refused(text: str) -> None:
    tried(lambda: parse(f"x: input(d, latex={text!a})\nJ: loss = sum(x)"))
    tried(lambda: read_notation(f"notation(layers={text!a})"))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@FEW
@given(values.map(json.dumps) | st.text(alphabet='{}[]":,0123456789eE+-.NaInfinity \\u\n', max_size=40))
def test_any_numbers_are_read_or_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "v.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    found = tried(lambda: read_values(path)) or {}
    assert all(isinstance(value, (float, list)) for value in found.values())


@FEW
@given(
    st.lists(st.sampled_from(["W", "dJ/dW", "d2J/dWdb", ",", "\n", '"', "1", "-1", "nan", "=", "é", "\t"])).map("".join)
)
def test_any_table_is_read_or_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "decisions.csv"
    for heading in ("", "student,file,line,target,status,points,note\n", "student,target,decision\n"):
        path.write_text(heading + text, encoding="utf-8")
        tried(lambda: points(network(), path))
        tried(lambda: decisions(network(), tmp_path))
