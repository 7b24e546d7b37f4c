"""Sums of products of arrays of objects by labels of axes: two at a time, each label summed as soon as it can be.

NumPy's einsum does not always take objects; its broadcasting does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, TypeAlias

import numpy as np

from ..errors import SymbackpropError

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
Operand: TypeAlias = "tuple[Array, tuple[int, ...]]"


class TooLarge(SymbackpropError):
    """Evaluation would take, or has taken, too long."""


def contracted(
    operands: Sequence[Operand],
    output: Sequence[int],
    lengths: Sequence[int],
    reduced: Callable[[Array], Array] = lambda x: x,
    largest: int = 2_000_000,
) -> Array:
    """Σ Π operands over all labels that are not in the output; a label of no operand is a repetition.

    `reduced` is applied to every intermediate array: the remainder of integers, say. Raises TooLarge past so many
    products in one step.
    """
    wanted = set(output)
    rest = [_diagonal(array, labels) for array, labels in operands]
    carried = {x for _, labels in rest for x in labels}
    factor = prod(lengths[x] for x in range(len(lengths)) if x not in carried and x not in wanted)
    total = _boxed(factor)
    have: tuple[int, ...] = ()
    while rest:
        best = min(range(len(rest)), key=lambda k: prod(lengths[x] for x in {*have, *rest[k][1]}))
        array, labels = rest.pop(best)
        union = tuple(dict.fromkeys((*have, *labels)))
        if prod(lengths[x] for x in union) > largest:
            raise TooLarge("Exact evaluation takes too long at these sizes.")
        needed = wanted.union(*(own for _, own in rest))
        total = _boxed(_aligned(total, have, union) * _aligned(array, labels, union))
        axes = tuple(k for k, x in enumerate(union) if x not in needed)
        if axes:
            total = _boxed(total.sum(axis=axes))
        total = reduced(total)
        have = tuple(x for x in union if x in needed)
    shape = tuple(lengths[x] for x in output)
    return np.broadcast_to(_aligned(total, have, tuple(output)), shape).copy()


def _boxed(value: Any) -> Array:
    """An array of objects, also of a single number."""
    if isinstance(value, np.ndarray):
        return value
    found = np.empty((), dtype=object)
    found[()] = value
    return found


def _diagonal(array: Array, labels: tuple[int, ...]) -> Operand:
    """The operand with each label once."""
    while len(set(labels)) < len(labels):
        first = next(k for k, x in enumerate(labels) if x in labels[k + 1 :])
        second = labels.index(labels[first], first + 1)
        array = np.diagonal(array, axis1=first, axis2=second)
        x = labels[first]
        labels = (*(y for k, y in enumerate(labels) if k not in (first, second)), x)
    return array, labels


def _aligned(array: Array, labels: tuple[int, ...], target: tuple[int, ...]) -> Array:
    """The array with its axes in the order of the target, and axes of length 1 for the labels that it lacks."""
    order = sorted(range(len(labels)), key=lambda k: target.index(labels[k]))
    array = array.transpose(order)
    own = iter(array.shape)
    return array.reshape([next(own) if x in labels else 1 for x in target])
