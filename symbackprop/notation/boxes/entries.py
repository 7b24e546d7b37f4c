r"""Entries, rows and columns as their author writes them: `entries=r"x_{ij}"` and the subscripts n, 3 give x_{n,3}.

The letters that a pattern runs over are those in its scripts that are not in the symbol's own spelling: in y_j^{(b)},
an entry of y_j, it is b.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..tree import Range, Tree
from .box import COMMA, Accent, Box, Fence, Fraction, Root, Row, Scripts, Token


def chosen_pattern(
    entries: str | None, rows: str | None, columns: str | None, subscripts: Sequence[Tree], boxes: Sequence[Box]
) -> tuple[str | None, list[Box]]:
    """The pattern that fits the subscripts, and the subscripts that go into it."""
    whole = [isinstance(s, Range) and s.first is None and s.last is None for s in subscripts]
    if not any(whole):
        if len(subscripts) == 1 and entries is None:
            return rows, list(boxes)
        return entries, list(boxes)
    if whole == [False, True]:
        return rows, [boxes[0]]
    if whole == [True, False]:
        return columns, [boxes[1]]
    return None, []


def fill(pattern: Box, symbol: Box, subscripts: Sequence[Box]) -> Box | None:
    """The pattern with its running letters replaced; None if it has not as many of them as there are subscripts."""
    own = set(_letters(symbol, in_script=False))
    running = [letter for letter in dict.fromkeys(_letters(pattern, in_script=False)) if letter not in own]
    if len(running) != len(subscripts):
        return None
    return _replace(pattern, dict(zip(running, subscripts, strict=True)), in_script=False)


def _letters(box: Box, *, in_script: bool) -> list[Token]:
    """The letters in scripts, in reading order."""
    if isinstance(box, Token):
        return [box] if in_script and box.kind == "letter" else []
    found: list[Token] = []
    for part, script in _parts(box):
        found += _letters(part, in_script=in_script or script)
    return found


def _parts(box: Box) -> list[tuple[Box, bool]]:
    """A box's parts, each with whether it is a script."""
    if isinstance(box, Row):
        return [(item, False) for item in box.items]
    if isinstance(box, Scripts):
        return [(box.base, False)] + [(part, True) for part in (box.sub, box.sup) if part is not None]
    if isinstance(box, Fraction):
        return [(box.top, False), (box.bottom, False)]
    if isinstance(box, (Fence, Accent, Root)):
        return [(box.body, False)]
    return []


def _replace(box: Box, by: dict[Token, Box], *, in_script: bool) -> Box:
    """The same box with letters in scripts replaced, and commas between indices that are no longer single letters."""
    if isinstance(box, Token):
        return by.get(box, box) if in_script else box
    if isinstance(box, Row):
        items = [_replace(item, by, in_script=in_script) for item in box.items]
        replaced = [item for item, old in zip(items, box.items, strict=True) if item != old]
        juxtaposed = in_script and all(isinstance(old, Token) and old.kind == "letter" for old in box.items)
        if juxtaposed and any(not (isinstance(item, Token) and item.kind == "letter") for item in replaced):
            items = [part for item in items for part in (COMMA, item)][1:]
        return box._replace(items=tuple(items))
    if isinstance(box, Scripts):
        sub = None if box.sub is None else _replace(box.sub, by, in_script=True)
        sup = None if box.sup is None else _replace(box.sup, by, in_script=True)
        return Scripts(_replace(box.base, by, in_script=in_script), sub, sup)
    if isinstance(box, Fraction):
        return Fraction(*(_replace(part, by, in_script=in_script) for part in (box.top, box.bottom)))
    if isinstance(box, (Fence, Accent, Root)):
        return box._replace(body=_replace(box.body, by, in_script=in_script))
    return box
