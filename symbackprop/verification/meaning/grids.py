r"""Matrices and definitions by cases, written out; dots on the diagonal or in a column."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...functions.shaping import stack
from ...paper.tree import Compare, Dots, Grid, Num, Tree, Words
from ...tensor.normal import apply, as_number, delta, number, product
from ...tensor.terms import Map, Term
from .lexicon import split_scripts
from .scope import Scope
from .values import Value, elementwise, plus

if TYPE_CHECKING:
    from .elaborate import Elaborator

ELSE = ("otherwise", "else", "sonst", "otherwise.", "else.")


def grid(e: Elaborator, tree: Grid, scope: Scope) -> list[Value]:
    """The value of a matrix, or of a definition by cases."""
    pieces = _pieces(tree)
    values = matrix(e, tree, scope) if pieces is None else [by_cases(e, tree, pieces, scope)]
    if tree.environment in ("vmatrix", "Vmatrix"):
        from .functions import whole

        made = whole("det", values[0])
        if isinstance(made, str):
            e.misfit(tree, made)
        values = made
    sub, sup = split_scripts(tree.scripts)
    if sub:
        values = e.entries(tree, values, sub, scope)
    return e.raised(tree, values, sup, scope)


def _pieces(tree: Grid) -> list[tuple[Tree, Compare | None]] | None:
    """(value, condition) pairs if the grid is a definition by cases."""
    found: list[tuple[Tree, Compare | None]] = []
    for row in tree.rows:
        entries = [x for x in row if x is not None]
        if len(entries) != 2:
            return None
        value, condition = entries
        if isinstance(condition, Compare):
            found.append((value, condition))
        elif isinstance(condition, Words) and condition.text.strip().lower() in ELSE:
            found.append((value, None))
        else:
            return None
    return found


def by_cases(e: Elaborator, tree: Grid, pieces: list[tuple[Tree, Compare | None]], scope: Scope) -> Value:
    """Values under conditions, entry by entry; the last one holds where no other does."""
    made: Value | None = None
    for body, condition in reversed(pieces):
        value = e.values(body, scope)[0]
        if made is None:
            made = value
            if condition is not None and not _covers(e, pieces, scope):
                made = _with_gap(e, tree, value, condition, scope)
            continue
        if condition is None:
            e.refuse(tree, "`otherwise` stands last")
        test = e.indicator(condition, scope)
        narrow = plus(replace(test, term=test.term * 0), value, 1)
        wide = plus(narrow[0], replace(made, term=made.term * 0), 1) if narrow else []
        if not wide:
            e.misfit(tree, "The cases have different shapes.")
        shape = wide[0]
        parts = [_on(shape, v) for v in (test, value, made)]
        made = replace(shape, term=apply("where", parts), link=None)
    assert made is not None
    return made


def _covers(e: Elaborator, pieces: list[tuple[Tree, Compare | None]], scope: Scope) -> bool:
    """True for two conditions of which one is the other's opposite, up to where both sides are equal."""
    last = pieces[-1][1]
    assert last is not None
    second = e.indicator(last, scope).term
    first = pieces[0][1]
    if len(pieces) != 2 or first is None:
        return False
    other = e.indicator(first, scope).term
    if other.sizes != second.sizes:
        return False
    if as_number(other + second) == 1:
        return True
    steps = [t for t in (other, second) if isinstance(t, Map) and t.head == "step"]
    loose = [t for t in (1 - other, 1 - second) if isinstance(t, Map) and t.head == "step"]
    return any(len(pair) == 2 and (pair[0].children[0] + pair[1].children[0]).is_zero for pair in (steps, loose))


def _with_gap(e: Elaborator, tree: Grid, value: Value, condition: Compare, scope: Scope) -> Value:
    """The last value where its condition holds, and something else where it does not: no claim may rest on that."""
    test = e.indicator(condition, scope)
    wide = plus(replace(test, term=test.term * 0), value, 1)
    if not wide:
        e.misfit(tree, "The cases have different shapes.")
    shape = wide[0]
    inside, chosen = _on(shape, value), _on(shape, test)
    return replace(shape, term=apply("where", [chosen, inside, inside * 2 + 1]), link=None)


def _on(shape: Value, value: Value) -> Term:
    """The value's term on the axes of a shape."""
    return plus(replace(shape, term=shape.term * 0), value, 1)[0].term


def matrix(e: Elaborator, tree: Grid, scope: Scope) -> list[Value]:
    """Entries in rows and columns; blanks are 0."""
    rows = tree.rows
    width = max(map(len, rows), default=0)
    if any(isinstance(x, Dots) for row in rows for x in row):
        return _dotted(e, tree, scope)
    terms = []
    for row in rows:
        line = []
        for entry in (*row, *(None,) * (width - len(row))):
            value = Value(number(0)) if entry is None else e.values(entry, scope)[0]
            if value.kind != "scalar" or value.free:
                e.refuse(tree, "a matrix has numbers as its entries", "Matrices of blocks are not read.")
            line.append(value.term)
        terms.append(stack(tuple(line)))
    if width == 1:
        return [
            Value(stack(tuple(e.values(row[0], scope)[0].term for row in rows if row[0] is not None)), (), "column")
        ]
    if len(rows) == 1:
        return [Value(terms[0], (), "row")]
    return [Value(stack(tuple(terms)), (), "matrix")]


def _dotted(e: Elaborator, tree: Grid, scope: Scope) -> list[Value]:
    """diag(x_1, …, x_n) with dots on the diagonal, a column with dots, or a whole matrix with dots."""
    from .bigs import as_axis, template

    rows = [list(row) for row in tree.rows]
    if all(len(row) == 1 for row in rows):
        entries = [row[0] for row in rows if row[0] is not None and not isinstance(row[0], Dots)]
        if len(entries) < 2:
            e.refuse(tree, "dots need a first and a last entry")
        values, _ = template(e, entries[0], entries[-1], scope)
        return as_axis(e, tree, values)
    if len(rows) == 1:
        entries = [x for x in rows[0] if x is not None and not isinstance(x, Dots)]
        values, _ = template(e, entries[0], entries[-1], scope)
        return [replace(v, kind="row") for v in as_axis(e, tree, values)]
    size = len(rows)
    square = all(len(row) == size for row in rows)
    off = [x for i, row in enumerate(rows) for j, x in enumerate(row) if i != j]
    empty = all(x is None or isinstance(x, Dots) or (isinstance(x, Num) and x.value == 0) for x in off)
    if not square or not empty:
        e.refuse(tree, "a matrix with dots is read if it is diagonal", "Write its entries as x_{ij}.")
    diagonal = [row[i] for i, row in enumerate(rows) if not isinstance(row[i], Dots)]
    if len(diagonal) < 2 or diagonal[0] is None or diagonal[-1] is None:
        e.refuse(tree, "dots need a first and a last entry")
    values, _ = template(e, diagonal[0], diagonal[-1], scope)
    found = []
    for vector in as_axis(e, tree, values):
        length = vector.term.sizes[0]
        term = product(1, [(vector.term, (0,), 1), (delta(length), (0, 1), 1)], (0, 1))
        found.append(Value(term, (), "matrix", vector.notes))
    return found


__all__ = ["by_cases", "elementwise", "grid", "matrix"]
