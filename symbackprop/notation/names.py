r"""How every function is written: one line each, for LaTeX, MathML and text alike.

An entry is a token that stands before parentheses, `\tanh(z)`, or a function that builds the form from the boxes of
the arguments, `‖z‖`. A new function is one line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from .boxes.box import (
    BOLD_ONE,
    MINUS,
    MINUS_ONE,
    PLUS,
    PRODUCT,
    RELATION,
    SCRIPT,
    SUM,
    TIMES,
    Box,
    Fence,
    Root,
    Row,
    Scripts,
    Table,
    Token,
    at_least,
    parens,
    raised,
    row,
)


class Lettered(NamedTuple):
    """A function with a letter of its own, and its name for documents in which the letter means something else."""

    letter: Token
    name: Token


Form: TypeAlias = Token | Scripts | Lettered | Callable[[Sequence[Box]], Box]


def _known(name: str) -> Token:
    """A function that LaTeX has a command for."""
    return Token(rf"\{name}", name, "function")


def _word(name: str) -> Token:
    """A function written out in upright letters."""
    return Token(rf"\operatorname{{{name}}}", name, "function")


def _log(base: str) -> Scripts:
    return Scripts(_known("log"), Token(base, base, "number"), None)


def _along(name: str, axis: str) -> Scripts:
    """A function of each row or of each column, as `notation.forward` writes it."""
    return Scripts(_word(name), Token(rf"\text{{{axis}}}", axis, "text"), None)


def _letter(command: str, text: str, name: str) -> Lettered:
    return Lettered(Token(rf"\{command}", text, "letter"), _word(name))


def _abs(args: Sequence[Box]) -> Box:
    return Fence("|", "|", args[0])


def _norm(args: Sequence[Box]) -> Box:
    return Fence("‖", "‖", args[0])


def _root(args: Sequence[Box]) -> Box:
    return Root(args[0])


def _inverse(args: Sequence[Box]) -> Box:
    return raised(args[0], MINUS_ONE)


def _log_det(args: Sequence[Box]) -> Box:
    det = Row((_known("det"), args[0] if isinstance(args[0], Token) else parens(args[0])), SCRIPT, args[0].tall)
    return Row((_known("log"), Fence("|", "|", det)), SCRIPT, args[0].tall)


def _kron(args: Sequence[Box]) -> Box:
    items = [at_least(args[0], SCRIPT)]
    for arg in args[1:]:
        items += [TIMES, at_least(arg, SCRIPT)]
    return row(items, PRODUCT)


def _stack(args: Sequence[Box]) -> Box:
    if len(args) == 1:  # the array of an entry: [a_i b_j]_{ij}
        return Fence("[", "]", args[0])
    return Table("pmatrix", tuple((arg,) for arg in args))


def _transpose(args: Sequence[Box]) -> Box:
    return raised(args[0], Token(r"\top", "⊤", "transpose"))


def _log1p(args: Sequence[Box]) -> Box:
    inner = row([Token("1", "1", "number"), PLUS, at_least(args[0], PRODUCT)], SUM)
    return Row((_known("log"), parens(inner)), SCRIPT, inner.tall, tight=True)


def _expm1(args: Sequence[Box]) -> Box:
    power = Row((_known("exp"), parens(args[0])), SCRIPT, args[0].tall, tight=True)
    return row([power, MINUS, Token("1", "1", "number")], SUM)


def _square(args: Sequence[Box]) -> Box:
    return raised(args[0], Token("2", "2", "number"))


def _floor(args: Sequence[Box]) -> Box:
    return Fence("⌊", "⌋", args[0])


def _ceil(args: Sequence[Box]) -> Box:
    return Fence("⌈", "⌉", args[0])


def _is_zero(args: Sequence[Box]) -> Box:
    body = row([at_least(args[0], SUM), RELATIONS["="], Token("0", "0", "number")], RELATION)
    return Row((BOLD_ONE, Fence("[", "]", body)), SCRIPT, body.tall, tight=True)


def _unit(args: Sequence[Box]) -> Box:
    return Scripts(Token(r"\mathbf{e}", "𝐞", "letter"), args[0], None)


FORMS: Final[Mapping[str, Form]] = MappingProxyType(
    {
        # one variable
        "exp": _known("exp"),
        "log": _known("log"),
        "sin": _known("sin"),
        "cos": _known("cos"),
        "tan": _known("tan"),
        "sinh": _known("sinh"),
        "cosh": _known("cosh"),
        "tanh": _known("tanh"),
        "asin": _known("arcsin"),
        "acos": _known("arccos"),
        "atan": _known("arctan"),
        "asinh": _word("arsinh"),
        "acosh": _word("arcosh"),
        "atanh": _word("artanh"),
        "lgamma": _word("lgamma"),
        "digamma": _word("digamma"),
        "trigamma": _word("trigamma"),
        "iszero": _is_zero,
        "floor": _floor,
        "sqrt": _root,
        "abs": _abs,
        "sign": _word("sign"),
        "step": _word("step"),
        "erf": _word("erf"),
        "relu": _word("ReLU"),
        "leaky_relu": _word("LeakyReLU"),
        "elu": _word("ELU"),
        "selu": _word("SELU"),
        "gelu": _word("GELU"),
        "silu": _word("SiLU"),
        "softplus": _word("softplus"),
        "sigmoid": _letter("sigma", "σ", "sigmoid"),
        "normal_cdf": _letter("Phi", "Φ", "normcdf"),
        "normal_pdf": _letter("varphi", "φ", "normpdf"),
        "gamma": _letter("Gamma", "Γ", "gamma"),
        "polygamma": _word("polygamma"),
        "log_sigmoid": _word("logsigmoid"),
        "log1p": _log1p,
        "expm1": _expm1,
        "square": _square,
        "erfc": _word("erfc"),
        **{name: _word(name) for name in ("log2", "log10", "ceil", "clip", "erfi", "erfinv", "erfcinv")},
        **{name: _word(name) for name in ("LambertW", "Ei", "li", "Si", "Ci", "Shi", "Chi")},
        **{name: _word(name) for name in ("fresnels", "fresnelc", "airyai", "airyaiprime", "airybi", "airybiprime")},
        **{name: _word(name) for name in ("elliptic_k", "elliptic_e")},
        **{name: _word(name) for name in ("sec", "csc", "cot", "sech", "csch", "coth")},
        **{f"a{name}": _word(f"arc{name}") for name in ("sec", "csc", "cot")},
        **{f"a{name}": _word(f"ar{name}") for name in ("sech", "csch", "coth")},
        "log2": _log("2"),
        "log10": _log("10"),
        "ceil": _ceil,
        "clip": _word("clip"),
        "LambertW": _word("W"),
        "airyai": _word("Ai"),
        "airyaiprime": Token(r"\operatorname{Ai}'", "Ai′", "function"),
        "airybi": _word("Bi"),
        "airybiprime": Token(r"\operatorname{Bi}'", "Bi′", "function"),
        "elliptic_e": _word("ellipE"),
        "elliptic_k": _word("ellipK"),
        "fresnelc": _word("fresnelC"),
        "fresnels": _word("fresnelS"),
        **{name: _word(name) for name in ("erfi", "erfinv", "erfcinv", "Chi", "Ci", "Ei", "Shi", "Si", "li")},
        # two variables
        "maximum": _known("max"),
        "minimum": _known("min"),
        # over entries
        "max": _known("max"),
        "min": _known("min"),
        "sum": _word("sum"),
        "mean": _word("mean"),
        "rowmean": _along("mean", "per row"),
        "colmean": _along("mean", "per column"),
        "var": _word("var"),
        "std": _word("std"),
        "norm2": _norm,
        "softmax": _word("softmax"),
        "log_softmax": _word("logsoftmax"),
        "logsumexp": _word("logsumexp"),
        "expectation": _word("E"),
        "layer_norm": _word("LayerNorm"),
        "batch_norm": _word("BatchNorm"),
        "deviation": _word("std"),
        "standardize": _word("standardize"),
        "argmax": _word("argmax"),
        # matrices
        "trace": _word("tr"),
        "tr": _word("tr"),
        "det": _known("det"),
        "logdet": _log_det,
        "inv": _inverse,
        "diag": _word("diag"),
        "vec": _word("vec"),
        "outer": _kron,
        "kron": _kron,
        "einsum": _word("einsum"),
        # shapes
        "transpose": _transpose,
        "flip": _word("flip"),
        "stack": _stack,
        "permute": _word("permute"),
        "ones": _word("ones"),
        "broadcast_to": _word("broadcast"),
        "concatenate": _word("concat"),
        "reshape": _word("reshape"),
        "array": _stack,
        "arange": _word("arange"),
        "onehot": _unit,
        "conv1d": _word("conv"),
        "conv2d": _word("conv"),
        "max_pool": _word("maxpool"),
        "stop_gradient": _word("stopgrad"),
        "stop": _word("stopgrad"),
    }
)

CONSTANTS: Final[Mapping[str, Token]] = MappingProxyType(
    {"pi": Token(r"\pi", "π", "letter"), "e": Token("e", "e", "letter")}
)
SPECIALS: Final[Mapping[str, Token]] = MappingProxyType(
    {
        "ones": BOLD_ONE,
        "eye": Token("I", "I", "letter"),
        "zero": Token("0", "0", "number"),
        "commutation": Token("K", "K", "letter"),
    }
)
RELATIONS: Final[Mapping[str, Token]] = MappingProxyType(
    {
        "=": Token("=", "=", "relation"),
        "!=": Token(r"\neq", "≠", "relation"),
        "<": Token("<", "<", "relation"),
        "<=": Token(r"\leq", "≤", "relation"),
        ">": Token(">", ">", "relation"),
        ">=": Token(r"\geq", "≥", "relation"),
        "in": Token(r"\in", "∈", "relation"),
    }
)
