"""Eigenvalues and condition numbers of Hessian blocks: formulas where the block shows them, numbers at given values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import MissingRule, SymbackpropError, ValueProblem
from .express.pieces import juxtaposed
from .express.writer import Expressed, size_tree
from .formula import Formula
from .functions import FUNCTIONS
from .notation.text import text
from .notation.tree import Call, Frac, Index, Num, Relation, Sum, Sym, Text, Tree
from .signs import Signs
from .tensor.collect import collected, multiplied_out
from .tensor.normal import add, as_number, broadcast, content, from_size, number, product, scaled, summands, unit
from .tensor.pullback import children_last
from .tensor.size import Size
from .tensor.spectral import Spectral, spectral
from .tensor.substitute import substitute, subterms
from .tensor.terms import Product, Symbol, Term

if TYPE_CHECKING:
    from .derive import Derivation
    from .reasons import Parts
    from .tensor.evaluate import Array

ZERO = Num(Fraction(0))


class Eigenvalue(NamedTuple):
    """An eigenvalue and how often it occurs. A value with axes holds one eigenvalue in each entry."""

    value: Formula
    multiplicity: Formula


@dataclass
class Written(Formula):
    """A formula whose right side is written in an order of its own: `shown` is its tree, if that is not the term's."""

    shown: Tree | None = None

    @cached_property
    def expressed(self) -> Expressed:
        """The tree that was given, or the term's."""
        return Expressed(self.shown) if self.shown is not None else self.context.writer.expressed(self.term)


@dataclass
class ConditionNumber(Written):
    """The greatest eigenvalue over the least, in absolute value, where the `conditions` hold."""

    conditions: tuple[Tree, ...] = ()

    @property
    def condition_text(self) -> str:
        """The conditions as Unicode text: `d ≥ 2, σ > 0`."""
        return ", ".join(text(tree, self.context.notation) for tree in self.conditions)

    @property
    def condition_latex(self) -> str:
        """The conditions in LaTeX."""
        from .notation.latex import latex

        return ", ".join(latex(tree, self.context.notation) for tree in self.conditions)


