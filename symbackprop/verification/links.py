"""One relation `A = B` of an answer: right under some reading, right under a stated condition, or wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..errors import SymbackpropError
from ..tensor.normal import add, delta, essential_axes, product, scaled, summands, without_constant
from ..tensor.size import Size, size
from ..tensor.substitute import subterms
from ..tensor.terms import Dim, Symbol, Term
from ..tensor.terms import Product as ProductTerm
from .bench import Bench
from .judge import Decision
from .meaning.products import DIAGONAL
from .meaning.values import Value, combined, plus, squeezed, transposed
from .target import Target
from .verdict import Proof, Status

INDEX_FREE = "the index {} stands on the right side only: a sum over it is missing"
EINSTEIN = "repeated indices are summed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of a link. `left` and `right`: the readings that were compared; `fixes`: conventions that help."""

    status: Status
    proof: Proof | None = None
    condition: str | None = None
    reason: str = ""
    left: Value | None = None
    right: Value | None = None
    decision: Decision | None = None
    points: int = 0


def fitted(a: Value, b: Value) -> Value | None:
    """b on the axes of a if both can be compared: one kind and shape, letters of b among those of a."""
    if not set(b.free) <= set(a.free):
        return None
    if a.kind != b.kind or len(a.sizes) != len(b.sizes):
        return None
    if any(x is not y for x, y in zip(a.sizes, b.sizes, strict=True)):
        return None
    lengths = dict(zip(a.free, a.term.sizes, strict=False))
    if any(lengths[n] is not s for n, s in zip(b.free, b.term.sizes, strict=False)):
        return None
    if a.free == b.free:
        return b
    spread = plus(replace(a, term=scaled(0, a.term)), b, 1)
    return spread[0] if spread else None


def judge_link(bench: Bench, lefts: Sequence[Value], rights: Sequence[Value], target: Target | None) -> Outcome:
    """Whether some reading of one side equals some reading of the other.

    A condition is stated for readings that take something for granted, and for what holds under it only.
    """
    lefts, rights = [squeezed(v) for v in lefts], [squeezed(v) for v in rights]
    best: Outcome | None = None
    for a, b in _ordered(lefts, rights):
        found = _decided(bench, a, b)
        if found is None:
            continue
        if found.status == "right":
            return found
        if best is None or (best.status == "wrong" and found.status == "undecided"):
            best = found
    for outcome in _conventions(bench, lefts, rights, target):
        return outcome
    return best or _shapes(lefts, rights)


def _ordered(lefts: Sequence[Value], rights: Sequence[Value]) -> Iterator[tuple[Value, Value]]:
    every = [(a, b) for a in lefts for b in rights]
    every.sort(key=lambda p: len(p[0].notes) + len(p[1].notes))
    yield from every


def _decided(bench: Bench, a: Value, b: Value) -> Outcome | None:
    fit = fitted(a, b)
    if fit is None:
        return None
    extra = bench.elaborator.names.extra
    decision = bench.judge.decide(fit.term, a.term, extra)
    notes = tuple(dict.fromkeys((*a.notes, *b.notes)))
    if DIAGONAL in notes and len(notes) > 1:
        return None  # one liberty at a time
    conditions = [_as_condition(n) for n in notes] + ([f"except at {decision.kink}"] if decision.kink else [])
    condition = "; ".join(conditions) or None
    if decision.status == "equal":
        return Outcome("right", decision.proof, condition, decision.reason, a, fit, decision, decision.points)
    status: Status = "wrong" if decision.status == "different" else "undecided"
    return Outcome(status, None, None, decision.reason, a, fit, decision, decision.points)


def _as_condition(note: str) -> str:
    return note if note.startswith("if ") else f"if {note}"


def _shapes(lefts: Sequence[Value], rights: Sequence[Value]) -> Outcome:
    """Both sides have a value, and no shapes that can be compared."""
    a, b = lefts[0], rights[0]
    extra = sorted(set(b.free) - set(a.free))
    if extra:
        return Outcome(
            "wrong",
            reason=f"{INDEX_FREE.format(extra[0])[0].upper()}{INDEX_FREE.format(extra[0])[1:]}.",
            left=a,
            right=b,
        )
    told = f"The left side is {described(a)}, the right side {described(b)}."
    return Outcome("wrong", reason=told, left=a, right=b)


def described(value: Value) -> str:
    """`a column (h × 1)`, `h × d`, `a number`."""
    sizes = " × ".join(map(str, value.sizes))
    if value.kind == "scalar":
        return "a number"
    if value.kind == "column":
        return f"a column ({sizes} × 1)"
    return f"a row (1 × {sizes})" if value.kind == "row" else f"{sizes}"


