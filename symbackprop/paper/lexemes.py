r"""The pieces of a formula in LaTeX, made alike: `\dfrac` is `\frac`, `\left(` is `(`, `’` a prime, `∂` is `\partial`.

Fonts are kept beside the letter that they set, spaces and sizes of brackets go. What loads, writes, defines or
programs is refused here, and so is every character that only looks like a letter.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import NoReturn

from ..errors import ReadError, Span
from ..notation.boxes.commands import FORBIDDEN, LATIN_CAPITALS, LETTERS, RELATIONS, SPACES

LONGEST = 20_000  # characters of one formula
MOST = 4_000  # lexemes
LONGEST_NUMBER = 40  # digits

_BY_EXPONENT = re.compile(r"(?<![A-Za-z\\_^{\d.])\d[\d.]*[eE]\d+")
_TOKEN = re.compile(r"\\(?:[A-Za-z]+\*?|.)|[0-9]+(?:\.[0-9]+)?|\.[0-9]+|\s+|.", re.DOTALL)

SAME = {
    "dfrac": "frac", "tfrac": "frac", "cfrac": "frac", "lbrace": "{", "rbrace": "}", "lbrack": "[", "rbrack": "]",
    "le": "leq", "ge": "geq", "ne": "neq", "leqslant": "leq", "geqslant": "geq", "to": "rightarrow",
    "gets": "leftarrow",
    "ast": "*", "lVert": "Vert", "rVert": "Vert", "|": "Vert", "lvert": "vert", "rvert": "vert", "widehat": "hat",
    "widetilde": "tilde", "overline": "bar", "ldots": "dots", "cdots": "dots", "vdots": "vdots", "dotsc": "dots",
    "dotsb": "dots", "bm": "boldsymbol", "mathscr": "mathcal", "ln": "log", "epsilon": "epsilon", "bigodot": "odot",
    "varepsilon": "epsilon", "varphi": "phi", "vartheta": "theta", "bigotimes": "otimes", "land": "wedge",
    "centerdot": "cdot",
    "hadamard": "odot", "coloneqq": "coloneq", "triangleq": "coloneq", "defeq": "coloneq", "doteq": "coloneq",
    "lt": "<", "gt": ">", "mathbbm": "mathbb", "hbox": "text", "mbox": "text", "textup": "textrm", "bullet": "cdot",
}  # fmt: skip  # a table
CHARACTERS = {
    "∂": "\\partial", "∇": "\\nabla", "∑": "\\sum", "∏": "\\prod", "·": "\\cdot", "⋅": "\\cdot", "×": "\\times",
    "⊙": "\\odot", "∘": "\\circ", "⊗": "\\otimes", "−": "-", "–": "-", "’": "'", "′": "'", "‘": "'", "≤": "\\leq",
    "≥": "\\geq", "≠": "\\neq", "≈": "\\approx", "∈": "\\in", "√": "\\sqrt", "‖": "\\Vert", "∥": "\\Vert",
    "…": "\\dots",
    "⋯": "\\dots", "⊤": "\\top", "ᵀ": "^T", "²": "^2", "³": "^3", "½": "\\frac12", "∞": "\\infty",
    "ℓ": "\\ell", "ℒ": "L",
    "⟨": "\\langle", "⟩": "\\rangle", "→": "\\rightarrow", "←": "\\leftarrow", "“": '"', "”": '"', "∗": "*",
    "≔": "\\coloneq",
    "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2003": " ",
}  # fmt: skip  # a table
GREEK = {v: k for k, v in LETTERS.items() if len(v) == 1 and not v.isascii()} | {
    "ε": "epsilon", "φ": "phi", "ϕ": "phi", "ϑ": "theta", "µ": "mu",
}  # fmt: skip
DROPPED = frozenset(
    {
        *(
            "left",
            "right",
            "middle",
            "big",
            "Big",
            "bigg",
            "Bigg",
            "bigl",
            "bigr",
            "Bigl",
            "Bigr",
            "biggl",
            "biggr",
            "Biggl",
        ),
        *(
            "Biggr",
            "bigm",
            "limits",
            "nolimits",
            "displaystyle",
            "textstyle",
            "scriptstyle",
            "nonumber",
            "notag",
            "mathstrut",
        ),
        *(
            "bigskip",
            "medskip",
            "smallskip",
            "noindent",
            "centering",
            "relax",
            "protect",
            "hfill",
            "strut",
            "allowbreak",
        ),
    }
)
ARGUMENT_DROPPED = frozenset(
    {"label", "tag", "vspace", "hspace", "phantom", "hphantom", "vphantom", "color", "eqref", "ref"}
)
FONTS = {
    "mathbf": "bold", "boldsymbol": "bold", "textbf": "bold", "mathrm": "", "mathit": "", "textit": "",
    "mathsf": "sans",
    "mathtt": "mono", "mathcal": "script", "mathbb": "double", "mathfrak": "fraktur", "operatorname": "",
    "operatorname*": "",
    "textrm": "", "textnormal": "", "textsf": "", "texttt": "", "pmb": "bold", "rm": "", "bf": "bold",
}  # fmt: skip  # a table
HARMLESS = frozenset({"begin", "end", "relax", "verb"})


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A command (with its backslash), letter, number or sign; `font` is that of the letter; `space`: one stood before.

    `line` is true for the first lexeme of a source line.
    """

    text: str
    start: int
    end: int
    font: str = ""
    space: bool = False
    line: bool = False


