"""Sizes are polynomials: their algebra is exact, equal sizes are one object."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.tensor.size import ONE, ZERO, Size, size

NAMES = ("n", "m", "h")
VALUES = st.fixed_dictionaries({name: st.integers(1, 40) for name in NAMES})


@st.composite
def sizes(draw: st.DrawFn, depth: int = 3) -> tuple[Size, Callable[[dict[str, int]], int]]:
    """A size, and the function that it should be."""
    if depth == 0 or draw(st.booleans()):
        if draw(st.booleans()):
            name = draw(st.sampled_from(NAMES))
            return size(name), lambda values: values[name]
        number = draw(st.integers(-5, 5))
        return size(number), lambda values: number
    a, f = draw(sizes(depth - 1))
    kind = draw(st.sampled_from("+-*/"))
    if kind == "/":
        divisor = draw(st.integers(1, 4))
        return a // divisor, lambda values: f(values) // divisor
    b, g = draw(sizes(depth - 1))
    if kind == "+":
        return a + b, lambda values: f(values) + g(values)
    if kind == "-":
        return a - b, lambda values: f(values) - g(values)
    return a * b, lambda values: f(values) * g(values)


@given(sizes(), VALUES)
def test_a_size_has_the_value_of_its_arithmetic(drawn: tuple[Size, Callable[..., int]], values: dict[str, int]) -> None:
    a, f = drawn
    assert a.value(values) == f(values)


@given(sizes(), sizes(), sizes())
def test_equal_sizes_are_one_object(a: tuple[Size, object], b: tuple[Size, object], c: tuple[Size, object]) -> None:
    x, y, z = a[0], b[0], c[0]
    assert (x + y) * z is z * y + x * z
    assert x - x is ZERO
    assert x * ONE is x
    assert x + y - y is x


@given(sizes(), VALUES)
def test_surely_nonnegative_is_never_wrong(drawn: tuple[Size, Callable[..., int]], values: dict[str, int]) -> None:
    a, f = drawn
    if a.surely_nonnegative():
        assert f(values) >= 0


def test_what_divides_is_divided() -> None:
    n = size("n")
    assert (4 * n) // 2 is 2 * n
    assert (4 * n + 1) // 2 is 2 * n
    assert str((n + 1) // 2) == "(n + 1)//2"
    assert str(4 * n - 3) == "4*n - 3"
    assert (n - 4).surely_nonnegative() is False
    assert (n * n + n - 2).surely_nonnegative()


def test_only_positive_integers_divide() -> None:
    with pytest.raises(ValueError, match="positive integer"):
        size("n") // 0
    with pytest.raises(KeyError):
        size("n").value({})
