"""What a terminal can show."""

from __future__ import annotations

import io

import pytest

from symbackprop.cli.terminal import ascii_only, columns, fit, harmless, width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("δ_{z_1} = W_2ᵀ δ_{z_2} ∘ f′(z_1)", "delta_{z_1} = W_2^T delta_{z_2} .* f'(z_1)"),
        ("∂J/∂W₁ = −2‖x‖²", "dJ/dW_1 = -2||x||^2"),
        ("∑_i Σ Γ φ ϕ ς λ Λ", "sum_i Sigma Gamma phi phi sigma lambda Lambda"),
        ("Zoë’s réseau", "Zoe's reseau"),
        ("ŷ_2, y\u0302, x̄ de la forêt", "yhat_2, yhat, xbar de la foret"),
        ("☃", "<U+2603>"),
    ],
)
def test_without_unicode_every_sign_has_a_spelling(text: str, shown: str) -> None:
    assert ascii_only(text) == shown


@pytest.mark.parametrize(("encoding", "shown"), [("utf-8", "δ ∘ x"), ("ascii", "delta .* x"), ("cp1252", "delta .* x")])
def test_text_is_changed_only_where_the_terminal_cannot_show_it(encoding: str, shown: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert fit("δ ∘ x", stream) == shown
    assert fit("é", io.TextIOWrapper(io.BytesIO(), encoding="cp1252")) == "é"


def test_control_characters_of_others_never_reach_the_terminal() -> None:
    shown = harmless("a\x1b[31m\tb\u202ec\x00")
    assert shown.isprintable()
    assert shown == "a�[31m    b�c�"


def test_columns_line_up_by_what_is_seen_not_by_code_points() -> None:
    assert width("y\u0302") == 1
    assert width("重") == 2
    assert columns([("y\u0302", "a"), ("重", "b"), ("xyz", "")]) == ["  y\u0302     a", "  重    b", "  xyz"]
    assert columns([]) == []


def test_one_very_long_entry_does_not_push_the_other_lines_apart() -> None:
    assert columns([("a" * 61, "b"), ("c", "d")]) == ["  " + "a" * 61 + "   b", "  c   d"]
