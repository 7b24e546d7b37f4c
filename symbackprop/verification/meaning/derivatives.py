"""Derivatives as written: of the loss, of nodes, of expressions; by symbols, nodes and their entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, overload

from ...errors import SymbackpropError
from ...jacobian import jacobian_term
from ...paper.lexemes import Lexeme
from ...paper.tree import Atom, Derivative, Group, Listing, Named, Product, Script, Tree
from ...tensor.terms import Symbol, symbol
from .letters import name_and_places, name_of, part_of, rows_or_columns
from .lexicon import Words
from .scope import Scope
from .values import Value, kind_of_order, transposed, unique

if TYPE_CHECKING:
    from .elaborate import Elaborator

Place = tuple[str, tuple[Words, ...], str]


def derivative(e: Elaborator, tree: Derivative, scope: Scope) -> list[Value]:
    """A derivative with its quantity above."""
    if tree.top is None:
        e.refuse(tree, "a derivative of nothing", "Write what is differentiated.")
    return _of(e, tree, _bare(tree.top), tree.bottoms, scope)


def applied(
    e: Elaborator, tree: Derivative, rest: Sequence[Tree], signs: Sequence[str], scope: Scope
) -> tuple[list[Value], int]:
    """An operator such as ∇_W or d/dx with what follows it, and how many factors that is."""
    if not rest:
        e.refuse(tree, "a derivative of nothing", "Write what is differentiated.")
    first = rest[0]
    if name_of(e, first, scope) in e.model.equations and not _transposed(first):
        used = 1
        variables: tuple[Tree, ...] = ()
        if len(rest) > 1 and tuple(signs[:1]) == ("",):
            variables = _variables(e, rest[1], scope)
            used = 2 if variables else 1
        bottoms = tree.bottoms or (variables * tree.order if len(variables) == 1 else ())
        return _of(e, tree, first, bottoms or _only(e, tree), scope), used
    if isinstance(first, Group) and not first.scripts:
        return _of(e, tree, _bare(first), tree.bottoms or _only(e, tree), scope), 1
    whole = first if len(rest) == 1 else Product(tuple(rest), tuple(signs[: len(rest) - 1]), first.start, rest[-1].end)
    return _of(e, tree, whole, tree.bottoms or _only(e, tree), scope), len(rest)


def _transposed(tree: Tree) -> bool:
    """True for z^T, which begins a product."""
    scripts = getattr(tree, "scripts", ())
    return any(s.words[-1:] in (("T",), ("\\top",), ("\\intercal",)) for s in scripts)


def _variables(e: Elaborator, tree: Tree, scope: Scope) -> tuple[Tree, ...]:
    """The names in brackets behind J: J(w)."""
    if not isinstance(tree, Group) or tree.left != "(" or tree.scripts:
        return ()
    inside = tree.body.items if isinstance(tree.body, Listing) else (tree.body,)
    return inside if all(name_of(e, t, scope) is not None for t in inside) else ()


def _only(e: Elaborator, tree: Derivative) -> tuple[Tree, ...]:
    """By what ∇ without a variable differentiates: the only parameter."""
    names = e.model.names("parameter") or e.model.names("input")
    if len(names) != 1:
        e.refuse(tree, "∇ does not say by what it differentiates", "Write ∇ with a subscript.")
    return (Named(names[0], start=tree.start, end=tree.end),) * tree.order


def _bare(tree: Tree) -> Tree:
    while isinstance(tree, Group) and not tree.scripts and not tree.primes and tree.left in ("{", "("):
        tree = tree.body
    return tree


def _of(e: Elaborator, tree: Derivative, top: Tree, bottoms: Sequence[Tree], scope: Scope) -> list[Value]:
    below = [variable(e, b, scope) for b in bottoms]
    above = quantity(e, top, scope)
    if above is None:
        return _of_expression(e, tree, top, below, scope)
    if len(below) == 2:
        return _second(e, tree, above, below, scope)
    found = _first(e, tree, above, below[0], scope)
    if _transposed(bottoms[0]) and not e.names.derivation.graph.sizes(above[0]):  # ∂J/∂W^T
        return [t for v in found for t in transposed(v)]
    return found


def quantity(e: Elaborator, tree: Tree, scope: Scope) -> Place | None:
    """The name above a derivative, `J` or `J(w)`, with the indices of an entry; None for an expression."""
    if (
        isinstance(tree, Product)
        and len(tree.factors) == 2
        and tree.signs == ("",)
        and isinstance(tree.factors[1], Group)
    ):
        head, group = tree.factors
        name = name_of(e, head, scope)
        assert isinstance(group, Group)
        if name is not None and group.left == "(" and not group.scripts:
            inside = group.body.items if isinstance(group.body, Listing) else (group.body,)
            if all(isinstance(t, (Atom, Named)) for t in inside) and e.names.is_value(name):
                return name, (), "whole"
        return None
    found = name_and_places(e, tree, scope)
    return found if found is not None and e.names.is_value(found[0]) else None


def variable(e: Elaborator, tree: Tree, scope: Scope) -> Place:
    """The name below a derivative, with the indices of an entry. Raises for what is no name of the network."""
    found = name_and_places(e, _bare(tree), scope) or _numbered(e, _bare(tree), scope)
    if found is not None and e.names.is_value(found[0]):
        return found
    if found is not None and found[0] in e.model.derivatives:
        e.refuse(tree, f"{found[0]} is a derivative itself")
    e.values(_bare(tree), scope)  # an unknown letter is named with the nearest ones
    return e.refuse(tree, "a derivative is by a symbol or a node of the network")


def _numbered(e: Elaborator, tree: Tree, scope: Scope) -> Place | None:
    """∇_a in a claim about layer l: a at that layer, where no a without a number is declared."""
    if not isinstance(tree, Atom) or tree.scripts or len(scope.running) != 1:
        return None
    (number,) = scope.running.values()
    script = Script("_", (Lexeme(str(number), tree.start, tree.end),), tree.start, tree.end)
    return name_and_places(e, replace(tree, scripts=(script,)), scope)


def _first(e: Elaborator, tree: Derivative, above: Place, below: Place, scope: Scope) -> list[Value]:
    """∂z/∂x, of entries where indices are written."""
    (of, top_places, _), (wrt, places, part) = above, below
    scalar = not e.names.derivation.graph.sizes(of)
    try:
        value = e.names.gradient(wrt, of) if scalar else e.names.jacobian(of, wrt)
    except SymbackpropError as error:
        if error.span is None and type(error) is not SymbackpropError:
            raise
        e.refuse(tree, error.message.rstrip("."), error.remedy)
    if scalar:
        if part != "whole" or places:
            return (
                part_of(e, tree, [value], "row" if part == "whole" else part, _split(places, value), scope)
                if part != "whole"
                else rows_or_columns(e, tree, wrt, [value], _split(places, value), scope)
            )
        return [value]
    if not places and not top_places:
        return [value]
    order = len(e.names.derivation.graph.sizes(of))
    whole = Value(value.term, (), "array")
    rows = _split(top_places, e.names.value(of)) or ((":",),) * order
    if len(rows) < order:
        rows = (*rows, *((":",),) * (order - len(rows)))
    columns = _split(places, e.names.value(wrt))
    found = e.entries(tree, [whole], (*rows, *columns), scope)
    return [replace(v, kind=kind_of_order(len(v.sizes))) for v in found]


def _split(places: tuple[Words, ...], value: Value) -> tuple[Words, ...]:
    """`ij` as two indices."""
    wanted = len(value.sizes)
    if len(places) == 1 and wanted > 1 and len(places[0]) == wanted and all(w.isalnum() for w in places[0]):
        return tuple((w,) for w in places[0])
    return places


def _second(e: Elaborator, tree: Derivative, above: Place, below: Sequence[Place], scope: Scope) -> list[Value]:
    of = above[0]
    if e.names.derivation.graph.sizes(of):
        e.refuse(tree, "second derivatives are of a scalar", "Write an entry's second derivative with its indices.")
    (p, first, _), (q, second, _) = below
    if not first and not second:
        return [e.names.hessian(p, q, of)]
    value = replace(e.names.entries_of_hessian(p, q, of), kind="array")
    pieces = (*_split(first, e.names.value(p)), *_split(second, e.names.value(q)))
    return [replace(v, kind=kind_of_order(len(v.sizes))) for v in e.entries(tree, [value], pieces, scope)]


def _of_expression(e: Elaborator, tree: Derivative, top: Tree, below: Sequence[Place], scope: Scope) -> list[Value]:
    """The derivative of what is written above, where that is no name."""
    found: list[Value] = []
    problem: SymbackpropError | None = None
    for written in e.values(top, scope):
        value = replace(written, term=e.names.opened(written.term))
        known = _node_of(e, value)
        if known is not None:
            derive = _second if len(below) == 2 else None
            place: Place = (known, (), "whole")
            found += derive(e, tree, place, below, scope) if derive else _first(e, tree, place, below[0], scope)
            continue
        if value.kind == "array":
            e.refuse(tree, "this expression cannot be differentiated here")
        try:
            found += _of_new(e, tree, value, below, scope)
        except SymbackpropError as error:
            problem = error
    if not found:
        raise problem or SymbackpropError("This expression cannot be differentiated.")
    return unique(found)


def _node_of(e: Elaborator, value: Value) -> str | None:
    """The node whose value an expression is, the loss first."""
    if value.free:
        return None
    if isinstance(value.term, Symbol) and value.term.name in e.model.equations:
        return value.term.name
    equations = e.model.equations
    for name in (e.model.loss, *equations):
        if equations[name].term is value.term:
            return name
    return None


def _of_new(e: Elaborator, tree: Derivative, value: Value, below: Sequence[Place], scope: Scope) -> list[Value]:
    inner, name = e.names.with_node(value.term)
    e.names.extra[symbol(name, value.term.sizes)] = value.term
    (wrt, places, part) = below[0]
    if len(below) == 2:
        if value.term.sizes:
            e.refuse(tree, "second derivatives are of a scalar")
        return [inner.hessian(wrt, below[1][0], name)]
    if not value.term.sizes:
        term = inner.derivation.gradient(wrt).closed.term
        made = [Value(term, (), e.names.kind(wrt))]
        if part != "whole":
            return part_of(e, tree, made, part, places, scope)
        return e.entries(tree, made, places, scope) if places else made
    term = jacobian_term(inner.derivation, name, wrt)
    order = len(value.term.sizes)
    letters = tuple((letter,) for letter in value.free)
    rest = ((":",),) * (order - len(value.free))
    columns = _split(places, e.names.value(wrt))
    whole = Value(term, (), "array" if value.free or places else kind_of_order(term.order))
    if not letters and not columns:
        return [whole]
    found = e.entries(tree, [whole], (*letters, *rest, *columns), scope)
    return [replace(v, kind=kind_of_order(len(v.sizes))) for v in found]


@overload
def gradient_at(
    e: Elaborator, tree: Tree, of: str | None, scope: Scope, optional: Literal[True]
) -> list[Value] | None: ...


@overload
def gradient_at(e: Elaborator, tree: Tree, of: str | None, scope: Scope) -> list[Value]: ...


def gradient_at(e: Elaborator, tree: Tree, of: str | None, scope: Scope, optional: bool = False) -> list[Value] | None:
    """The gradient at a name, for `dW` and its like; None (if `optional`) where no name stands there."""
    tree, transposes = without_transpose(tree)
    found = name_and_places(e, tree, scope)
    if found is None or not e.names.is_value(found[0]):
        if optional:
            return None
        e.refuse(tree, "a gradient is at a symbol or a node of the network")
    name, places, part = found
    values = [e.names.gradient(name, of)]
    if part != "whole":
        values = part_of(e, tree, values, part, places, scope)
    elif places:
        values = e.entries(tree, values, places, scope)
    return e.raised(tree, values, transposes, scope)


def without_transpose(tree: Tree) -> tuple[Tree, Words]:
    """A letter without the transpose behind it, and that transpose."""
    if not isinstance(tree, (Atom, Named)) or not tree.scripts:
        return tree, ()
    last = tree.scripts[-1]
    words = tuple(x.text for x in last.lexemes)
    if last.sign != "^" or words[-1:] not in (("T",), ("\\top",), ("\\intercal",)):
        return tree, ()
    kept = last.lexemes[:-1]
    scripts = (*tree.scripts[:-1], *((Script("^", kept, last.start, last.end),) if kept else ()))
    return replace(tree, scripts=scripts), words[-1:]
