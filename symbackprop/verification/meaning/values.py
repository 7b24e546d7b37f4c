"""Values on paper: a term whose axes are running indices, then rows, then columns.

A vector is a column or a row; an axis of length 1 that nobody declared is not there. Operations give every value that
the written product can mean: an empty list says that the shapes do not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count
from typing import Literal, TypeAlias

from ...tensor.normal import add as add_terms
from ...tensor.normal import delta, powered, product
from ...tensor.size import Size, size
from ...tensor.specials import special
from ...tensor.terms import Factor, Number, Term

Kind: TypeAlias = Literal["scalar", "column", "row", "matrix", "array"]
Link: TypeAlias = tuple[tuple[str, int], tuple[str, int]]
MOST = 12  # readings of one expression


@dataclass(frozen=True, slots=True)
class Value:
    """`term` has the axes of `free` (running letters, in their order), then those of `kind`.

    `notes` are what this reading takes for granted ("* is elementwise"); `link` is (of, wrt), each with its
    number of axes, for a Jacobian or, with `of` the loss, a gradient: what a chain rule contracts.
    """

    term: Term
    free: tuple[str, ...] = ()
    kind: Kind = "scalar"
    notes: tuple[str, ...] = ()
    link: Link | None = None

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The shape without running indices."""
        return self.term.sizes[len(self.free) :]

    @property
    def rows(self) -> Size | None:
        """The number of rows, None where there is no such axis."""
        return self.sizes[0] if self.kind in ("column", "matrix") else None

    @property
    def columns(self) -> Size | None:
        """The number of columns, None where there is no such axis."""
        return self.sizes[-1] if self.kind in ("row", "matrix") else None

    def noted(self, *notes: str) -> Value:
        """The same with further notes."""
        new = tuple(dict.fromkeys((*self.notes, *notes)))
        return self if new == self.notes else replace(self, notes=new)

    def shape_text(self) -> str:
        """`(h, d)`, `(h)` or `a number`, for messages."""
        return f"({', '.join(map(str, self.sizes))})" if self.sizes else "a number"


def kind_of_order(order: int, row: bool = False) -> Kind:
    """What an array of that many axes is on paper."""
    if order == 1:
        return "row" if row else "column"
    return "scalar" if order == 0 else "matrix" if order == 2 else "array"


def unique(values: Iterable[Value]) -> list[Value]:
    """Each meaning once, the one with the fewest notes first; at most MOST."""
    found: dict[tuple[Term, tuple[str, ...], Kind], Value] = {}
    for value in sorted(values, key=lambda v: len(v.notes)):
        found.setdefault((value.term, value.free, value.kind), value)
    return list(found.values())[:MOST]


def pairs(lefts: Sequence[Value], rights: Sequence[Value], op: Callable[[Value, Value], list[Value]]) -> list[Value]:
    """Every combination."""
    return unique(v for a in lefts for b in rights for v in op(a, b))


def combined(
    parts: Sequence[tuple[Value, tuple[str, ...], Number]], output: tuple[str, ...], free: Sequence[str]
) -> Term:
    """Σ Π value[free…, axes…]^exponent, its axes `free` and then `output`; letters in neither are summed."""
    numbers: dict[str, int] = {}
    fresh = count()
    sizes: dict[int, Size] = {}
    factors: list[Factor] = []
    for name in (*free, *output):
        numbers[name] = next(fresh)
    for value, axes, exponent in parts:
        names = (*value.free, *axes)
        for name, length in zip(names, value.term.sizes, strict=True):
            if name not in numbers:
                numbers[name] = next(fresh)
            sizes[numbers[name]] = length
        factors.append((value.term, tuple(numbers[n] for n in names), exponent))
    return product(1, factors, tuple(numbers[n] for n in (*free, *output)), sizes)


def free_of(*values: Value) -> tuple[str, ...]:
    """The running letters of several values together."""
    return tuple(sorted({name for v in values for name in v.free}))


def conform(a: Value, b: Value) -> bool:
    """True if letters that both have run over the same range."""
    lengths = dict(zip(a.free, a.term.sizes, strict=False))
    return all(lengths.get(n, s) is s for n, s in zip(b.free, b.term.sizes, strict=False))


