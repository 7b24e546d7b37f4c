"""Terms to SymPy: Expr for numbers, MatrixExpr up to order 2, else a TensorExpr.

What people would write in matrix notation comes out of the printed form; the rest is built from functions of `sb.`.
"""

from __future__ import annotations

from functools import reduce
from typing import Any, Protocol

import sympy as sp

from ..errors import MissingRule
from ..notation.sympy_printer import to_sympy
from ..tensor.pullback import children_last
from ..tensor.size import ONE, Floor, Size
from ..tensor.terms import Bracket, Constant, Dim, Map, Product, Special, Sum, Symbol, Term
from .objects import IndexSymbol, IndexVector, apply, sympy_symbol
from .sizes import sympy_size

LETTERS = "ijklmnpqrstuvwxyzabcdefghoABCDEFGHIJKLMNOPQRSTUVWXYZ"
PLAIN = {
    "inverse": "inv", "logdet": "logdet", "det": "det", "softmax": "softmax", "logsumexp": "logsumexp",
    "stop": "stop_gradient",
}  # fmt: skip  # special operations by the names of functions
ALONG_AXES = ("softmax", "logsumexp")


class Expressed(Protocol):
    """A printed form: a tree, and the letters of its free indices if it is one entry."""

    @property
    def tree(self) -> Any:
        """The tree."""

    @property
    def letters(self) -> Any:
        """The free indices."""


class Writer(Protocol):
    """What expresses a term as a tree."""

    def expressed(self, term: Term) -> Expressed:
        """The term as a tree."""


class Context(Protocol):
    """What printing knows of a network."""

    @property
    def writer(self) -> Writer:
        """How terms become trees."""


def sympy_term(term: Term, context: Context) -> Any:
    """The term in SymPy: Expr for a number, MatrixExpr for a vector (n x 1) or a matrix, else a TensorExpr.

    Raises MissingRule for an operation that has no form there.
    """
    if term.order <= 2:
        expressed = context.writer.expressed(term)
        if not expressed.letters:
            try:
                return _printed(term, expressed.tree)
            except MissingRule:
                pass
    return built(term)


def _printed(term: Term, tree: Any) -> Any:
    sizes = {_plain(t.name): t.sizes for t in children_last(term) if isinstance(t, Symbol)}

    def shapes(name: str) -> tuple[Any, ...]:
        return tuple(map(sympy_size, sizes.get(name, sizes.get(f"delta_{name}", ()))))

    def symbol(name: str, _: Any) -> Any:
        if name not in sizes:
            return sp.Symbol(name, integer=True, positive=True)
        return sympy_symbol(name, sizes[name])

    shape = tuple(map(sympy_size, term.sizes))
    found = to_sympy(tree, shapes, symbol=symbol, heads=_HEADS, shape=shape)
    wanted = {0: None, 1: (*shape, 1), 2: shape}[term.order]
    if wanted is not None and getattr(found, "shape", None) != wanted:
        raise MissingRule("the printed form lies in a row")
    return found


def _plain(name: str) -> str:
    """A symbol's name; the gradient at z is called delta_z."""
    return f"delta_{name[1:]}" if name.startswith("@") else name


def _head(name: str) -> Any:
    return lambda *args: apply(name, *args)


_OURS = (
    "sigmoid", "softplus", "relu", "step", "sign", "abs", "normal_cdf", "normal_pdf", "softmax", "log_softmax",
)  # fmt: skip
_HEADS = {name: _head(name) for name in _OURS}
_HEADS["iszero"] = lambda x: apply("equal", x, 0)


def built(term: Term) -> Any:
    """The term from functions of `sb.`, each inner term once."""
    done: dict[Term, Any] = {}
    for inner in children_last(term)[::-1]:
        if inner not in done:
            done[inner] = _built(inner, done)
    return done[term]


def _built(term: Term, done: dict[Term, Any]) -> Any:
    if isinstance(term, Symbol):
        return sympy_symbol(_plain(term.name), term.sizes)
    if isinstance(term, Constant):
        return sp.pi if term.value == "pi" else sp.Integer(term.value)
    if isinstance(term, Dim):
        return _atom(term.atom)
    if isinstance(term, Sum):
        parts = [_scaled(c, done[t]) for c, t in term.terms]
        return reduce(lambda a, b: apply("add", a, b), parts) if parts else apply("zeros", *term.sizes)
    if isinstance(term, Product):
        return _product(term, done)
    if isinstance(term, Map):
        args = [done[c] for c in term.children]
        return apply("equal", *args, 0) if term.head == "iszero" else _known(term.head, *args)
    if isinstance(term, Bracket):
        return _bracket(term)
    assert isinstance(term, Special)
    return _special(term, done)


