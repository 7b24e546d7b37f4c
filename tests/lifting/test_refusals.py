"""What is not read is named with its place, nothing is ever run, and nothing that shares memory is read wrongly."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.errors import ReadError, ShapeError, SymbackpropError
from symbackprop.lifting import lift
from symbackprop.tensor.terms import Term
from tests.lifting.claims import judged, model, right

NET = model("x: input(n)\nX: input(n, d)\nw: parameter(d)\nJ: loss = (X @ w) @ (X @ w) / 2 + x @ x")
RIGHT = "dw = X.T @ (X @ w)\n"


def refused(code: str) -> list[SymbackpropError]:
    return list(lift(code, NET).refused)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import os\nos.system('touch /tmp/here')", "module `os`"),
        ("__import__('os').system('touch /tmp/here')", "ever run"),
        ("eval('1')", "`eval`"),
        ("exec('x = 1')", "`exec`"),
        ("open('/etc/passwd').read()", "`open`"),
        ("a = np.load('a.npy')", "files"),
        ("a = X.tofile('a')", "`.tofile`"),
        ("a = X.__class__", "`.__class__`"),
        ("a = ().__class__.__bases__", "`.__bases__`"),
        ("while True:\n    pass", "`while`"),
        ("class A:\n    pass\nb = A()", "a class"),
        ("try:\n    a = 1\nexcept Exception:\n    a = 2", "`try`"),
        ("a = [y for y in X for z in X]", "two loops"),
        ("from numpy import *\n", "`import *`"),
        ("a = 9 ** 9 ** 9 ** 9", "too large"),
        ("a = 10 ** 300 * 10 ** 300", "out of range"),
        ("a = [0] * 10 ** 9", "too long"),
        ("for i in range(10 ** 9):\n    a = i", "too long"),
        ("a = np.zeros((2, 2)) / 0", "divides by zero"),
        ("f = lambda u: f(u)\na = f(X)", "nested"),
        ("a = f'{X}'", "not known"),
        ("a = np.fft.fft(X)", "numpy.fft.fft"),
        ("a = X if x > 0 else 0", "np.where"),
        ("a = 1 < x < 2", "more than two"),
        ("a = (x > 0) - (x < 0)", "minus for truth values"),
        ("a = x ^ 2", "`**`"),
        ("a = np.sum(X, axs=0)", "axs"),
        ("a = undefined_thing + 1", "neither assigned"),
        ("a = np.zeros(3, dtype=int)\na += x[0] * 0.5", "integers"),
        ("x.sort()", "`.sort`"),
        ("def f(*args):\n    return args\na = f(X)", "`*`"),
        ("a = np.argmax(X)", "argmax"),
        ("a = X @ X", "(n, d)"),
        ("a = 2 x", "syntax"),
    ],
)
def test_what_is_not_read_is_named_with_its_line(line: str, said: str) -> None:
    found = refused(line)
    assert found
    assert any(said in str(error) for error in found), [str(e) for e in found]
    assert all(error.span is not None for error in found)
    assert not lift(line, NET).claims


def test_a_statement_that_cannot_be_read_does_not_hide_the_others() -> None:
    lifted = lift(f"import os\nos.system('true')\n{RIGHT}a = np.nonsense(X)", NET)
    assert judged(lifted, NET) == right("w")
    assert [e.span.line for e in lifted.refused] == [1, 4]


@pytest.mark.parametrize(
    "code",
    [
        "a = " + "(" * 300 + "x" + ")" * 300,
        "a = " + "-" * 4000 + "x",
        "a = x" + ".T" * 2000,
        "a = " + " + ".join(["x"] * 200_000),
        "a = x\n" * 200_001,
        "a = [" * 200 + "]" * 200,
        "if x:\n" * 200,
        "a = x\n" + "\n".join(f"a = a * a + x * {k}" for k in range(2000)),
        "a = x\n" + "\n".join("a = (a + x) * (a - 2 * x) + X @ w" for k in range(2000)),
        "def f(u):\n    return g(u)\ndef g(u):\n    return f(u)\na = f(x)",
        "for i in range(100):\n  for j in range(100):\n    for k in range(100):\n      a = i",
        "a = x\x00",
        "a = x\ud800",
        "ａ = x",
        "",
        "\ufeff",
    ],
    ids=lambda code: repr(code[:24]),
)
def test_hostile_code_is_refused_or_read_and_no_other_exception_escapes(code: str) -> None:
    lifted = lift(code, NET)
    assert all(isinstance(e, SymbackpropError) for e in lifted.refused)
    assert not lifted.claims


@given(st.text(alphabet="xXwd=+-*/@.T()[]:,0123456789 \nnpsumifforinrange", max_size=120))
@settings(max_examples=150)
def test_no_text_raises_anything(text: str) -> None:
    lifted = lift(text, NET)
    assert all(isinstance(e, SymbackpropError) for e in lifted.refused)


PIECES = st.lists(
    st.sampled_from(
        [
            "a = X.copy()", "b = a", "a += X", "b[0] = 1", "c = a.T", "a = X @ w", "dw = X.T @ a", "d = a[:, 0]",
            "a *= 2", "for i in range(3):\n    a = a + X", "a = a - 1", "dw = a.sum(0)", "a[X > 0] = 0", "del a",
            "if x[0] > 0:\n    a = X", "b = np.where(a > 0, a, 0)", "a = np.exp(a)", "w -= 0.1 * dw", "a, b = b, a",
            "a = [X, w]", "a.append(x)", "dw = a[1]", "f = lambda u: u + 1", "a = f(a)", "return a", "a = {'k': X}",
        ]
    ),
    max_size=9,
)  # fmt: skip


@given(PIECES)
@settings(max_examples=150)
def test_no_order_of_statements_raises_anything(pieces: list[str]) -> None:
    lifted = lift("\n".join(pieces), NET)
    for claim in lifted.claims:
        assert isinstance(claim.value, (Term, SymbackpropError))


# ------------------------------------------------------------------ shared memory


def value(code: str) -> object:
    body = "\n".join("    " + line for line in code.splitlines())
    lifted = lift(f"def f(X, w, x):\n{body}\n", NET, returns=["w"])
    return lifted.claims[0].value


def test_a_view_is_not_read_after_its_array_was_changed() -> None:
    found = value("a = X.copy()\nv = a.T\na += 1\nreturn v")
    assert isinstance(found, ReadError)
    assert "shares its memory" in found.message
    assert found.span is not None
    assert found.span.line == 4
    assert isinstance(value("a = X.copy()\nv = a.T.copy()\na += 1\nreturn v"), Term)


def test_an_array_is_not_read_after_a_view_of_it_was_changed() -> None:
    assert isinstance(value("a = X.copy()\nv = a[0]\nv *= 2\nreturn a"), ReadError)
    assert isinstance(value("a = X.copy()\nv = a[0]\nv = v * 2\nreturn a"), Term)


def test_two_names_of_one_array_change_together() -> None:
    assert value("a = X.copy()\nb = a\nb += 1\nreturn a") is value("return X + 1")
    assert value("a = X.copy()\nb = a\nb = b + 1\nreturn a") is value("return X")


def test_a_change_by_a_function_is_seen_outside() -> None:
    code = "def double(u):\n    u *= 2\n\ndef f(X, w, x):\n    a = X.copy()\n    double(a)\n    return a"
    assert lift(code, NET, function="f", returns=["w"]).claims[0].value is value("return 2 * X")


def test_an_array_that_an_unknown_function_may_have_changed_is_not_read() -> None:
    code = "import course\na = X.copy()\ncourse.scramble(a)\ndw = a.sum(0)"
    assert isinstance(lift(code, NET).claims[0].value, ReadError)


def test_in_place_an_array_keeps_its_shape() -> None:
    assert isinstance(value("a = w.copy()\na += X\nreturn a"), ShapeError)


def test_entries_that_were_never_written_have_no_value() -> None:
    assert isinstance(value("a = np.empty_like(X)\na[0] = 1\nreturn a"), ReadError)
    assert isinstance(value("a = np.empty_like(X)\na[:] = 1\nreturn a"), Term)


def test_positions_that_may_repeat_are_not_written_through() -> None:
    net = model("P: input(n, c)\ny: index(n, of=c, repeat=True)\nw: parameter(c)\nJ: loss = sum(P @ w)")
    code = "def f(P, y, w):\n    a = np.zeros(P.shape[1])\n    a[y] += 1\n    return a"
    assert "twice" in str(lift(code, net, returns=["w"]).claims[0].value)


# ------------------------------------------------------------------ loops over a size


@pytest.mark.parametrize(
    "body",
    [
        "a = X.copy()\nfor i in range(len(X)):\n    a *= 2\nreturn a",
        "a = 0\nfor i in range(len(X)):\n    a = 2 * a + X[i].sum()\nreturn a",
        "a = 0\nb = 0\nfor i in range(len(X)):\n    a += x[i]\n    b += a\nreturn b",
        "for i in range(len(X)):\n    a = X[i] * 2\nreturn a",
        "a = 0\nfor i in range(len(X)):\n    if i > 2:\n        a += x[i]\nreturn a",
        "a = 0\nfor i in range(len(X)):\n    a += x[i]\n    break\nreturn a",
        "a = []\nfor i in range(len(X)):\n    a.append(x[i])\nreturn a[0]",
        "a = np.zeros(len(X))\nfor i in range(len(X)):\n    a[i] = x[i]\n    a[0] = 1\nreturn a",
        "a = np.ones(len(X))\nfor i in range(len(X)):\n    a[i] = x[i]\nreturn a",
        "a = np.zeros(len(X))\nfor i in range(len(X)):\n    a[i] = x[i]\n    a[i] = 2 * x[i]\nreturn a",
        "a = np.zeros(len(X))\nfor i in range(len(X)):\n    a[0] = x[i]\nreturn a",
    ],
)
def test_a_loop_over_a_size_whose_passes_need_each_other_is_refused(body: str) -> None:
    assert isinstance(value(body), SymbackpropError)


def test_a_loop_over_a_size_that_adds_up_is_a_sum() -> None:
    loop = "a = np.zeros_like(w)\nfor i in range(len(X)):\n    a += X[i] * x[i]\nreturn a"
    assert value(loop) is value("return X.T @ x")
    assert value(loop.replace("+=", "-=")) is value("return -X.T @ x")
    assert value(loop.replace("X[i] * x[i]", "w")) is value("return w * X.shape[0]")


# ------------------------------------------------------------------ names


def test_a_name_that_was_never_assigned_is_read_as_its_look_alike_and_said_so() -> None:
    lifted = lift("pw1 = X.T @ (X @ w)\nr = [pW1]\ndw = pW1 * 1", NET)
    assert judged(lifted, NET) == right("w")
    assert [(t.name, t.assigned, t.span.line) for t in lifted.transcriptions] == [("pW1", "pw1", 2)]
    shown = lift("def f(X, w):\n    Dw = X.T @ (X @ w)\n    return dw", NET, function="f").claims[0]
    assert shown.transcription is not None
    assert shown.transcription.assigned == "Dw"
    assert shown.span.line == 2


def test_numbers_of_an_example_do_not_take_a_symbols_place() -> None:
    lifted = lift("X = np.array([[1.0, 2.0]])\nw = [0.5, 1]\nn = 1\ndw = X.T @ (X @ w) * (n / n)", NET)
    assert judged(lifted, NET) == right("w")
    assert any("an example's" in note for note in lifted.notes)
    inside = lift("def f(X, w):\n    w = np.array([0.5])\n    return w * 1", NET, returns=["w"])
    assert judged(inside, NET) == {"w": False}


def test_a_forward_value_is_computed_and_not_taken_from_its_name() -> None:
    net = model("x: input(n)\nw: parameter(n)\nz = w * x\na = tanh(z)\nJ: loss = sum(a**2) / 2")
    good = "def f(x, w):\n    z = w * x\n    a = np.tanh(z)\n    return a * (1 - a**2) * x"
    assert judged(lift(good, net), net) == right("w")
    bad = good.replace("np.tanh(z)", "np.tanh(2 * z)")
    lifted = lift(bad, net)
    assert judged(lifted, net) == {"w": False}
    assert [(c.node, c.span.line) for c in lifted.forward] == [("a", 3)]


def test_a_node_that_is_an_argument_is_that_node() -> None:
    net = model("x: input(n)\nw: parameter(n)\nz = w * x\na = tanh(z)\nJ: loss = sum(a**2) / 2")
    assert judged(lift("def f(x, a):\n    return a * (1 - a**2) * x", net), net) == right("w")


def test_one_argument_that_is_left_over_is_the_one_input_that_is_left_over() -> None:
    net = model("X: input(n, d)\nw: parameter(d)\nJ: loss = (X @ w) @ (X @ w) / 2")
    lifted = lift("def f(inputs, w):\n    return inputs.T @ (inputs @ w)", net)
    assert judged(lifted, net) == right("w")
    assert any("`inputs` is the network's X" in text for text in lifted.renamings)


def test_a_letter_in_front_of_a_symbol_is_a_gradient_only_where_parameters_have_it_too() -> None:
    net = model("x: input(n)\nt: target(n)\nw: parameter(n)\nJ: loss = sum((w * x - t)**2) / 2")
    assert not lift("dt = 0.1 * x\npt = np.exp(x)", net).claims
    assert judged(lift("dx = (w * x - t) * w\ndw = (w * x - t) * x\ndt = 0.1 * x", net), net) == right("x", "w")


def test_sizes_can_be_fixed_for_code_that_is_right_for_one_example_only() -> None:
    net = model("X: input(n, d)\nw: parameter(d, 1)\nJ: loss = sum((X @ w)**2) / 2")
    code = "dw = (X @ w) * X.T"
    assert isinstance(lift(code, net).claims[0].value, ShapeError)
    assert isinstance(lift(code, net, sizes={"n": 1}).claims[0].value, Term)
