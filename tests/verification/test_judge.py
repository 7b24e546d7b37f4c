"""Deciding: identities are proved, near misses are refuted at numbers, and what can be neither is left open."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from symbackprop.tensor.normal import apply, number, scaled
from symbackprop.tensor.terms import symbol
from symbackprop.verification.target import Target
from tests.verification.claiming import Court

MLP = Court("""
x: input(d)
y: target(k)
W_1: parameter(h, d)
b_1: parameter(h)
W_2: parameter(k, h)
b_2: parameter(k)
z_1 = W_1 @ x + b_1
a_1 = tanh(z_1)
z_2 = W_2 @ a_1 + b_2
J: loss = norm2(z_2 - y)**2 / 2
""")
SQUARE = Court("""
A: parameter(n, n)
B: constant(n, n)
x: input(n)
w = A @ x
J: loss = x @ A @ x + trace(A @ B)
""")
RELU = Court("""
X: input(n, d)
W: parameter(d, h)
t: target(n, h)
Z = X @ W
R = relu(Z)
J: loss = sum((R - t)**2) / (2 * n)
""")
CLASSES = Court("""
z: parameter(c)
y: index(of=c)
t: target(c, onehot=True)
p = softmax(z)
J: loss = -log(p[y]) - sum(t * log(p))
""")
MATRIX = Court("""
S: parameter(d, d, positive_definite=True)
x: input(d)
J: loss = logdet(S) + x @ inv(S) @ x
""")
SCALAR = Court("""
u: parameter()
v: parameter(positive=True)
b: constant(values=(0, 1))
J: loss = u**2 * v + b * u
""")


@pytest.mark.parametrize(
    "claim",
    [
        "outer(G_z_1, x)",
        "outer(G_a_1 * (1 - a_1**2), x)",
        "outer(G_a_1 * (1 - a_1) * (1 + a_1), x)",
        "outer((1 - tanh(z_1)**2) * (W_2.T @ G_z_2), x)",
        "outer(4 / (exp(z_1) + exp(-z_1))**2 * (W_2.T @ (z_2 - y)), x)",
        "outer(4 * sigmoid(2 * z_1) * (1 - sigmoid(2 * z_1)) * (W_2.T @ (z_2 - y)), x)",
        "outer((W_2.T @ (W_2 @ a_1 + b_2 - y)) / cosh(W_1 @ x + b_1)**2, x)",
        "diag(1 - a_1**2) @ W_2.T @ outer(z_2 - y, x)",
    ],
)
def test_forms_of_one_gradient_are_proved(claim: str) -> None:
    found = MLP.gradient("W_1", claim)
    assert (found.status, found.proof) == ("equal", "symbolic"), found.reason
    assert found.points >= 3


@pytest.mark.parametrize(
    "claim",
    [
        "outer(G_a_1 * (1 - a_1), x)",
        "outer(G_a_1 * (1 - z_1**2), x)",
        "outer(G_a_1 * (1 + a_1**2), x)",
        "-outer(G_z_1, x)",
        "outer(G_z_1, x) * h",
        "outer(G_a_1, x)",
        "outer(G_z_1, x) + W_1 / 1000000",
    ],
)
def test_a_mistake_is_refuted_at_a_draw_and_an_entry(claim: str) -> None:
    found = MLP.gradient("W_1", claim)
    assert found.status == "different"
    assert found.witness is not None
    assert found.entry is not None
    one, other = MLP.judge.values(MLP.term(claim), 0), MLP.judge.values(MLP.true("W_1"), 0)
    assert abs(one[found.entry] - other[found.entry]) > 0


def test_another_shape_is_another_array_and_the_reason_says_which() -> None:
    found = MLP.gradient("W_1", "outer(x, G_z_1)")
    assert found.status == "different"
    assert "(d, h)" in found.reason
    assert "(h, d)" in found.reason


def test_a_square_matrix_does_not_hide_a_transpose() -> None:
    assert SQUARE.gradient("A", "outer(x, x) + B.T").proof == "symbolic"
    assert SQUARE.gradient("A", "outer(x, x) + B").status == "different"
    assert SQUARE.gradient("x", "(A + A.T) @ x").proof == "symbolic"
    assert SQUARE.gradient("x", "2 * A @ x").status == "different"


def test_a_mistake_on_the_diagonal_only_or_off_it_only_is_seen() -> None:
    assert SQUARE.gradient("A", "outer(x, x) + B.T - diag(diag(B)) + eye(n) * B").status == "equal"
    assert SQUARE.gradient("A", "diag(x * x) + B.T").status == "different"
    assert SQUARE.gradient("A", "outer(x, x) + B.T + eye(n) / 1000").status == "different"


def test_what_holds_for_one_example_only_is_refuted() -> None:
    assert RELU.gradient("W", "X.T @ ((Z > 0) * (R - t)) / n").proof == "symbolic"
    assert RELU.gradient("W", "X.T @ ((Z > 0) * (R - t))").status == "different"
    assert RELU.judge.agrees(RELU.term("X.T @ ((Z > 0) * (R - t))"), RELU.true("W"), sizes={"n": 1})
    assert not RELU.judge.agrees(RELU.term("X.T @ ((Z > 0) * (R - t))"), RELU.true("W"))


@pytest.mark.parametrize("digits", [9, 12, 20])
def test_a_tiny_coefficient_is_a_difference_even_where_floats_cannot_see_it(digits: int) -> None:
    found = MLP.judge.decide(scaled(1 + Fraction(1, 10**digits), MLP.true("W_1")), MLP.true("W_1"))
    assert found.status == "different"


def test_cancellation_is_no_difference() -> None:
    found = SCALAR.pair("(exp(u + 30) - exp(30) * exp(u)) * 1000 + u", "u")
    assert found.status == "equal", found.reason
    lost = SCALAR.pair("(u + 100000000)**2 - u**2 - 200000000 * u - 10000000000000000 + v", "v")
    assert lost.status == "equal", lost.reason
    wrong = SCALAR.pair("(u + 100000000)**2 - u**2 - 200000000 * u - 10000000000000000 + v", "v + 1 / 1000")
    assert wrong.status == "different"


def test_quotients_are_equal_where_both_are_defined() -> None:
    assert SCALAR.pair("u * v / u", "v").status == "equal"
    assert SCALAR.pair("sqrt(v**2)", "v").proof == "symbolic"
    assert SCALAR.pair("sqrt(u**2)", "abs(u)").status == "equal"
    assert SCALAR.pair("sqrt(u**2)", "u").status == "different"
    assert SCALAR.pair("log(v * v)", "2 * log(v)").status == "equal"


def test_what_is_defined_for_half_of_the_numbers_is_compared_there() -> None:
    assert SCALAR.pair("exp(log(u))", "u").status == "equal"
    assert SCALAR.pair("log(u) + log(u)", "2 * log(u)").status == "equal"
    assert SCALAR.pair("log(u) + 1", "log(u)").status == "different"
    assert SCALAR.pair("log(u) / 1000 + u**2", "u**2").status == "different"


def test_what_is_never_defined_is_left_open_with_the_reason() -> None:
    found = SCALAR.pair("u + log(-v) - log(-v) * sin(v)**2 - log(-v) * cos(v)**2", "u")
    assert found.status in ("undecided", "equal")
    if found.status == "equal":
        assert found.proof == "symbolic"
    never = SCALAR.pair("u + log(-v)", "u")
    assert never.status == "undecided"
    assert "not defined" in never.reason


def test_both_values_of_a_binary_symbol_are_tried() -> None:
    assert SCALAR.pair("b * u", "0 * u").status == "different"
    assert SCALAR.pair("b * u", "u").status == "different"
    assert SCALAR.pair("b**2 * u", "b * u").proof == "symbolic"


def test_facts_are_used_and_needed() -> None:
    assert CLASSES.gradient("z", "2 * p - onehot(y, c) - t").proof == "symbolic"
    assert CLASSES.gradient("z", "2 * p - 2 * t").status == "different"
    assert CLASSES.pair("sum(t) * z", "z").proof == "symbolic"
    assert CLASSES.pair("t * t * p", "t * p").proof == "symbolic"
    assert CLASSES.pair("outer(t, t)", "diag(t)").proof == "symbolic"


def test_matrix_identities() -> None:
    assert MATRIX.gradient("S", "inv(S).T - inv(S).T @ outer(x, x) @ inv(S).T").proof == "symbolic"
    assert MATRIX.gradient("S", "inv(S) - outer(inv(S) @ x, inv(S) @ x)").proof == "symbolic"
    assert MATRIX.gradient("S", "inv(S) - outer(x, x)").status == "different"
    assert MATRIX.pair("trace(S @ inv(S)) * x", "d * x").status == "equal"
    assert MATRIX.pair("log(det(S)) * x", "logdet(S) * x").status == "equal"
    assert MATRIX.pair("inv(S) @ inv(S)", "inv(S @ S)").status == "equal"
    assert MATRIX.pair("inv(S) @ inv(S)", "inv(S + S)").status == "different"


def test_what_is_not_proved_is_equal_by_numbers_and_says_so() -> None:
    found = SCALAR.pair("sin(3 * u)", "3 * sin(u) - 4 * sin(u)**3")
    assert found.status == "equal"
    if found.proof == "numeric":
        assert found.points >= 12
        assert "50 digits" in found.reason
    assert SCALAR.pair("sin(3 * u)", "3 * sin(u) - 4 * sin(u)**3 + u / 10**13").status == "different"


def test_a_convention_at_a_kink_is_named_and_no_difference() -> None:
    found = RELU.gradient("Z", "where(Z >= 0, 1, 0) * (R - t) / n")
    assert found.status == "equal", found.reason
    assert found.kink is not None
    assert "Z" in found.kink
    assert "convention" in found.reason
    usual = RELU.gradient("Z", "where(Z > 0, 1, 0) * (R - t) / n")
    assert usual.status == "equal"
    assert usual.kink is None
    by_value = RELU.gradient("Z", "(R > 0) * (R - t) / n")
    assert by_value.status == "equal"
    assert by_value.kink is None
    assert RELU.gradient("Z", "(R >= 0) * (R - t) / n").status == "different"


def test_extra_symbols_stand_for_what_they_are_defined_to_be() -> None:
    r = symbol("r", ("k",))
    claim = MLP.term("outer((1 - a_1**2) * (W_2.T @ y), x)")
    from symbackprop.tensor.substitute import substitute

    claim = substitute(claim, {MLP.term("y"): r})
    right = MLP.judge.decide(claim, MLP.true("W_1"), {r: MLP.term("z_2 - y")})
    wrong = MLP.judge.decide(claim, MLP.true("W_1"), {r: MLP.term("y - z_2")})
    assert (right.status, right.proof, wrong.status) == ("equal", "symbolic", "different")
    unknown = MLP.judge.decide(claim, MLP.true("W_1"))
    assert unknown.status == "undecided"
    assert "r" in unknown.reason


def test_conventions_are_recognised_by_agreement() -> None:
    judge = MLP.judge
    true = MLP.true("W_1")
    assert judge.agrees(MLP.term("outer(x, G_z_1)"), true, transposed=True)
    assert not judge.agrees(MLP.term("outer(x, G_z_1)"), true)
    assert judge.agrees(scaled(2, true), true, scale=number(2))
    assert not judge.agrees(true, true, scale=number(2))
    column = MLP.term("reshape(G_z_1, (h, 1))")
    assert judge.agrees(column, MLP.true("z_1"), reshaped=True)
    assert not judge.agrees(column, MLP.true("z_1"))
    assert SQUARE.judge.agrees(SQUARE.term("2 * A @ x"), SQUARE.true("x"), symmetric=("A",))
    assert not SQUARE.judge.agrees(SQUARE.term("2 * A @ x"), SQUARE.true("x"))
    assert not judge.agrees(true, true, symmetric=("W_1",))
    assert not judge.agrees(apply("log", [-(true**2)]), true)
    assert not judge.agrees(symbol("nobody", true.sizes), true)


def test_a_judge_says_the_same_twice() -> None:
    one, other = Court(MLP.text), Court(MLP.text)
    claim = "outer(G_a_1 * (1 - a_1), x)"
    other.gradient("b_1", "G_z_1")  # what was asked before changes nothing
    first, second = one.gradient("W_1", claim), other.gradient("W_1", claim)
    assert first.reason == second.reason
    assert first.entry == second.entry
    assert one.witness("W_1", claim) == other.witness("W_1", claim)


def test_sizes_differ_and_coincide_among_the_draws() -> None:
    drawn = [MLP.judge.points.at(k) for k in (0, 1)]
    equal = MLP.judge.points.at(0, "equal")
    assert all(p is not None and len(set(p.draw.sizes.values())) == 3 for p in drawn)
    assert equal is not None
    assert len(set(equal.draw.sizes.values())) == 1


def test_facts_hold_to_the_last_digit_at_every_draw() -> None:
    court = Court("q: input(n, m, simplex=True)\nS: parameter(m, m, positive_definite=True)\nJ: loss = sum(q @ S)")
    for k in range(4):
        point = court.judge.points.at(k)
        assert point is not None
        sums = [sum(Fraction(float(v)) for v in row) for row in point.arrays["q"]]
        assert set(sums) == {1}
        assert np.array_equal(point.arrays["S"], point.arrays["S"].T)
        assert np.all(np.linalg.eigvalsh(point.arrays["S"]) > 0)
    assert court.pair("sum(q, axis=1)", "ones(n)").proof == "symbolic"


def test_a_network_of_fixed_sizes_and_one_whose_sizes_are_computed() -> None:
    fixed = Court("W: parameter(3, 2)\nx: input(2)\nJ: loss = sum(tanh(W @ x))")
    assert fixed.gradient("W", "outer(1 - tanh(W @ x)**2, x)").status == "equal"
    assert fixed.gradient("W", "outer(1 - tanh(W @ x), x)").status == "different"
    gates = Court("W: parameter(4*H, d)\nx: input(d)\ng = W @ x\nJ: loss = sum(sigmoid(g[:H]) * g[3*H:])")
    assert gates.gradient("W", "outer(G_g, x)").status == "equal"
    assert gates.gradient("W", "outer(G_g, x) / 2").status == "different"


def test_a_network_without_numbers_leaves_everything_open_but_proofs() -> None:
    court = Court("u: parameter(positive=True)\nJ: loss = log(-u) + u")
    assert court.gradient("u", "1 + 1 / u").proof == "symbolic"
    open_ = court.gradient("u", "2 + 1 / u")
    assert open_.status == "undecided"
    assert "defined" in open_.reason


def test_the_reason_for_a_difference_has_both_numbers() -> None:
    found = SCALAR.gradient("v", "2 * u**2")
    assert found.witness is not None
    u = float(found.witness.arrays["u"])
    assert f"{2 * u * u:.6g}" in found.reason
    assert f"{u * u:.6g}" in found.reason
    assert math.isfinite(u)


def test_infinite_and_huge_values_are_no_trouble() -> None:
    true = MLP.true("W_1")
    far = apply("exp", [apply("exp", [true * 100])])
    for claim in (apply("exp", [true * 10**6]), far, true * 10**400, far * 10**400 - far):
        assert not MLP.judge.agrees(claim, true)
        assert MLP.judge.decide(claim, true).status in ("different", "undecided")
    assert MLP.judge.counterexample(MLP.term("outer(x, G_z_1)"), true, Target("gradient", ("W_1",))) is None


def test_what_is_too_large_for_many_digits_is_still_decided() -> None:
    court = Court("x: input(60, 300)\nW: parameter(300, 200)\nJ: loss = sum(tanh(x @ W))")
    assert court.gradient("W", "x.T @ (1 - tanh(x @ W)**2)").status == "equal"
    wrong = court.gradient("W", "x.T @ (1 - tanh(x @ W))")
    assert wrong.status == "different"
    assert court.witness("W", "x.T @ (1 - tanh(x @ W))") is not None


def test_axes_of_length_one_are_one_axis() -> None:
    court = Court(
        "X: input(d, n)\nW: parameter(1, d)\nb: parameter(1, 1)\ny: target(1, n)\n"
        "Z = W @ X + b\nA = sigmoid(Z)\nJ: loss = sum((A - y)**2) / (2 * n)"
    )
    assert court.gradient("b", "sum(G_Z, axis=1, keepdims=True).T").proof == "symbolic"
    assert court.gradient("b", "sum(G_Z) * ones((1, 1))").proof == "symbolic"
    assert court.gradient("b", "mean(G_Z, axis=1, keepdims=True)").status == "different"