def _atom(atom: str | Floor) -> Any:
    if isinstance(atom, str):
        return sp.Symbol(atom, integer=True, positive=True)
    return sp.floor(sympy_size(atom.numerator) / atom.divisor)


def _scaled(coefficient: Any, value: Any) -> Any:
    number = sp.Rational(coefficient.numerator, coefficient.denominator)
    if number == 1:
        return value
    return number * value if isinstance(value, (sp.Expr, sp.MatrixExpr)) else apply("multiply", number, value)


def _known(function: str, *args: Any, **options: Any) -> Any:
    from ..functions import FUNCTIONS

    if function not in FUNCTIONS:
        raise MissingRule(f"No SymPy form for {function}.")
    return apply(function, *args, **options)


def _product(term: Product, done: dict[Term, Any]) -> Any:
    """An einsum of powers; numbers among the factors stand in front."""
    number: Any = sp.Rational(term.coefficient.numerator, term.coefficient.denominator)
    operands: list[Any] = []
    patterns: list[str] = []
    if len(term.label_sizes) > len(LETTERS):
        raise MissingRule("No SymPy form for a product over so many indices.")
    for factor, labels, exponent in term.factors:
        value = done[factor]
        power = sp.Rational(exponent.numerator, exponent.denominator)
        if not labels:
            number *= value**power
            continue
        operands.append(value if power == 1 else apply("power", value, power))
        patterns.append("".join(LETTERS[x] for x in labels))
    used = {letter for pattern in patterns for letter in pattern}
    output = LETTERS[: term.order]
    for letter, length in zip(output, term.sizes, strict=True):
        if letter not in used:
            operands.append(apply("ones", length))
            patterns.append(letter)
    if not operands:
        return number
    if len(operands) == 1 and patterns[0] == output:
        return _scaled_by(number, operands[0])
    whole = apply("einsum", *operands, subscripts=f"{','.join(patterns)}->{output}")
    return _scaled_by(number, whole)


def _scaled_by(number: Any, value: Any) -> Any:
    if number == 1:
        return value
    return number * value if isinstance(value, (sp.Expr, sp.MatrixExpr)) else apply("multiply", number, value)


def _bracket(term: Bracket) -> Any:
    """A delta is the identity, a bracket with one index a one-hot vector; others compare positions."""
    if term.is_delta:
        return apply("eye", term.sizes[0])
    if not term.indices:
        return _positions(term)
    if len(term.indices) == 1 and term.order and term.constant.number == 0:
        coefficient, name, axes, stop = term.indices[0]
        last = term.order - 1
        plain = axes == tuple(range(last)) and all(c.number == 0 for c in term.coefficients[:last])
        if (
            plain
            and len(axes) <= 1
            and (coefficient + term.coefficients[last]).number == 0
            and coefficient.number in (1, -1)
        ):
            symbol = (
                IndexVector(name, sympy_size(term.sizes[0]), 1)
                if axes
                else IndexSymbol(name, integer=True, nonnegative=True)
            )
            return apply("onehot", symbol, stop)
    raise MissingRule("No SymPy form for this relation between positions.")


def _positions(term: Bracket) -> Any:
    total: Any = sympy_size(term.constant)
    for axis, (coefficient, length) in enumerate(zip(term.coefficients, term.sizes, strict=True)):
        shape: list[Size] = [length if a == axis else ONE for a in range(term.order)]
        counted = apply("reshape", apply("arange", length), *shape)
        total = apply("add", total, apply("multiply", sympy_size(coefficient), counted))
    return apply("equal", total, 0)


def _special(term: Special, done: dict[Term, Any]) -> Any:
    x, *more = (done[c] for c in term.children)
    axes = tuple(range(-term.axes, 0))
    if term.operation in ALONG_AXES:
        return apply(term.operation, x, axis=axes if len(axes) > 1 else axes[0])
    if term.operation in PLAIN:
        return apply(PLAIN[term.operation], x)
    if term.operation == "standardize":
        return apply("layer_norm", x, eps=more[0], axis=axes)
    if term.operation == "deviation":
        return apply("sqrt", apply("add", apply("var", x, axis=axes), more[0]))
    raise MissingRule(f"No SymPy form for {term.operation}.")
