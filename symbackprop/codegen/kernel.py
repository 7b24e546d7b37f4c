"""One generated function: its flags, constants, buffers and blocks, and the statements that use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..tensor.size import ONE, Size
from .buffers import Allocation, Buffer, reusable
from .names import Names, shape_text, size_text
from .program import Program
from .scalartext import ATOM, COMPARE, LOGIC, Text, expression, wrapped
from .schedule import ALWAYS, Need, Step, base, buffered, inlined, ordered, steps
from .statements import Writer
from .values import HELPERS, LEAVES, VIEWS, Value

DTYPE = {"float": "dtype", "bool": "bool", "int": "int"}


@dataclass
class Kernel:
    """The text of one function. `arguments` and `sizes`: the names of symbols and of sizes in the code."""

    program: Program
    arguments: Mapping[str, str]
    sizes: dict[str, str]
    names: Names
    globals: dict[str, None]
    refs: dict[Value, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    buffer_names: dict[Buffer, list[str]] = field(default_factory=dict)
    plain_names: dict[Buffer, str] = field(default_factory=dict)
    flags: dict[int, str] = field(default_factory=dict)
    setup: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    block: dict[Value, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        values = self.program.values.all
        self.wants = (
            {r.name: 2 << k for k, r in enumerate(self.program.results)} if self.program.loss is not None else {}
        )
        self.wanted = {bit: name for name, bit in self.wants.items()}
        self.results = {r.name: r for r in self.program.results}
        self.need = Need()
        roots = [(r.value, self.wants.get(r.name, ALWAYS)) for r in self.program.results]
        if self.program.loss is not None:
            roots.append((self.program.loss, ALWAYS))
        self.need.add(roots, values)
        self.steps = steps(ordered(values, self.need.of))
        shown = [r.value for r in self.program.results] + ([self.program.loss] if self.program.loss is not None else [])
        kept = frozenset(base(v) for v in shown)
        self.inlined = inlined(self.steps, kept, self.need.of)
        self.allocation = Allocation(self.steps, kept, self.need.of, self.inlined)
        self.writer = Writer(self.ref, self.sizes, self.constant, self.used)

    # -- names
    def used(self, name: str) -> str:
        """Note a global that the code names."""
        self.globals[name] = None
        return name

    def constant(self, kind: str, what: object) -> str:
        """The name of something that is made once with the buffers."""
        assert isinstance(what, Size)
        if kind == "ones":
            return self.named_constant(f"{self.used('ones')}({size_text(what, self.sizes)}, dtype)", "ones")
        return self.named_constant(f"{self.used('arange')}({size_text(what, self.sizes)})", "rows")

    def named_constant(self, text: str, stem: str) -> str:
        """The name of a constant, the same for the same text."""
        if text not in self.constants:
            self.constants[text] = self.names.numbered(stem)
        return self.constants[text]

    def ref(self, value: Value) -> str:
        """How statements call a value that is an argument of an operation on arrays."""
        if value in self.block:
            return self.block[value]
        if value.static:
            return self.named_constant(f"{self.used('array')}({self.static(value)[0]}, dtype)", "c")
        if value.op == "positions":
            return self.constant("rows", value.shape[0])
        if value in self.refs:
            return self.refs[value]
        if value.op in VIEWS:
            return self.writer.view(value)
        if value.op == "argument":
            return self.arguments[str(value.attr[0])]
        if value in self.allocation.of:
            return self.buffer(value)
        self.refs[value] = self.names.new(value.hint) if value.hint else self.names.numbered("t")
        return self.refs[value]

    def buffer(self, value: Value) -> str:
        """The name of a value that is in a buffer: its own, or that of what it becomes there, step by step."""
        buffer = self.allocation.of[value]
        known = self.buffer_names.setdefault(buffer, [])
        named: Value | None = None
        before: Value | None = None
        for v in buffer.holds[buffer.holds.index(value) :]:
            if before is not None and before not in v.args:
                break
            if v.hint:
                named = v
                break
            before = v
        if named is not None and named in self.refs:
            self.refs[value] = self.refs[named]
        elif named is not None:
            name = self.refs[value] = self.refs[named] = self.names.new(named.hint)
            known.append(name)
        else:
            if buffer not in self.plain_names:
                self.plain_names[buffer] = self.names.numbered("t")
                known.append(self.plain_names[buffer])
            self.refs[value] = self.plain_names[buffer]
        return self.refs[value]

    # -- numbers
    def static(self, value: Value) -> Text:
        """A number that depends on sizes alone."""
        if value.op == "number" and isinstance(value.attr[0], str):
            return self.used(value.attr[0]), ATOM
        if value.op == "iszero":
            return f"{wrapped(self.static(value.args[0]), COMPARE)} == 0", COMPARE
        return expression(value, self.static, lambda s: size_text(s, self.sizes), self.call)

    def call(self, op: str) -> str:
        """The function for an operation of numbers."""
        return self.used("_" + op if op in HELPERS else op)

    def scalar_argument(self, value: Value) -> Text:
        """A number as an operand of another."""
        if value.static and value.op in ("number", "size"):
            return self.static(value)
        if value in self.inlined:
            return self.scalar(value)
        return self.ref(value), ATOM

    def scalar(self, value: Value) -> Text:
        """The expression of an operation whose result is a number."""
        if value.is_elementwise or value.op in ("number", "size"):
            if value.op == "as_float":
                return f"number({self.scalar_argument(value.args[0])[0]})", ATOM
            if value.op in ("polygamma", *HELPERS):
                extra = f"{value.attr[0]}, " if value.op == "polygamma" else ""
                return f"{self.used('_' + value.op)}({extra}{self.scalar_argument(value.args[0])[0]})", ATOM
            if value.op == "logical_and":
                return " and ".join(wrapped(self.scalar_argument(a), COMPARE) for a in value.args), LOGIC
            if value.op == "logical_not":
                return f"not {wrapped(self.scalar_argument(value.args[0]), COMPARE)}", LOGIC
            return expression(value, self.scalar_argument, lambda s: size_text(s, self.sizes), self.call)
        return self.writer.fresh(value), ATOM

    # -- statements
    def run(self) -> None:
        """Write everything."""
        for step in self.steps:
            if step.loop:
                self.loop(step)
            elif step.values[0] not in self.inlined:
                self.guarded(self.need.of[step.values[0]], self.statement(step.values[0]))

    def statement(self, value: Value) -> list[str]:
        """The lines of one operation."""
        if value in self.allocation.of:
            self.prepare(value)
            return self.writer.lines(value, self.ref(value), self.shared(value))
        text = self.scalar(value)[0] if not value.shape else self.writer.fresh(value)
        return [f"{self.ref(value)} = {text}"]

    def prepare(self, value: Value) -> None:
        """Name the arguments before the result, so that numbered names come in order."""
        for arg in value.args:
            self.ref(arg)

    def shared(self, value: Value) -> list[Value]:
        """The arguments in whose memory the result is written."""
        own = self.allocation.of[value]
        return [a for a in reusable(value) if self.allocation.of.get(a) is own]

    def guarded(self, need: int, lines: Sequence[str]) -> None:
        """Add lines that are needed for some results only."""
        if need == ALWAYS:
            self.body += lines
            return
        head = f"if {self.flag(need)}:"
        if not (self.body and self._open == head and self.body[-1].startswith("    ")):
            self.body.append(head)
        self._open = head
        self.body += ["    " + line for line in lines]

    _open = ""

    def flag(self, need: int) -> str:
        """The name of the truth value that says whether something is needed."""
        if need in self.flags:
            return self.flags[need]
        stack = [need]
        while stack:
            top = stack[-1]
            if top in self.flags:
                stack.pop()
                continue
            if top.bit_count() == 1:
                name = self.wanted[top]
                self.flags[top] = self.names.new("want_" + name)
                self.setup.append(f'{self.flags[top]} = "{name}" in wrt')
                stack.pop()
                continue
            parts = self.need.parts[top]
            missing = [p for p in parts if p not in self.flags]
            if missing:
                stack.extend(missing)
                continue
            stack.pop()
            self.flags[top] = self.names.numbered("need")
            self.setup.append(f"{self.flags[top]} = {' or '.join(self.flags[p] for p in parts)}")
        return self.flags[need]

    # -- loops over blocks of rows
    def loop(self, step: Step) -> None:
        """A chain over blocks of rows."""
        shape = step.values[0].shape
        slots: dict[tuple[Buffer, tuple[object, ...]], tuple[str, str]] = {}
        lines: list[tuple[int, list[str]]] = []
        for value in step.values:
            for v in (*value.args, value):
                source = v.args[0] if v.op == "expand" else v
                if (
                    not v.shape
                    or not buffered(source)
                    or v.static
                    or len(v.shape) < len(shape)
                    or source.shape[0] is not shape[0]
                ):
                    continue
                self.slot(v, source, slots)
        for value in step.values:
            own = self.shared(value)
            lines.append((self.need.of[value], self.writer.lines(value, self.block[value], own)))
        self.block.clear()
        pairs = list(slots.values())
        blocks = self.names.numbered("blocks")
        width = " * ".join(size_text(s, self.sizes, inside=True) for s in shape[1:])
        rows = size_text(shape[0], self.sizes)
        cuts = self.named_constant(f"{self.used('_cuts')}({rows}, {width} * dtype.itemsize)", "cuts")
        self.blocks_setup.append((blocks, cuts, [whole for _, whole in pairs], self.need_of(step)))
        head = f"for {', '.join(name for name, _ in pairs)}{',' if len(pairs) == 1 else ''} in {blocks}:"
        inner: list[str] = []
        everything = self.need_of(step)
        opened = everything
        for need, text in lines:
            if need == everything:
                inner += text
            else:
                if need != opened:
                    inner.append(f"if {self.flag(need)}:")
                inner += ["    " + line for line in text]
            opened = need
        for buffer, _ in slots:
            buffer.needs.add(everything)
        self.guarded(everything, [head, *("    " + line for line in inner)])

    def slot(self, v: Value, source: Value, slots: dict[tuple[Buffer, tuple[object, ...]], tuple[str, str]]) -> None:
        """Give a value its loop variable."""
        buffer = self.allocation.of[source]
        wide = v.op == "expand"
        key = buffer, (len(v.shape), *v.attr) if wide else ()
        if key not in slots:
            name = self.ref(source)
            if wide:
                items = ["None" if k in v.attr else ":" for k in range(len(v.shape))]
                whole = f"{name}[i_:j_, {', '.join(items[1:])}]"
            else:
                whole = f"{name}[: j_ - i_]" if buffer.block else f"{name}[i_:j_]"
            slots[key] = self.names.new(name + "_"), whole
        elif v.hint and not wide:
            self.ref(source)
        self.block[v] = slots[key][0]

    def need_of(self, step: Step) -> int:
        """For which results any part of a loop is needed."""
        masks = {self.need.of[v] for v in step.values}
        if ALWAYS in masks:
            return ALWAYS
        total = 0
        for mask in masks:
            total |= mask
        if total not in masks and total not in self.need.parts:
            self.need.parts[total] = tuple(sorted(masks))
        return total

    @property
    def blocks_setup(self) -> list[tuple[str, str, list[str], int]]:
        """The lists of blocks: name, cuts, slices, for which results."""
        if not hasattr(self, "_blocks"):
            self._blocks: list[tuple[str, str, list[str], int]] = []
        return self._blocks

    # -- the parts of the function
    def preparation(self) -> Iterator[str]:
        """The lines before the inner function: flags, constants, buffers, blocks."""
        lines: list[tuple[int, str]] = []
        for buffer in self.allocation.all:
            if buffer not in self.buffer_names:
                continue
            shape = buffer.shape
            first = size_text(shape[0], self.sizes)
            if buffer.block:
                width = " * ".join(size_text(s, self.sizes, inside=True) for s in shape[1:])
                cuts = self.named_constant(f"{self.used('_cuts')}({first}, {width} * dtype.itemsize)", "cuts")
                text = f"({cuts}[0][1], {', '.join(size_text(s, self.sizes) for s in shape[1:])})"
            else:
                text = shape_text(shape, self.sizes)
            made = f"{self.used('empty')}({text}, {DTYPE[buffer.kind]})"
            need = ALWAYS if ALWAYS in buffer.needs else self.union(buffer.needs)
            lines.append((need, f"{' = '.join(self.buffer_names[buffer])} = {made}"))
        for name, cuts, slices, need in self.blocks_setup:
            tuples = f"({', '.join(slices)}{',' if len(slices) == 1 else ''})"
            lines.append((need, f"{name} = [{tuples} for i_, j_ in {cuts}]"))
        guarded: list[str] = []
        for need, line in lines:
            guarded += [line] if need == ALWAYS else [f"if {self.flag(need)}:", "    " + line]
        yield from self.setup
        for text, name in self.constants.items():
            yield f"{name} = {text}"
        yield from guarded

    def union(self, masks: set[int]) -> int:
        """The set of results that need any of these."""
        total = 0
        for mask in masks:
            total |= mask
        if total not in masks and total not in self.need.parts:
            self.need.parts[total] = tuple(sorted(masks))
        return total

    def returned(self, name: str) -> str:
        """The expression for a result."""
        result = self.results[name]
        if not result.value.shape:
            number = self.returned_number(result.value)
            if not result.sizes:
                return f"{self.used('array')}({number}, dtype)"
            return f"{self.used('array')}({number}, dtype).reshape({', '.join('1' for _ in result.sizes)})"
        text = self.ref(result.value)
        if any(s is ONE for s in result.sizes):
            return f"{text}.reshape({', '.join(size_text(s, self.sizes) for s in result.sizes)})"
        return text

    def returned_number(self, value: Value) -> str:
        """A number to return."""
        if value.op in LEAVES or value.static:
            return (
                self.scalar_argument(value)[0] if value.op in ("number", "size", "argument") else self.static(value)[0]
            )
        return self.ref(value)


__all__ = ["Kernel"]
