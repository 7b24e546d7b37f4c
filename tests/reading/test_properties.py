"""Readers under random input: what is written comes back, and nothing but our own errors is ever raised."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.errors import SymbackpropError
from symbackprop.expression import Array, Call, Expr, Name, Number, Slice, Subscript
from symbackprop.functions.source import source
from symbackprop.network import Model
from symbackprop.reading.netfile import parse, read_draft
from symbackprop.reading.sizes import size_expr
from symbackprop.symbolic import size_of, sympy_size
from symbackprop.tensor.size import Size, size

SYMBOLS = ("x", "W_1", "alpha", "z")
BINARY = ("add", "subtract", "multiply", "divide", "power", "matmul", "floordivide", "greater", "less_equal", "equal")


def parts(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """Expressions one level deeper."""
    bounds = st.none() | st.integers(0, 9).map(lambda n: Number(Fraction(n)))
    item = inner | st.builds(Slice, bounds, bounds, bounds) | st.none() | st.just(Ellipsis)
    return st.one_of(
        st.builds(lambda f, a, b: Call(f, (a, b)), st.sampled_from(BINARY), inner, inner),
        st.builds(
            lambda f, a: Call(f, (a,)), st.sampled_from(("negative", "transpose", "tanh", "sum", "softmax")), inner
        ),
        st.builds(lambda a, axis: Call("sum", (a,), (("axis", axis),)), inner, st.sampled_from([-1, 0, None, (0, 1)])),
        st.builds(lambda a: Call("gelu", (a,), (("approximate", "tanh"),)), inner),
        st.builds(lambda a, b: Call("layer_norm", (a,), (("gamma", b),)), inner, st.sampled_from(SYMBOLS).map(Name)),
        st.builds(lambda items: Array(tuple(items)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda a, items: Subscript(a, tuple(items)), inner, st.lists(item, min_size=1, max_size=3)),
    )


LEAVES = st.sampled_from(SYMBOLS).map(Name) | st.integers(0, 50).map(lambda n: Number(Fraction(n)))
EXPRESSIONS = st.recursive(LEAVES, parts, max_leaves=12)


@given(EXPRESSIONS)
def test_an_expression_that_is_written_out_is_read_back(expr: Expr) -> None:
    written = source(expr, longest=10_000)
    draft = read_draft("\n".join(f"{name}: input(3)" for name in SYMBOLS) + f"\nq = {written}")
    read = draft.equations["q"].expr if "q" in draft.equations else None
    if draft.errors:  # a division by the number 0, a power that is out of range
        assert all(word in str(draft.errors[0]) for word in ("q (line 5)", "`"))
    else:
        assert read == expr


def outcome(text: str) -> Model | SymbackpropError:
    """The network, or the refusal; any other exception is a bug."""
    try:
        return parse(text)
    except SymbackpropError as error:
        return error


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert str(outcome(text))


WORDS = (
    "x", "W", "d", "h", "=", ":", "input", "parameter", "loss", "(", ")", "[", "]", ",", "@", "*", "**", "^", "2",
    "0.5", ".T", "sum", "softmax", "for", "t", "in", "range", "\n", "\n    ", "lambda", "'", '"', "...", "-", "latex",
    "function", "gradient", "index", "of", "#", "True", "None", "np.", "shape", ".", "{", "}", "\\", "random",
    "normal", "notation",
)  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
def test_any_words_are_read_or_refused(text: str) -> None:
    assert str(outcome(text))


def test_a_published_network_with_one_character_changed_is_read_or_refused(cases_dir: Path) -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted((cases_dir / "nets").glob("*.net"))]

    @settings(max_examples=300)
    @given(
        st.sampled_from(texts), st.integers(0, 5000), st.sampled_from("()[]{}@*+-=:,.'\"#^ \n0aW_é\\"), st.booleans()
    )
    def changed(text: str, place: int, letter: str, insert: bool) -> None:
        at = place % len(text)
        found = outcome(text[:at] + letter + text[at + (not insert) :])
        for error in getattr(found, "errors", [found]):
            span = getattr(error, "span", None)
            assert span is None or 1 <= span.line <= text.count("\n") + 2

    changed()


def sizes() -> st.SearchStrategy[Size]:
    """Polynomials and floor divisions."""
    leaf = st.integers(1, 9).map(size) | st.sampled_from(("d", "h", "n_1")).map(size)
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(lambda a, b: a + b, inner, inner),
            st.builds(lambda a, b: a - b, inner, inner),
            st.builds(lambda a, b: a * b, inner, inner),
            st.builds(lambda a, n: a // n, inner, st.integers(2, 4)),
        ),
        max_leaves=6,
    )


@given(sizes())
def test_a_size_goes_to_sympy_and_back(value: Size) -> None:
    back = size_of(sympy_size(value))
    for d in (3, 8):
        names = {"d": d, "h": 5, "n_1": 7}
        assert back.value(names) == value.value(names)


@given(sizes())
def test_a_size_that_is_written_out_is_read_back(value: Size) -> None:
    written = source(size_expr(value), longest=10_000)
    draft = read_draft(f"x: input({written})")
    if draft.errors:
        assert "is less than 1" in str(draft.errors[0])
    else:
        assert draft.declarations["x"].sizes == (value,)


@pytest.mark.parametrize("seed", range(3))
def test_the_same_text_gives_the_same_network(cases_dir: Path, seed: int) -> None:
    path = sorted((cases_dir / "nets").glob("*.net"))[seed * 7]
    text = path.read_text(encoding="utf-8")
    first, second = parse(text), parse(text)
    assert first == second
    assert [e.name for e in first.equations.values()] == [e.name for e in second.equations.values()]
