"""What a printed formula is made of, before it is LaTeX, MathML or text: tokens, rows, scripts, fractions, fences.

`layout` makes boxes from a tree and decides every parenthesis; `tex`, `mathml` and `plain` only write them down, so a
formula has the same parentheses in all three. Boxes are NamedTuples because a document builds them by the million and
these cost a third of a frozen dataclass. `level` says how tightly a box holds together; `tall` whether a fence around
it must grow.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

# How tightly a box holds together, loosest first.
RELATION = 0  # a = b, and anything that needs a fence inside whatever else
SUM = 1  # a + b, -a
PRODUCT = 2  # a b, a ∘ b
SCRIPT = 3  # a^2, f(x), ∇J: a factor as it stands, but takes no superscript
ATOM = 4  # a letter, a fence: takes a superscript


class Token(NamedTuple):
    """One letter, word, number or sign: its LaTeX, its Unicode text and what it is.

    kind: letter (one, italic) word (upright) number operator relation punct big (Σ) function mark (an upright sign that
    stands like a letter: ∂ ∇ 1 ⊤) prime space text.
    """

    latex: str
    text: str
    kind: str

    @property
    def level(self) -> int:
        """Always an atom."""
        return ATOM

    @property
    def tall(self) -> bool:
        """Whether a fence around it must grow: only around a Σ."""
        return self.kind == "big"


class Row(NamedTuple):
    """Boxes side by side; `tight`: without a space between them in the source or in text."""

    items: tuple[Box, ...]
    level: int
    tall: bool
    tight: bool = False


class Scripts(NamedTuple):
    """A base with a subscript, a superscript or both; below and above it if the base is a Σ."""

    base: Box
    sub: Box | None
    sup: Box | None

    @property
    def level(self) -> int:
        """With a superscript it takes no other one."""
        return ATOM if self.sup is None else SCRIPT

    @property
    def tall(self) -> bool:
        """As tall as its base."""
        return self.base.tall


class Fraction(NamedTuple):
    """A quotient with a bar; on one line in text."""

    top: Box
    bottom: Box

    @property
    def level(self) -> int:
        """A factor as it stands; under a superscript it needs a fence."""
        return SCRIPT

    @property
    def tall(self) -> bool:
        """Always."""
        return True


class Root(NamedTuple):
    """A square root."""

    body: Box

    @property
    def level(self) -> int:
        """A factor as it stands; under a superscript it needs a fence."""
        return SCRIPT

    @property
    def tall(self) -> bool:
        """As tall as what is under it."""
        return self.body.tall


class Fence(NamedTuple):
    """A body between two delimiters, each one of ( ) [ ] { } | ‖ ⟨ ⟩ ⌊ ⌋; they grow if the body is tall."""

    left: str
    right: str
    body: Box

    @property
    def level(self) -> int:
        """Always an atom."""
        return ATOM

    @property
    def tall(self) -> bool:
        """As tall as its body."""
        return self.body.tall


class Accent(NamedTuple):
    """A mark over a body: `command` is the LaTeX name, without the backslash."""

    command: str
    body: Box

    @property
    def level(self) -> int:
        """Always an atom."""
        return ATOM

    @property
    def tall(self) -> bool:
        """As tall as its body."""
        return self.body.tall


class Table(NamedTuple):
    """Rows of cells: a matrix in parentheses, or the cases of a definition."""

    kind: str  # pmatrix or cases
    rows: tuple[tuple[Box, ...], ...]

    @property
    def level(self) -> int:
        """A matrix is an atom; cases are open on the right and need a fence."""
        return ATOM if self.kind == "pmatrix" else RELATION

    @property
    def tall(self) -> bool:
        """Always."""
        return True


Box: TypeAlias = Token | Row | Scripts | Fraction | Root | Fence | Accent | Table


def row(items: list[Box], level: int, *, tight: bool = False) -> Box:
    """The items side by side; a single one is itself."""
    if len(items) == 1:
        return items[0]
    return Row(tuple(items), level, any(item.tall for item in items), tight)


def parens(body: Box) -> Fence:
    """The body in parentheses."""
    return Fence("(", ")", body)


def bare(box: Box) -> bool:
    """Whether a box is something that an index or a power can be put on without a fence."""
    return box.level == ATOM and not isinstance(box, Scripts)


def raised(base: Box, sup: Box) -> Box:
    """A base with a superscript, in parentheses where it has one already or is loose."""
    if isinstance(base, Scripts) and base.sup is None:
        return Scripts(base.base, base.sub, sup)
    if base.level < ATOM:
        base = parens(base)
    return Scripts(base, None, sup)


def marked(base: Box, mark: Box) -> Box:
    """A base with a transpose: a superscript that is part of the letter, as in W^{[1]}, takes it along."""
    if isinstance(base, Scripts) and base.sup is not None and _named(base.sup):
        return Scripts(base.base, base.sub, Row((base.sup, mark), ATOM, False))
    if isinstance(base, Row) and base.level == SCRIPT and base.tight and not isinstance(base.items[-1], Fence):
        return base._replace(items=(*base.items[:-1], marked(base.items[-1], mark)))
    return raised(base, mark)


def _named(sup: Box) -> bool:
    """Whether a superscript belongs to a name and is no power: it is in a fence."""
    return isinstance(sup, Fence)


def at_least(box: Box, level: int) -> Box:
    """The box, in parentheses if it is looser than `level`."""
    return box if box.level >= level else parens(box)


def first_token(box: Box) -> Token | None:
    """The token that a reader sees first, None if that is a fence or a bar."""
    while not isinstance(box, Token):
        if isinstance(box, Row) and box.items:
            box = box.items[0]
        elif isinstance(box, Scripts):
            box = box.base
        elif isinstance(box, Fraction):
            box = box.top
        else:
            return None
    return box


def last_token(box: Box) -> Token | None:
    """The token at the end of the line, None if something else stands there."""
    while not isinstance(box, Token):
        if isinstance(box, Row) and box.items:
            box = box.items[-1]
        else:
            return None
    return box


def leading_primes(box: Box) -> tuple[int, Box | None]:
    """How many primes a superscript begins with, and what follows them."""
    if isinstance(box, Token) and box.kind == "prime":
        return 1, None
    if not isinstance(box, Row):
        return 0, box
    count = 0
    while count < len(box.items) and isinstance(part := box.items[count], Token) and part.kind == "prime":
        count += 1
    rest = box.items[count:]
    return count, (box._replace(items=rest) if rest else None)


MINUS = Token("-", "−", "operator")
PLUS = Token("+", "+", "operator")
COMMA = Token(",", ",", "punct")
CDOT = Token(r"\cdot", "·", "operator")
TIMES = Token(r"\otimes", "⊗", "operator")
PRIME = Token("'", "′", "prime")
THIN = Token(r"\,", " ", "space")
PARTIAL = Token(r"\partial", "∂", "mark")
NABLA = Token(r"\nabla", "∇", "mark")
BOLD_ONE = Token(r"\mathbf{1}", "\U0001d7cf", "mark")
BIG_SIGMA = Token(r"\sum", "∑", "big")
COLON = Token(":", ":", "mark")
MINUS_ONE = Row((MINUS, Token("1", "1", "number")), PRODUCT, False, tight=True)
