"""Points: numbers for a network with the gradients at every node, kept, so that a claim costs one small evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random
from typing import Literal, TypeAlias

import numpy as np

from ...derive import Derivation, gradient_symbol
from ...draws import RANGES, Draw, Drawer
from ...errors import ValueProblem
from ...network import Declaration, Facts, Model
from ...requirements import BY_CONVENTION
from ...tensor.evaluate import Array, evaluate, evaluate_into
from ...tensor.evaluate_exact import Evaluation
from ...tensor.size import Size
from ...tensor.terms import Symbol, Term

Shape: TypeAlias = Literal["different", "equal", "small"]
PATIENCE = 10  # so many tries for a draw far from kinks; then the best one will do
WIDE = (-3.2, 3.2)
FAR, NEAR = 0.02, 1e-3  # how far from kinks and poles a draw is taken at once, and in the end
SHAKE = 1e-12  # relative changes that no difference may depend on
GRID = 4096.0  # values are multiples of 1/4096
KEPT = 20_000  # values of subterms kept at one point
ROOM = 8_000_000  # entries of these in all


class SizedDrawer(Drawer):
    """Draws with sizes as they are wanted: all different, all equal, or small; some of them fixed.

    Scalars that take few values take them in turn from one draw to the next.
    """

    def __init__(
        self, model: Model, derivation: Derivation, seed: int, shape: Shape, fixed: Mapping[str, int] | None = None
    ) -> None:
        super().__init__(model, derivation.graph, seed)
        self.shape, self.fixed = shape, dict(fixed or {})
        self.turn = 0

    def draw(self) -> Draw | None:
        """Numbers at which everything is defined, away from kinks if that is possible; None if none were found."""
        best: Draw | None = None
        for low, high in self.ranges():
            for _ in range(PATIENCE):
                sizes = self.sizes()
                if sizes is None:
                    return None
                found = self.attempt(sizes, low, high)
                if found is not None and (best is None or found.margin > best.margin):
                    best = found
                if best is not None and best.margin >= FAR:
                    self.turn += 1
                    return best
            if best is not None and best.margin >= NEAR:
                break
        self.turn += 1
        return best

    def ranges(self) -> tuple[tuple[float, float], ...]:
        """Where numbers are drawn from; every second draw from further away if there are kinks, to get beyond them."""
        kinks = any(need.kind in BY_CONVENTION for need in self.needs)
        return (WIDE, *RANGES) if kinks and self.turn % 2 and self.shape != "small" else RANGES

    def sizes(self) -> dict[str, int] | None:
        """Numbers for all size names; None if no numbers fit."""
        names = self.model.size_names()
        if self.shape == "different":
            for _ in range(PATIENCE):
                found = super().sizes()
                if found is None or not self.fixed:
                    return found
                found |= {name: value for name, value in self.fixed.items() if name in found}
                if self.fits(found):
                    return found
        for length in range(2, 8) if self.shape == "small" else (3, 2, 4, 5, 6, 8, 12):
            if self.shape == "small":
                for _ in range(PATIENCE):
                    found = {name: 2 + self.below(length - 1) for name in names} | self.own(names)
                    if self.fits(found):
                        return found
            else:
                found = dict.fromkeys(names, length) | self.own(names)
                if self.fits(found):
                    return found
        return None

    def own(self, names: tuple[str, ...]) -> dict[str, int]:
        """The sizes that are fixed."""
        return {name: value for name, value in self.fixed.items() if name in names}

    def value(
        self, declared: Declaration, sizes: Mapping[str, int], low: float, high: float, taken: dict[Size, list[int]]
    ) -> Array | None:
        """A value that obeys the facts; a scalar of few values has the next one."""
        facts = declared.facts
        if not declared.sizes and facts.values is not None:
            place = list(self.model.declarations).index(declared.name)
            return np.asarray(float(facts.values[(self.turn >> (place % 4)) % len(facts.values)]))
        found = super().value(declared, sizes, low, high, taken)
        return found if found is None or facts.onehot or facts.of is not None else exactly(found, facts)


def exactly(array: Array, facts: Facts) -> Array:
    """The array in short binary fractions, so that its facts hold to the last digit of any arithmetic."""
    if facts.values is not None:
        return array
    array = np.round(array * GRID) / GRID
    if facts.simplex and array.shape[-1]:
        array[..., -1] = 1 - array[..., :-1].sum(axis=-1)
    if facts.symmetric or facts.positive_definite:
        upper = np.triu(array)
        array = upper + np.swapaxes(np.triu(array, 1), -1, -2)
    return np.asarray(array)


@dataclass
class Point:
    """One draw with the gradient of the loss at every name, and the values of terms found there.

    `sharp`: evaluations with so many digits; `neighbour`: the point shaken in its last digits.
    """

    draw: Draw
    arrays: dict[str, Array]
    done: dict[Term, Array] = field(default_factory=dict)
    neighbour: Point | None = None
    sharp: dict[int, Evaluation] = field(default_factory=dict)
    opened: dict[tuple[tuple[Symbol, Term], ...], tuple[dict[str, Array], dict[Term, Array]]] = field(
        default_factory=dict
    )

    @cached_property
    def kept(self) -> int:
        """How many values are kept: fewer where arrays are large."""
        largest = max((value.size for value in self.arrays.values()), default=1)
        return max(min(KEPT, ROOM // max(largest, 1)), 50)

    def value(self, term: Term, extra: Mapping[Symbol, Term] | None = None) -> Array:
        """The value of a term; `extra` says what further symbols stand for. Raises ValueProblem for a missing one."""
        try:
            return self._value(term, extra)
        except OverflowError as problem:
            raise ValueProblem("A number in the formula is too large to compute with.") from problem

    def _value(self, term: Term, extra: Mapping[Symbol, Term] | None) -> Array:
        if not extra:
            if len(self.done) > self.kept:
                self.done.clear()
            return evaluate_into(self.done, term, self.arrays, self.draw.sizes)
        key = tuple(extra.items())
        if key not in self.opened:
            self.opened.clear()
            arrays = dict(self.arrays)
            found: dict[Term, Array] = {}
            for symbol, meaning in in_turn(extra):
                arrays[symbol.name] = evaluate_into(found, meaning, arrays, self.draw.sizes)
                found.clear()  # what was evaluated before may hold the symbol under its old meaning
            self.opened[key] = (arrays, {})
        arrays, done = self.opened[key]
        return evaluate_into(done, term, arrays, self.draw.sizes)


def in_turn(extra: Mapping[Symbol, Term]) -> list[tuple[Symbol, Term]]:
    """Definitions, each after those that it uses; those in a circle are left out."""
    from ...tensor.pullback import children_last

    uses = {s: [t for t in children_last(meaning) if t in extra and t is not s] for s, meaning in extra.items()}
    ordered: dict[Symbol, None] = {}
    rest = list(extra)
    while rest:
        ready = [s for s in rest if all(u in ordered for u in uses[s])]
        if not ready:
            break
        ordered.update(dict.fromkeys(ready))
        rest = [s for s in rest if s not in ordered]
    return [(s, extra[s]) for s in ordered]


class Points:
    """The points of one network, made when they are asked for and kept."""

    def __init__(self, derivation: Derivation, seed: int) -> None:
        self.derivation, self.seed = derivation, seed
        self._drawers: dict[object, SizedDrawer] = {}
        self._found: dict[object, list[Point | None]] = {}

    def at(
        self,
        number: int,
        shape: Shape = "different",
        fixed: Mapping[str, int] | None = None,
        symmetric: frozenset[str] = frozenset(),
    ) -> Point | None:
        """The point of that number among those of one kind; None if no numbers were found for it."""
        key = (shape, tuple(sorted((fixed or {}).items())), symmetric)
        found = self._found.setdefault(key, [])
        if key not in self._drawers:
            model = symmetrised(self.derivation.model, symmetric)
            seed = self.seed * 7919 + {"different": 0, "equal": 101, "small": 211}[shape]
            self._drawers[key] = SizedDrawer(model, self.derivation, seed, shape, fixed)
        while len(found) <= number:
            if found and found[-1] is None:
                return None
            draw = self._drawers[key].draw()
            found.append(None if draw is None else self.point(draw))
        return found[number]

    def point(self, draw: Draw) -> Point:
        """The draw with every gradient, each from the ones before."""
        derivation = self.derivation
        arrays: dict[str, Array] = dict(draw.arrays)
        done: dict[Term, Array] = {}
        terms = derivation.recursive_terms
        nodes = [name for name in reversed(derivation.graph.order) if name in terms]
        for name in (*nodes, *(name for name in terms if name not in derivation.model.equations)):
            term = terms[name]
            arrays[gradient_symbol(name, term).name] = evaluate_into(done, term, arrays, draw.sizes)
        for known, term in self.unused.items():
            arrays[known] = np.zeros([s.value(draw.sizes) for s in term.sizes])
        return Point(draw, arrays, done)

    def shaken(self, point: Point) -> Point:
        """The point with its numbers changed in their last digits, as far as the facts leave room."""
        if point.neighbour is None:
            random = Random(self.seed)  # noqa: S311  # not for secrets
            draw, model = point.draw, self.derivation.model
            arrays: dict[str, Array] = {}
            for name, declared in model.declarations.items():
                facts, value = declared.facts, draw.arrays[name]
                free = facts.of is None and facts.values is None and not (facts.onehot or facts.simplex)
                arrays[name] = value * (1 + SHAKE * (random.random() - 0.5)) if free else value
            for name in self.derivation.graph.order:
                arrays[name] = evaluate(model.equations[name].term, arrays, draw.sizes)
            point.neighbour = self.point(replace(draw, arrays=arrays))
        return point.neighbour

    @cached_property
    def unused(self) -> dict[str, Term]:
        """The gradients that are zero because the loss does not use the name, with a term of the shape."""
        model, graph = self.derivation.model, self.derivation.graph
        terms: dict[str, Term] = {n: d.term for n, d in model.declarations.items() if d.role != "index"}
        terms |= {n: e.term for n, e in model.equations.items()}
        random = self.derivation.averaged
        return {gradient_symbol(n, t).name: t for n, t in terms.items() if n not in graph.used and n not in random}


def symmetrised(model: Model, names: frozenset[str]) -> Model:
    """The network with some of its square symbols declared symmetric."""
    if not names:
        return model
    declarations = {
        n: replace(d, facts=replace(d.facts, symmetric=True)) if n in names else d
        for n, d in model.declarations.items()
    }
    return replace(model, declarations=declarations)
