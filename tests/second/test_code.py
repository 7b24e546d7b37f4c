"""Generated second derivatives: by differences of generated gradients, by torch, as scipy.optimize takes them."""

from __future__ import annotations

import importlib.util
import tracemalloc
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import symbackprop as sb
from symbackprop.codegen import compile_model, generate
from symbackprop.codegen.loader import imported
from symbackprop.draws import Drawer
from symbackprop.errors import SymbackpropError
from symbackprop.graph import Graph
from symbackprop.network import Model
from symbackprop.reading.netfile import parse
from tests.second.test_meaning import NETS

Array = Any


def drawn(module: ModuleType, model: Model, seed: int) -> tuple[dict[str, Array], dict[str, int]]:
    """Arguments by their names in the network, and the sizes that are required."""
    found = Drawer(model, Graph(model), seed).draw()
    assert found is not None
    arrays = {}
    for name, (role, _, facts) in module.ARGUMENTS.items():
        x = np.asarray(found.arrays[name])
        arrays[name] = x.astype(int) if role == "index" else x if facts["axes"] else float(x)
    return arrays, {name: found.sizes[name] for name in module.REQUIRED}


def direction(module: ModuleType, arrays: dict[str, Array], seed: int) -> dict[str, Array]:
    """A random direction that keeps symmetric matrices symmetric."""
    rng = np.random.default_rng(seed)
    found = {}
    for name in module.VARIABLES:
        v = rng.normal(size=np.shape(arrays[name]))
        found[name] = v + v.T if module.ARGUMENTS[name][2].get("symmetric") else v if v.ndim else float(v)
    return found


def check(module: ModuleType, model: Model, seed: int = 1) -> None:
    """H v by differences, H v by the blocks, the blocks symmetric, each key in both orders."""
    arrays, sizes = drawn(module, model, seed)
    module.hvp  # noqa: B018 - what varies is known from then on
    names = module.VARIABLES
    v = direction(module, arrays, seed)
    product = module.hvp(v, *arrays.values(), **sizes)
    blocks = module.hessian(*arrays.values(), **sizes)
    assert set(blocks) == {(p, q) for p in names for q in names}

    def slopes(step: float) -> dict[str, Array]:
        moved = {n: x + step * v[n] if n in v else x for n, x in arrays.items()}
        return dict(module.loss_and_grad(*moved.values(), **sizes, wrt_=names)[1])

    h = 1e-4
    ahead, behind, far, near = slopes(h), slopes(-h), slopes(h / 2), slopes(-h / 2)
    for p in names:
        shape, k = np.shape(arrays[p]), np.ndim(arrays[p])
        numeric = (4 * (np.asarray(far[p]) - near[p]) / h - (np.asarray(ahead[p]) - behind[p]) / (2 * h)) / 3
        scale = max(1.0, float(np.abs(numeric).max()))
        np.testing.assert_allclose(np.asarray(product[p]) / scale, numeric / scale, atol=2e-7, err_msg=p)
        whole = sum(np.tensordot(blocks[p, q], v[q], axes=np.ndim(v[q])) for q in names)
        np.testing.assert_allclose(whole / scale, np.asarray(product[p]) / scale, atol=1e-10, err_msg=p)
        for q in names:
            block = np.asarray(blocks[p, q])
            assert block.shape == (*shape, *np.shape(arrays[q]))
            turned = np.transpose(block, (*range(k, block.ndim), *range(k)))
            np.testing.assert_allclose(turned / scale, np.asarray(blocks[q, p]) / scale, atol=1e-10, err_msg=f"{p} {q}")


@pytest.mark.parametrize("name", NETS)
def test_products_and_blocks_agree_with_differences(name: str) -> None:
    model = parse(NETS[name])
    check(compile_model(model), model)


@pytest.mark.parametrize("name", ["batch", "scalars", "softmax"])
def test_the_same_when_they_are_in_the_text(name: str) -> None:
    model = parse(NETS[name])
    source = generate(model, second=True)
    module = imported(source, "whole")
    check(module, model)
    assert {"hessian", "hvp"} <= set(module.__all__)
    assert "hessian" not in generate(model)


def test_published_networks(cases_dir: Path) -> None:
    files = sorted([*cases_dir.glob("nets/*.net"), *cases_dir.glob("networks/*.net")])
    assert len(files) == 64
    for file in files[1::3]:
        model = parse(file.read_text(encoding="utf-8"))
        try:
            check(compile_model(model), model)
        except Exception as error:
            raise AssertionError(f"{file.name}: {error!r}") from error


