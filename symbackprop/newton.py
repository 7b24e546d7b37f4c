"""The Newton step as a linear system, H s = −g: written with the blocks of the Hessian, solved at given numbers.

The inverse of H is neither written nor formed. With several variables there is one equation for each, in steps s of all
of them; the step of a matrix is taken by vec, as the blocks are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .errors import SymbackpropError, ValueProblem
from .express.order import GRADIENT
from .formula import Context, Formula
from .hessian import BlockFormula
from .notation.tree import Call, Index, Letter, Partial, Prod, Relation, Special, Sum, Sym, Tree
from .tensor.evaluate import evaluate
from .tensor.normal import scaled

if TYPE_CHECKING:
    from .derive import Derivation
    from .tensor.evaluate import Array

TIES = ("onehot", "simplex", "symmetric", "positive_definite", "values")  # facts under which entries do not move freely
LETTERS = ("s", "p", "r", "q")


@dataclass(frozen=True, slots=True)
class Equation:
    """One equation of the system, `left = right`."""

    context: Context
    left: Tree
    right: Tree

    @property
    def tree(self) -> Tree:
        """Both sides."""
        return Relation("=", self.left, self.right)

    @property
    def latex(self) -> str:
        """Both sides in LaTeX."""
        from .notation.latex import latex

        return latex(self.tree, self.context.notation)

    @property
    def text(self) -> str:
        """Both sides as Unicode text."""
        from .notation.text import text

        return text(self.tree, self.context.notation)

    @property
    def mathml(self) -> str:
        """The equation as presentation MathML."""
        from .notation.mathml import mathml

        return mathml(self.tree, self.context.notation)

    def __str__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Text, LaTeX and MathML for notebooks."""
        return {"text/plain": self.text, "text/latex": f"$\\displaystyle {self.latex}$", "text/html": self.mathml}


@dataclass(frozen=True)
class Newton:
    """The system for the step of some variables of one network.

    `named`: with ∂²J/∂p∂q as names; `equations`: with recursive forms; `closed`: with closed forms. A block or gradient
    that has no matrix form keeps its name.
    """

    derivation: Derivation
    names: tuple[str, ...]

    @cached_property
    def named(self) -> tuple[Equation, ...]:
        """The equations in which blocks and gradients are names."""
        return tuple(self.equation(p, lambda formula: None) for p in self.names)

    @cached_property
    def equations(self) -> tuple[Equation, ...]:
        """The equations with the recursive form of every block and gradient."""
        return tuple(self.equation(p, lambda formula: formula) for p in self.names)

    @cached_property
    def closed(self) -> tuple[Equation, ...]:
        """The equations in declared symbols and forward nodes only."""
        return tuple(self.equation(p, lambda formula: formula.closed) for p in self.names)

    @property
    def statement(self) -> str:
        """What the step is, in a sentence."""
        return (
            "The step to where the quadratic approximation of the loss is stationary: a descent direction where the"
            " Hessian is positive definite. It is found by solving the system; nothing is inverted."
        )

    @property
    def text(self) -> str:
        """The equations in recursive form, a line each."""
        return "\n".join(equation.text for equation in self.equations)

    @property
    def latex(self) -> str:
        """The equations in recursive form, a line each, for an `aligned` or `align*`."""
        return " \\\\\n".join(equation.latex.replace(" = ", " &= ", 1) for equation in self.equations)

    def __str__(self) -> str:
        return self.text

    def block(self, p: str, q: str) -> BlockFormula:
        """The block of two of the variables."""
        return self.derivation.hessian(p, q)

    def equation(self, p: str, form: Any) -> Equation:
        """The row of one variable. `form`: a formula to the one that is written, None for its name."""
        parts: list[tuple[int, Tree]] = []
        for q in self.names:
            block = self.block(p, q)
            if block.term.is_zero:
                continue
            written = form(block)
            tree = block.left if written is None or written.expressed.letters else written.tree
            sign, tree = signed(tree)
            parts.append((sign, self.times(tree, self.step(q), self.axes(q))))
        left = parts[0][1] if len(parts) == 1 and parts[0][0] > 0 else Sum(tuple(parts))
        return Equation(self.derivation.context, left, self.right(p, form))

    def times(self, block: Tree, step: Tree, axes: int) -> Tree:
        """A block times a step, without an identity in between."""
        if block == Special("eye"):
            return step
        pieces = block.factors if isinstance(block, Prod) and block.op == "juxtapose" else (block,)
        if axes and pieces[-1] == Special("eye"):
            pieces = pieces[:-1]
        return Prod((*pieces, step))

    def right(self, p: str, form: Any) -> Tree:
        """−g of one variable, by vec."""
        formula = self.derivation.gradient(p)
        written: Formula | None = form(formula)
        if written is None or written.expressed.letters:
            tree: Tree = Partial(Sym(self.derivation.model.loss), (Sym(p, self.derivation.context.kind(p)),))
            return Sum(((-1, Call("vec", (tree,)) if self.axes(p) > 1 else tree),))
        if self.axes(p) > 1:
            sign, tree = signed(written.tree)
            tree = Call("vec", (tree,))
            return tree if sign < 0 else Sum(((-1, tree),))
        sign, tree = signed(written.tree)
        if not isinstance(tree, Sum) and p not in self.derivation.context.rows:
            return tree if sign < 0 else Sum(((-1, tree),))
        return self.derivation.context.writer.expressed(scaled(-1, written.term), row=False).tree

    def step(self, name: str) -> Tree:
        """The unknown: s, or s_W where there are several; vec of it for a matrix."""
        letter = Letter(self.letter)
        kind = self.derivation.context.kind(name)
        tree: Tree = letter if len(self.names) == 1 else Index(letter, (Sym(name, kind),))
        return Call("vec", (tree,)) if self.axes(name) > 1 else tree

    @cached_property
    def letter(self) -> str:
        """A letter that is none of the network's symbols."""
        from .notation.text import text

        context = self.derivation.context
        seen = {
            text(Sym(name, "scalar"), context.notation)
            for name in (*context.kinds, *self.derivation.model.size_names())
        }
        return next((x for x in LETTERS if x not in seen), "step")

    def axes(self, name: str) -> int:
        """The number of axes of a variable."""
        return len(self.derivation.graph.sizes(name))

    # ------------------------------------------------------------------ numbers

    def solved(self, values: Mapping[str, Any], damping: float = 0.0) -> dict[str, Array]:
        """The step at given numbers for all symbols, each of the shape of its variable.

        `damping` is added to the diagonal of H.

        Raises ValueProblem for numbers that do not fit, and for a system that is singular or not finite there.
        """
        import numpy as np

        from .given import given

        derivation = self.derivation
        arrays, sizes = given(derivation.model, values)
        for node in derivation.graph.order:
            if node in derivation.graph.used:
                arrays[node] = evaluate(derivation.model.equations[node].term, arrays, sizes)
        for name in derivation.order:
            arrays[GRADIENT + name] = evaluate(derivation.recursive_terms[name], arrays, sizes)
        shapes = {n: np.shape(arrays[n]) for n in self.names}
        counts = [int(np.prod(shapes[n])) for n in self.names]
        rows = [
            [
                evaluate(self.block(p, q).closed.term, arrays, sizes).reshape(i, k)
                for q, k in zip(self.names, counts, strict=True)
            ]
            for p, i in zip(self.names, counts, strict=True)
        ]
        matrix = np.block(rows) + damping * np.eye(sum(counts))
        gradient = np.concatenate([np.ravel(arrays[GRADIENT + n]) for n in self.names])
        step = solution(matrix, -gradient, self.names)
        ends = np.cumsum([0, *counts])
        return {n: step[i:j].reshape(shapes[n]) for n, i, j in zip(self.names, ends, ends[1:], strict=False)}


