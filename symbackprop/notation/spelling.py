"""How symbols are written on paper: what an author declared, and what a name stands for if nothing is declared."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .boxes.box import (
    ATOM,
    NABLA,
    PARTIAL,
    PRIME,
    SCRIPT,
    Accent,
    Box,
    Fence,
    Fraction,
    Row,
    Scripts,
    Token,
    row,
)
from .boxes.commands import LATIN_CAPITALS, LETTERS, styled
from .boxes.entries import chosen_pattern, fill
from .boxes.parse import parse_latex
from .boxes.tex import box_latex
from .tree import Kind, Tree

SUFFIXES = ("hat", "bar", "tilde", "dot")
# Greek letters that Python's reserved words, or long names, made people write otherwise.
GREEK_ALIASES = {"eps": "epsilon", "lam": "lambda", "lmbda": "lambda", "lamda": "lambda"}
_PLAIN = re.compile(r"([A-Za-z]+?)([0-9]*)")


@dataclass(frozen=True, slots=True)
class Spelling:
    r"""How an author writes a symbol: `latex`, the first printed and all of them read; and how its parts are written.

    `entries` (`x_{ij}`), `rows` (`x^{(i)}`) and `columns` are LaTeX too; `row` says that a vector is a row on paper.
    """

    latex: tuple[str, ...] = ()
    entries: str | None = None
    rows: str | None = None
    columns: str | None = None
    row: bool = False


@dataclass(frozen=True, slots=True)
class Style:
    """What a whole document agrees on."""

    layers: Literal["_", "[l]", "(l)"] = "_"
    vectors: Literal["plain", "bold"] = "plain"
    matrices: Literal["plain", "bold"] = "plain"
    transpose: str = r"\top"
    hadamard: str = r"\circ"
    gradient: Literal["delta", "partial", "nabla"] = "delta"
    index_base: int = 1
    macros: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notation:
    """Everything that printers ask about letters: the style, the declared spellings, the names given to derivatives.

    `spellings` holds symbols, nodes and the author's functions; `gradient_names` is by the node whose gradient has a
    name; `loss` is the scalar that is differentiated; `kinds` says which names are vectors and matrices, for bold type
    inside subscripts.
    """

    style: Style = field(default_factory=Style)
    spellings: Mapping[str, Spelling] = field(default_factory=dict)
    gradient_names: Mapping[str, Spelling] = field(default_factory=dict)
    loss: str = "J"
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    _letters: set[str] = field(default_factory=set, init=False, repr=False, compare=False)
    _known: dict[tuple[str, str, str], Box] = field(default_factory=dict, init=False, repr=False, compare=False)

    def symbol(self, name: str, kind: Kind = "scalar") -> Box:
        """The boxes of a symbol, a node or a size."""
        kind = self.kinds.get(name, kind)
        key = ("symbol", name, kind)
        if key not in self._known:
            spelling = self.spellings.get(name)
            self._known[key] = self._read(spelling) or default_spelling(name, self.style, kind)
        return self._known[key]

    def delta(self, of: str, kind: Kind = "scalar") -> Box:
        """The boxes of the gradient at a node: its given name, else δ with the node, ∂J/∂z or ∇J as the style says."""
        kind = self.kinds.get(of, kind)
        key = ("delta", of, kind)
        if key not in self._known:
            self._known[key] = self._read(self.gradient_names.get(of)) or self._default_delta(of, kind)
        return self._known[key]

    def block(self, first: str, second: str) -> Box:
        """The boxes of the Hessian block at two nodes."""
        parts = [self.symbol(name) for name in ((first,) if first == second else (first, second))]
        return Scripts(Token("H", "H", "letter"), row(parts, ATOM), None)

    def letter(self, name: str) -> Box:
        """The boxes of a running index or of a letter that nothing declares; primes at its end are primes."""
        key = ("letter", name, "")
        if key not in self._known:
            stem = name.rstrip("'")
            box = default_spelling(stem)
            self._known[key] = box if stem == name else Scripts(box, None, row([PRIME] * (len(name) - len(stem)), ATOM))
        return self._known[key]

    def function(self, name: str) -> Box | None:
        """The boxes of an author's own function; None if nothing declares one of that name."""
        return self.symbol(name) if name in self.spellings else None

    def part(self, name: str, subscripts: Sequence[Tree], boxes: Sequence[Box]) -> Box | None:
        """An entry, a row or a column as its author writes it; None if nothing says how."""
        spelling = self.spellings.get(name)
        if spelling is None:
            return None
        pattern, filled = chosen_pattern(spelling.entries, spelling.rows, spelling.columns, subscripts, boxes)
        if pattern is None:
            return None
        return fill(parse_latex(pattern, macros=self.style.macros), self.symbol(name), filled)

    def sign(self, which: Literal["transpose", "hadamard"]) -> Box:
        """The boxes of the transpose's or the elementwise product's sign."""
        key = ("sign", which, "")
        if key not in self._known:
            box = parse_latex(getattr(self.style, which), macros=self.style.macros)
            if which == "hadamard" and isinstance(box, Token):
                box = box._replace(kind="operator")
            elif which == "transpose" and isinstance(box, Token) and box.kind != "prime":
                box = box._replace(kind="transpose")
            self._known[key] = box
        return self._known[key]

    def printed_key(self, name: str) -> str:
        """The same for two names exactly when they print alike (`W1` and `W_1`, or one spelling declared twice)."""
        return box_latex(self.symbol(name))

    def spells(self, letter: str) -> bool:
        """Whether a declared name prints as this LaTeX letter, with or without scripts."""
        if not self._letters:
            self._letters.update(_nucleus(self.symbol(name)) for name in (*self.spellings, *self.kinds))
        return letter in self._letters

    def _read(self, spelling: Spelling | None) -> Box | None:
        if spelling is None or not spelling.latex:
            return None
        return parse_latex(spelling.latex[0], macros=self.style.macros)

    def _default_delta(self, of: str, kind: Kind) -> Box:
        node = self.symbol(of, kind)
        if self.style.gradient == "delta":
            return Scripts(_letter("delta", kind, self.style), node, None)
        return derivative(self.symbol(self.loss), node, self.style)


