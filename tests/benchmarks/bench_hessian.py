"""Generated Hessians and Hessian-vector products beside closed forms written by hand, and beside other systems.

    python tests/benchmarks/bench_hessian.py --peers PEERS.py [--against torch.func autograd] [--seconds 2]

PEERS.py has HessProblem and HESS_PEERS, functions by name that make {"hessian": f, "hvp": f} of a problem. Problems:
logistic regression (n = 1000, d = 50), and a layer of tanh with softmax cross-entropy (500 parameters, 100 examples).
Prints medians in milliseconds with the middle half of the samples, and how many times the generated code's each median
is. Rounds alternate between systems, at least five; a system that is not installed is left out and named.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import time
from collections.abc import Callable
from statistics import median, quantiles
from types import ModuleType
from typing import Any

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402 - threads are set first

import symbackprop as sb  # noqa: E402
from symbackprop.reading.netfile import parse  # noqa: E402

HAND = "numpy-closed-form"
FEWEST = 7  # samples of each system
SAMPLE = 5e-3  # seconds that one takes
NETS = {
    "logreg": "X: input(n, d)\nt: target(n)\nb: parameter(d)\nz = X @ b\nJ: loss = mean(softplus(z) - t*z)\n",
    "mlp500": "X: input(n, d)\nY: target(n, k, onehot=True)\nW_1: parameter(d, h)\nb_1: parameter(h)\n"
    "W_2: parameter(h, k)\nb_2: parameter(k)\nA = tanh(X @ W_1 + b_1)\nZ = A @ W_2 + b_2\n"
    "J: loss = -sum(Y * log_softmax(Z)) / n\n",
}  # fmt: skip


def loaded(path: str) -> ModuleType:
    """The file as a module."""
    spec = importlib.util.spec_from_file_location("peers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def generated(kind: str, problem: Any) -> dict[str, Callable[[], Any]]:
    """The generated functions with a workspace, and results as one matrix and one vector."""
    module = sb.compile(parse(NETS[kind]))
    space = module.Workspace()
    if kind == "logreg":
        data = {"X": problem.X, "t": problem.t, "b": problem.theta}
        v = {"b": problem.v}
    else:
        names = ("W_1", "b_1", "W_2", "b_2")
        data = {"X": problem.X, "Y": problem.Y} | dict(zip(names, problem.cut(problem.theta), strict=True))
        v = dict(zip(names, problem.cut(problem.v), strict=True))
    names = tuple(v)
    sizes = [x.size for x in v.values()]
    ends = np.cumsum([0, *sizes])
    out = np.empty((ends[-1], ends[-1]))

    def hessian() -> Any:
        blocks = module.hessian(**data, workspace_=space)
        if len(names) == 1:
            return blocks[names[0], names[0]]
        for p, i, j in zip(names, ends, ends[1:], strict=False):
            for q, k, m in zip(names, ends, ends[1:], strict=False):
                out[i:j, k:m] = blocks[p, q].reshape(j - i, m - k)
        return out

    def hvp() -> Any:
        found = module.hvp(v, **data, workspace_=space)
        return np.concatenate([found[n].ravel() for n in names])

    return {"hessian": hessian, "hvp": hvp}


def timed(functions: dict[str, Callable[[], Any]], seconds: float) -> dict[str, tuple[float, float, float]]:
    """The median time of one call of each and its quartiles, in milliseconds. Samples are short loops, warmed up."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    calls: dict[str, int] = {}
    for name, function in functions.items():
        function()
        start = time.perf_counter()
        function()
        calls[name] = max(1, round(SAMPLE / (time.perf_counter() - start)))
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or min(map(len, times.values())) < FEWEST:
        for name, function in functions.items():
            for _ in range(1 + calls[name] // 4):
                function()
            start = time.perf_counter()
            for _ in range(calls[name]):
                function()
            times[name].append((time.perf_counter() - start) * 1e3 / calls[name])
    cuts = {name: quantiles(found, n=4) for name, found in times.items()}
    return {name: (median(times[name]), cut[0], cut[2]) for name, cut in cuts.items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Generated second derivatives beside others.")
    parser.add_argument("--peers", required=True, help="the file with problems and other systems")
    parser.add_argument("--against", nargs="*", default=[], help="more names of HESS_PEERS")
    parser.add_argument("--seconds", type=float, default=2.0)
    given = parser.parse_args()
    peers = loaded(given.peers)
    heads = ("median ms", "middle half", "times ours", "error")
    print(f"{'problem':<8} {'what':<8} {'system':<18} {heads[0]:>10} {heads[1]:>21} {heads[2]:>11} {heads[3]:>9}")
    for kind in NETS:
        problem = peers.HessProblem(kind, 1)
        systems = {"symbackprop": generated(kind, problem)}
        for name in (HAND, *given.against):
            try:
                systems[name] = peers.HESS_PEERS[name](problem)
            except ImportError as error:
                print(f"{kind:<8} {name} is not installed: {error}")
        for what in ("hessian", "hvp"):
            functions = {name: made[what] for name, made in systems.items()}
            exact = np.array(functions[HAND]())
            found = timed(functions, given.seconds)
            ours = found["symbackprop"][0]
            for name, (middle, low, high) in found.items():
                off = np.abs(np.asarray(functions[name]()).reshape(exact.shape) - exact).max()
                spread = f"{low:.4f} to {high:.4f}"
                print(f"{kind:<8} {what:<8} {name:<18} {middle:>10.4f} {spread:>21} {middle / ours:>11.2f} {off:>9.0e}")
            print(f"{kind:<8} {what:<8} ours is {ours / found[HAND][0]:.2f} times the hand-written form")


if __name__ == "__main__":
    main()
