"""Trees to values: every reading of a formula whose shapes fit.

Raises Misfit where a formula can be read and no reading fits, UnknownLetter for a letter that nothing declares, and
FormulaError for what has no meaning here; each with its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from time import process_time
from typing import NoReturn

from ...network import Model
from ...paper.lexemes import FormulaError
from ...paper.tree import (
    Atom,
    Bars,
    Big,
    Compare,
    Derivative,
    Dots,
    Fraction_,
    Grid,
    Group,
    Listing,
    Named,
    Num,
    Product,
    Root,
    Script,
    Sum,
    Tree,
    Words,
)
from ...tensor.normal import apply, as_number, number, powered, scaled
from ...tensor.size import Size
from ...tensor.terms import Term
from .indices import UNKNOWN, Place, place_of
from .lexicon import Lexicon, split_scripts
from .names import Names
from .scope import Definition, Misfit, Scope, TooLong
from .values import Value, elementwise, inverse, pairs, plus, power, transposed, unique

TRANSPOSES = frozenset({"T", "\\top", "\\intercal", "t", "\\prime", "\\dagger", "'"})
DEEPEST = 12  # definitions inside definitions
MOST_NESTED = 60  # formulas inside formulas


@dataclass
class Elaborator:
    """The meaning of formulas on one network, for one answer.

    `definitions` are the answer's own letters; `functions` what its function letters turned out to be, with a note.
    """

    lexicon: Lexicon
    names: Names
    definitions: dict[str, Definition] = field(default_factory=dict)
    bound_functions: dict[str, str] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    sums: set[Size] = field(default_factory=set)  # the lengths of axes that the answer writes a Σ over
    deadline: float = float("inf")
    _depth: int = 0

    @property
    def model(self) -> Model:
        """The network."""
        return self.names.model

    @property
    def base(self) -> int:
        """Where paper starts counting."""
        return self.model.style.index_base

    @property
    def index_sizes(self) -> tuple[str, ...]:
        """Sizes that stand for the last entry in a subscript; a single letter there is a running index."""
        return tuple(n for n in self.model.size_names() if len(n) > 1)

    # ------------------------------------------------------------------ trees

    def values(self, tree: Tree, scope: Scope) -> list[Value]:
        """Every reading, at least one. Raises TooLong past the deadline."""
        if self._depth > MOST_NESTED:
            self.refuse(tree, "it is nested too deeply", "Name its parts.")
        if process_time() > self.deadline:
            raise TooLong("Cannot read the formula: it takes too long.", tree.start, tree.end)
        self._depth += 1
        try:
            return self._values(tree, scope)
        finally:
            self._depth -= 1

    def _values(self, tree: Tree, scope: Scope) -> list[Value]:
        from . import bigs, derivatives, grids, letters, products

        if isinstance(tree, Num):
            return [Value(number(tree.value))]
        if isinstance(tree, Atom):
            return letters.atom(self, tree, scope)
        if isinstance(tree, Named):
            return letters.stretch(self, tree, scope)
        if isinstance(tree, Product):
            return products.product(self, tree, scope)
        if isinstance(tree, Sum):
            return self.sum(tree, scope)
        if isinstance(tree, Group):
            return self.group(tree, scope)
        if isinstance(tree, Fraction_):
            return self.fraction(tree, scope)
        if isinstance(tree, Root):
            return [replace(v, term=powered(v.term, Fraction(1, 2)), link=None) for v in self.values(tree.body, scope)]
        if isinstance(tree, Derivative):
            return derivatives.derivative(self, tree, scope)
        if isinstance(tree, Bars):
            return self.bars(tree, scope)
        if isinstance(tree, Grid):
            return grids.grid(self, tree, scope)
        if isinstance(tree, Compare):
            return [self.indicator(tree, scope)]
        if isinstance(tree, Big):
            self.refuse(tree, "there is nothing behind it")
        if isinstance(tree, Listing):
            return bigs.listing(self, tree, scope)
        if isinstance(tree, Dots):
            self.refuse(tree, "dots can be read in (x_1, …, x_n) and on the diagonal of a matrix only")
        assert isinstance(tree, Words)
        return self.refuse(tree, "words cannot be computed with")

    def refuse(self, tree: Tree, what: str, remedy: str = "") -> NoReturn:
        """Raise FormulaError at a tree."""
        raise FormulaError(f"Cannot read the formula: {what}.", tree.start, tree.end, remedy=remedy)

    def misfit(self, tree: Tree, what: str) -> NoReturn:
        """Raise Misfit at a tree."""
        raise Misfit(what, tree.start, tree.end)

    # ------------------------------------------------------------------ sums, fractions

    def sum(self, tree: Sum, scope: Scope) -> list[Value]:
        """Terms of one shape, with their signs."""
        from .bigs import without_dots

        total: list[Value] | None = None
        for sign, part in without_dots(tree):
            values = self.values(part, scope) if not isinstance(part, Listing) else self.dotted(part, scope)
            if total is None:
                total = values if sign == 1 else [replace(v, term=scaled(-1, v.term), link=None) for v in values]
                continue
            found = pairs(total, values, lambda a, b, s=sign: plus(a, b, s))  # type: ignore[misc]  # the loop's sign
            if not found:
                left, right = total[0], values[0]
                told = f"{'row' if left.kind == 'row' else 'column' if left.kind == 'column' else ''}"
                other = f"{'row' if right.kind == 'row' else 'column' if right.kind == 'column' else ''}"
                self.misfit(
                    part,
                    f"A {told} {left.shape_text()} and a {other} {right.shape_text()} cannot be added.".replace(
                        "  ", " "
                    ),
                )
            total = found
        assert total is not None
        return total

    def dotted(self, tree: Listing, scope: Scope) -> list[Value]:
        """x_1 + … + x_n: its first and its last term."""
        from .bigs import FRESH, template
        from .values import summed

        values, _ = template(self, tree.items[0], tree.items[1], scope)
        return [summed(v, FRESH) for v in values]

    def fraction(self, tree: Fraction_, scope: Scope) -> list[Value]:
        """A quotient, entry by entry."""
        tops, bottoms = self.values(tree.top, scope), self.values(tree.bottom, scope)
        return self.quotient(tree, tops, bottoms)

    def quotient(self, tree: Tree, tops: Sequence[Value], bottoms: Sequence[Value]) -> list[Value]:
        """top / bottom for every pair that fits."""
        if any(as_number(b.term) == 0 for b in bottoms):
            self.refuse(tree, "this divides by zero")
        try:
            found = pairs(tops, bottoms, lambda a, b: elementwise(a, b, -1))
        except ZeroDivisionError:
            self.refuse(tree, "this divides by zero")
        if not found:
            shapes = f"{tops[0].shape_text()} by {bottoms[0].shape_text()}"
            self.misfit(tree, f"An array cannot be divided by one of another shape: {shapes}.")
        return [replace(v, link=None) for v in found]

    # ------------------------------------------------------------------ groups and their scripts

    def group(self, tree: Group, scope: Scope) -> list[Value]:
        """What is in brackets, with what is written behind them."""
        from . import bigs

        body = tree.body
        if isinstance(body, Listing) and tree.left == "\\langle" and len(body.items) == 2:
            values = self.inner(tree, body, scope)
        elif isinstance(body, Listing):
            values = bigs.listing(self, body, scope)
        elif isinstance(body, Compare) and tree.left in ("[", "(", "\\{"):
            values = [self.indicator(body, scope)]
        else:
            values = self.values(body, scope)
            if tree.left == "[":
                values = unique([*bigs.array_of_entries(self, body, values, scope), *values])
        return self.with_scripts(tree, values, tree.primes, tree.scripts, scope)

    def inner(self, tree: Tree, pair: Listing, scope: Scope) -> list[Value]:
        """⟨A, B⟩ over all entries."""
        from .values import inner as inner_product

        first, second = (self.values(t, scope) for t in pair.items)
        return pairs(first, second, inner_product) or self.misfit(tree, "An inner product is of equal shapes.")

    def with_scripts(
        self, tree: Tree, values: list[Value], primes: int, scripts: Sequence[Script], scope: Scope
    ) -> list[Value]:
        """Transposes, powers, inverses and indices behind a group."""
        sub, sup = split_scripts(scripts)
        if sub:
            values = self.entries(tree, values, sub, scope)
        for _ in range(primes):
            values = [t for v in values for t in transposed(v)]
        return self.raised(tree, values, sup, scope)

    def entries(self, tree: Tree, values: list[Value], sub: Sequence[tuple[str, ...]], scope: Scope) -> list[Value]:
        """Entries at indices."""
        from .indices import indexed

        found: list[Value] = []
        problem = ""
        for value in values:
            wanted = len(value.sizes)
            pieces = list(sub)
            if len(pieces) == 1 and len(pieces[0]) == wanted > 1 and all(w.isalpha() or w.isdigit() for w in pieces[0]):
                pieces = [(w,) for w in pieces[0]]
            places = []
            for piece in pieces:
                place = self.place(piece, scope) or place_of(piece, scope, self.index_sizes)
                if place is None:
                    self.refuse(tree, f"`{''.join(piece)}` is no index")
                places.append(place)
            made = indexed(value, places, scope, self.base)
            if isinstance(made, str):
                problem = made
            else:
                found += made
        if not found and problem.startswith(UNKNOWN):
            self.refuse(tree, problem.removeprefix(UNKNOWN))
        if not found:
            self.misfit(tree, f"This entry does not exist: {problem}.")
        return unique(found)

    def place(self, piece: tuple[str, ...], scope: Scope) -> Place | None:
        """A declared index as a subscript, such as the y of p_y."""
        from .running import index_symbol

        name = index_symbol(self, piece)
        return Place(symbol=name) if name is not None else None

    def raised(self, tree: Tree, values: list[Value], sup: tuple[str, ...], scope: Scope) -> list[Value]:
        """What stands above, from left to right: T, −1, −T, a power, an index in brackets."""
        at = 0
        while at < len(sup):
            word = sup[at]
            rest = sup[at:]
            if word in TRANSPOSES and not (len(rest) > 1 and rest[1] in ("+", "-", "/")):
                values = [t for v in values for t in transposed(v)] or values
                at += 1
            elif word == "-" and len(rest) > 1 and rest[1] in ("T", "\\top", "\\intercal"):
                values = [t for v in values for i in inverse(v) for t in transposed(i)]
                at += 2
            elif (
                word == "-"
                and rest[1:2] == ("1",)
                and len(rest) == 2 + len(rest[2:])
                and (len(rest) == 2 or rest[2] in TRANSPOSES)
            ):
                values = [i for v in values for i in inverse(v)]
                at += 2
            elif word in ("(", "[", "\\langle") and rest[-1] in (")", "]", "\\rangle"):
                values = self.entries(tree, values, [tuple(rest[1:-1])], scope)
                at = len(sup)
            elif word in ("*", "\\star"):
                self.refuse(tree, "a star above a letter is not declared here", "Declare it with `latex=`.")
            else:
                if word in ("\\circ", "\\odot"):
                    rest = rest[1:]
                values = self.powers(tree, values, rest, scope)
                at = len(sup)
            if not values:
                self.misfit(tree, "What is written above does not fit the shape: only a square matrix has an inverse.")
        return values

    def powers(self, tree: Tree, values: list[Value], words: tuple[str, ...], scope: Scope) -> list[Value]:
        """A power by a number or by a formula."""
        from ...paper.parse import Reader

        trailing: tuple[str, ...] = ()
        while words and words[-1] in TRANSPOSES and len(words) > 1:
            trailing, words = (words[-1], *trailing), words[:-1]
        if not words:
            self.refuse(tree, "a power is missing")
        reader = Reader(" ".join(words), self.lexicon.stretches, self.lexicon.words)
        try:
            exponent_tree = reader.expression(0)
        except FormulaError:
            self.refuse(tree, f"`{''.join(words)}` is no power")
        if reader.at < len(reader.lexemes):
            self.refuse(tree, f"`{''.join(words)}` is no power")
        try:
            exponents = self.values(exponent_tree, scope)
        except FormulaError as error:  # its place is in the script
            raise FormulaError(error.message, tree.start, tree.end, remedy=error.remedy) from error
        found: list[Value] = []
        for exponent in exponents:
            known = as_number(exponent.term)
            for value in values:
                if known is not None:
                    self.check_exponent(tree, Fraction(known))
                    found += power(value, known)
                elif exponent.kind == "scalar" and not exponent.free:
                    wide = elementwise(Value(number(1)), value)[0] if value.term.sizes else value
                    spread = plus(replace(value, term=scaled(0, wide.term)), exponent, 1)[0]
                    found.append(replace(value, term=apply("power", [value.term, spread.term]), link=None))
        for _ in trailing:
            found = [t for v in found for t in transposed(v)]
        if not found:
            self.misfit(tree, "This cannot be raised to that power.")
        return unique(found)

    def check_exponent(self, tree: Tree, exponent: Fraction) -> None:
        """Refuse powers that nobody means."""
        if abs(exponent) > 64 or exponent.denominator > 64:
            self.refuse(tree, "the exponent is too large")

    # ------------------------------------------------------------------ bars, comparisons

    def bars(self, tree: Bars, scope: Scope) -> list[Value]:
        """|x|, |X| = det X, ‖x‖ over all entries; ‖x‖_2, ‖X‖_F."""
        from .values import inner as inner_product

        values = self.values(tree.body, scope)
        sub, sup = split_scripts(tree.scripts)
        if sub and sub not in ((("2",),), (("F",),), (("\\text", "F"),)):
            self.refuse(tree, f"the norm with index {''.join(sub[0])} is not known", "Write it out.")
        found: list[Value] = []
        for value in values:
            if tree.double or (sub and value.kind != "scalar"):
                square = inner_product(value, value) if value.kind != "scalar" else elementwise(value, value)
                found += [replace(v, term=powered(v.term, Fraction(1, 2))) for v in square]
            elif value.kind == "matrix":
                from .functions import whole

                made = whole("det", value)
                if isinstance(made, str):
                    self.misfit(tree, made)
                found += made
            else:
                found.append(replace(value, term=apply("abs", [value.term]), link=None))
        if not found:
            self.misfit(tree, "A norm is of a vector or a matrix.")
        return self.raised(tree, found, sup, scope)

    def indicator(self, tree: Compare, scope: Scope) -> Value:
        """1 where the comparison holds, 0 elsewhere, entry by entry."""
        from .running import comparison_of_indices

        found = comparison_of_indices(self, tree, scope)
        if found is not None:
            return found
        lefts, rights = self.values(tree.left, scope), self.values(tree.right, scope)
        differences = pairs(lefts, rights, lambda a, b: plus(a, b, -1))
        if not differences:
            self.misfit(tree, "What is compared has different shapes.")
        value = differences[0]
        return replace(value, term=compared(tree.op, value.term), link=None)


def compared(op: str, difference: Term) -> Term:
    """The indicator of `difference op 0`, entry by entry."""
    if op == ">":
        return apply("step", [difference])
    if op == "<":
        return apply("step", [-difference])
    if op == ">=":
        return 1 - apply("step", [-difference])
    if op == "<=":
        return 1 - apply("step", [difference])
    equal = apply("iszero", [difference])
    return equal if op == "=" else 1 - equal


def size_of(scope: Scope, letter: str) -> Size | None:
    """The range of a running index, if it is known yet."""
    return scope.sizes.get(letter)
