"""Expressions of the code, evaluated to values: terms, numbers, containers. Nothing is executed.

The recursion is bounded: a statement is at most `text.DEEPEST` levels deep, and calls nest at most DEEPEST_CALLS.
"""

from __future__ import annotations

import ast
from fractions import Fraction

from ..errors import ReadError, SymbackpropError
from ..functions.shapes import total
from .arguments import Arguments
from .arrays import binary, chosen_by, inverted, negative, term_of
from .containers import formatted, item_of, iterable, positions_part, same_position, truth_of
from .displays import Displays
from .library import CONSTANTS
from .run import Renumbered
from .scope import Scope
from .shaping import transposed
from .subscripts import part
from .values import (
    Array,
    Cut,
    Function,
    Items,
    Library,
    Listed,
    Method,
    Positions,
    Table,
    Unknown,
    Value,
    whole,
)

OPERATORS: dict[type, str] = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.FloorDiv: "floordivide",
    ast.Mod: "mod", ast.Pow: "power", ast.MatMult: "matmul", ast.BitAnd: "and", ast.BitOr: "or",
    ast.Gt: "greater", ast.GtE: "greater_equal", ast.Lt: "less", ast.LtE: "less_equal", ast.Eq: "equal",
    ast.NotEq: "not_equal",
}  # fmt: skip  # a table


