"""A formula of a derivation: a term, its left side, and every form in which it can be shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .express import Expressed, Ranks, Writer
from .express.averages import gathered
from .express.writer import kind_of
from .graph import Graph
from .network import Model
from .notation.boxes.tex import box_latex
from .notation.spelling import Notation, Spelling, default_spelling
from .notation.tree import Delta, Index, Kind, Letter, Relation, Tree
from .tensor.terms import Term

if TYPE_CHECKING:
    from .closing import Closer


@dataclass
class Context:
    """What printing needs to know of a network: order, kinds and spellings of its names."""

    writer: Writer
    notation: Notation
    kinds: dict[str, Kind]
    rows: frozenset[str]

    @classmethod
    def of(cls, model: Model, graph: Graph) -> Context:
        """The context of a model."""
        kinds: dict[str, Kind] = {n: kind_of(len(d.sizes)) for n, d in model.declarations.items()}
        kinds.update({n: kind_of(e.term.order) for n, e in model.equations.items()})
        rows = {n for n, d in model.declarations.items() if d.spelling.row}
        rows |= {n for n, e in model.equations.items() if e.spelling.row}
        for name in graph.order:
            passing = [p for p in graph.parents[name] if p in rows and _passes_rows(p, name, model, graph)]
            if kinds[name] == "vector" and passing:
                rows.add(name)
        for name, d in model.declarations.items():
            if d.role == "parameter" and kinds[name] == "vector" and rows and _beside_rows(name, graph, rows):
                rows.add(name)
        ranks = Ranks(
            graph.ranks,
            frozenset(model.names("target", "random")),
            frozenset(n for n in model.names("constant") if kinds[n] == "scalar"),
            {name: place for place, name in enumerate(model.size_names())},
        )
        taken = frozenset([*kinds, *model.size_names()])
        orders = {n: len(graph.sizes(n)) for n in kinds}
        writer = Writer(ranks, frozenset(rows), taken, model.style.index_base, orders)
        spellings = {n: d.spelling for n, d in model.declarations.items() if d.spelling.latex or d.spelling.entries}
        spellings.update({n: e.spelling for n, e in model.equations.items() if e.spelling.latex or e.spelling.entries})
        spellings.update({n: d.spelling for n, d in model.derivatives.items() if d.spelling.latex})
        spellings.update({n: f.spelling for n, f in model.functions.items()})  # without one they print by their name
        if model.style.layers != "_":  # the index of a size is no layer
            sizes = [n for n in model.size_names() if n not in spellings]
            spellings.update({n: Spelling((box_latex(default_spelling(n)),)) for n in sizes})
        gradients = {
            d.args[0]: d.spelling
            for d in model.derivatives.values()
            if d.operation == "gradient" and d.of in (None, model.loss) and d.spelling.latex
        }
        notation = Notation(model.style, spellings, gradients, model.loss, kinds)
        return cls(writer, notation, kinds, frozenset(rows))

    def kind(self, name: str) -> Kind:
        """What the name is on paper: scalar, vector, matrix or array."""
        return self.kinds[name]


def _passes_rows(parent: str, child: str, model: Model, graph: Graph) -> bool:
    """True if a child of this row is a row too; a parameter makes one only where it is combined entry by entry."""
    declared = model.declarations.get(parent)
    return declared is None or declared.role != "parameter" or graph.sizes(parent) == graph.sizes(child)


def _beside_rows(name: str, graph: Graph, rows: set[str]) -> bool:
    """True if the vector is added to, or set against, rows only."""
    children = [c for c in graph.order if name in graph.parents[c]]
    return bool(children) and all(c in rows for c in children)


@dataclass
class Formula:
    """One formula, `left = right`. A gradient has the shape of its variable.

    `term`: what it says, as a tensor term. `closed`: the same in declared symbols and forward nodes only. `where`: the
    gradients that a very long closed form leaves as names, each once, in closed form too. `before`: the same with its
    expectations not taken, which is then what the recursive form prints. `gather`: a sum of matrices times one vector
    is printed as such.
    """

    context: Context
    left: Tree
    raw: Term
    closer: Closer | None = None
    name: str = ""
    where: tuple[Formula, ...] = field(default=())
    before: Formula | None = None
    gather: bool = False

    @cached_property
    def term(self) -> Term:
        """The right-hand side as a term, tidied."""
        return self.closer.tidied(self.raw) if self.closer is not None else self.raw

    @cached_property
    def expressed(self) -> Expressed:
        """The right-hand side as a tree."""
        if self.before is not None:
            return self.before.expressed
        tree = gathered(self.context.writer, self.term) if self.gather else None
        if tree is not None:
            return Expressed(tree)
        return self.context.writer.expressed(self.term, row=self.name in self.context.rows)

    @property
    def tree(self) -> Tree:
        """The right-hand side as a tree; one entry of it if `letters` is not empty."""
        return self.expressed.tree

    @cached_property
    def equation(self) -> Tree:
        """Left and right side; in index notation the left side shows the free indices."""
        letters = self.expressed.letters
        left = Index(self.left, tuple(map(Letter, letters))) if letters else self.left
        return Relation("=", left, self.tree)

    @cached_property
    def latex(self) -> str:
        """The right-hand side in LaTeX."""
        from .notation.latex import latex

        return latex(self.tree, self.context.notation)

    @cached_property
    def text(self) -> str:
        """The right-hand side as Unicode text."""
        from .notation.text import text

        return text(self.tree, self.context.notation)

    @cached_property
    def mathml(self) -> str:
        """The equation as presentation MathML."""
        from .notation.mathml import mathml

        return mathml(self.equation, self.context.notation)

    @property
    def equation_latex(self) -> str:
        """Both sides in LaTeX."""
        from .notation.latex import latex

        return latex(self.equation, self.context.notation)

    @property
    def equation_text(self) -> str:
        """Both sides as Unicode text."""
        from .notation.text import text

        return text(self.equation, self.context.notation)

    @property
    def shape(self) -> tuple[Any, ...]:
        """The shape, as a tuple of SymPy integers."""
        from .symbolic import sympy_size

        return tuple(map(sympy_size, self.term.sizes))

    @property
    def sympy(self) -> Any:
        """The right-hand side in SymPy: Expr, MatrixExpr up to order 2, else a TensorExpr."""
        from .symbolic import sympy_term

        return sympy_term(self.term, self.context)

    @cached_property
    def closed(self) -> Formula:
        """The closed form; a formula without downstream gradients is its own."""
        if self.closer is None or not self.closer.gradients_in(self.raw):
            return self.taken
        term, given = self.closer.closed(self.name)
        where = self._shared(self.closer, given)
        return Formula(self.context, self.left, term, None, self.name, where, gather=self.before is not None)

    @property
    def taken(self) -> Formula:
        """The formula with its expectations taken; one without expectations is its own."""
        if self.before is None:
            return self
        return Formula(self.context, self.left, self.raw, self.closer, self.name, self.where, gather=True)

    def _shared(self, closer: Closer, names: Iterable[str]) -> tuple[Formula, ...]:
        """The closed forms of gradients that stay names, and of those that stay names in these, each once."""
        found: dict[str, Formula] = {}
        waiting = list(names)
        for name in waiting:  # which grows
            if name not in found:
                term, given = closer.closed(name)
                found[name] = Formula(self.context, Delta(name, self.context.kind(name)), term, None, name)
                waiting += given
        return tuple(found.values())

    def __str__(self) -> str:
        return self.equation_text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Text, LaTeX and MathML for notebooks."""
        return {
            "text/plain": self.equation_text,
            "text/latex": f"$\\displaystyle {self.equation_latex}$",
            "text/html": self.mathml,
        }
