"""symbackprop: declare a network, get its gradients as formulas with reasons, a write-up and NumPy code.

Everything public is a name of this module. Names are looked up when they are first used, so that importing the package
costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .batch import batch as batch
    from .declare import Network as Network
    from .declare import dims as dims
    from .derive import Derivation as Derivation
    from .derive import Step as Step
    from .derive import derive as derive
    from .errors import SymbackpropError as SymbackpropError
    from .formula import Formula as Formula
    from .symbolic import TensorExpr as TensorExpr
    from .verification.api import check as check
    from .verification.api import verify as verify
    from .verification.verdict import Verdict as Verdict
    from .write import compile as compile
    from .write import write as write

_HOMES = {
    "Derivation": "derive",
    "Formula": "formula",
    "Network": "declare",
    "Step": "derive",
    "SymbackpropError": "errors",
    "TensorExpr": "symbolic",
    "Verdict": "verification.verdict",
    "batch": "batch",
    "check": "verification.api",
    "compile": "write",
    "derive": "derive",
    "dims": "declare",
    "verify": "verification.api",
    "write": "write",
}

__version__ = "0.1.0"


class _Package(ModuleType):
    """Importing a submodule binds its name here; `symbackprop.derive` stays the function all the same."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    """A public name, or a function for SymPy expressions by its name in the table of functions."""
    if name in _HOMES:
        value = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    elif name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    else:
        value = import_module(".symbolic", __name__).sympy_function(name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, and every function that an expression may use."""
    from .functions import FUNCTIONS

    return sorted({*_HOMES, *FUNCTIONS, "__version__"})
