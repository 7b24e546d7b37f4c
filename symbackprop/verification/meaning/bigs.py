r"""Sums, extremes, lists with dots: Σ_i, Σ_{t=1}^T, max_i, (x_1, \dots, x_n), [x_{ij}]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...functions import FUNCTIONS
from ...functions.shaping import stack
from ...paper.lexemes import FormulaError, Lexeme
from ...paper.tree import Big, Dots, Listing, Script, Sum, Tree, walk
from ...tensor.normal import from_size
from ...tensor.normal import product as product_of
from ...tensor.size import Size, size
from .conditions import with_condition, without_equal, without_symbol
from .indices import FRESH
from .lexicon import Words, split_scripts, words_of
from .numbered import numbers_of, over_numbers
from .running import index_symbol
from .scope import Misfit, Scope, UnknownLetter
from .values import Value, axes_of, combined, summed, unique

if TYPE_CHECKING:
    from .elaborate import Elaborator


def big(e: Elaborator, operator: Big, body: Tree, scope: Scope) -> list[Value]:
    """Σ, max and min over what follows."""
    operator, body = with_condition(e, operator, body)
    letters, lower, upper, apart = _bounds(e, operator, scope)
    if operator.operator in ("argmax", "expectation"):
        e.refuse(operator, f"`{operator.operator}` over an index is not understood", "Write the factors out.")
    if not letters:
        return _over_everything(e, operator, body, scope)
    letter = letters[0]
    if len(letters) > 1:
        inner = replace(operator, scripts=(_script(operator, "_", letters[1:]),))
        from ...paper.tree import Product

        nested = Product((inner, body), ("",), operator.start, body.end)
        outer = replace(operator, scripts=(_script(operator, "_", letters[:1]),))
        return big(e, outer, nested, scope)
    if operator.operator == "prod":
        if not numbers_of(e, body, letter):
            e.refuse(operator, "`prod` over an index is not understood", "Write the factors out.")
        return over_numbers(e, operator, body, letter, lower, upper, scope)
    try:
        values = e.values(body, scope)
        if any(letter in v.free for v in values) or not numbers_of(e, body, letter):
            return _over_letter(e, operator, values, letter, lower, upper, apart, scope)
    except (UnknownLetter, Misfit):
        if not numbers_of(e, body, letter):
            raise
    return over_numbers(e, operator, body, letter, lower, upper, scope)


def _script(operator: Big, sign: str, letters: Sequence[str]) -> Script:
    words = [w for k, letter in enumerate(letters) for w in ((",", letter) if k else (letter,))]
    lexemes = tuple(Lexeme(w, operator.start, operator.end) for w in words)
    return Script("_" if sign == "_" else "^", lexemes, operator.start, operator.end)


def _bounds(e: Elaborator, operator: Big, scope: Scope) -> tuple[tuple[str, ...], Words, Words, str]:
    """The running letters, what they start and end at, and a letter that they must differ from."""
    lower: Words = ()
    upper: Words = ()
    apart = ""
    below: Words = ()
    for script in operator.scripts:
        if script.sign == "^":
            upper = words_of(script)
        else:
            below = words_of(script)
    if "\\neq" in below:
        at = below.index("\\neq")
        apart = "".join(below[at + 1 :])
        below = below[:at]
    for mark in ("=", "\\in", ":"):
        if mark in below:
            at = below.index(mark)
            below, lower = below[:at], below[at + 1 :] if mark == "=" else ()
    letters = tuple(w for w in below if w != ",")
    if any(not (w.isalpha() and len(w) == 1) and not w.startswith("\\") for w in letters):
        e.refuse(operator, f"`{''.join(below)}` is no index of a sum")
    return letters, lower, upper, apart


def _over_letter(
    e: Elaborator,
    operator: Big,
    values: list[Value],
    letter: str,
    lower: Words,
    upper: Words,
    apart: str,
    scope: Scope,
) -> list[Value]:
    """The sum, or the extreme, over an axis."""
    found: list[Value] = []
    for value in values:
        length = scope.sizes.get(letter)
        if length is None:
            length = _length(e, operator, lower, upper)
            if length is None:
                e.misfit(operator, f"The index {letter} does not occur behind the sum, and its range is not known.")
        else:
            _check_bounds(e, operator, letter, length, lower, upper)
        if operator.operator == "sum":
            e.sums.add(length)
        symbol = index_symbol(e, (apart,)) if apart else None
        if symbol is not None:
            value = without_symbol(e, operator, value, letter, symbol, scope)
        elif apart:
            value = without_equal(e, operator, value, letter, apart, scope)
        if letter not in value.free:
            if operator.operator != "sum":
                found.append(value)
                continue
            axes = tuple(range(value.term.order))
            term = product_of(1, [(value.term, axes, 1), (from_size(length), (), 1)], axes)
            found.append(replace(value, term=term, link=None))
        elif operator.operator == "sum":
            found.append(summed(value, letter))
        else:
            at = value.free.index(letter)
            reduced = FUNCTIONS[operator.operator].build(value.term, axis=at)
            found.append(replace(value, term=reduced, free=tuple(n for n in value.free if n != letter), link=None))
    return unique(found)


def _length(e: Elaborator, operator: Big, lower: Words, upper: Words) -> Size | None:
    from .indices import place_of

    if not upper:
        return None
    last = place_of(upper, Scope(), e.model.size_names())
    first = place_of(lower, Scope(), e.model.size_names()) if lower else None
    if last is None or last.letters or (first is not None and first.letters):
        return None
    return last.constant - (first.constant if first is not None else size(1)) + 1


def _check_bounds(e: Elaborator, operator: Big, letter: str, length: Size, lower: Words, upper: Words) -> None:
    """A sum over a whole axis, from 1 or from 0; refused or wrong otherwise."""
    from .indices import place_of

    if not upper:
        return
    last = place_of(upper, Scope(), e.model.size_names())
    first = place_of(lower, Scope(), e.model.size_names()) if lower else None
    if last is None:
        e.refuse(operator, f"`{''.join(upper)}` is no bound of a sum")
    if last.letters:
        e.notes[f"{''.join(upper)} is the number {length} of what {letter} runs over"] = None
        return
    start = first.constant if first is not None and not first.letters else size(1)
    if last.constant - start + 1 is not length:
        told = f"from {start} to {last.constant}"
        e.misfit(operator, f"The sum over {letter} goes {told}, but there are {length} entries.")


def _over_everything(e: Elaborator, operator: Big, body: Tree, scope: Scope) -> list[Value]:
    """A sum that does not say over what: over examples, over rows or columns, over everything."""
    found: list[Value] = []
    for value in e.values(body, scope):
        if operator.operator != "sum":
            e.refuse(operator, "it does not say over what", "Write the index below.")
        axes = axes_of(value)
        if value.kind == "matrix":
            for gone, kept in ((" r", " c"), (" c", " r")):
                del gone
                term = combined([(value, axes, 1)], (kept,), value.free)
                found.append(Value(term, value.free, "column" if kept == " r" else "row", value.notes))
                found.append(Value(term, value.free, "row" if kept == " r" else "column", value.notes))
        total = combined([(value, axes, 1)], (), value.free)
        if axes:
            found.append(Value(total, value.free, "scalar", value.notes))
    if not found:
        e.refuse(operator, "it does not say over what", "Write the index below.")
    return [
        v.noted("the sum without an index goes over the rows, the columns or everything, whichever fits") for v in found
    ]


def without_dots(tree: Sum) -> list[tuple[int, Tree]]:
    """The terms of a sum; x_1 + … + x_n becomes one, a list of its first and its last."""
    terms = list(tree.terms)
    at = next((k for k, (_, t) in enumerate(terms) if isinstance(t, Dots)), None)
    if at is None or not 0 < at < len(terms) - 1:
        return terms
    first = at - 1
    while first > 0 and terms[first - 1][0] == terms[at - 1][0] and _alike(terms[first - 1][1], terms[at - 1][1]):
        first -= 1
    (sign, head), (_, tail) = terms[first], terms[at + 1]
    return [*terms[:first], (sign, Listing((head, tail), head.start, tail.end)), *terms[at + 2 :]]


def _alike(one: Tree, other: Tree) -> bool:
    """True for x_1 and x_2."""
    return type(one) is type(other) and getattr(one, "base", None) == getattr(other, "base", None)


# ---------------------------------------------------------------------- lists


def listing(e: Elaborator, tree: Listing, scope: Scope) -> list[Value]:
    """Several numbers as a row: (x_1, x_2), (x_1, …, x_n)."""
    items = [t for t in tree.items if not isinstance(t, Dots)]
    if len(items) < len(tree.items):
        if len(items) < 2:
            e.refuse(tree, "dots need a first and a last entry")
        value, length = template(e, items[0], items[-1], scope)
        del length
        return [replace(v, kind="row") for v in as_axis(e, tree, value)]
    return [replace(v, kind="row") for v in stacked(e, tree, scope)]


def stacked(e: Elaborator, tree: Listing, scope: Scope) -> list[Value]:
    """Several numbers as a column."""
    if any(isinstance(t, Dots) for t in tree.items):
        return [replace(v, kind="column") for v in listing(e, tree, scope)]
    parts = [e.values(t, scope)[0] for t in tree.items]
    if any(v.kind != "scalar" or v.free for v in parts):
        e.refuse(tree, "a list has numbers as its entries")
    return [Value(stack(tuple(v.term for v in parts)), (), "column")]


def as_axis(e: Elaborator, tree: Tree, values: list[Value]) -> list[Value]:
    """The running letter of a template as an axis."""
    found = []
    for value in values:
        if value.kind != "scalar" or FRESH not in value.free or len(value.free) > 1:
            e.refuse(tree, "the entries of a list with dots differ in one index")
        found.append(replace(value, free=(), kind="column", link=None))
    return found


def template(e: Elaborator, first: Tree, last: Tree, scope: Scope) -> tuple[list[Value], Size]:
    """What the entries of a list with dots have in common, with a running letter for what differs.

    Raises Misfit if the last index is not the last entry there is.
    """
    difference: list[tuple[Words, Words]] = []
    merged = _merged(e, first, last, difference)
    if not difference or len(set(difference)) > 1:
        e.refuse(last, "the entries of a list with dots differ in one index")
    begin, end = difference[0]
    inner = replace(scope, sizes={k: v for k, v in scope.sizes.items() if k != FRESH})
    values = e.values(merged, inner)
    length = inner.sizes.get(FRESH)
    if length is None:
        e.refuse(last, "the entries of a list with dots differ in one index")
    from .indices import place_of

    start, stop = (place_of(w, Scope(), e.model.size_names()) for w in (begin, end))
    if start is None or stop is None or start.letters or stop.letters:
        e.refuse(last, f"`{''.join(end)}` is no index")
    if stop.constant - start.constant + 1 is not length:
        e.misfit(last, f"The last index is {''.join(end)}, but there are {length} entries.")
    return values, length


def _merged(e: Elaborator, first: Tree, last: Tree, difference: list[tuple[Words, Words]]) -> Tree:
    """The tree of which both are instances, the running letter in place of what differs."""
    if type(first) is not type(last):
        e.refuse(last, "the entries of a list with dots must be written alike")
    changed: dict[str, object] = {}
    for name in first.__dataclass_fields__:
        if name in ("start", "end"):
            continue
        one, other = getattr(first, name), getattr(last, name)
        if one == other:
            continue
        if name == "scripts":
            changed[name] = _merged_scripts(e, last, one, other, difference)
        elif isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
            changed[name] = tuple(_merged_item(e, a, b, last, difference) for a, b in zip(one, other, strict=True))
        elif hasattr(one, "start") and hasattr(other, "start"):
            changed[name] = _merged(e, one, other, difference)
        else:
            e.refuse(last, "the entries of a list with dots must be written alike")
    return replace(last, **changed)  # type: ignore[arg-type]  # the fields of this very class


def _merged_item(e: Elaborator, a: object, b: object, last: Tree, difference: list[tuple[Words, Words]]) -> object:
    if a == b:
        return b
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return tuple(_merged_item(e, x, y, last, difference) for x, y in zip(a, b, strict=True))
    if hasattr(a, "start") and hasattr(b, "start"):
        return _merged(e, a, b, difference)  # type: ignore[arg-type]  # trees have places
    return e.refuse(last, "the entries of a list with dots must be written alike")


def _merged_scripts(
    e: Elaborator, last: Tree, one: Sequence[Script], other: Sequence[Script], difference: list[tuple[Words, Words]]
) -> tuple[Script, ...]:
    if len(one) != len(other):
        e.refuse(last, "the entries of a list with dots must be written alike")
    found = []
    for a, b in zip(one, other, strict=True):
        if a == b or words_of(a) == words_of(b):
            found.append(b)
            continue
        left, right = split_scripts([replace(a, sign="_")])[0], split_scripts([replace(b, sign="_")])[0]
        if len(left) == 1 and len(right) == 1 and len(left[0]) == len(right[0]) > 1:
            left, right = tuple((w,) for w in left[0]), tuple((w,) for w in right[0])
        if len(left) != len(right):
            e.refuse(last, "the entries of a list with dots must be written alike")
        words: list[str] = []
        for x, y in zip(left, right, strict=True):
            if words:
                words.append(",")
            if x != y:
                difference.append((x, y))
                words.append(FRESH)
            else:
                words += y
        found.append(replace(b, lexemes=tuple(Lexeme(w, b.start, b.end) for w in words)))
    return tuple(found)


def array_of_entries(e: Elaborator, body: Tree, values: list[Value], scope: Scope) -> list[Value]:
    """[x_ij] as the matrix with those entries, in either order of its indices; [x_i] as a column."""
    found: list[Value] = []
    for value in values:
        if value.kind != "scalar" or not 1 <= len(value.free) <= 2:
            continue
        if any(n in scope.running for n in value.free):
            continue
        if len(value.free) == 1:
            found.append(Value(value.term, (), "column", value.notes))
            continue
        order = _reading_order(body, value.free)
        turned = value.term if order == value.free else product_of(1, [(value.term, (0, 1), 1)], (1, 0))
        other = product_of(1, [(turned, (0, 1), 1)], (1, 0))
        found.append(Value(turned, (), "matrix", value.notes))
        found.append(Value(other, (), "matrix", value.notes).noted("[x_ij] has its second index down the rows"))
    return found


def _reading_order(body: Tree, letters: tuple[str, ...]) -> tuple[str, ...]:
    seen: dict[str, None] = {}
    best: tuple[str, ...] = ()
    for tree in walk(body):
        scripts = getattr(tree, "scripts", ())
        own = [w for s in scripts for w in words_of(s) if w in letters]
        if len(set(own)) == 2 and not best:
            best = tuple(dict.fromkeys(own))
        seen.update(dict.fromkeys(own))
    return best or tuple(seen)


__all__ = ["FRESH", "FormulaError", "array_of_entries", "big", "listing", "stacked", "template"]
