"""Every printed block means its term, and the term is the second derivative: read back, and by differences."""

from __future__ import annotations

from math import prod
from pathlib import Path

import numpy as np
import pytest

from symbackprop.hessian import BlockFormula
from symbackprop.notation import tree as t
from symbackprop.reading.netfile import parse
from symbackprop.tensor.evaluate import evaluate
from tests.express.test_meaning import ranges_of
from tests.second.blocks import BlockReader, Unsized
from tests.second.numbers import Numbers

MOST_EQUATIONS = 6  # of a published network whose blocks are read back
MOST_ENTRIES, MOST_BY_ENTRIES = 400, 16  # of a block that is read back as a matrix, and entry by entry

NETS = {
    "tanh": "x: input(d_0)\ny: target(d_2)\nW_0: parameter(d_1, d_0)\nW_1: parameter(d_2, d_1)\nb: parameter(d_1)\n"
    "z_1 = W_0 @ x + b\na_1 = tanh(z_1)\nz_2 = W_1 @ a_1\nJ: loss = norm2(z_2 - y)**2 / 2\n",
    "relu": "x: input(d_0)\nW_0: parameter(d_1, d_0)\nW_1: parameter(d_2, d_1)\nz_1 = W_0 @ x\na_1 = relu(z_1)\n"
    "z_2 = W_1 @ a_1\nJ: loss = sum(exp(z_2))\n",
    "logistic": "X: input(n, d)\ny: target(n, values=(0, 1))\nb: parameter(d)\nz = X @ b\na = sigmoid(z)\n"
    "J: loss = -mean(y*log(a) + (1 - y)*log(1 - a))\n",
    "softmax": "x: input(d)\nt: target(k)\nW: parameter(k, d)\nb: parameter(k)\no = W @ x + b\ny = softmax(o)\n"
    "J: loss = -sum(t * log(y))\n",
    "softmax twice": "o: parameter(k)\nt: target(k)\ny = softmax(o)\nJ: loss = -sum(t * log(y)) + sum(o**4)\n",
    "residual": "x: input(n)\nW: parameter(n, n)\nV: parameter(n, n)\nz = V @ x\nh = z + tanh(W @ z)\n"
    "J: loss = norm2(h)**4\n",
    "batch": "X: input(n, d)\nT: target(n, k)\nW: parameter(d, k)\nb: parameter(k)\nZ = X @ W + b\nA = tanh(Z)\n"
    "J: loss = mean((A - T)**2)\n",
    "batch of softmax": "X: input(n, d)\nT: target(n, k, onehot=True)\nW: parameter(d, k)\nZ = X @ W\n"
    "J: loss = -sum(T * log_softmax(Z))\n",
    "ridge": "X: input(n, d)\nW: parameter(d, k)\nlam: constant()\nZ = X @ W\n"
    "J: loss = sum(exp(Z)) + lam * norm2(W)**2\n",
    "a matrix and a number": "c: parameter()\nW: parameter(n, m)\nA: constant(n, m)\nJ: loss = c**2 * sum(A*sin(W))\n",
    "policy": "P: constant(A, d)\nw: parameter(d)\na: index(of=A)\np = softmax(P @ w)\nJ: loss = log(p[a])\n",
    "logdet": "X: parameter(n, n)\nJ: loss = logdet(X)\n",
    "trace": "X: parameter(n, m)\nA: constant(n, n)\nB: constant(m, m)\nJ: loss = trace(X.T @ A @ X @ B)\n",
    "gaussian": "mu: parameter(d)\nx: input(d)\nS: parameter(d, d, symmetric=True, positive_definite=True)\n"
    "J: loss = (x - mu) @ inv(S) @ (x - mu) / 2 + logdet(S) / 2\n",
    "scalars": "x: input()\ny: target()\nw: parameter()\nb: parameter()\nz = w*x + b\ns = sin(z)\n"
    "J: loss = (z*s - y)**2\n",
    "rows": "h: input(n, row=True)\nU: parameter(n, c)\nb: parameter(c, row=True)\nz = tanh(h @ U + b)\n"
    "J: loss = sum(z**3)\n",
    "outer": "u: parameter(n)\nv: parameter(m)\nA: constant(n, m)\nM = outer(u, v)\nJ: loss = norm2(M - A)**2\n",
    "attention": "q: parameter(d)\nK: parameter(n, d)\nv: constant(n)\na = softmax(K @ q)\nJ: loss = (a @ v)**2\n",
}  # fmt: skip


