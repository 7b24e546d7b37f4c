"""Conventions that an answer keeps to as a whole: chosen once, where several of its lines agree on one.

A loss that is scaled by a constant, sums for means, one example for the batch, gradients of matrices transposed. One
line that departs from the network's convention is a mistake; several that depart in the same way, with none that
contradicts, are a convention.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from ..tensor.normal import from_size, number, powered
from ..tensor.size import size
from ..tensor.terms import Term
from .bench import Bench
from .claims import Link
from .formulas import Judged
from .links import Outcome, _agrees, batch_sizes, differ_by_batch, fitted
from .meaning.values import transposed

ENOUGH = 2  # lines that must agree


def chosen(bench: Bench, judged: Sequence[tuple[Link, Judged]]) -> tuple[tuple[str, ...], list[tuple[Link, Judged]]]:
    """The conventions of the answer, and its outcomes under them."""
    found: list[str] = []
    items = list(judged)
    for convention, apply in ((_one_example, None), (_scaled, None), (_numerator, None)):
        del apply
        name, changed = convention(bench, items)
        if name:
            found.append(name)
            items = [(link, changed.get(k, item)) for k, (link, item) in enumerate(items)]
    return tuple(found), items


Changed = dict[int, Judged]


def _right(item: Judged, condition: str) -> Judged:
    outcome = item.outcome
    told = f"Both sides agree at random numbers {condition}."
    return replace(item, outcome=Outcome("right", "numeric", condition, told, outcome.left, outcome.right))


def _one_example(bench: Bench, items: Sequence[tuple[Link, Judged]]) -> tuple[str, Changed]:
    """One example for the batch: lines that lack a sum over the examples, and all other wrong ones right for one."""
    for name in batch_sizes(bench):
        condition = f"if {name} = 1 (one example)"
        strong = [k for k, (_, j) in enumerate(items) if condition in (j.outcome.condition or "")]
        wrong = [k for k, (_, j) in enumerate(items) if j.outcome.status == "wrong"]
        if not strong:
            continue
        changed: Changed = {}
        for k in wrong:
            item = items[k][1]
            a, b = item.outcome.left, item.outcome.right
            if a is None or b is None or not (a.sizes == b.sizes or differ_by_batch(a, b, name)):
                break
            if not _agrees(bench, b.term, a.term, sizes={name: 1}, reshaped=True):
                break
            changed[k] = _right(item, condition)
        else:
            if len(strong) >= ENOUGH or changed:
                return f"one example at a time ({name} = 1)", changed
    return "", {}


def _scaled(bench: Bench, items: Sequence[tuple[Link, Judged]]) -> tuple[str, Changed]:
    """A loss that differs by a constant factor from the network's."""
    wrong = [
        (k, j) for k, (_, j) in enumerate(items)
        if j.outcome.status == "wrong" and j.target is not None and j.target.operation in ("gradient", "hessian")
    ]  # fmt: skip  # one condition a line
    if len(wrong) < ENOUGH:
        return "", {}
    for told, factor in _factors(bench):
        changed: Changed = {}
        for k, item in wrong:
            a, b = item.outcome.left, item.outcome.right
            fit = fitted(a, b) if a is not None and b is not None else None
            if a is None or fit is None or not _agrees(bench, fit.term, a.term, scale=factor):
                continue
            changed[k] = _right(item, f"if the loss is multiplied by {told}")
        if len(changed) >= ENOUGH and not _contradicted(bench, items, factor, changed):
            return f"the loss is multiplied by {told}", changed
    return "", {}


def _contradicted(bench: Bench, items: Sequence[tuple[Link, Judged]], factor: Term, changed: Changed) -> bool:
    """True if a gradient that is right as it stands would not be under another scale of the loss.

    A line that takes other gradients as given is right under both.
    """
    from .links import _symbols  # what a term is made of

    del factor
    for k, (_, item) in enumerate(items):
        if k in changed or item.outcome.status != "right" or item.target is None:
            continue
        right = item.outcome.right
        if item.target.operation != "gradient" or right is None:
            continue
        if not any(s.startswith("@") for s in _given(right.term)) and _symbols(bench, right.term):
            return True
    return False


def _given(term: Term) -> set[str]:
    from ..tensor.substitute import subterms
    from ..tensor.terms import Symbol

    return {t.name for t in subterms(term) if isinstance(t, Symbol)}


def _factors(bench: Bench) -> list[tuple[str, Term]]:
    found = [("2", number(2)), ("1/2", number(Fraction(1, 2)))]
    for name in batch_sizes(bench):
        n = from_size(size(name))
        found += [(name, n), (f"1/{name}", powered(n, -1)), (f"{name}/2", n * Fraction(1, 2)), (f"2 {name}", n * 2)]
    for declared in bench.model.declarations.values():
        if declared.role == "constant" and not declared.sizes and declared.facts.positive:
            found += [(declared.name, declared.term), (f"1/{declared.name}", powered(declared.term, -1))]
    return found


def _numerator(bench: Bench, items: Sequence[tuple[Link, Judged]]) -> tuple[str, Changed]:
    """Gradients of matrices written transposed, all of them."""
    changed: Changed = {}
    for k, (_, item) in enumerate(items):
        target, outcome = item.target, item.outcome
        if target is None or target.operation != "gradient":
            continue
        a, b = outcome.left, outcome.right
        if a is None or b is None or a.kind != "matrix" or b.kind != "matrix":
            continue
        if outcome.status == "right":
            if a.rows is not a.columns:
                return "", {}
            continue
        turned = fitted(a, transposed(b)[0])
        if outcome.status == "wrong" and turned is not None and _agrees(bench, turned.term, a.term):
            changed[k] = _right(item, "in numerator layout")
    return ("numerator layout", changed) if len(changed) >= ENOUGH else ("", {})
