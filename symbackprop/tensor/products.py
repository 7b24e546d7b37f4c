"""Products and sums in normal form.

They share a file because each is made of the other: a product over a sum with a delta is a sum of products; a sum that
is repeated along an axis is a product; a transpose goes into the terms of a sum, and which way round a sum stands as a
factor is for the product to decide. What builds no further term is in `coefficients` and `building`, which know nothing
of this file, and every other constructor is in `normal`: no import points back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm

from .brackets import form_of
from .building import Einsum, Zero
from .canonical import canonical, components
from .coefficients import content, exact, magnitude, scaled, unit, zeros
from .size import Size
from .terms import (
    Bracket,
    Constant,
    Factor,
    Labels,
    Map,
    Number,
    Product,
    Special,
    Sum,
    Term,
    dim,
    make_product,
    make_sum,
)


class _Builder(Einsum):
    """One product on its way to normal form."""

    def times(self, term: Term, labels: Labels, exponent: Number) -> None:
        """Multiply by term[labels]^exponent."""
        stack: list[Factor] = [(term, labels, exponent)]
        while stack:
            term, labels, exponent = stack.pop()
            for label, length in zip(labels, term.sizes, strict=True):
                self.sizes.setdefault(label, length)
            if not exponent:
                continue
            if isinstance(term, Product):
                stack.extend(reversed(self.open(term, labels, exponent)))
            elif isinstance(term, Bracket):
                self.forms.append(form_of(term, labels))
            elif isinstance(term, Constant) and isinstance(term.value, int):
                self.root(term.value, self.powers.pop((term, ()), 0) + exponent)
            elif term.is_zero:
                if exponent < 0:
                    raise ZeroDivisionError("division by an expression that is zero")
                raise Zero
            else:
                if len(labels) == 2 and labels[0] != labels[1] and isinstance(term, (Sum, Map)):
                    straight = oriented(term)
                    if straight is not term and (isinstance(exponent, int) or content(straight) == 1):
                        stack.append((straight, labels[::-1], exponent))
                        continue
                    labels = tuple(sorted(labels)) if term.symmetric else labels
                total = exact(self.powers.get((term, labels), 0) + exponent)
                if total:
                    self.powers[term, labels] = total
                else:
                    del self.powers[term, labels]

    def open(self, inner: Product, labels: Labels, exponent: Number) -> list[Factor]:
        """The factors that inner[labels]^exponent contributes, in place of itself."""
        order = len(inner.sizes)
        rename = dict(enumerate(labels))
        if exponent == 1:
            self.coefficient = exact(self.coefficient * inner.coefficient)
            for label in inner.summed:
                rename[label] = self.new_label(inner.label_sizes[label])
            return [(t, tuple(rename[x] for x in used), e) for t, used, e in inner.factors]
        summed = len(inner.label_sizes) > order
        lone = len(inner.factors) == 1 and not summed
        safe = isinstance(exponent, int) or (lone and exact(inner.factors[0][2]) != int(inner.factors[0][2]))
        if not summed and (safe or not inner.factors):
            if inner.coefficient < 0 and not isinstance(exponent, int):
                if not inner.factors:
                    raise ZeroDivisionError(f"{inner.coefficient} has no real power {exponent}")
                self.numeric(-inner.coefficient, exponent)
                self.merge_oriented(scaled(Fraction(-1) / inner.coefficient, inner), labels, exponent)
                return []
            self.numeric(inner.coefficient, exponent)
            return [(t, tuple(rename[x] for x in used), exact(e * exponent)) for t, used, e in inner.factors]
        divisor = inner.coefficient if isinstance(exponent, int) else magnitude(inner.coefficient)
        if divisor != 1:
            self.numeric(divisor, exponent)
            return [(scaled(Fraction(1) / divisor, inner), labels, exponent)]
        kept = essential_axes(inner)
        if len(kept) < order:
            return [(without_constant(inner, kept), tuple(labels[a] for a in kept), exponent)]
        self.merge_oriented(inner, labels, exponent)
        return []

    def merge(self, term: Term, labels: Labels, exponent: Number) -> None:
        """Multiply by a factor that stays as it is."""
        total = exact(self.powers.get((term, labels), 0) + exponent)
        self.powers.pop((term, labels), None)
        if total == 1 and isinstance(term, Product):
            self.times(term, labels, 1)
        elif total:
            self.powers[term, labels] = total

    def merge_oriented(self, term: Term, labels: Labels, exponent: Number) -> None:
        """Multiply by a power of a product that stays; one of it and its transpose stands for both.

        The transpose of −S may be a sum without the sign.
        """
        bare = unit(term)
        if len(labels) == 2 and labels[0] != labels[1] and isinstance(bare, (Sum, Map)):
            other = flipped(term)
            if content(other) == 1:
                self.times(other, labels[::-1], exponent)
                return
            if oriented(bare) is not bare:
                term, labels = other, labels[::-1]
        elif len(labels) == 2 and labels[0] != labels[1]:
            other = flipped(term)
            if isinstance(other, Product) and (turns(other), other.digest) < (turns(term), term.digest):
                term, labels = other, labels[::-1]
        self.merge(term, labels, exponent)

    def merge_folded(self, output: set[int]) -> bool:
        """Merge a summed component with the same sum kept folded under a power: S · S⁻¹ is 1; True if it happened."""
        folded = [key for key in self.powers if isinstance(key[0], Product)]
        if not folded:
            return False
        bare: list[Factor] = [(t, used, e) for (t, used), e in self.powers.items() if (t, used) not in folded]
        bare += self.brackets()
        summed = {x for _, used, _ in bare for x in used} - output
        for component in components(bare, summed):
            own = list(dict.fromkeys(x for _, used, _ in component for x in used))
            if not any(x in summed for x in own):
                continue
            kept = tuple(x for x in own if x not in summed)
            for term, labels in folded:
                if set(labels) == set(kept) and len(labels) == len(kept):
                    held = {x: self.sizes[x] for x in own}
                    if product(1, component, labels, held) is term:
                        self.remove(component, summed)
                        self.merge(term, labels, 1)
                        return True
        return False

    def distribute_deltas(self, output: Labels) -> Term | None:
        """The product as a sum, if one factor is a sum with a delta that meets a summed label; else None."""
        for (term, labels), exponent in self.powers.items():
            if not (isinstance(term, Sum) and exponent == 1):
                continue
            if not any(_meets_delta(t, labels, set(output)) for _, t in term.terms):
                continue
            rest = [(t, used, e) for (t, used), e in self.powers.items() if (t, used) != (term, labels)]
            rest += self.brackets()
            summands = [
                (c * self.coefficient, product(1, [*rest, (t, labels, 1)], output, self.sizes)) for c, t in term.terms
            ]
            return add(summands, tuple(self.sizes[x] for x in output))
        return None

    def finished(self, output: Labels) -> Term:
        """The normal form."""
        shape = tuple(self.sizes[x] for x in output)
        fixed = set(output)
        self.resolve_brackets(output)
        while self.cancel_inverses(fixed):
            self.resolve_brackets(output)
        if self.merge_folded(fixed):
            return self.finished(output)
        if not self.coefficient:
            return zeros(shape)
        if self.powers:
            distributed = self.distribute_deltas(output)
            if distributed is not None:
                return distributed
        factors: list[Factor] = [(t, labels, e) for (t, labels), e in self.powers.items()]
        factors += self.brackets()
        used = fixed.union(*(labels for _, labels, _ in factors))
        extra = [x for x in self.sizes if x not in used]
        if extra:
            for label in extra:
                self.times(from_size(self.sizes.pop(label)), (), 1)
            return self.finished(output)
        return _settled(self.coefficient, factors, output, shape, self.sizes)


def _settled(
    coefficient: Number, factors: list[Factor], output: Labels, shape: tuple[Size, ...], sizes: Mapping[int, Size]
) -> Term:
    """Intern a product that has nothing left to simplify; a lone factor is itself, a lone permuted sum a sum."""
    if len(factors) == 1 and factors[0][2] == 1:
        term, labels, _ = factors[0]
        if coefficient == 1 and labels == output:
            return term
        if isinstance(term, Map) and len(labels) == 2 and labels[0] != labels[1] and labels[::-1] == output:
            return scaled(coefficient, flipped(term))
        if isinstance(term, Sum) and set(labels) == set(output) and len(labels) == len(output) and labels != output:
            moved = [(c * coefficient, product(1, [(t, labels, 1)], output)) for c, t in term.terms]
            return add(moved, shape)
        if isinstance(term, Special) and term.operation == "expectation" and sorted(labels) == sorted(output) != []:
            from .expectation import turned

            return scaled(coefficient, turned(term, tuple(map(output.index, labels))))
    if len(factors) == 1 and len(factors[0][1]) == 0 and factors[0][2] == 1 and coefficient == 1 and not output:
        return factors[0][0]
    named, label_sizes = canonical(factors, output, sizes)
    if coefficient == 1 and len(named) == 1 and named[0][2] == 1 and len(label_sizes) == len(output):
        term, labels, _ = named[0]
        if labels == tuple(range(len(output))):
            return term
    return make_product(coefficient, named, label_sizes, len(output))


def product(
    coefficient: Number, factors: Iterable[Factor], output: Sequence[int], sizes: Mapping[int, Size] | None = None
) -> Term:
    """coefficient · Σ Π factor[labels]^exponent as a term with axes `output`.

    Labels are any integers; every label that is not in `output` is summed. `sizes` gives the size of labels that no
    factor carries. Raises ZeroDivisionError if a factor that is zero has a negative exponent.
    """
    output = tuple(output)
    items = list(factors)
    build = _Builder(exact(coefficient), sizes or {})
    build.fresh = max(
        max(output, default=-1),
        max((x for _, labels, _ in items for x in labels), default=-1),
        max(build.sizes, default=-1),
    )
    try:
        for term, labels, exponent in items:
            build.times(term, labels, exponent)
        return build.finished(output)
    except Zero:
        shape_of = {x: s for t, labels, _ in items for x, s in zip(labels, t.sizes, strict=True)}
        shape_of.update(sizes or {})
        return zeros(tuple(shape_of[x] for x in output))


def add(terms: Iterable[tuple[Number, Term]], sizes: tuple[Size, ...]) -> Term:
    """Σ coefficient · term; every term has shape `sizes`."""
    total: dict[Term, Number] = {}
    for c, term in terms:
        assert term.sizes == sizes, f"cannot add {term.sizes} to {sizes}"
        for inner_c, inner in summands(term):
            total[inner] = total.get(inner, 0) + c * inner_c
    kept = [(exact(c), t) for t, c in total.items() if c]
    if not kept:
        return zeros(sizes)
    if len(kept) == 1:
        return scaled(*kept[0])
    if sizes:
        needed = sorted(set().union(*(essential_axes(t) for _, t in kept)))
        if len(needed) < len(sizes):
            axes = tuple(needed)
            small = add([(c, without_constant(t, axes)) for c, t in kept], tuple(sizes[a] for a in axes))
            return broadcast(small, axes, sizes)
    kept.sort(key=lambda ct: ct[1].digest)
    common: Number = Fraction(gcd(*(c.numerator for c, _ in kept)), lcm(*(c.denominator for c, _ in kept)))
    common = exact(common if kept[0][0] > 0 else -common)
    if common != 1:
        kept = [(exact(Fraction(c) / common), t) for c, t in kept]
    return scaled(common, make_sum(tuple(kept), sizes))


def summands(term: Term) -> Iterable[tuple[Number, Term]]:
    """The terms of a sum, also of one times a number or repeated along further axes; any other term is the only one."""
    c, bare = content(term), unit(term)
    if isinstance(bare, Sum):
        return bare.terms if c == 1 else [(c * w, t) for w, t in bare.terms]
    if isinstance(bare, Product) and len(bare.factors) == 1 and not bare.summed:
        inner, labels, exponent = bare.factors[0]
        if isinstance(inner, Sum) and exponent == 1:
            axes, shape = tuple(range(bare.order)), dict(enumerate(bare.sizes))
            return [(c * w, product(1, [(t, labels, 1)], axes, shape)) for w, t in inner.terms]
    return ((c, bare),)


def from_size(value: Size) -> Term:
    """A size as a scalar term."""
    terms: list[tuple[Number, Term]] = []
    for monomial, coefficient in value.monomials:
        factors: list[Factor] = [(dim(atom), (), power) for atom, power in monomial]
        terms.append((coefficient, product(1, factors, ())))
    return add(terms, ())


def flipped(term: Term) -> Term:
    """The transpose of a term with two axes, pushed into sums and maps."""
    if isinstance(term, Sum):
        return add([(c, flipped(x)) for c, x in term.terms], term.sizes[::-1])
    if isinstance(term, Map):
        from .normal import apply

        return apply(term.head, [flipped(child) for child in term.children])
    return product(content(term), [(unit(term), (1, 0), 1)], (0, 1), dict(enumerate(term.sizes[::-1])))


def oriented(term: Sum | Map) -> Term:
    """The term, or its transpose if that shows fewer transposes, so that both are one factor of a product.

    The transpose of a sum may be the opposite of a sum.
    """
    if term.upright is None:
        other = flipped(term)
        bare = unit(other)
        term.symmetric = other is term
        keep = not isinstance(bare, (Sum, Map)) or (turns(term), term.digest) <= (turns(bare), bare.digest)
        term.upright = term if keep else other
        if isinstance(bare, (Sum, Map)):
            bare.upright = bare if not keep or bare is term else scaled(content(other), term)
    return term.upright


def turns(term: Term) -> int:
    """How many matrices the term shows transposed: the row label comes second, or the column label first."""
    if isinstance(term, Product):
        return sum(len(labels) == 2 and (labels[1] == 0 or labels[0] == 1) for _, labels, _ in term.factors)
    return sum(map(turns, term.children)) if isinstance(term, (Sum, Map)) else 0


def _meets_delta(term: Term, labels: Labels, output: set[int]) -> bool:
    """True if the term has a delta between two of its axes, one of which carries a summed label."""
    pairs: list[Labels] = []
    if isinstance(term, Bracket) and term.is_delta:
        pairs.append((0, 1))
    elif isinstance(term, Product):
        order = len(term.sizes)
        pairs += [u for t, u, _ in term.factors if isinstance(t, Bracket) and t.is_delta and max(u) < order]
    return any(labels[i] not in output or labels[j] not in output for i, j in pairs)


def essential_axes(term: Term) -> Labels:
    """The axes along which the term is not surely constant."""
    if isinstance(term, Product):
        used = {x for _, labels, _ in term.factors for x in labels}
        return tuple(a for a in range(len(term.sizes)) if a in used)
    return () if term.is_zero else tuple(range(len(term.sizes)))


def without_constant(term: Term, kept: Labels) -> Term:
    """The term on the axes `kept`, constant along all others; it may be constant along some of `kept` too."""
    if kept == tuple(range(len(term.sizes))):
        return term
    if term.is_zero:
        return zeros(tuple(term.sizes[a] for a in kept))
    assert isinstance(term, Product)
    rest = {x: s for x, s in enumerate(term.label_sizes) if x >= len(term.sizes) or x in kept}
    return product(term.coefficient, term.factors, kept, rest)


def broadcast(term: Term, axes: Labels, shape: tuple[Size, ...]) -> Term:
    """The term repeated to `shape`; its own axes become the axes `axes` of the result."""
    if len(axes) == len(shape) and axes == tuple(range(len(shape))):
        return term
    return product(1, [(term, axes, 1)], tuple(range(len(shape))), dict(enumerate(shape)))
