"""A judged answer as a web page that stands alone: claims, repairs and counterexamples as formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import PurePath
from typing import Any

from ...document import Math, Prose
from ...render import render_page
from ..verdict import Counterexample, Judgement, Verdict
from . import wording
from .changes import Parts, changes, marked
from .claims import Change, change, formula, is_code
from .sentences import sentence
from .written import shrunk, written

MOST_PASSED_OVER = 200
PAPER = 40.0  # em: what fits on a printed line
LONGEST = 2_000  # characters of a source that is shown


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a repair: a formula, or source in pieces of which some have changed."""

    math: Math | None
    parts: Parts
    fit: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """Before, if anything stands there, and after; `where` if it is another line."""

    before: Side | None
    after: Side
    where: str


@dataclass(frozen=True, slots=True)
class Given:
    """A value as a matrix, or as text."""

    math: Math | None
    text: str


@dataclass(frozen=True, slots=True)
class Numbers:
    """A counterexample: results with their titles, the entry, and what the symbols were."""

    results: tuple[tuple[str, str], ...]
    entry: str
    given: tuple[tuple[Math, Given], ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """All that is shown of one verdict."""

    id: str
    status: str
    mark: str
    place: str
    target: str
    about: str
    claim: Math | None
    fit: str
    source: str
    fragment: tuple[str, str, str] | None
    basis: Prose
    condition: Prose
    follows: tuple[str, str] | None
    kind: str
    message: Prose
    repair: Repair | None
    numbers: Numbers | None
    later: str


@dataclass(frozen=True, slots=True)
class Part:
    """The claims under one heading of the answer."""

    title: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """All that is shown of an answer."""

    title: str
    network: str
    summary: str
    nav: tuple[Claim, ...]
    notes: tuple[tuple[str, tuple[Prose, ...]], ...]
    parts: tuple[Part, ...]
    passed_over: tuple[tuple[str, Math | None, str, str], ...]
    more_passed_over: str


def html(judgement: Judgement) -> str:
    """The page; what the author wrote is escaped, or read and written again."""
    return render_page("verdicts/verdicts", page=_page(judgement))


def _page(found: Judgement) -> Page:
    notes = (
        ("Conventions", found.conventions),
        ("Renamings", found.renamings),
        ("Missing", found.missing),
        ("To try", found.proposals),
        ("Code was run", (found.isolation,) if found.isolation else ()),
    )
    ids = {id(verdict): f"claim-{k}" for k, verdict in enumerate(found.verdicts, start=1)}
    first = {verdict.line: ids[id(verdict)] for verdict in reversed(found.verdicts)}
    later = wording.followers(found)
    parts = []
    for title, verdicts in groupby(found.verdicts, key=lambda v: v.part):
        shown = tuple(
            _claim(v, ids[id(v)], first, later.get(v.line, ()), targets, found.text)
            for v, targets in wording.gathered(tuple(verdicts))
        )
        parts.append(Part(title, shown))
    passed = tuple(
        (f"line {p.line}", None if is_code(p.text) else written(p.text), p.text[:LONGEST], p.why)
        for p in found.passed_over[:MOST_PASSED_OVER]
    )
    over = len(found.passed_over) - len(passed)
    missing = f", {len(found.missing)} missing" if found.missing else ""
    return Page(
        f"Is it right? {PurePath(found.file).name or 'A formula'}",
        wording.networks(found),
        wording.summary(found.verdicts) + missing,
        _nav([claim for part in parts for claim in part.claims]),
        tuple((title, tuple(map(sentence, items))) for title, items in notes if items),
        tuple(parts),
        passed,
        f"... and {over} more." if over else "",
    )


def _nav(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """For each line its claim that needs a reader most."""
    found: dict[str, Claim] = {}
    for claim in claims:
        known = found.setdefault(claim.place, claim)
        if wording.URGENT.index(claim.status) > wording.URGENT.index(known.status):
            found[claim.place] = claim
    return tuple(found.values())


def _claim(
    verdict: Verdict, name: str, first: dict[int, str], later: Sequence[int], targets: Sequence[str], text: str
) -> Claim:
    found = verdict.diagnosis
    follows = None
    if verdict.follows is not None:
        words = f"{wording.follows(verdict).capitalize()}."
        follows = (words, first.get(verdict.follows, name))
    repair = change(verdict, text)
    unreadable = verdict.status == "unreadable"
    return Claim(
        id=name,
        status=verdict.status,
        mark=wording.MARKS[verdict.status],
        place=wording.place(verdict),
        target="" if targets or verdict.target == "expression" else verdict.target,
        about=wording.about(targets),
        claim=None if unreadable else formula(verdict.claim, verdict.file),
        fit=_fit(verdict.claim),
        source=verdict.claim[:LONGEST],
        fragment=_fragment(verdict, text) if unreadable else None,
        basis=sentence(wording.basis(verdict)),
        condition=sentence(verdict.condition or ""),
        follows=follows,
        kind=wording.kind(found),
        message=sentence("" if found is None else found.message),
        repair=None if repair is None else _repair(repair),
        numbers=None if verdict.counterexample is None else numbers_of(verdict.counterexample),
        later=wording.lines_follow(later) if later and verdict.status == "wrong" and follows is None else "",
    )


def _fit(latex: str) -> str:
    """The part of its size at which a formula fits on paper, which does not scroll; nothing if it fits."""
    part = shrunk(latex, PAPER)
    return "" if part == 1 else f"{max(part, 0.2):.2f}"


def _fragment(verdict: Verdict, text: str) -> tuple[str, str, str] | None:
    """The claim, or its line, before, in and after what could not be read."""
    start, end = verdict.fragment or (verdict.start, verdict.end)
    if not 0 <= start < end <= len(text):
        return None
    left = text.rfind("\n", 0, start) + 1
    stop = text.find("\n", end)
    stop = len(text) if stop < 0 else stop
    return text[max(left, start - LONGEST) : start], text[start:end][:LONGEST], text[end : min(stop, end + LONGEST)]


def _repair(found: Change) -> Repair:
    where = "" if found.line is None else f"In line {found.line}"
    before, after = both_sides(found)
    return Repair(before if found.before else None, after, where)


def both_sides(found: Change) -> tuple[Side, Side]:
    """Both sides of a change with what has changed in each: as formulas, if both can be read."""
    old, new = (None, None) if found.code else (written(found.before), written(found.after))
    if old is None or new is None:
        before, after = changes(found.before, found.after)
        return Side(None, before), Side(None, after)
    before_ml, after_ml = marked(old.mathml, new.mathml)
    return (
        Side(Math(old.latex, before_ml, old.text), (), _fit(old.latex)),
        Side(Math(new.latex, after_ml, new.text), (), _fit(new.latex)),
    )


def numbers_of(found: Counterexample) -> Numbers:
    """A counterexample for a page."""
    results = [("yours", wording.number(found.claimed)), ("true", wording.number(found.true))]
    if found.difference is not None:
        results.append(("difference quotient", wording.number(found.difference)))
    given = [(_name(name), Given(None, str(size))) for name, size in found.sizes.items()]
    given += [(_name(name), _given(value)) for name, value in found.values.items()]
    entry = wording.entry(found)
    return Numbers(tuple(results), entry[:1].upper() + entry[1:], tuple(given))


def _name(name: str) -> Math:
    """`W_1` as a letter with an index, if it is one."""
    stem, _, index = name.partition("_")
    simple = stem.isalpha() and (index.isalnum() or not index) and name.isascii()
    shown = written(f"{stem}_{{{index}}}" if index else stem) if simple and len(stem) == 1 else None
    return Math(name, shown.mathml if shown else "", name)


def _given(value: Any) -> Given:
    """Vectors and matrices as such."""
    shown = wording.values(value)
    rows = value if isinstance(value, (list, tuple)) else None
    if not rows:
        return Given(None, shown)
    if all(isinstance(x, (int, float)) for x in rows):
        rows = [[x] for x in rows] if len(rows) <= 4 else [rows]
    flat = all(isinstance(r, (list, tuple)) and all(isinstance(x, (int, float)) for x in r) for r in rows)
    if not flat or len(rows) > 6 or max(map(len, rows)) > 6:
        return Given(None, shown)
    cells = "".join(f"<mtr>{''.join(f'<mtd>{_number(x)}</mtd>' for x in r)}</mtr>" for r in rows)
    ml = f'<mrow><mo form="prefix">(</mo><mtable>{cells}</mtable><mo form="postfix">)</mo></mrow>'
    return Given(Math(shown, ml, shown), shown)


def _number(value: float) -> str:
    shown = escape(wording.values(value))
    return f"<mrow><mo>−</mo><mn>{shown[1:]}</mn></mrow>" if shown.startswith("-") else f"<mn>{shown}</mn>"
