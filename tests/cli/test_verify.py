"""`symbackprop verify` with an engine that judges nothing: what is asked, printed and written, and the exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

from symbackprop.cli import main
from symbackprop.errors import ManyErrors, ReadError, Span
from symbackprop.verification.verdict import Counterexample, Judgement
from tests.verification.showing.judged import BOUND, JUDGEMENT, PROVED, UNDECIDED, UNREADABLE, WRONG

PLANE = '"""A tilted plane."""\nx: input(d)\nw: parameter(d)\n\nJ: loss = sum(w * x)\n'
WRITTEN = ("page.html", "again.py")
KEYS = {
    *("file", "network", "line", "position", "claim", "target", "status", "proof", "condition", "diagnosis"),
    "counterexample",
}


@dataclass
class Engine:
    """Gives back what a test has put into it, and keeps what it was asked."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def judge_answer(self, model: Any, source: Any, options: Any, *, name: str = "", text: Any = None) -> Judgement:
        self.asked.append((model.name, source, name, options, text))
        found = self.answers.get(name, replace(JUDGEMENT, file=name))
        if isinstance(found, Exception):
            raise found
        return found  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Options:
    let: dict[str, str]
    require: tuple[str, ...]
    show: str
    run: bool
    parts: dict[str, Any]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()
    module = ModuleType("symbackprop.verification.verify")
    module.judge_answer, module.Options = made.judge_answer, Options  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(sys.modules["symbackprop.verification"], "verify", module, raising=False)
    monkeypatch.chdir(tmp_path)
    for name in ("plane.net", "other.net"):
        (tmp_path / name).write_text(PLANE, encoding="utf-8")
    for name in ("a", "b", "c", "a.md", "b.md", "bad.md", "x/a.md", "y/a.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("$J = w$", encoding="utf-8")
    return made


def judged(*verdicts: Any, file: str = "a.md", **more: Any) -> Judgement:
    return replace(JUDGEMENT, file=file, verdicts=tuple(replace(v, file=file) for v in verdicts), missing=(), **more)


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["verify", *arguments], input=stdin)


def test_a_report_is_printed_for_every_answer(engine: Engine) -> None:
    done = run("plane.net", "a.md", "b.md")
    assert done.stdout.startswith("a.md  network mlp\n")
    assert "\n\nb.md  network mlp\n" in done.stdout
    assert done.stderr == ""
    assert [(model, source, name) for model, source, name, *_ in engine.asked] == [
        ("plane", Path("a.md"), "a.md"),
        ("plane", Path("b.md"), "b.md"),
    ]


def test_a_shipped_network_goes_by_its_name_and_an_answer_may_come_from_standard_input(engine: Engine) -> None:
    run("three_layer_relu", "-", stdin="∂J/∂w = x".encode())
    assert engine.asked[0][:3] == ("three_layer_relu", "∂J/∂w = x", "standard input")


def test_a_formula_may_stand_in_place_of_a_file(engine: Engine) -> None:
    run("plane.net", "--formula", r"\nabla J = x")
    run("plane.net", "a.md", "--formula", "p", "--formula", "q")
    assert [(source, name) for _, source, name, *_ in engine.asked] == [
        (r"\nabla J = x", "formula"),
        (Path("a.md"), "a.md"),
        ("p", "formula 1"),
        ("q", "formula 2"),
    ]


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        (r"\nabla J = x", ".md"),
        ("dw_1 = x @ d\n", ".py"),
        (r"\documentclass{article}", ".tex"),
        ('{"cells": [{"cell_type": "markdown", "source": "$J = w$"}], "nbformat": 4}', ".ipynb"),
    ],
)
def test_what_standard_input_is_is_seen_by_its_text(engine: Engine, text: str, suffix: str) -> None:
    run("plane.net", "-", "--formula", "x", "a.md", stdin=text.encode())
    assert [asked[4] for asked in engine.asked] == [suffix, None, ".tex"]


def test_options_reach_the_engine(engine: Engine) -> None:
    run(
        "plane.net", "a.md", "--let", "z_0=z_1", "--let", "f = g=h", "--require", "w, x", "--show", "hint", "--run",
        "--part", "Ex 2 (n=3)=other.net",
    )  # fmt: skip
    options = engine.asked[0][3]
    assert options.let == {"z_0": "z_1", "f": "g=h"}
    assert options.require == ("w", "x")
    assert (options.show, options.run) == ("hint", True)
    assert {heading: model.name for heading, model in options.parts.items()} == {"Ex 2 (n=3)": "other"}
    run("plane.net", "a.md")
    options = engine.asked[1][3]
    assert (options.let, options.require, options.show, options.run, options.parts) == ({}, (), "repair", False, {})


