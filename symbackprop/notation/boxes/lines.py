r"""A formula that is too wide, broken into lines as a person breaks it: at the outermost sums and products first.

A fence that must be broken loses its \left and \right, which cannot span lines, and becomes \bigl( ... \bigr). A
fraction that is too wide becomes a slash. What cannot be broken (a matrix, a letter) stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .box import CDOT, COMMA, PRODUCT, SCRIPT, SUM, Box, Fence, Fraction, Root, Row, Scripts, Token
from .tex import LEFT, RIGHT, box_latex
from .width import width

INDENT = 2.0  # em, of the second and later lines: \qquad at most
DEEPEST = 12  # fences inside fences: further in, nobody could follow a broken line
SHALLOW = 9.0  # em of line that a reader would rather leave empty than break one level deeper


@dataclass(frozen=True, slots=True)
class Piece:
    """A part that stays on one line. `lead`: what is written before it if it begins a line, such as a dot.

    `depth` counts the fences and sums around it; `fixed` says that the line cannot be broken in front of it.
    """

    latex: str
    width: float
    depth: int
    lead: str = ""
    fixed: bool = False


def lines(box: Box, first: float, room: float) -> list[tuple[str, int]]:
    """The LaTeX of each line with its depth: `first` em wide the first, `room` em the others."""
    if width(box) <= first:
        return [(box_latex(box), 0)]
    parts = pieces(box, min(first, room) * 0.95, 0)
    out: list[tuple[str, int]] = []
    start = 0
    while start < len(parts):
        end = _line_end(parts, start, first if start == 0 else room)
        text = " ".join(part.latex for part in parts[start:end])
        out.append(((parts[start].lead if start else "") + text, parts[start].depth))
        start = end
    return out


def _line_end(parts: list[Piece], start: int, room: float) -> int:
    """One past the last part of a line: as full as possible, but broken at the outermost place."""
    best, best_cost = 0, 0.0
    total = 0.0
    for end in range(start, len(parts)):
        if end > start and not parts[end].fixed:
            cost = parts[end].depth * SHALLOW - total
            if best == 0 or cost <= best_cost:
                best, best_cost = end, cost
        total += parts[end].width
        if total > room and best:
            return best
    return len(parts) if total <= room or not best else best


def pieces(box: Box, room: float, depth: int) -> list[Piece]:
    """The parts of a box, none wider than `room` where that can be helped."""
    wide = width(box)
    if wide <= room or depth > DEEPEST:
        return [Piece(box_latex(box), wide, depth)]
    if isinstance(box, Row):
        return _row(box, room, depth)
    if isinstance(box, Fence):
        return _fenced(box, room, depth)
    if isinstance(box, Scripts) and isinstance(box.base, (Fence, Row)):
        parts = pieces(box.base, room, depth)
        marks = box_latex(Scripts(Token("", "", "letter"), box.sub, box.sup))
        return [*parts[:-1], _joined(parts[-1], marks, width(box) - width(box.base))]
    if isinstance(box, Fraction):
        return _slashed(box, room, depth)
    if isinstance(box, Root):
        half = Token("1/2", "1/2", "number")
        return pieces(Scripts(Fence("(", ")", box.body), None, half), room, depth)
    return [Piece(box_latex(box), wide, depth)]


def _joined(piece: Piece, after: str, more: float) -> Piece:
    return replace(piece, latex=piece.latex + after, width=piece.width + more)


def _row(box: Row, room: float, depth: int) -> list[Piece]:
    """Breaks before signs, after commas, and between factors, where a dot then begins the line."""
    out: list[Piece] = []
    sign: Token | None = None
    fixed = True
    for item in box.items:
        if isinstance(item, Token) and item.kind in ("operator", "relation") and box.level <= PRODUCT:
            sign = item
            continue
        if item is COMMA and out:
            out[-1] = _joined(out[-1], ",", width(item))
            fixed = False
            continue
        before = width(sign) if sign is not None else out[-1].width if fixed and out else 0.0
        parts = pieces(item, max(room - before, room / 2), depth + 1 if box.level == SUM else depth)
        head = replace(parts[0], depth=depth)
        if sign is not None:
            head = replace(head, latex=f"{sign.latex} {head.latex}", width=head.width + width(sign), fixed=not out)
        elif not fixed and box.level == PRODUCT:
            head = replace(head, lead=f"{CDOT.latex} ", fixed=False)
        else:
            head = replace(head, fixed=fixed)
        out += [head, *parts[1:]]
        sign = None
        big = isinstance(item, Scripts) and isinstance(item.base, Token) and item.base.kind == "big"
        fixed = box.level in (SCRIPT, SUM) or big
    return out


def _fenced(box: Fence, room: float, depth: int) -> list[Piece]:
    parts = pieces(box.body, room, depth + 1)
    size, wide = ("bigg", 1.0) if box.body.tall else ("big", 0.5)
    left, right = rf"\{size}l{LEFT[box.left]} ", rf" \{size}r{RIGHT[box.right]}"
    parts[0] = replace(parts[0], latex=left + parts[0].latex, width=parts[0].width + wide, depth=depth)
    parts[-1] = _joined(parts[-1], right, wide)
    return parts


def _slashed(box: Fraction, room: float, depth: int) -> list[Piece]:
    """A fraction on one line: (top) / (bottom)."""
    loose = box.bottom.level < SCRIPT or isinstance(box.bottom, Fraction)
    top = Fence("(", ")", box.top) if box.top.level <= PRODUCT else box.top
    bottom = Fence("(", ")", box.bottom) if loose else box.bottom
    above, below = pieces(top, room, depth), pieces(bottom, room, depth)
    head = replace(below[0], latex=rf"\big/ {below[0].latex}", width=below[0].width + 0.6, fixed=False)
    return [*above, head, *below[1:]]
