"""What a network file says: declarations, equations, loops, notation, and code pasted from NumPy."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from symbackprop.errors import SymbackpropError
from symbackprop.expression import Call, Name
from symbackprop.functions.source import source
from symbackprop.network import Facts, Model, NamedDerivative
from symbackprop.notation.spelling import Spelling, Style
from symbackprop.reading.netfile import parse, read, read_notation
from symbackprop.tensor.size import size
from symbackprop.tensor.terms import Term


def model(text: str) -> Model:
    return parse(text)


def term(formula: str, declared: str = "x: input(d)\nA: input(n, d)\nw: input()\n") -> Term:
    """What a formula means, as the term of a node z."""
    return parse(f"{declared}z = {formula}\nJ: loss = w").equations["z"].term


def written(text: str, name: str) -> str:
    expr = parse(text).equations[name].expr
    assert expr is not None
    return source(expr)


# ---------------------------------------------------------------------- all published networks


def test_all_published_networks_are_read(cases_dir: Path) -> None:
    files = sorted([*(cases_dir / "nets").glob("*.net"), *(cases_dir / "networks").glob("*.net")])
    assert len(files) == 64
    for path in files:
        found = read(path)
        assert found.title, path
        assert found.loss in found.equations, path
        assert found.equations[found.loss].term.sizes == (), path
        assert not found.warnings, path
        assert found.name == path.stem


# ---------------------------------------------------------------------- declarations


def test_sizes_are_names_numbers_and_expressions() -> None:
    found = model("a: input()\nb: input(())\nc: input(d)\ne: input(2, 4*H, T - M + 1, n // 2, k**2)\nJ: loss = a")
    shapes = {name: tuple(map(str, d.sizes)) for name, d in found.declarations.items()}
    assert shapes == {"a": (), "b": (), "c": ("d",), "e": ("2", "4*H", "T + 1 - M", "n//2", "k**2")}
    assert found.size_names() == ("d", "H", "M", "T", "n", "k")


def test_a_huge_size_is_a_size() -> None:
    assert model("x: input(1000000000)\nJ: loss = sum(x)").declarations["x"].sizes == (size(10**9),)


def test_facts_are_keywords() -> None:
    found = model(
        "t: target(n, c, onehot=True)\np: input(c, simplex=True, positive=True)\n"
        "S: parameter(n, n, symmetric=True, positive_definite=True, invertible=True)\n"
        "y: target(values=(0, 1, -0.5))\nk: index(n, of=c, repeat=True)\nJ: loss = y"
    )
    facts = {name: d.facts for name, d in found.declarations.items()}
    assert facts["t"] == Facts(onehot=True)
    assert facts["p"] == Facts(simplex=True, positive=True)
    assert facts["S"] == Facts(symmetric=True, positive_definite=True, invertible=True)
    assert facts["y"] == Facts(values=(Fraction(0), Fraction(1), Fraction(-1, 2)))
    assert facts["k"] == Facts(of=size("c"), repeat=True)


def test_declarations_and_equations_come_in_any_order() -> None:
    forward = "x: input(d)\nW: parameter(h, d)\nz = W @ x\na = tanh(z)\nJ: loss = sum(a)"
    backward = "J: loss = sum(a)\na = tanh(z)\nz = W @ x\nW: parameter(h, d)\nx: input(d)"
    assert model(forward) == model(backward)
    assert list(model(backward).equations) == ["z", "a", "J"]


def test_a_range_declares_each_name_of_a_family() -> None:
    found = model("w[1, ..., 12]: parameter()\nv[0, 1, ..., 3]: parameter(d)\nJ: loss = w[1] * w_12")
    assert list(found.declarations) == [f"w_{k}" for k in range(1, 13)] + [f"v_{k}" for k in range(4)]


def test_random_symbols_have_a_law() -> None:
    found = model(
        "mu: constant(d)\nsigma: constant()\nx: random(d, normal(mu, sigma**2))\neps: random((), normal(0, 1))\n"
        "J: loss = sum(x) + eps"
    )
    law = found.declarations["x"].facts.law
    assert law is not None
    assert law == (found.declarations["mu"].term, found.declarations["sigma"].term ** 2)
    assert found.declarations["eps"].facts.law is not None


@pytest.mark.parametrize("name", ["E", "I", "S", "N", "Q", "O", "beta", "gamma", "zeta", "pi"])
def test_names_that_mean_something_elsewhere_are_plain_symbols(name: str) -> None:
    found = model(f"{name}: parameter()\nJ: loss = {name}**2")
    assert found.equations["J"].term is found.declarations[name].term ** 2


@pytest.mark.parametrize("name", ["exp", "np", "xp", "sum", "input", "id", "match", "type", "print", "numpy"])
def test_names_of_functions_and_of_python_are_symbols_where_nothing_is_called(name: str) -> None:
    found = model(f"{name}: parameter()\nJ: loss = exp({name}) * {name}")
    assert found.declarations[name].role == "parameter"
    assert written(f"{name}: parameter()\nJ: loss = exp({name}) * {name}", "J") == f"exp({name}) * {name}"


# ---------------------------------------------------------------------- spellings


def test_spellings_are_kept() -> None:
    found = model(
        'X: input(n, d, latex=[r"X", r"\\vect{X}"], entries=r"x_{ij}", rows=r"x_i", columns=r"x^{(j)}")\n'
        "u: input(n, row=True)\n"
        'z: node(latex=r"z^{[1]}") = u @ X\n'
        'C: loss(latex=r"\\mathcal{C}") = sum(z)'
    )
    assert found.declarations["X"].spelling == Spelling((r"X", r"\vect{X}"), r"x_{ij}", r"x_i", r"x^{(j)}")
    assert found.declarations["u"].spelling == Spelling(row=True)
    assert found.equations["z"].spelling == Spelling((r"z^{[1]}",))
    assert found.equations["C"].spelling == Spelling((r"\mathcal{C}",))


def test_a_line_of_notation_sets_the_style() -> None:
    found = model(
        'notation(layers="[l]", vectors="bold", matrices="bold")\n'
        'notation(transpose=r"T", hadamard=r"\\odot", gradient="nabla", index_base=0)\nx: input(d)\nJ: loss = sum(x)'
    )
    assert found.style == Style("[l]", "bold", "bold", "T", r"\odot", "nabla", 0)


def test_macros_are_read_from_beside_the_network(tmp_path: Path) -> None:
    (tmp_path / "macros.tex").write_text("\\newcommand{\\vect}{\\mathbf}\n", encoding="utf-8")
    path = tmp_path / "a network.net"
    path.write_text(
        'notation(macros="macros.tex")\nx: input(d, latex=r"\\vect{x}")\nJ: loss = sum(x)', encoding="utf-8"
    )
    assert read(path).style.macros == {r"\vect": r"\mathbf"}


def test_a_file_of_notation_sets_the_style_that_a_network_begins_with() -> None:
    style = read_notation('notation(layers="(l)")\nnotation(index_base=0)')
    assert style == Style(layers="(l)", index_base=0)
    assert parse("notation(index_base=1)\nx: input()\nJ: loss = x", style=style).style == Style(layers="(l)")


def test_a_file_of_notation_holds_nothing_else() -> None:
    assert read_notation("\n") == Style()
    with pytest.raises(SymbackpropError, match=r"x \(line 2\): a file of notation holds lines `notation\(...\)` only"):
        read_notation('notation(layers="(l)")\nx: input()')


# ---------------------------------------------------------------------- derivatives and functions


def test_derivatives_can_be_named() -> None:
    found = model(
        "w: parameter(d)\nx: input(d)\nt: input()\nz = w * x\np = t**2\nL = sum(z)\nJ: loss = L + p\n"
        'dz: gradient(z, of=L, latex=r"\\delta")\nH: hessian(w, diagonal=True)\nK: hessian(w, x)\n'
        "R: jacobian(z, x)\nv: derivative(p, t)\ne: eigenvalues(w)\nc: condition_number(w)"
    )
    assert found.derivatives == {
        "dz": NamedDerivative("dz", "gradient", ("z",), "L", spelling=Spelling((r"\delta",))),
        "H": NamedDerivative("H", "hessian", ("w",), diagonal=True),
        "K": NamedDerivative("K", "hessian", ("w", "x")),
        "R": NamedDerivative("R", "jacobian", ("z", "x")),
        "v": NamedDerivative("v", "derivative", ("p", "t")),
        "e": NamedDerivative("e", "eigenvalues", ("w",)),
        "c": NamedDerivative("c", "condition_number", ("w",)),
    }
    assert set(found.equations) == {"z", "p", "L", "J"}


def test_a_function_may_have_a_name_of_its_own() -> None:
    text = 'x: input(d)\ny = f(x)\nJ: loss = sum(y)\nf: function(tanh, latex=r"\\phi")'
    assert model(text).equations["y"].term is term("tanh(x)")
    assert written(text, "y") == "f(x)"
    assert model(text).functions["f"].target == "tanh"
    assert model(text).equations["y"].expr == Call("tanh", (Name("x"),), shown="f")


def test_a_function_may_be_written_out() -> None:
    text = "x: input(d)\nw: input()\nf: function(lambda u: u * g(u))\ng: function(lambda u: sigmoid(w * u))\n"
    assert model(text + "y = f(2 * x)\nJ: loss = w").equations["y"].term is term("2 * x * sigmoid(w * 2 * x)")


# ---------------------------------------------------------------------- equations


def test_an_equation_that_the_loss_does_not_use_is_a_name() -> None:
    found = model("x: parameter(d)\nn_2 = norm2(x)**2\nJ: loss = sum(x)")
    assert list(found.equations) == ["n_2", "J"]


def test_an_array_with_one_entry_is_a_loss() -> None:
    found = model("x: input(n, 1)\nA: parameter(n, n)\nJ: loss = x.T @ A @ x")
    assert found.equations["J"].term.sizes == ()


def test_a_copy_is_a_node_of_its_own() -> None:
    found = model("h: input(d)\nh_i = h\nJ: loss = sum(h_i * h)")
    assert found.equations["h_i"].term is found.declarations["h"].term
    assert found.equations["h_i"].symbol.name == "h_i"


def test_the_first_axis_is_unpacked() -> None:
    found = model("o_1: input()\no_2: input()\ny_1, y_2 = softmax([o_1, o_2])\nJ: loss = y_1 * y_2")
    declared = "o_1: input()\no_2: input()\nw: input()\n"
    assert found.equations["y_2"].term is term("softmax([o_1, o_2])[1]", declared)
    pair = model("o: input()\na, b = o + 1, o * 2\nJ: loss = a * b")
    assert written("o: input()\na, b = o + 1, o * 2\nJ: loss = a * b", "b") == "o * 2"
    assert list(pair.equations) == ["a", "b", "J"]


def test_a_loop_is_unrolled() -> None:
    loop = (
        "W: parameter(m, m)\nU: parameter(m, d)\nx[1, ..., 4]: input(d)\nh_0: input(m)\n"
        "for t in range(1, 5):\n    z[t] = W @ h[t-1] + U @ x[t]\n    h[t] = tanh(z[t])\nJ: loss = sum(h[4]) / 4"
    )
    flat = (
        "W: parameter(m, m)\nU: parameter(m, d)\n"
        + "".join(f"x_{t}: input(d)\n" for t in range(1, 5))
        + "h_0: input(m)\n"
        + "".join(f"z_{t} = W @ h_{t - 1} + U @ x_{t}\nh_{t} = tanh(z_{t})\n" for t in range(1, 5))
        + "J: loss = sum(h_4) / 4"
    )
    assert model(loop) == model(flat)


def test_loops_declare_nest_and_count() -> None:
    loop = (
        "for l in range(3):\n    W[l]: parameter(d[l+1], d[l])\na_0: input(d_0)\n"
        "for l in range(3):\n    a[l+1] = tanh(W[l] @ a[l]) * l\n"
        "for i in range(2):\n    for j in range(i, 2):\n        s[i, j] = i + 10 * j\nJ: loss = sum(a_3)"
    )
    found = model(loop)
    assert tuple(map(str, found.declarations["W_2"].sizes)) == ("d_3", "d_2")
    assert {name for name in found.equations if name[0] == "s"} == {"s_0_0", "s_0_1", "s_1_1"}
    assert written(loop, "a_3") == "tanh(W_2 @ a_2) * 2"
    assert written(loop, "s_0_1") == "0 + 10 * 1"


def test_a_name_of_a_number_bounds_a_loop() -> None:
    found = model(
        "x: input(d)\nh_0 = x\nT = 3\nfor t in range(1, T + 1):\n    h[t] = tanh(h[t-1])\nJ: loss = sum(h[T]) / T"
    )
    assert "h_3" in found.equations


def test_a_subscript_is_a_name_only_where_no_array_has_it() -> None:
    assert written("W_0: input(d)\nJ: loss = sum(W[0])", "J") == "sum(W_0)"
    assert written("W_0: input(d)\nW: input(3, d)\nJ: loss = sum(W[0]) + sum(W_0)", "J") == "sum(W[0]) + sum(W_0)"
    assert written("W = [1, 2]\nJ: loss = W[0]", "J") == "W[0]"


@pytest.mark.parametrize(
    ("pasted", "plain"),
    [
        ("np.tanh(x)", "tanh(x)"),
        ("numpy.maximum(x, 0)", "relu(x)"),
        ("np.linalg.norm(x)", "norm2(x)"),
        ("np.linalg.inv(A @ A.T)", "inv(A @ A.T)"),
        ("A.dot(x)", "A @ x"),
        ("x.dot(x)", "x @ x"),
        ("A.sum(axis=0)", "sum(A, axis=0)"),
        ("A.mean(0)", "mean(A, axis=0)"),
        ("A.max(axis=1, keepdims=True)", "max(A, axis=1, keepdims=True)"),
        ("x.reshape(1, d)", "x[None, :]"),
        ("x.reshape((1, -1))", "x[np.newaxis]"),
        ("A.T.sum() / A.shape[0]", "sum(A) / n"),
        ("A / np.sqrt(A.shape[1])", "A / sqrt(d)"),
        ("A.transpose()", "A.T"),
        ("np.sum(x**2)", "x @ x"),
        ("np.pi * x", "pi * x"),
        ("np.multiply(x, x)", "x * x"),
        ("np.dot(A, x)", "A @ x"),
        ("np.arctan(x)", "atan(x)"),
        ("np.concatenate((x, x))", "concatenate([x, x])"),
        ("np.array([w, w])", "[w, w]"),
        ("+x", "x"),
        ("1_000 * x", "1e3 * x"),
        ("0.1 * x", "x / 10"),
        ("x * -2", "-2 * x"),
        ("0x10 * x", "16 * x"),
        ("x[..., None]", "x[:, None]"),
        ("(x > 0) * x", "greater(x, 0) * x"),
        ("np.where(x >= 0, x, 0)", "where(greater_equal(x, 0), x, 0)"),
    ],
)
def test_code_can_be_pasted(pasted: str, plain: str) -> None:
    assert term(pasted) is term(plain)


def test_numbers_are_exact() -> None:
    found = model("x: input()\nJ: loss = 0.1 * x + 1e-5 + 123456789012345678901234567890")
    declared = found.declarations["x"].term
    assert found.equations["J"].term is declared * Fraction(1, 10) + (
        Fraction(1, 10**5) + 123456789012345678901234567890
    )


def test_what_was_written_is_kept_for_printing() -> None:
    text = "W: parameter(h, d)\nx: input(d)\nb: parameter(h)\nz = b + W @ x - 0\nJ: loss = sum(z)"
    assert written(text, "z") == "b + W @ x - 0"
    found = model(text).equations["z"]
    assert found.span is not None
    assert found.span.line == 4
    assert found.expr is not None
    assert found.expr.span is not None
    assert found.expr.span.column == 5


def test_a_long_sum_is_read_and_a_longer_one_refused() -> None:
    assert model("x: input()\nJ: loss = " + " + ".join(["x"] * 200)).loss == "J"
    with pytest.raises(SymbackpropError, match="201 operators in a row; at most 200 are read"):
        parse("x: input()\nJ: loss = " + " + ".join(["x"] * 202))


# ---------------------------------------------------------------------- warnings


def test_an_unused_parameter_is_a_warning() -> None:
    found = model("x: input(d)\nW: parameter(d)\nV: parameter(d)\nz = V * x\nJ: loss = sum(W * x)")
    assert [w.message for w in found.warnings] == [
        "V (line 3): the loss `J` does not depend on this parameter; its gradient is zero."
    ]
    assert found.warnings[0].span == found.declarations["V"].span


def test_a_parameter_that_cancels_is_unused() -> None:
    assert len(model("x: input(d)\nW: parameter(d)\nJ: loss = sum(x + W - W)").warnings) == 1


# ---------------------------------------------------------------------- equality and depth


@pytest.mark.parametrize(
    ("change", "by"),
    [
        ("x: input(d)", "x: target(d)"),
        ("x: input(d)", "x: input(d, positive=True)"),
        ("x: input(d)", 'x: input(d, latex="u")'),
        ("x: input(d)", "x: input(k)"),
        ("z = x * 2", "z = x * 3"),
        ("z = x * 2", 'z: node(latex="Z") = x * 2'),
        ("J: loss = sum(z)", "J = sum(z)\nK: loss = J"),
        ("g: gradient(z)", "g: gradient(x)"),
        ("f: function(tanh)", "f: function(exp)"),
        ("notation(index_base=0)", ""),
    ],
)
def test_networks_differ_by_symbols_facts_spellings_and_terms(change: str, by: str) -> None:
    text = (
        '"""A."""\nx: input(d)\nz = x * 2\nJ: loss = sum(z)\ng: gradient(z)\nf: function(tanh)\nnotation(index_base=0)'
    )
    assert change in text
    assert parse(text) != parse(text.replace(change, by))


def test_titles_and_the_order_of_sums_do_not_matter() -> None:
    assert parse('"""A."""\nx: input()\ny: input()\nJ: loss = x + 2 * y') == parse(
        '"""B."""\ny: input()\nx: input()\nJ: loss = y * 2 + x'
    )


def test_a_network_of_ten_thousand_layers_is_read() -> None:
    found = model(
        "w: parameter()\na_0: input()\nfor l in range(10000):\n    a[l+1] = tanh(w * a[l])\nJ: loss = a_10000"
    )
    assert len(found.equations) == 10_001
    backwards = "".join(f"a_{k} = w * a_{k - 1}\n" for k in range(3000, 0, -1))
    assert next(iter(model(f"w: parameter()\na_0: input()\n{backwards}J: loss = a_3000").equations)) == "a_1"
