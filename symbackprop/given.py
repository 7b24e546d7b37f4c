"""Numbers for a network's symbols: arrays of the right shapes, the sizes they determine, the facts they obey."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .averaging import computed
from .errors import ValueProblem
from .network import Declaration, Model
from .tensor.evaluate import Array
from .tensor.size import Size

LARGEST = 4096  # a size that is found by trying
CLOSE = 1e-9


def given(model: Model, values: Mapping[str, Any]) -> tuple[dict[str, Array], dict[str, int]]:
    """Arrays for all declared symbols, and a number for every size; `values` may give sizes too.

    Random symbols over which the loss is an expectation have no numbers. Raises ValueProblem for a missing or unknown
    name, a shape that does not fit, a size that no shape determines, a number that is not finite, or numbers that
    contradict what is declared.
    """
    names = model.size_names()
    unknown = [name for name in values if name not in model.declarations and name not in names]
    if unknown:
        raise ValueProblem(
            f"`{unknown[0]}` is not a symbol of this network.",
            remedy=f"It has: {', '.join([*model.declarations, *names][:20])}.",
        )
    model = computed(model)
    missing = [name for name in model.declarations if name not in values]
    if missing:
        raise ValueProblem(f"There are no numbers for {', '.join(missing)}.", remedy="Give one for every symbol.")
    sizes = {name: _integer(name, values[name]) for name in names if name in values}
    arrays = {name: _array(d, values[name]) for name, d in model.declarations.items()}
    _solve(model, arrays, sizes)
    for name, declared in model.declarations.items():
        _check_facts(declared, arrays[name], sizes)
    _check_distinct(model, arrays)
    return arrays, sizes


def _integer(name: str, value: Any) -> int:
    if isinstance(value, bool) or not float(value).is_integer() or value < 1:
        raise ValueProblem(f"The size {name} must be a positive integer, not {value}.")
    return int(value)


def _array(declared: Declaration, value: Any) -> Array:
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise ValueProblem(
            f"The numbers of {declared.name} do not form an array.", remedy="Make all rows equally long."
        ) from None
    if array.ndim != len(declared.sizes):
        raise ValueProblem(
            f"{declared.name} has {_axes(len(declared.sizes))}, but its numbers have {_axes(array.ndim)}."
        )
    if not np.all(np.isfinite(array)):
        raise ValueProblem(f"A number of {declared.name} is not finite.")
    return array


def _axes(count: int) -> str:
    return {0: "no axes", 1: "one axis"}.get(count, f"{count} axes")


def _solve(model: Model, arrays: Mapping[str, Array], sizes: dict[str, int]) -> None:
    """Find the sizes from the shapes, one unknown at a time."""
    open_ = [(d.name, k, s) for d in model.declarations.values() for k, s in enumerate(d.sizes)]
    while open_:
        left = [(name, k, s) for name, k, s in open_ if len(s.names - sizes.keys()) > 1]
        for name, k, size in open_:
            if (name, k, size) not in left:
                _fit(name, k, size, arrays[name].shape[k], sizes)
        if len(left) == len(open_):
            break
        open_ = left
    unsolved = [name for name in model.size_names() if name not in sizes]
    if unsolved:
        raise ValueProblem(f"No shape determines the size {unsolved[0]}.", remedy=f"Give it too: `{unsolved[0]}: 3`.")


def _fit(name: str, axis: int, size: Size, length: int, sizes: dict[str, int]) -> None:
    """One axis: the last unknown name in its size gets its value, or the length is checked."""
    unknown = size.names - sizes.keys()
    if unknown:
        (free,) = unknown
        for candidate in range(1, LARGEST):
            if size.value({**sizes, free: candidate}) == length:
                sizes[free] = candidate
                return
    elif size.value(sizes) == length:
        return
    raise ValueProblem(f"Axis {axis} of {name} has {length} entries, which does not fit its size {size}.")


def _check_facts(declared: Declaration, array: Array, sizes: Mapping[str, int]) -> None:
    problem = broken_fact(declared, array, sizes)
    if problem:
        raise ValueProblem(f"The numbers of {declared.name} contradict its declaration: {problem}.")


def broken_fact(declared: Declaration, array: Array, sizes: Mapping[str, int]) -> str:
    """What the numbers contradict, in words; empty if nothing."""
    facts = declared.facts
    if facts.of is not None:
        last = facts.of.value(sizes) - 1
        whole = np.all(array == np.round(array)) and np.all((array >= 0) & (array <= last))
        return "" if whole else f"each is an integer from 0 to {last}"
    if facts.values is not None and not np.all(np.isin(array, [float(v) for v in facts.values])):
        return f"each entry is one of {', '.join(map(str, facts.values))}"
    if facts.onehot and not (np.all(np.isin(array, (0, 1))) and np.all(array.sum(axis=-1) == 1)):
        return "one-hot along the last axis"
    if facts.simplex and not (np.all(array >= 0) and np.all(np.abs(array.sum(axis=-1) - 1) < CLOSE)):
        return "not negative, with sum 1 along the last axis"
    if facts.positive and not np.all(array > 0):
        return "positive"
    if facts.symmetric and not np.allclose(array, np.swapaxes(array, -1, -2), rtol=0, atol=CLOSE):
        return "symmetric"
    if facts.positive_definite and not np.all(np.linalg.eigvalsh((array + np.swapaxes(array, -1, -2)) / 2) > 0):
        return "positive definite"
    if facts.invertible and np.any(np.linalg.matrix_rank(array) < array.shape[-1]):
        return "invertible"
    return ""


def _check_distinct(model: Model, arrays: Mapping[str, Array]) -> None:
    """Indices of one range differ unless they may repeat."""
    seen: dict[tuple[Size, int], str] = {}
    for name, declared in model.declarations.items():
        facts = declared.facts
        if facts.of is None or facts.repeat:
            continue
        for value in arrays[name].astype(int).ravel():
            key = (facts.of, int(value))
            if key in seen:
                raise ValueProblem(
                    f"The index {value} of range {facts.of} occurs twice, in {seen[key]} and {name}.",
                    remedy="Indices of one range differ; declare `repeat=True` where they need not.",
                )
            seen[key] = name
