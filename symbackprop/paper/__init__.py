"""Formulas as people write them in LaTeX, read into trees that remember where everything stood."""
