"""Answers about shipped networks, judged from the command line by the engine itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from symbackprop.cli import main

RIGHT = r"""# Three layers
The error at the output is $\frac{\partial J}{\partial z_3} = z_3 - y$.

$$\frac{\partial J}{\partial W_2} = \frac{\partial J}{\partial z_3} a_2^\top$$
$$\frac{\partial J}{\partial a_2} = W_2^\top \frac{\partial J}{\partial z_3}$$
"""
PRODUCT = r"W_2^\top \frac"
WRONG = RIGHT.replace(PRODUCT, r"-W_2^\top \frac")
CODE = """import numpy as np


def backward(x, y, W_0, b_0, W_1, b_1, W_2, b_2):
    z_1 = W_0 @ x + b_0
    a_1 = np.maximum(z_1, 0)
    z_2 = W_1 @ a_1 + b_1
    a_2 = np.maximum(z_2, 0)
    z_3 = W_2 @ a_2 + b_2
    dz_3 = z_3 - y
    dW_2 = np.outer(dz_3, a_2)
    dz_2 = W_2.T @ dz_3 * (z_2 > 0)
    return {"W_2": dW_2, "b_2": dz_3, "b_1": dz_2}
"""


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["verify", *arguments], input=stdin)


def verdicts(done: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_right_answer_is_right_and_its_page_says_so(tmp_path: Path) -> None:
    Path("right.md").write_text(RIGHT, encoding="utf-8")
    done = run("three_layer_relu", "right.md", "--html", "page.html")
    assert done.exit_code == 0, done.output
    assert "line 4  ✓ right  ∂J/∂W₂ = (∂J/∂z₃) a₂ᵀ\n    proved: " in done.stdout
    assert "\n3 right (3 proved)\nWrote page.html.\n" in done.stdout
    assert '<article class="claim right"' in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_sign_is_found_repaired_and_reproduced(tmp_path: Path) -> None:
    Path("wrong.md").write_text(WRONG, encoding="utf-8")
    done = run("three_layer_relu", "wrong.md", "--reproduce", "again.py")
    assert done.exit_code == 1, done.output
    assert "line 5  ✗ wrong  ∂J/∂a₂ = −W₂ᵀ (∂J/∂z₃)\n    sign: " in done.stdout
    assert "\n    + W₂ᵀ (∂J/∂z₃)\n" in done.stdout
    ran = subprocess.run(
        [sys.executable, "again.py"], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=True
    )
    claimed, true, difference = (float(line.split(":")[1]) for line in ran.stdout.splitlines())
    assert claimed == pytest.approx(-true)
    assert difference == pytest.approx(true, rel=1e-6)


def test_json_has_the_repair_and_a_hint_has_not() -> None:
    Path("wrong.md").write_text(WRONG, encoding="utf-8")
    found = verdicts(run("three_layer_relu", "wrong.md", "--json"))
    assert [v["status"] for v in found] == ["right", "right", "wrong"]
    last = found[-1]
    assert last["claim"] == WRONG[last["position"]["start"] : last["position"]["end"]]
    assert (last["target"], last["line"], last["diagnosis"]["kind"]) == ("dJ/da_2", 5, "sign")
    assert PRODUCT in last["diagnosis"]["repair_latex"]
    hint = run("three_layer_relu", "wrong.md", "--json", "--show", "hint")
    assert PRODUCT not in hint.stdout.replace(r"-W_2^\\top", "").replace("\\\\", "\\")
    assert verdicts(hint)[-1]["diagnosis"]["repair_latex"] is None


def test_code_from_standard_input_is_judged_and_what_is_missing_is_named() -> None:
    done = run("three_layer_relu", "-", stdin=CODE)
    assert done.exit_code == 0, done.output
    assert "3 right" in done.stdout
    done = run("three_layer_relu", "-", "--require", "W_2,W_0", stdin=CODE)
    assert done.exit_code == 1
    assert "\nMissing\n  dJ/dW_0\n" in done.stdout
    wrong = run("three_layer_relu", "-", stdin=CODE.replace("W_2.T @ dz_3 *", "W_2.T @ dz_3 + 0 *"))
    assert wrong.exit_code == 1
    assert "dJ/db_1: " in wrong.stdout


def test_a_mistake_in_code_names_its_line_and_is_reproduced(tmp_path: Path) -> None:
    Path("answer.py").write_text(CODE.replace("np.outer(dz_3, a_2)", "np.outer(dz_3, z_2)"), encoding="utf-8")
    done = run("three_layer_relu", "answer.py", "--reproduce", "again.py")
    assert done.exit_code == 1, done.output
    assert "line 11  ✗ wrong  dJ/dW_2: dW_2 = np.outer(dz_3, z_2)\n" in done.stdout
    assert "\n    + dW_2 = np.outer(dz_3, a_2)\n" in done.stdout
    ran = subprocess.run(
        [sys.executable, "again.py"], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=True
    )
    claimed, true, difference = (float(line.split(":")[1]) for line in ran.stdout.splitlines())
    assert claimed != pytest.approx(true)
    assert difference == pytest.approx(true, rel=1e-5)
    assert f"yours {claimed}" in " ".join(done.stdout.split())


def test_a_formula_on_the_command_line_with_a_name_of_its_own() -> None:
    formula = r"\frac{\partial J}{\partial W_2} = \frac{\partial J}{\partial u} a_2^\top"
    assert run("three_layer_relu", "--formula", formula).exit_code == 2
    done = run("three_layer_relu", "--formula", formula, "--let", "u=z_3")
    assert done.exit_code == 0, done.output


def test_what_cannot_be_read_is_marked_where_it_stands() -> None:
    Path("odd.md").write_text(RIGHT + r"$$\frac{\partial J}{\partial b_0} = \foo$$", encoding="utf-8")
    done = run("three_layer_relu", "odd.md")
    assert done.exit_code == 2
    line, mark = done.stdout.split("line 6  ? unreadable")[1].splitlines()[1:3]
    assert line[mark.index("^") : mark.rindex("^") + 1] == r"\foo"


def test_parts_of_an_answer_are_about_their_networks() -> None:
    text = (
        "# Ex 1\n$\\frac{\\partial J}{\\partial z_3} = z_3 - y$\n\n# Ex 2\n$\\frac{\\partial L}{\\partial u} = 2 u$\n"
    )
    Path("parts.md").write_text(text, encoding="utf-8")
    Path("square.net").write_text("u: parameter()\nL: loss = u**2\n", encoding="utf-8")
    done = run("three_layer_relu", "parts.md", "--part", "Ex 2=square.net", "--json")
    assert done.exit_code == 0, done.output
    assert [(v["network"], v["status"]) for v in verdicts(done)] == [("three_layer_relu", "right"), ("square", "right")]


@pytest.mark.parametrize(
    ("name", "complaint"),
    [("folder", "is a folder"), ("none.tex", "no file"), ("empty.tex", "empty"), ("a.pdf", "PDF")],
)
def test_what_is_no_answer_is_refused_with_a_sentence(name: str, complaint: str) -> None:
    Path("folder").mkdir()
    Path("empty.tex").write_text("", encoding="utf-8")
    Path("a.pdf").write_bytes(b"%PDF-1.7")
    done = run("three_layer_relu", name)
    assert done.exit_code == 2
    assert complaint in done.stderr
    assert done.stdout == ""
