"""Another letter, another layer, another index; the pre-activation for the activation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from ...errors import SymbackpropError
from ...notation.boxes.tex import box_latex
from ...paper.tree import Atom, Big, Compare, Derivative, Named, Tree
from ...tensor.substitute import subterms
from ...tensor.terms import Map, Symbol
from ..meaning.elaborate import TRANSPOSES
from ..meaning.functions import ACTIVATIONS
from ..meaning.letters import name_and_places
from ..meaning.lexicon import Words, split_scripts, words_of
from ..verdict import Kind
from .edits import Edit, Editor
from .rows import Row
from .writing import braced, joined

ALIKE = (
    "v\\nu", "w\\omega", "p\\rho", "a\\alpha", "x\\chi", "n\\eta", "u\\mu", "y\\gamma", "k\\kappa", "B\\beta",
    "b6", "l1", "o0", "O0", "z2", "uv", "ij", "\\phi\\psi", "\\epsilon\\xi",
)  # fmt: skip  # pairs that are taken for each other


WRITTEN = {
    "relu": "\\mathbb{{1}}[{} > 0]", "tanh": "\\tanh({})", "sigmoid": "\\sigma({})", "exp": "\\exp({})",
    "log": "\\log({})",
}  # fmt: skip  # a table

LETTER = r"\\[A-Za-z]+|[A-Za-z]"


class Letters(Editor):
    """Edits of single letters."""

    def edits(self) -> Iterator[Edit]:
        """All of them."""
        for leaf, row in self.rows.leaves:
            if id(leaf) in self.rows.calls:
                yield from self.other_functions(leaf)
                yield from self.of_its_letter(leaf)
                continue
            yield from self.other_names(leaf, row)
            parts = leaf.bottoms if isinstance(leaf, Derivative) else (leaf,)
            for part in parts:
                yield from self.other_scripts(part)
                if part is not leaf:
                    yield from self.same_scripts(part, None)
        for node in self.writing.nodes:
            if isinstance(node, Compare):
                yield from self.comparisons(node)

    # ------------------------------------------------------------------ names

    @cached_property
    def spelled(self) -> dict[str, str]:
        """How the names of the network are written, nodes and symbols first, then gradients with a name."""
        model = self.rows.e.model
        notation = self.rows.e.names.derivation.context.notation
        names = [d.name for d in model.declarations.values() if d.role != "index"]
        names += [*model.equations, *(d.name for d in model.derivatives.values() if d.operation == "gradient")]
        found = {}
        for name in names:
            known = model.declarations.get(name) or model.equations.get(name) or model.derivatives.get(name)
            spellings = known.spelling.latex if known is not None else ()
            found[name] = spellings[0] if spellings else box_latex(notation.symbol(name))
        return found

    def sizes(self, name: str) -> tuple[object, ...]:
        """The shape of a name."""
        model = self.rows.e.model
        if name in model.derivatives:
            name = model.derivatives[name].args[0]
        return self.rows.e.names.derivation.graph.sizes(name)

    def found(self, leaf: Tree) -> tuple[str, tuple[Words, ...], str] | None:
        """The name that a leaf is, with the indices of an entry."""
        try:
            found = name_and_places(self.rows.e, leaf, self.rows.scope)
        except SymbackpropError:
            return None
        if found is None or found[0] not in self.spelled:
            return None
        return found

    def other_names(self, leaf: Tree, row: Row) -> Iterator[Edit]:
        """Each other name in place of this one, those of its shape first."""
        if isinstance(leaf, Derivative):
            for bottom in leaf.bottoms:
                yield from self.other_bottoms(leaf, bottom)
            return
        found = self.found(leaf)
        tail = ""
        if found is None:
            rest, words, mark = self.writing.raised(leaf)
            bare = self.writing.snippet(rest) if words else None
            found = self.found(bare) if bare is not None else None
            tail = f"^{mark}" if found is not None else ""
        if found is None:
            yield from self.same_scripts(leaf, None)
            if isinstance(leaf, Atom):
                yield from self.other_deltas(leaf)
            return
        name, places, part = found
        _, sup = split_scripts(getattr(leaf, "scripts", ()))
        if not tail and sup and sup[-1] in ("T", "\\top", "\\intercal"):
            tail = f"^{braced(sup[-1])}"
        yield from self.same_scripts(leaf, name)
        if self.runs(leaf):
            return  # a name with a number would hold for one layer only
        if part == "whole" and not places:
            yield from self.wrapped(leaf, name, tail)
        derivative = name in self.rows.e.model.derivatives
        if places and not self.sizes(name):
            told = f"{self.short(leaf)} has the wrong index"
            yield from self.edit(leaf, self.writing.snippet(self.spelled[name] + tail), "index", told)
        for other, spelled in self.spelled.items():
            if other == name:
                continue
            same = self.sizes(other) == self.sizes(name)
            cost = 1.12 if same else 1.5
            cost += 0.4 * ((other in self.rows.e.model.derivatives) != derivative)
            if stem(other) == stem(name) and (other in self.rows.e.model.derivatives) == derivative:
                cost = 1.0
            text = self.entry(other, spelled, places, part) if places or part != "whole" else spelled
            if text is None:
                continue
            raised = f"({text})" if tail and ("^" in text or (text[:1] == "\\" and " " in text)) else text
            yield from self.named(leaf, self.writing.snippet(raised + tail), name, other, cost)

    def runs(self, leaf: Tree) -> bool:
        """True for a letter whose scripts hold a number of a layer or step that runs."""
        running = self.rows.scope.running
        return any(w in running for s in getattr(leaf, "scripts", ()) for w in words_of(s))

    def entry(self, name: str, spelled: str, places: Sequence[Words], part: str) -> str | None:
        """An entry of a name, as its author writes them."""
        model = self.rows.e.model
        known = model.declarations.get(name) or model.equations.get(name)
        if len(self.sizes(name)) < len(places):
            return None
        own = None
        if known is not None:
            own = known.spelling.rows if part == "row" else known.spelling.entries if part != "column" else None
        if own:
            head, mark, script = own.partition("_" if "_" in own else "^")
            letters = [x for x in re.findall(LETTER, script) if len(x) == 1]
            given = dict(zip(letters[-len(places) :], map(joined, places), strict=False)) if places else {}
            return f"{head}{mark}{re.sub(LETTER, lambda x: given.get(x[0], x[0]), script)}"
        indices = "".join(map(joined, places)) if all(len(p) == 1 for p in places) else ",".join(map(joined, places))
        return f"({spelled})_{{{indices}}}" if "_" in spelled else f"{spelled}_{{{indices}}}"

    def same_scripts(self, leaf: Tree, name: str | None) -> Iterator[Edit]:
        """Another letter with the same scripts: a^l for z^l, where l runs."""
        if not isinstance(leaf, Atom) or not leaf.scripts:
            return
        start, end = self.writing.span(leaf)
        scripts = self.writing.text[min(s.start for s in leaf.scripts) : end]
        del start
        seen: set[str] = set()
        for base, accents in self.rows.e.lexicon.by_letter:
            if (
                (base, accents) == (leaf.base, leaf.accents)
                or base in seen
                or (len(base) > 1 and not base.startswith("\\"))
            ):
                continue
            text = base
            for accent in accents:
                text = f"\\{accent}{{{text}}}"
            new = self.writing.snippet(f"{text}{scripts}")
            if new is None or not self.rows.values(new):
                continue
            yield from self.named(leaf, new, name or leaf.base, base, 1.0)

    def named(self, leaf: Tree, new: Tree | None, old: str, other: str, cost: float) -> Iterator[Edit]:
        """The edit, with the kind of mistake that it is."""
        shown = self.short(leaf)
        kind: Kind = "symbol"
        told = f"{shown} is the wrong letter here"
        if id(leaf) in self.rows.heads:
            kind, cost = "evaluated_at", cost - 0.05
            told = f"The function is evaluated at the wrong place: {shown}"
        elif stem(old) == stem(other) and old != other:
            kind, told = "index", f"{shown} has the wrong index"
        elif alike(old, other):
            kind, told = "transcription", f"{shown} looks like the letter that belongs here, and is another"
        yield from self.edit(leaf, new, kind, told, shown, cost)

    def of_its_letter(self, head: Tree) -> Iterator[Edit]:
        """A letter that is read as a function, because no symbol has its index: other names of that letter."""
        if not isinstance(head, Atom) or head.primes or head.base not in ACTIVATIONS or self.found(head) is not None:
            return
        _, words, mark = self.writing.raised(head)
        tail = f"^{mark}" if words and words[-1] in TRANSPOSES else ""
        for spelled in self.spelled.values():
            if re.match(re.escape(head.base) + r"(?![A-Za-z])", spelled):
                raised = f"({spelled})" if tail and "^" in spelled else spelled
                yield from self.edit(
                    head, self.writing.snippet(raised + tail), "index", f"{self.short(head)} has the wrong index"
                )

    def other_deltas(self, leaf: Atom) -> Iterator[Edit]:
        """The gradient at another node, where that is written with the node below."""
        below = next((s for s in leaf.scripts if s.sign == "_"), None)
        if leaf.base != "\\delta" or below is None or not self.rows.values(leaf):
            return
        written = joined(words_of(below))
        gone = {stem(n) for n, s in self.spelled.items() if bare(s) == bare(written)}
        text, start = self.writing.source(leaf), self.writing.span(leaf)[0]
        shown = self.short(leaf)
        before, after = text[: below.start - start], text[below.end - start :]
        for name, spelled in self.spelled.items():
            if name in self.rows.e.model.derivatives or bare(spelled) == bare(written):
                continue
            new = self.writing.snippet(f"{before}_{{{spelled}}}{after}")
            if new is None:
                continue
            shapes = {v.sizes for v in self.rows.values(new)} & {v.sizes for v in self.rows.values(leaf)}
            told = f"{shown} is the gradient at the wrong place"
            same = bool(gone & {stem(name)})
            cost = 1.0 if same else 1.05 if shapes else 1.5
            yield from self.edit(leaf, new, "index" if same else "symbol", told, shown, cost)

    def other_bottoms(self, leaf: Derivative, bottom: Tree) -> Iterator[Edit]:
        """∂J/∂ another name."""
        found = self.found(bottom)
        if found is None:
            return
        if self.runs(bottom):
            return
        name, places, part = found
        shown = self.short(leaf)
        for other, spelled in self.spelled.items():
            if other == name or other in self.rows.e.model.derivatives:
                continue
            text = self.entry(other, spelled, places, part) if places or part != "whole" else spelled
            if text is None:
                continue
            cost = 1.1 if self.sizes(other) == self.sizes(name) else 1.6
            start, end = self.writing.span(leaf)
            first, last = self.writing.span(bottom)
            joint = " " if re.search(r"\\[A-Za-z]+$", self.writing.text[start:first]) and text[:1].isalpha() else ""
            new = self.writing.snippet(self.writing.text[start:first] + joint + text + self.writing.text[last:end])
            kind: Kind = "index" if stem(other) == stem(name) else "symbol"
            yield from self.edit(leaf, new, kind, f"{shown} is a derivative by the wrong variable", shown, cost)

    @cached_property
    def functions(self) -> dict[str, tuple[str, ...]]:
        """How the functions are written that the network takes of a name."""
        found: dict[str, tuple[str, ...]] = {}
        for equation in self.rows.e.model.equations.values():
            for term in subterms(equation.term):
                if isinstance(term, Map) and isinstance(term.children[0], Symbol) and term.head in WRITTEN:
                    name = term.children[0].name
                    found[name] = tuple(dict.fromkeys((*found.get(name, ()), WRITTEN[term.head])))
                    if term.head == "relu":
                        found.setdefault(equation.name, (WRITTEN["relu"],))
        return found

    def wrapped(self, leaf: Tree, name: str, tail: str) -> Iterator[Edit]:
        """tanh(c) for c, and 1[z > 0] for z, where the network has such functions of the name."""
        shown = self.short(leaf)
        bare = self.writing.raised(leaf)[0] if tail else self.writing.source(leaf)
        for pattern in self.functions.get(name, ()):
            indicator = pattern == WRITTEN["relu"]
            new = self.writing.snippet(pattern.format(bare) + tail)
            told = f"{shown} stands where {'its indicator' if indicator else 'a function of it'} belongs"
            kind: Kind = "indicator" if indicator else "symbol"
            yield from self.edit(leaf, new, kind, told, shown, 1.4)

    # ------------------------------------------------------------------ scripts

    @cached_property
    def numbering(self) -> frozenset[str]:
        """The letters of sums, which number steps where they are no indices of entries."""
        bigs = (n for n in self.writing.nodes if isinstance(n, Big))
        return frozenset(w for b in bigs for s in b.scripts if s.sign == "_" for w in words_of(s)[:1] if w.isalpha())

    def other_scripts(self, leaf: Tree) -> Iterator[Edit]:
        """Indices exchanged, another index letter, a layer more or less."""
        letters = [*self.rows.scope.sizes]
        running = {**self.rows.scope.running, **dict.fromkeys(self.numbering - {*letters}, 0)}
        text = self.writing.source(leaf)
        start = self.writing.span(leaf)[0]
        shown = self.short(leaf)
        for script in getattr(leaf, "scripts", ()):
            words = words_of(script)
            if script.start < leaf.start or script.end > leaf.end or not words:
                continue
            before, after = text[: script.start - start], text[script.end - start :]
            for new_words, told, cost in _other_words(words, running, letters):
                snippet = self.writing.snippet(f"{before}{script.sign}{{{joined(new_words)}}}{after}")
                kind: Kind = "index"
                if id(leaf) in self.rows.heads and any(w in running for w in words):
                    kind = "evaluated_at"
                yield from self.edit(leaf, snippet, kind, f"{told} at {shown}", shown, cost)

    # ------------------------------------------------------------------ functions, comparisons

    def other_functions(self, head: Tree) -> Iterator[Edit]:
        """f for f′ and f′ for f; another function."""
        if not isinstance(head, (Atom, Named)):
            return
        shown = self.short(head)
        text = self.writing.source(head)
        if head.primes:
            new = self.writing.snippet(re.sub(r"'|\^\{?\s*'?\\prime\s*\}?|\^\{'\}|’|′", "", text, count=1))
            told = f"{shown} is the derivative of the function, where the function itself belongs"
            yield from self.edit(head, new, "activation_derivative", told, shown, 1.1)
        else:
            before = min((s.start for s in head.scripts if s.sign == "^"), default=self.writing.span(head)[1])
            cut = before - self.writing.span(head)[0]
            new = self.writing.snippet(f"{text[:cut]}'{text[cut:]}")
            told = f"{shown} is the function, where its derivative belongs"
            yield from self.edit(head, new, "activation_derivative", told, shown, 1.0)

    def comparisons(self, node: Compare) -> Iterator[Edit]:
        """An indicator the other way round."""
        other = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "=": "\\neq", "!=": "="}.get(node.op)
        if other is None:
            return
        new = self.writing.snippet(f"[{self.writing.show(node.left)} {other} {self.writing.show(node.right)}]")
        inside = getattr(new, "body", None)
        if inside is not None:
            self.writing.written[id(inside)] = f"{self.writing.show(node.left)} {other} {self.writing.show(node.right)}"
            told = f"The condition {self.short(node)} is the wrong way round"
            yield from self.edit(node, inside, "indicator", told, self.short(node), 1.0)


def _other_words(words: Words, running: object, letters: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str, float]]:
    places = [k for k, w in enumerate(words) if w in letters]
    for a, b in pairwise(places):
        swapped = [*words]
        swapped[a], swapped[b] = words[b], words[a]
        yield tuple(swapped), "The indices are exchanged", 1.0
    for k in places:
        for letter in letters:
            if letter not in words and letter.isascii():
                yield (*words[:k], letter, *words[k + 1 :]), "The index is another letter", 1.1
    for k, word in enumerate(words):
        if word in running:  # type: ignore[operator]  # a mapping
            if words[k + 1 : k + 2] and words[k + 1] in "+-" and words[k + 2 : k + 3] == ("1",):
                yield (*words[: k + 1], *words[k + 3 :]), "The layer is off by one", 1.0
            elif not words[k + 1 : k + 2] or words[k + 1] not in "+-":
                for sign in "+-":
                    yield (*words[: k + 1], sign, "1", *words[k + 1 :]), "The layer is off by one", 1.0
        elif word.isdigit() and len(word) == 1 and not (len(words) == 1 and word == "2"):
            for other in (int(word) - 1, int(word) + 1):
                if other >= 0:
                    yield (*words[:k], str(other), *words[k + 1 :]), "The index is off by one", 1.1


def bare(text: str) -> str:
    """A text without spaces and braces."""
    return re.sub(r"[\s{}]", "", text)


def stem(name: str) -> str:
    """A name without its number."""
    return re.sub(r"[_\d]+$", "", name) or name


def alike(one: str, other: str) -> bool:
    """True for letters that are taken for each other on paper."""
    return any({one, other} == {p[0], p[1:]} or {one, other} == {p[: len(p) // 2], p[len(p) // 2 :]} for p in ALIKE)


__all__ = ["Letters", "alike", "stem"]
