"""Claims for tests, written as equations of a network; `G_x` in them is the gradient of the loss at x."""

from __future__ import annotations

import re
from dataclasses import dataclass

import symbackprop as sb
from symbackprop.derive import Derivation, derive, gradient_symbol
from symbackprop.tensor.substitute import substitute
from symbackprop.tensor.terms import Term
from symbackprop.verification.judge import Decision, Judge
from symbackprop.verification.target import Target
from symbackprop.verification.verdict import Counterexample


@dataclass
class Court:
    """A network, and claims about it."""

    text: str

    def __post_init__(self) -> None:
        self.derivation: Derivation = derive(sb.Network.parse(self.text))
        self.judge = Judge(self.derivation)

    def term(self, expression: str) -> Term:
        """The term of an expression in the network's language."""
        graph, model = self.derivation.graph, self.derivation.model
        given = set(re.findall(r"\bG_(\w+)", expression))
        lines = [f"G_{n}: constant({', '.join(str(s) for s in graph.sizes(n))})" for n in sorted(given)]
        whole = sb.Network.parse(f"{self.text}\n" + "\n".join([*lines, f"claimed = {expression}"])).model
        known = {
            whole.declarations[f"G_{n}"].term: gradient_symbol(
                n, model.equations[n].term if n in model.equations else model.declarations[n].term
            )
            for n in given
        }
        return substitute(whole.equations["claimed"].term, known)

    def true(self, name: str) -> Term:
        """The gradient at a name."""
        return self.derivation.gradient(name).term

    def gradient(self, name: str, expression: str) -> Decision:
        """What is decided of a claimed gradient."""
        return self.judge.decide(self.term(expression), self.true(name))

    def pair(self, one: str, other: str) -> Decision:
        """What is decided of two expressions."""
        return self.judge.decide(self.term(one), self.term(other))

    def witness(self, name: str, expression: str) -> Counterexample | None:
        """The counterexample to a claimed gradient."""
        return self.judge.counterexample(self.term(expression), self.true(name), Target("gradient", (name,)))
