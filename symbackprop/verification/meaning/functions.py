"""Functions as people write them, entry by entry or of whole arrays, and derivatives of the former."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ...expression import Call, Name
from ...functions import FUNCTIONS
from ...lower import Names as LowerNames
from ...lower import lower
from ...network import NamedFunction
from ...tensor.normal import apply, broadcast, delta, from_size, number, product
from ...tensor.pullback import pullback
from ...tensor.size import size
from ...tensor.terms import Map, Symbol, Term, constant, symbol
from .values import Value, combined, kind_of_order, squeezed, transposed

# How a function is written, and the function of the table that it is.
ELEMENTWISE = {
    "exp": "exp", "log": "log", "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh",
    "tanh": "tanh",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "sqrt": "sqrt", "sign": "sign", "sgn": "sign", "erf": "erf",
    "\\sigma": "sigmoid", "sigmoid": "sigmoid", "Sigmoid": "sigmoid", "sigm": "sigmoid", "relu": "relu", "ReLU": "relu",
    "Relu": "relu", "softplus": "softplus", "H": "step", "u": "step", "\\Theta": "step", "\\theta": "step",
    "GELU": "gelu",
    "SiLU": "silu", "\\Phi": "normal_cdf", "abs": "abs", "step": "step",
}  # fmt: skip  # a table
WHOLE = frozenset(
    {"softmax", "Softmax", "diag", "Diag", "tr", "Tr", "trace", "det", "vec", "mean", "sum", "logsumexp", "inv"}
)
ACTIVATIONS = ("g", "f", "h", "\\sigma", "\\phi", "\\varphi", "\\psi", "act", "a", "s", "\\rho", "\\eta")
SPECIAL = {"sech": lambda x: apply("cosh", [x]) ** -1, "sec": lambda x: apply("cos", [x]) ** -1}


@dataclass(frozen=True, slots=True)
class Function:
    """A function of one argument, entry by entry: `build` makes its term; `name` is what a note calls it."""

    name: str
    build: Callable[[Term], Term]

    def of(self, value: Value) -> Value:
        """Its value."""
        return replace(value, term=self.build(value.term), link=None)

    def derivative_of(self, value: Value, order: int) -> Value:
        """Its derivative of that order at a value, entry by entry."""
        build = self.build
        for _ in range(order):
            build = _derived(build)
        return replace(value, term=build(value.term), link=None)


def _derived(build: Callable[[Term], Term]) -> Callable[[Term], Term]:
    """The derivative of an entrywise function: the cotangent of ones."""

    def slope(x: Term) -> Term:
        from ...tensor.substitute import substitute

        stand_in = symbol("?argument", x.sizes)
        made = build(stand_in)
        found = pullback(made, number(1, made.sizes)).get(stand_in, number(0, x.sizes))
        return substitute(found, {stand_in: x})

    return slope


def known(base: str) -> Function | None:
    """The function that a letter or word stands for by custom; None if it is none, or none that works by entries."""
    if base in SPECIAL:
        return Function(base, SPECIAL[base])
    name = ELEMENTWISE.get(base)
    return Function(name, FUNCTIONS[name].build) if name is not None else None


def declared(function: NamedFunction, functions: dict[str, NamedFunction], constants: dict[str, Term]) -> Function:
    """An author's own function: `f: function(tanh)`, `function(lambda u: ...)`."""

    def build(x: Term) -> Term:
        scope = LowerNames(terms={**constants, "argument": x}, functions=functions)
        return lower(Call(function.name, (Name("argument"),)), scope, function.name).term

    return Function(function.name, build)


def of_map(head: str, rest: Sequence[Term]) -> Function:
    """The function of a Map in the network, its other arguments as they stand there."""
    return Function(head, lambda x: apply(head, [x, *rest]))


def activation_at(term: Term, argument: Symbol) -> Function | None:
    """The function if a node is one of exactly that argument, entry by entry."""
    if isinstance(term, Map) and term.children[0] is argument:
        return of_map(term.head, term.children[1:])
    # written out by sums and products of maps: 1/(1 + e^-x), x σ(x)
    symbols = _symbols(term)
    if symbols == {argument} and term.sizes == argument.sizes and _entrywise(term, argument):

        def build(x: Term) -> Term:
            from ...tensor.substitute import substitute

            scalar_free = symbol(argument.name, argument.sizes)
            if x.sizes == argument.sizes:
                return substitute(term, {scalar_free: x})
            raise ValueError("another shape")

        return Function("activation", build)
    return None


