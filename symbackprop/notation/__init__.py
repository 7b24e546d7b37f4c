"""Formulas as people write them: trees, spellings, and the printers for LaTeX, MathML, text and SymPy."""
