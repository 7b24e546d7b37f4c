"""Points for a submission. What could not be read or decided takes none away: it is for a person to look at.

A target's points are shared by the files that speak of it, formulas and code apart; in each, the last relation about it
counts. A line that only follows from an earlier mistake brings its points, since that mistake is counted where it was
made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..verification.showing.claims import is_code
from ..verification.verdict import Verdict
from .decisions import NAMELESS, Decision
from .records import Record, digest

Standing: TypeAlias = Literal["right", "wrong", "provisional", "missing", "decided"]
LONGEST = 300  # characters of an excerpt


@dataclass(frozen=True, slots=True)
class Item:
    """One target of one student: points of `most`, and the verdicts behind them. `note`: why they are what they are."""

    target: str
    score: float
    most: float
    standing: Standing
    verdicts: tuple[Verdict, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that a person should look at; `claim` is what a decision calls it."""

    claim: str
    target: str
    kind: Literal[
        "undecided", "unreadable", "conditional", "transcription", "not read", "not judged", "missing", "hint"
    ]
    reason: str
    excerpt: str = ""
    file: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """One student's result; of the decisions, those that were followed, and those that do not say what gets points."""

    student: str
    record: Record
    items: tuple[Item, ...]
    flags: tuple[Flag, ...]
    used: tuple[Decision, ...] = ()
    vague: tuple[Decision, ...] = ()

    @property
    def score(self) -> float:
        """The sum of the items' points."""
        return sum(item.score for item in self.items)

    @property
    def most(self) -> float:
        """What the items can bring."""
        return sum(item.most for item in self.items)

    def count(self, status: str) -> int:
        """How many claims have this status."""
        return sum(verdict.status == status for verdict in self.record.verdicts)

    @property
    def missing(self) -> tuple[str, ...]:
        """Targets of which nothing is said."""
        return tuple(item.target for item in self.items if item.standing == "missing")


def claim_digest(verdict: Verdict) -> str:
    """A short name of a claim that stays as long as its file's name, its text and its target stay."""
    return digest(verdict.file, verdict.claim, verdict.target)[:10]


def file_digest(name: str) -> str:
    """The same of a whole file."""
    return digest("file", name)[:10]


def grade(student: str, record: Record, points: Mapping[str, float], decided: Iterable[Decision] = ()) -> Grade:
    """The points of a submission for these targets, and what is to be looked at."""
    ours = [decision for decision in decided if decision.of(student)]
    return _Grading(student, record, points, ours).grade()


