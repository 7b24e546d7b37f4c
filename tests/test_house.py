"""The house rules that a program can check: style, types, the tree, the direction of imports, forbidden calls."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "symbackprop"
SOURCES = sorted(PACKAGE.rglob("*.py"))

TOP_LEVEL = {"pyproject.toml", "README.md", "LICENSE", "symbackprop", "templates", "tests", "outputs"}

# In the direction data flows: a module imports only from the lines before it, and from its own.
LAYERS = (
    ("errors",),
    ("tensor",),
    ("expression",),
    ("functions",),
    ("notation",),
    ("network",),
    ("laws",),
    ("lower",),
    ("reading",),
    ("symbolic",),
    ("declare",),
    ("graph", "linear", "definitions", "averaging"),
    ("batch", "express", "requirements", "given"),
    ("second", "closing", "draws"),
    ("formula",),
    ("signs",),
    (
        *("reasons", "jacobian", "hessian", "block_steps", "structure", "gauss_newton"),
        *("forward_mode", "derive", "newton", "spectrum", "named"),
    ),
    ("certify", "certify_second"),
    ("answers", "paper"),
    ("lifting",),
    ("document", "escape", "files", "typeset"),
    ("drawing", "texforms"),
    ("render",),
    ("codegen",),
    ("reporting",),
    ("write",),
    ("verification",),
    ("grading",),
    ("gallery",),
    ("__init__",),
    ("cli",),
    ("__main__",),
)
POINTING_BACK: dict[tuple[str, str], str] = {
    ("declare", "reporting.notebook"): "a notebook asks the object itself how to show it",
    ("derive", "reporting.notebook"): "the same",
}

# Calls that run text, or that take unbounded time. A place that needs one says why.
BANNED = {"eval", "exec", "compile", "__import__", "sympify", "parse_expr", "lambdify", "simplify", "setrecursionlimit"}
ALLOWED_CALLS: dict[tuple[str, str], str] = {
    ("verification.isolated", "compile"): "what --run starts to run an answer's code, in a process of its own",
    ("verification.isolated", "exec"): "the same; no other module imports it",
}

ONLY_IN = {"jinja2": {"render"}, "rich": {"cli", "gallery"}, "click": {"cli"}, "torch": set(), "pickle": set()}


def tool(*arguments: str) -> str:
    """What a tool prints when it finds something, else nothing."""
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    complaints = tool("ruff", "check", "--output-format", "concise", ".")
    assert not complaints, complaints


def test_every_file_is_formatted() -> None:
    complaints = tool("ruff", "format", "--check", ".")
    assert not complaints, f"{complaints}\nformat with: python -m ruff format ."


def test_types_hold_strictly() -> None:
    complaints = tool("mypy")
    assert not complaints, complaints


def test_the_top_level_holds_what_was_agreed() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    paths = listed.stdout.splitlines() if listed.returncode == 0 else [p.name for p in ROOT.iterdir()]
    entries = {path.split("/")[0] for path in paths}
    assert {entry for entry in entries if not entry.startswith(".")} == TOP_LEVEL


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_file_is_one_concept(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, "past 400 lines a file is probably two"


def module_name(path: Path) -> str:
    """The dotted name inside the package: `notation.latex`, `notation` for its __init__, `__init__` for the root's."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] or parts if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in SOURCES}


def layer(module: str) -> int:
    """The line of LAYERS that a module belongs to."""
    top = module.partition(".")[0]
    for number, names in enumerate(LAYERS):
        if top in names:
            return number
    pytest.fail(f"{module} has no place in LAYERS: say where data reaches it")


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, at its top or later, with the line; our own as named by module_name."""
    package = ["symbackprop", *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) + 1 - node.level]) if node.level else ""
            whole = ".".join(part for part in (base, node.module) if part)
            for alias in node.names:
                inner = f"{whole}.{alias.name}".removeprefix("symbackprop.")
                yield (f"symbackprop.{inner}" if inner in MODULES else whole), node.lineno


def ours(name: str) -> str | None:
    """Our module's name, None for another's."""
    if name == "symbackprop":
        return "__init__"
    return name.removeprefix("symbackprop.") if name.startswith("symbackprop.") else None


def test_imports_point_one_way() -> None:
    used, wrong = set(), []
    for module, path in MODULES.items():
        place = layer(module)
        for name, line in imported(path):
            target = ours(name)
            if target is None or layer(target) <= place:
                continue
            edge = (module, target)
            used.add(edge)
            if edge not in POINTING_BACK:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}, which comes after it")
    assert not wrong, "\n".join(wrong)
    assert used == set(POINTING_BACK), "an exemption that nothing needs any more"


def test_libraries_are_imported_where_they_belong() -> None:
    wrong = []
    for module, path in MODULES.items():
        for name, line in imported(path):
            homes = ONLY_IN.get(name.split(".")[0])
            if homes is not None and module.split(".")[0] not in homes:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}; only {sorted(homes)} may")
    assert not wrong, "\n".join(wrong)


def test_nothing_runs_text() -> None:
    used, wrong = set(), []
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            plain = isinstance(function, ast.Name)
            name = function.id if plain else function.attr if isinstance(function, ast.Attribute) else ""
            if name not in BANNED or (name == "compile" and not plain):  # re.compile is another thing
                continue
            used.add((module, name))
            if (module, name) not in ALLOWED_CALLS:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} calls {name}")
    assert not wrong, "\n".join(wrong)
    assert used == set(ALLOWED_CALLS), "an exemption that nothing needs any more"
    reaching = [m for m, path in MODULES.items() if any(n.endswith("isolated") for n, _ in imported(path))]
    assert not reaching, "what runs text is started as a process, never imported"


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("test_*.py")), ids=lambda path: path.name)
def test_every_test_file_can_fail(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert any(word in text for word in ("assert ", "raises", "check_")), "it asserts nothing"
