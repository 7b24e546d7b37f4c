"""One product as NumPy: its factors become pieces and scalars, moves combine them, scalars are put around."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from ...tensor.normal import as_number, exact, flipped, magnitude
from ...tensor.size import Floor, Size
from ...tensor.terms import (
    Bracket,
    Constant,
    Dim,
    Factor,
    Labels,
    Map,
    Number,
    Product,
    Special,
    Sum,
    Symbol,
    Term,
    make_sum,
)
from .brackets import compared, cut, every, hot, hot_piece, padded, picked, shift, strided
from .code import (
    EXACT,
    Code,
    NoText,
    as_decimal,
    atom_code,
    called,
    expanded,
    numeral,
    power,
    size_code,
    transposes,
    turned,
)
from .moves import Moves
from .pieces import Key, Piece, one, relabelled, times

if TYPE_CHECKING:
    from .write import TermText


class ProductText(Moves):
    """Writes one product."""

    def __init__(self, writer: TermText, term: Product) -> None:
        self.writer, self.term = writer, term
        self.output: Labels = tuple(range(len(term.sizes)))
        self.sizes: dict[int, Size] = dict(enumerate(term.label_sizes))
        self.coefficient: Number = term.coefficient
        self.pieces: list[Piece] = []
        self.scalars: list[Piece] = []
        self.bottom: list[Piece] = []
        self.dropped: set[int] = set()
        self.dims: dict[str | Floor, Number] = {}

    def written(self) -> tuple[int, Piece]:
        """The sign in front, and the product without it; labels are axes of the term."""
        lone = self.lone_sum()
        if lone is not None:
            return 1, self.writer.sum(make_sum(tuple((-c, x) for c, x in lone.terms), lone.sizes))
        diagonal = self.collect()
        self.reduce()
        body = self.body()
        if diagonal is not None:
            body = self.spread_diagonal(diagonal, body)
        return self.assembled(body)

    # ------------------------------------------------------------------ reading the factors

    def collect(self) -> Labels | None:
        """Sort the factors into scalars and pieces; the labels of the diagonal if the product is a diagonal matrix."""
        brackets: list[Factor] = []
        for child, labels, exponent in sorted(self.term.factors, key=lambda f: self.stands_alone(f[0], f[2])):
            if isinstance(child, Bracket):
                brackets.append((child, labels, exponent))
                continue
            child, exponent = self.signed(child, exponent)
            if isinstance(child, Dim) and exponent == -1:
                self.dims[child.atom] = -1
                continue
            piece = self.writer.piece(child)
            key = self.writer.ranks.in_product(child)
            used = tuple(labels[a] for a in piece.labels)
            if not used:
                self.scalar(key, child, piece.code, exponent)
            else:
                made = self.array(child, piece, used, labels, key, exponent)
                self.pieces += [made] if made is not None else []
        bracketed = {x for _, labels, _ in brackets for x in labels}
        missing = set(self.term.summed) - bracketed - {x for p in self.pieces for x in p.labels} - self.dropped
        for label in sorted(missing):
            self.scalars.append(Piece((), size_code(self.sizes[label]), (1,)))
        return self.use(brackets)

    def array(
        self, child: Term, piece: Piece, used: Labels, labels: Labels, key: Key, exponent: Number
    ) -> Piece | None:
        """One factor with axes; None if they all have one entry and it became a scalar."""
        lone = [x for x in used if self.sizes[x].number == 1 and self.only_here(x)]
        code = power(piece.code, magnitude(exponent))
        if len(set(used)) < len(used):
            if len(used) != 2:
                raise NoText
            made = Piece(used[:1], called("diag", code), key)
        elif lone:
            self.dropped.update(lone)
            keep = tuple(x for x in used if x not in lone)
            made = Piece(keep, expanded(code, ["0" if x in lone else ":" for x in used]), key)
        elif exponent == 1:
            made = relabelled(piece, labels)
            flip = partial(self.turned_child, child) if len(used) == child.order == 2 and _turns(child) else None
            made = Piece(used, made.code, key, made.parts, made.under, flip)
        else:
            made = Piece(used, code, key)
        if exponent < 0:
            made = times(made.labels, [Piece(made.labels, Code("1"), key, (), (made,))])
        if made.labels:
            return made
        self.scalars.append(Piece((), made.code, key))
        return None

    def only_here(self, label: int) -> bool:
        """True for a summed label that one factor carries, once."""
        places = [x for _, labels, _ in self.term.factors for x in labels if x == label]
        return label not in self.output and len(places) == 1

    def turned_child(self, child: Term) -> Code:
        """The transpose of a factor, written from scratch."""
        if isinstance(child, Special):
            other, plain = self.writer.along_columns(child), turned(self.writer.piece(child).code)
            return other if transposes(other) < transposes(plain) else plain
        piece = self.writer.piece(flipped(child))
        if piece.labels != (0, 1):
            raise NoText
        return piece.code

    def lone_sum(self) -> Sum | None:
        """The sum of which this product is just the negative."""
        if self.term.coefficient != -1 or len(self.term.factors) != 1:
            return None
        child, labels, exponent = self.term.factors[0]
        return child if isinstance(child, Sum) and exponent == 1 and labels in (self.output, ()) else None

    def stands_alone(self, child: Term, exponent: Number) -> bool:
        """True for a sum with both signs that is the only factor above the line, but for numbers and constants."""
        if not isinstance(child, Sum) or exponent != 1 or any(as_number(x) is not None for _, x in child.terms):
            return False
        others = [t for t, _, e in self.term.factors if e > 0 and t is not child and not isinstance(t, (Dim, Constant))]
        constant = self.writer.ranks.scalars_first
        both = len({c > 0 for c, _ in child.terms}) == 2
        return both and all(isinstance(t, Symbol) and t.name in constant for t in others)

    def signed(self, child: Term, exponent: Number) -> tuple[Term, Number]:
        """A sum with the sign that it is printed with as a factor."""
        if not isinstance(child, Sum) or not child.terms:
            return child, exponent
        if not isinstance(exponent, int):
            scale = _root(self.coefficient, exponent)
            if scale is not None:
                scaled = _scaled(scale, child)
                before = [self.coefficient, *(c for c, _ in child.terms)]
                if sum(abs(c) != 1 for c, _ in scaled.terms) < sum(abs(c) != 1 for c in before):
                    self.coefficient = 1
                    return scaled, exponent
            return child, exponent
        alone = self.stands_alone(child, exponent)
        if (self.coefficient if alone else self.writer.signs.decisive_sign(child)) < 0:
            self.coefficient = exact(self.coefficient * (-1) ** exponent)
            return _scaled(-1, child), exponent
        return child, exponent

    def scalar(self, key: Key, child: Term, code: Code, exponent: Number) -> None:
        """One factor without axes; the root of a sum of squares is a norm."""
        size = magnitude(exponent)
        norm = _norm(child) if size == Fraction(1, 2) else None
        raised = power(code, size) if norm is None else called("norm2", self.writer.piece(norm).code)
        (self.scalars if exponent > 0 else self.bottom).append(Piece((), raised, key))

    # ------------------------------------------------------------------ brackets

    def use(self, brackets: list[Factor]) -> Labels | None:
        """Turn brackets into subscripts and slices where they choose, else into arrays."""
        diagonal: Labels | None = None
        for child, labels, _ in brackets:
            assert isinstance(child, Bracket)
            others = [u for b, u, _ in brackets if b is not child or u != labels]
            if child.is_delta and self.output == tuple(sorted(labels)) and not others and len(self.output) == 2:
                if not any(self.output[1] in p.labels for p in self.pieces):
                    diagonal = self.output
                    continue
            if not self.chosen(child, labels, others):
                self.pieces.append(self.as_array(child, labels))
        return diagonal

    def chosen(self, child: Bracket, labels: Labels, others: list[Labels]) -> bool:
        """True if the bracket became a subscript or a slice of the only piece that carries its summed label."""
        carried = {x for used in others for x in used}
        found = hot(child, labels)
        if found is not None:
            index, own, label = found
            holding = [p for p in self.pieces if label in p.labels]
            if label in self.output or label in carried:
                return False
            holding = self.joined(holding)
            if len(holding) != 1:
                return False
            new = picked(holding[0], index, own, label)
            return new is not None and self.put(new, holding[0])
        spaced = strided(child, labels, self.sizes)
        if spaced is not None and not carried & set(labels):
            near, far, part = spaced
            holding = [p for p in self.pieces if far in p.labels]
            if far in self.output or len(holding) != 1 or near in holding[0].labels:
                return False
            taken = every(holding[0], far, near, part)
            return taken is not None and self.put(taken, holding[0])
        tied = shift(child, labels, self.sizes)
        if tied is None or carried & {tied[0], tied[1]}:
            return False
        near, far, start = tied
        for label, other in ((far, near), (near, far)):
            holding = [p for p in self.pieces if label in p.labels]
            if label in self.output or any(other in p.labels for p in holding):
                continue
            holding = self.joined(holding)
            if len(holding) != 1:
                continue
            if label == far:
                return self.put(cut(holding[0], far, start, near, self.sizes), holding[0])
            return self.put(padded(holding[0], near, start, far, self.sizes), holding[0])
        return False

    def joined(self, pieces: list[Piece]) -> list[Piece]:
        """The pieces, as one if they are on the same labels."""
        if len(pieces) < 2 or len({p.labels for p in pieces}) > 1:
            return pieces
        whole = times(pieces[0].labels, pieces)
        self.put(whole, *pieces)
        return [whole]

    def as_array(self, child: Bracket, labels: Labels) -> Piece:
        """The bracket as an array of zeros and ones."""
        order = self.writer.ranks.in_product(child)
        if child.is_delta:
            return Piece(labels, called("eye", size_code(child.sizes[0])), order)
        found = hot(child, labels)
        if found is not None:
            index, own, label = found
            return hot_piece(index, own, label, self.sizes[label], order)
        return compared(child, labels, order)

    def spread_diagonal(self, diagonal: Labels, body: Piece | None) -> Piece:
        """A diagonal matrix of a vector, or a multiple of the identity."""
        if body is None:
            return Piece(diagonal, called("eye", size_code(self.sizes[0])), (4,))
        return Piece(diagonal, called("diag", body.code), (4, *body.order[1:]))

    # ------------------------------------------------------------------ scalars around

    def assembled(self, body: Piece | None) -> tuple[int, Piece]:
        """Numbers, sizes and other scalars around the body."""
        value = Fraction(magnitude(self.coefficient))
        sign = -1 if self.coefficient < 0 else 1
        front = sorted(self.scalars, key=lambda p: p.order)
        below = [Piece((), atom_code(atom), self.writer.ranks.of_size(atom)) for atom in self.dims]
        below = sorted([*self.bottom, *below], key=lambda p: p.order)
        top, bottom = value.numerator, value.denominator
        if bottom not in EXACT and as_decimal(value) is not None:
            front.insert(0, one(numeral(value)))
        else:
            if top != 1:
                front.insert(0, one(numeral(top)))
            if bottom != 1:
                below.insert(0, one(numeral(bottom)))
        front = [Piece((), p.code, (-2, k)) for k, p in enumerate(front)]
        under = tuple(Piece((), p.code, (-2, k)) for k, p in enumerate(below))
        if not front and not under:
            return sign, body if body is not None else one(Code("1"))
        labels = body.labels if body is not None else ()
        whole = [*front, *([body] if body is not None else [])]
        if under:
            whole.append(Piece((), Code("1"), (0,), (), under))
        return sign, times(labels, whole)


def _turns(term: Term) -> bool:
    """True if the transpose has a form of its own."""
    return isinstance(term, (Sum, Map)) or (isinstance(term, Special) and term.operation in ("softmax", "standardize"))


def _scaled(scale: Number, term: Sum) -> Sum:
    """A sum with every coefficient scaled, not in normal form: for printing only."""
    return make_sum(tuple((exact(Fraction(c) * scale), x) for c, x in term.terms), term.sizes)


def _root(value: Number, exponent: Number) -> Number | None:
    """The rational λ with λ^exponent = value, for square roots and their inverses; else None."""
    if value <= 0 or abs(Fraction(exponent)) != Fraction(1, 2):
        return None
    squared = Fraction(value) ** 2
    return exact(squared if exponent > 0 else 1 / squared)


def _norm(term: Term) -> Term | None:
    """The array whose squares the term adds up, or None."""
    if not isinstance(term, Product) or term.order or term.coefficient != 1 or len(term.factors) != 1:
        return None
    child, labels, exponent = term.factors[0]
    return child if exponent == 2 and labels and len(set(labels)) == len(labels) else None


__all__ = ["ProductText"]
