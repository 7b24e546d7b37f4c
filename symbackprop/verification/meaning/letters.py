"""Letters and declared stretches: what they stand for, and what is written around them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...errors import SymbackpropError
from ...functions import FUNCTIONS
from ...paper.lexemes import Lexeme
from ...paper.tree import Atom, Named, Script, Tree
from ...tensor.normal import product
from .indices import UNKNOWN, Place, indexed, place_of
from .lexicon import Match, Words, split_scripts, words_of
from .scope import Definition, Misfit, Scope, UnknownLetter
from .values import Value, kind_of_order, transposed, unique

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
        from .customs import delta_of_name

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
    from .customs import customary

    custom = customary(e, written, scope)
    if custom:
        return custom
    raise unknown(e, tree)


def unknown(e: Elaborator, tree: Atom) -> UnknownLetter:
    """The error for a letter that nothing declares, with the nearest names."""
    own = (s for s in tree.scripts if s.sign == "_" or words_of(s)[0] in ("[", "(") or words_of(s)[0].isdigit())
    shown = tree.base.lstrip("\\") + "".join(s.sign + "".join(words_of(s)) for s in own)
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
        inner = replace(scope, sizes={} if known.entries else dict(scope.sizes), bound={}, depth=scope.depth + 1)
        values = of_entries(e, known, inner) if known.entries else e.values(known.body, inner)
        if not values:
            continue
        return e.with_scripts(tree, values, tree.primes, tree.scripts[cut:], scope)
    return None


def of_entries(e: Elaborator, known: Definition, scope: Scope) -> list[Value]:
    """The array whose entry is defined: Y by Y_{ij} = …, a diagonal matrix R by R_{nn} = …; nothing if it is none."""
    from .running import learn

    learn(e, known.body, scope)
    found: list[Value] = []
    for value in e.values(known.body, scope):
        if value.kind != "scalar" or set(value.free) != set(known.entries):
            continue
        if len(value.free) == len(known.entries):
            order = tuple(value.free.index(letter) for letter in known.entries)
            turned = product(1, [(value.term, tuple(range(len(order))), 1)], order)
            found.append(Value(turned, (), kind_of_order(len(order)), value.notes))
        else:
            diagonal = FUNCTIONS["diag"].build(value.term)
            found.append(Value(diagonal, (), "matrix", value.notes))
    return found


def example_places(e: Elaborator, name: str, words: Words) -> tuple[Words, ...]:
    """x^{(i)}: the example with that number is a row or a column, whichever axis is that of the examples."""
    return (words,) if e.lexicon.rows_are_examples(name) else ((":",), words)


def of_match(e: Elaborator, tree: Tree, match: Match, scope: Scope) -> list[Value]:
    """The value of a name with what is left of its scripts."""
    known = e.model.derivatives.get(match.name)
    if known is not None and known.operation == "eigenvalues":
        which = "".join(w for words in match.subs for w in words)
        return e.raised(tree, [e.names.eigenvalue(match.name, which)], match.sup, scope)
    values = base_values(e, match.name)
    if match.part != "whole":
        values = part_of(e, tree, values, match.part, match.letters, scope)
    sup, subs = match.sup, match.subs
    declared = e.model.declarations.get(match.name)
    if (
        match.part == "whole"
        and len(subs) == 1
        and sup[:1] == ("(",)
        and ")" in sup
        and e.lexicon.order(match.name) == 2
    ):
        if e.names.is_value(match.name) and (declared is None or declared.role in ("input", "target")):
            closed = sup.index(")")  # entry k of example i
            example = sup[1:closed]
            subs = (example, subs[0]) if e.lexicon.rows_are_examples(match.name) else (subs[0], example)
            sup = sup[closed + 1 :]
    if subs and sup and sup[0] in ("T", "\\top", "\\intercal") and match.part == "whole":
        turned = entries_of_transpose(e, tree, match.name, values, subs, scope)
        if turned is not None:
            plain = [v.noted(ENTRY_TRANSPOSED) for v in rows_or_columns(e, tree, match.name, values, subs, scope)]
            return unique([*e.raised(tree, turned, sup[1:], scope), *e.raised(tree, plain, sup, scope)])
    if subs:
        values = rows_or_columns(e, tree, match.name, values, subs, scope)
    for _ in range(match.primes):
        values = [t for v in values for t in transposed(v)]
    if match.part == "whole" and not match.subs and sup[:1] == ("(",) and ")" in sup and e.names.is_value(match.name):
        closed = sup.index(")")
        values = e.entries(tree, values, example_places(e, match.name, sup[1:closed]), scope)
        sup = sup[closed + 1 :]
    return e.raised(tree, values, sup, scope)


ENTRY_TRANSPOSED = "the transpose behind an entry changes nothing"


def entries_of_transpose(
    e: Elaborator, tree: Tree, name: str, values: list[Value], subs: Sequence[Words], scope: Scope
) -> list[Value] | None:
    """A_{ij}^T as the entry of the transpose, nothing where the indices do not fit it; None for what is no entry."""
    order = e.lexicon.order(name)
    places = tuple((w,) for w in subs[0]) if len(subs) == 1 and len(subs[0]) == order else tuple(subs)
    if order != 2 or len(places) != 2 or any(w == (":",) for w in places):
        return None
    try:
        return e.entries(tree, [t for v in values for t in transposed(v)], places, scope)
    except Misfit:
        return []


def rows_or_columns(
    e: Elaborator, tree: Tree, name: str, values: list[Value], subs: Sequence[Words], scope: Scope
) -> list[Value]:
    """Entries at indices; of a matrix of weights, w_k is a row, or a column where a row does not fit."""
    declared = e.model.declarations.get(name)
    matrix = declared is not None and declared.role == "parameter" and len(declared.sizes) == 2
    if not matrix or len(subs) != 1 or len(subs[0]) != 1:
        return e.entries(tree, values, subs, scope)
    try:
        return e.entries(tree, values, subs, scope)
    except Misfit:
        return e.entries(tree, values, ((":",), *subs), scope)


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
