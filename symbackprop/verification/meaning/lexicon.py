r"""Which declared name is written: `\mathbf{W}_{1}`, `W^{[1]}`, `W^{(1)}`, `W^1` and `W_1` are one letter with one index.

A name is found by its letter and accents; of the scripts around it some belong to the name, and what is left is an
entry, a transpose, a power. Declared spellings come first, then how a name is printed without one, then a looser
reading of where the index stands, and only where no two names would collide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ...derive import Derivation
from ...errors import SymbackpropError
from ...network import Model
from ...notation.boxes.tex import box_latex
from ...notation.spelling import Spelling, default_spelling
from ...paper.flat import Spelled, Stretches, flatten
from ...paper.lexemes import lex
from ...paper.parse import Reader
from ...paper.tree import Atom, Group, Script, Tree

Words = tuple[str, ...]
BRACKETS = {"[": "]", "(": ")", "\\langle": "\\rangle", "\\{": "\\}"}
BOUND, DECLARED, PRINTED, PLAIN, LOOSE = range(-1, 4)  # how far a reading is from what was declared


@dataclass(frozen=True, slots=True)
class Pattern:
    """One spelling of a name that is a letter with scripts. `slots`: the running letters in it, in order of the axes."""

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


@dataclass
class Lexicon:
    """All letters of one network, and those that an answer binds to its nodes (`extra`: spelling -> name)."""

    derivation: Derivation
    extra: Mapping[str, str]

    @property
    def model(self) -> Model:
        """The network."""
        return self.derivation.model

    @cached_property
    def spellings(self) -> list[tuple[str, str, str, int]]:
        """(name, LaTeX, part, level) of everything that is declared."""
        found: list[tuple[str, str, str, int]] = []
        model = self.model
        items: list[tuple[str, Spelling]] = [(d.name, d.spelling) for d in model.declarations.values()]
        items += [(e.name, e.spelling) for e in model.equations.values()]
        items += [(d.name, d.spelling) for d in model.derivatives.values()]
        items += [(f.name, f.spelling) for f in model.functions.values()]
        for name, spelling in items:
            found += [(name, text, "whole", DECLARED) for text in spelling.latex]
            parts = (("entry", spelling.entries), ("row", spelling.rows), ("column", spelling.columns))
            found += [(name, text, part, DECLARED) for part, text in parts if text]
        notation = self.derivation.context.notation
        for name, _ in items:
            found.append((name, box_latex(notation.symbol(name)), "whole", PRINTED))
        for name in (*(n for n, _ in items), *model.size_names()):
            found.append((name, box_latex(default_spelling(name)), "whole", PLAIN))
        found += [(name, text, "whole", BOUND) for text, name in self.extra.items()]
        return found

    @cached_property
    def _read(self) -> tuple[list[Pattern], list[Spelled]]:
        patterns: list[Pattern] = []
        stretches: list[Spelled] = []
        whole: dict[str, list[Words]] = {}
        for name, text, part, level in self.spellings:
            if self.model.style.macros:
                for macro, body in self.model.style.macros.items():
                    text = text.replace(macro, body)
            try:
                lexemes = lex(text)
                reader = Reader(text, words=self.words)
                tree = _bare(reader.expression(0))
                done = reader.at == len(reader.lexemes)
            except SymbackpropError:
                continue
            flat = tuple(f.text for f in flatten(lexemes))
            if part == "whole":
                whole.setdefault(name, []).append(flat)
            own = {w for words in whole.get(name, ()) for w in words}
            if done and isinstance(tree, Atom):
                patterns.append(_pattern(name, tree, part, level, own, self.order(name)))
            elif level in (DECLARED, PRINTED):
                inside = _in_scripts(flat) if part != "whole" else ()
                slots = tuple(k for k in sorted(inside) if flat[k].isalpha() and len(flat[k]) == 1 and flat[k] not in own)
                stretches.append(Spelled(name, flat, part, slots))
        return patterns, stretches

    def order(self, name: str) -> int:
        """How many axes a name has."""
        known = name in self.model.declarations or name in self.model.equations
        return len(self.derivation.graph.sizes(name)) if known else 0

    @cached_property
    def words(self) -> frozenset[str]:
        """Names of more than one letter that people write as plain words: `Cost`, `net`."""
        found = set()
        model = self.model
        for name in (*model.declarations, *model.equations, *model.functions, *model.derivatives, *model.size_names()):
            stem = name.split("_")[0].rstrip("0123456789")
            box = box_latex(default_spelling(stem)) if stem else ""
            if len(stem) > 1 and stem in box and not box.startswith(f"\\{stem}"):
                found.add(stem)
        for _, text, _, _ in self.spellings:
            for command in ("\\text{", "\\mathrm{", "\\operatorname{"):
                for piece in text.split(command)[1:]:
                    word = piece.split("}")[0]
                    if len(word) > 1 and word.isalnum():
                        found.add(word)
        return frozenset(found)

    @cached_property
    def stretches(self) -> Stretches:
        """The spellings that are no single letter."""
        _, spelled = self._read
        return Stretches(spelled)

    @cached_property
    def by_letter(self) -> dict[tuple[str, tuple[str, ...]], list[Pattern]]:
        """The patterns by letter and accents."""
        found: dict[tuple[str, tuple[str, ...]], list[Pattern]] = {}
        for pattern in self._read[0]:
            found.setdefault((pattern.base, pattern.accents), []).append(pattern)
        return found

    def matches(self, atom: Atom) -> list[Match]:
        """What the letter can be, the best reading first; nothing if no name is written like that."""
        patterns = self.by_letter.get((atom.base, atom.accents), ())
        if not patterns:
            return []
        sub, sup = split_scripts(atom.scripts)
        found: list[Match] = []
        for pattern in patterns:
            found += _matched(pattern, atom, sub, sup)
        found.sort(key=lambda m: m.cost)
        kept: dict[tuple[str, str, object], Match] = {}
        for match in found:
            kept.setdefault((match.name, match.part, (match.subs, match.sup)), match)
        loose = [m for m in kept.values() if m.cost[0] >= LOOSE]
        if len({m.name for m in loose}) > 1 and len(loose) == len(kept):
            least = min(m.cost for m in loose)
            names = {m.name for m in loose if m.cost == least}
            return [m for m in loose if m.cost == least] if len(names) == 1 else []
        return list(kept.values())

    def numbered(self, atom: Atom) -> frozenset[int]:
        """The numbers with which names of this letter are declared: 1, 2, 3 for h_1, h_2, h_3."""
        found = set()
        for pattern in self.by_letter.get((atom.base, atom.accents), ()):
            if pattern.part == "whole":
                for index in (*pattern.sub, pattern.sup):
                    word = stripped(index)
                    if len(word) == 1 and word[0].isdigit():
                        found.add(int(word[0]))
        return frozenset(found)


def _in_scripts(flat: Words) -> frozenset[int]:
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


def _bare(tree: Tree) -> Tree:
    """`{y}'` is y'."""
    while isinstance(tree, Group) and tree.left == "{" and isinstance(tree.body, Atom):
        body = tree.body
        tree = replace(body, primes=body.primes + tree.primes, scripts=body.scripts + tree.scripts)
    return tree


def _pattern(name: str, atom: Atom, part: str, level: int, own: set[str], order: int) -> Pattern:
    sub, sup = split_scripts(atom.scripts)
    slots: Words = ()
    if part != "whole":
        letters = [w for p in sub for w in p] + list(sup)
        slots = tuple(dict.fromkeys(w for w in letters if w.isalpha() and len(w) == 1 and w not in own))
        if part == "entry" and len(slots) > order:
            slots = slots[len(slots) - order :]  # the others number an example, and are part of the name
    return Pattern(name, atom.base, atom.accents, atom.font, atom.primes, sub, sup, part, slots, level)


def _matched(pattern: Pattern, atom: Atom, sub: tuple[Words, ...], sup: Words) -> Iterator[Match]:
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
