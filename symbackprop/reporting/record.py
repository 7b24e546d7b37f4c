"""A derivation for other programs: symbols, nodes, steps and gradients, every formula as LaTeX and as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from ..certify import MOST_CLOSED
from ..derive import Derivation
from ..document import Equation
from ..errors import SymbackpropError
from ..formula import Formula
from .forward import Forward
from .hessian import pairs
from .maths import Setter

FORMAT = 1  # changes when a key changes its meaning


def derivation_json(derivation: Derivation, names: Sequence[str], hessian: bool = False) -> str:
    """The derivation as JSON text; shapes are lists of sizes as text.

    The closed forms of these names are included, unless there are more than MOST_CLOSED.
    """
    record = Record(derivation)
    found = record.everything(names) | (record.hessian(names) if hessian else {})
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


class Record:
    """Builds the record of one derivation."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation, self.model = derivation, derivation.model
        self.setter = Setter(derivation.context)

    def everything(self, names: Sequence[str]) -> dict[str, Any]:
        """The whole record."""
        derivation = self.derivation
        return {
            "format": FORMAT,
            "name": self.model.name,
            "title": self.model.title,
            "loss": self.model.loss,
            "symbols": [self.symbol(name) for name in self.model.declarations],
            "nodes": list(self.nodes()),
            "steps": [self.step(name) for name in derivation.order],
            "gradients": {name: self.gradient(name, len(names) <= MOST_CLOSED) for name in names},
        }

    def symbol(self, name: str) -> dict[str, Any]:
        """A declared symbol."""
        declared = self.model.declarations[name]
        found: dict[str, Any] = {"name": name, "role": declared.role, "shape": self.shape(name)}
        if declared.facts.of is not None:
            found["range"] = str(declared.facts.of)
        flags = ("onehot", "simplex", "symmetric", "positive", "positive_definite", "invertible", "repeat")
        found["facts"] = [flag for flag in flags if getattr(declared.facts, flag)]
        if declared.facts.values is not None:
            found["values"] = [str(v) for v in declared.facts.values]
        return found | {"latex": self.setter.symbol(name).latex}

    def nodes(self) -> Iterable[dict[str, Any]]:
        """Every equation, in an order in which they can be computed."""
        forward = Forward(self.model, self.setter)
        for name in self.derivation.graph.order:
            line = forward.line(name)
            yield {
                "name": name,
                "shape": self.shape(name),
                "parents": sorted(self.derivation.graph.parents[name], key=self.derivation.graph.ranks.__getitem__),
                **self.formula(line),
            }

    def step(self, name: str) -> dict[str, Any]:
        """One step of the backward pass."""
        step = self.derivation.step(name)
        equation = self.setter.formula(step.formula)
        return {
            "node": name,
            "shape": self.shape(name),
            **self.formula(equation),
            "upstream": list(step.upstream),
            "reason": step.reason,
        }

    def gradient(self, name: str, with_closed: bool) -> dict[str, Any]:
        """A gradient in recursive and, if wanted, closed form."""
        recursive = self.derivation.gradient(name)
        found: dict[str, Any] = {"shape": self.shape(name), "recursive": self.formula(self.setter.formula(recursive))}
        if not with_closed:
            return found
        closed = recursive.closed
        found["closed"] = self.formula(self.setter.formula(closed))
        where: dict[str, Formula] = {}
        stack = list(closed.where)
        while stack:
            formula = stack.pop(0)
            if formula.name not in where:
                where[formula.name] = formula
                stack.extend(formula.where)
        if where:
            found["where"] = {key: self.formula(self.setter.formula(value)) for key, value in where.items()}
        return found

    def hessian(self, names: Sequence[str]) -> dict[str, Any]:
        """The Hessian blocks of these names: recursive and closed form, the steps to it, what follows about it."""
        found: list[dict[str, Any]] = []
        for p, q in pairs(names):
            block = self.derivation.hessian(p, q)
            found.append(
                {
                    "rows": p,
                    "columns": q,
                    "shape": [*self.shape(p), *self.shape(q)],
                    "recursive": self.formula(self.setter.formula(block)),
                    "closed": self.formula(self.setter.formula(block.closed)),
                    "steps": [
                        {**self.formula(self.setter.formula(step.formula)), "reason": step.reason}
                        for step in block.steps
                    ],
                    "structure": list(block.structure),
                }
            )
        return {"vec": self.derivation.vec, "hessian": found, "newton": self.newton(names)}

    def newton(self, names: Sequence[str]) -> list[dict[str, str]]:
        """The equations of the Newton step in recursive form; none where there is no such step."""
        try:
            equations = self.derivation.newton(*names).equations
        except SymbackpropError:
            return []
        return [{"latex": e.latex, "text": e.text} for e in equations]

    def shape(self, name: str) -> list[str]:
        """The sizes as text; none for a scalar."""
        return [str(size) for size in self.derivation.graph.sizes(name)]

    def formula(self, equation: Equation) -> dict[str, str]:
        """Both sides as LaTeX and as text."""
        parts = (equation.left, *equation.right)
        return {"latex": " = ".join(p.latex for p in parts), "text": " = ".join(p.text for p in parts)}
