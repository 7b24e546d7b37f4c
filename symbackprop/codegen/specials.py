"""The special operations as operations of NumPy, over the last axes of their argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ..errors import MissingRule
from ..tensor.size import ONE, Size
from ..tensor.terms import Special, Term
from .contract import Operand
from .values import Value, Values


class Lowers(Protocol):
    """What a special operation needs of the rest."""

    values: Values
    logsumexps: dict[Value, tuple[Operand, Operand, Operand]]

    def lower(self, term: Term) -> Operand:
        """The value of a term."""

    def natural(self, operand: Operand) -> Operand:
        """The operand with its axes in ascending order."""


def special_value(context: Lowers, term: Special) -> Operand:
    """The value of a special operation. Raises MissingRule for one that has no code."""
    if term.operation == "stop":
        return context.lower(term.children[0])
    rule = RULES.get(term.operation)
    if rule is None:
        raise MissingRule(
            f"No code is known for the operation {term.operation}.", remedy="Add it to codegen/specials.py."
        )
    return rule(context, term)


def _argument(context: Lowers, term: Special) -> tuple[Operand, tuple[int, ...], tuple[int, ...]]:
    """The argument with all its last axes, those axes as labels, and as positions."""
    x = term.children[0]
    low = context.natural(context.lower(x))
    lead = x.order - term.axes
    last = tuple(a for a in range(lead, x.order) if x.sizes[a] is not ONE)
    missing = [a for a in last if a not in low.labels]
    if missing:
        labels = tuple(sorted((*low.labels, *missing)))
        value = context.values.expand(low.value, [labels.index(a) for a in missing])
        value = context.values.repeat(value, tuple(x.sizes[a] for a in labels))
        low = Operand(value, labels)
    low = Operand(context.values.as_float(low.value), low.labels)
    return low, last, tuple(low.labels.index(a) for a in last)


def _wide(v: Values, reduced: Value, places: tuple[int, ...]) -> Value:
    """A reduced array with axes of size 1 where the reduced ones were."""
    return v.expand(reduced, places)


def _exponentials(context: Lowers, x: Operand, places: tuple[int, ...]) -> tuple[Value, Value, Value, Value]:
    """max x, x − max x, e^(x − max x), Σ e^(x − max x)."""
    v = context.values
    top = v.greatest(x.value, places)
    shifted = v.minus(x.value, _wide(v, top, places))
    shifted.tame = x.value.tame
    small = v.apply("exp", shifted)
    small.tame = x.value.tame
    return top, shifted, small, v.total(small, places)


def softmax(context: Lowers, term: Special) -> Operand:
    """e^(x − max) / Σ e^(x − max)."""
    v = context.values
    x, last, places = _argument(context, term)
    if not last:
        return Operand(v.number(1), ())
    _, _, small, total = _exponentials(context, x, places)
    result = v.over(small, _wide(v, total, places))
    result.tame = x.value.tame
    return Operand(result, x.labels)


def logsumexp(context: Lowers, term: Special) -> Operand:
    """log Σ e^(x − max) + max."""
    v = context.values
    x, last, places = _argument(context, term)
    if not last:
        return x
    top, shifted, _, total = _exponentials(context, x, places)
    log = v.apply("log", total)
    result = v.plus(log, top)
    log.tame = result.tame = x.value.tame
    kept = tuple(a for a in x.labels if a not in last)
    source = context.lower(term.children[0])
    context.logsumexps[result] = source, Operand(shifted, x.labels), Operand(log, kept)
    return Operand(result, kept)


def argmax(context: Lowers, term: Special) -> Operand:
    """True at the first greatest entry."""
    v = context.values
    x, last, places = _argument(context, term)
    if not last:
        return Operand(v.number(1), ())
    assert places == tuple(range(len(x.labels) - len(last), len(x.labels)))
    made = v.make("first", (x.value,), (len(last),), x.value.shape, "bool")
    made.tame = True
    return Operand(made, x.labels)


def _moments(context: Lowers, term: Special) -> tuple[Operand, tuple[int, ...], Value, Value]:
    """The argument, its last axes as positions, x − mean, √(var + ε)."""
    v = context.values
    x, _, places = _argument(context, term)
    n = v.number(1)
    for place in places:
        n = v.times(n, v.size(x.value.shape[place]))
    mean = v.over(v.total(x.value, places), n)
    centred = v.minus(x.value, _wide(v, mean, places))
    variance = v.over(v.total(v.apply("square", centred), places), n)
    eps = context.lower(term.children[1])
    assert not eps.labels, "the small number of a normalisation is a scalar"
    return x, places, centred, v.apply("sqrt", v.plus(variance, eps.value))


def standardize(context: Lowers, term: Special) -> Operand:
    """(x − mean) / √(var + ε)."""
    x, places, centred, sigma = _moments(context, term)
    if not places:
        return Operand(context.values.number(0), ())
    return Operand(context.values.over(centred, _wide(context.values, sigma, places)), x.labels)


def deviation(context: Lowers, term: Special) -> Operand:
    """√(var + ε)."""
    x, places, _, sigma = _moments(context, term)
    if not places:
        eps = context.lower(term.children[1])
        return Operand(context.values.apply("sqrt", eps.value), ())
    return Operand(sigma, tuple(a for k, a in enumerate(x.labels) if k not in places))


def _matrix(op: str, single: Callable[[Values, Value], Value]) -> Callable[[Lowers, Special], Operand]:
    def rule(context: Lowers, term: Special) -> Operand:
        v = context.values
        x, last, _ = _argument(context, term)
        if not last:
            return Operand(single(v, x.value), x.labels)
        keep = op == "inverse"
        shape: tuple[Size, ...] = x.value.shape if keep else x.value.shape[:-2]
        return Operand(v.make(op, (x.value,), (), shape), x.labels if keep else x.labels[:-2])

    return rule


RULES: dict[str, Callable[[Lowers, Special], Operand]] = {
    "softmax": softmax,
    "logsumexp": logsumexp,
    "argmax": argmax,
    "standardize": standardize,
    "deviation": deviation,
    "inverse": _matrix("inverse", lambda v, x: v.apply("reciprocal", x)),
    "logdet": _matrix("logdet", lambda v, x: v.apply("log", v.apply("absolute", x))),
    "det": _matrix("det", lambda _, x: x),
}

__all__ = ["RULES", "special_value"]
