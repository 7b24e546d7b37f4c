"""One mistake in a right program: the line is found, the repair makes it right, and the mistake is named."""

from __future__ import annotations

import pytest

from symbackprop.derive import Derivation
from symbackprop.verification.code_repair import CodeRepair, repair_code
from symbackprop.verification.judge import Judge
from tests.lifting.claims import model

CODE = """import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def backward(X, Y, W1, b1, W2, b2):
    n = X.shape[0]
    Z1 = X @ W1 + b1
    A1 = np.tanh(Z1)
    Z2 = A1 @ W2 + b2
    A2 = sigmoid(Z2)
    dZ2 = (A2 - Y) * A2 * (1 - A2) / n
    dW2 = A1.T @ dZ2
    db2 = np.sum(dZ2, axis=0, keepdims=True)
    dA1 = dZ2 @ W2.T
    dZ1 = dA1 * (1 - A1 ** 2)
    dW1 = X.T @ dZ1
    db1 = np.sum(dZ1, axis=0, keepdims=True)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
"""
NET = model()
JUDGE = Judge(Derivation(NET))
MISTAKES = [
    ("A2 - Y", "Y - A2", "sign"),
    ("* A2 * (1 - A2) / n", "/ n", "activation_derivative"),
    ("* A2 * (1 - A2) / n", "* (1 - A2) / n", "activation_derivative"),
    ("* (1 - A2) / n", "* (1 - A2)", "factor"),
    ("(A2 - Y) * A2", "A2 - Y * A2", "parentheses"),
    ("A1.T @ dZ2", "A1 @ dZ2", "transpose"),
    ("A1.T @ dZ2", "dZ2.T @ A1", "order"),
    ("A1.T @ dZ2", "Z1.T @ dZ2", "symbol"),
    ("np.sum(dZ2, axis=0, keepdims=True)", "np.sum(dZ2, axis=1, keepdims=True)", "sum"),
    ("np.sum(dZ2, axis=0, keepdims=True)", "np.sum(dZ2)", "sum"),
    ("np.sum(dZ2, axis=0, keepdims=True)", "dZ2", "sum"),
    ("np.sum(dZ2, axis=0, keepdims=True)", "np.mean(dZ2, axis=0, keepdims=True)", "factor"),
    ("dZ2 @ W2.T", "dZ2 @ W2", "transpose"),
    ("1 - A1 ** 2", "1 - A1", "activation_derivative"),
    ("1 - A1 ** 2", "1 - Z1 ** 2", "evaluated_at"),
    ("1 - A1 ** 2", "1 + A1 ** 2", "sign"),
    ("dA1 * (1 - A1 ** 2)", "dA1", "activation_derivative"),
    ("dA1 * (1 - A1 ** 2)", "dA1 * A1 * (1 - A1)", "activation_derivative"),
    ("dA1 * (1 - A1 ** 2)", "dA1 @ (1 - A1 ** 2)", "product_kind"),
    ("X.T @ dZ1", "X.T @ dA1", "symbol"),
    ("X.T @ dZ1", "X.T @ dZ1 / n", "factor"),
    ("X.T @ dZ1", "2 * X.T @ dZ1", "factor"),
    ("np.sum(dZ1", "np.sum(dZ2", "index"),
    ("np.tanh(Z1)", "np.maximum(Z1, 0)", "other"),
    ("A1 @ W2 + b2", "A1 @ W2", "other"),
]


def repaired(code: str, net=NET, judge=JUDGE, **options) -> dict[str, CodeRepair]:
    return repair_code(code, net, judge, **options)


@pytest.mark.parametrize(("old", "new", "kind"), MISTAKES, ids=lambda text: text)
def test_a_mistake_is_found_on_its_line_and_reported_once(old: str, new: str, kind: str) -> None:
    code = CODE.replace(old, new, 1)
    line = CODE[: CODE.index(old)].count("\n") + 1
    found = repaired(code)
    assert found
    assert {r.diagnosis.line for r in found.values()} == {line}
    first, *rest = found.values()
    assert first.diagnosis.kind == kind, first.diagnosis.message
    assert first.follows is None
    assert all(r.follows == line for r in rest)
    written = first.diagnosis.repair_numpy
    assert written is not None
    lines = code.splitlines()
    lines[line - 1] = "    " + written
    assert repaired("\n".join(lines)) == {}


