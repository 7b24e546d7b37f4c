"""The README does what it says: its files are written, its commands run, its Python tried, in the order of the page."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
TITLE = re.compile(r'title="((?:\w+/)?[\w.-]+)"')


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def run(command: str, folder: Path, root: Path) -> str:
    """What a command of the page prints; `symbackprop` is the one of this checkout."""
    program, *arguments = shlex.split(command)
    start = {"symbackprop": [sys.executable, "-m", "symbackprop"], "python": [sys.executable]}[program]
    environment = os.environ | {"PYTHONPATH": str(root), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [*start, *arguments], cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    wrong = 1 if arguments[:1] == ["verify"] else 0  # an answer with a mistake in it
    assert done.returncode == wrong, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def matches(expected: str, printed: str) -> bool:
    """Whether the printed lines are the expected ones, with any lines in the place of each `...`."""
    pieces = [re.escape(piece) for piece in re.split(r"^\.\.\.\n", expected, flags=re.MULTILINE)]
    return re.fullmatch("(?:.*\n)*?".join(pieces), printed) is not None


def try_console(body: str, folder: Path, root: Path) -> None:
    for block in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, expected = block.partition("\n")
        printed = run(command, folder, root)
        assert matches(expected, printed), f"$ {command}\n{printed}\nbut the README says\n{expected}"


def try_python(body: str, names: dict[str, object]) -> None:
    test = doctest.DocTestParser().get_doctest(body, names, "README.md", "README.md", 0)
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=report.append, clear_globs=False)
    names.update(test.globs)
    assert not report, "".join(report)


def test_everything_on_the_page_works(text: str, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    tried = set()
    for fence in FENCE.finditer(text):
        kind, _, rest = fence["info"].partition(" ")
        title = TITLE.search(rest)
        if title:
            (tmp_path / title[1]).parent.mkdir(exist_ok=True)
            (tmp_path / title[1]).write_text(fence["body"], encoding="utf-8")
        elif kind == "console":
            try_console(fence["body"], tmp_path, root)
        elif kind == "pycon":
            try_python(fence["body"], names)
        else:
            pytest.fail(f"a block that nobody tries: {fence['info']}")
        tried.add("file" if title else kind)
    assert tried == {"file", "console", "pycon"}


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\n", "a\n", True),
        ("a\n...\nd\n", "a\nb\nc\n", False),
        ("a\n", "a\nb\n", False),
    ],
)
def test_output_is_compared_line_by_line(expected: str, printed: str, same: bool) -> None:
    assert matches(expected, printed) is same


def test_links_of_the_page_lead_somewhere(text: str, root: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        assert (root / target).exists(), target
    for word in ("TODO", "http://", "https://"):
        assert word not in text
