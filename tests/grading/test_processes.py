"""One submission in a process of its own: what happens to it stays there."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from symbackprop.grading.batch import Grader
from symbackprop.grading.processes import in_threads, run_alone, run_text
from symbackprop.grading.records import from_json
from symbackprop.grading.submissions import Content


def job(grader: Callable[..., Grader], text: str, **settings: Any) -> dict[str, Any]:
    return grader(**settings)._job(Content({"a.tex": text}, (), ()))[1]


def running(mark: str) -> list[str]:
    """The processes whose command line holds this mark, after a while in which the killed ones can go."""
    for _ in range(50):
        found = _running(mark)
        if not found:
            break
        time.sleep(0.1)
    return found


def _running(mark: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark in path.read_text(errors="replace"):
                found.append(str(path))
        except OSError:
            continue
    return found


def test_a_submission_is_judged_whatever_its_judge_prints(grader: Callable[..., Grader]) -> None:
    record = run_alone(job(grader, "print\nright dJ/dW\nwrong dJ/db kind=sign"))
    assert record.end == "judged"
    assert [(v.status, v.target, v.line) for v in record.verdicts] == [("right", "dJ/dW", 2), ("wrong", "dJ/db", 3)]


@pytest.mark.parametrize(
    ("text", "end", "words"),
    [
        ("crash", "crashed", "ZeroDivisionError: something of ours broke"),
        ("segfault", "crashed", "code -6"),
        ("hungry", "memory", "more memory"),
        ("refuse", "judged", ""),
    ],
)
def test_what_goes_wrong_in_it_has_a_word(grader: Callable[..., Grader], text: str, end: str, words: str) -> None:
    record = run_alone(job(grader, text))
    assert (record.end, words in record.message) == (end, True), record
    if text == "refuse":
        assert record.refused == (("a.tex", "Line 1: The answer is of no kind."),)


def test_when_its_time_is_over_everything_that_it_started_ends(grader: Callable[..., Grader]) -> None:
    record = run_alone(job(grader, "hang mark-of-a-hanging-judge", timeout=1.5))
    assert (record.end, record.message) == ("time-out", "Judging it took longer than 1.5 seconds.")
    assert not running("mark-of-a-hanging-judge")


def test_nothing_is_imported_from_the_folder_that_it_runs_in(
    grader: Callable[..., Grader], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise SystemExit('a student wrote this')")
    (tmp_path / "json.py").write_text("raise SystemExit('a student wrote this')")
    monkeypatch.chdir(tmp_path)
    assert run_alone(job(grader, "right dJ/dW")).end == "judged"


def test_a_job_and_its_record_travel_as_text(grader: Callable[..., Grader]) -> None:
    text = json.dumps(job(grader, "right dJ/dW"))
    assert from_json(run_text(text)).verdicts[0].target == "dJ/dW"


def test_an_interruption_ends_what_runs(grader: Callable[..., Grader]) -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(KeyboardInterrupt):
        run_alone(job(grader, "hang mark-of-an-interrupted-judge"), stop)
    assert not running("mark-of-an-interrupted-judge")


def test_no_more_run_at_a_time_than_there_are_workers() -> None:
    now, most, lock = 0, 0, threading.Lock()

    def work(number: int, stop: threading.Event) -> int:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.01)
        with lock:
            now -= 1
        return number**2

    assert sorted(in_threads(work, range(1, 20), 3)) == [(k, k * k) for k in range(1, 20)]
    assert most == 3


def test_an_interruption_between_two_results_reaches_the_workers() -> None:
    seen: list[bool] = []

    def work(number: int, stop: threading.Event) -> None:
        if number:
            seen.append(stop.wait(20))

    results = in_threads(work, range(3), 3)
    next(results)
    results.close()
    assert seen == [True, True]
