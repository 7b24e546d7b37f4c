"""Derivatives of activations: a factor that is missing, one too many, or another function's; functions left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from ...paper.tree import Atom, Big, Group, Named, Num, Product, Sum, Tree
from ...tensor.normal import as_number
from ...tensor.terms import Map, Symbol
from ..meaning.functions import ACTIVATIONS, activation_at
from .edits import Edit, Editor
from .letters import Letters
from .numbers import Numbers
from .rows import Row, Unit

SLOPES = {
    "sigmoid": ("{a} {o} (1 - {a})", "(1 - {a})", "{a}"),
    "tanh": ("(1 - {a}^2)", "(1 - \\tanh({z})^2)", "(1 - {a} {o} {a})"),
    "relu": ("\\mathbb{{1}}[{z} > 0]",),
    "softplus": ("\\sigma({z})",),
    "exp": ("{a}",),
}  # the derivative of an activation in what it is and what it is of


@dataclass(frozen=True)
class Slope:
    """The derivative of an activation as it may be written, with the node and what it is evaluated at."""

    latex: str
    node: str
    at: str
    whole: bool


class Activations(Editor):
    """Edits of factors that come from activations."""

    def __init__(self, letters: Letters, numbers: Numbers) -> None:
        super().__init__(letters.rows)
        self.letters, self.numbers = letters, numbers

    def edits(self) -> Iterator[Edit]:
        """All of them."""
        for row in self.rows.rows:
            yield from self.dropped(row)
            yield from self.other_slopes(row)
        for row in self.rows.rows:
            yield from self.missing(row)
        for row in self.rows.rows:
            yield from self.functions_left_out(row)

    # ------------------------------------------------------------------ what the network applies

    @cached_property
    def slopes(self) -> list[Slope]:
        """The derivatives of all activations, in the author's way of writing first."""
        e = self.rows.e
        found: list[Slope] = []
        for equation in e.model.equations.values():
            for name in e.names.derivation.graph.parents[equation.name]:
                if not e.names.is_value(name):
                    continue
                argument = e.names.value(name).term
                assert isinstance(argument, Symbol)
                made = activation_at(equation.term, argument)
                if made is not None and equation.name != e.model.loss:
                    found += self._written(equation.name, name, made.name)
        return found

    def _written(self, node: str, at: str, function: str) -> Iterator[Slope]:
        forms = []
        for a, z in self._spelled(node, at):
            if self.heads or self.writing.primes or function not in SLOPES:
                number = re.findall(r"\d+$", node)
                heads = sorted(self.heads, key=lambda h: not number or number[0] not in h)
                forms += [(f"{head}'({z})", True) for head in (*heads, "\\sigma", "f")]
            explicit = SLOPES.get(function, ())
            raised = f"{{{a}}}" if "^" in a else a
            for k, pattern in enumerate(explicit):
                base = raised if "^2" in pattern else a
                forms.append((pattern.format(a=base, z=z, o=self.writing.hadamard), k == 0 or function == "tanh"))
        for latex, whole in dict.fromkeys(forms):
            yield Slope(latex, node, at, whole)

    def _spelled(self, node: str, at: str) -> Iterator[tuple[str, str]]:
        """Both names as they are written here: their entries, with the letters that run, where the claim has such."""
        yield self.letters.spelled[node], self.letters.spelled[at]
        letters = [n for n in self.rows.scope.sizes if n not in self.rows.scope.running]
        order = len(self.letters.sizes(node))
        by_size = [[n for n in letters if self.rows.scope.sizes[n] is s] for s in self.letters.sizes(node)]
        if order and all(by_size):
            places = [(names[min(k, len(names) - 1)],) for k, names in enumerate(by_size)]
            a = self.letters.entry(node, self.letters.spelled[node], places, "whole")
            z = self.letters.entry(at, self.letters.spelled[at], places, "whole")
            if a and z:
                yield a, z

    @cached_property
    def text_alone(self) -> str:
        """The formula without spaces and braces around single signs, to look for `1-a` in."""
        return re.sub(r"[\s{}]", "", self.writing.text)

    @cached_property
    def heads(self) -> list[str]:
        """The letters that this formula uses as activations."""
        found: dict[str, None] = {}
        for node in self.writing.nodes:
            if id(node) in self.rows.calls and isinstance(node, (Atom, Named)):
                letter = isinstance(node, Named) or node.base in ACTIVATIONS or node.primes
                if letter:
                    found[re.sub(r"'|\^\{?\s*\\prime\s*\}?|′|’", "", self.writing.source(node))] = None
        model = self.rows.e.model
        for function in model.functions.values():
            for text in function.spelling.latex:
                found[text] = None
        return list(found)

    # ------------------------------------------------------------------ too many

    def dropped(self, row: Row) -> Iterator[Edit]:
        """One factor, or two neighbours, left out."""
        count = len(row.units)
        if count < 2:
            return
        for k in range(count):
            if not self.movable(row, k) or self.numbers.plain(row.units[k]):
                continue
            new = self.numbers.without(row, k)
            slope = self.is_slope(row.units[k])
            kind = "activation_derivative" if slope else "factor"
            told = f"The factor {self.text(row.units[k])} is one too many"
            yield from self.edit(row.node, new, kind, told, self.text(row.units[k]), 1.2 if slope else 1.35)  # type: ignore[arg-type]  # both are kinds
        for k in range(1, count):
            if count == 2 or not (self.movable(row, k - 1) and self.movable(row, k)):
                continue
            if not (self.is_slope(row.units[k]) or self.is_slope(row.units[k - 1])):
                continue
            units = (*row.units[: k - 1], *row.units[k + 1 :])
            signs = (*row.signs[: max(k - 2, 0)], *row.signs[k if k > 1 else k + 1 :]) if k > 1 else row.signs[2:]
            place = f"{self.text(row.units[k - 1])} {row.signs[k - 1]} {self.text(row.units[k])}".replace("  ", " ")
            told = f"The factor {place} is one too many"
            if len(signs) == len(units) - 1:
                yield from self.edit(row.node, self.rows.made(units, signs), "activation_derivative", told, place, 1.2)

    def is_slope(self, unit: Unit) -> bool:
        """True for f′(z), 1 − a, 1 − a²."""
        head = unit[0]
        if isinstance(head, (Atom, Named)) and head.primes and len(unit) == 2:
            return True
        return isinstance(head, Group) and isinstance(head.body, Sum) and self._complement(head.body) is not None

    @staticmethod
    def _complement(body: Sum) -> Tree | None:
        """What is taken from 1."""
        if len(body.terms) != 2:
            return None
        (first, one), (second, rest) = body.terms
        if first == 1 and second == -1 and isinstance(one, Num) and one.value == 1:
            return rest
        return None

    # ------------------------------------------------------------------ another function's

    def other_slopes(self, row: Row) -> Iterator[Edit]:
        """1 − a² where a(1 − a) belongs, and the other way round."""
        sign = self.writing.hadamard
        for k, unit in enumerate(row.units):
            head = unit[0]
            if not self.is_slope(unit) or not isinstance(head, Group) or not isinstance(head.body, Sum):
                continue
            rest = self._complement(head.body)
            if rest is None:
                continue
            place = self.text(unit)
            told = f"{place} is the derivative of another activation than the one here"
            for text in self._others(rest, row, k):
                new = self.writing.snippet(text.replace("@", sign))
                if new is not None:
                    units = [*row.units]
                    units[k] = (self.writing.grouped(new),) if isinstance(new, Product) else (new,)
                    if (
                        isinstance(new, Product)
                        and row.signs
                        and set(row.signs) <= {sign, "\\cdot", "*"}
                        and sign in row.signs
                    ):
                        flat = self.rows.made(
                            (*row.units[:k], *((f,) for f in new.factors), *row.units[k + 1 :]),
                            (*row.signs[:k], *new.signs, *row.signs[k:]),
                        )
                        yield from self.edit(row.node, flat, "activation_derivative", told, place, 1.1)
                    yield from self.edit(
                        row.node, self.rows.made(units, row.signs), "activation_derivative", told, place, 1.1
                    )

    def _others(self, rest: Tree, row: Row, k: int) -> Iterator[str]:
        del row, k
        shown = self.writing.show(rest)
        if isinstance(rest, (Atom, Named, Group)):
            bare, words, _ = self.writing.raised(rest)
            if words == ("2",):
                stripped = bare[1:-1] if re.fullmatch(r"\{[^{}]*(\{[^{}]*\}[^{}]*)*\}", bare) else bare
                yield f"{stripped} @ (1 - {stripped})"
                yield f"(1 - {stripped})"
                return
            yield f"(1 - {{{shown}}}^2)" if "^" in shown else f"(1 - {shown}^2)"

    # ------------------------------------------------------------------ missing

    def missing(self, row: Row) -> Iterator[Edit]:
        """f′(z) as a further factor: of the whole, and of each factor of its shape."""
        for slope in self.slopes:
            new = self.writing.snippet(slope.latex)
            if new is None:
                continue
            values = self.rows.values(new)
            if not values:
                continue
            kinds: set[object] = {(v.kind, v.sizes) for v in values}
            told = f"The derivative of the activation at {self.letters.spelled[slope.at]} is missing"
            cost = (1.1 if slope.whole else 1.2) + (0.0 if row.term else 0.1) + (0.0 if row.function is None else 0.4)
            found = self.attached(row, new, kinds, told, cost)
            rest = re.sub(r"[\s{}]", "", f"1-{slope.latex}") in self.text_alone
            if isinstance(new, (Atom, Named)) and not rest:  # the activation for its own sake
                told = f"The factor {slope.latex} is missing"
                found = (replace(edit, kind="factor", told=told) for edit in found)
            yield from found

    def attached(self, row: Row, new: Tree, kinds: set[object], told: str, cost: float) -> Iterator[Edit]:
        """A factor set beside the row, and beside each of its units."""
        sign = self.writing.hadamard
        factors, signs = self._factors(new)
        if row.big < 0:
            whole = self.rows.values(row.node)
            fits = any((v.kind, v.sizes) in kinds for v in whole) or not whole
            scalar = all(k[0] == "scalar" for k in kinds)  # type: ignore[index]  # pairs
            if fits or scalar:
                between = sign if not scalar or row.signs[:1] == (sign,) else (row.signs[-1] if row.signs else "")
                mixed = len(row.units) > 1 and between not in row.signs and set(row.signs) != {""}
                units = row.units if not mixed else ((self.writing.grouped(row.node),),)
                own = row.signs if not mixed else ()
                made = self.rows.made((*units, *((f,) for f in factors)), (*own, between, *signs))
                yield from self.edit(row.node, made, "activation_derivative", told, self.short(row.node), cost)
        if len(row.units) < 2:
            return
        for k, unit in enumerate(row.units):
            if not self.movable(row, k) or self.numbers.plain(unit):
                continue
            if not any((v.kind, v.sizes) in kinds for v in self.rows.values(self.rows.tree(unit))):
                continue
            between = sign if any(k[0] != "scalar" for k in kinds) else ""  # type: ignore[index]  # pairs
            made = self.rows.made((unit, *((f,) for f in factors)), (between, *signs))
            whole_row = self.rows.with_unit(row, k, made)
            yield from self.edit(row.node, whole_row, "activation_derivative", told, self.text(unit), cost + 0.05)

    def _factors(self, new: Tree) -> tuple[tuple[Tree, ...], tuple[str, ...]]:
        if isinstance(new, Product):
            return new.factors, new.signs
        return (new,), ()

    # ------------------------------------------------------------------ functions left out

    def functions_left_out(self, row: Row) -> Iterator[Edit]:
        """c where tanh(c) belongs, and the other way round."""
        heads = self._heads
        for k, unit in enumerate(row.units):
            head = unit[0]
            if isinstance(head, Big) or not self.movable(row, k):
                continue
            if len(unit) == 2 and isinstance(unit[1], Group) and not unit[1].scripts and id(head) in self.rows.calls:
                if isinstance(unit[1].body, (Atom, Named)) and not getattr(head, "primes", 0):
                    told = f"{self.text(unit)} has a function too many"
                    new = self.rows.with_unit(row, k, unit[1].body)
                    yield from self.edit(row.node, new, "activation_derivative", told, self.text(unit), 1.5)
                continue
            if len(unit) > 1 or not isinstance(head, (Atom, Named)) or not self.rows.values(head):
                continue
            if as_number(self.rows.values(head)[0].term) is not None:
                continue
            for name in heads:
                made = self.writing.snippet(f"{name}({self.writing.show(head)})")
                if isinstance(made, Product):
                    units = [*row.units]
                    units[k] = made.factors
                    told = f"A function of {self.text(unit)} belongs here, not {self.text(unit)} itself"
                    new = self.rows.made(units, row.signs)
                    yield from self.edit(row.node, new, "activation_derivative", told, self.text(unit), 1.45)

    @cached_property
    def _heads(self) -> list[str]:
        found: dict[str, None] = {}
        names = {"tanh": "\\tanh", "exp": "\\exp", "log": "\\log", "sigmoid": "\\sigma", "sin": "\\sin", "cos": "\\cos"}
        from ...tensor.substitute import subterms

        for equation in self.rows.e.model.equations.values():
            for inner in subterms(equation.term):
                if isinstance(inner, Map) and inner.head in names:
                    found[names[inner.head]] = None
        return list(found)


__all__ = ["Activations", "Slope"]
