"""What stands on the paper: a formula as a tree of what was written, with places, and nothing known of its meaning.

`start` and `end` are positions in the text of the passage. Nothing is simplified: which letters are declared, which
product is meant by a sign, and whether `T` is an index or a transpose, is decided later, by types.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

from .lexemes import Lexeme


@dataclass(frozen=True, slots=True)
class Num:
    """A number; `text` as it was written."""

    value: Fraction
    text: str
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Script:
    """What is lowered or raised: its lexemes; `sign` is the mark itself."""

    sign: Literal["_", "^"]
    lexemes: tuple[Lexeme, ...]
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def words(self) -> tuple[str, ...]:
        """The lexemes as plain strings."""
        return tuple(x.text for x in self.lexemes)


@dataclass(frozen=True, slots=True)
class Atom:
    r"""A letter, a Greek letter or a word, with all that is written around it: `\hat{\mathbf{W}}^{[1]T}_{ij}`.

    `base` is canonical (`W`, `\delta`, `softmax`); accents from the inside out; `primes` counts those behind it.
    """

    base: str
    font: str = ""
    accents: tuple[str, ...] = ()
    primes: int = 0
    scripts: tuple[Script, ...] = ()
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Named:
    """A stretch of the text that a declaration spells, however strange: `P(w_j | w_c)`, `δ 22`, ∂L/∂O; with scripts."""

    name: str
    primes: int = 0
    scripts: tuple[Script, ...] = ()
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """Something in brackets, with what is written at the closing one; `left` is the bracket, or `{` for bare braces."""

    body: Tree
    left: str
    primes: int = 0
    scripts: tuple[Script, ...] = ()
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Listing:
    r"""Several things with commas between them: `(t_1, \dots, t_n)`."""

    items: tuple[Tree, ...]
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Fraction_:
    """A fraction; `scripts` stand at no fraction, only at a group around one."""

    top: Tree
    bottom: Tree
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Root:
    """A square root."""

    body: Tree
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Product:
    r"""Factors in a row; `signs[k]` stands between factor k and k + 1: "" (nothing), or a sign such as `\cdot`, `/`."""

    factors: tuple[Tree, ...]
    signs: tuple[str, ...]
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms with their signs, +1 or −1, the first one's too."""

    terms: tuple[tuple[int, Tree], ...]
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Derivative:
    """∂top/∂bottom…, ∇_bottom top, or the operator alone (`top` is None: it applies to what follows).

    `bottoms` has every variable as often as it is differentiated by; ∇ without a variable has none. `style`: how it is
    written.
    """

    top: Tree | None
    bottoms: tuple[Tree, ...]
    order: int
    style: Literal["fraction", "slash", "nabla"]
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Big:
    r"""A sum, product, expectation, maximum or minimum over what follows it; with what stands below and above."""

    operator: Literal["sum", "prod", "expectation", "max", "min", "argmax"]
    scripts: tuple[Script, ...] = ()
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Bars:
    """|x| or ‖x‖, with what is written behind."""

    body: Tree
    double: bool
    scripts: tuple[Script, ...] = ()
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of entries: a matrix, or the pieces of a definition by cases. An entry that is blank is None."""

    rows: tuple[tuple[Tree | None, ...], ...]
    environment: str
    scripts: tuple[Script, ...] = ()
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """left op right inside a formula: `z > 0`; op is one of = != < <= > >= in."""

    op: str
    left: Tree
    right: Tree
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Words:
    r"""Text inside a formula: `\text{if }`."""

    text: str
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Dots:
    """Three dots."""

    text: str
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


Tree: TypeAlias = (
    Num | Atom | Named | Group | Listing | Fraction_ | Root | Product | Sum | Derivative | Big | Bars | Grid | Compare
    | Words | Dots
)  # fmt: skip  # the whole list at a glance


@dataclass(frozen=True, slots=True)
class Chain:
    """One statement: `sides[0] relations[0] sides[1] …`; one side alone claims nothing.

    `words` are the text inside and behind it. Of a chain that is `continued` the first side is the last one of the
    passage before it, so that it has as many relations as sides.
    """

    sides: tuple[Tree, ...]
    relations: tuple[str, ...]
    words: tuple[str, ...] = ()
    continued: bool = False
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


def children(tree: Tree) -> tuple[Tree, ...]:
    """The trees directly inside, in reading order; scripts are not trees."""
    if isinstance(tree, (Group, Root, Bars)):
        return (tree.body,)
    if isinstance(tree, Listing):
        return tree.items
    if isinstance(tree, Fraction_):
        return (tree.top, tree.bottom)
    if isinstance(tree, Product):
        return tree.factors
    if isinstance(tree, Sum):
        return tuple(t for _, t in tree.terms)
    if isinstance(tree, Derivative):
        return (*(() if tree.top is None else (tree.top,)), *tree.bottoms)
    if isinstance(tree, Compare):
        return (tree.left, tree.right)
    if isinstance(tree, Grid):
        return tuple(entry for row in tree.rows for entry in row if entry is not None)
    return ()


def walk(tree: Tree) -> list[Tree]:
    """The tree and everything inside, parents first."""
    found, stack = [], [tree]
    while stack:
        top = stack.pop()
        found.append(top)
        stack.extend(reversed(children(top)))
    return found