@pytest.mark.parametrize("name", ["n01_scalar", "n02_mlp", "n04_rnn", "n05_attention"])
def test_torch_agrees_on_every_listed_parameter(name: str, cases_dir: Path, torch: ModuleType) -> None:
    spec = importlib.util.spec_from_file_location("reference", cases_dir / "networks" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    model = parse((cases_dir / "networks" / f"{name}.net").read_text(encoding="utf-8"))
    arrays = reference.inputs(name, 0)
    wrt = list(reference.WRT[name])
    blocks = compile_model(model, wrt).hessian(**arrays)
    for p in wrt:
        want = reference.hess(name, arrays, p)
        got = np.asarray(blocks[p, p]).reshape(want.shape)
        assert np.abs(got - want).max() <= 1e-10 * max(1.0, np.abs(want).max()), p


def test_only_what_is_asked_for() -> None:
    model = parse(NETS["batch"])
    module = compile_model(model)
    arrays, _ = drawn(module, model, 3)
    everything = module.hessian(**arrays)
    assert set(module.hessian(**arrays, wrt_="W")) == {("W", "W")}
    assert set(module.hessian(**arrays, wrt_=[("b", "W")])) == {("W", "b"), ("b", "W")}
    for key, block in module.hessian(**arrays, wrt_=[("W", "b"), "b"]).items():
        np.testing.assert_array_equal(block, everything[key])
    v = {"b": np.ones(arrays["b"].shape)}
    missing = module.hvp(v, **arrays)
    np.testing.assert_allclose(missing["W"], everything["W", "b"].sum(-1), atol=1e-12)
    assert set(module.hvp(v, **arrays, wrt_="b")) == {"b"}


def test_a_workspace_changes_nothing() -> None:
    model = parse(NETS["batch"])
    module = compile_model(model)
    space = module.Workspace()
    for seed in (1, 2, 2, 3):
        arrays, _ = drawn(module, model, seed)
        v = direction(module, arrays, seed) if seed > 1 else {"W": np.ones(arrays["W"].shape)}
        fresh, reused = module.hvp(v, **arrays), module.hvp(v, **arrays, workspace_=space)
        for name in fresh:
            np.testing.assert_array_equal(fresh[name], reused[name])
        fresh, reused = module.hessian(**arrays), module.hessian(**arrays, workspace_=space)
        for name in fresh:
            np.testing.assert_array_equal(fresh[name], reused[name])


def test_what_is_wrong_is_said() -> None:
    model = parse(NETS["batch"])
    module = compile_model(model)
    arrays, _ = drawn(module, model, 3)
    with pytest.raises(ValueError, match="no second derivative for 'Q' here; wrt_ takes some of W, b"):
        module.hessian(**arrays, wrt_="Q")
    with pytest.raises(ValueError, match="the direction names 'X', but what varies is W, b"):
        module.hvp({"X": arrays["X"]}, **arrays)
    with pytest.raises(ValueError, match=r"the direction at b has shape \(7,\), but must be"):
        module.hvp({"b": np.zeros(7)}, **arrays)
    with pytest.raises(TypeError, match="the direction at b must hold real numbers"):
        module.hvp({"b": np.array(["x"])}, **arrays)
    with pytest.raises(AttributeError, match="no attribute 'hesian'"):
        module.hesian  # noqa: B018


@pytest.mark.parametrize("method", ["trust-ncg", "Newton-CG", "trust-exact"])
@pytest.mark.parametrize("name", ["logistic", "numbers"])
def test_scipy_takes_them(name: str, method: str) -> None:
    optimize = pytest.importorskip("scipy.optimize", reason="scipy is not installed; the extra `oracle` has it")
    if name == "logistic":
        text = "X: input(n, d)\ny: target(n)\nb: parameter(d)\n"
        text += "J: loss = mean(softplus(X @ b) - y*(X @ b)) + norm2(b)**2 / 20\n"
        rng = np.random.default_rng(0)
        data = {"X": rng.normal(size=(30, 4)), "y": (rng.random(30) < 0.5).astype(float)}
    else:
        text, data = "c: input()\nu: parameter()\nv: parameter()\nJ: loss = exp(u) - u + c*(v - u)**2\n", {"c": 3.0}
    flat = sb.compile(parse(text)).flat(**data)
    start = np.full(flat.size, 0.7)
    curved = {"hess": flat.hess} if method == "trust-exact" else {"hessp": flat.hessp}
    found = optimize.minimize(flat.fun, start, jac=flat.grad, method=method, tol=1e-10, **curved)
    assert np.abs(flat.grad(found.x)).max() < 1e-6
    assert found.nit < 20
    matrix = np.asarray(flat.hess(start))
    for k, column in enumerate(np.eye(flat.size)):
        np.testing.assert_allclose(matrix[:, k], flat.hessp(start, column), atol=1e-10)


def dense(blocks: dict[tuple[str, str], Array], names: tuple[str, ...], arrays: dict[str, Array]) -> Array:
    """All blocks as one matrix."""
    count = {n: int(np.size(arrays[n])) for n in names}
    return np.block([[np.reshape(blocks[p, q], (count[p], count[q])) for q in names] for p in names])


CROSS_ENTROPY = (
    "x: input(d)\nt: target(k, onehot=True)\nW: parameter(k, d)\nb: parameter(k)\nz = W @ x + b\ny = softmax(z)\n"
    "J: loss = -sum(t * log(y))\n"
)


@pytest.mark.parametrize("name", ["tanh", "cross-entropy", "batch", "logistic"])
def test_gauss_newton_is_semidefinite(name: str) -> None:
    model = parse(NETS.get(name, CROSS_ENTROPY))
    module = compile_model(model)
    arrays, _ = drawn(module, model, 2)
    exact, linear = module.hessian(**arrays), module.gauss_newton(**arrays)
    matrix = dense(linear, module.VARIABLES, arrays)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)
    lowest = np.linalg.eigvalsh((matrix + matrix.T) / 2).min()
    assert lowest > -1e-10 * np.abs(matrix).max()
    same = all(np.allclose(exact[key], linear[key], atol=1e-12) for key in exact)
    assert same == (name in ("cross-entropy", "logistic"))


