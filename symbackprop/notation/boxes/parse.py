r"""How an author writes a symbol: the LaTeX of `latex=` read into boxes, by an allow-list.

Nothing passes through: what is printed later, in LaTeX too, is written from the boxes. So text that is accepted here
can only ever become letters, signs, accents and scripts. A user's macros (`\newcommand{\vect}{\mathbf}`) are replaced
by their bodies before anything else, and what they expand to is held to the same list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn

from .box import (
    ATOM,
    MINUS,
    PLUS,
    PRODUCT,
    RELATION,
    SCRIPT,
    SUM,
    Accent,
    Box,
    Fence,
    Fraction,
    Root,
    Row,
    Scripts,
    Token,
    row,
)
from .commands import (
    ACCENTS,
    BIG,
    DELIMITERS,
    FONTS,
    FRACTIONS,
    FUNCTIONS,
    LATIN_CAPITALS,
    LETTERS,
    MARKS,
    OPERATORS,
    RELATIONS,
    SAME_AS,
    SPACES,
    WORDS,
    styled,
)
from .lexemes import MAX_LENGTH, Lexeme, check_unprinted, expand, fail, lex, refuse_forbidden

MAX_DEPTH = 20

_SIGNS = {"+": PLUS, "-": MINUS, "*": Token("*", "∗", "operator"), "/": Token("/", "/", "operator")}
_RELATIONS = {"=": "=", "<": "<", ">": ">", ":": ":"}
_PUNCTUATION = ",;.!?"
_OPENING = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "⌊": "⌋", "⌈": "⌉"}
_DIFFERENTIALS = {"d", "δ", "Δ", "∇", "∂"}


def check_latex(text: str, *, macros: Mapping[str, str] | None = None, printed: bool = True) -> None:
    r"""Accept a spelling, or raise ReadError with the position in it.

    A spelling that is only read (`printed=False`: not the first of several) may use commands that we do not know, such
    as `\vect`, since we never print it; those that load files, define or write are refused all the same.
    """
    if printed:
        parse_latex(text, macros=macros)
        return
    check_unprinted(text)


def parse_latex(text: str, *, macros: Mapping[str, str] | None = None, longest: int = MAX_LENGTH) -> Box:
    r"""The boxes of a spelling; `macros` maps names with their backslash (`\vect`) to bodies.

    Raises ReadError, with the position, for anything that is not on the allow-list.
    """
    lexemes = expand(text, [piece for piece in lex(text, longest) if not piece[0].isspace()], macros or {})
    reader = _Reader(text, lexemes)
    box = reader.row(None, 0)
    if reader.at < len(lexemes):
        fail(text, lexemes[reader.at][1], "a brace is closed that was not opened", "Remove it.")
    return box


class _Reader:
    """A recursive descent over lexemes; the depth is bounded, so the recursion is."""

    def __init__(self, text: str, lexemes: list[Lexeme]) -> None:
        self.text = text
        self.lexemes = lexemes
        self.at = 0

    def peek(self) -> str:
        return self.lexemes[self.at][0] if self.at < len(self.lexemes) else ""

    def place(self) -> int:
        return self.lexemes[self.at][1] if self.at < len(self.lexemes) else max(len(self.text) - 1, 0)

    def take(self) -> str:
        lexeme = self.peek()
        self.at += 1
        return lexeme

    def fail(self, what: str, remedy: str = "Write the symbol with letters, accents and scripts only.") -> NoReturn:
        fail(self.text, self.place(), what, remedy)

    def row(self, until: str | None, depth: int, font: str | None = None) -> Box:
        """Everything up to `until`: a closing brace, or a closing delimiter's character; None is the end."""
        opened = self.lexemes[self.at - 1][1] if self.at else 0
        if depth > MAX_DEPTH:
            self.fail(f"it is nested deeper than {MAX_DEPTH} levels", "Write it flatter.")
        items: list[Box] = []
        while self.peek() and self.peek() != "}" and not (until and _delimiter(self.peek()) == until):
            items.append(self.scripted(depth, font))
        if until and not self.peek():
            fail(self.text, opened, f"`{until}` is missing for this", "Close it.")
        if not items:
            self.fail("there is nothing between the braces", "Write a letter there.")
        return group(items)

    def scripted(self, depth: int, font: str | None) -> Box:
        """One item with the scripts and primes that follow it."""
        base = self.item(depth, font)
        sub: Box | None = None
        sups: list[Box] = []
        raised = False
        while self.peek() in ("_", "^", "'"):
            mark = self.take()
            if mark == "'":
                if raised:
                    self.fail("a second superscript begins", "Put both into one pair of braces.")
                sups.append(Token("'", "′", "prime"))
                continue
            if (mark == "_" and sub is not None) or (mark == "^" and raised):
                self.at -= 1
                self.fail(
                    f"a second {'sub' if mark == '_' else 'super'}script begins", "Put both into one pair of braces."
                )
            if not self.peek() or self.peek() in "_^'}":
                self.fail("a script is missing", "Write what is raised or lowered.")
            script = self.item(depth + 1, font)
            if mark == "_":
                sub = script
            else:
                raised = True
                sups.extend(script.items if isinstance(script, Row) else [script])
        sup = row(sups, ATOM, tight=True) if sups else None
        return base if sub is None and sup is None else Scripts(base, sub, sup)

    def item(self, depth: int, font: str | None) -> Box:
        """One letter, number, sign, command with its arguments, or group."""
        if not self.peek():
            self.fail("something is missing at the end", "Write the argument.")
        lexeme = self.take()
        if lexeme == "{":
            body = self.row("}", depth + 1, font)
            self.take()
            return body
        if lexeme.startswith("\\"):
            return self.command(lexeme[1:], depth, font)
        if lexeme.isalpha() or lexeme.isdigit():
            return _lettered(lexeme, font, "letter" if lexeme.isalpha() else "number")
        if lexeme in _OPENING or lexeme == "|":
            return self.fenced(lexeme, depth, font)
        if lexeme in _SIGNS:
            return _SIGNS[lexeme]
        if lexeme in _RELATIONS:
            return Token(lexeme, lexeme, "relation")
        if lexeme in _PUNCTUATION:
            return Token(lexeme, lexeme, "punct")
        self.at -= 1
        return self.fail(f"`{lexeme}` is not allowed in a spelling")

    def command(self, name: str, depth: int, font: str | None) -> Box:
        """A command of the allow-list, its name already taken."""
        name = SAME_AS.get(name, name)
        if name in LETTERS:
            return _lettered(LETTERS[name], font, "letter", rf"\{name}")
        if name in LATIN_CAPITALS:
            return Token(rf"\mathrm{{{LATIN_CAPITALS[name]}}}", LATIN_CAPITALS[name], "mark")
        if name in FONTS:
            return self.alphabet(name) or self.argument(depth, name)
        if name in WORDS:
            return self.words(name)
        if name in ACCENTS:
            return Accent(name, self.argument(depth, font))
        if name in FRACTIONS:
            return Fraction(self.argument(depth, font), self.argument(depth, font))
        if name == "sqrt":
            return Root(self.argument(depth, font))
        if name in ("left", "right", "big", "bigl", "bigr", "Big", "Bigl", "Bigr", "mathopen", "mathclose"):
            return self.item(depth, font)
        if name in DELIMITERS:
            return self.fenced(DELIMITERS[name], depth, font)
        if name == "prime":
            return Token("'", "′", "prime")
        token = _sign(name)
        if token is None:
            self.at -= 1
            refuse_forbidden(self.text, f"\\{name}", self.place())
            self.fail(f"the command \\{name} is not known here", "Define it in a macro file, or use another spelling.")
        return token

    def argument(self, depth: int, font: str | None) -> Box:
        """The argument of a command: one item."""
        if depth > MAX_DEPTH:
            self.fail(f"it is nested deeper than {MAX_DEPTH} levels", "Write it flatter.")
        if not self.peek() or self.peek() in "}_^'":
            self.fail("an argument is missing", "Write it in braces.")
        return self.item(depth + 1, font)

    def alphabet(self, name: str) -> Token | None:
        """Several plain letters in braces after a font command: one word. None, with nothing taken, for others."""
        end = self.at + 1
        while end < len(self.lexemes) and self.lexemes[end][0].isalnum():
            end += 1
        letters = "".join(lexeme for lexeme, _ in self.lexemes[self.at + 1 : end])
        if self.peek() != "{" or len(letters) < 2 or self.lexemes[end : end + 1] == [] or self.lexemes[end][0] != "}":
            return None
        self.at = end + 1
        kind = "number" if letters.isdigit() else "word"
        return Token(rf"\{name}{{{letters}}}", "".join(styled(c, FONTS[name]) for c in letters), kind)

    def words(self, name: str) -> Box:
        r"""The braces after \text and its like: letters, digits, spaces and a few signs, taken as they stand."""
        if self.peek() != "{":
            self.fail("a word in braces is missing", "Write \\text{word}.")
        start = self.place()
        end = self.text.find("}", start)
        body = self.text[start + 1 : end] if end > start else ""
        while self.peek() and self.place() <= end:
            self.take()
        if not re.fullmatch(r"[A-Za-z0-9 .,'()/-]+", body):
            fail(self.text, start, "only letters, digits and . , ' ( ) / - are allowed in words", "Change the words.")
        kind = "function" if name == "operatorname" else "word"
        return Token(rf"\{name}{{{body}}}", "".join(styled(c, WORDS[name]) for c in body), kind)

    def fenced(self, left: str, depth: int, font: str | None) -> Box:
        """What stands between a delimiter and its partner."""
        right = _OPENING.get(left, left)
        if left in _OPENING.values():
            self.at -= 1
            self.fail(f"`{left}` closes nothing", "Open it first.")
        body = self.row(right, depth + 1, font)
        if self.peek() in ("\\right", "\\bigr", "\\Bigr", "\\mathclose"):
            self.take()
        self.take()
        return Fence(left, right, body)