def _joined(a: Value, b: Value) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*a.notes, *b.notes)))


AXES: dict[Kind, tuple[str, ...]] = {"scalar": (), "column": (" r",), "row": (" c",), "matrix": (" r", " c")}


def axes_of(value: Value) -> tuple[str, ...]:
    """Names for the axes that are no running letters."""
    return AXES[value.kind] if value.kind in AXES else tuple(f" {k}" for k in range(len(value.sizes)))


def scaled_by(scalar: Value, other: Value) -> list[Value]:
    """A number times anything."""
    if not conform(scalar, other):
        return []
    free = free_of(scalar, other)
    axes = axes_of(other)
    term = combined([(scalar, (), 1), (other, axes, 1)], axes, free)
    return [Value(term, free, other.kind, _joined(scalar, other), other.link)]


def squeezed(value: Value) -> Value:
    """The value without axes of length 1."""
    one = size(1)
    if one not in value.sizes:
        return value
    keep = [k for k, s in enumerate(value.sizes) if s is not one]
    lead = len(value.free)
    axes = tuple(range(value.term.order))
    term = product(1, [(value.term, axes, 1)], (*axes[:lead], *(lead + k for k in keep)))
    kind: Kind = "scalar" if not keep else value.kind
    if value.kind == "matrix" and len(keep) == 1:
        kind = "column" if keep == [0] else "row"
    return replace(value, term=term, kind=kind)


def matched(a: Value, b: Value) -> tuple[Value, Value]:
    """Both values; an n × 1 matrix beside a vector becomes one."""
    if {a.kind, b.kind} in ({"matrix", "column"}, {"matrix", "row"}):
        return squeezed(a), squeezed(b)
    return a, b


def matmul(a: Value, b: Value) -> list[Value]:
    """The matrix product of columns, rows and matrices."""
    if "scalar" in (a.kind, b.kind):
        return scaled_by(a, b) if a.kind == "scalar" else scaled_by(b, a)
    if "array" in (a.kind, b.kind) or not conform(a, b):
        return []
    inner_a, inner_b = a.columns, b.rows
    if inner_a is not None and inner_b is not None and inner_a is not inner_b:
        return []
    if (inner_a is None) != (inner_b is None) and (inner_a or inner_b) is not size(1):
        return []
    names_a = {"column": ("r",), "row": ("k",), "matrix": ("r", "k")}[a.kind]
    names_b = {"column": ("k",), "row": ("c",), "matrix": ("k", "c")}[b.kind]
    names_a, names_b = tuple(f" {n}" for n in names_a), tuple(f" {n}" for n in names_b)
    output = tuple(n for n, there in ((" r", a.rows is not None), (" c", b.columns is not None)) if there)
    kind: Kind = "matrix" if len(output) == 2 else "scalar" if not output else "column" if output == (" r",) else "row"
    free = free_of(a, b)
    return [Value(combined([(a, names_a, 1), (b, names_b, 1)], output, free), free, kind, _joined(a, b))]


def elementwise(a: Value, b: Value, exponent: int = 1) -> list[Value]:
    """Entry by entry, for equal shapes; a number with anything; a vector with every row of a matrix."""
    a, b = matched(a, b)
    if not conform(a, b):
        return []
    free = free_of(a, b)
    if b.kind == "scalar" or a.kind == "scalar":
        wide = a if b.kind == "scalar" else b
        axes = axes_of(wide)
        parts = [(a, axes if a is wide else (), 1), (b, axes if b is wide and a is not wide else (), exponent)]
        if a.kind == b.kind:
            parts = [(a, (), 1), (b, (), exponent)]
        return [Value(combined(parts, axes, free), free, wide.kind, _joined(a, b))]
    if a.kind == b.kind and len(a.sizes) == len(b.sizes):
        axes = axes_of(a)
        fits = [x is y or size(1) in (x, y) for x, y in zip(a.sizes, b.sizes, strict=True)]
        if not all(fits):
            return []
        ones = [(x, y) for x, y in zip(a.sizes, b.sizes, strict=True)]
        left = tuple(n if x is y or y is size(1) else f"{n}-" for n, (x, y) in zip(axes, ones, strict=True))
        right = tuple(n if x is y or x is size(1) else f"{n}+" for n, (x, y) in zip(axes, ones, strict=True))
        return [Value(combined([(a, left, 1), (b, right, exponent)], axes, free), free, a.kind, _joined(a, b))]
    matrix, vector = (a, b) if a.kind == "matrix" else (b, a)
    if matrix.kind == "matrix" and vector.kind in ("row", "column") and vector.sizes[0] is matrix.columns:
        powers = {id(a): 1, id(b): exponent}
        parts = [(matrix, (" r", " c"), powers[id(matrix)]), (vector, (" c",), powers[id(vector)])]
        term = combined(parts, (" r", " c"), free)
        note = () if vector.kind == "row" else ("a vector meets every row",)
        return [Value(term, free, "matrix", (*_joined(a, b), *note))]
    return []


