"""Calls: of the file's own functions, of NumPy, math and Python, of methods, and of functions the file leaves out."""

from __future__ import annotations

import ast
import re
from typing import Protocol

from ..errors import ReadError, SymbackpropError
from ..functions import FUNCTIONS
from ..functions.shapes import widened
from ..reading.names import did_you_mean, is_builtin
from ..tensor.normal import number
from ..tensor.pullback import pullback
from ..tensor.substitute import substitute
from ..tensor.terms import Term, symbol
from .arguments import Arguments, axes_of
from .arrays import binary, built, changed, term_of
from .containers import formatted, iterable
from .expressions import Expressions
from .library import NUMPY
from .python import BUILTINS
from .run import Run, Unread
from .scope import Scope
from .shaping import cast, copied, flattened, reshaped, transposed
from .values import Array, Function, Items, Library, Listed, Method, Positions, Table, Unknown, Value

DEEPEST_CALLS = 12
MATH = frozenset({
    "exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sinh", "cosh", "abs", "power", "erf", "log1p", "expm1", "log2",
    "log10", "asin", "acos", "atan",
})  # fmt: skip
FORBIDDEN = frozenset({
    "open", "eval", "exec", "compile", "__import__", "input", "globals", "locals", "vars", "getattr", "setattr",
    "delattr", "breakpoint", "exit", "quit", "memoryview", "super", "type",
})  # fmt: skip
LOADS = ("load", "loadtxt", "genfromtxt", "fromfile", "save", "savetxt", "savez", "memmap", "fromregex", "frompyfunc")
ARRAY_METHODS = frozenset({
    "dot", "sum", "mean", "max", "min", "var", "std", "trace", "diagonal", "clip", "repeat", "swapaxes", "squeeze",
})  # fmt: skip
# Activations whose name says what they are; what is not defined in the file is taken for these, and said so.
KNOWN = {
    "relu": "relu", "sigmoid": "sigmoid", "tanh": "tanh", "softmax": "softmax", "softplus": "softplus", "elu": "elu",
    "leaky_relu": "leaky_relu", "gelu": "gelu", "silu": "silu", "swish": "silu", "log_softmax": "log_softmax",
    "expit": "sigmoid", "logistic": "sigmoid", "sigm": "sigmoid", "step": "step", "heaviside_step": "step",
}  # fmt: skip  # a table
_DERIVATIVE = re.compile(
    r"^(?:(?P<a>[a-z_]+?)_?(?:derivative|deriv|prime|grad|gradient|der|dash)|(?:d_?|grad_|deriv_|derivative_)(?P<b>[a-z_]+))$"
)


class Runner(Protocol):
    """Carries out the body of a function."""

    def body(self, statements: list[ast.stmt], scope: Scope) -> Value:
        """What the statements return."""


