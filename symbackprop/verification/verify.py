"""An answer judged: its formulas and its code, on the network or on the networks of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from ..answers.headings import names_part
from ..answers.passage import Answer, Passage
from ..errors import ReadError, SymbackpropError
from ..network import Model
from .bench import Bench
from .claims import Claims, Link, Passed, Unread, target_of
from .conventions import chosen
from .formulas import Judged, judge, verdict
from .links import Outcome, sums_silently
from .meaning.scope import Scope
from .verdict import Judgement, PassedOver, Verdict

MOST_HEADINGS = 8  # of an answer that are named where another one was looked for


@dataclass(frozen=True, slots=True)
class Options:
    """What somebody asks for.

    `let`: {the author's letter: the network's name}. `require`: "parameters", "all" or names whose derivatives must be
    there. `show`: how much is told of a mistake. `run`: run what cannot be read, in a process of its own. `parts`:
    {heading: network} for answers about several. `returns` and `function` say of code what `lift` asks. `explain` false
    leaves repairs and counterexamples out.
    """

    let: Mapping[str, str] = field(default_factory=dict)
    require: Sequence[str] = ()
    show: Literal["verdict", "hint", "repair"] = "repair"
    run: bool = False
    parts: Mapping[str, Model] = field(default_factory=dict)
    returns: tuple[str, ...] | None = None
    function: str | None = None
    explain: bool = True


@dataclass
class Workshop:
    """Benches that are kept from one answer to the next: draws and derivations are made once for a network."""

    benches: dict[int, tuple[Model, Bench]] = field(default_factory=dict)

    def bench(self, model: Model, let: Mapping[str, str]) -> Bench:
        """A fresh bench for an answer, with the draws and the derivation of earlier ones."""
        known = self.benches.get(id(model))
        if known is None:
            known = (model, Bench.of(model))
            self.benches[id(model)] = known
        return known[1].renamed(let)


SHARED = Workshop()


def judge_answer(
    model: Model,
    source: str | Path,
    options: Options | None = None,
    *,
    name: str = "",
    text: str | None = None,
    workshop: Workshop | None = None,
) -> Judgement:
    """Every claim of an answer, judged. `source` is a path, or the text itself if `text` is a suffix (".tex", ".md").

    Raises ReadError for what is no answer at all: a folder, a picture, an empty file.
    """
    from ..answers import answer_of_text, read_answer

    options = options or Options()
    if text is not None:
        answer = answer_of_text(str(source), suffix=text, name=name or "formula")
    else:
        answer = read_answer(source, name=name or None)
    return judged_answer(model, answer, options, workshop or SHARED)


def judged_answer(model: Model, answer: Answer, options: Options, workshop: Workshop) -> Judgement:
    """An answer that was read, judged part by part."""
    from .asking import check_let, check_required

    models = [model, *options.parts.values()]
    check_let(models, options.let)
    check_required(models, options.require)
    parts: list[Judgement] = []
    for network, passages in _by_network(model, answer, options):
        parts.append(_part(network, passages, answer, options, workshop))
    whole = _together(model, answer, parts)
    return replace(whole, proposals=(*whole.proposals, *_unmet(answer, options)))


def _unmet(answer: Answer, options: Options) -> Iterator[str]:
    """What to say of networks whose part no heading of the answer names: nothing was judged with them."""
    met = [(passage.part, passage.network) for passage in answer.passages]
    headings = tuple(dict.fromkeys(part for part, _ in met if part))[:MOST_HEADINGS]
    for wanted, network in options.parts.items():
        if not any(names_part(part, wanted) or chosen_by in (wanted, network.name) for part, chosen_by in met):
            known = f"those with formulas are {', '.join(headings)}" if headings else "no formula stands under one"
            yield f"another heading for the part `{wanted}` (nothing stands under such a heading; {known})"


def _by_network(model: Model, answer: Answer, options: Options) -> list[tuple[Model, list[Passage]]]:
    """The passages with the network that each is about, in order of first use."""
    found: dict[int, tuple[Model, list[Passage]]] = {}
    for passage in answer.passages:
        chosen_model = model
        for heading, network in options.parts.items():
            if names_part(passage.part, heading) or passage.network == heading:
                chosen_model = network
        if passage.network and passage.network in options.parts:
            chosen_model = options.parts[passage.network]
        found.setdefault(id(chosen_model), (chosen_model, []))[1].append(passage)
    others = options.parts.values() if options.require else ()  # whose derivatives are asked for as well
    for network in (*others, *(() if found else (model,))):
        found.setdefault(id(network), (network, []))
    return list(found.values())


def _part(model: Model, passages: Sequence[Passage], answer: Answer, options: Options, workshop: Workshop) -> Judgement:
    """The passages about one network."""
    from .programs import judge_programs

    bench = workshop.bench(model, options.let)
    formulas = [p for p in passages if p.kind == "latex"]
    claims = Claims(bench)
    claims.read(formulas)
    judged = [(item, judge(bench, item)) for item in claims.items if isinstance(item, Link)]
    if bench.elaborator.sums:  # of which the first formulas knew nothing
        judged = [(item, judge(bench, item) if sums_silently(found.outcome) else found) for item, found in judged]
    conventions, judged = chosen(bench, judged)
    verdicts = _verdicts(bench, judged, answer, options)
    verdicts += [_unreadable(bench, item, answer) for item in claims.items if isinstance(item, Unread)]
    passed = [_passed(item, answer) for item in claims.items if isinstance(item, Passed)]
    code = judge_programs(bench, [p for p in passages if p.kind == "code"], answer, options)
    verdicts += code.verdicts
    verdicts.sort(key=lambda v: (v.start, v.end))
    proposals = () if options.let else _proposed(bench, judged, formulas)
    return Judgement(
        answer.file,
        model.name,
        tuple(verdicts),
        answer.text,
        conventions,
        (*claims.renamings, *bench.elaborator.notes, *code.renamings),
        tuple(passed),
        missing(bench, verdicts, options.require),
        proposals,
        code.isolation,
    )


def _verdicts(bench: Bench, judged: Sequence[tuple[Link, Judged]], answer: Answer, options: Options) -> list[Verdict]:
    """The verdicts of links; a mistake is explained once, and what follows from it says so."""
    made: list[Verdict] = []
    wrong_sides: dict[int, int] = {}
    for link, found in judged:
        follows = None
        if found.outcome.status == "wrong" and link.number and id(link.left) in wrong_sides:
            follows = wrong_sides[id(link.left)]
        new = verdict(bench, found, answer.file, answer.text, follows, options.explain)
        if found.outcome.status == "wrong" or (link.number and id(link.left) in wrong_sides):
            wrong_sides[id(link.right)] = new.line
        if new.status == "right" and link.number and id(link.left) in wrong_sides:
            new = replace(new, follows=wrong_sides[id(link.left)])
        made.append(new)
    return made


def _unreadable(bench: Bench, item: Unread, answer: Answer) -> Verdict:
    """A statement that could not be read, with the place of what was not expected."""
    start, end = item.passage.place(item.start, item.end)
    at, stop = (
        item.passage.place(min(item.error.start, len(item.passage.text) - 1), item.error.end)
        if item.passage.text
        else (start, end)
    )
    told = f"{item.error.message} {item.error.remedy}".strip()
    line = answer.text.count("\n", 0, at) + 1
    return Verdict(
        answer.file, bench.model.name, line, start, end, answer.text[start:end], "expression", "unreadable",
        reason=told, cell=item.passage.cell, part=item.passage.part, fragment=(at, max(stop, at)),
    )  # fmt: skip  # the contract's order


def _passed(item: Passed, answer: Answer) -> PassedOver:
    start, end = item.passage.place(item.start, item.end)
    return PassedOver(answer.text.count("\n", 0, start) + 1, answer.text[start:end], item.why)


def missing(bench: Bench, verdicts: Sequence[Verdict], require: Sequence[str]) -> tuple[str, ...]:
    """The derivatives that are required and claimed nowhere; a name of another part's network is not this one's."""
    from .asking import is_target

    wanted: list[str] = []
    loss = bench.model.loss
    for name in require:
        if name == "parameters":
            wanted += [f"d{loss}/d{n}" for n in bench.model.names("parameter")]
        elif name == "all":
            wanted += [
                f"d{loss}/d{n}"
                for n in (*bench.model.names("parameter", "input"), *bench.model.equations)
                if n != loss and n in bench.derivation.recursive_terms
            ]
        elif is_target(bench.model, name):
            wanted.append(name if "/" in name else f"d{loss}/d{name}")
    there = {v.target for v in verdicts}
    return tuple(dict.fromkeys(w for w in wanted if w not in there))


def _proposed(bench: Bench, judged: Sequence[tuple[Link, Judged]], passages: Sequence[Passage]) -> tuple[str, ...]:
    """A uniform shift of indices that would make most claims right, if shapes refuse most of them as they stand."""
    from .shifting import proposals

    return proposals(bench, judged, passages)


def _together(model: Model, answer: Answer, parts: Sequence[Judgement]) -> Judgement:
    """The judgements on the parts of one answer as one."""
    if len(parts) == 1:
        whole = parts[0]
    else:
        verdicts = sorted((v for p in parts for v in p.verdicts), key=lambda v: (v.start, v.end))

        def joined(name: str) -> tuple[str, ...]:
            return tuple(dict.fromkeys(x for p in parts for x in getattr(p, name)))

        passed = sorted((x for p in parts for x in p.passed_over), key=lambda x: x.line)
        whole = Judgement(
            answer.file, model.name, tuple(verdicts), answer.text, joined("conventions"), joined("renamings"),
            tuple(passed), joined("missing"), joined("proposals"),
            next((p.isolation for p in parts if p.isolation), ""),
        )  # fmt: skip  # the class's order
    from .refused import refusals

    unread, refused = refusals(answer, model)
    every = tuple(sorted((*whole.verdicts, *unread), key=lambda v: (v.start, v.end)))
    return replace(whole, verdicts=every, passed_over=(*whole.passed_over, *refused))


__all__ = ["Judgement", "Options", "Outcome", "ReadError", "Scope", "SymbackpropError", "judge_answer", "target_of"]