def solution(matrix: Array, right: Array, names: Iterable[str]) -> Array:
    """The solution of a symmetric system; ValueProblem if there is no single one.

    Rows and columns are scaled to a like size before it is asked whether the system is singular.
    """
    import numpy as np

    what = f"The Newton system of {' and '.join(names)}"
    if not (np.isfinite(matrix).all() and np.isfinite(right).all()):
        raise ValueProblem(f"{what} is not finite with these numbers.", remedy="Give others, where the loss is smooth.")
    scale = np.sqrt(np.abs(matrix).max(axis=1))
    singular = bool((scale == 0).any())
    if not singular:
        matrix = matrix / scale / scale[:, None]
        curvature = np.abs(np.linalg.eigvalsh(matrix))
        singular = bool(curvature.min() <= len(matrix) * np.finfo(float).eps * curvature.max())
    if singular:
        raise ValueProblem(
            f"{what} is singular with these numbers: H s = −g has no single solution.",
            remedy="Give `damping`, such as 1e-6, move fewer variables, or add a regulariser to the loss.",
        )
    return np.asarray(np.linalg.solve(matrix, right / scale) / scale)


def newton(derivation: Derivation, *wrt: str) -> Newton:
    """The Newton step of these variables together, of all parameters (or inputs if there are none) without any.

    Raises UnknownName for a name that is not there; SymbackpropError for one that does not move freely, and for one by
    which the loss has no second derivatives, where the system is singular everywhere.
    """
    names = tuple(dict.fromkeys(wrt)) or derivation.model.names("parameter") or derivation.model.names("input")
    for name in names:
        derivation.check_variable(name)
        declared = derivation.model.declarations.get(name)
        if declared is None:
            raise SymbackpropError(
                f"{name} is a node: it is computed, and takes no step of its own.",
                remedy=f"Name what may be changed: {', '.join(derivation.model.names('parameter', 'input')[:12])}.",
            )
        tied = [fact for fact in TIES if getattr(declared.facts, fact)]
        if tied:
            raise SymbackpropError(
                f"{name} is declared with {tied[0]}=, so its entries do not move freely, as those of a Newton step do.",
                remedy="Leave it out, or write it with a parameter whose entries are free.",
            )
    found = Newton(derivation, names)
    for p in names:
        if all(found.block(p, q).closed.term.is_zero for q in names):
            raise SymbackpropError(
                f"The Newton system of {' and '.join(names)} is singular: the loss has no second derivatives by {p}.",
                remedy=f"Leave {p} out, or add a term that is curved in it, such as a multiple of norm2({p})**2.",
            )
    return found


def signed(tree: Tree) -> tuple[int, Tree]:
    """−1 and what stands behind the sign; 1 and the formula if it has none."""
    return tree.terms[0] if isinstance(tree, Sum) and len(tree.terms) == 1 else (1, tree)


__all__ = ["Newton", "newton", "solution"]