# ---------------------------------------------------------------------- what holds under a condition


def _conventions(
    bench: Bench, lefts: Sequence[Value], rights: Sequence[Value], target: Target | None
) -> Iterator[Outcome]:
    """The conditions that are tried one after the other, the mildest first."""
    for convention in (_summed_repeats, _layout, _symmetric, _of_symmetric_parameter, _diagonal, _one_example):
        for a in lefts:
            for b in rights:
                yield from convention(bench, a, b, target)


def _under(condition: str, a: Value, b: Value, notes: Sequence[str] = (), proof: Proof = "numeric") -> Outcome:
    told = "; ".join([condition, *(_as_condition(n) for n in notes)])
    return Outcome("right", proof, told, f"Both sides agree at random numbers {condition}.", a, b)


def _summed_repeats(bench: Bench, a: Value, b: Value, _target: Target | None) -> Iterator[Outcome]:
    """Einstein's convention: letters that stand twice on the right, and not on the left, are summed.

    Not for an answer that writes a Σ over such an axis elsewhere: there it is one that was forgotten.
    """
    missing = sorted(set(b.free) - set(a.free))
    if not missing or b.kind != "scalar":
        return
    lengths = dict(zip(b.free, b.term.sizes, strict=False))
    if any(lengths[letter] in bench.elaborator.sums for letter in missing):
        return
    total = b
    for letter in missing:
        parts = [(c, _repeated(replace(total, term=t), letter)) for c, t in summands(total.term)]
        if any(p is None for _, p in parts):
            return
        keep = tuple(n for n in total.free if n != letter)
        sizes = tuple(s for n, s in zip(total.free, total.term.sizes, strict=True) if n != letter)
        total = replace(total, term=add([(c, p) for c, p in parts if p is not None], sizes), free=keep)
    found = _decided(bench, a, total)
    if found is not None and found.status == "right":
        yield replace(found, condition=_joined(f"if {EINSTEIN}", found.condition))


def sums_silently(outcome: Outcome) -> bool:
    """Whether this is right only by Einstein's convention."""
    return EINSTEIN in (outcome.condition or "")


def _repeated(value: Value, letter: str) -> Term | None:
    """A term of a sum, summed over a letter that stands in it twice; itself where the letter does not occur."""
    from .meaning.values import summed

    axis = value.free.index(letter)
    keep = tuple(k for k in range(value.term.order) if k != axis)
    if axis not in essential_axes(value.term):
        return without_constant(value.term, keep)
    if not isinstance(value.term, ProductTerm):
        return None
    uses = sum(1 for _, labels, _ in value.term.factors if axis in labels)
    return summed(value, letter).term if uses >= 2 else None


def _joined(first: str, second: str | None) -> str:
    return first if not second else f"{first}; {second}"


def _layout(bench: Bench, a: Value, b: Value, target: Target | None) -> Iterator[Outcome]:
    """A vector's gradient as a row, a Jacobian or Hessian the other way round."""
    if target is None or target.operation not in ("gradient", "jacobian", "hessian"):
        return
    vectors = a.kind in ("row", "column") and b.kind in ("row", "column") and a.kind != b.kind
    jacobian = target.operation == "jacobian" and a.kind == b.kind == "matrix"
    if not vectors and not jacobian:
        return
    for turned in transposed(b):
        found = _decided(bench, a, turned)
        if found is not None and found.status == "right":
            row = b.kind == "row" if vectors else False
            if row and _is_added_to_rows(bench, target.names[0]):
                yield found
                continue
            name = ("numerator layout" if row else "denominator layout") if vectors else "denominator layout"
            yield replace(found, condition=_joined(f"in {name}", found.condition))


def _is_added_to_rows(bench: Bench, name: str) -> bool:
    """True for a bias that is added to every row of a matrix: it is a row there, and so may its gradient be."""
    declared = bench.model.declarations.get(name)
    if declared is None or len(declared.sizes) != 1:
        return False
    for equation in bench.model.equations.values():
        sizes = equation.term.sizes
        if len(sizes) == 2 and sizes[1] is declared.sizes[0] and sizes[0] is not sizes[1]:
            if declared.term in subterms(equation.term):
                return True
    return False


def _symmetric(bench: Bench, a: Value, b: Value, _target: Target | None) -> Iterator[Outcome]:
    """What holds if a square matrix of data is symmetric; weights are not, and excuse no missing transpose."""
    fit = fitted(a, b)
    if fit is None:
        return
    names = []
    for declared in bench.model.declarations.values():
        square = len(declared.sizes) == 2 and declared.sizes[0] is declared.sizes[1]
        if (
            square
            and declared.role != "parameter"
            and not declared.facts.symmetric
            and not declared.facts.positive_definite
        ):
            names.append(declared.name)
    used = _symbols(bench, a.term, fit.term)
    for name in names:
        if name in used and _agrees(bench, fit.term, a.term, symmetric=(name,)):
            yield _under(f"if {name} is symmetric", a, fit, b.notes)


