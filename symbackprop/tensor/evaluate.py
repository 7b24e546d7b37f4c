"""What a term is, by entries: its value for given arrays.

Nothing here knows about derivatives, so that it can be the oracle of every rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import pi
from typing import Any, TypeAlias

import numpy as np

from ..errors import ValueProblem
from .heads import HEADS
from .size import Floor
from .specials import operation
from .terms import Bracket, Constant, Dim, Map, Product, Special, Sum, Symbol, Term

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"


def evaluate(term: Term, arrays: Mapping[str, Any], sizes: Mapping[str, int]) -> Array:
    """The array that the term stands for, in float64.

    `arrays`: a value for every symbol and integer symbol (counted from 0); `sizes`: a number for every size name.
    Raises ValueProblem for a missing or misshapen value.
    """
    return evaluate_all([term], arrays, sizes)[0]


def evaluate_all(terms: list[Term], arrays: Mapping[str, Any], sizes: Mapping[str, int]) -> list[Array]:
    """The arrays of several terms, each shared part once."""
    done: dict[Term, Array] = {}
    for root in terms:
        evaluate_into(done, root, arrays, sizes)
    return [done[t] for t in terms]


def evaluate_into(done: dict[Term, Array], term: Term, arrays: Mapping[str, Any], sizes: Mapping[str, int]) -> Array:
    """The array of a term, its parts looked up in `done` first, and kept there: for many terms at one point."""
    if term in done:
        return done[term]
    stack = [term]
    with np.errstate(all="ignore"):
        while stack:
            top = stack[-1]
            missing = [child for child in top.children if child not in done] if top not in done else ()
            if missing:
                stack.extend(missing)
                continue
            stack.pop()
            if top not in done:
                done[top] = _entries(top, done, arrays, sizes)
    return done[term]


def _entries(term: Term, done: dict[Term, Array], arrays: Mapping[str, Any], sizes: Mapping[str, int]) -> Array:
    shape = tuple(s.value(sizes) for s in term.sizes)
    if isinstance(term, Symbol):
        if term.name not in arrays:
            raise ValueProblem(f"No value is given for {term.name}.")
        value = np.asarray(arrays[term.name], dtype=float)
        if value.shape != shape:
            raise ValueProblem(f"{term.name} must have shape {shape}, not {value.shape}.")
        return value
    if isinstance(term, Constant):
        return np.asarray(pi if term.value == "pi" else float(term.value))
    if isinstance(term, Dim):
        atom = term.atom
        if isinstance(atom, Floor):
            return np.asarray(float(atom.numerator.value(sizes) // atom.divisor))
        return np.asarray(float(sizes[atom]))
    if isinstance(term, Sum):
        total = np.zeros(shape)
        for c, child in term.terms:
            total = total + float(c) * done[child]
        return total
    if isinstance(term, Map):
        return np.asarray(HEADS[term.head].value(*(done[c] for c in term.children)), dtype=float)
    if isinstance(term, Special):
        x, *more = (done[c] for c in term.children)
        return np.asarray(operation(term.operation).value(x, term.axes, *more), dtype=float)
    if isinstance(term, Bracket):
        return bracket_value(term, shape, arrays, sizes)
    assert isinstance(term, Product)
    return _product(term, done, sizes)


def bracket_value(term: Bracket, shape: tuple[int, ...], arrays: Mapping[str, Any], sizes: Mapping[str, int]) -> Array:
    """1 where the form is zero, else 0."""
    positions: list[Array] = list(np.indices(shape)) if shape else []
    form = np.full(shape, term.constant.value(sizes))
    for c, position in zip(term.coefficients, positions, strict=True):
        form = form + c.value(sizes) * position
    for c, name, axes, _ in term.indices:
        value = np.asarray(arrays[name], dtype=int)
        form = form + c.value(sizes) * value[tuple(positions[a] for a in axes)]
    return np.asarray(form == 0).astype(float)


def _product(term: Product, done: dict[Term, Array], sizes: Mapping[str, int]) -> Array:
    lengths = [s.value(sizes) for s in term.label_sizes]
    operands: list[Any] = []
    carried: set[int] = set()
    for child, labels, exponent in term.factors:
        value = done[child]
        operands += [value if exponent == 1 else value ** float(exponent), list(labels)]
        carried.update(labels)
    for label, length in enumerate(lengths):
        if label not in carried:
            operands += [np.ones(length), [label]]
    if not operands:
        return np.asarray(float(term.coefficient))
    result = np.einsum(*operands, list(range(len(term.sizes))), optimize="greedy")
    return np.asarray(float(term.coefficient) * result)
