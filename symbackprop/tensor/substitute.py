"""Other terms in place of whole subterms, and back: a defining term becomes the node's symbol, inside products too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction

from ..errors import ShapeError
from .matching import occurrence
from .normal import add, apply, as_number, content, exact, product, scaled, unit
from .specials import special
from .terms import Factor, Map, Product, Special, Sum, Symbol, Term

ROUNDS = 8  # how often folding is repeated until nothing changes


def rebuilt(term: Term, children: Sequence[Term]) -> Term:
    """The term with other children of the same shapes, in normal form."""
    if all(new is old for new, old in zip(children, term.children, strict=True)):
        return term
    if isinstance(term, Product):
        factors = [(new, labels, e) for new, (_, labels, e) in zip(children, term.factors, strict=True)]
        return product(term.coefficient, factors, range(term.order), dict(enumerate(term.sizes)))
    if isinstance(term, Sum):
        return add([(c, new) for new, (c, _) in zip(children, term.terms, strict=True)], term.sizes)
    if isinstance(term, Map):
        return apply(term.head, children)
    assert isinstance(term, Special)
    return special(term.operation, children[0], term.axes, *children[1:])


def rewritten(
    term: Term,
    done: dict[Term, Term],
    step: Callable[[Term], Term] | None = None,
) -> Term:
    """The term rebuilt from its leaves up, with `step` applied to every rebuilt subterm.

    `done` holds what is known already, and what is found: terms in it are replaced and not entered. Iterative.
    """
    stack: list[tuple[Term, bool]] = [(term, False)]
    while stack:
        top, entered = stack.pop()
        if top in done:
            continue
        if not entered and top.children:
            stack.append((top, True))
            stack.extend((child, False) for child in reversed(top.children) if child not in done)
            continue
        new = rebuilt(top, [done[child] for child in top.children]) if top.children else top
        done[top] = step(new) if step is not None else new
    return done[term]


def substitute(term: Term, mapping: Mapping[Term, Term]) -> Term:
    """The term with every subterm that is a key replaced by its value; values are not searched again.

    A multiple of a key counts as the key times a number. Raises ShapeError if a key and its value differ in shape, and
    ZeroDivisionError if a replacement makes a divisor zero.
    """
    done: dict[Term, Term] = {}
    for key, value in mapping.items():
        if key.sizes != value.sizes:
            raise ShapeError(f"Cannot put a term of shape {value.sizes} in place of one of shape {key.sizes}.")
        if isinstance(key, Product) and key.factors:
            done.setdefault(unit(key), scaled(Fraction(1) / key.coefficient, value))
    done.update(mapping)
    if not done:
        return term
    for inner in subterms(term) if any(not isinstance(key, Symbol) for key in done) else ():
        if isinstance(inner, Product) and inner not in done and unit(inner) in done:
            done[inner] = scaled(inner.coefficient, done[unit(inner)])
    return rewritten(term, done)


def subterms(term: Term) -> Iterator[Term]:
    """Every term inside, each once, parents before their children."""
    seen = {term}
    stack = [term]
    while stack:
        top = stack.pop()
        yield top
        for child in reversed(top.children):
            if child not in seen:
                seen.add(child)
                stack.append(child)


def fold(term: Term, definitions: Mapping[Term, Symbol]) -> Term:
    """The term with every occurrence of a definition replaced by its symbol.

    A definition that is a product is found among the factors of a larger product, to any whole power, with its labels
    renamed; one that is a sum among the terms of a larger sum. Definitions may build on earlier ones; later ones are
    tried first, and what folding brings to light is folded again.
    Raises ShapeError if a definition and its symbol differ in shape.
    """
    rules: list[tuple[Term, Symbol]] = []
    whole: dict[Term, Term] = {}
    for definition, name in definitions.items():
        if definition.sizes != name.sizes:
            raise ShapeError(f"{name.name} has shape {name.sizes}, its definition {definition.sizes}.")
        forms = [definition]
        if rules:
            forms.append(_fixed(definition, rules, whole))
        for form in dict.fromkeys(forms):
            if not isinstance(form, Symbol) and as_number(form) is None:
                rules.insert(0, (form, name))
                whole.setdefault(form, name)
                whole.setdefault(unit(form), scaled(Fraction(1) / content(form), name))
    return _fixed(term, rules, whole)


def _fixed(term: Term, rules: Sequence[tuple[Term, Symbol]], whole: Mapping[Term, Term]) -> Term:
    """The term folded until nothing changes."""
    for _ in range(ROUNDS):
        before = term
        term = rewritten(term, {}, lambda t: _folded(t, rules, whole))
        if term is before:
            break
    return term


def _folded(term: Term, rules: Sequence[tuple[Term, Symbol]], whole: Mapping[Term, Term]) -> Term:
    """One term, whose children are folded already."""
    if term in whole:
        return whole[term]
    for definition, name in rules:
        if isinstance(term, Product):
            term = _folded_product(term, definition, name)
        elif isinstance(term, Sum) and isinstance(definition, Sum):
            term = _folded_sum(term, definition, name)
    return term


def _folded_sum(term: Sum, definition: Sum, name: Symbol) -> Term:
    """The sum with a multiple of the definition among its terms replaced."""
    if definition.sizes != term.sizes or len(definition.terms) > len(term.terms):
        return term
    have = {t: c for c, t in term.terms}
    c, first = definition.terms[0]
    if first not in have:
        return term
    ratio = Fraction(have[first]) / c
    if any(have.get(t) != c * ratio for c, t in definition.terms):
        return term
    own = {t for _, t in definition.terms}
    return add([(c, t) for c, t in term.terms if t not in own] + [(exact(ratio), name)], term.sizes)


def _folded_product(term: Product, definition: Term, name: Symbol) -> Term:
    """The product with the definition's factors replaced, as often as they occur."""
    bare = unit(definition)
    coefficient = content(definition)
    for _ in range(len(term.factors)):
        found = occurrence(term, bare)
        if found is None:
            break
        scale = exact(term.coefficient / Fraction(coefficient * found.sign) ** found.power)
        factors: list[Factor] = [*found.rest(term), (name, found.labels, found.power)]
        new = product(scale, factors, range(term.order), dict(enumerate(term.sizes)))
        if not isinstance(new, Product):
            return new
        term = new
    return term


__all__ = ["fold", "rebuilt", "rewritten", "substitute", "subterms"]
