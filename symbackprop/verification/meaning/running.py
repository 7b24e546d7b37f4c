"""Running letters and declared indices: over what they run, and comparisons between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...errors import SymbackpropError
from ...paper.tree import Atom, Compare, Named, Num, Tree, walk
from ...tensor.normal import bracket, product
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
    learn_all(e, (tree,), scope)


def learn_all(e: Elaborator, trees: Sequence[Tree], scope: Scope) -> None:
    """Find out over what the running letters of formulas run: the axes at which they stand alone."""
    later: list[tuple[str, Size]] = []  # w_k of a matrix of weights is a row, or a column where k runs over those
    for part in (p for tree in trees for p in walk(tree)):
        if not isinstance(part, (Atom, Named)) or not part.scripts:
            continue
        found = name_and_places(e, part, scope)
        if found is None or not e.names.is_value(found[0]):
            continue
        name, places, part_written = found
        sizes = e.names.derivation.graph.sizes(name)
        if part_written == "column" and len(places) == 1:
            sizes = sizes[1:]
        if len(places) == 1 and len(places[0]) == len(sizes) > 1:
            places = tuple((w,) for w in places[0])
        declared = e.model.declarations.get(name)
        either = len(places) == 1 and len(sizes) == 2 and declared is not None and declared.role == "parameter"
        for words, length in zip(places, sizes, strict=False):
            place = place_of(words, scope, e.index_sizes)
            if place is not None and place.letter is not None:
                if either:
                    later.append((place.letter, length))
                else:
                    scope.sizes.setdefault(place.letter, length)
    for letter, length in later:
        scope.sizes.setdefault(letter, length)


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
    for one, other in (sides, sides[::-1]):
        if one is not None and one[0] == "entry" and other is not None:
            return _entry_compared(e, tree, one[1], other, scope)
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
        term = product(1, [(term, (1, 0), 1)], (0, 1))
        free = tuple(sorted(free))
    return Value(term if tree.op == "=" else 1 - term, free)


def _entry_compared(e: Elaborator, tree: Compare, entry: str, other: tuple[str, str], scope: Scope) -> Value:
    """1[y_i = k] where y is a declared array of indices; `entry` is `y,i`."""
    name, _, letter = entry.partition(",")
    declared = e.model.declarations[name]
    of, (many,) = declared.facts.of, declared.sizes
    kind, what = other
    if of is None or kind not in ("letter", "number") or scope.sizes.setdefault(letter, many) is not many:
        e.refuse(tree, "such a comparison of indices is not understood")
    if kind == "number":
        shift = size(int(what) - e.base)
        term = bracket((many,), (size(0),), shift, [(-1, name, (0,), of)])
    else:
        if what == letter or scope.sizes.setdefault(what, of) is not of:
            e.refuse(tree, f"the index {what} does not run over what {name} takes")
        term = bracket((many, of), (size(0), size(1)), 0, [(-1, name, (0,), of)])
        if letter > what:
            term = product(1, [(term, (1, 0), 1)], (0, 1))
        return Value(term if tree.op == "=" else 1 - term, tuple(sorted((letter, what))))
    return Value(term if tree.op == "=" else 1 - term, (letter,))


def _index_side(e: Elaborator, tree: Tree, scope: Scope) -> tuple[str, str] | None:
    if isinstance(tree, Num) and tree.value.denominator == 1:
        return "number", str(tree.value.numerator)
    if not isinstance(tree, Atom):
        return None
    name = name_of(e, tree, scope)
    if name is not None and e.names.is_index(name):
        return "symbol", name
    places = name_and_places(e, tree, scope)
    if places is not None and e.names.is_index(places[0]) and len(e.model.declarations[places[0]].sizes) == 1:
        inside = [place_of(words, scope, e.index_sizes) for words in places[1]]
        if len(inside) == 1 and inside[0] is not None and inside[0].letter is not None:
            return "entry", f"{places[0]},{inside[0].letter}"
    if not tree.scripts and not tree.accents and len(tree.base) == 1 and (tree.base in scope.sizes or name is None):
        return "letter", tree.base
    return None
