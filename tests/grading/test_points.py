"""What is asked for, and what it is worth."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.errors import ReadError, UnknownName
from symbackprop.grading.points import points, required
from symbackprop.network import Model
from symbackprop.verification.asking import target


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "points.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_targets_are_named_as_verdicts_name_them(model: Model) -> None:
    assert required(model, "parameters") == ("dJ/dW", "dJ/db")
    assert required(model, "all") == ("dJ/dz", "dJ/dx", "dJ/dW", "dJ/db")
    assert required(model, "W, dJ/db,W") == ("dJ/dW", "dJ/db")
    for label in ("dz/dW", "d2J/dW2", "d2J/dWdb", "dJ/dx"):
        assert target(model, f" {label} ") == label


@pytest.mark.parametrize("text", ["V", "dJ/dV", "dK/dW", "d2J/dWdV", "dJ/", "", "d2J/W2", "=cmd"])
def test_what_is_no_target_is_refused(model: Model, text: str) -> None:
    with pytest.raises(UnknownName, match="no derivative"):
        target(model, text)


def test_a_table_of_points_may_have_a_heading_and_short_names(model: Model, tmp_path: Path) -> None:
    assert points(model, table(tmp_path, "\ufefftarget,points\nW,2\n\ndJ/db, 0.5\n")) == {"dJ/dW": 2.0, "dJ/db": 0.5}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("W\n", "1 columns"), ("W,1,2\n", "3 columns"), ("W,many\n", "no number of points"), ("W,-1\n", "no number"),
        ("W,nan\n", "no number"), ("W,inf\n", "no number"), ("W,1\ndJ/dW,1\n", "Line 2.*points already"),
        ("V,1\n", "no derivative"), ("", "gives no points"), ("W,0\n", "gives no points"), ('"W,1\n', "no CSV"),
    ],
)  # fmt: skip
def test_a_table_that_says_something_else_is_refused(model: Model, tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        points(model, table(tmp_path, text))
