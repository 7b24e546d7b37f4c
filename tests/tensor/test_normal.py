"""The normal form: one einsum is one object however it came in, and means what NumPy says."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from symbackprop.tensor.normal import (
    add,
    apply,
    as_number,
    broadcast,
    content,
    delta,
    from_size,
    number,
    powered,
    product,
    summands,
    unit,
    zeros,
)
from symbackprop.tensor.show import show
from symbackprop.tensor.specials import special
from symbackprop.tensor.substitute import subterms
from symbackprop.tensor.terms import Factor, Labels, Map, Product, Sum, Term, symbol
from tests.tensor.making import (
    EQUAL,
    LABEL_SIZES,
    SYMBOLS,
    UNEQUAL,
    M,
    N,
    arrays,
    close,
    einsum,
    einsums,
    terms,
    values,
)

C, X, Y, V, A, B, S, T = SYMBOLS


@given(einsums(), st.randoms(use_true_random=False))
def test_a_product_does_not_depend_on_the_order_of_factors_or_the_names_of_labels(
    drawn: tuple[list[Factor], Labels], random: st.random.Random
) -> None:
    parts, output = drawn
    one = product(1, parts, output)
    new = dict(zip(LABEL_SIZES, random.sample(range(50), len(LABEL_SIZES)), strict=True))
    renamed = [(t, tuple(new[x] for x in labels), e) for t, labels, e in parts]
    random.shuffle(renamed)
    assert product(1, renamed, tuple(new[x] for x in output)) is one


@given(einsums())
def test_a_product_means_the_einsum_of_its_factors(drawn: tuple[list[Factor], Labels]) -> None:
    parts, output = drawn
    for sizes in (UNEQUAL, EQUAL):
        numbers = arrays(0, sizes)
        np.testing.assert_allclose(
            values(product(1, parts, output), 0, sizes), einsum(parts, output, numbers), rtol=1e-10
        )


@given(einsums(), st.data())
def test_a_product_of_products_is_the_flat_one(drawn: tuple[list[Factor], Labels], data: st.DataObject) -> None:
    parts, output = drawn
    cut = data.draw(st.integers(0, len(parts)))
    inner_labels = tuple(sorted({x for _, labels, _ in parts[:cut] for x in labels}))
    inner = product(1, parts[:cut], inner_labels)
    assert product(1, [(inner, inner_labels, 1), *parts[cut:]], output) is product(1, parts, output)


@given(terms(), terms(), terms())
def test_addition_is_associative_and_commutative(a: Term, b: Term, c: Term) -> None:
    assert (a + b) + c is a + (c + b)
    assert (a - a).is_zero


@given(terms((N,)), terms((N,)), terms((N, M)))
def test_a_sum_repeated_along_an_axis_joins_the_sum_around_it(a: Term, b: Term, c: Term) -> None:
    wide = lambda t: broadcast(t, (0,), (N, M))  # noqa: E731  # three uses on one line
    assert wide(a + b) + c is wide(a) + (wide(b) + c)


@given(terms(), terms(), terms())
def test_multiplication_is_associative_and_commutative(a: Term, b: Term, c: Term) -> None:
    assert (a * b) * c is a * (c * b)


@given(terms())
def test_a_number_in_front_is_the_content(a: Term) -> None:
    assert unit(a) * content(a) is a
    assert add(summands(a), a.sizes) is a
    close(a * Fraction(3, 2), a + a / 2)


@given(terms((N, N), depth=2))
def test_a_transpose_undone_is_the_term_itself(a: Term) -> None:
    turned = product(1, [(a, (1, 0), 1)], (0, 1))
    assert product(1, [(turned, (1, 0), 1)], (0, 1)) is a
    np.testing.assert_allclose(values(turned), values(a).T, rtol=1e-12)


def test_a_delta_renames_its_labels_away() -> None:
    d = delta(N)
    assert product(1, [(d, (0, 1), 1), (X, (1,), 1)], (0,)) is X
    assert product(1, [(d, (0, 1), 1), (S, (1, 2), 1), (d, (2, 3), 1)], (0, 3)) is S
    assert product(1, [(d, (0, 0), 1)], ()) is from_size(N)
    assert product(1, [(d, (0, 1), 1), (Y, (0,), 1)], (0, 1)) is product(1, [(d, (1, 0), 1), (Y, (1,), 1)], (0, 1))


def test_a_label_that_meets_nothing_is_a_size() -> None:
    assert show(product(1, [(X, (0,), 1)], (0,), {0: N, 1: M, 2: M})) == "m^2·x[i] →[i]"
    assert show(product(1, [(broadcast(X, (0,), (N, M)), (0, 1), 1)], (0,))) == "m·x[i] →[i]"
    assert product(1, [(X, (0,), 1), (X, (0,), -1)], ()) is from_size(N)


def test_an_inverse_next_to_its_base_is_a_delta() -> None:
    inverse = special("inverse", S, 2)
    assert product(1, [(inverse, (0, 1), 1), (S, (1, 2), 1)], (0, 2)) is delta(N)
    assert product(1, [(S, (0, 1), 1), (inverse, (1, 2), 1), (X, (2,), 1)], (0,)) is X
    # not where the transpose is meant, nor where the shared label meets something else
    assert product(1, [(inverse, (0, 1), 1), (S, (2, 1), 1)], (0, 2)) is not delta(N)
    assert isinstance(product(1, [(inverse, (0, 1), 1), (S, (1, 2), 1), (X, (1,), 1)], (0, 2)), Product)


def test_powers_merge_and_like_terms_are_collected() -> None:
    assert powered(X, 2) * powered(X, -2) is number(1, (N,))
    assert powered(X, Fraction(1, 2)) ** 2 is X
    assert X + 2 * X - 3 * X is zeros((N,))
    assert (2 * X + 4 * Y) / 2 is X + 2 * Y
    assert powered(4 * X, Fraction(1, 2)) is 2 * powered(X, Fraction(1, 2))
    assert number(8) ** Fraction(1, 2) is 2 * number(2) ** Fraction(1, 2)


def test_a_square_under_a_root_stays() -> None:
    root = (X**2) ** Fraction(1, 2)
    assert root is not X
    assert root**2 is X**2


def test_a_contraction_stays_one_factor_under_a_power() -> None:
    total = product(1, [(X, (0,), 1)], ())
    assert show(total**-1) == "Σ_i x[i]^-1"
    assert values(total**2) == pytest.approx(values(total) ** 2)


def test_dividing_by_zero_is_refused() -> None:
    with pytest.raises(ZeroDivisionError):
        powered(X - X, -1)
    with pytest.raises(ZeroDivisionError):
        number(-1) ** Fraction(1, 2)


def test_sums_inside_products_stay_folded() -> None:
    folded = (X + Y) * (X - Y)
    assert isinstance(folded, Product)
    assert len(folded.factors) == 2
    assert isinstance(X * (X + Y) + X, Sum)


def test_a_map_is_applied_to_the_axes_that_matter() -> None:
    wide = broadcast(X, (0,), (N, M))
    assert apply("exp", [wide]) is broadcast(apply("exp", [X]), (0,), (N, M))
    assert apply("tanh", [-X]) is -apply("tanh", [X])
    assert apply("cos", [-X]) is apply("cos", [X])
    assert as_number(apply("exp", [zeros((N,))])) == 1
    assert apply("log", [apply("exp", [X])]) is X


def test_equal_names_with_other_shapes_are_other_symbols() -> None:
    assert symbol("x", (M,)) is not X
    assert symbol("x", (N,)) is X


@given(terms((N, N), depth=2), terms((N, N), depth=2), st.sampled_from((1, 2, -1, -2, Fraction(1, 2), Fraction(-3, 2))))
def test_a_factor_and_its_transpose_are_one_factor(a: Term, b: Term, e: Fraction) -> None:
    a = 3 + a * a if not isinstance(e, int) else a
    assume(as_number(a) is None)
    turned = product(1, [(a, (1, 0), 1)], (0, 1))
    straight = product(1, [(a, (0, 1), e), (b, (0, 1), 1)], (0, 1))
    assert product(1, [(turned, (1, 0), e), (b, (0, 1), 1)], (0, 1)) is straight
    opposite = product(1, [(-turned, (1, 0), 1), (b, (0, 1), 1)], (0, 1))
    assert opposite is -product(1, [(a, (0, 1), 1), (b, (0, 1), 1)], (0, 1))


@given(terms((N, M), depth=3))
def test_a_term_is_its_own_normal_form(term: Term) -> None:
    for inner in subterms(term):
        if isinstance(inner, Map):
            assert apply(inner.head, inner.children) is inner
        elif isinstance(inner, Product):
            sizes = dict(enumerate(inner.sizes))
            assert product(inner.coefficient, inner.factors, range(inner.order), sizes) is inner
        elif isinstance(inner, Sum):
            assert add(inner.terms, inner.sizes) is inner


def test_differences_and_their_transposes_are_one_factor_whatever_the_names() -> None:
    weight = symbol("G", (N, N))
    for k in range(12):
        a, b = symbol(f"a{k}", (N,)), symbol(f"b{k}", (N,))
        plain = broadcast(a, (0,), (N, N)) - broadcast(b, (1,), (N, N))
        turned = product(1, [(plain, (1, 0), 1)], (0, 1))
        for head in ("tanh", "exp", "cos"):
            one = product(1, [(apply(head, [plain]), (0, 1), 1), (weight, (0, 1), 1)], (0, 1))
            assert product(1, [(apply(head, [turned]), (1, 0), 1), (weight, (0, 1), 1)], (0, 1)) is one
        root = product(1, [(plain, (0, 1), Fraction(1, 2)), (weight, (0, 1), 1)], (0, 1))
        assert product(1, [(turned, (1, 0), Fraction(1, 2)), (weight, (0, 1), 1)], (0, 1)) is root


def test_a_symmetric_sum_is_one_factor_either_way() -> None:
    gram = product(1, [(A, (0, 2), 1), (A, (1, 2), 1)], (0, 1)) + delta(N)
    kernel = apply("exp", [gram])
    for matrix in (gram, kernel):
        forward = product(1, [(matrix, (0, 1), 1), (X, (1,), 1), (Y, (0,), 1)], (0,))
        assert product(1, [(matrix, (1, 0), 1), (X, (1,), 1), (Y, (0,), 1)], (0,)) is forward
        squared = product(1, [(matrix, (0, 1), 1), (matrix, (1, 0), 1), (X, (1,), 1)], (0,))
        assert squared is product(1, [(matrix, (0, 1), 2), (X, (1,), 1)], (0,))
        ends = [(matrix, (0, 1), 1), (matrix, (2, 3), 1), (delta(N), (0, 3), 1), (delta(N), (1, 2), 1)]
        assert product(1, ends, ()) is product(1, [(matrix, (0, 1), 2)], ())
