"""`symbackprop derive`: what it prints, what it writes, what it refuses and with which exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from symbackprop.cli import main

PLANE = '"""A tilted plane."""\nx: input(d)\nw: parameter(d)\n\nJ: loss = sum(w * x)\n'
PLANE_TEXT = """\
A tilted plane

Symbols
  x   input       d
  w   parameter   d

Forward
  J = sum(w ∘ x)   scalar

Backward
  ∂J/∂w = x   w enters J directly; inner product: the other factor.
  ∂J/∂x = w   x enters J directly; inner product: the other factor.

Gradients
  ∂J/∂w = x   d
  ∂J/∂x = w   d

Closed forms
  ∂J/∂w = x
"""


def run(*arguments: str, stdin: bytes | None = None, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(main, ["derive", *arguments], input=stdin)


@pytest.fixture
def plane(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plane.net").write_text(PLANE, encoding="utf-8")
    return "plane.net"


def test_it_prints_shapes_steps_with_reasons_and_gradients(plane: str) -> None:
    done = run(plane)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == PLANE_TEXT
    assert done.stderr == ""


def test_it_writes_nothing_without_an_output_folder(plane: str, tmp_path: Path) -> None:
    run(plane)
    assert [path.name for path in tmp_path.iterdir()] == ["plane.net"]


@pytest.mark.parametrize("text", [PLANE, "\ufeff" + PLANE.replace("\n", "\r\n")], ids=["plain", "mark and CRLF"])
def test_a_network_may_come_from_standard_input(text: str) -> None:
    done = run("-", stdin=text.encode())
    assert done.exit_code == 0, done.stderr
    assert done.stdout == PLANE_TEXT


def test_a_shipped_network_goes_by_its_name(plane: str) -> None:
    assert "∂J/∂W₁ = δ_z₂ a₁ᵀ" in run("three_layer_relu").stdout


def test_only_the_gradients_that_are_asked_for(plane: str) -> None:
    shown = run("three_layer_relu", "--wrt", "W_2, z_3").stdout
    table = shown.split("Gradients\n")[1].split("\n\n")[0].splitlines()
    assert [line.split(" = ")[0] for line in table] == ["  ∂J/∂W₂", "  δ_z₃"]
    assert "z₁" not in shown.split("Backward\n")[1].split("\n\n")[0]


def test_a_batch_has_its_examples_in_rows(plane: str) -> None:
    shown = run(plane, "--batch", "n").stdout
    assert "  x   input       n × d\n" in shown
    assert "∂J/∂w = " in shown
    assert "  x   input       32 × d\n" in run(plane, "--batch", "32").stdout


@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
def test_detail_says_how_much_is_printed(plane: str, detail: str) -> None:
    shown = run("three_layer_relu", "--detail", detail).stdout
    assert "\nGradients\n" in shown
    assert ("\nBackward\n" in shown) is (detail != "brief")
    assert ("By entries: " in shown) is (detail == "full")


def test_values_are_put_in(plane: str, tmp_path: Path) -> None:
    (tmp_path / "plane.json").write_text('{"x": [1, 2], "w": [0.5, -1]}', encoding="utf-8")
    shown = run(plane, "--values", "plane.json", "--lr", "0.5", "--digits", "2").stdout
    assert "= −1.50\n" in shown
    assert "updated" in shown
    assert run(plane, "--values", "plane.json").stdout.count("updated") == 0


@pytest.mark.parametrize(
    ("form", "beginning", "inside"),
    [
        ("text", "A tilted plane\n", "∂J/∂w = x"),
        ("latex", "% forward pass", r"\frac{\partial J}{\partial w}"),
        ("markdown", "# A tilted plane\n", r"$$"),
        ("numpy", '"""', "def loss_and_grad("),
        ("json", "{", '"loss": "J"'),
    ],
)
def test_every_format_can_be_printed(plane: str, form: str, beginning: str, inside: str) -> None:
    done = run(plane, "--format", form)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith(beginning)
    assert inside in done.stdout
    assert not done.stdout.endswith("\n\n")


def test_the_printed_module_and_the_printed_derivation_are_what_they_say(plane: str, tmp_path: Path) -> None:
    compile(run(plane, "--format", "numpy").stdout, "plane.py", "exec")
    assert json.loads(run(plane, "--format", "json").stdout)["title"] == "A tilted plane."


