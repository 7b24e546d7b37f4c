"""Sizes in SymPy: symbols that are positive integers, and polynomials and floors of them."""

from __future__ import annotations

from math import lcm
from typing import Any, TypeAlias

from ..errors import ShapeError
from ..reading.names import checked
from ..reading.sizes import LARGEST_POWER
from ..tensor.size import Floor, Size, size

SizeLike: TypeAlias = Any  # a Size, an int, a name, or a SymPy integer expression


def sympy_size(value: Size) -> Any:
    """The size as a SymPy expression of positive integer symbols."""
    import sympy as sp

    total = sp.Integer(0)
    for monomial, coefficient in value.monomials:
        part = sp.Integer(coefficient)
        for atom, power in monomial:
            base = (
                sp.floor(sympy_size(atom.numerator) / atom.divisor)
                if isinstance(atom, Floor)
                else sp.Symbol(atom, integer=True, positive=True)
            )
            part *= base**power
        total += part
    return total


def size_of(value: SizeLike) -> Size:
    """The size that a number, a name or a SymPy expression is.

    Raises ShapeError for anything that is not made of names and whole numbers with + - * //.
    """
    if isinstance(value, Size):
        return value
    if isinstance(value, str):
        return size(checked(value, "size"))
    if isinstance(value, int) and not isinstance(value, bool):
        return size(value)
    found = maybe_size(value, strict=False)
    if found is None:
        remedy = 'A size is a number, a name, or one of `d, h = sb.dims("d h")`, and sums, products and `//` of these.'
        raise ShapeError(f"{value} is no size.", remedy=remedy)
    return found


def maybe_size(value: Any, *, strict: bool = True) -> Size | None:
    """The size that a SymPy expression is, or None. `strict`: its symbols must be declared integers."""
    import sympy as sp

    if isinstance(value, sp.Integer):
        return size(int(value))
    if isinstance(value, sp.Symbol):
        return size(checked(value.name, "size")) if value.is_integer or not strict else None
    if isinstance(value, (sp.Add, sp.Mul)):
        parts = [maybe_size(a, strict=strict) for a in value.args]
        result = size(0 if isinstance(value, sp.Add) else 1)
        for part in parts:
            if part is None:
                return None
            result = result + part if isinstance(value, sp.Add) else result * part
        return result
    if isinstance(value, sp.Pow) and isinstance(value.exp, sp.Integer) and 0 < value.exp <= LARGEST_POWER:
        base = maybe_size(value.base, strict=strict)
        if base is None:
            return None
        power = base
        for _ in range(int(value.exp) - 1):
            power = power * base
        return power
    if isinstance(value, sp.floor):
        return _floored(value.args[0], strict)
    return None


def _floored(inner: Any, strict: bool) -> Size | None:
    """⌊p/q⌋ of a polynomial with rational coefficients."""
    import sympy as sp

    divisor = lcm(*(int(c.q) for c in inner.atoms(sp.Rational)))
    top = maybe_size(sp.expand(inner * divisor), strict=strict)
    return None if top is None else top // divisor
