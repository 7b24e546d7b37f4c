"""sb.write and sb.compile: which files, the same bytes every time, nothing where something does not agree."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import pytest

import symbackprop as sb
from symbackprop import certify
from symbackprop.errors import UnknownName, ValueProblem

MLP = '''"""Two layers, one example."""
x: input(d)
y: target(k)
W_1: parameter(h, d)
b_1: parameter(h)
W_2: parameter(k, h)

z_1 = W_1 @ x + b_1
a_1 = tanh(z_1)
z_2 = W_2 @ a_1
J: loss = norm2(z_2 - y)**2 / 2
'''


@pytest.fixture
def net() -> sb.Network:
    return sb.Network.parse(MLP, name="mlp")


def contents(folder: Path) -> dict[str, bytes]:
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
    return {name: data for name, data in found.items() if not name.endswith(".pdf")}


FILES = {
    "report.tex", "report.html", "mlp.py", "derivation.json", "parts/forward.tex", "parts/backward.tex",
    "parts/gradients.tex", "parts/graph.tex", "parts/graph.svg", "parts/d_W_1.tex", "parts/d_b_1.tex",
    "parts/d_W_2.tex", "parts/d_x.tex",
}  # fmt: skip


@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
def test_the_files_are_those_that_were_promised(net: sb.Network, tmp_path: Path, detail: str) -> None:
    written = sb.write(net, tmp_path / "out", detail=detail, pdf=False)  # type: ignore[arg-type]
    assert set(contents(tmp_path / "out")) == FILES
    assert {p.relative_to(tmp_path / "out").as_posix() for p in written.files} == FILES


def test_the_bytes_are_the_same_every_time_and_in_every_folder(net: sb.Network, tmp_path: Path) -> None:
    sb.write(net, tmp_path / "one", detail="full", pdf=False)
    sb.write(sb.Network.parse(MLP, name="mlp"), tmp_path / "ein zweiter Ördner", detail="full", pdf=False)
    assert contents(tmp_path / "one") == contents(tmp_path / "ein zweiter Ördner")


def test_no_date_path_or_version_is_written(net: sb.Network, tmp_path: Path) -> None:
    sb.write(net, tmp_path / "out", detail="full", pdf=False)
    for name, data in contents(tmp_path / "out").items():
        text = data.decode("utf-8")
        assert b"\r" not in data, name
        assert str(tmp_path) not in text, name
        assert sb.__version__ not in text, name
        assert not re.search(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}", text), name


def test_a_pdf_is_made_where_there_is_a_tex(net: sb.Network, tmp_path: Path, pdflatex: str) -> None:
    written = sb.write(net, tmp_path)
    assert written.pdf == tmp_path / "report.pdf"
    assert written.pdf.read_bytes().startswith(b"%PDF")
    assert written.overfull == ()


def test_without_a_tex_one_line_says_so(net: sb.Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    written = sb.write(net, tmp_path / "out")
    assert written.pdf is None
    assert written.message.startswith("No PDF: pdflatex was not found.")
    assert "\n" not in written.message


def test_nothing_is_written_if_a_bound_does_not_hold(
    net: sb.Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certify, "NUMERIC", 1e-300)
    with pytest.raises(certify.CertificateError):
        sb.write(net, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_only_what_is_asked_for_is_derived(net: sb.Network, tmp_path: Path) -> None:
    sb.write(net, tmp_path, wrt=["b_1"], pdf=False)
    found = contents(tmp_path)
    assert [name for name in found if name.startswith("parts/d_")] == ["parts/d_b_1.tex"]
    assert list(json.loads(found["derivation.json"])["gradients"]) == ["b_1"]
    assert b'GRADIENTS = ("b_1",)' in found["mlp.py"]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"wrt": ["W_3"]}, UnknownName),
        ({"values": {"x": [1.0]}}, ValueProblem),
        ({"detail": "long"}, sb.SymbackpropError),
    ],
)
def test_a_wish_that_cannot_be_met_writes_nothing(
    net: sb.Network, tmp_path: Path, options: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        sb.write(net, tmp_path / "out", **options)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_the_record_has_every_formula_as_latex_and_text(net: sb.Network, tmp_path: Path) -> None:
    sb.write(net, tmp_path, pdf=False)
    record = json.loads((tmp_path / "derivation.json").read_text(encoding="utf-8"))
    assert record["loss"] == "J"
    assert [node["name"] for node in record["nodes"]] == ["z_1", "a_1", "z_2", "J"]
    assert record["nodes"][0]["parents"] == ["W_1", "x", "b_1"]
    steps = {step["node"]: step for step in record["steps"]}
    assert steps["W_1"]["text"] == "∂J/∂W₁ = δ_z₁ xᵀ"
    assert steps["W_1"]["latex"] == r"\frac{\partial J}{\partial W_{1}} = \delta_{z_{1}} x^{\top}"
    assert steps["W_1"]["upstream"] == ["z_1"]
    assert steps["W_1"]["shape"] == ["h", "d"]
    assert record["gradients"]["W_1"]["closed"]["text"] == "∂J/∂W₁ = ((W₂ᵀ (z₂ − y)) ∘ (1 − a₁^∘2)) xᵀ"


def test_the_written_module_is_the_compiled_one(net: sb.Network, tmp_path: Path) -> None:
    sb.write(net, tmp_path, pdf=False)
    spec = importlib.util.spec_from_file_location("mlp", tmp_path / "mlp.py")
    assert spec is not None
    assert spec.loader is not None
    written = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(written)
    rng = np.random.default_rng(1)
    arrays = {"x": (3,), "y": (2,), "W_1": (4, 3), "b_1": (4,), "W_2": (2, 4)}
    values = {name: rng.standard_normal(shape) for name, shape in arrays.items()}
    loss, gradients = written.loss_and_grad(**values)
    compiled_loss, compiled = sb.compile(net).loss_and_grad(**values)
    assert loss == compiled_loss
    assert list(gradients) == ["W_1", "b_1", "W_2"]
    assert all(np.array_equal(gradients[name], compiled[name]) for name in compiled)
    back = values["W_2"].T @ (values["W_2"] @ np.tanh(values["W_1"] @ values["x"] + values["b_1"]) - values["y"])
    expected = back * (1 - np.tanh(values["W_1"] @ values["x"] + values["b_1"]) ** 2)
    np.testing.assert_allclose(gradients["b_1"], expected, rtol=1e-12)
    assert "∂J/∂W₁ = δ_z₁ xᵀ" in written.loss_and_grad.__doc__


def test_compile_takes_models_and_derivations_too(net: sb.Network) -> None:
    for given in (net, net.model, sb.derive(net)):
        assert sb.compile(given, wrt=["x"]).GRADIENTS == ("x",)


def test_objects_show_themselves_in_a_notebook(net: sb.Network) -> None:
    derivation = sb.derive(net)
    for shown, part in (
        (net, "z₁ = W₁ x + b₁"),
        (derivation, "∂J/∂W₁ = δ_z₁ xᵀ"),
        (derivation.gradient("W_1"), "∂J/∂W₁ = δ_z₁ xᵀ"),
    ):
        found = shown._repr_mimebundle_()
        assert set(found) == {"text/plain", "text/latex", "text/html"}
        assert part in found["text/plain"]
        assert "<math" in found["text/html"]
    assert sb.Network("unfinished")._repr_mimebundle_() == {"text/plain": "Network('unfinished': 0 symbols, 0 nodes)"}


def test_what_an_author_writes_is_never_markup() -> None:
    text = '"""<script>alert(1)</script> {{7*7}} << x >> \\\\input{x} 100 %."""\nx: parameter()\nJ: loss = x**2\n'
    net = sb.Network.parse(text)
    assert "<script>" not in net._repr_mimebundle_()["text/html"]
    from symbackprop.write import prepare

    files = prepare(net).files
    assert "<script>alert" not in files["report.html"]
    assert "{{7*7}}" in files["report.html"]
    assert r"\input{x}" not in files["report.tex"]
