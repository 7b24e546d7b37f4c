"""In which order factors and summands are printed, and which of them is the positive one.

A term has no order; a printed formula has the network's: first occurrence first, values before targets, gradients
before values in a product, products before single symbols in a sum, a positive constant before everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ..tensor.pullback import children_last
from ..tensor.terms import Bracket, Constant, Dim, Map, Product, Special, Sum, Symbol, Term

MOST = 12  # how many symbols of a summand are compared
DIRECTION = "~"  # the first character of a symbol that stands for the change of the named one along a direction
GRADIENT = "@"  # the first character of a symbol that stands for the gradient at the node named by the rest
BLOCK = "#"  # the first character of a symbol that stands for a Hessian block; its two nodes follow, with a bar between
Key: TypeAlias = tuple[object, ...]


def block_names(name: str) -> tuple[str, str] | None:
    """The two nodes of a block's symbol, or None for another name."""
    if not name.startswith(BLOCK):
        return None
    row, column = name[len(BLOCK) :].split("|")
    return row, column


def gradient_of(name: str) -> str | None:
    """The node whose gradient the symbol stands for, or None."""
    return name[1:] if name.startswith(GRADIENT) else None


@dataclass
class Ranks:
    """The places of names in a network, and the sort keys that follow from them.

    `rank[name]`: the place of a symbol; targets come after everything else; unknown names last. `scalars_first`: scalar
    constants, which go in front of a product. `sizes`: the places of size names.
    """

    rank: Mapping[str, int]
    targets: frozenset[str] = frozenset()
    scalars_first: frozenset[str] = frozenset()
    sizes: Mapping[str, int] = field(default_factory=dict)
    _places: dict[Term, tuple[tuple[int, int], ...]] = field(default_factory=dict)

    def of_name(self, name: str) -> tuple[int, int]:
        """(0 or 1 for a target, place)."""
        name = name.removeprefix(DIRECTION)
        base = gradient_of(name) or (block_names(name) or (name,))[0]
        return (1 if base in self.targets else 0, self.rank.get(base, len(self.rank)))

    def lowest(self, term: Term) -> tuple[int, int]:
        """The rank of the symbol in the term that comes first; a term without symbols comes before all."""
        return next(iter(self.places(term)), (0, -1))

    def of_size(self, atom: object) -> Key:
        """The sort key of a size among scalars: sizes by first occurrence, expressions after names."""
        return (0, ((0, self.sizes.get(str(atom), len(self.sizes))),), str(atom))

    def places(self, term: Term) -> tuple[tuple[int, int], ...]:
        """The ranks of the symbols in the term, lowest first: what decides between two summands."""
        known = self._places.get(term)
        if known is None:
            inner = children_last(term)
            ranks = {self.of_name(x.name) for x in inner if isinstance(x, Symbol)}
            ranks |= {self.of_name(n) for x in inner if isinstance(x, Bracket) for _, n, _, _ in x.indices}
            known = tuple(sorted(ranks)[:MOST])
            self._places[term] = known
        return known

    def in_product(self, term: Term) -> Key:
        """The sort key of a factor among entrywise factors, or of a scalar in front."""
        if isinstance(term, Dim):
            return self.of_size(term.atom)
        if isinstance(term, Constant):
            kind = 0
        elif isinstance(term, Symbol):
            if term.name.removeprefix(DIRECTION)[0] in (GRADIENT, BLOCK):
                kind = 2
            else:
                kind = 1 if term.name in self.scalars_first and not term.sizes else 3
        elif isinstance(term, Product):
            kind = 2
        elif isinstance(term, Sum):
            kind = 5
        else:
            kind = 4
        return (kind, self.places(term), term.digest.hex())

    def in_sum(self, term: Term) -> Key:
        """The sort key of a summand: constants, products with Hessian blocks, products, single symbols; then rank."""
        bare = isinstance(term, (Symbol, Map, Special, Bracket))
        names = self.places(term)
        target = isinstance(term, Symbol) and term.name in self.targets
        kind = 0 if not names else 3 if target else 2 if bare else 1
        curved = isinstance(term, Product) and any(
            isinstance(f, Symbol) and block_names(f.name) for f, _, _ in term.factors
        )
        return (kind, not curved, names, term.digest.hex())
