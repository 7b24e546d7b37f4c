"""A report from its parts: what is in it at which level of detail, and in which order it is said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from ..certify import CHECKS, MOST_CLOSED, Certified
from ..certify_second import CertifiedBlocks
from ..derive import Derivation
from ..document import (
    Certificate,
    CertificateRow,
    ClosedForm,
    Code,
    Equation,
    GradientRow,
    Math,
    Plot,
    Prose,
    Report,
    Table,
    Worked,
)
from ..drawing.draw import draw
from ..errors import SymbackpropError
from ..formula import Formula
from ..notation.tree import Tree
from .backward import Backward
from .conditions import Conditions
from .conventions import conventions
from .forward import Forward
from .graphs import computing_graph
from .hessian import section
from .maths import Setter, listed
from .named import named_table
from .prose import prose, title_and_rest
from .symbols import sizes, symbol_rows
from .worked import worked

Detail: TypeAlias = Literal["brief", "normal", "full"]
DETAILS: tuple[Detail, ...] = ("brief", "normal", "full")
LETTERS, MOST_COLUMNS = 76, 4  # of formulas side by side


@dataclass(frozen=True, slots=True)
class Extras:
    """What a page shows besides the derivation: further tables, curves of training runs, sentences at its head."""

    remarks: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    curves: tuple[Plot, ...] = ()


def report(
    derivation: Derivation,
    *,
    wrt: Sequence[str] | None = None,
    detail: Detail = "normal",
    certified: Certified | None = None,
    source: str = "",
    values: Mapping[str, Any] | None = None,
    lr: float | None = None,
    digits: int | None = None,
    extras: Extras | None = None,
    hessian: bool = False,
    blocks: CertifiedBlocks | None = None,
) -> Report:
    """The report of a derivation; with `hessian` the second derivatives too, `blocks` says what held of them.

    `wrt`: the variables whose gradients are wanted, all parameters (or inputs if there are none) without it. `source`
    is the generated module's text, printed in full. `values`, `lr` and `digits` ask for worked numbers.

    Raises UnknownName for a name in `wrt` that the network does not have, ValueProblem for numbers that do not fit.
    """
    if detail not in DETAILS:
        raise SymbackpropError(f"detail={detail!r} is not one of {', '.join(DETAILS)}.")
    return Builder(derivation, wanted(derivation, wrt), wrt is None, detail).report(
        certified, source, values, lr, digits, extras or Extras(), hessian, blocks
    )


def wanted(derivation: Derivation, wrt: Sequence[str] | None) -> tuple[str, ...]:
    """The names whose gradients are asked for; UnknownName for one that is not there."""
    model = derivation.model
    if wrt is None:
        return model.names("parameter") or model.names("input")
    for name in wrt:
        derivation.gradient(name)  # raises
    return tuple(dict.fromkeys(wrt))


class Builder:
    """Builds one report."""

    def __init__(self, derivation: Derivation, names: tuple[str, ...], everything: bool, detail: Detail) -> None:
        self.derivation, self.model = derivation, derivation.model
        self.names, self.everything, self.detail = names, everything, detail
        self.setter = Setter(derivation.context)
        self.trees: list[Tree] = []

    def report(
        self,
        certified: Certified | None,
        source: str,
        values: Mapping[str, Any] | None,
        lr: float | None,
        digits: int | None,
        extras: Extras,
        hessian: bool = False,
        blocks: CertifiedBlocks | None = None,
    ) -> Report:
        """Everything that this level of detail has."""
        title, rest = title_and_rest(self.model.title, self.model.name)
        brief, full = self.detail == "brief", self.detail == "full"
        graph = draw(computing_graph(self.model, self.derivation.graph, self.setter), f"Computing graph: {title}")
        gradients = self.gradients()
        backward = Backward(self.derivation, self.setter, full, self.visited())
        steps = () if brief else backward.steps()
        closed = () if brief else self.closed_forms()
        conditions = Conditions(self.model, self.derivation.graph, self.setter).sentences()
        agreed = conventions(self.derivation, self.setter, self.trees)
        together = in_one((*conditions, *agreed))
        scalars = brief and not any(self.derivation.graph.sizes(row.name) for row in gradients)
        return Report(
            name=self.model.name,
            title=title,
            summary=prose(rest, self.setter) if rest else (),
            remarks=self.remarks(extras, certified),
            symbols=() if brief else symbol_rows(self.model, self.setter),
            sizes=() if brief else sizes(self.model, self.setter),
            graph=graph,
            forward=() if brief else Forward(self.model, self.setter).lines(self.derivation.graph),
            backward_introduction=backward.introduction(),
            backward=steps,
            gradients=() if scalars else gradients,
            closed=closed,
            hessian=section(self.derivation, self.setter, self.names, values, blocks) if hessian else None,
            tables=(self.side_by_side(gradients, together),) if scalars else (*extras.tables, *self.named(values)),
            worked=self.worked(values, lr, digits),
            curves=extras.curves,
            conditions=() if brief else conditions,
            conventions=agreed if not brief else () if scalars else (together,),
            certificate=self.certificate(certified) if certified is not None and not brief else None,
            code=Code(f"{self.model.name}.py", source if full else "") if source and not brief else None,
        )

    def remarks(self, extras: Extras, certified: Certified | None) -> tuple[Prose, ...]:
        """What the reader said about the file, and what is left out."""
        found = [prose(warning.message, self.setter) for warning in self.model.warnings]
        found += [prose(words, self.setter) for words in extras.remarks]
        if certified is not None and certified.reason:
            found.append((f"There is no certificate: {certified.reason}.",))
        if self.detail != "brief" and len(self.closed_names()) > MOST_CLOSED:
            found.append(
                (f"Closed forms are left out for more than {MOST_CLOSED} variables; ask for some of them by name.",)
            )
        return tuple(found)

    # ------------------------------------------------------------------ gradients

    def visited(self) -> frozenset[str] | None:
        """The names on the way from the loss to what was asked for; None for all."""
        if self.everything:
            return None
        seen: set[str] = set()
        stack = list(self.names)
        while stack:
            name = stack.pop()
            if name not in seen:
                seen.add(name)
                stack.extend(c.child for c in self.derivation.contributions.get(name, ()))
        return frozenset(seen)

    def formula(self, formula: Formula) -> Equation:
        """A formula, which is noted for the conventions."""
        self.trees.append(formula.tree)
        return self.setter.formula(formula)

    def gradients(self) -> tuple[GradientRow, ...]:
        """The table: what was asked for; without a wish, the parameters and then the inputs."""
        names = list(self.names)
        if self.everything and self.detail != "brief":
            names += [n for n in self.model.names("input") if n not in names]
        rows = []
        for name in names:
            shape = self.setter.shape(self.derivation.graph.sizes(name))
            formula = self.derivation.gradient(name)
            rows.append(GradientRow(name, self.setter.symbol(name), self.formula(formula), shape))
        return tuple(rows)

    def side_by_side(self, rows: Sequence[GradientRow], caption: Prose) -> Table:
        """The gradients of scalars in columns, for a page that has room for little else."""
        cells: list[tuple[Prose, Prose]] = [((row.variable,), row.gradient.right) for row in rows]
        widest = max(len(row.variable.text) + sum(len(r.text) for r in row.gradient.right) for row in rows)
        columns = max(1, min(MOST_COLUMNS, LETTERS // (widest + 3), len(cells)))
        height = -(-len(cells) // columns)
        cells += [((), ())] * (columns * height - len(cells))
        table = [[part for c in range(columns) for part in cells[c * height + r]] for r in range(height)]
        header: tuple[Prose, ...] = (("variable",), ("gradient",)) * columns
        return Table("Gradients", header, tuple(map(tuple, table)), caption)

    def closed_names(self) -> list[str]:
        """Whose closed forms are shown: what was asked for, and in full every step's."""
        names = list(self.names)
        if self.detail == "full" and self.everything:
            names += [n for n in self.derivation.order if n not in names and n != self.model.loss]
        return [n for n in names if self.derivation.recursive_terms.get(n) is not None]

    def closed_forms(self) -> tuple[ClosedForm, ...]:
        """The closed forms; none where there would be pages of them."""
        names = self.closed_names()
        if len(names) > MOST_CLOSED:
            return ()
        found = []
        for name in names:
            formula = self.derivation.gradient(name).closed
            where: dict[str, Equation] = {}
            self.shared(formula.where, where)
            found.append(ClosedForm(name, self.formula(formula), tuple(where.values())))
        return tuple(found)

    def shared(self, formulas: Iterable[Formula], found: dict[str, Equation]) -> None:
        """The gradients that a long closed form leaves as names, each once."""
        stack = list(formulas)
        while stack:
            formula = stack.pop(0)
            if formula.name not in found:
                found[formula.name] = self.formula(formula)
                stack.extend(formula.where)

    # ------------------------------------------------------------------ numbers

    def named(self, values: Mapping[str, Any] | None) -> tuple[Table, ...]:
        """The derivatives that have names of their own."""
        found = named_table(self.derivation, self.setter, values)
        return () if found is None else (found,)

    def worked(self, values: Mapping[str, Any] | None, lr: float | None, digits: int | None) -> Worked | None:
        """The network at given numbers."""
        if values is None:
            return None
        return worked(self.derivation, self.setter, values, self.names, lr, digits)

    def certificate(self, certified: Certified) -> Certificate | None:
        """The bounds that held, and in full every draw; None if nothing could be checked."""
        if not certified.bounds:
            return None
        rows = []
        for name in self.names:
            if name in certified.bounds:
                gradient = self.setter.math(self.derivation.left(name))
                rows.append(CertificateRow(gradient, certified.bounds[name]))
        count = len(certified.sizes)
        introduction: Prose = (
            f"At {count} random choices of sizes and values (seed {certified.seed}) the generated code was compared"
            " with the formulas evaluated entry by entry, the closed forms with the recursive ones, and all of them"
            " with central differences of the loss, which know no rule of differentiation. Errors are relative to the"
            " largest entry where that is above 1.",
        )
        draws: list[Prose] = []
        if self.detail == "full":
            for k, chosen in enumerate(certified.sizes, start=1):
                shown = [self.setter.size_value(name, value) for name, value in chosen.items()]
                draws.append((f"Draw {k}: ", *(listed(shown) if shown else ("no sizes to choose",)), "."))
        return Certificate(introduction, CHECKS, tuple(rows), tuple(draws))


def in_one(sentences: Sequence[Prose]) -> Prose:
    """The sentences as one paragraph."""
    parts: list[str | Math] = []
    for sentence in sentences:
        parts += [" ", *sentence] if parts else sentence
    return tuple(parts)
