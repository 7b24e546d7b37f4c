from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path

import pytest

from symbackprop.document import Report
from symbackprop.render import render_report

QUIET = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--virtual-time-budget=4000",
]  # fmt: skip

# A browser's window is never as narrow as a phone's, a frame may be.
FRAME = """<!DOCTYPE html>
<body style="margin:0"><iframe src="page.html" style="border:0;width:%dpx;height:850px"></iframe>
<script>
addEventListener("message", (event) => { document.documentElement.dataset.found = event.data; });
</script></body>
"""

# Runs in the page under test, whose policy is opened for it.
MEASURE = """
const wide = () => document.documentElement.scrollWidth;
const copied = [];
Object.defineProperty(navigator, "clipboard", {value: {writeText: async (t) => { copied.push(t); }}});
const heights = [...document.querySelectorAll("math")].map((m) => m.getBoundingClientRect().height);
const fraction = document.querySelector(".lhs mfrac");
const scrolls = [...document.querySelectorAll(".rhs")].filter((e) => e.scrollWidth > e.clientWidth + 1).length;
const buttons = [...document.querySelectorAll("button.copy")];
const shown = buttons.filter((b) => b.getBoundingClientRect().width > 0).length;
buttons[0].click();
setTimeout(() => {
  parent.postMessage(JSON.stringify({
    inner: window.innerWidth, page: wide(), formulas: heights.length, lowest: Math.min(...heights),
    fraction: fraction.getBoundingClientRect().height, line: parseFloat(getComputedStyle(document.body).fontSize),
    scrolls, buttons: buttons.length, shown, copied, said: document.getElementById("said").textContent,
    paper: getComputedStyle(document.body).backgroundColor,
    box: getComputedStyle(document.querySelector(".sb-node")).fill,
  }), "*");
}, 200);
"""


@dataclass(frozen=True)
class Seen:
    found: dict[str, float | str | list[str]]
    console: list[str]


@pytest.fixture(scope="module")
def page(report: Report) -> str:
    return render_report(report)["report.html"]


@pytest.fixture
def look(chromium: str, tmp_path: Path) -> Callable[..., Seen]:
    def looking(page: str, width: int = 1000, *, measured: bool = True, options: tuple[str, ...] = ()) -> Seen:
        if measured:
            page = re.sub(r"script-src '[^']*'", "script-src 'unsafe-inline'", page)
            page = page.replace("</body>", f"<script>{MEASURE}</script></body>")
        (tmp_path / "page.html").write_text(page, encoding="utf-8")
        (tmp_path / "frame.html").write_text(FRAME % width, encoding="utf-8")
        file = tmp_path / ("frame.html" if measured else "page.html")
        done = subprocess.run(
            [chromium, *QUIET, *options, "--enable-logging=stderr", "--window-size=1500,900",
             f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri()],
            capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=120, check=True,
        )  # fmt: skip
        data = re.search(r'data-found="([^"]*)"', done.stdout)
        console = re.findall(r":CONSOLE[^\]]*\]? (.*)", done.stderr)
        return Seen(json.loads(unescape(data[1])) if data else {}, console)

    return looking


def test_the_page_says_nothing_to_the_console(look: Callable[..., Seen], page: str) -> None:
    assert look(page, measured=False).console == []


def test_a_complaint_on_the_console_is_noticed(look: Callable[..., Seen], page: str) -> None:
    broken = page.replace("</body>", "<script>undefinedFunction()</script></body>")
    assert any("Content Security Policy" in line for line in look(broken, measured=False).console)


@pytest.mark.parametrize("width", [390, 1000, 1400])
def test_formulas_are_rendered_and_the_page_never_scrolls_sideways(
    look: Callable[..., Seen], page: str, width: int
) -> None:
    seen = look(page, width).found
    assert seen["inner"] == width
    assert seen["page"] <= width
    assert seen["formulas"] > 60
    assert seen["lowest"] > 5
    assert seen["fraction"] > 1.5 * seen["line"], "a fraction is no higher than a line: MathML was not rendered"


def test_a_wide_formula_scrolls_in_its_own_box(look: Callable[..., Seen], page: str) -> None:
    assert look(page, 390).found["scrolls"] >= 1


def test_a_long_formula_among_words_does_not_widen_a_phone_s_page(look: Callable[..., Seen], report: Report) -> None:
    long = (*report.summary, report.closed[-1].equation.right[0], ".")
    steps = tuple(replace(step, reason=long, argument=(long,)) for step in report.backward)
    tables = tuple(replace(table, caption=long, rows=((long, long, long),)) for table in report.tables)
    rows = tuple(replace(row, facts=long) for row in report.symbols)
    changed = replace(report, summary=long, remarks=(long,), conventions=(long,), backward=steps, tables=tables)
    seen = look(render_report(replace(changed, symbols=rows, sizes=long))["report.html"], 390).found
    assert seen["page"] <= 390


def test_a_page_that_scrolls_sideways_is_noticed(look: Callable[..., Seen], page: str) -> None:
    assert look(page.replace("<footer>", '<footer><p style="width:900px">wide</p>'), 390).found["page"] > 390


def test_a_button_copies_the_formula_beside_it(look: Callable[..., Seen], page: str) -> None:
    seen = look(page).found
    assert seen["copied"] == ["z_{1} = W_{1} x + b_{1}"]
    assert seen["said"] == "LaTeX copied"
    assert seen["shown"] == seen["buttons"]


def test_without_scripts_there_are_no_dead_buttons(look: Callable[..., Seen], page: str) -> None:
    assert look(page.replace('classList.add("scripted")', 'classList.add("other")')).found["shown"] == 0


def test_dark_pages_are_dark_and_so_are_their_pictures(look: Callable[..., Seen], page: str) -> None:
    light = look(page).found
    dark = look(page, options=("--blink-settings=preferredColorScheme=0",)).found
    for name in ("paper", "box"):
        assert brightness(str(light[name])) > 240
        assert brightness(str(dark[name])) < 50


def brightness(colour: str) -> float:
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 3


def test_hostile_words_run_nowhere(look: Callable[..., Seen], report: Report) -> None:
    words = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
    changed = replace(report, title=words, summary=(words,), tables=(replace(report.tables[0], title=words),))
    page = render_report(changed)["report.html"]
    seen = look(page)
    assert seen.console == []
    assert seen.found["formulas"] > 60
