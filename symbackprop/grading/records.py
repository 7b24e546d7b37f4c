"""Judgements as JSON and back, and the folder in which those of a batch are kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from ..files import write_files
from ..verification.verdict import Counterexample, Diagnosis, Judgement, PassedOver, Verdict

End: TypeAlias = Literal["judged", "time-out", "memory", "crashed"]
KEPT: frozenset[End] = frozenset({"judged", "time-out", "memory"})  # a crash may be the machine's: it is tried again
FORMAT = 1  # of what is kept; another number, and everything is judged anew


@dataclass(frozen=True, slots=True)
class Record:
    """What came of one submission: a judgement for each file, or why there is none.

    `refused` are files that could not be read, with the reason; `empty` those without a word.
    """

    end: End
    judgements: tuple[Judgement, ...] = ()
    message: str = ""
    refused: tuple[tuple[str, str], ...] = ()
    empty: tuple[str, ...] = ()

    @property
    def verdicts(self) -> list[Verdict]:
        """Those of all files, in order."""
        return [verdict for judgement in self.judgements for verdict in judgement.verdicts]

    def with_files(self, refused: tuple[tuple[str, str], ...], empty: tuple[str, ...]) -> Record:
        """The record, with files that were not even looked at."""
        return replace(self, refused=(*refused, *self.refused), empty=empty)


def as_json(record: Record) -> str:
    """One object; numbers of NumPy and fractions become plain ones."""
    return json.dumps(asdict(record) | {"format": FORMAT}, default=_plain, ensure_ascii=True)


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    return float(value) if hasattr(value, "__float__") else str(value)


def from_json(text: str) -> Record:
    """The record of a text; ValueError if it is none, or of another format."""
    try:
        found = json.loads(text)
        if found["format"] != FORMAT or found["end"] not in get_args(End):
            raise ValueError("another format")
        return Record(
            end=found["end"],
            judgements=tuple(_judgement(each) for each in found["judgements"]),
            message=found["message"],
            refused=tuple((name, why) for name, why in found["refused"]),
            empty=tuple(found["empty"]),
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"no record: {error}") from None


def _judgement(found: dict[str, Any]) -> Judgement:
    lists = {name: tuple(found[name]) for name in ("conventions", "renamings", "missing", "proposals")}
    verdicts = tuple(_verdict(each) for each in found["verdicts"])
    passed = tuple(PassedOver(**each) for each in found["passed_over"])
    return Judgement(**(found | lists | {"verdicts": verdicts, "passed_over": passed}))


def _verdict(found: dict[str, Any]) -> Verdict:
    diagnosis, example = found["diagnosis"], found["counterexample"]
    if diagnosis is not None:
        diagnosis = Diagnosis(**diagnosis)
    if example is not None:
        example = Counterexample(**(example | {"entry": tuple(example["entry"])}))
    return Verdict(**(found | {"diagnosis": diagnosis, "counterexample": example}))


def digest(*parts: object) -> str:
    """A name for what these parts say, the same on every machine."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:24]


@cache
def program() -> str:
    """A digest of this package: what another version of it thought is not kept."""
    here = Path(__file__).resolve().parent.parent
    whole = hashlib.sha256()
    for path in sorted(here.rglob("*.py")):
        whole.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


@dataclass(frozen=True, slots=True)
class Store:
    """Records by the digest of what was judged, each a file that appears whole or not at all."""

    folder: Path

    def get(self, name: str) -> Record | None:
        """The record of this name, if there is one that can be read."""
        path = self.folder / f"{name}.json"
        try:
            return None if path.is_symlink() else from_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def put(self, name: str, record: Record) -> None:
        """Keep a record; OutputError if it cannot be written."""
        if record.end in KEPT:
            write_files(self.folder, {f"{name}.json": as_json(record) + "\n"})
