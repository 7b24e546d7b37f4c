"""Trees to boxes: every parenthesis, dot and sign of a printed formula is decided here, once for all printers.

One function per class of tree, found in RULES by the class; what is not there has no printed form and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as Rational
from typing import Any

from ..errors import MissingRule
from . import tree as t
from .boxes.box import (
    ATOM,
    BIG_SIGMA,
    BOLD_ONE,
    CDOT,
    COLON,
    MINUS,
    MINUS_ONE,
    PARTIAL,
    PLUS,
    PRODUCT,
    RELATION,
    SCRIPT,
    SUM,
    THIN,
    TIMES,
    Accent,
    Box,
    Fence,
    Fraction,
    Root,
    Row,
    Scripts,
    Table,
    Token,
    at_least,
    marked,
    parens,
    raised,
    row,
)
from .names import CONSTANTS, FORMS, RELATIONS, SPECIALS, Lettered
from .precedence import closed, inline, is_call, numeric, opposite, runs_on
from .spelling import Notation, Style, derivative
from .typography import dressed, escaped, juxtaposed, number, separated, subscripted

DEPTH = 200  # of nested trees; below what recursion could bear, above what a reader could


EXPECTATION = Token(r"\mathrm{E}", "E", "mark")
IF = Token(r"\text{if }", "if ", "text")
OTHERWISE = Token(r"\text{otherwise}", "otherwise", "text")
PLAIN_STYLE = Style()
CALLIGRAPHIC_K = Token(r"\mathcal{K}", "𝒦", "letter")


class Layout:
    """The boxes of trees under one notation."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self.depth = 0

    def box(self, tree: t.Tree) -> Box:
        """The boxes of a tree; raises MissingRule for what has no printed form or is nested too deeply."""
        rule = RULES.get(type(tree))
        if rule is None:
            raise MissingRule(
                f"No printed form for {type(tree).__name__}.", remedy="Add a rule to RULES in notation/layout.py."
            )
        if self.depth == DEPTH:
            raise MissingRule(
                f"A formula nested deeper than {DEPTH} levels has no printed form.",
                remedy="Give one of its parts a name, as an equation of its own.",
            )
        self.depth += 1
        try:
            result: Box = rule(self, tree)
        finally:
            self.depth -= 1
        return result


# letters


def _sym(lay: Layout, tree: t.Sym) -> Box:
    return lay.notation.symbol(tree.name, tree.kind)


def _delta(lay: Layout, tree: t.Delta) -> Box:
    return lay.notation.delta(tree.of, tree.kind)


def _dot(lay: Layout, tree: t.Dot) -> Box:
    base = lay.box(tree.base)
    return base._replace(base=Accent("dot", base.base)) if isinstance(base, Scripts) else Accent("dot", base)


def _block(lay: Layout, tree: t.Block) -> Box:
    return lay.notation.block(tree.row, tree.column)


def _letter(lay: Layout, tree: t.Letter) -> Box:
    return lay.notation.letter(tree.name)


def _const(_lay: Layout, tree: t.Const) -> Box:
    if tree.name not in CONSTANTS:
        raise MissingRule(f"No printed form for the constant {tree.name}.", remedy="Add it to CONSTANTS.")
    return CONSTANTS[tree.name]


def _num(_lay: Layout, tree: t.Num) -> Box:
    return number(tree.value)


def _words(_lay: Layout, tree: t.Text) -> Box:
    return Token(rf"\text{{{escaped(tree.words)}}}", tree.words, "text")


def _special(lay: Layout, tree: t.Special) -> Box:
    base = SPECIALS[tree.name]
    if tree.name == "commutation" and lay.notation.spells("K"):
        base = CALLIGRAPHIC_K  # a network has a K of its own
    return base if tree.size is None else Scripts(base, lay.box(tree.size), None)


# # arithmetic


def _sum(lay: Layout, tree: t.Sum) -> Box:
    items: list[Box] = []
    last = len(tree.terms) - 1
    for i, (sign, term) in enumerate(tree.terms):
        flipped = opposite(term)
        if flipped is not None:
            sign, term = -sign, flipped
        box = lay.box(term)
        loose = box.level < SUM or (box.level == SUM and (i > 0 or sign < 0))
        if loose or (i < last and runs_on(term)):
            box = parens(box)
        if i > 0:
            items += [MINUS if sign < 0 else PLUS, box]
        else:
            items.append(Row((MINUS, box), SUM, box.tall, tight=True) if sign < 0 else box)
    if not items:
        return number(Rational(0))
    return row(items, SUM)


