r"""What stands in a box: a simple LaTeX letter as runs of text, raised and lowered, and how much room it takes.

    W^{[1]}           W, raised [1]
    \delta_{z_1}      δ, lowered z, lowered further 1
    \hat{\mathbf{x}}  x̂ in bold

SVG has no formulas, so a picture shows runs. What is not a letter with scripts (a fraction, a root) has no runs, and
the picture falls back on the plain text of the formula.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "varepsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ",
    "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "omicron": "ο", "pi": "π", "rho": "ρ",
    "varsigma": "ς", "sigma": "σ", "tau": "τ", "upsilon": "υ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "epsilon": "ϵ", "phi": "ϕ", "vartheta": "ϑ", "varrho": "ϱ", "varpi": "ϖ", "varkappa": "ϰ",
}  # fmt: skip
CAPITALS = {
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
SIGNS = {
    "ell": "ℓ", "partial": "∂", "nabla": "∇", "infty": "∞", "prime": "′", "top": "⊤", "intercal": "⊺", "star": "⋆",
    "ast": "∗", "circ": "∘", "cdot": "·", "cdots": "⋯", "ldots": "…", "dots": "…", "times": "×", "odot": "⊙",
    "otimes": "⊗", "oplus": "⊕", "pm": "±", "to": "→", "dagger": "†", "in": "∈", "le": "≤", "ge": "≥", "neq": "≠",
    "lbrace": "{", "rbrace": "}", "{": "{", "}": "}", "_": "_", "%": "%", "&": "&", "#": "#", "$": "$",
}  # fmt: skip
SPACES = {",": "\u2009", ":": "\u2005", ";": "\u2004", " ": " ", "quad": "\u2003", "qquad": "\u2003\u2003", "!": ""}
ACCENTS = {
    "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304",
    "overline": "\u0305", "dot": "\u0307", "ddot": "\u0308", "vec": "\u20d7", "check": "\u030c", "breve": "\u0306",
    "acute": "\u0301", "grave": "\u0300", "mathring": "\u030a", "underline": "\u0332",
}  # fmt: skip
UPRIGHT = {"mathrm", "text", "textrm", "operatorname", "mathsf", "textsf", "mathtt", "texttt"}
BOLD = {"mathbf", "boldsymbol", "bm", "textbf", "mathbfit", "symbf"}
ITALIC = {"mathit", "textit", "mathnormal"}
ALPHABET = {"mathcal": "SCRIPT", "mathscr": "SCRIPT", "mathbb": "DOUBLE-STRUCK", "mathfrak": "FRAKTUR"}
SKIPPED = {"left", "right", "displaystyle", "textstyle", "limits", "nolimits", "bigl", "bigr", "big"}

SCRIPT = 0.7  # how large a script is beside what it is attached to
RAISED, LOWERED = 0.36, 0.2  # em of what it is attached to
DEEPEST = 4  # scripts of scripts and braces in braces, no further


@dataclass(frozen=True, slots=True)
class Run:
    """Characters in one style; `size` and `rise` (upwards) in em of the label's own font size."""

    text: str
    italic: bool = False
    bold: bool = False
    size: float = 1.0
    rise: float = 0.0
    back: float = 0.0  # moved to the left first, where a superscript stands above a subscript


Label = tuple[Run, ...]


class _Complicated(Exception):
    """The formula is more than a letter with scripts."""


def label(latex: str, text: str) -> Label:
    """The runs that show `latex`; those of `text`, upright, where it is more than letters and scripts."""
    try:
        pieces = _pieces(latex)
        runs, end = _runs(pieces, 0, Run("", italic=True), 0)
        if end < len(pieces):
            raise _Complicated
    except _Complicated:
        return (Run(text),)
    return tuple(runs) or (Run(text),)


def width(runs: Label) -> float:
    """The width in em, estimated for a serif face, rather too wide than too narrow."""
    return sum(run.size * sum(map(_advance, run.text)) * (1.08 if run.bold else 1.0) - run.back for run in runs)


def _advance(character: str) -> float:
    """One character's width in em."""
    if unicodedata.combining(character) or character == "\u20d7":
        return 0.0
    if character in "ijl.,:;'′|![]()ftrI \u2005":
        return 0.36
    if character == "\u2009":
        return 0.2
    if character in "mwMW—…⋯⊗⊕⊙ΩΦΨ":
        return 0.95
    wide = unicodedata.east_asian_width(character) in "WF"
    return 1.0 if wide else 0.74 if character.isupper() else 0.56


