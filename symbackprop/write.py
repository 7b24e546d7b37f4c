"""What is written of a network: report, page, fragments, NumPy module, derivation; and that module, imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .derive import Derivation, derive

if TYPE_CHECKING:
    from .declare import Network
    from .document import Report
    from .network import Model
    from .reporting import Detail, Extras


@dataclass(frozen=True, slots=True)
class Written:
    """The files that were written, and one line about the PDF: where it is, or why there is none."""

    folder: Path
    files: tuple[Path, ...]
    pdf: Path | None
    message: str
    overfull: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A checked report, and all files that it becomes, by their paths inside a folder."""

    report: Report
    files: Mapping[str, str]


def write(
    net: Network | Model | Derivation,
    folder: str | Path,
    *,
    hessian: bool = False,
    wrt: Sequence[str] | None = None,
    detail: Detail = "normal",
    values: Mapping[str, Any] | None = None,
    lr: float | None = None,
    digits: int | None = None,
    pdf: bool = True,
) -> Written:
    """Derive, check, write: report.tex, report.html, parts/, NAME.py, derivation.json; report.pdf if there is a TeX.

    The same bytes every time, on every machine. `wrt` names the gradients that are wanted (all parameters without it);
    `hessian` adds the second derivatives; `detail` is "brief", "normal" or "full"; `values` ({name: number or nested
    list}) adds the example in numbers, with `lr` one step of gradient descent, `digits` after the point.

    Raises CertificateError, and writes nothing, if code, formulas and central differences do not agree; UnknownName for
    a name in `wrt` that is not there; ValueProblem for numbers that do not fit; OutputError if the folder cannot be
    written.
    """
    from .files import write_files

    prepared = prepare(net, wrt=wrt, detail=detail, values=values, lr=lr, digits=digits, hessian=hessian)
    written = write_files(Path(folder), prepared.files)
    return typeset(Path(folder), written) if pdf else Written(Path(folder), written, None, "")


def typeset(folder: Path, written: tuple[Path, ...]) -> Written:
    """Add the PDF to a folder that has report.tex, if there is a TeX."""
    from .typeset import compile_pdf

    made = compile_pdf(folder / "report.tex")
    return Written(folder, written, made.pdf, made.message, made.overfull)


def prepare(
    net: Network | Model | Derivation,
    *,
    wrt: Sequence[str] | None = None,
    detail: Detail = "normal",
    values: Mapping[str, Any] | None = None,
    lr: float | None = None,
    digits: int | None = None,
    extras: Extras | None = None,
    hessian: bool = False,
) -> Prepared:
    """The checked report and its files as text; nothing touches the disk."""
    from .certify import certify
    from .certify_second import certify_second
    from .codegen.loader import imported
    from .render import render_html, render_parts, render_tex
    from .reporting import report
    from .reporting.build import wanted
    from .reporting.hessian import pairs
    from .reporting.record import derivation_json

    derivation = net if isinstance(net, Derivation) else derive(net)
    names = wanted(derivation, wrt)
    source = module_source(derivation, wrt, hessian)
    name = derivation.model.name
    module = imported(source, name)
    certified = certify(derivation, module, names)
    blocks = certify_second(derivation, pairs(names), module) if hessian else None

    def at(detail: Detail) -> Report:
        return report(
            derivation,
            wrt=wrt,
            detail=detail,
            certified=certified,
            source=source,
            values=values,
            lr=lr,
            digits=digits,
            extras=extras,
            hessian=hessian,
            blocks=blocks,
        )

    made = at(detail)
    parts = render_parts(at("normal") if detail == "brief" else made)  # fragments are whole at any level
    files = {"report.tex": render_tex(made), "report.html": render_html(made)}
    files |= {f"parts/{part}": text for part, text in parts.items()}
    files |= {f"{name}.py": source, "derivation.json": derivation_json(derivation, names, hessian)}
    return Prepared(made, files)


def module_source(derivation: Derivation, wrt: Sequence[str] | None = None, hessian: bool = False) -> str:
    """The text of the generated module, its docstrings with the formulas; `hessian`: with its second derivatives."""
    from .averaging import computed
    from .codegen import generate
    from .codegen.module import Formulas
    from .reporting.forward import Forward
    from .reporting.maths import Setter

    setter = Setter(derivation.context)
    forward = Forward(derivation.model, setter)
    model = computed(derivation.model)
    lines = {name: forward.line(name).right[0].text for name in derivation.graph.order if name in model.equations}
    asked = wrt if wrt is not None else [d.name for d in model.declarations.values() if d.role != "index"]
    gradients = {}
    for name in asked:
        equation = setter.formula(derivation.gradient(name).taken)
        gradients[name] = f"{equation.left.text} = {equation.right[0].text}"
    return generate(model, wrt, Formulas(lines, gradients), hessian)


def compile(  # noqa: A001  # the name that people know
    net: Network | Model | Derivation, wrt: Sequence[str] | None = None, *, hessian: bool = False
) -> ModuleType:
    """The generated module, imported: forward, loss, loss_and_grad, flat, hvp, hessian.

    Second derivatives are made when they are first asked for; with `hessian` they are in the module's text.
    `wrt`: the gradients that it has, parameters by default (inputs if there are none). Raises UnknownName for a name
    that the network does not have, MissingRule for an operation without code.
    """
    from .averaging import computed
    from .codegen.curvature import extended
    from .codegen.loader import imported

    derivation = net if isinstance(net, Derivation) else derive(net)
    module = imported(module_source(derivation, wrt, hessian), derivation.model.name)
    return module if hessian else extended(module, computed(derivation.model), wrt)
