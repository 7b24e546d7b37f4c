"""Formulas as people write them: the tree that every printer takes, and nothing but printers reads.

A tree has no algebra: what order the factors have, which sign comes first and where a transpose stands is decided
before. A printer only decides parentheses, spacing and spelling. Letters are named, not spelled: `Notation` spells.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["scalar", "vector", "matrix", "array"]


@dataclass(frozen=True, slots=True)
class Num:
    """A rational number."""

    value: Fraction


@dataclass(frozen=True, slots=True)
class Const:
    """A number with a name: `pi`, or `e`."""

    name: str


@dataclass(frozen=True, slots=True)
class Sym:
    """A declared symbol, a node or a size, by its name in the network."""

    name: str
    kind: Kind = "scalar"


@dataclass(frozen=True, slots=True)
class Delta:
    """The gradient of the loss at a node or symbol, taken as known: δ_{z_1}."""

    of: str
    kind: Kind = "scalar"


@dataclass(frozen=True, slots=True)
class Dot:
    """The change of a symbol, a node or a gradient along a direction: a dot above its letter."""

    base: Sym | Delta


@dataclass(frozen=True, slots=True)
class Partial:
    """∂top/∂bottom…, as a fraction: one `bottom` for a gradient or Jacobian, two for a Hessian block."""

    top: Tree
    bottom: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """The Hessian block of the loss at two nodes, taken as known: H_{p q}, or H_p if both are the same."""

    row: str
    column: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A running index such as i, or another letter that no declaration spells (printed as it is)."""

    name: str


@dataclass(frozen=True, slots=True)
class Special:
    """`ones` (a vector of ones), `eye`, `zero` (of whatever shape), `commutation` (K)."""

    name: Literal["ones", "eye", "zero", "commutation"]
    size: Tree | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum; each term with its sign, +1 or −1, the first one's too."""

    terms: tuple[tuple[int, Tree], ...]


@dataclass(frozen=True, slots=True)
class Prod:
    """A product in the given order. `juxtapose`: scalars, or a matrix product; the rest say what they are."""

    factors: tuple[Tree, ...]
    op: Literal["juxtapose", "hadamard", "kron", "outer", "dot"] = "juxtapose"


@dataclass(frozen=True, slots=True)
class Frac:
    """A quotient; entry by entry if either part is an array."""

    top: Tree
    bottom: Tree


@dataclass(frozen=True, slots=True)
class Pow:
    """A power; `elementwise` if the base is an array and every entry is raised (printed z^{∘2})."""

    base: Tree
    exponent: Tree
    elementwise: bool = False


@dataclass(frozen=True, slots=True)
class Trans:
    """A transpose."""

    base: Tree


@dataclass(frozen=True, slots=True)
class Inv:
    """A matrix inverse; under a transpose it prints X^{-T}."""

    base: Tree


@dataclass(frozen=True, slots=True)
class Call:
    """A function applied to arguments; `function` is a name of the function table or an author's name for one.

    `primes` counts derivatives: f'(z). `sub` stands below the name: the axis of a mean, the slope of a leaky ReLU.
    """

    function: str
    args: tuple[Tree, ...]
    primes: int = 0
    sub: tuple[Tree, ...] = ()


@dataclass(frozen=True, slots=True)
class Norm:
    """The Euclidean norm over all entries."""

    base: Tree


@dataclass(frozen=True, slots=True)
class Abs:
    """The absolute value, entry by entry."""

    base: Tree


@dataclass(frozen=True, slots=True)
class Sqrt:
    """The square root, entry by entry."""

    base: Tree


@dataclass(frozen=True, slots=True)
class Relation:
    """left op right, with op one of = != < <= > >= in."""

    op: str
    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True)
class Indicator:
    """1[condition]."""

    condition: Tree


@dataclass(frozen=True, slots=True)
class Index:
    """An entry or a part: base with subscripts. A subscript is a tree or a Range."""

    base: Tree
    subscripts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """A slice in a subscript, both ends included as on paper; None is an open end, both None is a whole axis (:)."""

    first: Tree | None
    last: Tree | None
    step: Tree | None = None


@dataclass(frozen=True, slots=True)
class BigSum:
    """Σ over running indices; each with its first and last value (None: the whole range, printed without bounds)."""

    body: Tree
    indices: tuple[tuple[str, Tree | None, Tree | None], ...]


@dataclass(frozen=True, slots=True)
class Expectation:
    """E[body], over what is declared random."""

    body: Tree


@dataclass(frozen=True, slots=True)
class Cases:
    """Piecewise: (value, condition) pairs; the last condition None is 'otherwise'."""

    pieces: tuple[tuple[Tree, Tree | None], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """An array written out, row by row; a column vector is n rows of one."""

    rows: tuple[tuple[Tree, ...], ...]


@dataclass(frozen=True, slots=True)
class Text:
    """Words inside a formula."""

    words: str


Tree: TypeAlias = (
    Num
    | Const
    | Sym
    | Delta
    | Dot
    | Partial
    | Block
    | Letter
    | Special
    | Sum
    | Prod
    | Frac
    | Pow
    | Trans
    | Inv
    | Call
    | Norm
    | Abs
    | Sqrt
    | Relation
    | Indicator
    | Index
    | Range
    | BigSum
    | Expectation
    | Cases
    | Grid
    | Text
)
