"""Normal forms: the constructors of products, sums and maps.

Products are flat, deltas renamed away, ones absorbed or turned into a size, equal powers merged; sums collect like terms
and carry no common content; sums inside products stay folded, except next to a delta.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm

from .brackets import Form, factor_of, form_of
from .canonical import canonical, components
from .size import ZERO, Floor, Size, size
from .terms import (
    Bracket,
    Constant,
    Dim,
    Factor,
    Index,
    Labels,
    Map,
    Number,
    Product,
    Special,
    Sum,
    Term,
    constant,
    delta_bracket,
    dim,
    make_bracket,
    make_map,
    make_product,
    make_sum,
)

LARGEST_ROOT = 10**6  # integers up to this are split into primes under a fractional power


def exact(value: Number) -> Number:
    """The same number as an int where it is one."""
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def number(value: Number, sizes: tuple[Size, ...] = ()) -> Term:
    """The array of that shape with the same number everywhere."""
    value = exact(value)
    return make_product(value, (), sizes, len(sizes)) if value else zeros(sizes)


def zeros(sizes: tuple[Size, ...] = ()) -> Term:
    """The array of zeros."""
    return make_sum((), sizes)


def from_size(value: Size) -> Term:
    """A size as a scalar term."""
    terms: list[tuple[Number, Term]] = []
    for monomial, coefficient in value.monomials:
        factors: list[Factor] = [(dim(atom), (), power) for atom, power in monomial]
        terms.append((coefficient, product(1, factors, ())))
    return add(terms, ())


def delta(length: Size) -> Term:
    """The identity matrix δ_ij of that size."""
    return delta_bracket(length)


def bracket(
    sizes: Sequence[Size],
    coefficients: Sequence[Size | int],
    shift: Size | int = 0,
    indices: Iterable[tuple[Size | int, str, Labels, Size]] = (),
) -> Term:
    """1 where Σ coefficients[k] · position_k + shift + Σ c · symbol[positions of axes] = 0, else 0.

    `indices`: (coefficient, integer symbol, the axes that subscript it, its range).
    """
    raw = make_bracket(
        tuple(sizes), tuple(map(size, coefficients)), size(shift), tuple((size(c), n, a, s) for c, n, a, s in indices)
    )
    axes = tuple(range(len(raw.sizes)))
    return product(1, [(raw, axes, 1)], axes, dict(enumerate(raw.sizes)))


class _Zero(Exception):
    """A factor of the product being built is zero."""


class _Builder:
    """One product on its way to normal form."""

    def __init__(self, coefficient: Number, sizes: Mapping[int, Size]) -> None:
        self.coefficient = coefficient
        self.sizes: dict[int, Size] = dict(sizes)
        self.powers: dict[tuple[Term, Labels], Number] = {}
        self.forms: list[Form] = []
        self.fresh = 0

    def new_label(self, length: Size) -> int:
        self.fresh += 1
        self.sizes[self.fresh] = length
        return self.fresh

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
                raise _Zero
            else:
                if len(labels) == 2 and labels[0] != labels[1] and isinstance(term, (Sum, Map)):
                    straight = oriented(term)
                    if straight is not term:
                        term, labels = straight, labels[::-1]
                total = exact(self.powers.get((term, labels), 0) + exponent)
                if total:
                    self.powers[term, labels] = total
                else:
                    del self.powers[term, labels]

    def root(self, base: int, exponent: Number) -> None:
        """Multiply by base^exponent; the whole part goes into the coefficient."""
        whole = exponent.numerator // exponent.denominator
        rest = exact(exponent - whole)
        self.coefficient = exact(self.coefficient * Fraction(base) ** whole)
        if rest:
            self.powers[constant(base), ()] = rest

    def numeric(self, value: Number, exponent: Number) -> None:
        """Multiply by a positive rational number to a power."""
        if isinstance(exponent, int):
            self.coefficient = exact(self.coefficient * Fraction(value) ** exponent)
            return
        for part, sign in ((value.numerator, 1), (value.denominator, -1)):
            for prime, power in factorised(part):
                term = constant(prime)
                self.root(prime, self.powers.pop((term, ()), 0) + sign * power * exponent)

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
                positive = scaled(Fraction(-1) / inner.coefficient, inner)
                self.merge(positive, labels, exponent)
                return []
            self.power_of_coefficient(inner.coefficient, exponent)
            return [(t, tuple(rename[x] for x in used), exact(e * exponent)) for t, used, e in inner.factors]
        size_of_coefficient = abs(inner.coefficient)
        if size_of_coefficient != 1 or (inner.coefficient < 0 and isinstance(exponent, int)):
            divisor = inner.coefficient if isinstance(exponent, int) else size_of_coefficient
            self.power_of_coefficient(divisor, exponent)
            return [(scaled(Fraction(1) / divisor, inner), labels, exponent)]
        kept = essential_axes(inner)
        if len(kept) < order:
            return [(without_axes(inner, kept), tuple(labels[a] for a in kept), exponent)]
        self.merge(inner, labels, exponent)
        return []

    def power_of_coefficient(self, value: Number, exponent: Number) -> None:
        if isinstance(exponent, int):
            self.coefficient = exact(self.coefficient * Fraction(value) ** exponent)
        else:
            self.numeric(value, exponent)

    def merge(self, term: Term, labels: Labels, exponent: Number) -> None:
        """Multiply by a factor that stays as it is."""
        total = exact(self.powers.get((term, labels), 0) + exponent)
        self.powers.pop((term, labels), None)
        if total == 1 and isinstance(term, Product):
            self.times(term, labels, 1)
        elif total:
            self.powers[term, labels] = total

    def carries(self, label: int, apart: Form) -> bool:
        """True if a factor, or a form other than `apart`, carries the label."""
        return any(label in labels for _, labels in self.powers) or any(
            label in form.labels for form in self.forms if form is not apart
        )

    def rename(self, old: int, new: int) -> None:
        """Put one label for another everywhere, merging powers that become equal."""
        before = self.powers
        self.powers = {}
        for (term, labels), exponent in before.items():
            labels = tuple(new if x == old else x for x in labels) if old in labels else labels
            total = exact(self.powers.get((term, labels), 0) + exponent)
            self.powers.pop((term, labels), None)
            if total:
                self.powers[term, labels] = total
        for form in self.forms:
            form.renamed(old, new)

    def resolve_brackets(self, axes: Labels) -> None:
        """Rename deltas away, substitute labels that brackets determine, drop what is always or never true.

        Where a delta ties two output axes, everything else moves to the first of them.
        """
        output = set(axes)
        position = axes.index
        again = True
        while again:
            again = False
            held = {x for _, labels in self.powers for x in labels}
            for k, form in enumerate(self.forms):
                pair = form.delta(self.sizes)
                if pair is not None and not (pair[0] in output and pair[1] in output):
                    old, new = pair if pair[0] not in output else (pair[1], pair[0])
                    del self.forms[k]
                    self.rename(old, new)
                    del self.sizes[old]
                    again = True
                    break
                if pair is not None and self.carries(max(pair, key=position), form):
                    old, new = sorted(pair, key=position, reverse=True)
                    del self.forms[k]
                    self.rename(old, new)
                    self.forms.append(form)
                    again = True
                    break
                if not form.labels and not form.indices and form.constant.number is not None:
                    if form.constant.number:
                        raise _Zero
                    del self.forms[k]
                    again = True
                    break
                if form.surely_nonzero(self.sizes):
                    raise _Zero
                parts = form.split(self.sizes)
                if parts is not None:
                    self.forms[k : k + 1] = parts
                    again = True
                    break
                if self.eliminate(k, output, held):
                    again = True
                    break

    def eliminate(self, k: int, output: set[int], held: set[int]) -> bool:
        """Substitute away a summed label that form k determines and that otherwise occurs in brackets only."""
        form = self.forms[k]
        for label in sorted(form.labels):
            if label in output or label in held:
                continue
            solution = form.solved(label)
            if solution is None or not solution.stays_within(self.sizes[label], self.sizes):
                continue
            others = self.forms[:k] + self.forms[k + 1 :]
            if any(label in used for other in others for _, _, used, _ in other.indices):
                continue
            for other in others:
                other.substituted(label, solution)
            self.forms = others
            del self.sizes[label]
            return True
        return False

    def cancel_inverses(self, output: set[int]) -> bool:
        """Turn X_ij X⁻¹_jk with j met nowhere else into δ_ik, once; True if it happened."""
        for (term, labels), exponent in self.powers.items():
            if not (isinstance(term, Special) and term.operation == "inverse" and exponent == 1 and len(labels) == 2):
                continue
            base = term.children[0]
            for near, far in ((0, 1), (1, 0)):
                meet, keep = labels[near], labels[far]
                partner = next(
                    (
                        used
                        for (t, used), e in self.powers.items()
                        if t is base and e == 1 and len(set(used)) == 2 and used[1 - near] == meet and meet != keep
                    ),
                    None,
                )
                if partner is None or meet in output:
                    continue
                count = sum(used.count(meet) for _, used in self.powers)
                if count == 2 and not any(meet in f.labels for f in self.forms):
                    del self.powers[term, labels], self.powers[base, partner]
                    length = self.sizes.pop(meet)
                    self.forms.append(form_of(delta_bracket(length), (partner[near], keep)))
                    return True
        return False

    def merge_folded(self, output: set[int]) -> bool:
        """Merge a summed component with the same sum kept folded under a power: S · S⁻¹ is 1; True if it happened."""
        folded = [key for key in self.powers if isinstance(key[0], Product)]
        if not folded:
            return False
        bare: list[Factor] = [(t, used, e) for (t, used), e in self.powers.items() if (t, used) not in folded]
        bare += [(*factor_of(form, self.sizes), 1) for form in self.forms]
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

    def remove(self, component: list[Factor], summed: set[int]) -> None:
        """Take the factors out, with the labels that they sum."""
        for term, labels, _ in component:
            if isinstance(term, Bracket):
                self.forms = [f for f in self.forms if factor_of(f, self.sizes) != (term, labels)]
            else:
                del self.powers[term, labels]
        for label in {x for _, labels, _ in component for x in labels} & summed:
            del self.sizes[label]

    def distribute_deltas(self, output: Labels) -> Term | None:
        """The product as a sum, if one factor is a sum with a delta that meets a summed label; else None."""
        for (term, labels), exponent in self.powers.items():
            if not (isinstance(term, Sum) and exponent == 1):
                continue
            if not any(_meets_delta(t, labels, set(output)) for _, t in term.terms):
                continue
            rest = [(t, used, e) for (t, used), e in self.powers.items() if (t, used) != (term, labels)]
            rest += [(*factor_of(form, self.sizes), 1) for form in self.forms]
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
        factors += {(*factor_of(form, self.sizes), 1): None for form in self.forms}
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
    except _Zero:
        shape_of = {x: s for t, labels, _ in items for x, s in zip(labels, t.sizes, strict=True)}
        shape_of.update(sizes or {})
        return zeros(tuple(shape_of[x] for x in output))


def flipped(term: Term) -> Term:
    """The transpose of a term with two axes, pushed into sums and maps."""
    if isinstance(term, Sum):
        return add([(c, flipped(x)) for c, x in term.terms], term.sizes[::-1])
    if isinstance(term, Map):
        return make_map(term.head, tuple(map(flipped, term.children)))
    return product(1, [(term, (1, 0), 1)], (0, 1), dict(enumerate(term.sizes[::-1])))


def oriented(term: Sum | Map) -> Term:
    """The term or its transpose, whichever shows fewer transposes, so that both are one factor of a product."""
    if term._oriented is None:
        other = flipped(term)
        keep = not isinstance(other, (Sum, Map)) or (turns(term), term.digest) <= (turns(other), other.digest)
        term._oriented = term if keep else other
        if isinstance(other, (Sum, Map)):
            other._oriented = term._oriented
    return term._oriented


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


def factorised(value: int) -> list[tuple[int, int]]:
    """Prime factors with multiplicities; a large number is left whole."""
    if value == 1:
        return []
    if value > LARGEST_ROOT:
        return [(value, 1)]
    found: list[tuple[int, int]] = []
    prime = 2
    while prime * prime <= value:
        power = 0
        while value % prime == 0:
            value //= prime
            power += 1
        if power:
            found.append((prime, power))
        prime += 1
    return [*found, (value, 1)] if value > 1 else found


def essential_axes(term: Term) -> Labels:
    """The axes along which the term is not surely constant."""
    if isinstance(term, Product):
        used = {x for _, labels, _ in term.factors for x in labels}
        return tuple(a for a in range(len(term.sizes)) if a in used)
    return () if term.is_zero else tuple(range(len(term.sizes)))


def without_axes(term: Term, kept: Labels) -> Term:
    """The term without the axes along which it is constant; `kept` are the others."""
    if isinstance(term, Product):
        rest = {x: s for x, s in enumerate(term.label_sizes) if x >= len(term.sizes) or x in kept}
        return product(term.coefficient, term.factors, kept, rest)
    return zeros(tuple(term.sizes[a] for a in kept)) if term.is_zero else term


def broadcast(term: Term, axes: Labels, shape: tuple[Size, ...]) -> Term:
    """The term repeated to `shape`; its own axes become the axes `axes` of the result."""
    if len(axes) == len(shape) and axes == tuple(range(len(shape))):
        return term
    return product(1, [(term, axes, 1)], tuple(range(len(shape))), dict(enumerate(shape)))


def scaled(coefficient: Number, term: Term) -> Term:
    """coefficient · term."""
    if coefficient == 1:
        return term
    if not coefficient or term.is_zero:
        return zeros(term.sizes)
    if isinstance(term, Product):
        total = exact(term.coefficient * coefficient)
        if total == 1:
            return unit(term)
        return make_product(total, term.factors, term.label_sizes, len(term.sizes))
    axes = tuple(range(len(term.sizes)))
    return make_product(exact(coefficient), ((term, axes, 1),), term.sizes, len(axes))


def unit(term: Term) -> Term:
    """The term without its numeric coefficient."""
    if not isinstance(term, Product) or term.coefficient == 1:
        return term
    if term._unit is None:
        term._unit = _bare(term)
    return term._unit


def content(term: Term) -> Number:
    """The numeric coefficient that `unit` leaves out."""
    return term.coefficient if isinstance(term, Product) else 1


def _bare(term: Product) -> Term:
    order = len(term.sizes)
    if len(term.factors) == 1 and len(term.label_sizes) == order:
        inner, labels, exponent = term.factors[0]
        if exponent == 1 and labels == tuple(range(order)):
            return inner
    return make_product(1, term.factors, term.label_sizes, order)


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
    content: Number = Fraction(gcd(*(c.numerator for c, _ in kept)), lcm(*(c.denominator for c, _ in kept)))
    content = exact(content if kept[0][0] > 0 else -content)
    if content != 1:
        kept = [(exact(Fraction(c) / content), t) for c, t in kept]
    return scaled(content, make_sum(tuple(kept), sizes))


def summands(term: Term) -> Iterable[tuple[Number, Term]]:
    """The terms of a sum, times a number or repeated along further axes as it may be; any other term is the only one."""
    c, bare = content(term), unit(term)
    if isinstance(bare, Sum):
        return bare.terms if c == 1 else [(c * w, t) for w, t in bare.terms]
    if isinstance(bare, Product) and len(bare.factors) == 1 and not bare.summed:
        inner, labels, exponent = bare.factors[0]
        if isinstance(inner, Sum) and exponent == 1:
            axes, shape = tuple(range(bare.order)), dict(enumerate(bare.sizes))
            return [(c * w, product(1, [(t, labels, 1)], axes, shape)) for w, t in inner.terms]
    return ((c, bare),)


def without_constant(term: Term, kept: Labels) -> Term:
    """The term on the axes `kept`, constant along all others; it may be constant along some of `kept` too."""
    if kept == tuple(range(len(term.sizes))):
        return term
    if term.is_zero:
        return zeros(tuple(term.sizes[a] for a in kept))
    assert isinstance(term, Product)
    rest = {x: s for x, s in enumerate(term.label_sizes) if x >= len(term.sizes) or x in kept}
    return product(term.coefficient, term.factors, kept, rest)


def apply(head: str, args: Sequence[Term]) -> Term:
    """The scalar function `head` (of `heads`) applied entry by entry to arrays of one shape; scalars are repeated."""
    from .heads import HEADS, simplified

    shape: tuple[Size, ...] = max((a.sizes for a in args), key=len)
    wide = [a if a.sizes == shape else broadcast(a, (), shape) for a in args]
    needed = sorted(set().union(*(essential_axes(a) for a in wide)))
    if len(needed) < len(shape):
        axes = tuple(needed)
        return broadcast(apply(head, [without_constant(a, axes) for a in wide]), axes, shape)
    known = simplified(head, wide)
    if known is not None:
        return known
    parity = HEADS[head].parity
    if parity and leading_sign(wide[0]) < 0:
        return scaled(parity, apply(head, [scaled(-1, wide[0])]))
    return make_map(head, tuple(wide))


def leading_sign(term: Term) -> int:
    """The sign of the coefficient that normal form puts in front."""
    return -1 if isinstance(term, Product) and term.coefficient < 0 else 1


def as_number(term: Term) -> Number | None:
    """The number if the term is one number everywhere, else None."""
    if term.is_zero:
        return 0
    return term.coefficient if isinstance(term, Product) and not term.factors else None


def powered(term: Term, exponent: Number) -> Term:
    """term ** exponent, entry by entry."""
    axes = tuple(range(len(term.sizes)))
    return product(1, [(term, axes, exact(exponent))], axes, dict(enumerate(term.sizes)))


def add_entrywise(left: Term, right: Term | Number, sign: int) -> Term:
    """left ± right, of one shape; a scalar is repeated."""
    if not isinstance(right, Term):
        right = number(right, left.sizes)
    shape = max(left.sizes, right.sizes, key=len)
    parts = [t if t.sizes == shape else broadcast(t, (), shape) for t in (left, right)]
    return add([(1, parts[0]), (sign, parts[1])], shape)


def multiply_entrywise(left: Term, right: Term | Number, exponent: int) -> Term:
    """left · right^exponent, of one shape or with a scalar."""
    if not isinstance(right, Term):
        return scaled(right if exponent == 1 else Fraction(1) / right, left)
    shape = max(left.sizes, right.sizes, key=len)
    axes = tuple(range(len(shape)))
    factors: list[Factor] = [(left, axes[: left.order], 1), (right, axes[: right.order], exponent)]
    return product(1, factors, axes, dict(enumerate(shape)))


__all__ = [
    "Dim", "Floor", "Index", "Map", "ZERO", "add", "apply", "as_number", "bracket", "broadcast", "delta", "from_size",
    "number", "powered", "product", "scaled", "unit", "zeros",
]
