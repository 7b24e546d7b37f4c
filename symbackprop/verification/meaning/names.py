"""The value of a declared name: a symbol, a node, a size, a derivative that has a name; and derivatives as written."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

from ...derive import Derivation, gradient_symbol
from ...draws import Drawer
from ...errors import SymbackpropError
from ...express.order import GRADIENT
from ...functions.shaping import reshape
from ...jacobian import jacobian_term
from ...named import scalar_derivation
from ...network import Equation, Model
from ...tensor.evaluate import evaluate
from ...tensor.normal import apply, from_size, product, zeros
from ...tensor.size import size
from ...tensor.substitute import substitute, subterms
from ...tensor.terms import Symbol, Term, symbol
from ..target import Target
from .values import Kind, Value, kind_of_order


@dataclass
class Names:
    """Values by name for one network. `extra` defines the symbols that stand for derivatives of other scalars."""

    derivation: Derivation
    extra: dict[Symbol, Term] = field(default_factory=dict)
    _derived: dict[str, Derivation] = field(default_factory=dict)
    _blocks: dict[tuple[str, str, str], Term] = field(default_factory=dict)
    _count: int = 0

    @property
    def model(self) -> Model:
        """The network."""
        return self.derivation.model

    @cached_property
    def rows(self) -> frozenset[str]:
        """The vectors that are rows on paper."""
        return self.derivation.context.rows

    def is_value(self, name: str) -> bool:
        """True for a symbol or a node, False for an index, a size, a function, a derivative."""
        declared = self.model.declarations.get(name)
        return name in self.model.equations or (declared is not None and declared.role != "index")

    def is_index(self, name: str) -> bool:
        """True for a declared index."""
        declared = self.model.declarations.get(name)
        return declared is not None and declared.role == "index"

    def kind(self, name: str) -> Kind:
        """What a symbol or node is on paper."""
        return kind_of_order(len(self.derivation.graph.sizes(name)), name in self.rows)

    def value(self, name: str) -> Value:
        """The symbol, node or size."""
        if not self.is_value(name):
            return Value(from_size(size(name)))
        return Value(symbol(name, self.derivation.graph.sizes(name)), (), self.kind(name))

    # ------------------------------------------------------------------ derivatives

    def derived(self, of: str) -> Derivation:
        """The derivation in which that node is the loss."""
        if of == self.model.loss:
            return self.derivation
        if of not in self._derived:
            self._derived[of] = scalar_derivation(self.derivation, of)
        return self._derived[of]

    def gradient(self, wrt: str, of: str | None = None) -> Value:
        """The gradient of the loss (or of another scalar node) at a name, of the name's shape."""
        of = of or self.model.loss
        like = symbol(wrt, self.derivation.graph.sizes(wrt))
        link = ((of, 0), (wrt, like.order))
        if of == self.model.loss:
            known = self.derivation.recursive_terms.get(wrt)
            term: Term = zeros(like.sizes) if known is None else gradient_symbol(wrt, like)
            return Value(term, (), self.kind(wrt), (), link)
        stand_in = symbol(f"@{of}@{wrt}", like.sizes)
        if stand_in not in self.extra:
            other = self.derived(of)
            self.extra[stand_in] = self._closed(other, wrt)
        return Value(stand_in, (), self.kind(wrt), (), link)

    def _closed(self, derivation: Derivation, wrt: str) -> Term:
        """A gradient without the gradients at other nodes: those of this scalar are put in."""
        closed = derivation.gradient(wrt).closed
        term = closed.term
        given: dict[Term, Term] = {gradient_symbol(f.name, f.term): f.term for f in closed.where}
        for _ in given:
            term = substitute(term, given)
        return term

    def opened(self, term: Term) -> Term:
        """The term in symbols and nodes only, for every gradient in it its closed form."""
        given: dict[Term, Term] = {}
        for inner in subterms(term):
            if isinstance(inner, Symbol) and inner in self.extra:
                given[inner] = self.extra[inner]
            elif isinstance(inner, Symbol) and inner.name.startswith(GRADIENT):
                given[inner] = self._closed(self.derivation, inner.name[len(GRADIENT) :])
        return substitute(term, given) if given else term

    def jacobian(self, of: str, wrt: str) -> Value:
        """∂of/∂wrt: of vectors a matrix with the rows of `of`; a scalar on either side gives no axis."""
        rows, columns = (self.derivation.graph.sizes(n) for n in (of, wrt))
        term = jacobian_term(self.derivation, of, wrt)
        link = ((of, len(rows)), (wrt, len(columns)))
        if not rows:
            return Value(term, (), self.kind(wrt), (), link)
        if not columns:
            return Value(term, (), self.kind(of), (), link)
        return Value(term, (), kind_of_order(len(rows) + len(columns)), (), link)

    def hessian(self, p: str, q: str, of: str | None = None) -> Value:
        """The block of second derivatives: a matrix by vec (columns first); a vector or number where p or q is one."""
        of = of or self.model.loss
        key = (of, p, q)
        if key not in self._blocks:
            self._blocks[key] = self.derived(of).hessian(p, q).closed.term
        term = self._blocks[key]
        first, second = (self.derivation.graph.sizes(n) for n in (p, q))
        if len(first) <= 1 and len(second) <= 1:
            kind: Kind = "matrix" if first and second else "column" if first else "row" if second else "scalar"
            return Value(term, (), kind)
        return Value(_by_columns(term, len(first), len(second)), (), "matrix")

    def entries_of_hessian(self, p: str, q: str, of: str | None = None) -> Value:
        """The same with all axes, for entries ∂²J/∂W_ij∂W_kl."""
        of = of or self.model.loss
        self.hessian(p, q, of)
        term = self._blocks[of, p, q]
        return Value(term, (), kind_of_order(term.order))

    def named(self, name: str) -> tuple[Value, Target]:
        """A derivative that the network gives a name. Raises SymbackpropError for one that has no formula."""
        known = self.model.derivatives[name]
        args, of = known.args, known.of
        if known.operation == "gradient":
            return self.gradient(args[0], of), Target("gradient", (args[0],), of)
        if known.operation == "hessian":
            if known.diagonal:
                term = self.derivation.named(name).term  # type: ignore[union-attr]  # a formula, not eigenvalues
                return Value(term, (), self.kind(args[0])), Target("other", ())
            return self.hessian(args[0], args[-1], of), Target("hessian", (args[0], args[-1]), of)
        if known.operation in ("jacobian", "derivative"):
            return self.jacobian(args[0], args[1]), Target("jacobian", (args[0], args[1]))
        if known.operation == "condition_number":
            formula = self.derivation.named(name)
            return Value(formula.closed.term), Target("other", ())  # type: ignore[union-attr]  # the same
        raise SymbackpropError(f"{name} stands for several numbers.", remedy="Write which: the largest is λ_1.")

    def eigenvalue(self, name: str, which: str) -> Value:
        """λ_1 or λ_max, the largest eigenvalue, or the smallest (λ_d, λ_min); both where there is a formula for it.

        Which one is the largest is decided at random numbers. Raises SymbackpropError for any other index.
        """
        found = self.derivation.named(name)
        assert isinstance(found, tuple)
        largest = which in ("1", "max", "\\max")
        if not largest and which not in ("min", "\\min", *self.model.size_names()):
            raise SymbackpropError(
                f"{name} stands for several numbers.", remedy="λ_1 is the largest, λ_d the smallest."
            )
        terms = [e.value.closed.term for e in found]
        if any(t.sizes for t in terms):
            raise SymbackpropError(f"{name} has no formula for its extremes.")
        draw = Drawer(self.model, self.derivation.graph, 1).draw()
        if draw is None:
            raise SymbackpropError(f"No numbers were found at which {name} is defined.")
        ordered = sorted(terms, key=lambda t: float(evaluate(t, draw.arrays, draw.sizes)))
        return Value(ordered[-1 if largest else 0])

    def differential(self, name: str) -> Value:
        """dX, a symbol of X's shape. Where numbers are needed it is a function of X that no identity knows of."""
        like = symbol(name, self.derivation.graph.sizes(name))
        stand_in = symbol(f"d{name}", like.sizes)
        self.extra.setdefault(stand_in, apply("sin", [like * 3 + 1]) + 2)
        return Value(stand_in, (), self.kind(name))

    # ------------------------------------------------------------------ derivatives of expressions

    def with_node(self, term: Term) -> tuple[Names, str]:
        """These names with one more node, for the derivative of an expression that is no node; and its name."""
        self._count += 1
        name = f"expression{self._count}"
        equation = Equation(name, term)
        model = replace(self.model, equations={**self.model.equations, name: equation})
        if not term.sizes:
            model = replace(model, loss=name)
        inner = Names(Derivation(model, self.derivation.layout, self.derivation.vec))
        return inner, name


def _by_columns(term: Term, first: int, second: int) -> Term:
    """A block of shape p.shape + q.shape as a matrix, each side stacked by columns."""
    axes = tuple(range(first + second))
    turned = product(1, [(term, axes, 1)], (*axes[:first][::-1], *axes[first:][::-1]))
    lengths = turned.sizes
    rows, columns = size(1), size(1)
    for s in lengths[:first]:
        rows = rows * s
    for s in lengths[first:]:
        columns = columns * s
    return reshape(turned, rows, columns)
