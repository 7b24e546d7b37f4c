"""From a derivation to a report: every formula as a finished string, every sentence as words with formulas in them."""

from __future__ import annotations

from .build import Detail, Extras, report

__all__ = ["Detail", "Extras", "report"]
