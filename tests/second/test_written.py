"""The Hessian as it is written: report, page, fragment, JSON, terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import symbackprop as sb
from symbackprop.cli import main
from tests.second.test_forms import LOGISTIC

SOURCE = LOGISTIC.format(facts=", values=(0, 1)", reduce="mean")
VALUES = {"X": [[1, 2], [0, 1], [3, -1], [1, 1]], "y": [0, 1, 1, 0], "b": [0.1, -0.3]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What is written of logistic regression with its Hessian and numbers."""
    net = sb.Network.parse(SOURCE)
    sb.write(net, tmp_path / "out", hessian=True, values=VALUES, pdf=False)
    return tmp_path / "out"


def test_the_report_has_a_section(folder: Path) -> None:
    tex = (folder / "report.tex").read_text(encoding="utf-8")
    assert r"\section{Hessian}" in tex
    assert r"X^{\top} \operatorname{diag}(a \circ (1 - a)) X" in tex
    assert "Positive semidefinite" in tex
    assert "The Newton step solves $" in tex
    assert "differences of the gradient" in tex
    assert "$< 10^{-8}$" in tex
    assert "Eigenvalues" in tex
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Positive semidefinite" in page
    assert "Eigenvalues" in page


def test_the_fragment_needs_amsmath_only(folder: Path) -> None:
    part = (folder / "parts" / "hessian.tex").read_text(encoding="utf-8")
    assert part.startswith("% Hessian; needs amsmath only")
    assert r"X^{\top} H_{z} X" in part


def test_other_programs_read_the_blocks(folder: Path) -> None:
    record = json.loads((folder / "derivation.json").read_text(encoding="utf-8"))
    (block,) = record["hessian"]
    assert (block["rows"], block["columns"], block["shape"]) == ("b", "b", ["d", "d"])
    assert block["closed"]["text"].endswith("1/n Xᵀ diag(a ∘ (1 − a)) X")
    assert block["steps"][0]["reason"] == "The second derivative of J itself."
    assert record["vec"] == "column"


def test_without_a_wish_there_is_no_hessian(tmp_path: Path) -> None:
    sb.write(sb.Network.parse(SOURCE), tmp_path, pdf=False)
    assert not (tmp_path / "parts" / "hessian.tex").exists()
    assert "hessian" not in json.loads((tmp_path / "derivation.json").read_text(encoding="utf-8"))


def test_the_command_prints_blocks_with_reasons(tmp_path: Path) -> None:
    file = tmp_path / "logistic.net"
    file.write_text(SOURCE, encoding="utf-8")
    result = CliRunner().invoke(main, ["derive", str(file), "--hessian"])
    assert result.exit_code == 0, result.output
    assert "∂²J/∂b² = Xᵀ H_z X" in result.output
    assert "∂²J/∂b² = 1/n Xᵀ diag(a ∘ (1 − a)) X" in result.output
    assert "Positive semidefinite: it is a sum of squares with weights that are never negative." in result.output
    assert "∂²J" not in CliRunner().invoke(main, ["derive", str(file)]).output
