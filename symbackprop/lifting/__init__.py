"""NumPy programs, read and never run, lifted to the terms that they compute."""
