"""How long a deep tanh perceptron takes: read, derived in recursive form, printed as LaTeX; symbolic sizes.

    PYTHONPATH=. python tests/benchmarks/bench_depth.py [DEPTH ...]

Depth L has 4 L nodes and symbols. The ratio to the first depth is printed, and nothing may overflow at depth 10,000.
"""

from __future__ import annotations

import gc
import statistics
import sys
from time import perf_counter

from symbackprop.derive import derive
from symbackprop.reading.netfile import parse

ROUNDS = 5


def perceptron(depth: int) -> str:
    """A network file of `depth` tanh layers, one example, squared error."""
    lines = ["x: input(d_0)", f"y: target(d_{depth})"]
    previous = "x"
    for k in range(1, depth + 1):
        lines += [f"W_{k}: parameter(d_{k}, d_{k - 1})", f"b_{k}: parameter(d_{k})"]
        lines += [f"z_{k} = W_{k} @ {previous} + b_{k}", f"a_{k} = tanh(z_{k})"]
        previous = f"a_{k}"
    return "\n".join([*lines, f"J: loss = norm2({previous} - y)**2 / 2", ""])


def once(source: str) -> tuple[float, float, float]:
    """Seconds to read, to derive, to print every step."""
    gc.collect()
    start = perf_counter()
    model = parse(source)
    read = perf_counter()
    derivation = derive(model)
    terms = derivation.recursive_terms
    derived = perf_counter()
    printed = [derivation.gradient(name).equation_latex for name in terms]
    done = perf_counter()
    assert len(printed) == len(terms)
    return read - start, derived - read, done - derived


def main(depths: list[int]) -> None:
    """Print medians, and the ratio to the first depth."""
    first = None
    for depth in depths:
        source = perceptron(depth)
        rounds = [once(source) for _ in range(ROUNDS if depth <= 1000 else 1)]
        read, derived, printed = (statistics.median(r[k] for r in rounds) for k in range(3))
        total = statistics.median(sum(r) for r in rounds)
        spread = f"{min(map(sum, rounds)):.3f}..{max(map(sum, rounds)):.3f}"
        first = first or total
        print(
            f"depth {depth:6d}: read {read:.3f} s, derive {derived:.3f} s, print {printed:.3f} s, "
            f"total {total:.3f} s ({spread}), {total / first:.1f} times the first"
        )


if __name__ == "__main__":
    main([int(a) for a in sys.argv[1:]] or [100, 1000, 10_000])