def test_a_batch_is_judged_as_one(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    judge = engine.judge_answer
    monkeypatch.setattr(
        sys.modules["symbackprop.verification.verify"],
        "judge_answer",
        lambda model, *more, **named: seen.append(model) or judge(model, *more, **named),  # type: ignore[func-returns-value]
    )
    run("plane.net", "a.md", "--batch", "n")
    assert str(seen[0].declarations["x"].sizes[0]) == "n"


def test_a_comment_in_the_answer_chooses_the_network_of_what_follows(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "near.net").write_text(PLANE, encoding="utf-8")
    text = "$a = b$\n\n% network: near.net\n$c = d$\n\n% network: threshold\n$e = f$\n"
    (tmp_path / "in" / "a.tex").write_text(text, encoding="utf-8")
    run("plane.net", "in/a.tex")
    assert {name: model.name for name, model in engine.asked[0][3].parts.items()} == {
        "near.net": "near",
        "threshold": "threshold",
    }
    (tmp_path / "in" / "a.tex").write_text(text.replace("near.net", "far.net"), encoding="utf-8")
    done = run("plane.net", "in/a.tex")
    assert done.exit_code == 2
    assert "There is no file `far.net`." in done.stderr


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"a": (PROVED, BOUND)}, 0),
        ({"a": ()}, 0),
        ({"a": (PROVED, UNDECIDED)}, 3),
        ({"a": (UNDECIDED, UNREADABLE)}, 2),
        ({"a": (UNREADABLE, UNDECIDED, WRONG)}, 1),
        ({"a": (UNDECIDED,), "b": (UNREADABLE,)}, 2),
        ({"a": (WRONG,), "b": (UNREADABLE,), "c": (PROVED,)}, 1),
        ({"a": (UNDECIDED,), "b": (PROVED,)}, 3),
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_exit_codes_weigh_wrong_over_unreadable_over_undecided(
    engine: Engine, answers: dict[str, Any], code: int, form: tuple[str, ...]
) -> None:
    engine.answers = {name: judged(*verdicts, file=name) for name, verdicts in answers.items()}
    assert run("plane.net", *answers, *form).exit_code == code


def test_what_is_missing_is_wrong(engine: Engine) -> None:
    engine.answers["a"] = replace(judged(PROVED), missing=("dJ/db_1",))
    done = run("plane.net", "a", "--json")
    assert done.exit_code == 1
    assert done.stderr == "a.md: missing: dJ/db_1\na.md: try: --let 'z_0=z_1'\n"


def test_json_is_one_object_per_line_and_nothing_else(engine: Engine, tmp_path: Path) -> None:
    done = run("plane.net", "a.md", "b.md", "--json", "--html", "page.html", "--reproduce", "again.py")
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(objects) == 2 * len(JUDGEMENT.verdicts)
    assert all(set(found) == KEYS for found in objects)
    assert [found["status"] for found in objects[:2]] == ["right", "wrong"]
    assert objects[1]["diagnosis"] == {
        "kind": "transpose",
        "message": WRONG.diagnosis and WRONG.diagnosis.message,
        "repair_latex": r"\delta_1 x^T",
        "repair_numpy": "np.outer(grad(z_1), x)",
    }
    assert done.stdout.isascii()
    assert "Wrote page-a-md.html, page-b-md.html." in done.stderr


def test_json_has_no_numbers_that_json_does_not_have(engine: Engine) -> None:
    bad = Counterexample({}, {"x": [[float("inf")]]}, (), float("nan"), 1.0)
    engine.answers["a"] = judged(replace(WRONG, counterexample=bad))
    found = json.loads(run("plane.net", "a", "--json").stdout, parse_constant=pytest.fail)["counterexample"]
    assert (found["claimed"], found["values"], found["true"]) == (None, {"x": [[None]]}, 1.0)


@pytest.mark.parametrize("show", ["hint", "verdict"])
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_no_output_shows_more_than_was_asked_for(
    engine: Engine, tmp_path: Path, show: str, form: tuple[str, ...]
) -> None:
    done = run("plane.net", "a.md", "--show", show, *form, "--html", *WRITTEN[:1], "--reproduce", *WRITTEN[1:])
    written = [path.read_text(encoding="utf-8") for path in tmp_path.iterdir() if path.name in WRITTEN]
    assert len(written) == (2 if show == "hint" else 1)
    for output in (done.stdout, done.stderr, *written):
        for secret in (r"\delta_1 x^T", r"\u03b4", "δ₁ xᵀ", "np.outer(", "must be transposed"):
            assert secret not in output
    hint = "A transpose is missing: the gradient has the shape (h, d)."
    assert (hint in done.stdout) is (show == "hint")


