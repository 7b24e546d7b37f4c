"""What functions are made of, for proofs of equality: sigmoid is e^x/(1 + e^x), relu is x step(x), and so on.

Each definition is a term over expanded arguments, expanded in turn; what has none is an atom of its expanded arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from .normal import add, apply, as_number, content, exact, factorised, from_size, number, product, unit
from .specials import extent, mean_of, special
from .substitute import subterms
from .terms import Bracket, Factor, Labels, Map, Number, Product, Special, Sum, Term, constant

if TYPE_CHECKING:
    from .expand import Expander

HALF = Fraction(1, 2)


def _of(name: str) -> Callable[..., Term]:
    return lambda *args: apply(name, args)


exp, log, step, sin, cos, erf, sigmoid = map(_of, ("exp", "log", "step", "sin", "cos", "erf", "sigmoid"))


UNFOLDED: dict[str, Callable[..., Term]] = {
    "sigmoid":    lambda x: exp(x) * (1 + exp(x)) ** -1,
    "tanh":       lambda x: (exp(x) ** 2 - 1) * (exp(x) ** 2 + 1) ** -1,
    "sinh":       lambda x: (exp(x) - exp(x) ** -1) / 2,
    "cosh":       lambda x: (exp(x) + exp(x) ** -1) / 2,
    "softplus":   lambda x: log(1 + exp(x)),
    "tan":        lambda x: sin(x) * cos(x) ** -1,
    "normal_pdf": lambda x: exp(-(x**2) / 2) * product(1, [(2 * constant("pi"), (), -HALF)], ()),
    "normal_cdf": lambda x: (1 + erf(x * number(2) ** -HALF)) / 2,
    "relu":       lambda x: x * step(x),
    "abs":        lambda x: x * step(x) - x * step(-x),
    "sign":       lambda x: step(x) - step(-x),
    "iszero":     lambda x: 1 - step(x) - step(-x),
    "elu":        lambda x, a: step(x) * x + (1 - step(x)) * a * (exp(x) - 1),
    "maximum":    lambda x, y: y + (x - y) * step(x - y),
    "minimum":    lambda x, y: x - (x - y) * step(x - y),
    "power":      lambda x, y: exp(y * log(x)),
}  # fmt: skip  # a table


def unfold_map(x: Expander, head: str, args: Sequence[Term]) -> Term:
    """The expansion of a scalar function of expanded arguments."""
    if head == "exp":
        return _exponential(x, args[0])
    if head == "log":
        return _logarithm(x, args[0])
    if head == "step":
        return _step(x, args[0])
    if head == "where" and _binary(x, args[0]):
        c, a, b = args
        return x.expanded(c * a + (1 - c) * b)
    if head in UNFOLDED:
        return x.expanded(UNFOLDED[head](*args))
    return _settled(x, apply(head, args), head, args)


def _settled(x: Expander, new: Term, head: str, args: Sequence[Term]) -> Term:
    """A map that stays; if it has become something else, that expanded."""
    if isinstance(new, Map) and new.head == head and new.children == tuple(args):
        return new
    return x.expanded(new)


def _binary(x: Expander, condition: Term) -> bool:
    """True if every entry of the expanded condition is 0 or 1, as comparisons make them: c² = c."""
    return x.expanded(condition * condition - condition).is_zero


def _exponential(x: Expander, u: Term) -> Term:
    """e^(Σ c T) = Π (e^T)^c, and e^(c log v) = v^c."""
    axes = tuple(range(u.order))
    if u.is_zero:
        return number(1, u.sizes)
    bare = unit(u)
    scale = content(u)
    terms = bare.terms if isinstance(bare, Sum) else ((1, bare),)
    factors: list[Factor] = []
    for c, t in terms:
        c = exact(c * scale)
        for inner, labels, e in _exponential_of_one(t):
            for p, own, f in x.power(inner, exact(c * e)):
                factors.append((p, tuple(labels[a] for a in own), f))
    return x.distributed(1, factors, axes, dict(enumerate(u.sizes)))


def _exponential_of_one(t: Term) -> list[Factor]:
    """e^t as a power."""
    new = exp(t)
    axes = tuple(range(t.order))
    if isinstance(t, Product) and len(t.factors) == 1 and not t.summed:
        inner, labels, e = t.factors[0]
        if isinstance(inner, Map) and inner.head == "log" and e == 1:
            return [(inner.children[0], labels, 1)]
    return [(new, axes, 1)]


def _logarithm(x: Expander, v: Term) -> Term:
    """log of a product is a sum where all factors but one are surely positive; log e^u = u."""
    known = as_number(v)
    if known is not None and known > 0:
        return _number_log(known, v)
    if not isinstance(v, (Sum, Product, Map)) or known is not None:
        return log(v)
    c, common, rest = x.split(v)
    axes = tuple(range(v.order))
    parts: list[tuple[Term, Labels, Number]] = [(t, labels, e) for (t, labels), e in common.items()]
    if rest is not None:
        parts.append((rest, axes, 1))
    unsure = [part for part in parts if not x.given.positive(part[0])]
    if c > 0 and len(unsure) == 1 and unsure[0][2] == 1:
        unsure = []
    found: list[tuple[Number, Term]] = []
    shape = dict(enumerate(v.sizes))
    for t, labels, e in parts:
        if (t, labels, e) not in unsure:
            inner = t.children[0] if isinstance(t, Map) and t.head == "exp" else log(t)
            found.append((e, product(1, [(inner, labels, 1)], axes, shape)))
    if unsure or c < 0:
        left = x.finished(x.distributed(1 if c > 0 else -1, unsure, axes, shape))
        found.append((1, log(left)))
    logs = [(1, _number_log(c if c > 0 else -c, v))]
    return x.total([*found, *logs], v.sizes)


def _number_log(value: Number, like: Term) -> Term:
    """log of a positive number as a sum over primes."""
    value = Fraction(value)
    terms: list[tuple[Number, Term]] = []
    for part, sign in ((value.numerator, 1), (value.denominator, -1)):
        terms += [(sign * power, log(number(prime, like.sizes))) for prime, power in factorised(part)]
    return add(terms, like.sizes)


def _step(x: Expander, u: Term) -> Term:
    """step(c T^k u) = step(u) for positive c, T and step(T^k u) = step(T u) for odd k."""
    if as_number(u) is not None or not isinstance(u, (Sum, Product)):
        return step(u)
    c, common, rest = x.split(u)
    axes = tuple(range(u.order))
    factors: list[Factor] = []
    for (t, labels), e in common.items():
        if x.given.positive(t):
            continue
        if isinstance(e, int):
            e = e % 2 if e < 0 or e % 2 else 2
        if e:
            factors.append((t, labels, e))
    if rest is not None and not x.given.positive(rest):
        factors.append((rest, axes, 1))
    inner = x.distributed(1 if c > 0 else -1, factors, axes, dict(enumerate(u.sizes)))
    return step(x.finished(inner))


def unfold_special(x: Expander, term: Special, args: Sequence[Term]) -> Term:
    """The expansion of a special operation on expanded arguments."""
    u, axes = args[0], term.axes
    labels = tuple(range(u.order))
    keep = labels[: u.order - axes]
    if term.operation == "stop":
        return u
    if term.operation in ("softmax", "logsumexp"):
        top = _exponential(x, u)
        total = x.expanded(product(1, [(top, labels, 1)], keep, dict(enumerate(u.sizes))))
        if term.operation == "logsumexp":
            return _logarithm(x, total)
        return x.expanded(product(1, [(top, labels, 1), (total, keep, -1)], labels, dict(enumerate(u.sizes))))
    if term.operation in ("standardize", "deviation"):
        return _normalised(x, term.operation, u, args[1], axes)
    if term.operation in ("inverse", "det", "logdet") and axes == 2 and u.order == 2:
        return _of_matrix(x, term.operation, u)
    new = special(term.operation, u, axes, *args[1:])
    return new if isinstance(new, Special) and new.children == tuple(args) else x.expanded(new)


def _normalised(x: Expander, name: str, u: Term, eps: Term, axes: int) -> Term:
    """σ = √(mean((u − mean u)²) + ε), or (u − mean u)/σ."""
    labels = tuple(range(u.order))
    keep = labels[: u.order - axes]
    shape = dict(enumerate(u.sizes))
    small = tuple(u.sizes[a] for a in keep)
    mean = mean_of(u, axes)
    centred = x.expanded(add([(1, u), (-1, product(1, [(mean, keep, 1)], labels, shape))], u.sizes))
    variance = product(1, [(centred, labels, 2), (extent(u, axes), (), -1)], keep, shape)
    wide = product(1, [(eps, (), 1)], keep, dict(enumerate(small)))
    deviation = product(1, [(add([(1, variance), (1, wide)], small), keep, HALF)], keep)
    if name == "deviation":
        return x.expanded(deviation)
    return x.expanded(product(1, [(centred, labels, 1), (deviation, keep, -1)], labels))


def _of_matrix(x: Expander, name: str, u: Term) -> Term:
    """(c A B)⁻¹ = B⁻¹ A⁻¹/c, det(A B) = det A det B, log|det c A B| = n log|c| + ...; transposes are label orders."""
    bare = unit(u)
    c = content(u)
    if isinstance(bare, Bracket) and bare.is_delta and c == 1:
        return {"inverse": bare, "det": number(1), "logdet": number(0)}[name]
    chain = _chain(bare) or ([(bare, (0, 1))] if c != 1 else None)
    if chain is None or (name == "det" and c != 1 and u.sizes[0].number is None):
        new = special(name, u, 2)
        return new if isinstance(new, Special) and new.children == (u,) else x.expanded(new)
    if name == "inverse":
        inverses: list[Factor] = [(special("inverse", m, 2), labels[::-1], 1) for m, labels in chain]
        return _atoms(x, product(Fraction(1) / c, inverses, (1, 0)))
    dets: list[Factor] = []
    logs: list[tuple[Number, Term]] = []
    for m, _ in chain:
        inverted = isinstance(m, Special) and m.operation == "inverse"
        base = m.children[0] if inverted else m
        dets.append((special("det", base, 2), (), -1 if inverted else 1))
        logs.append((-1 if inverted else 1, special("logdet", base, 2)))
    if name == "det":
        power = u.sizes[0].number or 1
        return _atoms(x, product(exact(Fraction(c) ** power), dets, ()))
    scale = product(1, [(from_size(u.sizes[0]), (), 1), (_number_log(c if c > 0 else -c, number(1)), (), 1)], ())
    return _atoms(x, add([*logs, (1, scale)], ()))


def _atoms(x: Expander, term: Term) -> Term:
    """The expansion of a term in which the matrix operations are on single matrices, and stay."""
    for inner in subterms(term):
        if isinstance(inner, Special) and inner.operation in ("inverse", "det", "logdet"):
            x.finished(inner)
    return x.expanded(term)


def _chain(u: Term) -> list[tuple[Term, Labels]] | None:
    """The square matrices whose product u is, with the labels that chain them from axis 0 to axis 1; None for a sum.

    A sum is one matrix, in the one of its two orientations that comes first.
    """
    if isinstance(u, Sum):
        turned = product(1, [(u, (1, 0), 1)], (0, 1))
        flipped = unit(turned) is turned and turned.digest < u.digest
        return [(turned, (1, 0))] if flipped else None
    if not isinstance(u, Product):
        return [(u, (0, 1))] if isinstance(u, Special) and u.operation == "inverse" else None
    left = list(u.factors)
    found: list[tuple[Term, Labels]] = []
    at = 0
    while left:
        step = next((f for f in left if at in f[1]), None)
        if step is None or step[2] != 1 or len(set(step[1])) != 2 or step[0].sizes != u.sizes:
            return None
        left.remove(step)
        found.append((step[0], step[1]))
        at = step[1][1] if step[1][0] == at else step[1][0]
    return found if at == 1 and len({x for _, labels in found for x in labels}) == len(found) + 1 else None
