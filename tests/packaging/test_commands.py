"""The two commands of the README, and CI, which runs the second as it is printed."""

from __future__ import annotations

import os
from pathlib import Path

TEST_COMMAND = 'python3 -m venv .venv && .venv/bin/pip install -q -e ".[test]" && .venv/bin/python -m pytest'


def lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]


def test_ci_runs_the_readme_s_test_command_as_it_is_printed(root: Path) -> None:
    assert lines(root / "README.md").count(TEST_COMMAND) == 1
    assert lines(root / ".ci" / "run").count(TEST_COMMAND) == 1


def test_in_ci_nothing_may_be_skipped(root: Path) -> None:
    script = lines(root / ".ci" / "run")
    assert script.index("export SYMBACKPROP_NO_SKIPS=1") < script.index(TEST_COMMAND)
    assert "set -euo pipefail" in script
    assert os.access(root / ".ci" / "run", os.X_OK)
