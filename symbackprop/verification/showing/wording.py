"""What is said of a verdict in words, the same on a terminal, on a page and in a notebook."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ..verdict import Counterexample, Diagnosis, Judgement, Verdict

MARKS = {"right": "✓", "wrong": "✗", "unreadable": "?", "undecided": "~"}
ORDER = ("right", "wrong", "unreadable", "undecided")
URGENT = ("right", "undecided", "unreadable", "wrong")  # what needs a reader most comes last
CUTS = (10_000, 40, 24)  # characters of a value in a sentence; the next where the sentence would be too long


def place(verdict: Verdict) -> str:
    """Where the claim stands: `line 12`, `cell 3, line 2`."""
    cell = "" if verdict.cell is None else f"cell {verdict.cell}, "
    return f"{cell}line {verdict.line}"


def proof(verdict: Verdict) -> str:
    """What a right claim rests on, in a word or two; nothing for any other."""
    if verdict.status != "right":
        return ""
    if verdict.proof == "symbolic":
        return "proved"
    if verdict.proof == "numeric":
        return f"agrees at {verdict.points} points" if verdict.points > 1 else "agrees in numbers"
    return ""


def basis(verdict: Verdict) -> str:
    """What the verdict rests on: the proof, or the reason why nothing is known; a mistake's sentence says more."""
    reason = "" if verdict.diagnosis is not None else verdict.reason
    return ": ".join(part for part in (proof(verdict), reason) if part)


def kind(diagnosis: Diagnosis | None) -> str:
    """The kind of a mistake, if it is of one."""
    return "" if diagnosis is None or diagnosis.kind == "other" else diagnosis.kind.replace("_", " ")


def mistake(diagnosis: Diagnosis) -> str:
    """The kind and the sentence."""
    return ": ".join(part for part in (kind(diagnosis), diagnosis.message) if part)


def summary(verdicts: Sequence[Verdict]) -> str:
    """`12 right (10 proved), 2 wrong, 1 unreadable`."""
    if not verdicts:
        return "No claim about this network was found."
    parts = []
    for status in ORDER:
        found = [v for v in verdicts if v.status == status]
        if found:
            parts.append(f"{len(found)} {status}{_of_these(found) if status == 'right' else ''}")
    return ", ".join(parts)


def _of_these(right: Sequence[Verdict]) -> str:
    proved = sum(v.proof == "symbolic" for v in right)
    bound = sum(v.condition is not None for v in right)
    words = (
        [f"{proved} proved"] if proved else ["agreeing in numbers"] if all(v.proof == "numeric" for v in right) else []
    )
    words += [f"{bound} under a condition"] if bound else []
    return f" ({', '.join(words)})" if words else ""


def follows(verdict: Verdict) -> str:
    """How a claim depends on an earlier mistake; nothing if it does not."""
    if verdict.follows is None:
        return ""
    verb = "carries on" if verdict.status == "right" else "follows"
    where = "earlier in this line" if verdict.follows == verdict.line else f"in line {verdict.follows}"
    return f"{verb} from the mistake {where}"


def networks(judgement: Judgement) -> str:
    """The names of the networks that the answer was judged against, in order of first use."""
    return ", ".join(dict.fromkeys(v.network for v in judgement.verdicts if v.network)) or judgement.network


def judged_against(judgement: Judgement) -> str:
    """`network tanh_net`, `networks first, second`."""
    names = networks(judgement)
    return f"network{'s' if ', ' in names else ''} {names}"


def followers(judgement: Judgement) -> dict[int, tuple[int, ...]]:
    """For the line of each mistake, the later lines that only follow from it."""
    found: dict[int, list[int]] = {}
    for verdict in judgement.verdicts:
        if verdict.follows in (None, verdict.line):
            continue
        assert verdict.follows is not None
        if verdict.line not in found.setdefault(verdict.follows, []):
            found[verdict.follows].append(verdict.line)
    return {line: tuple(sorted(later)) for line, later in found.items()}


