"""Where the factors of one product occur among the factors of another, with its labels renamed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from .normal import content, exact, unit
from .products import oriented
from .terms import Factor, Labels, Map, Number, Product, Sum, Term


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A pattern found in a product: how often, the host's labels of the pattern's axes, and where.

    The factors found make `sign` times the pattern, to that power.
    """

    power: int
    labels: Labels
    used: Mapping[int, Number]
    sign: Number = 1

    def rest(self, host: Product) -> list[Factor]:
        """The host's factors without the pattern."""
        left = [
            (t, labels, exact(e - self.power * self.used.get(k, 0))) for k, (t, labels, e) in enumerate(host.factors)
        ]
        return [f for f in left if f[2]]

    def inner(self, host: Product) -> set[int]:
        """The host's labels that the pattern sums: they are gone with it."""
        return {x for k in self.used for x in host.factors[k][1]}.difference(self.labels)


def placed(term: Term, labels: Labels) -> tuple[Term, Labels]:
    """term[labels] as a product holds it, as far as that takes no sign: a sum or map may be held as its transpose."""
    sign, held, used = _held(term, labels)
    return (held, used) if sign == 1 else (term, labels)


def _held(term: Term, labels: Labels) -> tuple[Number, Term, Labels]:
    """(sign, term, labels) of the factor that a product makes of term[labels]."""
    if len(labels) == 2 and labels[0] != labels[1] and isinstance(term, (Sum, Map)) and not term.is_zero:
        straight = oriented(term)
        if straight is not term:
            return content(straight), unit(straight), labels[::-1]
    return 1, term, labels


def factors_of(term: Term) -> tuple[Factor, ...]:
    """The factors of the term as a product; the coefficient left out."""
    return term.factors if isinstance(term, Product) else ((term, tuple(range(term.order)), 1),)


def occurrence(host: Product, pattern: Term, at: Mapping[int, int] | None = None) -> Occurrence | None:
    """The first place where the pattern's factors occur in the host, or None.

    Labels correspond one to one; a label that the pattern sums must be summed in the host and meet nothing else there.
    `at` fixes the host's labels of some axes. Without summed labels the pattern may occur to any whole power.
    """
    wanted = factors_of(pattern)
    sign: Number = 1
    if len(wanted) == 1 and not (len(host.factors) == 1 and host.factors[0][2] == 1):  # a lone factor is not turned
        t, labels, e = wanted[0]
        sign, t, labels = _held(t, labels)
        wanted = ((t, labels, e),)
    order = pattern.order
    by_term: dict[Term, list[int]] = {}
    for k, (t, _, _) in enumerate(host.factors):
        by_term.setdefault(t, []).append(k)
    if any(t not in by_term for t, _, _ in wanted):
        return None
    stack: list[tuple[int, dict[int, int], dict[int, Number]]] = [(0, dict(at or {}), {})]
    while stack:
        position, rename, used = stack.pop()
        if position == len(wanted):
            power = _power(host, order, rename, used)
            if power and all(a in rename for a in range(order)):
                return Occurrence(power, tuple(rename[a] for a in range(order)), used, sign)
            continue
        t, labels, e = wanted[position]
        for k in reversed(by_term[t]):
            if k in used:
                continue
            extended = _extended(rename, labels, host.factors[k][1])
            if extended is not None:
                stack.append((position + 1, extended, {**used, k: e}))
    return None


def _extended(rename: Mapping[int, int], labels: Labels, target: Labels) -> dict[int, int] | None:
    """The one-to-one correspondence of labels with these added, or None if they do not fit."""
    new = dict(rename)
    for label, onto in zip(labels, target, strict=True):
        if new.get(label, onto) != onto or (label not in new and onto in new.values()):
            return None
        new[label] = onto
    return new


def _power(host: Product, order: int, rename: Mapping[int, int], used: Mapping[int, Number]) -> int:
    """How often the pattern goes into the host at this place; 0 if it does not."""
    ratios = [Fraction(host.factors[k][2]) / e for k, e in used.items()]
    inner = {onto for label, onto in rename.items() if label >= order}
    if inner:
        alone = all(k in used or not inner.intersection(labels) for k, (_, labels, _) in enumerate(host.factors))
        return 1 if alone and min(inner) >= host.order and all(r == 1 for r in ratios) else 0
    if len(ratios) == 1:
        return int(ratios[0]) if ratios[0].denominator == 1 else 0
    if min(ratios) >= 1:
        return int(min(ratios))
    return -int(-max(ratios)) if max(ratios) <= -1 else 0


__all__ = ["Occurrence", "factors_of", "occurrence", "placed"]
