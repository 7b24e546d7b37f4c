"""The committed pages are what the gallery makes; training runs do what they say; the pages fit their paper.

After a change that is meant: `python -m symbackprop gallery`, look at the difference, commit it.
"""

from __future__ import annotations

import difflib
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import symbackprop as sb
from symbackprop import gallery
from symbackprop.document import Prose
from symbackprop.errors import ReadError
from symbackprop.gallery import training
from symbackprop.typeset import compile_pdf
from symbackprop.write import Prepared, prepare

TRAINED = ("three_layer_relu_batch", "sigmoid_classifier")
CURVES = (
    re.compile(r'<svg\b[^>]*class="sb-plot".*?</svg>', re.DOTALL),
    re.compile(r"(?<=\\section\{Training\}).*?(?=\\section)", re.DOTALL),
)


def compared(name: str, text: str) -> str:
    """What is compared byte for byte: everything but the curves of training runs."""
    if name in TRAINED:
        for pattern in CURVES:
            text = pattern.sub("", text)
    return text


@pytest.fixture(scope="session")
def made() -> dict[str, Prepared]:
    return {name: gallery.prepare(name) for name in gallery.names()}


@pytest.fixture(scope="session")
def prepared(made: dict[str, Prepared]) -> dict[str, dict[str, str]]:
    return {name: dict(page.files) for name, page in made.items()}


@pytest.mark.parametrize("name", gallery.NAMES)
def test_the_committed_page_is_what_is_made(root: Path, prepared: dict[str, dict[str, str]], name: str) -> None:
    folder = root / "outputs" / name
    committed = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() and p.suffix != ".pdf"}
    assert committed == set(prepared[name]), "accept with: python -m symbackprop gallery"
    for file, made in prepared[name].items():
        old = compared(name, (folder / file).read_bytes().decode("utf-8"))
        new = compared(name, made)
        if old != new:
            lines = difflib.unified_diff(
                old.splitlines(), new.splitlines(), f"outputs/{name}/{file}", "made", lineterm=""
            )
            shown = "\n".join(line[:200] for _, line in zip(range(40), lines, strict=False))
            pytest.fail(f"{shown}\naccept with: python -m symbackprop gallery {name}")


def test_a_second_build_makes_the_same_bytes(prepared: dict[str, dict[str, str]], tmp_path: Path) -> None:
    gallery.build(["threshold", "sigmoid_classifier"], tmp_path, pdf=False)
    for name in ("threshold", "sigmoid_classifier"):
        for file, text in prepared[name].items():
            assert (tmp_path / name / file).read_bytes() == text.encode("utf-8"), file


def test_the_comparison_sees_a_changed_formula_and_not_a_changed_curve(prepared: dict[str, dict[str, str]]) -> None:
    text = prepared["sigmoid_classifier"]["report.html"]
    curve = re.sub(r'points="[^"]*"', 'points="0,0"', text)
    assert curve != text
    assert compared("sigmoid_classifier", curve) == compared("sigmoid_classifier", text)
    assert compared("sigmoid_classifier", text.replace("<mi>log</mi>", "<mi>exp</mi>", 1)) != compared(
        "sigmoid_classifier", text
    )
    assert compared("threshold", curve) == curve
    tex = prepared["sigmoid_classifier"]["report.tex"]
    assert len(compared("sigmoid_classifier", tex)) < len(tex)


def test_progress_is_told_and_unknown_names_are_refused(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    gallery.build(["tanh_neurons"], tmp_path, lambda *what: told.append(what), pdf=False)
    assert told[0] == ("tanh_neurons", 0, 1)
    assert told[-1] == ("", 1, 1)
    for call in (
        lambda: gallery.build(["nope"], tmp_path),
        lambda: gallery.path("nope"),
        lambda: gallery.prepare("nope"),
    ):
        with pytest.raises(ReadError, match="nope"):
            call()


def test_every_shipped_network_reads_and_derives() -> None:
    files = sorted(gallery.HERE.rglob("*.net"))
    assert {file.stem for file in files} >= {*gallery.NAMES, "softmax", "attention", "recurrent", "layer_norm"}
    for file in files:
        derivation = sb.derive(sb.Network.read(file))
        assert derivation.steps, file
        assert not derivation.model.warnings, file


# ---------------------------------------------------------------- what the pages show


def words(prose: Prose) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in prose)


