"""Letters and declared stretches: what they stand for, and what is written around them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...errors import SymbackpropError
from ...paper.lexemes import Lexeme
from ...paper.tree import Atom, Named, Script, Tree
from ...tensor.normal import bracket, delta, number
from ...tensor.size import size
from ...tensor.terms import constant
from .indices import UNKNOWN, Place, indexed, place_of
from .lexicon import Match, Words, split_scripts, stripped, words_of
from .scope import Scope, UnknownLetter
from .values import Value, identity, kind_of_order, transposed, unique

if TYPE_CHECKING:
    from .elaborate import Elaborator

GREEK_DELTA = "\\delta"


def key_of(atom: Atom) -> str:
    """What makes a letter of the answer's own: letter, accents and scripts."""
    scripts = " ".join(s.sign + "".join(words_of(s)) for s in atom.scripts)
    return f"{atom.base}|{','.join(atom.accents)}|{scripts}|{atom.primes}"


def running(atom: Atom, scope: Scope) -> Atom:
    """The letter with running letters in its scripts replaced by their numbers: h_{t-1} at t = 3 is h_2."""
    if not scope.running or not atom.scripts:
        return atom
    scripts = tuple(replace(s, lexemes=_numbered(s, scope)) for s in atom.scripts)
    return replace(atom, scripts=scripts)


def _numbered(script: Script, scope: Scope) -> tuple[Lexeme, ...]:
    words = list(words_of(script))
    out: list[str] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word in scope.running and not (at and words[at - 1] in ("_", "^")):
            value = scope.running[word]
            while at + 2 < len(words) and words[at + 1] in ("+", "-") and words[at + 2].isdigit():
                value += int(words[at + 2]) if words[at + 1] == "+" else -int(words[at + 2])
                at += 2
            out.append(str(value) if value >= 0 else f"m{-value}")
        else:
            out.append(word)
        at += 1
    return tuple(Lexeme(w, script.start, script.end) for w in out)


def atom(e: Elaborator, tree: Atom, scope: Scope) -> list[Value]:
    """Every reading of a letter."""
    if tree.base in scope.bound and not tree.accents:
        values = list(scope.bound[tree.base])
        return e.with_scripts(tree, values, tree.primes, tree.scripts, scope)
    written = running(tree, scope)
    found: list[Value] = []
    defined = definition(e, written, scope)
    if defined is not None:
        return defined
    problem: SymbackpropError | None = None
    matches = e.lexicon.matches(written)
    if tree.base == GREEK_DELTA and not any(not m.subs for m in matches):
        named = delta_of_name(e, written, scope)
        if named:
            return named
    for match in matches:
        try:
            found += of_match(e, written, match, scope)
        except UnknownLetter:
            raise
        except SymbackpropError as error:
            problem = problem or error
        if found:
            return unique(found)
    if problem is not None:
        raise problem
    custom = customary(e, written, scope)
    if custom:
        return custom
    raise unknown(e, tree)


def unknown(e: Elaborator, tree: Atom) -> UnknownLetter:
    """The error for a letter that nothing declares, with the nearest names."""
    shown = tree.base.lstrip("\\") + "".join("_" + "".join(words_of(s)) for s in tree.scripts)
    names = [*e.model.declarations, *e.model.equations]
    near = difflib.get_close_matches(shown.replace("{", "").replace("}", ""), names, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(f'`{n}`' for n in near)}?" if near else ""
    remedy = (
        hint or f"Declare it, or define it in the answer. The network has {', '.join(f'`{n}`' for n in names[:8])}."
    )
    return UnknownLetter(
        f"Nothing declares or defines the letter `{shown}`.", tree.start, tree.end, shown, remedy=remedy
    )


def definition(e: Elaborator, tree: Atom, scope: Scope) -> list[Value] | None:
    """A letter that the answer defines itself, with further scripts; None if it does not."""
    from .elaborate import DEEPEST

    for cut in range(len(tree.scripts), -1, -1):
        head = replace(tree, scripts=tree.scripts[:cut], primes=0 if cut < len(tree.scripts) else tree.primes)
        known = e.definitions.get(key_of(head)) or (
            e.definitions.get(key_of(replace(head, primes=0))) if head.primes else None
        )
        if known is None or known.parameters:
            continue
        if scope.depth > DEEPEST:
            e.refuse(tree, "its definition goes in a circle, or through too many others")
        values = e.values(known.body, replace(scope, sizes=dict(scope.sizes), bound={}, depth=scope.depth + 1))
        return e.with_scripts(tree, values, tree.primes, tree.scripts[cut:], scope)
    return None


def example_places(e: Elaborator, name: str, words: Words) -> tuple[Words, ...]:
    """x^{(i)}: the example with that number is a row or a column, whichever axis is that of the examples."""
    sizes = e.names.derivation.graph.sizes(name)
    if len(sizes) != 2:
        return (words,)
    weights = {s for d in e.model.declarations.values() if d.role == "parameter" for s in d.sizes}
    return ((":",), words) if sizes[0] in weights and sizes[1] not in weights else (words,)


