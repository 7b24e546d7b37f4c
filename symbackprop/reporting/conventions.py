"""The conventions in sentences: the general ones, and those that matter for one network."""

from __future__ import annotations

from fractions import Fraction

from ..derive import Derivation
from ..document import Prose
from ..notation.tree import Call, Index, Indicator, Letter, Num, Prod, Relation, Special, Tree
from ..tensor.pullback import children_last
from ..tensor.terms import Bracket, Map
from ..tensor.terms import Special as Operation
from .maths import Setter

ZERO = Num(Fraction(0))
U = Letter("u")


def conventions(derivation: Derivation, setter: Setter, shown: list[Tree]) -> tuple[Prose, ...]:
    """One sentence each. `shown` are the formulas of the document: a sign is explained if it occurs."""
    model, graph = derivation.model, derivation.graph
    inside = [t for n in graph.order for t in children_last(model.equations[n].term)]
    heads = {t.head for t in inside if isinstance(t, Map)}
    operations = {t.operation for t in inside if isinstance(t, Operation)}
    signs = {part for tree in shown for part in _signs(tree)}
    arrays = [n for n in (*model.declarations, *graph.order) if graph.sizes(n)]
    found: list[Prose] = [("All numbers are real.",)]
    if arrays:
        found.append(("A gradient has the shape of its variable. Vectors are columns unless said otherwise.",))
    if "hadamard" in signs:
        product = setter.math(Prod((Letter("u"), Letter("v")), "hadamard"))
        found.append(
            (
                product,
                " is the product entry by entry; fractions, powers and functions of arrays are too.",
            )
        )
    if "ones" in signs:
        found.append(
            (
                setter.math(Special("ones")),
                " is a vector of ones, as long as it must be.",
            )
        )
    if "indicator" in signs:
        sign = setter.math(Indicator(Relation(">", U, ZERO)))
        found.append(
            (
                sign,
                " is 1 where ",
                setter.math(Relation(">", U, ZERO)),
                " and 0 elsewhere.",
            )
        )
    if "relu" in heads:
        found.append(
            (
                setter.math(Relation("=", Call("relu", (ZERO,), primes=1), ZERO)),
                ".",
            )
        )
    if heads & {"abs", "sign", "step"}:
        found.append(("sign 0 = step 0 = 0, and the derivative of an absolute value at 0 is 0.",))
    if heads & {"maximum", "minimum"}:
        found.append(("Of two equal arguments of a maximum or minimum neither gets a gradient.",))
    if "argmax" in operations:
        found.append(("A maximum over an axis passes everything to the first greatest entry.",))
    if any(d.facts.symmetric for d in model.declarations.values()):
        found.append(("The gradient of a symmetric matrix is that of the formula as written: its entries count as"
                      " independent.",))  # fmt: skip
    if any(isinstance(t, Bracket) and not t.is_delta for t in inside) or "index" in signs:
        base = model.style.index_base
        found.append((f"Indices on paper count from {base}" + (", in code from 0." if base else "."),))
    return tuple(found)


def _signs(tree: Tree) -> set[str]:
    """Which signs a formula uses."""
    found: set[str] = set()
    stack: list[object] = [tree]
    while stack:
        top = stack.pop()
        if isinstance(top, tuple):
            stack.extend(top)
            continue
        if isinstance(top, Prod) and top.op == "hadamard":
            found.add("hadamard")
        elif isinstance(top, Special) and top.name == "ones":
            found.add("ones")
        elif isinstance(top, Indicator):
            found.add("indicator")
        elif isinstance(top, Index):
            found.add("index")
        if hasattr(top, "__dataclass_fields__"):
            stack.extend(getattr(top, name) for name in top.__dataclass_fields__)
    return found
