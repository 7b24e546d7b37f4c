"""A class graded: every submission judged once, then points, tables, a page, and a file for each student."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from ..errors import ReadError, SymbackpropError
from ..files import write_files
from ..network import Model
from . import points as asked
from .alone import JUDGE
from .decisions import FILE, decisions, unused, vague
from .gradescope import Show, file_names, results
from .networks import Network
from .processes import in_threads, run_alone
from .records import Record, Store, digest, program
from .scoring import Grade, grade
from .submissions import Content, Submission, content, submissions
from .summary import page
from .tables import first_decisions, tables

Progress = Callable[[int, int, str, Record], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How submissions are judged: seconds and megabytes for each, and what the judge is told.

    `judge` is a function by module and name; it gets the network, a file's name, its text, and `options`.
    """

    timeout: float = 60.0
    memory: int = 1024
    options: Mapping[str, Any] = field(default_factory=dict)
    judge: str = JUDGE


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for: a teacher's own solution, a table of points, names; nothing means every parameter."""

    key: Path | None = None
    points: Path | None = None
    require: str | None = None


class KeyNotRight(SymbackpropError):
    """The teacher's own solution is not right as a whole; `record` says where."""

    def __init__(self, record: Record, path: Path) -> None:
        super().__init__(
            f"The solution `{path}` is not right as a whole, so nothing was graded by it.",
            remedy="Correct it, or leave out --key.",
        )
        self.record = record


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of it: grades by student, the files written, how many records were there before, and what to know."""

    grades: tuple[Grade, ...]
    files: tuple[Path, ...]
    kept: int
    warnings: tuple[str, ...]


class Grader:
    """A network, settings and a folder for what comes of it.

    `workers` processes run at a time on this machine; with `scheduler` they run on the Dask cluster at that address.
    """

    def __init__(
        self,
        model: Model,
        network: Network,
        output: Path,
        settings: Settings = Settings(),
        *,
        workers: int = 1,
        scheduler: str | None = None,
    ) -> None:
        self.model, self.network, self.output, self.settings = model, network, output, settings
        self.workers, self.scheduler = workers, scheduler
        self.store = Store(output / "judged")
        self.kept = 0

    def points(self, wishes: Wishes) -> Mapping[str, float]:
        """The targets that are asked for, and the points of each.

        Raises:
            KeyNotRight: the solution is wrong, incomplete or not to be decided somewhere.
            ReadError: a file or a name among the wishes cannot be read.
        """
        given = None if wishes.points is None else asked.points(self.model, wishes.points)
        named = () if wishes.require is None else asked.required(self.model, wishes.require)
        stated: tuple[str, ...] = ()
        if wishes.key is not None:
            stated = self._key(wishes.key, (*named, *(given or ())))
        targets = dict.fromkeys((*stated, *named))
        if given is not None:
            return given | {name: 0.0 for name in targets if name not in given}
        return asked.each_one(targets or asked.required(self.model, "parameters"))

    def _key(self, path: Path, needed: Sequence[str]) -> tuple[str, ...]:
        if path.is_dir():
            [found] = submissions(path.parent, [p for p in path.parent.iterdir() if p != path])
        else:
            found = Submission(path.stem, ((path.name, path),))
        record = self._judged(found, Event())
        stated = asked.of_key(record.verdicts)
        good = record.end == "judged" and not record.refused and all(v.status == "right" for v in record.verdicts)
        if not good or not stated or set(needed) - set(stated):
            raise KeyNotRight(record, path)
        return stated

    def grade(self, folder: Path, wishes: Wishes, progress: Progress | None = None) -> Batch:
        """Judge every submission in a folder that is not judged yet, and write the grades.

        Records are kept as they come: after an interruption the same call goes on where it stopped.
        """
        leave_out = [p for p in (wishes.key, wishes.points, self.output) if p is not None]
        found = submissions(folder, leave_out)
        decided = decisions(self.model, self.output)
        worth = self.points(wishes)
        records: dict[str, Record] = {}
        with closing(self._all(found)) as running:
            for submission, record in running:
                records[submission.student] = record
                if progress is not None:
                    progress(len(records), len(found), submission.student, record)
        grades = tuple(grade(s.student, records[s.student], worth, decided) for s in found)
        warnings = [vague(each) for one in grades for each in one.vague]
        warnings += unused(decided, (each for one in grades for each in (*one.used, *one.vague)))
        return Batch(grades, self._written(grades), self.kept, tuple(warnings))

    def write(self, grades: Sequence[Grade], show: Show = "hint") -> tuple[Path, ...]:
        """Write each student's results.json, whose `show` says how much of a mistake is told."""
        names = file_names(each.student for each in grades)
        return write_files(self.output, {f"results/{names[each.student]}.json": results(each, show) for each in grades})

    def _written(self, grades: Sequence[Grade]) -> tuple[Path, ...]:
        files = {**tables(grades), "summary.html": page(grades, self.model.title or self.network.name)}
        if not (self.output / FILE).exists():
            files |= first_decisions()
        return write_files(self.output, files)

    # ------------------------------------------------------------------ judging

    def _all(self, found: Sequence[Submission]) -> Generator[tuple[Submission, Record]]:
        if self.scheduler is None:
            return in_threads(self._judged, found, self.workers)
        return self._on_cluster(found, self.scheduler)

    def _judged(self, submission: Submission, stop: Event) -> Record:
        """The record of a submission, from the store or from a process of its own."""
        read = content(submission)
        name, job = self._job(read)
        record = self._known(name, read)
        if record is None:
            record = run_alone(job, stop)
            self.store.put(name, record)
        return record.with_files(read.refused, read.empty)

    def _on_cluster(self, found: Sequence[Submission], address: str) -> Generator[tuple[Submission, Record]]:
        from .cluster import connect, on_cluster

        sent: dict[int, tuple[str, Content]] = {}
        ready: list[tuple[Submission, Record]] = []

        def jobs() -> Iterator[tuple[int, str]]:
            for number, submission in enumerate(found):
                read = content(submission)
                name, job = self._job(read)
                record = self._known(name, read)
                if record is not None:
                    ready.append((submission, record.with_files(read.refused, read.empty)))
                    continue
                sent[number] = name, Content({}, read.empty, read.refused)
                yield number, json.dumps(job)

        client = connect(address)
        try:
            with closing(on_cluster(client, jobs())) as running:
                for number, record in running:
                    yield from ready
                    ready.clear()
                    name, read = sent.pop(number)
                    self.store.put(name, record)
                    yield found[number], record.with_files(read.refused, read.empty)
            yield from ready
        finally:
            client.close()

    def _known(self, name: str, read: Content) -> Record | None:
        if not read.texts:
            return Record("judged")
        found = self.store.get(name)
        self.kept += found is not None
        return found

    def _job(self, read: Content) -> tuple[str, dict[str, Any]]:
        """A job, and the name of its record: a digest of all that it depends on."""
        settings = self.settings
        job = {
            "network": self.network.as_dict(),
            "files": list(read.texts.items()),
            "options": dict(settings.options),
            "judge": settings.judge,
            "timeout": settings.timeout,
            "memory": settings.memory,
        }
        return digest(program(), job), job


def check_folder(folder: Path) -> None:
    """ReadError unless grades can be kept in this folder."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise ReadError(f"`{folder}` is no folder.", remedy="Choose another with -o.")
