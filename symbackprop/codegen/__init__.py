"""Stand-alone code from a network: terms become whole-array operations, operations the text of a module."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from ..averaging import computed
from ..network import Model

if TYPE_CHECKING:
    from .module import Formulas


def generate(
    model: Model, wrt: Sequence[str] | None = None, formulas: Formulas | None = None, second: bool = False
) -> str:
    """The source text of a module that computes the network's loss and gradients; it imports NumPy only.

    `wrt`: the gradients that it has; without it those of all declared symbols, parameters by default (inputs if there
    are none). `formulas`: finished strings for its documentation. `second`: with its second derivatives too.

    Raises:
        MissingRule: the network has an operation without code.
        UnknownName: `wrt` names nothing of the network.
    """
    from .module import Formulas, Module

    return Module(computed(model), wrt, formulas if formulas is not None else Formulas(), second).text()


def compile_model(model: Model, wrt: Sequence[str] | None = None) -> ModuleType:
    """The generated module, imported; its second derivatives are made when they are first asked for."""
    from .curvature import extended
    from .loader import imported

    return extended(imported(generate(model, wrt), model.name), computed(model), wrt)


__all__ = ["compile_model", "generate"]
