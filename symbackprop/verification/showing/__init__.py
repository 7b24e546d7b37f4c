"""What people see of verdicts: claims as formulas, changes marked, numbers in words, a page."""
