"""Numbers for a network's symbols, from a JSON file: `{name: number or nested list}`."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TypeAlias

from ..errors import ValueProblem
from ..reading.files import read_text

Value: TypeAlias = "float | list[Value]"
DEEPEST = 8  # axes


def read_values(path: Path) -> dict[str, Value]:
    """The numbers of a file, by name; ValueProblem says which name has something that is not a finite number."""
    try:
        read = json.loads(read_text(path), object_pairs_hook=_unique, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        message = f"`{path}` is not JSON: {error.msg.lower()} in line {error.lineno}, column {error.colno}."
        raise ValueProblem(message) from None
    except ValueError:  # Python reads no integer of more than 4300 digits
        raise ValueProblem(f"`{path}` holds a number with too many digits.") from None
    except RecursionError:
        raise ValueProblem(f"`{path}` is nested too deeply to hold numbers.") from None
    if not isinstance(read, dict):
        raise ValueProblem(f"`{path}` must hold one object.", remedy='Write {"W_1": [[1, 2], [3, 4]], "b_1": [0, 0]}.')
    return {name: _value(name, value, 0) for name, value in read.items()}


def _value(name: str, value: object, depth: int) -> Value:
    if isinstance(value, list) and depth < DEEPEST:
        return [_value(name, item, depth + 1) for item in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isfinite(number):
            return number
    shown = json.dumps(value)
    shown = shown if len(shown) < 40 else shown[:40] + "..."
    raise ValueProblem(
        f"The value of `{name}` holds {shown}, which is not a finite number.",
        remedy=f"Write a number, or nested lists of numbers of one length, at most {DEEPEST} deep.",
    )


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise ValueProblem(f"`{name}` has two values.")
        found[name] = value
    return found


def _refuse(constant: str) -> float:
    raise ValueProblem(f"{constant} is not a number that can be used.")
