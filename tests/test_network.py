"""The class Network: declaring in Python, asking for the model, equality, errors at once."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import sympy as sp

import symbackprop as sb
from symbackprop.errors import (
    DuplicateName,
    LossError,
    ManyErrors,
    ReadError,
    ShapeError,
    SymbackpropError,
    UnknownName,
)
from symbackprop.network import Facts, NamedDerivative
from symbackprop.notation.spelling import Spelling
from symbackprop.tensor.size import size

d, h, k, n = sb.dims("d h k n")


def test_dims_are_positive_integer_symbols() -> None:
    assert sb.dims("d") == sp.Symbol("d", integer=True, positive=True)
    assert sb.dims("d, h") == (d, h)
    with pytest.raises(ReadError, match="`2d` is no size"):
        sb.dims("2d")


def test_declared_symbols_are_sympys() -> None:
    net = sb.Network("all")
    assert net.input("x", d).shape == (d, 1)
    assert net.parameter("W", (h, d)).shape == (h, d)
    assert net.parameter("w") == sp.Symbol("w", real=True)
    assert isinstance(net.input("T", (2, h, d)), sb.TensorExpr)
    assert net.index("y", of=k).is_integer
    assert net.index("ys", n, of=k, repeat=True).shape == (n, 1)
    shapes = {name: dec.sizes for name, dec in net._draft.declarations.items()}
    assert shapes["T"] == (size(2), size("h"), size("d"))
    assert net["W"] == sp.MatrixSymbol("W", h, d)
    assert net["x"] == net["x"]


def test_sizes_may_be_names_numbers_and_expressions() -> None:
    net = sb.Network()
    net.input("a", "d")
    net.input("b", (3, 4 * d + 1, d // 2))
    assert net._draft.declarations["b"].sizes == (size(3), 4 * size("d") + 1, size("d") // 2)


def test_facts_and_spellings_are_keywords() -> None:
    net = sb.Network()
    net.target("t", k, onehot=True, latex=r"\hat{t}", entries="t_{i}")
    net.parameter("S", (k, k), positive_definite=True, latex=["S", r"\Sigma"])
    net.target("y", values=(0, 1))
    declared = net._draft.declarations
    assert declared["t"].facts == Facts(onehot=True)
    assert declared["t"].spelling == Spelling((r"\hat{t}",), entries="t_{i}")
    assert declared["S"].spelling == Spelling(("S", r"\Sigma"))
    assert declared["y"].facts == Facts(values=(Fraction(0), Fraction(1)))


def perceptron() -> sb.Network:
    net = sb.Network("two-layer perceptron")
    x, y = net.input("x", d), net.target("y", k)
    W1, b1 = net.parameter("W_1", (h, d)), net.parameter("b_1", h)
    W2, b2 = net.parameter("W_2", (k, h)), net.parameter("b_2", k)
    z1 = net.define("z_1", W1 * x + b1)
    a1 = net.define("a_1", sb.relu(z1))
    z2 = net.define("z_2", W2 * a1 + b2)
    net.loss("J", sb.norm2(z2 - y) ** 2 / 2)
    return net


PERCEPTRON = """
x:   input(d)
y:   target(k)
W_1: parameter(h, d)
b_1: parameter(h)
W_2: parameter(k, h)
b_2: parameter(k)

