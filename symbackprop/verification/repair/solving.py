"""What a formula lacks, found by solving for it: the factor by which it is off, the term that is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ...errors import SymbackpropError
from ...notation.latex import latex as printed
from ...notation.tree import Letter
from ...paper.tree import Compare, Group, Listing, Product, Sum, Tree
from ...tensor.evaluate import Array
from ...tensor.expectation import taken
from ...tensor.normal import product, scaled
from ...tensor.terms import Product as ProductTerm
from ...tensor.terms import Sum as SumTerm
from ...tensor.terms import Symbol, Term
from ..judge import Judge
from ..meaning.names import Names
from ..meaning.values import Value
from .edits import Edit, Editor
from .rows import Rows

CLOSE = 1e-8


@dataclass(frozen=True)
class Part:
    """A term of the true formula: what it is worth at the points that are looked at, and how it is printed."""

    term: Term
    values: tuple[Array, ...]


class Solving(Editor):
    """Edits that are computed, not guessed."""

    def __init__(self, rows: Rows, judge: Judge, names: Names, wanted: Value) -> None:
        super().__init__(rows)
        self.judge, self.names, self.wanted = judge, names, wanted
        points = (judge.points.at(0), judge.points.at(1), judge.points.at(0, "equal"))
        self.points = [p for p in points if p is not None]

    @property
    def core(self) -> Tree:
        """The formula without brackets around all of it."""
        tree = self.writing.root
        while (
            isinstance(tree, Group)
            and not tree.scripts
            and not tree.primes
            and not isinstance(tree.body, (Listing, Compare))
        ):
            tree = tree.body
        return tree

    def worth(self, term: Term) -> tuple[Array, ...] | None:
        """The values of a term at the points; None where it has none."""
        try:
            found = tuple(p.value(taken(term), self.names.extra) for p in self.points)
        except (SymbackpropError, KeyError, ArithmeticError):
            return None
        return found if found and all(np.all(np.isfinite(a)) for a in found) else None

    # ------------------------------------------------------------------ factors

    def edits(self, fitting: Mapping[int, Value]) -> Iterator[Edit]:
        """A factor for the whole or one term, a term more, a term in place of another.

        `fitting`: the whole formula and its terms by identity, on the axes of what is wanted.
        """
        root = self.core
        target = self.worth(self.wanted.term)
        if target is None:
            return
        terms = root.terms if isinstance(root, Sum) else ((1, root),)
        values = [self.worth(fitting[id(t)].term) if id(t) in fitting else None for _, t in terms]
        known = [v for v in values if v is not None]
        if len(known) == len(values):
            total = tuple(
                np.asarray(sum(s * v[k] for (s, _), v in zip(terms, known, strict=True))) for k in range(len(target))
            )
            ratio = self._ratio(target, total)
            if ratio is not None:
                yield from self._scaled(root, terms, ratio)
            for k, (sign, _) in enumerate(terms):
                rest = tuple(t - (a - sign * v) for t, a, v in zip(target, total, known[k], strict=True))
                own = tuple(sign * v for v in known[k])
                ratio = self._ratio(rest, own) if len(terms) > 1 else None
                if ratio is not None:
                    yield from self._scaled_term(root, terms, k, ratio)
                if len(terms) > 1:
                    yield from self._instead(root, terms, k, rest)
            if any(np.any(a) for a in total):
                missing = tuple(t - a for t, a in zip(target, total, strict=True))
                yield from self._further(root, terms, missing)
        unknown = [k for k, v in enumerate(values) if v is None]
        if len(unknown) == 1 and len(terms) > 1:
            k = unknown[0]
            others = [
                (s, v) for j, ((s, _), v) in enumerate(zip(terms, values, strict=True)) if j != k and v is not None
            ]
            rest = tuple(t - sum(s * v[j] for s, v in others) for j, t in enumerate(target))
            yield from self._instead(root, terms, k, rest)

    def _ratio(self, target: Sequence[Array], own: Sequence[Array]) -> tuple[float, ...] | None:
        """target / own where that is one number at each point, and not 1."""
        found = []
        for t, a in zip(target, own, strict=True):
            if t.shape != a.shape or not np.any(a):
                return None
            place = np.unravel_index(int(np.abs(a).argmax()), a.shape)
            ratio = float(t[place] / a[place])
            scale = float(np.abs(t).max()) or 1.0
            if not np.all(np.abs(t - ratio * a) < CLOSE * scale) or abs(ratio) < 1e-9:
                return None
            found.append(ratio)
        return None if all(abs(r - 1) < CLOSE for r in found) else tuple(found)

    def _factors(self, ratio: tuple[float, ...]) -> list[tuple[int, str]]:
        """The signs and texts of factors with these values: small numbers, times or by a size or a constant."""
        numbers = [Fraction(n) for n in (1, 2, 3, 4)] + [Fraction(1, n) for n in (2, 3, 4)]
        found: list[tuple[int, str]] = []
        for text, values in self._units():
            for inverse in (False, True) if text else (False,):
                for value in numbers:
                    made = [float(value) * (1 / v if inverse else v) for v in values]
                    signs = [s for s in (1, -1) if _same([s * m for m in made], ratio)]
                    found += [(s, self._shown(value, text, inverse)) for s in signs]
        return found[:4]

    @staticmethod
    def _shown(value: Fraction, text: str, inverse: bool) -> str:
        above = [str(value.numerator)] if value.numerator != 1 or (inverse and True) else []
        below = [str(value.denominator)] if value.denominator != 1 else []
        (below if inverse else above).append(text) if text else None
        top = " ".join(above) or "1"
        if inverse and len(above) == 2:
            top = above[1]
        if not below:
            return "" if top == "1" else top
        return f"\\frac{{{top}}}{{{' '.join(below)}}}"

    def _units(self) -> list[tuple[str, tuple[float, ...]]]:
        """Sizes and scalars by which people multiply, with what they are worth."""
        from ...notation.boxes.tex import box_latex

        notation = self.names.derivation.context.notation
        found: list[tuple[str, tuple[float, ...]]] = [("", tuple(1.0 for _ in self.points))]
        names = self.names.model.size_names()
        found += [(box_latex(notation.symbol(n)), tuple(float(p.draw.sizes[n]) for p in self.points)) for n in names]
        for name, declared in self.names.model.declarations.items():
            if not declared.sizes and declared.role != "index":
                spelled = declared.spelling.latex
                text = spelled[0] if spelled else box_latex(notation.symbol(name))
                values = tuple(float(p.arrays[name]) for p in self.points)
                if all(values):
                    found.append((text, values))
        return found

    def _scaled(self, root: Tree, terms: Sequence[tuple[int, Tree]], ratio: tuple[float, ...]) -> Iterator[Edit]:
        for sign, text in self._factors(ratio):
            yield from self._scaled_by(root, terms, sign, text)

    def _scaled_by(self, root: Tree, terms: Sequence[tuple[int, Tree]], sign: int, text: str) -> Iterator[Edit]:
        body = root
        if text:
            factor = self.writing.snippet(text)
            if factor is None:
                return
            if len(terms) == 1:
                body = self.writing.total([(terms[0][0], self._in_front(factor, terms[0][1]))])
            else:
                body = self.writing.row((factor, self.writing.grouped(root)), ("",))
        if sign == -1:
            flipped = [(-s, t) for s, t in (body.terms if isinstance(body, Sum) else ((1, body),))]
            if len(flipped) == 2 and flipped[0][0] < 0 < flipped[1][0]:
                flipped.reverse()
            body = self.writing.total(flipped)
        yield from self._told(root, body, sign, text, self.short(root), 0.8)

    def _told(self, node: Tree, new: Tree, sign: int, text: str, place: str, cost: float) -> Iterator[Edit]:
        if not text:
            yield from self.edit(node, new, "sign", f"The sign of {place} is wrong", place, cost)
        else:
            also = ", and the sign is wrong" if sign == -1 else ""
            shown = text
            if text.startswith("\\frac{1}{") and text.endswith("}"):
                below = text[len("\\frac{1}{") : -1]
                shown = f"1/{below}" if re.fullmatch(r"\\?\w+(_\w|_\{\w+\})?", below) else f"1/({below})"
            told = f"{place} lacks the factor {shown}{also}"
            yield from self.edit(node, new, "factor", told, place, cost + (0.5 if sign == -1 else 0.25))

    def _in_front(self, factor: Tree, term: Tree) -> Tree:
        if isinstance(term, Product):
            return self.writing.row((factor, *term.factors), ("", *term.signs))
        return self.writing.row((factor, term), ("",))

    def _scaled_term(
        self, root: Tree, terms: Sequence[tuple[int, Tree]], k: int, ratio: tuple[float, ...]
    ) -> Iterator[Edit]:
        for sign, text in self._factors(ratio):
            yield from self._scaled_term_by(root, terms, k, sign, text)

    def _scaled_term_by(
        self, root: Tree, terms: Sequence[tuple[int, Tree]], k: int, sign: int, text: str
    ) -> Iterator[Edit]:
        old_sign, term = terms[k]
        if text:
            factor = self.writing.snippet(text)
            if factor is None:
                return
            new = self._in_front(factor, term)
        else:
            new = term
        changed = [*terms]
        changed[k] = (old_sign * sign, new)
        yield from self._told(root, self.writing.total(changed), sign, text, self.short(term), 0.85)

    # ------------------------------------------------------------------ terms

    def parts(self) -> Iterator[Part]:
        """The terms of the true formula, in its recursive and in its closed form, and sums of two of them."""
        seen: set[Term] = set()
        single: list[Part] = []
        for whole in self._forms():
            pieces = pieces_of(whole)
            for term in (*self._expanded(whole), *pieces):
                if term in seen or (term is whole and len(pieces) > 1):
                    continue
                seen.add(term)
                worth = self.worth(term)
                if worth is not None:
                    single.append(Part(term, worth))
        yield from single
        for at, one in enumerate(single[:6]):
            for other in single[at + 1 : 6]:
                values = tuple(a + b for a, b in zip(one.values, other.values, strict=True))
                yield Part(one.term + other.term, values)

    def _expanded(self, term: Term) -> list[Term]:
        """The terms that multiplying out gives, if they are few."""
        from ...tensor.equal import expanded

        try:
            found = expanded(term)
        except SymbackpropError:
            return []
        if not isinstance(found, SumTerm) or len(found.terms) > 12:
            return []
        return [scaled(c, t) for c, t in found.terms]

    def _forms(self) -> Iterator[Term]:
        """What is wanted with gradients put in: one step, and all the way."""
        derivation = self.names.derivation
        one_step = self._put_in({s: t for s, t in self.judge.definitions.items() if s.name.startswith("@")})
        one_step_extra = self._put_in(dict(self.names.extra))
        yield from (t for t in (one_step, one_step_extra) if t is not None)
        try:
            opened = self.names.opened(self.wanted.term)
        except SymbackpropError:
            opened = self.wanted.term
        del derivation
        yield opened
        if opened is not self.wanted.term:
            yield self.wanted.term

    def _put_in(self, definitions: Mapping[Symbol, Term]) -> Term | None:
        from ...tensor.substitute import substitute, subterms

        used: dict[Term, Term] = {
            s: definitions[s] for s in subterms(self.wanted.term) if isinstance(s, Symbol) and s in definitions
        }
        return substitute(self.wanted.term, used) if used else None

    def matching(self, missing: Sequence[Array]) -> list[tuple[int, Part, int, Tree]]:
        """The parts that are this, up to their sign, with their printed form and its sign; the shortest first."""
        found = []
        for sign, part in self._matching(missing):
            shown = self._printed(part.term)
            if shown is not None:
                text = self.writing.show(shown[1])
                found.append((len(text), sign, part, *shown))
        return [(s, p, k, t) for _, s, p, k, t in sorted(found, key=lambda x: x[0])]

    def _matching(self, missing: Sequence[Array]) -> Iterator[tuple[int, Part]]:
        for part in self.parts():
            for sign in (1, -1):
                close = True
                for m, v in zip(missing, part.values, strict=True):
                    scale = max(float(np.abs(m).max(initial=0.0)), float(np.abs(v).max(initial=0.0)))
                    if m.shape != v.shape or not scale or not np.all(np.abs(m - sign * v) < CLOSE * scale):
                        close = False
                        break
                if close:
                    yield sign, part

    def _printed(self, term: Term) -> tuple[int, Tree] | None:
        """A term in the network's notation, its sign apart; with the letters of the claim if it is about entries."""
        context = self.names.derivation.context
        sign = 1
        if isinstance(term, ProductTerm) and term.coefficient < 0:
            sign, term = -1, scaled(-1, term)
        try:
            if self.wanted.free:
                from ...express.entries import EntryWriter

                tree = EntryWriter(context.writer).entry(term, tuple(map(Letter, self.wanted.free)))
            else:
                expressed = context.writer.expressed(term, row=self.wanted.kind == "row")
                if expressed.letters:
                    return None
                tree = expressed.tree
            text = printed(tree, context.notation)
        except (SymbackpropError, AssertionError, KeyError, IndexError):
            return None
        made = self.writing.snippet(text)
        return (sign, made) if made is not None else None

    def _further(self, root: Tree, terms: Sequence[tuple[int, Tree]], missing: Sequence[Array]) -> Iterator[Edit]:
        for sign, part, own, tree in self.matching(missing)[:3]:
            path = any(isinstance(t, Symbol) and t.name.startswith("@") for t in _inside(part.term))
            signed = self._signed(sign * own, tree)
            new = self.writing.total([*terms, *signed])
            kind = "path" if path and len(terms) >= 1 and not self.wanted.free else "term"
            what = "A path is" if kind == "path" else "A term is" if not isinstance(tree, Sum) else "Terms are"
            told = f"{what} missing: {self.writing.show(self.writing.total(signed))}"
            yield from self.edit(root, new, kind, told, self.short(root), 1.4)  # type: ignore[arg-type]  # both are kinds

    def _instead(self, root: Tree, terms: Sequence[tuple[int, Tree]], k: int, rest: Sequence[Array]) -> Iterator[Edit]:
        for sign, _, own, tree in self.matching(rest)[:3]:
            new = self.writing.total([*terms[:k], *self._signed(sign * own, tree), *terms[k + 1 :]])
            place = self.writing.total(self._signed(terms[k][0] * sign * own, tree))
            told = f"The term {self.short(terms[k][1])} should be {self.writing.show(place)}"
            yield from self.edit(root, new, "term", told, self.short(terms[k][1]), 1.9)

    @staticmethod
    def _signed(sign: int, tree: Tree) -> list[tuple[int, Tree]]:
        if isinstance(tree, Sum):
            return [(sign * s, t) for s, t in tree.terms]
        return [(sign, tree)]


def pieces_of(term: Term) -> list[Term]:
    """The terms of a sum, also of one with its axes in another order and a number in front."""
    if isinstance(term, SumTerm):
        return [scaled(c, t) for c, t in term.terms]
    if isinstance(term, ProductTerm) and len(term.factors) == 1:
        (inner, labels, exponent) = term.factors[0]
        if exponent == 1 and isinstance(inner, SumTerm) and sorted(labels) == list(range(term.order)):
            where = tuple(labels.index(k) for k in range(term.order))
            axes = tuple(range(term.order))
            return [product(term.coefficient * c, [(t, axes, 1)], where) for c, t in inner.terms]
    return [term]


def _same(made: Sequence[float], ratio: Sequence[float]) -> bool:
    return all(abs(m - r) < CLOSE * max(1.0, abs(r)) for m, r in zip(made, ratio, strict=True))


def _inside(term: Term) -> list[Term]:
    from ...tensor.substitute import subterms

    return list(subterms(term))


__all__ = ["Solving"]
