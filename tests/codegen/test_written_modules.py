"""Modules as they are written for people: text that stands alone, programs that check themselves and can fail."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import symbackprop as sb
from symbackprop.certify import Checker
from symbackprop.draws import Drawer
from symbackprop.gallery import path as shipped
from symbackprop.reading.netfile import parse
from symbackprop.write import module_source
from tests.codegen.making import body

SHIPPED = sorted(p.stem for p in shipped("threshold").parent.glob("*.net"))
WITHOUT_ARRAYS = {"tanh_neurons", "softmax_2_3_2"}
NEVER = {"eval", "exec", "compile", "open", "__import__", "globals", "setattr", "input", "breakpoint"}
ALLOWED = {"numpy", "math", "random"}


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    """The module of every shipped network, with its documentation."""
    return {name: module_source(sb.derive(sb.Network.read(shipped(name)))) for name in SHIPPED}


def imports(source: str) -> set[str]:
    """The packages that a module imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize("name", SHIPPED)
def test_a_module_imports_and_calls_nothing_that_it_should_not(sources: dict[str, str], name: str) -> None:
    source = sources[name]
    assert imports(source) <= ALLOWED - ({"numpy"} if name in WITHOUT_ARRAYS else set())
    for node in ast.walk(ast.parse(source)):
        called = node.func if isinstance(node, ast.Call) else None
        assert not (isinstance(called, ast.Name) and called.id in NEVER), ast.unparse(node)
        assert not isinstance(node, (ast.Global, ast.Nonlocal, ast.Await))
    assert {c for c in source if not c.isprintable()} == {"\n"}
    assert not re.search(r"[ \t]$", source, re.MULTILINE), "no line ends in a space"


def run(source: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The module as a program of its own: nothing of this checkout can be imported by it, warnings are errors."""
    path = folder / "module.py"
    path.write_text(source, encoding="utf-8")
    command = [sys.executable, "-I", "-W", "error", str(path)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("name", ["three_layer_relu_batch", "sigmoid_classifier", "softmax_2_3_2"])
def test_a_written_module_checks_itself(sources: dict[str, str], tmp_path: Path, name: str) -> None:
    done = run(sources[name], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    last = done.stdout.splitlines()[-1]
    assert last.count("yes") == 2
    assert "NO" not in last


MISTAKES = [("three_layer_relu_batch", "W_1"), ("sigmoid_classifier", "b_2"), ("tanh_neurons", "w_13")]


def spoiled(source: str, name: str) -> str:
    """The text with one gradient doubled after it was computed."""
    if "def run(" in source:
        line = next(x for x in body(source) if x == f'found["{name}"] = d_{name}')
        return source.replace(line, f'found["{name}"] = 2 * d_{name}')
    shown = f'"{name}": d_{name},'
    assert source.count(shown) == 1
    return source.replace(shown, f'"{name}": 2 * d_{name},')


@pytest.mark.parametrize(("network", "gradient"), MISTAKES)
def test_a_wrong_gradient_is_found_and_named(
    sources: dict[str, str], tmp_path: Path, network: str, gradient: str
) -> None:
    done = run(spoiled(sources[network], gradient), tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert not done.stderr
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    wrong = {name for name in rows if re.search(r"\d\.\de[-+]\d\d", rows[name]) and worst(rows[name]) > 1e-5}
    assert wrong == {gradient}
    assert "NO" in done.stdout.splitlines()[-1]


def worst(row: str) -> float:
    """The difference in a row of the table."""
    found = re.findall(r"\d\.\de[-+]\d\d", row)
    return float(found[-1])


@pytest.mark.parametrize("name", SHIPPED)
def test_forward_returns_every_node_and_the_loss_is_the_last(name: str) -> None:
    net = sb.Network.read(shipped(name))
    derivation = sb.derive(net)
    module = sb.compile(derivation)
    arguments = drawn(module, derivation)
    nodes = module.forward(**arguments)
    assert list(nodes) == list(derivation.model.equations)
    assert float(nodes[derivation.model.loss]) == pytest.approx(float(module.loss(**arguments)), rel=1e-14)


def drawn(module: ModuleType, derivation: sb.Derivation) -> dict[str, object]:
    """Random arguments that keep to what is declared."""
    draw = Drawer(derivation.model, derivation.graph, 7).draw()
    assert draw is not None
    return Checker(derivation, module, ()).arguments(draw)


FIT = "X: input(n, d)\ny: target(n)\nw: parameter(d)\nb: parameter()\nlam: constant(positive=True)\n"


def test_one_vector_is_what_scipy_minimises() -> None:
    optimize = pytest.importorskip("scipy.optimize", reason="scipy is not installed")
    rng = np.random.default_rng(0)
    x, w, b, lam = rng.standard_normal((40, 3)), rng.standard_normal(3), 0.4, 1e-2
    y = x @ w + b + 0.1 * rng.standard_normal(40)
    module = sb.compile(parse(FIT + "J: loss = sum((X @ w + b - y)**2) / 2 + lam / 2 * sum(w**2)\n"))
    flat = module.flat(X=x, y=y, lam=lam)
    start = flat.pack({"w": np.zeros(3), "b": 0.0})
    found = optimize.minimize(flat.fun, start, jac=flat.grad, method="BFGS", options={"gtol": 1e-9})
    wide = np.column_stack([x, np.ones(40)])
    exact = np.linalg.solve(wide.T @ wide + lam * np.diag([1, 1, 1, 0]), wide.T @ y)
    np.testing.assert_allclose(found.x, exact, atol=1e-8)
    back = flat.unpack(found.x)
    assert back["w"].shape == (3,)
    assert back["b"].shape == ()
    assert optimize.check_grad(flat.fun, flat.grad, start + 0.3) < 1e-4
