"""Functions of one entry at a time: the heads of the calculus by their names, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from ..errors import ReadError
from ..tensor.normal import apply, number, powered, scaled
from ..tensor.terms import Term, constant
from .operators import greater, maximum, minimum, multiply, where
from .shapes import widened
from .table import Function, function

HALF = Fraction(1, 2)
NAUGHT, UNIT, HUNDREDTH = number(0), number(1), number(Fraction(1, 100))
# Klambauer et al. 2017, equations 2 and 14, with the digits that frameworks use.
SELU_ALPHA = Fraction("1.6732632423543772848170429916717")
SELU_SCALE = Fraction("1.0507009873554804934193349852946")
# Hendrycks & Gimpel 2016, section 2.
GELU_CUBIC = Fraction("0.044715")

HEADS: tuple[tuple[str, str], ...] = (
    ("exp", "e^x_i"),
    ("log", "the natural logarithm of x_i, for x_i > 0"),
    ("sin", "sin x_i"),
    ("cos", "cos x_i"),
    ("tan", "tan x_i"),
    ("asin", "the angle in [−π/2, π/2] whose sine is x_i, for |x_i| < 1"),
    ("acos", "the angle in [0, π] whose cosine is x_i, for |x_i| < 1"),
    ("atan", "the angle in (−π/2, π/2) whose tangent is x_i"),
    ("sinh", "(e^x_i − e^−x_i) / 2"),
    ("cosh", "(e^x_i + e^−x_i) / 2"),
    ("tanh", "sinh x_i / cosh x_i"),
    ("asinh", "log(x_i + √(x_i² + 1))"),
    ("acosh", "log(x_i + √(x_i² − 1)), for x_i > 1"),
    ("atanh", "log((1 + x_i) / (1 − x_i)) / 2, for |x_i| < 1"),
    ("sigmoid", "1 / (1 + e^−x_i)"),
    ("softplus", "log(1 + e^x_i)"),
    ("erf", "2/√π ∫_0^x_i e^−t² dt"),
    ("normal_cdf", "∫_−∞^x_i normal_pdf(t) dt"),
    ("normal_pdf", "e^(−x_i²/2) / √(2π)"),
    ("lgamma", "log Γ(x_i), for x_i > 0"),
    ("digamma", "the derivative of lgamma at x_i, for x_i > 0"),
    ("relu", "max(x_i, 0); its derivative at 0 is 0"),
    ("abs", "|x_i|; its derivative at 0 is 0"),
    ("step", "1 where x_i > 0, else 0; its derivative is 0"),
    ("sign", "1 where x_i > 0, −1 where x_i < 0, 0 at 0; its derivative is 0"),
    ("floor", "the greatest integer ≤ x_i; its derivative is 0"),
    ("erfi", "2/√π ∫_0^x_i e^t² dt"),
    ("erfinv", "the number whose erf is x_i, for |x_i| < 1"),
    ("LambertW", "the number w ≥ −1 with w e^w = x_i, for x_i > −1/e"),
    ("Ei", "the principal value of ∫_−∞^x_i e^t/t dt, for x_i ≠ 0"),
    ("Si", "∫_0^x_i sin(t)/t dt"),
    ("Ci", "−∫_x_i^∞ cos(t)/t dt, for x_i > 0"),
    ("Shi", "∫_0^x_i sinh(t)/t dt"),
    ("Chi", "the Euler constant + log x_i + ∫_0^x_i (cosh(t) − 1)/t dt, for x_i > 0"),
    ("fresnels", "∫_0^x_i sin(πt²/2) dt"),
    ("fresnelc", "∫_0^x_i cos(πt²/2) dt"),
    ("airyai", "the solution of y'' = x y that vanishes at infinity"),
    ("airyaiprime", "the derivative of airyai"),
    ("airybi", "the solution of y'' = x y that grows at infinity, out of phase with airyai by π/2 at −infinity"),
    ("airybiprime", "the derivative of airybi"),
    ("elliptic_k", "∫_0^(π/2) (1 − x_i sin² t)^(−1/2) dt, for x_i < 1"),
    ("elliptic_e", "∫_0^(π/2) (1 − x_i sin² t)^(1/2) dt, for x_i ≤ 1"),
)


def _mapped(head: str) -> Callable[[Term], Term]:
    def build(x: Term) -> Term:
        return apply(head, [x])

    return build


exp, sigmoid, tanh, erf, normal_cdf = map(_mapped, ("exp", "sigmoid", "tanh", "erf", "normal_cdf"))
sin, cos, sinh, cosh, tan, asin, acos, asinh, acosh, atan, atanh = map(
    _mapped, ("sin", "cos", "sinh", "cosh", "tan", "asin", "acos", "asinh", "acosh", "atan", "atanh")
)
lgamma = _mapped("lgamma")
log = _mapped("log")


def sqrt(x: Term) -> Term:
    """√x_i, for x_i > 0; the shape of x."""
    return powered(x, HALF)


def square(x: Term) -> Term:
    """x_i²; the shape of x."""
    return powered(x, 2)


def leaky_relu(x: Term, slope: Term = HUNDREDTH) -> Term:
    """x_i where x_i > 0, else slope · x_i; the shape of x."""
    return where(greater(x, NAUGHT), x, multiply(slope, x))


def elu(x: Term, alpha: Term = UNIT) -> Term:
    """x_i where x_i > 0, else alpha (e^x_i − 1); the shape of x."""
    return apply("elu", widened([x, alpha])[1])


def selu(x: Term) -> Term:
    """1.0507... · elu(x_i, 1.6732...), with the constants of Klambauer et al. 2017; the shape of x."""
    return scaled(SELU_SCALE, elu(x, number(SELU_ALPHA)))


def gelu(x: Term, approximate: str = "none") -> Term:
    """x_i normal_cdf(x_i), or x_i/2 (1 + tanh(√(2/π) (x_i + 0.044715 x_i³))) for "tanh"; the shape of x."""
    if approximate == "none":
        return multiply(x, normal_cdf(x))
    if approximate != "tanh":
        raise ReadError(f'approximate is "none" or "tanh", not "{approximate}".')
    inner = multiply(powered(number(2), HALF) * powered(constant("pi"), -HALF), x + scaled(GELU_CUBIC, powered(x, 3)))
    return scaled(HALF, multiply(x, 1 + tanh(inner)))


def silu(x: Term) -> Term:
    """x_i sigmoid(x_i); the shape of x."""
    return multiply(x, sigmoid(x))


def log1p(x: Term) -> Term:
    """log(1 + x_i), for x_i > −1; the shape of x."""
    return log(1 + x)


def expm1(x: Term) -> Term:
    """e^x_i − 1; the shape of x."""
    return exp(x) - 1


def log2(x: Term) -> Term:
    """log x_i / log 2, for x_i > 0; the shape of x."""
    return log(x) / log(number(2))


def log10(x: Term) -> Term:
    """log x_i / log 10, for x_i > 0; the shape of x."""
    return log(x) / log(number(10))


def ceil(x: Term) -> Term:
    """The least integer ≥ x_i; its derivative is 0; the shape of x."""
    return -apply("floor", [-x])


def clip(x: Term, low: Term, high: Term) -> Term:
    """min(max(x_i, low_i), high_i), broadcast; at a bound nothing is passed back."""
    return minimum(maximum(x, low), high)


def log_sigmoid(x: Term) -> Term:
    """log sigmoid(x_i) = −softplus(−x_i); the shape of x."""
    return -apply("softplus", [-x])


def erfc(x: Term) -> Term:
    """1 − erf(x_i); the shape of x."""
    return 1 - erf(x)


def erfcinv(x: Term) -> Term:
    """The number whose erfc is x_i, for 0 < x_i < 2; the shape of x."""
    return apply("erfinv", [1 - x])


def li(x: Term) -> Term:
    """∫_0^x_i dt/log t = Ei(log x_i), for x_i > 0 and x_i ≠ 1; the shape of x."""
    return apply("Ei", [log(x)])


def gamma(x: Term) -> Term:
    """Γ(x_i) = e^lgamma(x_i), for x_i > 0; the shape of x."""
    return exp(lgamma(x))


def trigamma(x: Term) -> Term:
    """The derivative of digamma at x_i, for x_i > 0; the shape of x."""
    return polygamma(1, x)


def polygamma(n: int, x: Term) -> Term:
    """The derivative of order n of digamma at x_i, for x_i > 0 and n ≥ 0; the shape of x."""
    if n < 0:
        raise ReadError(f"the order of a derivative is not negative, as {n} is.")
    return apply("polygamma", [number(n, x.sizes), x]) if n else apply("digamma", [x])


def sec(x: Term) -> Term:
    """1 / cos x_i; the shape of x."""
    return powered(cos(x), -1)


def csc(x: Term) -> Term:
    """1 / sin x_i; the shape of x."""
    return powered(sin(x), -1)


def cot(x: Term) -> Term:
    """cos x_i / sin x_i; the shape of x."""
    return cos(x) / sin(x)


def sech(x: Term) -> Term:
    """1 / cosh x_i; the shape of x."""
    return powered(cosh(x), -1)


def csch(x: Term) -> Term:
    """1 / sinh x_i; the shape of x."""
    return powered(sinh(x), -1)


def coth(x: Term) -> Term:
    """cosh x_i / sinh x_i; the shape of x."""
    return powered(tanh(x), -1)


def _of_reciprocal(name: str, inner: Callable[[Term], Term], meaning: str) -> Function:
    def build(x: Term) -> Term:
        return inner(powered(x, -1))

    return function("elementwise", build, name, f"{meaning}; the shape of x.")


RECIPROCAL = (
    ("asec", acos, "acos(1/x_i)"),
    ("acsc", asin, "asin(1/x_i)"),
    ("acot", atan, "atan(1/x_i)"),
    ("asech", acosh, "acosh(1/x_i)"),
    ("acsch", asinh, "asinh(1/x_i)"),
    ("acoth", atanh, "atanh(1/x_i)"),
)

ELEMENTWISE = (
    *(function("elementwise", _mapped(name), name, f"{text}; the shape of x.") for name, text in HEADS),
    *(
        function("elementwise", f)
        for f in (
            sqrt, square, leaky_relu, elu, selu, gelu, silu, log1p, expm1, log2, log10, ceil, clip, log_sigmoid, erfc,
            erfcinv, li, gamma, trigamma,
            polygamma, sec, csc, cot, sech, csch, coth,
        )
    ),
    *(_of_reciprocal(*row) for row in RECIPROCAL),
)  # fmt: skip