class Expressions(Displays):
    """Evaluates expressions in a scope; `caller` carries out calls."""

    def _raw(self, node: ast.expr, scope: Scope) -> Value:
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name(id=name):
                return self._name(node, name, scope)
            case ast.BinOp():
                return self._chain(node, scope)
            case ast.UnaryOp():
                return self._unary(node, scope)
            case ast.Compare():
                return self._comparison(node, scope)
            case ast.BoolOp(op=op, values=values):
                return self._logic(op, values, scope)
            case ast.Call():
                assert self.caller is not None
                return self.caller.call(node, scope)
            case ast.Attribute(value=base, attr=name):
                return self._attribute(node, base, name, scope)
            case ast.Subscript():
                return self._subscript(node, scope)
            case ast.Tuple(elts=items) | ast.List(elts=items):
                return self._display(items, scope, isinstance(node, ast.Tuple))
            case ast.Dict():
                return self._dictionary(node, scope)
            case ast.IfExp():
                return self._choice(node, scope)
            case ast.Lambda():
                plain = [*node.args.posonlyargs, *node.args.args]
                behind = plain[len(plain) - len(node.args.defaults) :]
                defaults = {a.arg: self.kept(d, scope) for a, d in zip(behind, node.args.defaults, strict=True)}
                return Function("lambda", node, scope, defaults)
            case ast.ListComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node, scope)
            case ast.JoinedStr(values=values):
                return self._text(values, scope)
        raise self.run.refuse(node, f"`{self.run.piece(node)}` is not read.", "Write it in plain NumPy.")

    # ------------------------------------------------------------------ leaves

    def _constant(self, node: ast.Constant) -> Value:
        value = node.value
        if value is None or isinstance(value, (bool, int, str)):
            return value
        if isinstance(value, float):
            return Fraction(self.run.source.slice(self.run.span(node)).replace("_", ""))
        raise self.run.refuse(node, f"`{self.run.piece(node)}` is neither a real number nor a string.")

    def _name(self, node: ast.Name, name: str, scope: Scope) -> Value:
        found = scope.find(name)
        if found is not None:
            return found[0]
        if name in ("np", "numpy", "math"):
            return Library("numpy" if name == "np" else name)
        if name in ("float", "int", "bool") and self.run.naming.find(name) is None:
            return Library(f"builtins.{name}")
        if name.startswith("__"):
            return "__main__" if name == "__name__" else self._refused_name(node)
        assert self.caller is not None
        return self.run.undefined(node, scope)

    def _refused_name(self, node: ast.Name) -> Value:
        raise self.run.refuse(node, f"`{node.id}` is not read: nothing here is ever run.")

    # ------------------------------------------------------------------ operators

    def _chain(self, node: ast.BinOp, scope: Scope) -> Value:
        """`a + b + c`: down the left side without recursion."""
        spine: list[ast.BinOp] = []
        inner: ast.expr = node
        while isinstance(inner, ast.BinOp):
            spine.append(inner)
            inner = inner.left
        result = self.value(inner, scope)
        for outer in reversed(spine):
            result = self._operated(outer, result, self.value(outer.right, scope))
            result = self._noted(result, outer)
        return result

    def _operated(self, node: ast.BinOp, left: Value, right: Value) -> Value:
        if isinstance(left, str) and isinstance(node.op, ast.Mod):
            try:
                return formatted(left, iterable(right) or [right], "%")
            except SymbackpropError as error:
                raise self.explained(error, node) from None
        name = OPERATORS.get(type(node.op))
        if name is None:
            shown = self.run.piece(node)
            raise self.run.refuse(node, f"`{shown}` uses an operator that is not read.", "A power is written `**`.")
        return self.operate(node, name, left, right)

    def operate(self, node: ast.AST, op: str, left: Value, right: Value) -> Value:
        """`left op right`, with the place in errors."""
        try:
            if op in ("equal", "not_equal") and isinstance(left, Positions) and isinstance(right, (Positions, int)):
                return same_position(left, right, op)
            if isinstance(left, Items) and isinstance(right, Array):
                left = Array(term_of(left))
            elif isinstance(right, Items) and isinstance(left, Array):
                right = Array(term_of(right))
            return binary(op, left, right)
        except (SymbackpropError, ZeroDivisionError) as error:
            raise self.explained(error, node, left, right) from None

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Value:
        if isinstance(node.op, ast.Not):
            return not self.truth(node.operand, scope)
        value = self.value(node.operand, scope)
        try:
            if isinstance(node.op, ast.UAdd):
                return value
            return negative(value) if isinstance(node.op, ast.USub) else inverted(value)
        except SymbackpropError as error:
            raise self.explained(error, node, value) from None

    def _comparison(self, node: ast.Compare, scope: Scope) -> Value:
        left, op = self.value(node.left, scope), node.ops[0]
        if len(node.ops) > 1:
            raise self.run.refuse(node, f"`{self.run.piece(node)}` compares more than two things.")
        right = self.value(node.comparators[0], scope)
        if isinstance(op, (ast.Is, ast.IsNot)):
            if left is not None and right is not None:
                raise self.run.refuse(node, "`is` is read with None only.")
            return (left is right) == isinstance(op, ast.Is)
        if isinstance(op, (ast.In, ast.NotIn)):
            return self._member(node, left, right) == isinstance(op, ast.In)
        name = OPERATORS[type(op)]
        if left is None or right is None:
            return (left is right) == (name == "equal")
        if isinstance(left, bool) and isinstance(right, bool):
            return (left == right) == (name == "equal")
        return self.operate(node, name, left, right)

    def _member(self, node: ast.AST, item: Value, container: Value) -> bool:
        if isinstance(container, Table):
            return item in container.entries
        if isinstance(container, Items) and all(isinstance(i, (int, str)) for i in (item, *container.items)):
            return item in container.items
        raise self.run.refuse(node, "what this holds is not known.")

    def _logic(self, op: ast.boolop, values: list[ast.expr], scope: Scope) -> Value:
        for node in values:
            if self.truth(node, scope) == isinstance(op, ast.Or):
                return isinstance(op, ast.Or)
        return isinstance(op, ast.And)

    def _choice(self, node: ast.IfExp, scope: Scope) -> Value:
        """`a if c else b`: one of them where c is known, entry by entry where c is one number."""
        condition = self.value(node.test, scope)
        known = truth_of(condition)
        if known is not None:
            return self.raw(node.body if known else node.orelse, scope)
        if not isinstance(condition, Array) or condition.term.sizes:
            message = f"`{self.run.piece(node)}` chooses by a whole array, which NumPy refuses."
            raise self.run.refuse(node, message, "Write np.where(c, a, b).")
        first, second = self.value(node.body, scope), self.value(node.orelse, scope)
        try:
            return chosen_by(condition, first, second)
        except SymbackpropError as error:
            raise self.explained(error, node, first, second) from None

    # ------------------------------------------------------------------ parts

    def _attribute(self, node: ast.Attribute, base: ast.expr, name: str, scope: Scope) -> Value:
        if name.startswith("__"):
            raise self.run.refuse(node, f"`.{name}` is not read: nothing here is ever run.")
        owner = self.raw(base, scope)
        if isinstance(owner, Unknown):
            return owner
        if isinstance(owner, Library):
            dotted = f"{owner.name}.{name}"
            if owner.name in ("numpy", "math") and name in CONSTANTS:
                return Array(CONSTANTS[name])
            return None if dotted == "numpy.newaxis" else Library(dotted)
        if isinstance(owner, (Array, Positions)):
            sizes = owner.integers.sizes if isinstance(owner, Positions) else owner.term.sizes
            if name == "T":
                return transposed(owner)
            if name == "shape":
                return Items([whole(s) for s in sizes], True)
            if name == "ndim":
                return len(sizes)
            if name == "size":
                return whole(total(sizes))
            if name == "real":
                return owner
        return Method(owner, name)

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        owner = self.raw(node.value, scope)
        if isinstance(owner, Unknown):
            return self._unknown_part(owner, node, scope)
        items = self.items(node.slice, scope)
        try:
            return self.part_of(owner, items, node)
        except SymbackpropError as error:
            raise self.explained(error, node, owner) from None

    def _unknown_part(self, owner: Unknown, node: ast.Subscript, scope: Scope) -> Value:
        """`cache["A1"]`: a name of the network in a container that is not shown."""
        key = self.value(node.slice, scope) if owner.nameable and not isinstance(node.slice, ast.Slice) else None
        found = self.run.named(key) if isinstance(key, str) else None
        if found is None:
            return owner
        self.run.findings.note(f"`{self.run.piece(node)}` is taken as the network's {key}.")
        return found

    def items(self, node: ast.expr, scope: Scope) -> list[object]:
        """What stands in the brackets of a subscript."""
        parts = node.elts if isinstance(node, ast.Tuple) else [node]
        return [self._item(p, scope) for p in parts]

    def _item(self, node: ast.expr, scope: Scope) -> object:
        if isinstance(node, ast.Slice):
            bounds = (None if b is None else self.value(b, scope) for b in (node.lower, node.upper, node.step))
            return Cut(*bounds)
        if isinstance(node, ast.Constant) and node.value is Ellipsis:
            return Ellipsis
        return self.value(node, scope)

    def part_of(self, owner: Value, items: list[object], node: ast.AST) -> Value:
        """`owner[items]`."""
        only = items[0]
        if isinstance(owner, Array):
            return part(owner, items)
        if isinstance(owner, Table):
            if len(items) == 1 and isinstance(only, (str, int)) and only in owner.entries:
                return owner.entries[only]
            raise ReadError(f"there is no key {only!r}.", remedy=f"There are {', '.join(map(repr, owner.entries))}.")
        if isinstance(owner, Listed):
            return self._listed(owner, only)
        if isinstance(owner, Items):
            return item_of(owner, only)
        if isinstance(owner, str) and isinstance(only, int) and -len(owner) <= only < len(owner):
            return owner[only]
        if isinstance(owner, Positions):
            return positions_part(owner, items)
        raise ReadError("this has no parts that could be chosen.")

    def _listed(self, owner: Listed, key: object) -> Value:
        """`W[1]`: by number or by place."""
        if isinstance(key, Cut):
            return item_of(Items(list(owner.members.values())), key)
        if not isinstance(key, int):
            raise ReadError("a list of parameters is counted by whole numbers.")
        if key < 0 and -key <= len(owner.members):
            return list(owner.members.values())[key]
        if key not in owner.members:
            if key == 0 and owner.letter not in self.run.by_place:
                raise Renumbered(owner.letter)
            names = ", ".join(f"{owner.letter}[{k}]" for k in owner.members)
            raise ReadError(f"there is no {owner.letter}[{key}].", remedy=f"There are {names}.")
        return owner.members[key]

    def arguments(self, name: str, node: ast.Call, scope: Scope, owner: Value = None) -> Arguments:
        """The arguments of a call; a method's owner comes first."""
        args: list[Value] = [] if owner is None else [owner]
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                args += self.iterated(argument.value, scope)
            else:
                args.append(self.value(argument, scope))
        options: dict[str, Value] = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                raise self.run.refuse(node, "`**` before an argument is not read.")
            options[keyword.arg] = self.value(keyword.value, scope)
        return Arguments(name, args, options)