def derivative(top: Box, bottom: Box, style: Style) -> Box:
    """∂top/∂bottom as a fraction, or ∇ with a subscript if the style says so."""
    if style.gradient == "nabla":
        return Row((Scripts(NABLA, bottom, None), top), SCRIPT, top.tall)
    return Fraction(Row((PARTIAL, top), SCRIPT, top.tall), Row((PARTIAL, bottom), SCRIPT, bottom.tall))


def printed_key(name: str, spelling: Spelling | None = None, style: Style | None = None) -> str:
    """The same for two names exactly when they print alike."""
    return Notation(style or Style(), {name: spelling} if spelling else {}).printed_key(name)


def default_spelling(name: str, style: Style | None = None, kind: Kind = "scalar") -> Box:
    """What a name stands for: `W_1` and `W1` are W with index 1, `yhat` is ŷ, `alpha` α, `loss` an upright word."""
    style = style or Style()
    base, *subscripts = name.strip("_").split("_")
    if subscripts and subscripts[0] in SUFFIXES[:3] and _accented(base + subscripts[0]):
        base += subscripts.pop(0)
    letter, digits = _stem(base)
    if digits:
        subscripts.insert(0, digits)
    nucleus = _letter(letter, kind, style)
    sup: Box | None = None
    if style.layers != "_" and subscripts and subscripts[-1].isdigit():
        left, right = style.layers[0], style.layers[2]
        sup = Fence(left, right, Token(subscripts[-1], subscripts[-1], "number"))
        subscripts.pop()
    parts: list[Box] = []
    for part in subscripts:
        if parts:
            parts.append(Token(",", ",", "punct"))
        parts.append(_subscript(part))
    sub = row(parts, ATOM, tight=True) if parts else None
    return nucleus if sub is None and sup is None else Scripts(nucleus, sub, sup)


def _stem(base: str) -> tuple[str, str]:
    """A first part split into its letter and its digits, if it is one letter (or a Greek name) with digits behind."""
    match = _PLAIN.fullmatch(base)
    if match and match.group(2) and _is_letter(match.group(1)):
        return match.group(1), match.group(2)
    return base, ""


def _is_letter(text: str) -> bool:
    return len(text) == 1 or text in LETTERS or text in LATIN_CAPITALS or text in GREEK_ALIASES or bool(_accented(text))


def _accented(text: str) -> tuple[str, str] | None:
    """`yhat` and `muhat` as (y, hat) and (mu, hat)."""
    for suffix in SUFFIXES:
        stem = text.removesuffix(suffix)
        if stem != text and (len(stem) == 1 or stem in LETTERS or stem in GREEK_ALIASES):
            return stem, suffix
    return None


def _subscript(part: str) -> Box:
    if part.isdigit():
        return Token(part, part, "number")
    letter, digits = _stem(part)
    box = _letter(letter, "scalar", Style())
    return Scripts(box, Token(digits, digits, "number"), None) if digits else box


def _letter(text: str, kind: Kind, style: Style) -> Box:
    """A letter, Greek letter, accented letter or word, bold if the style says so."""
    bold = (kind == "vector" and style.vectors == "bold") or (kind in ("matrix", "array") and style.matrices == "bold")
    text = GREEK_ALIASES.get(text, text)
    if len(text) == 1:
        return Token(rf"\mathbf{{{text}}}", styled(text, "bold"), "letter") if bold else Token(text, text, "letter")
    if text in LETTERS:
        letter = LETTERS[text]
        if bold:
            return Token(rf"\boldsymbol{{\{text}}}", styled(letter, "bolditalic"), "letter")
        return Token(rf"\{text}", letter, "letter")
    if text in LATIN_CAPITALS:
        return Token(rf"\mathrm{{{LATIN_CAPITALS[text]}}}", LATIN_CAPITALS[text], "mark")
    if text == "omicron":
        return Token("o", "ο", "letter")
    if accented := _accented(text):
        return Accent(accented[1], _letter(accented[0], kind, style))
    return Token(rf"\mathrm{{{text}}}", text, "word")


def _nucleus(box: Box) -> str:
    while isinstance(box, Scripts):
        box = box.base
    return box_latex(box)
