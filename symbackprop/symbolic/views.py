"""A SymPy matrix as NumPy sees it: which of its two axes are real, and which exist for SymPy only."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..expression import Expr, Slice, Subscript
from ..tensor.size import ONE, Size

WHOLE = Slice(None, None, None)


@dataclass(frozen=True, slots=True)
class View:
    """An expression and the two axes that SymPy sees; None is a virtual axis, of length 1 for SymPy and none for NumPy.

    `repeated`: the expression before it was repeated along an axis, where NumPy would repeat it by itself.
    """

    expr: Expr
    rows: Size | None = None
    cols: Size | None = None
    repeated: Expr | None = None

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The shape of the array."""
        return tuple(s for s in (self.rows, self.cols) if s is not None)

    @property
    def row(self) -> bool:
        """True for a vector that lies in a row."""
        return self.rows is None and self.cols is not None

    @property
    def turned(self) -> View:
        """The transpose of a vector or a number: only SymPy sees a difference."""
        return replace(self, rows=self.cols, cols=self.rows, repeated=None)

    def made_real(self, rows: bool, cols: bool) -> View:
        """The view with virtual axes turned into real ones of size 1."""
        new_rows, new_cols = rows and self.rows is None, cols and self.cols is None
        if not new_rows and not new_cols:
            return self
        items: list[object] = [None] if new_rows else [WHOLE] if self.rows is not None else []
        items += [None] if new_cols else [WHOLE] if self.cols is not None else []
        return View(Subscript(self.expr, tuple(items)), ONE if new_rows else self.rows, ONE if new_cols else self.cols)


def common(views: list[View]) -> list[View]:
    """The views with the same axes real in all of them: a virtual axis that meets a real one becomes real."""
    rows = any(v.rows is not None for v in views)
    cols = any(v.cols is not None for v in views)
    return [v.made_real(rows, cols) for v in views]
