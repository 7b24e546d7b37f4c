"""Indices: entries at running letters, at numbers (from 1 on paper), at the last place, at shifted places i − m."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...tensor.normal import bracket, product
from ...tensor.size import Size, size
from ...tensor.terms import Term
from .lexicon import Words
from .scope import Scope
from .values import Kind, Value, combined

FRESH = "\u00b7"  # a running letter that nobody writes: of what a list with dots runs over
LETTERS = frozenset({FRESH, "\\ell", "\\alpha", "\\beta", "\\mu", "\\nu"})
UNKNOWN = "?"  # begins a sentence about what is not known, where other sentences say what does not fit
WHOLE = frozenset({":", "\\cdot", "*", "\\bullet", "\\ast"})


ZERO = size(0)


@dataclass(frozen=True, slots=True)
class Place:
    """Σ coefficient · letter + number + sizes, or a whole axis, or an index symbol of the network by its name."""

    letters: tuple[tuple[str, int], ...] = ()
    constant: Size = ZERO
    whole: bool = False
    symbol: str = ""

    @property
    def letter(self) -> str | None:
        """The running letter if the place is just one."""
        if len(self.letters) == 1 and self.letters[0][1] == 1 and self.constant.number == 0:
            return self.letters[0][0]
        return None


def place_of(words: Words, scope: Scope, sizes: Sequence[str]) -> Place | None:
    """What a piece of a subscript says; None if it is no index."""
    if len(words) == 1 and words[0] in WHOLE:
        return Place(whole=True)
    letters: dict[str, int] = {}
    constant = size(0)
    sign, expecting, coefficient = 1, True, 1
    at = 0
    while at < len(words):
        word = words[at]
        if word in ("+", "-"):
            if expecting and at:
                return None
            sign, expecting, coefficient = (1 if word == "+" else -1), True, 1
            at += 1
            continue
        name, at = _name(words, at, sizes)
        if word.isdigit() and name == word:
            if at < len(words) and words[at] not in ("+", "-"):
                coefficient, expecting = int(word), True
                continue
            constant = constant + size(sign * int(word))
        elif name in scope.running:
            constant = constant + size(sign * coefficient * scope.running[name])
        elif name in sizes:
            constant = constant + size(name) * size(sign * coefficient)
        elif name in LETTERS or (len(name) == 1 and name.isalpha()):
            letters[name] = letters.get(name, 0) + sign * coefficient
        else:
            return None
        expecting = False
    if expecting:
        return None
    return Place(tuple(sorted((k, c) for k, c in letters.items() if c)), constant)


def _name(words: Words, at: int, sizes: Sequence[str]) -> tuple[str, int]:
    """A letter, or the name of a size that takes several symbols (`h_2`, `d_{in}`)."""
    joined = words[at]
    end = at + 1
    best = (words[at], end)
    while end < len(words) and (words[end] in ("_", "{", "}") or words[end - 1] in ("_", "{") or words[end].isalnum()):
        joined += words[end]
        end += 1
        plain = joined.replace("{", "").replace("}", "")
        if plain in sizes:
            best = (plain, end)
    return best


def indexed(value: Value, places: Sequence[Place], scope: Scope, base: int) -> list[Value] | str:
    """The value at these places of its axes, the first ones; a sentence if that is not there.

    An entry of a matrix at one place is a row; a vector at a place is a number. `base` is where paper starts counting.
    """
    if len(places) > len(value.sizes):
        return f"it has {len(value.sizes)} indices, not {len(places)}"
    found = [value]
    axis = 0
    for place in places:
        if place.whole:
            axis += 1
            continue
        new: list[Value] = []
        for v in found:
            made = _at(v, axis, place, scope, base)
            if isinstance(made, str):
                return made
            new += made
        found = new
    return [replace(v, kind=_KINDS.get(len(v.sizes), "array")) if v.kind == "array" else v for v in found]


_KINDS: dict[int, Kind] = {0: "scalar", 1: "column", 2: "matrix"}


def _at(value: Value, axis: int, place: Place, scope: Scope, base: int) -> list[Value] | str:
    length = value.sizes[axis]
    letter = place.letter
    names = [f" {k}" for k in range(len(value.sizes))]
    rest = names[:axis] + names[axis + 1 :]
    kind: Kind = _reduced(value.kind, axis)
    if letter is not None:
        known = scope.sizes.setdefault(letter, length)
        if known is not length:
            return f"the index {letter} runs over {known} entries elsewhere, and over {length} here"
        free = tuple(sorted({*value.free, letter}))
        own = [letter if k == axis else n for k, n in enumerate(names)]
        term = combined([(value, tuple(own), 1)], tuple(rest), free)
        return [replace(value, term=term, free=free, kind=kind, link=None)]
    if place.symbol:
        factor = bracket((length,), (size(1),), 0, [(-1, place.symbol, (), length)])
        return [_contracted(value, axis, factor, (), kind, names, rest)]
    if not place.letters:
        known_place = _constant(place.constant, length, base)
        if isinstance(known_place, str):
            return known_place
        factor = bracket((length,), (size(1),), size(0) - known_place)
        return [_contracted(value, axis, factor, (), kind, names, rest)]
    found = []
    total = sum(c for _, c in place.letters)
    ranges = []
    for name, _ in place.letters:
        if name not in scope.sizes:
            return f"{UNKNOWN}the range of the index {name} is not known"
        ranges.append(scope.sizes[name])
    shifts = {base * (total - 1): "", **({} if total == 1 or not base else {0: "indices count from 0"})}
    for shift, note in shifts.items():
        coefficients = (size(1), *(size(-c) for _, c in place.letters))
        factor = bracket((length, *ranges), coefficients, size(0) - place.constant - size(shift))
        made = _contracted(value, axis, factor, tuple(n for n, _ in place.letters), kind, names, rest)
        found.append(made.noted(note) if note and len(shifts) > 1 else made)
    return found


def _constant(constant: Size, length: Size, base: int) -> Size | str:
    """A fixed place, counted from 0; the name of the size itself is the last entry."""
    if constant.number is not None:
        place = constant.number - base
        if place < 0:
            return f"{UNKNOWN}there is no entry {constant.number}: on paper the first one is {base}"
        if length.number is not None and place >= length.number:
            return f"there is no entry {constant.number} among {length}"
        return size(place)
    if constant is length:
        return length - size(1)
    behind = length - constant
    if behind.number is not None and behind.number >= 0:
        return constant - size(1)
    return f"the last index is {constant}, but there are {length} entries"


def _reduced(kind: Kind, axis: int) -> Kind:
    if kind in ("column", "row"):
        return "scalar"
    if kind == "matrix":
        return "column"
    return "array"


def _contracted(
    value: Value, axis: int, factor: Term, letters: tuple[str, ...], kind: Kind, names: list[str], rest: list[str]
) -> Value:
    free = tuple(sorted({*value.free, *letters}))
    numbers = {n: k for k, n in enumerate((*free, *rest))}
    at = numbers.setdefault(names[axis], len(numbers))
    own = tuple(numbers[n] for n in (*value.free, *names))
    labels = (at, *(numbers[n] for n in letters))
    sizes = dict(zip(own, value.term.sizes, strict=True)) | dict(zip(labels, factor.sizes, strict=True))
    term = product(1, [(value.term, own, 1), (factor, labels, 1)], tuple(range(len(free) + len(rest))), sizes)
    return replace(value, term=term, free=free, kind=kind, link=None)
