"""A repair in words: what was wrong, in a sentence; and a hint that does not give the answer away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..meaning.scope import Misfit
from ..verdict import Kind
from .edits import Edit

HINTS: dict[Kind, str] = {
    "transpose": "the transposes",
    "order": "the order of the factors",
    "sign": "the sign",
    "factor": "the factors",
    "sum": "what is summed",
    "product_kind": "the kind of product",
    "activation_derivative": "the derivative of the activation",
    "evaluated_at": "what the function is evaluated at",
    "symbol": "which letter stands",
    "index": "the indices",
    "term": "the number of terms",
    "path": "the number of paths",
    "inverse": "the inverses",
    "indicator": "the condition",
    "diagonal": "what is diagonal",
    "parentheses": "the brackets",
    "transcription": "letters that look alike",
}


@dataclass(frozen=True, slots=True)
class Worded:
    """The kind of the first mistake, a sentence for all of them, and a hint."""

    kind: Kind
    message: str
    hint: str


def worded(edits: Sequence[Edit], misfit: Misfit | None) -> Worded:
    """What to say of edits; `misfit` is why the shapes of the claim fail."""
    parts = [edit.told for edit in edits]
    message = parts[0] + "".join(f", and {p[0].lower() if not p[:2].isupper() else p[0]}{p[1:]}" for p in parts[1:])
    shapes = ""
    if misfit is not None:
        shapes = misfit.message.rstrip(".")
        message = f"{message}: {shapes[0].lower()}{shapes[1:]}"
    hints = [HINTS.get(edit.kind, "the formula") for edit in edits]
    said = (f"{h} at {x.place}" if x.place else h for h, x in zip(hints, edits, strict=True))
    places = " and ".join(dict.fromkeys(said))
    hint = f"Look at {places}." + (f" {shapes}." if shapes else "")
    return Worded(edits[0].kind, f"{message}.", hint)


__all__ = ["Worded", "worded"]
