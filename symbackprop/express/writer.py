"""Terms to trees: sums, maps and special operations; products are in `matrix`, index notation in `entries`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from ..errors import MissingRule
from ..notation.tree import (
    Abs,
    Block,
    Call,
    Cases,
    Const,
    Delta,
    Dot,
    Indicator,
    Inv,
    Kind,
    Pow,
    Prod,
    Relation,
    Special,
    Sqrt,
    Sum,
    Sym,
    Trans,
    Tree,
)
from ..tensor import terms as t
from ..tensor.normal import as_number, essential_axes, magnitude, scaled, without_constant
from ..tensor.size import Floor, Size
from .averages import expectation_tree, is_expectation
from .order import DIRECTION, Ranks, block_names, gradient_of
from .pieces import is_row, juxtaposed, num, together, transposed

KINDS: tuple[Kind, ...] = ("scalar", "vector", "matrix")


class NoMatrixForm(Exception):
    """The term has no formula in matrix notation here; index notation says it."""


@dataclass(frozen=True, slots=True)
class Expressed:
    """A formula; `letters` are the free indices if it is in index notation (it then states one entry), else empty."""

    tree: Tree
    letters: tuple[str, ...] = ()


def kind_of(order: int) -> Kind:
    """What a symbol with that many axes is on paper."""
    return KINDS[order] if order < len(KINDS) else "array"


@dataclass
class Writer:
    """Writes the terms of one network.

    `rows`: names of vectors that are rows on paper; `taken`: letters in use; `orders`: how many axes each name has;
    `inside`: symbols that stand for a sum, which is written in their place; `within`: the body of an expectation as it
    is written, with names for random nodes.
    """

    ranks: Ranks
    rows: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    index_base: int = 1
    orders: Mapping[str, int] = field(default_factory=dict)
    inside: dict[t.Term, t.Term] = field(default_factory=dict)
    within: Callable[[t.Term], t.Term] = lambda body: body
    _known: dict[t.Term, Tree | None] = field(default_factory=dict)

    def expressed(self, term: t.Term, row: bool = False) -> Expressed:
        """The formula of a term; a vector is written as a row if `row`."""
        tree = self.matrix(term)
        if tree is not None:
            return Expressed(self.as_row(term, tree) if row and term.order == 1 else tree)
        from .entries import EntryWriter

        return EntryWriter(self).expressed(term)

    def matrix(self, term: t.Term) -> Tree | None:
        """The formula in matrix notation, vectors as columns, or None if there is none."""
        if term not in self._known:
            try:
                self._known[term] = self.plain(term)
            except NoMatrixForm:
                self._known[term] = None
        return self._known[term]

    def part(self, term: t.Term) -> Tree:
        """Like `matrix`, inside a larger formula; raises NoMatrixForm."""
        tree = self.matrix(term)
        if tree is None:
            raise NoMatrixForm
        return tree

    def as_row(self, term: t.Term, tree: Tree) -> Tree:
        """A column formula as the row that it is on paper."""
        from .matrix import ProductWriter

        if is_row(tree):
            return transposed(tree)
        if isinstance(tree, Sum) and isinstance(term, t.Sum):
            return self.sum_of([(c, x) for c, x in term.terms], row=True)
        if isinstance(term, t.Product):
            return ProductWriter(self, term).tree(row=True)
        return transposed(tree)

    # -- kinds of terms --------------------------------------------------------------------------------------------
    def plain(self, term: t.Term) -> Tree:
        """One term, by its kind."""
        term = self.inside.get(term, term)
        if isinstance(term, t.Symbol):
            return self.symbol(term)
        if isinstance(term, t.Constant):
            return Const(term.value) if isinstance(term.value, str) else num(term.value)
        if isinstance(term, t.Dim):
            return atom_tree(term.atom)
        if isinstance(term, t.Sum):
            return self.sum_of(list(term.terms)) if term.terms else self.zero(term)
        if isinstance(term, t.Map):
            return self.map(term, self.part)
        if isinstance(term, t.Special):
            return self.special(term)
        if isinstance(term, t.Product):
            from .matrix import ProductWriter

            return ProductWriter(self, term).tree()
        if isinstance(term, t.Bracket):
            from .matrix import bracket_tree

            return bracket_tree(term)
        raise MissingRule(f"No printed form is known for {type(term).__name__}.")

    def zero(self, term: t.Term) -> Tree:
        """Zero, or the array of zeros."""
        return Special("zero") if term.sizes else num(0)

    def symbol(self, term: t.Symbol) -> Tree:
        """A name, or a gradient; a vector declared as a row reads as the transpose of one."""
        names = block_names(term.name)
        if names is not None:
            return Block(*names)
        moving = term.name.startswith(DIRECTION)
        name = term.name.removeprefix(DIRECTION)
        base = gradient_of(name)
        letter = Sym(name, kind_of(term.order)) if base is None else Delta(base, kind_of(term.order))
        tree: Tree = Dot(letter) if moving else letter
        return Trans(tree) if term.order == 1 and (base or name) in self.rows else tree

    def sum_of(self, terms: list[tuple[t.Number, t.Term]], row: bool = False) -> Tree:
        """A sum in printed order; the first term is positive if any is."""
        ordered = sorted(terms, key=lambda ct: self.ranks.in_sum(ct[1]))
        condition = self.complement(ordered)
        if condition is not None:
            return condition
        trees = [_signed(1 if c > 0 else -1, self.summand(magnitude(c), x, row)) for c, x in ordered]
        if trees[0][0] < 0:
            trees.sort(key=lambda pair: pair[0] < 0)
        signs = [sign for sign, _ in trees]
        return together([tree for _, tree in trees], lambda parts: Sum(tuple(zip(signs, parts, strict=True))))

    def decisive_sign(self, term: t.Sum) -> int:
        """The sign of the summand that decides which sign a sum has as a factor.

        A constant is positive; without one, the single symbol of lowest rank that is no target; without one, the lowest
        summand. A sum without any positive term is printed without any negative one.
        """
        signs = [((1 if c > 0 else -1) * self.inner_sign(x), x) for c, x in term.terms]
        if len({sign for sign, _ in signs}) == 1:
            return signs[0][0]
        constants = [sign for sign, x in signs if as_number(x) is not None]
        if constants:
            return constants[0]
        bare = [(sign, x) for sign, x in signs if isinstance(x, t.Symbol) and x.name not in self.ranks.targets]
        return min(bare or signs, key=lambda pair: (self.ranks.lowest(pair[1]), self.ranks.in_sum(pair[1])))[0]

    def inner_sign(self, term: t.Term) -> int:
        """The sign that a product shows in front once each of its sums has the sign that it is printed with."""
        if is_expectation(term):
            body = self.within(term.children[0])
            return self.decisive_sign(body) if isinstance(body, t.Sum) else self.inner_sign(body)
        if not isinstance(term, t.Product):
            return 1
        sign = 1 if term.coefficient > 0 else -1
        for child, _, exponent in term.factors:
            if isinstance(child, t.Sum) and isinstance(exponent, int) and exponent % 2:
                sign *= self.decisive_sign(child)
            elif is_expectation(child) and isinstance(exponent, int) and exponent % 2:
                sign *= self.inner_sign(child)
        return sign

    def summand(self, coefficient: t.Number, term: t.Term, row: bool = False) -> Tree:
        """coefficient · term inside a sum, where a number stands for the array of it."""
        from .matrix import ProductWriter

        value = as_number(term)
        if value is not None:
            return num(value * coefficient)
        if isinstance(term, t.Product) and not essential_axes(term):
            entry = scaled(coefficient, without_constant(term, ()))
            if isinstance(entry, t.Product) and self.means(term):
                return ProductWriter(self, entry, averages=True).tree()
            if _bare(term):
                return self.part(entry)
        whole = scaled(coefficient, term)
        tree = self.part(whole)
        return self.as_row(whole, tree) if row and term.order == 1 else tree

    def means(self, term: t.Product) -> bool:
        """True if the term is a mean repeated along its axis, which people write without the vector of ones."""
        from .matrix import ProductWriter

        return ProductWriter(self, term).is_mean()

    def complement(self, terms: list[tuple[t.Number, t.Term]]) -> Tree | None:
        """1 − 1[u > 0] as 1[u ≤ 0]."""
        if len(terms) != 2 or as_number(terms[0][1]) != 1 or terms[0][0] != 1 or terms[1][0] != -1:
            return None
        term = terms[1][1]
        if isinstance(term, t.Map) and term.head == "step":
            return Indicator(self.relation("<=", term.children[0], self.part))
        if isinstance(term, t.Map) and term.head == "iszero":
            return Indicator(self.relation("!=", term.children[0], self.part))
        return None

    def map(self, term: t.Map, part: Callable[[t.Term], Tree]) -> Tree:
        """A scalar function of its arguments, each written by `part`."""
        head, args = term.head, term.children
        if head in ("step", "iszero"):
            return Indicator(self.relation(">" if head == "step" else "=", args[0], part))
        if head == "abs":
            return together([part(args[0])], lambda x: Abs(x[0]))
        if head == "power":
            return Pow(part(args[0]), part(self.narrow(args[1])), elementwise=term.order > 0)
        if head == "where":
            condition = args[0]
            if isinstance(condition, t.Map) and condition.head == "step":
                test: Tree = self.relation(">", condition.children[0], part)
            else:
                test = Relation("=", part(condition), num(1))
            return Cases(((part(self.narrow(args[1])), test), (part(self.narrow(args[2])), None)))
        return together([part(self.narrow(a)) for a in args], lambda trees: Call(head, tuple(trees)))

    def narrow(self, term: t.Term) -> t.Term:
        """A scalar repeated to an array, as the scalar."""
        return without_constant(term, ()) if term.order and not essential_axes(term) else term

    def relation(self, op: str, term: t.Term, part: Callable[[t.Term], Tree]) -> Tree:
        """`term op 0`, with negative terms moved to the other side."""
        flipped = {">": "<", "<=": ">=", "<": ">", ">=": "<=", "=": "=", "!=": "!="}
        coefficient: t.Number = 1
        if isinstance(term, t.Product) and term.coefficient < 0:
            coefficient, term = -1, scaled(-1, term)
        if isinstance(term, t.Product) and term.coefficient > 0 and len(term.factors) == 1:
            term = scaled(Fraction(1) / term.coefficient, term)
        pairs = list(term.terms) if isinstance(term, t.Sum) else [(1, term)]
        pairs = [(c * coefficient, x) for c, x in sorted(pairs, key=lambda ct: self.ranks.in_sum(ct[1]))]
        left = [(c, x) for c, x in pairs if c > 0 and as_number(x) is None]
        right = [(-c, x) for c, x in pairs if c < 0 or as_number(x) is not None]
        if not left:
            left, right, op = right, left, flipped[op]
        sides: list[Tree] = []
        for side in (left, right):
            trees = [(1 if c > 0 else -1, self.weighted(magnitude(c), x, part)) for c, x in side]
            lone = len(trees) == 1 and trees[0][0] == 1
            sides.append(trees[0][1] if lone else Sum(tuple(trees)) if trees else num(0))
        return Relation(op, sides[0], sides[1])

    def weighted(self, coefficient: t.Number, term: t.Term, part: Callable[[t.Term], Tree]) -> Tree:
        """coefficient · term, written by `part`."""
        value = as_number(term)
        if value is not None:
            return num(value * coefficient)
        tree = part(term)
        return tree if coefficient == 1 else juxtaposed([num(coefficient), tree])

    def special(self, term: t.Special) -> Tree:
        """An operation of the table, on its argument."""
        if term.operation == "expectation":
            return expectation_tree(self, term)
        x = self.part(term.children[0])
        if term.operation == "inverse":
            return Inv(x)
        name = "stop_gradient" if term.operation == "stop" else term.operation
        if term.order == 0:
            return Call(name, (transposed(x) if is_row(x) else x,))
        return together([x], lambda one: Call(name, (one[0],)))


def _bare(term: t.Product) -> bool:
    """True for one scalar symbol, repeated: ε in v + ε."""
    return len(term.factors) == 1 and isinstance(term.factors[0][0], t.Symbol) and not term.factors[0][1]


def _signed(sign: int, tree: Tree) -> tuple[int, Tree]:
    """A summand with its sign; a formula that is a negative gives up its own."""
    if isinstance(tree, Sum) and len(tree.terms) == 1:
        return sign * tree.terms[0][0], tree.terms[0][1]
    return sign, tree


def power_tree(base: Tree, exponent: t.Number, elementwise: bool) -> Tree:
    """base^exponent; a square root where it is one."""
    if exponent == 1:
        return base
    if exponent == Fraction(1, 2):
        return Sqrt(base)
    return Pow(base, num(exponent), elementwise)


def atom_tree(atom: str | Floor) -> Tree:
    """A size name, or a floor division of sizes."""
    if isinstance(atom, str):
        return Sym(atom, "scalar")
    return Call("floor", (juxtaposed([Prod((size_tree(atom.numerator), num(Fraction(1, atom.divisor))))]),))


def size_tree(size: Size) -> Tree:
    """A size as a formula."""
    parts: list[tuple[int, Tree]] = []
    for monomial, coefficient in size.monomials:
        factors: list[Tree] = [power_tree(atom_tree(a), p, False) for a, p in monomial]
        if abs(coefficient) != 1 or not factors:
            factors.insert(0, num(abs(coefficient)))
        parts.append((1 if coefficient > 0 else -1, juxtaposed(factors)))
    parts.sort(key=lambda part: part[0] < 0)
    if len(parts) == 1 and parts[0][0] == 1:
        return parts[0][1]
    return Sum(tuple(parts)) if parts else num(0)


__all__ = ["Expressed", "NoMatrixForm", "Writer", "atom_tree", "kind_of", "power_tree", "size_tree"]
