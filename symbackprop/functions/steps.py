"""How a function that is shown in steps is written out: the expressions of its intermediate values."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..expression import Call, Expr, Name, Number
from .binding import Arguments
from .normalisation import EPS
from .statics import EXPRESSIONS
from .table import Function


def opened_steps(call: Call, row: Function, arguments: Arguments) -> Callable[[str, Mapping[str, str]], Expr]:
    """How the steps of a normalisation are written: μ, σ, x̂ by their stems, the result by the empty one."""
    x = call.args[0]
    axis = arguments.named.get("axis", row.parameters[-1].default)
    along = (("axis", axis),)
    given = arguments.exprs.get("eps")
    eps = given if isinstance(given, EXPRESSIONS) else Number(EPS)

    def written(stem: str, names: Mapping[str, str]) -> Expr:
        if stem == "mu":
            return Call("mean", (x,), along)
        if stem == "sigma":
            return Call("sqrt", (Call("add", (Call("var", (x,), along), eps)),))
        if stem == "xhat":
            return Call("divide", (Call("subtract", (x, Name(names["mu"]))), Name(names["sigma"])))
        result: Expr = Name(names["xhat"])
        gamma, beta = arguments.exprs.get("gamma"), arguments.exprs.get("beta")
        if isinstance(gamma, EXPRESSIONS):
            result = Call("multiply", (gamma, result))
        return Call("add", (result, beta)) if isinstance(beta, EXPRESSIONS) else result

    return written
