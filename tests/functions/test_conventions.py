"""What happens at kinks and ties, and what stays finite: our own conventions, which no other system shares in full."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symbackprop.functions import FUNCTIONS
from symbackprop.lower import Names, lower
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.normal import number
from symbackprop.tensor.pullback import pullback
from symbackprop.tensor.terms import symbol
from tests.functions.writing import written


def gradients(text: str, **arrays: Any) -> dict[str, Any]:
    """The gradient of a scalar with respect to vectors of literal sizes."""
    values = {name: np.asarray(value, dtype=float) for name, value in arrays.items()}
    scope = Names({name: symbol(name, value.shape) for name, value in values.items()})
    found = pullback(lower(written(text), scope, "f").term, number(1))
    return {s.name: evaluate(g, values, {}).tolist() for s, g in found.items()}


@pytest.mark.parametrize("name", ["relu", "step", "sign", "abs", "leaky_relu", "iszero"])
def test_the_slope_at_zero(name: str) -> None:
    if name == "iszero":
        assert gradients("x == 0", x=0.0) == {}
        return
    assert gradients(f"{name}(x)", x=0.0).get("x", 0) == (0.01 if name == "leaky_relu" else 0)


def test_a_tie_of_maximum_or_minimum_passes_nothing() -> None:
    for name in ("maximum", "minimum"):
        assert gradients(f"{name}(x, y)", x=1.0, y=1.0) == {"x": 0, "y": 0}
    assert gradients("sum(maximum(x, y))", x=[1.0, 2.0], y=[1.0, 1.0]) == {"x": [0, 1], "y": [0, 0]}


def test_the_first_greatest_entry_gets_everything() -> None:
    assert gradients("max(x)", x=[1.0, 3.0, 3.0]) == {"x": [0, 1, 0]}
    assert gradients("min(x)", x=[1.0, 3.0, 1.0]) == {"x": [1, 0, 0]}
    assert gradients("sum(max(x, axis=0))", x=[[1.0, 3.0], [1.0, 2.0]]) == {"x": [[1, 1], [0, 0]]}
    assert gradients("sum(max_pool(x))", x=[2.0, 2.0, 1.0, 5.0, 9.0]) == {"x": [1, 0, 0, 1, 0]}


def test_steps_and_comparisons_pass_nothing_back() -> None:
    for text in ("step(x)", "sign(x)", "floor(x)", "ceil(x)", "x > 0.5", "x <= 0.5", "x == 0.5", "x // 2"):
        assert gradients(text, x=0.7).get("x", 0) == 0, text


def test_the_maximum_with_zero_is_relu() -> None:
    x = symbol("x", ("n",))
    for text in ("maximum(x, 0)", "maximum(0, x)"):
        assert lower(written(text), Names({"x": x}), "f").term is FUNCTIONS["relu"](x)


def test_the_square_of_the_norm_is_the_sum_of_squares() -> None:
    scope = Names({"x": symbol("x", ("n", "d"))})
    assert lower(written("norm2(x)**2"), scope, "f").term is lower(written("sum(x**2)"), scope, "f").term


def test_a_condition_that_is_any_number_still_chooses_one_side() -> None:
    assert gradients("where(c, x, y)", c=2.0, x=1.0, y=1.0) == {"x": 1, "y": 0}


@pytest.mark.parametrize("x", [-1e4, 1e4])
@pytest.mark.parametrize(
    "name", ["sigmoid", "softplus", "tanh", "log_sigmoid", "silu", "gelu", "normal_cdf", "elu", "erf"]
)
def test_values_and_slopes_are_finite_far_out(name: str, x: float) -> None:
    value = evaluate(FUNCTIONS[name](symbol("x")), {"x": x}, {})
    assert np.isfinite(value)
    assert np.isfinite(gradients(f"{name}(x)", x=x)["x"])


def test_a_softmax_is_finite_far_out() -> None:
    x = symbol("x", (3,))
    arrays = {"x": np.array([-1e4, 0.0, 1e4])}
    for name in ("softmax", "log_softmax", "logsumexp"):
        assert np.all(np.isfinite(evaluate(FUNCTIONS[name](x), arrays, {}))), name
