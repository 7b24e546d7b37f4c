"""Errors on standard error: what they look like, in colour and without, in Unicode and without."""

from __future__ import annotations

import io

import click
import pytest

from symbackprop.cli.diagnostics import Refused, describe, refusing, report
from symbackprop.cli.sources import Source
from symbackprop.errors import ManyErrors, ReadError, ShapeError, Span, SymbackpropError

SOURCE = Source("my net.net", "my net", '"""Three layers."""\nz_1 = W_0 @ a_0 + b_0\nz_2 =\tW_1 @ a_1\n')
MISFIT = ShapeError(
    "z_1 (line 2): `W_0 @ a_0`: W_0 is (d_0, d_1), a_0 is (d_0); the inner sizes d_1 and d_0 must agree.",
    remedy="Either declare `W_0: parameter(d_1, d_0)` or write `W_0.T @ a_0`.",
    span=Span(2, 7, 2, 16),
)


def shown(problem: SymbackpropError, source: Source | None = SOURCE) -> str:
    return "\n".join(line.plain for line in describe("error", problem, source))


def test_an_error_shows_the_place_the_mark_and_the_remedy() -> None:
    assert shown(MISFIT) == "\n".join(
        [
            f"error: {MISFIT.message}",
            "  --> my net.net:2:7",
            " 2 | z_1 = W_0 @ a_0 + b_0",
            "   |       ^^^^^^^^^",
            "  help: Either declare `W_0: parameter(d_1, d_0)` or write `W_0.T @ a_0`.",
        ]
    )


def test_the_mark_stands_under_what_is_meant_after_a_tab_and_after_wide_letters() -> None:
    tabbed = shown(ReadError("no", span=Span(3, 7, 3, 10))).splitlines()
    assert [tabbed[2][i] for i, c in enumerate(tabbed[3]) if c == "^"] == list("W_1")
    wide = Source("n", "n", "y = 重 @ x\n")
    assert shown(ReadError("no", span=Span(1, 9, 1, 10)), wide).splitlines()[3] == "   |          ^"


def test_an_error_without_a_place_and_one_past_the_end_still_read_well() -> None:
    assert shown(ReadError("Nothing is the loss.", remedy="Write `J: loss = ...`.")) == (
        "error: Nothing is the loss.\n  help: Write `J: loss = ...`."
    )
    assert shown(ReadError("It ends.", span=Span(9, 1, 9, 1))) == "error: It ends.\n  --> my net.net:9:1"
    assert shown(MISFIT, None).count("\n") == 1


def test_a_span_over_several_lines_marks_the_rest_of_the_first() -> None:
    assert shown(ReadError("no", span=Span(2, 17, 3, 4))).splitlines()[3] == "   | " + " " * 16 + "^^^^^"


def test_a_very_long_line_is_cut_around_the_place() -> None:
    line = "x + " * 50_000 + "oops" + " + x" * 50_000
    lines = shown(ReadError("no", span=Span(1, 200_001, 1, 200_005)), Source("n", "n", line)).splitlines()
    assert all(len(line) < 200 for line in lines)
    start = lines[3].index("^^^^")
    assert lines[2][start : start + 4] == "oops"


def test_nothing_in_a_source_is_a_command_to_the_terminal() -> None:
    nasty = Source("\x1b]0;x\x07.net", "n", "x = \x1b[2Jy [bold]\n")
    text = shown(ReadError("`\x1b[2Jy`: no\x07", remedy="\x1b", span=Span(1, 5, 1, 9)), nasty)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[bold]" in text


def printed(monkeypatch: pytest.MonkeyPatch, encoding: str = "utf-8", **environment: str) -> str:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TERM", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    monkeypatch.setattr("sys.stderr", stream)
    report("error", [ReadError("∂J/∂W: [red]no[/red] :smile:", remedy="Do it." * 60, span=Span(2, 1, 2, 4))], SOURCE)
    stream.flush()
    return stream.buffer.getvalue().decode(encoding)


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[1;31merror: \x1b[0m" in printed(monkeypatch, FORCE_COLOR="1", TERM="xterm-256color")
    assert "\x1b" not in printed(monkeypatch)
    assert "\x1b[1;31m" not in printed(monkeypatch, FORCE_COLOR="1", NO_COLOR="1", TERM="xterm-256color")


def test_a_terminal_without_unicode_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    text = printed(monkeypatch, "ascii")
    assert text.startswith("error: dJ/dW: [red]no[/red] :smile:\n")
    assert " 2 | z_1 = W_0 @ a_0 + b_0\n" in text
    assert text.endswith("Do it.Do it.\n")
    assert printed(monkeypatch).startswith("error: ∂J/∂W: [red]no[/red] :smile:\n")


def test_every_error_of_a_file_is_shown_and_the_exit_code_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Refused) as refused, refusing(SOURCE):
        raise ManyErrors([MISFIT, ReadError("Another.", span=Span(3, 1, 3, 4))])
    assert refused.value.exit_code == 2
    assert isinstance(refused.value, click.ClickException)
    refused.value.show()
    text = capsys.readouterr().err
    assert text.count("error: ") == 2
    assert "my net.net:3:1" in text


def test_trouble_with_files_is_an_error_like_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Refused) as refused, refusing():
        raise PermissionError(13, "Permission denied", "/out")
    refused.value.show()
    assert capsys.readouterr().err == "error: Cannot use /out: permission denied.\n"
