"""The page of an answer: everything is on it, nothing of the author's is markup, and it fits a phone."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from symbackprop.verification.showing.page import MOST_PASSED_OVER, html
from symbackprop.verification.verdict import Counterexample, Judgement, PassedOver
from tests.verification.showing.judged import HOSTILE, JUDGED_CODE, JUDGEMENT, PROVED, UNREADABLE, WRONG

# The policy of the page is opened for this script, which measures it inside a frame as narrow as a phone.
MEASURE = """
const wide = [...document.querySelectorAll("math")].map((m) => m.getBoundingClientRect().height);
parent.postMessage(JSON.stringify({
  inner: window.innerWidth, page: document.documentElement.scrollWidth, formulas: wide.length,
  lowest: Math.min(...wide), paper: getComputedStyle(document.body).backgroundColor,
  title: document.title, fresh: getComputedStyle(document.querySelector(".new .changed")).backgroundColor,
}), "*");
"""
FRAME = """<!DOCTYPE html>
<body style="margin:0"><iframe src="page.html" style="border:0;width:%dpx;height:850px"></iframe>
<script>
addEventListener("message", (event) => { document.documentElement.dataset.found = event.data; });
</script></body>
"""
LONG = r"\frac{\partial J}{\partial W_1} = " + " + ".join(rf"W_{{{k}}}^T \delta_{{{k}}} x_{{{k}}}^T" for k in range(20))


@pytest.fixture
def look(chromium: str, tmp_path: Path) -> Callable[..., tuple[dict[str, Any], list[str]]]:
    def looking(page: str, width: int = 1000, *options: str) -> tuple[dict[str, Any], list[str]]:
        measured = page.replace("style-src 'unsafe-inline'", "style-src 'unsafe-inline'; script-src 'unsafe-inline'")
        measured = measured.replace("</body>", f"<script>{MEASURE}</script></body>")
        (tmp_path / "page.html").write_text(measured, encoding="utf-8")
        (tmp_path / "frame.html").write_text(FRAME % width, encoding="utf-8")
        done = subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
             "--disable-background-networking", "--virtual-time-budget=3000", "--enable-logging=stderr", *options,
             "--window-size=1500,900", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
             (tmp_path / "frame.html").as_uri()],
            capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=120, check=True,
        )  # fmt: skip
        data = re.search(r'data-found="([^"]*)"', done.stdout)
        console = re.findall(r":CONSOLE[^\]]*\]? (.*)", done.stderr)
        return (json.loads(unescape(data[1])) if data else {}), console

    return looking


def words(page: str) -> str:
    """The page's words, without markup."""
    return " ".join(unescape(re.sub(r"<style.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)).split())


def test_everything_that_is_known_of_an_answer_is_on_its_page() -> None:
    shown = words(html(JUDGEMENT))
    for sentence in (
        "Is it right? homework.md",
        "2 right (1 proved, 1 under a condition), 2 wrong, 1 unreadable, 1 undecided, 1 missing",
        "Judged against the network mlp .",
        "Conventions. Gradients are columns.",
        "Renamings. z_2 of the answer is z_3 of the network.",
        "Missing. dJ/db_1",
        "To try. --let 'z_0=z_1'",
        "✗ wrong line 4 dJ/dW_1",
        "proved: Both sides have one expanded form.",
        "Holds under this condition: if the loss is not divided by n",
        "transpose x must be transposed",
        "yours true difference quotient 3.0 1.5 1.5",
        "Entry (1, 2) at",
        "Line 6 only follows from this.",
        "Follows from the mistake in line 4.",
        r"\frac{\partial J}{\partial b_1} = \frown _1$",
        "No numbers were found",
        "Passed over",
        "It is a forward equation.",
    ):
        assert sentence in shown, sentence


def test_what_has_changed_is_marked_in_formulas_and_in_code() -> None:
    assert re.findall(r'class="changed"[^>]*>([^<]*)<', html(JUDGEMENT)) == ["T"]
    code = html(JUDGED_CODE)
    assert "<code>dW = X<mark>.T</mark> @ d</code>" in code
    assert "In line 2" in code


def test_a_formula_too_wide_for_paper_is_set_smaller_there() -> None:
    assert "--fit:" not in html(JUDGEMENT).split("</style>")[1]
    wide = html(replace(JUDGEMENT, verdicts=(replace(PROVED, claim=LONG),)))
    part = re.search(r'style="--fit:(0\.\d+)"><math', wide)
    assert part is not None
    assert 0.2 < float(part[1]) < 0.7


def test_a_mistake_is_a_link_away_from_what_follows_of_it() -> None:
    page = html(JUDGEMENT)
    target = re.search(r'<a href="#([\w-]+)">Follows from', page)
    assert target is not None
    assert re.search(rf'<article class="claim wrong" id="{target[1]}">', page)


def test_a_line_is_found_once_by_what_is_worst_in_it() -> None:
    links = [replace(PROVED, line=k, status=s) for k in range(5) for s in ("right", "wrong", "undecided")]
    nav = html(replace(JUDGEMENT, file="/home/x/a.md", verdicts=tuple(links))).split("<nav")[1].split("</nav>")[0]
    assert re.findall(r'<a class="(\w+)" href="#([\w-]+)">', nav) == [("wrong", f"claim-{3 * k + 2}") for k in range(5)]


def test_an_answer_without_claims_has_a_page_too() -> None:
    assert "No claim about this network was found." in html(Judgement("a.tex", "mlp", ()))


def test_very_many_passed_over_formulas_are_cut() -> None:
    many = replace(JUDGEMENT, passed_over=(PassedOver(1, "a", ""),) * (MOST_PASSED_OVER + 7))
    assert "... and 7 more." in html(many)


def hostile() -> Judgement:
    """An answer whose every text tries to be markup."""
    assert WRONG.diagnosis is not None
    wrong = replace(
        WRONG, claim=HOSTILE, target=HOSTILE, reason=HOSTILE, part=HOSTILE, condition=HOSTILE,
        diagnosis=replace(WRONG.diagnosis, message=HOSTILE, repair_latex=HOSTILE),
        counterexample=Counterexample({HOSTILE: 2}, {HOSTILE: HOSTILE, "v": [[HOSTILE]]}, (), 1.0, 2.0),
    )  # fmt: skip
    unreadable = replace(UNREADABLE, fragment=(0, len(HOSTILE)), claim=HOSTILE, reason=HOSTILE)
    return Judgement(
        HOSTILE, HOSTILE, (wrong, unreadable, replace(PROVED, claim=HOSTILE), WRONG), text=HOSTILE,
        conventions=(HOSTILE,), renamings=(HOSTILE, HOSTILE), passed_over=(PassedOver(1, HOSTILE, HOSTILE),),
        missing=(HOSTILE,), proposals=(HOSTILE,), isolation=HOSTILE,
    )  # fmt: skip


def test_what_an_author_wrote_is_never_markup() -> None:
    page = html(hostile())
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") > 10


def test_a_page_says_nothing_to_the_console_whatever_is_on_it(look: Callable[..., Any]) -> None:
    for page in (html(JUDGEMENT), html(hostile())):
        found, console = look(page)
        assert console == []
        assert found["title"].startswith("Is it right?")


@pytest.mark.parametrize("width", [390, 1400])
def test_formulas_are_rendered_and_the_page_never_scrolls_sideways(look: Callable[..., Any], width: int) -> None:
    assert WRONG.diagnosis is not None
    wide = {f"W_{k}": [[1, 2, 3], [4, 5, 6], [7, 8, 9]] for k in range(9)} | {"long_name" * 9: list(range(50))}
    long = replace(
        WRONG, claim=LONG, target="d" * 300, reason=LONG, condition=LONG,
        diagnosis=replace(WRONG.diagnosis, message="W" * 300, repair_latex=f"-{LONG}"),
        counterexample=Counterexample({"d": 2}, wide, (0, 1), 1.0, 2.0, 3.0),
    )  # fmt: skip
    source = replace(long, claim=rf"\frown {LONG}")
    code = replace(long, file="a.py", claim="dW = " + "x + " * 90 + "y")
    judgement = replace(
        JUDGEMENT, file="f" * 300, verdicts=(*JUDGEMENT.verdicts, long, source, code), conventions=(LONG,),
        passed_over=(PassedOver(1, LONG, "w" * 200), PassedOver(2, rf"\frown {LONG}", "")),
    )  # fmt: skip
    found, _ = look(html(judgement), width)
    assert found["inner"] == width
    assert found["page"] <= width
    assert found["formulas"] > 15
    assert found["lowest"] > 5


def test_dark_pages_are_dark(look: Callable[..., Any]) -> None:
    light, dark = (look(html(JUDGEMENT), 1000, *more)[0] for more in ((), ("--blink-settings=preferredColorScheme=0",)))
    for name, least in (("paper", 240), ("fresh", 150)):
        assert brightness(light[name]) > least
        assert brightness(dark[name]) < 100


def brightness(colour: str) -> float:
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 3
