"""Jobs in processes of their own: one job with its limits, and many at a time on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

from .records import Record, as_json, from_json

ROOT = Path(__file__).resolve().parent.parent.parent  # what must be importable in the process
GLANCE = 0.05  # seconds between two looks at a process
MOST_SAID = 300  # characters of what a process that failed has printed
T = TypeVar("T")
R = TypeVar("R")


def run_alone(job: dict[str, Any], stop: Event | None = None) -> Record:
    """Judge a job in a process of its own, which is ended with all that it has started when its time is over.

    Raises:
        KeyboardInterrupt: `stop` was set in the meantime.
    """
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        stdin.write(json.dumps(job).encode("ascii"))
        stdin.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "symbackprop.grading.alone"],  # -P: nothing is imported from this folder
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env=_environment(),
            start_new_session=True,
        )
        try:
            ended = _waited(process, job["timeout"], stop)
        finally:
            _end(process)
        stdout.seek(0)
        stderr.seek(0)
        if not ended:
            return Record("time-out", message=f"Judging it took longer than {job['timeout']:g} seconds.")
        try:
            return from_json(stdout.read().decode("ascii"))
        except ValueError:
            return _failed(process.returncode, stderr.read().decode("utf-8", "replace"))


def run_text(text: str) -> str:
    """The same with a job and a record as JSON: what is sent to another machine."""
    return as_json(run_alone(json.loads(text)))


def _environment() -> dict[str, str]:
    one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return os.environ | one | {"PYTHONPATH": path, "PYTHONHASHSEED": "0"}


def _waited(process: subprocess.Popen[bytes], seconds: float, stop: Event | None) -> bool:
    """Whether the process has ended by itself in this time."""
    deadline = time.monotonic() + seconds
    while process.poll() is None:
        if stop is not None and stop.is_set():
            raise KeyboardInterrupt
        if time.monotonic() > deadline:
            return False
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GLANCE)
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it has started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _failed(code: int, said: str) -> Record:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = lines[-1][:MOST_SAID] if lines else "nothing was printed"
    if last.startswith("MemoryError"):
        return Record("memory", message="Judging it needs more memory than it may have.")
    return Record("crashed", message=f"Judging it failed with code {code}: {last}")


def in_threads(work: Callable[[T, Event], R], things: Iterable[T], workers: int) -> Generator[tuple[T, R]]:
    """Each thing with what the work made of it, as it is done, `workers` at a time.

    An interruption ends what is running, and is raised again.
    """
    stop = Event()
    left = iter(things)
    running: dict[Future[R], T] = {}
    with ThreadPoolExecutor(workers) as pool:
        try:
            while True:
                while len(running) < workers and (thing := next(left, None)) is not None:
                    running[pool.submit(work, thing, stop)] = thing
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield running.pop(future), future.result()
        except BaseException:
            stop.set()
            raise
