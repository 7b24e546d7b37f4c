"""Random shapes, subscripts and subscript strings: what NumPy makes of them we make too, errors included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.errors import ShapeError
from symbackprop.functions import FUNCTIONS
from symbackprop.functions.positions import Integers, constant_at
from symbackprop.functions.subscripts import Cut, subscript
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.size import size
from symbackprop.tensor.terms import Term, symbol

SIZES = st.integers(1, 4)
SHAPES = st.lists(SIZES, max_size=3).map(tuple)


def array(shape: tuple[int, ...], seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


def agree(ours: Callable[[], Term], theirs: Callable[[], Any], arrays: dict[str, Any]) -> None:
    """Both give the same, or both refuse; an array without entries is none to us."""
    try:
        expected = theirs()
    except (ValueError, IndexError):
        expected = None
    try:
        term = ours()
    except ShapeError:
        assert expected is None or np.size(expected) == 0
        return
    assert expected is not None
    found = evaluate(term, arrays, {})
    assert found.shape == np.shape(expected)
    assert np.allclose(found, expected, rtol=0, atol=1e-12)


@given(SHAPES, SHAPES, st.sampled_from(["add", "subtract", "multiply", "maximum", "matmul"]))
def test_two_arrays_meet_as_in_numpy(left: tuple[int, ...], right: tuple[int, ...], name: str) -> None:
    x, y = array(left, 1), array(right, 2)
    build, known = FUNCTIONS[name].build, getattr(np, name)
    agree(lambda: build(symbol("x", left), symbol("y", right)), lambda: known(x, y), {"x": x, "y": y})


@given(SHAPES, SHAPES)
def test_three_arrays_meet_as_in_numpy(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    x, y = array(left, 1), array(right, 2)
    a, b = symbol("x", left), symbol("y", right)
    where, greater = FUNCTIONS["where"].build, FUNCTIONS["greater"].build
    agree(lambda: where(greater(a, b), a, b), lambda: np.where(x > y, x, y), {"x": x, "y": y})


@given(SHAPES, SHAPES)
def test_entries_are_reshaped_in_numpys_order(old: tuple[int, ...], new: tuple[int, ...]) -> None:
    x = array(old)
    reshape = FUNCTIONS["reshape"].build
    agree(lambda: reshape(symbol("x", old), *map(size, new)), lambda: x.reshape(new), {"x": x})


@given(st.lists(SIZES, min_size=1, max_size=4), st.data())
def test_symbolic_axes_are_merged_and_split_like_numbers(sizes: list[int], data: st.DataObject) -> None:
    names = [f"n{k}" for k in range(len(sizes))]
    values = dict(zip(names, sizes, strict=True))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(sizes)))))
    groups = [names[a:b] for a, b in zip([0, *cuts], [*cuts, len(sizes)], strict=True) if b > a]
    merged = [size(1)] * len(groups)
    for k, group in enumerate(groups):
        for name in group:
            merged[k] = merged[k] * size(name)
    reshape = FUNCTIONS["reshape"].build
    x = array(tuple(sizes))
    small = reshape(symbol("x", tuple(names)), *merged)
    assert np.array_equal(evaluate(small, {"x": x}, values), x.reshape([s.value(values) for s in merged]))
    assert reshape(small, *map(size, names)) is symbol("x", tuple(names))


BOUND = st.none() | st.integers(-6, 6)
STEP = st.integers(-3, 3).filter(bool)
ITEM = (
    st.integers(-5, 5)
    | st.builds(slice, BOUND, BOUND, STEP)
    | st.just(None)
    | st.just(Ellipsis)
)  # fmt: skip


def as_ours(item: object) -> object:
    if isinstance(item, int):
        return constant_at(size(item))
    if isinstance(item, slice):
        start, stop = (None if b is None else size(b) for b in (item.start, item.stop))
        return Cut(start, stop, item.step)
    return item


@given(SHAPES, st.lists(ITEM, max_size=4).filter(lambda items: items.count(Ellipsis) <= 1))
def test_subscripts_choose_what_numpy_chooses(shape: tuple[int, ...], items: list[Any]) -> None:
    x = array(shape)
    agree(lambda: subscript(symbol("x", shape), list(map(as_ours, items))), lambda: x[tuple(items)], {"x": x})


@given(st.lists(st.sampled_from("ijs:"), min_size=2, max_size=3), st.data())
def test_index_symbols_choose_what_integer_arrays_choose(kinds: list[str], data: st.DataObject) -> None:
    shapes = {"i": (2,), "j": (3, 2), "s": ()}
    lengths = [data.draw(SIZES) for _ in kinds]
    x = array(tuple(lengths))
    ours: list[object] = []
    theirs: list[Any] = []
    integers: dict[str, Any] = {}
    for place, (kind, length) in enumerate(zip(kinds, lengths, strict=True)):
        if kind == ":":
            ours.append(Cut())
            theirs.append(slice(None))
            continue
        name = f"{kind}{place}"
        integers[name] = np.random.default_rng(place).integers(0, length, shapes[kind])
        axes = tuple(range(len(shapes[kind])))
        shape = tuple(map(size, shapes[kind]))
        ours.append(Integers(shape, (size(0),) * len(axes), size(0), ((size(1), name, axes, size(length)),)))
        theirs.append(integers[name])
    agree(lambda: subscript(symbol("x", x.shape), ours), lambda: x[tuple(theirs)], {"x": x, **integers})


@given(st.data())
def test_einsum_is_numpys(data: st.DataObject) -> None:
    lengths = {letter: data.draw(SIZES) for letter in "abc"}
    pieces = data.draw(st.lists(st.text("abc", max_size=3), min_size=1, max_size=3))
    used = sorted(set("".join(pieces)))
    output = (
        "".join(data.draw(st.permutations(data.draw(st.lists(st.sampled_from(used), unique=True))))) if used else ""
    )
    text = ",".join(pieces) + data.draw(st.sampled_from(["", "->" + output]))
    arrays = {f"x{k}": array(tuple(lengths[c] for c in piece), k) for k, piece in enumerate(pieces)}
    symbols = [symbol(name, value.shape) for name, value in arrays.items()]
    agree(lambda: FUNCTIONS["einsum"].build(text, *symbols), lambda: np.einsum(text, *arrays.values()), arrays)


def test_what_is_chosen_from_an_array_that_was_put_together_is_the_part_itself() -> None:
    a, b, u, v = symbol("a"), symbol("b"), symbol("u", ("n",)), symbol("v", ("d",))
    pair, joined = FUNCTIONS["stack"].build((a, b)), FUNCTIONS["concatenate"].build((u, v))
    first, last = constant_at(size(0)), constant_at(size(1))
    assert subscript(pair, [first]) is a
    assert subscript(FUNCTIONS["tanh"].build(pair), [last]) is FUNCTIONS["tanh"].build(b)
    assert subscript(joined, [Cut(stop=size("n"))]) is u
    assert subscript(joined, [Cut(start=size("n"))]) is v
