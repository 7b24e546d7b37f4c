"""The certificate: draws obey what is declared, bounds hold, and every kind of mistake is caught."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given as hypothesised
from hypothesis import settings

import symbackprop as sb
from symbackprop.certify import CHECKS, NOT_VARIED, CertificateError, certify
from symbackprop.derive import Derivation
from symbackprop.draws import Drawer
from symbackprop.gallery import NAMES
from symbackprop.given import broken_fact, given
from symbackprop.tensor import heads
from symbackprop.tensor.normal import number

from .conftest import Shipped

MLP = """x: input(d)
y: target(k)
W: parameter(k, d)
b: parameter(k)
z = W @ x + b
a = tanh(z)
J: loss = sum((a - y)**2)
"""


def derived(text: str) -> Derivation:
    return sb.derive(sb.Network.parse(text))


def checked(derivation: Derivation, module: ModuleType | None = None) -> dict[str, tuple[str, ...]]:
    names = [n for n in derivation.model.declarations if derivation.model.declarations[n].role != "index"]
    return dict(certify(derivation, module, names).bounds)


@pytest.mark.parametrize("name", NAMES)
def test_the_bounds_hold_for_every_shipped_network(shipped: Shipped, name: str) -> None:
    derivation = shipped(name)
    found = certify(derivation, sb.compile(derivation), derivation.model.names("parameter"))
    assert found.sizes
    assert set(found.bounds.values()) == {("< 1e-10", "< 1e-10", "< 1e-7")}
    assert len(CHECKS) == 3


def test_sizes_all_differ_and_a_seed_means_the_same_numbers(shipped: Shipped) -> None:
    derivation = shipped("relu_regression")
    draws = [Drawer(derivation.model, derivation.graph, seed).draw() for seed in (1, 1, 2)]
    assert all(d is not None and len(set(d.sizes.values())) == len(d.sizes) for d in draws)
    first, second, third = draws
    assert first is not None
    assert second is not None
    assert third is not None
    assert first.sizes == second.sizes
    assert all(np.array_equal(first.arrays[k], second.arrays[k]) for k in first.arrays)
    assert first.sizes != third.sizes


@settings(max_examples=40)
@hypothesised(st.integers(0, 10**6))
def test_a_draw_obeys_every_declared_fact(seed: int) -> None:
    text = (
        "t: target(n, c, onehot=True)\nq: input(n, c, simplex=True)\nS: parameter(d, d, symmetric=True)\n"
        "P: parameter(d, d, positive_definite=True)\nV: parameter(d, d, invertible=True)\nu: input(n, values=(0, 1))\n"
        "i: index(of=c)\nj: index(of=c)\ne: constant(positive=True)\nw: parameter(T - M + 1)\n"
        "k: input(M)\ns: input(T)\n"
        "J: loss = sum(t * log(q)) + trace(S @ inv(P) @ V) + sum(u) + q[0, i] * q[0, j] * e + sum(w) + sum(k) * sum(s)"
    )
    derivation = derived(text)
    drawn = Drawer(derivation.model, derivation.graph, seed).draw()
    assert drawn is not None
    for name, declared in derivation.model.declarations.items():
        assert not broken_fact(declared, drawn.arrays[name], drawn.sizes), name
    assert drawn.margin > 0
    _, sizes = given(derivation.model, {n: drawn.arrays[n] for n in derivation.model.declarations})
    assert sizes == drawn.sizes


def test_differences_stay_inside_declared_sets() -> None:
    text = (
        "S: parameter(d, d, symmetric=True, positive_definite=True)\nx: input(d)\np: parameter(d, simplex=True)\n"
        "t: target(d, onehot=True)\nJ: loss = x @ S @ x + logdet(S) - sum(t * log(p))"
    )
    found = checked(derived(text))
    assert found["S"][2] == found["p"][2] == "< 1e-7"
    assert found["t"][2] == NOT_VARIED


def test_a_network_that_is_defined_nowhere_has_no_certificate_and_says_so() -> None:
    found = certify(derived("x: parameter()\nJ: loss = log(-1 - x**2)"), None, ["x"])
    assert not found.bounds
    assert found.reason == "no random numbers were found at which everything is defined"


def test_a_wrong_rule_is_caught_by_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    right = heads.HEADS["tanh"]
    wrong = heads.Head(right.name, (lambda f, x: 1 - f,), right.value, right.parity)
    monkeypatch.setitem(heads.HEADS, "tanh", wrong)
    with pytest.raises(CertificateError, match=r"central differences differ by .*seed"):
        checked(derived(MLP))


def test_a_gradient_of_zero_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = heads.HEADS["tanh"]
    monkeypatch.setitem(
        heads.HEADS, "tanh", heads.Head(right.name, (lambda f, x: number(0, f.sizes),), right.value, right.parity)
    )
    with pytest.raises(CertificateError, match="central differences"):
        checked(derived(MLP))


class Altered(ModuleType):
    """A generated module whose gradients or loss go through a function."""

    def __init__(self, module: ModuleType, change: Any) -> None:
        super().__init__("altered")
        self.loss_and_grad = lambda **arrays: change(*module.loss_and_grad(**arrays))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda loss, g: (loss, {**g, "W": 1.000001 * g["W"]}), "The code's gradient of W"),
        (lambda loss, g: (loss, {**g, "W": g["W"].T}), "have shapes"),
        (lambda loss, g: (loss, {**g, "b": -g["b"]}), "The code's gradient of b"),
        (lambda loss, g: (loss + 1e-8, g), "The code's loss"),
        (lambda loss, g: (loss, {**g, "b": g["b"] * np.nan}), "The code's gradient of b"),
    ],
)
def test_wrong_code_is_caught(change: Any, complaint: str) -> None:
    derivation = derived(MLP)
    with pytest.raises(CertificateError, match=complaint):
        checked(derivation, Altered(sb.compile(derivation), change))


def test_a_wrong_closed_form_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    from symbackprop.closing import Closer

    right = Closer.put_in
    monkeypatch.setattr(Closer, "put_in", lambda self, name, given: right(self, name, given) * 2)
    with pytest.raises(CertificateError, match="The closed form of"):
        checked(derived(MLP))


def test_in_a_large_network_symbols_are_varied_together_and_a_mistake_is_still_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from symbackprop import certify as module

    lines = ["x_0: input(d)", *(f"w_{k}: parameter(d)" for k in range(12))]
    lines += [f"x_{k + 1} = tanh(w_{k} * x_{k})" for k in range(12)]
    text = "\n".join([*lines, "J: loss = sum(x_12**2)"])
    monkeypatch.setattr(module, "WORK", 20)
    monkeypatch.setattr(module, "MOST_CLOSED", 5)
    derivation = derived(text)
    groups = module.Checker(derivation, None, derivation.model.names("parameter")).together()
    assert [len(group) for group in groups] == [8, 4]
    found = checked(derivation)
    assert set(found.values()) == {(module.NOT_GENERATED, module.LEFT_OUT, "< 1e-7")}
    pulled = derivation.recursive_terms
    pulled["w_3"] = pulled["w_3"] * 2
    with pytest.raises(CertificateError, match="central differences"):
        checked(derived_again(derivation))


def derived_again(derivation: Derivation) -> Derivation:
    """The same derivation, its formulas made again."""
    derivation._formulas.clear()
    return derivation


def test_where_every_line_crosses_a_kink_no_bound_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    from symbackprop import certify as module

    monkeypatch.setattr(module.Checker, "slope", lambda *_: None)
    found = checked(derived("x: parameter(n)\nJ: loss = sum(relu(x))"))
    assert found["x"][2] == module.NEAR_A_KINK
