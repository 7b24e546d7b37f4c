"""What every function must give: a few right-hand sides each, with an independent value and, if torch has it, gradient.

`value` takes the arrays in order as NumPy arrays and computes what the text means by NumPy, mpmath or loops; `torch`
takes tensors. Both know nothing of terms. Domains: real, positive, unit (inside (−1, 1)), fraction (inside (0, 1)),
above (greater than 1), halves (half of an odd number), diagonal (well-conditioned matrices), apart (all entries and
differences of entries are far from 0, so that kinks and ties are out of reach of a difference quotient).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import mpmath
import numpy as np

Shape = tuple[object, ...]


@dataclass(frozen=True)
class Case:
    """A right-hand side over declared symbols. `indices`: name -> (shape, range)."""

    text: str
    shapes: Mapping[str, Shape]
    value: Callable[..., Any]
    torch: Callable[..., Any] | None = None
    domain: str = "real"
    indices: Mapping[str, tuple[Shape, object]] = field(default_factory=dict)
    smooth: bool = True

    def __str__(self) -> str:
        return (
            f"{self.text} {' '.join(f'{n}{s}'.replace(chr(39), '').replace(' ', '') for n, s in self.shapes.items())}"
        )


def by_entry(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A scalar function of mpmath at 30 digits, entry by entry."""

    def value(x: Any) -> Any:
        with mpmath.workdps(30):
            flat = [float(function(mpmath.mpf(float(v)))) for v in np.asarray(x).ravel()]
        return np.array(flat).reshape(np.shape(x))

    return value


def entrywise(name: str, function: Callable[[Any], Any], torch: Any = None, domain: str = "real") -> list[Case]:
    """The function for orders 0 to 3."""
    shapes: list[Shape] = [(), ("n",), ("n", "d"), ("n", "d", 2)]
    return [Case(f"{name}(x)", {"x": s}, by_entry(function), torch, domain) for s in shapes]


mp = mpmath


def cdf(x: Any) -> Any:
    """Φ(x), from the complementary error function."""
    return mp.erfc(-x / mp.sqrt(2)) / 2


def elu(x: Any, alpha: Any = 1) -> Any:
    """By its definition."""
    return x if x > 0 else alpha * mp.expm1(x)


SELU = mp.mpf("1.6732632423543772848170429916717"), mp.mpf("1.0507009873554804934193349852946")


def gelu_tanh(x: Any) -> Any:
    """By its definition."""
    return x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3)))


def t(name: str) -> Callable[..., Any]:
    """A function of torch by its dotted name, looked up when it is called: torch may be missing."""

    def call(*args: Any, **options: Any) -> Any:
        import torch

        found: Any = torch
        for part in name.split("."):
            found = getattr(found, part)
        return found(*args, **options)

    return call


