from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from symbackprop.document import Equation, Graph, Math, Report, Vertex
from symbackprop.drawing.draw import draw
from symbackprop.files import write_files
from symbackprop.render import render_report
from symbackprop.typeset import NO_ENGINE, compile_pdf, problem

DOCUMENT = "\\documentclass{article}\n\\begin{document}\n%s\n\\end{document}\n"


def test_the_report_compiles_and_nothing_sticks_out(pdflatex: str, report: Report, tmp_path: Path) -> None:
    folder = tmp_path / "une sortie à voir"
    write_files(folder, render_report(report))
    done = compile_pdf(folder / "report.tex")
    assert done.pdf == folder / "report.pdf", done.message
    assert done.overfull == ()
    assert done.passes >= 2
    assert sorted(path.name for path in folder.iterdir()) == ["parts", "report.html", "report.pdf", "report.tex"]


def test_the_same_source_gives_the_same_pdf(pdflatex: str, report: Report, tmp_path: Path) -> None:
    found = []
    for name in ("one", "another"):
        write_files(tmp_path / name, render_report(report))
        done = compile_pdf(tmp_path / name / "report.tex")
        assert done.pdf is not None, done.message
        found.append(done.pdf.read_bytes())
    assert found[0] == found[1]


def test_brief_is_one_page(pdflatex: str, pdftoppm: str, report: Report, tmp_path: Path) -> None:
    brief = Report(report.name, report.title, report.summary, graph=report.graph, gradients=report.gradients)
    write_files(tmp_path, render_report(brief))
    done = compile_pdf(tmp_path / "report.tex")
    assert done.pdf is not None, done.message
    subprocess.run([pdftoppm, "-r", "20", "-png", done.pdf, tmp_path / "page"], check=True)
    assert len(list(tmp_path.glob("page*.png"))) == 1


def test_fragments_fit_into_any_class(pdflatex: str, report: Report, tmp_path: Path) -> None:
    write_files(tmp_path, render_report(report))
    parts = sorted(path.stem for path in (tmp_path / "parts").glob("*.tex"))
    source = "\\documentclass{report}\n\\usepackage{amsmath,tikz}\n\\begin{document}\n"
    source += "\n\n".join(f"\\input{{parts/{name}}}" for name in parts) + "\n\\end{document}\n"
    (tmp_path / "mine.tex").write_text(source, encoding="utf-8")
    done = compile_pdf(tmp_path / "mine.tex")
    assert done.pdf is not None, done.message
    assert done.overfull == ()


def test_a_graph_that_is_a_table_compiles_too(pdflatex: str, report: Report, tmp_path: Path) -> None:
    many = [Vertex(f"v_{k}", "node", Math(f"v_{{{k}}}", f"<mi>v</mi>{k}", f"v_{k}"), f"kind {k}") for k in range(150)]
    arrows = [(f"v_{k - back}", f"v_{k}") for k in range(150) for back in (1, 2, 5, 11, 13, 17, 19) if k >= back]
    picture = draw(Graph(tuple(many), tuple(arrows)), "many")
    assert picture.table is not None
    write_files(tmp_path, render_report(Report("many", "Many", graph=picture)))
    source = "\\documentclass{article}\n\\begin{document}\n\\input{parts/graph}\n\\end{document}\n"
    (tmp_path / "mine.tex").write_text(source, encoding="utf-8")
    for name in ("report.tex", "mine.tex"):
        done = compile_pdf(tmp_path / name)
        assert done.pdf is not None, done.message
        assert done.overfull == ()


def test_a_wide_step_has_its_reason_below_and_keeps_its_size(pdflatex: str, report: Report, tmp_path: Path) -> None:
    step = report.backward[0]
    terms = " + ".join(["a_{1} b_{2}"] * 8)  # more than half a line, less than a whole one
    for probe, widths in ((terms, {455}), ("a", {227})):
        said = Math(rf"\message{{[room \the\linewidth]}} {probe}", "<mi>a</mi>", "a")
        changed = replace(step, equations=(Equation(step.equations[0].left, (said,)),))
        (tmp_path / "a.tex").write_text(render_report(Report("n", "t", backward=(changed,)))["report.tex"])
        command = [pdflatex, "-interaction=nonstopmode", "a.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=True)
        rooms = [int(float(width)) for width in re.findall(r"\[room ([0-9.]+)pt", done.stdout)]
        assert set(rooms[1:]) == widths, "the first is the probe"


@pytest.mark.parametrize("terms", [1, 8, 40])
def test_many_rows_with_one_reason_stand_in_columns_if_they_are_short(
    pdflatex: str, report: Report, tmp_path: Path, terms: int
) -> None:
    step = report.backward[0]
    right = Math(" + ".join(["a_{1} b_{2}"] * terms), "<mi>a</mi>", "a")
    many = replace(step, equations=tuple(Equation(step.equations[0].left, (right,)) for _ in range(7)))
    matrix = Math(r"\begin{pmatrix} 1 \\ 2 \\ 3 \end{pmatrix}", "<mi>m</mi>", "m")
    table = replace(report.tables[0], rows=((("a",), (matrix,), (matrix, " long " * 30)),) * 2)
    files = render_report(Report("n", "t", backward=(many, many), tables=(table,)))
    assert files["report.tex"].count(r"\steps{") == 2
    write_files(tmp_path, files)
    done = compile_pdf(tmp_path / "report.tex")
    assert done.pdf is not None, done.message
    assert done.overfull == ()


def test_overfull_boxes_are_noticed(pdflatex: str, tmp_path: Path) -> None:
    (tmp_path / "a.tex").write_text(DOCUMENT % r"\noindent\rule{200mm}{1pt}")
    done = compile_pdf(tmp_path / "a.tex")
    assert done.pdf is not None
    assert re.match(r"Overfull \\hbox", done.overfull[0])


def test_an_error_is_reported_by_its_line_in_tex_s_words(pdflatex: str, tmp_path: Path) -> None:
    (tmp_path / "a.tex").write_text(DOCUMENT % "\n\\nosuchcommand")
    done = compile_pdf(tmp_path / "a.tex")
    assert done.pdf is None
    assert done.message == "No PDF: a.tex, line 4: Undefined control sequence."
    assert [path.name for path in tmp_path.iterdir()] == ["a.tex"]


def test_tex_runs_no_program(pdflatex: str, tmp_path: Path) -> None:
    there = tmp_path / "there"
    (tmp_path / "a.tex").write_text(DOCUMENT % rf"\immediate\write18{{touch {there}}}x")
    assert compile_pdf(tmp_path / "a.tex").pdf is not None
    assert not there.exists()


def test_an_endless_document_is_stopped(pdflatex: str, tmp_path: Path) -> None:
    (tmp_path / "a.tex").write_text(DOCUMENT % r"\loop\iftrue\repeat")
    done = compile_pdf(tmp_path / "a.tex", time_limit=1.0)
    assert done.pdf is None
    assert "not done after 1 s" in done.message


def test_without_an_engine_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    done = compile_pdf(tmp_path / "report.tex")
    assert done.pdf is None
    assert done.message == NO_ENGINE


def test_a_log_without_a_place_still_gives_the_words() -> None:
    assert problem("! Emergency stop.\n", "a.tex") == "a.tex: Emergency stop."
    assert problem("", "a.tex") == "a.tex: TeX stopped without saying why."
