"""Deciding: numbers at which claims are tried, differences that survive many digits, witnesses that fit on paper."""
