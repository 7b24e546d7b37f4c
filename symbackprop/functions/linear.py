"""Linear algebra: products, traces, inverses, determinants, diagonals; axes before the last two are stacks."""

from __future__ import annotations

from ..errors import ShapeError
from ..tensor.normal import delta, product
from ..tensor.size import Size, size
from ..tensor.specials import special
from ..tensor.terms import Factor, Labels, Term
from .shapes import common_shape, shape_text
from .shaping import reshape
from .table import function


def _agree(left: Size, right: Size) -> None:
    if left is not right:
        raise ShapeError(f"the inner sizes {left} and {right} must agree.")


def _needs_axes(*terms: Term) -> None:
    if any(not t.sizes for t in terms):
        raise ShapeError("a matrix product needs arrays on both sides.", remedy="A scalar multiplies with `*`.")


def _square(x: Term) -> Size:
    """The side of a square matrix, or of a stack of them."""
    if len(x.sizes) < 2:
        raise ShapeError("this needs a matrix.")
    if x.sizes[-1] is not x.sizes[-2]:
        raise ShapeError(f"the matrix must be square: {x.sizes[-2]} and {x.sizes[-1]} differ.")
    return x.sizes[-1]


def matmul(x: Term, y: Term) -> Term:
    """Σ_k x_…ik y_…kj: (…, n, k) and (…, k, m) give (…, n, m), broadcast over the axes in front.

    A vector on the left has no i, on the right no j.
    """
    _needs_axes(x, y)
    _agree(x.sizes[-1], y.sizes[-2] if len(y.sizes) > 1 else y.sizes[0])
    lead = common_shape([x.sizes[:-2], y.sizes[:-2]])
    count = len(lead)
    row, column, inner = count, count + 1, count + 2
    sizes: dict[int, Size] = dict(enumerate(lead))
    fresh = inner + 1

    def leading(term: Term) -> Labels:
        nonlocal fresh
        own: list[int] = []
        offset = count - max(len(term.sizes) - 2, 0)
        for axis, length in enumerate(term.sizes[:-2]):
            if length is lead[offset + axis]:
                own.append(offset + axis)
            else:
                own.append(fresh)
                fresh += 1
        return tuple(own)

    of_x = (*leading(x), row, inner) if len(x.sizes) > 1 else (inner,)
    of_y = (*leading(y), inner, column) if len(y.sizes) > 1 else (inner,)
    output = [*range(count), *([row] if len(x.sizes) > 1 else []), *([column] if len(y.sizes) > 1 else [])]
    return product(1, [(x, of_x, 1), (y, of_y, 1)], output, sizes)


def dot(x: Term, y: Term) -> Term:
    """Σ_k x_…k y_…k or x_…k y_…kj: the last axis of x with the only, or last but one, axis of y; scalars multiply."""
    if not x.sizes or not y.sizes:
        shape = x.sizes or y.sizes
        axes = tuple(range(len(shape)))
        return product(1, [(x, axes[: len(x.sizes)], 1), (y, axes[: len(y.sizes)], 1)], axes)
    inner = len(x.sizes) - 1
    of_y = list(range(inner + 1, inner + 1 + len(y.sizes)))
    meeting = max(len(y.sizes) - 2, 0)
    _agree(x.sizes[-1], y.sizes[meeting])
    of_y[meeting] = inner
    output = [*range(inner), *(label for label in of_y if label != inner)]
    return product(1, [(x, tuple(range(inner + 1)), 1), (y, tuple(of_y), 1)], output)


def outer(x: Term, y: Term) -> Term:
    """x_i y_j: (n) and (m) give (n, m); other arrays are flattened first."""
    x, y = (t if len(t.sizes) == 1 else reshape(t, size(-1)) for t in (x, y))
    return product(1, [(x, (0,), 1), (y, (1,), 1)], (0, 1))


