"""What an author wrote, as a tree that prints the way they wrote it: nothing is simplified, reordered or named.

NumPy's conventions become those of paper: a vector is a column unless it is a row on paper, `*` between arrays is the
elementwise product, a vector that NumPy adds to every row of a matrix is 1 bᵀ, and constant subscripts count from the
style's base. Shapes come from outside, as opaque sizes: only their number and which of them are equal matters.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from ...expression import Expr
from .. import tree as t
from .common import Shape, kind_of
from .work import Forward

__all__ = ["forward", "kind_of"]


def forward(
    expr: Expr,
    shape_of: Callable[[Expr], Shape],
    *,
    rows: Collection[str] = (),
    index_base: int = 1,
    size_tree: Callable[[object], t.Tree] | None = None,
) -> t.Tree:
    """The tree of a right-hand side.

    `shape_of` gives the sizes of any part of it; `rows` are the names of vectors that are rows on paper; `size_tree`
    prints one of those sizes, which only subscripts from the end (`x[-1]`) need. Raises MissingRule for a function that
    has no printed form.
    """
    return Forward(shape_of, frozenset(rows), index_base, size_tree).tree(expr)
