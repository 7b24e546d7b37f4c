"""Why a claim is wrong: the smallest repair, or what is right; and small numbers at which it fails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import SymbackpropError
from ..express.order import GRADIENT
from ..paper.tree import walk
from ..tensor.normal import delta, product
from ..tensor.terms import Symbol, Term
from .links import described
from .target import Target
from .verdict import Counterexample, Diagnosis, Kind, Verdict

LARGEST_REPAIRED = 250  # pieces of a formula for which a repair is looked for

if TYPE_CHECKING:
    from .bench import Bench
    from .formulas import Judged


def explained(bench: Bench, judged: Judged, verdict: Verdict) -> Verdict:
    """The verdict with a diagnosis and, where both sides have a value, a counterexample."""
    diagnosis = _repaired(bench, judged) or _stated(bench, judged)
    example = _counterexample(bench, judged)
    right = judged.outcome.right
    numpy = None if example is None or right is None else claim_numpy(bench, right.term)
    return replace(verdict, diagnosis=diagnosis, counterexample=example, claim_numpy=numpy)


def claim_numpy(bench: Bench, term: Term) -> str | None:
    """What is claimed as a NumPy expression; None where it has none."""
    from ..tensor.substitute import substitute, subterms
    from .numpy_text import NumpyText

    extra = bench.elaborator.names.extra
    used: dict[Term, Term] = {
        inner: extra[inner] for inner in subterms(term) if isinstance(inner, Symbol) and inner in extra
    }
    term = substitute(term, used) if used else term
    given = [s.name for s in subterms(term) if isinstance(s, Symbol) and s.name.startswith(GRADIENT)]
    try:
        return NumpyText({name: f"grad({name[len(GRADIENT) :]})" for name in given}).text(term)
    except SymbackpropError:
        return None


def _repaired(bench: Bench, judged: Judged) -> Diagnosis | None:
    from .repair import repair

    wanted = judged.wanted
    link = judged.link
    if not wanted or len(walk(link.right)) > LARGEST_REPAIRED:
        return None
    try:
        found = repair(
            bench.elaborator, bench.judge, link.passage.text, link.right, judged.scope, wanted, left=link.left
        )
    except SymbackpropError:
        return None
    if found is None:
        return None
    return Diagnosis(found.kind, found.message, found.hint, found.latex, found.numpy)


def _stated(bench: Bench, judged: Judged) -> Diagnosis:
    """What is right, where no small change makes the claim so."""
    target = judged.target
    outcome = judged.outcome
    shape = judged.error is not None or outcome.decision is None
    diagonal = _only_diagonal(bench, judged)
    told = "The entries on the diagonal are right; those off it, which are not all 0, are missing" if diagonal else ""
    told = f"{told}: {_lowered(outcome.reason)}" if told else outcome.reason
    if judged.wanted and judged.error is not None:
        told = f"{told} What stands on the left is {described(judged.wanted[0])}."
    correct = correct_formula(bench, target)
    where = "" if diagonal else _difference(bench, judged)
    message = " ".join(x for x in (told, where, f"Right is {correct}." if correct else "") if x)
    index = judged.error is not None and ("index" in told or "entry" in told)
    kind: Kind = "diagonal" if diagonal else "index" if index else "shape" if shape else "other"
    latex, numpy = _correct_side(bench, judged) if correct else (None, None)
    return Diagnosis(kind, message, told, latex, numpy)


def _only_diagonal(bench: Bench, judged: Judged) -> bool:
    """Whether a matrix is claimed that has the true entries on its diagonal and 0 everywhere else."""
    true, claimed = judged.outcome.left, judged.outcome.right
    if true is None or claimed is None or not (true.kind == claimed.kind == "matrix") or true.free or claimed.free:
        return False
    if true.rows is None or true.rows is not true.columns or true.term.sizes != claimed.term.sizes:
        return False
    kept = product(1, [(true.term, (0, 1), 1), (delta(true.rows), (0, 1), 1)], (0, 1))
    return bench.judge.decide(claimed.term, kept, bench.elaborator.names.extra).status == "equal"


def _lowered(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def _difference(bench: Bench, judged: Judged) -> str:
    """The terms in which the difference lies, in a sentence; "" if that cannot be said."""
    from .repair.without import explain_without_repair

    link = judged.link
    if judged.error is not None or not judged.wanted or len(walk(link.right)) > LARGEST_REPAIRED:
        return ""
    return explain_without_repair(
        bench.elaborator, bench.judge, link.passage.text, link.right, judged.scope, judged.wanted
    )


def _correct_side(bench: Bench, judged: Judged) -> tuple[str | None, str | None]:
    """The true right side, in LaTeX and as an expression, where the claim is about a whole array that is one name."""
    from .network_text import network_text

    target = judged.target
    whole = judged.link.number == 0 and judged.wanted and not judged.wanted[0].free
    if target is None or not whole or target.operation != "gradient":
        return None, None
    derivation = bench.elaborator.names.derived(target.of) if target.of else bench.derivation
    try:
        formula = derivation.gradient(target.names[0])
        return formula.latex, network_text(formula.term, None, derivation)
    except SymbackpropError:
        return None, None


def correct_formula(bench: Bench, target: Target | None) -> str:
    """The true right side as text, "" where there is none to print."""
    if target is None or not target.names:
        return ""
    derivation = bench.elaborator.names.derived(target.of) if target.of else bench.derivation
    try:
        if target.operation == "gradient":
            return derivation.gradient(target.names[0]).equation_text
        if target.operation == "jacobian":
            return derivation.jacobian(*target.names).equation_text
        if target.operation == "hessian":
            return derivation.hessian(*target.names).closed.equation_text
    except SymbackpropError:
        return ""
    return ""


def _counterexample(bench: Bench, judged: Judged) -> Counterexample | None:
    outcome = judged.outcome
    if outcome.left is None or outcome.right is None or outcome.decision is None:
        return None
    target = judged.target or Target("other")
    if outcome.left.free:
        target = Target("other")
    try:
        return bench.judge.counterexample(outcome.right.term, outcome.left.term, target, bench.elaborator.names.extra)
    except SymbackpropError:
        return None
