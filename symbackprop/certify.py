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

from .derive import Derivation, gradient_symbol
from .draws import Draw, Drawer
from .errors import CertificateError
from .network import Declaration
from .requirements import requirements
from .tensor.evaluate import Array, evaluate

SEED = 20230425
DRAWS = 2
ENTRIES = 3  # single entries of each array that are varied, besides whole random directions
DIRECTIONS = 2
EXACT = 1e-10
NUMERIC = 1e-7
STEP = 1e-3
MOST_ENTRIES = 400_000  # entries of all arrays together before fewer directions are taken
CHECKS = ("code = formula by entries", "closed form", "central differences")
NOT_VARIED = "takes fixed values only"


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
        formulas = self.formulas(draw)
        code = self.code(draw)
        held: dict[str, tuple[str, ...]] = {}
        for name in self.names:
            expected = formulas[name]
            bounds = ["", "", ""]
            if name in code:
                self.compare(
                    code[name], expected, EXACT, f"the code's gradient of {name}", "the formula by entries", draw
                )
                bounds[0] = within(EXACT)
            self.compare(
                self.closed(name, draw, formulas),
                expected,
                EXACT,
                f"the closed form of {name}",
                "the recursive one",
                draw,
            )
            bounds[1] = within(EXACT)
            bounds[2] = within(NUMERIC) if self.differences(name, expected, draw) else NOT_VARIED
            held[name] = tuple(bounds)
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
        model = self.derivation.model
        found: dict[str, Any] = {}
        for name, declared in model.declarations.items():
            value = draw.arrays[name]
            if declared.role == "index":
                value = value.astype(int)
            found[name] = value if value.ndim else value.item()
        open_ = [name for name in model.size_names() if not determined(name, model.declarations.values())]
        return found | {name: draw.sizes[name] for name in open_}

    # ------------------------------------------------------------------ differences

    def differences(self, name: str, gradient: Array, draw: Draw) -> bool:
        """Compare the gradient with slopes of the loss; False if the symbol takes fixed values only."""
        model = self.derivation.model
        declared = model.declarations.get(name)
        if declared is not None and (declared.facts.onehot or declared.facts.values is not None):
            return False
        for direction in self.directions(declared, gradient):
            slope = self.slope(name, direction, draw)
            scale = max(1.0, abs(float(draw.arrays[model.loss])), float(np.abs(gradient).max(initial=0.0)))
            along = np.asarray(float(np.sum(gradient * direction)) / scale)
            if slope is not None:
                self.compare(
                    along, np.asarray(slope / scale), NUMERIC, f"the gradient of {name}", "central differences", draw
                )
        return True

    def directions(self, declared: Declaration | None, gradient: Array) -> Iterable[Array]:
        """Random directions, and single entries, inside the declared set."""
        fewer = gradient.size > MOST_ENTRIES
        for _ in range(1 if fewer or not gradient.ndim else DIRECTIONS):
            filled = [2 * self._random.random() - 1 for _ in range(gradient.size)]
            yield self.inside(declared, np.array(filled).reshape(gradient.shape) if gradient.ndim else np.asarray(1.0))
        if gradient.ndim:
            for _ in range(min(ENTRIES, gradient.size)):
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

    def slope(self, name: str, direction: Array, draw: Draw) -> float | None:
        """The loss's derivative along a line, by four values; None if a kink is too near."""
        step = min(STEP, draw.margin / 40)
        for _ in range(8):
            values, same = [], True
            for factor in (-1.0, -0.5, 0.5, 1.0):
                value, fine = self.loss_at(name, draw, factor * step * direction)
                values.append(value)
                same = same and fine
            if same:
                coarse, fine_slope = (values[3] - values[0]) / (2 * step), (values[2] - values[1]) / step
                return (4 * fine_slope - coarse) / 3
            step /= 4
        return None

    def loss_at(self, name: str, draw: Draw, change: Array) -> tuple[float, bool]:
        """The loss with one value changed, by entries; and whether every kink stays on its side."""
        model, graph = self.derivation.model, self.derivation.graph
        arrays: dict[str, Array] = dict(draw.arrays)
        arrays[name] = draw.arrays[name] + change
        moved = {name}
        for node in graph.order:
            if node in graph.used and node != name and any(p in moved for p in graph.parents[node]):
                arrays[node] = evaluate(model.equations[node].term, arrays, draw.sizes)
                moved.add(node)
        fine = True
        for need in self.needs:
            if need.kind == "argmax":
                continue  # the margin of the draw is many steps wide
            before = evaluate(need.term, draw.arrays, draw.sizes)
            after = evaluate(need.term, arrays, draw.sizes)
            fine = (fine and need.kind == "invertible") or (fine and bool(np.array_equal(before > 0, after > 0)))
        return float(arrays[model.loss]), fine

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
