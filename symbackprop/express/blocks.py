"""Hessian blocks as matrices: rows are the entries of the first variable, columns those of the second, each by vec.

With column-stacking vec the row index of an entry (i, j) runs over i fastest, so a block Σ A[j, l] B[i, k] is A ⊗ B.
The product is split into components connected by labels; if they can be ordered so that row and column labels both
appear in vec order, the block is their Kronecker product; if that needs the column labels the other way round, it is a
Kronecker product times the commutation matrix K, where K vec(X) = vec(Xᵀ) (Magnus & Neudecker 1979).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import Literal

from ..notation.tree import Block, Call, Prod, Special, Sum, Trans, Tree
from ..tensor import terms as t
from ..tensor.normal import magnitude, product, scaled
from ..tensor.size import Size, size
from .around import Sides, around, connected
from .order import block_names
from .pieces import all_transposes, chain, juxtaposed, num, transposed
from .writer import NoMatrixForm, Writer, size_tree

Vec = Literal["column", "row"]
MOST = 5  # components that are tried in every order


@dataclass(frozen=True, slots=True)
class Component:
    """A connected piece of a block: the output labels it carries, and its formula (rows before columns)."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    tree: Tree


def block(writer: Writer, term: t.Term, rows: int, vec: Vec = "column") -> Tree | None:
    """The block of shape p + q, where p has `rows` axes, as a matrix formula; None if there is none."""
    try:
        return _block(writer, term, rows, vec)
    except NoMatrixForm:
        return None


def _block(writer: Writer, term: t.Term, rows: int, vec: Vec) -> Tree:
    columns = term.order - rows
    if term.is_zero:
        return writer.zero(term)
    around_one = isinstance(term, t.Product) and any((_row_axes(writer, f[0]) or 0) > 1 for f in term.factors)
    if rows <= 1 and columns <= 1 and not around_one:
        tree = writer.part(term)
        return transposed(tree) if rows == 0 and columns == 1 else tree
    if isinstance(term, t.Sum) and term.terms:
        return _sum(writer, term, rows, vec)
    if isinstance(term, t.Product):
        return _kronecker(writer, term, rows, vec)
    factors: list[t.Factor] = [(term, tuple(range(term.order)), 1)]
    return _assembled(writer, 1, factors, term, rows, vec)


def _sum(writer: Writer, term: t.Sum, rows: int, vec: Vec) -> Tree:
    ordered = sorted(term.terms, key=lambda ct: writer.ranks.in_sum(ct[1]))
    parts: list[tuple[int, Tree]] = []
    for c, x in ordered:
        tree = _block(writer, scaled(magnitude(c), x), rows, vec)
        sign = 1 if c > 0 else -1
        own, tree = _signed(tree)
        parts.append((sign * own, tree))
    if parts[0][0] < 0:
        parts.sort(key=lambda pair: pair[0] < 0)
    return _common_kron(parts) or Sum(tuple(parts))


def _common_kron(parts: list[tuple[int, Tree]]) -> Tree | None:
    """A ⊗ B − 2 A ⊗ C as A ⊗ (B − 2 C), and likewise on the other side; None if nothing is shared."""
    split: list[tuple[int, tuple[Tree, ...], Prod]] = []
    for sign, tree in parts:
        *front, last = tree.factors if isinstance(tree, Prod) and tree.op == "juxtapose" else (tree,)
        if not isinstance(last, Prod) or last.op != "kron" or len(last.factors) != 2:
            return None
        if any(isinstance(x, Block) for x in front):  # A H (B ⊗ C): what stands in front is no number
            return None
        split.append((sign, tuple(front), last))
    for place in (0, 1):
        if len(split) > 1 and len({kron.factors[place] for _, _, kron in split}) == 1:
            rest = [(sign, _scaled(1, list(front), kron.factors[1 - place])) for sign, front, kron in split]
            shared, inner = split[0][2].factors[place], Sum(tuple(rest))
            return Prod((shared, inner) if place == 0 else (inner, shared), "kron")
    return None


def _kronecker(writer: Writer, term: t.Product, rows: int, vec: Vec) -> Tree:
    """A product; a number times a sum is the sum of the blocks, with the number in front."""
    child, labels, exponent = term.factors[0] if term.factors else (term, (), 1)
    if len(term.factors) == 1 and isinstance(child, t.Sum) and exponent == 1 and labels == tuple(range(term.order)):
        if term.coefficient < 0:
            child = t.make_sum(tuple((-c, x) for c, x in child.terms), child.sizes)
        return _scaled(magnitude(term.coefficient), [], _sum(writer, child, rows, vec))
    inner = [f for f in term.factors if any(x < term.order for x in f[1])]
    if len(inner) == 1 and isinstance(inner[0][0], t.Sum) and inner[0][1:] == (tuple(range(term.order)), 1):
        sign, front = _signed(
            writer.part(product(term.coefficient, [f for f in term.factors if f is not inner[0]], ()))
        )
        return _scaled(sign, [front], _sum(writer, inner[0][0], rows, vec))
    sides = around(term, rows, lambda child: _row_axes(writer, child))
    if sides is not None:
        return _through(writer, sides, vec)
    return _assembled(writer, term.coefficient, list(term.factors), term, rows, vec)


