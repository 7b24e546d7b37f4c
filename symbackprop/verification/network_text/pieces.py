"""Pieces of a product: expressions whose axes carry labels, aligned as NumPy broadcasts them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ...tensor.terms import Labels
from .code import POWER, PRODUCT, SUM, Code, NoText, chained, expanded, opaque, transposes, turned

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """An array with a label for each axis. `order`: its place among factors.

    `parts` and `under`: what an entrywise product or quotient is made of. `flip` writes the transpose from scratch,
    where that may read better than `.T` behind the whole.
    """

    labels: Labels
    code: Code
    order: Key
    parts: tuple[Piece, ...] = ()
    under: tuple[Piece, ...] = ()
    flip: Callable[[], Code] | None = None

    def in_order(self, labels: Labels) -> Code:
        """The expression with its axes in that order; only two axes can be exchanged."""
        if labels == self.labels:
            return self.code
        if labels != self.labels[::-1] or len(labels) != 2:
            raise NoText
        plain = turned(self.code)
        if self.flip is not None:
            other = self.flip()
            if transposes(other) <= transposes(plain):
                return other
        return plain

    def aligned(self, labels: Labels) -> Code:
        """The expression as it broadcasts against axes with these labels."""
        own = tuple(x for x in labels if x in self.labels)
        code = self.in_order(own)
        if not own or own == labels[len(labels) - len(own) :]:
            return code
        first = labels.index(own[0])
        subscripts = [":" if x in own else "None" for x in labels[first:]]
        return expanded(code, subscripts)


def one(number: Code) -> Piece:
    """A scalar."""
    return Piece((), number, (0,))


def times(labels: Labels, pieces: Sequence[Piece]) -> Piece:
    """The entrywise product, with broadcasting; the axes of the result are `labels`. Factors in order of rank."""
    parts: list[Piece] = []
    under: list[Piece] = []
    for piece in pieces:
        parts += piece.parts if piece.parts or piece.under else (piece,)
        under += piece.under
    parts.sort(key=lambda p: p.order)
    under.sort(key=lambda p: p.order)
    if len(parts) == 1 and not under:
        return Piece(labels, parts[0].aligned(labels), parts[0].order, flip=parts[0].flip)
    order = (2, *(parts or under)[0].order[1:])
    code = _ratio(labels, parts, under)
    if len(labels) == 1:
        pieces = [*parts, *under]

        def build(codes: list[Code]) -> Code:
            made = [replace(p, code=c) for p, c in zip(pieces, codes, strict=True)]
            return _ratio(labels, made[: len(parts)], made[len(parts) :])

        wide = widened(build, pieces)
        code = replace(code, column=wide.column, row=wide.row)
    return Piece(labels, code, order, tuple(parts), tuple(under))


def over(piece: Piece) -> Piece:
    """1 / piece."""
    return times(piece.labels, [Piece(piece.labels, Code("1"), piece.order, (), (piece,))])


def _ratio(labels: Labels, parts: Sequence[Piece], under: Sequence[Piece]) -> Code:
    top = _joined(labels, parts) if parts else Code("1")
    if not under:
        return top
    below = _joined(labels, under)
    return Code(f"{top.within(PRODUCT)} / {below.within(POWER)}", PRODUCT)


def _joined(labels: Labels, parts: Sequence[Piece]) -> Code:
    """Factors with `*` between. A product by @ stands without parentheses where only scalars stand before it."""
    if len(parts) == 1:
        return opaque(parts[0].aligned(labels))
    shown: list[str] = []
    groups = _together(labels, parts)
    for k, part in enumerate(groups):
        code = part.aligned(labels)
        bare = code.links and all(not p.labels for p in groups[:k]) and (part.labels or k == len(groups) - 1)
        shown.append(code.within(PRODUCT if bare or (k == 0 and not code.links) else POWER))
    return Code(" * ".join(shown), PRODUCT)


def _together(labels: Labels, parts: Sequence[Piece]) -> list[Piece]:
    """Neighbours that need the same new axes, as one product: (p * q)[:, None] * X."""
    found: list[Piece] = []
    for part in parts:
        last = found[-1] if found else None
        fits = last is not None and last.labels == part.labels != labels[len(labels) - len(part.labels) :]
        if last is None or not fits or not part.labels or part.code.column or last.code.column:
            found.append(part)
            continue
        pair = [last.code.within(PRODUCT if len(found) > 1 or not last.code.links else POWER), part.code.within(POWER)]
        found[-1] = Piece(part.labels, Code(" * ".join(pair), PRODUCT), last.order)
    return found


def matmul(left: Code, right: Code) -> Code:
    """left @ right for a matrix and a matrix or vector, flat."""
    return chained([*(left.links or (left,)), *(right.links or (right,))])


def summed(piece: Piece, labels: Sequence[int], mean: bool) -> Piece:
    """The sum or the mean over some labels of a piece."""
    keep = tuple(x for x in piece.labels if x not in labels)
    function = "mean" if mean else "sum"
    order = (2 if keep else 4, *piece.order[1:])
    if not keep:
        return Piece((), Code(f"{function}({piece.code.text})"), order)
    axes = [str(piece.labels.index(x)) for x in piece.labels if x in labels]
    axis = axes[0] if len(axes) == 1 else f"({', '.join(axes)})"
    wide = Code(f"{function}({piece.code.text}, axis={axis}, keepdims=True)")
    code = Code(f"{function}({piece.code.text}, axis={axis})")
    if len(piece.labels) == 2:
        code = replace(code, column=wide) if axis == "1" else replace(code, row=wide)
    return Piece(keep, code, order)


def widened(build: Callable[[list[Code]], Code], pieces: Sequence[Piece]) -> Code:
    """What is built of vectors on one label and scalars, with its forms as a column and as a row."""
    made = build([p.code for p in pieces])
    wide: list[Code | None] = []
    for name in ("column", "row"):
        forms = [getattr(p.code, name) if p.labels else p.code for p in pieces]
        wide.append(None if any(f is None for f in forms) else build([f for f in forms if f is not None]))
    return replace(made, column=wide[0], row=wide[1])


def negative(code: Code) -> Code:
    """-code."""
    return Code(f"-{code.within(PRODUCT)}", SUM)


def relabelled(piece: Piece, labels: Labels) -> Piece:
    """The piece with other labels: axis k of the term carries labels[k]."""

    def inside(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        return tuple(replace(p, labels=tuple(labels[a] for a in p.labels)) for p in pieces)

    own = tuple(labels[a] for a in piece.labels)
    return replace(piece, labels=own, parts=inside(piece.parts), under=inside(piece.under))