def _prod(lay: Layout, tree: t.Prod) -> Box:
    if not tree.factors:
        return number(Rational(1))
    if len(tree.factors) == 1:
        return lay.box(tree.factors[0])
    negative = opposite(tree)
    if negative is not None:
        box = lay.box(negative)
        return Row((MINUS, box), SUM, box.tall, tight=True)
    last = len(tree.factors) - 1
    boxes = [_factor(lay, tree, i, factor, last) for i, factor in enumerate(tree.factors)]
    if tree.op == "juxtapose":
        return row(juxtaposed(boxes), PRODUCT)
    sign = lay.notation.sign("hadamard") if tree.op == "hadamard" else CDOT if tree.op == "dot" else TIMES
    items = [boxes[0]]
    for box in boxes[1:]:
        items += [sign, box]
    return row(items, PRODUCT)


def _factor(lay: Layout, tree: t.Prod, i: int, factor: t.Tree, last: int) -> Box:
    """A factor as it stands in its product."""
    box = lay.box(factor)
    if box.level < PRODUCT or (i < last and runs_on(factor)):
        return parens(box)
    if box.level > PRODUCT:
        return box
    if isinstance(factor, t.BigSum) and tree.op == "juxtapose":
        return box
    if not isinstance(factor, t.Prod):  # a spelling of several letters, or 5 · 10^{-5}
        return box if i == 0 and isinstance(factor, t.Num) else parens(box)
    if factor.op == tree.op != "juxtapose":  # a product inside a product is a number of its own, such as (u^T v) w
        return box
    if tree.op == "juxtapose" and i == last and all(numeric(f) for f in tree.factors[:-1]):
        return box
    if factor.op == "juxtapose" and i == 0 and all(numeric(f) for f in factor.factors[:-1]):
        return box
    return parens(box)


def _frac(lay: Layout, tree: t.Frac) -> Box:
    return Fraction(lay.box(tree.top), lay.box(tree.bottom))


def _pow(lay: Layout, tree: t.Pow) -> Box:
    base = lay.box(tree.base)
    exponent = inline(tree.exponent) or lay.box(tree.exponent)
    if tree.elementwise:
        exponent = Row((lay.notation.sign("hadamard"), exponent), PRODUCT, False, tight=True)
    if isinstance(tree.base, t.Num) and tree.base.value.denominator != 1:
        base = parens(base)
    if isinstance(tree.base, (t.Call, t.Norm, t.Abs, t.Expectation)) and closed(base):
        return Scripts(base, None, exponent)
    return raised(base, exponent)


def _trans(lay: Layout, tree: t.Trans) -> Box:
    sign = lay.notation.sign("transpose")
    if isinstance(tree.base, t.Inv):
        return raised(lay.box(tree.base.base), Row((MINUS, sign), PRODUCT, False, tight=True))
    base = lay.box(tree.base)
    if isinstance(tree.base, (t.Sym, t.Delta)):
        return marked(base, sign)
    if isinstance(tree.base, t.Call) and closed(base):
        return Scripts(base, None, sign)
    return raised(base, sign)


def _inv(lay: Layout, tree: t.Inv) -> Box:
    return raised(lay.box(tree.base), MINUS_ONE)


# # functions


def _call(lay: Layout, tree: t.Call) -> Box:
    args = [lay.box(arg) for arg in tree.args]
    form = lay.notation.function(tree.function) or FORMS.get(tree.function)
    if form is None:
        raise MissingRule(
            f"No printed form for the function {tree.function}.",
            remedy="Add a line for it to FORMS in notation/names.py.",
        )
    if isinstance(form, Lettered):
        form = form.name if lay.notation.spells(form.letter.latex) else form.letter
    if not isinstance(form, tuple):
        if not tree.primes:
            return form(args)
        form = Token(rf"\operatorname{{{tree.function}}}", tree.function, "function")
    sub = row(separated([lay.box(part) for part in tree.sub]), RELATION, tight=True) if tree.sub else None
    name = dressed(form, sub, tree.primes)
    if len(args) == 1 and isinstance(args[0], Fence) and args[0].left in "|‖" and not tree.primes:
        return Row((name, args[0]), SCRIPT, args[0].tall)
    body = row(separated(args), RELATION, tight=False)
    return Row((name, parens(body)), SCRIPT, body.tall, tight=True)


def _norm(lay: Layout, tree: t.Norm) -> Box:
    return Fence("‖", "‖", lay.box(tree.base))


def _abs(lay: Layout, tree: t.Abs) -> Box:
    return Fence("|", "|", lay.box(tree.base))


def _sqrt(lay: Layout, tree: t.Sqrt) -> Box:
    return Root(lay.box(tree.base))


def _partial(lay: Layout, tree: t.Partial) -> Box:
    top = lay.box(tree.top)
    bottoms = [at_least(lay.box(b), SCRIPT) for b in tree.bottom]
    if len(bottoms) == 1:
        whole = isinstance(tree.top, t.Sym) and tree.top.name == lay.notation.loss
        style = lay.notation.style if whole else PLAIN_STYLE
        return derivative(at_least(top, SCRIPT), bottoms[0], style)
    order = Token(str(len(bottoms)), str(len(bottoms)), "number")
    above = Row((Scripts(PARTIAL, None, order), at_least(top, SCRIPT)), SCRIPT, top.tall)
    if all(b == bottoms[0] for b in bottoms):
        below: Box = Row((PARTIAL, raised(bottoms[0], order)), SCRIPT, False)
    else:
        parts: list[Box] = []
        for b in bottoms:
            parts += ([THIN] if parts else []) + [Row((PARTIAL, b), SCRIPT, b.tall)]
        below = row(parts, PRODUCT)
    return Fraction(above, below)


