"""The published networks: gradients against references written by hand, draws that keep to what is declared."""

from __future__ import annotations

import importlib.util
import json
import os
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import symbackprop as sb
from symbackprop.certify import Checker
from symbackprop.draws import Drawer
from tests.codegen.making import close

CASES = Path(os.environ.get("SYMBACKPROP_CASES") or Path(__file__).resolve().parents[3] / "shared" / "cases")
FILES = [*sorted(CASES.glob("nets/*.net")), *sorted(CASES.glob("networks/*.net"))]


def loaded(path: Path) -> ModuleType:
    """A module that lies outside the package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def reference(cases_dir: Path, torch: ModuleType) -> ModuleType:
    """Losses and gradients written by hand in torch."""
    return loaded(cases_dir / "networks" / "reference.py")


@cache
def derived(path: Path) -> sb.Derivation:
    """The derivation of the network in a file."""
    return sb.derive(sb.Network.read(path))


@cache
def compiled(path: Path) -> ModuleType:
    """Its generated module."""
    return sb.compile(derived(path))


def named(path: Path) -> str:
    return path.stem


def test_the_published_networks_are_there(cases_dir: Path) -> None:
    assert len(FILES) == 64


@pytest.mark.parametrize("path", FILES[-5:], ids=named)
def test_networks_with_a_reference_agree_with_it(cases_dir: Path, reference: ModuleType, path: Path) -> None:
    name = path.stem
    rows = [json.loads(line) for line in (cases_dir / "networks.jsonl").read_text(encoding="utf-8").splitlines()]
    (row,) = [row for row in rows if row["id"] == name]
    module = compiled(path)
    for seed in (0, 1, 2):
        arrays = reference.inputs(name, seed)
        loss, gradients = module.loss_and_grad(**arrays, wrt_=row["wrt"])
        assert loss == pytest.approx(reference.value(name, arrays), rel=1e-12, abs=1e-12)
        expected = reference.grads(name, arrays)
        assert list(gradients) == [n for n in module.GRADIENTS if n in row["wrt"]]
        for wrt in row["wrt"]:
            assert close(gradients[wrt], expected[wrt]), wrt


@pytest.mark.parametrize("path", FILES, ids=named)
def test_drawn_values_keep_to_what_is_declared(cases_dir: Path, path: Path) -> None:
    derivation, module = derived(path), compiled(path)
    draw = Drawer(derivation.model, derivation.graph, 3).draw()
    assert draw is not None
    arguments = Checker(derivation, module, ()).arguments(draw)
    numbers = [(module.ARGUMENTS[name][2], np.asarray(x)) for name, x in arguments.items() if name in module.ARGUMENTS]
    if hasattr(module, "_shapes"):
        rng = np.random.default_rng(0)
        numbers += [(module.ARGUMENTS[name][2], x) for name, x in module._drawn(rng, 0)[1].items()]
    for facts, x in numbers:
        if facts.get("onehot"):
            assert set(np.unique(x)) <= {0.0, 1.0}
            assert (x.sum(-1) == 1).all()
        if facts.get("simplex"):
            assert (x > 0).all()
            assert np.allclose(x.sum(-1), 1)
        if facts.get("positive"):
            assert (x > 0).all()
        if facts.get("symmetric") or facts.get("positive_definite"):
            np.testing.assert_array_equal(x, np.swapaxes(x, -1, -2))
        if facts.get("positive_definite"):
            assert np.linalg.eigvalsh(x).min() > 0
        if facts.get("invertible"):
            assert np.linalg.cond(x) < 1e6
        if "values" in facts:
            assert np.isin(x, facts["values"]).all()
