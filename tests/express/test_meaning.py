"""Every printed formula means what its term says: read back by `meaning`, which knows nothing of terms."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from symbackprop.derive import Derivation, derive
from symbackprop.draws import Drawer
from symbackprop.express import Expressed
from symbackprop.formula import Formula
from symbackprop.notation import tree as t
from symbackprop.reading.netfile import parse
from symbackprop.tensor.evaluate import evaluate
from tests.express.meaning import Reader

NETS = {
    "layer norm": "x: input(n); u: constant(n); y = layer_norm(x); J: loss = sum(u * y)",
    "layer norm rows": "X: input(N, h); g: parameter(h); U: constant(N, h); Y = layer_norm(X, g); J: loss = sum(U * Y)",
    "batch norm": "X: input(N, h); g: parameter(h); U: constant(N, h); Y = batch_norm(X, g); J: loss = sum(U * Y)",
    "slices": "x: parameter(n); y = x[1:] - x[:-1]; J: loss = sum(y**2)",
    "convolution": "x: input(n); w: parameter(3); z = conv1d(x, w); J: loss = sum(z**2)",
    "rows": "h: input(n, row=True); U: parameter(n, c); b: parameter(c, row=True); "
    "z = tanh(h @ U + b); J: loss = sum(z**2)",
    "residual": "x: input(n); W: parameter(n, n); h = x + relu(W @ x); J: loss = norm2(h + W @ h)**2",
    "embedding": "E: parameter(V, d); k: index(n, of=V, repeat=True); w: parameter(d); "
    "Z = E[k]; J: loss = sum(tanh(Z @ w))",
    "inverse": "X: parameter(n, n); A: constant(m, n); B: constant(n, m); J: loss = trace(A @ inv(X) @ B) + logdet(X)",
}


def check(source: str, seed: int) -> int:
    """Compare every recursive and closed gradient with its term; the number of formulas that were read."""
    model = parse(source)
    derivation = derive(model)
    drawn = Drawer(model, derivation.graph, seed).draw()
    assert drawn is not None
    values = dict(drawn.arrays)
    for name in derivation.order:
        values["@" + name] = evaluate(derivation.recursive_terms[name], values, drawn.sizes)
    count = 0
    for step in derivation.steps:
        for formula in (step.formula, step.closed):
            compare(derivation, formula, values, dict(drawn.sizes))
            count += 1
    return count


def compare(derivation: Derivation, formula: Formula, values: dict[str, np.ndarray], sizes: dict[str, int]) -> None:
    """The printed formula, read back, has the value of its term, at every entry."""
    reader = Reader(values, sizes, derivation.context.rows)
    model = derivation.model
    reader.classes = {
        n: d.facts.of.value(sizes)
        for n, d in model.declarations.items()
        if d.role == "index" and d.facts.of is not None
    }
    wanted = evaluate(formula.term, values, sizes)
    letters = formula.expressed.letters
    if letters:
        got = np.empty(wanted.shape)
        for place in np.ndindex(wanted.shape):
            reader.letters.update({name: k + 1 for name, k in zip(letters, place, strict=True)})
            reader.ranges = ranges_of(formula.tree, reader)
            got[place] = reader.read(formula.tree)
    else:
        got = reader.read(formula.tree)
        if isinstance(got, str):
            got = np.eye(wanted.shape[0]) if got == "I" else np.full(wanted.shape, float(got))
        if isinstance(got, list):
            shape = wanted.shape if wanted.ndim == 2 else (wanted.shape[0], 1)
            got = reader.fill(got, shape)
        if got.ndim == 0 and wanted.ndim:
            got = np.full(wanted.shape, got)
    assert got.size == wanted.size, (formula.equation_text, got.shape, wanted.shape)
    np.testing.assert_allclose(got.reshape(wanted.shape), wanted, rtol=1e-9, atol=1e-9, err_msg=formula.equation_text)


def ranges_of(tree: t.Tree, reader: Reader) -> dict[str, int]:
    """How far each running index goes: the length of an axis that it alone subscripts."""
    found: dict[str, int] = {}
    stack: list[object] = [tree]
    while stack:
        top = stack.pop()
        if isinstance(top, t.Index):
            base = reader.raw(top.base) if isinstance(top.base, (t.Sym, t.Delta)) else None
            for axis, s in enumerate(top.subscripts):
                if isinstance(s, t.Letter) and base is not None:
                    found[s.name] = base.shape[axis]
        if isinstance(top, tuple):
            stack.extend(top)
        elif hasattr(top, "__dataclass_fields__"):
            stack.extend(getattr(top, name) for name in top.__dataclass_fields__)
    return found


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("seed", [1, 2])
def test_printed_gradients_mean_their_terms(name: str, seed: int) -> None:
    assert check(NETS[name].replace("; ", "\n"), seed) >= 2


def test_printed_gradients_of_the_published_networks_mean_their_terms(cases_dir: Path) -> None:
    files = sorted([*cases_dir.glob("nets/*.net"), *cases_dir.glob("networks/*.net")])
    assert len(files) == 64
    for file in files:
        try:
            check(file.read_text(encoding="utf-8"), 3)
        except Exception as error:
            raise AssertionError(f"{file.name}: {error}") from error


def test_a_transposed_factor_is_noticed() -> None:
    model = parse("x: input(n)\nW: parameter(n, n)\nJ: loss = norm2(W @ x)**2\n")
    derivation = derive(model)
    drawn = Drawer(model, derivation.graph, 1).draw()
    assert drawn is not None
    right = derivation.gradient("x")
    matrix, vector = t.Sym("W", "matrix"), t.Sym("x", "vector")
    wrong = Formula(derivation.context, right.left, right.term)
    wrong.__dict__["expressed"] = Expressed(t.Prod((t.Num(Fraction(2)), matrix, matrix, vector)))
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        compare(derivation, wrong, dict(drawn.arrays), dict(drawn.sizes))
