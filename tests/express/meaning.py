"""What a printed formula means, by someone who only reads it: trees evaluated with NumPy, knowing no terms.

Vectors are columns (or rows, if declared so), products of matrices are matrix products, and a number or a scalar symbol
among arrays stands for the array of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import special as sp

from symbackprop.notation import tree as t

Array = Any

FUNCTIONS = {
    "exp": np.exp, "log": np.log, "tanh": np.tanh, "sin": np.sin, "cos": np.cos, "sigmoid": sp.expit, "sign": np.sign,
    "softplus": lambda x: np.logaddexp(0, x), "normal_cdf": sp.ndtr, "relu": lambda x: np.maximum(x, 0), "erf": sp.erf,
    "normal_pdf": lambda x: np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi),
}  # fmt: skip
RELATIONS = {
    "=": np.equal, "!=": np.not_equal, ">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal,
}  # fmt: skip


class Reader:
    """Reads formulas at given numbers. `values`: arrays by name; a gradient is "@name", a block "#p|q"."""

    def __init__(self, values: Mapping[str, Any], sizes: Mapping[str, int], rows: frozenset[str]) -> None:
        self.values, self.sizes, self.rows = values, sizes, rows
        self.letters: dict[str, int] = {}

    def column(self, name: str, key: str, kind: str) -> Array:
        if name in self.sizes and key == name:
            return np.asarray(float(self.sizes[name]))
        value = np.asarray(self.values[key], dtype=float)
        if kind == "vector":
            return value[None, :] if name in self.rows else value[:, None]
        return value

    def read(self, tree: t.Tree) -> Array:
        return getattr(self, "_" + type(tree).__name__)(tree)

    def _Num(self, tree: t.Num) -> Array:
        return np.asarray(float(tree.value))

    def _Const(self, tree: t.Const) -> Array:
        return np.asarray({"pi": np.pi, "e": np.e}[tree.name])

    def _Sym(self, tree: t.Sym) -> Array:
        return self.column(tree.name, tree.name, tree.kind)

    def _Delta(self, tree: t.Delta) -> Array:
        return self.column(tree.of, "@" + tree.of, tree.kind)

    def _Letter(self, tree: t.Letter) -> Array:
        return np.asarray(float(self.letters[tree.name]))

    def _Block(self, tree: t.Block) -> Array:
        return self.values[f"#{tree.row}|{tree.column}"]

    def _Special(self, tree: t.Special) -> Array:
        return {"ones": "1", "eye": "I", "zero": "0"}[tree.name]  # a shape that only the neighbours know

    def sized(self, value: Array, other: Array, axis: int) -> Array:
        """A vector of ones or an identity as long as its neighbour's axis."""
        if isinstance(value, str):
            length = other.shape[axis]
            return {"1": np.ones((length, 1)), "1T": np.ones((1, length)), "I": np.eye(length)}[value]
        return value

    def _Sum(self, tree: t.Sum) -> Array:
        parts = [(sign, self.read(x)) for sign, x in tree.terms]
        known = [p for _, p in parts if not isinstance(p, (str, list))]
        shape = np.broadcast_shapes(*(p.shape for p in known)) if known else ()
        chains = [p[1:] for _, p in parts if isinstance(p, list)]
        if not shape and chains:
            heads = [p[0].shape[0] for p in chains if not isinstance(p[0], str)]
            tails = [p[-1].shape[1] for p in chains if not isinstance(p[-1], str)]
            assert heads, "no piece of the sum says how many rows it has"
            assert tails, "no piece of the sum says how many columns it has"
            shape = (heads[0], tails[0])
        total: Array = 0.0
        for sign, p in parts:
            if isinstance(p, list):
                p = self.fill(p, shape)
            elif isinstance(p, str):
                p = np.eye(shape[0]) if p == "I" else np.zeros(shape) if p == "0" else np.ones(shape)
            total = total + sign * p
        return np.asarray(total)

    def fill(self, chain: list[Array], shape: tuple[int, ...]) -> Array:
        """A chain that begins or ends with ones, in a sum of that shape."""
        scale, *pieces = chain
        if isinstance(pieces[0], str):
            pieces[0] = np.ones((shape[0], 1)) if pieces[0] == "1" else np.eye(shape[0])
        if isinstance(pieces[-1], str):
            pieces[-1] = np.ones((1, shape[1])) if pieces[-1] == "1T" else np.ones((shape[0], 1))
        whole = self.multiply([scale, *pieces])
        assert not isinstance(whole, list), whole
        return whole

    def multiply(self, chain: list[Array]) -> Array:
        scale: Array = np.asarray(1.0)
        arrays: list[Array] = []
        for p in chain:
            if not isinstance(p, str) and p.ndim == 0:
                scale = scale * p
            else:
                arrays.append(p)
        if not arrays:
            return scale
        for k, p in enumerate(arrays):
            if isinstance(p, str):
                left = arrays[k - 1] if k and not isinstance(arrays[k - 1], str) else None
                right = arrays[k + 1] if k + 1 < len(arrays) and not isinstance(arrays[k + 1], str) else None
                if p == "1" and left is not None and left.ndim == 2 and (left.shape[1] != 1 or right is None):
                    arrays[k] = np.ones((left.shape[1], 1))
                elif p == "1T" and right is not None and right.shape[0] != 1:
                    arrays[k] = np.ones((1, right.shape[0]))
        if any(isinstance(p, str) for p in arrays):
            return [scale, *arrays]
        total = arrays[0]
        for p in arrays[1:]:
            total = total @ p
        if total.shape == (1, 1):
            total = total[0, 0]
        return np.asarray(scale * total)

    def whole(self, value: Array) -> Array:
        """A value that can be computed without its neighbours."""
        assert not isinstance(value, (str, list)), value
        return value

    def _Prod(self, tree: t.Prod) -> Array:
        parts = [self.read(f) for f in tree.factors]
        if tree.op == "juxtapose":
            flat: list[Array] = []
            for p in parts:
                flat.extend(p if isinstance(p, list) else [p])
            return self.multiply(flat)
        assert tree.op == "hadamard", tree.op
        known = [p for p in parts if not isinstance(p, (str, list))]
        shape = np.broadcast_shapes(*(p.shape for p in known))
        total = np.ones(shape)
        for p in parts:
            p = self.fill(p, shape) if isinstance(p, list) else p
            assert p.ndim == 0 or p.shape == shape, (p.shape, shape)
            total = total * p
        return total

    def _Frac(self, tree: t.Frac) -> Array:
        top, bottom = self.read(tree.top), self.read(tree.bottom)
        assert top.shape == bottom.shape or not top.shape or not bottom.shape
        return np.asarray(top / bottom)

    def _Pow(self, tree: t.Pow) -> Array:
        base = self.read(tree.base)
        assert tree.elementwise or base.ndim == 0
        return np.asarray(base ** self.read(tree.exponent))

    def _Trans(self, tree: t.Trans) -> Array:
        value = self.read(tree.base)
        if isinstance(value, str):
            return {"1": "1T", "1T": "1", "I": "I"}[value]
        return value.T

    def _Inv(self, tree: t.Inv) -> Array:
        return np.linalg.inv(self.read(tree.base))

    def _Norm(self, tree: t.Norm) -> Array:
        return np.sqrt(np.sum(self.read(tree.base) ** 2))

    def _Abs(self, tree: t.Abs) -> Array:
        return np.abs(self.read(tree.base))

    def _Sqrt(self, tree: t.Sqrt) -> Array:
        return np.sqrt(self.read(tree.base))

    def _Relation(self, tree: t.Relation) -> Array:
        return RELATIONS[tree.op](self.read(tree.left), self.read(tree.right)).astype(float)

    def _Indicator(self, tree: t.Indicator) -> Array:
        return np.asarray(self.read(tree.condition), dtype=float)

    def _Cases(self, tree: t.Cases) -> Array:
        (value, condition), (other, none) = tree.pieces
        assert condition is not None
        assert none is None
        return np.where(self.read(condition) != 0, self.read(value), self.read(other))

    def _Index(self, tree: t.Index) -> Array:
        base = self.raw(tree.base)
        places: list[Any] = []
        for s in tree.subscripts:
            if isinstance(s, t.Range):
                places.append(slice(None))
                continue
            if isinstance(s, t.Sym) and s.name not in self.sizes:
                places.append(int(self.values[s.name]))  # an index counts from 0 in the data
                continue
            place = int(self.read(s)) - 1
            if not 0 <= place < base.shape[len(places)]:
                return np.asarray(0.0)  # the condition beside it says so
            places.append(place)
        picked = base[tuple(places)]
        if picked.ndim == 1:
            return picked[None, :] if isinstance(tree.subscripts[-1], t.Range) and base.ndim == 2 else picked[:, None]
        return np.asarray(picked)

    def raw(self, tree: t.Tree) -> Array:
        """An array with all of its axes, not as a column."""
        if isinstance(tree, t.Sym):
            return np.asarray(self.values[tree.name], dtype=float)
        if isinstance(tree, t.Delta):
            return np.asarray(self.values["@" + tree.of], dtype=float)
        value = self.read(tree)
        return value[:, 0] if value.ndim == 2 and value.shape[1] == 1 else value

    def _BigSum(self, tree: t.BigSum) -> Array:
        (name, low, high), *rest = tree.indices
        assert low is None
        assert high is None
        inner = t.BigSum(tree.body, tuple(rest)) if rest else tree.body
        total: Array = np.asarray(0.0)
        for value in range(1, self.ranges[name] + 1):
            self.letters[name] = value
            total = total + self.read(inner)
        return total

    ranges: Mapping[str, int] = {}

    def _Call(self, tree: t.Call) -> Array:
        if tree.function == "onehot":
            return self.onehot(tree)
        args = [self.read(a) for a in tree.args]
        x = args[0]
        if tree.function == "diag":
            return np.diag(x.ravel()) if 1 in x.shape else np.diag(x)[:, None]
        if tree.function in ("mean", "tr"):
            return np.asarray(np.mean(x) if tree.function == "mean" else np.trace(x))
        if tree.function in ("rowmean", "colmean"):
            axis = 1 if tree.function == "rowmean" else 0
            return np.broadcast_to(x.mean(axis=axis, keepdims=True), x.shape)
        if tree.function == "logsumexp":
            return np.asarray(sp.logsumexp(x))
        if tree.function == "softmax":
            axis = 0 if x.shape[1] == 1 else 1
            return np.asarray(sp.softmax(x, axis=axis))
        if tree.function == "maximum":
            return np.maximum(*args)
        return np.asarray(FUNCTIONS[tree.function](*args))

    classes: Mapping[str, int] = {}

    def onehot(self, tree: t.Call) -> Array:
        (which,) = tree.args
        assert isinstance(which, t.Sym)
        value = np.asarray(self.values[which.name], dtype=int)
        hot = np.eye(self.classes[which.name])[value]
        return hot[:, None] if hot.ndim == 1 else hot
