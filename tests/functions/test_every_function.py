"""Every function: its value, its gradient, its second derivative, against computations that know no terms."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from symbackprop.expression import Array, Call, Expr, Subscript, children
from symbackprop.functions import FUNCTIONS
from symbackprop.lower import IndexInfo, Names, lower, lower_size
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.normal import product
from symbackprop.tensor.pullback import pullback
from symbackprop.tensor.size import Size, size
from symbackprop.tensor.terms import Symbol, Term, symbol
from tests.functions.cases import ELEMENTWISE, OPERATORS, Case
from tests.functions.cases_arrays import CONVOLUTION, LINEAR, NORMALISATION, REDUCTIONS, SHAPING, SUBSCRIPTS
from tests.functions.writing import written

CASES = [
    *OPERATORS, *ELEMENTWISE, *REDUCTIONS, *LINEAR, *SHAPING, *SUBSCRIPTS, *CONVOLUTION, *NORMALISATION,
]  # fmt: skip
DIFFERENT = {"n": 3, "d": 4, "h": 2, "k": 3, "c": 2, "o": 3, "l": 8, "m": 6}
EQUAL = dict.fromkeys(DIFFERENT, 3)


class Drawn:
    """A case with its symbols, its term, and numbers for all of them."""

    def __init__(self, case: Case, sizes: dict[str, int], seed: int = 0) -> None:
        self.case, self.sizes = case, sizes
        plain = Names(sizes=set(sizes))
        shape = lambda given: tuple(lower_size(written(str(s)), plain) for s in given)  # noqa: E731  # used twice below
        self.symbols = {name: symbol(name, shape(given)) for name, given in case.shapes.items()}
        indices = {n: IndexInfo(n, shape(s), size(of)) for n, (s, of) in case.indices.items()}  # type: ignore[arg-type]
        scope = Names(dict(self.symbols), indices, set(sizes))
        lowered = lower(written(case.text), scope, "f")
        self.term = opened(lowered.term, {e.symbol: e.term for e in lowered.auxiliary})
        rng = np.random.default_rng(seed)
        self.arrays: dict[str, Any] = {
            n: draw(rng, case.domain, self.numbers(s.sizes)) for n, s in self.symbols.items()
        }
        self.integers = {n: rng.integers(0, i.of.value(sizes), self.numbers(i.sizes)) for n, i in indices.items()}
        self.weights = rng.normal(size=self.numbers(self.term.sizes))

    def numbers(self, sizes: tuple[Size, ...]) -> tuple[int, ...]:
        return tuple(s.value(self.sizes) for s in sizes)

    def loss(self) -> Term:
        """Σ G ∘ f for the weights G."""
        axes = tuple(range(self.term.order))
        return product(1, [(self.term, axes, 1), (symbol("G", self.term.sizes), axes, 1)], ())

    def value(self, term: Term, more: dict[str, Any] | None = None) -> Any:
        return evaluate(term, {**self.arrays, **self.integers, "G": self.weights, **(more or {})}, self.sizes)


def opened(term: Term, nodes: dict[Symbol, Term]) -> Term:
    """The term with nodes put in for their symbols, by pulling nothing: the builders' own closed form."""
    from symbackprop.tensor.substitute import substitute

    return substitute(term, nodes)


def draw(rng: np.random.Generator, domain: str, shape: tuple[int, ...]) -> Any:
    x = rng.normal(size=shape)
    if domain == "positive":
        return np.abs(x) + 0.5
    if domain == "unit":
        return np.tanh(x) * 0.9
    if domain == "fraction":
        return 0.2 + 0.6 / (1 + np.exp(-x))
    if domain == "above":
        return 1.2 + np.abs(x)
    if domain == "halves":
        return 0.5 + rng.integers(-4, 4, shape)
    if domain == "apart":
        grid = rng.permutation(np.arange(1, x.size + 1)) * rng.choice([-1.0, 1.0], x.size)
        return grid.reshape(shape) * 0.37 + 0.05 * rng.random()
    return x + 3 * np.eye(shape[-1]) if domain == "diagonal" else x


def close(found: Any, expected: Any, bound: float) -> bool:
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    assert found.shape == expected.shape, f"{found.shape} is not {expected.shape}"
    return bool(np.max(np.abs(found - expected), initial=0) <= bound * (1 + np.max(np.abs(expected), initial=0)))


