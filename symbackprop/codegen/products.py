"""Products as operations: factors become operands, brackets indexing, labels a contraction, scalars one number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

from ..tensor.brackets import Form, form_of
from ..tensor.size import ONE, ZERO, Size
from ..tensor.terms import Bracket, Factor, Labels, Number, Sum, Term
from .contract import Contraction, Operand, nominal
from .gram import halved
from .indexing import Indexing, Put, mixed_radix
from .regroup import divisor
from .values import Value, Values

LARGE = 2**30  # stands for a symbolic step, where steps are compared
SMALLER = 8  # a scalar multiplies an operand instead of the result where that has so many times fewer entries


class Lowers(Protocol):
    """What a product needs of the rest: the values of its factors."""

    values: Values
    indices: Mapping[str, Value]
    known: dict[Term, Operand]

    def over(self, term: Sum, divisor: Number) -> Operand:
        """The value of a sum, divided by a number."""

    def lower(self, term: Term) -> Operand:
        """The value of a term; labels are the term's axes."""

    def opposite(self, term: Term) -> tuple[int, Operand] | None:
        """(1, not b) if the term is 1 − b for a truth value b, (−1, not b) if it is b − 1; else None."""


@dataclass
class ProductLowering:
    """One product. `signed`: a lone factor −1 is left out, and stands in `sign` afterwards."""

    context: Lowers
    coefficient: Fraction
    factors: tuple[Factor, ...]
    label_sizes: tuple[Size, ...]
    order: int
    operands: list[Operand] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    above: list[Value] = field(default_factory=list)
    below: list[Value] = field(default_factory=list)
    signed: bool = False
    sign: int = 1

    @property
    def values(self) -> Values:
        """Where values are made."""
        return self.context.values

    def run(self) -> Operand:
        """The product's value; its labels are the term's axes."""
        for child, labels, exponent in self.factors:
            if isinstance(child, Bracket):
                self.forms.append(form_of(child, labels))
            else:
                self.factor(child, labels, exponent)
        sizes = dict(enumerate(self.label_sizes))
        held = {x for o in self.operands for x in o.labels}.union(*(f.labels for f in self.forms))
        for label in range(self.order, len(sizes)):
            if label not in held and sizes[label] is not ONE:
                self.scale(self.values.size(sizes[label]), below=False)
        output = frozenset(range(self.order))
        indexing = Indexing(self.values, sizes, self.operands, self.forms, output, self.context.indices)
        indexing.operands = [indexing.without_repeats(o) for o in self.operands]
        indexing.resolve()
        self.operands = [o for o in indexing.operands if o.value.shape]
        for scalar in (o for o in indexing.operands if not o.value.shape):
            self.scale(scalar.value, scalar.inverse)
        self.greatest()
        self.mask()
        keep = output - {p.label for p in indexing.puts}
        keep = keep.union(*(indexing.used(p.position) for p in indexing.puts))
        result = self.contracted(sizes, keep)
        return self.put(result, indexing.puts, sizes) if indexing.puts else result

    # -- factors
    def factor(self, child: Term, labels: Labels, exponent: Number) -> None:
        """Add child[labels]^exponent to the operands."""
        flipped = self.context.opposite(child) if isinstance(exponent, int) and exponent > 0 else None
        if flipped is not None:
            self.coefficient *= flipped[0] ** int(exponent)
            exponent = 1
        part: Number = 1
        if flipped is None and isinstance(child, Sum) and isinstance(exponent, int) and child not in self.context.known:
            part = divisor(list(child.terms))
        if part != 1:
            assert isinstance(child, Sum)
            self.coefficient *= Fraction(part) ** int(exponent)
            low = self.context.over(child, part)
        else:
            low = flipped[1] if flipped is not None else self.context.lower(child)
        own = tuple(labels[a] for a in low.labels)
        if not own:
            value, inverse = self.power(low.value, exponent)
            self.scale(value, inverse)
        elif exponent == 2 and low.value.kind == "float" and any(x >= self.order for x in own):
            self.operands += [Operand(low.value, own), Operand(low.value, own)]
        else:
            value, inverse = self.power(low.value, exponent)
            self.operands.append(Operand(value, own, inverse))

    def scale(self, value: Value, below: bool) -> None:
        """Multiply, or divide, by a number."""
        (self.below if below else self.above).append(value)

    def power(self, x: Value, exponent: Number) -> tuple[Value, bool]:
        """|exponent|-th power of x, and whether one divides by it."""
        inverse = exponent < 0
        e = abs(Fraction(exponent))
        if x.kind == "bool" and not inverse:
            return x, False
        if e.denominator > 2 or e > 64:
            return self.values.apply("power", x, self.values.number(e)), inverse
        whole, half = divmod(e, 1)
        result = self.values.apply("sqrt", x) if half else None
        square = self.values.as_float(x)
        rest = int(whole)
        while rest:
            if rest & 1:
                result = square if result is None else self.values.times(result, square)
            rest >>= 1
            if rest:
                square = self.values.times(square, square)
        assert result is not None
        return result, inverse

    def greatest(self) -> None:
        """Σ x · (1 at the first greatest entry) is the greatest entry."""
        for k, hot in enumerate(self.operands):
            if hot.value.op != "first":
                continue
            source, order = _base(hot.value.args[0], hot.labels)
            axes = hot.labels[len(hot.labels) - int(str(hot.value.attr[0])) :]
            for m, x in enumerate(self.operands):
                if m == k or _base(x.value, x.labels) != (source, order) or x.inverse:
                    continue
                rest = [o for i, o in enumerate(self.operands) if i not in (k, m)]
                if any(a < self.order or any(a in o.labels for o in rest) for a in axes):
                    continue
                value = self.values.greatest(source, [order.index(a) for a in axes])
                self.operands = [*rest, Operand(value, tuple(a for a in order if a not in axes))]
                return

    def mask(self) -> None:
        """What may be infinite is 0 where a truth value that multiplies it is false, and 1 where one divides by it."""
        for truth in [o for o in self.operands if o.value.kind == "bool"]:
            done = False
            for k, o in enumerate(self.operands):
                if o is truth or not set(truth.labels) <= set(o.labels) or (o.value.tame and not o.inverse):
                    continue
                order = [truth.labels.index(x) for x in o.labels if x in truth.labels]
                where = self.values.transpose(truth.value, order)
                where = self.values.expand(where, [a for a, x in enumerate(o.labels) if x not in truth.labels])
                other = self.values.number(1 if o.inverse else 0)
                self.operands[k] = Operand(self.values.apply("where", where, o.value, other), o.labels, o.inverse)
                self.operands[k].value.tame = True
                done = done or not o.inverse
            if done:
                self.operands.remove(truth)

    # -- the number in front
    def scalar(self) -> Value | None:
        """All factors without axes as one number; None if that is 1."""
        values = self.values
        top: Value | None = None
        for value in sorted(self.above, key=lambda v: v.kind == "bool"):
            top = value if top is None else values.times(top, value)
        down: Value | None = None
        for value in self.below:
            down = value if down is None else values.times(down, value)
        c = self.coefficient
        if top is None and down is None:
            return None if c == 1 else values.number(c)
        if top is None or abs(c.numerator) != 1 or (c < 0 and c.denominator == 1):
            top = values.number(c.numerator) if top is None else values.times(top, values.number(c.numerator))
            c = Fraction(1, c.denominator)
        if c.denominator != 1:
            bottom = values.number(c.denominator * (1 if c > 0 else -1))
            down = bottom if down is None else values.times(down, bottom)
        return top if down is None else values.over(top, down)

    def contracted(self, sizes: dict[int, Size], keep: frozenset[int]) -> Operand:
        """The operands multiplied and summed, and the number in front put where it costs least."""
        scalar = self.scalar()
        if self.signed and scalar is not None and scalar.op == "number" and scalar.attr[0] == -1:
            self.sign, scalar = -1, None
        if not self.operands:
            return Operand(self.values.number(1) if scalar is None else scalar, ())
        work = Contraction(self.values, sizes)
        if scalar is not None:
            result = {x for o in self.operands for x in o.labels if x in keep}
            counts = [work.numel(o.labels) for o in self.operands]
            least = counts.index(min(counts))
            early = self.early(keep)
            if len(self.operands) > 1 and (early is not None or counts[least] * SMALLER <= work.numel(result)):
                least = least if early is None else early
                small = self.operands[least]
                new = self.values.times(work.plain(small).value, scalar)
                self.operands[least] = Operand(new, small.labels)
                scalar = None
        if not self.values.numeric:
            self.operands = halved(self.values, self.operands, keep, work.plain) or self.operands
        found = work.run(self.operands, keep, tuple(x for x in range(self.order) if x in keep))
        return found if scalar is None else Operand(self.values.times(found.value, scalar), found.labels)

    def early(self, keep: frozenset[int]) -> int | None:
        """An operand of the forward pass that meets a gradient entry by entry, and that nothing else is called."""
        if any(not keep.issuperset(o.labels) for o in self.operands) or not any(o.value.late for o in self.operands):
            return None
        for k, o in enumerate(self.operands):
            v = o.value
            if v.is_elementwise and not v.late and not v.hint and v.kind == "float" and len(v.shape) > 1:
                return k
        return None

    # -- writing at positions
    def put(self, entries: Operand, puts: list[Put], sizes: dict[int, Size]) -> Operand:
        """An array of zeros with the entries added at their positions."""
        spots = {p.label: p.position for p in puts}
        positions = [p.position for p in puts]
        moved = [x for f in positions for x in sorted(f.labels) if sizes[x] is not ONE]
        present = {*spots, *entries.labels, *moved}
        target = tuple(x for x in range(self.order) if x in present)
        if len(set(moved)) == len(moved) and not set(moved) & set(target) and not any(f.indices for f in positions):
            return self.laid(entries, spots, target, sizes)
        return self.scattered(entries, spots, target, sizes)

    def laid(self, entries: Operand, spots: dict[int, Form], target: Labels, sizes: dict[int, Size]) -> Operand:
        """Entries at positions that are linear in their own: slices, in a loop over all but one label of each."""
        loops: list[int] = []
        place: list[tuple[Size, Size | None, Size | None, tuple[tuple[int, Size], ...]] | None] = []
        main: list[int] = []
        for label in target:
            form = spots.get(label)
            if form is None:
                place.append(None)
                main.append(label)
                continue
            used = sorted(
                (x for x in form.labels if sizes[x] is not ONE),
                key=lambda x: (-abs(form.coefficients[x].number or LARGE), x),
            )
            steps, counts = tuple(form.coefficients[x] for x in used), tuple(sizes[x] for x in used)
            whole = len(used) > 1 and form.constant is ZERO and mixed_radix(steps, counts)
            if whole and steps[0] * counts[0] is sizes[label]:
                entries = self.merged(entries, used, label, sizes)
                place.append(None)
                main.append(label)
                continue
            used.sort(key=lambda x: (-nominal(sizes[x]), x))
            inner = tuple((len(loops) + k, form.coefficients[x]) for k, x in enumerate(used[1:]))
            loops += used[1:]
            if used:
                place.append((form.constant, form.coefficients[used[0]], sizes[used[0]], inner))
                main.append(used[0])
            else:
                place.append((form.constant, None, None, ()))
        if all(p is None for p in place):
            return entries
        order = (*loops, *main)
        work = Contraction(self.values, sizes)
        missing = tuple(x for x in loops if x not in entries.labels)
        value = self.values.as_float(work.aligned(entries, order))
        if missing:
            value = self.values.repeat(value, (*(sizes[x] for x in loops), *value.shape[-len(main) :]))
        shape = tuple(sizes[x] for x in target)
        made = self.values.make("place", (value,), (tuple(place), tuple(sizes[x] for x in loops)), shape)
        return Operand(made, target)

    def merged(self, entries: Operand, used: list[int], label: int, sizes: dict[int, Size]) -> Operand:
        """Several labels as one, in row-major order."""
        work = Contraction(self.values, sizes)
        rest = tuple(x for x in entries.labels if x not in used)
        value = work.aligned(entries, (*rest, *used))
        whole = (*(sizes[x] for x in rest), *(sizes[x] for x in used))
        value = self.values.reshape(self.values.repeat(value, whole), (*(sizes[x] for x in rest), sizes[label]))
        return Operand(value, (*rest, label))

    def scattered(self, entries: Operand, spots: dict[int, Form], target: Labels, sizes: dict[int, Size]) -> Operand:
        """Entries at positions that integer symbols give."""
        indexing = Indexing(self.values, sizes, [], [], frozenset(target), self.context.indices)
        over = {x for f in spots.values() for x in indexing.used(f)}
        labels = tuple(sorted(over, key=lambda x: (x not in target, x)))
        chosen = [x for x in target if x in spots or x in over]
        rest = tuple(x for x in target if x not in chosen)
        where: list[Value] = []
        for x in chosen:
            if x in spots:
                where.append(indexing.integers(spots[x], labels))
            else:
                where.append(indexing.spread(Operand(self.values.positions(sizes[x]), (x,)), labels))
        work = Contraction(self.values, sizes)
        value = self.values.as_float(work.aligned(entries, (*labels, *rest)))
        order = tuple(target.index(x) for x in (*chosen, *rest))
        single = over <= set(target)
        attr = (order, len(chosen), single)
        made = self.values.make("scatter", (value, *where), attr, tuple(sizes[x] for x in target))
        return Operand(made, target)


def _base(value: Value, labels: Labels) -> tuple[Value, Labels]:
    """The value without a transposition, and the labels of its own axes."""
    if value.op != "transpose":
        return value, labels
    own = [0] * len(labels)
    for k, axis in enumerate(value.attr):
        own[int(str(axis))] = labels[k]
    return value.args[0], tuple(own)


__all__ = ["ProductLowering"]
