"""From Python's syntax tree of a right-hand side to an Expr: names, numbers, operators, calls, subscripts.

Whatever is not listed here is refused by name. The recursion is bounded: an expression is at most DEEPEST levels deep.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ..errors import ReadError, Span, SymbackpropError
from ..expression import Array, Call, Expr, Name, Number, Slice, Subscript
from ..functions import FUNCTIONS
from ..network import NamedFunction
from .draft import Silent
from .names import Names, did_you_mean, is_builtin
from .source import LARGEST_EXPONENT, Source

DEEPEST = 100
LONGEST_CHAIN = 200
LARGEST_NUMBER = 1e300

OPERATORS: dict[type, str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.FloorDiv: "floordivide",
    ast.Pow: "power", ast.MatMult: "matmul", ast.USub: "negative",
    ast.Gt: "greater", ast.GtE: "greater_equal", ast.Lt: "less", ast.LtE: "less_equal", ast.Eq: "equal",
    ast.NotEq: "not_equal",
}  # fmt: skip  # a table
PREFIXES = frozenset({"np", "numpy", "np.linalg", "numpy.linalg"})
METHODS = frozenset({"dot", "sum", "mean", "max", "min", "var", "std", "reshape", "transpose"})
# What NumPy calls a function that has another name here.
ALIASES = {
    "absolute": "abs", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh", "norm": "norm2", "amax": "max", "amin": "min", "expit": "sigmoid",
}  # fmt: skip  # a table
_NOT_FORMULAS: dict[type, tuple[str, str]] = {
    ast.IfExp: ("`a if c else b`", "Write `where(c, a, b)`."),
    ast.BoolOp: ("`and`, `or`", "Multiply comparisons for `and`: `(a > 0) * (b > 0)`."),
    ast.Lambda: ("a lambda", "A function of your own is declared: `f: function(lambda u: u * sigmoid(u))`."),
    ast.ListComp: ("a comprehension", "Write a `for` line, or use whole arrays."),
    ast.GeneratorExp: ("a comprehension", "Write a `for` line, or use whole arrays."),
    ast.SetComp: ("a comprehension", "Write a `for` line, or use whole arrays."),
    ast.DictComp: ("a comprehension", "Write a `for` line, or use whole arrays."),
    ast.NamedExpr: ("`:=`", "Give the node a line of its own."),
    ast.JoinedStr: ("a string", ""),
    ast.Dict: ("a dictionary", ""),
    ast.Set: ("a set", "An array is written with square brackets."),
    ast.Starred: ("`*` before an argument", "Write the arguments out."),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the right-hand sides of one place in a file.

    `functions`: the author's own that were read already, `declared`: the names of all of them; `broken`: what could not
    be read; `place`: how messages begin.
    """

    source: Source
    names: Names
    functions: Mapping[str, NamedFunction]
    declared: Collection[str]
    broken: Collection[str]
    place: str

    def read(self, node: ast.expr) -> Expr:
        """The expression; ReadError for anything that a formula cannot hold."""
        return self._expr(node, DEEPEST)

    def refuse(self, node: ast.AST, message: str, remedy: str = "") -> ReadError:
        """The error at a node."""
        return ReadError(f"{self.place}: {message}", remedy=remedy, span=self.source.span(node))

    def _expr(self, node: ast.expr, depth: int) -> Expr:
        if depth <= 0:
            raise self.refuse(node, "the formula is nested too deeply.", "Give parts of it names of their own.")
        span = self.source.span(node)
        match node:
            case ast.Name(id=name):
                return self._name(name, span)
            case ast.Constant(value=value):
                return self._constant(node, value, span)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return Call("negative", (self._expr(inner, depth - 1),), span=span)
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self._expr(inner, depth - 1)
            case ast.UnaryOp():
                raise self.refuse(
                    node, f"`{self.source.piece(node)}` is logic.", "Write `1 - a` for the opposite of a."
                )
            case ast.BinOp():
                return self._chain(node, depth)
            case ast.Compare():
                return self._comparison(node, span, depth)
            case ast.Call():
                return self._call(node, span, depth)
            case ast.Attribute(value=base, attr=attribute):
                return self._attribute(node, base, attribute, span, depth)
            case ast.Subscript():
                return self._subscript(node, span, depth)
            case ast.List(elts=items) | ast.Tuple(elts=items):
                if not items:
                    raise self.refuse(node, "an array needs at least one entry.")
                return Array(tuple(self._expr(item, depth - 1) for item in items), span)
        what, remedy = _NOT_FORMULAS.get(type(node), ("this", ""))
        raise self.refuse(node, f"`{self.source.piece(node)}`: {what} cannot stand in a formula.", remedy)

    def _name(self, name: str, span: Span) -> Expr:
        if name in self.names.loops:
            return Number(Fraction(self.names.loops[name]), span)
        return Name(name, span)

    def _constant(self, node: ast.expr, value: object, span: Span) -> Number:
        if isinstance(value, int) and not isinstance(value, bool):
            return Number(Fraction(value), span)
        if isinstance(value, float):
            return Number(Fraction(self.source.slice(span).replace("_", "")), span)
        shown = self.source.piece(node, 30)
        if isinstance(value, complex):
            raise self.refuse(node, f"`{shown}` is not real.", "Only real numbers are supported.")
        raise self.refuse(node, f"`{shown}` is no number and no array.")

    def _chain(self, node: ast.BinOp, depth: int) -> Expr:
        """`a + b + c`: down the left side without recursion, since sums are long more often than deep."""
        spine: list[ast.BinOp] = []
        inner: ast.expr = node
        while isinstance(inner, ast.BinOp):
            spine.append(inner)
            inner = inner.left
        if len(spine) > LONGEST_CHAIN:
            message = f"{len(spine)} operators in a row; at most {LONGEST_CHAIN} are read."
            raise self.refuse(node, message, "Give parts of it names of their own.")
        result = self._expr(inner, depth - 1)
        for step in reversed(spine):
            result = self._binary(step, result, depth - 1)
        return result

    def _binary(self, node: ast.BinOp, left: Expr, depth: int) -> Expr:
        shown = self.source.piece(node)
        if isinstance(node.op, ast.BitXor):
            a, b = self.source.piece(node.left, 30), self.source.piece(node.right, 30)
            raise self.refuse(node, f"`{shown}`: `^` is no power in Python.", f"Write `{a}**{b}`.")
        name = OPERATORS.get(type(node.op))
        if name is None:
            raise self.refuse(node, f"`{shown}` uses an operator that has no meaning here.")
        right = self._expr(node.right, depth)
        if name == "divide" and isinstance(right, Number) and not right.value:
            raise self.refuse(node, f"`{shown}` divides by zero.", "Check the divisor.")
        if name == "power" and abs(magnitude(right) or 0) > LARGEST_EXPONENT:
            raise self.refuse(node, f"`{shown}`: the exponent is too large.", f"Exponents go to {LARGEST_EXPONENT}.")
        call = Call(name, (left, right), span=self.source.span(node))
        if abs(magnitude(call) or 0) > LARGEST_NUMBER:
            raise self.refuse(node, f"`{shown}` is out of range.", "Numbers go to 1e300.")
        return call

    def _comparison(self, node: ast.Compare, span: Span, depth: int) -> Expr:
        name = OPERATORS.get(type(node.ops[0]))
        if len(node.ops) > 1:
            first = self.source.slice(self.source.span(node.left))
            remedy = f"Multiply two comparisons: `({first} < a) * (a < b)`."
            raise self.refuse(node, f"`{self.source.piece(node)}` compares more than two things.", remedy)
        if name is None:
            raise self.refuse(node, f"`{self.source.piece(node)}` is no comparison of numbers.")
        return Call(name, (self._expr(node.left, depth - 1), self._expr(node.comparators[0], depth - 1)), span=span)

    def _attribute(self, node: ast.expr, base: ast.expr, attribute: str, span: Span, depth: int) -> Expr:
        if attribute == "T":
            return Call("transpose", (self._expr(base, depth - 1),), span=span)
        if _dotted(base) in ("np", "numpy") and attribute == "pi":
            return Name("pi", span)
        if attribute == "shape":
            return Call("shape", (self._expr(base, depth - 1),), span=span)
        hint = (
            f"Call it: `{self.source.piece(node)}()`."
            if attribute in METHODS
            else "There is `.T`, and methods such as `.sum()`."
        )
        raise self.refuse(node, f"`{self.source.piece(node)}`: an array has no `.{attribute}` here.", hint)

    def _call(self, node: ast.Call, span: Span, depth: int) -> Expr:
        """A function of the table, one of the author's, or a method, which is a function of what stands before it."""
        function, args = self._called(node, depth)
        plain = isinstance(node.func, ast.Name)
        own = self.functions.get(function) if plain else None
        later = plain and own is None and function in self.declared and function not in self.broken
        target = ALIASES.get(function, function)
        if own is None and not later and target not in FUNCTIONS:
            raise self._no_function(node, function)
        row = FUNCTIONS.get(own.target or "") if own is not None else None if later else FUNCTIONS[target]
        options: list[tuple[str, object]] = []
        for place, argument in enumerate(node.args, len(args)):
            if row is not None and place < len(row.parameters) and _is_word(argument):
                options.append((row.parameters[place].name, self._option(argument, depth)))
            else:
                args.append(self._expr(argument, depth - 1))
        for key in node.keywords:
            if key.arg is None:
                raise self.refuse(node, "`**` before an argument cannot be read.", "Write the options out.")
            options.append((key.arg, self._option(key.value, depth - 1)))
        if own is not None or later:
            name = function if own is None or own.target is None else own.target
            return Call(name, tuple(args), tuple(options), function, span)
        return Call(target, tuple(args), tuple(options), span=span)

    def _called(self, node: ast.Call, depth: int) -> tuple[str, list[Expr]]:
        """The name in call position, and what stands before the dot of a method."""
        callee = node.func
        if isinstance(callee, ast.Name):
            return callee.id, []
        if isinstance(callee, ast.Attribute):
            if _dotted(callee.value) in PREFIXES:
                return callee.attr, []
            if callee.attr in METHODS:
                return callee.attr, [self._expr(callee.value, depth - 1)]
            shown = self.source.piece(callee)
            raise self.refuse(node, f"`{shown}` is no function and no method.", _METHODS_THERE_ARE)
        inner = ", ".join(self.source.piece(a, 30) for a in node.args)
        remedy = f"Write `{self.source.piece(callee, 30)} * ({inner})` for a product."
        raise self.refuse(node, f"`{self.source.piece(node)}` calls something that is no function.", remedy)

    def _option(self, node: ast.expr, depth: int) -> object:
        """The value of a keyword: a string, True, False, None, an integer, several integers, or an expression."""
        if isinstance(node, ast.Constant) and _is_word(node):
            return node.value
        whole = self.names.integer(node)
        if whole is not None and not isinstance(node, ast.Name):
            return whole
        if isinstance(node, (ast.Tuple, ast.List)):
            numbers = tuple(self.names.integer(item) for item in node.elts)
            if numbers and all(n is not None for n in numbers):
                return numbers
        return self._expr(node, depth)

    def _no_function(self, node: ast.Call, function: str) -> SymbackpropError:
        shown = self.source.piece(node.func)
        if function in self.broken:
            return Silent(f"`{function}` could not be read.")
        if function in self.names.plain:
            inner = ", ".join(self.source.piece(a, 30) for a in node.args)
            message = f"`{shown}` is declared as a symbol, and symbols cannot be called."
            return self.refuse(node, message, f"Write `{shown} * ({inner})` for a product.")
        if is_builtin(function) or function.startswith("_"):
            remedy = "A network file holds formulas only, and nothing in it is ever run."
            return self.refuse(node, f"`{shown}` is not a function of networks.", remedy)
        otherwise = f"If `{function}` is a function of yours, declare `{function}: function(tanh)`."
        remedy = did_you_mean(function, [*FUNCTIONS, *self.declared], otherwise)
        return self.refuse(node, f"there is no function `{shown}`.", remedy)

    def _subscript(self, node: ast.Subscript, span: Span, depth: int) -> Expr:
        alias = self.names.alias(node)
        if alias is not None:
            return Name(alias, span)
        items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return Subscript(self._expr(node.value, depth - 1), tuple(self._item(i, depth - 1) for i in items), span)

    def _item(self, node: ast.expr, depth: int) -> object:
        match node:
            case ast.Slice(lower=lower, upper=upper, step=step):
                bounds = (None if part is None else self._expr(part, depth) for part in (lower, upper, step))
                return Slice(*bounds)
            case ast.Constant(value=None) | ast.Attribute(attr="newaxis"):
                return None
            case ast.Constant(value=value) if value is Ellipsis:
                return Ellipsis
        return self._expr(node, depth)


