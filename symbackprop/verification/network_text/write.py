"""From a tensor term to an expression of a network file, as a person would write it.

Meaning is NumPy's: vectors are 1-D, broadcasting puts axes in front. Order and signs are those of printed formulas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from ...derive import Derivation
from ...errors import SymbackpropError
from ...express import Ranks, Writer
from ...express.order import BLOCK, DIRECTION, GRADIENT
from ...tensor.normal import as_number, flipped, magnitude, scaled
from ...tensor.pullback import children_last
from ...tensor.size import ONE, ZERO
from ...tensor.substitute import substitute
from ...tensor.terms import (
    Bracket,
    Constant,
    Dim,
    Map,
    Number,
    Product,
    Special,
    Sum,
    Symbol,
    Term,
    make_product,
)
from .brackets import shifted
from .code import COMPARE, SUM, Code, NoText, added, atom_code, called, expanded, numeral, power, transposes
from .moves import filled
from .pieces import Piece, negative, one, times, widened
from .product import ProductText

FUNCTIONS = frozenset(
    {
        *("exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
        *("sigmoid", "softplus", "erf", "normal_cdf", "normal_pdf", "relu", "abs", "sign", "maximum", "minimum"),
    }
)
OPPOSITE = {">": "<", "<": ">", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
REST = {"step": (">", "<="), "iszero": ("==", "!=")}


def network_text(
    term: Term, names: Mapping[str, str] | None = None, derivation: Derivation | None = None
) -> str | None:
    """The term as an expression of a network file, or None if it has none.

    `names` says how symbols are written that are not written by their name; a gradient that is taken as given is
    `grad(z)`. `derivation` gives the order of its network, and the terms of nodes that the file does not name. The
    value has the shape of the term.
    """
    try:
        if derivation is None:
            found = {x.name.removeprefix(GRADIENT) for x in children_last(term) if isinstance(x, Symbol)}
            signs = Writer(Ranks({name: place for place, name in enumerate(sorted(found))}))
        else:
            signs = derivation.context.writer
            term = _opened(term, derivation)
        return TermText(names or {}, signs).whole(term).text
    except (NoText, SymbackpropError, RecursionError):
        return None


def _opened(term: Term, derivation: Derivation) -> Term:
    """The term without nodes that were opened from inside a function, such as the ones of layer_norm."""
    hidden: dict[Term, Term] = {e.symbol: e.term for e in derivation.model.equations.values() if e.auxiliary}
    for _ in hidden:
        if hidden.keys().isdisjoint(children_last(term)):
            break
        term = substitute(term, hidden)
    return term


@dataclass
class TermText:
    """Writes terms; `signs` knows the order of a network."""

    names: Mapping[str, str]
    signs: Writer
    known: dict[Term, tuple[int, Piece]] = field(default_factory=dict)

    @property
    def ranks(self) -> Ranks:
        """The order of names in the network."""
        return self.signs.ranks

    def whole(self, term: Term) -> Code:
        """The expression, of the full shape of the term."""
        for inner in reversed(children_last(term)):
            if not isinstance(inner, Bracket):
                self.signed(inner)
        return self.full(term)

    def full(self, term: Term) -> Code:
        """The expression with every axis of the term: repeated by ones along those on which it does not depend."""
        piece = self.piece(term)
        axes = tuple(range(term.order))
        if piece.labels == axes:
            return piece.code
        if not piece.labels:
            return filled(piece.code, term.sizes)
        if all(term.sizes[a] is ONE for a in axes if a not in piece.labels):
            return expanded(piece.code, [":" if a in piece.labels else "None" for a in axes])
        ones = Piece(axes, filled(Code("1"), term.sizes), (9,))
        return times(axes, [piece, ones]).code

    def piece(self, term: Term) -> Piece:
        """The expression with the axes of the term that it has, in order."""
        sign, piece = self.signed(term)
        return piece if sign > 0 else Piece(piece.labels, negative(piece.code), piece.order)

    def signed(self, term: Term) -> tuple[int, Piece]:
        """The sign in front, and the expression without it."""
        if term not in self.known:
            self.known[term] = self.written(term)
        return self.known[term]

    def written(self, term: Term) -> tuple[int, Piece]:
        """One term, by its kind."""
        value = as_number(term)
        if value is not None:
            return (-1 if value < 0 else 1), one(numeral(magnitude(value)))
        if isinstance(term, Product):
            return ProductText(self, term).written()
        axes = tuple(range(term.order))
        order = self.ranks.in_product(term)
        if isinstance(term, Symbol):
            return 1, Piece(axes, self.symbol(term), order)
        if isinstance(term, Constant):
            return 1, one(Code(str(term.value)))
        if isinstance(term, Dim):
            return 1, one(atom_code(term.atom))
        if isinstance(term, Sum):
            return 1, self.sum(term)
        if isinstance(term, Map):
            return 1, self.map(term)
        if isinstance(term, Special):
            return 1, Piece(axes, self.special(term), order) if term.operation != "stop" else self.piece(
                term.children[0]
            )
        if isinstance(term, Bracket):
            bare = make_product(1, ((term, axes, 1),), term.sizes, term.order)  # for printing only
            return ProductText(self, bare).written()
        raise NoText

    def symbol(self, term: Symbol) -> Code:
        """A name, or a gradient that is taken as given."""
        if term.name in self.names:
            return Code(self.names[term.name])
        if term.name.startswith(GRADIENT):
            of, _, wrt = term.name[1:].rpartition(GRADIENT)
            return called("grad", wrt, *([f"of={of}"] if of else []))
        if term.name[0] in (BLOCK, DIRECTION):
            raise NoText
        return Code(term.name)

    # ------------------------------------------------------------------ sums

    def sum(self, term: Sum) -> Piece:
        """A sum in the order of printed formulas, the first term positive if any is."""
        if not term.terms:
            return one(Code("0"))
        ordered = sorted(term.terms, key=lambda ct: self.ranks.in_sum(ct[1]))
        order = self.ranks.in_product(term)
        special = self.complement(ordered, order) or self.joined(term, order)
        if special is not None:
            return special
        found = [self.summand(c, x) for c, x in ordered]
        if found[0][0] < 0:
            found.sort(key=lambda pair: pair[0] < 0)
        labels = tuple(sorted({x for _, p in found for x in p.labels}))
        if len(labels) == 1:
            code = widened(lambda codes: added(zip((s for s, _ in found), codes, strict=True)), [p for _, p in found])
            return Piece(labels, code, order)
        return Piece(labels, added((sign, p.aligned(labels)) for sign, p in found), order)

    def joined(self, term: Sum, order: tuple[object, ...]) -> Piece | None:
        """Arrays behind one another, if the summands are those, padded with zeros to one length; else None."""
        pieces = [shifted(scaled(c, x)) for c, x in term.terms]
        for axis, length in enumerate(term.sizes):
            at = {p[1]: p[2] for p in pieces if p is not None and p[0] == axis}
            blocks: list[Code] = []
            place = ZERO
            while place in at:
                block = at.pop(place)
                blocks.append(self.full(block))
                place = place + block.sizes[axis]
            if len(blocks) == len(term.terms) and place is length:
                option = [f"axis={axis}"] if axis else []
                joined = called("concatenate", f"[{', '.join(b.text for b in blocks)}]", *option)
                return Piece(tuple(range(term.order)), joined, order)
        return None

    def summand(self, coefficient: Number, term: Term) -> tuple[int, Piece]:
        """coefficient · term, with its sign apart."""
        if coefficient == 1:
            return self.signed(term)
        if coefficient == -1:
            sign, piece = self.signed(term)
            return -sign, piece
        if isinstance(term, Sum):  # a sum as it is printed inside another
            sign, piece = 1 if coefficient > 0 else -1, self.piece(term)
            front = one(numeral(magnitude(coefficient)))
            return sign, times(piece.labels, [front, piece])
        return self.signed(scaled(coefficient, term))

    def complement(self, ordered: Sequence[tuple[Number, Term]], order: tuple[object, ...]) -> Piece | None:
        """1 − (u > 0) as (u <= 0)."""
        if len(ordered) != 2 or as_number(ordered[0][1]) != 1 or ordered[0][0] != 1 or ordered[1][0] != -1:
            return None
        term = ordered[1][1]
        if not isinstance(term, Map) or term.head not in REST:
            return None
        return self.relation(REST[term.head][1], term.children[0], order)

    def relation(self, op: str, term: Term, order: tuple[object, ...]) -> Piece:
        """`term op 0`, with negative terms on the other side."""
        coefficient: Number = 1
        if isinstance(term, Product) and term.coefficient < 0:
            coefficient, term = -1, scaled(-1, term)
        if isinstance(term, Product) and len(term.factors) == 1:
            term = scaled(Fraction(1) / term.coefficient, term)
        pairs = list(term.terms) if isinstance(term, Sum) else [(1, term)]
        found = [
            (*self.summand(c * coefficient, x), x) for c, x in sorted(pairs, key=lambda p: self.ranks.in_sum(p[1]))
        ]
        left = [p for sign, p, x in found if sign > 0 and as_number(x) is None]
        right = [(-sign, p) for sign, p, x in found if sign < 0 or as_number(x) is not None]
        labels = tuple(sorted({a for _, p, _ in found for a in p.labels}))
        if not left:
            left, right, op = [p for s, p in right if s > 0], [(1, p) for s, p in right if s < 0], OPPOSITE[op]
        sides = [
            added((1, p.aligned(labels)) for p in left) if left else Code("0"),
            added((s, p.aligned(labels)) for s, p in right) if right else Code("0"),
        ]
        return Piece(labels, Code(f"{sides[0].text} {op} {sides[1].text}", COMPARE), order)

    # ------------------------------------------------------------------ functions

    def map(self, term: Map) -> Piece:
        """A scalar function, entry by entry."""
        head, args = term.head, term.children
        order = self.ranks.in_product(term)
        if head in REST:
            return self.relation(REST[head][0], args[0], order)
        if head == "log" and isinstance(args[0], Special) and args[0].operation == "softmax" and args[0].axes == 1:
            x = self.full(args[0].children[0])
            return Piece(tuple(range(term.order)), called("log_softmax", x), order)
        pieces = [self.piece(a) for a in args]
        labels = tuple(sorted({x for p in pieces for x in p.labels}))
        codes = [p.aligned(labels) for p in pieces]
        if head == "power":
            exponent = codes[1].within(4) if codes[1].strength > SUM else f"({codes[1].text})"
            return Piece(labels, Code(f"{codes[0].within(4)}**{exponent}", 3), order)
        if head == "elu":
            x, slope = codes
            below = Code(f"exp({x.text}) - 1", SUM)
            below = below if slope.text == "1" else times((), [one(slope), one(below)]).code
            return Piece(labels, called("where", Code(f"{x.within(SUM)} > 0"), x, below), order)
        if head == "where":
            return Piece(labels, called("where", *codes), order)
        if head not in FUNCTIONS:
            raise NoText
        if len(labels) == 1:
            return Piece(labels, widened(lambda inner: called(head, *inner), pieces), order)
        return Piece(labels, called(head, *codes), order)

    def special(self, term: Special) -> Code:
        """An operation of the table, over the last axes of its argument."""
        x = self.full(term.children[0])
        rank, axes = term.children[0].order, term.axes
        axis = "" if rank == axes else f"axis={rank - 1}" if axes == 1 else f"axis={tuple(range(rank - axes, rank))}"
        if term.operation == "inverse" and axes == 2:
            return called("inv", x)
        if term.operation in ("det", "logdet") and axes == 2:
            return called(term.operation, x)
        if term.operation == "softmax" and axes == 1:
            return called("softmax", x)
        if term.operation == "logsumexp" and axes == 1:
            return called("logsumexp", x, *([axis] if axis else []))
        if term.operation in ("softmax", "logsumexp"):
            powers = called("exp", x)
            keep = [axis, "keepdims=True"] if axis and term.operation == "softmax" else [axis] if axis else []
            total = called("sum", powers, *keep)
            return called("log", total) if term.operation == "logsumexp" else Code(f"{powers.text} / {total.text}", 2)
        if term.operation == "standardize" and axes == 1:
            return called("layer_norm", x, *self.epsilon(term))
        if term.operation == "deviation":
            return self.deviation(term, x, axis)
        raise NoText

    def along_columns(self, term: Special) -> Code:
        """The transpose of softmax or layer_norm over rows: the same of the transpose, over columns."""
        x = self.full(flipped(term.children[0]))
        if term.operation == "softmax" and term.axes == 1:
            return called("softmax", x, "axis=0")
        if term.operation == "standardize" and term.axes == 1:
            return called("batch_norm", x, *self.epsilon(term))
        raise NoText

    def epsilon(self, term: Special) -> list[str]:
        """The option for ε, if it is not 1e-5."""
        value = as_number(term.children[1])
        return [] if value == Fraction(1, 100000) else [f"eps={self.full(term.children[1]).text}"]

    def deviation(self, term: Special, x: Code, axis: str) -> Code:
        """√(mean((x − mean(x))²) + ε)."""
        (child, eps), wide = term.children, term.axes == 1 and term.children[0].order == 2
        other = self.full(flipped(child)) if wide else x
        if transposes(other) < transposes(x):
            x, axis = other, "axis=0"
        own = [axis] if axis else []
        keep = [*own, "keepdims=True"] if axis else []
        squares = power(Code(f"{x.within(SUM)} - {called('mean', x, *keep).text}", SUM), 2)

        def root(options: list[str]) -> Code:
            spread = called("mean", squares, *options)
            return called("sqrt", spread if eps.is_zero else added([(1, spread), (1, self.full(eps))]))

        kept = root(keep) if wide else None
        return replace(root(own), column=kept if axis == "axis=1" else None, row=kept if axis == "axis=0" else None)


__all__ = ["TermText", "network_text"]
