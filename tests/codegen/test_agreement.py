"""Generated code against computations that know nothing of it: terms by entries, central differences, torch."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from symbackprop.averaging import computed
from symbackprop.codegen import compile_model
from symbackprop.errors import MissingRule
from symbackprop.network import Model
from symbackprop.reading.netfile import parse, read
from tests.codegen.making import CLASSIFIER, NEURON, PERCEPTRON, arrays_of, close, expected, given, network, sizes_of
from tests.functions.cases import Case
from tests.functions.test_every_function import CASES, DIFFERENT, EQUAL, Drawn

GALLERY = sorted((Path(__file__).resolve().parents[2] / "symbackprop" / "gallery").glob("*.net"))


def check_by_entries(model: Model, sizes: dict[str, int], seed: int = 0) -> None:
    module = compile_model(model)
    arrays = arrays_of(model, sizes, seed)
    wanted = expected(model, arrays, sizes, module.GRADIENTS)
    arguments = given(module, arrays, sizes)
    nodes = module.forward(**arguments)
    value, gradients = module.loss_and_grad(**arguments, wrt_=module.GRADIENTS)
    for name in model.equations:
        assert close(nodes[name], wanted[name]), name
    assert close(value, wanted[model.loss])
    assert close(module.loss(**arguments), wanted[model.loss])
    for name in module.GRADIENTS:
        assert close(gradients[name], wanted["d " + name]), name


@pytest.mark.parametrize("text", [PERCEPTRON, CLASSIFIER, NEURON], ids=["perceptron", "classifier", "neuron"])
def test_nodes_and_gradients_are_those_by_entries(text: str) -> None:
    model = network(text)
    for seed in range(3):
        check_by_entries(model, sizes_of(model, 2 + seed), seed)


@pytest.mark.parametrize("path", GALLERY, ids=lambda p: p.stem)
def test_shipped_networks_agree_with_their_terms_and_check_themselves(path: Path) -> None:
    model = computed(read(path))  # expectations taken: what is random is no argument
    check_by_entries(model, sizes_of(model))
    assert check_itself(compile_model(model)) == ""


def check_itself(module: ModuleType) -> str:
    """What the module prints when its own check fails; nothing when it passes."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        code = module._main()
    return text.getvalue() if code else ""


def drawn_text(drawn: Drawn, case: Case) -> str:
    """A network whose loss is Σ G ∘ f for the case's right-hand side f."""

    def shape(sizes: Any) -> str:
        return ", ".join(map(str, sizes))

    lines = [f"{name}: parameter({shape(s.sizes)})" for name, s in drawn.symbols.items()]
    for name, (sizes, of) in case.indices.items():
        lines.append(f"{name}: index({shape((*sizes, f'of={of}', 'repeat=True'))})")
    lines += [f"G: constant({shape(drawn.term.sizes)})", f"f = {case.text}", "J: loss = sum(G * f)"]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("sizes", [DIFFERENT, EQUAL], ids=["different", "equal"])
@pytest.mark.parametrize("case", [c for c in CASES if "E(" not in c.text], ids=str)
def test_every_function_has_code_that_agrees_with_its_term(case: Case, sizes: dict[str, int]) -> None:
    drawn = Drawn(case, sizes)
    model = parse(drawn_text(drawn, case))
    if any(name in case.text for name in WITHOUT_CODE):
        with pytest.raises(MissingRule, match="No code is known for the function"):
            compile_model(model)
        return
    module = compile_model(model)
    arrays = {**drawn.arrays, **drawn.integers, "G": drawn.weights}
    wanted = expected(model, arrays, sizes, tuple(drawn.arrays))
    arguments = given(module, arrays, sizes)
    _, gradients = module.loss_and_grad(**arguments, wrt_=tuple(drawn.arrays))
    assert close(module.forward(**arguments)["f"], wanted["f"])
    for name in drawn.arrays:
        assert close(gradients[name], wanted["d " + name]), name


# Special functions of mathematical physics: NumPy has none of them, and a module carries no such library along.
WITHOUT_CODE = (
    "erfi", "erfinv", "erfcinv", "li(", "LambertW", "Ei", "Si", "Ci", "Shi", "Chi", "fresnels", "fresnelc",
    "airyai", "airyaiprime", "airybi", "airybiprime", "elliptic_k", "elliptic_e",
)  # fmt: skip


def published(directory: Path) -> list[Path]:
    """The network files among the published cases."""
    return sorted([*(directory / "nets").glob("*.net"), *(directory / "networks").glob("*.net")])


@pytest.fixture(scope="session")
def oracle(cases_dir: Path, torch: ModuleType) -> ModuleType:
    """The evaluator of the published cases, which reads network files on its own and computes with torch."""
    sys.path.insert(0, str(cases_dir))
    try:
        import check_split
    finally:
        sys.path.remove(str(cases_dir))
    return check_split


def test_every_published_network_agrees_with_torch(cases_dir: Path, oracle: ModuleType, torch: ModuleType) -> None:
    paths = published(cases_dir)
    assert len(paths) >= 64
    for path in paths:
        model = read(path)
        module = compile_model(model)
        assert check_itself(module) == "", path.name
        for seed in range(3):
            check_with_torch(model, module, oracle, torch, path, seed)


def check_with_torch(
    model: Model, module: ModuleType, oracle: ModuleType, torch: ModuleType, path: Path, seed: int
) -> None:
    net = oracle.read(path.read_text(encoding="utf-8"))
    sizes = oracle.draw_sizes(net, seed, square=seed == 2)
    tensors = oracle.draw(net, sizes, seed)
    run = oracle.Run(net, sizes, arrays=tensors)
    arrays = {name: x.detach().numpy()[()] for name, x in tensors.items()}
    arguments = given(module, arrays, sizes)
    value, gradients = module.loss_and_grad(**arguments, wrt_=module.GRADIENTS)
    nodes = module.forward(**arguments)
    assert close(value, run.loss.detach().numpy().reshape(())), path.name
    for name in model.equations:
        wanted = run.env[name]
        assert close(nodes[name], wanted.detach().numpy() if hasattr(wanted, "detach") else wanted), (path.name, name)
    for name in module.GRADIENTS:
        wanted = None
        if run.loss.requires_grad:
            wanted = torch.autograd.grad(run.loss.reshape(()), tensors[name], retain_graph=True, allow_unused=True)[0]
        shape = np.shape(arrays[name])
        assert close(gradients[name], np.zeros(shape) if wanted is None else wanted.numpy()), (path.name, name)
