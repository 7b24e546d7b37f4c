"""What counts as a submission, and what is refused before it is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from symbackprop.errors import ReadError
from symbackprop.grading.submissions import MOST_FILES, content, submissions

from .conftest import Class


def listed(folder: Path) -> dict[str, list[str]]:
    return {each.student: [name for name, _ in each.files] for each in submissions(folder)}


def test_files_folders_and_files_of_one_name_are_submissions(submitted: Class) -> None:
    folder = submitted(
        {"bob.md": "a", "Alice/b.py": "a", "Alice/sub/a.tex": "a", "Alice.tex": "a", "carol/x.ipynb": "{}"}
    )
    assert listed(folder) == {"Alice": ["b.py", "sub/a.tex", "Alice.tex"], "bob": ["bob.md"], "carol": ["x.ipynb"]}


def test_what_programs_leave_behind_and_what_was_made_from_a_source_is_none(submitted: Class) -> None:
    names = (".DS_Store", "__MACOSX/x.tex", "bob.tex", "bob.pdf", "bob.aux", "net.net", "points.csv", "~$bob.docx")
    assert listed(submitted(dict.fromkeys(names, "a"))) == {"bob": ["bob.tex"]}
    assert listed(submitted({"eve.pdf": b"%PDF"}))["eve"] == ["eve.pdf"], "the only file is no copy"


def test_what_is_left_out_is_no_submission(submitted: Class) -> None:
    folder = submitted({"bob.tex": "a", "key.tex": "a", "grades/results/bob.tex": "a"})
    assert [s.student for s in submissions(folder, [folder / "key.tex", folder / "grades"])] == ["bob"]


def test_links_are_not_followed(submitted: Class, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.tex").write_text("secret")
    folder = submitted({"bob.tex": "a", "carol/a.tex": "a"})
    (folder / "eve.tex").symlink_to(tmp_path / "secret" / "key.tex")
    (folder / "mallory").symlink_to(tmp_path / "secret")
    (folder / "carol" / "more").symlink_to(tmp_path / "secret")
    (folder / "carol" / "loop").symlink_to(folder)
    found = {each.student: each for each in submissions(folder)}
    assert list(found) == ["bob", "carol", "eve", "mallory"]
    for student, names in {"eve": ["eve.tex"], "mallory": ["mallory"], "carol": ["loop", "more"]}.items():
        assert [name for name, _ in found[student].refused] == names
        assert "links are not followed" in found[student].refused[0][1]
        assert "secret" not in "".join(content(found[student]).texts.values())


def test_every_unreadable_file_is_refused_with_its_reason_and_without_its_place(
    submitted: Class, tmp_path: Path
) -> None:
    folder = submitted({
        "picture.png": b"\x89PNG", "latin.tex": "é".encode("latin-1"), "huge.tex": b"x" * 3_000_000,
        "archive.zip": b"PK\x03\x04", "empty.tex": " \n", "good.tex": "$a$", "odd.xyz": "a",
    })  # fmt: skip  # a table
    os.mkfifo(folder / "pipe.tex")
    reasons = {}
    for each in submissions(folder):
        found = content(each)
        reasons[each.student] = found.refused[0][1] if found.refused else (*found.empty, *found.texts)[0]
    for student, words in {
        "picture": "is a picture", "latin": "is not UTF-8", "huge": "at most", "archive": "an archive",
        "empty": "empty.tex", "good": "good.tex", "odd": "no kind", "pipe": "not an ordinary file",
    }.items():  # fmt: skip  # a table
        assert words in reasons[student], reasons[student]
    assert not any(str(tmp_path) in why for why in reasons.values())


def test_names_of_any_kind_are_kept_as_text(submitted: Class) -> None:
    folder = submitted({"Zoe\u0308.tex": "a", "=cmd, x.tex": "a"})
    with open(os.fsencode(folder) + b"/b\xff.tex", "w") as file:  # noqa: PTH123 - a name that is no text
        file.write("a")
    assert [s.student for s in submissions(folder)] == ["=cmd, x", "b\ufffd", "Zo\u00eb"]


def test_there_is_a_limit_to_files_and_to_depth(submitted: Class) -> None:
    many = {f"bob/{k:03}.tex": "a" for k in range(MOST_FILES + 2)}
    [bob] = submissions(submitted(many))
    assert len(bob.files) == MOST_FILES
    assert len(bob.refused) == 2
    deep = submitted({"eve/" + "d/" * 9 + "a.tex": "a"})
    [eve] = [each for each in submissions(deep) if each.student == "eve"]
    assert not eve.files
    assert "deep" in eve.refused[0][1]


def test_no_folder_and_an_empty_one_are_errors(tmp_path: Path) -> None:
    for name in ("nowhere", "file", "empty"):
        (tmp_path / "file").write_text("a")
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(ReadError):
            submissions(tmp_path / name)
