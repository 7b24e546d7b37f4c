"""How each role looks: an outline that is told apart in black and white, and a colour for light and dark pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .boxes import BoxRole


@dataclass(frozen=True, slots=True)
class Look:
    """An outline and its colours as (light, dark) hexadecimal triples; `dash` in points, drawn then left out."""

    word: str
    corner: Literal["capsule", "sharp", "round"]
    fill: tuple[str, str]
    stroke: tuple[str, str]
    dash: tuple[float, float] | None = None
    double: bool = False


LOOKS: dict[BoxRole, Look] = {
    "input": Look("input", "capsule", ("E6F0FB", "1B2F45"), ("2B6CB0", "7FB4E8")),
    "random": Look("random", "capsule", ("E6F0FB", "1B2F45"), ("2B6CB0", "7FB4E8"), dash=(1.0, 2.0)),
    "target": Look("target", "capsule", ("F0E8F8", "33264A"), ("7A4FA8", "BC9BE8"), dash=(3.5, 2.0)),
    "index": Look("index", "sharp", ("EFEFED", "2E2F31"), ("6B6B66", "A8A8A2"), dash=(3.5, 2.0)),
    "constant": Look("constant", "sharp", ("EFEFED", "2E2F31"), ("6B6B66", "A8A8A2"), dash=(1.0, 2.0)),
    "parameter": Look("parameter", "sharp", ("FCF0D4", "3F3117"), ("A86A0B", "E2B052")),
    "node": Look("computed", "round", ("FFFFFF", "1E2023"), ("4A4A48", "B4B4AE")),
    "group": Look("several values", "round", ("F3F3F1", "26282B"), ("4A4A48", "B4B4AE"), dash=(3.5, 2.0)),
    "loss": Look("loss", "round", ("FBE5E2", "4A2420"), ("B03A2E", "F0948A"), double=True),
}

INK = ("1D1D1B", "ECECE6")
WIRE = ("5A5A57", "A3A39D")
ROUND = 3.0  # points, the corner of a computed value
STROKE = 0.7
DOUBLE = 1.2  # between the two lines of a double outline


def corner(look: Look, height: float) -> float:
    """The radius of a box's corners in points."""
    return {"capsule": height / 2, "sharp": 0.0, "round": min(ROUND, height / 2)}[look.corner]
