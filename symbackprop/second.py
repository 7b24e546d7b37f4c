"""The chain rule of second order, node by node: edge pushing (Gower & Mello 2012) in symbols.

Going backward, every pair of live nodes p, q has a block H_pq = ∂²J/∂p∂q of shape p + q, with the live nodes taken as
independent. Eliminating c adds, for all parents p, q of c, (∂c/∂p)ᵀ H_cc (∂c/∂q) + Σ_k δ_c,k ∂²c_k/∂p∂q to H_pq, and
(∂c/∂p)ᵀ H_cr to H_pr for each other live r; when r is p itself, its transpose too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .express.order import BLOCK, GRADIENT
from .graph import Graph
from .linear import contracted, local_jacobians
from .tensor.normal import add, number, product, zeros
from .tensor.pullback import pullback
from .tensor.recognise import recognised
from .tensor.terms import Product, Special, Sum, Symbol, Term, delta_bracket, symbol

Pair = tuple[str, str]
SLOPE = "%"  # the first character of a symbol that stands for the Jacobian of a node by one of its parents


def block_symbol(row: str, column: str, graph: Graph) -> Symbol:
    """The symbol of the block of two nodes, of shape row + column."""
    return symbol(f"{BLOCK}{row}|{column}", (*graph.sizes(row), *graph.sizes(column)))


def flipped(term: Term, rows: int) -> Term:
    """The block with its two groups of axes exchanged; `rows` is the number of axes of the first."""
    axes = tuple(range(term.order))
    return product(1, [(term, axes, 1)], (*axes[rows:], *axes[:rows]))


def is_sum(term: Term) -> bool:
    """True for a sum of matrices, which products of matrices hold together: (diag(y) − y yᵀ) H."""
    while isinstance(term, Product) and len(term.factors) == 1 and term.factors[0][2] == 1 and not term.summed:
        term = term.factors[0][0]
    return isinstance(term, Sum) and term.order == 2


def softmax_curvature(y: Term, g: Term) -> Term:
    """diag(g) − y gᵀ − g yᵀ: Σ_k δ_k ∂²y_k/∂x∂x for y = softmax(x) and g = y ∘ (δ − δᵀy), the gradient at x."""
    pairs = [product(-1, [(y, (0,), 1), (g, (1,), 1)], (0, 1)), product(-1, [(g, (0,), 1), (y, (1,), 1)], (0, 1))]
    diagonal = product(1, [(g, (0,), 1), (delta_bracket(y.sizes[0]), (0, 1), 1)], (0, 1))
    return add([(1, diagonal), *((1, x) for x in pairs)], (*y.sizes, *y.sizes))


@dataclass(frozen=True, slots=True)
class Part:
    """One contribution to a block: from which eliminated node, by which of the three rules, and the term.

    `rule`: "square" for (∂c/∂p)ᵀ H_cc (∂c/∂q), "second" for δ_c ∂²c/∂p∂q, "cross" for (∂c/∂p)ᵀ H_cr. `plain`: an equal
    term for closed forms, where another one reads better.
    """

    child: str
    rule: str
    term: Term
    plain: Term | None = None


@dataclass
class SecondOrder:
    """All blocks that the wanted pairs need, in recursive form: `parts[p, q]` in terms of named blocks and gradients.

    `wanted`: pairs of names; both become independent variables (nodes among them are not eliminated).
    """

    graph: Graph
    wanted: frozenset[Pair]
    linear: frozenset[str] = frozenset()  # nodes whose second derivatives are left out
    parts: dict[Pair, list[Part]] = field(default_factory=dict)
    eliminated: list[str] = field(default_factory=list)
    slopes: dict[Term, Term] = field(default_factory=dict)  # symbols of Jacobians that are sums, and what they are

    def __post_init__(self) -> None:
        self.place = {name: k for k, name in enumerate([*self.graph.model.declarations, *self.graph.order])}
        self.leaves = frozenset(name for pair in self.wanted for name in pair)
        self.reach = self._reach()
        for child in reversed(self.graph.order):
            if child in self.graph.used and child not in self.leaves and self.reach.get(child):
                self._eliminate(child)

    def _reach(self) -> dict[str, int]:
        """For each name a bit mask of the wanted names that it is computed from, with wanted nodes cut off."""
        bit = {name: 1 << k for k, name in enumerate(sorted(self.leaves, key=self.place.__getitem__))}
        reach = {name: bit[name] for name in self.leaves}
        for name in self.graph.order:
            if name not in self.leaves:
                mask = 0
                for p in self.graph.parents[name]:
                    mask |= reach.get(p, 0)
                reach[name] = mask
        partners: dict[str, int] = {}
        for p, q in self.wanted:
            partners[p] = partners.get(p, 0) | bit[q]
            partners[q] = partners.get(q, 0) | bit[p]
        self.partners = {bit[name]: mask for name, mask in partners.items()}
        return reach

    def needed(self, p: str, q: str) -> bool:
        """True if a wanted pair depends on the block of p and q."""
        left, right = self.reach.get(p, 0), self.reach.get(q, 0)
        return any(left & bit and right & mask for bit, mask in self.partners.items())

    def key(self, p: str, q: str) -> Pair:
        """The order in which the pair is stored."""
        return (p, q) if self.place[p] <= self.place[q] else (q, p)

    def block(self, p: str, q: str) -> Term | None:
        """The block's symbol with p first, or None if it is zero."""
        key = self.key(p, q)
        if key not in self.parts:
            return None
        name = block_symbol(*key, self.graph)
        return name if key == (p, q) else flipped(name, len(self.graph.sizes(key[0])))

    def _put(self, p: str, q: str, part: Part) -> None:
        """Add a contribution whose term has the axes of p, then those of q."""
        if part.term.is_zero or not self.needed(p, q):
            return
        key = self.key(p, q)
        if key != (p, q):
            rows = len(self.graph.sizes(p))
            plain = None if part.plain is None else flipped(part.plain, rows)
            part = Part(part.child, part.rule, flipped(part.term, rows), plain)
        self.parts.setdefault(key, []).append(part)

    def _eliminate(self, child: str) -> None:
        graph, equation = self.graph, self.graph.model.equations[child]
        self.eliminated.append(child)
        slopes = {
            s.name: self._held(child, s.name, j)
            for s, j in local_jacobians(equation.term).items()
            if self.reach.get(s.name)
        }
        parents = sorted(slopes, key=self.place.__getitem__)
        order = equation.term.order
        own = self.block(child, child)
        loss = child == graph.model.loss
        g = number(1, equation.term.sizes) if loss else symbol(GRADIENT + child, equation.term.sizes)
        pulled = {s.name: t for s, t in pullback(equation.term, g).items()}
        for k, p in enumerate(parents):
            bent = p in pulled and child not in self.linear
            curved = {s.name: t for s, t in local_jacobians(pulled[p]).items()} if bent else {}
            for q in parents[k:]:
                if own is not None:
                    half = contracted(slopes[p], own, order)
                    turned = flipped(half, half.order - order)
                    square = flipped(contracted(slopes[q], turned, order), len(graph.sizes(q)))
                    self._put(p, q, Part(child, "square", square))
                if p == q and bent and self._is_softmax(child, p):
                    self._put(p, q, Part(child, "second", self._softmax_part(child, p, pulled[p]), curved[q]))
                elif q in curved:
                    self._put(p, q, Part(child, "second", curved[q]))
        gone = set(self.eliminated)
        live = [(set(pair) - {child}).pop() for pair in self.parts if child in pair and pair != (child, child)]
        for r in (r for r in live if r not in gone):
            cross = self.block(child, r)
            assert cross is not None
            for p in parents:
                part = contracted(slopes[p], cross, order)
                self._put(p, r, Part(child, "cross", part))
                if p == r:
                    self._put(p, r, Part(child, "cross", flipped(part, len(graph.sizes(p)))))

    def _held(self, child: str, parent: str, slope: Term) -> Term:
        """The Jacobian, or a symbol for it if it is a sum of matrices."""
        if not is_sum(slope) or slope.order != 2 or len(self.graph.sizes(child)) != 1:
            return slope
        name = symbol(f"{SLOPE}{child}|{parent}", slope.sizes)
        self.slopes[name] = slope
        return name

    def _is_softmax(self, child: str, parent: str) -> bool:
        """True if the node is the softmax of its parent, a vector."""
        term = recognised(self.graph.model.equations[child].term)
        if not isinstance(term, Special) or term.operation != "softmax" or term.order != 1:
            return False
        return isinstance(term.children[0], Symbol) and term.children[0].name == parent

    def _softmax_part(self, child: str, parent: str, pulled: Term) -> Term:
        """The second derivative of a softmax by its argument; `pulled` is the gradient if nothing else uses it."""
        own = self.graph.model.equations[child].symbol
        alone = sum(parent in self.graph.parents[c] for c in self.graph.used if c in self.graph.parents) == 1
        return softmax_curvature(own, symbol(GRADIENT + parent, pulled.sizes) if alone else pulled)

    def term(self, p: str, q: str, plain: bool = False) -> Term:
        """The block of p and q in recursive form, with the axes of p first; `plain` as it is best put into others."""
        key = self.key(p, q)
        sizes = (*self.graph.sizes(key[0]), *self.graph.sizes(key[1]))
        parts = self.parts.get(key)
        terms = [part.term if part.plain is None or not plain else part.plain for part in parts or ()]
        total = add([(1, term) for term in terms], sizes) if terms else zeros(sizes)
        return total if key == (p, q) else flipped(total, len(self.graph.sizes(key[0])))


def all_pairs(names: Iterable[str]) -> frozenset[Pair]:
    """Every unordered pair of the names, each with itself too."""
    listed = list(names)
    return frozenset((p, q) for k, p in enumerate(listed) for q in listed[k:])
