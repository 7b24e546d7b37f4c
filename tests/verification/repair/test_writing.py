"""A changed formula and its text say the same; random and systematic changes of printed gradients are undone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symbackprop as sb
from symbackprop.paper.tree import Tree, walk
from symbackprop.verification.repair.writing import Writing
from tests.verification.repair.mending import CLASSES, MLP, QUADRATIC, ROWS, STEPS, Workshop

NETWORKS = [Workshop(text) for text in (MLP, ROWS, QUADRATIC, STEPS, CLASSES)]
TEXTS = (
    r"((W_2)^T (z_2 - y) \odot \sigma'\left(z_1\right)) x^{\top} + \frac{\lambda}{2} W_1",
    r"\left(W_2 \frac{\partial J}{\partial z_1}\right)^T",
    r"-\sqrt{2} \left\| x \right\|^2 x + \operatorname{diag}(a_1) b_1",
    r"\mathbf{1}[z_1 > 0] \circ a_1",
)


def writing_of(workshop: Workshop, text: str) -> Writing:
    return Writing(text, workshop.read(text), workshop.bench.elaborator.lexicon)


@pytest.mark.parametrize("text", TEXTS)
def test_a_formula_that_does_not_change_is_written_as_it_stands(text: str) -> None:
    writing = writing_of(NETWORKS[0], text)
    assert writing.show(writing.applied({})) == text


@given(st.sampled_from(TEXTS), st.data())
@settings(max_examples=60, deadline=None)
def test_a_transpose_at_any_place_is_read_back_with_the_same_meaning(text: str, data: st.DataObject) -> None:
    writing = writing_of(NETWORKS[0], text)
    nodes = walk(writing.root)
    node = nodes[data.draw(st.integers(1, len(nodes) - 1))]
    new = writing.transposed(node)
    if new is None:
        return
    changed = writing.applied({id(node): new})
    again = NETWORKS[0].read(writing.show(changed))
    assert meanings(NETWORKS[0], again) == meanings(NETWORKS[0], changed)


def meanings(workshop: Workshop, tree: Tree) -> set[object] | str:
    """What a formula can mean, or why it means nothing."""
    try:
        return {(v.term, v.kind) for v in workshop.bench.elaborator.values(tree, workshop.bench.scope((tree,)))}
    except sb.errors.SymbackpropError as error:
        return type(error).__name__


def mutants(text: str) -> Iterator[str]:
    """The text with one of the mistakes that a text can show."""
    changes = [
        (r"\^\{?\\top\}?", " "),
        (r" - ", " + "),
        (r" \+ ", " - "),
        (r"\\circ|\\odot", ""),
        (r"_\{?2\}?", "_1"),
        (r"_\{?1\}?", "_2"),
        (r"\^\{?2\}?", ""),
        (r"\^\{-1\}", ""),
        (r"\\frac\{1\}\{\w\}", ""),
        (r"\bz_", "a_"),
    ]
    yield f"-{text}"
    yield f"2 {text}"
    for pattern, new in changes:
        for match in list(re.finditer(pattern, text))[:1]:
            yield text[: match.start()] + new + text[match.end() :]


def test_what_the_system_prints_is_restored_after_a_mistake() -> None:
    wrong = mended = 0
    left_over = []
    for workshop in NETWORKS:
        derivation = workshop.bench.derivation
        for name in [n for n in workshop.bench.model.names("parameter", "input") if n in derivation.recursive_terms]:
            for formula in (derivation.gradient(name).closed,):
                left = rf"\frac{{\partial {workshop.bench.model.loss}}}{{\partial {name}}}"
                for text in mutants(formula.latex):
                    try:
                        values = workshop.bench.elaborator.values(
                            workshop.read(text), workshop.bench.scope((workshop.read(text),))
                        )
                    except sb.errors.ReadError as error:
                        if type(error).__name__ != "Misfit":
                            continue
                        values = []
                    if values and workshop.right(left, text):
                        continue
                    wrong += 1
                    found = workshop.mend(left, text)
                    if found is not None and workshop.right(left, found.latex):
                        mended += 1
                    else:
                        left_over.append(text)
    assert wrong > 60
    assert mended >= 0.95 * wrong, left_over
