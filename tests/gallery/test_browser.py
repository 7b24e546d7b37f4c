"""Every page of the gallery in a browser as narrow as a phone: nothing sticks out, every formula has a height."""

from __future__ import annotations

import json
import re
import subprocess
from html import unescape
from pathlib import Path

import pytest

from symbackprop.gallery import NAMES

QUIET = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--virtual-time-budget=4000",
]  # fmt: skip
FRAME = """<!DOCTYPE html>
<body style="margin:0"><iframe src="page.html" style="border:0;width:390px;height:850px"></iframe>
<script>
addEventListener("message", (event) => { document.documentElement.dataset.found = event.data; });
</script></body>
"""
MEASURE = """
const heights = [...document.querySelectorAll("math")].map((m) => m.getBoundingClientRect().height);
parent.postMessage(JSON.stringify({
  inner: window.innerWidth, page: document.documentElement.scrollWidth,
  formulas: heights.length, lowest: Math.min(...heights),
}), "*");
"""


@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_a_phone(chromium: str, tmp_path: Path, root: Path, name: str) -> None:
    page = (root / "outputs" / name / "report.html").read_text(encoding="utf-8")
    page = re.sub(r"script-src '[^']*'", "script-src 'unsafe-inline'", page)
    (tmp_path / "page.html").write_text(page.replace("</body>", f"<script>{MEASURE}</script></body>"), encoding="utf-8")
    (tmp_path / "frame.html").write_text(FRAME, encoding="utf-8")
    done = subprocess.run(
        [chromium, *QUIET, "--enable-logging=stderr", "--window-size=1500,900",
         f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", (tmp_path / "frame.html").as_uri()],
        capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=120, check=True,
    )  # fmt: skip
    data = re.search(r'data-found="([^"]*)"', done.stdout)
    assert data is not None
    found = json.loads(unescape(data[1]))
    assert found["page"] <= found["inner"] == 390
    assert found["formulas"] > 20
    assert found["lowest"] > 5
    assert re.findall(r":CONSOLE[^\]]*\]? (.*)", done.stderr) == []
