"""The computing graph as a document shows it: every parameter, input and intermediate value a vertex."""

from __future__ import annotations

from collections.abc import Mapping

from ..document import Graph, Vertex
from ..expression import Call, names
from ..graph import Graph as Nodes
from ..graph import symbols_of
from ..network import Equation, Model
from ..notation.boxes.box import Token
from ..notation.names import FORMS, Lettered
from ..tensor.terms import Bracket, Map, Product, Special, Sum, Symbol, Term
from .maths import Setter

# Operations that are products, or several steps, in the calculus.
NAMED = frozenset((
    "mean", "sum", "var", "norm2", "trace", "max", "min", "conv1d", "conv2d", "max_pool", "concatenate", "reshape",
    "outer", "kron", "diag", "flip",
))  # fmt: skip
SAID = {
    "norm2": "norm",
    "standardize": "normalise",
    "inverse": "inverse",
    "step": "step",
    "where": "choice",
    "iszero": "test",
}


def computing_graph(model: Model, nodes: Nodes, setter: Setter) -> Graph:
    """Everything that the loss is computed from, and parameters that nothing uses; an arrow a -> b where b needs a.

    What an expectation is over stands in the graph with its law, although the expectation is taken.
    """
    parents = written(model, nodes)
    used = ancestors(model.loss, parents) if parents is not nodes.parents else nodes.used
    symbols = [d for d in model.declarations.values() if d.name in used or d.role == "parameter"]
    equations = [name for name in nodes.order if name in used]
    vertices = [Vertex(d.name, d.role, setter.symbol(d.name)) for d in symbols]
    for name in equations:
        role, word = ("loss", "") if name == model.loss else ("node", word_of(model.equations[name], model))
        vertices.append(Vertex(name, role, setter.symbol(name), word))  # type: ignore[arg-type]  # a Role, spelled out
    arrows = [
        (parent, name)
        for name in (*(d.name for d in symbols), *equations)
        for parent in sorted(parents.get(name, ()), key=nodes.ranks.__getitem__)
    ]
    return Graph(tuple(vertices), tuple(dict.fromkeys(arrows)))


def written(model: Model, nodes: Nodes) -> Mapping[str, tuple[str, ...]]:
    """What each value is computed from before expectations are taken; random symbols from what is in their laws."""
    if all(e.before is None for e in model.equations.values()):
        return nodes.parents
    found = dict(nodes.parents)
    for name, equation in model.equations.items():
        if equation.before is not None:
            wrote = names(equation.expr) if equation.expr is not None else ()
            shown = dict.fromkeys(n.name for n in wrote if n.name in nodes.ranks)
            found[name] = tuple(shown) or symbols_of(equation.before)
    for d in model.declarations.values():
        if d.facts.law is not None:
            found[d.name] = tuple(dict.fromkeys(x for part in d.facts.law for x in symbols_of(part)))
    return found


def ancestors(loss: str, parents: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Everything that the loss is computed from, itself included."""
    seen: set[str] = set()
    stack = [loss]
    while stack:
        name = stack.pop()
        if name not in seen:
            seen.add(name)
            stack.extend(parents.get(name, ()))
    return frozenset(seen)


def word_of(equation: Equation, model: Model) -> str:
    """In a word how a value is computed: the author's function, where the whole equation is one call of it."""
    expr = equation.expr
    if isinstance(expr, Call) and expr.function in NAMED:
        return expr.shown or function_name(expr.function)
    return operation(equation.term, model)


def operation(term: Term, model: Model) -> str:
    """In a word how a term is computed; empty where no word says more than its equation."""
    if isinstance(term, Map):
        return function_name(term.head)
    if isinstance(term, Special):
        return function_name(term.operation)
    if isinstance(term, Sum):
        return "affine" if any(_is_layer(x, model) for _, x in term.terms) else "sum"
    if isinstance(term, Product):
        plain = [f[0] for f in term.factors if not isinstance(f[0], Bracket)]
        if len(plain) == 1 and isinstance(plain[0], (Map, Special)):
            return operation(plain[0], model)
        return "linear" if _is_layer(term, model) else "product" if len(term.factors) > 1 else ""
    return ""


def _is_layer(term: Term, model: Model) -> bool:
    """A product of a parameter and something else."""
    if not isinstance(term, Product):
        return False
    names = [f[0].name for f in term.factors if isinstance(f[0], Symbol)]
    roles = [model.declarations[n].role if n in model.declarations else "node" for n in names]
    return "parameter" in roles and len(names) > 1


def function_name(name: str) -> str:
    """A function's name in upright letters: `ReLU`."""
    if name in SAID:
        return SAID[name]
    form = FORMS.get(name)
    if isinstance(form, Lettered):
        form = form.name
    return form.text if isinstance(form, Token) else name.replace("_", " ")
