"""Tensor terms -> formulas as people write them: matrix notation where there is one, else index notation."""

from .order import Ranks
from .writer import Expressed, Writer

__all__ = ["Expressed", "Ranks", "Writer"]
