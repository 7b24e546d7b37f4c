"""Wrong formulas for tests, and what the repair makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import symbackprop as sb
from symbackprop.network import Model
from symbackprop.paper.parse import Reader
from symbackprop.paper.tree import Tree
from symbackprop.verification.bench import Bench
from symbackprop.verification.links import fitted, squeezed
from symbackprop.verification.meaning.values import Value
from symbackprop.verification.repair import Repair, repair


@dataclass
class Workshop:
    """A network in which formulas are mended."""

    network: str | Model

    @cached_property
    def bench(self) -> Bench:
        """Everything that is known of the network."""
        model = self.network if isinstance(self.network, Model) else sb.Network.parse(self.network).model
        return Bench.of(model)

    def read(self, latex: str) -> Tree:
        """A formula as a tree. Raises FormulaError."""
        lexicon = self.bench.elaborator.lexicon
        reader = Reader(latex, lexicon.stretches, lexicon.words)
        tree = reader.expression(0)
        assert reader.at == len(reader.lexemes), latex
        return tree

    def mend(self, left: str, right: str, seconds: float = 10.0) -> Repair | None:
        """The repair of `left = right`."""
        sides = self.read(left), self.read(right)
        scope = self.bench.scope(sides)
        e = self.bench.elaborator
        wanted = e.values(sides[0], scope)
        return repair(e, self.bench.judge, right, sides[1], scope, wanted, left=sides[0], seconds=seconds)

    def mended(self, left: str, right: str) -> Repair:
        """The repair, which there is, and which is right."""
        found = self.mend(left, right)
        assert found is not None, f"{left} = {right} is not mended"
        assert self.right(left, found.latex), found.latex
        return found

    def right(self, left: str, right: str) -> bool:
        """True if some readings of both sides are equal."""
        sides = self.read(left), self.read(right)
        scope = self.bench.scope(sides)
        try:
            lefts, rights = (self.bench.elaborator.values(s, scope) for s in sides)
        except sb.errors.SymbackpropError:
            return False
        return any(self._equal(squeezed(a), squeezed(b)) for a in lefts for b in rights)

    def _equal(self, a: Value, b: Value) -> bool:
        fit = fitted(a, b)
        extra = self.bench.elaborator.names.extra
        return fit is not None and self.bench.judge.decide(fit.term, a.term, extra).status == "equal"


MLP = """
x: input(d)
y: target(k)
lam: constant(latex=r"\\lambda")
W_1: parameter(h, d)
b_1: parameter(h)
W_2: parameter(k, h)
b_2: parameter(k)
z_1 = W_1 @ x + b_1
a_1 = sigmoid(z_1)
z_2 = W_2 @ a_1 + b_2
J: loss = norm2(z_2 - y)**2 / 2 + lam / 2 * norm2(W_1)**2
"""

ROWS = """
X: input(n, d, entries=r"x_{ij}")
Y: target(n, k)
W: parameter(d, k, entries=r"w_{ij}")
b: parameter(k)
Z = X @ W + b
A = tanh(Z)
J: loss = norm2(A - Y)**2 / (2 * n)
"""

QUADRATIC = """
x: input(n)
A: parameter(n, n)
S: parameter(n, n, invertible=True)
f: loss = x @ A @ x + x @ inv(S) @ x
"""

STEPS = """
x: input(d)
h_0: constant(m)
W: parameter(m, d)
U: parameter(m, m)
y: target(m)
s_1 = W @ x + U @ h_0
h_1 = tanh(s_1)
s_2 = W @ x + U @ h_1
h_2 = tanh(s_2)
J: loss = norm2(h_2 - y)**2 / 2
"""

CLASSES = """
x: input(d)
t: target(c, onehot=True)
W: parameter(c, d)
z = W @ x
p = softmax(z)
L: loss = -sum(t * log(p))
H_z: hessian(z)
"""
