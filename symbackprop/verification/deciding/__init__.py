"""Deciding: numbers at which claims are tried, number systems, differences that survive, witnesses that fit on paper."""
