"""The smallest change of a program that makes its wrong gradients right: which line, what to write there, and why.

The search changes the syntax tree, reads it again as terms and asks the judge; the program is never run.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import process_time

from ..derive import gradient_symbol
from ..errors import ShapeError, Span, SymbackpropError
from ..functions.source import source
from ..lifting import CodeClaim, Lifted, lift_tree
from ..lifting.sized import sized
from ..lifting.text import parsed
from ..network import Model
from ..reading.source import Source
from ..tensor.normal import number
from ..tensor.terms import Term, symbol
from .coding.edit import Edit, Known, made, text
from .coding.edits import edits
from .coding.reports import HINTS, can_be_judged, first_wrong, holds, transcribed
from .coding.tree import Undo, place_of
from .coding.units import Unit, Units
from .judge import Judge
from .verdict import Diagnosis, Kind

SECONDS = 5.0  # for all mistakes of one program
PATIENCE = 0.4  # seconds after a change that repairs a part, to find one that repairs all
MOST_TRIES = 4_000
MOST_PAIRED = 2  # units in which two changes at once are tried


@dataclass(frozen=True, slots=True)
class CodeRepair:
    """What is wrong with one gradient; `follows`: the line of a mistake that it follows from, reported already."""

    diagnosis: Diagnosis
    follows: int | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    """A change that was accepted: what it was, and the texts before and after."""

    edit: Edit
    line: int
    before: str
    after: str

    @property
    def message(self) -> str:
        """One sentence."""
        if self.edit.new is None:
            return f"Line {self.line}: `{self.before}` should not be there: {self.edit.why}."
        return f"Line {self.line}: `{self.before}` should be `{self.after}`: {self.edit.why}."


def repair_code(
    code: str | Sequence[str],
    model: Model,
    judge: Judge,
    *,
    returns: Sequence[str] | None = None,
    function: str | None = None,
    sizes: Mapping[str, int] | None = None,
    wrong: Collection[str] | None = None,
    seconds: float = SECONDS,
) -> dict[str, CodeRepair]:
    """A diagnosis for each wrong gradient that the code claims, by what it is the gradient at.

    `wrong` are the gradients to repair, all that do not agree with the network without it; the other arguments are
    those of `lift`. Gradients that cannot be read have no diagnosis.
    """
    cells = [code] if isinstance(code, str) else list(code)
    try:
        place, statements, _ = parsed(cells)
    except SymbackpropError:
        return {}
    read = _Program(place, statements, sized(model, sizes) if sizes else model, judge, returns, function, sizes)
    return read.repaired(wrong, process_time() + seconds)


@dataclass(slots=True)
class _Program:
    """A program on its way to being right."""

    source: Source
    statements: list[ast.stmt]
    model: Model
    judge: Judge
    returns: Sequence[str] | None
    function: str | None
    sizes: Mapping[str, int] | None
    tries: int = 0
    best: list[tuple[Edit, Unit]] = field(default_factory=list)

    # ------------------------------------------------------------------ the search

    def repaired(self, wrong: Collection[str] | None, deadline: float) -> dict[str, CodeRepair]:
        found: dict[str, CodeRepair] = {}
        lifted = self.lifted()
        for claim in lifted.claims:
            if claim.transcription is not None:
                found[claim.target] = CodeRepair(transcribed(claim))
        right = self.right(lifted)
        todo = [
            c.target
            for c in lifted.claims
            if c.target not in right and (wrong is None or c.target in wrong) and can_be_judged(c)
        ]
        while todo and process_time() < deadline and self.tries < MOST_TRIES:
            change, mended = self.step(lifted, todo, right, deadline)
            if change is None:
                break
            lifted = self.lifted()
            right = self.right(lifted)
            first = mended[0] if mended else None
            for target in mended:
                found.setdefault(target, self.reported(change, target, None if target == first else change.line))
            todo = [t for t in todo if t not in mended]
        for target in todo:
            found.setdefault(target, CodeRepair(self.unrepaired(lifted, target)))
        return found

    def step(
        self, lifted: Lifted, todo: Sequence[str], right: frozenset[str], deadline: float
    ) -> tuple[_Change | None, list[str]]:
        """The first change that makes gradients right, and which."""
        units = Units.of(self.statements)
        claims = lifted.by_target
        behind = {t: frozenset(units.behind(claims[t], self.source)) for t in (*todo, *right) if t in claims}
        known = self.known(lifted)
        partial: tuple[Edit, Unit, list[str]] | None = None
        stop = deadline
        groups = self.ranked(units, behind, todo, right, lifted)
        ranked = [unit for group in groups for unit in group]
        hoped_by = {u: [t for t in todo if u in behind.get(t, ())] for u in ranked}
        for unit, edit in self.offered(groups, known):
            if process_time() > stop or self.tries >= MOST_TRIES:
                return self.accepted(partial)
            hoped = hoped_by[unit]
            mended = self.tried(edit, hoped, right)
            if not mended:
                continue
            node = self.forward(lifted).get(self.source.span(unit.node))
            if node is not None:
                edit = replace(edit, why=f"{edit.why}; the network's {node} is meant")
            if len(mended) == len(hoped) or node is not None:
                return self.accepted((edit, unit, mended))
            if partial is None or len(mended) > len(partial[2]):
                partial, stop = (edit, unit, mended), min(deadline, process_time() + PATIENCE)
        if partial is not None:
            return self.accepted(partial)
        return self.pair(ranked[:MOST_PAIRED], hoped_by, known, right, deadline)

    def pair(
        self,
        units: Sequence[Unit],
        hoped: Mapping[Unit, list[str]],
        known: Known,
        right: Collection[str],
        deadline: float,
    ) -> tuple[_Change | None, list[str]]:
        """Two small changes of one unit that make all right together what neither does alone."""
        for unit in units:
            before = text(unit.node)
            for first in edits(unit, known):
                if first.cost > 2 or first.old is unit.node or first.new is None:
                    continue
                undo = self.applied(first)
                for second in edits(unit, known) if undo is not None else ():
                    if second.cost > 1 or second.old is unit.node or process_time() > deadline:
                        continue
                    mended = self.tried(second, hoped[unit], right)
                    if mended and len(mended) == len(hoped[unit]):
                        change, mended = self.accepted((second, unit, mended))
                        assert change is not None
                        edit = replace(second, kind=first.kind, why=f"{first.why}, and {second.why}")
                        return replace(change, edit=edit, before=before), mended
                if undo is not None:
                    undo()
                if process_time() > deadline:
                    return None, []
        return None, []

    def offered(self, groups: Sequence[Sequence[Unit]], known: Known) -> Iterator[tuple[Unit, Edit]]:
        """The changes of equally suspicious units, the smallest first, then those of the next ones."""
        for group in groups:
            yield from sorted(((u, e) for u in group for e in edits(u, known)), key=lambda pair: pair[1].cost)

    def ranked(
        self,
        units: Units,
        behind: Mapping[str, frozenset[Unit]],
        todo: Sequence[str],
        right: Collection[str],
        lifted: Lifted,
    ) -> list[list[Unit]]:
        """The units that wrong gradients depend on, in groups of equally suspicious ones, the most suspicious first.

        Where something is seen to go wrong; what computes a node of the network last; then what right gradients do not
        need; then what many wrong ones need.
        """
        suspects = self.suspects(lifted)

        sure = {*lifted.verified, *(c.span for c in lifted.forward)} - set(self.forward(lifted))

        def rank(unit: Unit) -> tuple[bool, bool, bool, int, int]:
            span = self.source.span(unit.node)
            seen = any(holds(span, s) for s in suspects)
            innocent = sum(unit in behind[t] for t in right if t in behind)
            return (
                not seen,
                span in sure,
                isinstance(unit.node, ast.Name),
                innocent,
                -sum(unit in behind[t] for t in todo),
            )

        found: dict[tuple[bool, bool, bool, int, int], list[Unit]] = {}
        for unit in units.units:
            if any(unit in behind.get(t, ()) for t in todo):
                found.setdefault(rank(unit), []).append(unit)
        return [found[key] for key in sorted(found)]

    def suspects(self, lifted: Lifted) -> list[Span]:
        """The first value under a node's name that is not the node's, and the first wrong gradient on the way."""
        found = list(self.forward(lifted))[:1]
        found += [u.span for u in (c.value for c in lifted.claims) if isinstance(u, ShapeError) and u.span is not None]
        final = lifted.by_target
        for claim in lifted.intermediate:
            if claim.target in final or not isinstance(claim.value, Term):
                continue
            if not self.agrees(claim.value, self.true(claim.target)):
                found.append(claim.span)
                break
        return found

    def forward(self, lifted: Lifted) -> dict[Span, str]:
        """Where a value under a node's name is not the node's, and which."""
        return {c.span: c.node for c in lifted.forward if not self.agrees(c.value, self.node(c.node))}

    def tried(self, edit: Edit, hoped: Sequence[str], right: Collection[str]) -> list[str]:
        """The wrong gradients that a change makes right, if it leaves the right ones right; nothing otherwise."""
        self.tries += 1
        undo = self.applied(edit)
        if undo is None:
            return []
        try:
            lifted = self.lifted()
            claims = lifted.by_target
            mended = [t for t in hoped if t in claims and self.is_right(claims[t])]
            if mended and all(t in claims and self.is_right(claims[t]) for t in right):
                return mended
            return []
        finally:
            undo()

    def accepted(self, chosen: tuple[Edit, Unit, list[str]] | None) -> tuple[_Change | None, list[str]]:
        """The change, carried out."""
        if chosen is None:
            return None, []
        edit, unit, mended = chosen
        whole = unit.node if edit.old is not unit.node else edit.old
        before, line = text(whole), self.source.span(edit.old).line
        self.applied(edit)
        new = edit.new if edit.old is unit.node else unit.node
        after = "" if new is None else text(new)
        return _Change(edit, line, before, after), mended

    # ------------------------------------------------------------------ changing the tree

    def applied(self, edit: Edit) -> Undo | None:
        """Put the new node in the place of the old one; what takes it back."""
        place = place_of(self.statements, edit.old)
        if place is None:
            return None
        new = edit.new
        if new is None:
            new = ast.Pass()
        if new is not edit.old and not hasattr(new, "lineno"):
            ast.copy_location(new, edit.old)
        ast.fix_missing_locations(new)
        return Undo.put(place, new, edit.old)

    # ------------------------------------------------------------------ reading and judging

    def lifted(self) -> Lifted:
        return lift_tree(self.source, self.statements, self.model, self.returns, self.function)

    def right(self, lifted: Lifted) -> frozenset[str]:
        return frozenset(c.target for c in lifted.claims if self.is_right(c))

    def is_right(self, claim: CodeClaim) -> bool:
        return isinstance(claim.value, Term) and self.agrees(claim.value, self.true(claim.target))

    def agrees(self, claimed: Term, true: Term) -> bool:
        if self.sizes:
            return self.judge.agrees(claimed, true, sizes=self.sizes, reshaped=True)
        return self.judge.agrees(claimed, true)

    def node(self, name: str) -> Term:
        return symbol(name, self.judge.derivation.graph.sizes(name))

    def true(self, target: str) -> Term:
        """The gradient, as the symbol that the judge knows the value of."""
        variable = self.node(target)
        if target not in self.judge.derivation.recursive_terms:
            return number(0, variable.sizes)
        return gradient_symbol(target, variable)

    def known(self, lifted: Lifted) -> Known:
        """What changes may use: arrays by name, and constants with the parameters that they may be penalties of."""
        scalars = [n for n, s in lifted.shapes.items() if not s]
        naming = {n: self.model.declarations[n].role for n in self.model.declarations}
        parameters = [n for n in lifted.shapes if naming.get(n) == "parameter"]
        penalties = [(s, p) for s in scalars if naming.get(s) in ("constant", "input") for p in parameters]
        return Known(lifted.shapes, lifted.lengths, penalties, self.meant(lifted))

    def meant(self, lifted: Lifted) -> dict[tuple[int, int], ast.expr]:
        """The network's own right sides for forward values that differ, by the places of the code's."""
        found: dict[tuple[int, int], ast.expr] = {}
        wrong = [c for c in lifted.forward if not self.agrees(c.value, self.node(c.node))]
        for unit in Units.of(self.statements).units if wrong else ():
            for computed in wrong:
                value = getattr(unit.node, "value", None)
                equation = self.model.equations.get(computed.node)
                if value is None or equation is None or self.source.span(unit.node) != computed.span:
                    continue
                written = source(equation.expr, 400) if equation.expr is not None else "..."
                if " ... " not in written and written != "...":
                    found[value.lineno, value.col_offset] = made(written)
        return found

    # ------------------------------------------------------------------ reports

    def reported(self, change: _Change, target: str, follows: int | None) -> CodeRepair:
        message = change.message
        if follows is not None:
            message = f"This follows from the mistake in line {follows}."
        hint = f"Line {change.line}: look at the {HINTS.get(change.edit.kind, 'formula')}."
        repair = change.after if change.edit.new is not None else None
        found = Diagnosis(change.edit.kind, message, hint, None, repair, change.line)
        return CodeRepair(found, follows)

    def unrepaired(self, lifted: Lifted, target: str) -> Diagnosis:
        """What is known where no small change helps: what fails, or where the first wrong value is."""
        claim = lifted.by_target.get(target)
        truth = f"The gradient is {self.judge.derivation.gradient(target).text}"
        if claim is not None and isinstance(claim.value, SymbackpropError):
            line = (claim.value.span or claim.span).line
            return Diagnosis("shape", f"{claim.value.message} {truth}.", f"Line {line}: look at the shapes.", line=line)
        for computed in lifted.forward:
            if not self.agrees(computed.value, self.node(computed.node)):
                message = f"`{computed.name}` is not what the network computes as {computed.node}"
                return first_wrong(computed.span.line, computed.name, message, truth)
        for between in lifted.intermediate:
            if between.target in lifted.by_target or not isinstance(between.value, Term):
                continue
            if not self.agrees(between.value, self.true(between.target)):
                message = f"`{between.name}` is the first that is not the gradient at {between.target}"
                return first_wrong(between.span.line, between.name, message, truth)
        message = f"No small change makes this right. {truth}."
        if claim is None or not isinstance(claim.value, Term):
            return Diagnosis("other", message, "Derive it again.")
        kind: Kind = "other" if claim.value.sizes == self.node(target).sizes else "shape"
        return Diagnosis(kind, message, "Derive it again.", line=claim.span.line)
