r"""A place in the lexemes of a formula, and how scripts, digits and braces are passed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NoReturn

from .flat import Stretches, flatten
from .lexemes import FONTS, Lexeme, fail, lex
from .tree import Script, Tree

NO_STRETCHES = Stretches(())
OPENING = {"(": ")", "[": "]", "\\{": "\\}", "\\langle": "\\rangle", "\\lfloor": "\\rfloor", "\\lceil": "\\rceil"}
CLOSING = frozenset(OPENING.values()) | {"}"}
ACCENTS = frozenset({"\\hat", "\\bar", "\\tilde", "\\vec", "\\dot", "\\ddot", "\\check", "\\breve"})
FUNCTION_WORDS = frozenset(
    {
        *(
            "exp",
            "log",
            "sin",
            "cos",
            "tan",
            "sinh",
            "cosh",
            "tanh",
            "arcsin",
            "arccos",
            "arctan",
            "sqrt",
            "sign",
            "sgn",
            "erf",
        ),
        *(
            "softmax",
            "sigmoid",
            "relu",
            "ReLU",
            "softplus",
            "diag",
            "tr",
            "trace",
            "Tr",
            "det",
            "vec",
            "max",
            "min",
            "mean",
        ),
        *(
            "argmax",
            "Diag",
            "Softmax",
            "Sigmoid",
            "sigm",
            "sech",
            "logsumexp",
            "var",
            "Var",
            "sum",
            "inv",
            "GELU",
            "SiLU",
            "Relu",
        ),
    }
)


class Cursor:
    """One passage's lexemes on their way to trees. `words` are plain words that are one letter (a declared `Cost`)."""

    def __init__(
        self,
        text: str,
        stretches: Stretches = NO_STRETCHES,
        words: Collection[str] = (),
        lexemes: Sequence[Lexeme] | None = None,
    ) -> None:
        self.text = text
        self.lexemes = lex(text) if lexemes is None else list(lexemes)
        self.stretches = stretches
        self.words = frozenset(words) | FUNCTION_WORDS
        self.longest = max(map(len, self.words))
        self.flats = flatten(self.lexemes)
        self.flat_at = {flat.first: k for k, flat in enumerate(self.flats)}
        self.at = 0
        self.bars = 0

    # ------------------------------------------------------------------ lexemes

    def peek(self, ahead: int = 0) -> str:
        """The next lexeme's text, "" at the end."""
        place = self.at + ahead
        return self.lexemes[place].text if place < len(self.lexemes) else ""

    def take(self) -> Lexeme:
        """The next lexeme, passed."""
        if self.at >= len(self.lexemes):
            self.refuse("something is missing here")
        self.at += 1
        return self.lexemes[self.at - 1]

    @property
    def here(self) -> int:
        """Where the next lexeme starts."""
        if self.at < len(self.lexemes):
            return self.lexemes[self.at].start
        return self.lexemes[-1].end if self.lexemes else 0

    @property
    def behind(self) -> int:
        """Where the last lexeme ended."""
        return self.lexemes[self.at - 1].end if self.at else 0

    def refuse(self, what: str, remedy: str = "", start: int | None = None, end: int | None = None) -> NoReturn:
        """Raise FormulaError at the next lexeme, or at a given stretch."""
        if start is None:
            start = self.here
            end = self.lexemes[self.at].end if self.at < len(self.lexemes) else start
        fail(self.text, start, start + 1 if end is None else end, what, remedy)

    # ------------------------------------------------------------------ scripts

    def scripts(self, base: Tree) -> tuple[int, tuple[Script, ...]]:
        """The primes and scripts that follow."""
        primes, found, raised, lowered = 0, [], 0, 0
        while self.peek() in ("_", "^", "'"):
            start = self.here
            mark = self.take().text
            if mark == "'":
                primes += 1
                continue
            lexemes = self.script(start)
            kept = lexemes
            while mark == "^" and kept and kept[-1].text in ("\\prime", "'"):
                primes, kept = primes + 1, kept[:-1]
            lexemes = kept
            if not lexemes:
                continue
            raised, lowered = raised + (mark == "^"), lowered + (mark == "_")
            if raised > 1 or lowered > 1:
                which = "superscript" if mark == "^" else "subscript"
                self.refuse(f"double {which}", "Put both into one pair of braces.", start, self.behind)
            found.append(Script("^" if mark == "^" else "_", lexemes, start, self.behind))
        return primes, tuple(found)

    def script(self, start: int) -> tuple[Lexeme, ...]:
        """The lexemes of one script, without the braces around them."""
        word = self.peek()
        if not word or word in CLOSING or word in ("_", "^", "&", "\\\\"):
            self.refuse("a script is missing", "Write what is raised or lowered.")
        if word == "{":
            lexemes = self.braced()
            if not lexemes:
                self.refuse("the braces are empty", "Write what is raised or lowered.", start, self.behind)
            return lexemes
        first = self.digit() if word[0].isdigit() else self.take()
        if first.text in ACCENTS or first.text in {f"\\{f}" for f in FONTS} | {"\\text", "\\mathrm"}:
            if self.peek() == "{":
                opened = self.at
                self.braced()
                return (first, *self.lexemes[opened : self.at])
            return (first, self.take())
        return (first,)

    def digit(self) -> Lexeme:
        r"""The first digit of a number: `^23` is ^2 3, and `\frac12` is one half."""
        number = self.lexemes[self.at]
        if len(number.text) > 1:
            head = replace(number, text=number.text[0], end=number.start + 1)
            tail = replace(number, text=number.text[1:], start=number.start + 1, space=False)
            self.lexemes[self.at : self.at + 1] = [head, tail]
            self.flats = flatten(self.lexemes)
            self.flat_at = {flat.first: k for k, flat in enumerate(self.flats)}
        return self.take()

    def braced(self) -> tuple[Lexeme, ...]:
        """What stands in braces, as lexemes; the braces are passed."""
        opened = self.take()
        depth, first = 1, self.at
        while depth:
            if self.at >= len(self.lexemes):
                self.refuse("this brace is not closed", "Close it.", opened.start, opened.end)
            depth += {"{": 1, "}": -1}.get(self.take().text, 0)
        return tuple(self.lexemes[first : self.at - 1])
