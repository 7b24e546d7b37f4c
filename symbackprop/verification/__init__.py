"""Is a derivation right? Claims, deciding, explaining: verdicts with proofs, counterexamples and repairs."""
