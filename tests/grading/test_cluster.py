"""The same work on a Dask cluster: nothing is lost when a worker dies."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from copy import copy
from pathlib import Path

import pytest
from distributed import Client, LocalCluster

from symbackprop.errors import ReadError
from symbackprop.grading.batch import Grader, Wishes
from symbackprop.grading.cluster import TRIES, on_cluster
from symbackprop.grading.records import Record, as_json

from .conftest import Class

pytestmark = pytest.mark.filterwarnings("ignore")  # Dask warns of slow machines and of the workers that are killed here
GOOD = "right dJ/dW\nright dJ/db"


@pytest.fixture
def cluster(grader: Callable[..., Grader]) -> Iterator[LocalCluster]:
    """Two workers, each a process with one thread; made after `grader`, whose judge they have to find."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=60
    ) as made:
        yield made


def test_a_class_is_graded_and_nothing_lost_when_a_worker_is_killed(
    submitted: Class, grader: Callable[..., Grader], cluster: LocalCluster, tmp_path: Path
) -> None:
    folder = submitted({f"s{k}.tex": f"pause 0.4\n{GOOD}" for k in range(8)})
    killed: list[int] = []

    def kill(count: int, total: int, student: str, record: Record) -> None:
        if count == 1:
            with Client(cluster.scheduler_address, set_as_default=False) as client:
                killed.extend(client.run(os.getpid).values())
            os.kill(killed[0], 9)

    batch = grader(scheduler=cluster.scheduler_address).grade(folder, Wishes(), kill)
    assert killed
    assert [(g.student, g.score, g.record.end) for g in batch.grades] == [(f"s{k}", 2, "judged") for k in range(8)]
    again = grader(scheduler=cluster.scheduler_address).grade(folder, Wishes())
    assert again.kept == 8
    mark = tmp_path / "mark"
    folder = submitted({"killer.tex": f"once {mark}\n{GOOD}"})
    last = grader(scheduler=cluster.scheduler_address).grade(folder, Wishes())
    assert (last.grades[0].student, last.grades[0].score, last.grades[0].record.end) == ("killer", 2, "judged")
    assert mark.exists()


class Dying:
    """A cluster whose workers die `times` times under each job."""

    def __init__(self, times: int) -> None:
        self.times, self.sent, self.cancelled = times, 0, []

    def submit(self, function: object, text: str, **options: object) -> Dying:
        self.sent += 1
        future = copy(self)
        future.status = "error" if self.sent <= self.times else "finished"
        future.result = lambda: as_json(Record("judged", message=text))
        return future

    def add_done_callback(self, function: Callable[[Dying], None]) -> None:
        function(self)

    def cancel(self, futures: list[Dying]) -> None:
        self.cancelled = futures


def test_a_job_that_ends_with_its_worker_is_sent_again_but_not_for_ever() -> None:
    assert list(on_cluster(Dying(TRIES - 1), [(7, "job")])) == [(7, Record("judged", message="job"))]
    [(_, record)] = on_cluster(Dying(TRIES), [(7, "job")])
    assert (record.end, record.message) == ("crashed", "4 workers ended while judging it.")


def test_an_interruption_takes_back_what_was_sent() -> None:
    client = Dying(0)
    results = on_cluster(client, [(k, "job") for k in range(5)])
    next(results)
    results.close()
    assert len(client.cancelled) == 4


def test_nobody_at_the_address_is_an_error_that_says_so(
    submitted: Class, grader: Callable[..., Grader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("symbackprop.grading.cluster.SECONDS_TO_CONNECT", 0.3)
    before = time.monotonic()
    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        with pytest.raises(ReadError, match="no scheduler"):
            grader(scheduler=address).grade(submitted({"a.tex": GOOD}), Wishes())
    assert time.monotonic() - before < 60
