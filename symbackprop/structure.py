"""What follows about a Hessian block from its formula alone: symmetric, positive semidefinite, diagonal, of low rank.

A block is positive semidefinite if it is Σ w u uᵀ with weights w that are never negative, if it is diag(y) − y yᵀ for
probabilities y, or if it is Jᵀ H J for such an H; Kronecker and entrywise products of such matrices are such matrices
(Schur 1911). Nothing is said where nothing follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

from .notation.tree import Block, Tree
from .signs import Signs, negated, sums_to_one
from .tensor.normal import add, product
from .tensor.size import Size, size
from .tensor.terms import Bracket, Factor, Labels, Number, Product, Special, Term
from .tensor.terms import Sum as TermSum

if TYPE_CHECKING:
    from .hessian import Blocks

Parts = tuple[str | Tree, ...]
PROBABILITIES: Parts = ("the variance of a vector under its probabilities is never negative",)
MOST = 6  # labels that are paired in every way


@dataclass
class Structure:
    """What is known of the blocks of one elimination."""

    blocks: Blocks
    signs: Signs

    def statements(self, p: str, q: str) -> tuple[Parts, ...]:
        """Sentences about the block, each with its reason."""
        term = self.blocks.closed(p, q)
        if term.is_zero:
            return (("Zero: there is no second derivative by these two.",),)
        found: list[Parts] = []
        if p == q and term.order:
            found.append(("Symmetric: second derivatives can be exchanged.",))
            why = self.semidefinite(p)
            if why is not None:
                found.append(("Positive semidefinite: ", *why, "."))
        elif p == q:
            why = self.semidefinite(p)
            if why is not None:
                found.append(("Not negative: ", *why, "."))
        rows = len(self.blocks.derivation.graph.sizes(p))
        found += self.shape(term, rows)
        return tuple(found)

    def semidefinite(self, name: str) -> Parts | None:
        """Why the block of a name with itself is positive semidefinite; None if that does not follow."""
        seen: dict[str, Parts | None] = {}
        stack = [name]
        while stack:
            top = stack[-1]
            if top in seen:
                stack.pop()
                continue
            parts = self.blocks.order.parts.get((top, top), [])
            inner = [part.child for part in parts if part.rule == "square"]
            missing = [c for c in inner if c not in seen]
            if missing:
                stack += missing
                continue
            stack.pop()
            seen[top] = self._one(top, inner, seen, all(part.rule == "square" for part in parts))
        return seen[name]

    def _one(self, name: str, inner: list[str], seen: dict[str, Parts | None], alone: bool) -> Parts | None:
        order = len(self.blocks.derivation.graph.sizes(name))
        direct = self.gram(self.blocks.closed(name, name), order)
        known = bool(inner) and all(seen[c] is not None for c in inner)
        if direct is not None and not (direct == PROBABILITIES and known and alone):
            return direct
        if not known:
            return None
        trees: list[str | Tree] = []
        for c in inner:
            trees += [", ", Block(c, c)] if trees else [Block(c, c)]
        around: Parts = ("the Jacobian, transposed, times ", *trees, " times the Jacobian, and ", *trees, " is so")
        if alone:
            return around
        beside = self.gram(self.beside(name), order)
        return None if beside is None else (*around, "; what is added to it is so, too: ", *beside)

    def beside(self, name: str) -> Term:
        """The terms of the block of a name with itself that do not come through the block of another node."""
        blocks, order = self.blocks, self.blocks.order
        terms = [part.term if part.plain is None else part.plain for part in order.parts[name, name]]
        chosen = [t for t, part in zip(terms, order.parts[name, name], strict=True) if part.rule != "square"]
        return blocks.closed_term(add([(1, t) for t in chosen], chosen[0].sizes))

    # ------------------------------------------------------------------ sums of squares

    def gram(self, term: Term, order: int) -> Parts | None:
        """Why Σ w u uᵀ; None if the term is not surely of that form."""
        if term.order != 2 * order:
            return None
        if not order:
            return ("it is a sum of terms that are never negative",) if self.signs.nonnegative(term) else None
        weights: list[Term] = []
        if not self.is_gram(term, order, weights):
            return None
        if self.has_probabilities(term, order):
            return PROBABILITIES
        shown = [w for w in dict.fromkeys(weights) if not isinstance(w, Bracket)]
        if not shown:
            return ("it is a matrix times its transpose",)
        return ("it is a sum of squares with weights that are never negative",)

    def is_gram(self, term: Term, order: int, weights: list[Term]) -> bool:
        """True if the term, rows first, is surely positive semidefinite; `weights` collects what is not squared."""
        if term.is_zero:
            return True
        if isinstance(term, TermSum):
            rest = list(self.without_probabilities(term.terms, order))
            return all(c > 0 and self.is_gram(x, order, weights) for c, x in rest)
        return self.is_square(term, order, weights)

    def is_square(self, term: Term, order: int, weights: list[Term]) -> bool:
        """True for a product that an exchange of rows and columns leaves as it is, with weights where it is fixed."""
        if not isinstance(term, Product):
            return self.known_matrix(term)
        if term.is_zero:
            return True
        summed = list(term.summed)
        if len(summed) > MOST:
            return False
        base = {k: order + k for k in range(order)} | {order + k: k for k in range(order)}
        return any(self.invariant(term, base | pairing, weights) for pairing in _pairings(summed, term.label_sizes))

    def invariant(self, term: Product, exchange: dict[int, int], weights: list[Term]) -> bool:
        """True if the exchange of labels pairs off all factors, but for weights and known matrices."""
        tied = {max(used): min(used) for f, used, _ in term.factors if isinstance(f, Bracket) and f.is_delta}
        tied = {x: onto for x, onto in tied.items() if exchange[x] == onto}
        exchange = {x: tied.get(onto, onto) for x, onto in exchange.items() if x not in tied}
        exchange |= {onto: onto for onto in tied.values()}
        left = [
            (f, tuple(tied.get(x, x) for x in used), e)
            for f, used, e in term.factors
            if not (isinstance(f, Bracket) and f.is_delta and max(used) in tied)
        ]
        found: list[Term] = []
        sign = 1 if term.coefficient > 0 else -1
        while left:
            child, labels, e = left.pop()
            moved = tuple(exchange[x] for x in labels)
            if moved == labels:
                sign *= self.signs.power(child, e)
                if not sign:
                    return False
                found.append(child)
                continue
            if (child, moved, e) in left:
                left.remove((child, moved, e))
                continue
            if e == 1 and len(labels) == 2 and moved == labels[::-1] and self.known_matrix(child):
                continue
            if e == 1 and moved == labels[len(labels) // 2 :] + labels[: len(labels) // 2]:
                inner = self.signed(child, len(labels) // 2)
                if inner is not None:
                    sign *= inner[0]
                    found += inner[1]
                    continue
            return False
        weights += found
        return sign > 0

    def signed(self, term: Term, order: int) -> tuple[int, list[Term]] | None:
        """1 and the weights of a positive semidefinite sum, −1 and those of its negative; None for any other term."""
        if isinstance(term, TermSum):
            for sign, one in ((1, term), (-1, negated(term))):
                weights: list[Term] = []
                if self.is_gram(one, order, weights):
                    return sign, weights
        return None

    def known_matrix(self, term: Term) -> bool:
        """True for an identity, a matrix declared positive definite, or the inverse of one."""
        if isinstance(term, Bracket):
            return term.is_delta
        if isinstance(term, Special) and term.operation == "inverse":
            return self.known_matrix(term.children[0])
        facts = self.signs.facts(term)
        return facts is not None and facts.positive_definite

    # ------------------------------------------------------------------ probabilities

    def has_probabilities(self, term: Term, order: int) -> bool:
        """True if some part of the term is diag(y) − y yᵀ."""
        stack = [(term, order)]
        while stack:
            top, half = stack.pop()
            if isinstance(top, TermSum) and top.order == 2 * half:
                both = (top.terms, negated(top).terms)
                if any(len(list(self.without_probabilities(terms, half))) < len(terms) for terms in both):
                    return True
            if isinstance(top, (TermSum, Product)):
                stack += [(child, child.order // 2) for child in top.children]
        return False

    def without_probabilities(
        self, terms: tuple[tuple[Number, Term], ...], order: int
    ) -> Iterator[tuple[Number, Term]]:
        """The summands without pairs s (diag(y) − y yᵀ), where y are probabilities and s is never negative."""
        left = list(terms)
        while left:
            c, x = left.pop(0)
            partner = self.partner(c, x, left, order)
            if partner is None:
                yield c, x
            else:
                left.remove(partner)

    def partner(
        self, c: Number, term: Term, others: list[tuple[Number, Term]], order: int
    ) -> tuple[Number, Term] | None:
        """The summand that makes s (diag(y) − y yᵀ) of this one; None without one."""
        for d, other in others:
            if c != -d:
                continue
            diagonal, outer = (term, other) if c > 0 else (other, term)
            if any(x is outer for x in self.spread(diagonal, order)) and self.is_square(outer, order, []):
                return d, other
        return None

    def spread(self, term: Term, order: int) -> Iterator[Term]:
        """s y yᵀ for each way in which the term is s diag(y) with probabilities y along one axis of the variable.

        The delta between a row label and its column label becomes one more y at the column label.
        """
        if not isinstance(term, Product):
            return
        axes, sizes = tuple(range(term.order)), dict(enumerate(term.label_sizes))
        for place, (tie, ends, _) in enumerate(term.factors):
            if not isinstance(tie, Bracket) or not tie.is_delta or abs(ends[0] - ends[1]) != order:
                continue
            row, column = min(ends), max(ends)
            if column >= term.order:
                continue
            others = [f for k, f in enumerate(term.factors) if k != place]
            rest = [(t, tuple(row if x == column else x for x in used), e) for t, used, e in others]
            for y, used, e in rest:
                if e == 1 and used and used[-1] == row and row not in used[:-1] and sums_to_one(self.signs, y):
                    once_more = (y, (*used[:-1], column), 1)
                    yield product(term.coefficient, [*rest, once_more], axes, sizes)

    # ------------------------------------------------------------------ shape

    def shape(self, term: Term, rows: int) -> Iterator[Parts]:
        """Diagonal, block diagonal, of low rank."""
        columns = term.order - rows
        if not rows or not columns:
            return
        parts = [x for _, x in term.terms] if isinstance(term, TermSum) else [_lone(term)]
        if len(parts) == 1 and isinstance(parts[0], TermSum):
            parts = [x for _, x in parts[0].terms]
        tied = [_ties(x, rows) for x in parts]
        if rows == columns and all(set(range(rows)) <= t for t in tied):
            yield ("Diagonal: every term ties each row to its own column.",)
            return
        column = self.blocks.derivation.vec == "column"
        outer = rows - 1 if column else 0
        if rows == columns > 1 and all(outer in t for t in tied):
            yield ("Block diagonal: no term joins two different values of the index that vec counts last.",)
        rank = _rank(parts[0], rows) if len(parts) == 1 else None
        if rank is not None:
            from .express.writer import size_tree

            yield ("Rank at most ", size_tree(rank), ": it is a product through that many entries.")


def _lone(term: Term) -> Term:
    """The sum that a product is a multiple of; another term is itself."""
    scalars_aside = [f for f in term.factors if f[1]] if isinstance(term, Product) else []
    if len(scalars_aside) == 1 and isinstance(scalars_aside[0][0], TermSum) and scalars_aside[0][2] == 1:
        child, labels, _ = scalars_aside[0]
        return child if labels == tuple(range(term.order)) else term
    return term


def _ties(term: Term, rows: int) -> set[int]:
    """The row axes k that a delta ties to column axis k."""
    if isinstance(term, Bracket):
        return {0} if term.is_delta and rows == 1 else set()
    if not isinstance(term, Product):
        return set()
    found: set[int] = set()
    for f, labels, _ in term.factors:
        if isinstance(f, Bracket) and f.is_delta and abs(labels[0] - labels[1]) == rows and max(labels) < term.order:
            found.add(min(labels))
    return found


def _rank(term: Term, rows: int) -> Size | None:
    """The number of columns between what carries rows only and the rest, if that is a bound; else None."""
    if not isinstance(term, Product):
        return None
    row_labels = set(range(rows))
    near: list[Factor] = []
    rest: list[Factor] = []
    for f in term.factors:
        here = set(f[1])
        only = bool(here & row_labels) and not here & set(range(rows, term.order))
        (near if only and not isinstance(f[0], Bracket) else rest).append(f)
    beyond: set[int] = {x for _, labels, _ in rest for x in labels}
    cut = {x for _, labels, _ in near for x in labels if x in beyond} | (row_labels & beyond)
    if row_labels <= cut:
        return None
    total = size(1)
    for x in sorted(cut):
        total = total * term.label_sizes[x]
    return total


def _pairings(labels: list[int], sizes: Labels | tuple[Size, ...]) -> Iterator[dict[int, int]]:
    """Every exchange of summed labels with others of the same size, or with themselves."""
    for order in permutations(labels):
        pairing = dict(zip(labels, order, strict=True))
        if all(pairing[pairing[x]] == x and sizes[x] is sizes[pairing[x]] for x in labels):
            yield pairing


__all__ = ["Structure"]