def _symbols(bench: Bench, *terms: Term) -> set[str]:
    """The names of the network that terms are about, gradients taken as given counting as what they are made of."""
    found: set[str] = set()
    for term in terms:
        for inner in subterms(term):
            if isinstance(inner, Symbol):
                name = inner.name.split("@")[-1]
                found.add(name)
                if inner.name.startswith("@"):
                    found |= set(bench.derivation.graph.used)
    return found | {p for n in list(found) for p in bench.derivation.graph.ancestors([n])}


def _of_symmetric_parameter(bench: Bench, a: Value, b: Value, target: Target | None) -> Iterator[Outcome]:
    """The gradient of a symmetric parameter by its independent entries only."""
    if target is None or target.operation != "gradient" or a.free or a.kind != "matrix":
        return
    declared = bench.model.declarations.get(target.names[0])
    fit = fitted(a, b)
    if fit is None or declared is None or not (declared.facts.symmetric or declared.facts.positive_definite):
        return
    turned = transposed(a)[0].term
    both = a.term + turned
    diagonal = product(1, [(a.term, (0, 1), 1), (delta(a.sizes[0]), (0, 1), 1)], (0, 1))
    name = declared.name
    if _agrees(bench, fit.term, scaled_half(both)):
        yield _under(f"if the gradient is made symmetric, (G + Gᵀ)/2 for {name}", a, fit, b.notes)
    if _agrees(bench, fit.term, both - diagonal):
        yield _under(f"if the entries of {name} above and below the diagonal are one variable", a, fit, b.notes)


def scaled_half(term: Term) -> Term:
    """Half of a term."""
    from fractions import Fraction

    return scaled(Fraction(1, 2), term)


def _diagonal(bench: Bench, a: Value, b: Value, target: Target | None) -> Iterator[Outcome]:
    """The diagonal of a matrix where the whole of it is asked for."""
    if target is None or target.operation not in ("hessian", "jacobian"):
        return
    if a.kind != "matrix" or a.rows is not a.columns or b.kind not in ("row", "column") or a.free or b.free:
        return
    if b.sizes[0] is not a.rows or b.notes:
        return
    diagonal = combined([(a, (" r", " r"), 1)], (" r",), ())
    if _agrees(bench, b.term, diagonal):
        yield _under("if only the diagonal is meant", a, b, b.notes)


def _one_example(bench: Bench, a: Value, b: Value, _target: Target | None) -> Iterator[Outcome]:
    """A formula for one example where the network has a batch: shapes differ by the number of examples."""
    if a.free or b.free or b.notes:  # one liberty at a time
        return
    counted = {t.atom for t in subterms(b.term) if isinstance(t, Dim)}
    for name in batch_sizes(bench):
        if not differ_by_batch(a, b, name) or name in counted:  # who divides by n has more than one
            continue
        if _agrees(bench, b.term, a.term, sizes={name: 1}, reshaped=True):
            yield _under(f"if {name} = 1 (one example)", a, b, b.notes)


def differ_by_batch(a: Value, b: Value, name: str) -> bool:
    """True if one shape is the other with an axis of examples put in; a matrix turned round is no such thing."""
    batch = size(name)
    if [s for s in a.sizes if s is not batch] != [s for s in b.sizes if s is not batch]:
        return False
    return abs(sum(s is batch for s in a.sizes) - sum(s is batch for s in b.sizes)) == 1


def batch_sizes(bench: Bench) -> list[str]:
    """The size names that no parameter has and an input or target does: numbers of examples."""
    of_parameters: set[Size] = {s for d in bench.model.declarations.values() if d.role == "parameter" for s in d.sizes}
    found: dict[str, None] = {}
    for declared in bench.model.declarations.values():
        if declared.role in ("input", "target", "index"):
            for s in declared.sizes:
                if s not in of_parameters and s.number is None and len(s.names) == 1 and s is size(next(iter(s.names))):
                    found[next(iter(s.names))] = None
    return list(found)


def _agrees(bench: Bench, claimed: Term, true: Term, **options: object) -> bool:
    try:
        return bench.judge.agrees(claimed, true, bench.elaborator.names.extra, **options)  # type: ignore[arg-type]
    except SymbackpropError:
        return False


__all__ = ["Outcome", "batch_sizes", "described", "differ_by_batch", "fitted", "judge_link", "squeezed"]
