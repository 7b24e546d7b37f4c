"""NumPy code, read as claims about gradients: never executed."""

from .lift import lift, lift_tree
from .result import CodeClaim, Computed, Lifted, Transcription

__all__ = ["CodeClaim", "Computed", "Lifted", "Transcription", "lift", "lift_tree"]
