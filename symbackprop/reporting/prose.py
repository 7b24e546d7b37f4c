"""Words with formulas in them: names that a network declares are set as formulas wherever its author mentions them."""

from __future__ import annotations

import re

from ..document import Math, Prose
from ..notation.spelling import default_spelling
from ..notation.tree import Kind
from .maths import Setter

MENTION = re.compile(r"(?<![\w\\])[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*(?![\w(])")
INDEXED = re.compile(r"[A-Za-z]_(?:[A-Za-z]|[0-9]+)")
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^a-z])")


def prose(words: str, setter: Setter) -> Prose:
    """The words; a declared name, or a letter with an index such as W_l, is a formula; one letter alone is not."""
    known = setter.context.kinds
    parts: list[str | Math] = []
    end = 0
    for match in MENTION.finditer(words):
        name = match[0]
        if len(name) == 1 or not (name in known or INDEXED.fullmatch(name)):
            continue
        if match.start() > end:
            parts.append(words[end : match.start()])
        if name in known:
            parts.append(setter.symbol(name))
        else:
            kind: Kind = "matrix" if name[0].isupper() else "vector"  # as in the document's other letters
            parts.append(setter.of_box(default_spelling(name, setter.notation.style, kind)))
        end = match.end()
    if words[end:]:
        parts.append(words[end:])
    return tuple(parts)


def title_and_rest(words: str, name: str) -> tuple[str, str]:
    """An author's first sentence, as a title, and what follows; `name` if there is none."""
    first, *rest = SENTENCE.split(words.strip(), maxsplit=1)
    title = first.removesuffix(".").strip()
    return title or name, rest[0] if rest else ""
