"""What the arguments of a generated module are: their names, shapes and facts, and how sizes follow from shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap

from ..graph import Graph, symbols_of
from ..network import Declaration, Model
from ..tensor.pullback import children_last
from ..tensor.size import Floor, Size
from ..tensor.terms import Special
from .names import Names, argument_names, shape_text, size_text

SHORT, WIDE = 72, 112
FACTS = ("onehot", "simplex", "symmetric", "positive", "positive_definite", "invertible", "repeat")


@dataclass
class Arguments:
    """The arguments of one model in the order of declaration."""

    model: Model
    shown: dict[str, str] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    solving: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.declared: dict[str, Declaration] = dict(self.model.declarations)
        self.sizes: list[str] = list(self.model.size_names())
        self.shown = argument_names([*self.declared, *self.sizes, *self.model.equations])
        self.stopped = stopped_names(self.model)
        self._solve()

    @property
    def size_names(self) -> dict[str, str]:
        """The sizes as names of Python."""
        return {name: self.shown[name] for name in self.sizes}

    def _solve(self) -> None:
        """Find an axis that determines each size: a plain name first, then one that is linear in a single unknown."""
        known: set[str] = set()
        axes = [(d.name, axis, s) for d in self.declared.values() for axis, s in enumerate(d.sizes)]
        for argument, axis, length in axes:
            if len(length.names) == 1 and str(length) in length.names:
                self.solving.append(f'_solve(sizes, source, "{self.shown[str(length)]}", shapes, "{argument}", {axis})')
                known |= length.names
        progress = True
        while progress:
            progress = False
            for argument, axis, length in axes:
                unknown = length.names - known
                found = _linear(length, next(iter(unknown))) if len(unknown) == 1 else None
                if found is None:
                    continue
                (name,) = unknown
                weight, rest = found
                text = size_text(rest, {n: f'sizes["{self.shown[n]}"]' for n in rest.names})
                divisor = f", {weight}" if weight != 1 else ""
                line = f'_solve(sizes, source, "{self.shown[name]}", shapes, "{argument}", {axis}, {text}{divisor})'
                if rest.names:
                    names = ", ".join(f'"{self.shown[n]}"' for n in sorted(rest.names))
                    line = f"if {{{names}}} <= sizes.keys():\n        {line}"
                self.solving.append(line)
                known.add(name)
                progress = True
        self.required = [name for name in self.sizes if name not in known]

    # -- text
    def parameters(self, *own: str) -> str:
        """The parameters of a function: the arguments, the sizes that are required, our own options."""
        names = [self.shown[name] for name in self.declared]
        return listed([*names, "*", *(self.shown[name] for name in self.required), *own], "")

    def names(self, indent: str) -> str:
        """The arguments in order, in a line that continues at this indentation or below it."""
        return listed([self.shown[name] for name in self.declared], indent)

    def fitted(self, indent: str) -> str:
        """The same, and the sizes that are required."""
        return listed([self.shown[name] for name in (*self.declared, *self.required)], indent)

    def given(self) -> str:
        """The sizes that are arguments, as a dictionary."""
        return "{" + ", ".join(f'"{self.shown[name]}": {self.shown[name]}' for name in self.required) + "}"

    def table(self) -> list[str]:
        """One line for each argument."""
        lines = []
        for d in self.declared.values():
            facts = {"axes": str(len(d.sizes))}
            facts |= {name: "True" for name in FACTS if getattr(d.facts, name)}
            if d.name in self.stopped:
                facts["stopped"] = "True"
            if d.facts.values is not None:
                facts["values"] = repr(tuple(float(v) for v in d.facts.values))
            known = ", ".join(f'"{name}": {value}' for name, value in facts.items())
            lines.append(f'"{d.name}": ("{d.role}", "{shape_of(d)}", {{{known}}}),')
        return lines

    def shapes(self) -> list[str]:
        """The shape of each argument as an expression."""
        return [f'"{d.name}": {shape_text(d.sizes, self.size_names)},' for d in self.declared.values()]

    def ranges(self) -> str:
        """The range of each index, as a dictionary."""
        found = [
            f'"{d.name}": {size_text(d.facts.of, self.size_names)}'
            for d in self.declared.values()
            if d.role == "index" and d.facts.of is not None
        ]
        return "{" + ", ".join(found) + "}"

    def fits(self, local: Mapping[str, str], sizes: dict[str, str], names: Names) -> tuple[list[str], list[str]]:
        """Constants, and the conditions that arguments are what a function was made for; `local`: their names."""
        setup: list[str] = []
        shapes: dict[str, str] = {}
        tests: list[str] = []
        for d in self.declared.values():
            x = local[d.name]
            if not d.sizes and d.role != "index":
                tests.append(f"{x}.__class__ is float")
                continue
            text = shape_text(d.sizes, sizes)
            if text not in shapes:
                shapes[text] = names.numbered("shape")
                setup.append(f"{shapes[text]} = {text}")
            kind = "dtype" if d.role != "index" else "index_type"
            test = f"{x}.__class__ is ndarray and {x}.dtype == {kind} and {x}.shape == {shapes[text]}"
            if d.role == "index":
                assert d.facts.of is not None
                test += f" and _inside({x}, {size_text(d.facts.of, sizes)})"
            tests.append(test)
        tests += [f"{sizes[name]} == {local[name]}" for name in self.required]
        return setup, tests


def stopped_names(model: Model) -> frozenset[str]:
    """The names that the loss also depends on through stop_gradient: their gradients are no derivatives of the loss."""
    inside = {
        name
        for equation in model.equations.values()
        for term in children_last(equation.term)
        if isinstance(term, Special) and term.operation == "stop"
        for name in symbols_of(term)
    }
    return Graph(model).ancestors(inside) if inside else frozenset()


def _linear(length: Size, name: str) -> tuple[int, Size] | None:
    """(a, b) if the size is a · name + b with a positive integer a and the name nowhere else, else None."""
    weight = 0
    rest = length
    for monomial, coefficient in length.monomials:
        if monomial == ((name, 1),):
            weight = coefficient
            rest = rest - _monomial(name) * coefficient
        elif any(atom == name or (isinstance(atom, Floor) and name in atom.numerator.names) for atom, _ in monomial):
            return None
    return (weight, rest) if weight > 0 else None


def _monomial(name: str) -> Size:
    from ..tensor.size import size

    return size(name)


def listed(items: Sequence[str], indent: str) -> str:
    """Items with commas: on one line if they are short, else on as many as it takes, one step further in."""
    line = ", ".join(items)
    if len(line) <= SHORT:
        return line
    rows = wrap(line, WIDE, initial_indent=indent + "    ", subsequent_indent=indent + "    ", break_long_words=False)
    return "\n" + "\n".join(rows) + ("," if items[-1] != "*" else "") + "\n" + indent


def shape_of(d: Declaration) -> str:
    """The shape as the author would write it: (n, d)."""
    return f"({', '.join(map(str, d.sizes))})"


__all__ = ["Arguments", "listed", "shape_of"]