def _delimiter(lexeme: str) -> str | None:
    """The character of a closing delimiter, from the character or the command."""
    if lexeme.startswith("\\"):
        return DELIMITERS.get(lexeme[1:])
    return lexeme


def _lettered(character: str, font: str | None, kind: str, latex: str | None = None) -> Token:
    if font is None:
        return Token(latex or character, character, kind)
    shape = "mark" if font == "mathrm" else kind
    alphabet = FONTS[font]
    return Token(rf"\{font}{{{latex or character}}}", "".join(styled(c, alphabet) for c in character), shape)


def _sign(name: str) -> Token | None:
    """The token of a command without arguments, None if it is not on the list."""
    for table, kind in ((MARKS, "mark"), (OPERATORS, "operator"), (RELATIONS, "relation"), (BIG, "big")):
        if name in table:
            return Token(rf"\{name}", table[name], kind)
    if name in FUNCTIONS:
        return Token(rf"\{name}", name, "function")
    if name in SPACES:
        return Token(rf"\{name}", "" if name == "!" else " ", "space")
    return None


def group(items: list[Box]) -> Box:
    """Items side by side, with how tightly they hold together: `dW` and `h(x)` are factors, `a b` is not one."""
    if len(items) == 1:
        return items[0]
    kinds = [item.kind if isinstance(item, Token) else "" for item in items]
    tall = any(item.tall for item in items)
    if "relation" in kinds or "punct" in kinds:
        return Row(tuple(items), RELATION, tall, tight=True)
    if any(item in (PLUS, MINUS) for item in items):
        return Row(tuple(items), SUM, tall, tight=True)
    first = items[0]
    differential = isinstance(first, Token) and first.text in _DIFFERENTIALS and len(items) == 2
    numbered = isinstance(first, Token) and first.kind == "letter" and kinds[1:] == ["number"]
    applied = all(isinstance(item, Fence) for item in items[1:])
    word = all(isinstance(item, Token) and item.kind in ("letter", "word", "number", "mark") for item in items)
    level = SCRIPT if differential or numbered or applied else PRODUCT
    return Row(tuple(items), level, tall, tight=differential or numbered or applied or word)
