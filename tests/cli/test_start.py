"""The command answers at once, because nothing heavy is imported before it is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("sympy", "numpy", "jinja2", "rich", "torch", "json", "asyncio", "importlib.metadata")
PROGRAM = f"""
import sys
from symbackprop.cli import main
try:
    main(sys.argv[1:], prog_name="symbackprop")
finally:
    print([name for name in {HEAVY} if name in sys.modules])
"""


@pytest.mark.parametrize(
    "arguments", [["--help"], *([command, "--help"] for command in ("derive", "new", "gallery", "verify"))]
)
def test_help_imports_nothing_heavy(arguments: list[str], root: Path) -> None:
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(root)!r})\n{PROGRAM}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Usage: symbackprop")
    assert done.stdout.endswith("\n[]\n")


def test_python_m_is_the_same_command(root: Path) -> None:
    command = [sys.executable, "-m", "symbackprop", "--help"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.stdout.startswith("Usage: python -m symbackprop")
