"""Trees to MathML."""

from __future__ import annotations

from .boxes.markup import box_mathml
from .layout import Layout
from .spelling import Notation
from .tree import Tree


def mathml(tree: Tree, notation: Notation, *, display: bool = True) -> str:
    """The formula as a <math> element, on a line of its own or inside text; raises MissingRule for what has no form."""
    mode = "block" if display else "inline"
    return f'<math display="{mode}">{box_mathml(Layout(notation).box(tree))}</math>'