def test_a_page_is_written_for_every_answer(engine: Engine, tmp_path: Path) -> None:
    done = run("plane.net", "a.md", "--html", "out/page.html")
    assert done.stdout.endswith("\nWrote out/page.html.\n")
    assert "Is it right? a.md" in (tmp_path / "out" / "page.html").read_text(encoding="utf-8")
    done = run("plane.net", "x/a.md", "y/a.md", "--formula", "../q", "--html", "page.html")
    assert "Wrote page-a-md.html, page-a-md-2.html, page-formula.html." in done.stdout


def test_a_page_that_cannot_be_written_is_an_error(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    done = run("plane.net", "a.md", "--html", "taken")
    assert done.exit_code == 2
    assert "taken is a folder" in done.stderr


def test_counterexamples_become_a_program_that_runs(engine: Engine, tmp_path: Path) -> None:
    example = Counterexample({"d": 2}, {"x": [1.0, 2.0], "w": [0.5, 3.0]}, (1,), 4.0, 2.0, 2.0)
    wrong = replace(WRONG, target="dJ/dw", network="plane", claim="\\nabla J\n= 2 x", counterexample=example)
    wrong = replace(wrong, claim_numpy="2 * x")
    engine.answers["a"] = judged(PROVED, wrong)
    done = run("plane.net", "a", "--reproduce", "again.py")
    assert done.stdout.endswith("Wrote again.py.\n")
    text = (tmp_path / "again.py").read_text(encoding="utf-8")
    assert text.startswith("# line 4: \\nabla J = 2 x\n")
    assert "(2 * x)[1]" in text
    ran = subprocess.run(
        [sys.executable, "again.py"], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=True
    )
    numbers = [round(float(line.split(":")[1]), 6) for line in ran.stdout.splitlines()]
    assert numbers == [4.0, 2.0, 2.0]


def test_without_a_counterexample_no_program_is_written(engine: Engine, tmp_path: Path) -> None:
    engine.answers["a"] = judged(PROVED)
    assert (
        "again.py is not written: there is no counterexample."
        in run("plane.net", "a", "--reproduce", "again.py").stdout
    )
    assert not (tmp_path / "again.py").exists()


def test_an_answer_that_cannot_be_read_does_not_stop_the_others(engine: Engine) -> None:
    engine.answers = {"bad.md": ReadError("`bad.md` is bad.", remedy="Convert it."), "a": judged(PROVED)}
    done = run("plane.net", "bad.md", "a")
    assert done.exit_code == 2
    assert done.stderr == "error: `bad.md` is bad.\n  help: Convert it.\n"
    assert "1 right (1 proved)" in done.stdout
    engine.answers["a"] = judged(WRONG)
    assert run("plane.net", "bad.md", "a", "--json").exit_code == 1


def test_a_formula_that_cannot_be_read_is_shown_with_its_place(engine: Engine) -> None:
    errors: list[Any] = [ReadError("No.", span=Span(1, 3, 1, 5)), ReadError("Nor this.")]
    engine.answers["formula"] = ManyErrors(errors)
    done = run("plane.net", "--formula", "ab cd")
    assert done.stderr.splitlines()[:4] == ["error: No.", "  --> formula:1:3", " 1 | ab cd", "   |   ^^"]
    assert "error: Nor this." in done.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("plane.net",), "nothing to judge"),
        (("-", "-"), "once only"),
        (("plane.net", "-", "--part", "a=-"), "once only"),
        (("plane.net", "a", "--let", "z_0"), "`z_0` is not of the form NAME=NAME"),
        (("plane.net", "a", "--part", "=x"), "HEADING=NETWORK"),
        (("plane.net", "a", "--require", "a,,b"), "commas"),
        (("plane.net", "a", "--show", "all"), "'all' is not one of"),
        (("nowhere.net", "a"), "There is no file `nowhere.net`"),
        (("plane.net", "a", "--part", "Ex 2=nowhere.net"), "There is no file `nowhere.net`"),
    ],
)
def test_bad_usage_is_code_2_and_says_why(engine: Engine, arguments: tuple[str, ...], complaint: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert complaint in done.stderr
    assert not engine.asked


def test_a_network_that_cannot_be_read_is_named_with_its_line(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "bad.net").write_text("x: input(d\n", encoding="utf-8")
    done = run("bad.net", "a")
    assert done.exit_code == 2
    assert "bad.net:1:" in done.stderr
