"""What the TeX templates print: prose, formulas on one line or broken, columns that fit, lines of code."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from .document import GradientRow, Math, Prose, Role, SymbolRow, Table
from .escape import tex

LINE = 78  # letters of 11 pt type across the page
MOST_LISTED = 20  # symbols in one row of their table
WIDEST_COLUMN = 26  # letters before a column may break its lines


class Finished(str):
    """A string that is TeX, or HTML, already: what the templates print as it is."""

    __slots__ = ()


def latex(math: Math | None) -> Finished:
    r"""A formula for a document. `\mathbb{1}` has no glyph in amsfonts, so the document brings its own `\indicator`."""
    return Finished("" if math is None else _plain(math.latex))


def _plain(source: str) -> str:
    return source.replace(r"\mathbb{1}", r"\indicator{}")


def broken(math: Math) -> Finished:
    """The same formula on several lines; on one if it has no others."""
    if len(math.lines) < 2:
        return latex(math)
    first, *rest = map(_plain, math.lines)
    below = "".join(rf" \\ &\quad {line}" for line in rest)
    return Finished(rf"\begin{{aligned}}[t] & {first}{below} \end{{aligned}}")


def aligned(math: Math) -> Finished:
    """The formula as lines of a surrounding align, after its `&=`."""
    if len(math.lines) < 2:
        return latex(math)
    first, *rest = map(_plain, math.lines)
    return Finished(first + "".join(f" \\\\\n&\\quad {line}" for line in rest))


def prose(words: Prose) -> Finished:
    """Words, escaped, with formulas among them."""
    return Finished("".join(f"${latex(run)}$" if isinstance(run, Math) else tex(run) for run in words))


def cell(words: Prose) -> Finished:
    """A cell of a table: a formula alone keeps clear of the rows above and below it, which a matrix would touch."""
    alone = len(words) == 1 and isinstance(words[0], Math)
    return Finished(rf"\padded{{{prose(words)}}}") if alone else prose(words)


def bound(words: str) -> Finished:
    """A bound such as `< 1e-10`, as a formula; other words as they are."""
    sign, _, number = words.partition(" ")
    mantissa, _, power = number.partition("e")
    if sign not in ("<", "<=") or not power.lstrip("+-").isdigit() or not mantissa.replace(".", "", 1).isdigit():
        return Finished(tex(words))
    relation = "<" if sign == "<" else r"\le"
    times = "" if mantissa == "1" else rf"{mantissa} \cdot "
    return Finished(rf"${relation} {times}10^{{{int(power)}}}$")


def columns(table: Table) -> Finished:
    """The column specification: as wide as the cells are, or with one column that breaks if the page is too narrow."""
    widths = [
        max(_letters(row[k]) for row in (table.header, *table.rows) if k < len(row)) for k in range(len(table.header))
    ]
    kinds = ["r" if k in table.numeric else "l" for k in range(len(widths))]
    gaps = 2 * (len(widths) - 1)
    if sum(widths) + gaps > LINE:
        widest = max(range(len(widths)), key=widths.__getitem__)
        rest = sum(widths) - widths[widest] + gaps
        share = max(LINE - rest, WIDEST_COLUMN) / LINE
        kinds[widest] = rf">{{\raggedright\arraybackslash}}p{{{share:.2f}\linewidth}}"
    return Finished("@{}" + r"@{\quad}".join(kinds) + "@{}")


def symbol_columns(rows: Sequence[SymbolRows]) -> Finished:
    """The columns of the table of symbols: as much room for symbols and shapes as they need, the rest for facts."""
    symbols = _share(max(_letters(row.symbols) for row in rows), 0.1, 0.42)
    shape = _share(max(_letters((row.shape,)) for row in rows), 0.08, 0.24)
    facts = 0.78 - symbols - shape
    words = r">{\raggedright\arraybackslash}"
    return Finished(
        rf"@{{}}{words}p{{{symbols:.2f}\linewidth}}@{{\quad}}l@{{\quad}}p{{{shape:.2f}\linewidth}}@{{\quad}}"
        rf"{words}p{{{facts:.2f}\linewidth}}@{{}}"
    )


def gradient_columns(rows: Sequence[GradientRow]) -> Finished:
    """The columns of the table of gradients: most of the page is for the formula."""
    variable = _share(max(_letters((row.variable,)) for row in rows), 0.1, 0.18)
    shape = _share(max(_letters((row.shape,)) for row in rows), 0.08, 0.24)
    widths = (variable, shape, 0.94 - variable - shape)
    return Finished("@{}" + r"@{\quad}".join(rf"p{{{width:.2f}\linewidth}}" for width in widths) + "@{}")


def _share(letters: int, least: float, most: float) -> float:
    """What part of the page so many letters take."""
    return min(max(0.018 * letters, least), most)


def _letters(cell: Prose) -> int:
    return sum(len(run.text if isinstance(run, Math) else run) for run in cell)


@dataclass(frozen=True, slots=True)
class SymbolRows:
    """Declared symbols that differ in nothing but their letter, as one row."""

    symbols: Prose
    role: Role
    shape: Math
    facts: Prose


def merged(rows: Sequence[SymbolRow]) -> tuple[SymbolRows, ...]:
    """The table of symbols with one row for all that have the same role, shape and facts."""
    alike: dict[tuple[Role, Math, Prose], list[Math]] = {}
    for row in rows:
        alike.setdefault((row.role, row.shape, row.facts), []).append(row.symbol)
    return tuple(SymbolRows(_listed(symbols), *key) for key, symbols in alike.items())


def _listed(symbols: list[Math]) -> Prose:
    """Symbols with commas between them; of very many the first two, the last, and how many there are."""
    if len(symbols) > MOST_LISTED:
        return (symbols[0], ", ", symbols[1], ", …, ", symbols[-1], f" ({len(symbols)})")
    listed: list[str | Math] = []
    for symbol in symbols:
        listed += [", ", symbol] if listed else [symbol]
    return tuple(listed)


def code_line(line: str) -> Finished:
    """A line of code: its indentation kept, a break allowed at every space."""
    shown = line.lstrip(" ")
    return Finished(r"\ " * (len(line) - len(shown)) + tex(shown).replace("--", "-{}-").replace("''", r"\char34{}"))


def plain(words: str) -> Finished:
    """Only what a PDF's title can hold without TeX: ASCII letters, digits and harmless signs."""
    ascii_only = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return Finished("".join(c for c in ascii_only if c.isalnum() or c in " .,:;()'+-/=!?"))


def anchor(name: str) -> str:
    """A name that can be the target of a link in HTML and PDF."""
    return "step-" + "".join(c if c.isascii() and (c.isalnum() or c in "_-.") else f"-{ord(c):x}-" for c in name)


def provided(body: str) -> str:
    """Definitions that a fragment brings along, so that it needs amsmath only."""
    found: Sequence[tuple[str, str]] = (
        (r"\mathbb", r"\providecommand{\mathbb}[1]{\mathbf{#1}}"),
        (r"\indicator", r"\providecommand{\indicator}{1\mkern-4.6mu\mathrm{l}}"),
    )
    return "".join(f"{definition}\n" for command, definition in found if command in body)
