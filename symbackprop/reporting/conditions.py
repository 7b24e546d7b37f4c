"""Where the formulas hold: what must be positive, not zero or invertible, and where a function has a kink or a jump."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ..document import Math, Prose
from ..express.writer import NoMatrixForm
from ..graph import Graph
from ..network import Model
from ..notation.tree import Abs, Num, Relation, Tree
from ..requirements import BY_CONVENTION, Requirement, requirements
from ..tensor.normal import as_number, essential_axes, without_constant
from ..tensor.terms import Product, Sum, Term
from .graphs import function_name
from .maths import Setter, listed
from .signs import Signs

MOST_ARGUMENTS = 8
ZERO, ONE = Num(Fraction(0)), Num(Fraction(1))


class Conditions:
    """The side conditions of one network in words."""

    def __init__(self, model: Model, graph: Graph, setter: Setter) -> None:
        self.model, self.setter = model, setter
        self.signs = Signs(model)
        self.found = list(requirements(model, graph))

    def sentences(self) -> tuple[Prose, ...]:
        """One sentence for each condition; kinks of one function together."""
        domain = [self.domain(r) for r in self.found if r.kind not in BY_CONVENTION]
        return (*dict.fromkeys(s for s in domain if s), *self.kinks())

    def domain(self, need: Requirement) -> Prose:
        """What must be positive, not zero, between −1 and 1, or invertible; nothing where that is sure."""
        if need.kind == "invertible":
            declared = self.model.declarations.get(getattr(need.term, "name", ""))
            if declared is not None and (declared.facts.invertible or declared.facts.positive_definite):
                return (self.math(need.term), " is invertible, as declared.")
            return (self.math(need.term), " is invertible.")
        if self.signs.positive(need.term) and need.kind in ("positive", "nonzero"):
            return self.unit(need.term)
        left = self.tree(need.term)
        if left is None:
            return ("Every argument of ", function_name(need.because), " lies where that is defined.")
        unit = self.below_one(need.term)
        if unit:
            return unit
        relations = {
            "positive": Relation(">", left, ZERO),
            "nonzero": Relation("!=", left, ZERO),
            "within": Relation("<", Abs(left), ONE),
            "above one": Relation(">", left, ONE),
        }
        each = " in every entry" if need.term.order and essential_axes(need.term) else ""
        return (self.setter.math(relations[need.kind]), f"{each}.")

    def unit(self, term: Term) -> Prose:
        """0 < a < 1 for a value of a sigmoid or softmax: sure, except where it rounds to 0 or 1."""
        name = self.signs.within_unit(term)
        tree = self.tree(term)
        if not name or tree is None:
            return ()
        return (self.setter.between(ZERO, tree, ONE), f", as for every value of a {self.name(name)}.")

    def below_one(self, term: Term) -> Prose:
        """1 − a > 0 is the other half of 0 < a < 1."""
        sign = 1
        if isinstance(term, Product) and len(term.factors) == 1 and term.coefficient == -1 and term.factors[0][2] == 1:
            sign, term = -1, term.factors[0][0]
        if not isinstance(term, Sum):
            return ()
        numbers = [sign * c * (as_number(x) or 0) for c, x in term.terms if as_number(x) is not None]
        rest = [(sign * c, x) for c, x in term.terms if as_number(x) is None]
        if numbers == [1] and len(rest) == 1 and rest[0][0] == -1 and self.signs.within_unit(rest[0][1]):
            return self.unit(rest[0][1])
        return ()

    def name(self, function: str) -> str:
        """What a function is called in words."""
        return {"normal_cdf": "distribution function"}.get(function, function.replace("_", "-"))

    def kinks(self) -> Iterator[Prose]:
        """Where a derivative is taken by convention."""
        for kind in BY_CONVENTION:
            by_function: dict[str, list[Term]] = {}
            for need in self.found:
                if need.kind == kind:
                    by_function.setdefault(need.because, []).append(need.term)
            for function, terms in by_function.items():
                yield self.kink(kind, function, terms)

    def kink(self, kind: str, function: str, terms: list[Term]) -> Prose:
        """One sentence for all arguments of one function."""
        shown = [m for m in (self.shown(t) for t in terms[:MOST_ARGUMENTS]) if m is not None]
        more = [f"{len(terms) - len(shown)} more"] if len(shown) < len(terms) else []
        names = listed([*shown, *more], " or ")
        entry = ("an entry of ",) if any(t.order for t in terms) else ()
        if kind == "kink":
            taken = f"{function_name(function)} has a kink; its derivative there is taken to be 0."
            return ("Where ", *entry, *names, f" is 0, {taken}")
        if kind == "jump":
            slope = f"The derivative of {function_name(function)} is 0; at a jump, where "
            rest = " is 0, it is taken to be 0: the gradient through it vanishes almost everywhere."
            return (slope, *entry, *names, rest)
        if kind == "switch":
            return ("Where ", *entry, *names, " is 0, the formula changes from one case to the other.")
        if kind == "tie":
            return (f"Where both arguments of {function_name(function)} are equal, neither gets a gradient.",)
        return ("Where the greatest entry of ", *names, " occurs more than once, the first gets the gradient.")

    # ------------------------------------------------------------------ terms as formulas

    def narrow(self, term: Term) -> Term:
        """A scalar repeated to an array, as the scalar."""
        return without_constant(term, ()) if term.order and not essential_axes(term) else term

    def tree(self, term: Term) -> Tree | None:
        """The term in matrix notation, if it has one."""
        try:
            return self.setter.writer.matrix(self.narrow(term))
        except NoMatrixForm:
            return None

    def shown(self, term: Term) -> Math | None:
        """The term as a formula, if it has one."""
        tree = self.tree(term)
        return None if tree is None else self.setter.math(tree)

    def math(self, term: Term) -> Math | str:
        """The matrix of a term as a formula, or in words."""
        return self.shown(term) or "Every matrix that is inverted"
