"""What a report contains: finished strings, in the order in which they are read.

Nothing here computes. Whoever fills these classes has decided all mathematics, whoever prints them decides only where
things stand. A section that is empty or None is left out, so the same classes hold a page and a book.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Role: TypeAlias = Literal["input", "target", "constant", "index", "random", "parameter", "node", "loss"]


@dataclass(frozen=True, slots=True)
class Math:
    """One formula in every spelling that a page needs.

    `mathml` is a `<math>` element or what stands inside one. `lines` is the same LaTeX broken for a narrow column:
    each piece after the first begins with its operator; fewer than two if one line is all there is.
    """

    latex: str
    mathml: str
    text: str
    lines: tuple[str, ...] = ()


Prose: TypeAlias = tuple[str | Math, ...]  # words, escaped wherever they are printed, and formulas among them


@dataclass(frozen=True, slots=True)
class Equation:
    """left = right = ...; `note` is a formula at the far end of the line, such as the shape of the left side."""

    left: Math
    right: tuple[Math, ...]
    note: Math | None = None


@dataclass(frozen=True, slots=True)
class SymbolRow:
    """A declared symbol: `facts` says what else is known of it, such as `each row is one-hot`."""

    symbol: Math
    role: Role
    shape: Math
    facts: Prose = ()


@dataclass(frozen=True, slots=True)
class Vertex:
    """A value in the computing graph.

    `operation` says in a word or two how the value is computed; values with the same operation and the same kind of
    arguments may be drawn as one in large graphs.
    """

    name: str
    role: Role
    symbol: Math
    operation: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """Vertices in the order of the network; an arrow (a, b) says that b is computed from a."""

    vertices: tuple[Vertex, ...]
    arrows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Any table; `numeric` columns are set to the right."""

    title: str
    header: tuple[Prose, ...]
    rows: tuple[tuple[Prose, ...], ...]
    caption: Prose = ()
    numeric: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphPicture:
    """The computing graph drawn: a `<svg>` element and a `tikzpicture`; a table where no picture would be legible.

    `svg` is there even then, at its natural size, unless the graph is beyond any screen.
    """

    svg: str
    tikz: str
    caption: Prose = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The gradient at one node, or at several that are alike.

    `reason` names the children and the local rule. `argument` is the same by entries, sentence by sentence.
    """

    name: str
    node: Math
    equations: tuple[Equation, ...]
    reason: Prose
    argument: tuple[Prose, ...] = ()


@dataclass(frozen=True, slots=True)
class GradientRow:
    """One line of the table of gradients: W_1, its shape, its recursive form (of several right sides the first)."""

    name: str
    variable: Math
    gradient: Equation
    shape: Math
    side: Prose = ()


@dataclass(frozen=True, slots=True)
class ClosedForm:
    """A gradient in declared symbols and forward nodes only; `where` spells out the deltas that it shares."""

    name: str
    equation: Equation
    where: tuple[Equation, ...] = ()


@dataclass(frozen=True, slots=True)
class HessianSection:
    """Second derivatives: how they were found, the blocks, and what follows about them.

    `steps` ends with each block in recursive form; `blocks` has them in declared symbols and forward values, where that
    can be read. `plot`: eigenvalues at given numbers. `certificate`: what they were compared with, and what held.
    """

    introduction: Prose
    steps: tuple[Step, ...] = ()
    blocks: tuple[Equation, ...] = ()
    structure: tuple[Prose, ...] = ()
    plot: Plot | None = None
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class Worked:
    """The network at given numbers: each forward line as formula, numbers put in, result; then the table."""

    introduction: Prose
    forward: tuple[Equation, ...]
    table: Table


@dataclass(frozen=True, slots=True)
class Series:
    """One curve: equally many x and y."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves over one pair of axes; `log_y` draws positive values on a logarithmic axis."""

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    caption: Prose = ()
    log_y: bool = False


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """One gradient and the bounds that held, in the order of `Certificate.checks`."""

    gradient: Math
    bounds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was compared with what, at which sizes and from which seed. Bounds, never measured errors: `< 1e-10`."""

    introduction: Prose
    checks: tuple[str, ...]
    rows: tuple[CertificateRow, ...]
    draws: tuple[Prose, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """The generated module: where it is, and its source if the report prints it."""

    file: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report. `name` is the network's file name without suffix."""

    name: str
    title: str
    summary: Prose = ()
    remarks: tuple[Prose, ...] = ()
    symbols: tuple[SymbolRow, ...] = ()
    sizes: Prose = ()
    graph: GraphPicture | None = None
    forward: tuple[Equation, ...] = ()
    backward: tuple[Step, ...] = ()
    backward_introduction: Prose = ()
    gradients: tuple[GradientRow, ...] = ()
    closed: tuple[ClosedForm, ...] = ()
    hessian: HessianSection | None = None
    tables: tuple[Table, ...] = ()
    worked: Worked | None = None
    curves: tuple[Plot, ...] = ()
    conditions: tuple[Prose, ...] = ()
    conventions: tuple[Prose, ...] = ()
    certificate: Certificate | None = None
    code: Code | None = None
