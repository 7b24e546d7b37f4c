"""The order of operations: what is computed for which gradient, what moves into the forward pass, what forms a loop.

A chain of entrywise operations on one large array runs over blocks of rows, so that a block stays in the cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .values import LEAVES, VIEWS, Shape, Value

ALWAYS = 1  # the bit of what is needed whatever is asked for
INTEGER = frozenset({"positions", "shift", "plus"})
FRESH = frozenset({"pick", "inverse", "logdet", "det", "first", "pad", "same", "iszero"}) | INTEGER


def base(value: Value) -> Value:
    """The value whose memory a view shows."""
    while value.op in VIEWS:
        value = value.args[0]
    return value


def buffered(value: Value) -> bool:
    """True if the value is written into an array that was made before."""
    return bool(value.shape) and value.op not in VIEWS and value.op not in LEAVES and value.op not in FRESH


@dataclass
class Need:
    """Which values which results need, as bits; `parts` says how a set of bits arose from smaller ones."""

    of: dict[Value, int] = field(default_factory=dict)
    parts: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def add(self, roots: Iterable[tuple[Value, int]], values: Sequence[Value]) -> None:
        """Pass needs from results to everything they are computed from."""
        wanted: dict[Value, dict[int, None]] = {}
        for value, bit in roots:
            wanted.setdefault(value, {})[bit] = None
        for value in reversed(values):
            given = wanted.pop(value, None)
            if given is None:
                continue
            mask = 0
            for m in given:
                mask |= m
            if mask & ALWAYS:
                mask = ALWAYS
            self.of[value] = mask
            if mask not in given and mask not in self.parts:
                own = sorted(given, key=lambda m: (-m.bit_count(), m))
                self.parts[mask] = tuple(m for k, m in enumerate(own) if not any(m & o == m for o in own[:k]))
            for arg in value.args:
                wanted.setdefault(arg, {})[mask] = None


@dataclass(frozen=True, slots=True)
class Step:
    """Operations that are done together: one, or a loop over blocks of rows."""

    values: tuple[Value, ...]
    loop: bool


def ordered(values: Sequence[Value], need: Mapping[Value, int]) -> list[Value]:
    """The operations that are needed, in order, with derivatives moved to the forward pass where that stores less."""
    live = [v for v in values if v in need]
    anchors = _moved(live)
    if not anchors:
        return live
    return sorted(live, key=lambda v: (anchors.get(v, v.index), v in anchors, v.index))


def _moved(live: Sequence[Value]) -> dict[Value, int]:
    """For entrywise values of the backward pass that need only the forward pass: after which value they can come.

    A tree of them moves if two or more arrays would otherwise be kept for it alone.
    """
    first = next((k for k, v in enumerate(live) if v.late), len(live))
    start = live[first].index if first < len(live) else 0
    users: dict[Value, list[Value]] = {}
    for v in live:
        for arg in v.args:
            users.setdefault(arg, []).append(v)

    def movable(v: Value) -> bool:
        return v.is_elementwise and not v.late and v.index > start and len(v.shape) > 1

    anchors: dict[Value, int] = {}
    for root in live[first:]:
        if not movable(root) or any(movable(u) for u in users.get(root, ())):
            continue
        tree: dict[Value, None] = {}
        leaves: dict[Value, None] = {}
        stack = [root]
        while stack:
            v = stack.pop()
            if movable(v) and v.shape == root.shape:
                tree[v] = None
                stack.extend(a for a in v.args if a not in tree)
            elif buffered(base(v)) and v.shape == root.shape:
                leaves[v] = None
        alone = [v for v in leaves if all(u in tree or u.index < start or u in anchors for u in users[v])]
        if len(alone) >= 2:
            for v in sorted(tree, key=lambda v: v.index):
                sources = [base(a) for a in v.args if not a.static]
                anchors[v] = max((anchors.get(a, a.index) for a in sources if a.op not in LEAVES), default=v.index)
    return anchors


def steps(order: Sequence[Value]) -> list[Step]:
    """The operations as steps; views and leaves are no operations."""
    result: list[Step] = []
    group: dict[Value, None] = {}
    shape: Shape = ()

    def close() -> None:
        if group:
            loop = len(group) > 1 and len(shape) > 1
            members = tuple(group)
            result.extend([Step(members, True)] if loop else [Step((v,), False) for v in members])
            group.clear()

    reached: set[Value] = set()

    def waits(value: Value) -> bool:
        """True for what shows or follows from a member of the open loop; a view may come later than what uses it."""
        return value in reached or base(value) in group

    for value in order:
        if value.op in LEAVES or value.op in VIEWS or value.static or value.op == "positions":
            if any(a in reached or a in group for a in value.args):
                reached.add(value)
            continue
        if value.is_elementwise and len(value.shape) > 1 and all(in_blocks(a, value.shape) for a in value.args):
            inside = all(a in group or not waits(a) for a in value.args)
            if not (group and value.shape == shape and inside):
                close()
                reached = set()
                shape = value.shape
            group[value] = None
            continue
        if any(a in group or waits(a) for a in value.args):
            close()
            reached = set()
        result.append(Step((value,), False))
    close()
    return result


def inlined(steps: Sequence[Step], kept: frozenset[Value], need: Mapping[Value, int]) -> frozenset[Value]:
    """Numbers that are used once, by another number, and can be written into its expression.

    What reads an array is written there only if nothing is computed in between.
    """
    order = [v for step in steps for v in step.values]
    users: dict[Value, list[Value]] = {}
    for v in order:
        for arg in v.args:
            users.setdefault(arg, []).append(v)
    found: set[Value] = set()
    for k, v in enumerate(order):
        if v.shape or v in kept or len(users.get(v, ())) != 1 or v.hint:
            continue
        (user,) = users[v]
        if user.shape or not user.is_elementwise or need[user] != need[v] or user.op in ("square", "as_float"):
            continue
        apart = [u for u in order[k + 1 : order.index(user, k)] if u not in found]
        if v.is_elementwise or not apart:
            found.add(v)
    return frozenset(found)


def in_blocks(value: Value, shape: Shape) -> bool:
    """True if the value can be read block by block: as long as the array, repeated along the rows, or one number."""
    if len(value.shape) < len(shape):
        return base(value).op != "windows"
    source = value.args[0] if value.op == "expand" else value
    if value.op == "expand" and 0 in value.attr:
        return False
    return buffered(source) and source.shape[0] is shape[0]


__all__ = ["ALWAYS", "FRESH", "INTEGER", "Need", "Step", "base", "buffered", "in_blocks", "inlined", "ordered", "steps"]
