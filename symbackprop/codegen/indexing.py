"""Brackets as indexing: a label that a bracket determines is a slice, a window, a gather; an output label is a scatter.

Each way is tried in turn: read at the determined position (surely inside the axis); write at the determined position;
read from the array padded with zeros; and, always right, a mask of truth values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from ..tensor.brackets import Form
from ..tensor.size import ONE, ZERO, Floor, Size, size
from ..tensor.terms import Labels
from .contract import Operand
from .values import Value, Values


@dataclass(frozen=True, slots=True)
class Put:
    """An output label and the position on its axis at which entries are added."""

    label: int
    position: Form


@dataclass
class Indexing:
    """The operands of one product with its brackets worked in; `puts` come after the contraction."""

    values: Values
    sizes: dict[int, Size]
    operands: list[Operand]
    forms: list[Form]
    output: frozenset[int]
    indices: Mapping[str, Value]
    puts: list[Put] = field(default_factory=list)

    def resolve(self) -> None:
        """Work every bracket in. The position on an axis of size 1 is 0."""
        for form in self.forms:
            for label in list(form.coefficients):
                if self.sizes[label] is ONE:
                    del form.coefficients[label]
        while self.forms:
            if not (self.counted() or self.read(sure=True) or self.write() or self.read(sure=False)):
                self.mask(self.forms.pop())

    # -- which bracket, which label
    def held(self, label: int) -> bool:
        """True if an operand carries the label."""
        return any(label in o.labels for o in self.operands)

    def used(self, form: Form) -> set[int]:
        """The labels that move the form."""
        return {x for x in form.labels if self.sizes[x] is not ONE}

    def others(self, form: Form) -> list[Form]:
        """The other brackets, and the positions of earlier puts."""
        return [f for f in self.forms if f is not form] + [p.position for p in self.puts]

    def solutions(self, form: Form, sure: bool) -> list[tuple[int, Form]]:
        """The labels that the bracket determines, and as what; `sure`: always a position of the label's axis."""
        found = []
        for label in sorted(self.used(form)):
            solution = form.solved(label)
            if solution is None or any(label in used for f in self.others(form) for _, _, used, _ in f.indices):
                continue
            if within(solution, self.sizes[label], self.sizes) == sure:
                found.append((label, solution))
        return found

    def counted(self) -> bool:
        """Σ_jk [i = j + k + 1] is i: how the calculus writes positions as numbers."""
        for form in self.forms:
            free = [x for x in self.used(form) if x not in self.output and not self.held(x)]
            rest = [x for x in self.used(form) if x not in free]
            if len(free) != 2 or len(rest) != 1 or form.indices or len({self.sizes[x] for x in self.used(form)}) != 1:
                continue
            if any(x in self.used(other) for x in free for other in self.others(form)):
                continue
            weights = [form.coefficients[x].number for x in (*rest, *free)] + [form.constant.number]
            if weights in ([1, -1, -1, -1], [-1, 1, 1, 1]):
                self.forms.remove(form)
                positions = self.values.as_float(self.values.positions(self.sizes[rest[0]]))
                self.operands.append(Operand(positions, (rest[0],)))
                return True
        return False

    def read(self, sure: bool) -> bool:
        """Substitute a summed label in everything that carries it; True if one was found."""
        best: tuple[tuple[int, int, int], Form, int, Form] | None = None
        for form in self.forms:
            for label, solution in self.solutions(form, sure):
                if label in self.output or any(p.position.coefficients.get(label, ZERO) is not ZERO for p in self.puts):
                    continue
                if not sure and (solution.indices or not self.held(label)):
                    continue
                rank = (len(solution.indices), len(self.used(solution)), label)
                if best is None or rank < best[0]:
                    best = rank, form, label, solution
        if best is None:
            return False
        _, form, label, solution = best
        self.forms.remove(form)
        for other in self.forms:
            other.substituted(label, solution)
        self.operands = [self.at(o, label, solution, sure) if label in o.labels else o for o in self.operands]
        return True

    def write(self) -> bool:
        """Determine an output label by the others; True if one was found."""
        for form in self.forms:
            for label, solution in self.solutions(form, sure=True):
                if label not in self.output or any(p.label == label for p in self.puts):
                    continue
                if any(label in self.used(f) for f in self.others(form)):
                    continue
                self.forms.remove(form)
                self.operands = [self.at(o, label, solution, True) if label in o.labels else o for o in self.operands]
                self.puts.append(Put(label, solution))
                return True
        return False

    # -- reading
    def at(self, operand: Operand, label: int, position: Form, sure: bool) -> Operand:
        """The operand with the axis of `label` read at a position that other labels determine."""
        if operand.labels.count(label) > 1:
            operand = self.without_repeats(operand)
        axis = operand.labels.index(label)
        rest = operand.labels[:axis] + operand.labels[axis + 1 :]
        if position.indices:
            return self.gathered(operand, axis, position)
        used = sorted(self.used(position))
        value, start = operand.value, position.constant
        if not sure:
            if operand.inverse:
                operand = Operand(self.values.apply("reciprocal", operand.value), operand.labels)
            value, start = self.padded(operand.value, axis, position)
        if not used:
            return Operand(self.values.part(value, axis, start, None, None), rest, operand.inverse)
        if len(used) == 1:
            step = position.coefficients[used[0]]
            length = self.sizes[used[0]]
            if not (step is ONE and start is ZERO and length is value.shape[axis]):
                value = self.values.part(value, axis, start, step, length)
            new = Operand(value, (*operand.labels[:axis], used[0], *operand.labels[axis + 1 :]), operand.inverse)
        else:
            used.sort(
                key=lambda x: (-abs(position.coefficients[x].number or 2**30), -len(str(position.coefficients[x])), x)
            )
            steps = tuple(position.coefficients[x] for x in used)
            counts = tuple(self.sizes[x] for x in used)
            shape = (*value.shape[:axis], *counts, *value.shape[axis + 1 :])
            if mixed_radix(steps, counts):
                whole = steps[0] * counts[0]
                if start is not ZERO or whole is not value.shape[axis]:
                    value = self.values.part(value, axis, start, ONE, whole)
                value = self.values.reshape(value, shape)
            else:
                value = self.values.make("windows", (value,), (axis, start, steps, counts), shape, value.kind)
            new = Operand(value, (*operand.labels[:axis], *used, *operand.labels[axis + 1 :]), operand.inverse)
        return self.without_repeats(new)

    def without_repeats(self, operand: Operand) -> Operand:
        """The operand with every label once: X_ii is a diagonal."""
        labels, value = list(operand.labels), operand.value
        while len(set(labels)) < len(labels):
            label = next(x for x in labels if labels.count(x) > 1)
            first = labels.index(label)
            second = labels.index(label, first + 1)
            value = self.values.diagonal(value, first, second)
            labels = [x for k, x in enumerate(labels) if k not in (first, second)] + [label]
        return Operand(value, tuple(labels), operand.inverse)

    def padded(self, x: Value, axis: int, position: Form) -> tuple[Value, Size]:
        """x with as many zeros around one axis as the positions need, and the form's constant in it."""
        low = high = position.constant
        for label in self.used(position):
            weight = position.coefficients[label]
            if weight.surely_nonnegative():
                high = high + weight * (self.sizes[label] - 1)
            else:
                low = low + weight * (self.sizes[label] - 1)
        before, after = -low, high - x.shape[axis] + 1
        before = ZERO if low.surely_nonnegative() else before
        after = ZERO if (-after).surely_nonnegative() else after
        shape = (*x.shape[:axis], x.shape[axis] + before + after, *x.shape[axis + 1 :])
        return self.values.make("pad", (x,), (axis, before, after), shape), position.constant + before

    def integers(self, position: Form, labels: Labels) -> Value:
        """The position as an array of integers over these labels."""
        total: Value | None = None
        for c, name, used, _ in position.indices:
            total = self.combined(total, c, self.spread(self.integer_symbol(name, used), labels))
        for label in sorted(position.coefficients):
            if position.coefficients[label] is not ZERO:
                line = Operand(self.values.positions(self.sizes[label]), (label,))
                total = self.combined(total, position.coefficients[label], self.spread(line, labels))
        if total is None:
            return self.values.size(position.constant)
        if position.constant is not ZERO:
            total = self.values.make("shift", (total,), (ONE, position.constant), total.shape, "int")
        return total

    def integer_symbol(self, name: str, used: Labels) -> Operand:
        """An array of integers that the caller gives, without its axes of size 1."""
        value = self.indices[name]
        for axis in reversed(range(len(used))):
            if self.sizes[used[axis]] is ONE:
                value = self.values.part(value, axis, ZERO, None, None)
        return Operand(value, tuple(x for x in used if self.sizes[x] is not ONE))

    def spread(self, operand: Operand, labels: Labels) -> Value:
        """The array with its axes where they are among the labels."""
        order = sorted(range(len(operand.labels)), key=lambda k: labels.index(operand.labels[k]))
        value = self.values.transpose(operand.value, order)
        return self.values.expand(value, [k for k, x in enumerate(labels) if x not in operand.labels])

    def combined(self, total: Value | None, weight: Size, x: Value) -> Value:
        """total + weight · x, of integers."""
        from .values import broadcast

        if weight is not ONE:
            x = self.values.make("shift", (x,), (weight, ZERO), x.shape, "int")
        if total is None:
            return x
        return self.values.make("plus", (total, x), (), broadcast([total.shape, x.shape]), "int")

    def gathered(self, operand: Operand, axis: int, position: Form) -> Operand:
        """The operand read at positions that integer symbols give."""
        labels = tuple(sorted(self.used(position), key=lambda x: (x not in self.output, x)))
        where = self.integers(position, labels)
        rest = operand.labels[:axis] + operand.labels[axis + 1 :]
        meeting = [x for x in rest if x in labels]
        if not meeting:
            shape = (*operand.value.shape[:axis], *where.shape, *operand.value.shape[axis + 1 :])
            value = self.values.make("take", (operand.value, where), (axis,), shape, operand.value.kind)
            return Operand(value, (*operand.labels[:axis], *labels, *operand.labels[axis + 1 :]), operand.inverse)
        lines = [self.spread(Operand(self.values.positions(self.sizes[x]), (x,)), labels) for x in meeting]
        others = [x for x in rest if x not in labels]
        order = [operand.labels.index(x) for x in meeting] + [axis] + [operand.labels.index(x) for x in others]
        source = self.values.transpose(operand.value, order)
        shape = (*(self.sizes[x] for x in labels), *(self.sizes[x] for x in others))
        value = self.values.make("pick", (source, *lines, where), (), shape, operand.value.kind)
        return Operand(value, (*labels, *others), operand.inverse)

    # -- masks
    def mask(self, form: Form) -> None:
        """The bracket as an array of truth values."""
        labels = tuple(sorted(self.used(form)))
        if not labels:
            where = self.integers(form, ())
            self.operands.append(Operand(self.values.make("iszero", (where,), (), (), "bool"), ()))
            return
        single = [x for x in labels if form.solved(x) is not None]
        if single:
            target = single[-1]
            solution = form.solved(target)
            assert solution is not None
            line = self.spread(Operand(self.values.positions(self.sizes[target]), (target,)), labels)
            where = self.integers(solution, labels)
            shape = tuple(self.sizes[x] for x in labels)
            self.operands.append(Operand(self.values.make("same", (line, where), (), shape, "bool"), labels))
            return
        where = self.integers(form, labels)
        self.operands.append(Operand(self.values.make("iszero", (where,), (), where.shape, "bool"), labels))


