"""The Hessians of all published networks against torch, in float64: blocks by entries and generated code."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from symbackprop.codegen import compile_model
from symbackprop.graph import Graph
from symbackprop.reading.netfile import parse
from tests.codegen.test_published_networks import FILES, named
from tests.second.numbers import Numbers
from tests.second.test_code import drawn
from tests.second.test_meaning import NETS
from tests.second.torch_terms import hessian

MOST = 1200  # entries of a block that torch differentiates, column by column


def compared(torch: ModuleType, source: str, seed: int) -> int:
    """How many blocks of a variable with itself agree to 1e-10, relative to the largest entry if that is above 1."""
    model = parse(source)
    module = compile_model(model)
    arrays, required = drawn(module, model, seed)
    numbers = Numbers.of(source, seed)
    graph, count = Graph(model), 0
    order = tuple(n for n in graph.order if n in graph.used)
    small = [p for p in module.VARIABLES[:4] if np.size(arrays[p]) ** 2 <= MOST]
    found = module.hessian(**arrays, **required, wrt_=[(p, p) for p in small])
    for p in small:
        want = hessian(torch, model, order, arrays, numbers.sizes, p)
        scale = max(1.0, float(np.abs(want).max()))
        assert np.abs(np.asarray(found[p, p]) - want).max() <= 1e-10 * scale, p
        count += 1
    return count


@pytest.mark.parametrize("path", FILES, ids=named)
def test_generated_hessians_of_published_networks_are_those_of_torch(
    path: Path, cases_dir: Path, torch: ModuleType
) -> None:
    assert compared(torch, path.read_text(encoding="utf-8"), 5)


@pytest.mark.parametrize("name", NETS)
def test_hessians_are_those_of_torch(name: str, torch: ModuleType) -> None:
    assert compared(torch, NETS[name], 3)


def test_a_wrong_block_is_seen(torch: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    right = hessian
    monkeypatch.setattr(sys.modules[__name__], "hessian", lambda *given: 1.000001 * right(*given))
    with pytest.raises(AssertionError):
        compared(torch, NETS["tanh"], 3)
