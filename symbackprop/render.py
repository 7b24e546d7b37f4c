"""A report through its templates: the only file that knows Jinja. What it returns are files as strings, not on disk.

Templates get finished strings. In TeX every printed value is escaped unless it is `Finished`; in HTML, Jinja escapes
all but what is marked. User text is always a value, never a template.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from .document import Equation, Math, Plot, Prose, Report, Step
from .drawing import plot, svg
from .errors import SymbackpropError
from .escape import tex
from .texforms import (
    Finished,
    aligned,
    anchor,
    bound,
    broken,
    cell,
    code_line,
    columns,
    gradient_columns,
    latex,
    merged,
    plain,
    prose,
    provided,
    symbol_columns,
)

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).resolve().parent
INSIDE_MATH = re.compile(r"<math\b[^>]*>(.*)</math>", re.DOTALL)
PUNCTUATION = re.compile(r"[.,;:!?)]*")
FOLDERS = (HERE / "_templates", HERE.parent / "templates")  # in an installed wheel, in a checkout


def environment(*, html: bool, code: bool = False) -> Environment:
    """Jinja for TeX, for HTML or for code: undefined names are errors, delimiters that none of these uses.

    Raises:
        SymbackpropError: the installation has no templates.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folders = [folder for folder in FOLDERS if (folder / "report").is_dir()]
    if not folders:
        places = " or ".join(map(str, FOLDERS))
        raise SymbackpropError(f"There are no templates at {places}.", remedy="Install the package again.")
    made = Environment(
        loader=FileSystemLoader(folders[:1], encoding="utf-8"),
        undefined=StrictUndefined,
        autoescape=html,  # noqa: S701 - TeX is escaped by finalize
        finalize=None if html or code else _in_tex,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        newline_sequence="\n",
    )
    if not code:
        made.filters |= _html_filters() if html else _tex_filters()
    return made


def render_code(template: str, parts: Mapping[str, object]) -> str:
    """A program; every part is finished text of its language."""
    return _code().get_template(template).render(parts)


@cache
def _code() -> Environment:
    """The environment for code, whose templates are read once."""
    return environment(html=False, code=True)


@cache
def template_text(name: str) -> str:
    """A file among the templates as it stands there."""
    made = _code()
    assert made.loader is not None
    return made.loader.get_source(made, name)[0]


def _in_tex(value: object) -> object:
    """Every value printed into TeX: escaped, unless it is finished; anything but words is a mistake in a template."""
    from jinja2 import Undefined

    if isinstance(value, (Finished, Undefined)):  # an undefined name complains when it is printed
        return value
    if isinstance(value, (str, int)):
        return tex(str(value))
    raise TypeError(f"a template prints a {type(value).__name__}: give it to a filter")


def _tex_filters() -> dict[str, object]:
    shown = (latex, broken, aligned, prose, cell, bound, columns, symbol_columns, gradient_columns, code_line, plain)
    return {function.__name__: function for function in shown} | {
        "finished": Finished,
        "anchor": lambda name: Finished(anchor(name)),
        "curves_tikz": lambda found: Finished(plot.curves(found)[1]),
    }


def _html_filters() -> dict[str, object]:
    from markupsafe import Markup, escape

    def mathml(math: Math) -> Markup:
        inside = INSIDE_MATH.fullmatch(math.mathml)
        return Markup(inside[1] if inside else math.mathml)  # noqa: S704 - the MathML printer has escaped it

    def html_prose(words: Prose) -> Markup:
        """Words and formulas; a full stop or a comma never begins a line without the formula before it."""
        parts: list[Markup] = []
        taken = 0  # characters of a run that stand beside the formula before it
        for k, run in enumerate(words):
            if isinstance(run, str):
                parts.append(escape(run[taken:]))
                taken = 0
                continue
            after = words[k + 1] if k + 1 < len(words) else ""
            close = PUNCTUATION.match(after)[0] if isinstance(after, str) else ""  # type: ignore[index]  # may be empty
            taken = len(close)
            shown = Markup("<math>{}</math>").format(mathml(run))
            parts.append(Markup('<span class="kept">{}{}</span>').format(shown, close) if close else shown)
        return Markup("").join(parts)

    def curves_svg(found: Plot) -> Markup:
        return Markup(plot.curves(found)[0])  # noqa: S704 - our own drawing, which escapes

    filters = {"mathml": mathml, "prose": html_prose, "finished": Markup, "curves_svg": curves_svg}
    return filters | {"anchor": anchor}


