r"""Formulas into trees: recursive descent over lexemes, bounded in depth; errors name their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from .cursor import ACCENTS, CLOSING, OPENING, Cursor
from .lexemes import ARGUMENT_DROPPED, Lexeme
from .pieces import derivative_of, is_differential, nabla
from .tree import (
    Atom,
    Bars,
    Big,
    Compare,
    Derivative,
    Dots,
    Fraction_,
    Grid,
    Group,
    Listing,
    Named,
    Num,
    Product,
    Root,
    Script,
    Sum,
    Tree,
    Words,
)

DEEPEST = 40
SIGNS = {
    "\\cdot": "\\cdot", "*": "*", "\\times": "\\times", "\\odot": "\\odot", "\\circ": "\\circ", "\\otimes": "\\otimes",
    "/": "/", "\\div": "/", "\\star": "\\odot", "\\oslash": "\\oslash",
}  # fmt: skip  # a table
RELATIONS = {
    "=": "=", "\\neq": "!=", "<": "<", ">": ">", "\\leq": "<=", "\\geq": ">=", "\\in": "in", "\\equiv": "=",
    "\\approx": "~", "\\sim": "~", "\\propto": "~", "\\coloneq": ":=", "\\rightarrow": "->", "\\leftarrow": "<-",
    "\\Rightarrow": "=>", "\\implies": "=>", "\\Longrightarrow": "=>", "\\iff": "=>", "\\therefore": "=>",
    "\\because": "=>",
    "\\Leftrightarrow": "=>", "\\mapsto": "->", "\\stackrel": "=",
}  # fmt: skip  # a table
SEPARATORS = frozenset({",", ";", "\\quad", "\\\\", "&", ":", "."})
GRIDS = frozenset(
    {
        "matrix",
        "pmatrix",
        "bmatrix",
        "Bmatrix",
        "vmatrix",
        "Vmatrix",
        "smallmatrix",
        "array",
        "cases",
        "rcases",
        "dcases",
    }
)
WORD_COMMANDS = frozenset(
    {"\\text", "\\textrm", "\\textnormal", "\\operatorname", "\\operatorname*", "\\mathrm", "\\textsf"}
)


class Reader(Cursor):
    """One passage's lexemes on their way to trees."""

    # ------------------------------------------------------------------ sums and products

    def expression(self, depth: int) -> Tree:
        """Terms with signs between them, up to whatever ends them."""
        if depth > DEEPEST:
            self.refuse(f"it is nested deeper than {DEEPEST} levels", "Name its parts.")
        start = self.here
        terms: list[tuple[int, Tree]] = []
        while True:
            sign = 1
            while self.peek() in ("+", "-"):
                sign *= -1 if self.take().text == "-" else 1
            terms.append((sign, self.product(depth)))
            if self.peek() not in ("+", "-"):
                break
        if len(terms) == 1 and terms[0][0] == 1:
            return terms[0][1]
        return Sum(tuple(terms), start, self.behind)

    def product(self, depth: int) -> Tree:
        """Factors side by side or with signs between them."""
        start = self.here
        factors: list[Tree] = []
        signs: list[str] = []
        while True:
            factor = self.factor(depth)
            factors.append(factor)
            if isinstance(factor, Big) and self.peek() == "-":  # \sum_i -x_i
                minus = self.take().start
                factors.append(Sum(((-1, self.product(depth)),), minus, self.behind))
                signs.append("")
                break
            if self.peek() in SIGNS and not (self.peek() == "*" and self.peek(1) in ("}", "")):
                signs.append(SIGNS[self.take().text])
            elif self.begins_factor():
                signs.append("")
            else:
                break
        if len(factors) == 1:
            return factors[0]
        return Product(tuple(factors), tuple(signs), start, self.behind)

    def begins_factor(self) -> bool:
        """True if the next lexeme can begin a factor."""
        word = self.peek()
        if not word or word in SEPARATORS or word in RELATIONS or word in CLOSING or word in ("+", "-"):
            return False
        if word in ("|", "\\vert"):
            return self.bars == 0
        if word == "\\Vert":
            return self.bars == 0
        if word in ("\\end", "\\hline"):
            return False
        return word not in WORD_COMMANDS or self.word_is_letter()

    def factor(self, depth: int) -> Tree:
        """One factor with its scripts; a minus in front of it makes a sum of one."""
        if self.peek() == "-" and self.at and self.lexemes[self.at - 1].text in SIGNS:
            start = self.take().start
            return Sum(((-1, self.factor(depth)),), start, self.behind)
        if self.peek() == "+" and self.at and self.lexemes[self.at - 1].text in SIGNS:
            self.take()
        start = self.here
        hit = self.stretch()
        if hit is not None:
            return hit
        base = self.base(depth)
        if isinstance(base, (Num, Derivative, Words, Dots, Big, Fraction_, Root)) and self.peek() not in (
            "^",
            "_",
            "'",
        ):
            return base
        primes, scripts = self.scripts(base)
        if not primes and not scripts:
            return base
        if isinstance(base, Num) and base.text == "1" and scripts and scripts[0].sign == "_":
            return Atom("1", "double", (), primes, scripts, start, self.behind)  # 1_{z > 0}, 1_n
        if isinstance(base, (Atom, Group, Named, Bars, Grid)) and not (isinstance(base, (Bars, Grid)) and primes):
            known = base.scripts
            if isinstance(base, (Bars, Grid)):
                return replace(base, scripts=known + scripts, end=self.behind)
            return replace(base, primes=base.primes + primes, scripts=known + scripts, end=self.behind)
        return Group(base, "{", primes, scripts, start, self.behind)

    def stretch(self) -> Tree | None:
        """What a declaration spells as a whole, if that stands here, with its scripts."""
        place = self.flat_at.get(self.at)
        hit = self.stretches.at(self.flats, place) if place is not None else None
        if hit is None:
            return None
        start = self.here
        self.at = hit.last
        given = tuple(Script("_", (Lexeme(letter, start, self.behind),), start, self.behind) for letter in hit.letters)
        name = hit.spelled.name if hit.spelled.part == "whole" else f"{hit.spelled.name}:{hit.spelled.part}"
        base = Named(name, hit.primes, given, start, self.behind)
        primes, scripts = self.scripts(base)
        return replace(base, primes=base.primes + primes, scripts=given + scripts, end=self.behind)

    # ------------------------------------------------------------------ factors

    def base(self, depth: int) -> Tree:
        """A factor without scripts."""
        from .special import command

        if depth > DEEPEST:
            self.refuse(f"it is nested deeper than {DEEPEST} levels", "Name its parts.")
        start, word = self.here, self.peek()
        if not word:
            self.refuse("something is missing at the end")
        if word[0].isdigit() or (word[0] == "." and len(word) > 1):
            text = self.take().text
            return Num(Fraction(text if text[0] != "." else f"0{text}"), text, start, self.behind)
        if word == "{":
            return self.grouped("{", "}", depth)
        if word in OPENING:
            return self.grouped(word, OPENING[word], depth)
        if word in ("|", "\\vert", "\\Vert"):
            return self.barred(word, depth)
        if word == "\\partial" and self.peek(1) == "_":  # the operator ∂_W
            self.take()
            return nabla(self, depth)
        if word in ("d", "\\partial", "\\delta"):
            found = derivative_of(self, depth)
            if found is not None:
                return found
        if word.isalpha():
            return self.letters()
        if word.startswith("\\"):
            return command(self, word, depth)
        if word in CLOSING:
            self.refuse("it closes nothing", "Open it first.")
        if word in ("_", "^"):
            self.refuse("a script without a letter in front of it", "Write the letter.")
        if word in ("\\\\", "&"):
            self.refuse("a line ends in the middle of the formula", "Finish it.")
        return self.refuse("this cannot stand here")

    def letters(self) -> Tree:
        """A letter, or the longest known word that plain letters spell."""
        start = self.here
        run = ""
        for ahead in range(self.longest):
            lexeme = self.lexemes[self.at + ahead] if self.at + ahead < len(self.lexemes) else None
            if lexeme is None or len(lexeme.text) != 1 or not lexeme.text.isalpha() or (ahead and lexeme.space):
                break
            run += lexeme.text
        for length in range(len(run), 1, -1):
            if run[:length] in self.words:
                self.at += length
                return Atom(run[:length], start=start, end=self.behind)
        return Atom(self.take().text, start=start, end=self.behind)

    def word_is_letter(self) -> bool:
        r"""True if the text command that comes next sets a known word or one letter: \text{softmax}, \mathrm{W}."""
        if self.peek(1) != "{":
            return True
        word, ahead = "", 2
        while self.peek(ahead) not in ("}", ""):
            word += self.peek(ahead)
            ahead += 1
        spaced = any(self.lexemes[self.at + k].space for k in range(3, ahead))
        return not spaced and (
            self.peek() not in ("\\text", "\\textrm", "\\textnormal") or len(word) == 1 or word in self.words
        )

    def grouped(self, left: str, right: str, depth: int) -> Tree:
        """Something in brackets; braces around one letter are nothing."""
        opened = self.take()
        bars, self.bars = self.bars, 0
        body = self.listed(right, depth + 1)
        self.bars = bars
        if self.peek() != right:
            if left in ("(", "[") and self.peek() in (")", "]"):
                right = self.peek()  # a half-open pair, or a slip that every reader forgives
            else:
                what = "this is not closed" if not self.peek() or self.peek() in CLOSING else "this cannot stand here"
                if what.startswith("this is"):
                    self.refuse(what, f"Close it with `{right}`.", opened.start, opened.end)
                self.refuse(what)
        self.take()
        if left == "{" and isinstance(body, Atom):
            return replace(body, start=opened.start, end=self.behind)
        return Group(body, left, 0, (), opened.start, self.behind)

    def listed(self, right: str, depth: int) -> Tree:
        """What stands in brackets: an expression, a comparison, or several with commas between them."""
        start = self.here
        if self.peek() == right:
            self.refuse("there is nothing between the brackets", "Write something there.")
        items = [self.compared(depth)]
        while self.peek() in (",", ";"):
            self.take()
            while self.peek() == "\\quad":
                self.take()
            items.append(self.compared(depth))
        return items[0] if len(items) == 1 else Listing(tuple(items), start, self.behind)

    def compared(self, depth: int) -> Tree:
        """An expression, or two with a comparison between them."""
        start = self.here
        left = self.expression(depth)
        op = RELATIONS.get(self.peek())
        if op not in ("=", "!=", "<", ">", "<=", ">=", "in"):
            return left
        self.take()
        right = self.expression(depth)
        return Compare(op, left, right, start, self.behind)

    def barred(self, word: str, depth: int) -> Tree:
        """|x| or ‖x‖."""
        opened = self.take()
        self.bars += 1
        body = self.expression(depth + 1)
        self.bars -= 1
        if self.peek() != word:
            self.refuse("this bar has no partner", "Close it.", opened.start, opened.end)
        self.take()
        return Bars(body, word == "\\Vert", (), opened.start, self.behind)

    def argument(self, depth: int) -> Tree:
        """The argument of a command: a group, or one symbol."""
        if self.peek() == "{":
            return self.grouped("{", "}", depth)
        if self.peek()[:1].isdigit():
            digit = self.digit()
            return Num(Fraction(digit.text), digit.text, digit.start, digit.end)
        if not self.peek() or self.peek() in CLOSING or self.peek() in ("_", "^", "&", "\\\\", "+", "-"):
            self.refuse("an argument is missing", "Write it in braces.")
        return self.base(depth + 1)


def skip_argument(reader: Reader) -> None:
    r"""Pass what a command such as `\label` takes."""
    if reader.peek() == "*":
        reader.take()
    if reader.peek() == "{":
        reader.braced()


__all__ = [
    "ACCENTS",
    "ARGUMENT_DROPPED",
    "GRIDS",
    "RELATIONS",
    "SEPARATORS",
    "Big",
    "Grid",
    "Reader",
    "Sequence",
    "is_differential",
]
