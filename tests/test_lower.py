"""Right-hand sides become terms; what is wrong with them is said with its place, its shapes, the rule and a remedy."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from symbackprop.errors import ReadError, ShapeError, SymbackpropError, UnknownName, ValueProblem
from symbackprop.expression import Array, Call, Name, Number
from symbackprop.functions import FUNCTIONS
from symbackprop.functions.source import source
from symbackprop.lower import IndexInfo, Names, lower, lower_size
from symbackprop.network import NamedFunction
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.normal import from_size, number, product
from symbackprop.tensor.pullback import pullback
from symbackprop.tensor.size import size
from symbackprop.tensor.specials import special
from symbackprop.tensor.terms import Term, symbol
from tests.functions.writing import written

SHAPES = {
    "x": ("n", "d"), "W": ("h", "d"), "W_0": ("d_0", "d_1"), "a_0": ("d_0",), "b": ("h",), "c": (), "Z": ("n", "h"),
    "v": ("d",), "u": ("n",), "M": ("n", "n"), "K": ("o", "q", "k"), "signal": ("p", "l"), "S": ("n", 1),
}  # fmt: skip
ROLES = {name: "parameter" if name in ("W", "W_0", "b", "K") else "input" for name in SHAPES}
SCOPE = Names(
    terms={name: symbol(name, shape) for name, shape in SHAPES.items()},
    indices={"y": IndexInfo("y", (), size("h")), "idx": IndexInfo("idx", (size("n"),), size("V"))},
    sizes={"n", "d", "h", "k", "d_0", "d_1", "H"},
    functions={
        "phi": NamedFunction("phi", "tanh"),
        "swish": NamedFunction("swish", None, ("u",), written("u * sigmoid(u)")),
        "twice": NamedFunction("twice", None, ("u",), written("swish(u) + swish(c * u)")),
        "endless": NamedFunction("endless", None, ("u",), written("endless(u)")),
        "tanh_": NamedFunction("tanh_", "phi"),
    },
    roles=ROLES,
)


def term(text: str) -> Term:
    return lower(written(text), SCOPE, "z").term


# What is wrong, the kind of error, and the sentence that a reader of networks puts behind the line number.
MESSAGES = [
    (kind, text, sentence)
    for block in (Path(__file__).parent / "data" / "lower_messages.txt").read_text(encoding="utf-8").split("\n\n")
    for kind, text, sentence in [re.fullmatch(r"(\w+): (.*)\n(.*)\n?", block).groups()]  # type: ignore[union-attr]
]
# These take any shape.
TOTAL = {
    "negative", "array", "norm2", "stop_gradient", "arange", "add", "subtract", "multiply", "E",
    *(name for name, row in FUNCTIONS.items() if row.family == "elementwise"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "sentence"), MESSAGES, ids=[text for _, text, _ in MESSAGES])
def test_an_error_says_the_part_the_shapes_the_rule_and_the_remedy(kind: str, text: str, sentence: str) -> None:
    with pytest.raises(SymbackpropError) as caught:
        term(text)
    assert (type(caught.value).__name__, str(caught.value)) == (kind, sentence)
    assert caught.value.span is not None


def test_every_function_that_can_misfit_is_shown_to() -> None:
    from tests.functions.test_every_function import called

    shown = {name for _, text, _ in MESSAGES for name in called(written(text))}
    assert not sorted(set(FUNCTIONS) - shown - TOTAL)


def test_the_place_is_that_of_the_smallest_part_that_is_wrong() -> None:
    with pytest.raises(ShapeError) as caught:
        term("c * tanh(x + (Z @ W.T))")
    span = caught.value.span
    assert span is not None
    assert (span.line, span.column, span.end_column) == (1, 15, 22)


def test_dividing_by_nothing_is_an_error() -> None:
    with pytest.raises(ValueProblem, match="division by an expression that is zero"):
        term("x / (c - c)")


def test_names_stand_for_symbols_sizes_and_pi() -> None:
    assert term("x") is SCOPE.terms["x"]
    assert term("n") is from_size(size("n"))
    assert term("n // 2 + d - 1") is from_size(size("n") // 2 + size("d") - 1)
    assert lower_size(written("4 * H - d // 2 + n**2"), SCOPE) is size("H") * 4 - size("d") // 2 + size("n") * size("n")
    assert term("x.shape[0]") is from_size(size("n"))
    assert evaluate(term("pi"), {}, {}) == np.pi


def test_a_member_of_a_family_of_names_is_found_where_no_array_has_the_name() -> None:
    scope = Names({"V_0": symbol("V_0", ("n",)), "V_1_2": symbol("V_1_2"), "T": symbol("T", (3,))})
    assert lower(written("V[0]"), scope, "z").term is scope.terms["V_0"]
    assert lower(written("V[1, 2]"), scope, "z").term is scope.terms["V_1_2"]
    assert lower(written("T[0]"), scope, "z").term is not None
    with pytest.raises(UnknownName):
        lower(written("V[3]"), scope, "z")


def test_an_authors_own_function_is_what_it_stands_for() -> None:
    assert term("phi(x)") is term("tanh(x)")
    assert term("tanh_(x)") is term("tanh(x)")
    assert term("swish(x @ v)") is term("(x @ v) * sigmoid(x @ v)")
    assert term("twice(x)") is term("x * sigmoid(x) + c * x * sigmoid(c * x)")


def test_a_chain_of_a_thousand_operators_is_no_problem() -> None:
    expr = written("c")
    for k in range(2000):
        expr = Call(("add", "multiply")[k % 2], (expr, Number(Fraction(1))))
    assert lower(expr, SCOPE, "z").term is term("c + 1000")


def test_what_is_nested_too_deeply_is_refused() -> None:
    expr = written("c")
    for _ in range(5000):
        expr = Call("negative", (expr,))
    with pytest.raises(ReadError, match="nested too deeply"):
        lower(expr, SCOPE, "z")
    assert source(expr) == "..."


def test_layer_norm_opens_into_named_nodes() -> None:
    lowered = lower(written("layer_norm(x, v, c)"), SCOPE, "y")
    mean, deviation, standard = lowered.auxiliary
    assert [e.name for e in lowered.auxiliary] == ["mu_y", "sigma_y", "xhat_y"]
    assert all(e.auxiliary for e in lowered.auxiliary)
    eps = number(Fraction(1, 100_000))
    assert mean.term is term("mean(x, axis=1)")
    assert deviation.term is special("deviation", SCOPE.terms["x"], 1, eps)
    assert standard.term is special("standardize", SCOPE.terms["x"], 1, eps)
    assert lowered.term is product(1, [(standard.symbol, (0, 1), 1), (symbol("v", ("d",)), (1,), 1)], (0, 1)) + term(
        "c * ones((n, d))"
    )
    assert source(lowered.expr) == "v * xhat_y + c"
    assert [source(e.expr) for e in lowered.auxiliary if e.expr] == [
        "mean(x, axis=-1)", "sqrt(var(x, axis=-1) + 1e-05)", "(x - mu_y) / sigma_y",
    ]  # fmt: skip


def test_opened_nodes_get_names_that_are_free() -> None:
    scope = Names({**SCOPE.terms, "xhat_y": symbol("xhat_y")}, sizes=SCOPE.sizes)
    lowered = lower(written("layer_norm(x) + batch_norm(x, eps=c)"), scope, "y")
    assert [e.name for e in lowered.auxiliary] == ["mu_y", "sigma_y", "xhat_y_2", "mu_y_2", "sigma_y_2", "xhat_y_3"]
    assert source(lowered.expr) == "xhat_y_2 + xhat_y_3"


def test_the_gradient_through_a_normalisation_is_in_terms_of_its_nodes() -> None:
    x, g = symbol("x", ("n", "d")), symbol("g", ("n", "d"))
    eps = number(Fraction(1, 100_000))
    gradient = pullback(special("standardize", x, 1, eps), g)[x]
    sigma = special("deviation", x, 1, eps)
    assert any(child is sigma for child in gradient.children)


def test_the_nodes_of_a_normalisation_have_their_values_by_entries() -> None:
    arrays = {"x": np.random.default_rng(0).normal(size=(3, 4))}
    nodes = lower(written("layer_norm(x)"), SCOPE, "y").auxiliary
    mean, deviation, _ = (evaluate(e.term, arrays, {"n": 3, "d": 4}) for e in nodes)
    assert np.allclose(mean, arrays["x"].mean(1), rtol=0, atol=1e-14)
    assert np.allclose(deviation, np.sqrt(arrays["x"].var(1) + 1e-5), rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    "text",
    [
        "a + b * c", "(a + b) * c", "a - (b - c)", "a - b - c", "a / (b * c)", "a / b * c", "a**b**c", "(a**b)**c",
        "-a**b",
        "(-a)**b", "a @ b.T", "(a @ b).T", "-(a + b)", "-a * b", "a * -b", "a[0]", "a[:, None]", "a[1:n, ::2, ...]",
        "(a + b)[0]", "a.shape[0]", "f(a, [b, c], axis=-1)", "a > b", "(a > b) * c", "a // 2", "[a, [b]]", "0.01 * a",
        "sum(a, axis=(0, 1), keepdims=True)", "2**a",
    ],
)  # fmt: skip
def test_source_is_what_was_written(text: str) -> None:
    assert source(written(text)).replace("[0, 1]", "(0, 1)") == text


def test_a_long_source_is_shortened_in_the_middle() -> None:
    text = source(written(" + ".join(f"a_{k}" for k in range(100))))
    assert len(text) <= 80
    assert text.startswith("a_0 + a_1")
    assert text.endswith("a_99")
    assert " ... " in text


def test_what_sympy_builds_has_no_place_and_errors_still_say_the_part() -> None:
    with pytest.raises(ShapeError) as caught:
        lower(Call("matmul", (Name("x"), Array((Name("c"),)))), SCOPE, "z")
    assert caught.value.span is None
    assert str(caught.value).startswith("`x @ [c]`: x is (n, d), `[c]` is (1); the inner sizes d and 1 must agree.")
