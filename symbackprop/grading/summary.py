"""What a class gets right and wrong: one page, without names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..document import Math
from ..verification.showing.claims import formula
from ..verification.verdict import Verdict
from .scoring import Grade
from .tables import number

KIND = {
    "transpose": "a transpose is missing or too many", "order": "the factors stand in another order",
    "sign": "a sign", "factor": "a factor", "sum": "a sum is missing or too many",
    "product_kind": "elementwise and matrix product mixed up",
    "activation_derivative": "the activation in the place of its derivative",
    "evaluated_at": "a derivative taken at another place", "symbol": "another symbol", "index": "another index",
    "term": "a term is missing or too many", "path": "a path from the loss is missing", "inverse": "an inverse",
    "indicator": "an indicator", "diagonal": "the diagonal for the whole, or the reverse", "parentheses": "parentheses",
    "shape": "the shapes do not fit", "transcription": "probably a slip of the pen", "other": "something else",
}  # fmt: skip  # a table
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Bar:
    """How a class fares with one target: numbers of students by what they wrote, and the mean share of its points."""

    target: str
    right: int
    open: int
    wrong: int
    missing: int
    mean: str

    @property
    def students(self) -> int:
        """All of them."""
        return self.right + self.open + self.wrong + self.missing


@dataclass(frozen=True, slots=True)
class Mistake:
    """A kind of mistake: how many students made it, in which targets, and an example with what would be right.

    `claim` and `repair` are sources; their formulas are None where they are code, or cannot be set.
    """

    kind: str
    students: int
    targets: str
    claim: str
    message: str
    repair: str
    claim_formula: Math | None = None
    repair_formula: Math | None = None


def bars(grades: Sequence[Grade]) -> list[Bar]:
    """One for each target, in their order."""
    found = []
    for column in zip(*(grade.items for grade in grades), strict=True):
        by = [item.standing if item.standing != "decided" else _standing(item.score, item.most) for item in column]
        most = sum(item.most for item in column)
        mean = f"{100 * sum(item.score for item in column) / most:.0f} %" if most else ""
        found.append(
            Bar(
                column[0].target,
                by.count("right"),
                by.count("provisional"),
                by.count("wrong"),
                by.count("missing"),
                mean,
            )
        )
    return found


def _standing(score: float, most: float) -> str:
    return "right" if score >= most else "wrong"


def mistakes(grades: Iterable[Grade]) -> list[Mistake]:
    """The kinds of mistakes, those of most students first; lines that only follow from an earlier one do not count."""
    found: dict[str, list[tuple[str, Verdict]]] = {}
    for grade in grades:
        for verdict in grade.record.verdicts:
            if verdict.status == "wrong" and verdict.follows is None:
                kind = "other" if verdict.diagnosis is None else verdict.diagnosis.kind
                found.setdefault(kind, []).append((grade.student, verdict))
    listed = [_mistake(kind, cases) for kind, cases in found.items()]
    return sorted(listed, key=lambda mistake: (-mistake.students, mistake.kind))


def _mistake(kind: str, cases: list[tuple[str, Verdict]]) -> Mistake:
    students = len({student for student, _ in cases})
    count: dict[str, set[str]] = {}
    for student, verdict in cases:
        count.setdefault(verdict.target, set()).add(student)
    ordered = sorted(count.items(), key=lambda item: (-len(item[1]), item[0]))
    targets = ", ".join(f"{name} ({len(who)})" for name, who in ordered[:12])
    often = ordered[0][0]  # the example is a mistake where it is made most, the shortest of them
    example = min((v for _, v in cases if v.target == often), key=lambda v: (len(v.claim), v.claim))
    diagnosis = example.diagnosis
    message = example.reason if diagnosis is None else diagnosis.message
    latex = "" if diagnosis is None else diagnosis.repair_latex or ""
    repair = latex or ("" if diagnosis is None else diagnosis.repair_numpy or "")
    return Mistake(
        KIND.get(kind, kind),
        students,
        targets,
        example.claim[:LONGEST],
        message[:LONGEST],
        repair[:LONGEST],
        formula(example.claim, example.file) if len(example.claim) <= LONGEST else None,
        formula(latex) if 0 < len(latex) <= LONGEST else None,
    )


def page(grades: Sequence[Grade], network: str) -> str:
    """The HTML page, with its style inside and nothing outside."""
    from ..render import environment

    made = environment(html=True)
    loader = made.loader
    assert loader is not None
    style = loader.get_source(made, "grades/style.css")[0].strip()
    most = max((grade.most for grade in grades), default=0.0)
    mean = number(sum(grade.score for grade in grades) / len(grades)) if grades else "0"
    return made.get_template("grades/summary.html.jinja").render(
        network=network,
        students=len(grades),
        mean=mean,
        most=number(most),
        review=sum(bool(grade.flags) for grade in grades),
        failed=sum(grade.record.end != "judged" for grade in grades),
        bars=bars(grades),
        mistakes=mistakes(grades),
        style=style,
    )
