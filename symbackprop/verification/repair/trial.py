"""A wrong formula on trial: what it means after a change, and whether that is what is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import process_time

import numpy as np

from ...errors import SymbackpropError
from ...express.order import GRADIENT
from ...paper.parse import Reader
from ...paper.tree import Tree, walk
from ...tensor.evaluate import Array
from ...tensor.expectation import taken
from ...tensor.substitute import subterms
from ...tensor.terms import Product, Symbol, Term
from ..judge import Judge
from ..links import fitted, squeezed
from ..meaning.elaborate import Elaborator
from ..meaning.products import DIAGONAL, SIDE_BY_SIDE
from ..meaning.running import learn
from ..meaning.scope import Misfit, Scope
from ..meaning.values import Value
from .edits import Edit, apart
from .remembering import Remembering
from .rows import Rows
from .writing import Writing

NEAR = 1e-9
READING = 0.0006  # seconds that reading a short formula takes, about
POINTS = 6  # points at which a wrong formula is looked for
DOUBTED = frozenset({"a vector meets every row", SIDE_BY_SIDE, DIAGONAL})  # readings that a repair must not rest on


class Clock:
    """What a search has done, counted in readings and told as seconds, so that every machine finds the same repair.

    Past the hard limit of computing time it has no time left, whatever was done.
    """

    def __init__(self, limit: float) -> None:
        self.done = 0.0
        self.stop = process_time() + limit

    def now(self) -> float:
        """Seconds, as far as readings tell."""
        return self.done if process_time() < self.stop else float("inf")

    def worked(self, seconds: float) -> None:
        """A reading more."""
        self.done += seconds


class Trial:
    """One wrong formula and what it should be equal to."""

    def __init__(
        self,
        e: Elaborator,
        judge: Judge,
        text: str,
        tree: Tree,
        scope: Scope,
        wanted: Sequence[Value],
        left: Tree | None,
        clock: Clock,
        deadline: float,
    ) -> None:
        self.e = e if isinstance(e, Remembering) else Remembering(e)
        self.judge, self.tree, self.wanted, self.clock, self.deadline = judge, tree, wanted, clock, deadline
        self.effort = READING * (1 + len(walk(tree)) / 20)
        self.scope = replace(scope, sizes={})
        self.left = left
        if left is not None:
            learn(self.e, left, self.scope)
        for value in wanted:  # whose letters come first
            self.scope.sizes.update(zip(value.free, value.term.sizes, strict=False))
        self.given = dict(self.scope.sizes)
        self.scope.sizes.update({k: s for k, s in scope.sizes.items() if k not in self.given})
        learn(self.e, tree, self.scope)
        self.writing = Writing(text, tree, e.lexicon)
        self.misfit: Misfit | None = None
        self.last: Edit | None = None
        self.doubtful = False
        self.before: list[Value] = []
        try:
            self.before = self.e.values(tree, self.scope)
        except Misfit as error:
            self.misfit = error
        except SymbackpropError:
            pass
        self.notes = {n for v in self.before for n in v.notes}
        self.rows = Rows(self.e, self.writing, self.scope)
        self.point = judge.points.at(0)
        self.targets: list[tuple[Value, Array | None]] = []
        self._choose_point()
        self.evaluated: set[int] = set()  # edits after which the formula has a value
        self.shaped: set[int] = set()  # edits after which it has the shape that is wanted

    def _array(self, value: Value) -> Array | None:
        if self.point is None:
            return None
        try:
            return self.point.value(taken(value.term), self.e.names.extra)
        except (SymbackpropError, KeyError, ArithmeticError, ValueError):
            return None

    def _choose_point(self) -> None:
        """Look where the formula is wrong: steps may hide that at other points."""
        for number in range(POINTS):
            point = self.judge.points.at(number)
            if point is None:
                return
            self.point = point
            self.targets = [(v, self._array(v)) for v in self.wanted]
            if self.agreeing(self.before) is None:
                return

    def readings(self, tree: Tree, fresh: bool = False) -> list[Value]:
        """What a changed formula can mean; nothing if it means nothing."""
        self.clock.worked(self.effort)
        scope = self.scope
        if fresh:
            scope = replace(scope, sizes=dict(scope.sizes))
            for part in self.writing.new_parts(tree):
                learn(self.e, part, scope)
        try:
            return self.e.values(tree, scope)
        except (SymbackpropError, ArithmeticError, AssertionError):
            return []

    def learned_anew(self, tree: Tree) -> list[Value]:
        """What a formula with other indices can mean: over what they run is found out again."""
        self.clock.worked(3 * self.effort)
        scope = replace(self.scope, sizes=dict(self.given))
        learn(self.e, tree, scope)
        plain = Elaborator(self.e.lexicon, self.e.names, self.e.definitions, dict(self.e.bound_functions))
        try:
            return plain.values(tree, scope)
        except (SymbackpropError, ArithmeticError, AssertionError):
            return []

    def agreeing(self, values: Sequence[Value]) -> tuple[Value, Value] | None:
        """A reading that equals what is wanted at the first point, with what it equals."""
        for value in values:
            if any(n in DOUBTED and n not in self.notes for n in value.notes):
                continue
            small = squeezed(value)
            for target, array in self.targets:
                if array is None:
                    continue
                fit = fitted(target, small)
                if fit is None or _says_itself(fit.term, target.term):
                    continue
                own = self._array(fit)
                if own is None or own.shape != array.shape:
                    continue
                scale = max(float(np.abs(array).max(initial=0.0)), float(np.abs(own).max(initial=0.0)))
                if np.all(np.abs(own - array) <= NEAR * scale):
                    return fit, target
        return None

    def confirmed(self, fit: Value, target: Value) -> bool:
        """True if the judge finds them equal."""
        extra = self.e.names.extra
        one, other = taken(fit.term), taken(target.term)
        if not self.judge.agrees(one, other, extra):
            return False
        return self.judge.decide(one, other, extra).status == "equal"

    def changed(self, edits: tuple[Edit, ...]) -> Tree:
        """The formula after these edits; of two, the first may be inside what the second replaces."""
        changes = {id(node): new for edit in edits for node, new in edit.changes}
        if len(edits) == 2 and not apart(*edits):
            inner = {id(node): new for node, new in edits[0].changes}
            changes = {id(node): self.writing.substituted(new, inner) for node, new in edits[1].changes}
        return self.writing.applied(changes)

    def read(self, latex: str) -> Tree | None:
        """A printed formula as a reader sees it."""
        try:
            reader = Reader(latex, self.e.lexicon.stretches, self.e.lexicon.words)
            tree = reader.expression(0)
        except SymbackpropError:
            return None
        return tree if reader.at == len(reader.lexemes) else None

    def read_again(self, latex: str) -> tuple[Tree, Value, Value] | None:
        """The printed repair as it is read, if that is right too."""
        tree = self.read(latex)
        pair = None
        if tree is not None:
            pair = self.agreeing(self.readings(tree, fresh=True)) or self.agreeing(self.learned_anew(tree))
        return None if pair is None or tree is None else (tree, *pair)


__all__ = ["DOUBTED", "Trial"]


def _says_itself(term: Term, target: Term) -> bool:
    """True for a formula in which the very gradient that is asked for is taken as given."""
    if isinstance(target, Product) and len(target.factors) == 1:
        target = target.factors[0][0]
    if not isinstance(target, Symbol) or not target.name.startswith(GRADIENT):
        return False
    return any(inner is target for inner in subterms(term))
