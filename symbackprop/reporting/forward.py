"""The forward pass: every equation as its author wrote it, or from its term where nobody wrote one."""

from __future__ import annotations

from ..document import Equation as Line
from ..errors import MissingRule, ShapeError
from ..express.writer import size_tree
from ..expression import Expr
from ..graph import Graph
from ..lower import IndexInfo, Names, lower
from ..network import Equation, Model
from ..notation.forward import forward
from ..notation.tree import Index, Letter, Tree
from ..tensor.size import Size
from .maths import Setter


class Forward:
    """Right-hand sides of one network as trees."""

    def __init__(self, model: Model, setter: Setter) -> None:
        self.model = model
        self.setter = setter
        self.scope = scope(model)
        self._shapes: dict[int, tuple[Size, ...]] = {}
        self._kept: list[Expr] = []

    def lines(self, graph: Graph) -> tuple[Line, ...]:
        """One line for each equation, those that the loss does not use included, with its shape."""
        return tuple(self.line(name) for name in graph.order)

    def line(self, name: str) -> Line:
        """The line of one equation."""
        equation = self.model.equations[name]
        left, right = self.sides(equation)
        taken = self.setter.writer.matrix(equation.term) if equation.before is not None else None
        rights = [right] if taken is None else [right, taken]
        return self.setter.equation(left, rights, self.setter.shape(equation.term.sizes))

    def sides(self, equation: Equation) -> tuple[Tree, Tree]:
        """Left and right side; in index notation the left side shows the free indices."""
        left: Tree = self.setter.sym(equation.name)
        written = self.written(equation)
        if written is not None:
            return left, written
        found = self.setter.writer.expressed(equation.term, row=equation.name in self.setter.context.rows)
        return (Index(left, tuple(map(Letter, found.letters))) if found.letters else left), found.tree

    def written(self, equation: Equation) -> Tree | None:
        """The author's own right-hand side; None where nobody wrote one, or only a part of one is meant."""
        if equation.expr is None:
            return None
        rows, base = self.setter.context.rows, self.setter.notation.style.index_base
        try:
            if self.shape(equation.expr) != equation.term.sizes:
                return None
            return forward(equation.expr, self.shape, rows=rows, index_base=base, size_tree=_size_tree)
        except (ShapeError, MissingRule):  # opened from inside a function, whose axes are not NumPy's
            return None

    def shape(self, expr: Expr) -> tuple[Size, ...]:
        """The shape of a part of an equation."""
        key = id(expr)
        if key not in self._shapes:
            self._kept.append(expr)  # an id is reused once its object is gone
            self._shapes[key] = lower(expr, self.scope, "").term.sizes
        return self._shapes[key]


def _size_tree(size: object) -> Tree:
    """Sizes are opaque to printers."""
    assert isinstance(size, Size)
    return size_tree(size)


def scope(model: Model) -> Names:
    """What the names of a finished network stand for."""
    symbols = {d.name: d for d in model.declarations.values()}
    terms = {d.name: d.term for d in symbols.values() if d.role != "index"}
    terms |= {e.name: e.symbol for e in model.equations.values()}
    indices = {
        d.name: IndexInfo(d.name, d.sizes, d.facts.of)
        for d in symbols.values()
        if d.role == "index" and d.facts.of is not None
    }
    roles: dict[str, str] = {d.name: d.role for d in symbols.values()}
    return Names(terms, indices, model.size_names(), dict(model.functions), roles)
