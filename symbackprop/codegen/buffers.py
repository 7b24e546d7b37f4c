"""Which array each value is written into: in place where an argument dies, else one that is free, else a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .schedule import Step, base, buffered
from .values import HELPERS, Kind, Shape, Value


@dataclass(eq=False, slots=True)
class Buffer:
    """An array made before anything is computed; `block`: only as long as a block of rows. `needs`: for which results.

    `holds`: the values that are written into it, in order.
    """

    shape: Shape
    kind: Kind
    block: bool = False
    holds: list[Value] = field(default_factory=list)
    needs: set[int] = field(default_factory=set)


class Allocation:
    """Buffers for the values of one function. `kept`: values that a result shows; their buffers are never reused.

    `inlined`: numbers that are computed where they are used.
    """

    def __init__(
        self, steps: Sequence[Step], kept: frozenset[Value], need: Mapping[Value, int], inlined: frozenset[Value]
    ) -> None:
        self.inlined = inlined
        self.of: dict[Value, Buffer] = {}
        self.all: list[Buffer] = []
        self.need = need
        self.kept = kept
        self.order = [v for step in steps for v in step.values]
        self.last: dict[Value, int] = {}
        for place, value in enumerate(self.order):
            for arg in _sources(value, self.inlined):
                self.last[arg] = place
        self.free: dict[tuple[Shape, Kind], list[Buffer]] = {}
        self.blocks: dict[tuple[Shape, Kind], list[Buffer]] = {}
        place = 0
        for step in steps:
            if step.loop:
                self.loop(step, place)
            else:
                self.single(step.values[0], place)
            place += len(step.values)

    def dies(self, value: Value, place: int) -> bool:
        """True if nothing after this place reads the value."""
        return value not in self.kept and self.last.get(value, -1) <= place

    def single(self, value: Value, place: int) -> None:
        """One operation."""
        dying = [a for a in dict.fromkeys(_sources(value, self.inlined)) if a in self.of and self.dies(a, place)]
        if buffered(value):
            reused = next((a for a in reusable(value) if a in dying), None)
            if reused is not None:
                self.give(value, self.of[reused])
                dying.remove(reused)
            else:
                self.give(value, self.taken(value))
        for a in dying:
            self.release(self.of[a])
        if value in self.of and value not in self.kept and value not in self.last:
            self.release(self.of[value])

    def loop(self, step: Step, start: int) -> None:
        """A chain over blocks of rows: what nothing outside reads needs only a block."""
        end = start + len(step.values) - 1
        members = set(step.values)
        mine: dict[Buffer, None] = {}
        later: list[Buffer] = []
        for place, value in enumerate(step.values, start):
            dying = [a for a in dict.fromkeys(_sources(value, self.inlined)) if a in self.of and self.dies(a, place)]
            reused = next((a for a in reusable(value) if a in dying and not self.blocked(a, value)), None)
            inner = value not in self.kept and self.last.get(value, -1) <= end
            if reused is not None and not (self.of[reused].block and not inner):
                self.give(value, self.of[reused])
                dying.remove(reused)
            elif inner:
                pool = self.blocks.get((value.shape, value.kind), [])
                fresh = pool.pop() if pool else self.new(value, block=True)
                mine[fresh] = None
                self.give(value, fresh)
            else:
                self.give(value, self.taken(value))
            for a in dying:
                if self.of[a].block:
                    mine.pop(self.of[a])
                    self.blocks.setdefault((a.shape, a.kind), []).append(self.of[a])
                elif a in members or a.shape == value.shape:
                    self.release(self.of[a])
                else:
                    later.append(self.of[a])
        for buffer in later:
            self.release(buffer)
        for buffer in mine:
            self.blocks.setdefault((buffer.shape, buffer.kind), []).append(buffer)

    def blocked(self, a: Value, value: Value) -> bool:
        """True if the argument's buffer cannot take the result."""
        return self.of[a].shape != value.shape or a.kind != value.kind

    def give(self, value: Value, buffer: Buffer) -> None:
        """Put the value into the buffer."""
        self.of[value] = buffer
        buffer.needs.add(self.need[value])
        buffer.holds.append(value)

    def taken(self, value: Value) -> Buffer:
        """A free buffer of that shape, or a new one."""
        pool = self.free.get((value.shape, value.kind))
        return pool.pop() if pool else self.new(value, block=False)

    def new(self, value: Value, block: bool) -> Buffer:
        """A new buffer."""
        buffer = Buffer(value.shape, value.kind, block)
        self.all.append(buffer)
        return buffer

    def release(self, buffer: Buffer) -> None:
        """Let others have the buffer."""
        if not buffer.block:
            self.free.setdefault((buffer.shape, buffer.kind), []).append(buffer)


def _sources(value: Value, inlined: frozenset[Value]) -> list[Value]:
    """The values whose memory the operation reads."""
    found: list[Value] = []
    stack = list(reversed(value.args))
    while stack:
        arg = stack.pop()
        if arg.static:
            continue
        if not arg.shape and arg in inlined:
            stack.extend(reversed(arg.args))
        elif not arg.shape and arg.is_elementwise:
            found.append(arg)
        else:
            found.append(base(arg))
    return found


def reusable(value: Value) -> tuple[Value, ...]:
    """The arguments in whose memory the result may be written, the best first."""
    if value.op == "where":
        pick: tuple[Value, ...] = value.args[2:]
    elif value.op in ("place", "scatter"):
        pick = value.args[-1:] if "base" in value.attr else ()
    elif value.is_elementwise and value.op not in HELPERS:
        pick = value.args
    else:
        pick = ()
    return tuple(a for a in pick if buffered(a) and a.shape == value.shape and a.kind == value.kind)


__all__ = ["Allocation", "Buffer", "reusable"]
