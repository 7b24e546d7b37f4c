"""The installed wheel, outside the checkout: what is in it, and that it works in a folder with a difficult name."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


def run(command: list[str], folder: Path, **environment: str) -> str:
    """What a program prints; the test fails with all of its output if it does not end with 0."""
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "-q", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w"]
    run([*pip, str(folder), str(root)], folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the wheel's files and nothing of the checkout."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "-q", "install", "--no-deps", "--no-index", "--target"]
    run([*pip, str(folder), str(wheel)], folder)
    return folder


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "un réseau, δ"
    folder.mkdir()
    return folder


def files(top: Path, suffixes: tuple[str, ...]) -> set[str]:
    return {p.relative_to(top).as_posix() for p in top.rglob("*") if p.is_file() and p.name.endswith(suffixes)}


def test_the_wheel_holds_the_templates_the_gallery_and_nothing_of_the_tests(wheel: Path, root: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    templates = {f"symbackprop/_templates/{name}" for name in files(root / "templates", ("",))}
    package = {f"symbackprop/{name}" for name in files(root / "symbackprop", (".py", ".typed", ".net", ".json"))}
    assert templates
    assert templates | package <= names
    rest = {name for name in names - templates - package if ".dist-info/" not in name}
    assert not rest
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_installed_command_derives_writes_and_checks_itself(installed: Path, elsewhere: Path) -> None:
    here = {"PYTHONPATH": str(installed), "PYTHONUTF8": "1"}
    where = run([sys.executable, "-c", "import symbackprop; print(symbackprop.__file__)"], elsewhere, **here)
    assert Path(where.strip()).is_relative_to(installed)
    command = [sys.executable, "-m", "symbackprop"]
    run([*command, "new", "mon réseau.net"], elsewhere, **here)
    run([*command, "derive", "mon réseau.net", "-o", "la sortie/mlp"], elsewhere, **here)
    written = files(elsewhere / "la sortie" / "mlp", ("",))
    assert {"report.tex", "report.html", "mon réseau.py", "derivation.json", "parts/backward.tex"} <= written
    run([sys.executable, str(elsewhere / "la sortie" / "mlp" / "mon réseau.py")], elsewhere)


def test_every_shipped_network_can_be_used_by_name(installed: Path, elsewhere: Path) -> None:
    here = {"PYTHONPATH": str(installed), "PYTHONUTF8": "1"}
    program = "from symbackprop.cli.sources import shipped; print(*shipped())"
    names = run([sys.executable, "-c", program], elsewhere, **here).split()
    assert len(names) >= 6
    shown = run([sys.executable, "-m", "symbackprop", "derive", names[0]], elsewhere, **here)
    assert "Gradients" in shown


def test_the_script_is_installed(installed: Path, elsewhere: Path) -> None:
    scripts = [p for p in installed.rglob("symbackprop*") if p.parent.name in {"bin", "Scripts"}]
    assert len(scripts) == 1
    assert "derive" in run([str(scripts[0]), "--help"], elsewhere, PYTHONPATH=str(installed))
