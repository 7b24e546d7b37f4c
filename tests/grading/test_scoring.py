"""Points: nothing is lost by what could not be read or decided, and a person has the last word."""

from __future__ import annotations

from pathlib import Path

import pytest

from symbackprop.errors import SymbackpropError
from symbackprop.grading.decisions import COLUMNS, FILE, decisions, safe, unused, vague
from symbackprop.grading.records import Record, as_json, from_json
from symbackprop.grading.scoring import Grade, claim_digest, file_digest, grade
from symbackprop.network import Model
from symbackprop.verification.verdict import Counterexample, Verdict

from . import fakes

HEAD = ",".join(COLUMNS) + "\n"
POINTS = {"dJ/dW": 2.0, "dJ/db": 1.0}


class Net:
    """As much of a network as a judge looks at."""

    name = "net"


def record(*files: str) -> Record:
    judgements = tuple(fakes.judge(Net(), f"{k}.tex", text, {}) for k, text in enumerate(files, start=1))
    return Record("judged", judgements)


def result(*files: str) -> tuple[list[float], list[str], list[str]]:
    """Points, standings and kinds of flags."""
    made = grade("bob", record(*files), POINTS)
    return [i.score for i in made.items], [i.standing for i in made.items], [f.kind for f in made.flags]


@pytest.mark.parametrize(
    ("text", "scores", "standings", "flags"),
    [
        ("right dJ/dW\nright dJ/db", [2, 1], ["right", "right"], []),
        ("wrong dJ/dW\nright dJ/db", [0, 1], ["wrong", "right"], []),
        ("right dJ/dW", [2, 0], ["right", "missing"], []),
        ("undecided dJ/dW\nright dJ/db", [2, 1], ["provisional", "right"], ["undecided"]),
        ("unreadable dJ/dW\nright dJ/db", [2, 1], ["provisional", "right"], ["unreadable"]),
        ("right dJ/dW if=n=1\nright dJ/db".replace("n=1", "n1"), [2, 1], ["provisional", "right"], ["conditional"]),
        ("wrong dJ/dW kind=transcription\nright dJ/db", [2, 1], ["provisional", "right"], ["transcription"]),
        ("wrong dJ/dW kind=sign\nwrong dJ/db follows=1", [0, 1], ["wrong", "right"], []),
        ("right dJ/dW\nunreadable expression", [2, 1], ["right", "provisional"], ["unreadable"]),
        ("right dJ/dW\nundecided expression", [2, 1], ["right", "provisional"], ["undecided"]),
        ("right dJ/dW\nundecided dz/dW", [2, 0], ["right", "missing"], ["undecided"]),
        ("right dJ/dW\nunreadable dJ/dW", [2, 0], ["provisional", "missing"], ["unreadable"]),
        ("right dJ/dW\nunread", [2, 1], ["right", "provisional"], ["not read"]),
        ("right dJ/dW\npassed z = 1", [2, 0], ["right", "missing"], ["missing"]),
        ("right dJ/dW\npropose", [2, 0], ["right", "missing"], ["hint"]),
        ("wrong dJ/dW\nright dJ/dW\nright dJ/db", [2, 1], ["right", "right"], []),
        ("right dJ/dW\nwrong dJ/dW\nright dJ/db", [0, 1], ["wrong", "right"], []),
        ("", [0, 0], ["missing", "missing"], []),
    ],
)
def test_one_file_brings_its_points(text: str, scores: list[float], standings: list[str], flags: list[str]) -> None:
    assert result(text) == (scores, standings, flags)


def test_several_files_share_the_points_of_what_they_speak_of() -> None:
    assert result("right dJ/dW\nright dJ/db", "wrong dJ/dW") == ([1, 1], ["wrong", "right"], [])
    assert result("right dJ/dW", "right dJ/db") == ([2, 1], ["right", "right"], [])
    assert result("wrong dJ/dW", "unreadable dJ/dW\nright dJ/db")[0] == [1, 1]


def test_formulas_and_code_in_one_file_count_apart() -> None:
    code = "wrong dJ/dW claim=np.outer(a,b)"
    assert result(f"unreadable dJ/dW\nright dJ/db\n{code}")[0] == [1, 1]
    assert result(f"right dJ/dW\nwrong dJ/dW\nright dJ/db\n{code}")[0] == [0, 1]


def test_what_to_try_is_said_whether_something_is_missing_or_not() -> None:
    assert result("right dJ/dW\nright dJ/db\npropose") == ([2, 1], ["right", "right"], ["hint"])


@pytest.mark.parametrize("end", ["time-out", "memory", "crashed"])
def test_a_submission_that_could_not_be_judged_has_all_points_until_somebody_has_looked(end: str) -> None:
    made = grade("bob", Record(end, message="It took long."), POINTS)  # type: ignore[arg-type]  # one of three words
    assert made.score == made.most == 3
    assert (made.flags[0].kind, made.flags[0].reason) == ("not judged", "It took long.")


def test_a_file_that_was_not_read_leaves_its_points_and_nothing_handed_in_brings_none() -> None:
    unread = grade("bob", Record("judged", refused=(("bob.pdf", "It is a PDF."),)), POINTS)
    assert (unread.score, unread.flags[0].kind, unread.flags[0].file) == (3, "not read", "bob.pdf")
    nothing = grade("bob", Record("judged", empty=("bob.tex",)), POINTS)
    assert (nothing.score, [f.kind for f in nothing.flags]) == (0, ["hint", "missing"])


