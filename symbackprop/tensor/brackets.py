"""Linear forms in positions, and what a bracket lets a product do without: the label that it determines."""

from __future__ import annotations

from dataclasses import dataclass

from .size import ONE, ZERO, Size
from .terms import Bracket, Index, Labels, make_bracket


@dataclass(slots=True)
class Form:
    """Σ coefficients[label] · label + constant + Σ c · symbol[labels]; a bracket is 1 where it is zero."""

    coefficients: dict[int, Size]
    constant: Size
    indices: tuple[Index, ...]

    @property
    def labels(self) -> set[int]:
        """Every label in the form, subscripts of integer symbols too."""
        return {label for label, c in self.coefficients.items() if c is not ZERO}.union(
            *(set(labels) for _, _, labels, _ in self.indices)
        )

    def renamed(self, old: int, new: int) -> None:
        """Put label `new` for `old`."""
        moved = self.coefficients.pop(old, ZERO)
        self.coefficients[new] = self.coefficients.get(new, ZERO) + moved
        self.indices = tuple((c, n, tuple(new if x == old else x for x in used), s) for c, n, used, s in self.indices)

    def substituted(self, label: int, solution: Form) -> None:
        """Put the solution for a label; the label must not subscript an integer symbol here."""
        weight = self.coefficients.pop(label, ZERO)
        if weight is ZERO:
            return
        for x, c in solution.coefficients.items():
            self.coefficients[x] = self.coefficients.get(x, ZERO) + weight * c
        self.constant = self.constant + weight * solution.constant
        merged: dict[tuple[str, Labels, Size], Size] = {}
        extra = tuple((weight * c, n, used, s) for c, n, used, s in solution.indices)
        for c, n, used, s in self.indices + extra:
            merged[n, used, s] = merged.get((n, used, s), ZERO) + c
        self.indices = tuple((c, n, used, s) for (n, used, s), c in merged.items() if c is not ZERO)

    def solved(self, label: int) -> Form | None:
        """What the label must be, or None if its coefficient is not ±1."""
        weight = self.coefficients.get(label, ZERO).number
        if weight not in (1, -1) or any(label in used for _, _, used, _ in self.indices):
            return None
        return Form(
            {x: c * -weight for x, c in self.coefficients.items() if x != label},
            self.constant * -weight,
            tuple((c * -weight, n, used, s) for c, n, used, s in self.indices),
        )

    def bounds(self, sizes: dict[int, Size]) -> tuple[Size, Size] | None:
        """The least and greatest value over all positions, or None if a coefficient has no known sign."""
        low = high = self.constant
        spans = [(c, sizes[x] - 1) for x, c in self.coefficients.items() if c is not ZERO]
        spans += [(c, stop - 1) for c, _, _, stop in self.indices]
        lengths = sizes.values()  # an axis has at least one position, so its size is no negative coefficient
        for c, span in spans:
            if c.surely_nonnegative() or c in lengths:
                high = high + c * span
            elif (-c).surely_nonnegative() or -c in lengths:
                low = low + c * span
            else:
                return None
        return low, high

    def within(self, length: Size, sizes: dict[int, Size]) -> tuple[bool, bool]:
        """Whether the form is surely not below, and surely not beyond, the positions of an axis of that length."""
        bounds = self.bounds(sizes)
        if bounds is None:
            return False, False
        return bounds[0].surely_nonnegative(), (length - 1 - bounds[1]).surely_nonnegative()

    def stays_within(self, length: Size, sizes: dict[int, Size]) -> bool:
        """True if the form is surely a position of an axis of that length."""
        return all(self.within(length, sizes))

    def surely_nonzero(self, sizes: dict[int, Size]) -> bool:
        """True if no position makes the form zero, as the bounds show."""
        bounds = self.bounds(sizes)
        return bounds is not None and ((bounds[0] - 1).surely_nonnegative() or (-bounds[1] - 1).surely_nonnegative())

    def split(self, sizes: dict[int, Size]) -> tuple[Form, Form] | None:
        """Two forms that are zero exactly where this one is: D·Q + R = 0 with |R| < D means Q = 0 and R = 0.

        Row-major positions i·d + j − k·d − l fall apart so into i − k and j − l.
        """
        if all(c in (ONE, -ONE, ZERO) for c in self.coefficients.values()):
            return None
        signed = {c.key: c for weight in self.coefficients.values() for c in (weight, -weight)}
        for _, stride in sorted(signed.items()):
            if stride.number is not None and stride.number < 2:
                continue
            high, low = Form({}, ZERO, ()), Form({}, ZERO, ())
            for x, c in self.coefficients.items():
                whole = c.divided(stride)
                (low if whole is None else high).coefficients[x] = c if whole is None else whole
            whole = self.constant.divided(stride)
            if whole is None:
                low.constant = self.constant
            else:
                high.constant = whole
            for c, name, used, stop in self.indices:
                whole = c.divided(stride)
                if whole is None:
                    low.indices += ((c, name, used, stop),)
                else:
                    high.indices += ((whole, name, used, stop),)
            bounds = low.bounds(sizes)
            if (
                high.labels
                and (low.labels or low.indices)
                and bounds is not None
                and (bounds[0] + stride - 1).surely_nonnegative()
                and (stride - 1 - bounds[1]).surely_nonnegative()
            ):
                return high, low
        return None

    def delta(self, sizes: dict[int, Size]) -> tuple[int, int] | None:
        """The two labels of one size that must be equal, or None."""
        used = [(x, c) for x, c in self.coefficients.items() if c is not ZERO]
        if len(used) != 2 or self.indices or self.constant is not ZERO:
            return None
        (i, a), (j, b) = used
        if sizes[i] is sizes[j] and a == -b and a in (ONE, -ONE):
            return i, j
        return None


def form_of(bracket: Bracket, labels: Labels) -> Form:
    """The bracket's form over the labels that its axes carry in a product."""
    coefficients: dict[int, Size] = {}
    for label, c in zip(labels, bracket.coefficients, strict=True):
        coefficients[label] = coefficients.get(label, ZERO) + c
    indices = tuple((c, n, tuple(labels[a] for a in axes), s) for c, n, axes, s in bracket.indices)
    return Form(coefficients, bracket.constant, indices)


def factor_of(form: Form, sizes: dict[int, Size]) -> tuple[Bracket, Labels]:
    """The form as a bracket with its axes in canonical order, and the labels of those axes."""
    labels = sorted(form.labels)

    def view(sign: int) -> tuple[list[int], tuple[object, ...]]:
        def axis(x: int) -> tuple[object, ...]:
            c = form.coefficients.get(x, ZERO) * sign
            number = c.number
            inside = sorted((n, used.index(x)) for _, n, used, _ in form.indices if x in used)
            return (-(number or 0), c.key, sizes[x].key, inside)

        order = sorted(labels, key=axis)
        shape = tuple(axis(x) for x in order)
        rest = sorted((n, (c * sign).key, tuple(order.index(x) for x in used)) for c, n, used, _ in form.indices)
        return order, (shape, (form.constant * sign).key, rest)

    plus, minus = view(1), view(-1)
    sign = 1 if plus[1] <= minus[1] else -1
    order = plus[0] if sign == 1 else minus[0]
    indices = sorted(
        ((c * sign, n, tuple(order.index(x) for x in used), s) for c, n, used, s in form.indices),
        key=lambda entry: (entry[1], entry[2], entry[0].key),
    )
    term = make_bracket(
        tuple(sizes[x] for x in order),
        tuple(form.coefficients.get(x, ZERO) * sign for x in order),
        form.constant * sign,
        tuple(indices),
    )
    return term, tuple(order)
