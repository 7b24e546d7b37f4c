"""What equations ask of their arguments: where a value must be positive, where a function has a kink."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .graph import Graph
from .network import Model
from .tensor.heads import HEADS
from .tensor.pullback import children_last
from .tensor.specials import operation
from .tensor.terms import Constant, Dim, Map, Product, Special, Symbol, Term

KINKS = ("relu", "abs", "elu")  # functions with a kink where their argument is 0
JUMPS = ("step", "sign", "floor", "iszero")
TIES = ("maximum", "minimum")
BY_CONVENTION = ("kink", "jump", "switch", "tie", "argmax")


@dataclass(frozen=True, slots=True)
class Requirement:
    """What must hold of one argument.

    `kind`: `positive`, `nonzero`, `within` (−1, 1), `above one`, `invertible`; or one of BY_CONVENTION.

    `because` is the function that asks; `axes` says over how many last axes an `argmax` goes.
    """

    kind: str
    term: Term
    because: str = ""
    axes: int = 0


def requirements(model: Model, graph: Graph) -> Iterator[Requirement]:
    """Everything that the equations behind the loss ask of their arguments, each once."""
    seen: set[tuple[str, Term]] = set()
    for name in graph.order:
        if name not in graph.used:
            continue
        for found in asked_by(model.equations[name].term):
            key = (found.kind, found.term)
            if key not in seen:
                seen.add(key)
                yield found


def asked_by(term: Term) -> Iterator[Requirement]:
    """Everything that one term asks of its arguments, in it what is computed first."""
    inside = children_last(term)
    tests = [t.children[0] for t in inside if isinstance(t, Map) and t.head == "where"]
    choices = {t for test in tests for t in children_last(test)}
    for inner in reversed(inside):
        yield from _asked(inner, inner in choices)


def _is_stepwise(term: Term) -> bool:
    """True for what takes a few values only, such as a comparison: what asks about it jumps where it jumps itself."""
    waiting, jumps = [term], False
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, Symbol):
            return False
        if isinstance(inner, Map) and inner.head in JUMPS:
            jumps = True
        else:
            waiting.extend(inner.children)
    return jumps


def _asked(term: Term, choice: bool) -> Iterator[Requirement]:
    """What one term asks of its arguments; `choice`: it is the condition of a choice between two values."""
    if isinstance(term, Map):
        head = term.head
        needs = HEADS[head].conditions
        if needs:
            yield Requirement(needs, term.children[1 if head == "polygamma" else 0], head)
        if (head in KINKS or head in JUMPS) and not _is_stepwise(term.children[0]):
            kind = "switch" if choice else "jump" if head in JUMPS else "kink"
            yield Requirement(kind, term.children[0], head)
        elif head in TIES:
            yield Requirement("tie", term.children[0] - term.children[1], head)
    elif isinstance(term, Special):
        needs = operation(term.operation).conditions
        if needs:
            yield Requirement(needs, term.children[0], term.operation)
        if term.operation == "argmax":
            yield Requirement("argmax", term.children[0], "max", term.axes)
    elif isinstance(term, Product):
        for child, _, exponent in term.factors:
            if isinstance(child, (Dim, Constant)) or (isinstance(exponent, int) and exponent > 0):
                continue
            whole = isinstance(exponent, int)
            yield Requirement("nonzero" if whole else "positive", child, "division" if whole else "root")
