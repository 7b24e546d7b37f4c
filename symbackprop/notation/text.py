"""Trees to one line of text."""

from __future__ import annotations

from .boxes.plain import box_text
from .layout import Layout
from .spelling import Notation
from .tree import Tree


def text(tree: Tree, notation: Notation, ascii: bool = False) -> str:  # noqa: A002  the name of the choice everywhere
    """The formula on one line, in Unicode or ASCII; raises MissingRule for what has no printed form."""
    return box_text(Layout(notation).box(tree), ascii_only=ascii)
