"""Spellings: each must be readable LaTeX, and no two names may look the same on paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..errors import DuplicateName, Span, SymbackpropError
from ..network import Declaration
from ..notation.boxes.parse import check_latex, parse_latex
from ..notation.boxes.tex import box_latex
from ..notation.spelling import Notation, Spelling, Style
from .draft import Draft
from .source import where


def check_spellings(draft: Draft, sizes: Mapping[str, Declaration]) -> list[SymbackpropError]:
    """The errors in spellings: LaTeX that cannot be read, names that look alike. Broken names are left out."""
    errors: list[SymbackpropError] = []
    spellings = dict(_spelled(draft))
    sound: dict[str, Spelling] = {}
    for name, spelling in spellings.items():
        try:
            check_spelling(spelling, draft.style)
        except SymbackpropError as error:
            span = draft.places.get(name)
            place = where(name, span.line) if span else name
            errors.append(type(error)(f"{place}: {error.message}", remedy=error.remedy, span=span))
        else:
            sound[name] = spelling
    notation = Notation(draft.style, {n: s for n, s in sound.items() if s.latex})
    first: dict[str, str] = {}
    for name in (*sound, *(s for s in sizes if s not in sound)):
        for key in dict.fromkeys(_keys(name, sound.get(name, Spelling()), notation)):
            other = first.setdefault(key, name)
            if other != name:
                errors.append(_collision(other, name, key, sound, draft.places, sizes))
                break
    return errors


def _spelled(draft: Draft) -> Iterator[tuple[str, Spelling]]:
    groups: tuple[Iterable[object], ...] = (
        draft.declarations.values(), draft.equations.values(), draft.derivatives.values(), draft.functions.values(),
    )  # fmt: skip
    for group in groups:
        for item in group:
            yield item.name, item.spelling  # type: ignore[attr-defined]  # all four have both


def check_spelling(spelling: Spelling, style: Style) -> None:
    """Raise ReadError for LaTeX that cannot be printed, or may not be read."""
    for place, text in enumerate(spelling.latex):
        check_latex(text, macros=style.macros, printed=not place)
    for part in (spelling.entries, spelling.rows, spelling.columns):
        if part is not None:
            check_latex(part, macros=style.macros)


def _keys(name: str, spelling: Spelling, notation: Notation) -> Iterator[str]:
    """What a name looks like, in each of its spellings."""
    yield notation.printed_key(name)
    for text in spelling.latex[1:]:
        try:
            yield box_latex(parse_latex(text, macros=notation.style.macros))
        except SymbackpropError:
            yield "".join(text.split())


def _collision(
    first: str,
    second: str,
    key: str,
    spellings: Mapping[str, Spelling],
    places: Mapping[str, Span | None],
    sizes: Mapping[str, Declaration],
) -> DuplicateName:
    span = places.get(second)
    if span is None and second in sizes:
        span = sizes[second].span
    place = where(second, span.line) if span else second
    before = places.get(first)
    told = f"`{first}` in line {before.line}" if before else f"`{first}`"
    remedy = "Rename one of them, or give one another `latex=`."
    if spellings.get(first, Spelling()).latex or spellings.get(second, Spelling()).latex:
        return DuplicateName(f"{place}: written `{key}` on paper, as {told} is.", remedy=remedy, span=span)
    return DuplicateName(f"{place}: printed like {told}, and nobody could tell them apart.", remedy=remedy, span=span)
