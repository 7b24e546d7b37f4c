"""The program that runs somebody's code, alone in a process of its own: `python -I isolated.py`.

Standard input holds one line of JSON (source, what to call, limits, and the name, dtype and shape of each array), then
the arrays' bytes. Standard output gets one line of JSON and the results' bytes; what the code prints goes to standard
error. This program knows nothing of the package, so the code cannot find a true answer in it; nothing is ever pickled.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Iterable
from types import TracebackType
from typing import Any

import numpy as np

# Loaded before the limits hold: afterwards a user who may read little has to find them.
USUAL = (
    *("collections.abc", "copy", "dataclasses", "enum", "fractions", "functools", "itertools", "math", "operator"),
    *("random", "string", "time", "typing", "warnings", "numpy.fft", "numpy.linalg", "numpy.random", "numpy.testing"),
)

NOBODY = 65534
NEW_NETWORK, NEW_USER = 0x40000000, 0x10000000  # of unshare(2)
DIE_WITH_PARENT, NO_NEW_PRIVILEGES = 1, 38  # of prctl(2)
NUMBERS = "biuf"  # kinds of dtype: truth values, integers, floating point


class Refused(Exception):
    """The code ran, but not to an end that can be compared; `names` of the results because of which."""

    def __init__(self, status: str, message: str, names: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.names = list(names)


def receive() -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """The request and its arrays; afterwards standard input is empty."""
    with os.fdopen(os.dup(0), "rb") as stream:
        request = json.loads(stream.readline())
        arrays = {}
        for name, dtype, shape in request["arrays"]:
            kind = np.dtype(dtype)
            count = int(np.prod(shape, dtype=np.int64))
            arrays[name] = np.frombuffer(stream.read(count * kind.itemsize), kind).reshape(shape)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device
        os.dup2(nothing.fileno(), 0)
    return request, arrays


def confine(limits: dict[str, int], sandboxed: bool) -> bool:
    """Limits that cannot be lifted again: no process more, no byte into a file, no network where the system allows it.

    Returns whether the network is cut off.
    """
    import resource

    parent = os.getppid()
    alone = sandboxed or _without_network()
    ours = {
        resource.RLIMIT_CPU: (limits["cpu"], limits["cpu"] + 1),
        resource.RLIMIT_AS: (limits["memory"], limits["memory"]),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NOFILE: (64, 64),
        resource.RLIMIT_NPROC: (0, 0),  # counts at the next fork only
    }
    for what, pair in ours.items():
        with contextlib.suppress(OSError, ValueError):  # a system without this limit
            resource.setrlimit(what, pair)
    if os.geteuid() == 0:  # no limit on processes holds for root
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
    with contextlib.suppress(OSError):
        os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        ctypes.CDLL(None).prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
    return alone


def _without_network() -> bool:
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None)
    return any(library.unshare(flags) == 0 for flags in (NEW_NETWORK, NEW_USER | NEW_NETWORK))


def answer(request: dict[str, Any], arrays: dict[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
    """Run the source in a new namespace; what its function returns, or the names that are wanted."""
    given = {name: array.copy() for name, array in arrays.items()}
    function = request["function"]
    space: dict[str, Any] = {"__name__": "answer", "__builtins__": __builtins__}
    if function is None:
        space |= given
    code = compile(request["source"], request["filename"], "exec", dont_inherit=True)
    exec(code, space)  # noqa: S102 - this is what the program is for
    if function is None:
        found = {name: _named(space, name) for name in request["outputs"]}
    else:
        wanted = [given[a] if isinstance(a, str) else [given[name] for name in a] for a in request["arguments"]]
        returned = _named(space, function)(*wanted)
        found = _labelled(returned, request["outputs"])
    results = {name: _numbers(name, value) for name, value in found.items()}
    changed = [name for name, array in arrays.items() if not same(given[name], array)]
    if changed:
        raise Refused("inputs changed", f"The code changes what it was given: {', '.join(changed)}.")
    return results


def _named(space: dict[str, Any], name: str) -> Any:
    if name not in space:
        raise Refused("missing", f"The code defines no {name}.")
    return space[name]


def _labelled(returned: Any, outputs: list[str]) -> dict[str, Any]:
    """What a function returned, by name: a dictionary's keys, else in the order of `outputs`."""
    if isinstance(returned, dict):
        return {str(name): value for name, value in returned.items()}
    several = returned if isinstance(returned, tuple | list) and len(outputs) != 1 else (returned,)
    if outputs and len(several) != len(outputs):
        raise Refused("wrong shape", f"The function returns {len(several)} things; {len(outputs)} were expected.")
    return dict(zip(outputs or [str(k) for k in range(len(several))], several, strict=True))


