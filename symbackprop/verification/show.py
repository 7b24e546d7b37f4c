"""What verdicts show of themselves in a notebook: text, and HTML with MathML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..document import Math
from .showing import wording
from .showing.claims import change, formula, is_code
from .showing.page import Side, both_sides
from .showing.sentences import spoken
from .showing.written import one_line
from .verdict import Verdict

COLOURS = {"right": "#1f8a54", "wrong": "#c0392b", "unreadable": "#8e44ad", "undecided": "#a67600"}
MOST = 200  # verdicts of a list; a notebook's cell is no place for more
MONO = "font-family:monospace;white-space:pre-wrap"


class Verdicts(list[Verdict]):
    """The verdicts on one answer, in its order: a list that a notebook shows claim by claim."""

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """Text and HTML for notebooks."""
        return bundle_all(self)


def bundle(verdict: Verdict) -> dict[str, str]:
    """One verdict: what it says as lines of text and as HTML without scripts."""
    return {"text/plain": "\n".join(_lines(verdict)), "text/html": _html(verdict)}


def bundle_all(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """Several verdicts, after a line that counts them."""
    head = wording.summary(verdicts)
    shown = verdicts[:MOST]
    rest = f"... and {len(verdicts) - MOST} more" if len(verdicts) > MOST else ""
    lines = [head, *(line for v in shown for line in _lines(v)), *([rest] if rest else [])]
    more = f"<div>{rest}</div>" if rest else ""
    return {
        "text/plain": "\n".join(lines),
        "text/html": f"<div><b>{escape(head)}</b></div>{''.join(map(_html, shown))}{more}",
    }


def _said(verdict: Verdict) -> list[str]:
    """The sentences below a claim, before its repair."""
    found = [wording.basis(verdict)]
    if verdict.condition is not None:
        found.append(f"condition: {verdict.condition}")
    found.append(wording.follows(verdict))
    if verdict.diagnosis is not None:
        found.append(wording.mistake(verdict.diagnosis))
    return [spoken(sentence) for sentence in found if sentence]


def _lines(verdict: Verdict) -> list[str]:
    code = is_code(verdict.claim, verdict.file)
    claim = (verdict.claim.strip() if code else one_line(verdict.claim)).strip() or verdict.target
    claim = f"{verdict.target}: {claim}" if code and verdict.target != "expression" else claim
    claim = claim.replace("\n", "\n    ")
    lines = [f"{wording.MARKS[verdict.status]} {verdict.status}, {wording.place(verdict)}: {claim}"]
    lines += [f"    {sentence}" for sentence in _said(verdict)]
    repair = change(verdict)
    if repair is not None:
        before, after = both_sides(repair)
        if repair.before:
            lines.append(f"    - {_text(before)}")
        lines.append(f"    + {_text(after)}")
    if verdict.counterexample is not None:
        lines.append(f"    {wording.counterexample(verdict.counterexample)}")
    return lines


def _text(side: Side) -> str:
    return side.math.text if side.math is not None else "".join(text for text, _ in side.parts)


def _html(verdict: Verdict) -> str:
    colour = COLOURS[verdict.status]
    shown = formula(verdict.claim, verdict.file) if verdict.claim.strip() else None
    claim = _math(shown) if shown else f'<code style="{MONO}">{escape(verdict.claim or verdict.target)}</code>'
    status = f"{wording.MARKS[verdict.status]} {verdict.status}"
    said = "".join(f"<div>{escape(sentence)}</div>" for sentence in _said(verdict))
    numbers = ""
    if verdict.counterexample is not None:
        numbers = f"<div>{escape(wording.counterexample(verdict.counterexample, 400))}</div>"
    return (
        f'<div style="border-left:4px solid {colour};padding:2px 10px;margin:6px 0">'
        f'<div><b style="color:{colour}">{status}</b> {escape(wording.place(verdict))}</div>'
        f'<div style="overflow-x:auto;margin:4px 0">{claim}</div>{said}{_repair(verdict)}{numbers}</div>'
    )


def _repair(verdict: Verdict) -> str:
    found = change(verdict)
    if found is None:
        return ""
    before, after = both_sides(found)
    rows = [("−", before, "192,57,43")] if found.before else []
    rows.append(("+", after, "31,138,84"))
    return "".join(
        f'<div style="overflow-x:auto;background:rgba({colour},.13);padding:1px 6px">{sign} {_side(side, colour)}</div>'
        for sign, side, colour in rows
    )


def _side(side: Side, colour: str) -> str:
    style = f"background:rgba({colour},.35)"
    if side.math is not None:
        return _math(side.math).replace(' class="changed"', f' style="{style}"')
    parts = (
        f'<mark style="color:inherit;{style}">{escape(text)}</mark>' if new else escape(text)
        for text, new in side.parts
    )
    return f'<code style="{MONO}">{"".join(parts)}</code>'


def _math(found: Math) -> str:
    return f'<math displaystyle="true">{found.mathml}</math>'