z_1 = W_1 @ x + b_1
a_1 = relu(z_1)
z_2 = W_2 @ a_1 + b_2
J: loss = norm2(z_2 - y)**2 / 2
"""


def test_python_and_a_file_give_equal_networks() -> None:
    assert perceptron() == sb.Network.parse(PERCEPTRON)
    assert perceptron() != sb.Network.parse(PERCEPTRON.replace("relu", "tanh"))
    assert perceptron() != "a network"


def test_a_network_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "ein Netz é.net"
    path.write_bytes(b"\xef\xbb\xbf" + PERCEPTRON.replace("\n", "\r\n").encode())
    net = sb.Network.read(path)
    assert net == perceptron()
    assert sb.Network.read(str(path)).model.name == "ein Netz é"
    with pytest.raises(ReadError, match="There is no file"):
        sb.Network.read(tmp_path / "missing.net")
    with pytest.raises(ReadError, match="is not an ordinary file"):
        sb.Network.read(tmp_path)


def test_the_model_is_made_once_and_again_after_a_change() -> None:
    net = perceptron()
    first = net.model
    assert net.model is first
    net.define("r", net["z_2"] - net["y"])
    assert net.model is not first
    assert "r" in net.model.equations
    assert "r" not in first.equations


def test_a_model_makes_a_network_that_can_be_added_to() -> None:
    model = perceptron().model
    net = sb.Network.from_model(model)
    assert net.model is model
    assert net == perceptron()
    net.define("r", net["z_2"] - net["y"])
    assert net != perceptron()
    assert {**net.model.equations, "r": None} == {**model.equations, "r": None}
    assert net.model.equations["J"].term is model.equations["J"].term
    assert "r" not in model.equations


def test_a_read_network_can_be_added_to() -> None:
    net = sb.Network.parse(PERCEPTRON)
    out = net.define("out", sb.softmax(net["z_2"]), latex=r"\hat{y}")
    assert out.shape == (k, 1)
    assert net.model.equations["out"].spelling == Spelling((r"\hat{y}",))


def test_the_two_loss_lines_of_a_network_are_one() -> None:
    net = perceptron()
    with pytest.raises(LossError) as caught:
        net.loss("K", sb.sum(net["x"]))
    assert str(caught.value) == (
        "K: a second loss; the first is `J`. Exactly one node is the loss: write `K = ...`, or add the two up."
    )


def test_what_only_the_whole_network_shows_is_raised_with_the_model() -> None:
    net = sb.Network()
    w = net.parameter("w", d)
    net.parameter("W1")
    net.parameter("W_1")
    net.define("z", 2 * w)
    with pytest.raises(ManyErrors) as caught:
        _ = net.model
    assert [type(e) for e in caught.value.errors] == [DuplicateName, LossError]
    assert "W_1: printed like `W1`" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("a b", "is no name"),
        ("x'", "is no name"),
        ("%x", "is no name"),
        (r"\input{x}", "is no name"),
        ("x__1", "is no name"),
        ("x_", "is no name"),
        ("", "is no name"),
        ("δ", "is no name"),
        ("__import__('os')", "is no name"),
        ("a" * 65, "has 65 characters"),
        (3, "is a string"),
    ],
)
def test_what_is_no_name_is_refused(name: str, rule: str) -> None:
    with pytest.raises(ReadError, match=rule):
        sb.Network().parameter(name)
    net = sb.Network()
    w = net.parameter("w")
    with pytest.raises(ReadError, match=rule):
        net.define(name, w**2)


@pytest.mark.parametrize("name", ["lambda", "class", "if", "None", "for", "E", "I", "S", "N", "beta", "sum", "np"])
def test_reserved_words_are_mathematical_names(name: str) -> None:
    net = sb.Network()
    w = net.parameter(name)
    net.loss("J", w**2)
    assert net.model.names("parameter") == (name,)


def refused(call: str) -> SymbackpropError:
    """The error of one line about a network with x (d), y (k), W (h, d), s."""
    net = sb.Network()
    x, y, W = net.input("x", d), net.target("y", k), net.parameter("W", (h, d))
    s = net.parameter("s")
    calls = {
        "taken": lambda: net.input("x", d),
        "size 0": lambda: net.input("u", 0),
        "size -1": lambda: net.input("u", -1),
        "size 1/2": lambda: net.input("u", sp.Rational(1, 2)),
        "size 1.5": lambda: net.input("u", 1.5),
        "size d/2": lambda: net.input("u", d / 2),
        "fact": lambda: net.input("u", d, onehots=True),
        "fact value": lambda: net.input("u", d, onehot=1),
        "fact shape": lambda: net.input("u", (d, k), symmetric=True),
        "latex": lambda: net.input("u", d, latex=r"\input{x}"),
        "latex type": lambda: net.input("u", d, latex=3),
        "node latex": lambda: net.define("u", 2 * x, latex=r"\write18{x}"),
        "node fact": lambda: net.define("u", 2 * x, positive=True),
        "inner": lambda: net.define("u", W * sb.relu(W * x)),
        "sum": lambda: net.define("u", sb.exp(x) + W * x),
        "unknown": lambda: net.define("u", sp.Symbol("v") * s),
        "function": lambda: net.function("f", "tahn"),
        "function arguments": lambda: net.function("f", lambda *a: a),
        "derivative": lambda: net.gradient("g", 3),
        "notation": lambda: net.notation(layer="[l]"),
        "symbol": lambda: net["z"],
        "explicit": lambda: net.define("u", y + sp.MatrixSymbol("y", k, 2)[:, 0]),
    }
    with pytest.raises(SymbackpropError) as caught:
        calls[call]()
    return caught.value


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        ("taken", DuplicateName, "x: this name is taken."),
        ("size 0", ShapeError, "u: the size 0 is less than 1."),
        ("size -1", ShapeError, "u: the size -1 is less than 1."),
        ("size 1/2", ShapeError, "1/2 is no size."),
        ("size 1.5", ShapeError, "1.5 is no size."),
        ("size d/2", ShapeError, "d/2 is no size."),
        ("fact", ReadError, "u: `onehots=` says nothing about a network. Did you mean `onehot`?"),
        ("fact value", ReadError, "u: `onehot=` is True or False."),
        ("fact shape", ShapeError, "u: `symmetric` is for square matrices, and u is (d, k)."),
        ("latex", ReadError, r"u: Cannot read the spelling `\input{x}`"),
        ("latex type", ReadError, "u: a spelling is LaTeX in a string."),
        ("node latex", ReadError, r"u: Cannot read the spelling `\write18{x}`"),
        ("node fact", ReadError, "u: `positive=` says nothing about a network."),
        ("inner", ShapeError, "u: `W*relu(W*x)`: the inner sizes d and h must agree."),
        ("sum", ShapeError, "u: `exp(x) + W*x`: the sizes h and d must agree."),
        ("unknown", UnknownName, "u: `v` is neither declared nor defined"),
        ("function", UnknownName, "f: there is no function `tahn`. Did you mean `tan`, `tanh` or `atan`?"),
        ("function arguments", ReadError, "A function of your own has plain arguments."),
        ("derivative", ReadError, "`3` is not the name of a symbol or a node."),
        ("notation", ReadError, "notation: `layer=` says nothing about notation. Did you mean `layers`?"),
        ("symbol", UnknownName, "`z` is neither declared nor defined."),
        ("explicit", ShapeError, "u: `y`: as a matrix it is (k, 2), but it is declared as (k)."),
    ],
)
def test_an_error_comes_at_once_and_says_where(call: str, kind: type, message: str) -> None:
    error = refused(call)
    assert type(error) is kind
    assert str(error).startswith(message)


def test_a_failed_line_leaves_the_network_as_it_was() -> None:
    net = perceptron()
    for bad in (lambda: net.define("u", sp.oo * net["x"][0, 0]), lambda: net.input("v", 0)):
        with pytest.raises(SymbackpropError):
            bad()
    assert net == perceptron()


def test_derivatives_functions_and_notation_are_named_as_in_a_file() -> None:
    net = sb.Network()
    x, w, t = net.input("x", d), net.parameter("w", d), net.input("t")
    f = net.function("f", "tanh", latex=r"\phi")
    g = net.function("g", lambda u: u * sb.sigmoid(t * u))
    z = net.define("z", sp.HadamardProduct(w, f(x)))
    p = net.define("p", g(t))
    net.define("q", g(x))
    L = net.define("L", sb.sum(z))
    net.loss("J", L + p)
    net.gradient("dz", z, of=L, latex=r"\delta")
    net.gradient("dw", "w")
    net.hessian("H", w, diagonal=True)
    net.jacobian("R", z, x)
    net.derivative("v", p, t)
    net.notation(layers="[l]", index_base=0)
    text = """
