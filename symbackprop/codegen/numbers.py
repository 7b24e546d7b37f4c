"""The text of a module for a network of numbers: straight-line Python floats, nothing imported but math."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..derive import Derivation, derive, gradient_symbol
from ..graph import Graph
from ..network import Model
from ..tensor.normal import number
from ..tensor.size import Size
from ..tensor.terms import symbol
from .entries import EntryLowering, NotNumbers, every
from .names import Names
from .program import Backward
from .scalartext import ATOM, CHOICE, COMPARE, LOGIC, PLUS, SIGN, TIMES, Text, expression, number_text, wrapped
from .schedule import ALWAYS, Need
from .values import Value, Values

WIDEST = 72  # an expression longer than that gets a name for its parts
MATH = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh",
}  # fmt: skip
IN_MATH = frozenset({
    "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "expm1", "log1p", "sqrt", "erf", "lgamma", "pi", "inf",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of something that a function returns."""

    name: str
    values: tuple[Value, ...]
    sizes: tuple[Size, ...]


@dataclass
class Numbers:
    """One function of numbers: what it computes."""

    model: Model
    values: Values = field(default_factory=lambda: Values(numeric=True))
    loss: Value | None = None
    results: list[Entry] = field(default_factory=list)

    def lowering(self) -> EntryLowering:
        """A lowering in which all declared symbols are arguments."""
        work = EntryLowering(self.values)
        for d in self.model.declarations.values():
            work.declare(d.term)
        return work

    def node(self, work: EntryLowering, name: str) -> tuple[Value, ...]:
        """Compute a node."""
        equation = self.model.equations[name]
        found = work.define_entries(equation.symbol, equation.term)
        for k, value in enumerate(found):
            named(value, name if len(found) == 1 else f"{name}_{k}")
        return tuple(found)


def named(value: Value, hint: str) -> None:
    """Give a value the name that a reader should see."""
    if not value.hint and not value.static and value.op != "argument":
        value.hint = hint


def forward_numbers(model: Model, order: Sequence[str]) -> Numbers:
    """All nodes."""
    program = Numbers(model)
    work = program.lowering()
    for name in order:
        program.results.append(Entry(name, program.node(work, name), model.equations[name].term.sizes))
    return program


def gradient_numbers(model: Model, derivation: Derivation, wanted: Sequence[str]) -> Numbers:
    """The loss and its gradients."""
    program = Numbers(model)
    work = program.lowering()
    graph = derivation.graph
    for name in graph.order:
        if name in graph.used:
            program.node(work, name)
    (program.loss,) = [work.parts[model.equations[model.loss].symbol, ()]]
    backward = NumbersBackward(program, work, derivation)
    reached = set(wanted)
    for name in graph.order:
        if any(p in reached for p in graph.parents[name]):
            reached.add(name)
    for name in derivation.order:
        if name in reached and name != model.loss:
            backward.compute(name)
    for name in wanted:
        program.results.append(Entry(name, backward.compute(name), graph.sizes(name)))
    return program


class NumbersBackward(Backward):
    """The backward pass, entry by entry."""

    work: EntryLowering

    def compute(self, name: str) -> tuple[Value, ...]:
        """The gradient at a name, computed once; zero where the loss does not depend on it."""
        sizes = self.derivation.graph.sizes(name)
        target = gradient_symbol(name, symbol(name, sizes))
        if (target, next(every(sizes))) not in self.work.parts:
            term = self.tidied(self.derivation.recursive_terms.get(name, number(0, sizes)))
            self.nodes(term)
            for k, value in enumerate(self.work.define_entries(target, term, late=True)):
                named(value, f"d_{name}" if not sizes else f"d_{name}_{k}")
        return tuple(self.work.parts[target, at] for at in every(sizes))


