"""Tensor terms: immutable, interned, equal terms are the same object.

A term is an array; its axes are numbered 0, 1, ..., and `sizes` says how long each is. Names of axes (labels) live only
inside a `Product`, where they say which axes of its factors meet:

    Symbol     a named array
    Constant   a named number (pi), or a prime number under a fractional power
    Dim        a size used as a number
    Product    c · Π factor[labels]^exponent, summed over every label that is not an output label: an einsum with powers
    Sum        Σ c · term, all of one shape
    Map        a scalar function applied entry by entry
    Bracket    1 where a linear form in positions, sizes and integer symbols is zero, else 0 (delta, shift, slice, ...)
    Special    the few operations that are none of these (inverse, softmax, argmax, ...): see `specials`

Only the constructors in `normal` build normal forms; the classes here store what they are given. Identity is decided by
`digest`, a hash of structure that is the same in every process.
"""

from __future__ import annotations

from fractions import Fraction
from hashlib import blake2b
from typing import TypeAlias
from weakref import WeakValueDictionary

from .size import ONE, Floor, Size, size

Number: TypeAlias = int | Fraction
Labels: TypeAlias = tuple[int, ...]
Factor: TypeAlias = "tuple[Term, Labels, Number]"
Index: TypeAlias = tuple[Size, str, Labels, Size]


class Term:
    """Base of all terms. `sizes`: the shape, a tuple of Size; `children`: the terms directly inside."""

    __slots__ = ("__weakref__", "children", "digest", "sizes")
    digest: bytes
    sizes: tuple[Size, ...]
    children: tuple[Term, ...]

    @property
    def order(self) -> int:
        """The number of axes."""
        return len(self.sizes)

    @property
    def is_zero(self) -> bool:
        """True for the array of zeros in normal form."""
        return False

    def __repr__(self) -> str:
        from .show import show

        return show(self)

    # Arithmetic entry by entry, between terms of one shape or with a scalar: sugar over `normal`, which imports this.
    def __add__(self, other: Term | Number) -> Term:
        from .normal import add_entrywise

        return add_entrywise(self, other, 1)

    __radd__ = __add__

    def __sub__(self, other: Term | Number) -> Term:
        from .normal import add_entrywise

        return add_entrywise(self, other, -1)

    def __rsub__(self, other: Number) -> Term:
        return -self + other

    def __neg__(self) -> Term:
        from .normal import scaled

        return scaled(-1, self)

    def __mul__(self, other: Term | Number) -> Term:
        from .normal import multiply_entrywise

        return multiply_entrywise(self, other, 1)

    __rmul__ = __mul__

    def __truediv__(self, other: Term | Number) -> Term:
        from .normal import multiply_entrywise

        return multiply_entrywise(self, other, -1)

    def __rtruediv__(self, other: Number) -> Term:
        return self**-1 * other

    def __pow__(self, exponent: Number) -> Term:
        from .normal import powered

        return powered(self, exponent)


_INTERNED: WeakValueDictionary[bytes, Term] = WeakValueDictionary()


def _digest(*parts: object) -> bytes:
    """16 bytes that depend on the parts alone; a part is bytes, or has an exact str."""
    packed = bytearray()
    for part in parts:
        piece = part if isinstance(part, bytes) else str(part).encode()
        packed += len(piece).to_bytes(4, "big")
        packed += piece
    return blake2b(packed, digest_size=16).digest()


class Symbol(Term):
    """A named array; what the name stands for (role, facts, spelling) is the network's business, not the term's."""

    __slots__ = ("name",)
    name: str


class Constant(Term):
    """A scalar: `pi` as a string, or an integer that is no perfect power, for use under fractional exponents."""

    __slots__ = ("value",)
    value: str | int


class Dim(Term):
    """A scalar: the value of one atom of a size (a name, or a floor division)."""

    __slots__ = ("atom",)
    atom: str | Floor


class Product(Term):
    """coefficient · Σ Π factor[labels]^exponent.

    Labels are 0, 1, ...; the first `order` of them are the output axes in order, the others are summed.
    `label_sizes` has the size of every label. A label in no factor is an output axis along which the term is constant.
    `bare` is the product without its coefficient, once it is known.
    """

    __slots__ = ("bare", "coefficient", "factors", "label_sizes")
    coefficient: Number
    factors: tuple[Factor, ...]
    label_sizes: tuple[Size, ...]
    bare: Term | None

    @property
    def summed(self) -> range:
        """The summed labels."""
        return range(len(self.sizes), len(self.label_sizes))


class Sum(Term):
    """Σ coefficient · term; at least two terms, or none at all for the array of zeros.

    Coefficients are integers without a common divisor, the first one positive; the terms carry no coefficient.
    `upright` is the sum or its transpose, whichever of the two stands in products, `symmetric` whether both are one;
    each once a product has asked.
    """

    __slots__ = ("symmetric", "terms", "upright")
    terms: tuple[tuple[Number, Term], ...]
    upright: Term | None
    symmetric: bool

    @property
    def is_zero(self) -> bool:
        """True for the sum of no terms."""
        return not self.terms


class Map(Term):
    """A scalar function (a name in `heads`) of arrays of one shape, entry by entry; the rest as for a sum."""

    __slots__ = ("head", "symmetric", "upright")
    head: str
    upright: Term | None
    symmetric: bool


