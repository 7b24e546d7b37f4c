"""Random terms: what is equal is never called different, what differs is never called equal."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from symbackprop.tensor.equal import expanded
from symbackprop.tensor.normal import add, broadcast, delta
from symbackprop.tensor.terms import Term, symbol
from tests.tensor.making import M, N, terms
from tests.verification.claiming import Court

NETWORK = Court("""
c: parameter()
x: parameter(n)
y: parameter(n)
v: parameter(m)
A: parameter(n, m)
B: parameter(n, m)
S: parameter(n, n)
T: parameter(n, n, m)
J: loss = c + sum(x * y) + sum(v) + sum(A * B) + sum(S) + sum(T)
""")
A, B, S, V = symbol("A", (N, M)), symbol("B", (N, M)), symbol("S", (N, N)), symbol("v", (M,))
DIAGONAL = broadcast(symbol("x", (N,)), (0,), (N, N)) * delta(N)


@settings(max_examples=60, deadline=None)
@given(terms())
def test_a_term_and_its_expansion_are_never_called_different(term: Term) -> None:
    other = expanded(term)
    if other is not None:
        found = NETWORK.judge.decide(other, term)
        assert found.status != "different", found.reason


@settings(max_examples=60, deadline=None)
@given(terms(), st.sampled_from([1, Fraction(1, 1000), Fraction(1, 10**8), Fraction(-1, 10**12)]))
def test_a_perturbed_term_is_never_called_equal(term: Term, size: Fraction) -> None:
    changed = add([(1, term), (size, (1 + A * A) * (2 + B * B))], term.sizes)
    found = NETWORK.judge.decide(changed, term)
    assert found.status != "equal", found.reason


@settings(max_examples=40, deadline=None)
@given(terms((N, N), depth=2), st.booleans())
def test_a_change_on_the_diagonal_or_off_it_is_never_called_equal(term: Term, on: bool) -> None:
    change = DIAGONAL if on else S - S * delta(N)
    found = NETWORK.judge.decide(term + change, term)
    assert found.status != "equal", found.reason


@settings(max_examples=40, deadline=None)
@given(terms(depth=2, wild=True))
def test_terms_that_are_defined_here_and_there_only_are_no_trouble(term: Term) -> None:
    found = NETWORK.judge.decide(term + A - A * 1, term)
    assert found.status != "different"
    changed = NETWORK.judge.decide(term + A, term)
    assert changed.status != "equal"


@settings(max_examples=40, deadline=None)
@given(terms(depth=2), terms(depth=2))
def test_agreement_is_what_decisions_say(one: Term, other: Term) -> None:
    decided = NETWORK.judge.decide(one, other)
    agree = NETWORK.judge.agrees(one, other)
    if decided.status == "different":
        assert not agree
    elif decided.status == "equal" and decided.proof == "numeric":
        assert agree
