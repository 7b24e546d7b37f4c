"""Two formulas side by side: which parts of each are not in the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

from ...notation.boxes.plain import SUBSCRIPTS, SUPERSCRIPTS

Parts: TypeAlias = tuple[tuple[str, bool], ...]  # pieces of a text in order; True: it is not in the other text

LONGEST = 1_500  # pieces; a comparison takes time that grows with their square
_LOWERED = "".join(SUBSCRIPTS.values())
_RAISED = "".join(SUPERSCRIPTS.values()) + "′"
_WORDS = re.compile(rf"\\[A-Za-z]+|[{_LOWERED}]+|[{_RAISED}]+|(?:(?![{_LOWERED}{_RAISED}])\w)+|\s+|.", re.DOTALL)
_MARKUP = re.compile(r"<(mi|mn|mo|mtext)\b[^>]*>[^<]*</\1>|<[^>]*>|[^<]+")
_LEAF = re.compile(r"<(mi|mn|mo|mtext)\b")


def changes(old: str, new: str) -> tuple[Parts, Parts]:
    """Both texts in pieces: words, scripts, signs."""
    return _compared(_WORDS.findall(old), _WORDS.findall(new))


def marked(old: str, new: str) -> tuple[str, str]:
    """Two pieces of MathML, in which what has changed is of the class `changed`."""
    one, other = (_pieces(text) for text in (old, new))
    before, after = _compared(one, other, joined=False)
    return _classed(before), _classed(after)


def _pieces(markup: str) -> list[str]:
    return [found.group() for found in _MARKUP.finditer(markup)]


def _classed(parts: Parts) -> str:
    return "".join(_LEAF.sub(r'<\1 class="changed"', piece, count=1) if new else piece for piece, new in parts)


def _compared(old: Sequence[str], new: Sequence[str], joined: bool = True) -> tuple[Parts, Parts]:
    if max(len(old), len(new)) > LONGEST:
        return ((("".join(old), old != new),), (("".join(new), old != new),))
    before: list[tuple[str, bool]] = []
    after: list[tuple[str, bool]] = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        before += [(piece, kind != "equal") for piece in old[i:j]]
        after += [(piece, kind != "equal") for piece in new[k:m]]
    return (_joined(before), _joined(after)) if joined else (tuple(before), tuple(after))


def _joined(parts: Sequence[tuple[str, bool]]) -> Parts:
    """Neighbours of one kind as one piece; blanks at the ends of a change are no change."""
    found: list[tuple[str, bool]] = []
    for k, (piece, changed) in enumerate(parts):
        if changed and piece.isspace():
            changed = 0 < k < len(parts) - 1 and parts[k - 1][1] and parts[k + 1][1]
        if found and found[-1][1] == changed:
            found[-1] = (found[-1][0] + piece, changed)
        else:
            found.append((piece, changed))
    return tuple(found)