class Calls:
    """Carries out calls; `runner` carries out the statements of the file's own functions."""

    def __init__(self, run: Run, expressions: Expressions) -> None:
        self.run = run
        self.expressions = expressions
        self.runner: Runner | None = None
        self.nested = 0

    def call(self, node: ast.Call, scope: Scope) -> Value:
        """The value of a call."""
        callee = self._callee(node.func, scope)
        if isinstance(callee, Unknown):
            raise callee.error
        try:
            return self._called(callee, node, scope)
        except (SymbackpropError, ZeroDivisionError) as error:
            raise self.expressions.explained(error, node) from None

    def _callee(self, node: ast.expr, scope: Scope) -> Value:
        if not isinstance(node, ast.Name):
            return self.expressions.raw(node, scope)
        found = scope.find(node.id)
        if found is not None:
            return found[0]
        if node.id in FORBIDDEN or node.id.startswith("__"):
            raise self.run.refuse(node, f"`{node.id}` is not read: nothing here is ever run.")
        if node.id in BUILTINS:
            return Library(f"builtins.{node.id}")
        if is_builtin(node.id):
            raise self.run.refuse(node, f"`{node.id}` is not read.")
        return self._left_out(node)

    def _left_out(self, node: ast.Name) -> Value:
        """A function that the file does not define: the network's own, or one whose name says what it is."""
        own = self.run.model.functions.get(node.id)
        if own is not None and own.target is not None:
            return Library(f"table.{own.target}")
        name = node.id.lower()
        if name in KNOWN:
            self.run.findings.note(f"`{node.id}` is not defined in the code; it is taken as {KNOWN[name]}.")
            return Library(f"table.{KNOWN[name]}")
        found = _DERIVATIVE.match(name)
        inner = (found["a"] or found["b"]).strip("_") if found else ""
        if inner in KNOWN and KNOWN[inner] not in ("softmax", "log_softmax"):
            meaning = f"it is taken as the derivative of {KNOWN[inner]} at its argument"
            self.run.findings.note(f"`{node.id}` is not defined in the code; {meaning}.")
            return Library(f"derivative.{KNOWN[inner]}")
        message = f"Line {node.lineno}: there is no function `{node.id}` in the code."
        remedy = did_you_mean(node.id, KNOWN, "Hand it in with its definition.")
        raise Unread(message, remedy=remedy, span=self.run.span(node))

    def _called(self, callee: Value, node: ast.Call, scope: Scope) -> Value:
        if isinstance(callee, Function):
            return self._own(callee, node, scope)
        if isinstance(callee, Method):
            return self._method(callee, node, scope)
        if isinstance(callee, Library):
            return self._library(callee.name, node, scope)
        raise ReadError("this calls something that is no function.", remedy="Write `*` for a product.")

    # ------------------------------------------------------------------ the file's own functions

    def _own(self, function: Function, node: ast.Call, scope: Scope) -> Value:
        given = self._unread_arguments(node, scope)
        return self.enter(function, given, node)

    def _unread_arguments(self, node: ast.Call, scope: Scope) -> Arguments:
        """The arguments, unknown ones too: the function may not need them."""
        args: list[Value] = []
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                args += self.expressions.iterated(argument.value, scope)
            else:
                args.append(self.expressions.raw(argument, scope))
        options = {k.arg: self.expressions.raw(k.value, scope) for k in node.keywords if k.arg is not None}
        if len(options) < len(node.keywords):
            raise ReadError("`**` before an argument is not read.")
        return Arguments("a function", args, options)

    def enter(self, function: Function, given: Arguments, node: ast.AST) -> Value:
        """The value of a call of the file's own function with these arguments."""
        if self.nested >= DEEPEST_CALLS:
            raise ReadError(f"calls are nested more than {DEEPEST_CALLS} deep.", remedy="Write a loop.")
        inner = Scope(function.scope, is_function=True)
        _bind_arguments(function, given, inner)
        self.nested += 1
        try:
            if isinstance(function.node, ast.Lambda):
                return self.expressions.value(function.node.body, inner)
            assert self.runner is not None
            return self.runner.body(function.node.body, inner)
        finally:
            self.nested -= 1

    # ------------------------------------------------------------------ libraries

    def _library(self, name: str, node: ast.Call, scope: Scope) -> Value:
        module, _, function = name.partition(".")
        if module == "numpy" and function.split(".")[0] in LOADS:
            raise ReadError("files are not read or written: nothing here is ever run.")
        if module == "numpy" and function.startswith("random."):
            raise Unread(f"Line {node.lineno}: random numbers are not known.", span=self.run.span(node))
        if name == "builtins.dict" and not node.args:
            return self._dictionary(node, scope)
        given = self.expressions.arguments(name, node, scope)
        if module == "builtins":
            return BUILTINS[function](given)
        if module == "math":
            return self._math(function, given)
        if module == "table":
            return self._table(function, given)
        if module == "derivative":
            return _derivative(function, given)
        if module == "numpy" and function in NUMPY:
            return NUMPY[function](given)
        remedy = did_you_mean(function, NUMPY, "Write it with functions that are read: `@`, `np.sum`, `np.exp`, ...")
        raise ReadError(f"the function `{name}` is not read.", remedy=remedy)

    def _dictionary(self, node: ast.Call, scope: Scope) -> Value:
        """`dict(W1=..., b1=...)`; one entry that cannot be read does not hide the others."""
        found = Table({})
        for keyword in node.keywords:
            if keyword.arg is None:
                raise ReadError("`**` before an argument is not read.")
            found.entries[keyword.arg] = self.expressions.kept(keyword.value, scope)
            found.origins[keyword.arg] = self.expressions.origin(keyword.value, scope)
        return found

    def _math(self, function: str, given: Arguments) -> Value:
        """Functions of one number."""
        row = {"fabs": "abs", "pow": "power", "asin": "asin", "acos": "acos", "atan": "atan"}.get(function, function)
        if row not in MATH:
            raise ReadError(f"`math.{function}` is not read.")
        terms = given.terms(2 if row == "power" else 1)
        if any(t.sizes for t in terms):
            raise ReadError(f"`math.{function}` takes one number.", remedy=f"Write `np.{function}`.")
        if row == "power":
            return binary("power", *given.args)
        return Array(built(row, *terms))

    def _table(self, name: str, given: Arguments) -> Value:
        """A function of the network's table: arrays by position, an axis and numbers by name."""
        terms = [term_of(value) for value in given.args]
        options: dict[str, object] = {}
        for key, value in given.options.items():
            options[key] = axes_of(value) if key == "axis" else term_of(value)
        try:
            return Array(built(name, *terms, **options))
        except TypeError:
            raise ReadError(f"these are not the arguments of `{FUNCTIONS[name].signature}`.") from None

    # ------------------------------------------------------------------ methods

    def _method(self, method: Method, node: ast.Call, scope: Scope) -> Value:
        owner, name = method.owner, method.name
        if isinstance(owner, Items):
            return self._of_list(owner, name, node, scope)
        if isinstance(owner, Table):
            return self._of_table(owner, name, node, scope)
        given = self.expressions.arguments(name, node, scope, owner)
        if isinstance(owner, (Array, Positions)):
            return self._of_array(owner, name, given)
        if isinstance(owner, Listed) and name == "copy":
            return owner
        if isinstance(owner, str) and name == "format":
            return formatted(owner, given.args[1:], "{")
        raise ReadError(f"the method `.{name}` is not read.")

    def _of_array(self, owner: Array | Positions, name: str, given: Arguments) -> Value:
        if name == "copy":
            return copied(owner)
        if name == "reshape":
            shape = given.args[1:]
            items = shape[0].items if len(shape) == 1 and isinstance(shape[0], Items) else shape
            return reshaped(owner, tuple(items))
        if name in ("ravel", "flatten"):
            return reshaped(owner, (-1,)) if name == "ravel" else flattened(owner)
        if name == "transpose":
            axes = given.args[1:]
            only = axes[0] if len(axes) == 1 else Items(axes, True) if axes else None
            return transposed(owner, only)
        if name == "astype":
            return cast(owner, given.bound("a", "dtype", needed=2)[1])
        if name == "item" and len(given.args) == 1 and isinstance(owner, Array):
            return Array(built("reshape", owner.term), owner.sort)
        if name == "fill" and isinstance(owner, Array):
            error = ReadError("this array shares memory with one that was filled.")
            changed(owner, widened([owner.term, term_of(given.args[1])])[1][1], error)
            return None
        if name in ARRAY_METHODS and name in NUMPY:
            return NUMPY[name](Arguments(f".{name}", given.args, given.options))
        remedy = did_you_mean(name, [*ARRAY_METHODS, "copy", "reshape", "ravel", "flatten", "transpose", "astype"])
        raise ReadError(f"the method `.{name}` of an array is not read.", remedy=remedy)

    def _of_list(self, owner: Items, name: str, node: ast.Call, scope: Scope) -> Value:
        if name == "append" and len(node.args) == 1:
            owner.append(self.expressions.kept(node.args[0], scope), self.expressions.origin(node.args[0], scope))
            return None
        args = self.expressions.arguments(name, node, scope).args
        if name == "insert" and len(args) == 2 and isinstance(args[0], int):
            full = len(owner.origins) == len(owner.items)
            owner.items.insert(args[0], args[1])
            if full:
                owner.origins.insert(args[0], self.expressions.origin(node.args[1], scope))
            return None
        if name == "extend" and len(args) == 1 and (more := iterable(args[0])) is not None:
            for item in more:
                owner.append(item, None)
            return None
        if name == "reverse" and not args:
            owner.items.reverse()
            owner.origins.reverse()
            return None
        if name == "pop" and owner.items:
            at = args[0] if args else -1
            if isinstance(at, int) and -len(owner.items) <= at < len(owner.items):
                if len(owner.origins) == len(owner.items):
                    owner.origins.pop(at)
                return owner.items.pop(at)
        if name == "copy":
            return Items(list(owner.items), owner.fixed, list(owner.origins))
        raise ReadError(f"the method `.{name}` of a list is not read.")

    def _of_table(self, owner: Table, name: str, node: ast.Call, scope: Scope) -> Value:
        given = self.expressions.arguments(name, node, scope)
        if name == "items":
            pairs: list[Value] = [Items([k, v], True) for k, v in owner.entries.items()]  # type: ignore[list-item]  # as keys()
            return Items(pairs)
        if name == "keys":
            return Items(list(owner.entries))  # type: ignore[arg-type]  # keys are strings and integers
        if name == "values":
            return Items(list(owner.entries.values()))
        if name == "copy":
            return Table(dict(owner.entries), dict(owner.origins))
        if name == "get" and given.args:
            return owner.entries.get(given.args[0], given.args[1] if len(given.args) > 1 else None)
        if name == "pop" and given.args and given.args[0] in owner.entries:
            return owner.entries.pop(given.args[0])
        if name == "update":
            for argument in given.args:
                if not isinstance(argument, Table):
                    raise ReadError("`update` is read with a dictionary.")
                owner.entries.update(argument.entries)
                owner.origins.update(argument.origins)
            for keyword in node.keywords:
                assert keyword.arg is not None
                owner.entries[keyword.arg] = given.options[keyword.arg]
                owner.origins[keyword.arg] = self.expressions.origin(keyword.value, scope)
            return None
        raise ReadError(f"the method `.{name}` of a dictionary is not read.")