F = "nn.functional."
ELEMENTWISE = [
    *entrywise("exp", mp.exp, t("exp")),
    *entrywise("log", mp.log, t("log"), "positive"),
    *entrywise("sqrt", mp.sqrt, t("sqrt"), "positive"),
    *entrywise("square", lambda x: x * x, t("square")),
    *entrywise("sin", mp.sin, t("sin")),
    *entrywise("cos", mp.cos, t("cos")),
    *entrywise("tan", mp.tan, t("tan")),
    *entrywise("asin", mp.asin, t("asin"), "unit"),
    *entrywise("acos", mp.acos, t("acos"), "unit"),
    *entrywise("atan", mp.atan, t("atan")),
    *entrywise("sinh", mp.sinh, t("sinh")),
    *entrywise("cosh", mp.cosh, t("cosh")),
    *entrywise("tanh", mp.tanh, t("tanh")),
    *entrywise("asinh", mp.asinh, t("asinh")),
    *entrywise("acosh", mp.acosh, t("acosh"), "above"),
    *entrywise("atanh", mp.atanh, t("atanh"), "unit"),
    *entrywise("sec", mp.sec, lambda x: 1 / t("cos")(x)),
    *entrywise("csc", mp.csc, lambda x: 1 / t("sin")(x), "positive"),
    *entrywise("cot", mp.cot, lambda x: 1 / t("tan")(x), "positive"),
    *entrywise("sech", mp.sech, lambda x: 1 / t("cosh")(x)),
    *entrywise("csch", mp.csch, lambda x: 1 / t("sinh")(x), "positive"),
    *entrywise("coth", mp.coth, lambda x: 1 / t("tanh")(x), "positive"),
    *entrywise("asec", mp.asec, lambda x: t("acos")(1 / x), "above"),
    *entrywise("acsc", mp.acsc, lambda x: t("asin")(1 / x), "above"),
    *entrywise("acot", mp.acot, lambda x: t("atan")(1 / x), "positive"),
    *entrywise("asech", mp.asech, lambda x: t("acosh")(1 / x), "fraction"),
    *entrywise("acsch", mp.acsch, lambda x: t("asinh")(1 / x), "positive"),
    *entrywise("acoth", mp.acoth, lambda x: t("atanh")(1 / x), "above"),
    *entrywise("sigmoid", lambda x: 1 / (1 + mp.exp(-x)), t("sigmoid")),
    *entrywise("log_sigmoid", lambda x: -mp.log(1 + mp.exp(-x)), t(F + "logsigmoid")),
    *entrywise("softplus", lambda x: mp.log(1 + mp.exp(x)), t(F + "softplus")),
    *entrywise("erf", mp.erf, t("erf")),
    *entrywise("erfc", mp.erfc, t("erfc")),
    *entrywise("normal_cdf", cdf, t("special.ndtr")),
    *entrywise("normal_pdf", mp.npdf, lambda x: t("exp")(-(x**2) / 2) / (2 * np.pi) ** 0.5),
    *entrywise("lgamma", mp.loggamma, t("lgamma"), "positive"),
    *entrywise("gamma", mp.gamma, lambda x: t("lgamma")(x).exp(), "positive"),
    *entrywise("digamma", mp.digamma, None, "positive"),
    *entrywise("trigamma", lambda x: mp.psi(1, x), None, "positive"),
    *entrywise("log1p", mp.log1p, t("log1p"), "positive"),
    *entrywise("expm1", mp.expm1, t("expm1")),
    *entrywise("log2", lambda x: mp.log(x, 2), t("log2"), "positive"),
    *entrywise("log10", mp.log10, t("log10"), "positive"),
    *entrywise("erfi", mp.erfi),
    *entrywise("erfinv", mp.erfinv, t("erfinv"), "unit"),
    *entrywise("erfcinv", lambda x: mp.erfinv(1 - x), lambda x: t("erfinv")(1 - x), "fraction"),
    *entrywise("LambertW", lambda x: mp.lambertw(x).real, None, "positive"),
    *entrywise("Ei", mp.ei, None, "positive"),
    *entrywise("li", mp.li, None, "above"),
    *entrywise("Si", mp.si),
    *entrywise("Ci", mp.ci, None, "positive"),
    *entrywise("Shi", mp.shi),
    *entrywise("Chi", mp.chi, None, "positive"),
    *entrywise("fresnels", mp.fresnels),
    *entrywise("fresnelc", mp.fresnelc),
    *entrywise("airyai", mp.airyai),
    *entrywise("airyaiprime", lambda x: mp.airyai(x, derivative=1)),
    *entrywise("airybi", mp.airybi),
    *entrywise("airybiprime", lambda x: mp.airybi(x, derivative=1)),
    *entrywise("elliptic_k", mp.ellipk, None, "fraction"),
    *entrywise("elliptic_e", mp.ellipe, None, "fraction"),
    *entrywise("ceil", mp.ceil, t("ceil"), "halves"),
    Case(
        "clip(x, -1, a)",
        {"x": ("n", "d"), "a": ("d",)},
        lambda x, a: np.minimum(np.maximum(x, -1), a),
        lambda x, a: t("minimum")(t("maximum")(x, x * 0 - 1), a),
        "apart",
    ),
    *entrywise("relu", lambda x: max(x, 0), t("relu"), "apart"),
    *entrywise("abs", abs, t("abs"), "apart"),
    *entrywise("sign", mp.sign, t("sign"), "apart"),
    *entrywise("step", lambda x: x > 0, None, "apart"),
    *entrywise("floor", mp.floor, t("floor"), "halves"),
    *entrywise("leaky_relu", lambda x: x if x > 0 else x / 100, t(F + "leaky_relu"), "apart"),
    *entrywise("elu", elu, t(F + "elu"), "apart"),
    *entrywise("selu", lambda x: SELU[1] * elu(x, SELU[0]), t(F + "selu"), "apart"),
    *entrywise("gelu", lambda x: x * cdf(x), t(F + "gelu")),
    *entrywise("silu", lambda x: x / (1 + mp.exp(-x)), t(F + "silu")),
    *entrywise("negative", lambda x: -x, t("neg")),
    *entrywise("array", lambda x: x, None),
    Case(
        "gelu(x, approximate='tanh')",
        {"x": ("n", "d")},
        by_entry(gelu_tanh),
        lambda x: t(F + "gelu")(x, approximate="tanh"),
    ),
    Case("polygamma(3, x)", {"x": ("n", "d")}, by_entry(lambda x: mp.psi(3, x)), None, "positive"),
    Case("polygamma(0, x)", {"x": ("n",)}, by_entry(mp.digamma), None, "positive"),
    Case(
        "leaky_relu(x, slope=a)",
        {"x": ("n", "d"), "a": ("d",)},
        lambda x, a: np.where(x > 0, x, a * x),
        lambda x, a: t("where")(x > 0, x, a * x),
        "apart",
    ),
    Case(
        "leaky_relu(x, 0.25)",
        {"x": ("n",)},
        lambda x: np.where(x > 0, x, x / 4),
        lambda x: t(F + "leaky_relu")(x, 0.25),
        "apart",
    ),
    Case(
        "elu(x, a)",
        {"x": ("n", "d"), "a": ()},
        lambda x, a: np.where(x > 0, x, a * np.expm1(x)),
        lambda x, a: t("where")(x > 0, x, a * t("expm1")(x)),
        "apart",
    ),
]

