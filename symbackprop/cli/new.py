"""`symbackprop new`: a network file to start from."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import ReadError
from . import sources
from .diagnostics import refusing
from .terminal import say

STARTER = '''\
"""Two-layer perceptron, squared error, one example."""
# Declare the symbols: a role, and sizes that are names or numbers. Nothing between the brackets is a scalar,
# (d) a vector, (h, d) a matrix. Roles: input, target, parameter, constant, index(of=c).
x:   input(d)
y:   target(k)
W_1: parameter(h, d)
b_1: parameter(h)
W_2: parameter(k, h)
b_2: parameter(k)

# One equation for each node of the network. `*` is entry by entry, `@` the matrix product, `.T` a transpose,
# as in NumPy. On paper a node may look different: z_1: node(latex=r"z^{[1]}") = ...
z_1 = W_1 @ x + b_1
a_1 = tanh(z_1)
z_2 = W_2 @ a_1 + b_2

# Exactly one node is the loss; it has one entry.
J: loss = norm2(z_2 - y)**2 / 2
'''


@click.command()
@click.argument("name", metavar="NAME.net")
@click.option("--like", metavar="NETWORK", help="Begin with a copy of this shipped network instead.")
def new(name: str, like: str | None) -> None:
    """Write a commented network file to start from; an existing file is left as it is."""
    with refusing():
        path = _checked(Path(name))
        text = STARTER if like is None else sources.like(like).text
        try:
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except FileExistsError:
            raise ReadError(f"`{path}` exists already and is left as it is.", remedy="Choose another name.") from None
    shown = f'"{path}"' if " " in str(path) else str(path)
    say(f"Wrote {path}. What follows from it: symbackprop derive {shown}")


def _checked(path: Path) -> Path:
    """The path, with the suffix .net if it has none."""
    if path.suffix not in ("", ".net") or not path.name:
        raise ReadError(f"`{path}` is no name for a network file.", remedy="Network files end in .net.")
    return path.with_suffix(".net")
