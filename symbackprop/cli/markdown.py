"""A report as a Markdown page whose formulas stand between dollar signs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..document import Equation, Prose, Report, Step, Worked

Row = tuple[str, ...]


def as_markdown(report: Report) -> str:
    """The report's mathematics as one page."""
    symbols = [(f"${s.symbol.latex}$", s.role, f"${s.shape.latex}$", words(s.facts)) for s in report.symbols]
    gradients = [(f"${_latex(row.gradient)}$", f"${row.shape.latex}$", words(row.side)) for row in report.gradients]
    closed = [equation for form in report.closed for equation in (form.equation, *form.where)]
    parts = [
        f"# {_escaped(report.title)}",
        words(report.summary),
        *_section("Symbols", _table(("symbol", "role", "shape", ""), symbols)),
        *_section("Forward", _display(report.forward)),
        *_section("Backward", *(part for step in report.backward for part in _step(step))),
        *_section("Gradients", _table(("gradient", "shape", ""), gradients)),
        *_section("Closed forms", *(_display([equation]) for equation in closed)),
        *(_worked(report.worked) if report.worked else ()),
        *_section("Where this holds", "\n".join(f"- {words(condition)}" for condition in report.conditions)),
        *_section("Remarks", "\n".join(f"- {words(remark)}" for remark in report.remarks)),
    ]
    return "\n\n".join(part for part in parts if part)


def words(prose: Prose) -> str:
    """Words in which Markdown finds no mark-up, with formulas in them."""
    return "".join(_escaped(part) if isinstance(part, str) else f"${part.latex}$" for part in prose)


def _section(title: str, *parts: str) -> list[str]:
    return [f"## {title}", *parts] if any(parts) else []


def _step(step: Step) -> list[str]:
    return [words(step.reason), _display(step.equations), " ".join(words(sentence) for sentence in step.argument)]


def _worked(worked: Worked) -> list[str]:
    header = tuple(words(cell) for cell in worked.table.header)
    rows = [tuple(words(cell) for cell in row) for row in worked.table.rows]
    numbers = _section("In numbers", words(worked.introduction), _display(worked.forward))
    return [*numbers, *_section(worked.table.title, _table(header, rows))]


def _escaped(text: str) -> str:
    return "".join("\\" + c if c in r"\`*_{}[]<>#|$" else c for c in text)


def _latex(equation: Equation) -> str:
    return " = ".join(part.latex for part in (equation.left, *equation.right))


def _display(equations: Sequence[Equation]) -> str:
    """Formulas on lines of their own, their equals signs under each other."""
    if not equations:
        return ""
    if len(equations) == 1:
        return f"$$\n{_latex(equations[0])}\n$$"
    lines = (f"{e.left.latex} &= {' = '.join(part.latex for part in e.right)}" for e in equations)
    return "$$\n\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}\n$$"


def _table(header: Row, rows: Iterable[Row]) -> str:
    """A table; a column without entries is left out, and a bar inside a formula does not end its cell."""
    found = list(rows)
    kept = [i for i in range(len(header)) if any(row[i] for row in found)]
    if not kept:
        return ""
    lines = [[header[i] for i in kept], ["---"] * len(kept)]
    lines += [[_without_bars(row[i]) if "$" in row[i] else row[i] for i in kept] for row in found]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _without_bars(cell: str) -> str:
    return cell.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
