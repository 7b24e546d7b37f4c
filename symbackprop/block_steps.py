"""The elimination behind a Hessian block, step by step: each named block, its formula, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .notation.tree import Block, Delta, Sym, Tree
from .reasons import Parts, enumerated, in_words
from .second import Pair

if TYPE_CHECKING:
    from .hessian import BlockFormula, Blocks


@dataclass(frozen=True, slots=True)
class BlockStep:
    """One block of the elimination: the pair of names, its recursive formula, and the rules that gave its terms."""

    pair: Pair
    formula: BlockFormula
    because: Parts

    @property
    def reason(self) -> str:
        """The reason as Unicode text."""
        return in_words(self.formula.context, self.because)


def steps(blocks: Blocks, p: str, q: str) -> tuple[BlockStep, ...]:
    """The named blocks that the block of p and q is written with, nearest to the loss first; the wanted one last."""
    from .hessian import blocks_in, made

    order: list[Pair] = []
    done: set[Pair] = set()
    stack: list[tuple[Pair, bool]] = [((p, q), False)]
    while stack:
        pair, leaving = stack.pop()
        if leaving:
            order.append(pair)
            continue
        if pair in done:
            continue
        done.add(pair)
        stack.append((pair, True))
        stack += [(inner, False) for inner in blocks_in(blocks.recursive(*pair)) if inner not in done]
    return tuple(BlockStep(pair, made(blocks, *pair), because(blocks, *pair)) for pair in order)


def because(blocks: Blocks, p: str, q: str) -> Parts:
    """One sentence: which eliminated nodes the block comes through, and by which rule."""
    found = rules(blocks, p, q)
    if not found:
        return ("The loss has no second derivative by these two.",)
    context, loss = blocks.derivation.context, blocks.derivation.model.loss

    def symbols(names: list[str]) -> Parts:
        return enumerated([Sym(name, context.kind(name)) for name in names])

    sentences: list[Parts] = []
    through = [c for c, rule in found if rule == "square"]
    if through:
        known: list[Tree] = [Block(c, c) for c in dict.fromkeys(behind(blocks, c) for c in through)]
        sentences.append(
            ("the curvature at ", *symbols(through), ", between the Jacobians on both sides (", *enumerated(known), ")")
        )
    weighted = [c for c, rule in found if rule == "second" and c != loss]
    if weighted:
        deltas: list[Tree] = [Delta(c, context.kind(c)) for c in weighted]
        sentences.append(
            (
                "the second derivative of ",
                *symbols(weighted),
                ", weighted with the gradient there (",
                *enumerated(deltas),
                ")",
            )
        )
    if (loss, "second") in found:
        sentences.append(("the second derivative of ", Sym(loss), " itself"))
    crossed = [c for c, rule in found if rule == "cross"]
    if crossed:
        both = ", once for each of the two factors" if p == q else ""
        sentences.append(("one derivative through ", *symbols(crossed), f", the other past it{both}"))
    parts: list[str | Tree] = []
    for sentence in sentences:
        parts += ["; ", *sentence] if parts else sentence
    first = parts[0]
    return (first[0].upper() + first[1:] if isinstance(first, str) else first, *parts[1:], ".")


def behind(blocks: Blocks, name: str) -> str:
    """The node whose block stands in the formula: of a node that only passes on, the next one."""
    while blocks.passes_on(name):
        name = blocks.order.parts[name, name][0].child
    return name


def rules(blocks: Blocks, p: str, q: str) -> list[tuple[str, str]]:
    """(eliminated node, rule) for every term of the block; each once."""
    found: dict[tuple[str, str], None] = {}
    for part in blocks.order.parts.get(blocks.order.key(p, q), []):
        found[part.child, part.rule] = None
    return list(found)


__all__ = ["BlockStep", "because", "rules", "steps"]
