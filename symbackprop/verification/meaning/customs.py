"""Letters that custom gives a meaning: e, π, the identity, ones, unit vectors, Kronecker's δ, δ at a node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...errors import SymbackpropError
from ...paper.lexemes import Lexeme
from ...paper.tree import Atom, Script
from ...tensor.normal import bracket, delta, number
from ...tensor.size import size
from ...tensor.terms import constant
from .indices import Place, indexed, place_of
from .letters import GREEK_DELTA, name_and_places, name_of, part_of
from .lexicon import Words, split_scripts, stripped
from .scope import Scope
from .values import Value, identity

if TYPE_CHECKING:
    from .elaborate import Elaborator


def customary(e: Elaborator, tree: Atom, scope: Scope) -> list[Value]:
    """e, π, the identity, a vector of ones, Kronecker's δ, δ at a node."""
    sub, sup = split_scripts(tree.scripts)
    if tree.accents:
        return []
    if tree.base == "\\pi" and not sub:
        return e.raised(tree, [Value(constant("pi"))], sup, scope)
    if tree.base == "e" and not sub:
        return exponential(e, tree, sup, scope)
    if tree.base == "e" and len(sub) == 1:
        return unit_vectors(e, tree, sub[0], sup, scope)
    if tree.base == GREEK_DELTA:
        named = delta_of_name(e, tree, scope)
        if named:
            return named
        if any(w.isdigit() for words in sub for w in words):  # δ_{1,i} is an entry of a gradient first
            return delta_at(e, tree, sub, sup, scope) or kronecker_delta(e, tree, sub, scope)
        return kronecker_delta(e, tree, sub, scope) or delta_at(e, tree, sub, sup, scope)
    if tree.base == "1" and tree.font and sub:
        from .calls import condition_below

        below = condition_below(e, tree, scope)
        if below is not None:
            return e.raised(tree, below, sup, scope)
    if tree.base in ("I", "1") and (tree.base == "I" or tree.font):
        return constants(e, tree, sub, sup, scope)
    return []


def exponential(e: Elaborator, tree: Atom, sup: Words, scope: Scope) -> list[Value]:
    """e, or e to what stands above it."""
    from ...paper.parse import Reader
    from .functions import euler

    if not sup:
        return [euler(Value(number(1)))]
    script = next(s for s in tree.scripts if s.sign == "^")
    reader = Reader(" " * (script.lexemes[-1].end + 1), e.lexicon.stretches, e.lexicon.words, script.lexemes)
    body = reader.expression(0)
    if reader.at < len(reader.lexemes):
        reader.refuse("this cannot stand here")
    return [euler(v) for v in e.values(body, scope)]


def unit_vectors(e: Elaborator, tree: Atom, index: Words, sup: Words, scope: Scope) -> list[Value]:
    """e_k, 1 at place k, of every length that it can have."""
    place = e.place(index, scope) or place_of(index, scope, e.index_sizes)
    if place is None or place.whole:
        return []
    if place.symbol:
        of = e.model.declarations[place.symbol].facts.of
        lengths = [] if of is None else [of]
    else:
        known = scope.sizes.get(place.letter or "")
        lengths = [known] if known is not None else [size(n) for n in e.model.size_names()]
    found: list[Value] = []
    for length in lengths:
        if place.symbol and e.model.declarations[place.symbol].sizes:
            many = e.model.declarations[place.symbol].sizes
            if len(many) == 1:
                term = bracket((*many, length), (0, 1), 0, [(-1, place.symbol, (0,), length)])
                found.append(Value(term, (), "matrix"))
            continue
        inner = scope if known_range(place, scope) else replace(scope, sizes={})
        made = indexed(identity(length), [place], inner, e.base)
        found += [] if isinstance(made, str) else made
    return e.raised(tree, found, sup, scope) if found else []


def known_range(place: Place, scope: Scope) -> bool:
    """True if every letter of an index has a range."""
    return all(name in scope.sizes for name, _ in place.letters)


def kronecker_delta(e: Elaborator, tree: Atom, sub: Sequence[Words], scope: Scope) -> list[Value]:
    """δ_ij for two indices."""
    pieces = list(sub)
    if len(pieces) == 1 and len(pieces[0]) == 2:
        pieces = [(w,) for w in pieces[0]]
    if len(pieces) != 2 or any(s.sign == "^" for s in tree.scripts):
        return []
    known = [scope.sizes.get(p[0]) if len(p) == 1 else None for p in pieces]
    length = next((s for s in known if s is not None), None)
    if length is None or not all(len(p) == 1 and (p[0].isalpha() or p[0].isdigit()) for p in pieces):
        return []
    return e.entries(tree, [Value(delta(length), (), "matrix")], pieces, scope)


def delta_of_name(e: Elaborator, tree: Atom, scope: Scope) -> list[Value]:
    """δ_{z_1}, δ_P^T: the gradient at the node or symbol that stands below."""
    from ...paper.parse import Reader

    for k, script in enumerate(tree.scripts):
        if script.sign != "_":
            continue
        reader = Reader(" " * (script.lexemes[-1].end + 1), e.lexicon.stretches, e.lexicon.words, script.lexemes)
        try:
            inside = reader.expression(0)
        except SymbackpropError:
            continue
        found = name_and_places(e, inside, scope) if reader.at == len(reader.lexemes) else None
        if found is None or not e.names.is_value(found[0]):
            continue
        name, places, part = found
        values = [e.names.gradient(name)]
        if part != "whole":
            values = part_of(e, tree, values, part, places, scope)
        elif places:
            values = e.entries(tree, values, places, scope)
        rest = (*tree.scripts[:k], *tree.scripts[k + 1 :])
        return e.with_scripts(tree, values, tree.primes, rest, scope)
    return []


def delta_at(e: Elaborator, tree: Atom, sub: Sequence[Words], sup: Words, scope: Scope) -> list[Value]:
    r"""\delta^{(2)}: the gradient at the pre-activation with that number."""
    for words in (*sub[:1], sup):
        index = stripped(words)
        if len(index) == 1 and index[0].isalnum():
            node = name_of(e, Atom("z", scripts=(Script("_", (Lexeme(index[0], tree.start, tree.end),)),)), scope)
            if node is not None and node in e.model.equations:
                e.notes[f"δ with index {index[0]} is the gradient at {node}"] = None
                rest = () if words is sup else sup
                values = [e.names.gradient(node)]
                entries = sub if words is sup else sub[1:]
                return e.raised(tree, e.entries(tree, values, entries, scope) if entries else values, rest, scope)
    return []


def constants(e: Elaborator, tree: Atom, sub: Sequence[Words], sup: Words, scope: Scope) -> list[Value]:
    """The identity, or a vector of ones, of every size that occurs; those that do not fit fall away."""
    from ...tensor.normal import broadcast

    lengths = [size(n) for n in e.model.size_names()]
    numbers = {s for d in e.model.declarations.values() for s in d.sizes if s.number is not None}
    lengths += sorted(numbers, key=lambda s: s.number or 0)
    if sub and len(sub) == 1:
        place = place_of(sub[0], scope, e.model.size_names())
        if place is not None and not place.letters and not place.whole:
            lengths = [place.constant]
    if "\\times" in sup:
        sup = ()
        lengths = [size(n) for n in e.model.size_names()]
    if tree.base == "I":
        return e.raised(tree, [identity(s) for s in lengths], sup, scope) if lengths else []
    ones = [Value(broadcast(number(1), (), (s,)), (), "column") for s in lengths]
    return e.raised(tree, ones, sup, scope) if ones else []
