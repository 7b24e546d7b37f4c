"""`symbackprop grade`, from the command to the files, with the judge that people get."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from symbackprop.cli import main

SOLUTION = r"""
$$\frac{\partial L}{\partial W} = \frac{1}{n} X^T (Y - T)$$
$$\frac{\partial L}{\partial b} = \frac{1}{n} \sum_i (Y - T)_{i}$$
"""
CODE = """
import numpy as np

def gradients(X, T, W, b):
    Z = X @ W + b
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    Y = E / E.sum(axis=1, keepdims=True)
    D = (Y - T) / len(X)
    return X.T @ D, D.sum(axis=0)
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def grade(*words: object) -> Result:
    return CliRunner().invoke(main, ["grade", *map(str, words)])


def scores(folder: Path) -> dict[str, tuple[str, str]]:
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["student"]: (row["score"], row["max"]) for row in csv.DictReader(file)}


def test_a_class_is_graded_by_a_key_and_a_table_of_points(tmp_path: Path) -> None:
    wrong = SOLUTION.replace("X^T (Y - T)", "X^T (T - Y)")
    folder = write(
        tmp_path / "class",
        {"alice.md": SOLUTION, "bob.md": wrong, "carol/half.md": SOLUTION.split("\n")[1], "dave.md": "?"},
    )
    key = write(tmp_path, {"key.md": SOLUTION, "points.csv": "target,points\ndL/dW,3\nb,1\n"}) / "key.md"
    out = tmp_path / "grades"
    done = grade("softmax", folder, "-o", out, "--key", key, "--points", tmp_path / "points.csv", "--workers", 2)
    assert done.exit_code == 0, done.output
    assert scores(out) == {"alice": ("4", "4"), "bob": ("1", "4"), "carol": ("3", "4"), "dave": ("0", "4")}
    assert "4 submissions: 2 of 4 points on average." in done.output
    bob = json.loads((out / "results" / "bob.json").read_text(encoding="utf-8"))
    assert (bob["score"], [t["status"] for t in bob["tests"]]) == (1, ["failed", "passed"])
    assert "X^T (Y" not in json.dumps(bob), "a hint is not the corrected formula"
    assert "Y" in (out / "summary.html").read_text(encoding="utf-8")
    again = grade("softmax", folder, "-o", out, "--require", "W,b", "--show", "repair")
    assert "4 submissions, 4 of them judged before" in again.output
    assert scores(out)["bob"] == ("1", "2")


def test_code_is_graded_as_formulas_are(tmp_path: Path) -> None:
    out = tmp_path / "grades"
    folder = write(tmp_path / "class", {"alice.py": CODE, "bob.py": CODE.replace("X.T @ D", "-X.T @ D")})
    done = (
        grade("softmax", folder, "-o", out, "--let", "gradients=gradients")
        if False
        else grade("softmax", folder, "-o", out)
    )
    assert done.exit_code == 0, done.output
    assert float(scores(out)["alice"][0]) == 2
    assert float(scores(out)["bob"][0]) < 2


def test_a_key_that_is_not_right_stops_everything_with_its_report(tmp_path: Path) -> None:
    folder = write(tmp_path / "class", {"alice.md": SOLUTION})
    key = write(tmp_path, {"key.md": SOLUTION.replace("(Y - T)$$", "(T - Y)$$")}) / "key.md"
    done = grade("softmax", folder, "-o", tmp_path / "grades", "--key", key)
    assert done.exit_code == 2
    assert "key.md, line 2: wrong" in done.output
    assert "not right as a whole" in done.output
    assert not (tmp_path / "grades" / "grades.csv").exists()


def test_bad_usage_is_said_with_code_2(tmp_path: Path) -> None:
    folder = write(tmp_path / "class", {"alice.md": SOLUTION})
    out = tmp_path / "grades"
    for words, said in {
        ("softmax", tmp_path / "nowhere", "-o", out): "no folder that can be read",
        ("softmaxx", folder, "-o", out): "Did you mean",
        ("softmax", folder, "-o", out, "--require", "V"): "no derivative in this network",
        ("softmax", folder, "-o", out, "--points", tmp_path / "none.csv"): "There is no file",
        ("softmax", folder, "-o", folder / "alice.md"): "is no folder",
        ("softmax", folder, "-o", out, "--workers", 0): "--workers",
    }.items():
        done = grade(*words)
        assert done.exit_code == 2, (words, done.output)
        assert said in done.output, done.output
    assert not (out / "grades.csv").exists()


def test_a_time_out_is_said_with_code_3_and_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "class", {"alice.md": SOLUTION, "bob.md": SOLUTION})
    (tmp_path / "sitecustomize.py").write_text("import time\ntime.sleep(20)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = grade("softmax", tmp_path / "class", "-o", tmp_path / "grades", "--timeout", 1, "--workers", 2)
    assert done.exit_code == 3, done.output
    assert "alice: Judging it took longer than 1 seconds." in done.output
    assert scores(tmp_path / "grades") == {"alice": ("2", "2"), "bob": ("2", "2")}


def test_the_keyboard_interrupts_it_and_what_is_judged_stays(tmp_path: Path) -> None:
    names = {f"s{k:02}.md": SOLUTION + "\n" * k for k in range(40)}
    folder, out = write(tmp_path / "class", names), tmp_path / "grades"
    command = [sys.executable, "-m", "symbackprop", "grade", "softmax", str(folder), "-o", str(out), "--workers", "1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not list((out / "judged").glob("*.json")):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=60)
    assert process.returncode == 130, complaint
    assert "goes on from there" in complaint
    assert "Traceback" not in complaint
    kept = len(list((out / "judged").glob("*.json")))
    assert 1 <= kept < 40
    assert not (out / "grades.csv").exists()
