"""Counterexamples: small, inside the declared sets, with a difference of the loss that agrees with the truth."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest

from symbackprop.tensor.normal import scaled
from symbackprop.verification.reproduce import reproduce
from symbackprop.verification.target import Target
from tests.verification.claiming import Court

MLP = Court("""
x: input(d)
y: target(k)
W_1: parameter(h, d)
b_1: parameter(h)
W_2: parameter(k, h)
z_1 = W_1 @ x + b_1
a_1 = tanh(z_1)
z_2 = W_2 @ a_1
J: loss = norm2(z_2 - y)**2 / 2
""")
FACTS = Court("""
S: parameter(d, d, positive_definite=True)
q: target(c, simplex=True)
t: target(c, onehot=True)
l: index(of=c)
s: constant(values=(-1, 1))
p: parameter(c, positive=True)
x: input(d)
J: loss = s * (x @ inv(S) @ x) - sum((q + t) * log(p)) + p[l]
""")


def test_it_is_small_and_its_three_numbers_are_what_they_say() -> None:
    found = MLP.witness("W_1", "outer(G_a_1 * (1 - a_1), x)")
    assert found is not None
    assert max(found.sizes.values()) <= 3
    assert found.claimed is not None
    assert found.difference == pytest.approx(found.true, rel=1e-5)
    assert abs(found.claimed - found.true) > 0.05 * max(abs(found.claimed), abs(found.true))
    whole = [np.asarray(found.values[n]) for n in ("x", "y", "W_1", "b_1", "W_2")]
    assert all(np.all(np.abs(v) <= 3) for v in whole)
    assert set(found.values) == {"x", "y", "W_1", "b_1", "W_2", "a_1", "grad(a_1)"}
    assert found.values["W_1"] == [[round(v, 1) for v in row] for row in found.values["W_1"]]
    assert np.shape(found.values["W_1"]) == (found.sizes["h"], found.sizes["d"])


def test_the_numbers_can_be_computed_again_by_hand() -> None:
    found = MLP.witness("b_1", "W_2.T @ (z_2 - y)")
    assert found is not None
    x, y, W, b, V = (np.asarray(found.values[n], dtype=float) for n in ("x", "y", "W_1", "b_1", "W_2"))
    a = np.tanh(W @ x + b)
    true = (V.T @ (V @ a - y)) * (1 - a**2)
    assert true[found.entry] == pytest.approx(found.true, rel=1e-5)
    assert (V.T @ (V @ a - y))[found.entry] == pytest.approx(found.claimed, rel=1e-5)


@pytest.mark.parametrize("name", ["x", "W_1", "b_1", "W_2", "z_1", "a_1", "z_2"])
def test_differences_at_symbols_and_nodes_agree_with_the_gradient(name: str) -> None:
    true = MLP.true(name)
    found = MLP.judge.counterexample(scaled(2, true), true, Target("gradient", (name,)))
    assert found is not None
    assert found.difference == pytest.approx(found.true, rel=1e-5)
    assert found.claimed == pytest.approx(2 * found.true, rel=1e-5)


def test_facts_hold_in_it() -> None:
    for name in ("S", "p", "x"):
        true = FACTS.true(name)
        found = FACTS.judge.counterexample(scaled(3, true), true, Target("gradient", (name,)))
        assert found is not None, name
        assert found.difference == pytest.approx(found.true, rel=1e-5)
        v = found.values
        assert sum(v["q"]) == 1
        assert sorted(v["t"])[-2:] in ([0, 1],)
        assert v["s"] in (-1, 1)
        assert isinstance(v["l"], int)
        assert min(v["p"]) > 0
        assert np.all(np.linalg.eigvalsh(np.asarray(v["S"], dtype=float)) > 0)
        assert np.array_equal(v["S"], np.transpose(v["S"]))


def test_jacobians_and_second_derivatives_have_differences_too() -> None:
    derivation = MLP.derivation
    jacobian = derivation.jacobian("z_2", "W_1").term
    found = MLP.judge.counterexample(scaled(-1, jacobian), jacobian, Target("jacobian", ("z_2", "W_1")))
    assert found is not None
    assert len(found.entry) == 3
    assert found.difference == pytest.approx(found.true, rel=1e-5)
    block = derivation.hessian("b_1", "W_2")
    closed = block.closed.term
    found = MLP.judge.counterexample(scaled(2, closed), closed, Target("hessian", ("b_1", "W_2")))
    assert found is not None
    assert found.difference == pytest.approx(found.true, rel=1e-4)


def test_a_value_has_no_difference_and_equal_terms_no_counterexample() -> None:
    found = MLP.judge.counterexample(MLP.term("W_1 @ x"), MLP.term("z_1"), Target("value", ("z_1",)))
    assert found is not None
    assert found.difference is None
    assert set(found.values) >= {"W_1", "x", "b_1"}
    assert "y" not in found.values
    assert MLP.witness("W_1", "outer(G_z_1, x)") is None


def test_a_difference_that_nobody_would_see_is_still_shown() -> None:
    true = MLP.true("W_1")
    found = MLP.judge.counterexample(scaled(1, true) + true / 10**6, true, Target("gradient", ("W_1",)))
    assert found is not None
    assert found.difference == pytest.approx(found.true, rel=1e-5)


def test_sizes_grow_where_small_ones_do_not_fit() -> None:
    court = Court("W: parameter(d)\ni: index(4, of=d)\nJ: loss = sum(W[i]**2)")
    true = court.true("W")
    found = court.judge.counterexample(scaled(2, true), true, Target("gradient", ("W",)))
    assert found is not None
    assert found.sizes["d"] >= 4


def run(script: str) -> list[float]:
    """What the script prints after each colon."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return [float(line.split(":")[1]) for line in done.stdout.splitlines()]