def test_the_truth_table_is_one_in_the_middle_and_nowhere_else(made: dict[str, Prepared]) -> None:
    (table,) = made["threshold"].report.tables
    rows = [[words(cell) for cell in row] for row in table.rows]
    assert len(rows) == 9
    for x, y, *units in rows:
        inside = (x, y) == ("−1 < x₁ < 1", "−1 < x₂ < 1")
        assert units[-1] == str(int(inside))
        assert units[4] == str(int(x == "−1 < x₁ < 1"))
        assert units[5] == str(int(y == "−1 < x₂ < 1"))
    assert any("vanishes almost everywhere" in words(c) for c in made["threshold"].report.conditions)


def test_the_page_of_the_first_network_says_that_the_printed_sizes_do_not_fit(made: dict[str, Prepared]) -> None:
    assert "do not fit its own equation" in words(made["three_layer_relu"].report.summary)


def test_the_pages_of_the_trained_networks_have_their_curves(made: dict[str, Prepared]) -> None:
    (loss,) = made["three_layer_relu_batch"].report.curves
    assert [series.name for series in loss.series] == ["training", "held out"]
    curves = made["sigmoid_classifier"].report.curves
    assert [plot.title for plot in curves] == ["Loss", "Accuracy"]


def test_the_regression_loss_falls_fifty_times_in_a_hundred_epochs() -> None:
    curves = training.train_regression(sb.derive(sb.Network.read(gallery.path("three_layer_relu_batch"))), _silent)
    assert len(curves.loss) == 101
    assert curves.loss[0] / curves.loss[-1] > 50
    assert curves.held_out_loss[0] / curves.held_out_loss[-1] > 50


def test_the_classifier_is_right_on_held_out_points() -> None:
    curves = training.train_classification(sb.derive(sb.Network.read(gallery.path("sigmoid_classifier"))), _silent)
    assert curves.held_out_accuracy[-1] > 0.9
    assert curves.accuracy[-1] > 0.9
    assert curves.held_out_accuracy[0] < 0.7


def test_training_uses_the_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "RATE", 0.0)
    curves = training.train_regression(sb.derive(sb.Network.read(gallery.path("three_layer_relu_batch"))), _silent)
    assert curves.loss[0] == curves.loss[-1]


def test_the_two_classes_are_separated_by_a_margin() -> None:
    points, labels = training.two_classes(training.Draws(5), 200)
    side = points[0] + points[1] ** 2 / 2 - 1
    assert np.all(np.abs(side) > 0.4)
    assert np.array_equal(side > 0, labels > 0.5)
    assert 0.2 < labels.mean() < 0.8


def _silent(text: str, done: int, total: int) -> None:
    """No bar."""


# ---------------------------------------------------------------- paper


@pytest.fixture(scope="session")
def pages(
    tmp_path_factory: pytest.TempPathFactory, pdflatex: str, pdftoppm: str, prepared: dict[str, dict[str, str]]
) -> Iterator[dict[tuple[str, str], int]]:
    """How many pages each gallery network has at each level, and that nothing sticks out."""
    folder = tmp_path_factory.mktemp("pages")
    counts: dict[tuple[str, str], int] = {}
    for name in gallery.NAMES:
        for detail in ("brief", "normal", "full"):
            if detail == "normal":
                files = prepared[name]
            elif detail == "brief" or name in ("three_layer_relu", "softmax_2_3_2"):
                files = dict(prepare(sb.Network.read(gallery.path(name)), detail=detail).files)  # type: ignore[arg-type]
            else:
                continue
            target = folder / f"{name}-{detail}"
            target.mkdir()
            (target / "report.tex").write_text(files["report.tex"], encoding="utf-8")
            done = compile_pdf(target / "report.tex")
            assert done.pdf is not None, done.message
            assert done.overfull == (), (name, detail)
            subprocess.run([pdftoppm, "-r", "9", "-png", done.pdf, target / "p"], check=True)
            counts[name, detail] = len(list(target.glob("p*.png")))
    yield counts
    shutil.rmtree(folder)


def test_in_brief_every_page_is_one_page(pages: dict[tuple[str, str], int]) -> None:
    assert {name: count for (name, detail), count in pages.items() if detail == "brief" and count != 1} == {}


def test_the_first_network_takes_four_pages_at_most(pages: dict[tuple[str, str], int]) -> None:
    assert pages["three_layer_relu", "normal"] <= 4
    assert pages["three_layer_relu", "full"] > pages["three_layer_relu", "normal"]
