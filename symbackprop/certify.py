"""The certificate: generated code, formulas by entries and central differences agree, at random sizes and values.

The differences know no rule of differentiation: they take the loss, evaluated by entries, at four points on a line
(Richardson's extrapolation of central differences, error O(h⁴)). Only bounds that held are kept; where one does not
hold, nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from types import ModuleType
from typing import Any

import numpy as np

from .averaging import computed
from .derive import Derivation, gradient_symbol
from .draws import Draw, Drawer
from .errors import CertificateError
from .network import Declaration
from .requirements import requirements
from .tensor.evaluate import Array, evaluate

SEED = 20230425
DRAWS = 2
ENTRIES = 2  # single entries of each array that are varied, besides whole random directions
DIRECTIONS = 2
EXACT = 1e-10
NUMERIC = 1e-7
STEP = 1e-3
WORK = 1200  # evaluations of nodes for one line; beyond that several symbols are varied at once
MOST_CLOSED = 60
CHECKS = ("code = formula by entries", "closed form", "central differences")
NOT_VARIED, NEAR_A_KINK = "takes fixed values only", "too near a kink"
NOT_GENERATED, LEFT_OUT = "not generated", "left out"


@dataclass(frozen=True, slots=True)
class Certified:
    """For each gradient the bounds that held, in the order of CHECKS; the sizes of every draw.

    `reason` says why nothing could be checked, where no numbers were found at which the network is defined.
    """

    bounds: Mapping[str, tuple[str, ...]]
    sizes: tuple[Mapping[str, int], ...]
    seed: int = SEED
    reason: str = ""


@dataclass
class Checker:
    """Compares what a derivation says with what it means, at one draw after the other."""

    derivation: Derivation
    module: ModuleType | None
    names: tuple[str, ...]
    seed: int = SEED
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed + 1)  # noqa: S311  # not for secrets
        self.needs = list(requirements(self.derivation.model, self.derivation.graph))

    def run(self, draws: int = DRAWS) -> Certified:
        """Every check at so many draws; CertificateError if a bound does not hold."""
        drawer = Drawer(self.derivation.model, self.derivation.graph, self.seed)
        held: dict[str, tuple[str, ...]] = {}
        used: list[Mapping[str, int]] = []
        for _ in range(draws):
            draw = drawer.draw()
            if draw is None:
                return Certified({}, (), self.seed, "no random numbers were found at which everything is defined")
            held = self.at(draw)
            used.append(draw.sizes)
        return Certified(held, tuple(used), self.seed)

    def at(self, draw: Draw) -> dict[str, tuple[str, ...]]:
        """The bounds that hold at one draw, for each name."""
        formulas, code = self.formulas(draw), self.code(draw)
        numeric = self.differences(formulas, draw)
        held: dict[str, tuple[str, ...]] = {}
        for name in self.names:
            expected = formulas[name]
            exact = [NOT_GENERATED, LEFT_OUT]
            if name in code:
                what = f"the code's gradient of {name}"
                self.compare(code[name], expected, EXACT, what, "the formula by entries", draw)
                exact[0] = within(EXACT)
            if len(self.names) <= MOST_CLOSED:
                closed = self.closed(name, draw, formulas)
                self.compare(closed, expected, EXACT, f"the closed form of {name}", "the recursive one", draw)
                exact[1] = within(EXACT)
            held[name] = (*exact, numeric[name])
        return held

    # ------------------------------------------------------------------ the three sides

    def formulas(self, draw: Draw) -> dict[str, Array]:
        """Every gradient from its recursive formula, each delta from the ones before."""
        known: dict[str, Array] = dict(draw.arrays)
        found: dict[str, Array] = {}
        model, graph = self.derivation.model, self.derivation.graph
        for name in self.derivation.order:
            value = evaluate(self.derivation.gradient(name).term, known, draw.sizes)
            found[name] = value
            like = model.equations[name].term if name in model.equations else model.declarations[name].term
            known[gradient_symbol(name, like).name] = value
        for name in self.names:
            if name not in found:
                found[name] = np.zeros([s.value(draw.sizes) for s in graph.sizes(name)])
        return found

    def closed(self, name: str, draw: Draw, gradients: Mapping[str, Array]) -> Array:
        """The closed form by entries; a gradient that it leaves as a name has its value."""
        formula = self.derivation.gradient(name).closed
        model = self.derivation.model
        known: dict[str, Array] = dict(draw.arrays)
        for other, value in gradients.items():
            like = model.equations[other].term if other in model.equations else model.declarations[other].term
            known[gradient_symbol(other, like).name] = value
        return evaluate(formula.term, known, draw.sizes)

    def code(self, draw: Draw) -> dict[str, Array]:
        """What the generated module computes, its loss compared with the oracle's."""
        if self.module is None:
            return {}
        loss, found = self.module.loss_and_grad(**self.arguments(draw))
        oracle = draw.arrays[self.derivation.model.loss]
        self.compare(np.asarray(loss), oracle, EXACT, "the code's loss", "the loss by entries", draw)
        return {name: np.asarray(value, dtype=float) for name, value in found.items()}

    def arguments(self, draw: Draw) -> dict[str, Any]:
        """The draw as the module takes it: scalars as numbers, indices as integers, sizes that no shape determines."""
        model = computed(self.derivation.model)
        found: dict[str, Any] = {}
        for name, declared in model.declarations.items():
            value = draw.arrays[name]
            if declared.role == "index":
                value = value.astype(int)
            found[name] = value if value.ndim else value.item()
        open_ = [name for name in model.size_names() if not determined(name, model.declarations.values())]
        return found | {name: draw.sizes[name] for name in open_}

    # ------------------------------------------------------------------ differences

    def differences(self, gradients: Mapping[str, Array], draw: Draw) -> dict[str, str]:
        """Compare gradients with slopes of the loss; what held for each name."""
        held: dict[str, str] = {}
        for names in self.together():
            fixed = [n for n in names if self.is_fixed(n)]
            held.update(dict.fromkeys(fixed, NOT_VARIED))
            moving = [n for n in names if n not in fixed]
            if moving:
                told = within(NUMERIC) if self.agree(moving, gradients, draw) else NEAR_A_KINK
                held.update(dict.fromkeys(moving, told))
        return held

    def together(self) -> list[list[str]]:
        """The names one by one; in a large network symbols are varied several at a time."""
        model, nodes = self.derivation.model, len(self.derivation.graph.order)
        single = [[n] for n in self.names if n in model.equations]
        symbols = [n for n in self.names if n not in model.equations]
        size = max(1, -(-len(symbols) * nodes // WORK))
        return [*single, *(symbols[k : k + size] for k in range(0, len(symbols), size))]

    def is_fixed(self, name: str) -> bool:
        """True for a symbol that takes certain values only."""
        declared = self.derivation.model.declarations.get(name)
        return declared is not None and (declared.facts.onehot or declared.facts.values is not None)

    def agree(self, names: Sequence[str], gradients: Mapping[str, Array], draw: Draw) -> bool:
        """Compare slopes along several lines; False if a kink was too near every time."""
        loss = abs(float(draw.arrays[self.derivation.model.loss]))
        largest = max(float(np.abs(gradients[n]).max(initial=0.0)) for n in names)
        scale, compared = max(1.0, loss, largest), False
        declared = self.derivation.model.declarations
        lines = zip(*(self.directions(declared.get(n), gradients[n]) for n in names), strict=True)
        for line in lines:
            changes = dict(zip(names, line, strict=True))
            slope = self.slope(changes, draw)
            if slope is not None:
                along = sum(float(np.sum(gradients[n] * change)) for n, change in changes.items())
                what = f"the gradient of {', '.join(names[:3])}{', ...' if len(names) > 3 else ''}"
                sides = np.asarray(along / scale), np.asarray(slope / scale)
                self.compare(*sides, NUMERIC, what, "central differences", draw)
                compared = True
        return compared

    def directions(self, declared: Declaration | None, gradient: Array) -> Iterable[Array]:
        """Random directions, then single entries, inside the declared set."""
        for _ in range(DIRECTIONS):
            filled = [2 * self._random.random() - 1 for _ in range(gradient.size)]
            yield self.inside(declared, np.array(filled).reshape(gradient.shape))
        for _ in range(ENTRIES):
            entry = np.zeros(gradient.size)
            entry[int(self._random.random() * gradient.size)] = 1.0
            yield self.inside(declared, entry.reshape(gradient.shape))

    def inside(self, declared: Declaration | None, direction: Array) -> Array:
        """The part of a direction along which the declared facts stay true."""
        if declared is not None and declared.facts.simplex:
            return np.asarray(direction - direction.mean(axis=-1, keepdims=True))
        if declared is not None and (declared.facts.symmetric or declared.facts.positive_definite):
            return np.asarray((direction + np.swapaxes(direction, -1, -2)) / 2)
        return direction

    def slope(self, changes: Mapping[str, Array], draw: Draw) -> float | None:
        """The loss's derivative along a line, by four values; None if a kink is too near."""
        step = min(STEP, draw.margin / 40)
        for _ in range(8):
            found = [self.loss_at(changes, factor * step, draw) for factor in (-1.0, -0.5, 0.5, 1.0)]
            values = [value for value in found if value is not None]
            if len(values) == len(found):
                coarse, fine = (values[3] - values[0]) / (2 * step), (values[2] - values[1]) / step
                return (4 * fine - coarse) / 3
            step /= 4
        return None

    def loss_at(self, changes: Mapping[str, Array], step: float, draw: Draw) -> float | None:
        """The loss with some values changed, by entries; None if a kink changes its side."""
        model, graph = self.derivation.model, self.derivation.graph
        arrays: dict[str, Array] = dict(draw.arrays)
        arrays.update({name: draw.arrays[name] + step * change for name, change in changes.items()})
        moved = set(changes)
        for node in graph.order:
            if node in graph.used and node not in changes and any(p in moved for p in graph.parents[node]):
                arrays[node] = evaluate(model.equations[node].term, arrays, draw.sizes)
                moved.add(node)
        for need in self.needs:
            if need.kind in ("argmax", "invertible"):
                continue  # the margin of the draw is many steps wide
            before, after = (evaluate(need.term, where, draw.sizes) for where in (draw.arrays, arrays))
            if not np.array_equal(before > 0, after > 0):
                return None
        return float(arrays[model.loss])

    # ------------------------------------------------------------------ comparing

    def compare(self, found: Array, expected: Array, bound: float, what: str, with_what: str, draw: Draw) -> None:
        """Raise unless the error, relative to the largest entry if that is above 1, is below the bound."""
        fits = found.shape == expected.shape
        scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
        error = float(np.abs(found - expected).max(initial=0.0)) / scale if fits else float("inf")
        if not error < bound:
            sizes = ", ".join(f"{name} = {value}" for name, value in draw.sizes.items())
            problem = f"differ by {error:.3g}" if fits else f"have shapes {found.shape} and {expected.shape}"
            raise CertificateError(
                f"{what[0].upper()}{what[1:]} and {with_what} {problem}; they should agree to {bound:.0e}"
                f" (seed {self.seed}{', ' + sizes if sizes else ''}).",
                remedy="This is a mistake in symbackprop, not in the network. Please report it with the network file.",
            )


def within(bound: float) -> str:
    """`< 1e-10`."""
    digits, power = f"{bound:.0e}".split("e")
    return f"< {digits}e{int(power)}"


def determined(size: str, declarations: Iterable[Declaration]) -> bool:
    """True if the shape of some array tells this size."""
    return any(size in s.names for d in declarations for s in d.sizes)


def certify(derivation: Derivation, module: ModuleType | None, names: Sequence[str], seed: int = SEED) -> Certified:
    """Check the gradients at these names; CertificateError says which two things do not agree."""
    return Checker(derivation, module, tuple(names), seed).run()
