"""Texts that were written to break a reader: each is refused, fast, and nothing in it is run."""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path

import pytest

from symbackprop.errors import ReadError, SymbackpropError
from symbackprop.reading.netfile import parse, read

SECONDS = 3.0  # of this process; each takes milliseconds


def short(text: str) -> str:
    """A name for a test, from the beginning and the length of a long text."""
    return f"{ascii(text)[1:25]}({len(text)})"


def refusal(text: str) -> SymbackpropError:
    started = time.process_time()
    with pytest.raises(SymbackpropError) as caught:
        parse(text)
    assert time.process_time() - started < SECONDS
    return caught.value


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os').system('touch {path}')",
        "open('{path}', 'w')",
        "exec(\"open('{path}', 'w')\")",
        "eval(\"open('{path}', 'w')\")",
        "().__class__.__bases__[0].__subclasses__()",
        "x.tofile('{path}')",
        "np.save('{path}', x)",
        "np.load('{path}')",
        "[open('{path}', 'w') for i in range(1)]",
        "(lambda: open('{path}', 'w'))()",
        "f\"{{open('{path}', 'w')}}\"",
        "x[open('{path}', 'w')]",
        "sum(x, axis=open('{path}', 'w'))",
        "sum(x, **{{'axis': open('{path}', 'w')}})",
        "(y := open('{path}', 'w'))",
    ],
)
def test_nothing_is_executed(formula: str, tmp_path: Path) -> None:
    path = tmp_path / "made"
    refusal("x: input(d)\nJ: loss = " + formula.format(path=path.as_posix()))
    assert not path.exists()


@pytest.mark.parametrize(
    "declaration",
    [
        "x: input(open('{path}', 'w'))",
        "x: input(d, latex=open('{path}', 'w'))",
        "x: input(d, onehot=open('{path}', 'w'))",
        "x: open('{path}', 'w')",
        "x: input(d) if open('{path}', 'w') else 0",
        "x[open('{path}', 'w')]: input(d)",
        "notation(layers=open('{path}', 'w'))",
        "f: function(open)",
        "f: function(lambda u=open('{path}', 'w'): u)",
        "for t in open('{path}', 'w'): pass",
        "for t in range(open('{path}', 'w')): pass",
        "@open('{path}', 'w')\ndef f(): pass",
    ],
)
def test_no_declaration_is_executed(declaration: str, tmp_path: Path) -> None:
    path = tmp_path / "made"
    refusal(declaration.format(path=path.as_posix()) + "\nz: input()\nJ: loss = z")
    assert not path.exists()


@pytest.mark.parametrize(
    "formula",
    [
        "x+" * 20_000 + "x",
        "x+" * 2_400 + "x",
        "-" * 10_000 + "x",
        "-" * 4_900 + "x",
        "x**" * 1_200 + "x",
        "f(" * 3_000 + "x" + ")" * 3_000,
        "(" * 10_000 + "x" + ")" * 10_000,
        "(\n" * 10_000 + "x" + "\n)" * 10_000,
        "x[" * 45 + "0" + "]" * 45 + ".T" * 400,
        "x" + ".T" * 2_000,
        "x" + "[0]" * 1_500,
        "9**9**9",
        "9**9**9**9",
        "2**(10**9)",
        "((10**300)**300)**300",
        "(1/10**300)**300",
        "1" * 5_000,
        "1e400",
        "0x" + "f" * 4_000,
        "factorial(10**7)",
        "expand((x + 1)**300)",
        "'a' * 10**9",
        "range(10**9)",
        "x / 0",
        "nan",
        "inf - inf",
        "1 < x < 2",
        "not x",
        "x[0:10**9:0]",
        "zeros(10**9)[10**10]",
        "reshape(x, 10**9, 10**9)",
    ],
    ids=short,
)
def test_what_would_cost_time_or_memory_is_refused(formula: str) -> None:
    refusal("x: input(5)\nJ: loss = " + formula)


@pytest.mark.parametrize(
    "text",
    [
        "for t in range(10**9):\n    x[t]: input()",
        "for s in range(999):\n    for t in range(999):\n        x[s, t]: input()",
        "w[1, ..., 1000000000]: parameter()",
        "w[1, ..., 20000]: parameter()",
        "x: input(d)\n" * 3000 + "J: loss = sum(y)",
        "for a in range(2):\n"
        + "".join(" " * n + f"for b{n} in range(2):\n" for n in range(1, 30))
        + " " * 30
        + "z = 1",
        '"""' + "{{ 7*7 }}" * 300,
        "(" * 40 + "\n" * 3000,
        "x: input(d)" + " " * 4000 + ";" * 100,
        "#" * 4999 + "\n\\\n",
    ],
    ids=short,
)
def test_long_files_and_loops_are_bounded(text: str) -> None:
    refusal(text)


def test_thousands_of_independent_mistakes_are_all_told_in_linear_time() -> None:
    error = refusal("x: input(d)\n" + "".join(f"z_{k} = x ^ {k}\n" for k in range(2_000)) + "J: loss = sum(x)")
    assert len(str(error).splitlines()) == 2_000


def test_memory_stays_small() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for formula in ("9**9**9", "'a' * 10**9", "x+" * 20_000 + "x", "(" * 100_000):
        refusal(f"x: input(5)\nJ: loss = {formula}")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) * (1 if sys.platform == "darwin" else 1024) < 100_000_000


def file_refusal(path: Path) -> str:
    with pytest.raises(ReadError) as caught:
        read(path)
    return str(caught.value)


def test_only_ordinary_text_files_of_reasonable_size_are_read(tmp_path: Path) -> None:
    assert "is not an ordinary file" in file_refusal(tmp_path)
    assert "There is no file" in file_refusal(tmp_path / "none.net")
    assert "There is no file" in file_refusal(tmp_path / "none.net" / "x.net")
    large = tmp_path / "large.net"
    with large.open("wb") as file:
        file.truncate(100_000_000)
    assert "has 100,000,000 bytes; at most 4,000,000 are read" in file_refusal(large)
    latin = tmp_path / "latin.net"
    latin.write_bytes(b"x: input(d)\n# caf\xe9\n")
    assert "is not UTF-8: line 2 has the byte 0xE9. Save it as UTF-8." in file_refusal(latin)
    assert "cannot be the name of a file" in file_refusal(Path("a\0b"))
    assert "cannot be the name of a file" in file_refusal(Path("a" * 5000))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.net"
    os.mkfifo(pipe)
    assert "is not an ordinary file" in file_refusal(pipe)


@pytest.mark.parametrize("name", ["../secret.tex", "/etc/passwd", "..", ".", "a/b.tex", "a\\\\b.tex", ""])
def test_macros_come_from_the_folder_of_the_network(name: str, tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "secret.tex").write_text(r"\newcommand{\vect}{\mathbf}")
    path = tmp_path / "net" / "a.net"
    path.write_text(f'notation(macros="{name}")\nx: input(d)\nJ: loss = sum(x)')
    assert "`macros=` is the name of a file in the network's folder" in file_refusal(path)
