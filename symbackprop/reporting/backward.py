"""The backward pass: one step for each value, with its reason; scalar steps that are alike in one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..derive import Derivation
from ..document import Math, Prose, Step
from ..notation.tree import Num, Special, Tree
from ..reasons import Parts, because, children_of, rules, rules_in_words
from .entries import argument
from .maths import Setter, listed

SHOWN = ("parameter", "input", "target", "index", "random")  # a constant's gradient is asked for by name


@dataclass
class Backward:
    """Writes the steps of one derivation. `full`: the argument by entries too, and constants like all others.

    `within`: the names whose steps are wanted; None for all.
    """

    derivation: Derivation
    setter: Setter
    full: bool = False
    within: frozenset[str] | None = None

    def introduction(self) -> Prose:
        """What δ stands for, and how to read a step."""
        model = self.derivation.model
        nodes = [n for n in self.derivation.graph.order if n in self.derivation.recursive_terms and n != model.loss]
        if not nodes:
            return ()
        gradient = self.setter.math(self.derivation.left(nodes[-1]))
        node = self.setter.symbol(nodes[-1])
        loss = self.setter.symbol(model.loss)
        known = "A step takes the gradients at its children, the values computed from it, as known."
        return ("From the loss to the inputs; ", gradient, " is the gradient of ", loss, " at ", node, f". {known}")

    def steps(self) -> tuple[Step, ...]:
        """All steps, and one more for what has gradient zero everywhere."""
        groups = self._grouped([name for name in self._ordered() if self._is_shown(name)])
        found = [self._single(group[0]) if len(group) == 1 else self._group(group) for group in groups]
        return (*found, *self._vanishing())

    def _is_shown(self, name: str) -> bool:
        declared = self.derivation.model.declarations.get(name)
        if name == self.derivation.model.loss or (self.within is not None and name not in self.within):
            return False
        return self.within is not None or self.full or declared is None or declared.role in SHOWN

    # ------------------------------------------------------------------ order and groups

    def _ordered(self) -> list[str]:
        """The derivation's order; in a network of scalars, everything at one distance from the loss together."""
        order = list(self.derivation.order)
        if any(self.derivation.graph.sizes(name) for name in order):
            return order
        level: dict[str, int] = {}
        for name in order:
            level[name] = 1 + max((level[c] for c in children_of(self.derivation, name)), default=0)
        rank = self.derivation.graph.ranks
        declared = self.derivation.model.declarations
        alike: dict[tuple[int, bool, tuple[str, ...]], None] = {}
        for name in sorted(order, key=lambda n: (level[n], n not in declared, rank[n])):
            alike[self._likeness(name, level[name])] = None
        place = {key: k for k, key in enumerate(alike)}
        return sorted(order, key=lambda n: (level[n], place[self._likeness(n, level[n])], rank[n]))

    def _likeness(self, name: str, level: int = 0) -> tuple[int, bool, tuple[str, ...]]:
        """What scalar steps must share to be shown as one."""
        if name == self.derivation.model.loss:
            return level, False, ()
        many = len(children_of(self.derivation, name)) > 1
        found = rules(self.derivation, name)
        return level, name in self.derivation.model.declarations, (str(many), *found)

    def _grouped(self, names: Sequence[str]) -> list[list[str]]:
        groups: list[list[str]] = []
        for name in names:
            alone = bool(self.derivation.graph.sizes(name))
            if groups and not alone and self._alike(groups[-1][-1], name):
                groups[-1].append(name)
            else:
                groups.append([name])
        return groups

    def _alike(self, first: str, second: str) -> bool:
        if self.derivation.graph.sizes(first) or self._likeness(first) != self._likeness(second):
            return False
        return first not in children_of(self.derivation, second)

    # ------------------------------------------------------------------ steps

    def _single(self, name: str) -> Step:
        formula = self.derivation.gradient(name)
        why = self.prose(because(self.derivation, name))
        by_entries = argument(self.derivation, self.setter, name) if self.full else ()
        return Step(name, self.setter.symbol(name), (self.setter.formula(formula),), why, by_entries)

    def _group(self, names: Sequence[str]) -> Step:
        equations = tuple(self.setter.formula(self.derivation.gradient(name)) for name in names)
        return Step(names[0], self.setter.symbol(names[0]), equations, self._common_reason(names))

    def _common_reason(self, names: Sequence[str]) -> Prose:
        """Through which children each comes, and the rules that all share."""
        through: dict[tuple[str, ...], list[str]] = {}
        for name in names:
            through.setdefault(tuple(children_of(self.derivation, name)), []).append(name)
        loss = self.derivation.model.loss
        several = any(len(children) > 1 for children in through)
        parts: list[str | Math] = []
        for children, found in through.items():
            here = listed([self.setter.symbol(c) for c in children], " and ")
            if parts:
                parts.append(", ")
            parts += listed([self.setter.symbol(n) for n in found], " and ")
            plural = len(found) > 1
            if several:
                parts += [" are used in " if plural else " is used in ", *here]
            elif children == (loss,):
                parts += [" enter " if plural else " enters ", self.setter.symbol(loss), " directly"]
            else:
                parts += [" enter through " if plural else " enters through ", *here]
        if several:
            parts.append("; the contributions add up")
        common = rules(self.derivation, names[0])
        return (*parts, *self.prose(rules_in_words(common)), ".")

    def _vanishing(self) -> Iterable[Step]:
        """One step for everything that the loss depends on through step functions only."""
        derivation = self.derivation
        model, graph = derivation.model, derivation.graph
        zero = [name for name in reversed(graph.order) if name in graph.used and name not in derivation.recursive_terms]
        zero += [
            d.name
            for d in model.declarations.values()
            if d.role != "index" and d.name in graph.used and d.name not in derivation.recursive_terms
        ]
        zero = [name for name in zero if self.within is None or name in self.within]
        if not zero:
            return ()
        equations = tuple(self.setter.equation(derivation.left(name), [self._zero(name)]) for name in zero)
        loss = self.setter.symbol(model.loss)
        because = "almost nowhere: every path to it leads through a function with derivative 0."
        reason: Prose = ("Changing these a little changes ", loss, f" {because}")
        return (Step(zero[0], self.setter.symbol(zero[0]), equations, reason),)

    def _zero(self, name: str) -> Tree:
        return Special("zero") if self.derivation.graph.sizes(name) else Num(Fraction(0))

    def prose(self, parts: Parts) -> Prose:
        """Words and trees as words and formulas."""
        return tuple(part if isinstance(part, str) else self.setter.math(part) for part in parts)
