"""Networks, derived, and reports read back as text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import symbackprop as sb
from symbackprop.derive import Derivation
from symbackprop.document import Equation, Prose
from symbackprop.gallery import path

Shipped = Callable[[str], Derivation]


@pytest.fixture
def shipped() -> Shipped:
    """The derivation of a shipped network."""
    return lambda name: sb.derive(sb.Network.read(path(name)))


def words(prose: Prose) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in prose)


def line(equation: Equation) -> str:
    return " = ".join(part.text for part in (equation.left, *equation.right))
