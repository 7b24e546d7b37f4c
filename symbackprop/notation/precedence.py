"""Questions about a tree or a box that decide where a fence stands."""

from __future__ import annotations

from fractions import Fraction as Rational

from . import tree as t
from .boxes.box import MINUS, PRODUCT, SCRIPT, Box, Fence, Row, Token, row


def opposite(tree: t.Tree) -> t.Tree | None:
    """What stands after the minus sign, if a number or a product begins with one; a sum's signs are its own."""
    if isinstance(tree, t.Num):
        return t.Num(-tree.value) if tree.value < 0 else None
    if isinstance(tree, t.Frac):
        top = opposite(tree.top)
        return None if top is None else t.Frac(top, tree.bottom)
    if isinstance(tree, t.Prod) and tree.factors:
        first = opposite(tree.factors[0])
        if first is None:
            return None
        one = first == t.Num(Rational(1)) and len(tree.factors) > 1 and tree.op == "juxtapose"
        return t.Prod(tree.factors[1:] if one else (first, *tree.factors[1:]), tree.op)
    if isinstance(tree, t.Sum) and len(tree.terms) == 1:
        sign, term = tree.terms[0]
        return term if sign < 0 else None
    return None


def numeric(tree: t.Tree) -> bool:
    """Whether a factor is a plain coefficient, such as 2/(n k), so that it needs no fence beside another product."""
    if isinstance(tree, t.Sym):
        return tree.kind == "scalar"
    if isinstance(tree, t.Frac):
        return _numeric_or_size(tree.top) and _numeric_or_size(tree.bottom)
    return isinstance(tree, (t.Num, t.Const))


def _numeric_or_size(tree: t.Tree) -> bool:
    if isinstance(tree, t.Prod):
        return all(numeric(factor) for factor in tree.factors)
    return numeric(tree)


def runs_on(tree: t.Tree) -> bool:
    """Whether what follows would be read as inside: a Σ at the end, or cases without a right brace."""
    while True:
        if isinstance(tree, (t.BigSum, t.Cases)):
            return True
        if isinstance(tree, t.Prod) and tree.factors:
            tree = tree.factors[-1]
        else:
            return False


def closed(box: Box) -> bool:
    """Whether a box ends in a delimiter, so that f(x)^2 is the square of all of it."""
    return isinstance(box, Fence) or (isinstance(box, Row) and box.level == SCRIPT and isinstance(box.items[-1], Fence))


def is_call(tree: t.Tree) -> bool:
    """Whether an index can stand behind it as behind a letter: softmax(o)_i."""
    return isinstance(tree, (t.Call, t.Norm, t.Abs))


def inline(tree: t.Tree) -> Box | None:
    """A number in an exponent: a fraction without a bar, a minus without a space."""
    if not isinstance(tree, t.Num):
        return None
    value = abs(tree.value)
    parts: list[Box] = [MINUS] if tree.value < 0 else []
    parts.append(Token(str(value.numerator), str(value.numerator), "number"))
    if value.denominator != 1:
        parts += [Token("/", "/", "operator"), Token(str(value.denominator), str(value.denominator), "number")]
    return row(parts, PRODUCT, tight=True)
