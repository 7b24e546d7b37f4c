from __future__ import annotations

import os
from pathlib import Path

import pytest

from symbackprop.errors import OutputError
from symbackprop.files import write_files


def test_files_are_written_with_lf_and_utf8(tmp_path: Path) -> None:
    folder = tmp_path / "sortie à voir" / "mlp"
    written = write_files(folder, {"a.tex": "δ\r\nx\ry\n", "parts/b.tex": "b\n", "c.bin": b"\r\n"})
    assert written == (folder / "a.tex", folder / "parts" / "b.tex", folder / "c.bin")
    assert (folder / "a.tex").read_bytes() == "δ\nx\ny\n".encode()
    assert (folder / "c.bin").read_bytes() == b"\r\n"
    assert sorted(path.name for path in folder.rglob("*")) == ["a.tex", "b.tex", "c.bin", "parts"]


def test_files_are_readable_like_any_other(tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.write_text("")
    write_files(tmp_path, {"x": "y"})
    assert (tmp_path / "x").stat().st_mode == ordinary.stat().st_mode


def test_a_second_run_replaces_the_first(tmp_path: Path) -> None:
    write_files(tmp_path, {"a": "1"})
    write_files(tmp_path, {"a": "2"})
    assert (tmp_path / "a").read_text() == "2"


HOSTILE = [
    "../../x", "/etc/x", "a/../../x", "", ".", "a//b", "./a", "a/", "x\0y", "x\ny", "a" * 300, "con", "NUL.tex",
    "com1.py", "aux", "a\\b", "c:x", "a?", "a*", "a|b", "a.", "a ", "a\u202eb", "parts/con.tex",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError):
        write_files(tmp_path / "out", {"good.tex": "x", name: "x"})
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    folder.mkdir()
    (folder / "parts").symlink_to(outside, target_is_directory=True)
    with pytest.raises(OutputError, match="link"):
        write_files(folder, {"parts/x.tex": "x"})
    (folder / "report.tex").symlink_to(outside / "report.tex")
    with pytest.raises(OutputError, match="link"):
        write_files(folder, {"report.tex": "x"})
    assert list(outside.iterdir()) == []


def test_a_folder_in_the_way_and_a_file_in_the_way_are_errors(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        write_files(tmp_path, {"a": "x"})
    (tmp_path / "b").write_text("")
    with pytest.raises(OutputError, match="Cannot write"):
        write_files(tmp_path / "b", {"x": "x"})
    with pytest.raises(OutputError, match="Cannot write"):
        write_files(tmp_path, {"b/x": "x"})


def test_names_that_differ_in_capitals_are_two_files_or_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {"d_W.tex": "1", "d_w.tex": "2"})
    if len(list(tmp_path.iterdir())) == 2:  # a disk that tells them apart: pretend it does not
        monkeypatch.setattr(Path, "samefile", lambda *_: True)
        with pytest.raises(OutputError, match="one file on this disk"):
            write_files(tmp_path, {"d_W.tex": "1", "d_w.tex": "2"})


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, {"a": "old"})

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28), "a")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match="Cannot write"):
        write_files(tmp_path, {"a": "new"})
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_text() == "old"
