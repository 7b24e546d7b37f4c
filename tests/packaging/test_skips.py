"""The switch that makes every skip a failure does so, for a test and for a whole file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ONE_TEST = "import pytest\n\n\ndef test_a():\n    pytest.skip('no TeX')\n"
WHOLE_FILE = "import pytest\n\npytest.skip('no TeX', allow_module_level=True)\n"


def run(folder: Path, root: Path, no_skips: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(root / "tests" / "conftest.py", folder)
    environment = os.environ | {"SYMBACKPROP_NO_SKIPS": no_skips}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("source", [ONE_TEST, WHOLE_FILE], ids=["one test", "a whole file"])
def test_a_skip_is_a_failure_where_nothing_may_be_skipped(source: str, tmp_path: Path, root: Path) -> None:
    (tmp_path / "test_skipping.py").write_text(source, encoding="utf-8")
    refused = run(tmp_path, root, "1")
    assert refused.returncode != 0, refused.stdout
    assert "no TeX" in refused.stdout
    assert "skipped, and here nothing may be" in refused.stdout


def test_elsewhere_a_skip_stays_a_skip_with_its_reason(tmp_path: Path, root: Path) -> None:
    (tmp_path / "test_skipping.py").write_text(ONE_TEST, encoding="utf-8")
    allowed = run(tmp_path, root, "0")
    assert allowed.returncode == 0, allowed.stdout
    assert "1 skipped" in allowed.stdout
