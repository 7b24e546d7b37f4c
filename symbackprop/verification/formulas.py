"""Formulas judged: every link of every chain, at every value of its running letters, with its repair if it is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import process_time

from ..errors import SymbackpropError
from ..paper.lexemes import FormulaError
from ..paper.tree import Atom, Product, Tree, walk
from ..tensor.normal import add
from ..tensor.normal import product as product_of
from .bench import Bench
from .claims import Link, identity_letter, target_of
from .explaining import explained
from .links import Outcome, judge_link
from .meaning.derivatives import without_transpose
from .meaning.scope import Misfit, Scope, TooLong
from .meaning.values import Value, elementwise
from .target import Target
from .verdict import Verdict

LAST = frozenset("LTHK")  # letters that usually stand for the last layer or step
MOST_INSTANCES = 40
SECONDS = 10.0


@dataclass
class Judged:
    """A link with its outcome: what the report needs, before a repair is looked for."""

    link: Link
    target: Target | None
    outcome: Outcome
    scope: Scope
    wanted: list[Value] = field(default_factory=list)
    error: FormulaError | None = None
    instance: str = ""


def judge(bench: Bench, link: Link) -> Judged:
    """The outcome of one link; nothing raises."""
    started = process_time()
    bench.elaborator.deadline = started + SECONDS / 2
    target: Target | None = None
    try:
        target = target_of(bench, link)
        running = running_letters(bench, (link.left, link.right))
        if not running:
            return _at(bench, link, target, {})
        return _instances(bench, link, target, running, started)
    except TooLong as error:
        return Judged(link, target, Outcome("undecided", reason=error.message), Scope())
    except FormulaError as error:
        return Judged(link, target, Outcome("unreadable", reason=error.message), Scope(), error=error)
    except RecursionError:
        told = "Cannot read the formula: it is nested too deeply."
        return Judged(link, target, Outcome("unreadable", reason=told), Scope())
    except SymbackpropError as error:
        return Judged(link, target, Outcome("undecided", reason=str(error)), Scope())


def _at(bench: Bench, link: Link, target: Target | None, running: Mapping[str, int]) -> Judged:
    """The outcome at one value of the running letters. Raises FormulaError for what cannot be read."""
    sides = (link.left, link.right)
    scope = replace(bench.scope(sides, link.elementwise), running=dict(running))
    letter = identity_letter(bench, sides)
    if letter is not None:
        from ..tensor.terms import symbol

        generic = Value(symbol(f"?{letter.base}"))
        scope = replace(scope, bound={letter.base: (generic,)})
        return _identity(bench, link, target, scope)
    of = differential_of(bench, link)
    if of is not None:
        scope = replace(scope, differentials=True)
    wanted: list[Value] = []
    try:
        wanted = bench.elaborator.values(link.left, scope) if of is None else [total_differential(bench, link, of)]
        values = bench.elaborator.values(link.right, scope)
        wanted, values = _restricted(bench, link, wanted, values, scope)
    except Misfit as error:
        return Judged(link, target, Outcome("wrong", reason=error.message), scope, wanted, error)
    except FormulaError:
        raise
    except SymbackpropError as error:
        raise FormulaError(error.message, link.right.start, link.right.end, remedy=error.remedy) from error
    return Judged(link, target, judge_link(bench, wanted, values, target), scope, wanted)


def _restricted(
    bench: Bench, link: Link, lefts: list[Value], rights: list[Value], scope: Scope
) -> tuple[list[Value], list[Value]]:
    """Both sides at the entries that a claim is about, 0 at the others."""
    if link.where is None:
        return lefts, rights
    try:
        there = bench.elaborator.indicator(link.where, scope)
    except FormulaError:
        return lefts, rights
    if not all(set(there.free) <= set(v.free) for v in lefts):
        return lefts, rights
    made = [[x for v in side for x in elementwise(there, v)] for side in (lefts, rights)]
    return made[0], made[1]


def differential_of(bench: Bench, link: Link) -> str | None:
    """f for a claim `df = tr(Gᵀ dX)` about a scalar f, where `dX` is no name of the network."""
    left = link.left
    if not isinstance(left, Product) or len(left.factors) != 2 or left.signs != ("",):
        return None
    head, name = left.factors[0], bench.name(left.factors[1])
    if not isinstance(head, Atom) or head.base != "d" or name is None or name not in bench.model.equations:
        return None
    return name if not bench.derivation.graph.sizes(name) and _differentials(bench, link.right) else None


def _differentials(bench: Bench, tree: Tree) -> list[str]:
    """The names X of which dX occurs."""
    found: dict[str, None] = {}
    for part in walk(tree):
        if not isinstance(part, Product):
            continue
        for first, second, sign in zip(part.factors, part.factors[1:], part.signs, strict=False):
            if isinstance(first, Atom) and first.base == "d" and not first.scripts and sign == "":
                name = bench.name(without_transpose(second)[0])
                if name is not None and second.start == first.end:
                    found[name] = None
    return list(found)


def total_differential(bench: Bench, link: Link, of: str) -> Value:
    """df, as far as the variables go whose differentials stand on the right: Σ ⟨∂f/∂X, dX⟩."""
    names = bench.elaborator.names
    parts = []
    for name in _differentials(bench, link.right):
        gradient, change = names.gradient(name, of).term, names.differential(name).term
        axes = tuple(range(gradient.order))
        parts.append((1, product_of(1, [(gradient, axes, 1), (change, axes, 1)], ())))
    return Value(add(parts, ()))


def _identity(bench: Bench, link: Link, target: Target | None, scope: Scope) -> Judged:
    """An equation between functions of a letter that nothing declares: at several numbers."""
    from ..tensor.evaluate import evaluate
    from ..tensor.substitute import subterms
    from ..tensor.terms import Symbol

    try:
        lefts = bench.elaborator.values(link.left, scope)
        rights = bench.elaborator.values(link.right, scope)
    except Misfit as error:
        return Judged(link, target, Outcome("wrong", reason=error.message), scope, [], error)
    a, b = lefts[0].term, rights[0].term
    if a is b or (a - b).is_zero:
        return Judged(link, target, Outcome("right", "symbolic", None, "It is an identity."), scope, lefts)
    names = {t.name for t in (*subterms(a), *subterms(b)) if isinstance(t, Symbol)}
    for at in (0.7, 1.3, 2.1):
        arrays = {n: number_array(at) for n in names}
        one, other = float(evaluate(a, arrays, {})), float(evaluate(b, arrays, {}))
        if abs(one - other) > 1e-9 * max(1.0, abs(one)):
            letter = next(iter(names), "x").lstrip("?")
            told = f"At {letter} = {at} the left side is {one:.6g} and the right side {other:.6g}."
            return Judged(link, target, Outcome("wrong", reason=told, left=lefts[0], right=rights[0]), scope, lefts)
    return Judged(link, target, Outcome("right", "numeric", None, "Both sides agree at three numbers."), scope, lefts)


def number_array(value: float) -> object:
    """A number as an array."""
    import numpy as np

    return np.asarray(value)


# ---------------------------------------------------------------------- running letters


def running_letters(bench: Bench, sides: Sequence[Tree]) -> dict[str, tuple[int, ...]]:
    """The letters that number layers or steps, and the numbers for which all names in the formula are declared.

    A letter that is declared itself where it stands (`h_t` as a spelling) does not run.
    """
    lexicon = bench.elaborator.lexicon
    found: dict[str, set[int]] = {}
    for side in sides:
        for part in walk(side):
            if not isinstance(part, Atom) or not part.scripts:
                continue
            letters = numbering(part)
            if not letters or lexicon.matches(part):
                continue
            numbers = lexicon.numbered(part)
            if not numbers and part.base == "\\delta":
                numbers = lexicon.numbered(Atom("z"))
            if part.base == "\\delta":  # δ_P is the gradient at P
                letters -= {x for x in letters if bench.name(Atom(x)) is not None}
            for letter in letters:
                if numbers:
                    found.setdefault(letter, set()).update(n + k for n in numbers for k in (-1, 0, 1))
    bound = _summed_letters(sides)
    return {k: tuple(sorted(v)) for k, v in found.items() if k not in bound}


def numbering(atom: Atom) -> frozenset[str]:
    """The letters in a letter's scripts that can be its number: h_t, W^{(l+1)}, δ_{l}; not T for a transpose."""
    from .meaning.lexicon import split_scripts, stripped

    sub, sup = split_scripts(atom.scripts)
    found: set[str] = set()
    for words in (*sub[:1], _leading(sup)):
        index = stripped(words)
        letters = [w for w in index if (len(w) == 1 and w.isalpha()) or w == "\\ell"]
        rest = [w for w in index if w not in letters]
        if len(letters) == 1 and all(w.isdigit() or w in ("+", "-") for w in rest):
            if words is not sup or letters[0] != "T" or rest:
                found.add(letters[0])
    return frozenset(found - {"T"} if sup == ("T",) else found)