class FormulaError(ReadError):
    """A formula, or a part of one, that cannot be read; `start` and `end` are positions in the passage's text."""

    def __init__(self, message: str, start: int, end: int, *, remedy: str = "", span: Span | None = None) -> None:
        super().__init__(message, remedy=remedy, span=span)
        self.start, self.end = start, end


def fail(text: str, start: int, end: int, what: str, remedy: str = "") -> NoReturn:
    """Raise FormulaError for a stretch of the formula."""
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    shown = text[start:end].strip() or text[max(start - 12, 0) : end].strip()
    shown = shown if len(shown) <= 40 else shown[:37] + "..."
    quoted = f" at `{shown}`" if shown else " at its end"
    span = Span(line, column, line, column + max(end - start, 1))
    raise FormulaError(
        f"Cannot read the formula{quoted}: {what}.", start, max(end, start + 1), remedy=remedy, span=span
    )


def lex(text: str) -> list[Lexeme]:
    """The lexemes of a formula; raises ReadError for what no formula may hold, with its position."""
    if not text.strip():
        fail(text, 0, len(text), "the formula is empty", "Write one.")
    if len(text) > LONGEST:
        fail(text, LONGEST, LONGEST + 1, f"it is longer than {LONGEST} characters", "Split it.")
    if written := _BY_EXPONENT.search(text):
        remedy = "Write `10^{3}` for a power of ten, `2 e` for a product."
        fail(text, *written.span(), "this is how programs write a number, and a product with e on paper", remedy)
    found: list[Lexeme] = []
    space, line = False, True
    for match in _TOKEN.finditer(text):
        piece, start, end = match.group(), match.start(), match.end()
        if piece.isspace() and not piece.startswith("\\"):
            space, line = True, line or "\n" in piece
            continue
        for word in _pieces(text, piece, start):
            if word in ("\\ ", "\\,", "\\;", "\\!", "\\:", "\\>", "~", "\\quad", "\\qquad") or word.isspace():
                space = True
                if word in ("\\quad", "\\qquad"):
                    found.append(Lexeme("\\quad", start, end))
                continue
            if word[1:] in DROPPED and word.startswith("\\"):
                continue
            found.append(Lexeme(word, start, end, "", space, line))
            space = line = False
        if len(found) > MOST:
            fail(text, start, end, f"it has more than {MOST} symbols", "Split it, or name its parts.")
    return found


def _pieces(text: str, piece: str, start: int) -> list[str]:
    """A piece in its canonical form: usually one, for ᵀ two."""
    end = start + len(piece)
    if piece.startswith("\\"):
        return [_command(text, piece, start)]
    if piece[0].isdigit() or (piece[0] == "." and len(piece) > 1):
        if len(piece) > LONGEST_NUMBER:
            fail(text, start, end, f"a number has more than {LONGEST_NUMBER} digits", "Shorten it.")
        if not piece.isascii():
            fail(text, start, end, f"{_point(piece)} is no digit here", "Use 0 to 9.")
        return [piece]
    if piece in CHARACTERS:
        known = CHARACTERS[piece]
        return [m.group() for m in _TOKEN.finditer(known)]
    if piece.isascii():
        if piece == "%":
            fail(text, start, end, "`%` begins a comment", "Remove it.")
        if piece in '#$"`' or not piece.isprintable():
            fail(text, start, end, f"{_shown(piece)} has no place in a formula", "Remove it.")
        return [piece]
    if piece in GREEK:
        return [f"\\{GREEK[piece]}"]
    plain = unicodedata.normalize("NFKC", piece)
    hint = (
        f"It looks like `{plain}`; type that."
        if plain != piece and plain.isascii()
        else "Type it in ASCII or as a command."
    )
    return fail(text, start, end, f"{_point(piece)} is no letter of mathematics here", hint)


def _command(text: str, piece: str, start: int) -> str:
    name = piece[1:]
    end = start + len(piece)
    name = SAME.get(name, name)
    if name.rstrip("*") in FORBIDDEN - HARMLESS or name.startswith(
        ("write", "input", "include", "openin", "openout", "read")
    ):
        fail(text, start, end, f"the command {piece} is not supported", "A formula holds mathematics only.")
    if name in LATIN_CAPITALS:
        return LATIN_CAPITALS[name]
    if name in ("{", "}", "_", "&", "#", "%", "$"):
        return f"\\{name}"
    if name in ("<", ">", "*", "[", "]"):
        return name
    return f"\\{name}"


def _point(character: str) -> str:
    name = unicodedata.name(character[0], "without a name")
    return f"U+{ord(character[0]):04X} ({name.lower()})"


def _shown(character: str) -> str:
    return f"`{character}`" if character.isprintable() else f"U+{ord(character):04X}"


__all__ = ["ARGUMENT_DROPPED", "FONTS", "LETTERS", "RELATIONS", "SPACES", "Lexeme", "fail", "lex"]
