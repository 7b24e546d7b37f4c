"""NumPy on terms: every function and operator that authors can use, as builders of tensor terms.

`FUNCTIONS` is the table. The term that a row builds *is* the function's meaning by entries; derivatives are the
business of `tensor`. Adding a function is adding a builder to the family that it belongs to.
"""

from __future__ import annotations

from collections.abc import Mapping

from .convolution import CONVOLUTION
from .elementwise import ELEMENTWISE
from .expectations import EXPECTATIONS
from .linear import LINEAR
from .normalisation import NORMALISATION
from .operators import OPERATORS
from .reductions import REDUCTIONS
from .shaping import SHAPING
from .table import Function, Parameter, table

FUNCTIONS: Mapping[str, Function] = table(
    OPERATORS, ELEMENTWISE, REDUCTIONS, LINEAR, SHAPING, NORMALISATION, CONVOLUTION, EXPECTATIONS
)

__all__ = ["FUNCTIONS", "Function", "Parameter"]
