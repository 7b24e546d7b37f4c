"""Mistakes in code: which statements a gradient depends on, and the small changes that people's mistakes consist of."""
