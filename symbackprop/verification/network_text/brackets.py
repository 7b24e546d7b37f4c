"""Brackets as NumPy has them: one-hot rows, subscripts, slices, zeros around an array, or positions compared."""

from __future__ import annotations

from ...tensor.brackets import Form, form_of
from ...tensor.normal import product
from ...tensor.size import ONE, ZERO, Size
from ...tensor.terms import Bracket, Labels, Product, Term
from .code import ATOM, COMPARE, SUM, Code, NoText, added, called, shape_text, size_code
from .pieces import Key, Piece


def hot(bracket: Bracket, labels: Labels) -> tuple[Code, Labels, int] | None:
    """The index of a one-hot array, its labels, and the label of the position; None for other brackets."""
    free = [a for a, c in enumerate(bracket.coefficients) if c is not ZERO]
    if len(free) != 1 or bracket.coefficients[free[0]].number not in (1, -1):
        return None
    (a,) = free
    sign = bracket.coefficients[a]
    if not bracket.indices:
        place = bracket.constant * -sign
        fits = place.surely_nonnegative() and (bracket.sizes[a] - 1 - place).surely_nonnegative()
        return (size_code(place), (), labels[a]) if fits and place.number is not None else None
    if len(bracket.indices) > 1 or bracket.constant is not ZERO:
        return None
    c, name, axes, stop = bracket.indices[0]
    if c is not -sign or stop is not bracket.sizes[a] or a in axes or len(axes) + 1 != len(labels):
        return None
    return Code(name), tuple(labels[x] for x in axes), labels[a]


def hot_piece(index: Code, own: Labels, label: int, size: Size, order: Key) -> Piece:
    """onehot(y, c)."""
    return Piece((*own, label), called("onehot", index, size_code(size)), order)


def picked(piece: Piece, index: Code, own: Labels, label: int) -> Piece | None:
    """The piece at the index along one label: p[y], E[idx], X[:, y]."""
    if set(own) & set(piece.labels) or (own and piece.labels[0] != label):
        return None
    at = piece.labels.index(label)
    items = [":"] * at + [index.text]
    rest = piece.labels[:at] + piece.labels[at + 1 :]
    return Piece((*own, *rest), Code(f"{piece.code.within(ATOM)}[{', '.join(items)}]"), piece.order)


def cut(piece: Piece, label: int, start: Size, new: int, sizes: dict[int, Size]) -> Piece:
    """A slice of the piece: position i of the new label is position start + i of the old one."""
    at = piece.labels.index(label)
    stop = start + sizes[new]
    first, last = ("" if s is end else size_code(s).text for s, end in ((start, ZERO), (stop, sizes[label])))
    items = [":"] * at + [f"{first}:{last}"]
    labels = tuple(new if x == label else x for x in piece.labels)
    return Piece(labels, Code(f"{piece.code.within(ATOM)}[{', '.join(items)}]"), piece.order)


def padded(piece: Piece, label: int, start: Size, new: int, sizes: dict[int, Size]) -> Piece:
    """The piece with zeros before and behind: position i of the old label is position start + i of the new one."""
    at = piece.labels.index(label)
    behind = sizes[new] - start - sizes[label]
    zeros = [
        []
        if length is ZERO
        else [called("zeros", shape_text([length if x == label else sizes[x] for x in piece.labels]))]
        for length in (start, behind)
    ]
    blocks = [block.text for block in (*zeros[0], piece.code, *zeros[1])]
    axis = f", axis={at}" if at else ""
    labels = tuple(new if x == label else x for x in piece.labels)
    return Piece(labels, Code(f"concatenate([{', '.join(blocks)}]{axis})"), piece.order)


