r"""The LaTeX commands that a spelling may use: an allow-list, with the character that each stands for.

One table serves three ends: `check_latex` accepts what is in it and nothing else, MathML and text take the characters
from it, and names such as `alpha` find their Greek letter in it. A command that is missing here is one line.
"""

from __future__ import annotations

from typing import Final

LETTERS: Final[dict[str, str]] = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ϵ",
    "varepsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "vartheta": "ϑ",
    "iota": "ι",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "varpi": "ϖ",
    "rho": "ρ",
    "varrho": "ϱ",
    "sigma": "σ",
    "varsigma": "ς",
    "tau": "τ",
    "upsilon": "υ",
    "phi": "ϕ",
    "varphi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Pi": "Π",
    "Sigma": "Σ",
    "Upsilon": "Υ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
    "ell": "ℓ",
    "imath": "ı",
    "jmath": "ȷ",
}

# Greek capitals that TeX prints with the Latin letter, because they look the same.
LATIN_CAPITALS: Final[dict[str, str]] = {
    "Alpha": "A",
    "Beta": "B",
    "Epsilon": "E",
    "Zeta": "Z",
    "Eta": "H",
    "Iota": "I",
    "Kappa": "K",
    "Mu": "M",
    "Nu": "N",
    "Omicron": "O",
    "Rho": "P",
    "Tau": "T",
    "Chi": "X",
}

MARKS: Final[dict[str, str]] = {
    "partial": "∂",
    "nabla": "∇",
    "top": "⊤",
    "bot": "⊥",
    "infty": "∞",
    "dagger": "†",
    "star": "⋆",
    "ast": "∗",
    "circ": "∘",
    "bullet": "∙",
    "ldots": "…",
    "cdots": "⋯",
    "dots": "…",
    "vdots": "⋮",
    "ddots": "⋱",
    "emptyset": "∅",
    "intercal": "⊺",
    "backslash": "\\",
    "_": "_",
    "#": "#",
    "%": "%",
    "&": "&",
    "$": "$",
}

OPERATORS: Final[dict[str, str]] = {
    "cdot": "·",
    "times": "×",
    "odot": "⊙",
    "otimes": "⊗",
    "oplus": "⊕",
    "pm": "±",
    "mp": "∓",
    "setminus": "∖",
    "cup": "∪",
    "cap": "∩",
    "wedge": "∧",
    "vee": "∨",
    "div": "÷",
}

RELATIONS: Final[dict[str, str]] = {
    "le": "≤",
    "leq": "≤",
    "ge": "≥",
    "geq": "≥",
    "ne": "≠",
    "neq": "≠",
    "in": "∈",
    "sim": "∼",
    "approx": "≈",
    "equiv": "≡",
    "propto": "∝",
    "mid": "∣",
    "to": "→",
    "rightarrow": "→",
    "leftarrow": "←",
    "mapsto": "↦",
    "ll": "≪",
    "gg": "≫",
}

BIG: Final[dict[str, str]] = {"sum": "∑", "prod": "∏", "int": "∫"}

FUNCTIONS: Final[frozenset[str]] = frozenset(
    {
        *("exp", "log", "ln", "lg", "sin", "cos", "tan", "sinh", "cosh", "tanh", "coth", "arcsin", "arccos", "arctan"),
        *("det", "max", "min", "sup", "inf", "lim", "arg", "deg", "dim", "ker", "Pr"),
    }
)

SPACES: Final[dict[str, float]] = {
    ",": 0.17,
    ":": 0.22,
    ">": 0.22,
    ";": 0.28,
    "!": -0.17,
    " ": 0.33,
    "quad": 1.0,
    "qquad": 2.0,
}

DELIMITERS: Final[dict[str, str]] = {
    "{": "{",
    "}": "}",
    "lbrace": "{",
    "rbrace": "}",
    "langle": "⟨",
    "rangle": "⟩",
    "lvert": "|",
    "rvert": "|",
    "vert": "|",
    "|": "‖",
    "lVert": "‖",
    "rVert": "‖",
    "Vert": "‖",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "lceil": "⌈",
    "rceil": "⌉",
    "lbrack": "[",
    "rbrack": "]",
}

ACCENTS: Final[dict[str, str]] = {
    "hat": "ˆ",
    "widehat": "^",
    "bar": "¯",
    "overline": "¯",
    "tilde": "˜",
    "widetilde": "~",
    "vec": "→",
    "dot": "˙",
    "ddot": "¨",
    "check": "ˇ",
    "breve": "˘",
}

