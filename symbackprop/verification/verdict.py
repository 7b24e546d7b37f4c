"""What is said of a claim: right with a proof, wrong with a counterexample and a repair, unreadable, or undecided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Status: TypeAlias = Literal["right", "wrong", "unreadable", "undecided"]
Proof: TypeAlias = Literal["symbolic", "numeric"]
Kind: TypeAlias = Literal[
    "transpose", "order", "sign", "factor", "sum", "product_kind", "activation_derivative", "evaluated_at", "symbol",
    "index", "term", "path", "inverse", "indicator", "diagonal", "parentheses", "shape", "transcription", "other",
]  # fmt: skip  # the contract's list


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is wrong, in a sentence, and the smallest change that makes it right.

    `hint` names the kind of mistake and the shapes, never the corrected formula. `repair_latex` is the whole repaired
    right side in the author's notation, `repair_numpy` the same as a NumPy expression in the network's names with
    `grad(a_2)` for a gradient that is taken as given; both are None where no repair was found, and the message then
    says what is right. `line` is the line of code to change.
    """

    kind: Kind
    message: str
    hint: str = ""
    repair_latex: str | None = None
    repair_numpy: str | None = None
    line: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """The contract's four keys."""
        return {
            "kind": self.kind,
            "message": self.message,
            "repair_latex": self.repair_latex,
            "repair_numpy": self.repair_numpy,
        }


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Numbers at which the claim fails, in one entry.

    `sizes` of size names, `values` of the declared symbols that matter (numbers or nested lists), `entry` counted from
    0; `difference` is a central difference of the loss at that entry, which uses no derivative rule; None where the
    claim is not about a derivative.
    """

    sizes: Mapping[str, int]
    values: Mapping[str, Any]
    entry: tuple[int, ...]
    claimed: float | None
    true: float
    difference: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """The contract's five keys."""
        return {
            "sizes": dict(self.sizes),
            "values": dict(self.values),
            "entry": list(self.entry),
            "claimed": self.claimed,
            "true": self.true,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """One relation of an answer, judged.

    `claim` is the exact slice of the source; `start` and `end` are code points in the whole input, `line` counts from
    1; `cell` is the notebook's cell. `target` is what is claimed about (`dJ/dW_1`, `dz_2/da_1`, `d2J/dw2`, a node's
    name). `reason` is one sentence: what proves it, or why nothing is decided or read. `condition` is what a right
    claim needs beyond the network's own conventions. `follows` is the line of an earlier mistake if this one only
    follows from it. `part` is the heading under which the claim stands. `fragment` is what could not be read, in code
    points of the whole input; `claim_numpy` what is claimed as a NumPy expression, with `grad(a_2)` for a gradient.
    """

    file: str
    network: str
    line: int
    start: int
    end: int
    claim: str
    target: str
    status: Status
    proof: Proof | None = None
    condition: str | None = None
    diagnosis: Diagnosis | None = None
    counterexample: Counterexample | None = None
    reason: str = ""
    cell: int | None = None
    part: str = ""
    follows: int | None = None
    points: int = 0
    fragment: tuple[int, int] | None = None
    claim_numpy: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The contract's JSON object."""
        return {
            "file": self.file,
            "network": self.network,
            "line": self.line,
            "position": {"start": self.start, "end": self.end},
            "claim": self.claim,
            "target": self.target,
            "status": self.status,
            "proof": self.proof,
            "condition": self.condition,
            "diagnosis": None if self.diagnosis is None else self.diagnosis.as_dict(),
            "counterexample": None if self.counterexample is None else self.counterexample.as_dict(),
        }

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Text and HTML for notebooks."""
        from .show import bundle

        return bundle(self)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A formula that holds no derivative of the network, and why it was not judged."""

    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """One answer, judged: its verdicts in order, and what holds of the answer as a whole.

    `conventions` are printed at its top (numerator layout, a loss scaled by a constant, ...); `renamings` say which of
    the author's letters are which of the network's; `missing` are derivatives that were required and are not there;
    `proposals` say what to try (`--let 'z_0=z_1'`) and were not applied; `isolation` how code was run, if it was.
    """

    file: str
    network: str
    verdicts: tuple[Verdict, ...]
    text: str = ""
    conventions: tuple[str, ...] = ()
    renamings: tuple[str, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    missing: tuple[str, ...] = ()
    proposals: tuple[str, ...] = ()
    isolation: str = ""

    @property
    def exit_code(self) -> int:
        """1 if something is wrong or missing, else 2 if something is unreadable, else 3 if undecided, else 0."""
        found = {v.status for v in self.verdicts}
        if "wrong" in found or self.missing:
            return 1
        return 2 if "unreadable" in found else 3 if "undecided" in found else 0