def test_the_script_prints_the_three_numbers() -> None:
    claim = "outer(G_a_1 * (1 - a_1), x)"
    found = MLP.witness("W_1", claim)
    assert found is not None
    text = reproduce(found, MLP.derivation.model, "np.outer(grad(a_1) * (1 - a_1), x)", Target("gradient", ("W_1",)))
    claimed, true, slope = run(text)
    assert claimed == pytest.approx(found.claimed, rel=1e-4)
    assert true == pytest.approx(found.true)
    assert slope == pytest.approx(found.true, rel=1e-4)
    assert len(text.splitlines()) <= 25
    assert not re.search(r"symbackprop", text)


def test_the_script_varies_a_node_downstream_only() -> None:
    true = MLP.true("a_1")
    found = MLP.judge.counterexample(scaled(2, true), true, Target("gradient", ("a_1",)))
    assert found is not None
    text = reproduce(found, MLP.derivation.model, "2 * W_2.T @ grad(z_2)", Target("gradient", ("a_1",)))
    body = text[text.index("def value") :]
    assert "z_1 =" not in body
    assert run(text)[0] == pytest.approx(found.claimed, rel=1e-4)
    assert run(text)[2] == pytest.approx(found.true, rel=1e-4)


def test_a_claim_in_what_has_no_number_is_printed_as_its_value() -> None:
    found = MLP.witness("W_1", "outer(G_a_1 * (1 - a_1), x)")
    assert found is not None
    for claim in ("grad(z_1) @ x", "nobody * x", "W_1 @", None):
        text = reproduce(found, MLP.derivation.model, claim, Target("gradient", ("W_1",)))
        assert run(text)[0] == pytest.approx(found.claimed)


def test_the_script_of_a_second_derivative_and_of_a_jacobian() -> None:
    closed = MLP.derivation.hessian("b_1", "W_2").closed.term
    target = Target("hessian", ("b_1", "W_2"))
    found = MLP.judge.counterexample(scaled(2, closed), closed, target)
    assert found is not None
    assert run(reproduce(found, MLP.derivation.model, None, target))[2] == pytest.approx(found.true, rel=1e-3)
    same = MLP.derivation.hessian("b_1").closed.term
    target = Target("hessian", ("b_1", "b_1"))
    found = MLP.judge.counterexample(scaled(2, same), same, target)
    assert found is not None
    assert run(reproduce(found, MLP.derivation.model, None, target))[2] == pytest.approx(found.true, rel=1e-3)
    jacobian = MLP.derivation.jacobian("z_2", "b_1").term
    target = Target("jacobian", ("z_2", "b_1"))
    found = MLP.judge.counterexample(scaled(2, jacobian), jacobian, target)
    assert found is not None
    assert run(reproduce(found, MLP.derivation.model, None, target))[2] == pytest.approx(found.true, rel=1e-3)


@pytest.mark.parametrize(
    "network",
    [
        "e: parameter(n)\nh: input(n)\nJ: loss = sum(softmax(e) * h)",
        "W: parameter(n, c)\ny: index(n, of=c, repeat=True)\nJ: loss = -sum(onehot(y, c) * log_softmax(W))",
        "x: input(n, d)\ng: parameter(d)\nb: parameter(d)\nJ: loss = sum(layer_norm(x, g, b)**2 * g)",
        "A: parameter(n, n, invertible=True)\nx: input(n)\nJ: loss = x @ inv(A) @ x + logdet(A)",
        "x: input(T)\nw: parameter(K)\nJ: loss = sum(conv1d(reshape(x, (1, T)), reshape(w, (1, 1, K)))**2)",
        "lam: parameter()\nJ: loss = erf(lam) + lgamma(lam**2 + 1) + maximum(lam, 0)",
    ],
)
def test_the_script_runs_for_networks_of_all_kinds(network: str) -> None:
    court = Court(network)
    for name in court.derivation.model.names("parameter"):
        true = court.true(name)
        target = Target("gradient", (name,))
        found = court.judge.counterexample(scaled(-1, true), true, target)
        assert found is not None
        _, shown, slope = run(reproduce(found, court.derivation.model, None, target))
        assert shown == found.true
        assert slope == pytest.approx(found.true, rel=1e-3, abs=1e-5)
