"""Running letters and declared indices: over what they run, and comparisons between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import SymbackpropError
from ...paper.tree import Atom, Compare, Named, Num, Tree, walk
from ...tensor.normal import bracket
from ...tensor.size import Size, size
from .indices import place_of
from .letters import name_and_places, name_of
from .lexicon import Words
from .scope import Scope
from .values import Value

if TYPE_CHECKING:
    from .elaborate import Elaborator


def learn(e: Elaborator, tree: Tree, scope: Scope) -> None:
    """Find out over what the running letters of a formula run: the axes at which they stand alone."""
    for part in walk(tree):
        if not isinstance(part, (Atom, Named)) or not part.scripts:
            continue
        found = name_and_places(e, part, scope)
        if found is None or not e.names.is_value(found[0]):
            continue
        name, places, _ = found
        sizes = e.names.derivation.graph.sizes(name)
        if len(places) == 1 and len(places[0]) == len(sizes) > 1:
            places = tuple((w,) for w in places[0])
        for words, length in zip(places, sizes, strict=False):
            place = place_of(words, scope, e.index_sizes)
            if place is not None and place.letter is not None:
                scope.sizes.setdefault(place.letter, length)


def index_symbol(e: Elaborator, words: Words) -> str | None:
    """A declared index that a subscript spells."""
    from ...paper.parse import Reader

    indices = [d.name for d in e.model.declarations.values() if d.role == "index"]
    if not indices or not words:
        return None
    try:
        text = "".join(f"{w} " if w.startswith("\\") else w for w in words)
        reader = Reader(text, e.lexicon.stretches, e.lexicon.words)
        tree = reader.expression(0)
    except SymbackpropError:
        return None
    found = name_of(e, tree, Scope()) if reader.at == len(reader.lexemes) else None
    return found if found in indices else None


def comparison_of_indices(e: Elaborator, tree: Compare, scope: Scope) -> Value | None:
    """1[i = j], 1[y_i = k]: for running letters and declared indices; None if numbers are compared."""
    if tree.op not in ("=", "!="):
        return None
    sides = [_index_side(e, t, scope) for t in (tree.left, tree.right)]
    if sides[0] is None or sides[1] is None:
        return None
    letters = [s for kind, s in (x for x in sides if x is not None) if kind == "letter"]
    lengths = [scope.sizes.get(s) for s in letters]
    symbols = [s for kind, s in (x for x in sides if x is not None) if kind == "symbol"]
    if symbols:
        of = e.model.declarations[symbols[0]].facts.of
        if of is not None:
            lengths.append(of)
            for s in letters:
                scope.sizes.setdefault(s, of)
    length = next((s for s in lengths if s is not None), None)
    if length is None:
        e.refuse(tree, "the range of the index is not known")
    indices: list[tuple[int, str, tuple[int, ...], Size]] = []
    coefficients = [size(1), size(-1)][: len(letters)]
    shift = 0
    for side in sides:
        assert side is not None
        if side[0] == "symbol":
            indices.append((-1 if letters else (1 if not indices else -1), side[1], (), length))
        elif side[0] == "number":
            shift = -(int(side[1]) - e.base)
    term = bracket((length,) * len(letters), coefficients, shift, indices)
    free = tuple(letters)
    if list(free) != sorted(free):
        from ...tensor.normal import product

        term = product(1, [(term, (1, 0), 1)], (0, 1))
        free = tuple(sorted(free))
    return Value(term if tree.op == "=" else 1 - term, free)


def _index_side(e: Elaborator, tree: Tree, scope: Scope) -> tuple[str, str] | None:
    if isinstance(tree, Num) and tree.value.denominator == 1:
        return "number", str(tree.value.numerator)
    if not isinstance(tree, Atom):
        return None
    name = name_of(e, tree, scope)
    if name is not None and e.names.is_index(name):
        return "symbol", name
    if not tree.scripts and not tree.accents and len(tree.base) == 1 and (tree.base in scope.sizes or name is None):
        return "letter", tree.base
    return None
