"""Answers: the formulas and the code in a file of any kind, each with its place."""
