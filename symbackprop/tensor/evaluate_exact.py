"""What a term is, by entries, in other numbers than float64: rationals, many digits, integers modulo a prime.

Arrays hold Python objects; sums and products are NumPy's, everything else is asked of the number system.
For small arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import process_time
from typing import Any, Protocol

import numpy as np

from ..errors import SymbackpropError
from .contract import TooLarge, contracted
from .evaluate import Array, bracket_value
from .size import Floor
from .terms import Bracket, Constant, Dim, Map, Number, Product, Special, Sum, Symbol, Term


class NotHere(SymbackpropError):
    """A number system has no value for this: exp(1) among the rationals."""


class System(Protocol):
    """A number system; arrays in it are NumPy arrays of objects."""

    def number(self, value: Number | float) -> Any:
        """The number; a float is the rational that it is exactly."""

    def named(self, value: str | int) -> Any:
        """π, or an integer that stands under a root."""

    def reduced(self, values: Array) -> Array:
        """Sums of products in their standard form."""

    def power(self, values: Array, exponent: Number) -> Array:
        """Entrywise; raises NotHere where there is none."""

    def mapped(self, term: Map, values: list[Array], known: Mapping[Term, Array]) -> Array:
        """A scalar function of its arguments' values; `known` has the values of all that stands in them."""

    def operated(self, term: Special, values: list[Array], known: Mapping[Term, Array]) -> Array:
        """One of the special operations."""


class Evaluation:
    """Values of terms at one point, each shared part once.

    `arrays`: numbers of symbols and integer symbols; `definitions`: terms of the symbols that are computed from them.
    `seconds` bounds the whole; past it TooLarge is raised.
    """

    def __init__(
        self,
        system: System,
        arrays: Mapping[str, Array],
        sizes: Mapping[str, int],
        definitions: Mapping[str, Term] | None = None,
        seconds: float = 5.0,
    ) -> None:
        self.system, self.arrays, self.sizes = system, arrays, sizes
        self.definitions = definitions or {}
        self.seconds = seconds
        self.done: dict[Term, Array] = {}

    def value(self, term: Term) -> Array:
        """The array of objects that a term stands for. Raises NotHere, TooLarge, KeyError for an unknown symbol."""
        until = process_time() + self.seconds
        stack = [term]
        while stack:
            top = stack[-1]
            missing = [child for child in self.parts(top) if child not in self.done] if top not in self.done else ()
            if missing:
                stack.extend(missing)
                continue
            stack.pop()
            if top not in self.done:
                if process_time() > until:
                    raise TooLarge("Exact evaluation takes too long here.")
                self.done[top] = self.entries(top)
        return self.done[term]

    def parts(self, term: Term) -> tuple[Term, ...]:
        """What must be known first."""
        if isinstance(term, Symbol):
            return (self.definitions[term.name],) if term.name in self.definitions else ()
        return term.children

    def entries(self, term: Term) -> Array:
        """The value of a term whose parts are known."""
        system = self.system
        shape = tuple(s.value(self.sizes) for s in term.sizes)
        if isinstance(term, Symbol):
            if term.name in self.definitions:
                return self.done[self.definitions[term.name]]
            return self.converted(np.asarray(self.arrays[term.name]).reshape(shape))
        if isinstance(term, Constant):
            return boxed(system.named(term.value))
        if isinstance(term, Dim):
            atom = term.atom
            known = atom.numerator.value(self.sizes) // atom.divisor if isinstance(atom, Floor) else self.sizes[atom]
            return boxed(system.number(known))
        if isinstance(term, Sum):
            total = np.full(shape, system.number(0), dtype=object)
            for c, child in term.terms:
                total = total + system.number(c) * self.done[child]
            return system.reduced(boxed(total))
        if isinstance(term, Bracket):
            return self.converted(bracket_value(term, shape, self.arrays, self.sizes))
        values = [self.done[child] for child in term.children]
        if isinstance(term, Map):
            return system.mapped(term, values, self.done)
        if isinstance(term, Special):
            return system.operated(term, values, self.done)
        assert isinstance(term, Product)
        return self.contracted(term)

    def converted(self, array: Array) -> Array:
        """An array of numbers in this system; objects are such already."""
        if array.dtype == object:
            return array
        found = np.empty(array.shape, dtype=object)
        for place, value in np.ndenumerate(array):
            found[place] = value if isinstance(value, int) else self.system.number(value)
        return found

    def contracted(self, term: Product) -> Array:
        """The sum of products, two factors at a time."""
        lengths = [s.value(self.sizes) for s in term.label_sizes]
        operands: list[tuple[Array, tuple[int, ...]]] = []
        for child, labels, exponent in term.factors:
            value = self.done[child]
            operands.append((value if exponent == 1 else self.system.power(value, exponent), labels))
        found = contracted(operands, range(len(term.sizes)), lengths, self.system.reduced)
        return self.system.reduced(boxed(self.system.number(term.coefficient) * found))


def boxed(value: Any) -> Array:
    """An array of objects, also of a single number."""
    if isinstance(value, np.ndarray):
        return value if value.dtype == object else value.astype(object)
    found = np.empty((), dtype=object)
    found[()] = value
    return found


def each(function: Any, *arrays: Array) -> Array:
    """A function of entries, entry by entry."""
    found = np.empty(arrays[0].shape, dtype=object)
    for place in np.ndindex(arrays[0].shape):
        found[place] = function(*(a[place] for a in arrays))
    return found


__all__ = ["Evaluation", "NotHere", "System", "TooLarge", "boxed", "each"]
