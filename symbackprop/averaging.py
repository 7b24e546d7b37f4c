"""What is left to compute of a network once its expectations are taken."""

from __future__ import annotations

from dataclasses import replace

from .graph import Graph
from .network import Model


def computed(model: Model) -> Model:
    """The network without what its loss only sees through expectations: random symbols and nodes that need no numbers.

    A random symbol stays if nothing else has one of its sizes; the network itself if nothing goes.
    """
    random = model.names("random")
    if not random:
        return model
    graph = Graph(model)
    averaged = graph.descendants(random) - graph.used
    kept = {n: d for n, d in model.declarations.items() if n not in averaged}
    known = {name for d in kept.values() for s in d.sizes for name in s.names}
    kept |= {n: d for n, d in model.declarations.items() if not {name for s in d.sizes for name in s.names} <= known}
    if len(kept) == len(model.declarations):
        return model
    declarations = {n: d for n, d in model.declarations.items() if n in kept}
    equations = {n: e for n, e in model.equations.items() if n not in averaged}
    return replace(model, declarations=declarations, equations=equations)
