"""SymPy in and out: symbols for what is declared, functions for what SymPy lacks, expressions as trees.

A right-hand side in SymPy becomes the same tree that a network file gives, and is lowered by the same code.
"""

from __future__ import annotations

from .calls import FUNCTION_NAMES, named_function, own_function, rows, sympy_function
from .convert import to_expr
from .objects import TensorExpr, sympy_symbol
from .out import sympy_term
from .sizes import size_of, sympy_size

__all__ = [
    "FUNCTION_NAMES",
    "TensorExpr",
    "named_function",
    "own_function",
    "rows",
    "size_of",
    "sympy_function",
    "sympy_size",
    "sympy_symbol",
    "sympy_term",
    "to_expr",
]