def kron(x: Term, y: Term) -> Term:
    """x_ij y_kl at (i p + k, j q + l): (m, n) and (p, q) give (m p, n q); vectors (m) and (p) give (m p)."""
    if len(x.sizes) != len(y.sizes):
        raise ShapeError("both must have the same number of axes.")
    order = len(x.sizes)
    interleaved = [label for axis in range(order) for label in (axis, order + axis)]
    factors: list[Factor] = [(x, tuple(range(order)), 1), (y, tuple(range(order, 2 * order)), 1)]
    shape = tuple(a * b for a, b in zip(x.sizes, y.sizes, strict=True))
    return reshape(product(1, factors, interleaved), *shape)


def trace(x: Term) -> Term:
    """Σ_i x_ii…: (n, n, …) gives (…)."""
    if len(x.sizes) < 2:
        raise ShapeError("this needs a matrix.")
    if x.sizes[0] is not x.sizes[1]:
        raise ShapeError(f"the matrix must be square: {x.sizes[0]} and {x.sizes[1]} differ.")
    rest = tuple(range(1, len(x.sizes) - 1))
    return product(1, [(x, (0, 0, *rest), 1)], rest)


def diag(x: Term) -> Term:
    """x_i δ_ij from a vector (n), giving (n, n); x_ii from a square matrix, giving (n)."""
    if len(x.sizes) == 1:
        return product(1, [(x, (0,), 1), (delta(x.sizes[0]), (0, 1), 1)], (0, 1))
    if len(x.sizes) != 2:
        raise ShapeError("this needs a vector or a matrix.")
    _square(x)
    return product(1, [(x, (0, 0), 1)], (0,))


def inv(x: Term) -> Term:
    """The inverse: Σ_k inv(x)_ik x_kj = δ_ij; (…, n, n), where it exists."""
    _square(x)
    return special("inverse", x, 2)


def det(x: Term) -> Term:
    """Σ_π sign(π) Π_i x_iπ(i): (…, n, n) gives (…)."""
    _square(x)
    return special("det", x, 2)


def logdet(x: Term) -> Term:
    """log |det x|: (…, n, n) gives (…), where x is invertible."""
    _square(x)
    return special("logdet", x, 2)


def einsum(subscripts: str, *operands: Term) -> Term:
    """Σ Π operand[letters] over the letters that the output lacks: einsum("ik,kj->ij", x, y) is x @ y."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    pieces = inputs.split(",")
    if len(pieces) != len(operands):
        raise ShapeError(f'"{subscripts}" describes {len(pieces)} arrays, but there are {len(operands)}.')
    if not all(piece.isalpha() or not piece for piece in (*pieces, output)):
        raise ShapeError(f'"{subscripts}" holds something else than letters, commas and one arrow.')
    letters = [letter for piece in pieces for letter in piece]
    if not arrow:
        output = "".join(sorted({letter for letter in letters if letters.count(letter) == 1}))
    if len(set(output)) < len(output) or not set(output) <= set(letters):
        raise ShapeError(f'the output "{output}" must hold letters of the inputs, each once.')
    sizes: dict[str, Size] = {}
    number = {letter: k for k, letter in enumerate(dict.fromkeys(letters))}
    factors: list[Factor] = []
    for piece, term in zip(pieces, operands, strict=True):
        if len(piece) != len(term.sizes):
            raise ShapeError(f'"{piece}" names {len(piece)} axes of an array that is {shape_text(term.sizes)}.')
        for letter, length in zip(piece, term.sizes, strict=True):
            if sizes.setdefault(letter, length) is not length:
                raise ShapeError(f'the letter "{letter}" stands for the sizes {sizes[letter]} and {length}.')
        factors.append((term, tuple(number[letter] for letter in piece), 1))
    return product(1, factors, [number[letter] for letter in output])


LINEAR = tuple(function("linear", f) for f in (matmul, dot, outer, kron, trace, diag, inv, det, logdet, einsum))
