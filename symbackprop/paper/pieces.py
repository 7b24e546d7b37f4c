r"""Derivatives as they are written: `\frac{\partial J}{\partial W}`, `\partial J/\partial W`, `dJ/dW`, `\nabla_W J`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .flat import FONT_COMMANDS
from .tree import Atom, Derivative, Fraction_, Group, Named, Script, Tree

if TYPE_CHECKING:
    from .parse import Reader

DIFFERENTIALS = ("\\partial", "d")


def is_differential(reader: Reader, place: int) -> tuple[str, int] | None:
    r"""The differential sign at a lexeme (`\partial`, `d`, `\mathrm{d}`), and how many lexemes it takes; or None."""
    lexemes = reader.lexemes
    word = lexemes[place].text if place < len(lexemes) else ""
    if word in DIFFERENTIALS:
        return word, 1
    if word in FONT_COMMANDS and [x.text for x in lexemes[place + 1 : place + 4]] == ["{", "d", "}"]:
        return "d", 4
    return None


def fraction(reader: Reader, depth: int) -> Tree:
    r"""`\frac`, its command already taken: a derivative if both parts begin with the same differential sign."""
    start = reader.lexemes[reader.at - 1].start
    top, bottom = _inside(reader, reader.at), None
    if top is not None:
        bottom = _inside(reader, top[1] + 1)
    if top is not None and bottom is not None:
        above, below = is_differential(reader, top[0]), is_differential(reader, bottom[0])
        named = bottom[0] + 1 < len(reader.lexemes) and reader.lexemes[bottom[0] + 1].text == "_"  # the letter d_k
        if above and below and above[0] == below[0] and bottom[1] - bottom[0] > below[1] and not named:
            return _derivative(reader, depth, above[0], start)
    numerator = reader.argument(depth)
    return Fraction_(numerator, reader.argument(depth), start, reader.behind)


def _inside(reader: Reader, place: int) -> tuple[int, int] | None:
    """The first lexeme inside the braces that open at a place, and the closing brace; None if none open there."""
    if place >= len(reader.lexemes) or reader.lexemes[place].text != "{":
        return None
    depth = 0
    for at in range(place, len(reader.lexemes)):
        depth += {"{": 1, "}": -1}.get(reader.lexemes[at].text, 0)
        if depth == 0:
            return place + 1, at
    return None


def _derivative(reader: Reader, depth: int, sign: str, start: int) -> Derivative:
    reader.take()
    _pass_differential(reader)
    order = _order(reader)
    top = None
    if reader.peek() != "}":
        top = reader.expression(depth + 1)
    _close(reader)
    reader.take()
    bottoms = _bottoms(reader, depth, sign, "}")
    _close(reader)
    bottoms = _repeated(reader, bottoms, order, start)
    return Derivative(top, bottoms, len(bottoms), "fraction", start, reader.behind)


def _close(reader: Reader) -> None:
    if reader.peek() != "}":
        reader.refuse("this cannot stand in a derivative", "Write one quantity above and the variables below.")
    reader.take()


def _pass_differential(reader: Reader) -> None:
    found = is_differential(reader, reader.at)
    reader.at += found[1] if found is not None else 0


def _order(reader: Reader) -> int:
    """The order of a derivative, behind its sign."""
    if reader.peek() != "^":
        return 1
    start = reader.take().start
    lexemes = reader.script(start)
    text = "".join(x.text for x in lexemes)
    if text not in ("1", "2"):
        reader.refuse("derivatives of order 1 and 2 can be read", "Write ^2.", start, reader.behind)
    return int(text)


def _bottoms(reader: Reader, depth: int, sign: str, end: str) -> tuple[Tree, ...]:
    """The variables below: one factor behind each differential sign."""
    found: list[Tree] = []
    while reader.peek() != end and reader.peek():
        known = is_differential(reader, reader.at)
        if known is None or known[0] != sign:
            reader.refuse("a variable of differentiation is missing here", "Write one sign and one variable.")
        reader.at += known[1]
        found.append(reader.factor(depth + 1))
    return tuple(found)


def _repeated(reader: Reader, bottoms: tuple[Tree, ...], order: int, start: int) -> tuple[Tree, ...]:
    r"""`\partial w^2` is w twice, in a derivative of order 2."""
    if order == 2 and len(bottoms) == 1:
        (only,) = bottoms
        if isinstance(only, (Atom, Named, Group)) and only.scripts and only.scripts[-1].words == ("2",):
            kept = replace(only, scripts=only.scripts[:-1])
            return (kept, kept)
    if len(bottoms) != order:
        reader.refuse(f"{order} variables belong below, not {len(bottoms)}", "", start, reader.behind)
    return bottoms


def derivative_of(reader: Reader, depth: int) -> Tree | None:
    r"""`\partial J / \partial W` or `dJ/dW` on one line; None, with nothing taken, if that does not stand here."""
    before, start = reader.at, reader.here
    sign = reader.peek()
    if sign == "\\delta":
        return None
    if sign == "d" and not _slashed(reader):
        return None
    reader.take()
    order = _order(reader)
    if not reader.begins_factor():
        reader.at = before
        return None
    top = reader.factor(depth + 1)
    if reader.peek() == "/" and is_differential(reader, reader.at + 1):
        reader.take()
        bottoms = []
        for _ in range(order):
            known = is_differential(reader, reader.at)
            if known is None:
                break
            reader.at += known[1]
            bottoms.append(reader.factor(depth + 1))
        every = _repeated(reader, tuple(bottoms), order, start)
        return Derivative(top, every, len(every), "slash", start, reader.behind)
    if sign == "\\partial":
        reader.refuse("a derivative needs something below", "Write \\partial J/\\partial W.", start, reader.behind)
    reader.at = before
    return None


def _slashed(reader: Reader) -> bool:
    """True if a letter d here begins `dJ/dW`: no spaces behind either d, and one factor between."""
    lexemes, at = reader.lexemes, reader.at
    if at + 1 >= len(lexemes) or lexemes[at + 1].space or lexemes[at + 1].text in ("+", "-", "=", ",", "}", ")"):
        return False
    depth = 0
    for place in range(at + 1, min(at + 40, len(lexemes))):
        word = lexemes[place].text
        depth += {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}.get(word, 0)
        if depth < 0 or (depth == 0 and word in ("+", "-", "=", ",", "&", "\\\\")):
            return False
        if depth == 0 and word == "/":
            behind = lexemes[place + 1 : place + 3]
            return len(behind) == 2 and behind[0].text == "d" and not behind[1].space and behind[1].text not in "+-=)},"
    return False


def nabla(reader: Reader, depth: int) -> Derivative:
    r"""`\nabla_W`, `\nabla^2_w`, its sign already taken: an operator, applied to what follows by its reader."""
    from .parse import Reader as Nested

    start = reader.lexemes[reader.at - 1].start
    order = 1
    below: tuple[Tree, ...] = ()
    while reader.peek() in ("_", "^"):
        mark = reader.take().text
        lexemes = reader.script(start)
        if mark == "^":
            if tuple(x.text for x in lexemes) != ("2",):
                reader.refuse("only ∇ and ∇² can be read", "", start, reader.behind)
            order = 2
            continue
        nested = Nested(reader.text, reader.stretches, reader.words, lexemes)
        below = _variables(nested, depth)
    bottoms: tuple[Tree, ...] = below
    if order == 2 and len(bottoms) == 1:
        bottoms = bottoms * 2
    return Derivative(None, bottoms, order, "nabla", start, reader.behind)


def _variables(reader: Reader, depth: int) -> tuple[Tree, ...]:
    """The variables below a ∇: one factor, or several."""
    found = [reader.factor(depth + 1)]
    while reader.peek():
        if reader.peek() == ",":
            reader.take()
        found.append(reader.factor(depth + 1))
    return tuple(found)


__all__ = ["Script", "derivative_of", "fraction", "is_differential", "nabla"]
