"""One term, four number systems: they agree wherever they have a value, and say so where they have none."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.tensor.contract import TooLarge, contracted
from symbackprop.tensor.equal import expanded
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.evaluate_exact import Evaluation, NotHere
from symbackprop.tensor.heads import HEADS
from symbackprop.tensor.modular import PRIME, Modular
from symbackprop.tensor.normal import add, apply, delta, from_size, number, product
from symbackprop.tensor.numbers import Rationals, decimals
from symbackprop.tensor.specials import special
from symbackprop.tensor.terms import Term, constant, symbol
from tests.tensor.making import EQUAL, SYMBOLS, UNEQUAL, M, N, arrays, einsums, terms

X, Y, S = symbol("x", (N,)), symbol("y", (N,)), symbol("S", (N, N))
A = symbol("A", (N, M))
TINY = 1e-40
RATIONAL = ("relu", "abs", "sign", "step")


def dyadic(seed: int, sizes: Any) -> dict[str, Any]:
    """The numbers of the other tests, in short fractions."""
    return {name: np.round(value * 64) / 64 for name, value in arrays(seed, sizes, SYMBOLS).items()}


def sharp(term: Term, numbers: Any, sizes: Any, digits: int = 50) -> Any:
    return Evaluation(decimals(digits), numbers, sizes).value(term)


def modular(term: Term, numbers: Any, sizes: Any, seed: int = 1) -> Any:
    return Evaluation(Modular(seed), numbers, sizes).value(term)


@settings(max_examples=60, deadline=None)
@given(terms(), st.integers(0, 3))
def test_fifty_digits_and_floats_agree(term: Term, seed: int) -> None:
    sizes = UNEQUAL if seed % 2 else EQUAL
    numbers = dyadic(seed, sizes)
    one, other = evaluate(term, numbers, sizes), sharp(term, numbers, sizes).astype(float)
    both = np.isfinite(one) & np.isfinite(other)
    scale = 1 + np.abs(one[both]).max(initial=0)
    assert one.shape == other.shape
    np.testing.assert_allclose(one[both] / scale, other[both] / scale, atol=1e-9, rtol=0)


@settings(max_examples=60, deadline=None)
@given(terms(heads=RATIONAL), st.integers(0, 3))
def test_rationals_are_what_fifty_digits_approach(term: Term, seed: int) -> None:
    numbers = dyadic(seed, UNEQUAL)
    try:
        exact = Evaluation(Rationals(), numbers, UNEQUAL).value(term)
    except NotHere:
        return
    close = sharp(term, numbers, UNEQUAL)
    for place in np.ndindex(exact.shape):
        assert isinstance(exact[place], (int, Fraction))
        value = decimals().number(Fraction(exact[place]))
        assert abs(value - close[place]) <= abs(value) * decimals().number(Fraction(1, 10**40)) + Fraction(1, 10**40)


@settings(max_examples=60, deadline=None)
@given(terms(heads=RATIONAL), st.integers(0, 3))
def test_rationals_modulo_the_prime_are_the_modular_values(term: Term, seed: int) -> None:
    plain = not any(head in str(term) for head in RATIONAL)  # sides of comparisons are random modulo a prime
    numbers = dyadic(seed, UNEQUAL)
    try:
        exact = Evaluation(Rationals(), numbers, UNEQUAL).value(term)
        residues = modular(term, numbers, UNEQUAL)
    except NotHere:
        return
    if plain:
        for place in np.ndindex(exact.shape):
            value = Fraction(exact[place])
            root = value.numerator * pow(value.denominator, -1, PRIME) % PRIME
            assert residues[place] == root


@settings(max_examples=60, deadline=None)
@given(terms(heads=("exp", "sigmoid", "tanh")), st.integers(0, 3))
def test_an_expansion_has_the_same_residues(term: Term, seed: int) -> None:
    inside = expanded(term)  # arguments of functions as sums: units are of summands
    folded = None if inside is None else inside * inside + 2 * inside
    other = None if folded is None else expanded(folded)
    if other is None or folded is None:
        return
    numbers = dyadic(seed, UNEQUAL)
    try:
        one, two = modular(folded, numbers, UNEQUAL, seed), modular(other, numbers, UNEQUAL, seed)
    except NotHere:
        return
    if "sqrt" not in str(term) and "^-1/2" not in str(term) and "^1/2" not in str(term):
        assert np.all((one - two) % PRIME == 0)


@settings(max_examples=80, deadline=None)
@given(einsums())
def test_contraction_of_objects_is_einsum(parts: Any) -> None:
    factors, output = parts
    numbers = dyadic(0, UNEQUAL)
    lengths = [3, 3, 3, 4, 4]
    operands, plain = [], []
    for s, labels, e in factors:
        value = np.asarray(numbers[s.name] ** float(e))
        operands.append((value.astype(object), labels))
        plain += [value, list(labels)]
    used = {x for _, labels in operands for x in labels}
    found = contracted(operands, output, [n if k in used else 1 for k, n in enumerate(lengths)])
    np.testing.assert_allclose(found.astype(float), np.einsum(*plain, list(output)), rtol=1e-9)


@pytest.mark.parametrize("head", [h for h in ("exp", "log", *HEADS) if h != "polygamma"])
def test_every_scalar_function_has_fifty_digits(head: str) -> None:
    row = HEADS[head]
    inside = {"within": Fraction(1, 2), "above one": Fraction(1, 2)}.get(row.conditions)
    x = symbol("x", (N,))
    argument = x / 4 if inside is not None and row.conditions == "within" else x
    term = apply(head, [argument, *[symbol("y", (N,))] * (len(row.partials) - 1)])
    numbers = dyadic(0, UNEQUAL)
    np.testing.assert_allclose(
        sharp(term, numbers, UNEQUAL).astype(float), evaluate(term, numbers, UNEQUAL), rtol=1e-9, atol=1e-12
    )


def test_polygamma_has_fifty_digits() -> None:
    term = apply("polygamma", [number(2, (N,)), X])
    numbers = dyadic(0, UNEQUAL)
    np.testing.assert_allclose(sharp(term, numbers, UNEQUAL).astype(float), evaluate(term, numbers, UNEQUAL), rtol=1e-9)


@pytest.mark.parametrize("name", ["inverse", "det", "logdet", "softmax", "logsumexp", "argmax", "stop"])
def test_special_operations_agree(name: str) -> None:
    axes = 2 if name in ("inverse", "det", "logdet") else 1
    term = special(name, S + 3 * delta(N), axes)
    numbers = dyadic(0, UNEQUAL)
    np.testing.assert_allclose(sharp(term, numbers, UNEQUAL).astype(float), evaluate(term, numbers, UNEQUAL), rtol=1e-9)
    for name in ("standardize", "deviation"):
        term = special(name, A, 1, number(1))
        np.testing.assert_allclose(
            sharp(term, numbers, UNEQUAL).astype(float), evaluate(term, numbers, UNEQUAL), rtol=1e-9
        )


def test_an_inverse_is_one_in_every_system() -> None:
    numbers = dyadic(0, UNEQUAL)
    identity = product(1, [(special("inverse", S, 2), (0, 1), 1), (S, (1, 2), 1)], (0, 2))
    for system in (Rationals(), Modular(3), decimals()):
        inverse = Evaluation(system, numbers, UNEQUAL).value(special("inverse", S, 2))
        matrix = Evaluation(system, numbers, UNEQUAL).value(S)
        found = contracted([(inverse, (0, 1)), (matrix, (1, 2))], (0, 2), [3, 3, 3], system.reduced)
        for (i, j), value in np.ndenumerate(found):
            assert abs(value - int(i == j)) < TINY
    assert Evaluation(Rationals(), numbers, UNEQUAL).value(identity).tolist() == np.eye(3).tolist()


def test_units_keep_the_law_of_the_exponential() -> None:
    numbers = dyadic(0, UNEQUAL)
    one = apply("exp", [add([(2, X), (Fraction(-1, 3), Y)], (N,))])
    other = apply("exp", [X]) ** 2 * apply("exp", [Y / -3])
    assert np.all((modular(one, numbers, UNEQUAL) - modular(other, numbers, UNEQUAL)) % PRIME == 0)
    wrong = apply("exp", [X]) ** 3 * apply("exp", [Y / -3])
    assert np.all((modular(one, numbers, UNEQUAL) - modular(wrong, numbers, UNEQUAL)) % PRIME != 0)


def test_modular_identities_hold_and_near_misses_do_not() -> None:
    numbers = dyadic(0, UNEQUAL)
    tanh, sigmoid, exp = (apply(n, [X]) for n in ("tanh", "sigmoid", "exp"))
    pairs = [
        (sigmoid, 1 / (1 + apply("exp", [-X])), True),
        (apply("sigmoid", [2 * X]) * 2 - 1, tanh, True),
        (1 - tanh**2, apply("cosh", [X]) ** -2, True),
        (sigmoid * (1 - sigmoid), exp / (1 + exp) ** 2, True),
        (apply("step", [X]) + apply("step", [-X]), number(1, (N,)), True),
        (apply("relu", [X]) - apply("relu", [-X]), X, True),
        (1 - tanh, apply("cosh", [X]) ** -2, False),
        (sigmoid * (1 + sigmoid), exp / (1 + exp) ** 2, False),
    ]
    for one, other, same in pairs:
        gap = (modular(one, numbers, UNEQUAL) - modular(other, numbers, UNEQUAL)) % PRIME
        assert bool(np.all(gap == 0)) == same


def test_what_has_no_value_says_so() -> None:
    numbers = dyadic(0, UNEQUAL)
    for term in (apply("exp", [X]), constant("pi"), X ** Fraction(1, 3)):
        with pytest.raises(NotHere):
            Evaluation(Rationals(), numbers, UNEQUAL).value(term)
    with pytest.raises(NotHere):
        modular(X ** Fraction(1, 3), numbers, UNEQUAL)
    with pytest.raises(NotHere):
        Evaluation(Rationals(), {"x": np.zeros(3)}, UNEQUAL).value(X**-1)
    assert np.all(np.isnan(sharp(apply("log", [-X]), numbers, UNEQUAL).astype(float)))
    assert np.all(np.isnan(sharp(X**-1, {"x": np.zeros(3)}, UNEQUAL).astype(float)))
    with pytest.raises(KeyError):
        sharp(symbol("nobody"), numbers, UNEQUAL)


def test_towers_of_exponentials_end() -> None:
    tower = apply("exp", [apply("exp", [apply("exp", [apply("exp", [X + 3])])])])
    assert np.all(np.isnan(sharp(tower, dyadic(0, UNEQUAL), UNEQUAL).astype(float)))
    assert sharp(X ** (10**30), dyadic(0, UNEQUAL), UNEQUAL).shape == (3,)


def test_squares_have_rational_roots() -> None:
    found = Evaluation(Rationals(), {"x": np.array([4.0, 0.25, 9.0])}, UNEQUAL).value(X ** Fraction(-1, 2))
    assert found.tolist() == [Fraction(1, 2), 2, Fraction(1, 3)]


def test_what_is_too_large_is_refused_and_not_begun() -> None:
    big = [(np.ones((200, 200), dtype=object), (0, 1)), (np.ones((200, 200), dtype=object), (1, 2))]
    with pytest.raises(TooLarge):
        contracted(big, (0, 2), [200, 200, 200], largest=1_000_000)
    with pytest.raises(TooLarge):
        Evaluation(decimals(), dyadic(0, UNEQUAL), UNEQUAL, seconds=-1.0).value(apply("exp", [X]))


def test_definitions_are_evaluated_where_they_are_needed() -> None:
    z, w = symbol("z", (N,)), symbol("w", (N,))
    meaning = {"z": X + Y, "w": z * z}
    found = Evaluation(Rationals(), dyadic(0, UNEQUAL), UNEQUAL, meaning).value(w)
    numbers = dyadic(0, UNEQUAL)
    assert [float(v) for v in found] == ((numbers["x"] + numbers["y"]) ** 2).tolist()


def test_sizes_are_numbers_in_every_system() -> None:
    term = from_size(N) * from_size(M) ** -1
    for system in (Rationals(), decimals()):
        assert abs(Evaluation(system, {}, UNEQUAL).value(term)[()] - system.number(Fraction(3, 4))) < TINY
    assert modular(term, {}, UNEQUAL)[()] * 4 % PRIME == 3
    assert modular(constant(2) ** Fraction(1, 2), {}, UNEQUAL)[()] ** 2 % PRIME == 2


def test_a_step_of_relu_is_a_step() -> None:
    assert apply("step", [apply("relu", [X])]) is apply("step", [X])
    assert apply("sign", [apply("relu", [X])]) is apply("step", [X])
    assert apply("abs", [apply("relu", [X])]) is apply("relu", [X])