# The mark as a combining character, for text: y and U+0302 is ŷ.
COMBINING: Final[dict[str, str]] = {
    "hat": "\u0302",
    "widehat": "\u0302",
    "bar": "\u0304",
    "overline": "\u0304",
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "vec": "\u20d7",
    "dot": "\u0307",
    "ddot": "\u0308",
    "check": "\u030c",
    "breve": "\u0306",
}

# Commands that set letters in another font; the value names the alphabet.
FONTS: Final[dict[str, str]] = {
    "mathbf": "bold",
    "boldsymbol": "bolditalic",
    "mathrm": "upright",
    "mathit": "italic",
    "mathsf": "sans",
    "mathtt": "mono",
    "mathcal": "script",
    "mathbb": "double",
}

# Commands of packages that a fragment cannot ask for, and what prints the same without them.
SAME_AS: Final[dict[str, str]] = {"bm": "boldsymbol", "mathscr": "mathcal"}

# Commands that set words; the value names the alphabet.
WORDS: Final[dict[str, str]] = {
    "text": "upright",
    "textrm": "upright",
    "textup": "upright",
    "textnormal": "upright",
    "textbf": "bold",
    "textit": "italic",
    "textsf": "sans",
    "operatorname": "upright",
}

FRACTIONS: Final[frozenset[str]] = frozenset({"frac", "tfrac", "dfrac"})

# Never accepted, not even in a spelling that is only read: what loads, defines, writes or changes characters.
FORBIDDEN: Final[frozenset[str]] = frozenset(
    {
        *("input", "include", "includeonly", "includegraphics", "openin", "openout", "read", "write", "immediate"),
        *("closein", "closeout", "csname", "endcsname", "def", "edef", "gdef", "xdef", "let", "futurelet"),
        *("newcommand", "renewcommand", "providecommand", "DeclareMathOperator", "newenvironment", "catcode"),
        *("lccode", "uccode", "mathcode", "begin", "end", "usepackage", "documentclass", "href", "url", "special"),
        *("directlua", "loop", "repeat", "expandafter", "noexpand", "string", "meaning", "jobname", "newwrite"),
        *("newread", "everymath", "everypar", "output", "shipout", "verb", "lstinputlisting", "endinput"),
        *("scantokens", "aftergroup", "afterassignment", "global", "long", "outer", "protected", "uppercase"),
        *("lowercase", "relax"),
    }
)

ALPHABETS: Final[dict[str, tuple[int, int]]] = {  # where A and a stand in Unicode
    "bold": (0x1D400, 0x1D41A),
    "bolditalic": (0x1D468, 0x1D482),
    "sans": (0x1D5A0, 0x1D5BA),
    "mono": (0x1D670, 0x1D68A),
    "script": (0x1D49C, 0x1D4B6),
    "double": (0x1D538, 0x1D552),
}

# Letters that Unicode had before it had the alphabets.
EXCEPTIONS: Final[dict[tuple[str, str], str]] = {
    **{("script", plain): styled for plain, styled in zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True)},
    **{("double", plain): styled for plain, styled in zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)},
}

DIGITS: Final[dict[str, int]] = {
    "bold": 0x1D7CE,
    "bolditalic": 0x1D7CE,
    "double": 0x1D7D8,
    "sans": 0x1D7E2,
    "mono": 0x1D7F6,
}
GREEK_BOLD: Final[dict[str, int]] = {"bold": 0x1D6A8, "bolditalic": 0x1D71C}
GREEK_EXTRA: Final = "∂ϵϑϰϕϱϖ"  # their order after ω in each Greek alphabet


def styled(character: str, alphabet: str) -> str:
    """The character in another alphabet of Unicode's mathematical letters; itself where there is none."""
    if (alphabet, character) in EXCEPTIONS:
        return EXCEPTIONS[alphabet, character]
    if alphabet in ALPHABETS and character.isascii() and character.isalpha():
        upper, lower = ALPHABETS[alphabet]
        return chr(upper + ord(character) - ord("A")) if character.isupper() else chr(lower + ord(character) - ord("a"))
    if alphabet in DIGITS and character.isascii() and character.isdigit():
        return chr(DIGITS[alphabet] + int(character))
    if alphabet in GREEK_BOLD:
        start = GREEK_BOLD[alphabet]
        if "Α" <= character <= "Ω":
            return chr(start + ord(character) - ord("Α"))
        if "α" <= character <= "ω":
            return chr(start + 26 + ord(character) - ord("α"))
        if character == "∇":
            return chr(start + 25)
        if character in GREEK_EXTRA:
            return chr(start + 51 + GREEK_EXTRA.index(character))
    return character
