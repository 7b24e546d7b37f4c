"""Somebody's code in a process of its own: what it may do, and what is said of everything else."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import numpy as np
import pytest

from symbackprop.errors import ReadError
from symbackprop.verification import isolation
from symbackprop.verification.isolation import Isolation, Limits, Outcome, Wanted, available, run

KINDS: tuple[Isolation, ...] = ("bubblewrap", "limits only")
HERE = tuple(kind for kind in KINDS if kind == "limits only" or available() == kind)
GRADIENT = Wanted(("g",), "f", ("x",))
SHORT = Limits(cpu=1, wall=1.5)  # where it is the time that is to end
PATIENT = Limits(cpu=30, wall=60)

HOSTILE = {
    "while True": ("def f(x):\n    while True: pass", "time-out", ""),
    "sleeps": ("import time\ndef f(x): time.sleep(60)", "time-out", ""),
    "fork bomb": ("import os\ndef f(x):\n    while True: os.fork()", "crashed", "BlockingIOError"),
    "starts a program": ("import subprocess\ndef f(x): subprocess.run(['true'])", "crashed", "Error"),
    "much memory": ("import numpy as np\ndef f(x): return np.eye(10**6)", "memory", ""),
    "a file": ("def f(x):\n    with open('left', 'wb', 0) as f: f.write(b'bytes')\n    return x", "crashed", "Error"),
    "ends the program": ("import sys\ndef f(x): sys.exit(0)", "crashed", "sys.exit"),
    "ends the process": ("import os\ndef f(x): os._exit(0)", "crashed", "without a result"),
    "kills itself": ("import ctypes\ndef f(x): ctypes.string_at(0)", "crashed", "without a result"),
    "prints a gigabyte": ("def f(x):\n    while True: print('a' * 1000)", "output too long", ""),
    "returns too much": ("import numpy as np\ndef f(x): return np.ones(4 * 10**6)", "output too long", ""),
    "changes its input": ("def f(x):\n    x += 1\n    return x", "inputs changed", "x"),
    "complex numbers": ("def f(x): return x * 1j", "wrong dtype", "complex128"),
    "objects": ("import numpy as np\ndef f(x): return np.array([print, x], dtype=object)", "wrong dtype", "object"),
    "rows of different length": ("def f(x): return [[1], [2, 3]]", "wrong dtype", "g"),
    "another shape": ("def f(x): return x[:, None]", "wrong shape", "(3, 1)"),
    "random results": ("import numpy as np\ndef f(x): return np.random.rand(3)", "random", "differ in g"),
    "two things for one": ("def f(x): return x, x", "wrong shape", "(2, 3)"),
    "no such function": ("def h(x): return x", "missing", "no f"),
    "another syntax": ("def f(x) return x", "crashed", "SyntaxError"),
    "endless recursion": ("def f(x): return f(x)", "crashed", "RecursionError"),
    "an exception that cannot be printed": (
        "class E(Exception):\n    def __str__(self): raise self\ndef f(x): raise E", "crashed", "E: ",
    ),
    "lifts its limits": (
        "import resource as r\ndef f(x):\n    r.setrlimit(r.RLIMIT_NPROC, (99, 99))\n    return x", "crashed", "Error",
    ),
    "a forged result": (
        "import os\nfor k in range(3, 9):\n    try: os.write(k, b'{}')\n    except OSError: pass\nos._exit(0)",
        "crashed", "no result",
    ),
}  # fmt: skip  # a table


def ran(source: str, kind: Isolation | None = None, wanted: Wanted = GRADIENT, limits: Limits = PATIENT) -> Outcome:
    return run(source, wanted, {"x": np.arange(3.0)}, limits, shapes={"g": (3,)}, isolation=kind)


@pytest.mark.parametrize("kind", HERE)
@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_code_gets_its_word_and_no_result_counts(what: str, kind: Isolation) -> None:
    source, status, said = HOSTILE[what]
    outcome = ran(source, kind, limits=SHORT if status == "time-out" else PATIENT)
    assert (outcome.status, outcome.isolation) == (status, kind), outcome
    assert said in outcome.message
    assert not outcome.outputs


@pytest.mark.parametrize("kind", HERE)
def test_code_that_keeps_to_the_rules_returns_its_arrays(kind: Isolation) -> None:
    outcome = ran("import numpy as np\nprint('on the way')\ndef f(x): return np.cumsum(2 * x)", kind)
    assert outcome.status == "done", outcome
    assert outcome.isolation == kind
    assert outcome.outputs["g"].tolist() == [0.0, 2.0, 6.0]
    assert outcome.printed == "on the way\n" * 2
    assert outcome.how.startswith("in a process of its own")


@pytest.mark.parametrize("kind", HERE)
def test_there_is_no_network_and_nobody_is_root(kind: Isolation) -> None:
    source = "import os, numpy as np\ndef f(x): return np.array([os.getuid(), os.geteuid(), len(os.listdir('.'))])"
    outcome = ran(source, kind)
    uids = [65534, 65534] if os.geteuid() == 0 else [os.getuid(), os.geteuid()]
    assert outcome.outputs["g"].tolist()[:2] in (uids, [65534, 65534])
    assert outcome.outputs["g"][2] == 0
    assert kind != "bubblewrap" or not outcome.network


@pytest.mark.parametrize("kind", HERE)
def test_the_limits_hold_inside_and_cannot_be_lifted(kind: Isolation) -> None:
    source = (
        "import resource as r\nimport numpy as np\ndef f(x):\n"
        "    kinds = (r.RLIMIT_FSIZE, r.RLIMIT_NPROC, r.RLIMIT_CORE, r.RLIMIT_AS, r.RLIMIT_CPU)\n"
        "    return np.array([r.getrlimit(k) for k in kinds])\n"
    )
    outcome = run(source, GRADIENT, {"x": np.ones(1)}, Limits(cpu=3, memory=700), isolation=kind)
    assert outcome.outputs["g"].tolist() == [[0, 0], [0, 0], [0, 0], [700 << 20, 700 << 20], [3, 4]]


def test_what_numpy_writes_behind_the_back_of_python_stays_empty(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    target = tmp_path / "left"
    ran(f"def f(x):\n    x.tofile({str(target)!r})\n    return x", "limits only")
    assert not target.exists() or target.stat().st_size == 0


def test_a_function_may_return_several_arrays_or_a_dictionary_and_a_script_leaves_names() -> None:
    x = {"x": np.arange(3.0)}
    two = run("def f(x): return x, 2 * x", Wanted(("a", "b"), "f", ("x",)), x)
    assert {name: array.tolist() for name, array in two.outputs.items()} == {"a": [0, 1, 2], "b": [0, 2, 4]}
    named = run("def f(x): return {'dx': x.sum()}", Wanted((), "f", ("x",)), x)
    assert named.outputs["dx"].shape == ()
    script = run("import numpy as np\ng = np.outer(x, x)\nx = 0", Wanted(("g",)), x)
    assert script.outputs["g"].shape == (3, 3)
    unnamed = run("def f(x): return x, 1", Wanted((), "f", ("x",)), x)
    assert list(unnamed.outputs) == ["0", "1"]
    assert run("def f(x): return x", Wanted(("a", "b"), "f", ("x",)), x).status == "wrong shape"


def test_a_view_of_an_input_and_an_array_in_another_order_arrive_as_they_are() -> None:
    matrix = np.arange(6.0).reshape(2, 3)
    outcome = run("def f(m): return m.T, m[:, ::2]", Wanted(("t", "v"), "f", ("m",)), {"m": matrix})
    assert (outcome.outputs["t"] == matrix.T).all()
    assert (outcome.outputs["v"] == matrix[:, ::2]).all()


def test_the_line_that_failed_is_named() -> None:
    outcome = ran("def g(x):\n    return x @ x[:, None].T[:2]\n\n\ndef f(x):\n    return g(x)")
    assert (outcome.status, outcome.line) == ("crashed", 2)
    assert outcome.message.startswith("ValueError: ")
    assert ran("x = (").line == 1


def test_code_that_looks_through_its_whole_process_finds_the_inputs_and_nothing_else() -> None:
    source = (
        "import gc, sys\nimport numpy as np\n\ndef f(x):\n    frame, found = sys._getframe(), []\n    while frame:\n"
        "        found += [v for v in frame.f_locals.values() if isinstance(v, np.ndarray)]\n"
        "        found += [w for v in frame.f_locals.values() if isinstance(v, dict) for w in v.values()]\n"
        "        frame = frame.f_back\n"
        "    found += [o for o in gc.get_objects() if isinstance(o, np.ndarray)]\n"
        "    arrays = [a for a in found if isinstance(a, np.ndarray) and a.shape == x.shape]\n"
        "    return np.array([len(arrays) > 0, all((a == x).all() for a in arrays), 'symbackprop' in sys.modules])\n"
    )
    outcome = run(source, Wanted(("g",), "f", ("x",)), {"x": np.array([0.5, 1.5, 2.5])}, shapes={"g": (3,)})
    assert outcome.outputs["g"].tolist() == [True, True, False], outcome


def test_the_program_imports_nothing_of_ours_and_unpickles_nothing() -> None:
    text = isolation.PROGRAM.read_text(encoding="utf-8")
    tree = ast.parse(text)
    relative = [
        n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and (n.level or "symbackprop" in str(n.module))
    ]
    assert not relative
    assert "np.load" not in text


def test_a_source_of_any_characters_and_of_no_length_is_run_as_it_is() -> None:
    assert ran("δ = 2\ndef f(x): return δ * x").status == "done"
    assert ran("").status == "missing"
    assert ran("x = '\0'").status == "crashed"
    assert ran("# \ud800\ndef f(x): return x").status == "crashed"


def test_results_that_lie_about_their_size_are_no_result(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "liar.py"
    monkeypatch.setattr(isolation, "PROGRAM", program)
    for outputs in (
        '[["g", "<f8", [1000000]]]',
        '[["g", "|O", [1]]]',
        '[["g", "<f8", [-1]]]',
        "7",
        '[["g", "<f8", []]]',
    ):
        program.write_text(f'print(\'{{"status": "done", "message": "", "outputs": {outputs}}}\')')
        outcome = ran("", "limits only")
        assert (outcome.status, outcome.outputs) == ("crashed", {}), outputs


def test_bubblewrap_is_refused_where_it_does_not_work_and_never_replaced_in_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(isolation, "_bubblewrap_works", lambda: False)
    with pytest.raises(ReadError, match="bubblewrap is not installed"):
        ran("def f(x): return x", "bubblewrap")
    outcome = ran("def f(x): return x")
    assert outcome.isolation == "limits only"
    assert "limits only" in outcome.how
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(ReadError, match="no limits for processes"):
        available()


def test_who_ignores_the_signal_to_end_is_ended_all_the_same() -> None:
    source = "import signal, time\nfor s in (15, 2, 24): signal.signal(s, signal.SIG_IGN)\ndef f(x): time.sleep(99)"
    assert ran(source, limits=SHORT).status == "time-out"