def sections(report: Report) -> Iterator[tuple[str, str]]:
    """The sections that a report has, in their order: an anchor and a heading each."""
    present: tuple[tuple[object, str, str], ...] = (
        (report.symbols, "network", "The network"),
        (report.graph, "graph", "Computing graph"),
        (report.forward, "forward", "Forward pass"),
        (report.backward, "backward", "Backward pass"),
        (report.gradients, "gradients", "Gradients"),
        (report.closed, "closed", "Closed forms"),
        (report.hessian, "hessian", "Hessian"),
        *((table, f"table-{k}", table.title) for k, table in enumerate(report.tables)),
        (report.worked, "numbers", "In numbers"),
        (report.curves, "training", "Training"),
        (report.conditions, "conditions", "Side conditions"),
        (report.conventions, "conventions", "Conventions"),
        (report.certificate, "certificate", "Certificate"),
        (report.code, "code", "Code"),
    )
    yield from ((name, title) for content, name, title in present if content)


def render_report(report: Report) -> dict[str, str]:
    """Every file of a report by its path inside the folder: report.tex, report.html, parts/...; lines end in LF."""
    files = {"report.tex": render_tex(report), "report.html": render_html(report)}
    return files | {f"parts/{name}": text for name, text in render_parts(report).items()}


def render_tex(report: Report) -> str:
    """The LaTeX document."""
    stepped = {step.name for step in _steps(report)}
    template = environment(html=False).get_template("report/report.tex.jinja")
    return _tidy(template.render(report=report, stepped=stepped, symbols=merged(report.symbols)))


def render_html(report: Report) -> str:
    """The page, with its style and its script inside and nothing outside."""
    made = environment(html=True)
    loader = made.loader
    assert loader is not None
    style, script = (loader.get_source(made, f"report/{name}")[0].strip() for name in ("style.css", "script.js"))
    digest = base64.b64encode(hashlib.sha256(f"\n{script}\n".encode()).digest()).decode()
    page = made.get_template("report/report.html.jinja")
    return page.render(
        report=report,
        symbols=merged(report.symbols),
        sections=list(sections(report)),
        stepped={step.name for step in _steps(report)},
        style=f"{style}\n{colours()}",
        script=script,
        script_hash=f"sha256-{digest}",
    )


def render_page(name: str, **parts: object) -> str:
    """A page without scripts: the template NAME.html.jinja, in the report's style and that of NAME.css."""
    made = _pages()
    loader = made.loader
    assert loader is not None
    style = "\n".join(loader.get_source(made, sheet)[0].strip() for sheet in ("report/style.css", f"{name}.css"))
    return made.get_template(f"{name}.html.jinja").render(style=style, **parts)


@cache
def _pages() -> Environment:
    """The environment for pages that are made by the hundred, whose templates are read once."""
    return environment(html=True)


def colours() -> str:
    """The colours of pictures, light and dark, as the page's own style sheet says them."""
    light = f"{svg.variables(dark=False)};{plot.variables(dark=False)}"
    dark = f"{svg.variables(dark=True)};{plot.variables(dark=True)}"
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme: dark){{:root{{{dark}}}}}"


def _steps(report: Report) -> list[Step]:
    return [*report.backward, *(report.hessian.steps if report.hessian else ())]


def render_parts(report: Report) -> dict[str, str]:
    """The fragments without preamble: what the report has of forward, backward, gradients, hessian, graph, d_NAME."""
    made = environment(html=False)
    found: dict[str, str] = {}

    def part(name: str, what: str, template: str, **more: object) -> None:
        body = made.get_template(f"report/parts/{template}.tex.jinja").render(report=report, **more).strip()
        needs = "TikZ" if template == "graph" else "amsmath"
        head = f"% {' '.join(what.split())}; needs {needs} only; yours without conditions\n"
        found[name] = _tidy(f"{head}{provided(body)}{body}")

    if report.forward:
        part("forward.tex", "forward pass", "forward")
    if report.backward:
        part("backward.tex", "backward pass", "backward")
    if report.gradients:
        part("gradients.tex", "gradients", "gradients")
    if report.hessian:
        part("hessian.tex", "Hessian", "hessian")
    if report.graph:
        part("graph.tex", "computing graph", "graph")
        found["graph.svg"] = '<?xml version="1.0" encoding="UTF-8"?>\n' + report.graph.svg + "\n"
    closed = {form.name: form for form in report.closed}
    for row in report.gradients:
        form = closed.get(row.name)
        right = row.gradient.right
        if form is not None:
            right += tuple(r for r in form.equation.right if r not in right)
        equations = (Equation(row.gradient.left, right),)
        part(
            f"d_{row.name}.tex",
            f"gradient of {row.name}",
            "variable",
            equations=equations,
            where=form.where if form else (),
        )
    return found


def _tidy(text: str) -> str:
    """No blanks at line ends, never two empty lines in a row, one newline at the end."""
    lines: list[str] = []
    for line in text.split("\n"):
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines).strip("\n") + "\n"
