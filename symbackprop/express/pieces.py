"""Building blocks of matrix notation: trees that can be transposed, multiplied and combined entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from ..notation.tree import (
    Block,
    Call,
    Const,
    Delta,
    Expectation,
    Frac,
    Index,
    Norm,
    Num,
    Pow,
    Prod,
    Special,
    Sqrt,
    Sum,
    Sym,
    Trans,
    Tree,
)
from ..tensor.terms import Number

ONES = Special("ones")
SCALAR_FUNCTIONS = frozenset({"tr", "det", "logdet", "mean", "logsumexp"})


@dataclass(slots=True)
class Item:
    """A piece of a product: its tree read with its labels in this order (a vector is a column, a matrix rows first).

    `order`: the key by which it is placed among entrywise factors. `role`: "delta" for an identity matrix.
    `flip` writes the transpose from scratch, where that may read better than a transpose around the whole.
    """

    labels: tuple[int, ...]
    tree: Tree
    order: tuple[object, ...]
    role: str = ""
    flip: Callable[[], Tree] | None = None

    def turned(self, labels: tuple[int, ...]) -> Tree:
        """The tree with its axes in the given order; turned by `flip` if that shows no more transposes."""
        if labels == self.labels:
            return self.tree
        if self.flip is not None:
            other = self.flip()
            if all_transposes(other) <= all_transposes(self.tree) + 1:
                return other
        return transposed(self.tree)


def transposed(tree: Tree) -> Tree:
    """The transpose of a matrix or vector formula without scalar factors, pushed inwards as people write it."""
    if isinstance(tree, Trans):
        return tree.base
    if isinstance(tree, Prod) and tree.op == "juxtapose":
        scalars = [f for f in tree.factors if in_front(f)]
        return Prod((*scalars, *(transposed(f) for f in reversed(tree.factors) if not in_front(f))))
    if isinstance(tree, Block):
        return Block(tree.column, tree.row)
    if isinstance(tree, Special) and tree.name in ("eye", "zero"):
        return tree
    if isinstance(tree, Call) and tree.function == "diag":
        return tree
    if isinstance(tree, Expectation) and transposed(tree.body) == tree.body:
        return tree
    if isinstance(tree, Sum) and all(transposed(x) == x for _, x in tree.terms):
        return tree
    return Trans(tree)


def in_front(tree: Tree) -> bool:
    """True for a scalar in a chain; a product inside a product is one (uᵀv)."""
    if isinstance(tree, (Sym, Delta)):
        return tree.kind == "scalar"
    if isinstance(tree, Prod):
        return tree.op == "juxtapose"
    if isinstance(tree, Frac):
        return all(map(_scalar_part, (tree.top, tree.bottom)))
    if isinstance(tree, (Pow, Sqrt)):
        return in_front(tree.base)
    if isinstance(tree, Call):
        if tree.function == "onehot":  # a vector, of a scalar
            return False
        return tree.function in SCALAR_FUNCTIONS or (bool(tree.args) and all(map(in_front, tree.args)))
    return isinstance(tree, (Num, Const, Norm))


def _scalar_part(tree: Tree) -> bool:
    """True for a scalar above or below a fraction bar."""
    return all(map(in_front, tree.factors)) if isinstance(tree, Prod) else in_front(tree)


def chain(left: Tree, right: Tree) -> Tree:
    """The matrix product, flat."""
    parts: list[Tree] = []
    for side in (left, right):
        if isinstance(side, Prod) and side.op == "juxtapose":
            parts.extend(side.factors)
        else:
            parts.append(side)
    return Prod(tuple(parts))


def transposes(tree: Tree) -> int:
    """How many transposes a chain shows."""
    if isinstance(tree, Trans):
        return 1
    return sum(map(transposes, tree.factors)) if isinstance(tree, Prod) else 0


def is_row(tree: Tree) -> bool:
    """True for the column reading of a vector that is a row on paper: yᵀ, f(y)ᵀ, 2 (x ∘ y)ᵀ."""
    if isinstance(tree, Prod) and tree.op == "juxtapose":
        arrays = [f for f in tree.factors if not in_front(f)]
        return len(arrays) == 1 and is_row(arrays[0])
    return isinstance(tree, Trans) and not isinstance(tree.base, (Index, Special))


def unturned(tree: Tree) -> Tree:
    """A vector as it is on paper, where row or column does not matter."""
    return transposed(tree) if is_row(tree) else tree


def together(trees: list[Tree], build: Callable[[list[Tree]], Tree]) -> Tree:
    """An entrywise formula of vectors; if most of them are rows, it is written with rows and transposed as a whole."""
    rows = sum(map(is_row, trees))
    columns = sum(not is_row(tree) and not _number(tree) and not _only_ones(tree) for tree in trees)
    if rows <= columns:
        return build(trees)
    return transposed(build([tree if _number(tree) else transposed(tree) for tree in trees]))


def _only_ones(tree: Tree) -> bool:
    """True for the vector of ones and its multiples, which are as well a row as a column."""
    if isinstance(tree, Prod) and tree.op == "juxtapose":
        return all(f == ONES or in_front(f) for f in tree.factors)
    return tree == ONES


def _number(tree: Tree) -> bool:
    """True for a number or a scalar symbol among vectors."""
    return isinstance(tree, (Num, Const)) or (isinstance(tree, (Sym, Delta)) and tree.kind == "scalar")


def all_transposes(tree: Tree) -> int:
    """How many transposes the formula shows, at any depth."""
    count = 0
    stack: list[object] = [tree]
    while stack:
        top = stack.pop()
        if isinstance(top, tuple):
            stack.extend(top)
        elif hasattr(top, "__dataclass_fields__"):
            count += isinstance(top, Trans)
            stack.extend(getattr(top, name) for name in top.__dataclass_fields__)
    return count


def hadamard(factors: list[Tree]) -> Tree:
    """The entrywise product, flat."""
    flat: list[Tree] = []
    for f in factors:
        flat.extend(f.factors if isinstance(f, Prod) and f.op == "hadamard" else (f,))
    return flat[0] if len(flat) == 1 else Prod(tuple(flat), "hadamard")


def juxtaposed(factors: list[Tree]) -> Tree:
    """The product of scalars in the given order; an inner product among them stays in its parentheses."""
    if not factors:
        return num(1)
    return factors[0] if len(factors) == 1 else Prod(tuple(factors))


def num(value: Number) -> Num:
    """A number as a tree."""
    return Num(Fraction(value))


def quotient(top: list[Tree], bottom: list[Tree]) -> Tree:
    """top / bottom as a fraction, or just the top."""
    return Frac(juxtaposed(top), juxtaposed(bottom)) if bottom else juxtaposed(top)
