"""From one example to a batch: inputs, targets and indices gain an axis, parameters do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from .averaging import computed
from .errors import MissingRule, ShapeError, SymbackpropError
from .graph import Graph
from .network import Declaration, Equation, Facts, Model, Role
from .reading.names import checked
from .tensor import terms as t
from .tensor.normal import add, apply, bracket, broadcast, from_size, product, summands
from .tensor.pullback import children_last
from .tensor.size import Size, size
from .tensor.specials import special

if TYPE_CHECKING:
    from .declare import Network

DATA: tuple[Role, ...] = ("input", "target", "index", "random")


@dataclass
class Vectorizer:
    """Gives every term that depends on the data one more axis.

    While terms are built the batch axis is the first one; `last` moves it behind the others at each symbol.
    """

    length: Size
    last: bool
    batched: dict[str, tuple[Size, ...]]
    _done: dict[t.Term, t.Term] = field(default_factory=dict)

    def gains_axis(self, node: t.Symbol) -> None:
        """From now on the node has the batch axis, wherever it occurs."""
        self.batched[node.name] = node.sizes
        self._done.pop(node, None)

    def depends(self, term: t.Term) -> bool:
        """True if the term has the batch axis."""
        return self.lifted(term).order > term.order

    def lifted(self, term: t.Term) -> t.Term:
        """The term with the batch axis in front, or the term itself if it does not depend on the data."""
        for inner in reversed(children_last(term)):
            if inner not in self._done:
                self._done[inner] = self._lift(inner)
        return self._done[term]

    def _lift(self, term: t.Term) -> t.Term:
        if isinstance(term, t.Symbol):
            return self._symbol(term)
        if isinstance(term, t.Bracket):
            return self._bracket(term)
        if not any(self._done[c].order > c.order for c in term.children):
            return term
        if isinstance(term, t.Product):
            return self._product(term)
        full = (self.length, *term.sizes)
        if isinstance(term, t.Sum):
            return add([(c, self._wide(x)) for c, x in term.terms], full)
        if isinstance(term, t.Map):
            return apply(term.head, [self._wide(x) for x in term.children])
        assert isinstance(term, t.Special)
        x, *more = term.children
        if any(self._done[m].order > m.order for m in more):
            raise MissingRule(f"{term.operation} has no batch form if an option differs from example to example.")
        return special(term.operation, self._done[x], term.axes, *more)

    def _symbol(self, term: t.Symbol) -> t.Term:
        if term.name not in self.batched:
            return term
        if not self.last:
            return t.symbol(term.name, (self.length, *term.sizes))
        whole = t.symbol(term.name, (*term.sizes, self.length))
        inner = tuple(range(1, term.order + 1))
        return product(1, [(whole, (*inner, 0), 1)], (0, *inner))

    def _wide(self, term: t.Term) -> t.Term:
        """The lifted term; one that does not depend on the data is repeated along the batch axis."""
        lifted = self._done[term]
        if lifted.order > term.order:
            return lifted
        return broadcast(term, tuple(range(1, term.order + 1)), (self.length, *term.sizes))

    def _bracket(self, term: t.Bracket) -> t.Term:
        names = {name for _, name, _, _ in term.indices}
        if not names & self.batched.keys():
            return term
        indices = [
            (c, name, (*(a + 1 for a in axes), 0) if self.last else (0, *(a + 1 for a in axes)), stop)
            if name in self.batched
            else (c, name, tuple(a + 1 for a in axes), stop)
            for c, name, axes, stop in term.indices
        ]
        return bracket((self.length, *term.sizes), (size(0), *term.coefficients), term.constant, indices)

    def _product(self, term: t.Product) -> t.Term:
        """Every batched factor gains the same label, and so does the output."""
        new = len(term.label_sizes)
        factors: list[t.Factor] = []
        for child, labels, exponent in term.factors:
            lifted = self._done[child]
            factors.append((lifted, (new, *labels) if lifted.order > child.order else labels, exponent))
        sizes = {**dict(enumerate(term.label_sizes)), new: self.length}
        return product(term.coefficient, factors, (new, *range(term.order)), sizes)


def batch(
    net: Network | Model, length: str | int = "n", rows: bool = True, reduce: Literal["mean", "sum"] = "mean"
) -> Network:
    """The network over `length` examples: an ordinary network, its loss the mean (or sum) over single examples.

    `rows`: the new axis comes first (examples are rows), else last (columns). Parameters and constants keep their
    shape; inputs, targets and indices gain the axis, and so does every node that depends on one of them. An expression
    without data, such as a weight penalty, is not affected by the mean.

    Raises SymbackpropError if `reduce` is neither, if the size's name is taken, or if nothing in the network is data.
    """
    from .declare import Network

    if reduce not in ("mean", "sum"):
        raise SymbackpropError(f"reduce={reduce!r} is neither 'mean' nor 'sum'.")
    model = net if isinstance(net, Model) else net.model
    count = size(length)
    _check_name(length, model)
    averaged = model.declarations.keys() - computed(model).declarations.keys()
    data = {d.name: d.sizes for d in model.declarations.values() if d.role in DATA and d.name not in averaged}
    if not data:
        raise SymbackpropError("There is nothing to batch: the network has no input, target or index.")
    vector = Vectorizer(count, not rows, data)
    equations: dict[str, Equation] = {}
    for name in Graph(model).order:
        old = model.equations[name]
        lifted = vector.lifted(old.term)
        if lifted is old.term:
            equations[name] = old
        elif name == model.loss:
            equations[name] = replace(old, term=_reduced(old.term, vector, reduce), expr=None, before=None)
        else:
            vector.gains_axis(old.symbol)
            spelling = replace(old.spelling, row=not rows and not old.term.order)
            equations[name] = replace(old, term=_placed(lifted, rows), expr=None, spelling=spelling, before=None)
    declarations = {n: _declared(d, count, rows) if n in data else d for n, d in model.declarations.items()}
    ordered: Mapping[str, Equation] = {n: equations[n] for n in model.equations}
    title = f"{model.title} (a batch of {length} examples as {'rows' if rows else 'columns'})".strip()
    return Network.from_model(
        replace(model, title=title, declarations=declarations, equations=ordered, source="", warnings=())
    )


def _check_name(length: str | int, model: Model) -> None:
    if isinstance(length, str):
        checked(length, "size")
    taken = {*model.declarations, *model.equations, *model.size_names()}
    if isinstance(length, str) and length in taken:
        raise SymbackpropError(
            f"The number of examples cannot be called {length}: that name is taken.", remedy="Choose another name."
        )
    if isinstance(length, int) and length < 1:
        raise ShapeError(f"A batch has at least one example, not {length}.")


def _placed(term: t.Term, rows: bool) -> t.Term:
    """The term with its batch axis, built in front, where the author wants it."""
    if rows or term.order < 2:
        return term
    axes = tuple(range(term.order))
    return product(1, [(term, axes, 1)], (*axes[1:], 0))


def _reduced(term: t.Term, vector: Vectorizer, reduce: str) -> t.Term:
    """The loss of a batch; summands that do not depend on the data stay as they are under a mean."""
    parts = list(summands(term))
    fixed = [(c, x) for c, x in parts if not vector.depends(x)]
    moving = add([(c, x) for c, x in parts if vector.depends(x)], term.sizes)
    scale: list[t.Factor] = [(from_size(vector.length), (), -1)] if reduce == "mean" else []
    total = product(1, [(vector.lifted(moving), (0,), 1), *scale], ())
    if reduce == "sum":
        fixed = [(c, product(1, [(x, (), 1), (from_size(vector.length), (), 1)], ())) for c, x in fixed]
    return add([(1, total), *fixed], ())


def _declared(old: Declaration, count: Size, rows: bool) -> Declaration:
    """The symbol with one more axis; a row becomes a matrix like any other.

    A number of each example, where examples are columns, is a row.
    """
    sizes = (count, *old.sizes) if rows else (*old.sizes, count)
    spelling = replace(old.spelling, row=not rows and not old.sizes, entries=None, rows=None, columns=None)
    return replace(old, sizes=sizes, spelling=spelling, facts=_facts(old.facts, rows))


def _facts(old: Facts, rows: bool) -> Facts:
    """What holds of every example, as far as it holds of them together; examples of an index may coincide.

    Facts about the last axes say nothing where the examples come last: of a one-hot vector its values remain.
    """
    new = replace(old, repeat=True) if old.of is not None else old
    if rows:
        return new
    values = (Fraction(0), Fraction(1)) if old.onehot else old.values
    return replace(
        new, onehot=False, simplex=False, symmetric=False, positive_definite=False, invertible=False, values=values
    )