# ---------------------------------------------------------------------- decisions


def decided(model: Model, folder: Path, made: Record, *lines: str) -> Grade:
    (folder / FILE).write_text("\n".join([",".join(COLUMNS), *lines]) + "\n", encoding="utf-8")
    return grade("bob", made, POINTS, decisions(model, folder))


def test_a_decision_on_a_claim_counts_and_takes_the_flag_away(model: Model, tmp_path: Path) -> None:
    made = record("undecided dJ/dW\nwrong dJ/db")
    w, b = map(claim_digest, made.verdicts)
    for word, scores in (("right", [2, 0]), ("wrong", [0, 0])):
        found = decided(model, tmp_path, made, f"bob,{w},dJ/dW,{word},,")
        assert ([i.score for i in found.items], found.flags) == (scores, ()), word
    found = decided(model, tmp_path, made, f"bob,{b},,right,,a slip", f"bob,{w},dJ/dW,,1.5,half of it")
    assert [(i.score, i.note) for i in found.items] == [(1.5, "half of it"), (1, "a slip")]
    other = decided(model, tmp_path, made, f"eve,{w},dJ/dW,wrong,,")
    assert [i.score for i in other.items] == [2, 0]


def test_a_decision_on_a_target_needs_no_claim(model: Model, tmp_path: Path) -> None:
    found = decided(model, tmp_path, record("wrong dJ/dW"), "bob,,W,right,,", "bob,,dJ/db,,0.25,on the back")
    assert [(i.score, i.standing) for i in found.items] == [(2, "decided"), (0.25, "decided")]


def test_what_nobody_could_read_is_decided_with_its_target(model: Model, tmp_path: Path) -> None:
    made = Record("judged", refused=(("bob.pdf", "It is a PDF."),))
    code = file_digest("bob.pdf")
    both = decided(model, tmp_path, made, f"bob,{code},dJ/dW,right,,", f"bob,{code},dJ/db,wrong,,")
    assert ([i.score for i in both.items], both.flags) == ([2, 0], ())
    formula = record("right dJ/dW\nunreadable expression")
    about = decided(model, tmp_path, formula, f"bob,{claim_digest(formula.verdicts[1])},b,right,,")
    assert [i.score for i in about.items] == [2, 1]
    wrong = decided(model, tmp_path, formula, f"bob,{claim_digest(formula.verdicts[1])},expression,wrong,,")
    assert ([i.score for i in wrong.items], wrong.flags) == ([2, 0], ())


def test_accepting_nobody_knows_what_is_not_followed_and_said(model: Model, tmp_path: Path) -> None:
    made = record("right dJ/dW\nunreadable expression")
    found = decided(model, tmp_path, made, f"bob,{claim_digest(made.verdicts[1])},expression,right,,")
    assert [i.score for i in found.items] == [2, 1], "as before: provisionally"
    assert len(found.flags) == 1
    assert "write its target" in vague(found.vague[0])


def test_a_decision_that_fits_nothing_any_more_is_named(model: Model, tmp_path: Path) -> None:
    found = decided(model, tmp_path, record("right dJ/dW"), "bob,0123456789,dJ/dW,wrong,,")
    assert [i.score for i in found.items] == [2, 0]
    assert unused(decisions(model, tmp_path), found.used) == [
        "Line 2 of decisions.csv is about a claim or target of bob that is not there any more."
    ]


def test_names_that_went_through_a_spreadsheet_are_still_the_same(model: Model, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('student,target,decision\n"\'=cmd, Zoe\u0308 ",W,right\n', encoding="utf-8-sig")
    made = grade("=cmd, Zoë", record("wrong dJ/dW"), POINTS, decisions(model, tmp_path))
    assert made.items[0].score == 2


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n", "student,claim\nbob,1\n", HEAD + "bob,1,W,perhaps,,\n", HEAD + "bob,1,W,,,\n", HEAD + ",1,W,right,,\n",
        HEAD + "bob,,,right,,\n", "student,target,points\nbob,W,-1\n", HEAD + "bob,1,V,right,,\n", "",
    ],
)  # fmt: skip
def test_a_table_of_decisions_that_cannot_be_followed_is_refused(model: Model, tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(SymbackpropError):
        decisions(model, tmp_path)


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_a_formula(value: str) -> None:
    assert safe(value)[0] == "'"


# ---------------------------------------------------------------------- records


def test_a_record_comes_back_as_it_was() -> None:
    example = Counterexample({"d": 2}, {"W": [[1.0, 2.0]]}, (0, 1), 1.0, 2.0, None)
    made = record("right dJ/dW\nwrong dJ/db kind=sign\nunread", "passed a")
    odd = Verdict("ü.tex", "net", 1, 0, 1, "\ud800\0<b>", "dJ/dW", "wrong", counterexample=example)
    judgement = fakes.judge(Net(), "1.tex", "", {})
    whole = Record("judged", (*made.judgements, type(judgement)("a", "net", (odd,))), "m", (("f", "w"),), ("e",))
    assert from_json(as_json(whole)) == whole


def test_a_record_of_another_format_is_none() -> None:
    with pytest.raises(ValueError, match="another format"):
        from_json(as_json(record("right dJ/dW")).replace('"format": 1', '"format": 2'))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": 0, "end": "judged"}', "[" * 100_000, "null"])
def test_what_is_no_record_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        from_json(text)
