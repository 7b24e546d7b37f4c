"""A report on a terminal: the symbols with their shapes, one backward step to a line, the table of gradients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..document import Equation, HessianSection, Prose, Report, Step, Table, Worked
from .terminal import columns

Row = tuple[str, ...]


def as_text(report: Report) -> str:
    """The report's mathematics as plain lines."""
    closed = (equation for form in report.closed for equation in (form.equation, *form.where))
    blocks = [
        [report.title],
        _block("Symbols", ((s.symbol.text, s.role, s.shape.text, words(s.facts)) for s in report.symbols)),
        _block("Forward", ((_text(e), e.note.text if e.note else "") for e in report.forward)),
        _block("Backward", (row for step in report.backward for row in _step(step))),
        _block("Gradients", ((_text(row.gradient), row.shape.text, words(row.side)) for row in report.gradients)),
        _block("Closed forms", ((_text(equation),) for equation in closed)),
        *(_hessian(report.hessian) if report.hessian else ()),
        *(_block(table.title, _cells(table)) for table in report.tables),
        *(_worked(report.worked) if report.worked else ()),
        _block("Where this holds", ((words(condition),) for condition in report.conditions)),
        _block("Remarks", ((words(remark),) for remark in report.remarks)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def words(prose: Prose) -> str:
    """Words with formulas in them as one text."""
    return "".join(part if isinstance(part, str) else part.text for part in prose)


def _block(title: str, rows: Iterable[Row]) -> list[str]:
    lines = columns(list(rows))
    return [title, *lines] if lines else []


def _step(step: Step) -> Iterator[Row]:
    """One line for each equation, the reason beside the first; then the argument by entries, if there is one."""
    for number, equation in enumerate(step.equations):
        yield _text(equation), "" if number else words(step.reason)
    for sentence in step.argument:
        yield "", words(sentence)


def _hessian(section: HessianSection) -> Iterator[list[str]]:
    yield _block("Hessian", (row for step in section.steps for row in _step(step)))
    yield _block("Hessian, closed forms", ((_text(equation),) for equation in section.blocks))
    yield _block("What follows", ((words(sentence),) for sentence in section.structure))


def _worked(worked: Worked) -> Iterator[list[str]]:
    yield ["In numbers", f"  {words(worked.introduction)}", *columns([(_text(e),) for e in worked.forward])]
    yield _block(worked.table.title, _cells(worked.table))


def _cells(table: Table) -> Iterator[Row]:
    for row in (table.header, *table.rows):
        yield tuple(words(cell) for cell in row)


def _text(equation: Equation) -> str:
    return " = ".join(part.text for part in (equation.left, *equation.right))
