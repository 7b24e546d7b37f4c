r"""A passage's statements: lines and what stands between commas, each a chain `A = B = C`, read one by one.

A statement that cannot be read does not keep the others from being read. Lines that begin with a relation continue the
chain before them; lines that begin with a sign continue its last side.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from .cursor import FUNCTION_WORDS, NO_STRETCHES
from .flat import Stretches
from .lexemes import FormulaError, Lexeme, lex
from .parse import RELATIONS, Reader
from .special import GRIDS
from .tree import Chain, Tree

WRAPPERS = frozenset(
    {
        *(
            "aligned",
            "align",
            "split",
            "gathered",
            "gather",
            "alignedat",
            "alignat",
            "equation",
            "eqnarray",
            "multline",
        ),
        *("flalign", "displaymath", "math", "subequations", "IEEEeqnarray", "dmath", "empheq"),
    }
)
CONTINUING = frozenset({"+", "-", "\\cdot", "*", "\\times", "\\odot", "\\circ", "\\otimes", "/"})
TEXT = frozenset({"\\text", "\\textrm", "\\textnormal", "\\textit", "\\textbf", "\\mathrm", "\\operatorname"})
PAIRS = {"{": 1, "(": 1, "[": 1, "\\{": 1, "}": -1, ")": -1, "]": -1, "\\}": -1, "\\langle": 1, "\\rangle": -1}


@dataclass(frozen=True, slots=True)
class Broken:
    """A statement that could not be read: its stretch, and why."""

    start: int
    end: int
    error: FormulaError


@dataclass
class _Draft:
    """A chain being put together: sides as stretches of lexemes."""

    sides: list[list[Lexeme]] = field(default_factory=lambda: [[]])
    relations: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    open: bool = True

    @property
    def empty(self) -> bool:
        return not any(self.sides)


def statements(text: str, stretches: Stretches = NO_STRETCHES, words: Collection[str] = ()) -> list[Chain | Broken]:
    """The statements of a passage, in order. Raises FormulaError for what keeps all of it from being read."""
    lexemes = _without_label(lex(text))
    found: list[Chain | Broken] = []
    for draft in _drafts(text, lexemes, frozenset(words)):
        if draft.empty:
            continue
        flat = [x for side in draft.sides for x in side]
        start, end = flat[0].start, max(x.end for x in flat)
        continued = not draft.sides[0] and not found
        try:
            own = draft.sides[1:] if continued else draft.sides
            sides = tuple(_side(text, side, stretches, words, start, end) for side in own)
        except FormulaError as error:
            found.append(Broken(start, end, error))
        else:
            found.append(Chain(sides, tuple(draft.relations), tuple(draft.words), continued, start, end))
    return found


def _without_label(lexemes: list[Lexeme]) -> list[Lexeme]:
    """The lexemes without an enumeration `a)`, `(b)`, `2).` at their beginning."""
    texts = [x.text for x in lexemes[:4]]
    opened = texts[:1] == ["("]
    label = texts[opened : opened + 2]
    if len(label) < 2 or label[1] != ")" or not (label[0].isalnum() and len(label[0]) <= 2):
        return lexemes
    if opened and texts[3:4] and texts[3] in ("=", "_", "^", "+", "-", "'"):
        return lexemes  # (a) is a factor
    skip = opened + 2 + (texts[opened + 2 : opened + 3] == ["."])
    return lexemes[skip:] if len(lexemes) > skip else lexemes


def _side(
    text: str, side: Sequence[Lexeme], stretches: Stretches, words: Collection[str], start: int, end: int
) -> Tree:
    """One side; its text alone is read, at its place."""
    if not side:
        raise FormulaError("Cannot read the formula: one side of a relation is missing.", start, end)
    reader = Reader(text, stretches, words, side)
    tree = reader.expression(0)
    if reader.at < len(reader.lexemes):
        reader.refuse("this cannot stand here")
    return tree


def _drafts(text: str, lexemes: Sequence[Lexeme], words: frozenset[str]) -> list[_Draft]:
    """Statements as stretches of lexemes."""
    drafts = [_Draft()]
    depth = at = 0
    broken_line = False
    while at < len(lexemes):
        lexeme = lexemes[at]
        word, draft = lexeme.text, drafts[-1]
        environment = _environment(lexemes, at)
        if environment is not None and depth == 0 and _wraps(environment, lexemes, at, draft):
            at = environment[1]
            if (
                word == "\\begin"
                and at < len(lexemes)
                and lexemes[at].text == "{"
                and environment[0] in ("alignedat", "alignat", "array")
            ):
                at = _past_braces(lexemes, at)
            broken_line = True
            continue
        if environment is not None:
            depth += 1 if word == "\\begin" else -1
        if depth == 0 and word == "(" and _text_at(text, lexemes, at, words) is not None:
            at, broken_line = _separated(text, lexemes, at, drafts, words, broken_line)
            continue
        depth += PAIRS.get(word, 0)
        if depth <= 0 and environment is None:
            depth = 0 if word not in PAIRS else depth
            if word in ("\\\\", "\\quad", ",", ";", "&", ".") or _text_at(text, lexemes, at, words) is not None:
                at, broken_line = _separated(text, lexemes, at, drafts, words, broken_line)
                continue
            if depth == 0 and _lost_break(lexemes, at, draft):
                drafts.append(_Draft())
                draft = drafts[-1]
            relation = RELATIONS.get(word)
            if relation is None and word == ":" and at + 1 < len(lexemes) and lexemes[at + 1].text == "=":
                relation, at = ":=", at + 1
            if word == ":" and relation is None:
                at += 1
                drafts.append(_Draft())
                continue
            if relation == "=>":
                drafts.append(_Draft())
                at, broken_line = at + 1, False
                continue
            if relation is not None:
                if draft.empty and broken_line and len(drafts) > 1:
                    drafts.pop()
                    draft = drafts[-1]
                draft.relations.append(relation)
                draft.sides.append([])
                at, broken_line = at + 1, False
                continue
            if broken_line and draft.empty and word in CONTINUING and len(drafts) > 1 and drafts[-2].relations:
                drafts.pop()
                draft = drafts[-1]
        broken_line = False
        draft.sides[-1].append(lexeme)
        at += 1
    return drafts


def _environment(lexemes: Sequence[Lexeme], at: int) -> tuple[str, int] | None:
    """The name of the environment that begins or ends here, and the lexeme behind it."""
    if lexemes[at].text not in ("\\begin", "\\end") or at + 1 >= len(lexemes) or lexemes[at + 1].text != "{":
        return None
    behind = _past_braces(lexemes, at + 1)
    return "".join(x.text for x in lexemes[at + 2 : behind - 1]).rstrip("*"), behind


def _past_braces(lexemes: Sequence[Lexeme], at: int) -> int:
    depth = 0
    while at < len(lexemes):
        depth += {"{": 1, "}": -1}.get(lexemes[at].text, 0)
        at += 1
        if depth == 0:
            break
    return at


def _wraps(environment: tuple[str, int], lexemes: Sequence[Lexeme], at: int, draft: _Draft) -> bool:
    """True for an environment that holds lines, not a matrix: `aligned`; and an array in which lines have relations."""
    name, behind = environment
    if name in WRAPPERS:
        return True
    if name != "array":
        return False
    if lexemes[at].text == "\\end":
        return True  # a matrix would have been entered, and its end met deeper
    if not draft.empty or draft.relations:
        return False
    depth = 1
    for lexeme in lexemes[behind:]:
        depth += {"\\begin": 1, "\\end": -1}.get(lexeme.text, 0) + PAIRS.get(lexeme.text, 0)
        if depth == 1 and lexeme.text == "=":
            return True
        if depth == 0:
            break
    return False


def _text_at(text: str, lexemes: Sequence[Lexeme], at: int, words: frozenset[str]) -> int | None:
    r"""The lexeme behind words that stand here, `\text{where}` or `(\text{element-wise})`; None if none do."""
    word = lexemes[at].text
    if word == "(" and at + 1 < len(lexemes) and lexemes[at + 1].text in TEXT:
        behind = _text_at(text, lexemes, at + 1, words)
        return behind + 1 if behind is not None and behind < len(lexemes) and lexemes[behind].text == ")" else None
    if word not in TEXT or at + 1 >= len(lexemes) or lexemes[at + 1].text != "{":
        return None
    behind = _past_braces(lexemes, at + 1)
    inside = text[lexemes[at + 1].end : lexemes[behind - 1].start].strip()
    letter = (
        inside in words
        or inside in FUNCTION_WORDS
        or (len(inside) == 1 and inside.isalnum())
        or word in ("\\mathrm", "\\operatorname")
    )
    spaced = any(c.isspace() for c in inside)
    behind_word = lexemes[behind].text if behind < len(lexemes) else ""
    named = word in ("\\textit", "\\textbf") and not spaced
    if (letter and not spaced) or named or behind_word in ("_", "^", "'") or (behind_word == "(" and not spaced):
        return None
    return behind


def _separated(
    text: str, lexemes: Sequence[Lexeme], at: int, drafts: list[_Draft], words: frozenset[str], broken_line: bool
) -> tuple[int, bool]:
    """Pass a separator; a new statement begins behind it, unless it only aligns."""
    word = lexemes[at].text
    behind = _text_at(text, lexemes, at, words)
    if behind is not None:
        inside = text[lexemes[at].start : lexemes[behind - 1].end]
        target = drafts[-1] if not drafts[-1].empty or len(drafts) == 1 else drafts[-2]
        target.words.append(inside)
        if not drafts[-1].empty:
            drafts.append(_Draft())
        return behind, broken_line
    if word in ("&", "."):
        return at + 1, broken_line
    if not drafts[-1].empty or drafts[-1].relations:
        drafts.append(_Draft())
    if word == "\\\\":
        if at + 1 < len(lexemes) and lexemes[at + 1].text == "[":  # \\[2pt]
            closing = next((k for k in range(at + 1, min(at + 8, len(lexemes))) if lexemes[k].text == "]"), None)
            inside = "".join(x.text for x in lexemes[at + 2 : closing]) if closing else ""
            if closing and inside.endswith(("pt", "em", "ex", "mm", "cm")):
                return closing + 1, True
        return at + 1, True
    return at + 1, broken_line and drafts[-1].empty


def _lost_break(lexemes: Sequence[Lexeme], at: int, draft: _Draft) -> bool:
    """True if a source line begins a new statement where a line break was lost: a derivative, and a relation behind."""
    if not lexemes[at].line or not draft.relations or not draft.sides[-1]:
        return False
    if lexemes[at].text not in ("\\frac", "\\nabla", "\\partial", "\\delta"):
        return False
    if draft.sides[-1][-1].text in CONTINUING or draft.sides[-1][-1].text in RELATIONS:
        return False
    depth = 0
    for lexeme in lexemes[at + 1 :]:
        if lexeme.line and depth == 0:
            return False
        depth += PAIRS.get(lexeme.text, 0)
        if depth == 0 and lexeme.text == "=":
            return True
    return False


__all__ = ["GRIDS", "Broken", "statements"]
