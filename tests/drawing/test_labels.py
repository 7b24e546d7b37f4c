from __future__ import annotations

import pytest

from symbackprop.drawing.labels import Run, label, width


def shown(latex: str) -> str:
    """Runs as plain text: raised in ^{}, lowered in _{}, bold in *, upright in "."""
    parts = []
    for run in label(latex, "TEXT"):
        text = f"*{run.text}*" if run.bold else run.text if run.italic else f'"{run.text}"'
        parts.append(f"^{{{text}}}" if run.rise > 0 else f"_{{{text}}}" if run.rise < 0 else text)
    return "".join(parts)


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        ("x", "x"),
        ("W_{1}", 'W_{"1"}'),
        ("W^{[1]}", 'W^{"[1]"}'),
        (r"\mathbf{W}_{hh}", "*W*_{hh}"),
        (r"\boldsymbol{\mu}", "*μ*"),
        (r"\hat{y}", "y\u0302"),
        (r"\mathcal{C}", '"𝒞"'),
        (r"\mathcal{P}", '"𝒫"'),
        (r"\mathfrak{C}", '"ℭ"'),
        (r"\text{two words}", '"two words"'),
        (r"\Sigma'", '"Σ′"'),
        (r"\delta_{z_1}", 'δ_{z}_{"1"}'),
        (r"\ell", '"ℓ"'),
    ],
)
def test_a_letter_with_scripts_is_runs(latex: str, expected: str) -> None:
    assert shown(latex) == expected


@pytest.mark.parametrize(
    "latex", [r"\frac{a}{b}", "x{", "x}", "x_", r"\hat", r"a\\b", "$x$", "{" * 9 + "x" + "}" * 9, ""]
)
def test_what_is_more_than_that_is_shown_as_text(latex: str) -> None:
    assert label(latex, "TEXT") == (Run("TEXT"),)


def test_a_superscript_stands_above_the_subscript() -> None:
    runs = label("z_1^{(2)}", "z")
    assert [run.text for run in runs] == ["z", "1", "(2)"]
    assert runs[2].back == pytest.approx(width(runs[1:2]))
    assert runs[1].back == 0


def test_more_letters_are_wider_and_accents_take_no_room() -> None:
    assert width(label("WW", "")) > width(label("W", "")) > width(label("i", ""))
    assert width(label(r"\hat{x}", "")) == width(label("x", ""))