def inner(a: Value, b: Value) -> list[Value]:
    """Σ of the products of entries, for two vectors (or matrices) of one shape."""
    if a.kind not in ("row", "column", "matrix") or not conform(a, b):
        return []
    if a.sizes != b.sizes or (a.kind == "matrix") != (b.kind == "matrix"):
        return []
    free = free_of(a, b)
    axes = tuple(f" {k}" for k in range(len(a.sizes)))
    return [Value(combined([(a, axes, 1), (b, axes, 1)], (), free), free, "scalar", _joined(a, b))]


def outer(a: Value, b: Value) -> list[Value]:
    """a_i b_j for two vectors."""
    if a.kind not in ("row", "column") or b.kind not in ("row", "column") or not conform(a, b):
        return []
    free = free_of(a, b)
    term = combined([(a, (" r",), 1), (b, (" c",), 1)], (" r", " c"), free)
    return [Value(term, free, "matrix", _joined(a, b))]


def kronecker(a: Value, b: Value) -> list[Value]:
    """The Kronecker product of matrices (columns and rows among them)."""
    from ...functions import FUNCTIONS

    if a.free or b.free or "array" in (a.kind, b.kind):
        return []
    kinds = {a.kind, b.kind}
    if kinds <= {"matrix"} or (len(kinds) == 1 and kinds <= {"row", "column"}):
        return [Value(FUNCTIONS["kron"].build(a.term, b.term), (), a.kind, _joined(a, b))]
    if kinds & {"scalar"}:
        return scaled_by(a, b) if a.kind == "scalar" else scaled_by(b, a)
    wide = [with_all_axes(v) for v in (a, b)]
    return [Value(FUNCTIONS["kron"].build(wide[0].term, wide[1].term), (), "matrix", _joined(a, b))]


def with_all_axes(value: Value) -> Value:
    """A column or row as a matrix with an axis of length 1."""
    if value.kind not in ("row", "column"):
        return value
    at = len(value.free)
    axes = tuple(range(at + 1))
    order = (*axes, at + 1) if value.kind == "column" else (*axes[:at], at + 1, at)
    term = product(1, [(value.term, axes, 1)], order, {at + 1: size(1)})
    return replace(value, term=term, kind="matrix")


def chained(a: Value, b: Value) -> list[Value]:
    """What the chain rule makes of two derivatives side by side, in whichever order: the middle one is contracted."""
    for first, second in ((a, b), (b, a)):
        if first.link is None or second.link is None or first.free or second.free:
            continue
        top, middle, of = first.link[0], first.link[1], second.link[0]
        if middle != of:
            continue
        lead = tuple(f" t{k}" for k in range(top[1]))
        mid = tuple(f" m{k}" for k in range(middle[1]))
        rest = tuple(f" w{k}" for k in range(second.link[1][1]))
        term = combined([(first, (*lead, *mid), 1), (second, (*mid, *rest), 1)], (*lead, *rest), ())
        kind = kind_of_order(len(lead) + len(rest))
        return [Value(term, (), kind, _joined(a, b), (top, second.link[1]))]
    return []


def plus(a: Value, b: Value, sign: int) -> list[Value]:
    """a ± b: equal shapes, a number with anything, a vector with every row of a matrix."""
    if not conform(a, b):
        return []
    free = free_of(a, b)
    for one, two in ((a, b), matched(a, b)):
        for wide, other in ((one, two), (two, one)):
            spread = _spread(wide, other, free)
            if spread is not None:
                left, right = (spread[0], spread[1]) if wide is one else (spread[1], spread[0])
                term = add_terms([(1, left), (sign, right)], left.sizes)
                return [Value(term, free, wide.kind, (*_joined(a, b), *spread[2]))]
    return []