def test_gauss_newton_by_hand() -> None:
    module = compile_model(parse(NETS["batch"]))
    rng = np.random.default_rng(4)
    n, d, k = 6, 3, 2
    shapes = {"X": (n, d), "T": (n, k), "W": (d, k), "b": (k,)}
    arrays = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    slope = 1 - np.tanh(arrays["X"] @ arrays["W"] + arrays["b"]) ** 2
    jacobian = np.einsum("ni,nk,km->nkim", arrays["X"], slope, np.eye(k)).reshape(n * k, d * k)
    want = 2 / (n * k) * jacobian.T @ jacobian
    np.testing.assert_allclose(module.gauss_newton(**arrays)["W", "W"].reshape(d * k, d * k), want, atol=1e-12)


def test_gauss_newton_without_a_convex_loss_is_refused() -> None:
    module = compile_model(parse("x: input(n)\nw: parameter(n)\nJ: loss = sin(w @ x)\n"))
    with pytest.raises(SymbackpropError, match="convex loss"):
        module.gauss_newton(x=np.ones(3), w=np.ones(3))


def test_the_hessian_of_a_large_layer_is_an_operator() -> None:
    text = "x: input(d_0)\nW: parameter(d_1, d_0)\nb: parameter(d_1)\nt: target(d_1)\nz = W @ x + b\n"
    module = compile_model(parse(text + "J: loss = -sum(t * log_softmax(z))\n"))
    rng = np.random.default_rng(0)
    arrays = {"x": rng.normal(size=200), "W": rng.normal(size=(100, 200)) / 20, "b": rng.normal(size=100)}
    arrays["t"] = rng.random(100)
    v = rng.normal(size=(100, 200))
    tracemalloc.start()
    operator = module.hessian_operator("W", **arrays)
    product = operator @ v
    factors = operator.factors
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert operator.shape == (20_000, 20_000)
    assert peak < 5_000_000  # the block itself takes 3.2 GB
    assert sorted(axes for axes, _ in factors) == [(0, 2), (1,), (3,)]
    y = np.exp(arrays["W"] @ arrays["x"] + arrays["b"])
    y /= y.sum()
    curved = arrays["t"].sum() * (np.diag(y) - np.outer(y, y))
    want = np.outer(curved @ (v @ arrays["x"]), arrays["x"])
    np.testing.assert_allclose(product, want, atol=1e-10)
    np.testing.assert_allclose((operator @ v.ravel()).reshape(v.shape), want, atol=1e-10)
    by_axes = dict(factors)
    got = np.einsum("ik,j,l,kl->ij", by_axes[0, 2], by_axes[1,], by_axes[3,], v)
    np.testing.assert_allclose(got, want, atol=1e-10)


def test_an_operator_is_its_block() -> None:
    model = parse(NETS["batch"])
    module = compile_model(model)
    arrays, _ = drawn(module, model, 5)
    operator = module.hessian_operator("W", **arrays)
    block = module.hessian(**arrays)["W", "W"]
    v = np.random.default_rng(1).normal(size=arrays["W"].shape)
    np.testing.assert_allclose(operator @ v, np.tensordot(block, v, 2), atol=1e-10)
    np.testing.assert_allclose(operator.dense(), block, atol=1e-12)
    assert operator.factors is None  # a sum over examples
    with pytest.raises(ValueError, match="the direction has shape"):
        operator @ np.ones(3)


@pytest.mark.parametrize(
    ("loss", "half"),
    [
        ("mean(softplus(z) - t*z)", True),
        ("sum(exp(z))", True),
        ("sum(z**4)", True),
        ("sum(c * z**2)", False),  # c may be negative
        ("-sum(exp(z))", False),
        ("sum(sin(z))", False),
    ],
)
def test_weights_that_are_never_negative_halve_the_work(loss: str, half: bool) -> None:
    model = parse(f"X: input(n, d)\nt: target(n)\nc: constant(n)\nb: parameter(d)\nz = X @ b\nJ: loss = {loss}\n")
    source = generate(model, second=True)
    code = source[source.index("def _hessian(") : source.index("OUTPUTS =")]
    assert ("sqrt(" in code) == half
    check(imported(source, "whole"), model)
