"""Blocks whose eigenvalues can be read off: a scaled identity, plus a diagonal or plus a matrix of rank one.

A block has the axes of its rows, then those of its columns. Axes on which it is the identity, as in A ⊗ I, only repeat
the eigenvalues of the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

from .factor import groups
from .normal import add, content, number, product, summands, unit, zeros
from .size import ONE, Size
from .terms import Bracket, Factor, Labels, Product, Term


@dataclass(frozen=True, slots=True)
class Spectral:
    """(scale · I + diag(diagonal) + weight · u uᵀ) ⊗ I: of `length` rows, `copies` times.

    At most one of `diagonal` and `u` is there; they have the rows' axes on which the block is not the identity.
    """

    length: Size
    copies: Size
    scale: Term
    diagonal: Term | None = None
    weight: Term | None = None
    u: Term | None = None

    @property
    def squared_norm(self) -> Term:
        """‖u‖²."""
        assert self.u is not None
        return product(1, [(self.u, tuple(range(self.u.order)), 2)], ())

    @property
    def added(self) -> Term:
        """weight · ‖u‖²: what the matrix of rank one adds to the eigenvalue of u."""
        assert self.weight is not None
        return product(1, [(self.weight, (), 1), (self.squared_norm, (), 1)], ())

    @property
    def moved(self) -> Term:
        """scale + weight · ‖u‖²: the eigenvalue of u itself."""
        return add([(1, self.scale), (1, self.added)], ())


@dataclass(frozen=True, slots=True)
class Part:
    """One summand: the axes on which it is a delta, a scalar, and what it has on rows and on columns."""

    deltas: frozenset[int]
    scalar: Term
    left: tuple[Factor, ...]
    right: tuple[Factor, ...]

    @property
    def used(self) -> set[int]:
        """The row axes that something else than a delta is on."""
        return {x for _, labels, _ in self.left for x in labels}


def spectral(term: Term) -> Spectral | None:
    """What the block is, if it is one of these; None for another."""
    if term.order % 2 or term.sizes[: term.order // 2] != term.sizes[term.order // 2 :]:
        return None
    rows = term.order // 2
    parts = [_part(c * content(t), unit(t), rows) for c, t in summands(term)] if not term.is_zero else []
    found = [part for part in parts if part is not None]
    if len(found) < len(parts):
        return None
    same = [k for k in range(rows) if all(k in p.deltas and k not in p.used for p in found)]
    own = tuple(k for k in range(rows) if k not in same)
    copies, length = _times(term, same), _times(term, own)
    scale, diagonal = zeros(()), zeros(tuple(term.sizes[k] for k in own))
    ranks: dict[Term, Term] = {}
    for part in found:
        if set(own) <= part.deltas:
            if part.used:
                factors = [(part.scalar, (), 1), *part.left]
                diagonal = diagonal + _on(1, factors, own, term)
            else:
                scale = scale + part.scalar
            continue
        left = _on(1, part.left, own, term)
        right = _on(1, [(t, tuple(_row(x, rows, term) for x in labels), e) for t, labels, e in part.right], own, term)
        if part.deltas & set(own) or unit(left) is not unit(right):
            return None
        weight = part.scalar * (content(left) * content(right))
        ranks[unit(left)] = ranks.get(unit(left), zeros(())) + weight
    ranks = {u: weight for u, weight in ranks.items() if not weight.is_zero}
    if len(ranks) > 1 or (ranks and not diagonal.is_zero):
        return None
    if not diagonal.is_zero:
        return Spectral(length, copies, scale, diagonal=diagonal)
    for u, weight in ranks.items():
        return Spectral(length, copies, scale, weight=weight, u=u)
    return Spectral(length, copies, scale)


def _part(coefficient: object, term: Term, rows: int) -> Part | None:
    """One summand taken apart; None if something joins rows to columns that is no delta."""
    whole = term if isinstance(term, Product) else None
    pieces = groups(whole) if whole is not None else [[(term, tuple(range(term.order)), 1)]]
    deltas: set[int] = set()
    scalars: list[Factor] = [(number(coefficient), (), 1)]  # type: ignore[arg-type]  # a Number
    left: list[Factor] = []
    right: list[Factor] = []
    for group in pieces:
        outer = {x for _, labels, _ in group for x in labels if x < 2 * rows}
        child, labels, _ = group[0]
        if len(group) == 1 and isinstance(child, Bracket):
            if not child.is_delta or max(labels) - min(labels) != rows or max(labels) >= 2 * rows:
                return None
            deltas.add(min(labels))
        elif not outer:
            scalars += group
        elif max(outer) < rows:
            left += group
        elif min(outer) >= rows:
            right += group
        else:
            return None
    if any(x - rows in deltas for _, labels, _ in right for x in labels if x < 2 * rows):
        return None
    return Part(frozenset(deltas), product(1, scalars, ()), tuple(left), tuple(right))


def _row(label: int, rows: int, term: Term) -> int:
    """A column's label as the row's; other labels stay."""
    return label - rows if rows <= label < term.order else label


def _on(coefficient: int, factors: list[Factor] | tuple[Factor, ...], own: Labels, term: Term) -> Term:
    """The product with the axes `own`."""
    return product(coefficient, factors, own, {k: term.sizes[k] for k in own})


def _times(term: Term, axes: list[int] | Labels) -> Size:
    total = ONE
    for k in axes:
        total = total * term.sizes[k]
    return total


__all__ = ["Spectral", "spectral"]
