"""Code that cannot be read, run on request: what it returns is compared, and what is not its own counts for nothing."""

from __future__ import annotations

import pytest

from symbackprop.errors import ReadError
from symbackprop.reading.netfile import parse
from symbackprop.verification import isolation
from symbackprop.verification.bench import Bench
from symbackprop.verification.executed import executed
from symbackprop.verification.verify import Options, judge_answer

NETWORK = parse(
    "X: input(n, d)\nt: target(n)\nW_0: parameter(d, h)\nW_1: parameter(h)\n"
    "Z = X @ W_0\nA = tanh(Z)\ny = A @ W_1\nJ: loss = sum((y - t)**2) / n\n"
)
BODY = """
    A = np.tanh(X @ W0)
    y = A @ W1
    d = 2 * (y - t) / len(t)
    dW1 = reduce(np.add, [a * b for a, b in zip(A, d)])
    dW0 = X.T @ (np.outer(d, W1) * (1 - A**2))
"""
HEAD = "import numpy as np\nfrom functools import reduce\n\n"
CODE = f"{HEAD}def backward(X, t, W0, W1, verbose=False):{BODY}    return dW0, dW1\n"


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench.of(NETWORK)


def statuses(bench: Bench, source: str, **more: object) -> dict[str, str]:
    return {ran.target: ran.status for ran in executed(bench, source, **more)[0]}  # type: ignore[arg-type]


RIGHT = {"W_0": "right", "W_1": "right"}


def test_a_function_is_called_with_the_networks_numbers(bench: Bench) -> None:
    found, how = executed(bench, CODE)
    assert {ran.target: (ran.status, ran.points, ran.line) for ran in found} == {
        "W_0": ("right", 3, 10), "W_1": ("right", 3, 10),
    }  # fmt: skip
    assert how.startswith("in a process of its own")


@pytest.mark.parametrize(
    "code",
    [
        CODE.replace("return dW0, dW1", "return {'dW0': dW0, 'dW1': dW1, 'A': A}"),
        CODE.replace("return dW0, dW1", "g = {'W_0': dW0, 'W_1': dW1}\n    return g"),
        CODE.replace("W0, W1, verbose=False):", "W, lr=0.1):\n    W0, W1 = W"),
        CODE + "\ndef tanh(X): return np.tanh(X)\n",
        CODE.replace("return dW0, dW1", "return np.sum(d), dW0, dW1, y"),
        "import numpy as np\nfrom functools import reduce\nW0, W1 = W_0, W_1\n" + BODY.replace("    ", ""),
    ],
    ids=[
        "a dictionary",
        "a dictionary by name",
        "a list of parameters",
        "a helper behind it",
        "more than gradients",
        "a script",
    ],
)
def test_gradients_are_found_however_they_are_handed_back(bench: Bench, code: str) -> None:
    assert statuses(bench, code) == RIGHT


def test_results_without_names_are_taken_by_place_and_never_called_wrong_for_it(bench: Bench) -> None:
    unnamed = CODE.replace("return dW0, dW1", "u, v = dW0, dW1\n    return u, v")
    assert statuses(bench, unnamed) == RIGHT
    swapped = unnamed.replace("return u, v", "return v, u")
    assert statuses(bench, swapped) == {"W_0": "undecided", "W_1": "undecided"}
    assert statuses(bench, swapped, returns=["W_1", "W_0"]) == RIGHT
    assert statuses(bench, swapped, returns=["W_0", "W_1"])["W_0"] == "wrong"


def test_a_mistake_is_shown_in_numbers(bench: Bench) -> None:
    found, _ = executed(bench, CODE.replace("2 * (y - t)", "(y - t)"))
    assert [ran.status for ran in found] == ["wrong", "wrong"]
    assert found[1].reason.startswith("Run at random numbers with n = ")
    assert ", not " in found[1].reason
    assert statuses(bench, CODE.replace("dW1 = reduce", "dW1 = 0 * reduce")) == {"W_0": "right", "W_1": "wrong"}
    shape = executed(bench, CODE.replace("return dW0, dW1", "dW0 = dW0.T\n    return dW0, dW1"))[0][0]
    assert (shape.status, "has shape" in shape.reason) == ("wrong", True)