@dataclass
class Spectrum:
    """The block of one variable with itself. `at`: symbols that are the same number everywhere, such as {"mu": 0}.

    `label`: the name that an author gave to what is asked for.
    """

    derivation: Derivation
    name: str
    at: Mapping[str, Any] | None = None
    label: str = ""

    def block(self) -> Term:
        """The closed block; SymbackpropError for an `at` that says nothing about it."""
        term = self.derivation.hessian(self.name).closed.term
        mapping: dict[Term, Term] = {}
        for name, value in (self.at or {}).items():
            declared = self.derivation.model.declarations.get(name)
            if declared is None or declared.role == "index":
                raise ValueProblem(f"`at` gives `{name}` a value, which is no declared symbol.")
            mapping[declared.term] = number(Fraction(str(value)), declared.sizes)
        names = [*(self.at or {})]
        moved = self.derivation.graph.descendants(names) - set(names)
        stale = [x.name for x in children_last(term) if isinstance(x, Symbol) and x.name in moved]
        if stale:
            raise SymbackpropError(
                f"The block of {self.name} contains the node {stale[0]}, which depends on {' and '.join(names)}.",
                remedy="Write that value into the network instead.",
            )
        return collected(multiplied_out(substitute(term, mapping))) if mapping else term

    def shape(self) -> Spectral:
        """What the block is; MissingRule if its eigenvalues cannot be read off."""
        found = spectral(self.block())
        if found is None:
            raise MissingRule(
                f"The eigenvalues of the Hessian block of {self.name} are known as formulas only for a scaled identity,"
                " plus a diagonal or plus a matrix of rank one; this block is not seen to be one of these.",
                remedy=f'Give numbers: `spectrum("{self.name}", values)`, or `--hessian --values FILE.json`.',
            )
        return found

    # ------------------------------------------------------------------ formulas

    def eigenvalues(self) -> tuple[Eigenvalue, ...]:
        """The eigenvalues with their multiplicities, that of rank one last. Raises MissingRule."""
        found = self.shape()
        if found.diagonal is not None:
            shape = found.diagonal.sizes
            whole = add([(1, found.diagonal), (1, broadcast(found.scale, (), shape))], shape)
            return (self.eigenvalue(0, whole, (found.copies,)),)
        if found.u is None:
            return (self.eigenvalue(0, found.scale, (found.length, found.copies)),)
        together = self.in_order(found.scale, found.added)
        if found.length.number == 1:
            return (self.eigenvalue(0, found.moved, (found.copies,), together),)
        return (
            self.eigenvalue(1, found.scale, (found.length - 1, found.copies)),
            self.eigenvalue(2, found.moved, (found.copies,), together),
        )

    def eigenvalue(self, place: int, term: Term, often: tuple[Size, ...], shown: Tree | None = None) -> Eigenvalue:
        """One of them, with a multiplicity that is a product; `place` 0 is the only one."""
        context = self.derivation.context
        base = Sym(self.label or self.free_name("lambda", "nu", "rho"), "vector" if term.order else "scalar")
        left: Tree = Index(base, (Num(Fraction(place)),)) if place else base
        count = product(1, [(from_size(size), (), 1) for size in often], ())
        factors = [size_tree(size) for size in often if size.number != 1]
        times = Written(context, Text("multiplicity"), count, shown=juxtaposed(factors))
        return Eigenvalue(Written(context, left, term, shown=shown), times)

    def in_order(self, first: Term, second: Term) -> Tree:
        """first + second as a tree, in this order."""
        parts: list[tuple[int, Tree]] = []
        for term in (first, second):
            tree = self.tree(term)
            if not term.is_zero:
                parts += tree.terms if isinstance(tree, Sum) else [(1, tree)]
        return parts[0][1] if len(parts) == 1 and parts[0][0] > 0 else Sum(tuple(parts))

    def free_name(self, *names: str) -> str:
        """The first of these names that does not look like a symbol of the network."""
        context = self.derivation.context
        seen = {text(Sym(name, "scalar"), context.notation) for name in context.kinds}
        free = [name for name in names if text(Sym(name, "scalar"), context.notation) not in seen]
        return free[0] if free else names[-1]

    def condition_number(self) -> ConditionNumber:
        """The condition number of the block, with what it supposes. Raises MissingRule."""
        found = self.shape()
        conditions: list[Tree] = []
        term = number(1)
        shown: Tree | None = None
        if found.diagonal is not None:
            (entries,) = self.eigenvalues()
            greatest, least = (FUNCTIONS[name].build(entries.value.term) for name in ("max", "min"))
            term = product(1, [(greatest, (), 1), (least, (), -1)], ())
            shown = Frac(Call("max", (entries.value.tree,)), Call("min", (entries.value.tree,)))
            conditions += self.positive(entries.value.term)
        elif found.u is None or found.length.number == 1:
            conditions += self.positive(unit(found.scale if found.u is None else found.moved))
        else:
            assert found.weight is not None
            if found.length.number is None:
                conditions.append(Relation(">=", size_tree(found.length), Num(Fraction(2))))
            sign = self.signs.sign(found.weight)
            if sign < 0:
                term = product(1, [(found.scale, (), 1), (found.moved, (), -1)], ())
                conditions += self.positive(found.moved)
            else:
                conditions += self.positive(found.scale)
                if not sign:
                    conditions.append(self.relation(">=", found.weight))
                if not found.scale.is_zero:
                    excess = product(1, [(found.added, (), 1), (found.scale, (), -1)], ())
                    term = add([(1, number(1)), (1, excess)], ())
                    shown = self.in_order(number(1), excess)
        if found.scale.is_zero and found.diagonal is None and found.length.number != 1:
            raise SymbackpropError(
                f"The Hessian block of {self.name} is singular: it has no condition number.",
                remedy="Add a term that is curved in every direction, such as a multiple of norm2(w)**2.",
            )
        left = Sym(self.label or self.free_name("kappa", "cond"), "scalar")
        return ConditionNumber(self.derivation.context, left, term, shown=shown, conditions=tuple(conditions))

    @property
    def signs(self) -> Signs:
        """What is known of the signs of the network's terms."""
        return Signs(self.derivation.model)

    def tree(self, term: Term) -> Tree:
        """The term as a formula, or one entry of it."""
        return self.derivation.context.writer.expressed(term).tree

    def positive(self, term: Term) -> list[Tree]:
        """What makes the term positive: nothing for a positive number, its factors if it is a product of scalars."""
        constants = [c for c, t in summands(term) if c > 0 and as_number(t) is not None]
        if constants and all(self.signs.sign(scaled(c, t)) > 0 for c, t in summands(term)):
            return []
        if isinstance(term, Product) and term.order == 0 and term.coefficient > 0 and not term.summed:
            return [self.nonzero(t) if e % 2 == 0 else Relation(">", self.tree(t), ZERO) for t, _, e in term.factors]
        return [self.relation(">", term)]

    def nonzero(self, term: Term) -> Tree:
        """What makes a square positive: that a standard deviation, or what is declared positive, is so; else ≠ 0."""
        spreads = [d.facts.law[1] for d in self.derivation.model.declarations.values() if d.facts.law is not None]
        positive = self.signs.nonnegative(term) or any(term in subterms(spread) for spread in spreads)
        return Relation(">" if positive else "!=", self.tree(term), ZERO)

    def relation(self, op: str, term: Term) -> Tree:
        """term > 0 or term >= 0, without a number in front."""
        turned = {">": "<", ">=": "<="}
        return Relation(op if content(term) > 0 else turned[op], self.tree(unit(term)), ZERO)

    # ------------------------------------------------------------------ numbers

    def numeric(self, values: Mapping[str, Any]) -> Array:
        """The eigenvalues at given numbers for all symbols, in ascending order.

        Raises ValueProblem for numbers that do not fit, and for a block that is not finite there.
        """
        import numpy as np

        from .given import given
        from .tensor.evaluate import evaluate

        derivation = self.derivation
        arrays, sizes = given(derivation.model, values)
        for node in derivation.graph.order:
            if node in derivation.graph.used:
                arrays[node] = evaluate(derivation.model.equations[node].term, arrays, sizes)
        block = evaluate(self.block(), arrays, sizes)
        length = round(block.size**0.5)
        if not np.all(np.isfinite(block)):
            raise ValueProblem(f"With these numbers the Hessian block of {self.name} is not finite.")
        return np.asarray(np.linalg.eigvalsh(block.reshape(length, length)))


