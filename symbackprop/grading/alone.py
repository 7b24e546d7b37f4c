"""The program that judges one submission in a process of its own: `python -m symbackprop.grading.alone`.

Standard input holds a job as JSON; standard output gets the record. What fails otherwise ends the process, and whoever
started it says so.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import SymbackpropError
from .networks import Network
from .records import Record, as_json

if TYPE_CHECKING:
    from ..verification.verdict import Judgement

JUDGE = "symbackprop.grading.engine:judge"


def judged(job: dict[str, Any]) -> Record:
    """Every file of the job, judged; a file that the judge refuses is among `refused` with the reason."""
    model = Network.from_dict(job["network"]).model()
    judge = _judge(job["judge"])
    judgements: list[Judgement] = []
    refused: list[tuple[str, str]] = []
    for name, text in job["files"]:
        try:
            judgements.append(judge(model, name, text, job["options"]))
        except SymbackpropError as error:
            where = "" if error.span is None else f"Line {error.span.line}: "
            refused.append((name, f"{where}{error}"))
        except MemoryError:
            return Record("memory", message="Judging it needs more memory than it may have.")
    return Record("judged", tuple(judgements), refused=tuple(refused))


def _judge(name: str) -> Callable[..., Judgement]:
    module, _, function = name.partition(":")
    found: Callable[..., Judgement] = getattr(import_module(module), function)
    return found


def limit_memory(megabytes: int) -> None:
    """No more memory than this from now on, where the system has such a limit."""
    try:
        import resource
    except ImportError:  # Windows
        return
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = megabytes << 20
    resource.setrlimit(resource.RLIMIT_AS, (wanted if most < 0 else min(wanted, most),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """One job, one record."""
    channel = os.dup(1)
    os.dup2(2, 1)  # whatever else is printed is no record
    job = json.load(sys.stdin.buffer)
    limit_memory(job["memory"])
    record = judged(job)
    with os.fdopen(channel, "wb") as stream:
        stream.write(as_json(record).encode("ascii"))


if __name__ == "__main__":
    main()