def test_right_for_equal_sizes_or_small_numbers_only_is_not_right(bench: Bench) -> None:
    assert (
        statuses(bench, CODE.replace("X.T @ (", "X.T.reshape(X.shape[1], -1) @ (").replace("len(t)", "3"))["W_0"]
        == "wrong"
    )
    linear = CODE.replace("(1 - A**2)", "(1 - 0.9999999 * A**2)")
    assert statuses(bench, linear)["W_0"] == "undecided", "closer than float32, further than float64"
    single = CODE.replace("return dW0, dW1", "dW0 = dW0.astype(np.float32)\n    return dW0, dW1")
    [first, _] = executed(bench, single)[0]
    assert (first.status, "float32" in first.reason) == ("undecided", True)


def test_one_random_result_says_nothing_of_the_others(bench: Bench) -> None:
    random = CODE.replace("dW1 = reduce", "dW1 = np.random.rand() * reduce")
    assert statuses(bench, random) == {"W_0": "undecided", "W_1": "wrong"}
    assert statuses(bench, CODE.replace("return dW0", "dW0 = dW0 * 1j\n    return dW0")) == {
        "W_0": "wrong", "W_1": "undecided",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("y = A @ W1", "y = A @ W1 + missing"), "crashed in line 6: NameError"),
        (("y = A @ W1", "X *= 1.5; y = A @ W1"), "inputs changed"),
        (("y = A @ W1", "raise SystemExit"), "crashed"),
        (("return dW0, dW1", "return {'answer': 42}"), "nothing under the name of a gradient"),
    ],
)
def test_what_does_not_come_to_an_end_is_undecided_with_its_reason(
    bench: Bench, change: tuple[str, str], words: str
) -> None:
    found, _ = executed(bench, CODE.replace(*change))
    assert {ran.status for ran in found} == {"undecided"}
    assert words in found[0].reason


@pytest.mark.parametrize(
    "code",
    ["", "x = (", "def f(a, b): return dW0", "print(1)", "(" * 10_000, "1" * 500_000,
     "x" + "+x" * 150_000, "def f(X): return np.tanh(X)"],
)  # fmt: skip
def test_what_cannot_be_called_is_an_error_and_is_not_run(
    bench: Bench, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolation, "available", lambda: pytest.fail("it was run"))
    with pytest.raises(ReadError):
        executed(bench, code)


# ---------------------------------------------------------------------- in an answer


def test_an_answer_is_run_only_on_request_and_only_where_it_could_not_be_read() -> None:
    read = judge_answer(NETWORK, CODE, Options(), name="a.py", text=".py")
    assert {v.status for v in read.verdicts} <= {"unreadable", "right"}
    assert "unreadable" in {v.status for v in read.verdicts}
    assert read.isolation == ""
    run = judge_answer(NETWORK, CODE, Options(run=True), name="a.py", text=".py")
    assert {v.status for v in run.verdicts} == {"right"}
    assert [(v.target, v.line) for v in run.verdicts if v.proof == "numeric"] == [("dJ/dW_1", 10)]
    assert run.isolation.startswith("in a process of its own")
    wrong = judge_answer(NETWORK, CODE.replace("2 *", "3 *"), Options(run=True), name="a.py", text=".py")
    assert {v.status for v in wrong.verdicts} == {"wrong"}
    assert all(v.diagnosis is not None for v in wrong.verdicts)


def test_what_cannot_be_run_either_keeps_its_first_reason() -> None:
    code = CODE.replace("(X, t, W0, W1, verbose=False)", "(X, t, W0, W1, mystery)")
    found = judge_answer(NETWORK, code, Options(run=True), name="a.py", text=".py")
    reasons = [v.reason for v in found.verdicts if v.status == "unreadable"]
    assert reasons
    assert all("functools" in r or "reduce" in r or "mystery" in r or "run with" in r for r in reasons)
