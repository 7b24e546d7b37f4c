"""The other sections: symbols, graph, forward pass, conditions, conventions, closed forms, what each level has."""

from __future__ import annotations

import pytest

import symbackprop as sb
from symbackprop.document import Report
from symbackprop.reporting import report

from .conftest import Shipped, line, words


def of(text: str, **options: object) -> Report:
    return report(sb.derive(sb.Network.parse(text)), **options)  # type: ignore[arg-type]


def test_symbols_have_their_shapes_and_facts_in_words() -> None:
    made = of(
        "x: input(n, d)\nT: target(n, c, onehot=True)\nq: constant(c, simplex=True)\ny: target(n, values=(0, 1))\n"
        "i: index(n, of=c, repeat=True)\nj: index(of=c)\nS: parameter(d, d, symmetric=True, positive_definite=True)\n"
        "lam: constant(positive=True)\nW: parameter(d, c)\nr: input(c, row=True)\n"
        "J: loss = sum((x @ S @ W) * T) + lam * sum(q) + sum(y) + sum(onehot(i, c)) + q[j] + sum(r)"
    )
    found = {row.symbol.text: (row.role, row.shape.text, words(row.facts)) for row in made.symbols}
    assert found == {
        "x": ("input", "n × d", ""),
        "T": ("target", "n × c", "each row is one-hot: a single 1, the others 0"),
        "q": ("constant", "c", "its entries: not negative, with sum 1"),
        "y": ("target", "n", "each entry is 0 or 1"),
        "i": ("index", "n", "each entry is one of 1, …, c"),
        "j": ("index", "scalar", "one of 1, …, c; all indices of this range differ"),
        "S": ("parameter", "d × d", "symmetric; positive definite"),
        "λ": ("constant", "scalar", "positive"),
        "W": ("parameter", "d × c", ""),
        "r": ("input", "c", "a row on paper"),
    }
    assert words(made.sizes) == "n, d and c are any positive integers."


def test_the_title_is_the_first_sentence_and_names_become_formulas(shipped: Shipped) -> None:
    made = report(shipped("three_layer_relu"))
    assert made.title == "Three-layer perceptron with ReLU, squared error, one example"
    formulas = [part.latex for part in made.summary if not isinstance(part, str)]
    assert formulas[0] == r"\mathbf{W}_{l}"
    assert words(made.summary).startswith("The sizes that the assignment prints do not fit its own equation: there Wₗ")


def test_the_forward_pass_is_what_the_author_wrote(shipped: Shipped) -> None:
    made = report(shipped("sigmoid_classifier"))
    assert [line(e) for e in made.forward][-3:] == [
        "z^[3] = W^[3] a^[2] + b^[3]",
        "a^[3] = σ(z^[3])",
        "L = −(y log(a^[3]) + (1 − y) log(1 − a^[3]))",
    ]
    assert [e.note.text for e in made.forward if e.note][:2] == ["h₁", "h₁"]


def test_a_node_without_an_author_is_written_from_its_term(shipped: Shipped) -> None:
    batched = sb.batch(shipped("three_layer_relu").model, "n")
    made = report(sb.derive(batched))
    assert line(made.forward[0]) == "z₁ = x W₀ᵀ + 1 b₀ᵀ"


def test_the_graph_holds_every_value_and_an_arrow_for_every_use(shipped: Shipped) -> None:
    from symbackprop.reporting.graphs import computing_graph
    from symbackprop.reporting.maths import Setter

    derivation = shipped("three_layer_relu")
    graph = computing_graph(derivation.model, derivation.graph, Setter(derivation.context))
    assert [v.name for v in graph.vertices] == [
        "x", "y", "W_0", "b_0", "W_1", "b_1", "W_2", "b_2", "z_1", "a_1", "z_2", "a_2", "z_3", "J",
    ]  # fmt: skip
    assert {v.name: v.operation for v in graph.vertices if v.operation} == {
        "z_1": "affine", "a_1": "ReLU", "z_2": "affine", "a_2": "ReLU", "z_3": "affine",
    }  # fmt: skip
    assert set(graph.arrows) == {
        ("x", "z_1"), ("W_0", "z_1"), ("b_0", "z_1"), ("z_1", "a_1"), ("a_1", "z_2"), ("W_1", "z_2"), ("b_1", "z_2"),
        ("z_2", "a_2"), ("a_2", "z_3"), ("W_2", "z_3"), ("b_2", "z_3"), ("z_3", "J"), ("y", "J"),
    }  # fmt: skip