class Bracket(Term):
    """1 where Σ coefficients[k] · position_k + constant + Σ c · symbol[positions] = 0, else 0.

    `indices`: (coefficient, name of the integer symbol, the axes that subscript it, its range); positions and values of
    integer symbols count from 0.
    """

    __slots__ = ("coefficients", "constant", "indices")
    coefficients: tuple[Size, ...]
    constant: Size
    indices: tuple[Index, ...]

    @property
    def is_delta(self) -> bool:
        """True for δ_ij: two positions of one size that must be equal."""
        return (
            len(self.sizes) == 2
            and self.sizes[0] is self.sizes[1]
            and not self.indices
            and self.constant.number == 0
            and self.coefficients[0].number == 1
            and self.coefficients[1].number == -1
        )


class Special(Term):
    """An operation of the table in `specials`, over the last `axes` axes of its arguments."""

    __slots__ = ("axes", "operation")
    operation: str
    axes: int


def _intern(term: Term, digest: bytes, sizes: tuple[Size, ...], children: tuple[Term, ...]) -> Term:
    term.digest = digest
    term.sizes = sizes
    term.children = children
    return _INTERNED.setdefault(digest, term)


def symbol(name: str, sizes: tuple[Size | int | str, ...] = ()) -> Symbol:
    """The array of that name and shape."""
    shape = tuple(map(size, sizes))
    digest = _digest("symbol", name, *(s.key for s in shape))
    known = _INTERNED.get(digest)
    if known is None:
        term = Symbol()
        term.name = name
        known = _intern(term, digest, shape, ())
    assert isinstance(known, Symbol)
    return known


def constant(value: str | int) -> Constant:
    """The named number; integers only as bases of fractional powers."""
    digest = _digest("constant", value)
    known = _INTERNED.get(digest)
    if known is None:
        term = Constant()
        term.value = value
        known = _intern(term, digest, (), ())
    assert isinstance(known, Constant)
    return known


def dim(atom: str | Floor) -> Dim:
    """The size atom as a scalar."""
    digest = _digest("dim", atom)
    known = _INTERNED.get(digest)
    if known is None:
        term = Dim()
        term.atom = atom
        known = _intern(term, digest, (), ())
    assert isinstance(known, Dim)
    return known


def make_product(
    coefficient: Number, factors: tuple[Factor, ...], label_sizes: tuple[Size, ...], order: int
) -> Product:
    """Store a product whose labels and factor order are canonical already: only `normal` calls this."""
    parts: list[object] = ["product", coefficient, order]
    parts += [s.key for s in label_sizes]
    for factor, labels, exponent in factors:
        parts += [factor.digest, labels, exponent]
    digest = _digest(*parts)
    known = _INTERNED.get(digest)
    if known is None:
        term = Product()
        term.coefficient, term.factors, term.label_sizes = coefficient, factors, label_sizes
        term.bare = None
        known = _intern(term, digest, label_sizes[:order], tuple(f[0] for f in factors))
    assert isinstance(known, Product)
    return known


def make_sum(terms: tuple[tuple[Number, Term], ...], sizes: tuple[Size, ...]) -> Sum:
    """Store a sum whose terms are in canonical order already: only `normal` calls this."""
    parts: list[object] = ["sum", *(s.key for s in sizes)]
    for coefficient, child in terms:
        parts += [coefficient, child.digest]
    digest = _digest(*parts)
    known = _INTERNED.get(digest)
    if known is None:
        term = Sum()
        term.terms = terms
        term.upright, term.symmetric = None, False
        known = _intern(term, digest, sizes, tuple(t for _, t in terms))
    assert isinstance(known, Sum)
    return known


def make_map(head: str, args: tuple[Term, ...]) -> Map:
    """Store a map of arguments of one shape: use `normal.apply`."""
    digest = _digest("map", head, *(a.digest for a in args))
    known = _INTERNED.get(digest)
    if known is None:
        term = Map()
        term.head = head
        term.upright, term.symmetric = None, False
        known = _intern(term, digest, args[0].sizes, args)
    assert isinstance(known, Map)
    return known


def make_bracket(
    sizes: tuple[Size, ...],
    coefficients: tuple[Size, ...],
    constant: Size,
    indices: tuple[Index, ...] = (),
) -> Bracket:
    """Store a bracket whose axes are in canonical order: use `normal.bracket`."""
    parts: list[object] = ["bracket", len(sizes), *(s.key for s in sizes), *(c.key for c in coefficients), constant.key]
    for coefficient, name, axes, stop in indices:
        parts += [coefficient.key, name, axes, stop.key]
    digest = _digest(*parts)
    known = _INTERNED.get(digest)
    if known is None:
        term = Bracket()
        term.coefficients, term.constant, term.indices = coefficients, constant, indices
        known = _intern(term, digest, sizes, ())
    assert isinstance(known, Bracket)
    return known


def make_special(operation: str, args: tuple[Term, ...], axes: int, sizes: tuple[Size, ...]) -> Special:
    """Store a special operation of the given shape: use `specials`."""
    digest = _digest("special", operation, axes, *(a.digest for a in args))
    known = _INTERNED.get(digest)
    if known is None:
        term = Special()
        term.operation, term.axes = operation, axes
        known = _intern(term, digest, sizes, args)
    assert isinstance(known, Special)
    return known


def delta_bracket(length: Size) -> Bracket:
    """δ_ij for positions i, j in range(length)."""
    return make_bracket((length, length), (ONE, -ONE), size(0))