def test_right_code_has_nothing_to_repair() -> None:
    assert repaired(CODE) == {}


def test_a_hint_does_not_show_the_repair() -> None:
    (found,) = repaired(CODE.replace("A1.T @ dZ2", "A1 @ dZ2")).values()
    assert found.diagnosis.hint == "Line 13: look at the transposes."


def test_two_mistakes_are_two_reports() -> None:
    code = CODE.replace("np.sum(dZ1, axis=0, keepdims=True)", "np.sum(dZ1)").replace("A1.T @ dZ2", "A1 @ dZ2")
    found = repaired(code)
    assert {t: (r.diagnosis.kind, r.diagnosis.line, r.follows) for t, r in found.items()} == {
        "W2": ("transpose", 13, None),
        "b1": ("sum", 18, None),
    }


def test_where_no_small_change_helps_the_first_wrong_value_is_named() -> None:
    code = CODE.replace("dZ2 = (A2 - Y) * A2 * (1 - A2) / n", "dZ2 = np.exp(A2) * np.sin(Y)")
    found = repaired(code, seconds=0.5)
    assert set(found) == {"W1", "b1", "W2", "b2"}
    for repair in found.values():
        assert repair.diagnosis.line == 12
        assert repair.diagnosis.repair_numpy is None
        assert "The gradient is" in repair.diagnosis.message


def test_what_cannot_be_read_is_not_repaired() -> None:
    assert repaired(CODE.replace("dW1 = X.T @ dZ1", "dW1 = np.nonsense(X)")) == {}
    assert repaired("this is no python") == {}


RECURRENT = """
def backward(x1, x2, U, W, v):
    h1 = np.tanh(U @ x1)
    h2 = np.tanh(U @ x2 + W @ h1)
    d2 = (1 - h2 ** 2) * v
    dW = np.outer(d2, h1)
    dU = np.outer(d2, x2)
    d1 = (1 - h1 ** 2) * (W.T @ d2)
    dU += np.outer(d1, x1)
    return dU, dW
"""
RECURRENT_NET = model("""
x1: input(d)
x2: input(d)
U: parameter(h, d)
W: parameter(h, h)
v: constant(h)
h1 = tanh(U @ x1)
h2 = tanh(U @ x2 + W @ h1)
J: loss = v @ h2
""")
RECURRENT_JUDGE = Judge(Derivation(RECURRENT_NET))


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("W.T @ d2", "W @ d2", "transpose"),
        ("dU += np", "dU = np", "path"),
        ("np.outer(d2, h1)", "np.outer(h1, d2)", "order"),
        ("np.outer(d2, h1)", "np.outer(d2, h2)", "index"),
        ("dU += np.outer(d1, x1)", "dU -= np.outer(d1, x1)", "sign"),
    ],
)
def test_mistakes_through_time(old: str, new: str, kind: str) -> None:
    assert repaired(RECURRENT, RECURRENT_NET, RECURRENT_JUDGE) == {}
    line = RECURRENT[: RECURRENT.index(old)].count("\n") + 1
    found = repaired(RECURRENT.replace(old, new), RECURRENT_NET, RECURRENT_JUDGE)
    first = next(iter(found.values())).diagnosis
    assert (first.line, first.kind) == (line, kind), first.message


MASKED = """
def backward(X, w, v):
    z = X @ w
    a = np.maximum(z, 0)
    da = v * a
    dz = da.copy()
    dz[z <= 0] = 0
    return {"w": X.T @ dz + 2 * lam * w, "v": a ** 2 / 2}
"""
MASKED_NET = model("""
X: input(n, d)
w: parameter(d)
v: parameter(n)
lam: constant(positive=True)
z = X @ w
a = relu(z)
J: loss = v @ a**2 / 2 + lam * w @ w
""")
MASKED_JUDGE = Judge(Derivation(MASKED_NET))


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("dz[z <= 0] = 0", "dz[z > 0] = 0", "indicator"),
        ("da = v * a", "da = v", "activation_derivative"),
        (" + 2 * lam * w", " + lam * w", "factor"),
        ("a ** 2 / 2", "a ** 2", "factor"),
        ("X.T @ dz", "X @ dz", "transpose"),
    ],
)
def test_mistakes_in_masks_and_penalties(old: str, new: str, kind: str) -> None:
    assert repaired(MASKED, MASKED_NET, MASKED_JUDGE) == {}
    line = MASKED[: MASKED.index(old)].count("\n") + 1
    found = repaired(MASKED.replace(old, new), MASKED_NET, MASKED_JUDGE)
    first = next(iter(found.values())).diagnosis
    assert (first.line, first.kind) == (line, kind), first.message