# # conditions, indices and big signs


def _relation(lay: Layout, tree: t.Relation) -> Box:
    if tree.op not in RELATIONS:
        raise MissingRule(f"No printed form for the relation {tree.op}.", remedy="Use one of " + " ".join(RELATIONS))
    left, right = at_least(lay.box(tree.left), SUM), at_least(lay.box(tree.right), SUM)
    return row([left, RELATIONS[tree.op], right], RELATION)


def _indicator(lay: Layout, tree: t.Indicator) -> Box:
    body = lay.box(tree.condition)
    return Row((BOLD_ONE, Fence("[", "]", body)), SCRIPT, body.tall, tight=True)


def _expectation(lay: Layout, tree: t.Expectation) -> Box:
    body = lay.box(tree.body)
    return Row((EXPECTATION, Fence("[", "]", body)), SCRIPT, body.tall, tight=True)


def _index(lay: Layout, tree: t.Index) -> Box:
    subscripts = [lay.box(s) for s in tree.subscripts]
    if isinstance(tree.base, t.Sym):
        declared = lay.notation.part(tree.base.name, tree.subscripts, subscripts)
        if declared is not None:
            return declared
    base = lay.box(tree.base)
    if isinstance(base, Scripts) and base.sub is None and isinstance(base.sup, Fence):
        return Scripts(base.base, subscripted(subscripts), base.sup)
    if not (isinstance(base, Token) or (base.level == ATOM and not isinstance(base, Scripts)) or is_call(tree.base)):
        base = parens(base)
    return Scripts(base, subscripted(subscripts), None)


def _range(lay: Layout, tree: t.Range) -> Box:
    if tree.first is None and tree.last is None and tree.step is None:
        return COLON
    parts: list[Box] = [] if tree.first is None else [lay.box(tree.first)]
    if tree.step is not None:
        parts += [COLON, lay.box(tree.step)]
    parts.append(COLON)
    if tree.last is not None:
        parts.append(lay.box(tree.last))
    return row(parts, RELATION, tight=True)


def _big_sum(lay: Layout, tree: t.BigSum) -> Box:
    body = lay.box(tree.body)
    if body.level < PRODUCT:
        body = parens(body)
    signs: list[Box] = []
    together: list[Box] = []  # letters without bounds share one sign
    for name, first, last in tree.indices:
        letter = lay.notation.letter(name)
        if first is None and last is None:
            together.append(letter)
            continue
        signs += _open_sum(together)
        together = []
        below = letter if first is None else row([letter, RELATIONS["="], lay.box(first)], RELATION, tight=True)
        signs.append(Scripts(BIG_SIGMA, below, None if last is None else lay.box(last)))
    signs += _open_sum(together)
    return Row((*signs, body), PRODUCT, True)


def _cases(lay: Layout, tree: t.Cases) -> Box:
    rows: list[tuple[Box, ...]] = []
    for value, condition in tree.pieces:
        if condition is None:
            rows.append((lay.box(value), OTHERWISE))
        else:
            rows.append((lay.box(value), Row((IF, lay.box(condition)), RELATION, False)))
    return Table("cases", tuple(rows))


def _grid(lay: Layout, tree: t.Grid) -> Box:
    return Table("pmatrix", tuple(tuple(lay.box(cell) for cell in cells) for cells in tree.rows))


def _open_sum(letters: list[Box]) -> list[Box]:
    return [Scripts(BIG_SIGMA, row(separated(letters), RELATION, tight=True), None)] if letters else []


RULES: dict[type, Callable[[Layout, Any], Box]] = {
    t.Num: _num,
    t.Const: _const,
    t.Sym: _sym,
    t.Delta: _delta,
    t.Dot: _dot,
    t.Partial: _partial,
    t.Block: _block,
    t.Letter: _letter,
    t.Special: _special,
    t.Sum: _sum,
    t.Prod: _prod,
    t.Frac: _frac,
    t.Pow: _pow,
    t.Trans: _trans,
    t.Inv: _inv,
    t.Call: _call,
    t.Norm: _norm,
    t.Abs: _abs,
    t.Sqrt: _sqrt,
    t.Relation: _relation,
    t.Indicator: _indicator,
    t.Index: _index,
    t.Range: _range,
    t.BigSum: _big_sum,
    t.Expectation: _expectation,
    t.Cases: _cases,
    t.Grid: _grid,
    t.Text: _words,
}