def of_match(e: Elaborator, tree: Tree, match: Match, scope: Scope) -> list[Value]:
    """The value of a name with what is left of its scripts."""
    known = e.model.derivatives.get(match.name)
    if known is not None and known.operation == "eigenvalues":
        which = "".join(w for words in match.subs for w in words)
        return e.raised(tree, [e.names.eigenvalue(match.name, which)], match.sup, scope)
    values = base_values(e, match.name)
    if match.part != "whole":
        values = part_of(e, tree, values, match.part, match.letters, scope)
    if match.subs:
        values = e.entries(tree, values, match.subs, scope)
    for _ in range(match.primes):
        values = [t for v in values for t in transposed(v)]
    sup = match.sup
    if match.part == "whole" and not match.subs and sup[:1] == ("(",) and ")" in sup and e.names.is_value(match.name):
        closed = sup.index(")")
        values = e.entries(tree, values, example_places(e, match.name, sup[1:closed]), scope)
        sup = sup[closed + 1 :]
    return e.raised(tree, values, sup, scope)


def base_values(e: Elaborator, name: str) -> list[Value]:
    """What a declared name stands for."""
    if name in e.model.derivatives:
        return [e.names.named(name)[0]]
    if name in e.model.functions:
        raise SymbackpropError(f"{name} is a function; it needs an argument.")
    if e.names.is_index(name):
        raise SymbackpropError(f"{name} is an index, not a number.")
    return [e.names.value(name)]


def part_of(
    e: Elaborator, tree: Tree, values: list[Value], part: str, letters: Sequence[Words], scope: Scope
) -> list[Value]:
    """An entry, a row or a column of an array, as its author writes it."""
    places = []
    for words in letters:
        place = e.place(words, scope) or place_of(words, scope, e.index_sizes)
        if not isinstance(place, Place):
            e.refuse(tree, f"`{''.join(words)}` is no index")
        places.append(place)
    if part == "column":
        places = [Place(whole=True), *places]
    found: list[Value] = []
    for value in values:
        if not places and value.sizes:
            e.refuse(tree, f"which {part} is meant is not written", "Declare its spelling with a running letter.")
        made = indexed(value, places, scope, e.base)
        if isinstance(made, str) and made.startswith(UNKNOWN):
            e.refuse(tree, made.removeprefix(UNKNOWN))
        if isinstance(made, str):
            e.misfit(tree, f"This entry does not exist: {made}.")
        found += [replace(v, kind=kind_of_order(len(v.sizes))) for v in made]
    return found


def stretch(e: Elaborator, tree: Named, scope: Scope) -> list[Value]:
    """A stretch of text that a declaration spells."""
    name, _, part = tree.name.partition(":")
    sub, sup = split_scripts(tree.scripts)
    if name in e.model.functions:
        e.refuse(tree, "a function needs an argument")
    values = base_values(e, name)
    if part:
        count = len(sub)
        values = part_of(e, tree, values, part, sub[:count], scope)
        sub = ()
    if sub:
        values = e.entries(tree, values, sub, scope)
    if tree.primes:
        return primed(e, tree, name, tree.primes)
    return e.raised(tree, values, sup, scope)


def primed(e: Elaborator, tree: Tree, name: str, primes: int) -> list[Value]:
    """J′(w): the derivative of a scalar by what it is written as a function of, or by the only variable."""
    variables = e.model.names("parameter") or e.model.names("input")
    if len(variables) != 1:
        e.refuse(tree, "a prime on a scalar needs to say by what it is differentiated", "Write \\frac{d}{dw}.")
    of = name if name in e.model.equations else e.model.loss
    if primes == 1:
        return [e.names.gradient(variables[0], of)]
    if primes == 2:
        return [e.names.hessian(variables[0], variables[0], of)]
    return e.refuse(tree, "derivatives of order 1 and 2 can be read")


# ---------------------------------------------------------------------- letters that custom gives a meaning


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


# ---------------------------------------------------------------------- names that stand where a name is needed


def name_of(e: Elaborator, tree: Tree, scope: Scope) -> str | None:
    """The declared name that a tree is, without entries or operations; None for anything else."""
    found = name_and_places(e, tree, scope)
    return found[0] if found is not None and not found[1] else None


def name_and_places(e: Elaborator, tree: Tree, scope: Scope) -> tuple[str, tuple[Words, ...], str] | None:
    """A declared name with the indices of an entry; the last part says whether it is an entry, a row or a column."""
    from ...paper.tree import Group

    while isinstance(tree, Group) and tree.left in ("{", "(") and not tree.scripts and not tree.primes:
        tree = tree.body
    if isinstance(tree, Group) and tree.left in ("{", "(", "[") and not tree.primes:
        inside = name_and_places(e, tree.body, scope)
        sub, sup = split_scripts(tree.scripts)
        if inside is None or inside[1] or (sup and sup not in (("T",), ("\\top",))):
            return None
        return inside[0], sub, "whole"
    if isinstance(tree, Named):
        name, _, part = tree.name.partition(":")
        sub, sup = split_scripts(tree.scripts)
        if sup and sup not in (("T",), ("\\top",)):
            return None
        return (name, sub, part or "whole") if not tree.primes else None
    if not isinstance(tree, Atom):
        return None
    written = running(tree, scope)
    for match in e.lexicon.matches(written):
        example = match.sup[:1] == ("(",) and match.sup[-1:] == (")",) and match.part == "whole"
        if example and not match.primes and not match.subs:
            return match.name, example_places(e, match.name, match.sup[1:-1]), "whole"
        if match.primes or (match.sup and match.sup not in (("T",), ("\\top",))):
            continue
        if match.part != "whole":
            return match.name, match.letters, match.part
        return match.name, match.subs, "whole"
    return None
