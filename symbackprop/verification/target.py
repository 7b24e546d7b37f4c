"""What a claim is about: a gradient, a Jacobian, a block of second derivatives, or the value of a node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Target:
    """`operation` of `names`: ("gradient", (W_1,)), ("jacobian", (z_2, a_1)), ("hessian", (p, q)), ("value", (z_1,)).

    `of` is the scalar node that is differentiated, None for the loss; it belongs to gradients and Hessians.
    `("other", ())` is an expression in these, of which no central difference is known.
    """

    operation: Literal["gradient", "jacobian", "hessian", "value", "other"]
    names: tuple[str, ...] = ()
    of: str | None = None

    def label(self, loss: str) -> str:
        """`dJ/dW_1`, `dz_2/da_1`, `d2J/dw2`, `d2J/dwdb`, or the node's name."""
        top = self.of or loss
        if self.operation == "gradient":
            return f"d{top}/d{self.names[0]}"
        if self.operation == "jacobian":
            return f"d{self.names[0]}/d{self.names[1]}"
        if self.operation == "hessian":
            p, q = self.names
            return f"d2{top}/d{p}2" if p == q else f"d2{top}/d{p}d{q}"
        return self.names[0] if self.names else "expression"
