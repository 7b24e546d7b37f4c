"""Every gradient that our own printers write is read back, and judged right, on the network that it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from symbackprop.derive import derive
from symbackprop.gallery import HERE as GALLERY
from symbackprop.reading.netfile import read
from symbackprop.verification.verify import Options, judge_answer

# What a person would not write, and the reader does not know: ranges of shifted sums, indices of indices.
UNREAD = {"conv_input_error", "softmax_policy", "code_rnn_columns"}


def printed(path: Path) -> Iterator[tuple[str, str]]:
    """(node, formula) of every step, in recursive and in closed form."""
    derivation = derive(read(path))
    for step in derivation.steps:
        yield step.node, step.formula.equation_latex
        yield step.node, step.formula.closed.equation_latex


def judged_wrong(path: Path) -> list[tuple[str, str, str]]:
    model = read(path)
    found = []
    for node, latex in printed(path):
        verdicts = judge_answer(model, latex, Options(explain=False), text=".tex").verdicts
        bad = [v for v in verdicts if v.status == "wrong" or (v.status != "right" and path.stem not in UNREAD)]
        found += [(node, v.status, f"{v.claim}: {v.reason}") for v in bad]
    return found


@pytest.mark.parametrize("path", sorted(GALLERY.rglob("*.net")), ids=lambda p: p.stem)
def test_the_gradients_of_the_gallery(path: Path) -> None:
    assert judged_wrong(path) == []


def test_the_gradients_of_the_published_networks(cases_dir: Path) -> None:
    for path in sorted((cases_dir / "nets").glob("*.net")):
        assert judged_wrong(path) == [], path.stem


def test_a_gradient_with_another_sign_is_not_read_back_as_right() -> None:
    path = GALLERY / "three_layer_relu.net"
    model = read(path)
    for _, latex in printed(path):
        left, _, right = latex.partition(" = ")
        (verdict,) = judge_answer(model, f"{left} = -({right})", Options(explain=False), text=".tex").verdicts
        assert verdict.status == "wrong", latex