def strided(bracket: Bracket, labels: Labels, sizes: dict[int, Size]) -> tuple[int, int, str] | None:
    """(a, b, slice) where position i of a is one of every few positions of b, or b from its end; else None."""
    if bracket.indices or len(labels) != 2 or len(set(labels)) < 2:
        return None
    form = form_of(bracket, labels)
    for a, b in (labels, labels[::-1]):
        solution = form.solved(b)
        step = solution.coefficients.get(a, ZERO).number if solution is not None else None
        if solution is None or step is None:
            continue
        if step == -1 and sizes[a] is sizes[b] and solution.constant is sizes[b] - 1:
            return a, b, "::-1"
        first = solution.constant.number
        if step > 1 and sizes[b] is sizes[a] * step and first is not None and 0 <= first < step:
            return a, b, f"{first or ''}::{step}"
    return None


def every(piece: Piece, label: int, new: int, part: str) -> Piece | None:
    """The slice of the piece along a label."""
    at = piece.labels.index(label)
    labels = tuple(new if x == label else x for x in piece.labels)
    if part == "::-1":
        return Piece(labels, called("flip", piece.code), piece.order) if len(labels) == 1 else None
    return Piece(labels, Code(f"{piece.code.within(ATOM)}[{', '.join([':'] * at + [part])}]"), piece.order)


def shift(bracket: Bracket, labels: Labels, sizes: dict[int, Size]) -> tuple[int, int, Size] | None:
    """(a, b, s) with b = a + s for every position of a, where the bracket says no more than that; else None."""
    if bracket.indices or len(labels) != 2 or len(set(labels)) < 2:
        return None
    form = form_of(bracket, labels)
    for a, b in (labels, labels[::-1]):
        solution = form.solved(b)
        if solution is None or solution.coefficients.get(a, ZERO) is not ONE:
            continue
        if solution.stays_within(sizes[b], {a: sizes[a]}):
            return a, b, solution.constant
    return None


def shifted(term: Term) -> tuple[int, Size, Term] | None:
    """An axis, where on it the term begins, and the term without the zeros before and behind; None if it has none."""
    if not isinstance(term, Product):
        return None
    sizes = dict(enumerate(term.label_sizes))
    for place, (child, labels, _) in enumerate(term.factors):
        tied = shift(child, labels, sizes) if isinstance(child, Bracket) else None
        if tied is None or tied[1] >= term.order or tied[0] < term.order:
            continue
        near, far, start = tied
        others = [f for k, f in enumerate(term.factors) if k != place]
        if any(far in used for _, used, _ in others):
            continue
        output = tuple(near if x == far else x for x in range(term.order))
        return far, start, product(term.coefficient, others, output, {x: s for x, s in sizes.items() if x != far})
    return None


def compared(bracket: Bracket, labels: Labels, order: Key) -> Piece:
    """Any bracket as an array: positions, sizes and indices compared."""
    if len(set(labels)) < len(labels):
        raise NoText
    form = form_of(bracket, labels)
    sizes = dict(zip(labels, bracket.sizes, strict=True))
    left: list[tuple[int, Code]] = []
    right: list[tuple[int, Code]] = []
    for code, weight in _summands(form, labels, sizes):
        negative = not weight.surely_nonnegative() and (-weight).surely_nonnegative()
        amount = -weight if negative else weight
        if amount.number != 1:
            text = size_code(amount).text if code is None else f"{size_code(amount).within(3)} * {code.within(3)}"
            code = Code(text, 2 if code is not None else size_code(amount).strength)
        elif code is None:
            code = Code("1")
        (right if negative else left).append((1, code))
    sides = [added(side) if side else Code("0") for side in (left, right)]
    return Piece(labels, Code(f"{sides[0].within(SUM)} == {sides[1].within(SUM)}", COMPARE), order)


def _summands(form: Form, labels: Labels, sizes: dict[int, Size]) -> list[tuple[Code | None, Size]]:
    """What the form adds up, each as it broadcasts, with its coefficient."""
    found: list[tuple[Code | None, Size]] = []
    for x in labels:
        c = form.coefficients.get(x, ZERO)
        if c is not ZERO:
            found.append((Piece((x,), called("arange", size_code(sizes[x])), ()).aligned(labels), c))
    for c, name, own, _ in form.indices:
        found.append((Piece(own, Code(name), ()).aligned(labels), c))
    if form.constant is not ZERO:
        found.append((None, form.constant))
    return found
