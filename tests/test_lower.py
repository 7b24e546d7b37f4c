"""Right-hand sides become terms, and what is wrong with them is said with its place, its shapes, the rule and a remedy."""

from __future__ import annotations

from fractions import Fraction

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


# The shape errors of every function that has any; the sentence is what a reader of networks puts behind the line number.
SENTENCES = [
    ("W_0 @ a_0", "`W_0 @ a_0`: W_0 is (d_0, d_1), a_0 is (d_0); the inner sizes d_1 and d_0 must agree. "
     "Either declare `W_0: parameter(d_1, d_0)` or write `W_0.T @ a_0`."),
    ("relu(x @ W)", "`x @ W`: x is (n, d), W is (h, d); the inner sizes d and h must agree. "
     "Either declare `W: parameter(d, h)` or write `x @ W.T`."),
    ("relu(x @ W.T) @ W.T", "`relu(x @ W.T) @ W.T`: `relu(x @ W.T)` is (n, h), `W.T` is (d, h); the inner sizes h and d must "
     "agree. Write `relu(x @ W.T) @ W`."),
    ("x @ x", "`x @ x`: x is (n, d); the inner sizes d and n must agree. Write `x.T @ x`."),
    ("v @ x", "`v @ x`: v is (d), x is (n, d); the inner sizes d and n must agree. "
     "Either declare `x: input(d, n)` or write `v @ x.T`."),
    ("W @ u", "`W @ u`: W is (h, d), u is (n); the inner sizes d and n must agree. Declare `W: parameter(h, n)`."),
    ("M @ W", "`M @ W`: M is (n, n), W is (h, d); the inner sizes n and h must agree. Declare `W: parameter(n, d)`."),
    ("c @ x", "`c @ x`: c is a scalar, x is (n, d); a matrix product needs arrays on both sides. A scalar multiplies with `*`."),
    ("dot(x, u)", "`dot(x, u)`: x is (n, d), u is (n); the inner sizes d and n must agree. "
     "Either declare `x: input(d, n)` or write `dot(x.T, u)`."),
    ("Z + u", "`Z + u`: Z is (n, h), u is (n); compared from the last axis, h and n must agree, or one be 1. Write `Z + u[:, None]`."),
    ("Z - mean(Z, axis=1)", "`Z - mean(Z, axis=1)`: Z is (n, h), `mean(Z, axis=1)` is (n); compared from the last axis, h and n "
     "must agree, or one be 1. Write `Z - mean(Z, axis=1, keepdims=True)`."),
    ("x + b", "`x + b`: x is (n, d), b is (h); compared from the last axis, d and h must agree, or one be 1. "
     "Declare `b: parameter(d)`."),
    ("Z * Z.T", "`Z * Z.T`: Z is (n, h), `Z.T` is (h, n); compared from the last axis, h and n must agree, or one be 1. "
     "Write `Z * Z`."),
    ("x / Z", "`x / Z`: x is (n, d), Z is (n, h); compared from the last axis, d and h must agree, or one be 1."),
    ("x // Z", "`x // Z`: x is (n, d)"), ("x ** Z", "`x**Z`: x is (n, d), Z is (n, h)"),
    ("x > Z", "`x > Z`: x is (n, d)"), ("x >= Z", "`x >= Z`: x"), ("x < Z", "`x < Z`: x"), ("x <= Z", "`x <= Z`: x"),
    ("x == Z", "`x == Z`: x is (n, d)"), ("x != Z", "`x != Z`: x is (n, d)"),
    ("maximum(x, Z)", "`maximum(x, Z)`: x is (n, d)"), ("minimum(x, Z)", "`minimum(x, Z)`: x is (n, d)"),
    ("where(x > 0, x, Z)", "`where(x > 0, x, Z)`: `x > 0` is (n, d), x is (n, d), Z is (n, h); compared from the last axis"),
    ("leaky_relu(x, b)", "`leaky_relu(x, b)`: x is (n, d), b is (h); compared"),
    ("elu(x, b)", "`elu(x, b)`: x is (n, d), b is (h); compared"),
    ("sum(x, axis=2)", "`sum(x, axis=2)`: x is (n, d); there is no axis 2: its axes are 0 and 1."),
    ("mean(v, axis=1)", "`mean(v, axis=1)`: v is (d); there is no axis 1: its only axis is 0."),
    ("var(x, axis=(0, -2))", "`var(x, axis=[0, -2])`: x is (n, d); an axis is named twice in (0, -2)."),
    ("std(c, axis=0)", "`std(c, axis=0)`: c is a scalar; a scalar has no axis 0. Leave the axis out."),
    ("var(c, ddof=1)", "`var(c, ddof=1)`: c is a scalar; there are as many entries as ddof=1. A variance needs more"),
    ("max(c, 0)", "`max(c, 0)`: c is a scalar; a scalar has no axis 0. For the greatest of several arrays write `maximum(a, 0)`"),
    ("min(x, 4)", "`min(x, 4)`: x is (n, d); there is no axis 4"),
    ("logsumexp(x, 4)", "`logsumexp(x, 4)`: x is (n, d); there is no axis 4"),
    ("softmax(c)", "`softmax(c)`: c is a scalar; a scalar has no axis -1. Leave the axis out."),
    ("log_softmax(x, axis=2)", "`log_softmax(x, axis=2)`: x is (n, d); there is no axis 2"),
    ("layer_norm(x, gamma=b)", "`layer_norm(x, gamma=b)`: x is (n, d), b is (h); compared from the last axis, h and d must agree"),
    ("layer_norm(x, eps=v)", "`layer_norm(x, eps=v)`: x is (n, d), v is (d); eps must be a scalar."),
    ("batch_norm(x, u)", "`batch_norm(x, u)`: x is (n, d), u is (n); compared from the last axis, n and d must agree"),
    ("outer(x, W) @ v", "`outer(x, W) @ v`: `outer(x, W)` is (d*n, d*h), v is (d); the inner sizes d*h and d must agree."),
    ("kron(x, v)", "`kron(x, v)`: x is (n, d), v is (d); both must have the same number of axes."),
    ("trace(x)", "`trace(x)`: x is (n, d); the matrix must be square: n and d differ."),
    ("trace(v)", "`trace(v)`: v is (d); this needs a matrix."),
    ("diag(x)", "`diag(x)`: x is (n, d); the matrix must be square: n and d differ."),
    ("diag(c)", "`diag(c)`: c is a scalar; this needs a vector or a matrix."),
    ("inv(x)", "`inv(x)`: x is (n, d); the matrix must be square: n and d differ."),
    ("det(v)", "`det(v)`: v is (d); this needs a matrix."),
    ("logdet(W)", "`logdet(W)`: W is (h, d); the matrix must be square: h and d differ."),
    ("einsum('ij,jk->ik', x, W)", '`einsum("ij,jk->ik", x, W)`: x is (n, d), W is (h, d); the letter "j" stands for the sizes d and h.'),
    ("einsum('ij,j', x)", '`einsum("ij,j", x)`: x is (n, d); "ij,j" describes 2 arrays, but there are 1.'),
    ("einsum('i->i', x)", '`einsum("i->i", x)`: x is (n, d); "i" names 1 axes of an array that is (n, d).'),
    ("einsum('ij->k', x)", '`einsum("ij->k", x)`: x is (n, d); the output "k" must hold letters of the inputs, each once.'),
    ("transpose(x, 0, 0)", "`transpose(x, 0, 0)`: x is (n, d); (0, 0) is no order of the axes 0 and 1."),
    ("flip(x, 2)", "`flip(x, 2)`: x is (n, d); there is no axis 2"),
    ("concatenate([x, Z])", "`concatenate([x, Z])`: x is (n, d), Z is (n, h); all axes but axis 0 must agree, and (n, h) does not fit."),
    ("concatenate([c, c])", "`concatenate([c, c])`: c is a scalar; scalars have no axis to join. Write `array([a, b])`."),
    ("stack([x, v])", "`stack([x, v])`: x is (n, d), v is (d); the items must have one shape; (n, d) and (d) differ."),
    ("[x, v]", "`[x, v]`: x is (n, d), v is (d); the items must have one shape; (n, d) and (d) differ."),
    ("reshape(x, (n, h))", "`reshape(x, [n, h])`: x is (n, d); the numbers of entries, d*n and h*n, must agree."),
    ("reshape(x, (-1, 3))", "`reshape(x, [-1, 3])`: x is (n, d); the d*n entries of (n, d) cannot be divided by 3. Name the size"),
    ("reshape(x, (-1, -1))", "`reshape(x, [-1, -1])`: x is (n, d); only one size can be -1."),
    ("broadcast_to(x, (h, d))", "`broadcast_to(x, [h, d])`: x is (n, d); compared from the last axis, n and h must agree"),
    ("ones((n, -2))", "`ones([n, -2])`: -2 is no size. Sizes are positive."),
    ("zeros(0)", "`zeros(0)`: 0 is no size. Sizes are positive."),
    ("eye(0)", "`eye(0)`: 0 is no size. Sizes are positive."),
    ("ones(c)", "`c` is no size. Sizes are names of sizes"),
    ("arange(n, n)", "`arange(n, n)`: there is nothing from n to n in steps of 1. A size is at least 1."),
    ("onehot(y, d)", "`onehot(y, d)`: the index y is in range(h), but the axis has size d. Declare `y: index(..., of=d)`."),
    ("conv1d(signal, K)", "`conv1d(signal, K)`: signal is (p, l), K is (o, q, k); the channels p and q must agree."),
    ("conv1d(x, W)", "`conv1d(x, W)`: x is (n, d), W is (h, d); shapes must be (L) and (K), or (C, L) and (O, C, K)."),
    ("conv2d(x, v)", "`conv2d(x, v)`: x is (n, d), v is (d); shapes must be (H, W) and (M, N), or (C, H, W) and (O, C, M, N)."),
    ("conv2d(x, W, stride=0)", "`conv2d(x, W, stride=0)`: x is (n, d), W is (h, d); the stride must be a positive integer, not 0."),
    ("conv2d(x, W, padding=-1)", "`conv2d(x, W, padding=-1)`: x is (n, d), W is (h, d); the padding must not be negative, as -1 is."),
    ("conv1d([c], [c, c])", "`conv1d([c], [c, c])`: `[c]` is (1), `[c, c]` is (2); a window of 2 does not fit into 1."),
    ("max_pool(c)", "`max_pool(c)`: c is a scalar; a scalar has no axis to pool over."),
    ("max_pool([c, c], 3)", "`max_pool([c, c], 3)`: `[c, c]` is (2); (2) has fewer than 3 entries along its last axis."),
    ("x[3, 4, 5]", "`x[3, 4, 5]`: x is (n, d); 3 subscripts are too many for (n, d)."),
    ("c[0]", "`c[0]`: c is a scalar; a scalar has no subscripts."),
    ("[c, c][2]", "`[c, c][2]`: `[c, c]` is (2); there is no position 2 on an axis of size 2."),
    ("[c, c][-3]", "`[c, c][-3]`: `[c, c]` is (2); there is no position -3 on an axis of size 2."),
    ("x[y]", "`x[y]`: x is (n, d); the index y is in range(h), but the axis has size n. Declare `y: index(..., of=n)`."),
    ("Z[:, y + 1]", "`Z[:, y + 1]`: Z is (n, h); these positions may lie outside an axis of size h."),
    ("Z[arange(d), y]", "`Z[arange(d), y]`: Z is (n, h); these positions may lie outside an axis of size n."),
    ("x[2:1]", "`x[2:1]`: x is (n, d); there is nothing from 2 to 1 in steps of 1. A size is at least 1."),
    ("x[::0]", "`x[::0]`: x is (n, d); the step of a slice must not be 0."),
    ("x[v]", "`v` cannot stand in a subscript. Subscripts are whole numbers, sizes, slices"),
    ("x[q]", "`q` is neither declared nor defined by an equation. Declare it"),
    ("y * c", "`y` is an index, not a number. Use it as a subscript, `p[y]`, or write `onehot(y, c)`."),
]  # fmt: skip
# These take any shape.
TOTAL = {
    "negative", "array", "norm2", "stop_gradient", "arange", "add", "subtract", "multiply",
    *(name for name, row in FUNCTIONS.items() if row.family == "elementwise"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), SENTENCES, ids=[text for text, _ in SENTENCES])
