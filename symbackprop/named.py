"""Derivatives that an author gave a name: gradient(z, of=L), hessian(w, diagonal=True), eigenvalues(w), and so on."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from .errors import ShapeError, UnknownName
from .express.writer import kind_of
from .formula import Formula
from .hessian import BlockFormula
from .network import NamedDerivative
from .notation.tree import Sym
from .spectrum import Eigenvalue, Spectrum
from .tensor.normal import add, product, summands

if TYPE_CHECKING:
    from .derive import Derivation


def named(derivation: Derivation, name: str) -> Formula | tuple[Eigenvalue, ...]:
    """The formula behind a name, with the name on its left; eigenvalues are several.

    Raises UnknownName for a name that is given to no derivative, ShapeError for `derivative` of what is no scalar, and
    what the derivative itself raises.
    """
    known = derivation.model.derivatives.get(name)
    if known is None:
        near = get_close_matches(name, derivation.model.derivatives, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"Declare it, as in `{name}: gradient(w)`."
        raise UnknownName(f"No derivative of this network is called {name!r}.", remedy=hint)
    if known.operation == "eigenvalues":
        return Spectrum(derivation, known.args[0], label=name).eigenvalues()
    if known.operation == "condition_number":
        return Spectrum(derivation, known.args[0], label=name).condition_number()
    found = _formula(derivation, known)
    return replace(found, left=Sym(name, kind_of(len(found.term.sizes))))


def _formula(derivation: Derivation, known: NamedDerivative) -> Formula:
    """The derivative under its usual left side."""
    args = known.args
    if known.operation == "gradient":
        return scalar_derivation(derivation, known.of).gradient(args[0])
    if known.operation == "hessian":
        block = scalar_derivation(derivation, known.of).hessian(args[0], args[-1])
        return diagonal(block) if known.diagonal else block
    of, by = args
    if known.operation == "derivative":
        for other in (of, by):
            if derivation.graph.sizes(other):
                raise ShapeError(f"{known.name}: {other} is no scalar.", remedy=f"Write `jacobian({of}, {by})`.")
    return derivation.jacobian(of, by)


def scalar_derivation(derivation: Derivation, of: str | None) -> Derivation:
    """The derivation of another scalar node of the same network."""
    if of is None or of == derivation.model.loss:
        return derivation
    return type(derivation)(replace(derivation.model, loss=of), derivation.layout, derivation.vec)


def diagonal(block: BlockFormula) -> Formula:
    """The diagonal of a block of a variable with itself, in the variable's shape; its closed form."""
    term = block.closed.term
    rows = term.order // 2
    axes = tuple(range(rows))
    parts = [(c, product(1, [(t, axes * 2, 1)], axes)) for c, t in summands(term)]
    return Formula(block.context, block.left, add(parts, term.sizes[:rows]))


__all__ = ["named"]
