"""Whether two terms are equal at all numbers that a network allows: proven, refuted at a point, or left open."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal

import numpy as np

from ..derive import Derivation, gradient_symbol
from ..draws import Draw
from ..errors import SymbackpropError, ValueProblem
from ..tensor.equal import resolved
from ..tensor.evaluate import Array
from ..tensor.evaluate_exact import Evaluation
from ..tensor.expectation import taken
from ..tensor.modular import PRIME, Modular
from ..tensor.normal import number
from ..tensor.numbers import DIGITS
from ..tensor.terms import Symbol, Term, symbol
from .deciding.comparing import CLOSE, FIRST, MORE, Compared, Comparison, furthest
from .deciding.conventions import departs
from .deciding.digits import Digits
from .deciding.points import Points
from .deciding.proof import proven
from .deciding.witness import SmallPoints, Witnesses
from .target import Target
from .verdict import Counterexample

NOTHING: Mapping[Symbol, Term] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Decision:
    """What is known of a pair of terms.

    `proof` of an equality; `reason` in one sentence; `points` of evaluation behind it; `witness` a draw at which the
    terms differ, most in the `entry`. `kink`: where equal terms differ by convention only, such as `z_1 = 0`.
    """

    status: Literal["equal", "different", "undecided"]
    proof: Literal["symbolic", "numeric"] | None
    reason: str
    points: int = 0
    witness: Draw | None = None
    entry: tuple[int, ...] | None = None
    kink: str | None = None


class Judge:
    """Decides about one network; its draws are made once."""

    def __init__(self, derivation: Derivation, seed: int = 0) -> None:
        self.derivation, self.seed = derivation, seed
        self.points = Points(derivation, seed)

    @cached_property
    def definitions(self) -> dict[Symbol, Term]:
        """Nodes by their equations, gradients by what their children pass back."""
        derivation = self.derivation
        found: dict[Symbol, Term] = {e.symbol: e.term for e in derivation.model.equations.values()}
        return found | {gradient_symbol(n, t): t for n, t in derivation.recursive_terms.items()}

    @cached_property
    def digits(self) -> Digits:
        """Evaluation with fifty digits."""
        zero = {symbol(name, t.sizes): number(0, t.sizes) for name, t in self.points.unused.items()}
        return Digits(self.definitions | zero, tuple(self.derivation.model.declarations))

    @cached_property
    def small(self) -> SmallPoints:
        """Points for counterexamples."""
        return SmallPoints(self.derivation, self.points, self.seed)

    def decide(self, claimed: Term, true: Term, extra: Mapping[Symbol, Term] = NOTHING) -> Decision:
        """Whether the terms are equal wherever both are defined; `extra` says what further symbols stand for."""
        if claimed.sizes != true.sizes:
            shapes = [f"({', '.join(map(str, t.sizes))})" for t in (claimed, true)]
            return Decision("different", None, f"The shape {shapes[0]} is not {shapes[1]}.")
        try:
            pair = taken(claimed), taken(true)
            return self._decided(Comparison(*pair, extra, self.points, self.digits))
        except SymbackpropError as problem:
            return Decision("undecided", None, str(problem))
        except KeyError as problem:
            return Decision("undecided", None, f"No value is known for {problem.args[0]}.")

    def _decided(self, pair: Comparison) -> Decision:
        """Differences first, which cost least; then a proof; then more points."""
        same: list[Compared] = []
        lost: list[Compared] = []
        proof: str | None = None
        tried = False
        for point in pair.places():
            if len(same) >= len(FIRST) and not tried:
                tried, proof = True, self._proof(pair)
                if proof is not None:
                    break
            if len(same) >= MORE:
                break
            found = pair.at(point)
            if found.seen == "other":
                return self._different(found, len(same) + 1)
            (same if found.seen == "same" else lost).append(found)
        if not tried:
            proof = self._proof(pair)
        if proof is not None:
            reason = f"Both sides are equal {proof}."
            return self._equal("symbolic", reason, len(same), pair, [*same, *lost])
        if len(same) < len(FIRST):
            return Decision("undecided", None, _nowhere(same, lost), len(same))
        sharp = [pair.sharply(found.point) for found in (same[0], same[-1])]
        for closer in sharp:
            if closer is not None and closer.seen == "other":
                return self._different(closer, len(same))
        modular = self._modular(pair, same)
        reason = f"Both sides are equal at {len(same)} random points"
        reason += f", to {DIGITS} digits" if any(sharp) else ", as far as float64 tells"
        reason += ", and modulo 2^61 − 1." if modular else "."
        return self._equal("numeric", reason, len(same) + modular, pair, same)

    def _proof(self, pair: Comparison) -> str | None:
        definitions = self.definitions | dict(pair.extra)
        return proven(pair.claimed, pair.true, self.derivation, definitions, pair.extra)

    def _equal(
        self, proof: Literal["symbolic", "numeric"], reason: str, points: int, pair: Comparison, seen: list[Compared]
    ) -> Decision:
        kink = None
        if pair.needs and seen and pair.claimed is not pair.true:
            claimed, true = (resolved(t, pair.extra) for t in (pair.claimed, pair.true))
            kink = departs(claimed, true, self.digits, seen[0].point)
        if kink is not None:
            reason += f" At {kink} the formula takes another value than the convention."
        return Decision("equal", proof, reason, points, kink=kink)

    def _different(self, found: Compared, points: int) -> Decision:
        gap, draw = found.gap, found.point.draw
        assert gap is not None
        sizes = ", ".join(f"{name} = {value}" for name, value in draw.sizes.items())
        where = f" in entry ({', '.join(str(k + 1) for k in gap.entry)})" if gap.entry else ""
        reason = (
            f"At random numbers{f' with {sizes}' if sizes else ''} it is {gap.one:.6g}{where}, not {gap.other:.6g}."
        )
        return Decision("different", None, reason, points, draw, gap.entry)

    def _modular(self, pair: Comparison, same: list[Compared]) -> int:
        """At how many points both sides agree modulo a prime; 0 where the terms have no value there."""
        definitions = self.digits.definitions | {s.name: t for s, t in pair.extra.items()}
        agreed = 0
        for k, found in enumerate(same[: len(FIRST)]):
            arrays = {name: found.point.arrays[name] for name in self.digits.declared}
            evaluation = Evaluation(Modular(self.seed + k), arrays, found.point.draw.sizes, definitions, 1.0)
            try:
                gap = evaluation.value(pair.claimed) - evaluation.value(pair.true)
            except (SymbackpropError, KeyError):
                continue
            agreed += int(np.all(gap % PRIME == 0))
        return agreed

    def agrees(
        self,
        claimed: Term,
        true: Term,
        extra: Mapping[Symbol, Term] = NOTHING,
        *,
        scale: Term | None = None,
        sizes: Mapping[str, int] | None = None,
        symmetric: Collection[str] = (),
        reshaped: bool = False,
        transposed: bool = False,
    ) -> bool:
        """Whether claimed = scale · true at several draws, in float64.

        `sizes` fixes some size names, `symmetric` names square symbols that are drawn symmetric; `reshaped` compares
        entries in order where shapes differ by axes of length 1 only, `transposed` reverses the claim's axes. What has
        no finite value does not agree.
        """
        if (claimed.order != true.order and not reshaped) or not all(map(self._is_square, symmetric)):
            return False
        compared = 0
        counts = {"different": 0, "equal": 0}
        for shape in FIRST:
            point = self.points.at(counts[shape], shape, sizes, frozenset(symmetric))
            counts[shape] += 1
            if point is None:
                continue
            try:
                one, other = point.value(claimed, extra), point.value(true, extra)
                if scale is not None:
                    with np.errstate(all="ignore"):
                        other = other * point.value(scale, extra)
            except (SymbackpropError, KeyError):
                return False
            one = one.T if transposed else one
            if reshaped:
                one, other = (x.reshape([n for n in x.shape if n != 1]) for x in (one, other))
            if one.shape != other.shape or not furthest(one, other)[0] < CLOSE:  # not a number is not close
                return False
            compared += 1
        return compared > 0

    def _is_square(self, name: str) -> bool:
        declared = self.derivation.model.declarations.get(name)
        return declared is not None and len(declared.sizes) >= 2 and declared.sizes[-1] is declared.sizes[-2]

    def values(self, term: Term, draw_number: int, extra: Mapping[Symbol, Term] = NOTHING) -> Array:
        """The value of a term at one of the draws. Raises ValueProblem."""
        point = self.points.at(draw_number)
        if point is None:
            raise ValueProblem("No numbers were found at which the network is defined.")
        return point.value(term, extra)

    def counterexample(
        self, claimed: Term, true: Term, target: Target, extra: Mapping[Symbol, Term] = NOTHING
    ) -> Counterexample | None:
        """A small counterexample to claimed = true, with a central difference of the loss; None if none is found."""
        if claimed.sizes != true.sizes:
            return None
        try:
            pair = Comparison(taken(claimed), taken(true), extra, self.points, self.digits)
            return Witnesses(pair, target, self.small).smallest()
        except (SymbackpropError, KeyError):
            return None


def _nowhere(same: list[Compared], lost: list[Compared]) -> str:
    """Why nothing is decided."""
    if not same and not lost:
        return "No numbers were found at which the network is defined."
    why = {
        "undefined": "the formula is not defined",
        "kink": "rounding decides on which side of a kink the formula is",
        "rounding": "the formula is lost in rounding",
    }
    reasons = " or ".join(dict.fromkeys(why[found.seen] for found in lost))
    if not same:
        return f"At none of {len(lost)} random points the formula can be compared: {reasons}."
    return f"Both sides agree at {len(same)} points, but at {len(lost)} others {reasons}."


__all__ = ["Decision", "Judge"]
