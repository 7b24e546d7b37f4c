"""Network files: from text to a checked network."""
