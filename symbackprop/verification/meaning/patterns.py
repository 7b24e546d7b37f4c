"""Spellings of letters: what belongs to a name of the scripts around a letter, and what is left of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ...paper.flat import flatten
from ...paper.tree import Atom, Group, Script, Tree

Words = tuple[str, ...]
BRACKETS = {"[": "]", "(": ")", "\\langle": "\\rangle", "\\{": "\\}"}
BOUND, DECLARED, PRINTED, PLAIN, LOOSE = range(-1, 4)  # how far a reading is from what was declared


@dataclass(frozen=True, slots=True)
class Pattern:
    """One spelling of a name that is a letter with scripts. `slots`: its running letters, in the order of the axes."""

    name: str
    base: str
    accents: tuple[str, ...]
    font: str
    primes: int
    sub: tuple[Words, ...]
    sup: Words
    part: str = "whole"
    slots: Words = ()
    level: int = DECLARED


@dataclass(frozen=True, slots=True)
class Match:
    """A name found: what is left of its scripts. `subs`: the pieces below, `sup`: what is above, `letters` in slots."""

    name: str
    part: str
    subs: tuple[Words, ...]
    sup: Words
    primes: int
    letters: tuple[Words, ...] = ()
    cost: tuple[int, ...] = ()


def words_of(script: Script) -> Words:
    """The symbols of a script without fonts and needless braces."""
    return tuple(f.text for f in flatten(script.lexemes))


def pieces(words: Words) -> tuple[Words, ...]:
    """A subscript split at its commas."""
    found: list[list[str]] = [[]]
    depth = 0
    for word in words:
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(word, 0)
        if word == "," and depth == 0:
            found.append([])
        else:
            found[-1].append(word)
    return tuple(tuple(p) for p in found if p)


def stripped(words: Words) -> Words:
    """An index without the brackets around it: `[1]`, `(1)`, `⟨t⟩`."""
    if len(words) > 2 and BRACKETS.get(words[0]) == words[-1]:
        return words[1:-1]
    return words


def split_scripts(scripts: Sequence[Script]) -> tuple[tuple[Words, ...], Words]:
    """What stands below, in pieces, and what stands above."""
    sub: tuple[Words, ...] = ()
    sup: Words = ()
    for script in scripts:
        if script.sign == "_":
            sub += pieces(words_of(script))
        else:
            sup += words_of(script)
    return sub, sup


def in_scripts(flat: Words) -> frozenset[int]:
    """The places of a flattened spelling that are in a script."""
    found, depth, opened = set(), 0, [0]
    for at, word in enumerate(flat):
        script = at > 0 and flat[at - 1] in ("_", "^")
        if word == "{":
            depth += 1
            opened.append(opened[-1] + script)
        elif word == "}" and depth:
            depth -= 1
            opened.pop()
        elif script or opened[-1]:
            found.add(at)
    return frozenset(found)


def bare(tree: Tree) -> Tree:
    """`{y}'` is y'."""
    while isinstance(tree, Group) and tree.left == "{" and isinstance(tree.body, Atom):
        body = tree.body
        tree = replace(body, primes=body.primes + tree.primes, scripts=body.scripts + tree.scripts)
    return tree


def pattern_of(name: str, atom: Atom, part: str, level: int, own: set[str], order: int) -> Pattern:
    """The spelling of a name of so many axes; `own`: the symbols in the spelling of the whole."""
    sub, sup = split_scripts(atom.scripts)
    slots: Words = ()
    if part != "whole":
        letters = [w for p in sub for w in p] + list(sup)
        slots = tuple(dict.fromkeys(w for w in letters if w.isalpha() and len(w) == 1 and w not in own))
        if part == "entry" and len(slots) > order:
            slots = slots[len(slots) - order :]  # the others number an example, and are part of the name
    return Pattern(name, atom.base, atom.accents, atom.font, atom.primes, sub, sup, part, slots, level)


def matched(pattern: Pattern, atom: Atom, sub: tuple[Words, ...], sup: Words) -> Iterator[Match]:
    """The readings of a letter as this pattern."""
    if atom.primes < pattern.primes:
        return
    font = 0 if pattern.font == atom.font else 1
    primes = atom.primes - pattern.primes
    if pattern.part != "whole":
        letters = _slotted(pattern, sub, sup)
        if letters is not None:
            bound, rest = letters
            cost = (pattern.level, font, len(rest), 0)
            yield Match(pattern.name, pattern.part, (), rest, primes, bound, cost)
        return
    for subs, left, loose in _left_over(pattern, sub, sup):
        level = LOOSE if loose else pattern.level
        yield Match(pattern.name, "whole", subs, left, primes, (), (level, font, len(subs) + len(left), loose))


