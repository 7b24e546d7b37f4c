"""A judged answer on a terminal: each claim with its line, verdict, reason, repair and counterexample."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import Span
from ..verification.showing import wording
from ..verification.showing.changes import Parts, changes
from ..verification.showing.claims import Change, change, is_code
from ..verification.showing.sentences import spoken
from ..verification.showing.written import one_line, written
from ..verification.verdict import Judgement, PassedOver, Verdict
from .diagnostics import excerpt
from .sources import Source
from .terminal import fit, harmless, width

if TYPE_CHECKING:
    from rich.text import Text

MARKS = "".join(wording.MARKS.values())
COLOURS = {"right": "green", "wrong": "red", "unreadable": "magenta", "undecided": "yellow"}
PIPED = 100  # columns where nobody says how wide the page is
NARROWEST = 30
SENTENCE = 110  # characters of a counterexample, however narrow the terminal
MOST_PASSED_OVER = 5
LONGEST = 400  # characters of a claim that is shown as its source
INDENT = "    "
WORD = re.compile(r"\S+\s*")


def print_judgement(judgement: Judgement) -> None:
    """Print what is known of an answer to standard output."""
    from rich.console import Console

    console = Console(file=sys.stdout, highlight=False, emoji=False, markup=False, soft_wrap=True)
    room = console.width if console.is_terminal or os.environ.get("COLUMNS") else PIPED
    carets, plain = console.color_system is None, fit(MARKS, sys.stdout) != MARKS
    page = _Page(judgement, max(room, NARROWEST), carets, plain)
    for line in page.lines():
        console.print(line)


@dataclass(frozen=True, slots=True)
class _Page:
    """The lines of one answer.

    `carets`: changes are marked below the line, since nothing is coloured; `plain`: nothing but ASCII can be shown.
    """

    judgement: Judgement
    room: int
    carets: bool
    plain: bool

    def lines(self) -> Iterator[Text]:
        """All of them, in order."""
        found = self.judgement
        against = f"  {wording.judged_against(found)}"
        yield from self.wrapped("", (f"{found.file or 'formula'}", "bold"), (against, "dim"))
        yield from self.listed("Conventions", found.conventions)
        yield from self.listed("Renamings", found.renamings)
        followers = wording.followers(found)
        part = ""
        for verdict, targets in wording.gathered(found.verdicts):
            if verdict.part != part:
                part = verdict.part
                yield from self.wrapped("", ("\n" if not part else f"\n{part}", "bold"))
            elif verdict is found.verdicts[0]:
                yield from self.wrapped("", ("\n", ""))
            yield from self.verdict(verdict, followers.get(verdict.line, ()), targets)
        yield from self.listed("Missing", found.missing, "red")
        yield from self.listed("To try", found.proposals, "yellow")
        yield from self.passed_over(found.passed_over)
        if found.isolation:
            yield from self.wrapped("", (f"\nCode was run: {found.isolation}", "dim"))
        missing = f", {len(found.missing)} missing" if found.missing else ""
        yield from self.wrapped("", ("\n", ""), (f"{wording.summary(found.verdicts)}{missing}", "bold"))

    # ------------------------------------------------------------------ one claim

    def verdict(self, verdict: Verdict, later: Sequence[int], targets: Sequence[str]) -> Iterator[Text]:
        """A claim and what is said of it."""
        colour = COLOURS[verdict.status]
        mark = "" if self.plain else f"{wording.MARKS[verdict.status]} "
        place = wording.place(verdict).ljust(max(len(wording.place(v)) for v in self.judgement.verdicts))
        status = verdict.status.ljust(max(len(v.status) for v in self.judgement.verdicts))
        yield from self.wrapped(
            INDENT,
            (f"{place}  ", "dim"),
            (f"{mark}{status}", f"bold {colour}"),
            (f"  {self.claim(verdict, targets)}", ""),
        )
        if verdict.status == "unreadable":
            yield from self.fragment(verdict)
        basis = wording.basis(verdict)
        if basis:
            yield from self.said("dim", basis)
        if targets:
            yield from self.said("dim", wording.about(targets))
        if verdict.condition is not None:
            yield from self.said("yellow", f"condition: {verdict.condition}")
        if verdict.follows is not None:
            yield from self.said("", wording.follows(verdict))
        diagnosis = verdict.diagnosis
        if diagnosis is not None:
            yield from self.said("", wording.mistake(diagnosis))
            repair = change(verdict, self.judgement.text)
            if repair is not None:
                yield from self.repair(repair)
        if verdict.counterexample is not None:
            room = max(2 * (self.room - len(INDENT)) - 20, SENTENCE)
            yield from self.said("", wording.counterexample(verdict.counterexample, room))
        if later and verdict.follows is None and verdict.status == "wrong":
            yield from self.said("", wording.lines_follow(later))

    def claim(self, verdict: Verdict, targets: Sequence[str]) -> str:
        """The claim as a line of text: a formula where it can be read, else its source."""
        if not verdict.claim.strip():
            return verdict.target
        if is_code(verdict.claim, verdict.file):
            first, *more = verdict.claim.strip().splitlines() or [""]
            about = f"{verdict.target}: " if verdict.target != "expression" and not targets else ""
            return f"{about}{first} ..." if more else f"{about}{first}"
        text = one_line(verdict.claim, self.plain)
        return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."

    def fragment(self, verdict: Verdict) -> Iterator[Text]:
        """The line of the answer with a mark under what could not be read."""
        source = Source(self.judgement.file, "", self.judgement.text)
        span = _span(self.judgement.text, *(verdict.fragment or (verdict.start, verdict.end)))
        if span is not None:
            for line in excerpt(span, source, "bold magenta", self.room - 12)[1:]:
                line.pad_left(len(INDENT) - 1)
                yield line

    def repair(self, repair: Change) -> Iterator[Text]:
        """What to change: two lines, the changed parts marked in them."""
        if repair.line is not None:
            yield from self.said("", f"line {repair.line}:")
        before, after = _as_text(repair, self.plain)
        old, new = changes(before, after)
        if before:
            yield from self.half("-", old, "red")
        yield from self.half("+", new, "green")

    def half(self, sign: str, parts: Parts, colour: str) -> Iterator[Text]:
        """One side of a repair."""
        pieces = [(text, f"bold underline {colour}" if changed else colour) for text, changed in parts]
        lines = list(self.wrapped(INDENT * 2, (f"{INDENT}{sign} ", colour), *pieces))
        yield from lines
        if self.carets and len(lines) == 1 and any(changed for _, changed in parts) and len(parts) > 1:
            under = "".join(("^" if changed else " ") * width(_clean(text)) for text, changed in parts)
            yield from self.wrapped("", (f"{INDENT}  {under.rstrip()}", ""), cut=False)

    # ------------------------------------------------------------------ what is said of the whole

    def listed(self, title: str, items: Sequence[str], colour: str = "") -> Iterator[Text]:
        """A heading and a line for each item; nothing where there is none."""
        if items:
            yield from self.wrapped("", (f"\n{title}", f"bold {colour}".strip()))
        for item in items:
            yield from self.said(colour, item, "  ")

    def passed_over(self, formulas: Sequence[PassedOver]) -> Iterator[Text]:
        """How many formulas hold no derivative, and the first of them."""
        if not formulas:
            return
        count = len(formulas)
        title = f"\nPassed over: {count} formula{'' if count == 1 else 's'} without a derivative of this network"
        yield from self.wrapped("", (title, "dim"))
        for found in formulas[:MOST_PASSED_OVER]:
            text = " ".join(found.text.split()) if is_code(found.text) else one_line(found.text, self.plain)
            text = text if len(text) <= 60 else f"{text[:60]} ..."
            why = f" ({found.why.rstrip('.')})" if found.why else ""
            yield from self.said("dim", f"line {found.line}: {text}{why}", "  ")
        if count > MOST_PASSED_OVER:
            lines = list(dict.fromkeys(str(p.line) for p in formulas[MOST_PASSED_OVER:]))
            more = ", ..." if len(lines) > 20 else ""
            where = "line" if len(lines) == 1 else "the lines"
            yield from self.said("dim", f"and in {where} {', '.join(lines[:20])}{more}", "  ")

    # ------------------------------------------------------------------ lines

    def said(self, style: str, words: str, indent: str = INDENT) -> Iterator[Text]:
        """A sentence, set in."""
        return self.wrapped(f"{indent}  ", (f"{indent}{spoken(words)}", style))

    def wrapped(self, later: str, *pieces: tuple[str, str], cut: bool = True) -> Iterator[Text]:
        """The pieces with their styles on lines that end between words; the second and later ones begin with `later`.

        A newline at the beginning of a piece is an empty line before it.
        """
        from rich.text import Text

        line = Text()
        for words, style in pieces:
            if words.startswith("\n"):
                yield Text()
                words = words[1:]
            line.append(_clean(words), style)
        if not line.plain:
            return
        ends: list[int] = []
        used = len(line.plain) - len(line.plain.lstrip())
        for k, word in enumerate(WORD.finditer(line.plain)):
            if k and cut and used + width(word.group().rstrip()) > self.room:
                ends.append(word.start())
                used = len(later)
            used += width(word.group())
        for k, part in enumerate(line.divide(ends)):
            part.rstrip()
            if k:
                part.pad_left(len(later))
            yield part


def _as_text(repair: Change, plain: bool) -> tuple[str, str]:
    """Both sides as text: formulas if both can be read, else their sources."""
    sides = (repair.before, repair.after)
    if not repair.code and all(written(side) is not None for side in sides):
        return one_line(repair.before, plain), one_line(repair.after, plain)
    return " ".join(repair.before.split()), " ".join(repair.after.split())


def _clean(text: str) -> str:
    return fit(harmless(text), sys.stdout)


def _span(text: str, start: int, end: int) -> Span | None:
    """The place of code points in a text, None where there is no text."""
    if not 0 <= start < len(text):
        return None
    at = 0
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        if at + len(line) > start:
            stop = min(max(end, start + 1), at + len(line.rstrip("\r\n")))
            return Span(number, start - at + 1, number, max(stop - at, start - at + 1) + 1)
        at += len(line)
    return None
