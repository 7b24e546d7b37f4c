"""The moves that turn an einsum into NumPy, on pieces that carry labels."""

from __future__ import annotations

from collections.abc import Sequence

from ...tensor.size import Floor, Size
from ...tensor.terms import Labels, Number
from .code import Code, NoText, called, chained, expanded, opaque, power, shape_text, transposes, turned
from .pieces import Piece, matmul, summed, times

LETTERS = "ijklmnopqrstuvwxyzabcdefgh"


class Moves:
    """The pieces of one product. `scalars`: factors in front; `dims`: sizes by which it is still divided."""

    output: Labels
    sizes: dict[int, Size]
    pieces: list[Piece]
    scalars: list[Piece]
    dims: dict[str | Floor, Number]

    def reduce(self) -> None:
        """Apply the moves until none applies; what is left carries output labels only."""
        while self.inner() or self.merge() or self.sum_out() or self.contract() or self.spread():
            pass
        if any(x not in self.output for p in self.pieces for x in p.labels):
            self.by_einsum()

    def count(self, label: int) -> int:
        """How many pieces carry the label."""
        return sum(label in p.labels for p in self.pieces)

    def pairs(self) -> list[tuple[Piece, Piece]]:
        """Every two pieces."""
        return [(a, b) for k, a in enumerate(self.pieces) for b in self.pieces[k + 1 :]]

    def put(self, new: Piece, *old: Piece) -> bool:
        """Put one piece for some; a scalar goes in front."""
        self.pieces = [p for p in self.pieces if not any(p is x for x in old)]
        (self.pieces if new.labels else self.scalars).append(new)
        return True

    def inner(self) -> bool:
        """Two pieces that nothing else meets: an inner product, a trace, or a sum of products."""
        for pair in self.pairs():
            a, b = sorted(pair, key=lambda p: p.order)
            if set(a.labels) != set(b.labels) or any(x in self.output or self.count(x) > 2 for x in a.labels):
                continue
            order = (4, *a.order[1:])
            composed = any(len(p.parts) + len(p.under) > 1 for p in (a, b))
            if len(a.labels) == 1 and not composed:
                mean = self.takes_mean(a.labels)
                if mean:
                    return self.put(summed(times(a.labels, [a, b]), a.labels, mean), a, b)
                return self.put(Piece((), self.dot(a, b), order), a, b)
            if len(a.labels) == 2 and not composed and a.labels != b.labels:
                forms = [matmul(a.code, b.code), matmul(b.in_order(a.labels), a.in_order(b.labels))]
                return self.put(Piece((), called("trace", min(forms, key=transposes)), order), a, b)
            if len(a.labels) > 2 and a.labels != b.labels:
                continue
            whole = times(a.labels, [a, b])
            return self.put(summed(whole, a.labels, self.takes_mean(a.labels)), a, b)
        return False

    def dot(self, a: Piece, b: Piece) -> Code:
        """The inner product of two vectors."""
        if a.code == b.code:
            return called("sum", power(a.code, 2))
        first, second = (p.code.links or (p.code,) for p in (a, b))
        ways = [chained([*reversed_links(x), *y]) for x, y in ((first, second), (second, first))]
        return min(ways, key=transposes)

    def merge(self) -> bool:
        """Two pieces on the same labels, entry by entry."""
        for a, b in self.pairs():
            if set(a.labels) == set(b.labels) and (len(a.labels) <= 2 or a.labels == b.labels):
                labels = a.labels
                if a.labels != b.labels:
                    ways = [tuple(x for x in self.output if x in labels), a.labels, b.labels]
                    costs = {way: self.turns(way, a, b) for way in ways[1:]}
                    labels = ways[0] if set(ways[0]) == set(labels) else min(ways[1:], key=costs.__getitem__)
                return self.put(times(labels, [a, b]), a, b)
        return False

    def turns(self, labels: Labels, *pieces: Piece) -> int:
        """How many transposes it takes to have the axes in that order."""
        return sum(transposes(p.in_order(labels)) for p in pieces)

    # ------------------------------------------------------------------ matrix products

    def contract(self) -> bool:
        """A summed label of exactly two pieces: a matrix product. Vectors first, then what has a name; no divisors."""
        found: list[tuple[int, int, int, Piece, Piece]] = []
        for a, b in self.pairs():
            shared = (set(a.labels) & set(b.labels)) - set(self.output)
            if set(a.labels) == set(b.labels) or any(p.under and not p.parts for p in (a, b)):
                continue
            ranks = (min(len(a.labels), len(b.labels)), -self.named(a, b))
            found += [(*ranks, label, a, b) for label in shared if self.count(label) == 2]
        for _, _, label, a, b in sorted(found, key=lambda f: f[:3]):
            new = self.product(label, a, b)
            if new is not None:
                return self.put(new, a, b)
        return False

    def named(self, *pieces: Piece) -> int:
        """How many of the pieces are names."""
        return sum(p.code.text.isidentifier() for p in pieces)

    def product(self, label: int, a: Piece, b: Piece) -> Piece | None:
        """a @ b over the label, in the orientation with the fewest transposes, or None if there is none."""
        if len(a.labels) < len(b.labels):
            a, b = b, a
        order = (2, *min(a.order, b.order)[1:])
        if len(a.labels) > 2:
            return self.stacked(label, a, b, order)
        if len(a.labels) == 1 or set(a.labels) & set(b.labels) != {label}:
            return None
        (keep,) = (x for x in a.labels if x != label)
        left = a.in_order((keep, label))
        if len(b.labels) == 1:
            return Piece((keep,), matmul(left, b.code), order)
        (far,) = (x for x in b.labels if x != label)
        forms = [
            ((keep, far), matmul(left, b.in_order((label, far)))),
            ((far, keep), matmul(b.in_order((far, label)), a.in_order((label, keep)))),
        ]
        wanted = tuple(x for x in self.output if x in (keep, far))
        fitting = [form for form in forms if form[0] == wanted]
        labels, code = fitting[0] if fitting else min(forms, key=lambda form: transposes(form[1]))
        return Piece(labels, code, order)

    def stacked(self, label: int, a: Piece, b: Piece, order: tuple[object, ...]) -> Piece | None:
        """a @ b where a is a stack of matrices: with a vector, with one matrix, with as many matrices."""
        lead, rest = a.labels[:-2], b.labels
        if len(rest) > 2:
            if rest[:-2] != lead or len({*a.labels[-2:], *rest[-2:]}) != 3:
                return None
            rest = rest[-2:]
        elif set(rest) & set(a.labels) != {label}:
            return None
        vector = len(rest) == 1
        far = tuple(x for x in rest if x != label)
        if a.labels[-1] == label and rest[0] == label:
            labels, code = (*a.labels[:-1], *far), chained([opaque(a.code), opaque(b.code)])
        elif a.labels[-2:-1] == (label,) and rest[-1] == label:
            labels, code = (*lead, *far, a.labels[-1]), chained([opaque(b.code), opaque(a.code)])
        elif not vector and len(b.labels) == 2 and label in a.labels[-2:]:
            return self.stacked(label, a, Piece(rest[::-1], turned(b.code), b.order), order)
        else:
            return None
        return Piece(labels, opaque(code), order)

    # ------------------------------------------------------------------ sums

    def sum_out(self) -> bool:
        """Summed labels of one piece only: a sum or a mean over axes; axes of one entry are dropped."""
        for piece in self.pieces:
            free = [x for x in piece.labels if x not in self.output and self.count(x) == 1]
            units = [x for x in free if self.sizes[x].number == 1]
            if units:
                keep = tuple(x for x in piece.labels if x not in units)
                at = ["0" if x in units else ":" for x in piece.labels]
                return self.put(Piece(keep, expanded(piece.code, at), piece.order), piece)
            if free:
                return self.put(summed(piece, free, self.takes_mean(free)), piece)
        return False

    def takes_mean(self, labels: Sequence[int]) -> bool:
        """Use up the divisions by the lengths of the labels, if there is one for each."""
        atoms = []
        for x in labels:
            monomials = self.sizes[x].monomials
            if len(monomials) != 1 or monomials[0][1] != 1 or len(monomials[0][0]) != 1 or monomials[0][0][0][1] != 1:
                return False
            atoms.append(monomials[0][0][0][0])
        if len(set(atoms)) < len(atoms) or any(self.dims.get(atom) != -1 for atom in atoms):
            return False
        for atom in atoms:
            del self.dims[atom]
        return True

    def spread(self) -> bool:
        """A piece on some of the labels of another that share a summed one: scales it, with broadcasting."""
        best: tuple[tuple[int, int, int], Piece, Piece] | None = None
        for pair in self.pairs():
            small, large = sorted(pair, key=lambda p: len(p.labels))
            shared = set(small.labels) - set(self.output)
            if not shared or not set(small.labels) < set(large.labels):
                continue
            last = small.labels == large.labels[len(large.labels) - len(small.labels) :]
            place = max((x for x in large.labels if x in self.output), default=-1)
            cost = (len(small.labels) - len(large.labels), 0 if last else 1, place if last else -place)
            if best is None or cost < best[0]:
                best = (cost, small, large)
        if best is None:
            return False
        _, small, large = best
        return self.put(times(large.labels, [small, large]), small, large)

    def by_einsum(self) -> None:
        """All that is left as one einsum."""
        used = list(dict.fromkeys([*self.output, *(x for p in self.pieces for x in p.labels)]))
        if len(used) > len(LETTERS):
            raise NoText
        letter = {x: LETTERS[k] for k, x in enumerate(used)}
        pieces = sorted(self.pieces, key=lambda p: p.order)
        carried = tuple(x for x in self.output if self.count(x))
        inputs = ",".join("".join(letter[x] for x in p.labels) for p in pieces)
        signature = f'"{inputs}->{"".join(letter[x] for x in carried)}"'
        self.put(Piece(carried, called("einsum", signature, *(p.code for p in pieces)), pieces[0].order), *pieces)

    # ------------------------------------------------------------------ what is left

    def body(self) -> Piece | None:
        """One piece of what carries output labels; None if nothing does."""
        if not self.pieces:
            return None
        carried = tuple(x for x in self.output if self.count(x))
        if len(self.pieces) == 1 and not (self.pieces[0].parts or self.pieces[0].under):
            (piece,) = self.pieces
            if piece.labels == carried:
                return piece
            if len(carried) > 2:
                self.by_einsum()
                return self.pieces[0]
            return Piece(carried, piece.in_order(carried), piece.order)
        vectors = {p.labels[0]: p for p in self.pieces if len(p.labels) == 1}
        if len(self.pieces) == len(vectors) == len(carried) == 2:
            outer = called("outer", *(vectors[x].code for x in carried))
            return Piece(carried, outer, (2, *min(p.order for p in self.pieces)[1:]))
        try:
            return times(carried, self.pieces)
        except NoText:
            self.by_einsum()
            return self.pieces[0]


def reversed_links(links: Sequence[Code]) -> list[Code]:
    """M v as the row v Mᵀ: the links of a vector, from its other end."""
    *matrices, vector = links
    return [vector, *(turned(m) for m in reversed(matrices))]


def filled(value: Code, sizes: Sequence[Size]) -> Code:
    """An array of one number."""
    shape = shape_text(sizes)
    if value.text in ("0", "1"):
        return called("zeros" if value.text == "0" else "ones", shape)
    return Code(f"{value.within(3)} * ones({shape})", 2)
