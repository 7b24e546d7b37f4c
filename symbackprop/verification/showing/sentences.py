r"""Sentences that quote an author's LaTeX: of `The sign of -\frac{1}{n} x is wrong.` the formula is shown as one."""

from __future__ import annotations

import re

from ...document import Prose
from .written import written

LONGEST = 4_000  # characters of a sentence that is looked through
_WORD = re.compile(r"\S+")
_OF_FORMULAS = re.compile(r"[\\{}_^]")
_BETWEEN = re.compile(r"[A-Za-z]|[-+=*/()\[\]|<>.,0-9]+")
_END = ".,:;?!"


def sentence(text: str) -> Prose:
    """The words, and the formulas among them that can be read; a formula is what holds a command."""
    if "\\" not in text or len(text) > LONGEST:
        return (text,) if text else ()
    found: list[object] = []
    done = 0
    for start, end in _stretches(text):
        source = text[start:end].rstrip(_END)
        formula = written(source)
        if formula is not None:
            found += [text[done:start], formula]
            done = start + len(source)
    found.append(text[done:])
    return tuple(part for part in found if part)  # type: ignore[misc]  # strings and formulas


def spoken(text: str) -> str:
    """The same as a line of text."""
    return "".join(part if isinstance(part, str) else part.text for part in sentence(text))


def _stretches(text: str) -> list[tuple[int, int]]:
    """Neighbouring words that look like parts of one formula, from the first to the last that can be nothing else."""
    found: list[tuple[int, int]] = []
    run: list[re.Match[str]] = []
    for word in [*_WORD.finditer(text), None]:
        if word is not None and "`" not in word[0] and (_OF_FORMULAS.search(word[0]) or _BETWEEN.fullmatch(word[0])):
            run.append(word)
            if word[0][-1] not in ":;":
                continue
        sure = [k for k, w in enumerate(run) if _OF_FORMULAS.search(w[0])]
        if any("\\" in w[0] for w in run):
            found.append((run[sure[0]].start(), run[sure[-1]].end()))
        run = []
    return found