def _leading(sup: tuple[str, ...]) -> tuple[str, ...]:
    """What stands above without a transpose or a power behind it."""
    from .meaning.lexicon import BRACKETS

    if sup and sup[0] in BRACKETS and BRACKETS[sup[0]] in sup:
        return sup[: sup.index(BRACKETS[sup[0]]) + 1]
    return sup


def _summed_letters(sides: Sequence[Tree]) -> frozenset[str]:
    """Letters that a sum runs over."""
    from ..paper.tree import Big
    from .meaning.lexicon import words_of

    found: set[str] = set()
    for side in sides:
        for part in walk(side):
            if isinstance(part, Big):
                for script in part.scripts:
                    if script.sign == "_":
                        found |= {w for w in words_of(script) if len(w) == 1 and w.isalpha()}
    return frozenset(found)


def _instances(
    bench: Bench, link: Link, target: Target | None, running: Mapping[str, tuple[int, ...]], started: float
) -> Judged:
    """Every value of a running letter at which the claim makes sense."""
    (letter, numbers), *more = sorted(running.items())
    if more:
        common = dict(running)
        letter = next((k for k in common if k in "lti"), letter)
        numbers = common[letter]
    problem: FormulaError | None = None
    done: list[tuple[int, Judged]] = []
    for value in numbers[:MOST_INSTANCES]:
        if process_time() - started > SECONDS:
            return Judged(link, target, Outcome("undecided", reason="It takes too long."), Scope())
        try:
            done.append((value, _at(bench, link, _target_at(bench, link, letter, value) or target, {letter: value})))
        except TooLong:
            raise
        except FormulaError as error:
            problem = problem or error
    done = [(v, j) for v, j in done if _makes_sense(j)]
    if not done:
        raise problem or FormulaError(
            f"There is no value of {letter} for which all letters are declared.", link.left.start, link.right.end
        )
    if letter in LAST:
        done = done[-1:]
    right = [v for v, j in done if j.outcome.status == "right"]
    wrong = [(v, j) for v, j in done if j.outcome.status != "right"]
    if not wrong:
        first = done[0][1]
        told = f"It holds for {letter} = {', '.join(map(str, right))}."
        proofs = {j.outcome.proof for _, j in done}
        proof = "numeric" if "numeric" in proofs else first.outcome.proof
        conditions = list(dict.fromkeys(j.outcome.condition for _, j in done if j.outcome.condition))
        outcome = replace(first.outcome, reason=told, proof=proof, condition="; ".join(conditions) or None)
        return replace(first, outcome=outcome, instance=f"{letter} = {right[0]}")
    if len(right) > 1 == len(wrong) and wrong[0][0] in (done[0][0], done[-1][0]):
        at = wrong[0][0]
        base = next(j for v, j in done if j.outcome.status == "right")
        outcome = replace(
            base.outcome, condition=f"except for {letter} = {at}", reason=f"It fails for {letter} = {at}."
        )
        return replace(base, outcome=outcome)
    value, first = wrong[0]
    if right:
        told = (
            f"It holds for {letter} = {', '.join(map(str, right))}, not for {letter} = {value}. {first.outcome.reason}"
        )
        first = replace(first, outcome=replace(first.outcome, reason=told))
    return replace(first, instance=f"{letter} = {value}")


