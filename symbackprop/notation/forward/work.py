"""The walk over an expression: operators down their left side, everything else by its rule."""

from __future__ import annotations

from collections.abc import Callable

from ...expression import Array, Call, Expr, Name, Number, Subscript, names
from .. import tree as t
from .arrays import ARRAY_RULES, stacked, subscript
from .calls import applied
from .common import Shape, kind_of
from .operators import BINARY_RULES, COMPARISONS, OPERATOR_RULES, condition

RULES = {**OPERATOR_RULES, **ARRAY_RULES}


class Forward:
    """Expressions to trees, given shapes."""

    def __init__(
        self,
        shape_of: Callable[[Expr], Shape],
        rows: frozenset[str],
        index_base: int,
        size_tree: Callable[[object], t.Tree] | None,
    ) -> None:
        self.shape_of = shape_of
        self.rows = rows
        self.base = index_base
        self.size_tree = size_tree

    def tree(self, expr: Expr) -> t.Tree:
        """The tree of an expression; a chain of operators goes down its left side without recursion."""
        spine: list[Call] = []
        while isinstance(expr, Call) and expr.function in BINARY_RULES and len(expr.args) == 2:
            spine.append(expr)
            expr = expr.args[0]
        result = self.plain(expr)
        for call in reversed(spine):
            result = BINARY_RULES[call.function](self, call, result, self.tree(call.args[1]))
        return result

    def plain(self, expr: Expr) -> t.Tree:
        """The tree of an expression that is no chain of operators."""
        if isinstance(expr, Name):
            return t.Sym(expr.name, kind_of(self.order(expr)))
        if isinstance(expr, Number):
            return t.Num(expr.value)
        if isinstance(expr, Subscript):
            return subscript(self, expr)
        if isinstance(expr, Array):
            return stacked(self, expr.items)
        if expr.function in COMPARISONS:
            return t.Indicator(condition(self, expr))
        rule = RULES.get(expr.function)
        if rule is not None and expr.shown is None:
            return rule(self, expr)
        return applied(self, expr)

    def order(self, expr: Expr) -> int:
        """How many axes the expression has."""
        return len(self.shape_of(expr))

    def is_row(self, expr: Expr) -> bool:
        """Whether a vector is a row on paper, because it is made of rows."""
        return any(name.name in self.rows and self.order(name) == 1 for name in names(expr))
