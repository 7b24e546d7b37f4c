"""Running somebody's code, on request only: a process of its own with limits, in bubblewrap where that is installed.

The code gets arrays and returns arrays; the true answer never enters its process. Without bubblewrap the limits of the
operating system remain (time, memory, no further process, no byte into a file), and the outcome says so: the code can
then read what its user can read, and signal that user's processes.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ..errors import ReadError

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, Any]

Status: TypeAlias = Literal[
    "done", "time-out", "memory", "output too long", "crashed", "missing", "wrong shape", "wrong dtype",
    "inputs changed", "random",
]  # fmt: skip  # the words of a verdict
STATUSES = frozenset(Status.__args__)  # type: ignore[attr-defined]  # a Literal has them
Isolation: TypeAlias = Literal["bubblewrap", "limits only"]
PROGRAM = Path(__file__).with_name("isolated.py")
Argument: TypeAlias = str | tuple[str, ...]  # an array, or a list of arrays
KINDS = "biuf"
ENDED_BY_CPU = {-24, 128 + 24}  # SIGXCPU, seen directly and through bubblewrap
CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Limits:
    """What code may use: seconds of computing and of waiting, megabytes, bytes printed, bytes of results."""

    cpu: int = 5
    wall: float = 10.0
    memory: int = 1024
    printed: int = 65_536
    results: int = 16_000_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to run and what to take from it.

    With `function`: it is called with the arrays named by `arguments`, in this order (several names are a list), and
    what it returns is called by `outputs` (by number, if there are none), or by its own keys if it is a dictionary.
    Without: the source is a script that finds every array under its name, and `outputs` are the names it leaves.
    """

    outputs: tuple[str, ...] = ()
    function: str | None = None
    arguments: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it; `outputs` is empty unless `status` is "done". `line` is the line of the source that failed.

    `names`: the results because of which the status is what it is.
    """

    status: Status
    isolation: Isolation
    message: str = ""
    line: int | None = None
    outputs: Mapping[str, Array] = field(default_factory=dict)
    printed: str = ""
    network: bool = True
    names: tuple[str, ...] = ()

    @property
    def how(self) -> str:
        """One sentence on the isolation, for a report."""
        if self.isolation == "bubblewrap":
            return "in a process of its own under bubblewrap: no network, nothing to write to, limits"
        network = "the network within reach" if self.network else "no network"
        return f"in a process of its own with limits only (bubblewrap is not installed or not usable): {network}"


def run(
    source: str,
    wanted: Wanted,
    arrays: Mapping[str, Array],
    limits: Limits = Limits(),
    *,
    name: str = "answer.py",
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    isolation: Isolation | None = None,
) -> Outcome:
    """Run `source` twice on copies of the arrays and compare: the same results, and the inputs as they were.

    `shapes` are those that the outputs must have. `isolation` asks for one kind; else the best there is.

    Raises:
        ReadError: this system has no limits for processes, or bubblewrap was asked for and does not work here.
    """
    kind = _chosen(isolation)
    request = {
        "source": source,
        "filename": name,
        "function": wanted.function,
        "arguments": wanted.arguments,
        "outputs": wanted.outputs,
        "limits": {"cpu": limits.cpu, "memory": limits.memory << 20},
        "sandboxed": kind == "bubblewrap",
        "arrays": [(key, array.dtype.str, array.shape) for key, array in arrays.items()],
    }
    bodies = b"".join(array.tobytes() for array in arrays.values())
    with tempfile.TemporaryDirectory(prefix="symbackprop-") as empty, tempfile.TemporaryFile() as stdin:
        stdin.write(json.dumps(request).encode("ascii") + b"\n" + bodies)
        stdin.seek(0)
        if os.geteuid() == 0:
            Path(empty).chmod(0o755)
        command = [sys.executable, "-I", "-B", str(PROGRAM)]
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*_sandbox(), *command] if kind == "bubblewrap" else command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=empty,
            env=_environment(),
        )
        try:
            ended, results, printed = _listen(process, limits)
        finally:
            process.kill()
            process.wait()
            for stream in (process.stdout, process.stderr):
                assert stream is not None
                stream.close()
    outcome = _understood(ended, process.returncode, results, printed, kind)
    return _checked(outcome, shapes or {})


def available() -> Isolation:
    """The best isolation of this machine; ReadError where there is none."""
    if os.name != "posix":
        raise ReadError(
            "This system has no limits for processes, so that code is not run here.",
            remedy="Leave out --run, or use Linux or macOS.",
        )
    return "bubblewrap" if _bubblewrap_works() else "limits only"


def _chosen(asked: Isolation | None) -> Isolation:
    best = available()
    if asked == "bubblewrap" and best != "bubblewrap":
        raise ReadError("bubblewrap is not installed, or not allowed here.", remedy="Install the program `bwrap`.")
    return asked or best


def _environment() -> dict[str, str]:
    one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")
    return one | {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}


@cache
def _bubblewrap_works() -> bool:
    if shutil.which("bwrap") is None:
        return False
    probe = [*_sandbox(), sys.executable, "-I", "-c", "import numpy"]
    try:
        done = subprocess.run(probe, capture_output=True, env=_environment(), timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@cache
def _sandbox() -> tuple[str, ...]:
    """bubblewrap: own namespaces, only what Python needs to be read, an empty folder to stand in."""
    import numpy

    needed = (sys.base_prefix, sys.prefix, str(Path(numpy.__file__).parent.parent), str(PROGRAM))
    seen = dict.fromkeys(path for path in needed if not path.startswith("/usr/"))
    words = [shutil.which("bwrap") or "bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
    words += ["--unshare-cgroup-try", "--die-with-parent", "--new-session"]
    # Root becomes nobody inside, for which it keeps two rights; anybody else has none from the start.
    words += (
        ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        if os.geteuid() == 0
        else ["--unshare-user", "--cap-drop", "ALL"]
    )
    words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--ro-bind", "/usr", "/usr"]  # noqa: S108
    for path in ("/bin", "/lib", "/lib64", "/lib32"):
        if Path(path).is_symlink():
            words += ["--symlink", os.readlink(path), path]  # noqa: PTH115 - as written
        elif Path(path).is_dir():
            words += ["--ro-bind", path, path]
    words += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    for path in sorted(seen, key=len):
        for above in reversed(Path(path).parents[:-1]):
            words += ["--perms", "0755", "--dir", str(above)]
        words += ["--ro-bind", path, path]
    return (*words, "--perms", "0755", "--dir", "/answer", "--remount-ro", "/", "--chdir", "/answer", "--")


def _listen(process: subprocess.Popen[bytes], limits: Limits) -> tuple[Status | None, bytes, bytes]:
    """What the process writes, until it ends or one of its limits is passed, which is then the status."""
    assert process.stdout is not None
    assert process.stderr is not None
    heard = {process.stdout: bytearray(), process.stderr: bytearray()}
    most = {process.stdout: limits.results, process.stderr: limits.printed}
    passed: Status | None = None
    deadline = time.monotonic() + limits.wall
    with selectors.DefaultSelector() as waiting:
        for stream in heard:
            waiting.register(stream, selectors.EVENT_READ)
        while waiting.get_map() and passed is None:
            left = deadline - time.monotonic()
            if left <= 0:
                passed = "time-out"
                break
            for key, _ in waiting.select(left):
                stream = process.stdout if key.fileobj is process.stdout else process.stderr
                data = os.read(stream.fileno(), CHUNK)
                heard[stream] += data
                if not data:
                    waiting.unregister(stream)
                elif len(heard[stream]) > most[stream]:
                    passed = "output too long"
        if passed is None:
            try:
                process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                passed = "time-out"
    return passed, bytes(heard[process.stdout]), bytes(heard[process.stderr][: limits.printed])


MESSAGES: dict[str, str] = {
    "time-out": "The code did not end in time.",
    "output too long": "The code prints or returns more than is read.",
}


def _understood(ended: Status | None, code: int, results: bytes, printed: bytes, kind: Isolation) -> Outcome:
    text = printed.decode("utf-8", "replace")
    if ended is not None:
        return Outcome(ended, kind, MESSAGES[ended], printed=text)
    if code in ENDED_BY_CPU:
        return Outcome("time-out", kind, MESSAGES["time-out"], printed=text)
    if not results:
        return Outcome("crashed", kind, f"The code ended its process without a result (code {code}).", printed=text)
    head, _, body = results.partition(b"\n")
    try:
        found = json.loads(head)
        status, message, line = found["status"], str(found["message"])[:1000], found.get("line")
        if status not in STATUSES:
            raise ValueError("no status")
        outputs = _arrays(found.get("outputs", []), body)
        names = tuple(str(name)[:100] for name in found.get("names", ()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Outcome("crashed", kind, "What the code's process sent is no result.", printed=text)
    where = line if isinstance(line, int) else None
    return Outcome(status, kind, message, where, outputs, text, not found.get("alone", False), names)


def _arrays(listed: Any, body: bytes) -> dict[str, Array]:
    """The arrays in `body`; ValueError unless every size is true."""
    import numpy as np

    found: dict[str, Array] = {}
    start = 0
    for name, dtype, shape in listed:
        kind = np.dtype(dtype)
        if kind.kind not in KINDS or not all(isinstance(n, int) and 0 <= n < 1 << 31 for n in shape):
            raise ValueError("no array of numbers")
        count = 1
        for n in shape:
            count *= n
        end = start + count * kind.itemsize
        found[str(name)] = np.frombuffer(body[start:end], kind).reshape(shape)
        start = end
    if start != len(body):
        raise ValueError("more than the arrays")
    return found


def _checked(outcome: Outcome, shapes: Mapping[str, tuple[int, ...]]) -> Outcome:
    """The outcome, with the shapes compared."""
    if outcome.status != "done":
        return outcome
    for name, shape in shapes.items():
        if name in outcome.outputs and outcome.outputs[name].shape != tuple(shape):
            message = f"{name} has shape {outcome.outputs[name].shape}; {tuple(shape)} was expected."
            return replace(outcome, status="wrong shape", message=message, outputs={}, names=(name,))
    return outcome
