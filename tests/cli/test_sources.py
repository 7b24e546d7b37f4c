"""Where a network comes from, and what is refused before anything reads it."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from symbackprop.cli import sources
from symbackprop.cli.values import read_values
from symbackprop.errors import ReadError, ValueProblem
from symbackprop.reading.files import LONGEST, decoded

TEXT = '"""A tilted plane."""\nx: input(d)\nJ: loss = sum(x)\n'


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("name", ["plane.net", "a folder/my plane.net", "réseau/λ.net"])
def test_line_ends_marks_and_paths_make_no_difference(tmp_path: Path, ends: str, mark: bytes, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(mark + TEXT.replace("\n", ends).encode())
    source = sources.find(str(path))
    assert source.lines == TEXT.splitlines()
    assert source.stem == path.stem
    assert source.folder == path.parent


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + TEXT.encode())))
    assert sources.find("-") == sources.Source("standard input", "network", TEXT)


def test_a_missing_file_is_named_with_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "plane.net").write_text(TEXT, encoding="utf-8")
    with pytest.raises(ReadError, match=r"There is no file `.*plan\.net`\. Did you mean `plane\.net`\?"):
        sources.find(str(tmp_path / "plan.net"))


def test_what_is_not_an_ordinary_text_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="not an ordinary file"):
        sources.find(str(tmp_path))
    large = tmp_path / "large.net"
    with large.open("wb") as file:
        file.truncate(LONGEST + 1)
    with pytest.raises(ReadError, match="has 4,000,001 bytes"):
        sources.find(str(large))
    latin = tmp_path / "latin.net"
    latin.write_bytes(b"x: input(d)\n# caf\xe9\n")
    with pytest.raises(ReadError, match="is not UTF-8: line 2 has the byte 0xE9"):
        sources.find(str(latin))
    with pytest.raises(ReadError, match="There is no file"):
        sources.find("a\0b")
    with pytest.raises(ReadError, match="cannot be the name of a file"):
        sources.find("a" * 300)
    with pytest.raises(ReadError, match="more than 4,000,000 bytes"):
        decoded(b"x" * (LONGEST + 1), "Standard input")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.net")
    with pytest.raises(ReadError, match="not an ordinary file"):
        sources.find(str(tmp_path / "pipe.net"))


def test_shipped_networks_and_their_numbers_go_by_their_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "J: loss" in sources.find("three_layer_relu").text
    assert sources.values_file("softmax_2_3_2.values.json").is_file()
    with pytest.raises(ReadError, match=r"Did you mean `softmax_2_3_2\.values\.json`"):
        sources.values_file("softmax_23_2.values.json")
    (tmp_path / "softmax_2_3_2.values.json").write_text("{}", encoding="utf-8")
    assert sources.values_file("softmax_2_3_2.values.json") == Path("softmax_2_3_2.values.json")


def values(tmp_path: Path, text: str) -> dict[str, object]:
    path = tmp_path / "values.json"
    path.write_text(text, encoding="utf-8")
    return dict(read_values(path))


def test_values_are_numbers_and_nested_lists_of_numbers(tmp_path: Path) -> None:
    assert values(tmp_path, '{"W_1": [[1, 2.5]], "b": -1e-3}') == {"W_1": [[1.0, 2.5]], "b": -0.001}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[1, 2]", "must hold one object"),
        ('{"a": 1', "is not JSON: .* in line 1, column"),
        ('{"a": 1, "a": 2}', "`a` has two values"),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": 1e400}', "The value of `a` holds Infinity"),
        ('{"a": [1, "2"]}', 'The value of `a` holds "2"'),
        ('{"a": true}', "holds true"),
        ('{"a": {"b": 1}}', r'holds {"b": 1}'),
        ('{"a": [[[[[[[[[1]]]]]]]]]}', r"holds \[1\]"),
        ('{"a": 1' + "0" * 400 + "}", r"holds 10+\.\.\., which"),
        ('{"a": 1' + "0" * 5000 + "}", "too many digits"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
    ],
)
def test_values_that_are_not_numbers_are_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ValueProblem, match=problem):
        values(tmp_path, text)