x: input(d)
w: parameter(d)
t: input()
f: function(tanh, latex=r"\\phi")
g: function(lambda u: u * sigmoid(t * u))
z = w * f(x)
p = g(t)
q = g(x)
L = sum(z)
J: loss = L + p
dz: gradient(z, of=L, latex=r"\\delta")
dw: gradient(w)
H: hessian(w, diagonal=True)
R: jacobian(z, x)
v: derivative(p, t)
notation(layers="[l]", index_base=0)
"""
    assert net.model.derivatives["dz"] == NamedDerivative(
        "dz", "gradient", ("z",), "L", spelling=Spelling((r"\delta",))
    )
    assert net == sb.Network.parse(text)


def test_random_symbols_are_declared_with_their_law() -> None:
    net = sb.Network()
    mu, sigma = net.constant("mu", d), net.constant("sigma")
    x = net.random("x", d, mu, sigma**2)
    net.loss("J", sb.sum(x))
    text = "mu: constant(d)\nsigma: constant()\nx: random(d, normal(mu, sigma**2))\nJ: loss = sum(x)"
    assert net == sb.Network.parse(text)


def test_a_network_tells_what_it_is() -> None:
    assert repr(perceptron()) == "Network('two-layer perceptron': 6 symbols, 4 nodes, loss J)"
    assert repr(sb.Network()) == "Network('': 0 symbols, 0 nodes)"
    with pytest.raises(TypeError, match="unhashable"):
        hash(perceptron())


def test_unused_parameters_are_warned_of() -> None:
    net = perceptron()
    net.parameter("c", d)
    assert [w.message for w in net.model.warnings] == [
        "c: the loss `J` does not depend on this parameter; its gradient is zero."
    ]