def read(numbers: Numbers, formula: BlockFormula, vec: str) -> tuple[np.ndarray, np.ndarray]:
    """The formula as read, and its term's value, both as matrices by vec (or both by entries)."""
    p, q = formula.pair
    values = numbers.with_blocks(formula, vec)
    wanted = evaluate(formula.term, values, numbers.sizes)
    reader = BlockReader(
        numbers.readable(values, vec), numbers.sizes, numbers.derivation.context.rows, vec, numbers.shape(q)
    )
    declared = numbers.model.declarations.items()
    reader.classes = {
        n: d.facts.of.value(numbers.sizes) for n, d in declared if d.role == "index" and d.facts.of is not None
    }
    letters = formula.expressed.letters
    if letters:
        got = np.empty(wanted.shape)
        ranges = ranges_of(formula.tree, reader)
        reader.ranges = ranges | block_ranges(formula.tree, reader)
        for place in np.ndindex(wanted.shape):
            reader.letters.update({name: k + 1 for name, k in zip(letters, place, strict=True)})
            got[place] = reader.read(formula.tree)
        return got, wanted
    whole = numbers.matrix(wanted, p, q, vec)
    return reader.whole_block(formula.tree, (whole.shape[0], whole.shape[1])), whole


def block_ranges(tree: t.Tree, reader: BlockReader) -> dict[str, int]:
    """How far running indices go that stand on blocks or on other parts of formulas."""
    found: dict[str, int] = {}
    stack: list[object] = [tree]
    while stack:
        top = stack.pop()
        if isinstance(top, t.Index) and not isinstance(top.base, (t.Sym, t.Delta)):
            base = reader.raw(top.base)
            found.update({s.name: base.shape[k] for k, s in enumerate(top.subscripts) if isinstance(s, t.Letter)})
        if isinstance(top, tuple):
            stack.extend(top)
        elif hasattr(top, "__dataclass_fields__"):
            stack.extend(getattr(top, name) for name in top.__dataclass_fields__)
    return found


def agree(numbers: Numbers, p: str, q: str, vec: str) -> None:
    """Both forms of the block mean their terms, and their terms are equal."""
    formula = numbers.derivation.hessian(p, q)
    values = numbers.with_blocks(formula, vec)
    closed = formula.closed
    assert isinstance(closed, BlockFormula)
    recursive = evaluate(formula.term, values, numbers.sizes)
    np.testing.assert_allclose(recursive, evaluate(closed.term, numbers.values, numbers.sizes), rtol=1e-9, atol=1e-9)
    for one in (formula, closed):
        got, wanted = read(numbers, one, vec)
        np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9, err_msg=one.equation_text)


def variables(numbers: Numbers) -> list[str]:
    return list(numbers.model.names("parameter") or numbers.model.names("input"))


@pytest.mark.parametrize("vec", ["column", "row"])
@pytest.mark.parametrize("name", NETS)
def test_printed_blocks_mean_their_terms(name: str, vec: str) -> None:
    numbers = Numbers.of(NETS[name], vec=vec)
    nodes = [n for n in numbers.derivation.graph.order if n != numbers.model.loss]
    for p in [*variables(numbers), *nodes]:
        agree(numbers, p, p, vec)
    for p in variables(numbers):
        for q in variables(numbers):
            agree(numbers, p, q, vec)


@pytest.mark.parametrize("name", NETS)
def test_blocks_are_second_derivatives(name: str) -> None:
    numbers = Numbers.of(NETS[name], seed=2)
    for p in variables(numbers):
        for q in variables(numbers):
            exact = evaluate(numbers.derivation.hessian(p, q).closed.term, numbers.values, numbers.sizes)
            slopes = numbers.differences(p, q)
            scale = max(1.0, float(np.abs(exact).max()))
            np.testing.assert_allclose(exact / scale, slopes / scale, atol=1e-8, err_msg=f"{p} {q}")


def test_printed_blocks_of_the_published_networks_mean_their_terms(cases_dir: Path) -> None:
    files = sorted([*cases_dir.glob("nets/*.net"), *cases_dir.glob("networks/*.net")])
    assert len(files) == 64
    seen, read_back = set(), 0
    for file in files:
        source = file.read_text(encoding="utf-8")
        if len(parse(source).equations) > MOST_EQUATIONS:
            continue
        numbers = Numbers.of(source, seed=3)
        names = variables(numbers)[:2]
        for p, q in {(names[0], names[0]), (names[0], names[-1]), (names[-1], names[-1])}:
            formula = numbers.derivation.hessian(p, q)
            entries = prod((*numbers.shape(p), *numbers.shape(q)))
            by_entries = formula.expressed.letters or formula.closed.expressed.letters
            if entries > (MOST_BY_ENTRIES if by_entries else MOST_ENTRIES):
                continue
            try:
                agree(numbers, p, q, "column")
            except Unsized:
                continue
            except Exception as error:
                raise AssertionError(f"{file.name}: {p}, {q}: {error!r}") from error
            seen.add(file.name)
            read_back += 1
    assert len(seen) > 45
    assert read_back > 80