def lines_follow(lines: Sequence[int]) -> str:
    """Which other lines only follow from a mistake, as a sentence."""
    one = len(lines) == 1
    return f"Line{'' if one else 's'} {listed([str(n) for n in lines])} only follow{'s' if one else ''} from this."


def gathered(verdicts: Sequence[Verdict]) -> Iterator[tuple[Verdict, tuple[str, ...]]]:
    """Each verdict with what it is about; what is said of one place for the same reason is said once."""
    for _, same in groupby(verdicts, key=_said):
        found = list(same)
        together = len(found) > 1 and found[0].status in ("unreadable", "undecided")
        if together:
            targets = tuple(dict.fromkeys(v.target for v in found))
            yield found[0], targets if len(targets) > 1 else ()
        else:
            yield from ((v, ()) for v in found)


def _said(verdict: Verdict) -> tuple[object, ...]:
    return verdict.status, verdict.start, verdict.end, verdict.claim, verdict.reason, verdict.fragment


def about(targets: Sequence[str], most: int = 6) -> str:
    """`about dJ/dW_1, dJ/dW_2 and 3 more`; nothing for nothing."""
    if not targets:
        return ""
    rest = len(targets) - most
    return f"about {', '.join(targets[:most])} and {rest} more" if rest > 0 else f"about {listed(targets)}"


def listed(words: Sequence[str], last: str = " and ") -> str:
    """`a, b and c`."""
    return last.join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


# ---------------------------------------------------------------------- numbers


def number(value: float | None) -> str:
    """A result, with a decimal point."""
    if value is None:
        return "without a value"
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinite"
    shown = f"{value:.6g}"
    return shown if any(c in shown for c in ".e") else f"{shown}.0"


def values(value: Any, most: int = 200) -> str:
    """A number, or nested lists of numbers, as Python writes them; longer than `most` characters it ends in dots."""
    shown = _nested(value)
    if len(shown) <= most:
        return shown
    if not isinstance(value, (list, tuple)) or not value:
        return f"{shown[: most - 3]}..."
    first = values(value[0], most)
    return f"[{first}, ...]" if len(value) > 1 else f"[{first}]"


def _nested(value: Any, depth: int = 0) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_nested(v, depth + 1) for v in value)}]" if depth < 12 else "[...]"
    if isinstance(value, (bool, int)):
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def entry(found: Counterexample) -> str:
    """`entry (1, 2)`, counted from 1 as on paper; nothing for a scalar."""
    if not found.entry:
        return ""
    indices = ", ".join(str(k + 1) for k in found.entry)
    return f"entry ({indices})" if len(found.entry) > 1 else f"entry {indices}"


def numbers(found: Counterexample) -> str:
    """`yours 3.0, true 1.5, difference quotient 1.5`."""
    quotient = "" if found.difference is None else f", difference quotient {number(found.difference)}"
    return f"yours {number(found.claimed)}, true {number(found.true)}{quotient}"


def counterexample(found: Counterexample, room: int = 160) -> str:
    """The numbers at which a claim fails, as one sentence of about two lines of a terminal."""
    where = ": ".join(part for part in (entry(found), numbers(found)) if part)
    parts = [f"{name} = {size}" for name, size in found.sizes.items()]
    room -= len("at : ") + len(where)
    tried = ([*parts, *(f"{name} = {values(value, most)}" for name, value in found.values.items())] for most in CUTS)
    at = next((", ".join(t) for t in tried if len(", ".join(t)) <= room), None)
    at = _as_far_as_it_goes(found, parts, room - len(", ...")) if at is None else at
    return f"at {at}: {where}" if at else where


def _as_far_as_it_goes(found: Counterexample, parts: Sequence[str], room: int) -> str:
    """The first symbols, and dots for the others."""
    kept = ", ".join(parts)
    for name, value in found.values.items():
        longer = ", ".join(filter(None, (kept, f"{name} = {values(value, CUTS[-1])}")))
        if len(longer) > room:
            break
        kept = longer
    return ", ".join(filter(None, (kept, "...")))
