"""Products in matrix notation, by repeated local moves on the pieces of an einsum.

Equal index sets combine entry by entry; an index shared by two pieces only is a matrix product with the transposes
that it needs; an index of one piece only is a product with ones; a vector on a kept index scales rows or columns; two
vectors on two kept indices are an outer product; nothing left is a trace or an inner product.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from ..notation.tree import Call, Frac, Norm, Pow, Prod, Special, Sum, Sym, Trans, Tree
from ..tensor import terms as t
from ..tensor.normal import exact, flipped, from_size, magnitude, product
from ..tensor.size import Floor, Size
from .averages import is_expectation, negated
from .moves import Moves
from .pieces import ONES, Item, chain, juxtaposed, num, quotient, together, transposed

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


class ProductWriter(Moves):
    """Writes one product."""

    def __init__(self, writer: Writer, term: t.Product, averages: bool = False) -> None:
        self.writer = writer
        self.term = term
        self.output = tuple(range(len(term.sizes)))
        self.averages = averages or term.order > 0
        self.top: list[tuple[tuple[object, ...], Tree]] = []
        self.bottom: list[tuple[tuple[object, ...], Tree]] = []
        self.dims: dict[str | Floor, t.Number] = {}
        self.coefficient = term.coefficient
        self.items: list[Item] = []

    # -- reading the factors ---------------------------------------------------------------------------------------
    def collect(self) -> None:
        """Sort the factors into scalars and items; factors with the same labels become one item."""
        from .writer import NoMatrixForm

        groups: dict[tuple[int, ...], tuple[list[Item], list[Item]]] = {}
        for child, labels, exponent in self.without_means():
            held = child in self.writer.inside
            child, exponent = self.signed(self.writer.inside.get(child, child), exponent)
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
            base = _raised(tree, magnitude(exponent))
            flip = None
            if isinstance(child, t.Sum) and exponent == 1 and len(labels) == 2:
                pairs = [(c, flipped(x)) for c, x in child.terms]
                flip = partial(self.writer.sum_of, pairs)
            elif held or (is_expectation(child) and exponent == 1 and len(labels) == 2):
                flip = partial(self.writer.part, flipped(child))
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
        if is_expectation(child) and isinstance(exponent, int) and self.writer.inner_sign(child) < 0:
            self.coefficient = exact(self.coefficient * (-1) ** exponent)
            return negated(child), exponent
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
        side.append((self.writer.ranks.in_product(child), power_tree(base, magnitude(exponent), elementwise=False)))

    def group(self, labels: t.Labels, top: list[Item], bottom: list[Item]) -> None:
        """Factors on the same labels: one item, or two that will meet in an inner product."""
        for side in (top, bottom):
            side.sort(key=lambda item: item.order)
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

    def is_mean(self) -> bool:
        """True if the product is nothing but a scalar with a mean in it, repeated."""
        from .writer import NoMatrixForm

        try:
            self.collect()
            self.reduce()
        except NoMatrixForm:
            return False
        return not self.items and any(isinstance(x, Call) and x.function == "mean" for _, x in self.top)

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
            self.bottom.append((key, power_tree(atom_tree(atom), magnitude(exponent), False)))
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


def _raised(tree: Tree, power: t.Number) -> Tree:
    """tree^power, entry by entry."""
    from .writer import power_tree

    return together([tree], lambda one: power_tree(one[0], power, elementwise=True))


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