def _left_over(pattern: Pattern, sub: tuple[Words, ...], sup: Words) -> Iterator[tuple[tuple[Words, ...], Words, int]]:
    """What is left of the scripts once those of the name are taken away; and how loosely they were found."""
    below = _without(sub, pattern.sub)
    above = _prefix(sup, pattern.sup)
    if below is not None and above is not None:
        yield below, above, 0
    index = [stripped(p) for p in pattern.sub] + ([stripped(pattern.sup)] if pattern.sup else [])
    if len(index) != 1 or pattern.primes:
        return
    (wanted,) = index
    if not (len(wanted) == 1 and (wanted[0].isdigit() or wanted[0].isalpha())) and pattern.level != DECLARED:
        return
    for shape in (("[", *wanted, "]"), ("(", *wanted, ")"), ("\\langle", *wanted, "\\rangle"), wanted):
        rest = _prefix(sup, shape)
        if rest is not None and pattern.sup != shape:
            yield sub, rest, 2 if shape == wanted else 1
        stripped_sub = _without(sub, (shape,))
        if stripped_sub is not None and pattern.sub != (shape,):
            yield stripped_sub, sup, 1


def _without(sub: tuple[Words, ...], own: tuple[Words, ...]) -> tuple[Words, ...] | None:
    """The pieces below that are not the name's own; None if those are not there."""
    if not own:
        return sub
    if sub[: len(own)] == own:
        return sub[len(own) :]
    if sub[-len(own) :] == own:
        return sub[: -len(own)]
    if len(own) == 1 and len(sub) == 1 and len(own[0]) < len(sub[0]):
        if sub[0][: len(own[0])] == own[0] and len(own[0]) == 1 and own[0][0].isdigit() is False:
            return (sub[0][len(own[0]) :],)
    return None


def _prefix(sup: Words, own: Words) -> Words | None:
    """What is above behind (or before) the name's own; None if that is not there."""
    if not own:
        return sup
    if sup[: len(own)] == own:
        return sup[len(own) :]
    return sup[: -len(own)] if sup[-len(own) :] == own else None


def _slotted(pattern: Pattern, sub: tuple[Words, ...], sup: Words) -> tuple[tuple[Words, ...], Words] | None:
    """What stands for the running letters of an entry's spelling, and what is left above."""
    bound: dict[str, Words] = {}
    if not _bind(pattern.sub, sub, pattern.slots, bound):
        return None
    rest = sup
    if pattern.sup:
        inside = stripped(pattern.sup)
        bracketed = inside != pattern.sup
        head = sup if bracketed or len(pattern.sup) == len(sup) else sup[: len(pattern.sup)]
        if bracketed:
            close = next((k for k, w in enumerate(sup) if w == pattern.sup[-1]), None)
            if close is None or sup[:1] != pattern.sup[:1]:
                return None
            head = sup[: close + 1]
            if not _bind((inside,), (head[1:-1],), pattern.slots, bound):
                return None
        elif not _bind((pattern.sup,), (head,), pattern.slots, bound):
            return None
        rest = sup[len(head) :]
    if set(bound) != set(pattern.slots):
        return None
    return tuple(bound[s] for s in pattern.slots), rest


def _bind(own: tuple[Words, ...], given: tuple[Words, ...], slots: Words, bound: dict[str, Words]) -> bool:
    """Match the pieces of a spelling with those that are written; slots take whatever stands there."""
    flat_own = [w for p in own for w in p]
    if all(w in slots for w in flat_own) and len(given) == len(flat_own):
        bound.update(dict(zip(flat_own, given, strict=True)))
        return True
    if len(given) == 1 and len(given[0]) == len(flat_own):
        return _bind_words(flat_own, given[0], slots, bound)
    if len(own) == len(given) and all(len(o) == len(g) or len(o) == 1 for o, g in zip(own, given, strict=True)):
        for o, g in zip(own, given, strict=True):
            if len(o) == 1 and o[0] in slots:
                bound[o[0]] = g
            elif not _bind_words(list(o), g, slots, bound):
                return False
        return True
    return not own and not given


def _bind_words(own: Sequence[str], given: Words, slots: Words, bound: dict[str, Words]) -> bool:
    if len(own) != len(given):
        return False
    for o, g in zip(own, given, strict=True):
        if o in slots:
            if not (g.isalnum() or g.startswith("\\")):
                return False
            bound[o] = (g,)
        elif o != g:
            return False
    return True