def _makes_sense(judged: Judged) -> bool:
    """False for an instance that only says that something is itself."""
    return True


def _target_at(bench: Bench, link: Link, letter: str, value: int) -> Target | None:
    from .meaning.letters import running as at

    scope = Scope({letter: value})

    def numbered(tree: Tree) -> Tree:
        return at(tree, scope) if isinstance(tree, Atom) else tree

    if isinstance(link.left, Atom):
        return bench.target(numbered(link.left))
    from ..paper.tree import Derivative

    if isinstance(link.left, Derivative) and link.left.top is not None:
        made = replace(link.left, top=numbered(link.left.top), bottoms=tuple(map(numbered, link.left.bottoms)))
        return bench.target(made)
    return None


# ---------------------------------------------------------------------- verdicts


def verdict(
    bench: Bench, judged: Judged, file: str, text: str, follows: int | None = None, explain: bool = True
) -> Verdict:
    """The verdict on a link, with repair and counterexample where it is wrong."""
    link, outcome = judged.link, judged.outcome
    passage = link.passage
    start, _ = link.left_passage.place(link.left.start, link.left.end)
    if link.left_passage is not passage:
        start, _ = passage.place(max(link.right.start - 2, 0), link.right.end)
    _, end = passage.place(link.right.start, link.right.end)
    left_at = link.left.start if link.left_passage is passage else max(link.right.start - 2, 0)
    target = judged.target or target_of(bench, link)
    label = target.label(bench.model.loss) if target is not None else "expression"
    made = Verdict(
        file=file,
        network=bench.model.name,
        line=text.count("\n", 0, start) + 1,
        start=start,
        end=end,
        claim=text[start:end] or passage.text[left_at : link.right.end],
        target=label,
        status=outcome.status,
        proof=outcome.proof,
        condition=outcome.condition,
        reason=_with_stretch(judged),
        cell=passage.cell,
        part=passage.part,
        follows=follows,
        points=outcome.points,
    )
    return explained(bench, judged, made) if outcome.status == "wrong" and explain else made


def _with_stretch(judged: Judged) -> str:
    """The reason, with the remedy of what could not be read."""
    error = judged.error
    if error is None or judged.outcome.status != "unreadable":
        return judged.outcome.reason
    return f"{error.message} {error.remedy}".strip()


__all__ = ["Judged", "judge", "running_letters", "verdict"]