def statement(derivation: Derivation, name: str) -> Parts | None:
    """The eigenvalues and the condition number of a block in a sentence; None if they cannot be read off."""
    try:
        found = Spectrum(derivation, name).eigenvalues()
    except MissingRule:
        return None
    if not derivation.graph.sizes(name):
        return None
    words: list[str | Tree] = ["Eigenvalues: "]
    if len(found) == 1 and not found[0].value.term.order:
        words = ["Every eigenvalue is "]
    elif len(found) == 1:
        words = ["Its eigenvalues are the entries of "]
    for place, (value, count) in enumerate(found):
        words += [" and " if place else "", value.tree]
        if len(found) > 1:
            once = as_number(count.term) == 1
            words += [" (once)"] if once else [" (", count.tree, " times)"]
    try:
        number_ = Spectrum(derivation, name).condition_number()
    except SymbackpropError:
        return (*words, ".")
    words += ["; the condition number is ", number_.tree]
    for place, condition in enumerate(number_.conditions):
        words += [" and " if place else " for ", condition]
    return (*words, ".")


def condition_at(eigenvalues: Array) -> float:
    """The greatest absolute value over the least; infinity for a singular matrix."""
    import numpy as np

    sizes = np.abs(eigenvalues)
    return float(sizes.max() / sizes.min()) if sizes.min() > 0 else float("inf")


__all__ = ["ConditionNumber", "Eigenvalue", "Spectrum", "Written", "condition_at", "statement"]
