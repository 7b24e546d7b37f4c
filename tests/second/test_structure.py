"""What is said to follow about a block is so in numbers; and nothing is said that is not."""

from __future__ import annotations

import re

import numpy as np
import pytest

from symbackprop.derive import derive
from symbackprop.reading.netfile import parse
from symbackprop.tensor.evaluate import evaluate
from tests.second.numbers import Numbers
from tests.second.test_meaning import NETS, variables

ONEHOT = NETS["softmax"].replace("t: target(k)", "t: target(k, onehot=True)")
MORE = {"softmax of a class": ONEHOT, **NETS}


@pytest.mark.parametrize("name", MORE)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_statements_hold_in_numbers(name: str, seed: int) -> None:
    numbers = Numbers.of(MORE[name], seed=seed)
    nodes = [n for n in numbers.derivation.graph.order if n != numbers.model.loss]
    for p in [*variables(numbers), *nodes]:
        formula = numbers.derivation.hessian(p)
        assert formula.blocks is not None
        value = evaluate(formula.blocks.closed(p, p), numbers.values, numbers.sizes)
        matrix = np.atleast_2d(numbers.matrix(value, p, p, "column"))
        scale = max(1.0, float(np.abs(matrix).max()))
        for sentence in formula.structure:
            if sentence.startswith("Symmetric"):
                assert np.abs(matrix - matrix.T).max() < 1e-10 * scale
            elif sentence.startswith(("Positive semidefinite", "Not negative")):
                assert np.linalg.eigvalsh((matrix + matrix.T) / 2).min() > -1e-9 * scale, (p, sentence)
            elif sentence.startswith("Diagonal"):
                assert np.count_nonzero(matrix - np.diag(np.diag(matrix))) == 0
            elif sentence.startswith("Rank at most"):
                bound = 1
                for factor in re.sub(r"[:].*", "", sentence).removeprefix("Rank at most ").split():
                    digits = factor.translate(str.maketrans("₀₁₂₃₄", "01234"))
                    name_of = {s.replace("_", ""): v for s, v in numbers.sizes.items()}
                    bound *= int(digits) if digits.isdigit() else name_of[digits]
                assert np.linalg.matrix_rank(matrix, tol=1e-9 * scale) <= bound, sentence
            else:
                assert sentence.startswith("Block diagonal")
                last = numbers.shape(p)[-1]
                blocks = matrix.reshape(last, matrix.shape[0] // last, last, matrix.shape[1] // last)
                assert all(not blocks[i, :, j].any() for i in range(last) for j in range(last) if i != j)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("x: parameter(n)\nJ: loss = -norm2(x)**2\n", "x"),
        ("x: parameter(n)\nc: constant(n)\nJ: loss = sum(c * x**2)\n", "x"),
        ("X: input(n, d)\nc: constant(n)\nb: parameter(d)\nJ: loss = sum(c * (X @ b)**2)\n", "b"),
        ("o: parameter(k)\nt: target(k)\ny = softmax(o)\nJ: loss = -sum(t * log(y))\n", "o"),
        ("z: parameter(n)\na = sigmoid(z)\nJ: loss = -sum(a * (1 - a))\n", "z"),
        ("x: parameter(n)\nu: constant(n)\nv: constant(n)\nJ: loss = (u @ x) * (v @ x)\n", "x"),
        ("x: parameter(n)\nJ: loss = sum(sin(x))\n", "x"),
        ("x: parameter(n)\ny: input(n)\nJ: loss = norm2(x)**2 - 2 * (y @ x)**2\n", "x"),
    ],
)
def test_what_is_not_semidefinite_is_not_called_so(source: str, name: str) -> None:
    block = derive(parse(source)).hessian(name)
    assert not any(s.startswith(("Positive", "Not negative")) for s in block.structure)


@pytest.mark.parametrize(
    ("source", "name", "words"),
    [
        (NETS["logistic"], "b", "weights that are never negative"),
        (ONEHOT, "W", "the Jacobian, transposed, times Hₒ times the Jacobian"),
        (ONEHOT, "o", "the variance of a vector under its probabilities"),
        ("X: input(n, d)\nb: parameter(d)\nJ: loss = norm2(X @ b)**2 / 2\n", "b", "matrix times its transpose"),
    ],
)  # fmt: skip
def test_reasons_of_semidefinite_blocks(source: str, name: str, words: str) -> None:
    found = [s for s in derive(parse(source)).hessian(name).structure if s.startswith("Positive semidefinite: ")]
    assert len(found) == 1
    assert words in found[0]
