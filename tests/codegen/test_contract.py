"""What callers of a generated module can rely on: names, options, types, memory, messages."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from symbackprop import Network, dims, norm2, rows
from symbackprop.codegen import compile_model, generate
from symbackprop.codegen.documents import Formulas
from symbackprop.errors import SymbackpropError, UnknownName
from tests.codegen.making import CLASSIFIER, NEURON, PERCEPTRON, arrays_of, close, compiled, network, sizes_of

MODEL = network(PERCEPTRON)
MODULE = compiled(PERCEPTRON)
SIZES = sizes_of(MODEL)
ARRAYS = arrays_of(MODEL, SIZES)
LABELLED = compiled(CLASSIFIER)
LABELS = arrays_of(network(CLASSIFIER), sizes_of(network(CLASSIFIER)))


def test_arguments_are_in_the_order_of_declaration_by_place_or_by_name() -> None:
    names = [p.name for p in inspect.signature(MODULE.loss).parameters.values() if p.kind is not p.KEYWORD_ONLY]
    assert names == ["X", "Y", "W_1", "b_1", "W_2", "b_2"]
    by_place, by_name = MODULE.loss_and_grad(*ARRAYS.values()), MODULE.loss_and_grad(**ARRAYS)
    assert by_place[0] == by_name[0]
    assert all(np.array_equal(by_place[1][name], by_name[1][name]) for name in by_place[1])


def test_gradients_are_those_of_parameters_unless_others_are_asked_for() -> None:
    assert list(MODULE.loss_and_grad(**ARRAYS)[1]) == ["W_1", "b_1", "W_2", "b_2"]
    value, everything = MODULE.loss_and_grad(**ARRAYS, wrt_=MODULE.GRADIENTS)
    assert list(everything) == list(ARRAYS)
    for name in ARRAYS:
        alone = MODULE.loss_and_grad(**ARRAYS, wrt_=name)
        assert alone[0] == value
        assert list(alone[1]) == [name]
        assert np.array_equal(alone[1][name], everything[name])
    assert MODULE.loss_and_grad(**ARRAYS, wrt_=()) == (value, {})


def test_inputs_are_the_default_where_there_are_no_parameters() -> None:
    assert compiled("x: input(n)\nJ: loss = sum(x**2)\n").DEFAULT == ("x",)


def test_gradients_of_nodes_are_generated_when_they_are_asked_for() -> None:
    module = compile_model(MODEL, wrt=["a_1", "X", "W_1", "J"])
    assert module.GRADIENTS == module.DEFAULT == ("a_1", "X", "W_1", "J")
    found = module.loss_and_grad(**ARRAYS)[1]
    z_2 = module.forward(**ARRAYS)["z_2"]
    delta = 2 * (z_2 - ARRAYS["Y"]) / z_2.size
    assert close(found["a_1"], delta @ ARRAYS["W_2"].T)
    assert close(found["J"], 1)
    assert close(found["X"], MODULE.loss_and_grad(**ARRAYS, wrt_="X")[1]["X"])


def test_a_node_whose_gradient_is_asked_for_is_not_bypassed() -> None:
    model = network(NEURON)
    arrays = {"x": 0.3, "t": 1.0, "w": 0.7, "b": -0.2}
    p = compile_model(model).forward(**arrays)["p"]
    assert close(compile_model(model, wrt=["p"]).loss_and_grad(**arrays)[1]["p"], -1 / p)


def test_only_what_is_asked_for_is_computed() -> None:
    source = generate(MODEL)
    assert "if want_W_1:\n            X.T.dot(" in source
    skipped = {**ARRAYS, "X": np.full_like(ARRAYS["X"], np.nan)}
    assert np.isfinite(MODULE.loss_and_grad(**ARRAYS, wrt_="b_2")[1]["b_2"]).all()
    assert np.isnan(MODULE.loss(**skipped))


def test_an_index_or_an_unknown_name_has_no_gradient() -> None:
    with pytest.raises(SymbackpropError, match="y is an index"):
        generate(network(CLASSIFIER), wrt=["y"])
    with pytest.raises(UnknownName, match="'W_9'"):
        generate(MODEL, wrt=["W_9"])
    with pytest.raises(ValueError, match="no gradient for 'W_9' here; wrt_ takes some of X, Y, W_1"):
        MODULE.loss_and_grad(**ARRAYS, wrt_="W_9")


def arrays_in(found: Any) -> list[Any]:
    items = found.values() if isinstance(found, dict) else found[1].values()
    return [x for x in items if isinstance(x, np.ndarray)]


@pytest.mark.parametrize(
    "text", [PERCEPTRON, CLASSIFIER, "x: input(n, m)\ny = x\nz = x.T\nJ: loss = sum(y) + sum(z)\n"]
)
def test_results_share_no_memory_and_inputs_are_left_alone(text: str) -> None:
    model, module = network(text), compiled(text)
    arrays = arrays_of(model, sizes_of(model))
    before = {name: np.copy(x) for name, x in arrays.items()}
    results = [x for _ in range(2) for x in arrays_in(module.loss_and_grad(**arrays, wrt_=module.GRADIENTS))]
    results += [x for _ in range(2) for x in arrays_in(module.forward(**arrays))]
    everything = [*results, *(x for x in arrays.values() if isinstance(x, np.ndarray))]
    for k, x in enumerate(results):
        assert not any(np.shares_memory(x, y) for y in everything[k + 1 :])
    assert all(np.array_equal(before[name], x) for name, x in arrays.items())


def test_a_workspace_gives_the_same_values_in_the_same_memory() -> None:
    work = MODULE.Workspace()
    plain = MODULE.loss_and_grad(**ARRAYS)
    first = MODULE.loss_and_grad(**ARRAYS, workspace_=work)
    second = MODULE.loss_and_grad(**ARRAYS, workspace_=work)
    for name in plain[1]:
        assert np.array_equal(plain[1][name], first[1][name])
        assert first[1][name] is second[1][name]
    assert MODULE.loss(**ARRAYS, workspace_=work) == plain[0]
    nodes = MODULE.forward(**ARRAYS, workspace_=work)
    assert np.array_equal(nodes["a_1"], MODULE.forward(**ARRAYS)["a_1"])


def test_a_workspace_adapts_to_other_shapes_types_and_gradients() -> None:
    work = MODULE.Workspace()
    other = arrays_of(MODEL, sizes_of(MODEL, 4), 1)
    single = {name: x.astype(np.float32) for name, x in ARRAYS.items()}
    for arrays in (ARRAYS, other, single, ARRAYS, {name: x.tolist() for name, x in ARRAYS.items()}):
        for wrt in (None, "W_1", ("X", "b_2")):
            found = MODULE.loss_and_grad(**arrays, wrt_=wrt, workspace_=work)
            plain = MODULE.loss_and_grad(**arrays, wrt_=wrt)
            assert found[0] == plain[0]
            assert list(found[1]) == list(plain[1])
            assert all(np.array_equal(found[1][name], plain[1][name]) for name in plain[1])


def test_a_workspace_notices_another_size_that_no_shape_tells() -> None:
    module = compiled("x: input(n)\ny: index(of=c)\nJ: loss = sum(x) / c + sum(onehot(y, c))\n")
    work = module.Workspace()
    assert module.loss([3.0], 1, c=2, workspace_=work) == 2.5
    assert module.loss([3.0], 1, c=3, workspace_=work) == 2
    with pytest.raises(TypeError, match="'c'"):
        module.loss([3.0], 1)


def test_float32_in_gives_float32_out() -> None:
    single = {name: x.astype(np.float32) for name, x in ARRAYS.items()}
    value, found = MODULE.loss_and_grad(**single, wrt_=MODULE.GRADIENTS)
    assert value.dtype == np.float32
    assert all(x.dtype == np.float32 for x in found.values())
    assert all(np.asarray(x).dtype == np.float32 for x in MODULE.forward(**single).values())
    full = MODULE.loss_and_grad(**ARRAYS, wrt_=MODULE.GRADIENTS)
    assert all(close(found[name], full[1][name], 1e-5) for name in found)
    mixed = MODULE.loss_and_grad(**{**single, "X": ARRAYS["X"]})
    assert mixed[0].dtype == np.float64
    assert LABELLED.loss(*[x.astype(np.float32) if np.ndim(x) == 2 else x for x in LABELS.values()]).dtype == np.float32


def test_lists_and_integers_are_numbers_too() -> None:
    module = compiled("x: input(n)\nw: parameter(n)\nJ: loss = x @ w\n")
    value, found = module.loss_and_grad([1, 2], [3, 4])
    assert value == 11.0
    assert found["w"].dtype == np.float64


def test_gradients_are_arrays_of_the_shapes_of_their_variables() -> None:
    module = compiled(
        "x: input(n)\nw: parameter(1, n)\nc: parameter()\nd: parameter(1, 1)\nJ: loss = sum(w * x) * c + sum(d)\n"
    )
    found = module.loss_and_grad([1.0, 2.0], [[3.0, 4.0]], 2.0, [[1.0]])[1]
    assert {name: (type(x), x.shape) for name, x in found.items()} == {
        "w": (np.ndarray, (1, 2)),
        "c": (np.ndarray, ()),
        "d": (np.ndarray, (1, 1)),
    }


def test_nan_propagates() -> None:
    for name in ARRAYS:
        spoiled = ARRAYS[name].copy()
        spoiled.flat[0] = np.nan
        assert np.isnan(MODULE.loss(**{**ARRAYS, name: spoiled})), name
    spoiled = {**LABELS, "X": LABELS["X"] * np.nan}
    assert np.isnan(LABELLED.loss(**spoiled))


WRONG = [
    ({"X": np.ones(3)}, ValueError, r"X has shape \(3,\), but must be \(n, d\)\."),
    ({"b_1": np.ones(9)}, ValueError, r"b_1 has shape \(9,\), but must be \(h\) = \(5,\): h = 5 \(from W_1\)\."),
    ({"Y": np.ones((3, 4))}, ValueError, r"Y has shape \(3, 4\), but must be \(n, k\) = \(2, 4\): n = 2 \(from X\)"),
    ({"X": np.ones((0, 3))}, ValueError, r"the size n must be a positive integer, not 0 \(from X\)"),
    ({"X": np.ones((2, 3)) * 1j}, TypeError, "X must hold real numbers, not complex128"),
    ({"X": [["a"]]}, TypeError, "X must hold real numbers, not <U1"),
]


@pytest.mark.parametrize(("change", "error", "message"), WRONG, ids=lambda x: str(x)[:20])
def test_a_wrong_argument_is_named_with_its_shape_and_the_rule(
    change: Any, error: type[Exception], message: str
) -> None:
    for options in ({}, {"workspace_": MODULE.Workspace()}):
        with pytest.raises(error, match=message):
            MODULE.loss_and_grad(**{**ARRAYS, **change}, **options)


@pytest.mark.parametrize("labels", [[0, -1], [0, 5], [0.0, 1.0]])
def test_an_index_out_of_range_is_refused(labels: list[float]) -> None:
    work = LABELLED.Workspace()
    LABELLED.loss(**LABELS, workspace_=work)
    for options in ({}, {"workspace_": work}):
        with pytest.raises((ValueError, TypeError), match=r"y must be in range\(4\)|y must hold integers"):
            LABELLED.loss(**{**LABELS, "y": np.array(labels)}, **options)


def test_sizes_that_are_expressions_are_solved_and_checked() -> None:
    module = compiled(
        "x: input(n, n - m + 1)\nw: parameter(2 * m)\nv: parameter(n // 2)\nJ: loss = sum(x) * sum(w) + sum(v)\n"
    )
    assert module.REQUIRED == ()
    assert module.loss(np.ones((5, 4)), np.ones(4), np.ones(2)) == 82
    with pytest.raises(ValueError, match="with a whole number m"):
        module.loss(np.ones((5, 4)), np.ones(3), np.ones(2))
    with pytest.raises(ValueError, match=r"v has shape \(3,\), but must be \(n//2\) = \(2,\)"):
        module.loss(np.ones((5, 4)), np.ones(4), np.ones(3))


def test_keywords_of_python_and_names_of_numpy_are_arguments_too() -> None:
    net = Network("names")
    n, exp, k = dims("n exp lambda")
    x, w, b, c = net.input("np", (n, exp)), net.parameter("sum", (exp, k)), net.parameter("add", k), net.constant("is")
    net.loss("J", norm2(x * w + rows(b, n)) ** 2 * c)
    module = compile_model(net.model)
    assert [*inspect.signature(module.loss).parameters][:4] == ["np", "sum", "add", "is_kw"]
    arrays = {"np": np.ones((2, 3)), "sum": np.ones((3, 4)), "add": np.zeros(4), "is_kw": 2.0}
    assert module.loss(**arrays) == 144
    assert set(module.loss_and_grad(**arrays, wrt_=("is", "sum"))[1]) == {"is", "sum"}
    flat = module.flat(np=arrays["np"], is_kw=2.0, lambda_kw=4)
    assert flat.fun(flat.pack({"sum": arrays["sum"], "add": arrays["add"]})) == 144
    with pytest.raises(ValueError, match=r"add has shape \(5,\), but must be \(lambda\) = \(4,\)"):
        module.loss(**{**arrays, "add": np.zeros(5)})


# ---------------------------------------------------------------- one vector


def test_flat_is_a_function_of_one_vector() -> None:
    flat = MODULE.flat(X=ARRAYS["X"], Y=ARRAYS["Y"], h=5)
    vector = flat.pack(ARRAYS)
    value, found = MODULE.loss_and_grad(**ARRAYS)
    assert vector.shape == (flat.size,) == (3 * 5 + 5 + 5 * 4 + 4,)
    assert flat.fun(vector) == value
    assert type(flat.fun(vector)) is float
    assert np.array_equal(flat.grad(vector), np.concatenate([g.ravel() for g in found.values()]))
    back = flat.unpack(vector)
    assert all(np.array_equal(back[name], ARRAYS[name]) for name in back)
    assert not np.shares_memory(back["W_1"], vector)
    other = MODULE.flat(**{name: x for name, x in ARRAYS.items() if name != "b_1"}, wrt_="b_1")
    assert np.array_equal(other.grad(ARRAYS["b_1"]), found["b_1"])


def test_flat_says_what_it_needs() -> None:
    with pytest.raises(TypeError, match=r"flat needs X, Y; Y missing\. The vector holds W_1, b_1, W_2, b_2"):
        MODULE.flat(X=ARRAYS["X"])
    with pytest.raises(TypeError, match="W_1 not expected"):
        MODULE.flat(**{name: ARRAYS[name] for name in ("X", "Y", "W_1")})
    with pytest.raises(TypeError, match="nothing determines h: give it by name"):
        MODULE.flat(X=ARRAYS["X"], Y=ARRAYS["Y"])
    flat = MODULE.flat(X=ARRAYS["X"], Y=ARRAYS["Y"], h=5)
    with pytest.raises(ValueError, match=r"the vector has shape \(3,\), but must be \(44,\)"):
        flat.fun(np.ones(3))
    with pytest.raises(ValueError, match=r"W_1 has shape \(2, 2\), but must be \(3, 5\)"):
        flat.pack({**ARRAYS, "W_1": np.ones((2, 2))})


# ---------------------------------------------------------------- the text


@pytest.mark.parametrize("text", [PERCEPTRON, CLASSIFIER, NEURON], ids=["perceptron", "classifier", "neuron"])
def test_a_module_stands_alone_and_checks_itself(text: str, tmp_path: Path) -> None:
    source = generate(network(text))
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""])
    }
    assert imported <= ({"math", "random"} if text is NEURON else {"numpy", "math"})
    path = tmp_path / "module.py"
    path.write_text(source, encoding="utf-8")
    command = [sys.executable, "-W", "error", "-I", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith("yes")
    assert "difference" in done.stdout


def test_the_check_fails_where_the_gradient_is_wrong(tmp_path: Path) -> None:
    source = generate(MODEL)
    assert source.count("a_1.T.dot(") == 1
    path = tmp_path / "module.py"
    path.write_text(source.replace("a_1.T.dot(", "(2 * a_1).T.dot("), encoding="utf-8")
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert "NO" in done.stdout


def test_the_check_leaves_out_what_goes_through_stop_gradient(capsys: pytest.CaptureFixture[str]) -> None:
    for shape in ("(n)", "()"):
        text = (
            f"a: parameter{shape}\nb: parameter{shape}\nc = a * b\nJ: loss = sum(stop_gradient(c) * a) + sum(b * a)\n"
        )
        module = compiled(text if shape == "(n)" else text.replace("sum(", "("))
        assert module._main() == 0
        assert capsys.readouterr().out.count("not checked: stop_gradient") == 2
    module = compiled("a: parameter(n)\nb: parameter(n)\nJ: loss = sum(stop_gradient(a) * b)\n")
    assert module._main() == 0
    assert capsys.readouterr().out.count("not checked") == 1


def test_a_traceback_shows_the_generated_line() -> None:
    module = compiled("X: parameter(n, n)\nJ: loss = sum(inv(X))\n")
    with pytest.raises(np.linalg.LinAlgError) as caught:
        module.loss(np.zeros((2, 2)))
    lines = [frame.line for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert any("inv(X)" in (line or "") for line in lines)


def test_text_is_the_same_every_time_and_hostile_titles_stay_text() -> None:
    title = 'a\\"""\nimport os\x00 {{7*7}} <% for %> << x >>\r'
    model = replace(MODEL, title=title)
    source = generate(model)
    assert source == generate(model)
    docstring = ast.get_docstring(ast.parse(source))
    assert docstring is not None
    assert 'a\\"""\nimport os' in docstring
    assert "{{7*7}} <% for %> << x >>" in docstring
    assert not [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Import) and n.names[0].name == "os"]


def test_documentation_shows_shapes_and_the_formulas_it_is_given() -> None:
    source = generate(MODEL, formulas=Formulas({"a_1": "tanh(z_1)"}, {"W_1": 'Xᵀ δ """'}))
    tree = ast.parse(source)
    documents = {n.name: ast.get_docstring(n) or "" for n in tree.body if isinstance(n, ast.FunctionDef)}
    assert "a_1: (n, h)  a_1 = tanh(z_1)" in documents["forward"]
    assert 'W_1: (d, h)  Xᵀ δ """' in documents["loss_and_grad"]
    assert "b_1: parameter (h)" in (ast.get_docstring(tree) or "")
