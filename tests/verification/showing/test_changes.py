"""What is marked in a repair: what has changed and nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symbackprop.verification.showing.changes import LONGEST, changes, marked
from symbackprop.verification.showing.written import written


def shown(old: str, new: str) -> tuple[str, str]:
    """Both texts, the changed parts in square brackets."""
    one, other = ("".join(f"[{t}]" if c else t for t, c in parts) for parts in changes(old, new))
    return one, other


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ("δ₁ x", "δ₁ xᵀ", "δ₁ x", "δ₁ x[ᵀ]"),
        ("W₁ᵀ δ₁", "W₂ᵀ δ₁", "W[₁]ᵀ δ₁", "W[₂]ᵀ δ₁"),
        ("σ(z) δ", "σ′(z) δ", "σ(z) δ", "σ[′](z) δ"),
        ("np.sum(d, axis=0)", "np.sum(d)", "np.sum(d[, axis=0])", "np.sum(d)"),
        (r"\delta x", r"\gamma x", r"[\delta] x", r"[\gamma] x"),
        ("dW1 = d", "dW2 = d", "[dW1] = d", "[dW2] = d"),
        ("x", "x", "x", "x"),
        ("", "x", "", "[x]"),
    ],
)
def test_words_scripts_and_signs_are_compared(old: str, new: str, before: str, after: str) -> None:
    assert shown(old, new) == (before, after)


@given(st.text(max_size=30), st.text(max_size=30))
def test_nothing_is_lost_and_what_is_unmarked_is_in_both(old: str, new: str) -> None:
    before, after = changes(old, new)
    assert ("".join(t for t, _ in before), "".join(t for t, _ in after)) == (old, new)
    kept = ["".join(t for t, c in parts if not c) for parts in (before, after)]
    assert kept[0].split() == kept[1].split() or "".join(kept[0].split()) == "".join(kept[1].split())


def test_two_very_long_texts_are_not_compared_piece_by_piece() -> None:
    old, new = "a " * LONGEST, "b " * LONGEST
    assert changes(old, new) == (((old, True),), ((new, True),))


def test_in_markup_only_the_letters_that_have_changed_are_of_the_class() -> None:
    old, new = written(r"\delta_1 x"), written(r"\delta_1 x^T < 1")
    assert old is not None
    assert new is not None
    before, after = marked(old.mathml, new.mathml)
    assert before == old.mathml
    assert re.findall(r'<\w+ class="changed"[^>]*>([^<]*)<', after) == ["T", "&lt;", "1"]
    assert after.replace(' class="changed"', "") == new.mathml