@dataclass
class NumbersText:
    """The statements of one function of numbers."""

    program: Numbers
    arguments: dict[str, str]
    names: Names
    imports: dict[str, None]
    guarded: bool = False
    text: dict[Value, Text] = field(default_factory=dict)
    body: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Write everything."""
        values = self.program.values.all
        self.wants = {r.name: 2 << k for k, r in enumerate(self.program.results)}
        self.need = Need()
        roots = [(v, self.wants[r.name] if self.guarded else ALWAYS) for r in self.program.results for v in r.values]
        if self.program.loss is not None:
            roots.append((self.program.loss, ALWAYS))
        self.need.add(roots, values)
        shown = {v for r in self.program.results for v in r.values}
        uses: dict[Value, list[Value]] = {}
        for v in values:
            if v in self.need.of:
                for a in v.args:
                    uses.setdefault(a, []).append(v)
        opened = ALWAYS
        for v in values:
            if v not in self.need.of:
                continue
            if v.op == "argument":
                self.text[v] = self.arguments[str(v.attr[0])], ATOM
                continue
            made = self.expression(v)
            users = uses.get(v, [])
            once = len(users) == 1 and not _repeats(users[0])
            small = v.static and v.op in ("number", "size")
            if small or (once and v not in shown and not v.hint and len(made[0]) <= WIDEST and self.same(v, users[0])):
                self.text[v] = made
                continue
            name = self.names.new(v.hint) if v.hint else self.names.numbered("t")
            self.text[v] = name, ATOM
            need = self.need.of[v]
            if need != ALWAYS and need != opened:
                self.body.append(f"if {self.flag(need)}:")
            opened = need
            self.body.append(f"{'    ' if need != ALWAYS else ''}{name} = {made[0]}")

    def same(self, v: Value, user: Value) -> bool:
        """True if both are needed for the same results."""
        return self.need.of[v] == self.need.of[user]

    def flag(self, need: int) -> str:
        """The condition under which something is needed."""
        names = [f'"{r.name}"' for r in self.program.results if self.wants[r.name] & need]
        if len(names) == 1:
            return f"{names[0]} in wanted_"
        return f"not wanted_.isdisjoint(({', '.join(names)}))"

    # -- expressions
    def expression(self, v: Value) -> Text:
        """One operation."""
        args = [self.operand(a) for a in v.args]
        if v.op == "maximum":
            return self.greater_of(v, args, ">")
        if v.op == "minimum":
            return self.greater_of(v, args, "<")
        if v.op == "absolute":
            return f"{self.builtin('abs')}({args[0][0]})", ATOM
        if v.op == "sign":
            x = wrapped(args[0], ATOM)
            return f"{self.builtin('float')}(({x} > 0) - ({x} < 0))", ATOM
        if v.op == "floor":
            return f"{self.builtin('float')}({self.call('floor')}({args[0][0]}))", ATOM
        if v.op == "as_float":
            return f"{self.builtin('float')}({args[0][0]})", ATOM
        if v.op == "logical_and":
            return " and ".join(wrapped(a, COMPARE) for a in args), LOGIC
        if v.op == "logical_not":
            return f"not {wrapped(args[0], COMPARE)}", LOGIC
        if v.op == "sigmoid":
            x = wrapped(args[0], ATOM)
            exp = self.call("exp")
            return f"1 / (1 + {exp}(-{x})) if {x} > -700 else {exp}({x})", CHOICE
        if v.op == "normal_cdf":
            return f"{self.call('erfc')}(-{wrapped(args[0], SIGN)} * 0.7071067811865476) / 2", TIMES
        if v.op == "where":
            return self.choice(args)
        if v.op == "exp" and not v.tame:
            exp, inf, x = self.call("exp"), self.call("inf"), wrapped(args[0], PLUS)
            return f"{inf} if {x} > 709 else {exp}({args[0][0]})", CHOICE
        return expression(v, self.operand, str, self.call)

    def choice(self, args: list[Text]) -> Text:
        """x if the condition holds, else y; numbers are floats."""
        x, y = (f"{t[0]}.0" if t[0].lstrip("-").isdigit() else wrapped(t, LOGIC) for t in args[1:])
        return f"{x} if {wrapped(args[0], LOGIC)} else {y}", CHOICE

    def greater_of(self, v: Value, args: list[Text], sign: str) -> Text:
        """max or min; NaN in either gives NaN."""
        x, y = args
        turned = ">" if sign == "<" else "<"
        if v.args[1].op == "number":
            limit = f"{y[0]}.0" if y[0].lstrip("-").isdigit() else y[0]
            return f"{limit} if {wrapped(x, PLUS)} {turned} {wrapped(y, PLUS)} else {wrapped(x, CHOICE)}", CHOICE
        a, b = wrapped(x, ATOM), wrapped(y, ATOM)
        return f"{a} if {a} {sign} {b} or {a} != {a} else {b}", CHOICE

    def operand(self, v: Value) -> Text:
        """The text of an argument."""
        if v.op == "number":
            known = v.attr[0]
            if isinstance(known, str):
                return self.call(known), ATOM
            return number_text(known)  # type: ignore[arg-type]  # a number, since it is no name
        return self.text[v]

    def call(self, op: str) -> str:
        """A function of math."""
        name = MATH.get(op, op)
        if name not in IN_MATH and name not in MATH.values() and name not in ("floor", "erfc"):
            raise NotNumbers(f"math has no {op}.")
        return self.imported(name, f"from math import {name}")

    def builtin(self, name: str) -> str:
        """A function of Python itself, by another name where an argument has its name."""
        return self.imported(name, f"{name}_ = {name}" if name in self.arguments.values() else "")

    def imported(self, name: str, line: str) -> str:
        """A global, by another name where an argument has its name."""
        if name in self.arguments.values():
            line = line if "=" in line else f"{line} as {name}_"
            name += "_"
        if line:
            self.imports[line] = None
        return name

    # -- results
    def shown(self, entry: Entry) -> str:
        """Something that is returned: a number, or a nested list of numbers."""
        texts = [self.number(v) for v in entry.values]
        return _nested(texts, [n.number or 1 for n in entry.sizes])

    def number(self, v: Value) -> str:
        """A number that is returned, a float."""
        text = self.operand(v) if v.op == "number" else self.text[v]
        if v.static:
            return f"{text[0]}.0" if text[0].lstrip("-").isdigit() else text[0]
        return f"{self.builtin('float')}({text[0]})" if v.kind == "bool" else text[0]

    def lines(self) -> Iterator[str]:
        """The statements."""
        yield from self.body


def _repeats(v: Value) -> bool:
    """True if the text of the operation names an argument twice."""
    return v.op in ("square", "maximum", "minimum", "sigmoid", "sign") or (v.op == "exp" and not v.tame)


def _nested(texts: Sequence[str], shape: Sequence[int]) -> str:
    """The texts, in row-major order, as nested lists."""
    if not shape:
        return texts[0]
    step = len(texts) // shape[0]
    return "[" + ", ".join(_nested(texts[k * step : (k + 1) * step], shape[1:]) for k in range(shape[0])) + "]"


def programs(model: Model, stable: Model, available: Sequence[str], default: Sequence[str]) -> tuple[Numbers, ...]:
    """forward, the default gradients, any of the available ones; `stable`: the model in stable forms.

    Raises NotNumbers if something needs arrays.
    """
    derivation = derive(stable)
    return (
        forward_numbers(stable, Graph(model).order),
        gradient_numbers(stable, derivation, default),
        gradient_numbers(stable, derivation, available),
    )


__all__ = ["Entry", "Numbers", "NumbersBackward", "NumbersText", "named", "programs"]
