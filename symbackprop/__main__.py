"""`python -m symbackprop`, the same as the command `symbackprop`."""

from .cli import main

if __name__ == "__main__":
    main()
