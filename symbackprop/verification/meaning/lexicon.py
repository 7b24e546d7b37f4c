r"""Which declared name is written: `\mathbf{W}_{1}`, `W^{[1]}`, `W^{(1)}`, `W^1`, `W_1` are one letter with one index.

A name is found by its letter and accents; of the scripts around it some belong to the name, and what is left is an
entry, a transpose, a power. Declared spellings come first, then how a name is printed without one, then a looser
reading of where the index stands, and only where no two names would collide.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from ...paper.tree import Atom
from .patterns import (
    BOUND,
    BRACKETS,
    DECLARED,
    LOOSE,
    PLAIN,
    PRINTED,
    Match,
    Pattern,
    Words,
    bare,
    in_scripts,
    matched,
    pattern_of,
    split_scripts,
    stripped,
    words_of,
)


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
                tree = bare(reader.expression(0))
                done = reader.at == len(reader.lexemes)
            except SymbackpropError:
                continue
            flat = tuple(f.text for f in flatten(lexemes))
            if part == "whole":
                whole.setdefault(name, []).append(flat)
            own = {w for words in whole.get(name, ()) for w in words}
            if done and isinstance(tree, Atom):
                patterns.append(pattern_of(name, tree, part, level, own, self.order(name)))
            elif level in (DECLARED, PRINTED):
                inside = in_scripts(flat) if part != "whole" else ()
                slots = tuple(
                    k for k in sorted(inside) if flat[k].isalpha() and len(flat[k]) == 1 and flat[k] not in own
                )
                stretches.append(Spelled(name, flat, part, slots))
        return patterns, stretches

    def order(self, name: str) -> int:
        """How many axes a name has."""
        derivative = self.model.derivatives.get(name)
        if derivative is not None and derivative.operation in ("gradient", "hessian", "jacobian", "derivative"):
            args = derivative.args * 2 if derivative.operation == "hessian" else derivative.args
            return sum(map(self.order, args)) if not derivative.diagonal else self.order(derivative.args[0])
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
            return self._small(atom)
        sub, sup = split_scripts(atom.scripts)
        found: list[Match] = []
        for pattern in patterns:
            found += matched(pattern, atom, sub, sup)
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

    def _small(self, atom: Atom) -> list[Match]:
        """x_{ij}, x_i where X is a matrix and no x is declared: an entry, and a row (or, of a parameter, a column)."""
        capital = atom.base.upper()
        if len(atom.base) != 1 or capital == atom.base or atom.primes:
            return []
        found: list[Match] = []
        for match in self.matches(replace(atom, base=capital)):
            if match.part != "whole" or self.order(match.name) != 2:
                continue
            subs, sup = match.subs, match.sup
            if len(subs) == 1 and len(subs[0]) == 2 and all(w.isalnum() for w in subs[0]):
                subs = tuple((w,) for w in subs[0])
            if len(subs) == 2:
                found.append(replace(match, part="entry", subs=(), letters=subs))
            elif len(subs) == 1 and sup[:1] == ("(",) and ")" in sup and self._holds_examples(match.name):
                closed = sup.index(")")  # x^{(i)}_k is entry k of example i
                places = (sup[1:closed], subs[0]) if self.rows_are_examples(match.name) else (subs[0], sup[1:closed])
                found.append(replace(match, part="entry", subs=(), letters=places, sup=sup[closed + 1 :]))
            elif len(subs) == 1 or (not subs and sup[:1] == ("(",) and ")" in sup):
                letters = subs or (sup[1 : sup.index(")")],)
                rest = sup if subs else sup[sup.index(")") + 1 :]
                parts: tuple[str, ...] = ("row",) if self._holds_examples(match.name) else ("row", "column")
                if not subs and parts == ("row",) and not self.rows_are_examples(match.name):
                    parts = ("column",)
                found += [replace(match, part=p, subs=(), letters=letters, sup=rest) for p in parts]
        return found

    def _holds_examples(self, name: str) -> bool:
        """True for data and for nodes, whose rows are examples."""
        declared = self.model.declarations.get(name)
        return declared is None or declared.role in ("input", "target")

    def rows_are_examples(self, name: str) -> bool:
        """True unless the columns of a matrix are the examples: its rows are as many as some weights have."""
        sizes = self.derivation.graph.sizes(name)
        weights = {s for d in self.model.declarations.values() if d.role == "parameter" for s in d.sizes}
        return not (len(sizes) == 2 and sizes[0] in weights and sizes[1] not in weights)

    def numbered(self, atom: Atom) -> frozenset[int]:
        """The numbers with which names of this letter are declared: 1, 2, 3 for h_1, h_2, h_3."""
        found = set()
        patterns = self.by_letter.get((atom.base, atom.accents), ())
        if not patterns and len(atom.base) == 1:
            patterns = self.by_letter.get((atom.base.upper(), atom.accents), ())
        for pattern in patterns:
            if pattern.part == "whole":
                for index in (*pattern.sub, pattern.sup):
                    word = stripped(index)
                    if len(word) == 1 and word[0].isdigit():
                        found.add(int(word[0]))
        return frozenset(found)


__all__ = ["BRACKETS", "Lexicon", "Match", "Words", "split_scripts", "stripped", "words_of"]
