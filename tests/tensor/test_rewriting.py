"""No rewriting changes a value, whatever the term."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from symbackprop.tensor.equal import expanded, same
from symbackprop.tensor.evaluate import evaluate
from symbackprop.tensor.factor import factored
from symbackprop.tensor.facts import apply_facts
from symbackprop.tensor.normal import apply, essential_axes, powered, product
from symbackprop.tensor.shorten import shorten
from symbackprop.tensor.substitute import fold, rewritten, substitute
from symbackprop.tensor.terms import Factor, Labels, Map, Symbol, Term, symbol
from tests.tensor.making import HEADS, SYMBOLS, UNEQUAL, M, N, agree, close, einsums, terms

FORMS: dict[str, Callable[[Term], Term]] = {
    "shorten": shorten,
    "factored": factored,
    "both": lambda t: factored(shorten(t)),
    "apply_facts": apply_facts,
    "nothing": lambda t: rewritten(t, {}),
}


@pytest.mark.parametrize("form", FORMS)
@given(terms())
def test_a_form_of_a_matrix_has_its_value(form: str, term: Term) -> None:
    close(FORMS[form](term), term)


@pytest.mark.parametrize("form", FORMS)
@given(terms((), depth=4))
def test_a_form_of_a_scalar_has_its_value(form: str, term: Term) -> None:
    close(FORMS[form](term), term)


@given(terms())
def test_an_expansion_has_the_value_of_the_term(term: Term) -> None:
    full = expanded(term)
    assume(full is not None)
    assert full is not None
    close(full, term, 1e-7)


@given(terms((N,)), terms((N,)))
def test_equal_is_only_what_has_equal_values(a: Term, b: Term) -> None:
    if same(a, b):
        close(a, b, 1e-7)


@given(terms((N,)), st.sampled_from(sorted(FORMS)))
def test_forms_are_proven_equal(term: Term, form: str) -> None:
    assume(expanded(term) is not None)
    assert same(FORMS[form](term), term)


@given(einsums(), terms((N,), depth=2), terms((N, M), depth=2))
def test_substitution_puts_values_in(drawn: tuple[list[Factor], Labels], x: Term, a: Term) -> None:
    parts, output = drawn
    term = product(1, [(t, labels, abs(e)) for t, labels, e in parts], output)
    mapping: dict[Term, Term] = {SYMBOLS[1]: 1 + x**2, SYMBOLS[4]: 1 + a**2}
    direct = [(mapping.get(t, t), labels, abs(e)) for t, labels, e in parts]
    close(substitute(term, mapping), product(1, direct, output))


@given(terms((N, M), depth=2), terms((N,), depth=3))
def test_folding_finds_what_substitution_put_in(definition: Term, around: Term) -> None:
    assume(definition.children and essential_axes(definition) == (0, 1))
    name = symbol("named", definition.sizes)
    wide = product(1, [(around, (0,), 1), (name, (0, 1), 2)], (0, 1)) + apply("tanh", [name])
    opened = substitute(wide, {name: definition})
    closed = fold(opened, {definition: name})
    assert name in leaves(closed)
    close(substitute(closed, {name: definition}), opened)


def leaves(term: Term) -> set[Symbol]:
    found: set[Symbol] = set()
    rewritten(term, {}, lambda t: found.add(t) or t if isinstance(t, Symbol) else t)
    return found


def test_three_thousand_levels_overflow_nothing() -> None:
    x = symbol("x", (N,))
    term: Term = x
    for _ in range(3_000):
        term = apply("tanh", [term * x + powered(x, -1)])
    assert shorten(term) is term
    assert isinstance(factored(term), Map)
    assert apply_facts(term) is term
    assert substitute(term, {x: 2 * x}) is not term
    assert fold(term, {apply("tanh", [x * x + powered(x, -1)]): symbol("y", (N,))}) is not term
    assert expanded(term) is None or same(term, term)
    assert same(term, term + x) is None


@given(terms((N,), depth=4, heads=(*HEADS, "log", "exp"), wild=True), st.integers(0, 3))
def test_forms_hold_for_either_sign_wherever_both_are_defined(term: Term, seed: int) -> None:
    rng = np.random.default_rng(seed)
    numbers = {s.name: rng.normal(size=tuple(z.value(UNEQUAL) for z in s.sizes)) for s in SYMBOLS}
    expected = evaluate(term, numbers, UNEQUAL)
    for form in (shorten, factored, expanded, apply_facts):
        found = form(term)
        if found is not None:
            agree(evaluate(found, numbers, UNEQUAL), expected, 1e-6)
