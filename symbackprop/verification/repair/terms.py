"""Terms and sums: a term too many, brackets in the wrong place, a sum that is missing or goes over too little."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...paper.tree import Atom, Big, Derivative, Group, Named, Num, Product, Sum, Tree
from ..meaning.lexicon import words_of
from .edits import Edit, Editor
from .letters import Letters
from .numbers import Numbers
from .rows import Row, Unit

FRESH = "lmpqrstuvkij"


class Terms(Editor):
    """Edits of sums, of either sort."""

    def __init__(self, letters: Letters, numbers: Numbers, wanted: Sequence[str]) -> None:
        super().__init__(letters.rows)
        self.letters, self.numbers, self.wanted = letters, numbers, tuple(wanted)

    def edits(self) -> Iterator[Edit]:
        """All of them."""
        for node in self.writing.nodes:
            if isinstance(node, Sum):
                yield from self.dropped(node)
                yield from self.brackets_missing(node)
        for row in self.rows.rows:
            yield from self.brackets_too_many(row)
            yield from self.summed(row)
            yield from self.sums_dropped(row)
            yield from self.inner_sums(row)
            yield from self.over_index(row)
            yield from self.over_axes(row)
        for node in self.writing.nodes:
            if isinstance(node, (Sum, Group)):
                yield from self.added(node)
        for row in self.rows.rows:
            yield from self.further_factors(row)

    # ------------------------------------------------------------------ terms

    def dropped(self, node: Sum) -> Iterator[Edit]:
        """A term left out."""
        if len(node.terms) < 2:
            return
        for k, (_, term) in enumerate(node.terms):
            rest = [t for j, t in enumerate(node.terms) if j != k]
            told = f"The term {self.short(term)} is one too many"
            yield from self.edit(node, self.writing.total(rest), "term", told, self.short(term), 1.2)

    def added(self, node: Tree) -> Iterator[Edit]:
        """A declared name as a further term: a bias that was forgotten."""
        body = node.body if isinstance(node, Group) else node
        if isinstance(node, Sum) and isinstance(self.writing.parents.get(id(node)), Group):
            return
        values = self.rows.values(body)
        shapes = {v.sizes for v in values}
        if not shapes or (isinstance(body, (Sum,)) and not isinstance(node, (Sum, Group))):
            return
        for name, spelled in self.letters.spelled.items():
            sizes = self.letters.sizes(name)
            if (
                not sizes
                or not any(s[len(s) - len(sizes) :] == sizes for s in shapes)
                or name in self.rows.e.model.derivatives
            ):
                continue
            new = self.writing.snippet(spelled)
            if new is None:
                continue
            told = f"A term is missing in {self.short(body)}"
            for sign in (1, -1):
                total = self.writing.total([*(body.terms if isinstance(body, Sum) else ((1, body),)), (sign, new)])
                yield from self.edit(body, total, "term", told, self.short(body), 1.5 if sign == 1 else 1.6)

    # ------------------------------------------------------------------ brackets

    def brackets_missing(self, node: Sum) -> Iterator[Edit]:
        """a + b c for (a + b) c: the last factors of the last term, the first ones of the first, belong to all."""
        if len(node.terms) < 2:
            return
        told = f"Brackets are missing: a factor of one term belongs to all of {self.short(node)}"
        rows = {id(r.node): r for r in self.rows.rows}
        last = rows.get(id(node.terms[-1][1]))
        if last is not None and last.big < 0:
            for k in range(1, len(last.units)):
                head = self.rows.made(last.units[:k], last.signs[: k - 1])
                body = self.writing.grouped(self.writing.total([*node.terms[:-1], (node.terms[-1][0], head)]))
                new = self.rows.made(((body,), *last.units[k:]), last.signs[k - 1 :])
                yield from self.edit(node, new, "parentheses", told, cost=1.0)
        first = rows.get(id(node.terms[0][1]))
        if first is not None:
            for k in range(1, len(first.units)):
                if first.signs[k - 1] == "/":
                    continue
                rest = self.rows.made(first.units[k:], first.signs[k:])
                body = self.writing.grouped(
                    self.writing.total([(1, rest), *((s * node.terms[0][0], t) for s, t in node.terms[1:])])
                )
                new = self.rows.made((*first.units[:k], (body,)), first.signs[:k])
                signed = new if node.terms[0][0] == 1 else self.writing.total([(-1, new)])
                yield from self.edit(node, signed, "parentheses", told, cost=1.0)

    def brackets_too_many(self, row: Row) -> Iterator[Edit]:
        """(a + b) c for a + b c, and c (a + b) for c a + b."""
        for k, unit in enumerate(row.units):
            group = unit[0]
            if len(unit) > 1 or not isinstance(group, Group) or group.scripts or group.primes:
                continue
            body = group.body
            if not isinstance(body, Sum) or len(body.terms) < 2:
                continue
            told = f"The brackets around {self.short(group)} are too many: a factor belongs to one term only"
            after, before = row.units[k + 1 :], row.units[:k]
            head, tail = body.terms[0], body.terms[-1]
            if after and self._plain_sums(tail[1]):
                made = self.rows.made(((tail[1],), *after), row.signs[k:])
                inner = [*body.terms[:-1], (tail[0], made)]
                if before:
                    front = self.rows.made((*before, (head[1],)), row.signs[:k])
                    inner[0] = (head[0], front)
                yield from self.edit(row.node, self.writing.total(inner), "parentheses", told, self.short(group), 1.3)
            if before and not after and self._plain_sums(head[1]):
                front = self.rows.made((*before, (head[1],)), row.signs[:k])
                total = self.writing.total([(head[0], front), *body.terms[1:]])
                yield from self.edit(row.node, total, "parentheses", told, self.short(group), 1.3)

    @staticmethod
    def _plain_sums(tree: Tree) -> bool:
        return not isinstance(tree, Sum)

    # ------------------------------------------------------------------ sums

    def summed(self, row: Row) -> Iterator[Edit]:
        """A sum over a letter that runs on this side only; over the whole row, or over its last factors."""
        free = {n for v in self.rows.values(row.node) for n in v.free} - set(self.wanted)
        for letter in sorted(free):
            big = self.writing.snippet(f"\\sum_{{{letter}}} x")
            if not isinstance(big, Product):
                continue
            sign = big.factors[0]
            self.writing.written[id(sign)] = f"\\sum_{{{letter}}}"
            told = f"The sum over {letter} is missing"
            if row.term and row.big < 0:
                made = self.writing.row((sign, *(f for u in row.units for f in u)), ("", *_inner_signs(row)))
                yield from self.edit(row.node, made, "sum", told, self.short(row.node), 1.0)
                for k in range(1, len(row.units)):
                    if row.signs[k - 1] == "/":
                        continue
                    made = self.rows.made(
                        (*row.units[:k], (sign,), *row.units[k:]), (*row.signs[:k], "", *row.signs[k:])
                    )
                    yield from self.edit(row.node, made, "sum", told, self.text(row.units[k]), 1.05)

    def sums_dropped(self, row: Row) -> Iterator[Edit]:
        """A sum too many, with the numbers in front of it; another letter to sum over."""
        for k, unit in enumerate(row.units):
            sign = unit[0]
            if not isinstance(sign, Big) or sign.operator != "sum" or k + 1 >= len(row.units):
                continue
            shown = self.short(sign)
            units = (*row.units[:k], *row.units[k + 1 :])
            signs = (*row.signs[:k], *row.signs[k + 1 :]) if k else row.signs[1:]
            yield from self.edit(
                row.node, self.rows.made(units, signs), "sum", f"{shown} is one sum too many", shown, 1.2
            )
            below = [w for s in sign.scripts if s.sign == "_" for w in words_of(s)]
            for letter in self.rows.scope.sizes:
                if below and below[0] != letter and letter.isascii():
                    made = self.writing.snippet(f"\\sum_{{{letter}}} x")
                    if isinstance(made, Product):
                        other = made.factors[0]
                        self.writing.written[id(other)] = f"\\sum_{{{letter}}}"
                        changed = [*row.units]
                        changed[k] = (other,)
                        told = f"{shown} goes over the wrong index"
                        yield from self.edit(row.node, self.rows.made(changed, row.signs), "sum", told, shown, 1.2)

    def inner_sums(self, row: Row) -> Iterator[Edit]:
        """x_ki w_ij for Σ_l x_kl w_lj: an index that two factors share, and that is used outside, was not summed."""
        fresh = self.fresh()
        if fresh is None:
            return
        for k in range(1, len(row.units)):
            pair = row.units[k - 1], row.units[k]
            if any(len(u) > 1 or not isinstance(u[0], (Atom, Named)) for u in pair):
                continue
            first, second = pair[0][0], pair[1][0]
            shared = self._indices(first) & self._indices(second)
            for letter in sorted(shared):
                one, other = self._with_index(first, letter, fresh), self._with_index(second, letter, fresh)
                big = self.writing.snippet(f"\\sum_{{{fresh}}} x")
                if one is None or other is None or not isinstance(big, Product):
                    continue
                sign = big.factors[0]
                self.writing.written[id(sign)] = f"\\sum_{{{fresh}}}"
                place = f"{self.text(pair[0])} {self.text(pair[1])}"
                told = f"The sum inside is missing: {place} takes one entry where a row meets a column"
                inner: Unit = (sign, one, other)
                if k + 1 < len(row.units) or k > 1:
                    inner = (self.writing.grouped(self.writing.row(inner, ("", row.signs[k - 1]))),)
                    units = (*row.units[: k - 1], inner, *row.units[k + 1 :])
                    made = self.rows.made(units, (*row.signs[: k - 1], *row.signs[k:]))
                else:
                    made = self.writing.row(inner, ("", row.signs[k - 1]))
                yield from self.edit(row.node, made, "sum", told, place, 1.1)

    def over_index(self, row: Row) -> Iterator[Edit]:
        """The entry at an index of the network, where the sum over all entries belongs."""
        symbols = [d.name for d in self.rows.e.model.declarations.values() if d.role == "index" and not d.sizes]
        fresh = self.fresh()
        if not symbols or fresh is None or row.big >= 0:
            return
        for k, unit in enumerate(row.units):
            (head, *more) = unit
            if more or not isinstance(head, (Atom, Named, Derivative)):
                continue
            text = self.writing.source(head)
            for name in symbols:
                changed = re.sub(rf"_(\{{{name}\}}|{name}(?![A-Za-z]))", f"_{{{fresh}}}", text)
                new = self.writing.snippet(changed) if changed != text else None
                big = self.writing.snippet(f"\\sum_{{{fresh}}} x")
                if new is None or not isinstance(big, Product):
                    continue
                sign = big.factors[0]
                self.writing.written[id(sign)] = f"\\sum_{{{fresh}}}"
                told = f"The sum is missing: {self.text(unit)} is one entry only"
                units = (*row.units[:k], (sign,), (new,), *row.units[k + 1 :])
                made = self.rows.made(units, (*row.signs[:k], "", *row.signs[k:]))
                yield from self.edit(row.node, made, "sum", told, self.text(unit), 1.1)

    def fresh(self) -> str | None:
        """A letter that nothing here uses as an index."""
        taken = {w for leaf, _ in self.rows.leaves for s in getattr(leaf, "scripts", ()) for w in words_of(s)}
        taken |= {*self.rows.scope.sizes, *self.wanted, *self.letters.spelled}
        taken |= {*self.rows.e.model.declarations}
        return next((c for c in FRESH if c not in taken), None)

    def _indices(self, leaf: Tree) -> set[str]:
        found = {w for s in getattr(leaf, "scripts", ()) for w in words_of(s)}
        return {w for w in found if len(w) == 1 and w in self.rows.scope.sizes}

    def _with_index(self, leaf: Tree, letter: str, other: str) -> Tree | None:
        text = self.writing.source(leaf)
        cut = min((s.start for s in getattr(leaf, "scripts", ())), default=leaf.end) - self.writing.span(leaf)[0]
        if cut < 0:
            return None
        cut = cut if cut else re.match(r"\\?[A-Za-z]+|.", text).end()  # type: ignore[union-attr]  # a leaf has a letter
        changed = re.sub(
            rf"(?<![A-Za-z\\]){letter}(?![A-Za-z])|(?<=[A-Za-z]){letter}|{letter}(?=[A-Za-z])", other, text[cut:]
        )
        return self.writing.snippet(text[:cut] + changed)

    def over_axes(self, row: Row) -> Iterator[Edit]:
        """Row or column sums where a matrix has an axis too many."""
        if not row.term or (
            row.node is not self.writing.root and self.writing.parents.get(id(row.node)) is not self.writing.root
        ):
            return
        values = self.rows.values(row.node)
        if not any(v.kind == "matrix" for v in values):
            return
        inside = self.writing.show(row.node)
        simple = not isinstance(row.node, (Product, Sum))
        body = inside if simple and "^" not in inside else f"({inside})"
        mark = self.writing.transpose
        ones = "\\mathbf{1}"
        for text in (f"{body}^{mark} {ones}" if len(mark) == 1 or (mark.startswith("\\") and " " not in mark) else "",
                     f"{ones}^{mark} {body}", f"{body} {ones}"):  # fmt: skip
            new = self.writing.snippet(text) if text else None
            told = "A sum over the rows or columns is missing"
            yield from self.edit(row.node, new, "sum", told, self.short(row.node), 1.1)

    # ------------------------------------------------------------------ factors

    def further_factors(self, row: Row) -> Iterator[Edit]:
        """A declared name as a further factor: the inner derivative that was forgotten."""
        if isinstance(row.node, Num) or (
            isinstance(row.units[-1][0], Derivative) and len(row.units) == 1 and not row.term
        ):
            return
        letters = [n for n in self.rows.scope.sizes if n not in self.rows.scope.running]
        values = self.rows.values(row.node)
        for name, spelled in self.letters.spelled.items():
            sizes = self.letters.sizes(name)
            texts: list[tuple[str, str]] = []
            by_size = [[n for n in letters if self.rows.scope.sizes[n] is s] for s in sizes]
            if all(by_size):
                places = [(names[min(k, len(names) - 1)],) for k, names in enumerate(by_size)]
                entry = self.letters.entry(name, spelled, places, "whole") if places else spelled
                if entry:
                    texts.append((entry, ""))
            if len(sizes) == 2 and by_size[0] and not by_size[1]:
                one = self.letters.entry(name, spelled, [(by_size[0][0],)], "row")
                if one:
                    texts.append((one, self.writing.hadamard))
            if sizes and not any(v.kind == "scalar" for v in values):
                texts.append((spelled, self.writing.hadamard))
            if len(sizes) == 1:
                mark = f"({spelled})" if "^" in spelled else spelled
                texts.append((f"{mark}^{self.writing.transpose}", ""))
            elif len(sizes) == 2:
                texts.append((spelled, ""))
            for text, sign in texts:
                new = self.writing.snippet(text)
                if new is None:
                    continue
                told = f"A factor is missing in {self.short(row.node)}"
                made = self.rows.made((*row.units, (new,)), (*row.signs, sign))
                yield from self.edit(
                    row.node, made, "factor", told, self.short(row.node), 1.5 if row.function is None else 1.8
                )


def _inner_signs(row: Row) -> tuple[str, ...]:
    """The signs between all factors of a row."""
    found: list[str] = []
    for k, unit in enumerate(row.units):
        if k:
            found.append(row.signs[k - 1])
        found += [""] * (len(unit) - 1)
    return tuple(found)


__all__ = ["Terms"]
