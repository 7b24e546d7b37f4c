"""The smallest change after which a formula is right: one edit, else two, found by evaluating each at random points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import process_time

import numpy as np

from ...errors import SymbackpropError
from ...paper.parse import Reader
from ...paper.tree import Product, Sum, Tree
from ...tensor.evaluate import Array
from ...tensor.expectation import taken
from ...tensor.normal import scaled
from ..judge import Judge
from ..links import fitted, squeezed
from ..meaning.elaborate import Elaborator
from ..meaning.products import DIAGONAL, SIDE_BY_SIDE
from ..meaning.running import learn
from ..meaning.scope import Misfit, Scope
from ..meaning.values import Value, plus
from ..verdict import Kind
from .activations import Activations
from .edits import Edit, apart, inside
from .letters import Letters
from .numbers import Numbers
from .numpy_text import numpy_text
from .remembering import Remembering
from .rows import Rows
from .shapes import Shapes
from .solving import Solving
from .terms import Terms
from .wording import Worded, worded
from .writing import Writing, tidy

NEAR = 1e-9
ONWARDS = 1.3  # an edit up to this cost may be one of two
POINTS = 6  # points at which a wrong formula is looked for
QUICK = 0.9  # computed edits up to this cost come first
MOST = 300  # edits of which pairs are made
DOUBTED = frozenset({"a vector meets every row", SIDE_BY_SIDE, DIAGONAL})  # readings that a repair must not rest on


@dataclass(frozen=True, slots=True)
class Repair:
    """The repaired right side: a tree, LaTeX in its author's notation, NumPy; what was wrong; how many edits."""

    tree: Tree
    latex: str
    numpy: str | None
    kind: Kind
    message: str
    hint: str
    edits: int


def repair(
    e: Elaborator,
    judge: Judge,
    text: str,
    tree: Tree,
    scope: Scope,
    wanted: Sequence[Value],
    *,
    left: Tree | None = None,
    seconds: float = 1.5,
) -> Repair | None:
    """The smallest change of a wrong right side after which it equals one of `wanted`; None if none is found.

    `tree` has its places in `text`. Nothing raises; after so many `seconds` of computing the search ends.
    """
    wanted = [squeezed(v) for v in wanted if not v.notes] or [squeezed(v) for v in wanted]
    if not wanted or scope.bound:
        return None
    try:
        return Search(e, judge, text, tree, scope, wanted, left, process_time() + seconds).found()
    except (SymbackpropError, ArithmeticError):
        return None


