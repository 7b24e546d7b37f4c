"""What is right, and where the difference lies, for a wrong formula that no small change repairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...errors import SymbackpropError
from ...paper.tree import Sum, Tree
from ..judge import Judge
from ..links import fitted, squeezed
from ..meaning.elaborate import Elaborator
from ..meaning.scope import Scope
from ..meaning.values import Value
from .remembering import Remembering
from .rows import Rows
from .solving import CLOSE, Solving
from .writing import Writing


def explain_without_repair(
    e: Elaborator, judge: Judge, text: str, tree: Tree, scope: Scope, wanted: Sequence[Value]
) -> str:
    """One sentence that names the terms of the formula that are no terms of the true one, "" if nothing can be said."""
    if not isinstance(tree, Sum) or len(tree.terms) < 2 or not wanted:
        return ""
    remembering = Remembering(e)
    writing = Writing(text, tree, e.lexicon)
    target = squeezed(wanted[0])
    try:
        solver = Solving(Rows(remembering, writing, scope), judge, e.names, target)
        true = [part.values for part in solver.parts()]
    except (SymbackpropError, ArithmeticError):
        return ""
    wrong = []
    for sign, term in tree.terms:
        try:
            values = [fitted(target, squeezed(v)) for v in remembering.values(term, scope)]
        except SymbackpropError:
            values = []
        own = [solver.worth(v.term) for v in values if v is not None]
        if not any(_found([sign * a for a in arrays], true) for arrays in own if arrays is not None):
            wrong.append(writing.source(term))
    if not wrong or len(wrong) == len(tree.terms):
        return ""
    many = "The terms" if len(wrong) > 1 else "The term"
    verb = "are no terms" if len(wrong) > 1 else "is no term"
    return f"{many} {' and '.join(wrong)} {verb} of the true formula; the others are."


def _found(own: Sequence[object], true: Sequence[Sequence[object]]) -> bool:
    for part in true:
        pairs = [(np.asarray(a), np.asarray(b)) for a, b in zip(own, part, strict=True)]
        if all(a.shape == b.shape and np.allclose(a, b, rtol=CLOSE, atol=0) for a, b in pairs):
            return True
    return False


__all__ = ["explain_without_repair"]