class _Grading:
    """One submission on its way to a grade."""

    def __init__(self, student: str, record: Record, points: Mapping[str, float], decided: list[Decision]) -> None:
        self.student, self.record, self.points = student, record, points
        self.claims = [d for d in decided if d.claim]
        self.by_target: dict[str, Decision] = {d.target: d for d in decided if d.target and not d.claim}
        self.used: dict[Decision, None] = {}
        self.vague: dict[Decision, None] = {}
        self.flags: list[Flag] = []

    def grade(self) -> Grade:
        by_target: dict[str, list[Verdict]] = {}
        for verdict in self.record.verdicts:
            by_target.setdefault(self.about(verdict), []).append(verdict)
            self.look_at(verdict)
        self.files()
        unread = self.unread()
        items = tuple(self.item(name, most, by_target.get(name, []), unread) for name, most in self.points.items())
        self.proposals()
        if any(item.standing == "missing" for item in items):
            self.hints()
        return Grade(self.student, self.record, items, tuple(self.flags), tuple(self.used), tuple(self.vague))

    def decision(self, claim: str, about: str = "") -> Decision | None:
        """The last decision on a claim about a target; to call a claim right, one has to know what it is about."""
        found = [d for d in self.claims if d.claim == claim]
        if about in NAMELESS:
            vague = [d for d in found if d.right is not False and not d.target]
            self.vague |= dict.fromkeys(vague)
            found = [d for d in found if d not in vague]
        self.used |= dict.fromkeys(found)
        return found[-1] if found else None

    def of(self, verdict: Verdict) -> Decision | None:
        return self.decision(claim_digest(verdict), verdict.target)

    def about(self, verdict: Verdict) -> str:
        """The target of a claim, which a person may have told us."""
        found = self.of(verdict)
        return found.target if found is not None and found.target else verdict.target

    def look_at(self, verdict: Verdict) -> None:
        """Flag what the program is not sure of."""
        kind = doubt(verdict)
        if kind is None or self.of(verdict) is not None:
            return
        reason = verdict.reason
        if kind == "conditional":
            reason = f"Right, with a condition: {verdict.condition}"
        elif kind == "transcription" and verdict.diagnosis is not None:
            reason = verdict.diagnosis.message
        self.flags.append(
            Flag(
                claim_digest(verdict), verdict.target, kind, reason, verdict.claim[:LONGEST], verdict.file, verdict.line
            )
        )

    def files(self) -> None:
        """Flag files that were not read, and a submission that was not judged."""
        for name, why in self.record.refused:
            if self.decision(file_digest(name)) is None:
                self.flags.append(Flag(file_digest(name), "", "not read", why, file=name))
        if self.record.end != "judged" and self.decision(file_digest("")) is None:
            self.flags.append(Flag(file_digest(""), "", "not judged", self.record.message))
        for judgement in self.record.judgements:
            for each in judgement.passed_over:
                if not each.text:  # a place in a good file that could not be read
                    claim = digest(judgement.file, each.line, each.why)[:10]
                    if self.decision(claim) is None:
                        self.flags.append(Flag(claim, "", "not read", each.why, "", judgement.file, each.line))
        self.flags += [
            Flag(file_digest(name), "", "hint", "The file is empty.", file=name) for name in self.record.empty
        ]

    def unread(self) -> str:
        """Why something that seems to be missing may be there all the same; empty if everything was read."""
        for flag in self.flags:
            if flag.kind in ("not read", "not judged"):
                return flag.reason
            nameless = flag.target in NAMELESS if flag.kind == "undecided" else flag.target not in self.points
            if flag.kind in WORD and nameless:
                return f"It may be in line {flag.line} of {flag.file}, which was not {WORD[flag.kind]}."
        return ""

    def item(self, name: str, most: float, verdicts: list[Verdict], unread: str) -> Item:
        decision = self.by_target.get(name)
        if decision is not None:
            self.used[decision] = None
            return Item(name, _decided(decision, most), most, "decided", tuple(verdicts), decision.note)
        named = [d for d in map(self.of, verdicts) if d is not None and d.points is not None]
        if named:
            return Item(name, _decided(named[-1], most), most, "decided", tuple(verdicts), named[-1].note)
        if not verdicts:
            whole = [d for d in self.claims if d.target == name and d in self.used]
            if whole:  # on a file that nobody but a person could read
                return Item(name, _decided(whole[-1], most), most, "decided", (), whole[-1].note)
            if unread:
                return Item(name, most, most, "provisional", (), unread)
            return Item(name, 0.0, most, "missing", (), "Nothing is said of it.")
        last = {(verdict.file, is_code(verdict.claim, verdict.file)): verdict for verdict in verdicts}
        brought = [self.credit(verdict) for verdict in last.values()]
        share = sum(value for value, _, _ in brought) / len(brought)
        if any(standing == "provisional" for _, standing, _ in brought):
            standing: Standing = "provisional"
        else:
            standing = "right" if share == 1 else "wrong"
        return Item(name, most * share, most, standing, tuple(verdicts), " ".join(note for *_, note in brought if note))

    def credit(self, verdict: Verdict) -> tuple[float, Standing, str]:
        """The part of the points that a claim brings, how sure that is, and why if that is no matter of course."""
        decision = self.of(verdict)
        if decision is not None and decision.right is not None:
            return float(decision.right), "right" if decision.right else "wrong", decision.note
        kind = doubt(verdict)
        if kind is not None:
            return 1.0, "provisional", "Full points until somebody has looked."
        if verdict.status == "wrong" and verdict.follows is not None:
            return 1.0, "right", f"It only follows from the mistake in line {verdict.follows}."
        return float(verdict.status == "right"), verdict.status if verdict.status == "right" else "wrong", ""

    def proposals(self) -> None:
        """What may make a file readable that mostly is not."""
        for judgement in self.record.judgements:
            self.flags += [Flag("", "", "hint", f"To try: {text}", file=judgement.file) for text in judgement.proposals]

    def hints(self) -> None:
        """What may explain that something is missing, though it takes nothing back."""
        passed = [each for judgement in self.record.judgements for each in judgement.passed_over if each.text]
        names = ", ".join(item for item in self.points if item not in {self.about(v) for v in self.record.verdicts})
        if not self.record.judgements:
            self.flags.append(Flag("", names, "missing", "Nothing was handed in that could be judged."))
        if passed:
            first = passed[0]
            reason = f"{names} missing; {len(passed)} formulas were passed over, the first: {first.why}"
            self.flags.append(Flag("", names, "missing", reason, first.text[:LONGEST], line=first.line))


WORD = {"unreadable": "read", "undecided": "decided"}


def doubt(verdict: Verdict) -> Literal["undecided", "unreadable", "conditional", "transcription"] | None:
    """Why a person should look at a claim, if there is a reason."""
    if verdict.status in ("undecided", "unreadable"):
        return verdict.status
    if verdict.status == "right":
        return "conditional" if verdict.condition else None
    if verdict.diagnosis is not None and verdict.diagnosis.kind == "transcription":
        return "transcription"
    return None


def _decided(decision: Decision, most: float) -> float:
    if decision.points is not None:
        return decision.points
    return most if decision.right else 0.0
