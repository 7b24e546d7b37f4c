"""Generalised Gauss-Newton blocks: Jᵀ H_z J at an output z, the nodes before it taken as linear (Schraudolph 2002).

What is left out are the second derivatives of those nodes, weighted with the gradients there. If they vanish, the block
is the Hessian's; if H_z is positive semidefinite, the block is, too. What the loss adds to the data term, made of
parameters and constants alone (a regulariser), keeps its own Hessian: the block is Jᵀ H_z J plus that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .errors import SymbackpropError, UnknownName
from .hessian import BlockFormula, Blocks
from .linear import local_jacobians
from .notation.tree import Index, Letter, Sym
from .second import SecondOrder
from .signs import Signs
from .structure import Structure
from .tensor.pullback import children_last
from .tensor.terms import Symbol

if TYPE_CHECKING:
    from .derive import Derivation


@dataclass
class GaussNewton(BlockFormula):
    """A block Jᵀ H_z J; `output` is z, `equals_hessian` whether nothing was left out, which `statement` says."""

    output: str = ""
    equals_hessian: bool = False
    statement: str = ""


@dataclass
class LinearBlocks(Blocks):
    """Blocks in which the output and all before it count as linear; only the output's block has a name."""

    output: str = ""

    def elimination(self) -> SecondOrder:
        """The elimination without second derivatives of those nodes."""
        graph = self.derivation.graph
        return SecondOrder(graph, self.wanted, linear=graph.ancestors([self.output]))

    def passes_on(self, name: str) -> bool:
        """True for everything before the output."""
        return name != self.output and (name in self.order.linear or super().passes_on(name))


def gauss_newton(derivation: Derivation, p: str, q: str | None = None, output: str | None = None) -> GaussNewton:
    """The generalised Gauss-Newton block of two parameters, of shape p.shape + q.shape; of one, with itself.

    `output` names the node z whose Hessian is kept. Without it: of the nodes that everything from the parameters to the
    loss goes through, but for regularisers, the nearest to the loss whose Hessian is positive semidefinite, or the one
    before that if a nonlinear step with such a Hessian lies between (the logits of a softmax with cross-entropy, not
    the probabilities). A regulariser keeps its own Hessian, which is added; `statement` then says so.

    Raises UnknownName for a name that is not there, SymbackpropError if there is no such node.
    """
    q = p if q is None else q
    derivation.blocks_of(p, q)  # raises
    z = default_output(derivation, (p, q)) if output is None else output
    if z not in derivation.model.equations:
        raise UnknownName(
            f"{z} is not a node of this network.", remedy="Name a node between the parameters and the loss."
        )
    beside = past(derivation, (p, q), z)
    if beside is None or not apart(derivation, (p, q), z, beside):
        passed = [node for node in candidates(derivation, (p, q)) if past(derivation, (p, q), node) is not None]
        raise SymbackpropError(
            f"The loss does not depend on {p} and {q} through {z} alone.",
            remedy=f"Name a node that every path goes through: {', '.join(passed[:5]) or 'there is none'}.",
        )
    blocks = LinearBlocks(derivation, frozenset({(p, q)}), output=z)
    context = derivation.context
    left = Index(Letter("G"), tuple(Sym(n, context.kind(n)) for n in ((p,) if p == q else (p, q))))
    made = GaussNewton(
        context, left, blocks.recursive(p, q), rows=len(derivation.graph.sizes(p)), vec=derivation.vec, blocks=blocks,
        pair=(p, q), output=z,
    )  # fmt: skip
    made.equals_hessian = blocks.closed(p, q) is derivation.hessian(p, q).closed.term
    both = p if p == q else f"{p} and {q}"
    made.statement = (
        f"It is the Hessian block: {z} is linear in {both}, or its second derivatives have weight 0."
        if made.equals_hessian
        else f"It leaves out the second derivatives of {z} by {both}, weighted with the gradient at {z}."
    )
    if beside:
        made.statement += f" What the loss has of {both} beside {z} keeps its own Hessian, which is added."
    return made


def candidates(derivation: Derivation, names: Iterable[str]) -> list[str]:
    """The nodes between the names and the loss, nearest to the loss first; not the loss."""
    graph = derivation.graph
    between = graph.descendants(names) & graph.used
    loss = derivation.model.loss
    return [n for n in reversed(graph.order) if n in between and n not in set(names) and n != loss]


def past(derivation: Derivation, names: Iterable[str], output: str) -> frozenset[str] | None:
    """The nodes on the paths from the names to the loss that do not go through the output; empty if there are none.

    None if a path brings data past the output: through a node that is made of more than parameters and constants, and
    not of the output; or if the output is on no path. What may pass are regularisers, up to where they are added.
    """
    graph, declared, loss = derivation.graph, derivation.model.declarations, derivation.model.loss
    names = set(names)
    if output in names or output == loss or output not in graph.descendants(names) & graph.used:
        return None
    moved = set(names)
    for node in graph.order:
        if node != output and any(parent in moved for parent in graph.parents[node]):
            moved.add(node)
    leading: set[str] = set()
    stack = [loss]
    while stack:
        node = stack.pop()
        if node not in leading and node != output:
            leading.add(node)
            stack.extend(graph.parents.get(node, ()))
    found = (moved & leading) - names
    data = graph.descendants(n for n, d in declared.items() if d.role not in ("parameter", "constant"))
    after = graph.descendants([output])
    return None if any(n in data and n not in after for n in found) else frozenset(found)


def apart(derivation: Derivation, names: Iterable[str], output: str, beside: frozenset[str]) -> bool:
    """True if the loss is a sum of what it has of the output and of what it has of the names beside it."""
    return not beside or all(derivation.blocks_of(output, n).closed(output, n).is_zero for n in set(names))


def default_output(derivation: Derivation, names: Iterable[str]) -> str:
    """The output that `gauss_newton` takes if none is named."""
    names = list(names)
    signs = Signs(derivation.model)
    best, flat = "", True
    for node in candidates(derivation, names):
        beside = past(derivation, names, node)
        if beside is None or not apart(derivation, names, node, beside):
            continue
        blocks = derivation.blocks_of(node, node)
        zero = blocks.closed(node, node).is_zero
        convex = zero or Structure(blocks, signs).semidefinite(node) is not None
        if best and (not convex or (is_linear(derivation, best, node) and not flat)):
            break
        if convex:
            best, flat = node, zero
    if best and flat and not all(derivation.hessian(n).closed.term.is_zero for n in names):
        best = ""
    if not best:
        raise SymbackpropError(
            f"No node between {' and '.join(dict.fromkeys(names))} and the loss is known to have a convex loss.",
            remedy="Name one: gauss_newton(..., output='z'); or declare what makes it convex, such as `onehot=True`.",
        )
    return best


def is_linear(derivation: Derivation, node: str, by: str) -> bool:
    """True if the node's equation is affine in another name."""
    slopes = {s.name: j for s, j in local_jacobians(derivation.model.equations[node].term).items()}
    inside = children_last(slopes[by]) if by in slopes else []
    return not any(isinstance(x, Symbol) and x.name == by for x in inside)


__all__ = ["GaussNewton", "candidates", "default_output", "gauss_newton", "past"]
