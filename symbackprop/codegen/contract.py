"""A product of arrays with labelled axes as whole-array operations: one matrix product per pair, the cheapest order.

Operands carry labels in the order of their memory. Nothing is expanded: a vector meets a matrix by broadcasting, a
contraction is one call of BLAS on transposed views.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ..tensor.size import Size
from ..tensor.terms import Labels
from .values import Value, Values

NOMINAL = 64  # what a symbolic size counts as when orders are compared
CALL = 400.0  # what one call costs, in entries
SEARCHED = 7  # up to so many operands the best order is searched, else the cheapest pair goes first


@dataclass(frozen=True, slots=True)
class Operand:
    """An array with a label for each axis; `inverse`: one divides by it."""

    value: Value
    labels: Labels
    inverse: bool = False


def nominal(length: Size) -> float:
    """A number that stands for a size when costs are compared."""
    return float(max(1, length.value(dict.fromkeys(length.names, NOMINAL))))


class Contraction:
    """Σ Π operands over all labels that are not kept."""

    def __init__(self, values: Values, sizes: Mapping[int, Size]) -> None:
        self.values = values
        self.sizes = sizes

    def run(self, operands: Sequence[Operand], keep: frozenset[int], order: Labels) -> Operand:
        """The product summed over every label outside `keep`; its labels come in `order` where that costs nothing."""
        work = []
        for k, operand in enumerate(operands):
            others = self.labels(o for m, o in enumerate(operands) if m != k)
            work.append(self.summed(operand, keep | others))
        if len(work) == 1:
            return self.plain(work[0])
        tree = self.planned([frozenset(o.labels) for o in work], keep, [o.value.late for o in work])
        return self.plain(self.evaluated(tree, work, keep, order))

    def labels(self, operands: Iterable[Operand]) -> set[int]:
        """All labels."""
        return {x for o in operands for x in o.labels}

    def numel(self, labels: Iterable[int]) -> float:
        """Nominal number of entries."""
        total = 1.0
        for label in labels:
            total *= nominal(self.sizes[label])
        return total

    # -- the order
    def planned(self, labels: list[frozenset[int]], keep: frozenset[int], late: list[bool]) -> object:
        """A nested pair of operand numbers: the cheapest order."""
        if len(labels) > SEARCHED:
            return self.greedy(labels, keep)
        count = len(labels)
        everything = (1 << count) - 1
        needed: dict[int, frozenset[int]] = {}
        for mask in range(1, everything + 1):
            outside = keep.union(*(labels[k] for k in range(count) if not mask >> k & 1))
            needed[mask] = frozenset().union(*(labels[k] for k in range(count) if mask >> k & 1)) & outside
        best: dict[int, tuple[float, object]] = {1 << k: (0.0, k) for k in range(count)}
        early = sum(1 << k for k in range(count) if not late[k])
        for mask in sorted(range(1, everything + 1), key=lambda m: (m.bit_count(), m)):
            if mask in best:
                continue
            found: tuple[float, object] | None = None
            part = (mask - 1) & mask
            while part > mask ^ part:
                other = mask ^ part
                price = self.price(needed[part], needed[other], needed[mask]) + best[part][0] + best[other][0]
                price -= 1e-3 * max((side.bit_count() for side in (part, other) if not side & ~early), default=0)
                if found is None or price < found[0] - 1e-9:
                    found = price, (best[part][1], best[other][1])
                part = (part - 1) & mask
            assert found is not None
            best[mask] = found
        return best[everything][1]

    def greedy(self, labels: list[frozenset[int]], keep: frozenset[int]) -> object:
        """Pairs in the order of their prices."""
        pool: list[tuple[frozenset[int], object]] = [(set_, k) for k, set_ in enumerate(labels)]
        while len(pool) > 1:
            choices = []
            for i, j in combinations(range(len(pool)), 2):
                outside = keep.union(*(s for k, (s, _) in enumerate(pool) if k not in (i, j)))
                result = (pool[i][0] | pool[j][0]) & outside
                choices.append((self.price(pool[i][0], pool[j][0], result) + self.numel(result), i, j, result))
            _, i, j, result = min(choices, key=lambda c: c[:3])
            merged = (result, (pool[i][1], pool[j][1]))
            pool = [p for k, p in enumerate(pool) if k not in (i, j)] + [merged]
        return pool[0][1]

    def price(self, left: frozenset[int], right: frozenset[int], result: frozenset[int]) -> float:
        """What combining two operands costs."""
        union = left | right
        if union == result:
            return CALL + self.numel(union)
        shared = left & right
        batch = shared & result
        if shared - result and not batch:
            return CALL + self.numel(union) / 8 + self.numel(result)
        if not (left - shared or right - shared):
            return 2 * CALL + 2 * self.numel(union)
        return 2 * CALL + self.numel(union) / 2

    # -- the operations
    def evaluated(self, tree: object, operands: Sequence[Operand], keep: frozenset[int], order: Labels) -> Operand:
        """The value of a nested pair; leaves are numbers of operands."""
        if isinstance(tree, int):
            return operands[tree]
        assert isinstance(tree, tuple)
        inside = [_leaves(branch) for branch in tree]
        sides: list[Operand] = []
        for k, branch in enumerate(tree):
            beyond = keep | self.labels(operands[m] for m in range(len(operands)) if m not in inside[k])
            sides.append(self.evaluated(branch, operands, frozenset(beyond), order))
        return self.pair(sides[0], sides[1], keep, order)

    def pair(self, left: Operand, right: Operand, keep: frozenset[int], order: Labels) -> Operand:
        """Two operands combined, summed over what is not kept."""
        shared = set(left.labels) & set(right.labels)
        contracted = shared - keep
        if not contracted:
            return self.multiplied(left, right, order)
        left, right = self.plain(left), self.plain(right)
        left, right = self.number_of(left), self.number_of(right)
        batch = shared & keep
        if not batch:
            return self.dot(left, right, contracted, order)
        if set(left.labels) == shared == set(right.labels):
            return self.summed(self.multiplied(left, right, order), keep)
        return self.matmul(left, right, batch, contracted, order)

    def number_of(self, operand: Operand) -> Operand:
        """Truth values as numbers."""
        return Operand(self.values.as_float(operand.value), operand.labels)

    def plain(self, operand: Operand) -> Operand:
        """The operand as a factor, where one divides by it."""
        if not operand.inverse:
            return operand
        return Operand(self.values.apply("reciprocal", operand.value), operand.labels)

    def summed(self, operand: Operand, keep: frozenset[int]) -> Operand:
        """The operand summed over what is not kept."""
        axes = [k for k, x in enumerate(operand.labels) if x not in keep]
        if not axes:
            return operand
        operand = self.plain(operand)
        rest = tuple(x for x in operand.labels if x in keep)
        return Operand(self.values.total(operand.value, axes), rest)

    def aligned(self, operand: Operand, labels: Labels) -> Value:
        """The array with its axes in the order of `labels`, of size 1 where it lacks one."""
        order = sorted(range(len(operand.labels)), key=lambda k: labels.index(operand.labels[k]))
        value = self.values.transpose(operand.value, order)
        return self.values.expand(value, [k for k, x in enumerate(labels) if x not in operand.labels])

    def multiplied(self, left: Operand, right: Operand, order: Labels) -> Operand:
        """The entrywise product, or quotient, on the union of the labels."""
        union = {*left.labels, *right.labels}
        long, short = (left, right) if len(left.labels) >= len(right.labels) else (right, left)
        labels = long.labels if len(long.labels) == len(union) else ()
        if not labels or (order and union == set(order) and len(short.labels) == len(union)):
            known = [x for x in order if x in union]
            labels = (*known, *(x for x in (*long.labels, *short.labels) if x not in known))
            labels = tuple(dict.fromkeys(labels))
        x, y = self.aligned(left, labels), self.aligned(right, labels)
        if left.inverse and right.inverse:
            return Operand(self.values.times(x, y), labels, inverse=True)
        if left.inverse or right.inverse:
            over, under = (x, y) if right.inverse else (y, x)
            return Operand(self.values.over(over, under), labels)
        return Operand(self.values.times(x, y), labels)

    def dot(self, left: Operand, right: Operand, contracted: set[int], order: Labels) -> Operand:
        """Σ over the contracted labels: a matrix product, a matrix times a vector, or an inner product."""
        rows = tuple(x for x in left.labels if x not in contracted)
        columns = tuple(x for x in right.labels if x not in contracted)
        if not rows and not columns:
            other = Operand(self.aligned(right, left.labels), left.labels)
            return Operand(self.values.make("vdot", self.in_order(left.value, other.value)), ())
        if _before(columns, rows, order):
            left, right, rows, columns = right, left, columns, rows
        rows, columns = _sorted(rows, order), _sorted(columns, order)
        inner = tuple(x for x in left.labels if x in contracted)
        inner = inner if len(right.labels) < len(left.labels) else tuple(x for x in right.labels if x in contracted)
        a, b = self.matrix(left, rows, inner), self.matrix(right, inner, columns)
        shape = (*((a.shape[0],) if rows else ()), *((b.shape[-1],) if columns else ()))
        full = tuple(self.sizes[x] for x in (*rows, *columns))
        value = self.values.reshape(self.values.make("dot", (a, b), (), shape), full)
        return Operand(value, (*rows, *columns))

    def in_order(self, left: Value, right: Value) -> tuple[Value, Value]:
        """A symmetric pair, always in one order."""
        return (left, right) if left.index <= right.index else (right, left)

    def matrix(self, operand: Operand, rows: Labels, columns: Labels) -> Value:
        """The array as a matrix with these labels along its rows and columns; as a vector if one of them is empty."""
        value = self.aligned(operand, (*rows, *columns))
        groups = [group for group in (rows, columns) if group]
        if all(len(group) == 1 for group in groups):
            return value
        return self.values.reshape(value, tuple(self.product_size(group) for group in groups))

    def product_size(self, labels: Labels) -> Size:
        """The number of entries along several labels."""
        total = self.sizes[labels[0]]
        for label in labels[1:]:
            total = total * self.sizes[label]
        return total

    def matmul(self, left: Operand, right: Operand, batch: set[int], contracted: set[int], order: Labels) -> Operand:
        """A stack of matrix products."""
        rows = tuple(x for x in left.labels if x not in contracted and x not in batch)
        columns = tuple(x for x in right.labels if x not in contracted and x not in batch)
        if _before(columns, rows, order):
            left, right, rows, columns = right, left, columns, rows
        rows, columns = _sorted(rows, order), _sorted(columns, order)
        stack = _sorted(tuple(x for x in left.labels if x in batch), order)
        inner = tuple(x for x in left.labels if x in contracted)
        lead = tuple(self.sizes[x] for x in stack)
        a = self.aligned(left, (*stack, *rows, *inner))
        b = self.aligned(right, (*stack, *inner, *columns))
        mid = self.product_size(inner)
        one = self.values
        a = one.reshape(a, (*lead, self.product_size(rows), mid)) if rows else one.reshape(a, (*lead, mid))
        b = one.reshape(b, (*lead, mid, self.product_size(columns))) if columns else one.reshape(b, (*lead, mid))
        if not rows:
            a = one.expand(a, [len(lead)])
        if not columns:
            b = one.expand(b, [len(lead) + 1])
        shape = (*lead, a.shape[-2], b.shape[-1])
        value = one.make("matmul", (a, b), (), shape)
        full = tuple(self.sizes[x] for x in (*stack, *rows, *columns))
        return Operand(one.reshape(value, full), (*stack, *rows, *columns))


def _leaves(tree: object) -> set[int]:
    if isinstance(tree, int):
        return {tree}
    assert isinstance(tree, tuple)
    return set().union(*(_leaves(branch) for branch in tree))


def _sorted(labels: Labels, order: Labels) -> Labels:
    """The labels in the wanted order, where it says something."""
    place = {x: k for k, x in enumerate(order)}
    return tuple(sorted(labels, key=lambda x: place.get(x, len(place)))) if place else labels


def _before(columns: Labels, rows: Labels, order: Labels) -> bool:
    """True if the wanted order has the columns in front of the rows."""
    place = {x: k for k, x in enumerate(order)}
    if not columns or not rows or not all(x in place for x in (*columns, *rows)):
        return False
    return max(place[x] for x in columns) < min(place[x] for x in rows)


__all__ = ["Contraction", "Operand", "nominal"]
