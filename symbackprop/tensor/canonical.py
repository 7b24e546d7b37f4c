"""Canonical labelling of a product: the same einsum gets the same labels however its factors and labels came in.

Output labels are fixed by position. The summed ones are named component by component (factors connected by summed
labels): colours are refined from the structure around each label; where a tie remains, each tied label is tried
(individualise and refine) and the smallest result kept, over at most `BRANCHES` leaves in all. Past that the labelling
is valid but may not be unique. Colours come from digests, never from `hash()` or creation order.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from .size import Size
from .terms import Bracket, Factor, Labels, Map, Number, Sum, Term

BRANCHES = 64


@lru_cache(maxsize=4096)
def _axis_classes(bracket: Bracket) -> Labels:
    """For each axis the first axis that it can be exchanged with (a delta is symmetric)."""
    if bracket.is_delta:
        return (0, 0)
    axes = [
        (c.key, n.key, tuple((k.key, i) for k, i, used, _ in bracket.indices if a in used))
        for a, (c, n) in enumerate(zip(bracket.coefficients, bracket.sizes, strict=True))
    ]
    return tuple(axes.index(axis) for axis in axes)


def _classes(term: Term) -> Labels:
    """For each axis of a factor the first axis that it can be exchanged with."""
    if isinstance(term, (Sum, Map)) and term.symmetric:
        return (0, 0)
    return _axis_classes(term) if isinstance(term, Bracket) else tuple(range(len(term.sizes)))


def _relabel(factor: Factor, new: Mapping[int, int]) -> Factor:
    """The factor with new labels; those of exchangeable axes in ascending order."""
    term, labels, exponent = factor
    renamed = tuple(new[label] for label in labels)
    if isinstance(term, (Bracket, Sum, Map)):
        classes = _classes(term)
        if len(set(classes)) < len(classes):
            pools: dict[int, list[int]] = {}
            for kind, label in zip(classes, renamed, strict=True):
                pools.setdefault(kind, []).append(label)
            for pool in pools.values():
                pool.sort(reverse=True)
            renamed = tuple(pools[kind].pop() for kind in classes)
    return term, renamed, exponent


def _key(factor: Factor) -> tuple[bytes, Labels, Number]:
    return factor[0].digest, factor[1], factor[2]


def components(factors: list[Factor], summed: set[int]) -> list[list[Factor]]:
    """The factors in groups that share summed labels; each factor without one is a group of its own."""
    group: dict[int, list[Factor]] = {}
    groups: list[list[Factor]] = []
    for factor in factors:
        touching: list[list[Factor]] = []
        for label in factor[1]:
            if label in summed and label in group and not any(g is group[label] for g in touching):
                touching.append(group[label])
        merged = touching[0] if touching else []
        if not touching:
            groups.append(merged)
        merged.append(factor)
        for other in touching[1:]:
            merged.extend(other)
            groups = [g for g in groups if g is not other]
        for member in merged if len(touching) > 1 else [factor]:
            for label in member[1]:
                if label in summed:
                    group[label] = merged
    return groups


class _Search:
    """Individualisation and refinement of one component's summed labels."""

    def __init__(self, factors: list[Factor], summed: list[int], fixed: Mapping[int, int]) -> None:
        self.factors = factors
        self.summed = summed
        self.fixed = dict(fixed)
        self.base = len(fixed)
        self.leaves = 0
        self.best: tuple[tuple[tuple[bytes, Labels, Number], ...], dict[int, int]] | None = None
        self.occurrences: dict[int, list[tuple[int, int]]] = {label: [] for label in summed}
        self.classes = [_classes(f[0]) for f in factors]
        for k, (_, labels, _) in enumerate(factors):
            for position, label in enumerate(labels):
                if label in self.occurrences:
                    self.occurrences[label].append((k, self.classes[k][position]))

    def refine(self, colour: dict[int, int]) -> dict[int, int]:
        """Split colours by what surrounds each label, until nothing splits."""
        count = len(set(colour.values()))
        while True:
            named = {label: self.base + c for label, c in colour.items()} | self.fixed
            view = [
                (term.digest, exponent, sorted(zip(classes, (named[x] for x in labels), strict=True)))
                for (term, labels, exponent), classes in zip(self.factors, self.classes, strict=True)
            ]
            signs = {
                label: (colour[label], sorted((view[k], position) for k, position in self.occurrences[label]))
                for label in self.summed
            }
            ranked: list[object] = []
            for sign in sorted(signs.values()):
                if not ranked or ranked[-1] != sign:
                    ranked.append(sign)
            colour = {label: ranked.index(signs[label]) for label in self.summed}
            if len(ranked) == count:
                return colour
            count = len(ranked)

    def run(self, colour: dict[int, int]) -> None:
        """Refine, and individualise ties one after the other; the smallest labelling of all is kept in `best`."""
        colour = self.refine(colour)
        members: dict[int, list[int]] = {}
        for label, c in colour.items():
            members.setdefault(c, []).append(label)
        tied = next((members[c] for c in sorted(members) if len(members[c]) > 1), None)
        if tied is None:
            self.leaves += 1
            new = self.fixed | {label: self.base + c for label, c in colour.items()}
            named = sorted((_relabel(f, new) for f in self.factors), key=_key)
            key = tuple(_key(f) for f in named)
            if self.best is None or key < self.best[0]:
                self.best = (key, colour)
            return
        for label in tied:
            if self.leaves >= BRANCHES:
                return
            self.run({x: 2 * c + (1 if x != label and c == colour[label] else 0) for x, c in colour.items()})


def canonical(
    factors: list[Factor], output: Labels, label_size: Mapping[int, Size]
) -> tuple[tuple[Factor, ...], tuple[Size, ...]]:
    """The factors with canonical labels in canonical order, and the size of each label."""
    fixed = {label: k for k, label in enumerate(output)}
    used = {label for _, labels, _ in factors for label in labels}
    summed = used - fixed.keys()
    sizes = [label_size[label] for label in output]
    if not summed:
        return tuple(sorted((_relabel(f, fixed) for f in factors), key=_key)), tuple(sizes)
    if len(summed) == 1:
        label = summed.pop()
        fixed[label] = len(output)
        sizes.append(label_size[label])
        return tuple(sorted((_relabel(f, fixed) for f in factors), key=_key)), tuple(sizes)
    named: list[tuple[tuple[tuple[bytes, Labels, Number], ...], list[Factor], list[int]]] = []
    for component in components(factors, summed):
        own = list(dict.fromkeys(x for _, labels, _ in component for x in labels if x in summed))
        if not own:
            continue
        if len(own) == 1:
            order = own
        else:
            search = _Search(component, own, fixed)
            search.run(dict.fromkeys(own, 0))
            assert search.best is not None
            colour = search.best[1]
            order = sorted(own, key=colour.__getitem__)
        local = dict(fixed)
        local.update({label: len(output) + k for k, label in enumerate(order)})
        key = tuple(_key(f) for f in sorted((_relabel(f, local) for f in component), key=_key))
        named.append((key, component, order))
    named.sort(key=lambda entry: entry[0])
    for _, _, order in named:
        for label in order:
            fixed[label] = len(sizes)
            sizes.append(label_size[label])
    return tuple(sorted((_relabel(f, fixed) for f in factors), key=_key)), tuple(sizes)
