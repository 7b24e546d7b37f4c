"""Terms as plain NumPy expressions, one for each node: to be read and run by a person, not to be fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from keyword import iskeyword

from ..errors import MissingRule
from ..tensor.normal import as_number, magnitude
from ..tensor.size import Floor, Size
from ..tensor.terms import Bracket, Constant, Dim, Labels, Map, Number, Product, Special, Sum, Symbol, Term

LETTERS = "ijklmnopqrstuvwxyzabcdefgh"
NUMPY = {
    **{n: f"np.{n}" for n in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sign", "abs", "floor")},
    **{f"a{n}": f"np.arc{n}" for n in ("sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{n: f"np.{n}" for n in ("maximum", "minimum", "power", "where")},
}
# Definitions that a script begins with, where they are used.
HELPERS: dict[str, str] = {
    "sigmoid": "def sigmoid(x): return 1 / (1 + np.exp(-np.asarray(x)))",
    "softplus": "def softplus(x): return np.log(1 + np.exp(x))",
    "relu": "def relu(x): return np.maximum(x, 0)",
    "step": "def step(x): return (np.asarray(x) > 0) * 1.0",
    "iszero": "def iszero(x): return (np.asarray(x) == 0) * 1.0",
    "elu": "def elu(x, alpha=1.0): return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1))",
    "leaky_relu": "def leaky_relu(x, slope=0.01): return np.where(x > 0, x, slope * x)",
    "silu": "def silu(x): return x / (1 + np.exp(-x))",
    "erf": "import math; erf = np.vectorize(math.erf, otypes=[float])",
    "lgamma": "import math; lgamma = np.vectorize(math.lgamma, otypes=[float])",
    "normal_pdf": "def normal_pdf(x): return np.exp(-np.square(x) / 2) / np.sqrt(2 * np.pi)",
    "normal_cdf": "import math; normal_cdf = np.vectorize(lambda x: (1 + math.erf(x / 2**0.5)) / 2, otypes=[float])",
    "softmax": "def softmax(x, axis=-1): e = np.exp(x); return e / e.sum(axis=axis, keepdims=True)",
    "logsumexp": "def logsumexp(x, axis=-1): return np.log(np.exp(x).sum(axis=axis))",
    "inv": "inv = np.linalg.inv",
    "det": "det = np.linalg.det",
    "logdet": "def logdet(x): return np.linalg.slogdet(x)[1]",
    "norm2": "def norm2(x): return np.sqrt(np.sum(np.square(x)))",
    "onehot": "def onehot(y, n): return np.eye(n)[y]",
    "standardize": "def standardize(x, axis, eps): "
    "return (x - x.mean(axis=axis, keepdims=True)) / np.sqrt(x.var(axis=axis, keepdims=True) + eps)",
    "deviation": "def deviation(x, axis, eps): return np.sqrt(x.var(axis=axis) + eps)",
}


def identifier(name: str) -> str:
    """The name as Python can have it."""
    return name + "_kw" if iskeyword(name) else name


@dataclass
class NumpyText:
    """Expressions for terms; `used` collects the helpers that they call, `names` says how symbols are written."""

    names: Mapping[str, str] = field(default_factory=dict)
    used: dict[str, None] = field(default_factory=dict)

    def text(self, term: Term) -> str:
        """The expression. Raises MissingRule for a function without a plain NumPy form."""
        done: dict[Term, str] = {}
        stack = [term]
        while stack:
            missing = [t for t in stack[-1].children if t not in done] if stack[-1] not in done else ()
            if missing:
                stack.extend(missing)
                continue
            top = stack.pop()
            if top not in done:
                done[top] = self._one(top, done)
        return stripped(done[term])

    def size(self, value: Size) -> str:
        """A size as an expression in the size names."""
        parts = []
        for monomial, c in value.monomials:
            factors = [str(c)] if c != 1 or not monomial else []
            for atom, power in monomial:
                base = f"({self.size(atom.numerator)} // {atom.divisor})" if isinstance(atom, Floor) else atom
                factors.append(base if power == 1 else f"{base}**{power}")
            parts.append(" * ".join(factors))
        return " + ".join(parts) or "0"

    def _one(self, term: Term, done: Mapping[Term, str]) -> str:
        if isinstance(term, Symbol):
            return self.names.get(term.name, identifier(term.name))
        if isinstance(term, Constant):
            return "np.pi" if term.value == "pi" else f"{term.value}.0"
        if isinstance(term, Dim):
            atom = term.atom
            return f"({self.size(atom.numerator)} // {atom.divisor})" if isinstance(atom, Floor) else atom
        if isinstance(term, Sum):
            return self._sum(term, done)
        if isinstance(term, Bracket):
            return self._bracket(term)
        args = [stripped(done[t]) for t in term.children]
        if isinstance(term, Map):
            return self._call(term.head, args)
        if isinstance(term, Special):
            return self._special(term, args)
        assert isinstance(term, Product)
        return self._product(term, done)

    def _sum(self, term: Sum, done: Mapping[Term, str]) -> str:
        if not term.terms:
            return self._filled(term.sizes, "np.zeros")
        text = ""
        plain = [as_number(t) for _, t in term.terms]
        for (c, t), known in zip(term.terms, plain, strict=True):
            if known is not None and any(k is None for k in plain):  # a number meets every entry
                c, shown = c * known, ""
            else:
                shown = done[t]
            sign = " - " if c < 0 else " + "
            size = numeral(magnitude(c)) if not shown else "" if abs(c) == 1 else f"{numeral(magnitude(c))} * "
            text += (sign if text else sign.strip().replace("+", "")) + size + shown
        return f"({text})"

    def _filled(self, sizes: tuple[Size, ...], what: str) -> str:
        return f"{what}(({', '.join(map(self.size, sizes))},))" if sizes else ("0.0" if "zeros" in what else "1.0")

    def _bracket(self, term: Bracket) -> str:
        if term.is_delta:
            return f"np.eye({self.size(term.sizes[0])})"
        if not term.sizes:
            axes: list[str] = []
        else:
            axes = [f"np.arange({self.size(s)})" for s in term.sizes]
            axes = [
                x if len(axes) == 1 else f"{x}[{', '.join(':' if a == k else 'None' for a in range(len(axes)))}]"
                for k, x in enumerate(axes)
            ]
        parts = [
            f"({self.size(c)}) * {x}" if c.number != 1 else x for c, x in zip(term.coefficients, axes, strict=True)
        ]
        for c, name, own, _ in term.indices:
            value = identifier(name)
            if tuple(sorted(own)) != own:
                value = f"np.transpose({value}, {tuple(sorted(range(len(own)), key=own.__getitem__))})"
            if own and len(own) < len(term.sizes):
                value += f"[{', '.join(':' if k in own else 'None' for k in range(len(term.sizes)))}]"
            if len(parts) == 1 and term.coefficients[0].number == 1 and c.number == -1 and term.constant.number == 0:
                return f"(({parts[0]} == {value}) * 1.0)"
            parts.append(value if c.number == 1 else f"({self.size(c)}) * {value}")
        if term.constant.number != 0:
            parts.append(f"({self.size(term.constant)})")
        return f"(({' + '.join(parts)} == 0) * 1.0)"

    def _call(self, head: str, args: list[str]) -> str:
        if head in NUMPY:
            return f"{NUMPY[head]}({', '.join(args)})"
        return self._helper(head, args)

    def _helper(self, name: str, args: list[str]) -> str:
        if name not in HELPERS:
            raise MissingRule(f"{name} has no plain NumPy form.")
        self.used[name] = None
        return f"{name}({', '.join(args)})"

    def _special(self, term: Special, args: list[str]) -> str:
        if term.operation == "stop":
            return args[0]
        if term.operation in ("inverse", "det", "logdet"):
            return self._helper({"inverse": "inv"}.get(term.operation, term.operation), args)
        if term.operation not in ("softmax", "logsumexp", "standardize", "deviation"):
            raise MissingRule(f"{term.operation} has no plain NumPy form.")
        axis = "-1" if term.axes == 1 else str(tuple(range(-term.axes, 0)))
        return self._helper(term.operation, [args[0], f"axis={axis}", *(f"eps={x}" for x in args[1:])])

    def _product(self, term: Product, done: Mapping[Term, str]) -> str:
        order = tuple(range(term.order))
        front: list[str] = []
        back: list[str] = []
        matrices: list[tuple[str, Labels]] = []
        for t, labels, e in term.factors:
            base = done[t]
            if not labels:
                (back if e < 0 else front).append(base if abs(e) == 1 else f"{base}**{numeral(magnitude(e))}")
            else:
                matrices.append((base if e == 1 else f"{base}**{numeral(e)}", labels))
        scalars = [numeral(magnitude(term.coefficient))] if abs(term.coefficient) != 1 else []
        inner = self._contraction(matrices, order, term)
        pieces = [*scalars, *front, *([inner] if inner else [])]
        text = " * ".join(pieces) or "1.0"
        text += "".join(f" / {x}" for x in back)
        return (
            f"({'-' if term.coefficient < 0 else ''}{text})"
            if len(pieces) > 1 or back or term.coefficient < 0
            else text
        )

    def _contraction(self, matrices: list[tuple[str, tuple[int, ...]]], order: tuple[int, ...], term: Product) -> str:
        held = {x for _, labels in matrices for x in labels}
        if matrices and not term.summed and all(labels == order for _, labels in matrices):
            return " * ".join(text for text, _ in matrices)
        if (
            len(matrices) == 1
            and not order
            and len(set(matrices[0][1])) == len(matrices[0][1]) == len(term.label_sizes)
        ):
            return f"np.sum({stripped(matrices[0][0])})"
        if len(matrices) == 1 and matrices[0][1] == (1, 0) and order == (0, 1):
            return f"{matrices[0][0]}.T"
        if len(matrices) == 2 and len(term.summed) == 1:
            for (a, left), (b, right) in (matrices, matrices[::-1]):
                found = _matmul(a, left, b, right, order, term.summed[0])
                if found is not None:
                    return found
        operands = list(matrices)
        for label, size in enumerate(term.label_sizes):
            if label not in held:
                operands.append((f"np.ones({self.size(size)})", (label,)))
        if not operands:
            return ""
        if len(term.label_sizes) > len(LETTERS):
            raise MissingRule("A product has too many axes for einsum.")
        inputs = ",".join("".join(LETTERS[x] for x in labels) for _, labels in operands)
        output = "".join(LETTERS[x] for x in order)
        return f'np.einsum("{inputs}->{output}", {", ".join(stripped(text) for text, _ in operands)})'


def _matmul(
    a: str, left: tuple[int, ...], b: str, right: tuple[int, ...], order: tuple[int, ...], inner: int
) -> str | None:
    """a @ b with the transposes that it needs, if that is what the labels say."""
    if len(set(left)) != len(left) or len(set(right)) != len(right) or max(len(left), len(right)) > 2:
        return None
    if inner not in left or inner not in right:
        return None
    if tuple(x for x in (*left, *right) if x != inner) != order:
        return None
    first = a if left[-1] == inner else f"{a}.T"
    second = b if right[0] == inner else f"{b}.T"
    return f"({first} @ {second})"


def numeral(value: Number) -> str:
    """A number in parentheses where it is a fraction."""
    return f"({value.numerator} / {value.denominator})" if isinstance(value, Fraction) else str(value)


def stripped(text: str) -> str:
    """The text without parentheses around all of it."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth = 0
    for k, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and k < len(text) - 1:
            return text
    return text[1:-1]


__all__ = ["HELPERS", "NumpyText", "identifier"]