def within(position: Form, length: Size, sizes: dict[int, Size]) -> bool:
    """True if the form is surely a position of an axis of that length."""
    bounds = position.bounds(sizes)
    return bounds is not None and nonnegative(bounds[0]) and nonnegative(length - 1 - bounds[1])


def nonnegative(value: Size) -> bool:
    """True if the size is surely ≥ 0, also by d ⌊n/d⌋ ≤ n."""
    if value.surely_nonnegative():
        return True
    relaxed = ZERO
    for monomial, coefficient in value.monomials:
        atom = monomial[0][0] if len(monomial) == 1 and monomial[0][1] == 1 else None
        if isinstance(atom, Floor) and coefficient < 0 and coefficient % atom.divisor == 0:
            relaxed = relaxed + atom.numerator * (coefficient // atom.divisor)
        else:
            term = size(coefficient)
            for base, power in monomial:
                for _ in range(power):
                    term = term * (size(base) if isinstance(base, str) else base.numerator // base.divisor)
            relaxed = relaxed + term
    return relaxed.surely_nonnegative()


def mixed_radix(steps: tuple[Size, ...], counts: tuple[Size, ...]) -> bool:
    """True if Σ step · position runs once through consecutive integers, in row-major order."""
    if steps[-1] is not ONE:
        return False
    return all(a is b * n for (a, b), n in zip(pairwise(steps), counts[1:], strict=True))


__all__ = ["Indexing", "Put", "mixed_radix"]
