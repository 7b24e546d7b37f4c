"""Files that are no answers are refused at once, with a sentence that says what to do."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from symbackprop.answers import answer_of_text, read_answer
from symbackprop.errors import ReadError


def refusal(path: Path | str) -> ReadError:
    with pytest.raises(ReadError) as caught:
        read_answer(path)
    assert caught.value.remedy
    return caught.value


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.pdf", b"%PDF-1.5", "is a PDF"),
        ("a.tex", b"%PDF-1.5", "is a PDF"),
        ("a.png", b"\x89PNG\r\n", "is a picture"),
        ("a.md", b"\x89PNG\r\n", "is a picture"),
        ("a.md", b"\xff\xd8\xff\xe0", "is a picture"),
        ("a.zip", b"PK\x03\x04", "is an archive"),
        ("a.md", b"PK\x03\x04", "is an archive"),
        ("a.txt", b"\x1f\x8b\x08", "is an archive"),
        ("a.docx", b"PK\x03\x04", "word processor"),
        ("a.txt", b"\xd0\xcf\x11\xe0", "word processor"),
        ("a.npy", b"\x93NUMPY", "a file of numbers"),
        ("a.pkl", b"\x80\x04", "a file of numbers"),
        ("a.html", b"<p>", "a web page"),
        ("a.xyz", b"x", "of no kind that is read here"),
        ("a.tex", b"x = \xff", "is not UTF-8: line 1 has the byte 0xFF"),
        ("a.tex", b"\xff\xfex\x00", "is in UTF-16"),
        ("a.tex", b"x\n= \x00y", r"line 2 holds U\+0000"),
        ("a.tex", b"", "is empty"),
        ("a.md", b" \n\t\r\n", "is empty"),
        ("a.py", b"\xef\xbb\xbf", "is empty"),
        ("a.tex", b"x" * 2_000_001, "at most 2,000,000 are read"),
        ("a.ipynb", b"x" * 20_000_001, "at most 20,000,000 are read"),
    ],
)
def test_a_file_that_is_no_answer_is_refused(name: str, data: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ReadError, match=why):
        read_answer(path)


def test_what_is_no_ordinary_file_is_refused_without_waiting(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.tex"
    os.mkfifo(pipe)
    assert "not an ordinary file" in refusal(pipe).message
    (tmp_path / "folder.tex").mkdir()
    assert "is a folder" in refusal(tmp_path / "folder.tex").message
    assert "There is no file" in refusal(tmp_path / "none.tex").message
    assert "There is no file" in refusal(pipe / "none.tex").message
    assert "cannot be the name" in refusal("a\0b.tex").message
    assert "cannot be the name" in refusal("a" * 5000 + ".tex").message
    assert "not an ordinary file" in refusal("/dev/zero").message
    (tmp_path / "loop.tex").symlink_to(tmp_path / "loop.tex")
    assert "cannot be the name" in refusal(tmp_path / "loop.tex").message
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "s.tex"))
        assert "not an ordinary file" in refusal(tmp_path / "s.tex").message


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.tex"
    with path.open("wb") as file:
        file.truncate(100_000_000_000)
    assert "100,000,000,000 bytes" in refusal(path).message


@pytest.mark.parametrize("name", ["a.tex", "a.LaTeX", "a.md", "a.Markdown", "a.txt", "a"])
def test_the_suffix_says_how_a_file_is_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("so $a = b$ holds", encoding="utf-8")
    answer = read_answer(path)
    assert [p.text for p in answer.passages] == ["a = b"]
    assert answer.file == str(path)
    assert read_answer(str(path), name="mine").file == "mine"


def test_a_file_without_a_suffix_is_read_by_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("dW = x", encoding="utf-8")
    assert read_answer(path).passages[0].kind == "code"
    path.write_text("\\documentclass{article}\\begin{document}% $b$\n$a$", encoding="utf-8")
    assert [p.text for p in read_answer(path).passages] == ["a"]


def test_a_byte_order_mark_does_not_count_in_a_file_and_crlf_counts_as_two(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes("so\r\n\r\n$ä$".encode("utf-8-sig"))
    answer = read_answer(path)
    assert answer.text == "so\r\n\r\n$ä$"
    assert answer.passages[0].origin == (7, 8)
    assert answer.passages[0].line == 3


@pytest.mark.parametrize("suffix", [".tex", ".md", ".txt", ".py"])
@pytest.mark.parametrize("text", ["", " \n", "a\0b", "\udc80", "a = \ud800"])
def test_a_string_that_is_no_text_is_refused(text: str, suffix: str) -> None:
    with pytest.raises(ReadError):
        answer_of_text(text, suffix=suffix)


def test_an_unknown_suffix_is_refused() -> None:
    with pytest.raises(ReadError, match=r"no kind that is read here \(`.docx`\)"):
        answer_of_text("x", suffix=".docx")
