"""How long second derivatives take in symbols: all blocks of a small network, and diagonal blocks of deep chains.

python tests/benchmarks/bench_hessian_symbols.py
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from symbackprop.derive import derive
from symbackprop.reading.netfile import parse
from symbackprop.second import SecondOrder


def network(depth: int) -> str:
    """Layers of tanh with weights and offsets, squared error."""
    return "\n".join(lines(depth)) + "\n"


def lines(depth: int) -> Iterator[str]:
    """The network file, line by line."""
    yield "x: input(d_0)"
    yield f"y: target(d_{depth})"
    for k in range(depth):
        yield f"W_{k}: parameter(d_{k + 1}, d_{k})"
        yield f"b_{k}: parameter(d_{k + 1})"
    for k in range(depth):
        yield f"z_{k + 1} = W_{k} @ {'x' if k == 0 else f'a_{k}'} + b_{k}"
        yield f"a_{k + 1} = tanh(z_{k + 1})"
    yield f"J: loss = norm2(a_{depth} - y)**2 / 2"


def main() -> None:
    """Print the table."""
    start = time.perf_counter()
    _ = derive(parse(network(1))).hessian("W_0").closed.latex
    print(f"the first block of all, with what is imported for it: {time.perf_counter() - start:.2f} s")
    derivation = derive(parse(network(3)))
    start, busy = time.perf_counter(), time.process_time()
    names = derivation.model.names("parameter")
    for p in names:
        for q in names:
            block = derivation.hessian(p, q)
            _ = block.latex, block.closed.latex
    taken, busy = time.perf_counter() - start, time.process_time() - busy
    print(f"all {len(names) ** 2} blocks of three layers, both forms, printed: {taken:.2f} s, {busy:.2f} s of CPU")
    for depth in (10, 30, 100, 300):
        graph = derive(parse(network(depth))).graph
        wanted = frozenset((n, n) for n in graph.model.names("parameter"))
        start = time.perf_counter()
        order = SecondOrder(graph, wanted)
        kept = len(order.parts)
        taken = time.perf_counter() - start
        each = 1000 * taken / depth
        print(f"diagonal blocks of a chain of {depth} layers: {taken:.2f} s, {each:.1f} ms a layer, {kept} blocks")


if __name__ == "__main__":
    main()