class Search:
    """One search."""

    def __init__(
        self,
        e: Elaborator,
        judge: Judge,
        text: str,
        tree: Tree,
        scope: Scope,
        wanted: Sequence[Value],
        left: Tree | None,
        deadline: float,
    ) -> None:
        self.e = e if isinstance(e, Remembering) else Remembering(e)
        self.judge, self.tree, self.wanted, self.deadline = judge, tree, wanted, deadline
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
        self._choose_point()
        self.evaluated: set[int] = set()  # edits after which the formula has a value
        self.shaped: set[int] = set()  # edits after which it has the shape that is wanted

    # ------------------------------------------------------------------ comparing

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
                if fit is None:
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

    # ------------------------------------------------------------------ edits

    def edits(self) -> list[Edit]:
        """Every single edit, the likeliest first."""
        letters, numbers = Letters(self.rows), Numbers(self.rows)
        shapes = Shapes(self.rows)
        makers: list[Iterator[Edit]] = [
            shapes.edits(),
            numbers.edits(),
            letters.edits(),
            Activations(letters, numbers).edits(),
            Terms(letters, numbers, self.wanted[0].free).edits(),
        ]
        found = [edit for maker in makers for edit in maker]
        weights = self.weights()
        order = {id(x): (x.cost * weights.get(x.kind, 1.0) + self._apart(x), self._changed(x)) for x in found}
        return sorted(found, key=lambda x: order[id(x)])

    def weights(self) -> dict[str, float]:
        """What is likelier than usual: where shapes fail, what mends shapes."""
        doubted = bool(self.before) and all(DOUBTED & set(v.notes) for v in self.before)
        if (
            self.misfit is not None
            or doubted
            or not any(fitted(t, squeezed(v)) for v in self.before for t in self.wanted)
        ):
            return {"sign": 1.6, "factor": 1.5, "symbol": 1.15, "evaluated_at": 1.3, "index": 1.1, "term": 1.2}
        return {"transpose": 1.15, "order": 1.1, "product_kind": 1.1, "inverse": 1.0}

    def _apart(self, edit: Edit) -> float:
        """A little more for a change that is not where the shapes fail."""
        if self.misfit is None:
            return 0.0
        node = edit.changes[0][0]
        near = node.start <= self.misfit.end and node.end >= self.misfit.start
        return 0.0 if near else 0.15

    @staticmethod
    def _changed(edit: Edit) -> int:
        return sum(node.end - node.start for node, _ in edit.changes)

    def solving(self) -> list[Edit]:
        """The edits that are computed."""
        found: list[Edit] = []
        for target in self.wanted[:2]:
            fitting: dict[int, Value] = {}
            solver = Solving(self.rows, self.judge, self.e.names, target)
            core = solver.core
            parts = [t for _, t in core.terms] if isinstance(core, Sum) else [core]
            for part in parts:
                for value in self.readings(part):
                    fit = spread(target, squeezed(value))
                    if fit is not None:
                        fitting.setdefault(id(part), fit)
            found += solver.edits(fitting)
        return found

    # ------------------------------------------------------------------ searching

    def found(self) -> Repair | None:
        """The repair."""
        solved = sorted(self.solving(), key=lambda x: x.cost)
        for edit in solved:
            if edit.cost < QUICK:
                made = self.tried((edit,))
                if made is not None:
                    return made
        edits = self.edits()
        singles = [*edits]
        for late in (x for x in solved if x.cost >= QUICK):
            at = next((k for k, x in enumerate(singles) if x.cost > late.cost), len(singles))
            singles.insert(at, late)
        until = self.deadline
        if not self.before:
            until -= 0.5 * (self.deadline - process_time())
        return (
            self.once([x for x in singles if self.helps(x)], until)
            or self.twice(singles)
            or self.onwards(edits)
            or self.pairs(edits)
        )

    def helps(self, edit: Edit) -> bool:
        """False for a change outside of the product or sum in which the shapes fail: they would fail still."""
        if self.misfit is None:
            return True
        start, end = self.misfit.start, self.misfit.end
        around = [n for n in self.writing.nodes if isinstance(n, (Product, Sum)) and n.start <= start and end <= n.end]
        if not around:
            return True
        inner = min(around, key=lambda n: n.end - n.start)
        return any(node.start < inner.end and inner.start < node.end for node, _ in edit.changes)

    def once(self, edits: Sequence[Edit], until: float) -> Repair | None:
        """One edit; one that leaves a doubtful reading in place only if no other does."""
        second: Repair | None = None
        worst = 0.0
        for edit in edits:
            made = self.tried((edit,))
            if made is not None and self.doubtful and second is None:
                second, worst, made = made, edit.cost + 0.3, None
            if made is not None:
                return made
            if process_time() > until or (second is not None and edit.cost > worst):
                return second
        return second

    def onwards(self, edits: Sequence[Edit]) -> Repair | None:
        """An edit that makes the shapes fit, and one more."""
        if self.before:
            return None
        fits = [x for x in edits if id(x) in self.shaped and x.cost <= ONWARDS]
        fits.sort(key=lambda x: x.cost + self._apart(x) + (x.kind == "symbol") - 0.3 * (x.kind == "product_kind"))
        for count, edit in enumerate(fits[:4]):
            inner = self.after(edit)
            if inner is None:
                continue
            until = process_time() + (self.deadline - process_time()) / (1.5 if count == 0 else 2)
            inner.deadline = until
            made = inner.once(inner.edits(), until)
            if made is not None and inner.last is not None:
                return self.both(made, edit, inner.last)
        return None

    def after(self, edit: Edit) -> Search | None:
        """A search in the formula that an edit makes."""
        latex = tidy(self.writing.show(self.changed((edit,))))
        read = self.read(latex)
        if read is None or process_time() > self.deadline:
            return None
        return Search(self.e, self.judge, latex, read, self.scope, self.wanted, self.left, self.deadline)

    def both(self, made: Repair, first: Edit, second: Edit) -> Repair:
        """The repair that a second edit made, with the first one told too."""
        own = "".join(second.place.split()) in "".join(self.writing.text.split())
        second = second if own else replace(second, place="")  # a hint holds nothing that is mended already
        words = worded((first, second), self.misfit)
        return replace(made, kind=words.kind, message=words.message, hint=words.hint, edits=2)

    def twice(self, edits: Sequence[Edit]) -> Repair | None:
        """An edit after which a number, a sign or a term is all that is missing."""
        for edit in edits:
            if id(edit) not in self.shaped or process_time() > self.deadline:
                continue
            inner = self.after(edit)
            for further in sorted(inner.solving(), key=lambda x: x.cost) if inner is not None else ():
                if further.cost < QUICK + 0.3 and inner is not None:
                    made = inner.tried((further,))
                    if made is not None:
                        return self.both(made, edit, further)
        return None

    def pairs(self, edits: Sequence[Edit]) -> Repair | None:
        """Two edits at once, in different places or one inside the other."""
        chosen = edits[:MOST]
        progress = {id(x): id(x) in self.evaluated for x in chosen} if not self.before else {}
        weight = {id(x): x.cost + (0.0 if progress.get(id(x), True) else 0.4) for x in chosen}
        couples = [(a, b) for k, a in enumerate(chosen) for b in chosen[k + 1 :]]
        couples.sort(key=lambda p: weight[id(p[0])] + weight[id(p[1])])
        for a, b in couples:
            if process_time() > self.deadline:
                return None
            for pair in ((a, b), (b, a)):
                if apart(*pair) or inside(*pair):
                    made = self.tried(pair)
                    if made is not None:
                        return made
                    break
        return None

    def changed(self, edits: tuple[Edit, ...]) -> Tree:
        """The formula after these edits; of two, the first may be inside what the second replaces."""
        changes = {id(node): new for edit in edits for node, new in edit.changes}
        if len(edits) == 2 and not apart(*edits):
            inner = {id(node): new for node, new in edits[0].changes}
            changes = {id(node): self.writing.substituted(new, inner) for node, new in edits[1].changes}
        return self.writing.applied(changes)

    def tried(self, edits: tuple[Edit, ...]) -> Repair | None:
        """The repair that these edits make; None if the formula is not right after them."""
        tree = self.changed(edits)
        values = self.readings(tree, fresh=True)
        if not values and self.scope.sizes and any(x.kind in ("index", "sum", "symbol") for x in edits):
            values = self.learned_anew(tree)
        pair = self.agreeing(values)
        if pair is None:
            if len(edits) == 1 and values:
                self.evaluated.add(id(edits[0]))
                if any(fitted(t, squeezed(v)) is not None for v in values for t in self.wanted):
                    self.shaped.add(id(edits[0]))
            return None
        try:
            latex = tidy(self.writing.show(tree))
        except SymbackpropError:
            return None
        again = self.read_again(latex)
        if again is None:
            return None
        read, fit, target = again
        if not self.confirmed(fit, target):
            return None
        self.last = edits[0]
        self.doubtful = bool(DOUBTED & set(fit.notes))
        return self.told(edits, read, latex, fit, target)

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

    def told(self, edits: tuple[Edit, ...], tree: Tree, latex: str, fit: Value, target: Value) -> Repair:
        """The repair with its sentence."""
        words: Worded = worded(edits, self.misfit)
        numpy = numpy_text(fit, self.e.names.extra, self.e.names.derivation, target)
        return Repair(tree, latex, numpy, words.kind, words.message, words.hint, len(edits))


def spread(target: Value, value: Value) -> Value | None:
    """A value on the axes of what is wanted; a number is repeated along them."""
    fit = fitted(target, value)
    if fit is not None or value.kind != "scalar" or not set(value.free) <= set(target.free):
        return fit
    made = plus(replace(target, term=scaled(0, target.term)), value, 1)
    return made[0] if made else None


__all__ = ["Repair", "repair"]