@pytest.mark.parametrize("sizes", [DIFFERENT, EQUAL], ids=["different", "equal"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_value_by_entries_is_what_the_function_means(case: Case, sizes: dict[str, int]) -> None:
    drawn = Drawn(case, sizes)
    assert close(drawn.value(drawn.term), case.value(*drawn.arrays.values(), *drawn.integers.values()), 1e-12)


@pytest.mark.parametrize("case", [c for c in CASES if c.torch], ids=str)
def test_a_gradient_is_that_of_torch(case: Case, torch: ModuleType) -> None:
    drawn = Drawn(case, DIFFERENT)
    tensors = {n: torch.tensor(a, requires_grad=True) for n, a in drawn.arrays.items()}
    assert case.torch is not None
    result = case.torch(*tensors.values(), *map(torch.tensor, drawn.integers.values()))
    (result * torch.tensor(drawn.weights)).sum().backward()
    found = pullback(drawn.loss(), product(1, [], ()))
    for name, tensor in tensors.items():
        expected = np.zeros(tensor.shape) if tensor.grad is None else tensor.grad.numpy()
        gradient = found.get(drawn.symbols[name])
        assert close(np.zeros(tensor.shape) if gradient is None else drawn.value(gradient), expected, 1e-12), name


@pytest.mark.parametrize("case", [c for c in CASES if c.smooth], ids=str)
def test_a_gradient_is_the_central_difference(case: Case) -> None:
    drawn = Drawn(case, DIFFERENT, seed=1)
    found = pullback(drawn.loss(), product(1, [], ()))
    for name, slope, expected in differences(drawn, drawn.loss(), found):
        assert abs(slope - expected) <= 1e-6 * (1 + abs(expected)), name


@pytest.mark.parametrize("case", [c for c in CASES if c.smooth], ids=str)
def test_a_second_derivative_is_the_central_difference_of_the_gradient(case: Case) -> None:
    drawn = Drawn(case, DIFFERENT, seed=2)
    for name, gradient in pullback(drawn.loss(), product(1, [], ())).items():
        if name.name == "G" or gradient.is_zero:
            continue
        rng = np.random.default_rng(3)
        weights = {"V": rng.normal(size=drawn.numbers(gradient.sizes))}
        axes = tuple(range(gradient.order))
        along = product(1, [(gradient, axes, 1), (symbol("V", gradient.sizes), axes, 1)], ())
        found = pullback(along, product(1, [], ()))
        for other, slope, expected in differences(drawn, along, found, weights):
            assert abs(slope - expected) <= 1e-6 * (1 + abs(expected)), (name.name, other)


def differences(
    drawn: Drawn, scalar: Term, gradients: dict[Symbol, Term], more: dict[str, Any] | None = None
) -> Iterator[tuple[str, float, float]]:
    """For each symbol: the slope along a direction by the gradient, and by a central difference."""
    rng = np.random.default_rng(5)
    for name, array in drawn.arrays.items():
        direction = rng.normal(size=np.shape(array))
        gradient = gradients.get(drawn.symbols[name])
        slope = 0.0 if gradient is None else float(np.sum(drawn.value(gradient, more) * direction))
        step = 1e-3
        ends = [drawn.value(scalar, {**(more or {}), name: array + k * step * direction}) for k in (1, -1, 2, -2)]
        yield name, slope, float(8 * (ends[0] - ends[1]) - (ends[2] - ends[3])) / (12 * step)


def called(expr: Expr) -> Iterator[str]:
    if isinstance(expr, Call):
        yield expr.function
    for inner in children(expr):
        if isinstance(inner, (Call, Array, Subscript)):
            yield from called(inner)


def test_every_function_has_a_test() -> None:
    tested = {name for case in CASES for name in called(written(case.text))}
    missing = sorted(set(FUNCTIONS) - tested)
    assert not missing, f"tests/functions/cases.py or cases_arrays.py: no case for {missing}"


def test_every_function_says_what_it_means() -> None:
    for row in FUNCTIONS.values():
        assert row.meaning.split("\n")[0].rstrip().endswith("."), row.name
        assert ast.parse(row.signature.replace("*", "")), row.name