def test_notation_for_a_whole_document_comes_from_a_file(plane: str, tmp_path: Path) -> None:
    (tmp_path / "bold.net").write_text('notation(vectors="bold")\n', encoding="utf-8")
    assert r"\mathbf{w}" in run(plane, "--notation", "bold.net", "--format", "latex").stdout
    assert r"\mathbf{w}" not in run(plane, "--format", "latex").stdout


def test_all_files_are_written_and_the_folder_named(plane: str, tmp_path: Path) -> None:
    done = run(plane, "-o", "mes résultats/plane")
    assert done.exit_code == 0, done.stderr
    folder = tmp_path / "mes résultats" / "plane"
    assert {"report.tex", "report.html", "plane.py", "derivation.json", "parts"} <= {p.name for p in folder.iterdir()}
    first, second = done.stdout.splitlines()
    assert (
        first == f"Wrote to {Path('mes résultats/plane')}: report.tex, report.html, parts, plane.py, derivation.json."
    )
    assert "report.pdf" in second or "No PDF" in second


def test_a_warning_shows_its_place_and_changes_nothing_else(plane: str, tmp_path: Path) -> None:
    (tmp_path / plane).write_text(
        PLANE.replace("w: parameter(d)", "w: parameter(d)\nb: parameter(d)"), encoding="utf-8"
    )
    done = run(plane)
    assert done.exit_code == 0
    assert done.stderr.startswith("warning: ")
    assert "plane.net:4:1" in done.stderr
    assert " 4 | b: parameter(d)\n   | ^" in done.stderr
    assert "∂J/∂b = 0" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no_such_network"], "There is no file `no_such_network`"),
        (["plane.net", "--wrt", "v"], "v"),
        (["plane.net", "--wrt", "w,,x"], "names with commas between them"),
        (["plane.net", "--wrt", ""], "names with commas between them"),
        (["plane.net", "--lr", "0.5"], "--lr and --digits go with --values"),
        (["plane.net", "--digits", "2"], "--lr and --digits go with --values"),
        (["plane.net", "--format", "latex", "-o", "out"], "--format says what to print"),
        (["plane.net", "--format", "word"], "word"),
        (["plane.net", "--values", "none.json"], "There is no file `none.json`"),
        (["plane.net", "--notation", "none.net"], "There is no file `none.net`"),
        (["plane.net", "--batch", "2 n"], "`2 n` is no size"),
        (["plane.net", "--batch", r"\input{x}"], r"`\\input{x}` is no size"),
        (["plane.net", "--batch", "0"], "at least one example"),
        (["plane.net", "--batch", "d"], "that name is taken"),
        (["plane.net", "-o", "plane.net"], "plane.net"),
        ([], "NETWORK"),
    ],
)
def test_bad_usage_ends_with_2_and_says_what_is_wrong(plane: str, arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_every_error_of_a_file_is_shown_with_its_line(plane: str, tmp_path: Path) -> None:
    (tmp_path / plane).write_text("x: input(d)\ny = x ^ 2\nJ: loss = sum(z)\n", encoding="utf-8")
    done = run(plane)
    assert done.exit_code == 2
    assert "plane.net:2:" in done.stderr
    assert "plane.net:3:" in done.stderr
    assert "help: " in done.stderr


def test_numbers_that_do_not_fit_are_refused(plane: str, tmp_path: Path) -> None:
    (tmp_path / "plane.json").write_text('{"x": [1, 2], "w": [0.5, 1, 2]}', encoding="utf-8")
    done = run(plane, "--values", "plane.json")
    assert done.exit_code == 2
    assert "w" in done.stderr


def test_results_that_disagree_end_with_1(plane: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from symbackprop.errors import CertificateError

    def disagree(*_: object, **__: object) -> None:
        raise CertificateError("The generated code and the formulas differ.")

    monkeypatch.setattr("symbackprop.certify.certify", disagree)
    done = run(plane, "-o", "out")
    assert done.exit_code == 1
    assert not (tmp_path / "out").exists()


def test_a_terminal_without_unicode_gets_ascii(plane: str, root: Path) -> None:
    command = [sys.executable, "-m", "symbackprop", "derive", plane]
    environment = os.environ | {"PYTHONPATH": str(root), "PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"  J = sum(w .* x)   scalar\n" in done.stdout.replace(b"\r\n", b"\n")
    assert b"dJ/dw = x" in done.stdout
