"""Words as they stand in TeX: nothing in them is a command, and everything in them prints."""

from __future__ import annotations

import unicodedata

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': "''", "\u00a0": "~", "\n": " ", "\t": " ", "\r": " ",
    "–": "--", "—": "---", "‘": "`", "’": "'", "“": "``", "”": "''", "…": r"\ldots{}", "ß": r"\ss{}", "æ": r"\ae{}",
    "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}", "ø": r"\o{}", "Ø": r"\O{}", "å": r"\aa{}", "Å": r"\AA{}",
    "ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}", "§": r"\S{}", "©": r"\textcopyright{}",
}  # fmt: skip
MATHS = {
    "−": "-", "×": r"\times", "·": r"\cdot", "∘": r"\circ", "⊙": r"\odot", "⊗": r"\otimes", "≤": r"\le", "≥": r"\ge",
    "≠": r"\neq", "∈": r"\in", "∂": r"\partial", "∇": r"\nabla", "∞": r"\infty", "→": r"\to", "±": r"\pm",
    "½": r"\tfrac12", "≈": r"\approx", "Σ": r"\Sigma", "Δ": r"\Delta", "Φ": r"\Phi", "Π": r"\Pi", "Ω": r"\Omega",
    "Γ": r"\Gamma", "Θ": r"\Theta", "Λ": r"\Lambda", "Ξ": r"\Xi", "Ψ": r"\Psi", "α": r"\alpha", "β": r"\beta",
    "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "ζ": r"\zeta", "η": r"\eta", "θ": r"\theta", "ι": r"\iota",
    "κ": r"\kappa", "λ": r"\lambda", "μ": r"\mu", "ν": r"\nu", "ξ": r"\xi", "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma",
    "τ": r"\tau", "υ": r"\upsilon", "φ": r"\varphi", "χ": r"\chi", "ψ": r"\psi", "ω": r"\omega", "ϵ": r"\epsilon",
    "ϕ": r"\phi", "ℓ": r"\ell", "′": "'", "ᵀ": r"^{\top}", "⊤": r"\top", "√": r"\surd", "∑": r"\sum", "∏": r"\prod",
    "⋮": r"\vdots", "⋯": r"\cdots",
}  # fmt: skip
ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u", "\u0307": ".",
    "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d", "\u0327": "c", "\u0328": "k",
}  # fmt: skip
MISSING_IN_OT1 = {"\u0328"}


def tex(words: str) -> str:
    """`words` for the running text of a document; what pdfTeX has no letter for prints as its code point."""
    shown = "".join(map(_letter, unicodedata.normalize("NFC", words)))
    return f"{{{shown[0]}}}{shown[1:]}" if shown[:1] in ("[", "*") else shown  # after \\ or \item both mean something


def _letter(character: str) -> str:
    if character in SPECIAL:
        return SPECIAL[character]
    if " " <= character <= "~":
        return character
    if character in MATHS:
        return rf"\ensuremath{{{MATHS[character]}}}"
    parts = unicodedata.normalize("NFD", character)
    if len(parts) == 2 and parts[0].isascii() and parts[1] in ACCENTS and parts[1] not in MISSING_IN_OT1:
        base = {"i": r"\i", "j": r"\j"}.get(parts[0], parts[0]) if parts[1] not in "\u0323\u0327" else parts[0]
        return rf"\{ACCENTS[parts[1]]}{{{base}}}"
    compatible = unicodedata.normalize("NFKC", character)
    if compatible != character and all(" " <= c <= "~" and c not in SPECIAL for c in compatible):
        kind = unicodedata.decomposition(character).split()[0]
        script = {"<sub>": "_", "<super>": "^"}.get(kind)
        return rf"\ensuremath{{{script}{{{compatible}}}}}" if script else compatible
    return f"[U+{ord(character):04X}]"
