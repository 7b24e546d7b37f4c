"""Forms that stay finite: log softmax, log σ, log(1 − σ), log Σ e^x and e^x / Σ e^x, also where nodes lie in between.

The graph is rewritten before it is differentiated, so that the gradient that reaches z is p − t and never t / p. A node
that is bypassed is still computed if something else needs it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..graph import Graph
from ..network import Model
from ..tensor.brackets import form_of
from ..tensor.heads import log
from ..tensor.normal import add, apply, as_number, exact, number, product, summands, zeros
from ..tensor.pullback import children_last
from ..tensor.recognise import recognised
from ..tensor.specials import special
from ..tensor.substitute import rewritten, substitute
from ..tensor.terms import Bracket, Constant, Dim, Factor, Labels, Map, Number, Product, Special, Sum, Symbol, Term

ROUNDS = 4  # how often nodes are put in for their names, looking for an operation that was written out
EXPONENTIALS = 6  # a written-out sum of more exponentials stays as it is
TELLING = frozenset({"exp", "sigmoid"})


def stabilised(model: Model, kept: frozenset[str]) -> Model:
    """The network with its equations in stable forms. `kept`: nodes whose own gradient is asked for."""
    work = Stabiliser(model, kept)
    equations = dict(model.equations)
    for name in Graph(model).order:
        equation = model.equations[name]
        term = work.stable(equation.term)
        if name not in kept and work.tells(term):
            work.definitions[equation.symbol] = term
        if term is not equation.term:
            equations[name] = replace(equation, term=term)
    return replace(model, equations=equations)


@dataclass
class Stabiliser:
    """The rewriting of one network; `definitions`: nodes made of exponentials, which others may look through."""

    model: Model
    kept: frozenset[str]
    definitions: dict[Term, Term] = field(default_factory=dict)

    def tells(self, term: Term) -> bool:
        """True if looking through a node may show an operation that has a stable form."""
        if isinstance(term, Symbol):
            return term in self.definitions
        for inner in (term, *term.children, *(c for child in term.children for c in child.children)):
            if isinstance(inner, Map) and inner.head in TELLING:
                return True
            if isinstance(inner, Special) and inner.operation == "softmax":
                return True
            if inner is not term and inner in self.definitions and isinstance(term, (Sum, Product)):
                return True
        return False

    def seen(self, term: Term) -> Term:
        """The term with the nodes in it that are made of exponentials put in for their names."""
        for _ in range(ROUNDS):
            found: Mapping[Term, Term] = {
                t: self.definitions[t] for t in children_last(term) if isinstance(t, Symbol) and t in self.definitions
            }
            if not found:
                break
            term = substitute(term, found)
        return term

    def stable(self, term: Term) -> Term:
        """The term with stable forms in it."""
        return rewritten(recognised(term), {}, self.step)

    def step(self, term: Term) -> Term:
        """One term, whose children are stable already."""
        if isinstance(term, Map) and term.head == "log":
            found = self.log_of(term.children[0])
            return term if found is None else found
        if isinstance(term, Product) and self.may_be_quotient(term):
            wide = self.seen(term)
            known = recognised(wide)
            if known is wide and isinstance(wide, Product):
                known = _shares(wide)
            return term if known is wide else known
        return term

    def may_be_quotient(self, term: Product) -> bool:
        """True if the product divides by something made of exponentials, or by a node that is."""

        def telling(t: Term) -> bool:
            return t in self.definitions or (isinstance(t, Map) and t.head == "exp")

        return any(e < 0 and any(map(telling, (child, *child.children))) for child, _, e in term.factors)

    # -- logarithms
    def log_of(self, term: Term) -> Term | None:
        """log of the term in a stable form, or None if it has no better one than log."""
        term = self.definitions.get(term, term)
        if isinstance(term, Map) and term.head == "exp":
            return term.children[0]
        if isinstance(term, Map) and term.head == "sigmoid":
            return -apply("softplus", [-term.children[0]])
        if isinstance(term, Special) and term.operation == "softmax":
            return self.log_softmax(term)
        if isinstance(term, (Sum, Product)):
            wide = self.seen(term)
            opposite = _one_minus_sigmoid(wide)
            if opposite is not None:
                return -apply("softplus", [opposite])
            joint = _log_of_exponentials(wide)
            if joint is not None:
                return joint
            known = recognised(apply("log", [wide]))
            if not (isinstance(known, Map) and known.head == "log"):
                return known
        return self.log_of_product(term) if isinstance(term, Product) else None

    def log_softmax(self, term: Special) -> Term:
        """x − logsumexp(x)."""
        x = term.children[0]
        kept = tuple(range(x.order - term.axes))
        axes = tuple(range(x.order))
        lse = product(1, [(special("logsumexp", x, term.axes), kept, 1)], axes, dict(enumerate(x.sizes)))
        return add([(1, x), (-1, lse)], x.sizes)

    def log_of_product(self, term: Product) -> Term | None:
        """The logarithm of an entry is the entry of the logarithm; that of a product of positive factors, a sum."""
        brackets = [f for f in term.factors if isinstance(f[0], Bracket)]
        rest = [f for f in term.factors if not isinstance(f[0], Bracket)]
        if brackets:
            if len(rest) != 1 or term.coefficient != 1 or not self.selects(term, rest[0][1]):
                return None
            inner, labels, exponent = rest[0]
            inner_log = self.log_of(inner)
            if inner_log is None:
                return None
            picked: list[Factor] = [(inner_log, labels, 1), *brackets]
            return product(exact(exponent), picked, range(term.order), dict(enumerate(term.label_sizes)))
        if term.summed or term.coefficient <= 0:
            return None
        found: list[tuple[Number, Term, Labels]] = []
        better = False
        for inner, labels, exponent in rest:
            inner_log = self.log_of(inner)
            better = better or inner_log is not None
            if inner_log is None and not self.positive(inner):
                return None
            found.append((exponent, log(inner) if inner_log is None else inner_log, labels))
        if not better:
            return None
        axes = tuple(range(term.order))
        shape = dict(enumerate(term.sizes))
        parts: list[tuple[Number, Term]] = [(e, product(1, [(t, used, 1)], axes, shape)) for e, t, used in found]
        if term.coefficient != 1:
            parts.append((1, apply("log", [number(term.coefficient, term.sizes)])))
        return add(parts, term.sizes)

    def selects(self, term: Product, labels: Labels) -> bool:
        """True if the brackets choose exactly one entry of the factor with these labels for each place."""
        sizes = dict(enumerate(term.label_sizes))
        forms = [form_of(t, used) for t, used, _ in term.factors if isinstance(t, Bracket)]
        free = set(term.summed)
        if not free <= set(labels) or len(forms) != len(free):
            return False
        for form in forms:
            others = set().union(*(f.labels for f in forms if f is not form))
            mine = [x for x in sorted(free - others) if form.solved(x) is not None]
            solution = form.solved(mine[0]) if mine else None
            if solution is None or not solution.stays_within(sizes[mine[0]], sizes):
                return False
            free.discard(mine[0])
        return not free

    def positive(self, term: Term) -> bool:
        """True if every entry is declared to be positive."""
        if isinstance(term, (Constant, Dim)):
            return True
        declared = self.model.declarations.get(term.name) if isinstance(term, Symbol) else None
        return declared is not None and declared.facts.positive


def _log_of_exponentials(term: Term) -> Term | None:
    """log Σ c_k e^(x_k) with positive c_k: x + softplus(y − x), one term after another; None for anything else."""
    parts = list(summands(term))
    if not 2 <= len(parts) <= EXPONENTIALS:
        return None
    logs: list[Term] = []
    for c, t in parts:
        known = as_number(t)
        weight = c if known is None else c * known
        if weight <= 0 or not (known is not None or (isinstance(t, Map) and t.head == "exp")):
            return None
        x = zeros(term.sizes) if known is not None else t.children[0]
        logs.append(x if weight == 1 else x + log(number(weight, term.sizes)))
    if not any(isinstance(t, Map) for _, t in parts):
        return None
    total = logs[0]
    for x in logs[1:]:
        total = total + apply("softplus", [x - total])
    return total


def _shares(term: Product) -> Term:
    """A product in which e^x / Σ e^(x_k) is e^(x − log Σ e^(x_k))."""
    sizes = dict(enumerate(term.label_sizes))
    for k, (child, labels, exponent) in enumerate(term.factors):
        joint = _log_of_exponentials(child) if exponent == -1 else None
        if joint is None:
            continue
        for m, (partner, own, power) in enumerate(term.factors):
            if isinstance(partner, Map) and partner.head == "exp" and own == labels and power == 1:
                share = apply("exp", [partner.children[0] - joint])
                rest = [f for i, f in enumerate(term.factors) if i not in (k, m)]
                return product(term.coefficient, [*rest, (share, labels, 1)], range(term.order), sizes)
    return term


def _one_minus_sigmoid(term: Term) -> Term | None:
    """x if the term is 1 − σ(x), else None."""
    parts = list(summands(term))
    if len(parts) != 2:
        return None
    for (c, one), (k, other) in (parts, parts[::-1]):
        known = as_number(one)
        if known is not None and c * known == 1 == -k and isinstance(other, Map) and other.head == "sigmoid":
            return other.children[0]
    return None


__all__ = ["stabilised"]