def _numbers(name: str, value: Any) -> np.ndarray[Any, Any]:
    try:
        array = np.asarray(value)
    except ValueError as error:  # rows of different length
        raise Refused("wrong dtype", f"{name} is no array of numbers: {error}.", [name]) from None
    if array.dtype.kind not in NUMBERS:
        raise Refused("wrong dtype", f"{name} is an array of {array.dtype}, not of real numbers.", [name])
    return np.ascontiguousarray(array).reshape(array.shape)


def same(first: np.ndarray[Any, Any], second: np.ndarray[Any, Any]) -> bool:
    """Equal up to the order of additions."""
    return first.shape == second.shape and bool(np.allclose(first, second, rtol=1e-9, atol=1e-12, equal_nan=True))


def twice(request: dict[str, Any], arrays: dict[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
    """The results of two runs, which have to agree."""
    first, second = answer(request, arrays), answer(request, arrays)
    if first.keys() != second.keys():
        raise Refused("random", "Two runs on the same numbers return different things.")
    differing = [name for name in first if not same(first[name], second[name])]
    if differing:
        raise Refused("random", f"Two runs on the same numbers differ in {', '.join(differing)}.", differing)
    return first


def judged(request: dict[str, Any], arrays: dict[str, np.ndarray[Any, Any]]) -> tuple[dict[str, Any], list[bytes]]:
    """What happened, as JSON, and the bytes of the results."""
    try:
        results = twice(request, arrays)
        listed = [(name, array.dtype.str, array.shape) for name, array in results.items()]
        return {"status": "done", "message": "", "outputs": listed}, [a.tobytes() for a in results.values()]
    except Refused as refused:
        return {"status": refused.status, "message": str(refused), "names": refused.names}, []
    except MemoryError:
        return {"status": "memory", "message": "The code needs more memory than it may have."}, []
    except SyntaxError as error:
        return {"status": "crashed", "message": f"SyntaxError: {error.msg}.", "line": error.lineno}, []
    except SystemExit:
        return {"status": "crashed", "message": "The code ends the program (sys.exit)."}, []
    except BaseException as error:  # noqa: BLE001 - whatever somebody's code raises is said, not raised
        message = f"{type(error).__name__}: {_words(error)}"
        return {"status": "crashed", "message": message, "line": _line(error.__traceback__, request["filename"])}, []


def _words(error: BaseException) -> str:
    try:
        return str(error)[:500]
    except BaseException:  # noqa: BLE001 - an exception of somebody's own
        return "(its message cannot be read)"


def _line(trace: TracebackType | None, filename: str) -> int | None:
    lines = [line for frame, line in traceback.walk_tb(trace) if frame.f_code.co_filename == filename]
    return lines[-1] if lines else None


def main() -> None:
    """One request, one answer."""
    channel = os.dup(1)
    os.dup2(2, 1)
    request, arrays = receive()
    for module in USUAL:
        importlib.import_module(module)
    alone = confine(request["limits"], request["sandboxed"])
    head, bodies = judged(request, arrays)
    with contextlib.suppress(BaseException):
        sys.stdout.flush()
    with os.fdopen(channel, "wb") as stream:
        stream.write(json.dumps(head | {"alone": alone}).encode() + b"\n")
        for body in bodies:
            stream.write(body)
    os._exit(0)  # nothing that the code left behind runs any more


if __name__ == "__main__":
    main()
