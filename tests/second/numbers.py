"""Hessian blocks in numbers: values for every name in a formula, and second derivatives that know no chain rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from symbackprop.derive import Derivation, derive
from symbackprop.draws import Drawer
from symbackprop.express.order import BLOCK
from symbackprop.hessian import BlockFormula, blocks_in
from symbackprop.network import Model
from symbackprop.reading.netfile import parse
from symbackprop.tensor.evaluate import evaluate

Array = Any


@dataclass
class Numbers:
    """A network at one draw of values; gradients are "@name"."""

    model: Model
    derivation: Derivation
    values: dict[str, Array]
    sizes: dict[str, int]

    @classmethod
    def of(cls, source: str, seed: int = 1, vec: str = "column") -> Numbers:
        """The network with drawn values."""
        model = parse(source)
        derivation = derive(model, vec="row" if vec == "row" else "column")
        drawn = Drawer(model, derivation.graph, seed).draw()
        assert drawn is not None
        sizes = dict(drawn.sizes)
        numbers = cls(model, derivation, dict(drawn.arrays), sizes)
        for name in derivation.order:
            numbers.values["@" + name] = evaluate(derivation.recursive_terms[name], numbers.values, sizes)
        return numbers

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a name."""
        return tuple(s.value(self.sizes) for s in self.derivation.graph.sizes(name))

    def matrix(self, array: Array, p: str, q: str, vec: str) -> Array:
        """The array of shape p + q as a matrix by vec."""
        order = "F" if vec == "column" else "C"
        rows, columns = self.shape(p), self.shape(q)
        flat = np.asarray(array).reshape((prod(rows), *columns)) if vec == "row" else None
        if flat is not None:
            return flat.reshape(prod(rows), prod(columns))
        return np.asarray(array).reshape((*rows, *columns)).reshape((prod(rows), prod(columns)), order=order)

    def with_blocks(self, formula: BlockFormula, vec: str) -> dict[str, Array]:
        """The values, and those of all named blocks: "#p|q" as evaluation takes them, in `readable` as a matrix."""
        found = dict(self.values)
        if formula.blocks is not None:
            for p, q in blocks_in(formula.term):
                found[f"{BLOCK}{p}|{q}"] = evaluate(formula.blocks.closed(p, q), self.values, self.sizes)
        return found

    def readable(self, values: Mapping[str, Array], vec: str) -> dict[str, Array]:
        """The same values as a reader takes them: each block as a matrix by vec, with all axes under "=#p|q"."""
        found = dict(values)
        for key, value in values.items():
            if key.startswith(BLOCK):
                p, q = key[1:].split("|")
                found["=" + key] = value
                scalar = not self.shape(p) and not self.shape(q)
                found[key] = np.asarray(value) if scalar else self.matrix(value, p, q, vec)
        return found

    def gradient_at(self, name: str, **changed: Array) -> Array:
        """The gradient at a name with some leaves changed, node by node."""
        values = {k: v for k, v in self.values.items() if not k.startswith("@")} | changed
        for node in self.derivation.graph.order:
            values[node] = evaluate(self.model.equations[node].term, values, self.sizes)
        for step in self.derivation.order:
            values["@" + step] = evaluate(self.derivation.recursive_terms[step], values, self.sizes)
        return values["@" + name]

    def differences(self, p: str, q: str, step: float = 1e-3) -> Array:
        """∂²J/∂p∂q of two leaves by central differences of the gradient, extrapolated (Richardson); shape p + q."""
        base = np.asarray(self.values[q], dtype=float)
        columns = []
        for place in np.ndindex(base.shape):

            def slope(h: float, place: tuple[int, ...] = place) -> Array:
                ahead, behind = base.copy(), base.copy()
                ahead[place] += h
                behind[place] -= h
                return (self.gradient_at(p, **{q: ahead}) - self.gradient_at(p, **{q: behind})) / (2 * h)

            columns.append((4 * slope(step / 2) - slope(step)) / 3)
        return np.stack(columns, axis=-1).reshape((*self.shape(p), *base.shape))
