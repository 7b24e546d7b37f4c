"""Index notation: one entry of a term, with every sum's scope visible; used where no matrix form exists."""

from __future__ import annotations

from itertools import count

from ..notation.tree import BigSum, Call, Index, Indicator, Inv, Letter, Relation, Sum, Sym, Tree
from ..tensor import terms as t
from ..tensor.brackets import Form, form_of
from ..tensor.normal import as_number, magnitude
from ..tensor.size import ZERO, Size
from .matrix import ProductWriter
from .order import gradient_of
from .pieces import juxtaposed, num, quotient
from .writer import Expressed, Writer, power_tree, size_tree

LETTERS = "ijklpqrsuv"


class EntryWriter:
    """Writes the entry of one term; letters are given out in order and never reused."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        fresh = (name + (str(turn) if turn else "") for turn in count() for name in LETTERS)
        self.letters = (name for name in fresh if name not in writer.taken)

    def expressed(self, term: t.Term) -> Expressed:
        """The entry at free letters, one per axis."""
        free = tuple(next(self.letters) for _ in term.sizes)
        return Expressed(self.entry(term, tuple(map(Letter, free))), free)

    def entry(self, term: t.Term, at: tuple[Tree, ...]) -> Tree:
        """The entry of a term at the given positions."""
        if isinstance(term, t.Product):
            return self.product(term, at)
        if isinstance(term, t.Sum):
            pairs = sorted(term.terms, key=lambda ct: self.writer.ranks.in_sum(ct[1]))
            pairs.sort(key=lambda ct: ct[0] < 0)
            trees = [(1 if c > 0 else -1, self.weighted(magnitude(c), x, at)) for c, x in pairs]
            return Sum(tuple(trees)) if trees else num(0)
        if isinstance(term, t.Map):
            return self.writer.map(term, lambda x: self.entry(x, at if x.sizes else ()))
        if isinstance(term, t.Bracket):
            return Indicator(self.condition(form_of(term, tuple(range(len(at)))), dict(enumerate(at))))
        if isinstance(term, t.Special):
            return self.special(term, at)
        tree = self.writer.part(term)
        return Index(tree, at) if at else tree

    def weighted(self, coefficient: t.Number, term: t.Term, at: tuple[Tree, ...]) -> Tree:
        """coefficient times the entry of a term."""
        value = as_number(term)
        if value is not None:
            return num(value * coefficient)
        tree = self.entry(term, at)
        return tree if coefficient == 1 else juxtaposed([num(coefficient), tree])

    def special(self, term: t.Special, at: tuple[Tree, ...]) -> Tree:
        """f(X) at an entry; the argument in matrix notation if it has one, else by its own entry."""
        x = self.writer.matrix(term.children[0])
        if x is None:
            inner = self.expressed(term.children[0])
            x = Index(Call("array", (inner.tree,)), tuple(map(Letter, inner.letters)))
        whole: Tree = Inv(x) if term.operation == "inverse" else Call(term.operation, (x,))
        return Index(whole, at) if at else whole

    def product(self, term: t.Product, at: tuple[Tree, ...]) -> Tree:
        """Σ over the summed labels of the factors' entries; brackets become subscripts.

        A subscript that may leave its axis comes with the condition under which it does not.
        """
        lone = ProductWriter(self.writer, term).lone_sum()
        if lone is not None:
            return self.entry(t.make_sum(tuple((-c, x) for c, x in lone.terms), lone.sizes), at)
        places: dict[int, Tree] = dict(enumerate(at))
        sizes = dict(enumerate(term.label_sizes))
        forms = [form_of(x, labels) for x, labels, _ in term.factors if isinstance(x, t.Bracket)]
        summed = list(term.summed)
        solved: dict[int, Form] = {}
        limits: list[tuple[Form, Size, bool, bool]] = []
        graded = {x for f, labels, _ in term.factors if isinstance(f, t.Symbol) and gradient_of(f.name) for x in labels}
        order = sorted(summed, key=lambda x: (x not in graded, x))
        for label, everywhere in [(x, True) for x in order] + [(x, False) for x in order]:
            for form in forms if label in summed else ():
                solution = form.solved(label)
                others = [f for f in forms if f is not form]
                held = [*(f.labels for f in others), *(s.labels for s in solved.values())]
                if solution is None or any(label in labels for labels in held):
                    continue
                within = solution.within(sizes[label], sizes)
                if everywhere and not all(within):
                    continue
                limits.append((solution, sizes[label], *within))
                solved[label] = solution
                forms = others
                summed.remove(label)
                break
        names = {label: next(self.letters) for label in summed}
        places.update({label: Letter(name) for label, name in names.items()})
        for label in reversed(list(solved)):
            places[label] = self.position(solved[label], places)
        top: list[tuple[tuple[object, ...], Tree]] = []
        bottom: list[tuple[tuple[object, ...], Tree]] = []
        for child, labels, exponent in term.factors:
            if isinstance(child, t.Bracket):
                continue
            base = self.entry(child, tuple(places[x] for x in labels))
            side = top if exponent > 0 else bottom
            side.append((self.writer.ranks.in_product(child), power_tree(base, magnitude(exponent), elementwise=False)))
        above = [tree for _, tree in sorted(top, key=lambda pair: pair[0])]
        below = [tree for _, tree in sorted(bottom, key=lambda pair: pair[0])]
        above += [Indicator(self.condition(form, places)) for form in forms]
        for solution, length, low, high in limits:
            place, first = self.position(solution, places), self.writer.index_base
            if not low:
                above.append(Indicator(Relation(">=", place, num(first))))
            if not high:
                above.append(Indicator(Relation("<=", place, size_tree(length + (first - 1)))))
        return self.assembled(term.coefficient, above, below, list(names.values()))

    def assembled(self, coefficient: t.Number, top: list[Tree], bottom: list[Tree], letters: list[str]) -> Tree:
        """±coefficient · top / bottom, summed over the letters; what has none of them stands in front of the sum."""
        sign = -1 if coefficient < 0 else 1
        if abs(coefficient.numerator) != 1:
            top.insert(0, num(abs(coefficient.numerator)))
        if coefficient.denominator != 1:
            bottom.insert(0, num(coefficient.denominator))
        if letters:
            front = [x for x in top if _free_of(x, letters)]
            below = [x for x in bottom if _free_of(x, letters)]
            inner = quotient([x for x in top if x not in front], [x for x in bottom if x not in below])
            body: Tree = BigSum(inner, tuple((name, None, None) for name in letters))
            scale = quotient(front, below)
            tree = juxtaposed([scale, body]) if front or below else body
        else:
            tree = quotient(top, bottom)
        return tree if sign > 0 else Sum(((-1, tree),))

    def position(self, form: Form, places: dict[int, Tree]) -> Tree:
        """A position as printed: positions count from `index_base` on paper and from 0 in forms."""
        base = self.writer.index_base
        total = sum((c for c in form.coefficients.values()), ZERO)
        total = sum((c for c, _, _, _ in form.indices), total)
        shift = form.constant + (-total + 1) * base
        return self.linear(form, places, shift)

    def linear(self, form: Form, places: dict[int, Tree], shift: Size) -> Tree:
        """The form with trees for its labels and another constant, positive terms first."""
        terms: list[tuple[int, Tree]] = []
        pairs = [(c, places[x]) for x, c in sorted(form.coefficients.items()) if c is not ZERO]
        for c, name, labels, _ in form.indices:
            base: Tree = Sym(name, "vector" if labels else "scalar")
            pairs.append((c, Index(base, tuple(places[x] for x in labels)) if labels else base))
        for c, place in pairs:
            sign = -1 if (-c).surely_nonnegative() else 1
            weight = c * sign
            terms.append((sign, place if weight.number == 1 else juxtaposed([size_tree(weight), place])))
        if shift is not ZERO:
            sign = -1 if (-shift).surely_nonnegative() else 1
            terms.append((sign, size_tree(shift * sign)))
        terms.sort(key=lambda pair: pair[0] < 0)
        if len(terms) == 1 and terms[0][0] == 1:
            return terms[0][1]
        return Sum(tuple(terms)) if terms else num(0)

    def condition(self, form: Form, places: dict[int, Tree]) -> Tree:
        """The equation under which a bracket is 1, solved for its first free position."""
        for label in sorted(form.labels):
            solution = form.solved(label)
            if solution is not None:
                return Relation("=", places[label], self.position(solution, places))
        total = sum((c for c in form.coefficients.values()), ZERO)
        total = sum((c for c, _, _, _ in form.indices), total)
        return Relation("=", self.linear(form, places, form.constant - total * self.writer.index_base), num(0))


def _free_of(tree: Tree, letters: list[str]) -> bool:
    """True if none of the letters occurs in the formula."""
    stack: list[object] = [tree]
    while stack:
        top = stack.pop()
        if isinstance(top, Letter) and top.name in letters:
            return False
        if isinstance(top, tuple):
            stack.extend(top)
        elif hasattr(top, "__dataclass_fields__"):
            stack.extend(getattr(top, name) for name in top.__dataclass_fields__)
    return True
