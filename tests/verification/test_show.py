"""What verdicts show of themselves in a notebook."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from symbackprop.verification.show import MOST, Verdicts, bundle, bundle_all
from symbackprop.verification.verdict import Verdict
from tests.verification.showing.judged import BOUND, FOLLOWS, HOSTILE, IN_CODE, JUDGEMENT, PROVED, WRONG

WRONG_TEXT = """\
✗ wrong, line 4: ∂J/∂W₁ = δ₁ x
    transpose: x must be transposed: δ₁ is (h), x is (d), the gradient of W₁ is (h, d).
    - δ₁ x
    + δ₁ xᵀ
    at d = 2, h = 3, W_1 = [[1, 2], [0, 1], [-1, 0.5]], x = [1, 2]: entry (1, 2): yours 3.0, true 1.5, difference quotient 1.5"""  # noqa: E501


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        (PROVED, "✓ right, line 3: ∂J/∂W₂ = δ₂ a₁ᵀ\n    proved: Both sides have one expanded form."),
        (WRONG, WRONG_TEXT),
        (
            BOUND,
            "✓ right, line 5: ∂J/∂b₂ = 1/n Σ_i δᵢ\n    agrees at 12 points: Both agree.\n"
            "    condition: if the loss is not divided by n",
        ),
        (
            FOLLOWS,
            "✗ wrong, line 6: ∂J/∂x = W₁ᵀ δ₁\n    With the true gradient in line 4 it holds.\n"
            "    follows from the mistake in line 4",
        ),
        (
            IN_CODE,
            "✗ wrong, line 3: dJ/dW: return dW\n    transpose: X must be transposed.\n"
            "    - return dW\n    + dW = X.T @ d",
        ),
    ],
)
def test_a_verdict_as_text(verdict: Verdict, text: str) -> None:
    assert bundle(verdict)["text/plain"] == text


@pytest.mark.parametrize("verdict", [*JUDGEMENT.verdicts, IN_CODE])
def test_a_verdict_as_html_is_well_formed_and_says_what_it_is(verdict: Verdict) -> None:
    html = bundle(verdict)["text/html"]
    ElementTree.fromstring(html)  # noqa: S314  our own
    assert f" {verdict.status}</b> line {verdict.line}" in html
    assert "script" not in html


def test_what_is_missing_is_named_by_what_it_would_be_about() -> None:
    missing = bundle(replace(PROVED, claim="", target="dJ/db_1", status="wrong", proof=None, reason=""))
    assert missing["text/plain"] == "✗ wrong, line 3: dJ/db_1"
    assert ">dJ/db_1</code>" in missing["text/html"]


def test_the_changed_part_of_a_repair_is_marked_without_a_style_sheet() -> None:
    html = bundle(WRONG)["text/html"]
    assert '<mi style="background:rgba(31,138,84,.35)">T</mi>' in html
    assert "class=" not in html
    source = bundle(IN_CODE)["text/html"]
    assert "<mark" in source


def test_a_notebook_asks_the_verdict_itself() -> None:
    assert WRONG._repr_mimebundle_() == bundle(WRONG)


def test_a_list_shows_itself_claim_by_claim() -> None:
    found = Verdicts([PROVED, WRONG])
    shown = found._repr_mimebundle_()
    assert shown["text/plain"].splitlines()[0] == "1 right (1 proved), 1 wrong"
    assert shown["text/plain"].endswith(WRONG_TEXT)
    assert shown["text/html"].count("border-left") == 2
    assert found == [PROVED, WRONG]


def test_a_very_long_list_is_cut_and_says_so() -> None:
    shown = bundle_all([PROVED] * (MOST + 5))
    assert shown["text/plain"].endswith("\n... and 5 more")
    assert "<div>... and 5 more</div>" in shown["text/html"]


def test_what_an_author_wrote_is_never_markup() -> None:
    hostile = replace(
        WRONG,
        claim=HOSTILE,
        reason=HOSTILE,
        condition=HOSTILE,
        diagnosis=replace(WRONG.diagnosis, message=HOSTILE, repair_latex=HOSTILE),  # type: ignore[type-var]
    )
    html = bundle(hostile)["text/html"]
    assert "<img" not in html
    assert "<script" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
