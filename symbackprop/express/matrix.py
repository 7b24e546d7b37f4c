"""Products in matrix notation, by repeated local moves on the pieces of an einsum.

Equal index sets combine entry by entry; an index shared by two pieces only is a matrix product with the transposes that
it needs; an index of one piece only is a product with ones; a vector on a kept index scales rows or columns; two vectors
on two kept indices are an outer product; nothing left is a trace or an inner product.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ..notation.tree import Call, Delta, Frac, Index, Norm, Pow, Prod, Range, Special, Sum, Sym, Trans, Tree
from ..tensor import terms as t
from ..tensor.normal import exact, flipped, from_size, product
from ..tensor.size import Floor, Size
from .pieces import ONES, Item, chain, hadamard, juxtaposed, num, quotient, together, transposed, transposes

if TYPE_CHECKING:
    from .writer import Writer


def bracket_tree(term: t.Bracket) -> Tree:
    """The identity, a unit vector or one-hot rows; raises NoMatrixForm for any other bracket."""
    from .writer import NoMatrixForm, size_tree

    if term.is_delta:
        return Special("eye")
    free = [a for a, c in enumerate(term.coefficients) if c.number]
    if len(free) == 1 and term.coefficients[free[0]].number in (1, -1):
        sign = term.coefficients[free[0]].number
        subscripts = [a for _, _, axes, _ in term.indices for a in axes]
        if len(term.indices) == 1 and term.constant.number == 0 and subscripts == sorted(subscripts):
            c, name, axes, _ = term.indices[0]
            if c.number == -(sign or 0) and (*axes, free[0]) == tuple(range(len(term.sizes))):
                return Call("onehot", (Sym(name, "vector" if axes else "scalar"),))
        if not term.indices and len(term.sizes) == 1:
            place = term.constant * -(sign or 0) + 1
            return Call("onehot", (size_tree(place),))
        if len(free) == 1 and len(term.sizes) == 2 and term.indices and free == [0]:
            swapped = t.make_bracket(
                term.sizes[::-1],
                term.coefficients[::-1],
                term.constant,
                tuple((c, n, tuple(1 - a for a in axes), s) for c, n, axes, s in term.indices),
            )
            return Trans(bracket_tree(swapped))
    raise NoMatrixForm


class ProductWriter:
    """Writes one product."""

    def __init__(self, writer: Writer, term: t.Product) -> None:
        self.writer = writer
        self.term = term
        self.output = tuple(range(len(term.sizes)))
        self.top: list[tuple[tuple[object, ...], Tree]] = []
        self.bottom: list[tuple[tuple[object, ...], Tree]] = []
        self.dims: dict[str | Floor, t.Number] = {}
        self.coefficient = term.coefficient
        self.items: list[Item] = []

    # -- reading the factors ---------------------------------------------------------------------------------------
    def collect(self) -> None:
        """Sort the factors into scalars and items; factors with the same labels become one item."""
        from .writer import NoMatrixForm, power_tree

        groups: dict[tuple[int, ...], tuple[list[Item], list[Item]]] = {}
        for child, labels, exponent in self.without_means():
            child, exponent = self.signed(child, exponent)
            if not labels:
                self.scalar(child, exponent)
                continue
            order = self.writer.ranks.in_product(child)
            if isinstance(child, t.Bracket):
                tree, labels = self.bracket(child, labels)
                self.items.append(Item(labels, tree, order, "delta" if child.is_delta else "onehot"))
                continue
            tree = self.writer.part(child)
            if len(set(labels)) < len(labels):
                if len(labels) != 2:
                    raise NoMatrixForm
                tree, labels = Call("diag", (tree,)), labels[:1]
            top, bottom = groups.setdefault(labels, ([], []))
            power = abs(exponent)
            base = together([tree], lambda one, power=power: power_tree(one[0], power, elementwise=True))
            flip = None
            if isinstance(child, t.Sum) and exponent == 1 and len(labels) == 2:
                pairs = [(c, flipped(x)) for c, x in child.terms]
                flip = lambda pairs=pairs: self.writer.sum_of(pairs)  # noqa: E731  # bound to this factor
            (top if exponent > 0 else bottom).append(Item(labels, base, order, flip=flip))
        for labels, (top, bottom) in groups.items():
            self.group(labels, top, bottom)

    def without_means(self) -> list[t.Factor]:
        """The factors, after means over one axis of a matrix that are repeated along that axis became items."""
        factors = list(self.term.factors)
        if len(self.output) != 2:
            return factors
        for label in self.term.summed:
            length = self.term.label_sizes[label]
            divided = next((f for f in factors if not f[1] and _is_length(f, length)), None)
            inner = [f for f in factors if label in f[1]]
            across = {x for _, labels, _ in inner for x in labels} - {label}
            if divided is None or len(across) != 1 or not across <= set(self.output):
                continue
            (keep,) = across
            along = 1 - keep
            if self.term.label_sizes[along] is not length or any(isinstance(f[0], t.Bracket) for f in inner):
                continue
            axes = (keep, label) if keep == 0 else (label, keep)
            body = product(1, inner, axes, {x: self.term.label_sizes[x] for x in axes})
            tree: Tree = Call("rowmean" if keep == 0 else "colmean", (self.writer.part(body),))
            factors = [f for f in factors if f is not divided and not any(f is g for g in inner)]
            self.items.append(Item(self.output, tree, (4, *self.writer.ranks.in_product(body)[1:])))
        return factors

    def bracket(self, child: t.Bracket, labels: t.Labels) -> tuple[Tree, t.Labels]:
        """A bracket's tree, and its labels in the order in which the tree reads them (subscripts before positions)."""
        from .writer import NoMatrixForm

        if child.is_delta:
            return Special("eye"), labels
        inner = [a for _, _, axes, _ in child.indices for a in axes]
        rest = [a for a in range(len(labels)) if a not in inner]
        if len(rest) != 1:
            raise NoMatrixForm
        axes = (*inner, *rest)
        place = {a: k for k, a in enumerate(axes)}
        turned = t.make_bracket(
            tuple(child.sizes[a] for a in axes),
            tuple(child.coefficients[a] for a in axes),
            child.constant,
            tuple((c, n, tuple(place[a] for a in used), s) for c, n, used, s in child.indices),
        )
        return bracket_tree(turned), tuple(labels[a] for a in axes)

    def signed(self, child: t.Term, exponent: t.Number) -> tuple[t.Term, t.Number]:
        """The factor with its lowest symbol positive and its content where people leave it."""
        if not isinstance(child, t.Sum):
            return child, exponent
        if not isinstance(exponent, int):
            scale = _root(self.coefficient, exponent)
            if scale is not None and _plainer(scale, self.coefficient, child):
                self.coefficient = 1
                return _scaled_sum(scale, child), exponent
            return child, exponent
        if self.writer.decisive_sign(child) < 0:
            self.coefficient = exact(self.coefficient * (-1) ** exponent)
            return _scaled_sum(-1, child), exponent
        return child, exponent

    def scalar(self, child: t.Term, exponent: t.Number) -> None:
        """One factor without axes."""
        from .writer import power_tree

        if isinstance(child, t.Dim) and exponent == -1:
            self.dims[child.atom] = exponent
            return
        base = self.writer.part(child)
        side = self.top if exponent > 0 else self.bottom
        side.append((self.writer.ranks.in_product(child), power_tree(base, abs(exponent), elementwise=False)))

    def group(self, labels: t.Labels, top: list[Item], bottom: list[Item]) -> None:
        """Factors on the same labels: one item, or two that will meet in an inner product."""
        key = lambda item: item.order  # noqa: E731
        top.sort(key=key)
        bottom.sort(key=key)
        others = {x for _, used, _ in self.term.factors for x in used if used != labels}
        alone = not any(x in self.output or x in others for x in labels)
        if alone and not bottom and len(top) == 1 and isinstance(top[0].tree, Pow) and top[0].tree.exponent == num(2):
            self.top.append(((4, *top[0].order[1:]), Pow(Norm(top[0].tree.base), num(2))))
            return
        if alone and not bottom and len(top) >= 2 and len(labels) <= 2:
            self.items.append(top[0])
            self.items.append(Item(labels, self.entrywise(labels, [i.tree for i in top[1:]]), top[1].order))
            return
        above = self.entrywise(labels, [i.tree for i in top]) if top else num(1)
        tree = above
        if bottom:
            parts = [above, self.entrywise(labels, [i.tree for i in bottom])]
            tree = together(parts, lambda two: Frac(*two)) if len(labels) == 1 else Frac(*parts)
        order = (top or bottom)[0].order
        if len(top) + len(bottom) > 1:
            order = (2, *order[1:])
        flip = top[0].flip if len(top) == 1 and not bottom else None
        self.items.append(Item(labels, tree, order, flip=flip))

    def entrywise(self, labels: t.Labels, trees: list[Tree]) -> Tree:
        """The entrywise product of pieces on the same labels."""
        return together(trees, hadamard) if len(labels) == 1 else hadamard(trees)

    # -- moves -----------------------------------------------------------------------------------------------------
    def count(self, label: int) -> int:
        return sum(label in item.labels for item in self.items)

    def reduce(self) -> None:
        """Apply the moves until none applies."""
        while self.merge() or self.pick() or self.contract() or self.sum_out() or self.scale():
            pass

    def merge(self) -> bool:
        """Two items on the same index set: entry by entry, or an inner product or trace if nothing else has them."""
        for a, first in enumerate(self.items):
            for second in self.items[a + 1 :]:
                if set(first.labels) != set(second.labels) or "onehot" in (first.role, second.role):
                    continue
                closed = not any(x in self.output or self.count(x) > 2 for x in first.labels)
                if "delta" in (first.role, second.role):
                    self.merge_delta(first, second)
                elif closed and len(first.labels) == 1:
                    self.add_scalar(self.inner(first, second), first, second)
                elif closed and len(first.labels) == 2:
                    pair = chain(transposed(first.tree), second.turned(first.labels))
                    self.add_scalar(Call("tr", (pair,)), first, second)
                else:
                    items = sorted((first, second), key=lambda item: item.order)
                    labels = first.labels if set(first.labels) != set(self.output) else self.output
                    tree = self.entrywise(labels, [item.turned(labels) for item in items])
                    self.replace((first, second), Item(labels, tree, (2, *items[0].order[1:])))
                return True
        return False

    def merge_delta(self, first: Item, second: Item) -> None:
        other = second if first.role == "delta" else first
        inner: Tree = Call("diag", (other.tree,))
        self.replace((first, second), Item(other.labels, Call("diag", (inner,)), other.order))

    def inner(self, first: Item, second: Item) -> Tree:
        """uᵀv with the fewest transposes, then by order; a mean where it is divided by its length and repeated."""
        if self.output and self.takes_mean(first.labels[0]):
            pair = sorted((first, second), key=lambda item: item.order)
            return Call("mean", (hadamard([item.tree for item in pair]),))
        if first.tree == second.tree:
            return Pow(Norm(first.tree), num(2))
        a, b = sorted((first, second), key=lambda item: item.order)
        forms = [chain(transposed(a.tree), b.tree), chain(transposed(b.tree), a.tree)]
        return min(forms, key=transposes)

    def pick(self) -> bool:
        """A one-hot vector against one other array picks an entry, a row, or a slice."""
        for hot in self.items:
            if hot.role != "onehot" or len(hot.labels) != 1 or hot.labels[0] in self.output:
                continue
            label = hot.labels[0]
            partners = [item for item in self.items if item is not hot and label in item.labels]
            if len(partners) != 1 or not isinstance(hot.tree, Call):
                continue
            other = partners[0]
            if not isinstance(other.tree, (Sym, Delta)):
                continue
            at = tuple(hot.tree.args[0] if x == label else Range(None, None) for x in other.labels)
            rest = tuple(x for x in other.labels if x != label)
            tree: Tree = Index(other.tree, at)
            if not rest:
                self.add_scalar(tree, hot, other)
            else:
                picked = Trans(tree) if len(other.labels) == 2 and other.labels[0] == label else tree
                self.replace((hot, other), Item(rest, picked, other.order))
            return True
        return False

    def meetings(self) -> list[tuple[int, Item, Item]]:
        """The summed labels that two items share, those with a declared or named matrix first: chains before sums."""
        found: list[tuple[int, Item, Item]] = []
        for label in sorted({x for item in self.items for x in item.labels}.difference(self.output)):
            pair = [item for item in self.items if label in item.labels]
            if len(pair) == 2 and all(len(item.labels) <= 2 for item in pair):
                if set(pair[0].labels) != set(pair[1].labels):
                    found.append((label, pair[0], pair[1]))
        return sorted(found, key=lambda meeting: -sum(isinstance(i.tree, (Sym, Delta)) for i in meeting[1:]))

    def contract(self) -> bool:
        """A summed label of exactly two items: a matrix product."""
        for label, first, second in self.meetings():
            if len(first.labels) == 1:
                first, second = second, first
            keep = first.labels[0] if first.labels[1] == label else first.labels[1]
            left = first.turned((keep, label))
            if len(second.labels) == 1:
                self.replace((first, second), Item((keep,), chain(left, second.tree), (2, *second.order[1:])))
                return True
            far = second.labels[0] if second.labels[1] == label else second.labels[1]
            if keep == far:
                continue
            forms = [
                ((keep, far), chain(left, second.turned((label, far)))),
                ((far, keep), chain(second.turned((far, label)), first.turned((label, keep)))),
            ]
            labels, tree = min(forms, key=lambda form: transposes(form[1]))
            self.replace((first, second), Item(labels, tree, (2, *min(first.order, second.order)[1:])))
            return True
        return False

    def sum_out(self) -> bool:
        """A summed label of one item only: a product with ones, or a mean where the sum is divided by its length."""
        for item in self.items:
            free = [x for x in item.labels if x not in self.output and self.count(x) == 1]
            if not free or len(item.labels) > 2:
                continue
            label = free[-1]
            unit = self.term.label_sizes[label].number == 1
            mean = not unit and self.takes_mean(label)
            if len(item.labels) == 1:
                body = item.tree if unit else Call("mean", (item.tree,)) if mean else chain(Trans(ONES), item.tree)
                self.add_scalar(body, item)
                return True
            keep = item.labels[0] if item.labels[1] == label else item.labels[1]
            if mean and set(free) == set(item.labels) and self.takes_mean(keep):
                self.add_scalar(Call("mean", (item.tree,)), item)
                return True
            turned = item.turned((keep, label))
            self.replace((item,), Item((keep,), turned if unit else chain(turned, ONES), (2, *item.order[1:])))
            if mean:
                self.dims[self._atom(label)] = -1
            return True
        return False

    def takes_mean(self, label: int) -> bool:
        """Use up a division by the label's length, if there is one and the result is repeated along such an axis."""
        atom = self._atom(label)
        if atom in self.dims and self.dims[atom] == -1 and self.repeats(label):
            del self.dims[atom]
            return True
        return False

    def repeats(self, label: int) -> bool:
        length = self.term.label_sizes[label]
        return not self.output or any(self.term.label_sizes[x] is length for x in self.output)

    def _atom(self, label: int) -> str | Floor:
        """The length of the label if it is one name, else the empty string (which no division carries)."""
        monomials = self.term.label_sizes[label].monomials
        if len(monomials) == 1 and monomials[0][1] == 1 and len(monomials[0][0]) == 1 and monomials[0][0][0][1] == 1:
            return monomials[0][0][0][0]
        return ""

    def is_mean(self) -> bool:
        """True if the product is nothing but a scalar with a mean in it, repeated."""
        from .writer import NoMatrixForm

        try:
            self.collect()
            self.reduce()
        except NoMatrixForm:
            return False
        return not self.items and any(isinstance(x, Call) and x.function == "mean" for _, x in self.top)

    def scale(self) -> bool:
        """A vector on an index that a matrix keeps: diag(v) M or M diag(v); with a delta, diag(v) itself."""
        vectors = [item for item in self.items if len(item.labels) == 1]
        for vector in sorted(vectors, key=lambda item: item.order):
            label = vector.labels[0]
            for other in self.items:
                if other is vector or label not in other.labels or len(other.labels) != 2:
                    continue
                diagonal: Tree = Call("diag", (vector.tree,))
                if other.role == "delta":
                    self.replace((vector, other), Item(other.labels, diagonal, other.order))
                else:
                    front = other.labels[0] == label
                    tree = chain(diagonal, other.tree) if front else chain(other.tree, diagonal)
                    self.replace((vector, other), Item(other.labels, tree, (2, *other.order[1:])))
                return True
        return False

    def replace(self, old: tuple[Item, ...], new: Item) -> None:
        self.items = [item for item in self.items if not any(item is x for x in old)]
        self.items.append(new)

    def add_scalar(self, tree: Tree, *used: Item) -> None:
        self.items = [item for item in self.items if not any(item is x for x in used)]
        self.top.append(((4, *used[0].order[1:]), tree))

    def lone_sum(self) -> t.Sum | None:
        """The sum of which this product is just the negative."""
        if self.term.coefficient != -1 or len(self.term.factors) != 1:
            return None
        child, labels, exponent = self.term.factors[0]
        return child if isinstance(child, t.Sum) and exponent == 1 and labels == self.output else None

    # -- the result ------------------------------------------------------------------------------------------------
    def tree(self, row: bool = False) -> Tree:
        """The whole formula; raises NoMatrixForm."""
        lone = self.lone_sum()
        if lone is not None:
            return self.writer.sum_of([(-c, x) for c, x in lone.terms], row=row)
        self.collect()
        self.reduce()
        body = self.body()
        if row and body is not None:
            body = transposed(body)
        return self.assembled(body)

    def body(self) -> Tree | None:
        """What carries the output labels; None for a scalar."""
        from .writer import NoMatrixForm

        output, items = self.output, self.items
        held = [item for item in items if item.labels]
        if any(len(item.labels) > 2 for item in held) or len(output) > 2:
            if len(held) == 1 and held[0].labels == output:
                return held[0].tree
            raise NoMatrixForm
        if not output:
            if held:
                raise NoMatrixForm
            return None
        if len(output) == 1:
            if not held:
                return ONES
            if len(held) == 1 and held[0].labels == output:
                return held[0].tree
            raise NoMatrixForm
        if len(held) == 1 and set(held[0].labels) == set(output):
            return held[0].turned(output)
        vectors = {item.labels[0]: item.tree for item in held if len(item.labels) == 1}
        if len(vectors) != len(held):
            raise NoMatrixForm
        units = [self.term.label_sizes[x].number == 1 and x not in vectors for x in output]
        left, right = vectors.get(output[0], ONES), vectors.get(output[1], ONES)
        if units[0] and units[1]:
            return None
        if units[0]:
            return transposed(right)
        return left if units[1] else chain(left, transposed(right))

    def assembled(self, body: Tree | None) -> Tree:
        """Scalars, fraction and sign around the body."""
        from .writer import atom_tree, power_tree

        coefficient = Fraction(self.coefficient)
        sign = -1 if coefficient < 0 else 1
        coefficient = abs(coefficient)
        for atom, exponent in self.dims.items():
            key = self.writer.ranks.of_size(atom)
            self.bottom.append((key, power_tree(atom_tree(atom), abs(exponent), False)))
        top = [tree for _, tree in sorted(self.top, key=lambda pair: pair[0])]
        bottom = [tree for _, tree in sorted(self.bottom, key=lambda pair: pair[0])]
        if coefficient.numerator != 1:
            top.insert(0, num(coefficient.numerator))
        sizes_only = len(bottom) == len(self.dims)
        if coefficient.denominator != 1:
            if not bottom and coefficient.numerator == 1:
                whole = [num(coefficient), *top] + ([body] if body is not None else [])
                return _with_sign(sign, juxtaposed(whole))
            bottom.insert(0, num(coefficient.denominator))
        if body is None:
            return _with_sign(sign, quotient(top, bottom))
        if bottom and not top and not sizes_only and coefficient.denominator == 1:
            return _with_sign(sign, Frac(body, juxtaposed(bottom)))
        if not top and not bottom:
            return _with_sign(sign, body)
        front = [quotient(top, bottom)] if bottom else top
        return _with_sign(sign, _front(front, body))


