"""The scalar functions that a Map applies: one row each, as in a table of derivatives.

A row has the function's name, its partial derivatives (x, y: the arguments; f: the value itself, used where people
write a derivative in terms of it), its parity, and its value for NumPy arrays. Step functions have derivative 0 by
convention, and relu'(0) = step(0) = sign(0) = abs'(0) = 0; a tie of maximum or minimum passes nothing to either side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .normal import apply, as_number, magnitude, number, powered
from .terms import Map, Number, Term, constant

Partial = Callable[..., Term]


@dataclass(frozen=True, slots=True)
class Head:
    """A scalar function. `partials`: one per argument, each a function of (f, *args); `parity`: −1 odd, 1 even, 0.

    polygamma(m, x) is the derivative of order m of digamma: m is a positive number, never a variable.
    """

    name: str
    partials: tuple[Partial, ...]
    value: Callable[..., Any]
    parity: int = 0
    conditions: str = ""


def unary(name: str) -> Callable[..., Term]:
    """The head of that name as a function of terms."""
    return lambda *args: apply(name, args)


exp, log, sin, cos, tan, sinh, cosh = map(unary, ("exp", "log", "sin", "cos", "tan", "sinh", "cosh"))
step, sign, sigmoid, normal_pdf, normal_cdf = map(unary, ("step", "sign", "sigmoid", "normal_pdf", "normal_cdf"))
power, where, elu, digamma, polygamma = map(unary, ("power", "where", "elu", "digamma", "polygamma"))


def zero(f: Term, *args: Term) -> Term:
    """The derivative of a step function."""
    return number(0, f.sizes)


def pi_power(exponent: Number) -> Term:
    """π to a power."""
    return powered(constant("pi"), exponent)


HALF = Fraction(1, 2)


def _rows() -> list[Head]:
    from . import values as v

    return [
        Head("exp",        (lambda f, x: f,),                                  v.exp),
        Head("log",        (lambda f, x: x**-1,),                              v.log, 0, "positive"),
        Head("sin",        (lambda f, x: cos(x),),                             v.sin, -1),
        Head("cos",        (lambda f, x: -sin(x),),                            v.cos, 1),
        Head("tan",        (lambda f, x: 1 + f**2,),                           v.tan, -1),
        Head("asin",       (lambda f, x: (1 - x**2) ** -HALF,),                v.asin, -1, "within"),
        Head("acos",       (lambda f, x: -((1 - x**2) ** -HALF),),             v.acos, 0, "within"),
        Head("atan",       (lambda f, x: (1 + x**2) ** -1,),                   v.atan, -1),
        Head("sinh",       (lambda f, x: cosh(x),),                            v.sinh, -1),
        Head("cosh",       (lambda f, x: sinh(x),),                            v.cosh, 1),
        Head("tanh",       (lambda f, x: 1 - f**2,),                           v.tanh, -1),
        Head("asinh",      (lambda f, x: (1 + x**2) ** -HALF,),                v.asinh, -1),
        Head("acosh",      (lambda f, x: (x**2 - 1) ** -HALF,),                v.acosh, 0, "above one"),
        Head("atanh",      (lambda f, x: (1 - x**2) ** -1,),                   v.atanh, -1, "within"),
        Head("sigmoid",    (lambda f, x: f * (1 - f),),                        v.sigmoid),
        Head("softplus",   (lambda f, x: sigmoid(x),),                         v.softplus),
        Head("erf",        (lambda f, x: 2 * pi_power(-HALF) * exp(-(x**2)),),      v.erf, -1),
        Head("normal_cdf", (lambda f, x: normal_pdf(x),),                      v.normal_cdf),
        Head("normal_pdf", (lambda f, x: -x * f,),                             v.normal_pdf, 1),
        Head("lgamma",     (lambda f, x: digamma(x),),                         v.lgamma, 0, "positive"),
        Head("digamma",    (lambda f, x: polygamma(number(1, x.sizes), x),),   v.digamma, 0, "positive"),
        Head("polygamma",  (zero, lambda f, m, x: polygamma(m + 1, x)),        v.polygamma, 0, "positive"),
        Head("relu",       (lambda f, x: step(x),),                            v.relu),
        Head("abs",        (lambda f, x: sign(x),),                            v.abs, 1),
        Head("step",       (zero,),                                            v.step),
        Head("sign",       (zero,),                                            v.sign, -1),
        Head("iszero",     (zero,),                                            v.iszero, 1),
        Head("floor",      (zero,),                                            v.floor),
        Head("elu",        (lambda f, x, a: where(step(x), number(1, x.sizes), f + a),
                            lambda f, x, a: (1 - step(x)) * (exp(x * (1 - step(x))) - 1)), v.elu),
        Head("maximum",    (lambda f, x, y: step(x - y), lambda f, x, y: step(y - x)), v.maximum),
        Head("minimum",    (lambda f, x, y: step(y - x), lambda f, x, y: step(x - y)), v.minimum),
        Head("where",      (zero, lambda f, c, x, y: c, lambda f, c, x, y: 1 - c),     v.where),
        Head("power",      (lambda f, x, y: y * power(x, y - 1), lambda f, x, y: f * log(x)), v.power, 0, "positive"),
    ]  # fmt: skip  # a table is read by columns


class _Table(dict[str, Head]):
    """The rows by name, made when first asked for: the values need NumPy, most readers of the table do not."""

    def __missing__(self, name: str) -> Head:
        if not self:
            from .rare import rows

            self.update((row.name, row) for row in [*_rows(), *rows()])
            return self[name]
        raise KeyError(name)


HEADS = _Table()


def simplified(head: str, args: Sequence[Term]) -> Term | None:
    """What a map of these arguments is without a Map, or None: values at numbers, inverse pairs, known branches."""
    x = args[0]
    known = as_number(x)
    if known is not None:
        fixed = _AT_NUMBERS.get((head, known))
        if fixed is not None:
            return number(fixed, x.sizes)
    if head in ("step", "sign", "relu", "abs", "iszero") and known is not None:
        value: dict[str, Number] = {
            "step": int(known > 0),
            "sign": (known > 0) - (known < 0),
            "relu": known if known > 0 else 0,
            "abs": magnitude(known),
            "iszero": int(known == 0),
        }
        return number(value[head], x.sizes)
    if head == "floor" and known is not None:
        return number(known.numerator // known.denominator, x.sizes)
    if head in ("step", "sign", "relu", "abs") and isinstance(x, Map) and x.head == "relu":
        return apply("step", x.children) if head in ("step", "sign") else x
    if head in ("exp", "log") and isinstance(x, Map) and {head, x.head} == {"exp", "log"}:
        return x.children[0]
    if head == "where":
        if known is not None:
            return args[1] if known else args[2]
        if args[1] is args[2]:
            return args[1]
        if as_number(args[1]) is not None and as_number(args[2]) is not None:
            return x * args[1] + (1 - x) * args[2]
    if head in ("maximum", "minimum"):
        if x is args[1]:
            return x
        if head == "maximum" and as_number(args[1]) == 0:
            return apply("relu", [x])
        if head == "maximum" and known == 0:
            return apply("relu", [args[1]])
        if args[1].digest < x.digest:
            from .terms import make_map

            return make_map(head, (args[1], x))
    if head == "power":
        exponent = as_number(args[1])
        if exponent is not None:
            return powered(x, exponent)
    return None


_AT_NUMBERS: dict[tuple[str, Number], Number] = {
    ("exp", 0): 1, ("log", 1): 0, ("sin", 0): 0, ("cos", 0): 1, ("tan", 0): 0, ("asin", 0): 0, ("atan", 0): 0,
    ("sinh", 0): 0, ("cosh", 0): 1, ("tanh", 0): 0, ("asinh", 0): 0, ("atanh", 0): 0, ("acosh", 1): 0, ("acos", 1): 0,
    ("sigmoid", 0): HALF, ("erf", 0): 0, ("normal_cdf", 0): HALF,
}  # fmt: skip  # a table