def test_an_error_says_the_part_the_shapes_the_rule_and_the_remedy(text: str, sentence: str) -> None:
    with pytest.raises(SymbackpropError) as caught:
        term(text)
    assert isinstance(caught.value, (ShapeError, UnknownName))
    said = str(caught.value)
    assert said == sentence if sentence.endswith(".") else said.startswith(sentence)
    assert caught.value.span is not None


def test_every_function_that_can_misfit_is_shown_to() -> None:
    from tests.functions.test_every_function import called

    shown = {name for text, _ in SENTENCES for name in called(written(text))}
    assert not sorted(set(FUNCTIONS) - shown - TOTAL)


def test_the_place_is_that_of_the_smallest_part_that_is_wrong() -> None:
    with pytest.raises(ShapeError) as caught:
        term("c * tanh(x + (Z @ W.T))")
    span = caught.value.span
    assert span is not None
    assert (span.line, span.column, span.end_column) == (1, 15, 22)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("relu(q)", "`q` is neither declared nor defined by an equation. Declare it, for example `q: parameter()`, or define "
         "it by an equation."),
        ("w @ v", "`w` is neither declared nor defined by an equation. Did you mean `W`?"),
        ("W0 @ v", "`W0` is neither declared nor defined by an equation. Did you mean `W_0` or `W`?"),
        ("softmax", "`softmax` is neither declared nor defined by an equation. The function needs its arguments: "
         "`softmax(x, axis=-1)`."),
        ("rleu(x)", "`rleu` is not a function that is known here. Did you mean `relu`?"),
        ("frobnicate(x)", "`frobnicate` is not a function that is known here. Name one with `f: function(lambda u: ...)`."),
        ("c(3)", "`c` is a symbol, not a function. Write `c * (...)` for a product."),
    ],
)  # fmt: skip
def test_an_unknown_name_comes_with_those_that_are_near(text: str, sentence: str) -> None:
    with pytest.raises(UnknownName) as caught:
        term(text)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sum(x, keepdim=True)", "`sum(x, keepdim=True)`: there is no option `keepdim`. "
         "The function is `sum(x, axis=None, keepdims=False)`."),
        ("sum()", "`sum()`: `x` is missing. The function is `sum(x, axis=None, keepdims=False)`."),
        ("tanh(x, x)", "`tanh(x, x)`: 2 arguments are too many. The function is `tanh(x)`."),
        ("sum(x, 1, axis=0)", "`sum(x, 1, axis=0)`: `axis` is given twice."),
        ("max(x, Z)", "`max(x, Z)`: `Z` is no axis. For the greater of two arrays write `maximum(a, b)`."),
        ("min(x, Z)", "`min(x, Z)`: `Z` is no axis. For the lesser of two arrays write `minimum(a, b)`."),
        ("max_pool(x, width=c)", "`c` is not known before the arrays are."),
        ("max_pool(x, width='a')", '`max_pool(x, width="a")`: `width` cannot be `a`. It is a whole number.'),
        ("sum(x, axis=0.5)", "`sum(x, axis=0.5)`: `axis` cannot be `1/2`. An axis is a whole number"),
        ("sum(x, keepdims=1)", "`sum(x, keepdims=1)`: `keepdims` cannot be `1`. It is True or False."),
        ("concatenate(x)", "`concatenate(x)`: `arrays` is a list of arrays, `[a, b]`."),
        ("onehot(x, d)", "`onehot(x, d)`: `x` is no index. Declare it with `index(of=...)`."),
        ("gelu(x, approximate='x')", '`gelu(x, approximate="x")`: x is (n, d); approximate is "none" or "tanh", not "x".'),
        ("gelu('x')", '`gelu("x")`: `x` is an array, not `x`.'),
        ("polygamma(-1, x)", "`polygamma(-1, x)`: x is (n, d); the order of a derivative is not negative, as -1 is."),
        ("swish(c, c)", "`swish(c, c)`: swish takes 1 arguments, not 2. It is swish(u)."),
        ("endless(c)", "`endless` is defined by itself."),
        ("x[y, [0, 1]]", "`x[y, [0, 1]]`: a list of positions goes with slices only."),
    ],
)  # fmt: skip
def test_a_call_that_does_not_fit_its_signature_shows_it(text: str, sentence: str) -> None:
    with pytest.raises((ReadError, ShapeError)) as caught:
        term(text)
    assert str(caught.value).startswith(sentence)


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
        "a + b * c", "(a + b) * c", "a - (b - c)", "a - b - c", "a / (b * c)", "a / b * c", "a**b**c", "(a**b)**c", "-a**b",
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
