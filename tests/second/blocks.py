"""What a printed Hessian block means, by someone who only reads it: Kronecker products, vec, K and blocks by NumPy.

An identity, a vector of ones and K say nothing of their size; the rest of the formula, or the shape of the whole does.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from symbackprop.notation import tree as t
from tests.express.meaning import Reader


class Unsized(AssertionError):
    """Nothing in the formula says how large an identity or a vector of ones is."""


Array = Any
Shape = tuple[int, int]


def commutation(rows: int, columns: int, vec: str) -> Array:
    """K with K vec(X) = vec(Xᵀ) for X of that shape."""
    order = "F" if vec == "column" else "C"
    place = np.arange(rows * columns).reshape((rows, columns), order=order)
    return np.eye(rows * columns)[place.T.reshape(-1, order=order)]


class BlockReader(Reader):
    """Reads the matrix of a block. `second` is the shape of the variable whose entries are the columns."""

    def __init__(
        self,
        values: Mapping[str, Any],
        sizes: Mapping[str, int],
        rows: frozenset[str],
        vec: str,
        second: tuple[int, ...],
    ) -> None:
        super().__init__(values, sizes, rows)
        self.vec, self.second = vec, second

    def read(self, tree: t.Tree) -> Array:
        value = super().read(tree)
        return value if isinstance(value, (str, list)) else np.asarray(value)

    def whole_block(self, tree: t.Tree, shape: Shape) -> Array:
        """The formula as a matrix of that shape."""
        value = self.shaped(tree, shape)
        assert value.shape == shape or value.size == prod(shape) == 1, (value.shape, shape)
        return value.reshape(shape)

    def shaped(self, tree: t.Tree, shape: Shape) -> Array:
        if isinstance(tree, t.Sum):
            return np.asarray(sum(sign * self.shaped(x, shape) for sign, x in tree.terms))
        if isinstance(tree, t.Special):
            if tree.name == "eye":
                assert shape[0] == shape[1], shape
                return np.eye(shape[0])
            return np.zeros(shape) if tree.name == "zero" else np.ones(shape)
        if isinstance(tree, t.Prod) and tree.op == "kron":
            return self.kron(tree, shape)
        if isinstance(tree, t.Prod) and tree.op == "juxtapose" and self.has_blocks(tree):
            return self.product(tree, shape)
        value = self.read(tree)
        if isinstance(value, list):
            value = self.fill(value, shape)
        if isinstance(value, str):
            return self.open(value, shape)
        return np.full(shape, value) if value.ndim == 0 and prod(shape) == 1 else value

    def has_blocks(self, tree: t.Prod) -> bool:
        """True if something in the chain needs the shape of the whole: a Kronecker product, K, or a sum of them."""
        return any(
            (isinstance(x, t.Prod) and x.op == "kron")
            or (isinstance(x, t.Special) and x.name == "commutation")
            or (isinstance(x, t.Block) and self.read(x).ndim == 2)
            or (isinstance(x, t.Sum) and any(isinstance(y, t.Prod) for _, y in x.terms))
            or (isinstance(x, t.Prod) and self.has_blocks(x))
            for x in tree.factors
        )

    def product(self, tree: t.Prod, shape: Shape) -> Array:
        """A chain. Matrices whose shape nobody says are as tall, or as wide, as what stands beside them."""
        scale: Array = np.asarray(1.0)
        pieces: list[Any] = []
        for x in tree.factors:
            try:
                value = self.read(x)
            except (AssertionError, KeyError, ValueError):
                value = x
            if isinstance(value, np.ndarray) and value.ndim == 0:
                scale = scale * value
            else:
                pieces.append(x if isinstance(value, (str, list)) else value)
        if not pieces:
            return scale
        for k, piece in enumerate(pieces):
            if isinstance(piece, np.ndarray):
                continue
            rows = shape[0] if k == 0 else pieces[k - 1].shape[1] if isinstance(pieces[k - 1], np.ndarray) else None
            columns = shape[1] if k == len(pieces) - 1 else None
            if k + 1 < len(pieces) and isinstance(pieces[k + 1], np.ndarray):
                columns = pieces[k + 1].shape[0]
            if isinstance(piece, t.Special) and piece.name == "commutation":
                takes = self.second
                if piece.size is not None:
                    assert isinstance(piece.size, t.Prod)
                    takes = tuple(int(self.read(x)) for x in piece.size.factors)
                assert len(takes) == 2, "K beside something that is no matrix"
                pieces[k] = commutation(*takes, self.vec)
                continue
            if columns is None and isinstance(pieces[k + 1], t.Special) and pieces[k + 1].name == "commutation":
                columns = shape[1]
            if rows is None or columns is None:
                raise Unsized(str(tree))
            pieces[k] = self.shaped(piece, (rows, columns))
        total = pieces[0]
        for piece in pieces[1:]:
            total = total @ piece
        return np.asarray(scale * total)

    def kron(self, tree: t.Prod, shape: Shape) -> Array:
        """A Kronecker product in which an identity or ones may have any length that fits."""
        parts: list[Any] = []
        for x in tree.factors:
            value = self.read(x)
            parts.append(x if isinstance(value, list) else value)
        known = [p for p in parts if isinstance(p, np.ndarray)]
        rows = shape[0] // prod(p.shape[0] for p in known if p.ndim == 2)
        columns = shape[1] // prod(p.shape[1] for p in known if p.ndim == 2)
        open_ = [k for k, p in enumerate(parts) if not isinstance(p, np.ndarray)]
        if len(open_) == 1:
            parts[open_[0]] = self.open(parts[open_[0]], (rows, columns))
        elif open_ and all(parts[k] == "I" for k in open_) and open_ == list(range(open_[0], open_[-1] + 1)):
            parts[open_[0]] = np.eye(rows)  # I ⊗ I is one identity
            parts = [p for k, p in enumerate(parts) if k not in open_[1:]]
        elif sorted(map(str, (parts[k] for k in open_))) in (["1", "I"], ["1T", "I"]):  # which is as long as it is wide
            length = min(rows, columns)
            for k in open_:
                parts[k] = self.open(
                    parts[k], (length, length) if parts[k] == "I" else (rows // length, columns // length)
                )
        else:
            if open_:
                raise Unsized(str(tree))
        total = parts[0]
        for p in parts[1:]:
            total = np.kron(total, p)
        return np.asarray(total)

    def open(self, piece: Any, shape: Shape) -> Array:
        """An identity, ones, or a formula that begins or ends with one, of the shape that is left for it."""
        if isinstance(piece, str):
            return np.eye(shape[0]) if piece == "I" else np.ones(shape)
        return self.shaped(piece, shape)

    def _Prod(self, tree: t.Prod) -> Array:
        if tree.op == "kron":
            parts = [self.read(x) for x in tree.factors]
            assert all(isinstance(p, np.ndarray) for p in parts), "a Kronecker product of open size"
            total = parts[0]
            for p in parts[1:]:
                total = np.kron(total, p)
            return total
        return super()._Prod(tree)

    def _Sym(self, tree: t.Sym) -> Array:
        if tree.name in self.classes and tree.name not in self.sizes and np.ndim(self.values[tree.name]) == 0:
            return np.asarray(float(self.values[tree.name]) + 1)  # on paper indices count from 1
        return super()._Sym(tree)

    def _Index(self, tree: t.Index) -> Array:
        value = super()._Index(tree)
        counted = isinstance(tree.base, t.Sym) and tree.base.name in self.classes
        return np.asarray(value + 1) if counted else value

    def _Special(self, tree: t.Special) -> Array:
        assert tree.name != "commutation"
        return super()._Special(tree)

    def _Call(self, tree: t.Call) -> Array:
        if tree.function == "vec":
            value = self.read(tree.args[0])
            return value.reshape(-1, 1, order="F" if self.vec == "column" else "C")
        return super()._Call(tree)

    def raw(self, tree: t.Tree) -> Array:
        if isinstance(tree, t.Block):
            return np.asarray(self.values[f"=#{tree.row}|{tree.column}"])  # with all of its axes
        return super().raw(tree)
