"""A judged answer on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from symbackprop.cli import verdicts
from symbackprop.cli.terminal import width
from symbackprop.cli.verdicts import print_judgement
from symbackprop.verification.verdict import Counterexample, Judgement, PassedOver
from tests.verification.showing.judged import (
    BOUND,
    HOSTILE,
    JUDGED_CODE,
    JUDGEMENT,
    PROVED,
    TEXT,
    UNDECIDED,
    UNREADABLE,
    WRONG,
)

WHOLE = r"""homework.md  network mlp

Conventions
  Gradients are columns.

Renamings
  z_2 of the answer is z_3 of the network.

line 3  ✓ right       ∂J/∂W₂ = δ₂ a₁ᵀ
    proved: Both sides have one expanded form.
line 4  ✗ wrong       ∂J/∂W₁ = δ₁ x
    transpose: x must be transposed: δ₁ is (h), x is (d), the gradient of W₁ is (h, d).
    - δ₁ x
    + δ₁ xᵀ
          ^
    at d = 2, h = 3, W_1 = [[1, 2], [0, 1], [-1, 0.5]], x = [1, 2]: entry (1, 2): yours 3.0, true
      1.5, difference quotient 1.5
    Line 6 only follows from this.
line 5  ✓ right       ∂J/∂b₂ = 1/n Σ_i δᵢ
    agrees at 12 points: Both agree.
    condition: if the loss is not divided by n
line 6  ✗ wrong       ∂J/∂x = W₁ᵀ δ₁
    With the true gradient in line 4 it holds.
    follows from the mistake in line 4
line 7  ? unreadable  \frac{\partial J}{\partial b_1} = \frown_1
    7 | $\frac{\partial J}{\partial b_1} = \frown_1$
      |                                    ^^^^^^
    The command \frown is not known; expected a letter.
line 8  ~ undecided   ∂J/∂A = 2 A⁻¹ x
    No numbers were found at which the network is defined.

Missing
  dJ/db_1

To try
  --let 'z_0=z_1'

Passed over: 1 formula without a derivative of this network
  line 2: y = Wx (It is a forward equation)