def _through(writer: Writer, sides: Sides, vec: Vec) -> Tree:
    """left H right, with scalars in front."""
    tree: Tree = Block(*sides.names)
    sign = 1
    if sides.left is not None:
        own, left = _signed(_sized(_block(writer, sides.left, sides.rows, vec), sides.left.sizes[sides.rows :]))
        sign, tree = sign * own, chain(left, tree)
    if sides.right is not None:
        own, right = _signed(_sized(_block(writer, sides.right, sides.inner, vec), sides.right.sizes[sides.inner :]))
        sign, tree = sign * own, chain(tree, right)
    own, front = _signed(writer.part(sides.front))
    whole = tree if front == num(1) else juxtaposed([front, tree])
    return whole if sign * own > 0 else Sum(((-1, whole),))


def _sized(tree: Tree, sizes: tuple[Size, ...]) -> Tree:
    """The formula with the shape m × n of the matrices that its K takes by vec, as K_{mn} (Magnus & Neudecker)."""
    if isinstance(tree, Sum):
        return Sum(tuple((sign, _sized(x, sizes)) for sign, x in tree.terms))
    if isinstance(tree, Prod) and tree.op == "juxtapose" and tree.factors[-1] == Special("commutation"):
        shape = Prod(tuple(map(size_tree, sizes)))
        return Prod((*tree.factors[:-1], Special("commutation", shape)))
    return tree


def _signed(tree: Tree) -> tuple[int, Tree]:
    """A formula and its sign, which a negative gives up."""
    if isinstance(tree, Sum) and len(tree.terms) == 1:
        return tree.terms[0]
    return 1, tree


def _assembled(
    writer: Writer, coefficient: t.Number, factors: list[t.Factor], term: t.Term, rows: int, vec: Vec
) -> Tree:
    """The components in a valid order, with scalars in front."""
    sizes = dict(enumerate(term.label_sizes if isinstance(term, t.Product) else term.sizes))
    row_order, column_order = tuple(range(rows)), tuple(range(rows, term.order))
    factors, row_order, column_order = _collapsed(writer, factors, row_order, column_order, sizes)
    scalars: list[t.Factor] = [f for f in factors if not f[1]]
    groups = connected([f for f in factors if f[1]])
    if vec == "column":
        row_order, column_order = row_order[::-1], column_order[::-1]
    components: list[Component] = []
    for group in groups:
        carried = {x for _, labels, _ in group for x in labels}
        r = tuple(sorted(carried.intersection(row_order)))
        c = tuple(sorted(carried.intersection(column_order)))
        if not r and not c:
            scalars.extend(group)
            continue
        tree = _component(writer, group, r, c, sizes)
        sign, tree = _signed(tree)
        coefficient = coefficient if sign > 0 else -coefficient
        components.append(Component(r, c, tree))
    covered = {x for k in components for x in (*k.rows, *k.columns)}
    ones: Tree = Special("ones")
    components += [Component((x,), (), ones) for x in row_order if x not in covered]
    components += [Component((), (x,), Trans(ones)) for x in column_order if x not in covered]
    tree = _ordered(components, row_order, column_order)
    if not scalars:
        return _scaled(coefficient, [], tree)
    sign, front = _signed(writer.part(product(coefficient, scalars, (), {})))
    return _scaled(sign, [front], tree)


def _own(factors: list[t.Factor], sizes: dict[int, Size]) -> dict[int, Size]:
    """The sizes of the labels that the factors carry."""
    return {x: sizes[x] for _, labels, _ in factors for x in labels}


def _row_axes(writer: Writer, term: t.Term) -> int | None:
    """How many axes of a block's symbol belong to its rows; None for any other term."""
    names = block_names(term.name) if isinstance(term, t.Symbol) else None
    return None if names is None else writer.orders[names[0]]


def _collapsed(
    writer: Writer, factors: list[t.Factor], rows: tuple[int, ...], columns: tuple[int, ...], sizes: dict[int, Size]
) -> tuple[list[t.Factor], tuple[int, ...], tuple[int, ...]]:
    """Blocks that stand for themselves are matrices already: all row labels of one become one label, or all columns."""
    found: list[t.Factor] = []
    for child, labels, exponent in factors:
        groups = _row_axes(writer, child)
        if groups is not None and child.order > 2:
            new: list[int] = []
            for group in (labels[:groups], labels[groups:]):
                if len(group) > 1:
                    others = [x for f in factors if f[0] is not child for x in f[1]]
                    if group not in (rows, columns) or set(group) & set(others):
                        raise NoMatrixForm
                    fresh = max(sizes) + 1
                    length = size(1)
                    for x in group:
                        length = length * sizes[x]
                    sizes[fresh] = length
                    rows, columns = ((fresh,), columns) if group == rows else (rows, (fresh,))
                    group = (fresh,)
                new.extend(group)
            assert isinstance(child, t.Symbol)
            child, labels = t.symbol(child.name, tuple(sizes[x] for x in new)), tuple(new)
        found.append((child, labels, exponent))
    return found, rows, columns


