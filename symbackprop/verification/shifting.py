"""Indices that are all off by one: a shift that would make most claims right is proposed, and never applied."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..answers.passage import Passage
from .bench import Bench
from .claims import Claims, Link
from .formulas import Judged, judge

_NUMBERED = re.compile(r"([A-Za-z]+?)_?(\d+)")


def proposals(bench: Bench, judged: Sequence[tuple[Link, Judged]], passages: Sequence[Passage]) -> tuple[str, ...]:
    """`--let` options that would make most claims right, for letters of nodes shifted by one."""
    bad = sum(1 for _, j in judged if j.outcome.status in ("wrong", "unreadable"))
    if len(judged) < 3 or bad * 2 <= len(judged):
        return ()
    families: dict[str, set[int]] = {}
    for name in bench.model.equations:
        found = _NUMBERED.fullmatch(name)
        if found:
            families.setdefault(found.group(1), set()).add(int(found.group(2)))
    best: tuple[int, dict[str, str]] = (len(judged) - bad, {})
    for letters in [*((f,) for f in families), tuple(families)]:
        for step in (1, -1):
            let = {
                f"{f}_{{{n}}}" if n > 9 else f"{f}_{n}": f"{f}_{n + step}"
                for f in letters
                for n in range(min(families[f]) - 1, max(families[f]) + 2)
                if n + step in families[f] and n >= 0
            }
            count = _right(bench, let, passages)
            if count > best[0]:
                best = (count, let)
    if not best[1] or best[0] * 2 <= len(judged):
        return ()
    told = " ".join(f"--let '{k}={v}'" for k, v in best[1].items())
    return (f"With {told} {best[0]} of {len(judged)} claims are right.",)


def _right(bench: Bench, let: dict[str, str], passages: Sequence[Passage]) -> int:
    shifted = bench.renamed(let)
    claims = Claims(shifted)
    claims.read(passages)
    return sum(judge(shifted, item).outcome.status == "right" for item in claims.items if isinstance(item, Link))