def _front(front: list[Tree], body: Tree) -> Tree:
    """Scalars in front of an array."""
    if isinstance(body, Prod) and body.op != "juxtapose":
        return Prod((*front, body))
    return Prod((*front, *(body.factors if isinstance(body, Prod) else (body,))))


def _with_sign(sign: int, tree: Tree) -> Tree:
    """The tree, or its negative as a sum of one term."""
    return tree if sign > 0 else Sum(((-1, tree),))


def _scaled_sum(scale: t.Number, term: t.Sum) -> t.Term:
    """A sum with every coefficient scaled, kept as a sum (not in normal form: for printing only)."""
    pairs = tuple((exact(Fraction(c) * scale), x) for c, x in term.terms)
    return t.make_sum(pairs, term.sizes)


def _is_length(factor: t.Factor, length: Size) -> bool:
    """True for the factor 1/n, where n is the length."""
    child, _, exponent = factor
    return exponent == -1 and isinstance(child, t.Dim) and from_size(length) is child


def _plainer(scale: t.Number, coefficient: t.Number, term: t.Sum) -> bool:
    """True if scaling the sum instead of the product leaves fewer numbers to print."""
    before = [coefficient, *(c for c, _ in term.terms)]
    after = [exact(Fraction(c) * scale) for c, _ in term.terms]
    return sum(abs(c) != 1 for c in after) < sum(abs(c) != 1 for c in before)


def _root(value: t.Number, exponent: t.Number) -> t.Number | None:
    """The rational λ with λ^exponent = value, or None; tried for square roots and their inverses."""
    if value <= 0 or abs(Fraction(exponent)) != Fraction(1, 2):
        return None
    squared = Fraction(value) ** 2
    return exact(squared if exponent > 0 else 1 / squared)


__all__ = ["ProductWriter", "bracket_tree"]
