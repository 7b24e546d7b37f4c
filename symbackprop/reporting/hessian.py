"""The section on second derivatives: the elimination with its reasons, the table of blocks, and what follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..certify_second import CHECKS_SECOND, CertifiedBlocks
from ..derive import Derivation
from ..document import Certificate, CertificateRow, Equation, HessianSection, Math, Plot, Prose, Series, Step
from ..errors import SymbackpropError
from ..hessian import BlockFormula
from ..notation.tree import Block, Partial, Special, Sum, Sym
from ..reasons import Parts
from ..second import Pair
from ..spectrum import statement
from .maths import Setter

MOST_VARIABLES = 8  # whose blocks are all shown; of more, only those with themselves
MOST_ENTRIES = 600  # of the variable whose eigenvalues are computed
LONGEST = 400  # letters of a closed form that is shown

LONGEST_SYSTEM = 90  # letters of the equations of a Newton step that are shown

CHECKED = (
    "At {} random choices of sizes and values the blocks of the generated code were compared with the formulas"
    " evaluated entry by entry, the recursive forms with the closed ones, and both, along a random direction, with"
    " central differences of the gradient. Errors are relative to the largest entry where that is above 1."
)


def pairs(names: Sequence[str]) -> list[Pair]:
    """The blocks that a report shows: each pair once, the earlier name first."""
    if len(names) > MOST_VARIABLES:
        return [(name, name) for name in names]
    return [(p, q) for k, p in enumerate(names) for q in names[k:]]


def section(
    derivation: Derivation,
    setter: Setter,
    names: Sequence[str],
    values: Mapping[str, Any] | None = None,
    blocks: CertifiedBlocks | None = None,
) -> HessianSection:
    """The Hessian blocks of the loss at these names; with values, the eigenvalues of each block with itself.

    `blocks`: the bounds that held when the blocks were checked.
    """
    return Section(derivation, setter, names).made(values, blocks)


class Section:
    """Writes one section."""

    def __init__(self, derivation: Derivation, setter: Setter, names: Sequence[str]) -> None:
        self.derivation, self.setter, self.names = derivation, setter, names
        self.formulas = {pair: derivation.hessian(*pair) for pair in pairs(names)}

    def made(self, values: Mapping[str, Any] | None, blocks: CertifiedBlocks | None) -> HessianSection:
        """Everything."""
        plot = None if values is None else self.eigenvalues(values)
        return HessianSection(
            introduction=self.introduction(),
            steps=self.steps(),
            blocks=tuple(self.equation(self.closed(f) if self.is_short(f) else f) for f in self.formulas.values()),
            structure=(*self.structure(), *self.newton()),
            plot=plot,
            certificate=None if blocks is None or not blocks.draws else self.certificate(blocks),
        )

    def introduction(self) -> Prose:
        """What a block is, and how matrices are put in order."""
        setter, loss = self.setter, self.setter.symbol(self.derivation.model.loss)
        words: list[str | Math] = ["From ", loss, " to the inputs, one node is eliminated after the other. "]
        named = [pair for f in self.formulas.values() for pair in (s.pair for s in f.steps[:-1])]
        if named:
            p, q = named[0]
            words += [
                setter.math(Block(p, q)),
                " is the matrix of second derivatives of ",
                loss,
                " by ",
                setter.symbol(p),
            ]
            words.append(", of which everything computed from it is a function. ")
        words.append("Rows are the entries of the first variable, columns those of the second")
        if any(len(self.derivation.graph.sizes(n)) > 1 for n in self.names):
            how = "columns one below the other" if self.derivation.vec == "column" else "rows one after the other"
            words.append(f"; the entries of a matrix are taken by vec, its {how}")
            commutation = setter.math(Special("commutation"))
            if any("K" in f.text or "K" in f.closed.text for f in self.formulas.values()):
                words += ["; ", commutation, " exchanges the entries of a matrix with those of its transpose"]
        words.append(".")
        return tuple(words)

    def steps(self) -> tuple[Step, ...]:
        """Every named block once, nearest to the loss first, then the blocks that were asked for."""
        found: dict[tuple[Pair, str], Step] = {}
        for last in (False, True):
            for formula in self.formulas.values():
                for step in formula.steps[-1:] if last else formula.steps[:-1]:
                    equation = self.equation(step.formula)
                    key = (step.pair, equation.right[0].text if equation.right else "")
                    label = self.setter.math(step.formula.left)
                    name = " ".join(("second", *step.pair))
                    found.setdefault(key, Step(name, label, (equation,), self.prose(step.because)))
        return tuple(found.values())

    def equation(self, formula: BlockFormula) -> Equation:
        """A block with its shape at the end of the line."""
        return self.setter.formula(formula)

    def closed(self, formula: BlockFormula) -> BlockFormula:
        """The closed form, which of a block is a block."""
        closed = formula.closed
        assert isinstance(closed, BlockFormula)
        return closed

    def is_short(self, formula: BlockFormula) -> bool:
        """True if the closed form can be read: not too long, and a matrix where the recursive one is."""
        closed = formula.closed
        return len(closed.text) <= LONGEST and not (closed.expressed.letters and not formula.expressed.letters)

    def structure(self) -> list[Prose]:
        """What follows about each block with itself, one paragraph for each variable."""
        found: list[Prose] = []
        for (p, q), formula in self.formulas.items():
            parts_of_block = list(formula.structure_parts) if p == q else []
            spectrum = statement(self.derivation, p) if parts_of_block else None
            if not parts_of_block:
                continue
            words: list[str | Math] = [self.setter.math(formula.left), ". "]
            for parts in [*parts_of_block, *([spectrum] if spectrum is not None else [])]:
                words += [*self.prose(parts), " "]
            found.append(tuple(words[:-1]))
        return found

    def newton(self) -> tuple[Prose, ...]:
        """The system of the Newton step; nothing where there is none, or where the equations are long."""
        setter, loss = self.setter, Sym(self.derivation.model.loss)
        try:
            found = self.derivation.newton(*self.names)
        except SymbackpropError:
            return ()
        words: list[str | Math] = ["The Newton step solves "]
        short = len(found.names) == 1 and len(found.closed[0].text) <= LONGEST_SYSTEM
        equations = found.closed if short else found.named
        if sum(len(equation.text) for equation in equations) <= LONGEST_SYSTEM:
            for k, equation in enumerate(equations):
                words += [" and " if k else "", setter.math(equation.tree)]
        else:
            gradient = Sum(((-1, Partial(loss, (setter.sym(found.names[0]),))),))
            words += ["one equation for each variable: its blocks, times the steps of all variables by vec, add up to "]
            words += [setter.math(gradient), " and so on"]
        return ((*words, ". The system is solved; nothing is inverted."),)

    def certificate(self, blocks: CertifiedBlocks) -> Certificate:
        """What was compared, and one row for each block with the bounds that held."""
        rows = [
            CertificateRow(self.setter.math(formula.left), blocks.bounds[pair])
            for pair, formula in self.formulas.items()
            if pair in blocks.bounds
        ]
        return Certificate((CHECKED.format(blocks.draws),), CHECKS_SECOND, tuple(rows))

    def prose(self, parts: Parts) -> Prose:
        """Words and trees as words and formulas."""
        return tuple(part if isinstance(part, str) else self.setter.math(part) for part in parts)

    def eigenvalues(self, values: Mapping[str, Any]) -> Plot | None:
        """The eigenvalues of every block with itself at given numbers, from the greatest down."""
        import numpy as np

        from ..tensor.evaluate import evaluate
        from .worked import Numbers

        numbers = Numbers(self.derivation, values)
        series = []
        for (p, q), formula in self.formulas.items():
            if p != q or formula.blocks is None:
                continue
            block = evaluate(formula.blocks.closed(p, q), numbers.arrays, numbers.sizes)
            length = round(block.size**0.5)
            if not 1 < length <= MOST_ENTRIES:
                continue
            found = np.linalg.eigvalsh(block.reshape(length, length))[::-1]
            shown = tuple(
                float(f"{x:.6g}") + 0.0 for x in np.where(np.abs(found) < 1e-12 * np.abs(found).max(), 0, found)
            )
            series.append(Series(p, tuple(float(k + 1) for k in range(length)), shown))
        if not series:
            return None
        return Plot("Eigenvalues", "number", "eigenvalue", tuple(series))


__all__ = ["pairs", "section"]
