"""A counterexample as a short NumPy script that anybody can run: the formula, the true number, a central difference."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

from ..graph import Graph
from ..network import Model
from .numpy_text import HELPERS, NumpyText, identifier
from .target import Target
from .verdict import Counterexample

STEPS = {"gradient": "1e-6", "jacobian": "1e-6", "hessian": "1e-4"}
GRAD = re.compile(r"\bgrad\(\s*(\w+)\s*\)")


def reproduce(counterexample: Counterexample, model: Model, claimed_numpy: str | None, target: Target) -> str:
    """The script; it prints three numbers (two where there is no difference of a loss).

    `claimed_numpy`: the claim in the network's names, with `grad(a_2)` for a gradient taken as given; without it the
    number itself is printed. Raises MissingRule where a node has no plain NumPy form.
    """
    printer = NumpyText()
    graph = Graph(model)
    of = target.names[0] if target.operation == "jacobian" else target.of or model.loss
    moved = target.names[1:] if target.operation == "jacobian" else target.names
    wanted = graph.ancestors([of]) if target.operation in STEPS else graph.ancestors(target.names)
    claim, imports = _claim(claimed_numpy, printer, {*counterexample.values, *counterexample.sizes, *model.equations})
    if claimed_numpy is not None and claim is not None:
        wanted |= graph.ancestors([n for n in re.findall(r"\w+", claimed_numpy) if n in model.equations])
    after = graph.descendants(moved) & graph.ancestors([of]) - set(moved) if target.operation in STEPS else frozenset()
    lines = {n: f"{identifier(n)} = {printer.text(model.equations[n].term)}" for n in graph.order if n in wanted}
    taken = {name for name in counterexample.values if name in model.equations}
    first = [lines[n] for n in graph.order if n in wanted]
    inner = [f"    {lines[n]}" for n in graph.order if n in after]
    text = ["import numpy as np", *imports]
    text += [HELPERS[name] for name in sorted(printer.used)]
    if counterexample.sizes:
        text.append(f"{', '.join(counterexample.sizes)} = {', '.join(map(str, counterexample.sizes.values()))}")
    whole = set(model.names("index"))
    text += [_assignment(n, v, n in whole) for n, v in counterexample.values.items() if n not in taken]
    text += first
    at = f"[{', '.join(map(str, counterexample.entry))}]" if counterexample.entry else ""
    text.append(f'print("your formula:      ", {f"({claim}){at}" if claim is not None else counterexample.claimed})')
    text.append(f'print("true:              ", {counterexample.true})')
    if counterexample.difference is not None and target.operation in STEPS:
        text += _difference(target, of, moved, inner, counterexample, model)
    return "\n".join(text) + "\n"


def _assignment(name: str, value: Any, whole: bool) -> str:
    given = GRAD.fullmatch(name)
    left = f"grad_{given.group(1)}" if given else identifier(name)
    kind = "" if whole else ", dtype=float"
    return f"{left} = np.array({value}{kind})" if isinstance(value, list) else f"{left} = {value}"


def _claim(claimed: str | None, printer: NumpyText, known: set[str]) -> tuple[str | None, list[str]]:
    """The claim with given gradients as names, and the imports of the NumPy functions that it calls bare.

    (None, []) for one that does not parse, or uses what has no value here.
    """
    if claimed is None:
        return None, []
    try:
        tree = ast.parse(claimed.strip(), mode="eval")
    except SyntaxError:
        return None, []
    called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    given = {m for m in GRAD.findall(claimed) if f"grad({m})" in known}
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called}
    if not used <= {"np", *given, *map(identifier, known)} or not set(GRAD.findall(claimed)) <= given:
        return None, []
    bare: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in HELPERS:
                printer.used[node.func.id] = None
            elif node.func.id != "grad":
                bare[node.func.id] = None
    return GRAD.sub(r"grad_\1", claimed.strip()), [f"from numpy import {', '.join(bare)}"] if bare else []


def _difference(
    target: Target, of: str, moved: Sequence[str], inner: list[str], example: Counterexample, model: Model
) -> list[str]:
    """The function of what is varied, and its central difference at the entry."""
    names = [identifier(n) for n in dict.fromkeys(moved)]
    h, e, f, value = fresh(("h", "e", "f", "value"), model)
    text = [
        f"def {value}({', '.join(names)}):",
        *inner,
        f"    return {identifier(of)}",
        f"{h} = {STEPS[target.operation]}",
    ]
    orders = {
        n: len((model.equations[n].term if n in model.equations else model.declarations[n].term).sizes) for n in moved
    }
    order = len(model.equations[of].term.sizes) if target.operation == "jacobian" else 0
    head, rest = example.entry[:order], example.entry[order:]
    places = []
    for n in moved:
        places.append(rest[: orders[n]])
        rest = rest[orders[n] :]
    if rest or any(len(p) != orders[n] for n, p in zip(moved, places, strict=True)):
        return [f'print("central difference:", {example.difference})']
    steps = [e, f][: len(moved)]
    for step, n, place in zip(steps, moved, places, strict=True):
        text.append(f"{step} = np.zeros(np.shape({identifier(n)})); {step}[{', '.join(map(str, place)) or '()'}] = {h}")
    at = f"[{', '.join(map(str, head))}]" if head else ""
    if len(moved) == 1:
        slope = f"({value}({names[0]} + {e}){at} - {value}({names[0]} - {e}){at}) / (2 * {h})"
    else:
        corners = []
        for a, b in (("+", "+"), ("+", "-"), ("-", "+"), ("-", "-")):
            shifted = (
                [f"{names[0]} {a} {e} {b} {f}"] if len(names) == 1 else [f"{names[0]} {a} {e}", f"{names[1]} {b} {f}"]
            )
            corners.append(f"{value}({', '.join(shifted)})")
        slope = f"({corners[0]} - {corners[1]} - {corners[2]} + {corners[3]}) / (4 * {h} * {h})"
    return [*text, f'print("central difference:", {slope})']


def fresh(names: Sequence[str], model: Model) -> list[str]:
    """The names, with an underscore where the network has them."""
    taken = {identifier(n) for n in (*model.declarations, *model.equations, *model.size_names())}
    return [f"{name}_" if name in taken else name for name in names]


__all__ = ["reproduce"]