def _spread(wide: Value, other: Value, free: tuple[str, ...]) -> tuple[Term, Term, tuple[str, ...]] | None:
    """Both terms on the axes of the wide one; None if the other does not fit on it."""
    axes = axes_of(wide)
    if other.kind == wide.kind and len(other.sizes) == len(wide.sizes):
        if not all(x is y or y is size(1) for x, y in zip(wide.sizes, other.sizes, strict=True)):
            return None
        own = tuple(n if x is y else f"{n}+" for n, x, y in zip(axes, wide.sizes, other.sizes, strict=True))
        note: tuple[str, ...] = ()
    elif other.kind == "scalar":
        own, note = (), ()
    elif wide.kind == "matrix" and other.kind in ("row", "column") and other.sizes[0] is wide.columns:
        own, note = (" c",), ()
    else:
        return None
    lengths = dict(zip((*wide.free, *axes), wide.term.sizes, strict=True))
    lengths |= dict(zip(other.free, other.term.sizes, strict=False))
    left = _on(wide, axes, axes, free, lengths)
    right = _on(other, own, axes, free, lengths)
    return left, right, note


def _on(
    value: Value, own: tuple[str, ...], axes: tuple[str, ...], free: tuple[str, ...], lengths: dict[str, Size]
) -> Term:
    """The value's term repeated along the axes that it lacks."""
    numbers = {name: k for k, name in enumerate((*free, *axes))}
    names = (*value.free, *own)
    extra = {name: len(numbers) + k for k, name in enumerate(n for n in names if n not in numbers)}
    labels = tuple((numbers | extra)[n] for n in names)
    sizes = {k: lengths[name] for name, k in numbers.items()}
    sizes |= {extra[n]: s for n, s in zip(names, value.term.sizes, strict=True) if n in extra}
    return product(1, [(value.term, labels, 1)], tuple(numbers.values()), sizes)


def transposed(value: Value) -> list[Value]:
    """Rows and columns exchanged."""
    if value.kind == "scalar":
        return [value]
    if value.kind == "column":
        return [replace(value, kind="row", link=None)]
    if value.kind == "row":
        return [replace(value, kind="column", link=None)]
    if value.kind == "array":
        return []
    k = len(value.free)
    axes = tuple(range(k + 2))
    term = product(1, [(value.term, axes, 1)], (*axes[:k], k + 1, k))
    return [replace(value, term=term, link=None)]


def inverse(value: Value) -> list[Value]:
    """The inverse of a square matrix; entry by entry for anything else."""
    if value.kind == "matrix" and value.rows is value.columns:
        return [replace(value, term=special("inverse", value.term, 2), link=None)]
    return [] if value.kind in ("matrix", "array") else [replace(value, term=powered(value.term, -1), link=None)]


def power(value: Value, exponent: int | Fraction) -> list[Value]:
    """A power: of a number, entry by entry of an array, and of a square matrix with itself."""
    if value.kind == "scalar":
        return [replace(value, term=powered(value.term, exponent), link=None)]
    found: list[Value] = []
    times = int(exponent) if exponent >= 0 else -int(-exponent)
    if value.kind == "matrix" and value.rows is value.columns and times == exponent and times and -6 <= times <= 6:
        bases = [value] if exponent > 0 else inverse(value)
        for base in bases:
            result = [base]
            for _ in range(max(times, -times) - 1):
                result = [v for r in result for v in matmul(r, base)]
            found += result
    if exponent > 0 or value.kind != "matrix":
        note = ("powers are taken entry by entry",) if value.kind == "matrix" and found else ()
        found.append(replace(value, term=powered(value.term, exponent), link=None).noted(*note))
    return found


def summed(value: Value, letter: str) -> Value:
    """The sum over a running letter."""
    keep = tuple(n for n in value.free if n != letter)
    axes = axes_of(value)
    return replace(value, term=combined([(value, axes, 1)], axes, keep), free=keep, link=None)


def identity(length: Size) -> Value:
    """The identity matrix."""
    return Value(delta(length), (), "matrix")
