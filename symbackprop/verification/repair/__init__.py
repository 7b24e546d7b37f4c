"""The smallest change of a wrong formula that makes it right, in its author's notation."""

from .search import Repair, repair
from .without import explain_without_repair

__all__ = ["Repair", "explain_without_repair", "repair"]
