"""Code judged: one verdict for each gradient that it returns or assigns, with the line to change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..answers.passage import Answer, Passage
from ..derive import gradient_symbol
from ..errors import ShapeError, Span, SymbackpropError
from ..lifting import CodeClaim, Lifted, lift
from ..tensor.normal import zeros
from ..tensor.size import size
from ..tensor.terms import Term, symbol
from .bench import Bench
from .code_repair import CodeRepair, repair_code
from .explaining import claim_numpy, correct_formula
from .links import batch_sizes
from .target import Target
from .verdict import Diagnosis, Status, Verdict

if TYPE_CHECKING:
    from .verify import Options

MOST_SIZES = 4  # sizes of which one or two are set to 1
_LINE = re.compile(r"\b([Ll]ine )(\d+)")


@dataclass(frozen=True, slots=True)
class Programs:
    """What is said of the code of an answer."""

    verdicts: list[Verdict]
    renamings: tuple[str, ...] = ()
    isolation: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """The passages of code joined, and where each of its places is in the answer."""

    passages: tuple[Passage, ...]

    @property
    def cells(self) -> list[str]:
        """The texts, one for each passage."""
        return [p.text for p in self.passages]

    def place(self, span: Span) -> tuple[int, int, Passage]:
        """The start and end of a span in the answer, and the passage that it begins in."""
        line = span.line
        for passage in self.passages:
            lines = passage.text.split("\n")
            if line <= len(lines):
                offset = sum(len(x) + 1 for x in lines[: line - 1]) + span.column - 1
                last = min(line + span.end_line - span.line, len(lines))
                end = sum(len(x) + 1 for x in lines[: last - 1]) + span.end_column - 1
                limit = max(len(passage.text), 1)
                start = min(offset, limit - 1)
                return *passage.place(start, min(max(end, start + 1), limit)), passage
            line -= len(lines)
        last_passage = self.passages[-1]
        return *last_passage.place(0, 1), last_passage


def judge_programs(bench: Bench, passages: Sequence[Passage], answer: Answer, options: Options) -> Programs:
    """The verdicts on all code about one network; cells and fences of one answer are one program."""
    if not passages:
        return Programs([])
    source = Source(tuple(passages))
    lifted = lift(source.cells, bench.model, returns=options.returns, function=options.function)
    judged = [(claim, _status(bench, claim)) for claim in lifted.claims]
    mistaken = [claim for claim, (status, _, _) in judged if status == "wrong"]
    narrow = _narrow(bench, source, mistaken, options)
    narrowed = {narrow[c.target] for c in mistaken if c.target in narrow and isinstance(c.value, ShapeError)}
    wrong = [c.target for c in mistaken if narrow.get(c.target) not in narrowed]
    repairs: Mapping[str, CodeRepair] = {}
    if wrong and options.explain:
        repairs = repair_code(
            source.cells, bench.model, bench.judge, wrong=wrong, returns=options.returns, function=options.function
        )
    verdicts = [
        _verdict(
            bench, source, answer, claim, outcome, repairs.get(claim.target), narrow.get(claim.target, ""), options
        )
        for claim, outcome in judged
    ]
    verdicts += _refusals(bench, source, answer, lifted)
    notes = tuple(_with_lines(text, source, answer) for text in (*lifted.renamings, *lifted.notes))
    if options.run and any(v.status in ("unreadable", "undecided") for v in verdicts):
        from .running import with_running

        verdicts, isolation = with_running(bench, source, answer, verdicts, options)
        return Programs(verdicts, notes, isolation)
    return Programs(verdicts, notes)


Outcome = tuple[Status, str | None, str]  # status, proof, reason


def true_term(bench: Bench, target: str) -> Term:
    """The gradient at a name, as a term."""
    like = symbol(target, bench.derivation.graph.sizes(target))
    return zeros(like.sizes) if target not in bench.derivation.recursive_terms else gradient_symbol(target, like)


def _status(bench: Bench, claim: CodeClaim) -> Outcome:
    value = claim.value
    if isinstance(value, ShapeError):
        return "wrong", None, str(value)
    if isinstance(value, SymbackpropError):
        return "unreadable", None, str(value)
    true = true_term(bench, claim.target)
    if value.sizes != true.sizes:
        told = f"It has shape {shape_text(value)}, {claim.target} has {shape_text(true)}."
        return "wrong", None, told
    decision = bench.judge.decide(value, true)
    status: Status = {"equal": "right", "different": "wrong", "undecided": "undecided"}[decision.status]  # type: ignore[assignment]  # these words
    return status, decision.proof, decision.reason


def shape_text(term: Term) -> str:
    """`(h, d)`, `()`."""
    return f"({', '.join(map(str, term.sizes))})"


def _narrow(bench: Bench, source: Source, wrong: Sequence[CodeClaim], options: Options) -> dict[str, str]:
    """For which sizes of 1 a wrong gradient is right after all: one example; where shapes fail, one output, too."""
    batch = batch_sizes(bench)
    shapes = {
        c.target for c in wrong if not isinstance(c.value, Term) or c.value.sizes != true_term(bench, c.target).sizes
    }
    names = [*batch, *(n for n in bench.model.size_names() if n not in batch)]
    found: dict[str, str] = {}
    for ones in _choices(names[: 2 * MOST_SIZES], batch):
        left = {c.target for c in wrong if c.target not in found}
        if not left & shapes and not set(ones) <= set(batch):
            continue
        sizes = dict.fromkeys(ones, 1)
        narrow = lift(source.cells, bench.model, sizes=sizes, returns=options.returns, function=options.function)
        now: list[str] = []
        for claim in narrow.claims:
            if claim.target not in left or isinstance(claim.value, SymbackpropError):
                continue
            true = true_term(bench, claim.target)
            try:
                if bench.judge.agrees(claim.value, true, sizes=sizes, reshaped=True):
                    now.append(claim.target)
            except SymbackpropError:
                continue
        if set(ones) <= set(batch) or shapes & set(now):
            found |= dict.fromkeys(now, " and ".join(f"{n} = 1" for n in ones))
    return found


def _choices(names: Sequence[str], batch: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """One size at a time, then the number of examples with another."""
    yield from ((n,) for n in names)
    yield from ((b, n) for b in batch for n in names if n != b)


def _verdict(
    bench: Bench,
    source: Source,
    answer: Answer,
    claim: CodeClaim,
    outcome: Outcome,
    repair: CodeRepair | None,
    narrow: str,
    options: Options,
) -> Verdict:
    start, end, passage = source.place(claim.span)
    status, proof, reason = outcome
    reason = _with_lines(reason, source, answer)
    diagnosis = repair.diagnosis if repair is not None else None
    if claim.transcription is not None and status == "right":
        status, proof = "wrong", None
        diagnosis = diagnosis or Diagnosis("transcription", str(claim.transcription), str(claim.transcription))
    if status == "wrong" and diagnosis is None:
        right = correct_formula(bench, Target("gradient", (claim.target,)))
        diagnosis = Diagnosis("other", f"{reason} Right is {right}.", reason)
    if narrow and status == "wrong" and diagnosis is not None:
        only = f" It is right only if {narrow}."
        message, hint = diagnosis.message + only, (diagnosis.hint or reason) + only
        diagnosis = Diagnosis(
            diagnosis.kind, message, hint, diagnosis.repair_latex, diagnosis.repair_numpy, diagnosis.line
        )
    counterexample, numpy = None, None
    if status == "wrong" and options.explain and isinstance(claim.value, Term):
        true = true_term(bench, claim.target)
        if claim.value.sizes == true.sizes:
            target = Target("gradient", (claim.target,))
            try:
                counterexample = bench.judge.counterexample(claim.value, true, target)
                numpy = claim_numpy(bench, claim.value) if counterexample is not None else None
            except SymbackpropError:
                counterexample = None
    line = answer.text.count("\n", 0, start) + 1
    follows = repair.follows if repair is not None else None
    if diagnosis is not None and diagnosis.line is not None:
        diagnosis = _placed(diagnosis, source, answer)
    if follows is not None:
        follows = _line(source, answer, follows)
    return Verdict(
        answer.file, bench.model.name, line, start, end, answer.text[start:end],
        Target("gradient", (claim.target,)).label(bench.model.loss), status, proof,  # type: ignore[arg-type]  # the words
        None, diagnosis if status == "wrong" else None, counterexample, reason, passage.cell, passage.part, follows,
        claim_numpy=numpy,
    )  # fmt: skip  # the class's order


def _line(source: Source, answer: Answer, line: int) -> int:
    start, _, _ = source.place(Span(line, 1, line, 2))
    return answer.text.count("\n", 0, start) + 1


def _placed(diagnosis: Diagnosis, source: Source, answer: Answer) -> Diagnosis:
    """The diagnosis with the line of the answer, where the code had lines of its own."""
    assert diagnosis.line is not None
    line = _line(source, answer, diagnosis.line)
    message, hint = (_with_lines(text, source, answer) for text in (diagnosis.message, diagnosis.hint))
    return Diagnosis(diagnosis.kind, message, hint, diagnosis.repair_latex, diagnosis.repair_numpy, line)


def _with_lines(text: str, source: Source, answer: Answer) -> str:
    """A sentence about the code with the lines of the answer in it."""
    return _LINE.sub(lambda m: f"{m[1]}{_line(source, answer, int(m[2]))}", text)


def _refusals(bench: Bench, source: Source, answer: Answer, lifted: Lifted) -> list[Verdict]:
    """What could not be read, where no claim already says so."""
    if lifted.claims:
        return []
    found = []
    for error in lifted.refused:
        start, end, passage = source.place(error.span or Span(1, 1, 1, 2))
        line = answer.text.count("\n", 0, start) + 1
        found.append(
            Verdict(answer.file, bench.model.name, line, start, end, answer.text[start:end], "code", "unreadable",
                    reason=_with_lines(str(error), source, answer), cell=passage.cell, part=passage.part)
        )  # fmt: skip  # one call
    return found


__all__ = ["Programs", "judge_programs", "size"]
