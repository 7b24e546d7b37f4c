"""What every test may ask for, and why it is sometimes not there.

A test that needs TeX, a browser, torch or the published cases takes the fixture of that name. Where the thing is
missing the test skips and says why; with SYMBACKPROP_NO_SKIPS=1, as in CI, every skip is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
NO_SKIPS = os.environ.get("SYMBACKPROP_NO_SKIPS") == "1"
MARKER_OF_FIXTURE = {"pdflatex": "tex", "chromium": "browser", "torch": "oracle"}

# No deadlines: a machine under load is not a bug. In CI the same examples every time: a red run can be repeated.
hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if NO_SKIPS else "default")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def cases_dir() -> Path:
    """The published cases: $SYMBACKPROP_CASES, or the directory shared/cases beside the checkout."""
    named = os.environ.get("SYMBACKPROP_CASES")
    path = Path(named) if named else ROOT.parent / "shared" / "cases"
    if not path.is_dir():
        pytest.skip(f"no published cases at {path}; SYMBACKPROP_CASES names their directory")
    return path


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The source documents: $SYMBACKPROP_SEEDS, or the directory shared/seeds beside the checkout."""
    named = os.environ.get("SYMBACKPROP_SEEDS")
    path = Path(named) if named else ROOT.parent / "shared" / "seeds"
    if not path.is_dir():
        pytest.skip(f"no source documents at {path}; SYMBACKPROP_SEEDS names their directory")
    return path


@pytest.fixture(scope="session")
def pdflatex() -> str:
    """The path of pdflatex."""
    found = shutil.which("pdflatex")
    if found is None:
        pytest.skip("pdflatex is not installed")
    return found


@pytest.fixture(scope="session")
def pdftoppm() -> str:
    """The path of pdftoppm, which turns pages into pictures."""
    found = shutil.which("pdftoppm")
    if found is None:
        pytest.skip("pdftoppm (poppler) is not installed")
    return found


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; root needs --no-sandbox."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium is installed")


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    """The module torch, in float64 and on one thread."""
    module = pytest.importorskip("torch", reason="torch is not installed; the extra `oracle` has it")
    module.set_default_dtype(module.float64)
    module.set_num_threads(1)
    return module


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by what it needs, so that `-m "not tex"` leaves out what takes pdflatex."""
    for item in items:
        for fixture, marker in MARKER_OF_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(marker)
        if "benchmarks" in item.path.parts:
            item.add_marker("benchmark")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where nothing may be skipped, a skip is a failure."""
    report = yield
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and here nothing may be: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file that skips itself."""
    report = yield
    if NO_SKIPS and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, and here nothing may be: {report.longrepr}"
    return report
