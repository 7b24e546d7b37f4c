"""From one example to many: the batch is the mean, or the sum, over single examples, whatever the network does."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

import symbackprop as sb
from symbackprop.batch import DATA, batch
from symbackprop.derive import Derivation, derive
from symbackprop.draws import Drawer
from symbackprop.errors import ReadError, ShapeError, SymbackpropError
from symbackprop.network import Model
from symbackprop.reading.netfile import parse
from symbackprop.tensor.evaluate import Array, evaluate

MANY = 4  # examples

CLASSIFIER = """
x: input(d)
t: target(c, onehot=True)
W_1: parameter(h, d)
b_1: parameter(h)
W_2: parameter(c, h)
b_2: parameter(c)
lam: constant(positive=True)
z = W_1 @ x + b_1
a = tanh(z)
o = W_2 @ a + b_2
y = softmax(o)
J: loss = -sum(t * log(y)) + lam / 2 * sum(W_2**2)
"""
NETWORKS = {
    "classifier with a penalty": CLASSIFIER,
    "scalars": """
        x: input()
        y: target()
        w: parameter()
        b: parameter()
        a = tanh(w * x + b)
        J: loss = (a - y)**2
    """,
    "a target that meets a parameter directly": """
        t: target(c, onehot=True)
        b: parameter(c)
        J: loss = sum(t * b) + norm2(b)**2
    """,
    "a class by its index": """
        x: input(d)
        k: index(of=c)
        W: parameter(c, d)
        p = softmax(W @ x)
        J: loss = -log(p[k])
    """,
    "words by their indices": """
        E: parameter(V, d)
        v: parameter(d)
        k: index(m, of=V, repeat=True)
        Z = E[k]
        J: loss = sum(tanh(Z @ v))
    """,
    "normalised": """
        x: input(d)
        y: target(d)
        g: parameter(d)
        b: parameter(d)
        h = layer_norm(x * g, g, b)
        J: loss = norm2(h - y)**2 / 2
    """,
    "attention": """
        X: input(m, d)
        W: parameter(d, d)
        S = X @ W @ X.T / sqrt(d)
        P = softmax(S)
        O = P @ X
        J: loss = sum(O**2) + logsumexp(mean(O, axis=0))
    """,
    "an inverse for each example": """
        X: input(m, m)
        A: parameter(m, m)
        M = X.T @ X + A.T @ A + eye(m)
        J: loss = trace(inv(M)) + logdet(M)
    """,
    "convolved and pooled": """
        x: input(9)
        w: parameter(2)
        z = conv1d(x, w)
        m = max_pool(z, 2)
        J: loss = sum(m**2)
    """,
    "a node without data": """
        x: input(d)
        W: parameter(d, d)
        S = W + W.T
        z = S @ x
        J: loss = x @ z + sum(S)
    """,
}


def lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines())


def model_of(name: str) -> Model:
    return parse(lines(NETWORKS[name]))


def gradients(derivation: Derivation, arrays: Mapping[str, Array], sizes: Mapping[str, int]) -> dict[str, Array]:
    """The loss under its own name, and every gradient of a declared symbol: recursive, tidied and closed agree."""
    values = dict(arrays)
    for name in derivation.graph.order:
        values[name] = evaluate(derivation.model.equations[name].term, values, sizes)
    for name in derivation.order:
        values["@" + name] = evaluate(derivation.recursive_terms[name], values, sizes)
    found = {derivation.model.loss: values[derivation.model.loss]}
    for name in derivation.recursive_terms:
        if name in derivation.model.declarations:
            found[name] = values["@" + name]
            for formula in (derivation.gradient(name), derivation.gradient(name).closed):
                again = evaluate(formula.term, values, sizes)
                np.testing.assert_allclose(again, found[name], rtol=1e-9, atol=1e-10, err_msg=formula.equation_text)
    return found


def examples(model: Model, seed: int) -> tuple[dict[str, int], list[dict[str, Array]]]:
    """Sizes, and the declared arrays of single examples, which differ in their data only."""
    drawer = Drawer(model, derive(model).graph, seed)
    sizes = drawer.sizes()
    assert sizes is not None
    found: list[dict[str, Array]] = []
    while len(found) < MANY:
        draw = drawer.attempt(sizes, -1.3, 1.3)
        if draw is not None:
            arrays = {n: draw.arrays[n] for n in model.declarations}
            first = found[0] if found else arrays
            found.append({n: a if model.declarations[n].role in DATA else first[n] for n, a in arrays.items()})
    return sizes, found


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("rows", [True, False])
@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_a_batch_is_the_mean_or_the_sum_over_single_examples(name: str, rows: bool, reduce: str) -> None:
    model = model_of(name)
    sizes, single = examples(model, 1)
    axis = 0 if rows else -1
    data = {n for n, d in model.declarations.items() if d.role in DATA}
    whole = {n: np.stack([e[n] for e in single], axis) if n in data else single[0][n] for n in model.declarations}
    net = batch(model, "examples", rows=rows, reduce=reduce)
    got = gradients(derive(net), whole, {**sizes, "examples": MANY})
    each = [gradients(derive(model), e, sizes) for e in single]
    share = 1 / MANY if reduce == "mean" else 1.0
    for what, value in got.items():
        parts = [share * e[what] for e in each]
        wanted = np.stack(parts, axis) if what in data else sum(parts)
        np.testing.assert_allclose(value, wanted, rtol=1e-9, atol=1e-10, err_msg=what)


def test_the_batch_of_rows_is_the_network_that_people_write() -> None:
    written = sb.Network.parse(
        lines("""
            x: input(n, d)
            t: target(n, c, onehot=True)
            W_1: parameter(h, d)
            b_1: parameter(h)
            W_2: parameter(c, h)
            b_2: parameter(c)
            lam: constant(positive=True)
            z = x @ W_1.T + b_1
            a = tanh(z)
            o = a @ W_2.T + b_2
            y = softmax(o)
            J: loss = -sum(t * log(y)) / n + lam / 2 * sum(W_2**2)
        """)
    )
    assert batch(parse(CLASSIFIER), "n") == written
    assert batch(parse(CLASSIFIER), "n", reduce="sum") != written
    assert batch(parse(CLASSIFIER), "n", rows=False) != written


def test_the_batch_of_columns_has_the_terms_that_people_write() -> None:
    source = (
        "x: input(d)\ny: target(k)\nW: parameter(k, d)\nb: parameter(k)\nz = W @ x + b\nJ: loss = norm2(z - y)**2\n"
    )
    written = parse(
        "x: input(d, n)\ny: target(k, n)\nW: parameter(k, d)\nb: parameter(k)\n"
        "z = W @ x + b.reshape(k, 1)\nJ: loss = norm2(z - y)**2 / n\n"
    )
    made = batch(parse(source), "n", rows=False).model
    assert {n: e.term for n, e in made.equations.items()} == {n: e.term for n, e in written.equations.items()}


def printed(source: str, **options: object) -> dict[str, str]:
    derivation = derive(batch(parse(source), "n", **options))  # type: ignore[arg-type]
    return {step.node: step.formula.text for step in derivation.steps}


def test_gradients_of_a_batch_are_printed_as_people_write_them() -> None:
    rows, columns = printed(CLASSIFIER), printed(CLASSIFIER, rows=False)
    assert (rows["W_1"], rows["b_1"], rows["a"]) == ("δ_zᵀ x", "δ_zᵀ 1", "δₒ W₂")
    assert (columns["W_1"], columns["b_1"], columns["a"]) == ("δ_z xᵀ", "δ_z 1", "W₂ᵀ δₒ")
    assert derive(batch(parse(CLASSIFIER), "n")).gradient("o").closed.text == "1/n (y − t)"


def test_a_fact_about_the_last_axis_is_not_carried_over_to_the_examples() -> None:
    model = model_of("a target that meets a parameter directly")
    columns = batch(model, "n", rows=False).model.declarations["t"].facts
    assert not columns.onehot
    assert columns.values == (0, 1)
    assert batch(model, "n").model.declarations["t"].facts == model.declarations["t"].facts
    square = batch(parse("X: input(m, m, symmetric=True)\nJ: loss = trace(X)\n"), "n", rows=False).model
    assert not square.declarations["X"].facts.symmetric


def test_parameters_and_constants_keep_their_shape_and_examples_of_an_index_may_coincide() -> None:
    model = model_of("a class by its index")
    made = batch(model, 7).model
    assert {n: len(d.sizes) - len(model.declarations[n].sizes) for n, d in made.declarations.items()} == {
        "x": 1,
        "k": 1,
        "W": 0,
    }
    assert made.declarations["x"].sizes[0].number == 7
    assert made.declarations["k"].facts.repeat
    assert not made.declarations["x"].facts.repeat


def test_a_number_of_each_example_is_a_row_where_examples_are_columns() -> None:
    made = batch(model_of("scalars"), "n", rows=False).model
    assert made.declarations["x"].spelling.row
    assert made.equations["a"].spelling.row
    assert not batch(model_of("scalars"), "n").model.declarations["x"].spelling.row


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"reduce": "max"}, SymbackpropError, "reduce='max' is neither 'mean' nor 'sum'"),
        ({"length": "d"}, SymbackpropError, "cannot be called d: that name is taken"),
        ({"length": "W_1"}, SymbackpropError, "cannot be called W_1: that name is taken"),
        ({"length": 0}, ShapeError, "at least one example, not 0"),
        ({"length": "2n"}, ReadError, "`2n` is no size"),
    ],
)
def test_what_is_no_batch_is_an_error(options: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        batch(parse(CLASSIFIER), **options)  # type: ignore[arg-type]


def test_a_network_without_data_cannot_be_batched() -> None:
    with pytest.raises(SymbackpropError, match="nothing to batch"):
        batch(parse("w: parameter(d)\nJ: loss = sum(w**2)\n"))


def test_the_public_name_takes_networks() -> None:
    net = sb.Network.parse(CLASSIFIER)
    assert sb.batch(net, "n") == batch(net.model, "n")
