"""The smallest change after which a formula is right: one edit, else two, found by evaluating each at random points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ...errors import SymbackpropError
from ...paper.tree import Product, Sum, Tree
from ...tensor.normal import scaled
from ..judge import Judge
from ..links import fitted, squeezed
from ..meaning.elaborate import Elaborator
from ..meaning.scope import Scope
from ..meaning.values import Value, plus
from ..verdict import Kind
from .activations import Activations
from .edits import Edit, apart, inside
from .letters import Letters
from .numbers import Numbers
from .numpy_text import numpy_text
from .shapes import Shapes
from .solving import Solving
from .terms import Terms
from .trial import DOUBTED, Clock, Trial
from .wording import Worded, worded
from .writing import tidy

ONWARDS = 1.3  # an edit up to this cost may be one of two
QUICK = 0.9  # computed edits up to this cost come first
MOST = 300  # edits of which pairs are made


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

    `tree` has its places in `text`. Nothing raises; the search ends after what takes about so many `seconds`.
    """
    wanted = [squeezed(v) for v in wanted if not v.notes] or [squeezed(v) for v in wanted]
    if not wanted or scope.bound:
        return None
    try:
        return Search(e, judge, text, tree, scope, wanted, left, Clock(HARD * seconds), seconds).found()
    except (SymbackpropError, ArithmeticError):
        return None


HARD = 4  # times the seconds that are given, of computing time, end a search on a slow machine


class Search(Trial):
    """One search."""

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
            until -= 0.5 * (self.deadline - self.clock.now())
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
        rows = [n for n in self.writing.nodes if isinstance(n, (Product, Sum)) and n.start <= start and end <= n.end]
        around = [n for n in rows if n.end - n.start > end - start]  # a term that does not fit is not itself at fault
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
            if self.clock.now() > until or (second is not None and edit.cost > worst):
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
            until = self.clock.now() + (self.deadline - self.clock.now()) / (1.5 if count == 0 else 2)
            inner.deadline = until
            made = inner.once(inner.edits(), until)
            if made is not None and inner.last is not None:
                return self.both(made, edit, inner.last)
        return None

    def after(self, edit: Edit) -> Search | None:
        """A search in the formula that an edit makes."""
        latex = tidy(self.writing.show(self.changed((edit,))))
        read = self.read(latex)
        if read is None or self.clock.now() > self.deadline:
            return None
        return Search(self.e, self.judge, latex, read, self.scope, self.wanted, self.left, self.clock, self.deadline)

    def both(self, made: Repair, first: Edit, second: Edit) -> Repair:
        """The repair that a second edit made, with the first one told too."""
        own = "".join(second.place.split()) in "".join(self.writing.text.split())
        second = second if own else replace(second, place="")  # a hint holds nothing that is mended already
        words = worded((first, second), self.misfit)
        return replace(made, kind=words.kind, message=words.message, hint=words.hint, edits=2)

    def twice(self, edits: Sequence[Edit]) -> Repair | None:
        """An edit after which a number, a sign or a term is all that is missing."""
        for edit in edits:
            if id(edit) not in self.shaped or self.clock.now() > self.deadline:
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
            if self.clock.now() > self.deadline:
                return None
            for pair in ((a, b), (b, a)):
                if apart(*pair) or inside(*pair):
                    made = self.tried(pair)
                    if made is not None:
                        return made
                    break
        return None

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
