from __future__ import annotations

import contextlib
import inspect
import io
from pathlib import Path

import numpy as np
import pytest

from symbackprop.declare import Network
from symbackprop.draws import Drawer
from symbackprop.graph import Graph
from symbackprop.lifting import lift
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.terms import Term
from tests.lifting import programs

HERE = Path(__file__).resolve().parent

SOURCE = (HERE / "programs.py").read_text(encoding="utf-8").replace("from __future__ import annotations\n", "")
NET = """
X: input(n, d)
Y: input(n, d)
P: input(n, c, positive=True)
W: parameter(d, h)
V: parameter(h, h)
b: parameter(h)
v: parameter(n)
A: parameter(n, n)
s: parameter()
labels: index(n, of=c, repeat=True)
J: loss = sum(X @ W + b) + sum(X * Y) + sum(P) + sum(v) + sum(A) + s + sum(V)
"""
MODEL = Network.parse(NET).model
TARGETS = ("X", "Y", "P", "W", "V", "b", "v", "A", "s")


def flat(value: object) -> list[object]:
    return [x for item in value for x in flat(item)] if isinstance(value, (tuple, list)) else [value]


@pytest.mark.parametrize("program", programs.PROGRAMS, ids=lambda p: p.__name__)
def test_a_program_read_as_terms_gives_the_numbers_that_it_gives_when_run(program) -> None:
    names = list(inspect.signature(program).parameters)
    drawer = Drawer(MODEL, Graph(MODEL), seed=3)
    draws = [drawer.draw() for _ in range(2)]
    count = len(flat(run(program, names, draws[0])))
    compared = 0
    for first in range(0, count, len(TARGETS)):
        places = range(first, min(first + len(TARGETS), count))
        results = ", ".join(f"r[{k}]" for k in places) if count > 1 else "r"
        call = f"    r = {program.__name__}({', '.join(names)})\n    return {results}\n"
        source = f"{SOURCE}\n\ndef chosen({', '.join(names)}):\n{call}"
        lifted = lift(source, MODEL, function="chosen", returns=TARGETS[: len(places)])
        assert len(lifted.claims) == len(places), [str(e) for e in lifted.refused]
        for place, claim in zip(places, lifted.claims, strict=True):
            value = claim.value
            if not isinstance(value, Term):
                pytest.fail(f"{program.__name__}, result {place}: {value}")
            for draw in draws:
                expected = np.asarray(flat(run(program, names, draw))[place], dtype=float)
                found = evaluate(value, draw.arrays, draw.sizes)
                assert found.shape == expected.shape, (place, found.shape, expected.shape)
                assert np.allclose(found, expected, rtol=1e-9, atol=1e-11), place
            compared += 1
    assert compared == count


def run(program, names, draw):
    arrays = {
        n: draw.arrays[n].astype(int) if n == "labels" else np.array(draw.arrays[n]) for n in names if n in draw.arrays
    }
    arrays = {n: float(a) if a.ndim == 0 else a for n, a in arrays.items()}
    with contextlib.redirect_stdout(io.StringIO()):
        return program(**arrays)
