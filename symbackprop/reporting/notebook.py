"""What a network and a derivation show of themselves in a notebook: text, LaTeX and HTML with MathML."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..derive import Derivation
from ..document import Equation
from ..graph import Graph
from ..network import Model
from .forward import Forward
from .maths import Setter
from .prose import title_and_rest

MOST = 60  # equations; a notebook's cell is no place for more


def network_bundle(model: Model) -> dict[str, str]:
    """The symbols with their shapes, and the forward pass."""
    derivation = Derivation(model)
    setter = Setter(derivation.context)
    declared = [f"{d.name}: {d.role} ({', '.join(map(str, d.sizes))})" for d in model.declarations.values()]
    equations = Forward(model, setter).lines(Graph(model))
    return bundle(title_and_rest(model.title, model.name)[0], declared, equations)


def derivation_bundle(derivation: Derivation) -> dict[str, str]:
    """One line for each backward step."""
    setter = Setter(derivation.context)
    names = [name for name in derivation.order if name != derivation.model.loss]
    equations = [setter.formula(derivation.gradient(name)) for name in names[:MOST]]
    title = title_and_rest(derivation.model.title, derivation.model.name)[0]
    return bundle(f"Gradients: {title}", [], equations, len(names) - len(equations))


def bundle(title: str, notes: Sequence[str], equations: Sequence[Equation], more: int = 0) -> dict[str, str]:
    """The three forms of a heading, some lines and some equations, the first MOST of them."""
    more += max(0, len(equations) - MOST)
    equations = equations[:MOST]
    rest = [f"... and {more} more"] if more else []
    lines = [*notes, *(f"{e.left.text} = {e.right[0].text}" for e in equations), *rest]
    rows = [rf"{e.left.latex} &= {e.right[0].latex}" for e in equations]
    return {
        "text/plain": "\n".join([title, *(f"  {line}" for line in lines)]),
        "text/latex": "$$\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}$$",
        "text/html": _html(title, notes, equations, rest),
    }


def _html(title: str, notes: Sequence[str], equations: Sequence[Equation], rest: Sequence[str]) -> str:
    """A table without borders: left side, equals sign, right side."""
    left = 'style="text-align:right;padding:2px 4px"'
    right = 'style="text-align:left;padding:2px 4px"'
    rows = [
        f"<tr><td {left}><math>{e.left.mathml}</math></td><td>=</td>"
        f'<td {right}><math displaystyle="true">{e.right[0].mathml}</math></td></tr>'
        for e in equations
    ]
    said = "".join(f"<div>{escape(note)}</div>" for note in notes)
    after = "".join(f"<div>{escape(note)}</div>" for note in rest)
    return f"<div><b>{escape(title)}</b></div>{said}<table>{''.join(rows)}</table>{after}"
