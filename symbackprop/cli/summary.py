"""A report on a terminal, or in a Markdown page: the symbols, one backward step per line, the table of gradients."""

from __future__ import annotations

from collections.abc import Sequence

from ..document import Equation, Prose, Report
from .terminal import columns


def as_text(report: Report) -> str:
    """The report's mathematics as plain lines."""
    blocks = [
        [report.title],
        _block("Symbols", [_symbol_cells(report, i) for i in range(len(report.symbols))]),
        _block("Forward", [_with_note(e) for e in report.forward]),
        _block("Backward", _step_cells(report)),
        _block("Gradients", [(_text(row.gradient), row.shape.text, _words(row.side)) for row in report.gradients]),
        _block("Closed forms", [(_text(e),) for form in report.closed for e in (form.equation, *form.where)]),
        _block("Where this holds", [(_words(condition),) for condition in report.conditions]),
        *_remarks(report),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def as_markdown(report: Report) -> str:
    """The same as a Markdown page whose formulas stand between dollar signs."""
    parts = [f"# {report.title}"]
    if report.symbols:
        rows = [(f"${s.symbol.latex}$", s.role, f"${s.shape.latex}$", _marked(s.facts)) for s in report.symbols]
        parts += ["## Symbols", _table(("symbol", "role", "shape", ""), rows)]
    if report.forward:
        parts += ["## Forward", *(_display(e) for e in report.forward)]
    if report.backward:
        parts.append("## Backward")
        for step in report.backward:
            parts += [_marked(step.reason), *(_display(e) for e in step.equations)]
    if report.gradients:
        cells = [(f"${_latex(row.gradient)}$", f"${row.shape.latex}$", _marked(row.side)) for row in report.gradients]
        parts += ["## Gradients", _table(("gradient", "shape", ""), cells)]
    if report.closed:
        parts.append("## Closed forms")
        parts += [_display(e) for form in report.closed for e in (form.equation, *form.where)]
    if report.conditions:
        parts += ["## Where this holds", "\n".join(f"- {_marked(condition)}" for condition in report.conditions)]
    return "\n\n".join(part for part in parts if part)


def _block(title: str, rows: list[tuple[str, ...]]) -> list[str]:
    return [title, *columns(rows)] if rows else []


def _symbol_cells(report: Report, index: int) -> tuple[str, ...]:
    row = report.symbols[index]
    return row.symbol.text, row.role, row.shape.text, _words(row.facts)


def _step_cells(report: Report) -> list[tuple[str, ...]]:
    """One line for each equation of each step; the reason stands beside the first."""
    rows: list[tuple[str, ...]] = []
    for step in report.backward:
        reasons = [_words(step.reason)] + [""] * (len(step.equations) - 1)
        rows += [(_text(e), reason) for e, reason in zip(step.equations, reasons, strict=True)]
    return rows


def _remarks(report: Report) -> list[list[str]]:
    return [[_words(remark)] for remark in report.remarks]


def _with_note(equation: Equation) -> tuple[str, ...]:
    return _text(equation), equation.note.text if equation.note else ""


def _text(equation: Equation) -> str:
    return " = ".join(part.text for part in (equation.left, *equation.right))


def _latex(equation: Equation) -> str:
    return " = ".join(part.latex for part in (equation.left, *equation.right))


def _display(equation: Equation) -> str:
    return f"$$\n{_latex(equation)}\n$$"


def _words(prose: Prose) -> str:
    return "".join(part if isinstance(part, str) else part.text for part in prose)


def _marked(prose: Prose) -> str:
    return "".join(_escaped(part) if isinstance(part, str) else f"${part.latex}$" for part in prose)


def _escaped(words: str) -> str:
    """Words in which Markdown finds no mark-up."""
    return "".join("\\" + c if c in r"\`*_{}[]<>#|$" else c for c in words)


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A Markdown table; a column without entries is left out, and a bar inside a formula does not end its cell."""
    kept = [i for i in range(len(header)) if any(row[i] for row in rows)]
    lines = [[header[i] for i in kept], ["---"] * len(kept)]
    lines += [[_without_bars(row[i]) if "$" in row[i] else row[i] for i in kept] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _without_bars(cell: str) -> str:
    return cell.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
