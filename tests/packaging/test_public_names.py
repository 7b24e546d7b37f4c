"""The public names are what they are called, whatever was imported before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import importlib, pkgutil, sys, types
import symbackprop as sb
heavy = [name for name in ("sympy", "numpy", "jinja2", "rich", "click") if name in sys.modules]
assert not heavy, heavy
for module in pkgutil.iter_modules(sb.__path__):
    if module.name != "__main__":
        importlib.import_module(f"symbackprop.{module.name}")
for name in sb._HOMES:
    value = getattr(sb, name)
    assert callable(value), (name, value)
    assert value is getattr(sb, name)
from symbackprop.derive import Derivation
assert sb.derive is not Derivation
"""


def test_a_public_name_is_never_the_module_of_the_same_name(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=root, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_name_that_does_not_exist_is_an_error(root: Path) -> None:
    program = "import symbackprop as sb; sb.no_such_function"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 1
    assert "no_such_function" in done.stderr