def _component(
    writer: Writer,
    group: list[t.Factor],
    rows: tuple[int, ...],
    columns: tuple[int, ...],
    sizes: dict[int, Size],
) -> Tree:
    """The formula of one component: a matrix (row label, column label), a column, a row, or a vec of a matrix."""
    sizes = _own(group, sizes)
    if len(rows) <= 1 and len(columns) <= 1:
        whole = product(1, group, (*rows, *columns), sizes)
        negative = isinstance(whole, t.Sum) and writer.decisive_sign(whole) < 0
        sign, tree = _signed(writer.part(scaled(-1, whole) if negative else whole))
        tree = tree if rows else min(transposed(tree), Trans(tree), key=all_transposes)
        return tree if (sign > 0) != negative else Sum(((-1, tree),))
    standing = _on_diagonal(group, rows, columns)
    if standing is not None:
        whole = product(1, standing, rows, {x: sizes[x] for x in rows})
        negative = isinstance(whole, t.Sum) and writer.decisive_sign(whole) < 0
        sign, tree = _signed(writer.part(scaled(-1, whole) if negative else whole))
        tree = Call("diag", (Call("vec", (tree,)),))
        return tree if (sign > 0) != negative else Sum(((-1, tree),))
    if len(rows) == 2 and not columns:
        return Call("vec", (writer.part(product(1, group, rows, sizes)),))
    if len(columns) == 2 and not rows:
        matrix = writer.part(product(1, group, columns, sizes))
        return Trans(Call("vec", (matrix,)))
    raise NoMatrixForm


def _on_diagonal(group: list[t.Factor], rows: tuple[int, ...], columns: tuple[int, ...]) -> list[t.Factor] | None:
    """What stands on the diagonal of diag(vec(M)): deltas tie each column label to its row label. None for others."""
    if len(rows) != 2 or len(columns) != 2:
        return None
    tied = {tuple(sorted(f[1])) for f in group if isinstance(f[0], t.Bracket) and f[0].is_delta}
    rest = [f for f in group if not (isinstance(f[0], t.Bracket) and f[0].is_delta)]
    place = dict(zip(columns, rows, strict=True))
    if tied != set(zip(rows, columns, strict=True)):
        return None
    return [(f, tuple(place.get(x, x) for x in labels), e) for f, labels, e in rest]


def _ordered(components: list[Component], rows: tuple[int, ...], columns: tuple[int, ...]) -> Tree:
    """The Kronecker product of the components in an order that fits, times K if the columns have to be exchanged."""
    if len(components) > MOST:
        raise NoMatrixForm
    for wanted, exchanged in ((columns, False), (columns[::-1], True)):
        fitting = [
            order
            for order in permutations(components)
            if _in_order([x for k in order for x in _vec(k.rows, rows)], rows)
            and _in_order([x for k in order for x in _vec(k.columns, columns if not exchanged else wanted)], wanted)
        ]
        if fitting:
            best = min((_merged(order) for order in fitting), key=len)
            tree = best[0] if len(best) == 1 else Prod(tuple(best), "kron")
            return Prod((tree, Special("commutation"))) if exchanged else tree
    raise NoMatrixForm


def _vec(labels: tuple[int, ...], order: tuple[int, ...]) -> list[int]:
    return sorted(labels, key=order.index)


def _in_order(labels: list[int], wanted: tuple[int, ...]) -> bool:
    return tuple(labels) == wanted


def _merged(order: tuple[Component, ...]) -> list[Tree]:
    """The trees, where a column next to a row becomes their outer product."""
    trees: list[Tree] = []
    k = 0
    while k < len(order):
        a = order[k]
        b = order[k + 1] if k + 1 < len(order) else None
        if b is not None and len(a.rows) == 1 and not a.columns and len(b.columns) == 1 and not b.rows:
            trees.append(chain(a.tree, b.tree))
            k += 2
        elif b is not None and len(b.rows) == 1 and not b.columns and len(a.columns) == 1 and not a.rows:
            trees.append(chain(b.tree, a.tree))
            k += 2
        else:
            trees.append(a.tree)
            k += 1
    return trees


def _scaled(coefficient: t.Number, front: list[Tree], tree: Tree) -> Tree:
    sign = -1 if coefficient < 0 else 1
    if magnitude(coefficient) != 1:
        front = [num(magnitude(coefficient)), *front]
    pieces = tree.factors if isinstance(tree, Prod) and tree.op == "juxtapose" else (tree,)
    whole = juxtaposed([*front, *pieces]) if front else tree
    return whole if sign > 0 else Sum(((-1, whole),))