_METHODS_THERE_ARE = (
    "The methods are " + ", ".join(f"`.{m}`" for m in sorted(METHODS)) + "; functions are called by name."
)


def magnitude(expr: Expr) -> float | None:
    """About how large an expression of numbers is, or infinity where its digits are too many; None for others."""
    if isinstance(expr, Number):
        return float(expr.value)
    if not isinstance(expr, Call) or expr.function not in (
        "negative",
        "add",
        "subtract",
        "multiply",
        "divide",
        "power",
    ):
        return None
    parts = [magnitude(a) for a in expr.args]
    if any(p is None for p in parts):
        return None
    a, b = parts[0] or 0.0, parts[-1] or 0.0
    if expr.function == "power":
        if not a or math.isinf(a) or math.isinf(b) or abs(b) * abs(math.log10(abs(a))) > LARGEST_EXPONENT:
            return math.inf if a and abs(a) != 1 else a
        return math.pow(abs(a), b)
    if expr.function == "divide":
        return a / b if b else math.inf
    return {"negative": -a, "add": a + b, "subtract": a - b, "multiply": a * b}[expr.function]


def _dotted(node: ast.expr) -> str:
    """`np.linalg` for that attribute, nothing for other expressions."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return ""


def _is_word(node: ast.expr) -> bool:
    """True for a string, True, False and None."""
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, (str, bool)))
