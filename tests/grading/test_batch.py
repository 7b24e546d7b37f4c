"""A whole class: nothing stops a batch, nothing is done twice, and the tables say what happened."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from symbackprop.errors import ReadError
from symbackprop.grading.batch import Batch, Grader, KeyNotRight, Settings, Wishes
from symbackprop.grading.gradescope import file_names, results
from symbackprop.grading.records import Record
from symbackprop.grading.scoring import claim_digest, grade
from symbackprop.grading.summary import page
from symbackprop.network import Model
from symbackprop.verification.verdict import Judgement

from . import fakes
from .conftest import NETWORK, Class

GOOD = "right dJ/dW\nright dJ/db"
CLASS = {
    "alice.tex": GOOD,
    "bob/answer.md": "wrong dJ/dW kind=transpose claim=<script>alert(1)</script>\nright dJ/db",
    "bob/code.py": "wrong dJ/dW kind=transpose",
    "carol.tex": "undecided dJ/dW\nright dJ/db if=symmetric",
    "dave.tex": "crash",
    "eve.pdf": b"%PDF-1.7",
    "=cmd|calc, Zoë.tex": "wrong dJ/dW kind=sign claim=-x\nwrong dJ/db kind=transpose follows=1",
    "frank.tex": "",
    "gina.tex": f"wrong dJ/dW kind=transpose claim={'x' * 99}\nwrong dJ/db kind=sign",
}
NOTHING = Wishes()
Maker = Callable[..., Grader]


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def calls(tmp_path: Path) -> list[str]:
    """The files that the judge was asked about."""
    log = tmp_path / "log"
    return sorted(log.read_text().splitlines()) if log.exists() else []


def done(grader: Grader, folder: Path, wishes: Wishes = NOTHING) -> Batch:
    batch = grader.grade(folder, wishes)
    grader.write(batch.grades)
    return batch


@pytest.fixture(scope="module")
def graded(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Batch, Path]]:
    """The class, graded once, and the folder of its grades."""
    folder = tmp_path_factory.mktemp("graded")
    for name, text in CLASS.items():
        path = folder / "class" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        made = Grader(model, NETWORK, folder / "grades", Settings(judge="fakes:judge"), workers=2)
        yield done(made, folder / "class"), folder / "grades"


def test_one_bad_file_never_stops_the_batch_and_every_table_is_written(
    submitted: Class, grader: Maker, tmp_path: Path
) -> None:
    seen: list[tuple[int, int, str]] = []
    made = grader()
    batch = made.grade(submitted(CLASS), Wishes(), lambda k, n, who, record: seen.append((k, n, who)))
    made.write(batch.grades)
    out = tmp_path / "grades"
    table = {row["student"]: row for row in rows(out, "grades.csv")}
    assert {name: (row["score"], row["max"], row["missing"]) for name, row in table.items()} == {
        "'=cmd|calc, Zoë": ("1", "2", "0"),
        "alice": ("2", "2", "0"),
        "bob": ("1", "2", "0"),
        "carol": ("2", "2", "0"),
        "dave": ("2", "2", "0"),
        "eve": ("2", "2", "0"),
        "frank": ("0", "2", "2"),
        "gina": ("0", "2", "0"),
    }
    assert "ZeroDivisionError" in table["dave"]["problem"]
    assert "PDF" in table["eve"]["problem"]
    assert [n for _, n, _ in seen] == [8] * 8
    assert sorted(k for k, _, _ in seen) == list(range(1, 9))
    claims = rows(out, "claims.csv")
    assert len(claims) == 11
    assert claims[0]["excerpt"] == "'-x"
    assert claims[0]["points"] == "0"
    review = {(row["student"], row["why"]) for row in rows(out, "review.csv")}
    assert review == {
        ("carol", "undecided"), ("carol", "conditional"), ("dave", "not judged"), ("eve", "not read"),
        ("frank", "hint"), ("frank", "missing"),
    }  # fmt: skip
    assert {p.stem.split("-")[0] for p in (out / "results").iterdir()} == {
        *("alice", "bob", "carol", "dave", "eve", "frank", "gina", "cmd_calc__Zoe"),
    }


def test_what_is_judged_is_not_judged_again_unless_it_changed(submitted: Class, grader: Maker, tmp_path: Path) -> None:
    folder = submitted(CLASS)
    first = done(grader(), folder)
    assert len(calls(tmp_path)) == 7, "alice, bob's two, carol, dave, gina, =cmd"
    tables = {p.name: p.read_bytes() for p in (tmp_path / "grades").iterdir() if p.is_file()}
    again = done(grader(workers=1), folder)
    assert (first.kept, again.kept) == (0, 5)
    assert calls(tmp_path).count("dave.tex") == 2, "a crash is tried again"
    assert len(calls(tmp_path)) == 8
    assert {p.name: p.read_bytes() for p in (tmp_path / "grades").iterdir() if p.is_file()} == tables
    (folder / "alice.tex").write_text("wrong dJ/dW kind=sign\n")
    assert done(grader(), folder).grades[1].score == 0
    assert calls(tmp_path).count("alice.tex") == 2
    done(grader(memory=2048), folder)
    assert calls(tmp_path).count("alice.tex") == 3, "other options are another question"


def test_what_another_version_thought_is_not_kept(
    submitted: Class, grader: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = submitted({"alice.tex": GOOD})
    done(grader(), folder)
    assert done(grader(), folder).kept == 1
    monkeypatch.setattr("symbackprop.grading.batch.program", lambda: "another")
    assert done(grader(), folder).kept == 0


def test_a_broken_record_is_judged_again(submitted: Class, grader: Maker, tmp_path: Path) -> None:
    folder = submitted({"alice.tex": GOOD})
    done(grader(), folder)
    [kept] = (tmp_path / "grades" / "judged").iterdir()
    kept.write_text(kept.read_text()[:100])
    assert done(grader(), folder).grades[0].score == 2
    assert len(calls(tmp_path)) == 2


def test_an_interrupted_batch_goes_on_where_it_stopped(submitted: Class, grader: Maker, tmp_path: Path) -> None:
    folder = submitted({f"s{k}.tex": GOOD for k in range(6)})

    def interrupt(count: int, total: int, student: str, record: Record) -> None:
        if count == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grader(workers=1).grade(folder, Wishes(), interrupt)
    assert not (tmp_path / "grades" / "grades.csv").exists()
    batch = done(grader(workers=1), folder)
    assert (len(batch.grades), batch.kept) == (6, len(calls(tmp_path)) - (6 - batch.kept))
    assert len(calls(tmp_path)) <= 7, "at most the one that was running is judged twice"
    assert batch.kept >= 3


def test_decisions_survive_and_override(submitted: Class, grader: Maker, tmp_path: Path) -> None:
    folder, out = submitted(CLASS), tmp_path / "grades"
    first = done(grader(), folder)
    decided = out / "decisions.csv"
    assert decided.read_text() == "student,claim,target,decision,points,note\n"
    [flag] = [f for g in first.grades for f in g.flags if f.kind == "undecided"]
    decided.write_text(decided.read_text() + f"carol,{flag.claim},dJ/dW,wrong,,no\neve,,W,,0.5,\ngone,,W,right,,\n")
    kept = decided.read_bytes()
    second = done(grader(), folder)
    scores = {g.student: g.score for g in second.grades}
    assert (scores["carol"], scores["eve"], scores["alice"]) == (1, 1.5, 2)
    assert decided.read_bytes() == kept
    assert second.warnings == (
        "Line 4 of decisions.csv is about a claim or target of gone that is not there any more.",
    )


def test_a_key_is_checked_first_and_then_asked_for(submitted: Class, grader: Maker, tmp_path: Path) -> None:
    folder = submitted({"alice.tex": "right dJ/db", "key.tex": "right dJ/db\nright z\nright dz/dx"})
    batch = done(grader(), folder, Wishes(key=folder / "key.tex"))
    assert [g.student for g in batch.grades] == ["alice"]
    assert [(i.target, i.score, i.most) for i in batch.grades[0].items] == [("dJ/db", 1, 1), ("dz/dx", 0, 1)]
    for text in ("wrong dJ/db", "right dJ/db\nunreadable expression", "undecided dJ/db", "right z", "crash", "refuse"):
        (tmp_path / "other.tex").write_text(text)
        with pytest.raises(KeyNotRight, match="not right as a whole"):
            grader().points(Wishes(key=tmp_path / "other.tex"))
    (tmp_path / "short.tex").write_text("right dJ/db")
    with pytest.raises(KeyNotRight):
        grader().points(Wishes(key=tmp_path / "short.tex", require="W"))


def test_points_are_those_of_the_table_and_names_may_be_required(grader: Maker, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("W,2.5\n")
    assert grader().points(Wishes()) == {"dJ/dW": 1, "dJ/db": 1}
    assert grader().points(Wishes(require="x")) == {"dJ/dx": 1}
    assert grader().points(Wishes(points=tmp_path / "points.csv", require="b")) == {"dJ/dW": 2.5, "dJ/db": 0}


def test_no_link_is_written_through(submitted: Class, grader: Maker, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "grades").mkdir()
    (tmp_path / "grades" / "results").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Exception, match="is a link"):
        done(grader(), submitted({"alice.tex": GOOD}))
    assert not list((tmp_path / "elsewhere").iterdir())


# ---------------------------------------------------------------------- what comes out


def test_gradescope_gets_hints_and_never_the_corrected_formula(graded: tuple[Batch, Path]) -> None:
    batch, out = graded
    found = json.loads((out / "results" / "bob.json").read_text())
    assert found["score"] == sum(test["score"] for test in found["tests"]) == 1
    assert [(t["name"], t["score"], t["max_score"], t["status"], t["visibility"]) for t in found["tests"]] == [
        ("dJ/dW", 0, 1, "failed", "visible"),
        ("dJ/db", 1, 1, "passed", "visible"),
    ]
    assert "answer.md, line 1: wrong" in found["tests"][0]["output"]
    assert "A transpose: ours is (h, d)." in found["tests"][0]["output"]
    bob = next(g for g in batch.grades if g.student == "bob")
    said = {show: results(bob, show) for show in ("verdict", "hint", "repair")}
    assert "SECRET" not in said["hint"] + said["verdict"]
    assert "SECRET" in said["repair"]
    assert "transpose" not in said["verdict"].replace("kind=transpose", "")
    for path in (out / "results").iterdir():
        assert "SECRET" not in path.read_text()


def test_a_mistake_without_a_hint_still_names_its_kind() -> None:
    from symbackprop.grading.gradescope import said

    wrong = fakes.verdict("a.tex", 3, "wrong dJ/dW kind=order silent=1")
    assert said(wrong, "hint")[-1] == "    Look again at the order of a product."
    follows = fakes.verdict("a.tex", 3, "wrong dJ/dW follows=1")
    assert said(follows, "hint")[-1].endswith("from the mistake in line 1.")


def test_every_student_has_a_file_of_a_harmless_name() -> None:
    names = ["bob", "Bob", "../../etc/passwd", "=x", "con", "Zoë", "", ".", "重", "a" * 300, "a" * 301, "b ob", "b_ob"]
    found = file_names(names)
    assert found["bob"] == "bob"
    assert len({name.casefold() for name in found.values()}) == len(names)
    assert all(n and n.isascii() and len(n) < 80 and set(n) & set("/\\. ") == set() for n in found.values())
    assert found["con"] != "con"
    assert file_names(reversed(names)).keys() == found.keys()


def test_the_page_shows_the_mistakes_of_the_class_escaped_and_without_names(graded: tuple[Batch, Path]) -> None:
    text = (graded[1] / "summary.html").read_text()
    assert "<script" not in text
    assert "Two layers &lt;b&gt;." in text
    assert "http" not in text.replace("http-equiv", "").replace("http://www.w3.org/1998/Math/MathML", "")
    assert "<mfrac>" in text
    assert not any(name in text for name in ("bob", "carol", "Zoë"))
    assert text.index("A sign: 2 students") < text.index("A transpose is missing")
    assert "dJ/dW (2)" in text
    assert "A transpose is missing or too many: 2 students" in text
    assert "prefers-color-scheme: dark" in text
    assert "8 submissions" in text


@pytest.mark.parametrize(
    "claim", ["<script>alert(1)</script>", r"\text{<img src=x onerror=alert(1)>} = 1", "</code><b>"]
)
def test_what_students_write_is_never_markup(claim: str) -> None:
    verdict = replace(fakes.verdict("a.tex", 1, "wrong dJ/dW kind=sign"), claim=claim, target="<u>")
    record = Record("judged", (Judgement("a.tex", "net", (verdict,)),))
    text = page([grade("<i>", record, {"<u>": 1.0})], "<b>")
    for tag in ("<script", "<img", "<b>", "<u>", "<i>"):
        assert tag not in text
    assert "&lt;b&gt;" in text


def test_the_table_of_claims_has_what_a_decision_needs(graded: tuple[Batch, Path]) -> None:
    batch, out = graded
    known = {claim_digest(v) for g in batch.grades for v in g.record.verdicts}
    assert {row["claim"] for row in rows(out, "claims.csv")} == known


def test_no_submissions_is_an_error_before_anything_is_written(grader: Maker, tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    with pytest.raises(ReadError, match="no submissions"):
        grader().grade(tmp_path / "class", Wishes())
    assert not (tmp_path / "grades").exists()
