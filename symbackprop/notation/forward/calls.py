"""A function by its name: arguments in parentheses, options below the name."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from ...expression import Array, Call, Name, Number, Subscript
from ...functions import FUNCTIONS
from .. import tree as t
from .common import integer

if TYPE_CHECKING:
    from .work import Forward

LAST_AXIS = frozenset({"softmax", "log_softmax", "layer_norm"})
UNNAMED = frozenset({"slope", "alpha", "width", "approximate", "subscripts"})  # options whose value alone is printed
BELOW: dict[str, t.Tree] = {
    **{name: t.Letter(name) for name in UNNAMED},
    "ddof": t.Text("ddof"),
    "eps": t.Letter("epsilon"),
    "stride": t.Text("stride"),
    "padding": t.Text("padding"),
}


def applied(work: Forward, call: Call) -> t.Tree:
    """A function by its name: arguments in parentheses, options below the name."""
    parameters = [p.name for p in FUNCTIONS[call.function].parameters] if call.function in FUNCTIONS else []
    given: list[tuple[str, object]] = [
        (parameters[i] if i < len(parameters) else "", argument) for i, argument in enumerate(call.args)
    ]
    args: list[t.Tree] = []
    below: list[t.Tree] = []
    for name, value in (*given, *call.options):
        if name == "axis":
            below += _axis(work, call, value)
        elif name == "keepdims" or (name == "approximate" and value == "none"):
            continue
        elif name in BELOW:
            shown = _option(work, value)
            below.append(shown if name in UNNAMED else t.Relation("=", BELOW[name], shown))
        else:
            args.append(_option(work, value))
    return t.Call(call.shown or call.function, tuple(args), sub=tuple(below))


def _option(work: Forward, value: object) -> t.Tree:
    if isinstance(value, (Name, Number, Subscript, Array, Call)):
        return work.tree(value)
    return t.Num(Fraction(value)) if isinstance(value, int) else t.Text(str(value))


def _axis(work: Forward, call: Call, value: object) -> list[t.Tree]:
    """`per row`, `per column` or the axis; nothing where it is what everybody expects."""
    order = work.order(call.args[0])
    if isinstance(value, (Number, Call)):
        value = integer(value)
    if value is None or value == "" or order < 2:
        return []
    axes = tuple(a % order for a in (value if isinstance(value, tuple) else (value,)) if isinstance(a, int))
    if len(axes) == order or (call.function in LAST_AXIS and axes == (order - 1,)):
        return []
    if order == 2:
        return [t.Text("per column" if axes == (0,) else "per row")]
    word = "axis" if len(axes) == 1 else "axes"
    return [t.Text(f"{word} {', '.join(str(a + work.base) for a in axes)}")]