def _pieces(latex: str) -> list[str]:
    r"""Commands, braces and single characters; `\\` and a lone backslash are complicated."""
    pieces, at = [], 0
    while at < len(latex):
        end = at + 1
        if latex[at] == "\\":
            while end < len(latex) and latex[end].isalpha():
                end += 1
            end = max(end, at + 2)
        pieces.append(" " if latex[at].isspace() else latex[at:end])
        at = end
    return pieces


def _runs(pieces: list[str], at: int, style: Run, depth: int, *, one: bool = False) -> tuple[list[Run], int]:
    """Runs from piece `at` to the closing brace or the end, or of a single argument if `one`; and where it stopped."""
    if depth > DEEPEST:
        raise _Complicated
    runs: list[Run] = []
    lowered: tuple[int, float] | None = None  # the script just set, for one that stands above or below it
    while at < len(pieces) and pieces[at] != "}":
        piece = pieces[at]
        if piece == " " and (style.italic or one):
            at += 1
            continue
        if piece in "_^":
            sign, shift = (-1, -LOWERED) if piece == "_" else (1, RAISED)
            script = replace(style, size=style.size * SCRIPT, rise=style.rise + shift * style.size)
            inner, at = _runs(pieces, at + 1, script, depth + 1, one=True)
            if lowered is not None and lowered[0] != sign and inner:
                inner[0] = replace(inner[0], back=lowered[1])
            lowered = (sign, width(tuple(inner))) if lowered is None else None
            runs += inner
            continue
        lowered = None
        inner, at = _atom(pieces, at, style, depth)
        runs += inner
        if one:
            return runs, at
    if one and not runs:
        raise _Complicated
    return _joined(runs), at


def _atom(pieces: list[str], at: int, style: Run, depth: int) -> tuple[list[Run], int]:
    """One group, letter, sign, font or accent; and where the next piece stands."""
    piece = pieces[at]
    if piece == "{":
        runs, end = _runs(pieces, at + 1, style, depth + 1)
        if end >= len(pieces):
            raise _Complicated
        return runs, end + 1
    if not piece.startswith("\\"):
        if piece in "&~#$%":
            raise _Complicated
        slanted = style.italic and piece.isalpha()
        return [replace(style, text="′" if piece == "'" else "−" if piece == "-" else piece, italic=slanted)], at + 1
    name = piece[1:]
    if name in SKIPPED:
        return [], at + 1
    if name in SPACES:
        return [replace(style, text=SPACES[name], italic=False)], at + 1
    if name in GREEK:
        return [replace(style, text=GREEK[name])], at + 1
    if name in CAPITALS or name in SIGNS:
        return [replace(style, text=CAPITALS.get(name) or SIGNS[name], italic=False)], at + 1
    if name in UPRIGHT or name in BOLD or name in ITALIC:
        inside = replace(style, italic=name in ITALIC, bold=style.bold or name in BOLD)
        return _runs(pieces, at + 1, inside, depth + 1, one=True)
    if name in ALPHABET:
        runs, end = _runs(pieces, at + 1, style, depth + 1, one=True)
        return [replace(run, text=_alphabet(run.text, ALPHABET[name]), italic=False) for run in runs], end
    if name in ACCENTS:
        runs, end = _runs(pieces, at + 1, style, depth + 1, one=True)
        if not runs:
            raise _Complicated
        return [replace(runs[0], text=runs[0].text[:1] + ACCENTS[name] + runs[0].text[1:]), *runs[1:]], end
    raise _Complicated


def _alphabet(text: str, family: str) -> str:
    """The letters of another mathematical alphabet: C becomes 𝒞."""
    return "".join(_letter(character, family) for character in text)


def _letter(character: str, family: str) -> str:
    """The one letter; most have a code of their own, some older letters another name."""
    case = "CAPITAL" if character.isupper() else "SMALL"
    older = family.replace("FRAKTUR", "BLACK-LETTER")
    for name in (f"MATHEMATICAL {family} {case} {character.upper()}", f"{older} {case} {character.upper()}"):
        try:
            return unicodedata.lookup(name)
        except KeyError:
            continue
    return character


def _joined(runs: list[Run]) -> list[Run]:
    """Neighbours of one style in one run."""
    joined: list[Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last is not None and not run.back and replace(last, text="", back=0.0) == replace(run, text=""):
            joined[-1] = replace(last, text=last.text + run.text)
        else:
            joined.append(run)
    return joined
