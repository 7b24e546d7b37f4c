"""The argument by entries: how one entry of a child depends on one entry of a parent, and what follows."""

from __future__ import annotations

from fractions import Fraction

from ..derive import Derivation
from ..document import Math, Prose
from ..express.entries import EntryWriter
from ..express.order import GRADIENT
from ..notation.tree import BigSum, Delta, Index, Letter, Num, Partial, Prod, Relation, Sym, Tree
from ..tensor.normal import as_number, product
from ..tensor.pullback import children_last
from ..tensor.terms import Factor, Product, Symbol, Term
from .maths import Setter

ONE = Fraction(1)


def argument(derivation: Derivation, setter: Setter, name: str) -> tuple[Prose, ...]:
    """One sentence for each child through which an array's gradient comes; none where all is scalar."""
    loss = derivation.model.loss
    sentences = []
    for part in reversed(derivation.contributions[name]):
        orders = (len(derivation.graph.sizes(name)), len(derivation.graph.sizes(part.child)))
        if part.child == loss or orders == (0, 0):
            continue
        found = Entries(derivation, setter, name, part.child, part.term)
        sentences.append(found.direct() or found.whole())
    return tuple(sentences)


class Entries:
    """The contribution of one child to the gradient at one parent, by entries."""

    def __init__(self, derivation: Derivation, setter: Setter, parent: str, child: str, term: Term) -> None:
        self.derivation, self.setter = derivation, setter
        self.parent, self.child, self.term = parent, child, term
        self.writer = EntryWriter(setter.writer)
        self.letters = [Letter(next(self.writer.letters)) for _ in term.sizes]

    def entry(self, name: str, at: list[Letter]) -> Tree:
        """An entry of a symbol or node."""
        symbol = Sym(name, self.derivation.context.kind(name))
        return Index(symbol, tuple(at)) if at else symbol

    def gradient_entry(self, name: str, at: list[Letter]) -> Tree:
        """∂J/∂W_ij, or an entry of δ."""
        if name in self.derivation.model.equations:
            delta = Delta(name, self.derivation.context.kind(name))
            return Index(delta, tuple(at)) if at else delta
        return Partial(Sym(self.derivation.model.loss), (self.entry(name, at),))

    def direct(self) -> Prose:
        """`∂z_i/∂W_ij = a_j, hence ∂J/∂W_ij = δ_i a_j`; nothing unless the child's gradient is a factor by itself."""
        term = self.term
        if isinstance(term, Symbol):
            return self.unchanged()
        if not isinstance(term, Product):
            return ()
        own = [f for f in term.factors if isinstance(f[0], Symbol) and f[0].name == GRADIENT + self.child]
        rest = [f for f in term.factors if f not in own]
        if len(own) != 1 or own[0][2] != 1 or any(self.mentions(f[0]) for f in rest):
            return ()
        labels = own[0][1]
        only = [x for x in dict.fromkeys(labels) if x >= term.order]
        at = dict(enumerate(self.letters)) | {x: Letter(next(self.writer.letters)) for x in only}
        local = self.local(term, rest, only, [at[x] for x in (*range(term.order), *only)])
        child_at = [at[x] for x in labels]
        slope = Relation(
            "=", Partial(self.entry(self.child, child_at), (self.entry(self.parent, self.letters),)), local
        )
        delta = self.gradient_entry(self.child, child_at)
        whole: Tree = delta if local == Num(ONE) else Prod((delta, *_factors(local)))
        if only:
            whole = BigSum(whole, tuple((at[x].name, None, None) for x in only))
        result = Relation("=", self.gradient_entry(self.parent, self.letters), whole)
        return self.sentence(slope, result, alone=len(only) < len(labels))

    def unchanged(self) -> Prose:
        """A summand of the parent's own shape."""
        own = self.entry(self.parent, self.letters)
        slope = Relation("=", Partial(self.entry(self.child, self.letters), (own,)), Num(ONE))
        right = self.gradient_entry(self.child, self.letters)
        return self.sentence(slope, Relation("=", self.gradient_entry(self.parent, self.letters), right), alone=True)

    def sentence(self, slope: Tree, result: Relation, alone: bool) -> Prose:
        """`alone`: some entries of the child do not depend on this entry of the parent."""
        math = self.setter.math
        if alone:
            others: Prose = (", no other entry of ", self.setter.symbol(self.child), " depends on it")
        else:
            others = ()
        if len({part.child for part in self.derivation.contributions[self.parent]}) > 1:
            part: Prose = (", which adds ", math(result.right), " to ", math(result.left))
        else:
            part = (", hence ", math(result))
        return ("By entries: ", math(slope), *others, *part, *self.form())

    def local(self, term: Product, rest: list[Factor], only: list[int], at: list[Letter]) -> Tree:
        """∂child/∂parent at the letters, without the entries that are always 0."""
        sizes = dict(enumerate(term.label_sizes))
        kept = (*range(term.order), *only)
        slope = product(term.coefficient, rest, kept, sizes)
        value = as_number(slope)
        return Num(ONE * value) if value is not None else self.writer.entry(slope, tuple(at))

    def whole(self) -> Prose:
        """The contribution in index notation, where the child's gradient is not a factor by itself."""
        right = self.writer.entry(self.derivation.closer.tidied(self.term), tuple(self.letters))
        left = self.gradient_entry(self.parent, self.letters)
        return ("By entries: ", self.setter.math(Relation("=", left, right)), *self.form())

    def form(self) -> Prose:
        """The matrix formula whose entry this is."""
        tree = self.setter.writer.matrix(self.derivation.closer.tidied(self.term)) if self.letters else None
        if tree is None:
            return (".",)
        found: tuple[str | Math, ...] = (", the entry of ", self.setter.math(tree), ".")
        return found

    def mentions(self, term: Term) -> bool:
        """True if the child's gradient occurs in a term."""
        return any(isinstance(t, Symbol) and t.name == GRADIENT + self.child for t in children_last(term))


def _factors(tree: Tree) -> tuple[Tree, ...]:
    return tree.factors if isinstance(tree, Prod) and tree.op == "juxtapose" else (tree,)