def _symbols(term: Term) -> set[Term]:
    from ...tensor.substitute import subterms

    return {t for t in subterms(term) if isinstance(t, Symbol)}


def _entrywise(term: Term, argument: Symbol) -> bool:
    from ...tensor.substitute import subterms
    from ...tensor.terms import Product, Special

    for inner in subterms(term):
        if isinstance(inner, Special):
            return False
        if isinstance(inner, Product) and (inner.summed or any(len(set(u)) < len(u) for _, u, _ in inner.factors)):
            return False
        if isinstance(inner, Product) and any(list(u) != sorted(u) for _, u, _ in inner.factors):
            return False
    return True


def whole(name: str, value: Value) -> list[Value] | str:
    """A function of a whole array; a sentence if it has no meaning for that shape."""
    name = {"Softmax": "softmax", "Diag": "diag", "Tr": "tr", "trace": "tr"}.get(name, name)
    if name in ("softmax", "logsumexp"):
        if value.kind == "scalar":
            return f"{name} takes several numbers"
        return (
            [replace(value, term=FUNCTIONS[name].build(value.term), kind=value.kind if name == "softmax" else "scalar")]
            if name == "softmax" or value.kind in ("row", "column")
            else f"{name} takes a vector here"
        )
    if name in ("mean", "sum"):
        letters = tuple(f" {k}" for k in range(len(value.sizes)))
        total = combined([(value, letters, 1)], (), value.free)
        if name == "mean":
            for s in value.sizes:
                total = product(1, [(total, tuple(range(total.order)), 1), (from_size(s), (), -1)], range(total.order))
        return [Value(total, value.free, "scalar", value.notes)]
    if name == "diag" and value.kind == "scalar" and len(value.free) == 1:  # diag(y_n (1 - y_n))
        value = Value(value.term, (), "column", value.notes)
    if name == "diag" and value.free and value.kind in ("row", "column"):
        count = len(value.free)
        axes, length = tuple(range(count + 2)), value.sizes[0]
        term = product(1, [(value.term, axes[:-1], 1), (delta(length), axes[-2:], 1)], axes)
        return [Value(term, value.free, "matrix", value.notes)]
    if value.free:
        return f"{name} takes a whole array, not entries"
    if value.kind == "matrix" and name in ("diag",):
        value = squeezed(value)
    if name == "diag":
        if value.kind in ("row", "column"):
            return [Value(FUNCTIONS["diag"].build(value.term), (), "matrix", value.notes)]
        if value.kind == "matrix" and value.rows is value.columns:
            return [Value(FUNCTIONS["diag"].build(value.term), (), "column", value.notes)]
        return [value] if value.kind == "scalar" else "diag takes a vector or a square matrix"
    if name == "vec":
        if value.kind == "matrix":
            turned = transposed(value)[0]
            return [Value(FUNCTIONS["reshape"].build(turned.term, size(-1)), (), "column", value.notes)]
        return [replace(value, kind="column")] if value.kind in ("row", "column") else "vec takes a matrix"
    if value.kind == "scalar" and name in ("tr", "det"):
        return [value]
    if value.kind != "matrix" or value.rows is not value.columns:
        return f"{name} takes a square matrix, not one of shape {value.shape_text()}"
    table = {"tr": "trace", "det": "det", "inv": "inv"}
    made = FUNCTIONS[table[name]].build(value.term)
    return [Value(made, (), kind_of_order(made.order), value.notes)]


def euler(exponent: Value) -> Value:
    """e to a power, entry by entry."""
    return replace(exponent, term=apply("exp", [exponent.term]), link=None)


def pi() -> Value:
    """π."""
    return Value(constant("pi"))


def mean_along(value: Value, rows: bool) -> list[Value] | str:
    """The mean of each row (or column) of a matrix, repeated along it: what our reports write as mean per row."""
    if value.kind != "matrix" or value.free:
        return "a mean per row or column is of a matrix"
    gone, kept = (1, 0) if rows else (0, 1)
    length = value.term.sizes[gone]
    term = product(1, [(value.term, (0, 1), 1), (from_size(length), (), -1)], (kept,))
    return [replace(value, term=broadcast(term, (kept,), value.term.sizes), link=None)]
