"""Every kind of mistake is found, mended, and called what it is."""

from __future__ import annotations

import pytest

from tests.verification.repair.mending import Workshop
from tests.verification.repair.planted import PLANTED

WORKSHOPS: dict[str, Workshop] = {}


@pytest.mark.parametrize(
    ("network", "left", "right", "kind"),
    [(network, left, right, kind) for network, left, mistakes in PLANTED for right, kind in mistakes],
    ids=[right for _, _, mistakes in PLANTED for right, _ in mistakes],
)
def test_a_planted_mistake_is_mended_and_named(network: str, left: str, right: str, kind: str) -> None:
    workshop = WORKSHOPS.setdefault(network, Workshop(network))
    assert not workshop.right(left, right)
    found = workshop.mended(left, right)
    assert found.kind == kind, found
    assert found.latex not in found.hint.replace(right, "")
