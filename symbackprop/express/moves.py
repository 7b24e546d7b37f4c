"""The moves that turn an einsum into matrix notation, on pieces that carry labels."""

from __future__ import annotations

from ..notation.tree import Call, Delta, Index, Norm, Pow, Range, Sym, Trans, Tree
from ..tensor import terms as t
from ..tensor.size import Floor
from .pieces import ONES, Item, chain, hadamard, num, together, transposed, transposes, unturned


class Moves:
    """The pieces of one product, and what can be done with them until no move applies.

    `items`: arrays; `top`: scalars, each with its sort key; `dims`: sizes by which the product is still divided;
    `averages`: an inner product divided by its length is a mean.
    """

    term: t.Product
    output: t.Labels
    items: list[Item]
    top: list[tuple[tuple[object, ...], Tree]]
    dims: dict[str | Floor, t.Number]
    averages: bool

    def entrywise(self, labels: t.Labels, trees: list[Tree]) -> Tree:
        """The entrywise product of pieces on the same labels."""
        return together(trees, hadamard) if len(labels) == 1 else hadamard(trees)

    def count(self, label: int) -> int:
        """How many items carry the label."""
        return sum(label in item.labels for item in self.items)

    def reduce(self) -> None:
        """Apply the moves until none applies."""
        while self.merge() or self.pick() or self.contract() or self.sum_out() or self.scale():
            pass

    def merge(self) -> bool:
        """Two items on the same index set: entry by entry, or an inner product or trace if nothing else has them."""
        for a, first in enumerate(self.items):
            for second in self.items[a + 1 :]:
                if set(first.labels) != set(second.labels) or "onehot" in (first.role, second.role):
                    continue
                closed = not any(x in self.output or self.count(x) > 2 for x in first.labels)
                if "delta" in (first.role, second.role):
                    self.merge_delta(first, second)
                elif closed and len(first.labels) == 1:
                    self.add_scalar(self.inner(first, second), first, second)
                elif closed and len(first.labels) == 2:
                    pair = chain(transposed(first.tree), second.turned(first.labels))
                    self.add_scalar(Call("tr", (pair,)), first, second)
                else:
                    items = sorted((first, second), key=lambda item: item.order)
                    labels = first.labels if set(first.labels) != set(self.output) else self.output
                    tree = self.entrywise(labels, [item.turned(labels) for item in items])
                    self.replace((first, second), Item(labels, tree, (2, *items[0].order[1:])))
                return True
        return False

    def merge_delta(self, first: Item, second: Item) -> None:
        """A matrix entry by entry with the identity: its diagonal part, diag(diag(M))."""
        other = second if first.role == "delta" else first
        inner: Tree = Call("diag", (other.tree,))
        self.replace((first, second), Item(other.labels, Call("diag", (inner,)), other.order))

    def inner(self, first: Item, second: Item) -> Tree:
        """uᵀv with the fewest transposes, then by order; a mean where it is divided by its length and repeated."""
        if self.averages and self.takes_mean(first.labels[0]):
            pair = sorted((first, second), key=lambda item: item.order)
            return Call("mean", (unturned(self.entrywise(first.labels, [item.tree for item in pair])),))
        if first.tree == second.tree:
            return Pow(Norm(first.tree), num(2))
        a, b = sorted((first, second), key=lambda item: item.order)
        forms = [chain(transposed(a.tree), b.tree), chain(transposed(b.tree), a.tree)]
        return min(forms, key=transposes)

    def pick(self) -> bool:
        """A one-hot vector against one other array picks an entry, a row, or a slice."""
        for hot in self.items:
            if hot.role != "onehot" or len(hot.labels) != 1 or hot.labels[0] in self.output:
                continue
            label = hot.labels[0]
            partners = [item for item in self.items if item is not hot and label in item.labels]
            if len(partners) != 1 or not isinstance(hot.tree, Call):
                continue
            other = partners[0]
            if not isinstance(other.tree, (Sym, Delta)):
                continue
            at = tuple(hot.tree.args[0] if x == label else Range(None, None) for x in other.labels)
            rest = tuple(x for x in other.labels if x != label)
            tree: Tree = Index(other.tree, at)
            if not rest:
                self.add_scalar(tree, hot, other)
            else:
                picked = Trans(tree) if len(other.labels) == 2 and other.labels[0] == label else tree
                self.replace((hot, other), Item(rest, picked, other.order))
            return True
        return False

    def meetings(self) -> list[tuple[int, Item, Item]]:
        """The summed labels that two items share, those with a declared or named matrix first: chains before sums."""
        found: list[tuple[int, Item, Item]] = []
        for label in sorted({x for item in self.items for x in item.labels}.difference(self.output)):
            pair = [item for item in self.items if label in item.labels]
            if len(pair) == 2 and all(len(item.labels) <= 2 for item in pair):
                if set(pair[0].labels) != set(pair[1].labels):
                    found.append((label, pair[0], pair[1]))
        return sorted(found, key=lambda meeting: -sum(isinstance(i.tree, (Sym, Delta)) for i in meeting[1:]))

    def contract(self) -> bool:
        """A summed label of exactly two items: a matrix product."""
        for label, first, second in self.meetings():
            if len(first.labels) == 1:
                first, second = second, first
            keep = first.labels[0] if first.labels[1] == label else first.labels[1]
            left = first.turned((keep, label))
            if len(second.labels) == 1:
                self.replace((first, second), Item((keep,), chain(left, second.tree), (2, *second.order[1:])))
                return True
            far = second.labels[0] if second.labels[1] == label else second.labels[1]
            if keep == far:
                continue
            forms = [
                ((keep, far), chain(left, second.turned((label, far)))),
                ((far, keep), chain(second.turned((far, label)), first.turned((label, keep)))),
            ]
            labels, tree = min(forms, key=lambda form: transposes(form[1]))
            self.replace((first, second), Item(labels, tree, (2, *min(first.order, second.order)[1:])))
            return True
        return False

    def sum_out(self) -> bool:
        """A summed label of one item only: a product with ones, or a mean where the sum is divided by its length."""
        for item in self.items:
            free = [x for x in item.labels if x not in self.output and self.count(x) == 1]
            if not free or len(item.labels) > 2:
                continue
            label = free[-1]
            unit = self.term.label_sizes[label].number == 1
            mean = not unit and self.takes_mean(label)
            if len(item.labels) == 1:
                total = chain(item.tree.base, ONES) if isinstance(item.tree, Trans) else chain(Trans(ONES), item.tree)
                body = item.tree if unit else Call("mean", (unturned(item.tree),)) if mean else total
                self.add_scalar(body, item)
                return True
            keep = item.labels[0] if item.labels[1] == label else item.labels[1]
            if mean and set(free) == set(item.labels) and self.takes_mean(keep):
                self.add_scalar(Call("mean", (item.tree,)), item)
                return True
            turned = item.turned((keep, label))
            self.replace((item,), Item((keep,), turned if unit else chain(turned, ONES), (2, *item.order[1:])))
            if mean:
                self.dims[self._atom(label)] = -1
            return True
        return False

    def takes_mean(self, label: int) -> bool:
        """Use up a division by the label's length, if there is one and the result is repeated along such an axis."""
        atom = self._atom(label)
        if atom in self.dims and self.dims[atom] == -1 and self.repeats(label):
            del self.dims[atom]
            return True
        return False

    def repeats(self, label: int) -> bool:
        """True if the result is a scalar, or has an axis as long as the label's."""
        length = self.term.label_sizes[label]
        return not self.output or any(self.term.label_sizes[x] is length for x in self.output)

    def _atom(self, label: int) -> str | Floor:
        """The length of the label if it is one name, else the empty string (which no division carries)."""
        monomials = self.term.label_sizes[label].monomials
        if len(monomials) == 1 and monomials[0][1] == 1 and len(monomials[0][0]) == 1 and monomials[0][0][0][1] == 1:
            return monomials[0][0][0][0]
        return ""

    def scale(self) -> bool:
        """A vector on an index that a matrix keeps: diag(v) M or M diag(v); with a delta, diag(v) itself."""
        vectors = [item for item in self.items if len(item.labels) == 1]
        for vector in sorted(vectors, key=lambda item: item.order):
            label = vector.labels[0]
            for other in self.items:
                if other is vector or label not in other.labels or len(other.labels) != 2:
                    continue
                diagonal: Tree = Call("diag", (unturned(vector.tree),))
                if other.role == "delta":
                    self.replace((vector, other), Item(other.labels, diagonal, other.order))
                else:
                    front = other.labels[0] == label
                    tree = chain(diagonal, other.tree) if front else chain(other.tree, diagonal)
                    self.replace((vector, other), Item(other.labels, tree, (2, *other.order[1:])))
                return True
        return False

    def replace(self, old: tuple[Item, ...], new: Item) -> None:
        """Put one item for some."""
        self.items = [item for item in self.items if not any(item is x for x in old)]
        self.items.append(new)

    def add_scalar(self, tree: Tree, *used: Item) -> None:
        """Put a scalar for some items."""
        self.items = [item for item in self.items if not any(item is x for x in used)]
        self.top.append(((4, *used[0].order[1:]), tree))