WIDE: list[dict[str, Shape]] = [
    {"x": (), "y": ()},
    {"x": ("n", "d"), "y": ("n", "d")},
    {"x": ("n", "d"), "y": ("d",)},
    {"x": (), "y": ("n", "d")},
    {"x": ("n", 1), "y": ("n", "d")},
    {"x": ("n", 1), "y": (1, "d")},
    {"x": ("h", 1, "d"), "y": ("n", 1)},
]


def binary(text: str, value: Any, torch: Any = None, domain: str = "real", smooth: bool = True) -> list[Case]:
    """An operator over every kind of broadcasting."""
    return [Case(text, shapes, value, torch, domain, smooth=smooth) for shapes in WIDE]


OPERATORS = [
    *binary("x + y", lambda x, y: x + y, lambda x, y: x + y),
    *binary("x - y", lambda x, y: x - y, lambda x, y: x - y),
    *binary("x * y", lambda x, y: x * y, lambda x, y: x * y),
    *binary("x / y", lambda x, y: x / y, lambda x, y: x / y, "positive"),
    *binary("x ** y", lambda x, y: x**y, lambda x, y: x**y, "positive"),
    *binary("x // y", lambda x, y: x // y, None, "apart", smooth=False),
    *binary("x > y", lambda x, y: x > y, None, "apart"),
    *binary("x >= y", lambda x, y: x >= y, None, "apart"),
    *binary("x < y", lambda x, y: x < y, None, "apart"),
    *binary("x <= y", lambda x, y: x <= y, None, "apart"),
    *binary("x == y", lambda x, y: x == y, None, "apart"),
    *binary("x != y", lambda x, y: x != y, None, "apart"),
    *binary("maximum(x, y)", np.maximum, t("maximum"), "apart"),
    *binary("minimum(x, y)", np.minimum, t("minimum"), "apart"),
    *binary(
        "where(x > y, x * y, y)",
        lambda x, y: np.where(x > y, x * y, y),
        lambda x, y: t("where")(x > y, x * y, y),
        "apart",
    ),
    Case("x >= x", {"x": ("n",)}, lambda x: x >= x),
    Case("x == x", {"x": ("n",)}, lambda x: x == x),
    Case("x != x", {"x": ("n",)}, lambda x: x != x),
    Case("maximum(x, 0)", {"x": ("n",)}, lambda x: np.maximum(x, 0), t("relu"), "apart"),
    Case("where(x, y, 2 * y)", {"x": ("n",), "y": ("n",)}, lambda x, y: np.where(x, y, 2 * y), None, "apart"),
    Case(
        "x**3 + x**-2 + x**0.5 + 2**x",
        {"x": ("n", "d")},
        lambda x: x**3 + x**-2 + x**0.5 + 2**x,
        lambda x: x**3 + x**-2 + x**0.5 + 2**x,
        "positive",
    ),
    Case("x * n / d + d // 2 + pi", {"x": ("n", "d")}, lambda x: x * x.shape[0] / x.shape[1] + x.shape[1] // 2 + np.pi),
    Case("x.shape[0] * x + x.shape[-1]", {"x": ("n", "d")}, lambda x: x * x.shape[0] + x.shape[1]),
]
