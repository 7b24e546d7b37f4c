"""Terms as expressions in the names and functions of a network file."""

from .write import network_text

__all__ = ["network_text"]
