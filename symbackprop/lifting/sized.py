"""A network with some of its sizes fixed: code that is right for one example only can then be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..network import Model
from ..tensor.normal import add, apply, bracket, from_size, product
from ..tensor.size import Floor, Size, size
from ..tensor.specials import special
from ..tensor.terms import Bracket, Dim, Map, Product, Special, Sum, Symbol, Term, symbol


def sized(model: Model, sizes: Mapping[str, int]) -> Model:
    """The same network with numbers for these size names; expressions of the author's are left out."""
    done: dict[Term, Term] = {}
    declarations = {
        name: replace(
            d,
            sizes=tuple(resized(s, sizes) for s in d.sizes),
            facts=replace(d.facts, of=None if d.facts.of is None else resized(d.facts.of, sizes)),
        )
        for name, d in model.declarations.items()
    }
    equations = {
        name: replace(e, term=with_sizes(e.term, sizes, done), expr=None, before=None)
        for name, e in model.equations.items()
    }
    return replace(model, declarations=declarations, equations=equations)


def resized(length: Size, sizes: Mapping[str, int]) -> Size:
    """The size with numbers for some of its names."""
    total = size(0)
    for monomial, coefficient in length.monomials:
        part = size(coefficient)
        for atom, power in monomial:
            if isinstance(atom, Floor):
                base = resized(atom.numerator, sizes) // atom.divisor
            else:
                base = size(sizes.get(atom, atom))
            for _ in range(power):
                part = part * base
        total = total + part
    return total


def with_sizes(term: Term, sizes: Mapping[str, int], done: dict[Term, Term]) -> Term:
    """The term with numbers for some size names, in normal form; `done` holds what is known. Iterative."""
    stack: list[tuple[Term, bool]] = [(term, False)]
    while stack:
        top, entered = stack.pop()
        if top in done:
            continue
        if not entered and top.children:
            stack.append((top, True))
            stack.extend((child, False) for child in top.children if child not in done)
            continue
        done[top] = _rebuilt(top, sizes, done)
    return done[term]


def _rebuilt(term: Term, sizes: Mapping[str, int], done: Mapping[Term, Term]) -> Term:
    shape = tuple(resized(s, sizes) for s in term.sizes)
    children = [done[child] for child in term.children]
    if isinstance(term, Symbol):
        return symbol(term.name, shape)
    if isinstance(term, Dim):
        atom = term.atom
        inner = (
            resized(atom.numerator, sizes) // atom.divisor if isinstance(atom, Floor) else size(sizes.get(atom, atom))
        )
        return from_size(inner)
    if isinstance(term, Product):
        labels = {k: resized(s, sizes) for k, s in enumerate(term.label_sizes)}
        factors = [(new, used, e) for new, (_, used, e) in zip(children, term.factors, strict=True)]
        return product(term.coefficient, factors, range(term.order), labels)
    if isinstance(term, Sum):
        return add([(c, new) for new, (c, _) in zip(children, term.terms, strict=True)], shape)
    if isinstance(term, Map):
        return apply(term.head, children)
    if isinstance(term, Bracket):
        indices = [(resized(c, sizes), n, axes, resized(stop, sizes)) for c, n, axes, stop in term.indices]
        coefficients = [resized(c, sizes) for c in term.coefficients]
        return bracket(shape, coefficients, resized(term.constant, sizes), indices)
    if isinstance(term, Special):
        return special(term.operation, children[0], term.axes, *children[1:])
    return term
