r"""Formulas in a text: `$..$`, `$$..$$`, `\(..\)`, `\[..\]`, and the environments that set displays."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

from ..errors import ReadError
from .found import Findings, Found
from .macros import DEFINES, Macros
from .mapped import DROPPED, without_dropped
from .places import Places

_OPEN = ("equation", "align", "gather", "multline", "eqnarray", "flalign", "alignat", "displaymath", "math", "dmath",
         "IEEEeqnarray", "xalignat", "aligned", "gathered", "split", "alignedat", "multlined")  # fmt: skip
_WHOLE = ("cases", "dcases", "rcases", "array", "matrix", "pmatrix", "bmatrix", "vmatrix", "Vmatrix", "smallmatrix")
SETS_LINES = frozenset(name + star for name in _OPEN for star in ("", "*"))  # what stands in it is the formula
IS_PART = frozenset(name + star for name in _WHOLE for star in ("", "*"))  # it is part of the formula
_TAKES_ARGUMENT = re.compile(r"\s*(?:\[[a-z]\])?\s*(?:\{[^{}\n]{0,40}\})?")
_ARGUMENT = frozenset({"alignat", "alignat*", "alignedat", "IEEEeqnarray", "IEEEeqnarray*", "xalignat", "xalignat*"})
_POSITION = re.compile(r"\s*\[[tbc]\]")

_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([A-Za-z]+\*?)\}")
_TOKEN = re.compile(r"\\begin\s*\{[A-Za-z]+\*?\}|\\\\[(\[]|\\[(\[]|\\[A-Za-z@]+|\\.|\$\$|\$", re.DOTALL)
_CLOSES = re.compile(r"\\.|[{}]|\$\$?|(?P<blank>\n[ \t\r]*\n)", re.DOTALL)
_BLANK = re.compile(r"\n[ \t\r]*\n")
_LIKE_TEX = re.compile(r"[\\^_=]|^\s*[A-Za-z]\s*$")
_COMMAND = re.compile(r"\\[A-Za-z]")
_QUOTED = re.compile(r"[ \t]*>")
_QUOTE_MARK = re.compile(r"(?<=\n)[ \t]*(?:>[ \t]?)+")
MOST_FORMULAS = 20_000  # of one answer
MOST_SIGNS = 40_000
_BRACKETS = {"\\[": "\\]", "\\(": "\\)", "\\\\[": "\\\\]", "\\\\(": "\\\\)"}
_LOOK_AHEAD = 100  # lexemes behind a `$` inside braces, before it is the end after all
_PATIENCE = 20_000  # lexemes passed in that way, in the whole answer
_MOST_REFUSED = 100
_FARTHEST = 30_000  # characters from `\[` to `\]`: more than any formula that is read


class Formulas:
    r"""Finds the formulas of one text in order; definitions of macros on the way are taken up.

    `masked` is the text with comments and code dropped, at the same positions. Where `tex` is true every dollar sets a
    formula; in Markdown prices and escaped dollars do not, and `\\(` may stand for `\(`.
    """

    def __init__(self, masked: str, macros: Macros, places: Places, findings: Findings, *, tex: bool) -> None:
        self.text, self.macros, self.places, self.findings, self.tex = masked, macros, places, findings, tex
        self.quoted = not tex and ">" in masked
        self.ends: dict[int, tuple[int, int]] = {}
        self.patience = _PATIENCE
        self.signs = 0

    def define(self, start: int, end: int) -> None:
        """Take up the definitions of macros only: in a preamble nothing is set."""
        place = start
        while (match := DEFINES.search(self.text, place, end)) is not None:
            place = self.macros.define(self.text, match) or match.end()

    def scan(self, start: int, end: int) -> None:
        """Take up everything between two positions."""
        self._match_environments(start, end)
        place = start
        while (match := _TOKEN.search(self.text, place, end)) is not None:
            piece = match.group()
            self.signs += piece[0] == "$" or piece in _BRACKETS or piece.startswith("\\begin")
            if self.signs > MOST_SIGNS:
                self._too_many(match.start(), f"more than {MOST_SIGNS:,} signs that begin a formula")
            if piece in ("$", "$$"):
                place = (self._inline if piece == "$" else self._double)(match.start(), end)
            elif piece.startswith("\\begin"):
                place = self._environment(match, end)
            elif piece in _BRACKETS and not (self.tex and len(piece) > 2):
                place = self._bracket(match.start(), piece, _BRACKETS[piece], end)
            elif piece[1].isalpha() and (defined := DEFINES.match(self.text, match.start(), end)):
                place = self.macros.define(self.text, defined) or match.end()
            elif (environment := self.macros.delimits(piece[1:])) is not None:
                place = self._shorthand(match, environment, end)
            else:
                place = match.end()

    def _inline(self, start: int, end: int) -> int:
        close = self._closing(start + 1, end, lambda piece: piece[0] == "$", blank=False)
        if close is None:
            if self.tex or _COMMAND.search(self._rest_of_line(start + 1)):
                self._refuse(start, start + 1, "`$` has no end in its paragraph")
            return start + 1
        content = self.text[start + 1 : close]
        if not self.tex and not _is_mathematics(content, self.text[close + 1 : close + 2]):
            return start + 1
        inner = (start + 2, close - 1) if len(content) > 2 and content[0] == content[-1] == "`" else (start + 1, close)
        self._keep(start, close + 1, inner, "$", display=False)
        return close + 1

    def _double(self, start: int, end: int) -> int:
        close = self._closing(start + 2, end, lambda piece: piece == "$$", blank=True)
        if close is None or self._is_prose(start, close):
            self._refuse(start, start + 2, "`$$` has no end in its paragraph")
            return start + 2
        self._keep(start, close + 2, (start + 2, close), "$$")
        return close + 2

    def _is_prose(self, start: int, close: int) -> bool:
        """Whether what seems to stand between two `$$` is text: blank lines are in it, and it has not its own lines."""
        blank = _BLANK.search(self.text, start + 2, close)
        if blank is None or not self.text[start + 2 : close].strip():
            return False
        own_line = not self.text[self.places.begins(start) : start].strip(" \t>" + DROPPED)
        closes_line = not self.text[self.places.begins(close) : close].strip(" \t>" + DROPPED)
        begun = self.text[start + 2 : blank.start()]
        unbalanced = begun.count("{") > begun.count("}") or begun.count("\\begin") > begun.count("\\end")
        return not ((own_line and closes_line) or unbalanced)

    def _closing(self, start: int, end: int, closes: Callable[[str], bool], *, blank: bool) -> int | None:
        """Where a dollar closes: the first outside braces; if there is none soon, the first at all."""
        depth, first, passed = 0, None, 0
        for match in _CLOSES.finditer(self.text, start, end):
            piece = match.group()
            if match["blank"]:
                if not blank:
                    return first
            elif piece in "{}":
                depth = max(depth + (1 if piece == "{" else -1), 0)
            elif closes(piece):
                if depth == 0:
                    return match.start()
                first = match.start() if first is None else first
            if first is not None:
                passed += 1
                self.patience -= 1
                if passed > _LOOK_AHEAD or self.patience < 0:
                    return first
        return first

    def _bracket(self, start: int, opening: str, closing: str, end: int) -> int:
        after = start + len(opening)
        pattern = re.compile(r"\\\\[)\](\[]" if closing.startswith("\\\\") else r"\\[\[\]()]|\\.", re.DOTALL)
        for match in pattern.finditer(self.text, after, min(end, after + _FARTHEST)):
            if match.group() == closing:
                if _BLANK.search(self.text, after, match.start()) and opening.endswith("("):
                    break
                self._keep(start, match.end(), (after, match.start()), opening[-2:], display=opening.endswith("["))
                return match.end()
            if match.group() == opening:
                break
        if self.tex or _LIKE_TEX.search(self._rest_of_line(after)):
            self._refuse(start, after, f"`{opening}` has no end")
        return after

    def _rest_of_line(self, start: int) -> str:
        return self.text[start : start + 200].split("\n")[0]

    def _environment(self, match: re.Match[str], end: int) -> int:
        named = _ENVIRONMENT.match(self.text, match.start())
        assert named is not None  # _TOKEN has matched the same
        name = named.group(2)
        if name not in SETS_LINES and name not in IS_PART:
            return match.end()
        if match.start() not in self.ends:
            self._refuse(match.start(), match.end(), f"`\\begin{{{name}}}` has no end")
            return match.end()
        close, after = self.ends[match.start()]
        inner = (match.start(), after) if name in IS_PART else (self._behind_arguments(name, match.end()), close)
        self._keep(match.start(), after, inner, name, display=name != "math")
        return after

    def _behind_arguments(self, name: str, place: int) -> int:
        found = (_TAKES_ARGUMENT if name in _ARGUMENT else _POSITION).match(self.text, place)
        return found.end() if found else place

    def _shorthand(self, match: re.Match[str], environment: str, end: int) -> int:
        if environment not in SETS_LINES and environment != "[":
            return match.end()
        close = re.compile(self.macros.closing(environment)).search(
            self.text, match.end(), min(end, match.end() + _FARTHEST)
        )
        if close is None:
            self._refuse(match.start(), match.end(), f"`{match.group()}` has no end")
            return match.end()
        inner = self._behind_arguments(environment, match.end()), close.start()
        self._keep(match.start(), close.end(), inner, "\\[" if environment == "[" else environment)
        return close.end()

    def _match_environments(self, start: int, end: int) -> None:
        r"""Pair each `\begin{name}` with its end; those inside one another by name."""
        open_: dict[str, list[int]] = {}
        for match in _ENVIRONMENT.finditer(self.text, start, end):
            kind, name = match.groups()
            if kind == "begin":
                open_.setdefault(name, []).append(match.start())
            elif open_.get(name):
                self.ends[open_[name].pop()] = match.span()

    def _keep(self, start: int, end: int, inner: tuple[int, int], environment: str, *, display: bool = True) -> None:
        source = self.text
        if self.quoted and _QUOTED.match(source, self.places.begins(start)):
            content = _QUOTE_MARK.sub(lambda m: DROPPED * len(m.group()), source[slice(*inner)])
            text, origins = without_dropped(content, 0, len(content))
            origins = [inner[0] + o for o in origins]
        else:
            text, origins = without_dropped(source, *inner)
        self.findings.found += formula(text, origins, self.macros, (start, end), environment, display=display)
        if len(self.findings.found) > MOST_FORMULAS:
            self._too_many(start, f"more than {MOST_FORMULAS:,} formulas")

    def _too_many(self, place: int, what: str) -> NoReturn:
        span = self.places.span(place, place + 1)
        raise ReadError(f"Line {span.line}: there are {what}.", remedy="Split the answer.", span=span)

    def _refuse(self, start: int, end: int, what: str) -> None:
        if len(self.findings.refused) >= _MOST_REFUSED:
            return
        span = self.places.span(start, end)
        self.findings.refused.append((span, f"Line {span.line}: {what}."))


def formula(
    text: str, origins: list[int], macros: Macros, outer: tuple[int, int], environment: str, *, display: bool
) -> list[Found]:
    """One formula with its macros expanded and no space around it; none if nothing is left of it."""
    made = macros.expanded(text, origins, origins[-1] + 1 if origins else outer[1])
    first = len(made.text) - len(made.text.lstrip())
    last = len(made.text.rstrip())
    if last <= first:
        return []
    origin = (*made.origin[first:last], made.origin[last - 1] + 1 if last < len(made.text) else made.origin[last])
    return [Found("latex", *outer, made.text[first:last], origin, display, environment, made.uses)]


def _is_mathematics(content: str, following: str) -> bool:
    """Whether dollars around a text set a formula, and are not two prices (the rule of pandoc's Markdown, widened)."""
    if not content.strip():
        return False
    if _COMMAND.search(content):
        return True
    if not content[0].isspace() and not content[-1].isspace():
        return not following.isdigit()
    if content.lstrip()[0].isdigit() and not re.search(r"[\\^_]", content):
        return False
    return _LIKE_TEX.search(content) is not None
