"""The expectation over what is declared random: the one function whose meaning is not in its arguments alone."""

from __future__ import annotations

from ..tensor.terms import Term
from .table import function

NAME = "E"


def E(x: Term) -> Term:
    """E[x] over the symbols that are declared `random`, entry by entry: the shape of x; x itself if nothing is random.

    x is a polynomial in Gaussian symbols, of order 6 at most, or such a polynomial times exponentials of affine forms.
    """
    return x


EXPECTATIONS = (function("expectation", E),)
