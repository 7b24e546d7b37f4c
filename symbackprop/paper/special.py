r"""Commands: fractions, roots, accents, fonts, words, big operators, matrices and definitions by cases."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..notation.boxes.commands import LETTERS
from .lexemes import FONTS
from .pieces import fraction, nabla
from .tree import Atom, Big, Compare, Dots, Grid, Group, Num, Root, Script, Tree, Words

if TYPE_CHECKING:
    from .parse import Reader

FUNCTIONS = {
    "exp": "exp", "log": "log", "lg": "log", "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh",
    "tanh": "tanh", "arcsin": "arcsin", "arccos": "arccos", "arctan": "arctan", "det": "det", "Pr": "Pr", "sec": "sec",
    "sech": "sech", "cot": "cot",
}  # fmt: skip  # a table
BIG = {"sum": "sum", "prod": "prod", "max": "max", "min": "min"}
ACCENTS = frozenset({"hat", "bar", "tilde", "vec", "dot", "ddot", "check", "breve"})
MARKS = frozenset({"top", "intercal", "infty", "dagger", "prime", "ell", "imath", "jmath"})
WRAPPERS = frozenset(
    {"underbrace", "overbrace", "boxed", "mathop", "mathrel", "mathbin", "mathord", "cancel", "bcancel", "fbox"}
)
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


def command(reader: Reader, word: str, depth: int) -> Tree:
    """A factor that begins with a command."""
    start, name = reader.here, word[1:]
    if name in LETTERS:
        reader.take()
        return Atom(word, start=start, end=reader.behind)
    if name in FONTS or name in ("text", "mathrm"):
        return _font(reader, name, depth)
    reader.take()
    if name == "frac":
        return fraction(reader, depth)
    if name in ("binom", "choose", "over", "atop", "int", "oint", "iint", "lim", "pm", "mp"):
        reader.refuse(f"`{word}` is not understood here", "", start, reader.behind)
    if name == "sqrt":
        return _root(reader, depth, start)
    if name in FUNCTIONS:
        return Atom(FUNCTIONS[name], start=start, end=reader.behind)
    if name == "arg":
        if reader.peek() in ("\\max", "\\min"):
            reader.take()
        return Big("argmax", _own_scripts(reader), start, reader.behind)
    if name in BIG:
        return Big(BIG[name], _own_scripts(reader), start, reader.behind)  # type: ignore[arg-type]  # the table's values
    if name == "nabla":
        return nabla(reader, depth)
    if name in ACCENTS:
        return _accent(reader, name, depth, start)
    if name in ("dots", "ddots", "vdots", "iddots"):
        return Dots(word, start, reader.behind)
    if name in WRAPPERS:
        return _wrapped(reader, depth, start)
    if name == "begin":
        return _grid(reader, depth, start)
    if name in MARKS:
        return Atom(word, start=start, end=reader.behind)
    return reader.refuse(
        f"the command {word} is not known", "Declare what it stands for with `latex=`.", start, reader.behind
    )


def _own_scripts(reader: Reader) -> tuple[Script, ...]:
    _, scripts = reader.scripts(Dots(""))
    return scripts


def _root(reader: Reader, depth: int, start: int) -> Tree:
    if reader.peek() == "[":
        reader.take()
        if reader.take().text != "2" or reader.take().text != "]":
            reader.refuse("only square roots can be read", "Write a power.", start, reader.behind)
    body = reader.argument(depth)
    return Root(body, start, reader.behind)


def _accent(reader: Reader, name: str, depth: int, start: int) -> Tree:
    body = reader.argument(depth + 1)
    while isinstance(body, Group) and body.left == "{" and not body.scripts and isinstance(body.body, Atom):
        body = body.body
    if not isinstance(body, Atom):
        reader.refuse("an accent stands on one letter", "Put it on the letter alone.", start, reader.behind)
    if name in ("dot", "ddot") and reader.peek() == "(":  # Newton's derivative of a function
        return replace(body, primes=body.primes + len(name) - 2, start=start, end=reader.behind)
    return replace(body, accents=(*body.accents, name), start=start, end=reader.behind)


def _wrapped(reader: Reader, depth: int, start: int) -> Tree:
    r"""\underbrace{body}_{words} and its like: the body."""
    body = reader.argument(depth)
    while reader.peek() in ("_", "^"):
        reader.take()
        reader.script(start)
    return Group(body, "{", 0, (), start, reader.behind) if not isinstance(body, (Atom, Group)) else body


def _font(reader: Reader, name: str, depth: int) -> Tree:
    r"""\mathbf{W}, \mathrm{tr}, \text{softmax}, \mathbb{1}: one letter in its font, or a word."""
    start = reader.take().start
    font = FONTS.get(name, "")
    if reader.peek() != "{":
        body = reader.argument(depth)
        return _set(body, font, start, reader.behind)
    ahead, word = 1, ""
    while reader.peek(ahead) not in ("}", "") and reader.peek(ahead)[0].isalnum():
        word += reader.peek(ahead)
        ahead += 1
    upright = not font
    if reader.peek(ahead) == "}" and len(word) > 1 and not word[0].isdigit() and (upright or word in reader.words):
        reader.at += ahead + 1
        return Atom(word, start=start, end=reader.behind)
    if name == "text" and not word:
        return Words(words_inside(reader), start, reader.behind)
    body = reader.argument(depth)
    return _set(body, font, start, reader.behind)


def _set(body: Tree, font: str, start: int, end: int) -> Tree:
    if isinstance(body, Atom):
        return replace(body, font=font or body.font, start=start, end=end)
    if isinstance(body, Num):
        return Atom(body.text, font=font, start=start, end=end) if font else body
    if isinstance(body, Group) and body.left == "{" and not body.scripts and isinstance(body.body, Num) and font:
        return Atom(body.body.text, font=font, start=start, end=end)
    return body


def words_inside(reader: Reader) -> str:
    r"""The text in the braces of \text{...}, which are passed."""
    first = reader.here
    reader.braced()
    return reader.text[first + 1 : reader.behind - 1].strip()


def _grid(reader: Reader, depth: int, start: int) -> Tree:
    r"""\begin{pmatrix} ... \end{pmatrix}, \begin{cases} ... \end{cases}."""
    if reader.peek() != "{":
        reader.refuse("an environment has a name in braces", "", start, reader.behind)
    name = "".join(x.text for x in reader.braced())
    if name.rstrip("*") not in GRIDS:
        reader.refuse(f"the environment {name} cannot stand inside a formula", "", start, reader.behind)
    if name == "array" and reader.peek() == "{":
        reader.braced()
    if name.endswith("*") and reader.peek() == "[":
        while reader.take().text != "]":
            pass
    rows: list[tuple[Tree | None, ...]] = []
    row: list[Tree | None] = []
    entry: Tree | None = None
    while True:
        word = reader.peek()
        if not word:
            reader.refuse(f"\\end{{{name}}} is missing", "Close the environment.", start, start + 6)
        if word == "\\end":
            reader.take()
            closed = "".join(x.text for x in reader.braced()) if reader.peek() == "{" else ""
            if closed != name:
                reader.refuse(f"\\end{{{closed}}} closes \\begin{{{name}}}", "", start, reader.behind)
            break
        if word in ("&", "\\\\"):
            reader.take()
            row.append(entry)
            entry = None
            if word == "\\\\":
                rows.append(tuple(row))
                row = []
            continue
        if word in (",", ";", ".", "\\quad", "\\hline"):
            reader.take()
            continue
        if entry is not None and not isinstance(entry, Words):
            row.append(entry)
        entry = _entry(reader, depth)
    if entry is not None or row:
        rows.append((*row, entry))
    if len(rows) > 60 or any(len(r) > 60 for r in rows):
        reader.refuse("the matrix is too large", "Write it with indices.", start, reader.behind)
    return Grid(tuple(r for r in rows if any(e is not None for e in r)), name.rstrip("*"), (), start, reader.behind)


def _entry(reader: Reader, depth: int) -> Tree:
    """An entry: words, an expression, or a condition."""
    start = reader.here
    if reader.peek() in ("\\text", "\\textrm", "\\textnormal", "\\mathrm", "\\mbox") and not reader.word_is_letter():
        reader.take()
        return Words(words_inside(reader), start, reader.behind)
    found = reader.compared(depth + 1)
    if isinstance(found, Compare) and reader.peek() in ("<", "\\leq"):
        reader.refuse("a condition compares two quantities", "", start, reader.behind)
    return found


__all__ = ["command", "words_inside"]