2 right (1 proved, 1 under a condition), 2 wrong, 1 unreadable, 1 undecided, 1 missing
"""

Printed = Callable[[Judgement], str]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Printed:
    for name in ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)

    def printing(judgement: Judgement) -> str:
        print_judgement(judgement)
        return capsys.readouterr().out

    return printing


def test_a_report_has_everything_in_its_order(printed: Printed) -> None:
    assert printed(JUDGEMENT) == WHOLE


def test_lines_fit_the_terminal_and_end_between_words(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    judgement = replace(JUDGEMENT, verdicts=tuple(v for v in JUDGEMENT.verdicts if v.status != "unreadable"))
    wide = printed(judgement)
    monkeypatch.setenv("COLUMNS", "44")
    narrow = printed(judgement)
    assert max(map(width, narrow.splitlines())) <= 44
    assert narrow.split() == wide.replace("[[1, 2], [0, 1], [-1, 0.5]]", "[[1, 2], ...]").split()


def test_an_excerpt_of_a_long_line_fits_the_terminal(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "x + " * 200 + r"\frown" + " y" * 200
    start = text.index("\\frown")
    bad = replace(UNREADABLE, claim="x", line=1, fragment=(start, start + 6))
    monkeypatch.setenv("COLUMNS", "60")
    lines = printed(replace(JUDGEMENT, verdicts=(bad,), text=text)).splitlines()
    at = next(k for k, line in enumerate(lines) if "frown y" in line)
    assert max(map(width, lines)) <= 60
    assert lines[at + 1].index("^^^^^^") == lines[at].index("\\frown")


def test_a_word_that_is_too_long_stays_whole(printed: Printed) -> None:
    word = "W" * 300
    shown = printed(replace(JUDGEMENT, verdicts=(replace(PROVED, reason=word, proof=None),)))
    assert f"δ₂ a₁ᵀ\n    {word}\n" in shown


def test_colours_say_it_again_where_there_are_colours(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    shown = printed(JUDGEMENT)
    assert "\x1b[1;31m✗ wrong" in shown
    assert "\x1b[1;4;32mᵀ\x1b[0m" in shown, "the changed part is not underlined"
    assert "^\n" not in shown.split("follows")[0]


def test_without_unicode_words_and_ascii_say_the_same(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "fit", lambda text, stream: "".join(c if c.isascii() else "?" for c in text))
    shown = printed(replace(JUDGEMENT, verdicts=(PROVED, WRONG, BOUND)))
    assert "line 3  right  dJ/dW_2 = delta_2 a_1^T\n" in shown
    assert "line 4  wrong  dJ/dW_1 = delta_1 x\n" in shown
    assert "    + delta_1 x^T\n               ^^\n" in shown
    assert "line 5  right  dJ/db_2 = 1/n sum_i delta_i\n" in shown


def test_control_characters_of_an_author_never_reach_the_terminal(printed: Printed) -> None:
    bad = "a\x1b[31m\x07\u202e\rb\x00"
    assert WRONG.diagnosis is not None
    wrong = replace(
        WRONG, claim=bad, reason=bad, condition=bad, part=bad,
        diagnosis=replace(WRONG.diagnosis, message=bad, repair_latex=bad),
        counterexample=Counterexample({bad: 1}, {bad: bad}, (), 1.0, 2.0),
    )  # fmt: skip
    unreadable = replace(UNREADABLE, claim=bad, fragment=(0, 5))
    judgement = Judgement(
        bad, bad, (wrong, unreadable), text=bad, conventions=(bad,), renamings=(bad,), missing=(bad,),
        passed_over=(PassedOver(1, bad, bad),), proposals=(bad,), isolation=bad,
    )  # fmt: skip
    shown = printed(judgement)
    assert all(c.isprintable() or c == "\n" for c in shown)
    assert shown.count("�") > 20


def test_markup_of_the_terminal_s_own_is_taken_as_it_stands(printed: Printed) -> None:
    shown = printed(replace(JUDGEMENT, conventions=("[bold]x[/bold] :smile: [link=a]",)))
    assert "[bold]x[/bold] :smile: [link=a]" in shown
    assert HOSTILE in printed(replace(JUDGEMENT, verdicts=(replace(PROVED, claim=HOSTILE),)))


def test_in_code_the_line_to_change_is_shown(printed: Printed) -> None:
    assert printed(JUDGED_CODE).splitlines()[2:7] == [
        "line 3  ✗ wrong  dJ/dW: return dW",
        "    transpose: X must be transposed.",
        "    line 2:",
        "    - dW = X @ d",
        "    + dW = X.T @ d",
    ]


def test_what_is_said_of_one_place_is_said_once(printed: Printed) -> None:
    same = [replace(UNREADABLE, target=f"dJ/dW_{k}") for k in range(8)]
    shown = printed(replace(JUDGEMENT, verdicts=(PROVED, *same, UNDECIDED)))
    assert shown.count("The command \\frown") == 1
    assert "    about dJ/dW_0, dJ/dW_1, dJ/dW_2, dJ/dW_3, dJ/dW_4, dJ/dW_5 and 2 more\n" in shown
    assert shown.endswith("1 right (1 proved), 8 unreadable, 1 undecided, 1 missing\n")


def test_a_function_is_named_by_its_first_line(printed: Printed) -> None:
    long = replace(JUDGED_CODE.verdicts[0], claim="def f(x):\n    return x @ x", diagnosis=None)
    assert "line 3  ✗ wrong  dJ/dW: def f(x): ...\n" in printed(replace(JUDGED_CODE, verdicts=(long,)))


def test_a_verdict_without_a_claim_is_named_by_its_target(printed: Printed) -> None:
    missing = replace(PROVED, claim="", target="dJ/db_1")
    assert "line 3  ✓ right  dJ/db_1\n" in printed(replace(JUDGEMENT, verdicts=(missing,)))


def test_headings_of_the_answer_stand_above_their_claims(printed: Printed) -> None:
    parts = tuple(replace(v, part=part) for v, part in ((PROVED, ""), (BOUND, "Ex 2"), (WRONG, "Ex 2")))
    lines = printed(replace(JUDGEMENT, verdicts=parts)).splitlines()
    at = lines.index("Ex 2")
    assert lines[at - 1] == ""
    assert lines[at + 1].startswith("line 5")
    assert lines.count("Ex 2") == 1


def test_the_line_of_an_unreadable_formula_is_the_right_one_whatever_ends_its_lines(printed: Printed) -> None:
    text = TEXT.replace("\n", "\r\n")
    start = text.index(r"\frown")
    moved = replace(UNREADABLE, fragment=(start, start + 6))
    shown = printed(replace(JUDGEMENT, verdicts=(moved,), text=text))
    assert "    7 | $\\frac{\\partial J}{\\partial b_1} = \\frown_1$\n      |" + " " * 36 + "^^^^^^\n" in shown
    whole = replace(UNREADABLE, start=0, end=10, fragment=None)
    assert "    1 | # Homework\n      | ^^^^^^^^^^\n" in printed(replace(JUDGEMENT, verdicts=(whole,)))
    at_end = replace(UNREADABLE, fragment=(len(TEXT) + 5, len(TEXT) + 6))
    assert " | " not in printed(replace(JUDGEMENT, verdicts=(at_end,)))


def test_many_formulas_without_derivatives_are_counted_and_the_first_are_listed(printed: Printed) -> None:
    many = tuple(PassedOver(k, f"y_{k} = x", "") for k in range(1, 41))
    shown = printed(replace(JUDGEMENT, passed_over=many))
    assert "Passed over: 40 formulas without a derivative of this network\n  line 1: y₁ = x\n" in shown
    assert "  line 5: y₅ = x\n  and in the lines 6, 7, 8," in shown
    assert "25, ...\n" in shown
    assert "line 6:" not in shown
    again = printed(replace(JUDGEMENT, passed_over=many[:1] * 9))
    assert "  and in line 1\n" in again


def test_an_answer_without_claims_says_so(printed: Printed) -> None:
    assert printed(Judgement("a.tex", "mlp", ())) == "a.tex  network mlp\n\nNo claim about this network was found.\n"


def test_how_code_was_run_is_said(printed: Printed) -> None:
    assert "\nCode was run: bubblewrap\n" in printed(replace(JUDGED_CODE, isolation="bubblewrap"))


def test_nothing_is_written_to_a_file(printed: Printed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    printed(JUDGEMENT)
    assert not list(tmp_path.iterdir())