def _bind_arguments(function: Function, given: Arguments, inner: Scope) -> None:
    """Put the arguments of a call to the names of a function's parameters."""
    spec = function.node.args
    if spec.vararg or spec.kwarg:
        raise ReadError(f"`{function.name}` takes `*` or `**` arguments, which are not read.")
    names = [a.arg for a in (*spec.posonlyargs, *spec.args)]
    if len(given.args) > len(names):
        raise ReadError(f"{len(given.args)} arguments are too many for `{function.name}`.")
    bound = dict(zip(names, given.args, strict=False))
    for name, value in given.options.items():
        if name in bound or name not in (*names, *(a.arg for a in spec.kwonlyargs)):
            raise ReadError(f"`{function.name}` has no further argument `{name}`.")
        bound[name] = value
    for name in (*names, *(a.arg for a in spec.kwonlyargs)):
        if name not in bound:
            if name not in function.defaults:
                raise ReadError(f"the argument `{name}` of `{function.name}` is missing.")
            bound[name] = function.defaults[name]
    inner.values.update(bound)


def _derivative(name: str, given: Arguments) -> Value:
    """The derivative of a function of one entry at its argument."""
    (x,) = given.terms(1)
    variable = symbol("@x", x.sizes)
    found = pullback(built(name, variable), number(1, x.sizes)).get(variable)
    term: Term = number(0, x.sizes) if found is None else substitute(found, {variable: x})
    return Array(term)
