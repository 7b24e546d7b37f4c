"""Answers that mean harm, or are broken: an error with its place, soon, with nothing executed and nothing written."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.errors import SymbackpropError
from symbackprop.network import Model
from symbackprop.reading.netfile import parse, read
from symbackprop.verification.verdict import Judgement
from symbackprop.verification.verify import Options, judge_answer

LEFT = r"\frac{\partial J}{\partial x} = "
NOTATIONS = Path(__file__).parent / "notations"


@cache
def network() -> Model:
    return parse("x: parameter(n)\ny: input(n)\nJ: loss = sum((x - y)**2)\n", name="hostile")


def judged(text: str) -> Judgement:
    return judge_answer(network(), text, Options(), text=".tex")


UNREADABLE = {
    "a call that eval would run": LEFT + "__import__('os').system('touch pwned')",
    "a tower of powers": LEFT + "9^{9^{9^9}}",
    "a huge power": LEFT + "2^{1000000000}",
    "nested braces": LEFT + "{" * 5_000 + "x" + "}" * 5_000,
    "nested parentheses": LEFT + "(" * 1_500 + "x" + ")" * 1_500,
    "nested fractions": LEFT + r"\frac{" * 500 + "x" + "}{2}" * 500,
    "nested roots": LEFT + r"\sqrt{" * 300 + "x" + "}" * 300,
    "nested accents": LEFT + r"\hat{" * 200 + "x" + "}" * 200,
    "nested subscripts": LEFT + "x_{" * 300 + "a" + "}" * 300,
    "nested sums": LEFT + r"\sum_i " * 400 + "x_i",
    "nested gradients": r"\nabla_{" * 100 + "x" + "}" * 100 + " J = x",
    "too many terms": LEFT + "+".join(["x"] * 20_000),
    "too many signs": LEFT + "-" * 10_000 + "x",
    "too many letters": LEFT + "x" * 5_000,
    "too many Kronecker products": LEFT + r" \otimes ".join(["x"] * 40),
    "a large matrix": LEFT + r"\begin{pmatrix}" + "&".join(["x"] * 200) + r"\end{pmatrix}",
    "a file to input": LEFT + r"\input{/etc/passwd}",
    "a command to write": LEFT + r"\write18{ls}",
    "a made-up command": LEFT + r"\csname x\endcsname",
    "a changed character": LEFT + r"\catcode`\%=12",
    "a link": LEFT + r"\href{javascript:1}{x}",
    "an open fraction": LEFT + r"\frac{1}{",
    "an open environment": LEFT + r"\begin{pmatrix} 1",
    "a double superscript": LEFT + "x^2^3",
    "a division by zero": LEFT + r"\frac{1}{0}",
    "a division by zero on the line": LEFT + "x/0",
    "a full-width letter": LEFT + "\uff58",
    "a Cyrillic letter": LEFT + "\u0445",
    "a number of 5000 digits": LEFT + "9" * 5_000,
    "a sum to a billion": LEFT + r"\sum_{i=1}^{1000000000} i^i",
    "a definition in a circle": r"r = r + 1 \\ " + LEFT + "r",
    "definitions in a long row": " \\\\ ".join(f"r_{{q{i}}} = r_{{q{i + 1}}} r_{{q{i + 1}}}" for i in range(60))
    + r" \\ r_{q60} = x \\ "
    + LEFT
    + "r_{q0}",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_it_is_unreadable_at_its_place(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = UNREADABLE[name]
    judgement = judged(text)
    assert judgement.exit_code == 2
    last = judgement.verdicts[-1]
    assert last.status == "unreadable"
    assert 0 <= last.start < last.end <= len(text)
    assert last.reason
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n ",
        LEFT + "x\x00",
        LEFT + "x\ud800",
        r"\def\a{\a\a}\a " + LEFT + r"\a",
        r"\newcommand{\a}{\a\a}" + LEFT + r"\a",
    ],
)
def test_what_is_no_text_or_expands_without_end_is_an_error(text: str) -> None:
    with pytest.raises(SymbackpropError):
        judged(text)


def test_long_products_and_sums_end() -> None:
    for text in (
        "x" * 3_900,
        "+".join(["x"] * 1_500),
        r" \cdot ".join(["x"] * 300),
        "(" + ")(".join(["x+y"] * 200) + ")",
    ):
        assert judged(LEFT + text).verdicts[0].status in ("wrong", "undecided", "unreadable")


ROWS = [line.split("\t") for line in (NOTATIONS / "formulas.tsv").read_text(encoding="utf-8").splitlines()[1:]]


@cache
def published(name: str) -> Model:
    return read(NOTATIONS / f"{name}.net")


@given(st.integers(0, len(ROWS) - 1), st.integers(0, 2**32))
def test_damaged_formulas_raise_nothing_but_our_errors(row: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    name, _, formula = ROWS[row]
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(formula) + 1)
        other = chance.choice(ROWS)[2]
        piece = other[(start := chance.randrange(len(other))) : start + chance.randint(0, 10)]
        formula = formula[:at] + piece + formula[at + chance.randint(0, 8) :]
    try:
        judgement = judge_answer(published(name), formula, Options(explain=False), text=".tex")
    except SymbackpropError:
        return
    for v in judgement.verdicts:
        assert 0 <= v.start <= v.end <= len(judgement.text)