def test_an_alias_that_should_be_a_copy() -> None:
    code = MASKED.replace("dz = da.copy()", "dv = da").replace("dz[z <= 0] = 0", "dv *= 0\n    dv += a")
    code = code.replace("a ** 2 / 2", "dv * a / 2").replace("X.T @ dz", "X.T @ (da * (z > 0))")
    found = repaired(code, MASKED_NET, MASKED_JUDGE)
    assert found["w"].diagnosis.repair_numpy == "dv = da.copy()"


def test_a_missing_penalty_is_a_missing_term() -> None:
    code = MASKED.replace(" + 2 * lam * w", "").replace("w, v)", "w, v, lam)")
    (found,) = repaired(code, MASKED_NET, MASKED_JUDGE).values()
    assert (found.diagnosis.kind, found.diagnosis.line) == ("term", 8)


CACHED = """
def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T)
    dw = x.T.dot(dout)
    db = dout.sum(axis=0, keepdims=True)
    return dx, dw, db

def gradients(X, Y, W1, b1, W2, b2):
    a1 = np.tanh(X.dot(W1) + b1)
    a2 = sigmoid(a1.dot(W2) + b2)
    grads = {}
    dz2 = (a2 - Y) / X.shape[0] * a2 * (1 - a2)
    da1, grads["W2"], grads["b2"] = affine_backward(dz2, (a1, W2, b2))
    dx, grads["W1"], grads["b1"] = affine_backward(da1 * (1 - np.square(a1)), (X, W1, b1))
    return grads
"""


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("dout.dot(w.T)", "dout.dot(w)", "transpose"),
        ("x.T.dot(dout)", "dout.T.dot(x)", "order"),
        ("axis=0, keepdims=True", "axis=0", "sum"),
        ("/ X.shape[0] * a2", "* a2", "factor"),
        ("1 - np.square(a1)", "np.square(a1)", "activation_derivative"),
        ("* a2 * (1 - a2)", "* a2 * (1 - a2) * a2 * (1 - a2)", "activation_derivative"),
    ],
)
def test_mistakes_inside_the_functions_of_layers(old: str, new: str, kind: str) -> None:
    assert repaired(CACHED) == {}
    line = CACHED[: CACHED.index(old)].count("\n") + 1
    found = repaired(CACHED.replace(old, new))
    first = next(iter(found.values())).diagnosis
    assert (first.line, first.kind) == (line, kind), first.message


LAYERS = """
def backprop(X, Y, W):
    a = [X]
    for w in W:
        a.append(np.tanh(a[-1] @ w))
    delta = (a[-1] - Y) * (1 - a[-1] ** 2)
    grads = [None, None]
    for l in range(1, 3):
        grads[-l] = a[-l - 1].T @ delta
        delta = delta @ W[-l].T * (1 - a[-l - 1] ** 2)
    return grads
"""
LAYERS_NET = model("""
X: input(n, d)
Y: target(n, k)
W[1]: parameter(d, h)
W[2]: parameter(h, k)
J: loss = sum((tanh(tanh(X @ W[1]) @ W[2]) - Y)**2) / 2
""")
LAYERS_JUDGE = Judge(Derivation(LAYERS_NET))


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("W[-l].T", "W[-l]", "transpose"),
        ("a[-l - 1].T", "a[-l].T", "index"),
        ("1 - a[-1] ** 2", "1 + a[-1] ** 2", "sign"),
        ("(a[-1] - Y)", "2 * (a[-1] - Y)", "factor"),
    ],
)
def test_mistakes_in_lists_of_layers(old: str, new: str, kind: str) -> None:
    assert repaired(LAYERS, LAYERS_NET, LAYERS_JUDGE) == {}
    line = LAYERS[: LAYERS.index(old)].count("\n") + 1
    found = repaired(LAYERS.replace(old, new), LAYERS_NET, LAYERS_JUDGE)
    first = next(iter(found.values())).diagnosis
    assert (first.line, first.kind) == (line, kind), first.message
