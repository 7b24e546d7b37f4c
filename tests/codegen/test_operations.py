"""How much generated code does: one matrix product each, shared values once, nothing large that is mostly zeros."""

from __future__ import annotations

import re

import pytest

from symbackprop.codegen import generate
from tests.codegen.making import CLASSIFIER, PERCEPTRON, body, network

HEAD = '"""Text."""\n'


def statements(text: str, function: str = "_loss_and_grad") -> list[str]:
    return body(generate(network(HEAD + text)), function)


def count(lines: list[str], pattern: str) -> int:
    return sum(len(re.findall(pattern, line)) for line in lines)


def test_a_perceptron_reads_like_code_by_hand() -> None:
    lines = body(generate(network(PERCEPTRON), wrt=["W_1", "b_1", "W_2", "b_2"]))
    assert [line for line in lines if not line.startswith(("if ", "found", "return"))] == [
        "X.dot(W_1, z_1)",
        "for z_1_, in blocks1:",
        "add(z_1_, b_1, z_1_)",
        "tanh(z_1_, z_1_)",
        "a_1.dot(W_2, z_2)",
        "add(z_2, b_2, z_2)",
        "subtract(z_2, Y, d_z_2)",
        "J = vdot(d_z_2, d_z_2) * c1",
        "multiply(d_z_2, c2, d_z_2)",
        "a_1.T.dot(d_z_2, d_W_2)",
        "ones1.dot(d_z_2, d_b_2)",
        "d_z_2.dot(W_2.T, d_a_1)",
        "for a_1_, d_a_1_ in blocks2:",
        "square(a_1_, a_1_)",
        "subtract(c3, a_1_, a_1_)",
        "multiply(d_a_1_, a_1_, d_a_1_)",
        "X.T.dot(d_z_1, d_W_1)",
        "ones1.dot(d_z_1, d_b_1)",
    ]


def test_the_derivative_of_an_activation_uses_its_output() -> None:
    lines = statements(PERCEPTRON.split("\n", 1)[1])
    assert count(lines, r"tanh\(") == 1
    relu = statements(CLASSIFIER.split("\n", 1)[1])
    assert any(line.startswith("greater(a") for line in relu)


def test_softmax_computes_its_exponentials_once() -> None:
    lines = statements(CLASSIFIER.split("\n", 1)[1])
    assert count(lines, r"exp\(") == 1
    assert count(lines, r"\.dot\(") - count(lines, r"ones\d\.dot|\.dot\(ones") == 6
    assert not any("errstate" in line for line in lines)
    assert not any("onehot" in line or "==" in line for line in lines)


LARGE = r"eye\(|kron\(|diag\(|einsum|identity\("


@pytest.mark.parametrize(
    ("text", "products"),
    [
        ("x: input(n)\nA: parameter(n, m)\nB: parameter(m, k)\nv: input(k)\nJ: loss = x @ A @ B @ v\n", None),
        ("A: parameter(m, n)\nB: constant(n, n)\nC: constant(m, m)\nJ: loss = trace(A @ B @ A.T @ C)\n", None),
        ("x: input(n)\nw: parameter(n)\nA: parameter(n, n)\nJ: loss = sum(diag(x) @ A @ diag(w))\n", 3),
        ("A: parameter(n, m)\nB: parameter(k, l)\nG: constant(n * k, m * l)\nJ: loss = sum(kron(A, B) * G)\n", None),
        ("A: parameter(n, n)\nJ: loss = trace(A)**2\n", 0),
    ],
)
def test_nothing_that_is_mostly_zeros_is_built(text: str, products: int | None) -> None:
    lines = statements(text)
    assert not count(lines, LARGE)
    if products is not None:
        assert count(lines, r"matmul\(|\.dot\((?!ones)") == products


def test_vectors_are_multiplied_first() -> None:
    lines = statements("x: input(n)\nA: parameter(n, n)\nB: parameter(n, n)\nv: input(n)\nJ: loss = x @ A @ B @ v\n")
    assert not any(re.search(r"A\.dot\(B|B\.T\.dot\(A", line) for line in lines)


def test_a_mask_and_a_gather_are_indexing() -> None:
    lines = statements(
        "E: parameter(v, d)\ni: index(n, of=v, repeat=True)\nG: constant(n, d)\nJ: loss = sum(E[i] * G)\n"
    )
    assert any(line.startswith("E.take(i, 0,") for line in lines)
    assert any(line.startswith("add.at(d_E, (i,), G)") for line in lines)


def test_slices_are_views_and_their_gradients_are_written_in_place() -> None:
    text = "x: parameter(n, 6)\nG: constant(n, 2)\nJ: loss = sum(x[:, 1:4:2] * G) + sum(x[::-1, 0])\n"
    lines = statements(text)
    assert not any("take" in line or "arange" in line for line in lines)
    assert any("[:, 1:4:2]" in line for line in lines)


def test_a_window_is_a_view_and_a_convolution_one_product() -> None:
    text = "x: input(c, l)\nw: parameter(o, c, k)\nG: constant(o, l - k + 1)\nJ: loss = sum(conv1d(x, w) * G)\n"
    lines = statements(text)
    assert count(lines, r"_windows\(") >= 1
    assert count(lines, r"\.dot\(") == 3  # forward, and the gradients of x and of w


def test_operands_of_long_chains_share_what_they_have_in_common() -> None:
    names = ["W", "U", "b"]
    text = "x_1: input(n, d)\nx_2: input(n, d)\nh_0: input(n, m)\n"
    text += "W: parameter(m, m)\nU: parameter(d, m)\nb: parameter(m)\n"
    text += "h_1 = tanh(h_0 @ W + x_1 @ U + b)\nh_2 = tanh(h_1 @ W + x_2 @ U + b)\nJ: loss = sum(h_2**2)\n"
    lines = body(generate(network(HEAD + text), wrt=names))
    assert count(lines, r"\.dot\(") == 4 + 1 + 4 + 2  # forward, δ_h_1, two each for W and U, two sums for b
    assert count(lines, r"square\(") == 2


def test_gelu_shares_its_tanh_with_its_derivative() -> None:
    text = "X: input(n, d)\nW: parameter(d, h)\nV: parameter(h, k)\nz = X @ W\n"
    text += 'a = gelu(z, approximate="tanh")\nJ: loss = sum((a @ V)**2)\n'
    lines = statements(text)
    assert count(lines, r"tanh\(") == 1
    chain = [line for line in lines if line.startswith(("multiply(", "add(", "subtract(", "square(", "tanh("))]
    assert len(chain) <= 20
