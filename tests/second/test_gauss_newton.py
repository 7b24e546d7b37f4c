"""Gauss-Newton where a batch has a cross-entropy, and where the loss has a regulariser."""

from __future__ import annotations

import numpy as np
import pytest

from symbackprop.derive import derive
from symbackprop.errors import SymbackpropError
from symbackprop.reading.netfile import parse
from symbackprop.tensor.evaluate import evaluate
from tests.second.numbers import Numbers

BATCH = "X: input(n, d)\n{labels}\nW: parameter(d, k)\nZ = X @ W\n{loss}\n"
ONEHOT = "Y: target(n, k, onehot=True)"
CROSS_ENTROPIES = {
    "log_softmax": BATCH.format(labels=ONEHOT, loss="J: loss = -sum(Y * log_softmax(Z)) / n"),
    "a node of log_softmax": BATCH.format(labels=ONEHOT, loss="L = log_softmax(Z)\nJ: loss = -sum(Y * L) / n"),
    "labels": BATCH.format(
        labels="y: index(n, of=k, repeat=True)", loss="J: loss = -mean(sum(onehot(y, k) * log_softmax(Z), axis=1))"
    ),
    "logsumexp": BATCH.format(labels=ONEHOT, loss="J: loss = mean(logsumexp(Z, axis=1) - sum(Y * Z, axis=1))"),
    "softmax": BATCH.format(labels=ONEHOT, loss="P = softmax(Z)\nJ: loss = -sum(Y * log(P)) / n"),
    "distributions": BATCH.format(
        labels="Y: target(n, k, simplex=True)", loss="J: loss = -mean(sum(Y * log_softmax(Z), axis=1))"
    ),
    "weighted": BATCH.format(
        labels="c: constant(n, positive=True)\n" + ONEHOT, loss="J: loss = -sum(c * sum(Y * log_softmax(Z), axis=1))"
    ),
}
RIDGE = (
    "X: input(n, d)\nY: target(n, k)\nW: parameter(d, h)\nV: parameter(h, k)\nlam: constant(positive=True)\n"
    "Z = X @ W\nA = tanh(Z)\nO = A @ V\nJ: loss = mean((O - Y)**2) + lam * (norm2(W)**2 + norm2(V)**2) / 2\n"
)


def matrix(numbers: Numbers, term: object, p: str, q: str) -> np.ndarray:
    return numbers.matrix(evaluate(term, numbers.values, numbers.sizes), p, q, "column")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", CROSS_ENTROPIES)
def test_a_batch_of_cross_entropies_is_taken_at_the_logits(name: str) -> None:
    numbers = Numbers.of(CROSS_ENTROPIES[name])
    block = numbers.derivation.gauss_newton("W")
    assert (block.output, block.text, block.equals_hessian) == ("Z", "(I ⊗ Xᵀ) H_Z (I ⊗ X)", True)
    inner = numbers.derivation.hessian("Z")
    words = "Positive semidefinite: the variance of a vector under its probabilities is never negative."
    assert words in inner.structure
    for p, formula in (("W", block), ("Z", inner)):
        value = matrix(numbers, formula.closed.term, p, p)
        assert np.linalg.eigvalsh(value).min() > -1e-12


@pytest.mark.parametrize(
    "weight",
    ["Y: target(n, k)", "Y: target(n, k, values=(-1, 1))"],
)
def test_targets_that_may_be_negative_have_no_convex_loss(weight: str) -> None:
    d = derive(parse(BATCH.format(labels=weight, loss="J: loss = -sum(Y * log_softmax(Z)) / n")))
    assert not any(s.startswith("Positive") for s in d.hessian("Z").structure)
    with pytest.raises(SymbackpropError, match=r"convex loss.*onehot=True"):
        d.gauss_newton("W")
    assert d.gauss_newton("W", output="Z").equals_hessian


def test_weights_along_the_classes_are_no_variance() -> None:
    d = derive(parse("Z: parameter(n, k)\nc: constant(k, positive=True)\nP = softmax(Z)\nJ: loss = -sum(P * log(c))\n"))
    assert not any(s.startswith("Positive") for s in d.hessian("Z").structure)


def test_a_regulariser_keeps_its_hessian() -> None:
    numbers = Numbers.of(RIDGE)
    d = numbers.derivation
    data = Numbers.of(RIDGE.replace(" + lam * (norm2(W)**2 + norm2(V)**2) / 2", ""))
    data.values |= {k: v for k, v in numbers.values.items() if not k.startswith("@")}
    data.sizes |= numbers.sizes
    for p in ("W", "V"):
        block = d.gauss_newton(p)
        assert block.output == "O"
        assert block.statement.endswith(f"What the loss has of {p} beside O keeps its own Hessian, which is added.")
        assert any(s.startswith("Positive semidefinite") for s in block.structure)
        alone = data.derivation.gauss_newton(p)
        value, bare = (matrix(n, f.closed.term, p, p) for n, f in ((numbers, block), (data, alone)))
        np.testing.assert_allclose(value, bare + numbers.values["lam"] * np.eye(len(value)), atol=1e-12)
        assert not np.allclose(value, matrix(numbers, d.hessian(p).closed.term, p, p)) or p == "V"
    assert d.gauss_newton("W", "V").closed.term is not d.hessian("W", "V").closed.term


def test_a_regulariser_may_be_a_node_and_its_weight_any_number() -> None:
    d = derive(
        parse(
            "X: input(n, d)\nY: target(n, k, onehot=True)\nW: parameter(d, k)\nlam: constant()\nZ = X @ W\n"
            "D = -sum(Y * log_softmax(Z)) / n\nR = lam * norm2(W)**2\nJ: loss = D + R\n"
        )
    )
    block = d.gauss_newton("W")
    assert (block.output, block.equals_hessian) == ("Z", True)
    assert block.text == "(I ⊗ Xᵀ) H_Z (I ⊗ X) + 2 λ δ_R (I ⊗ I)"
    assert not any(s.startswith("Positive") for s in block.structure)  # λ may be negative


@pytest.mark.parametrize(
    "equations",
    [
        "J: loss = (z - y)**2 * norm2(w)**2",
        "J: loss = (z + w @ w - y)**2",
        "u = sin(w @ x)\nJ: loss = (z - y)**2 + u**2",  # data by another path
        "u = z + w @ x\nJ: loss = (u - y)**2",
    ],
)
def test_what_is_no_sum_of_data_and_regulariser_is_refused(equations: str) -> None:
    d = derive(parse(f"x: input(d)\ny: target()\nw: parameter(d)\nz = w @ x\n{equations}\n"))
    with pytest.raises(SymbackpropError, match="through z alone"):
        d.gauss_newton("w", output="z")


def test_a_loss_that_is_linear_in_the_output_is_no_output() -> None:
    d = derive(parse("x: input(d)\nw: parameter(d)\nu = w @ x\ns = sin(u)\nJ: loss = 3 * s\n"))
    with pytest.raises(SymbackpropError, match="convex loss"):
        d.gauss_newton("w")
