"""Jobs on a Dask cluster: the same work, sent as text; a job whose worker dies goes to another."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Iterable
from importlib import import_module
from queue import SimpleQueue
from typing import Any

from ..errors import ReadError
from .processes import run_text
from .records import Record, from_json

MOST_AT_ONCE = 200  # jobs that wait on the cluster
TRIES = 4  # of a job that ends with its worker
SECONDS_TO_CONNECT = 15


def connect(address: str) -> Any:
    """A client of the scheduler at this address; ReadError without Dask, or if nobody answers."""
    try:
        distributed = import_module("distributed")
    except ImportError:
        raise ReadError("Dask is not installed.", remedy="pip install 'symbackprop[cluster]'") from None
    try:
        return distributed.Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise ReadError(
            f"There is no scheduler at `{address}`: {error}.", remedy="Start `dask scheduler`, and give its address."
        ) from None


def on_cluster(client: Any, jobs: Iterable[tuple[int, str]]) -> Generator[tuple[int, Record]]:
    """Each number with the record of its job, as it is done.

    The jobs are read no faster than they are worked on. An interruption cancels what was sent.
    """
    left = iter(jobs)
    running: dict[Any, tuple[int, str, int]] = {}
    ended: SimpleQueue[Any] = SimpleQueue()

    def send(number: int, text: str, tries: int) -> None:
        key = f"symbackprop-{number}-{tries}-{secrets.token_hex(8)}"
        future = client.submit(run_text, text, key=key, pure=False)
        running[future] = number, text, tries
        future.add_done_callback(ended.put)

    try:
        while True:
            while len(running) < MOST_AT_ONCE and (job := next(left, None)) is not None:
                send(*job, 1)
            if not running:
                return
            future = ended.get()
            number, text, tries = running.pop(future)
            if future.status == "finished":
                yield number, from_json(future.result())
            elif tries < TRIES:
                send(number, text, tries + 1)
            else:
                yield number, Record("crashed", message=f"{TRIES} workers ended while judging it.")
    finally:
        client.cancel(list(running))
