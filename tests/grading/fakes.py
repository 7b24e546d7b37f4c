"""Judges that tests put in the place of the real one; a submission's text says what is to be thought of it.

A line is a status, a target, and what else there is: `wrong dJ/dW kind=transpose follows=1`, `hang`, `crash`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from symbackprop.errors import ReadError, Span
from symbackprop.verification.verdict import Diagnosis, Judgement, PassedOver, Verdict

REPAIR = r"\frac{1}{n} SECRET^T"


def judge(model: Any, name: str, text: str, options: Mapping[str, Any]) -> Judgement:
    """What the text says."""
    if "log" in options:
        with Path(options["log"]).open("a") as log:
            log.write(f"{name}\n")
    verdicts, passed, proposals = [], [], []
    for line, words in enumerate(text.splitlines(), start=1):
        first, *rest = words.split() or [""]
        if first in DEEDS:
            DEEDS[first](rest)
        elif first == "refuse":
            raise ReadError("The answer is of no kind.", span=Span(line, 1, line, 2))
        elif first == "passed":
            passed.append(PassedOver(line, " ".join(rest), "It holds no derivative."))
        elif first == "unread":
            passed.append(PassedOver(line, "", "A cell could not be read."))
        elif first == "propose":
            proposals.append("--let 'z_0=z_1'")
        elif first:
            verdicts.append(verdict(name, line, words))
    return Judgement(name, model.name, tuple(verdicts), text, passed_over=tuple(passed), proposals=tuple(proposals))


def verdict(name: str, line: int, words: str) -> Verdict:
    """The verdict of one line."""
    status, target, *rest = words.split()
    more = dict(word.split("=") for word in rest)
    diagnosis = None
    if "kind" in more:
        hint = f"A {more['kind']}: ours is (h, d)." if "silent" not in more else ""
        diagnosis = Diagnosis(more["kind"], f"It should be {REPAIR}.", hint, REPAIR, "SECRET.T / n")
    follows = int(more["follows"]) if "follows" in more else None
    return Verdict(
        name, "net", line, 0, 1, more.get("claim", words), target, status, "symbolic" if status == "right" else None,
        more.get("if"), diagnosis, None, f"because of {status}", follows=follows,
    )  # fmt: skip  # the class's order


def _hang(rest: list[str]) -> None:
    subprocess.Popen([sys.executable, "-c", f"import time; time.sleep(60)  # {rest[0]}"])
    time.sleep(60)


def _hungry(rest: list[str]) -> None:
    bytearray(4 << 30)


def _crash(rest: list[str]) -> None:
    raise ZeroDivisionError("something of ours broke")


def _print(rest: list[str]) -> None:
    os.write(1, b"not a record\n")


def _pause(rest: list[str]) -> None:
    time.sleep(float(rest[0]))


def _once(rest: list[str]) -> None:
    """The first time, the process that started this one dies, as a worker of a cluster may."""
    mark = Path(rest[0])
    if not mark.exists():
        mark.write_text("")
        os.kill(os.getppid(), 9)
        time.sleep(60)


DEEDS = {
    "hang": _hang, "hungry": _hungry, "crash": _crash, "segfault": lambda rest: os.abort(), "print": _print,
    "pause": _pause, "once": _once,
}  # fmt: skip  # a table
