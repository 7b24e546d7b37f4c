"""Second derivatives of a derivation: blocks in recursive form, with named blocks, and in closed form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from .express.blocks import block
from .express.order import BLOCK, block_names
from .express.writer import Expressed
from .formula import Context, Formula
from .notation.tree import Block, Partial, Sym, Tree
from .second import Pair, SecondOrder, block_symbol
from .tensor.pullback import children_last
from .tensor.substitute import rewritten, substitute
from .tensor.terms import Symbol, Term, symbol

if TYPE_CHECKING:
    from .block_steps import BlockStep
    from .derive import Derivation


@dataclass
class BlockFormula(Formula):
    """A Hessian block: rows are the entries of the first variable, columns those of the second, each by vec.

    `shape` is p.shape + q.shape; `tree` is the matrix where there is one, else an entry in index notation.
    """

    rows: int = 0
    vec: str = "column"
    blocks: Blocks | None = None
    pair: Pair = ("", "")

    @cached_property
    def term(self) -> Term:
        """The right-hand side as a term."""
        inside = self.context.writer.inside
        return substitute(self.raw, inside) if inside else self.raw

    @cached_property
    def expressed(self) -> Expressed:
        """The block as a matrix formula, or one entry of it."""
        if self.before is not None:
            return self.before.expressed
        writer = self.context.writer
        tree = block(writer, self.raw, self.rows, "row" if self.vec == "row" else "column")
        if tree is not None:
            return Expressed(tree)
        from .express.entries import EntryWriter

        return EntryWriter(writer).expressed(self.term)

    @cached_property
    def closed(self) -> Formula:
        """The block in declared symbols and forward nodes only."""
        if self.blocks is None:
            return self
        term = self.blocks.closed(*self.pair)
        return BlockFormula(self.context, self.left, term, rows=self.rows, vec=self.vec, pair=self.pair)

    @cached_property
    def steps(self) -> tuple[BlockStep, ...]:
        """The elimination that gave the block: every named block in it, nearest to the loss first, then the block."""
        from .block_steps import steps

        return () if self.blocks is None else steps(self.blocks, *self.pair)

    @property
    def reason(self) -> str:
        """Why: through which eliminated nodes, by which rules."""
        return self.steps[-1].reason if self.steps else ""

    @cached_property
    def structure(self) -> tuple[str, ...]:
        """What follows about the block, a sentence each, with its reason; nothing is said where nothing follows.

        Symmetric, positive semidefinite, diagonal, block diagonal, of rank at most r.
        """
        from .reasons import in_words

        return tuple(in_words(self.context, parts) for parts in self.structure_parts)

    @cached_property
    def structure_parts(self) -> tuple[tuple[str | Tree, ...], ...]:
        """The same as words and formulas."""
        from .signs import Signs
        from .structure import Structure

        if self.blocks is None:
            return ()
        return Structure(self.blocks, Signs(self.blocks.derivation.model)).statements(*self.pair)


@dataclass
class Blocks:
    """The blocks that one set of wanted pairs needs; recursive and closed terms, each made once."""

    derivation: Derivation
    wanted: frozenset[Pair]
    _closed: dict[Pair, Term] = field(default_factory=dict)

    @cached_property
    def order(self) -> SecondOrder:
        """The elimination that gave the blocks."""
        order = self.elimination()
        named = self.derivation.definitions.named
        self.derivation.context.writer.inside.update({name: named(slope) for name, slope in order.slopes.items()})
        return order

    def elimination(self) -> SecondOrder:
        """How the blocks are found."""
        return SecondOrder(self.derivation.graph, self.wanted)

    def recursive(self, p: str, q: str) -> Term:
        """The block in terms of blocks of single nodes (H_z) and gradients, with nodes put for their defining terms.

        Blocks of two different nodes are opened: they are passed on, not used again; so is the block of a node that is
        computed from one other node and only passes the block behind it on: diag(f'(z)) Wᵀ H_next W diag(f'(z)).
        """
        derivation, order = self.derivation, self.order
        term = order.term(p, q)
        while True:
            passed = [b for b in blocks_in(term) if b[0] != b[1] or self.passes_on(b[0])]
            if not passed:
                break
            term = substitute(term, {block_symbol(*b, derivation.graph): order.term(*b) for b in passed})
        return derivation.closer.tidied_block(derivation.definitions.named(term))

    def passes_on(self, name: str) -> bool:
        """True for a node with one variable parent whose block is a product of matrices around another node's block."""
        graph, parts = self.derivation.graph, self.order.parts.get((name, name), [])
        if len([p for p in graph.parents[name] if p in graph.variable]) != 1:
            return False
        return len(parts) == 1 and parts[0].rule == "square" and name not in self.order.leaves

    def closed(self, p: str, q: str) -> Term:
        """The block in declared symbols and forward nodes only."""
        order = self.order
        self._close([order.key(p, q)])
        key = order.key(p, q)
        if key == (p, q):
            return self._closed[key]
        from .second import flipped

        return flipped(self._closed[key], len(self.derivation.graph.sizes(key[0])))

    def closed_term(self, term: Term) -> Term:
        """Any term in blocks and gradients, in declared symbols and forward nodes only."""
        self._close(list(blocks_in(term)))
        return self._put_in(term)

    def _close(self, stack: list[Pair]) -> None:
        """Make the closed forms of these pairs, and of all that they are written with."""
        while stack:
            top = stack[-1]
            if top in self._closed:
                stack.pop()
                continue
            term = self.order.term(*top, plain=True)
            inner = [b for b in blocks_in(term) if b not in self._closed]
            if inner:
                stack.extend(inner)
                continue
            stack.pop()
            self._closed[top] = self._put_in(term)

    def _put_in(self, term: Term) -> Term:
        closer, graph = self.derivation.closer, self.derivation.graph
        mapping: dict[Term, Term] = {block_symbol(*b, graph): self._closed[b] for b in blocks_in(term)}
        mapping |= self.order.slopes
        for name in closer.gradients_in(term):
            known, _ = closer.closed(name)
            mapping[symbol("@" + name, known.sizes)] = known
        from .closing import picked

        known_term = self.derivation.definitions.folded(substitute(term, mapping))
        return closer.tidied_block(rewritten(closer.without_zero_sums(known_term), {}, picked))


def blocks_in(term: Term) -> Iterator[Pair]:
    """The named blocks in a term."""
    for inner in children_last(term):
        if isinstance(inner, Symbol) and inner.name.startswith(BLOCK):
            names = block_names(inner.name)
            assert names is not None
            yield names


def hessian(derivation: Derivation, p: str, q: str, vec: str = "column") -> BlockFormula:
    """∂²J/∂p∂q as a formula of shape p.shape + q.shape; `vec` says how a printed matrix orders its entries."""
    return made(derivation.blocks_of(p, q), p, q)


def made(blocks: Blocks, p: str, q: str) -> BlockFormula:
    """The formula of one block of an elimination."""
    derivation = blocks.derivation
    context: Context = derivation.context
    left: Tree = Block(p, q)
    if p in derivation.model.declarations and q in derivation.model.declarations:
        left = Partial(Sym(derivation.model.loss), (Sym(p, context.kind(p)), Sym(q, context.kind(q))))
    rows = len(derivation.graph.sizes(p))
    term = blocks.recursive(p, q)
    before = derivation.before_taking(lambda untaken: untaken.hessian(p, q))
    vec = derivation.vec
    return BlockFormula(context, left, term, None, before=before, rows=rows, vec=vec, blocks=blocks, pair=(p, q))