def test_a_parameter_that_nothing_uses_stands_alone_with_gradient_zero() -> None:
    made = of("x: parameter()\nw: parameter()\nJ: loss = x**2")
    rows = {row.name: line(row.gradient) for row in made.gradients}
    assert rows == {"x": "∂J/∂x = 2 x", "w": "∂J/∂w = 0"}
    assert any("w" in words(remark) for remark in made.remarks)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x: parameter(n)\nJ: loss = sum(log(x))", ["x > 0 in every entry."]),
        ("x: parameter(n, positive=True)\nJ: loss = sum(log(x))", []),
        ("x: parameter()\nJ: loss = 1 / x", ["x ≠ 0."]),
        ("x: parameter()\nJ: loss = 1 / (1 + x**2)", []),
        ("x: parameter()\nJ: loss = sqrt(x)", ["x > 0."]),
        (
            "x: parameter()\na = sigmoid(x)\nJ: loss = log(a) + log(1 - a)",
            ["0 < a < 1, as for every value of a sigmoid."],
        ),
        ("X: parameter(n, n)\nJ: loss = logdet(X)", ["X is invertible."]),
        ("X: parameter(n, n, invertible=True)\nJ: loss = logdet(X)", ["X is invertible, as declared."]),
        (
            "x: parameter(n)\nJ: loss = sum(abs(x))",
            ["Where an entry of x is 0, abs has a kink; its derivative there is taken to be 0."],
        ),
        (
            "x: parameter(n)\nJ: loss = sum(where(x > 0, x, x**2))",
            ["Where an entry of x is 0, the formula changes from one case to the other."],
        ),
        (
            "x: parameter(n)\ny: parameter(n)\nJ: loss = sum(maximum(x, y))",
            ["Where both arguments of max are equal, neither gets a gradient."],
        ),
    ],
)
def test_side_conditions_are_those_that_the_network_needs(text: str, expected: list[str]) -> None:
    assert [words(c) for c in of(text).conditions] == expected


def test_conventions_are_the_general_ones_and_those_that_occur(shipped: Shipped) -> None:
    found = [words(c) for c in report(shipped("relu_regression")).conventions]
    assert found == [
        "All numbers are real.",
        "A gradient has the shape of its variable. Vectors are columns unless said otherwise.",
        "u ∘ v is the product entry by entry; fractions, powers and functions of arrays are too.",
        "𝟏 is a vector of ones, as long as it must be.".replace("𝟏", "1"),
        "1[u > 0] is 1 where u > 0 and 0 elsewhere.",
        "ReLU′(0) = 0.",
    ]
    scalar = [words(c) for c in of("x: parameter()\nJ: loss = x**2").conventions]
    assert scalar == ["All numbers are real."]


def test_closed_forms_hold_declared_symbols_and_forward_values_only(shipped: Shipped) -> None:
    made = report(shipped("tanh_neurons"))
    closed = {form.name: line(form.equation) for form in made.closed}
    assert closed["w_13"] == "∂y/∂w₁₃ = x₁ (1 − a₃²) (w₃₅ (1 − a₅²) + w₃₆ (1 − a₆²))"
    assert not any("δ" in equation for equation in closed.values())
    assert list(closed) == list(shipped("tanh_neurons").model.names("parameter"))


def test_full_has_the_closed_form_of_every_step_and_the_code(shipped: Shipped) -> None:
    made = report(shipped("three_layer_relu"), detail="full", source="import numpy\n")
    assert {form.name for form in made.closed} >= {"W_0", "x", "z_1", "a_2", "y"}
    assert made.code is not None
    assert made.code.source == "import numpy\n"
    assert report(shipped("three_layer_relu"), source="import numpy\n").code.source == ""  # type: ignore[union-attr]


def test_brief_is_the_graph_and_the_table(shipped: Shipped) -> None:
    made = report(shipped("three_layer_relu"), detail="brief", source="import numpy\n")
    assert made.graph is not None
    assert len(made.gradients) == 6
    assert len(made.conventions) == 1
    assert not any((made.symbols, made.forward, made.backward, made.closed, made.conditions, made.code))


def test_brief_sets_the_gradients_of_scalars_side_by_side(shipped: Shipped) -> None:
    made = report(shipped("softmax_2_3_2"), detail="brief")
    (table,) = made.tables
    assert not made.gradients
    assert len(table.rows) == 5
    cells = [words(cell) for row in table.rows for cell in row]
    assert cells[cells.index("w₇") + 1] == "δ_o₁ a₁"


def test_pages_of_closed_forms_are_left_out_and_the_reader_is_told() -> None:
    lines = ["x: input()", *(f"w_{k}: parameter()" for k in range(61)), "a_0 = x"]
    lines += [f"a_{k + 1} = tanh(w_{k} * a_{k})" for k in range(61)]
    made = of("\n".join([*lines, "J: loss = a_61"]))
    assert made.closed == ()
    assert any("ask for some of them by name" in words(remark) for remark in made.remarks)
