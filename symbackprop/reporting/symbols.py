"""The declared symbols with their shapes and roles, and what else is known of each, in words."""

from __future__ import annotations

from fractions import Fraction

from ..document import Math, Prose, SymbolRow
from ..express.pieces import juxtaposed
from ..express.writer import size_tree
from ..network import Declaration, Model
from ..notation.tree import Num, Special, Tree
from ..tensor.size import Size
from ..tensor.terms import Term
from .maths import Setter, listed


def symbol_rows(model: Model, setter: Setter) -> tuple[SymbolRow, ...]:
    """One row for each declared symbol, in the order of declaration."""
    return tuple(
        SymbolRow(setter.symbol(d.name), d.role, setter.shape(d.sizes), facts(d, model, setter))
        for d in model.declarations.values()
    )


def facts(declared: Declaration, model: Model, setter: Setter) -> Prose:
    """What is known of a symbol beyond its shape."""
    known, order = declared.facts, len(declared.sizes)
    each = "" if order == 0 else "each entry is "
    unit = {0: "", 1: ""}.get(order, "each row is ")
    found: list[Prose] = []
    if known.onehot:
        found.append((f"{unit}one-hot: a single 1, the others 0",))
    if known.simplex:
        found.append((f"{'each row' if order > 1 else 'its entries'}: not negative, with sum 1",))
    if known.values is not None:
        values = [setter.math(Num(v)) for v in known.values]
        found.append((each, *listed(values, " or ")) if each else listed(values, " or "))
    if known.of is not None:
        found.append(_range(known.of, each, setter))
        if not known.repeat and _has_fellow(declared, model):
            found.append(("all indices of this range differ",))
    if known.positive:
        found.append((f"{each}positive",))
    words = [word for word in ("symmetric", "positive_definite", "invertible") if getattr(known, word)]
    found += [(word.replace("_", " "),) for word in words]
    if declared.spelling.row:
        found.append(("a row on paper",))
    if known.law is not None:
        found.append(_law(*known.law, declared, setter))
    joined: list[str | Math] = []
    for k, part in enumerate(found):
        joined += ["; ", *part] if k else part
    return tuple(joined)


def _law(mean: Term, variance: Term, declared: Declaration, setter: Setter) -> Prose:
    """Normal, with its mean and its variance; σ² I for a variance that all entries have."""
    tree, spread = (setter.writer.expressed(part).tree for part in (mean, variance))
    eye = Special("eye")
    if variance.sizes != (*declared.sizes, *declared.sizes):
        spread = eye if spread == Num(Fraction(1)) else juxtaposed([spread, eye])
    kind = "covariance" if declared.sizes else "variance"
    return ("normal, mean ", setter.math(tree), f", {kind} ", setter.math(spread))


def _range(length: Size, each: str, setter: Setter) -> Prose:
    """An index on paper counts from the style's base."""
    base = setter.notation.style.index_base
    last: Tree = size_tree(length - 1 + base)
    return (f"{each}one of ", setter.math(Num(Fraction(base))), ", …, ", setter.math(last))


def _has_fellow(declared: Declaration, model: Model) -> bool:
    """True if another index, or another entry of this one, has the same range."""
    same = [d for d in model.declarations.values() if d.role == "index" and d.facts.of == declared.facts.of]
    return bool(declared.sizes) or len(same) > 1


def sizes(model: Model, setter: Setter) -> Prose:
    """One sentence about the sizes that are letters."""
    names = model.size_names()
    if not names:
        return ()
    letters = listed([setter.symbol(name) for name in names], " and ")
    return (*letters, " is any positive integer." if len(names) == 1 else " are any positive integers.")
