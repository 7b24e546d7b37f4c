"""Symbolic sizes: polynomials with integer coefficients over named positive integers, and floor divisions of them.

Sizes are interned: equal sizes are the same object, so `is` and `==` agree and a size is a cheap dictionary key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from weakref import WeakValueDictionary

Monomial = tuple[tuple["Atom", int], ...]


class Floor:
    """⌊numerator / divisor⌋ with a positive integer divisor: an atom of a size polynomial."""

    __slots__ = ("divisor", "numerator")

    def __init__(self, numerator: Size, divisor: int) -> None:
        self.numerator = numerator
        self.divisor = divisor

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Floor) and (self.numerator, self.divisor) == (other.numerator, other.divisor)

    def __hash__(self) -> int:
        return hash((self.numerator, self.divisor))

    def __str__(self) -> str:
        top = str(self.numerator)
        return f"({top})//{self.divisor}" if len(self.numerator.monomials) > 1 else f"{top}//{self.divisor}"


Atom = str | Floor


class Size:
    """A size; `monomials` is a sorted tuple of ((atom, power)..., coefficient).

    Build sizes with `size(...)` and the operators + - * //; the constructor does not normalise.
    """

    __slots__ = ("__weakref__", "key", "monomials")
    monomials: tuple[tuple[Monomial, int], ...]
    key: str

    def __add__(self, other: Size | int) -> Size:
        total = dict(self.monomials)
        for monomial, coefficient in size(other).monomials:
            total[monomial] = total.get(monomial, 0) + coefficient
        return _make(total)

    def __neg__(self) -> Size:
        return _make({m: -c for m, c in self.monomials})

    def __sub__(self, other: Size | int) -> Size:
        return self + -size(other)

    def __mul__(self, other: Size | int) -> Size:
        total: dict[Monomial, int] = {}
        for m1, c1 in self.monomials:
            for m2, c2 in size(other).monomials:
                powers: dict[Atom, int] = dict(m1)
                for atom, power in m2:
                    powers[atom] = powers.get(atom, 0) + power
                monomial = tuple(sorted(powers.items(), key=_atom_order))
                total[monomial] = total.get(monomial, 0) + c1 * c2
        return _make(total)

    __radd__ = __add__
    __rmul__ = __mul__

    def __floordiv__(self, divisor: int) -> Size:
        """⌊self / divisor⌋; exact where every coefficient divides.

        Raises ValueError if the divisor is not a positive integer.
        """
        if divisor <= 0:
            raise ValueError(f"a size can only be divided by a positive integer, not by {divisor}")
        whole = _make({m: c // divisor for m, c in self.monomials})
        rest = self - whole * divisor
        if not rest.monomials or rest.number is not None:
            return whole
        return whole + _make({((Floor(rest, divisor), 1),): 1})

    def divided(self, divisor: Size) -> Size | None:
        """The exact quotient, or None if there is none for every value of the names.

        By a size of several monomials only 1, 0 and −1 are found.
        """
        if len(divisor.monomials) != 1:
            return ONE if divisor is self else -ONE if divisor is -self else None if self.monomials else ZERO
        powers, coefficient = divisor.monomials[0]
        total: dict[Monomial, int] = {}
        for monomial, c in self.monomials:
            left = dict(monomial)
            for atom, power in powers:
                left[atom] = left.get(atom, 0) - power
            if c % coefficient or any(power < 0 for power in left.values()):
                return None
            total[tuple((atom, power) for atom, power in left.items() if power)] = c // coefficient
        return _make(total)

    @property
    def number(self) -> int | None:
        """The size as an integer, or None if it is symbolic."""
        if not self.monomials:
            return 0
        monomial, coefficient = self.monomials[0]
        return coefficient if not monomial else None

    @property
    def names(self) -> frozenset[str]:
        """The names that occur, inside floor divisions too."""
        return frozenset(self._names())

    def _names(self) -> Iterator[str]:
        for monomial, _ in self.monomials:
            for atom, _ in monomial:
                if isinstance(atom, Floor):
                    yield from atom.numerator.names
                else:
                    yield atom

    def value(self, values: Mapping[str, int]) -> int:
        """The size as an integer, given one for each name; KeyError names a missing one."""
        total = 0
        for monomial, coefficient in self.monomials:
            for atom, power in monomial:
                base = atom.numerator.value(values) // atom.divisor if isinstance(atom, Floor) else values[atom]
                coefficient *= base**power
            total += coefficient
        return total

    def surely_nonnegative(self) -> bool:
        """True if it is ≥ 0 whenever every name is ≥ 1; False means only that this simple test does not show it."""
        negative = 0
        constant = 0
        for monomial, coefficient in self.monomials:
            if coefficient < 0 and monomial:
                return False
            if not monomial:
                constant = coefficient
            elif not any(isinstance(atom, Floor) for atom, _ in monomial):
                negative += coefficient
        return negative + constant >= 0

    def __str__(self) -> str:
        return self.key

    def __repr__(self) -> str:
        return f"Size({self.key})"

    def __reduce__(self) -> tuple[object, ...]:
        return _make, (dict(self.monomials),)


def _atom_order(item: tuple[Atom, int]) -> tuple[str, int]:
    return str(item[0]), item[1]


def _monomial_text(monomial: Monomial, coefficient: int) -> str:
    factors = [f"{atom}" if power == 1 else f"{atom}**{power}" for atom, power in monomial]
    if abs(coefficient) != 1 or not factors:
        factors.insert(0, str(abs(coefficient)))
    return "*".join(factors)


_INTERNED: WeakValueDictionary[tuple[tuple[Monomial, int], ...], Size] = WeakValueDictionary()


def _make(total: Mapping[Monomial, int]) -> Size:
    """The interned size with these monomials: highest degree first, then by name, the constant last."""
    kept = [(m, c) for m, c in total.items() if c]
    kept.sort(key=lambda mc: (-sum(p for _, p in mc[0]), [_atom_order(a) for a in mc[0]]))
    positive_first = [mc for mc in kept if mc[1] > 0] + [mc for mc in kept if mc[1] < 0]
    monomials = tuple(kept)
    known = _INTERNED.get(monomials)
    if known is None:
        known = Size()
        known.monomials = monomials
        text = ""
        for monomial, coefficient in positive_first:
            sign = "-" if coefficient < 0 else "+"
            text += (f" {sign} " if text else "-" * (coefficient < 0)) + _monomial_text(monomial, coefficient)
        known.key = text or "0"
        known = _INTERNED.setdefault(monomials, known)
    return known


def size(value: Size | int | str) -> Size:
    """The size of that name or number; a Size is returned as it is."""
    if isinstance(value, Size):
        return value
    if isinstance(value, str):
        return _make({((value, 1),): 1})
    return _make({(): value})


ONE = size(1)
ZERO = size(0)
