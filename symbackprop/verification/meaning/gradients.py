r"""Gradients by a letter in front of a name, `dW` and `\delta W`, and differentials, which are written alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...paper.tree import Atom, Named, Tree
from .derivatives import gradient_at, without_transpose
from .letters import name_of
from .scope import Scope
from .values import Value

if TYPE_CHECKING:
    from .elaborate import Elaborator


def is_delta_before(e: Elaborator, head: Tree, following: Tree | None) -> bool:
    r"""True for the δ of `\delta o_t`, the gradient at o_t, where no δ without an index is declared."""
    if not isinstance(head, Atom) or head.base != "\\delta" or head.scripts or head.accents or head.primes:
        return False
    if not isinstance(following, (Atom, Named)) or following.start > head.end + 1:
        return False
    return not any(not m.subs for m in e.lexicon.matches(head))


def gradient_behind(e: Elaborator, tree: Tree | None, scope: Scope) -> list[Value] | None:
    """The gradient at what stands behind a δ, if that is a name."""
    assert tree is not None
    return gradient_at(e, tree, None, scope, optional=True)


def named_gradient(e: Elaborator, head: Atom, following: Tree, scope: Scope) -> list[Value] | None:
    """`dW`, where nothing else is called so: the gradient at W."""
    if following.start > head.end or not isinstance(following, (Atom, Named)):
        return None
    if name_of(e, head, scope) is not None and e.names.is_value("d"):
        return None
    if scope.differentials:
        return differential(e, following, scope)
    return gradient_at(e, following, None, scope, optional=True)


def differential(e: Elaborator, tree: Tree, scope: Scope) -> list[Value] | None:
    """dX as an array of X's shape that nothing is known of; None where no name stands there."""
    bare, transposes = without_transpose(tree)
    name = name_of(e, bare, scope)
    if name is None or not e.names.is_value(name):
        return None
    return e.raised(tree, [e.names.differential(name)], transposes, scope)
